\set vendor pulse
\i demo/server.sql
SELECT job_id, status, error FROM pulse.jobs WHERE job_id IN ('pulse-processing', 'pulse-inline', 'pulse-failed');
CREATE TABLE extracted AS SELECT job_id, record FROM pulse.results WHERE job_id IN ('pulse-inline', 'pulse-pointer-files');
SELECT job_id, record->>'page_count' AS pages, left(record->>'markdown', 20) AS markdown FROM extracted;
CREATE TABLE crm.documents (job_id text, owner text);
INSERT INTO crm.documents VALUES ('pulse-inline', 'Ada'), ('pulse-pointer-files', 'Bo');
SELECT d.owner, e.record->>'page_count' AS pages FROM crm.documents d JOIN extracted e USING (job_id);
