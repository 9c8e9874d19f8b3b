\set vendor companyenrich
\i demo/server.sql
SELECT job_id, status, state, total_domains FROM companyenrich.jobs
 WHERE job_id IN ('ce5eed00-0000-4000-8000-000000000003', 'ce5eed00-0000-4000-8000-000000000004');
CREATE TABLE enriched_companies (domain text, name text, employees text);
INSERT INTO enriched_companies SELECT record->>'domain', record->>'name', record->>'employees'
  FROM companyenrich.results WHERE job_id = 'ce5eed00-0000-4000-8000-000000000004';
SELECT * FROM enriched_companies;
SELECT c.owner, r.record->>'name' AS name FROM crm.accounts c
  JOIN companyenrich.results r ON r.record->>'domain' = c.domain
 WHERE r.job_id = 'ce5eed00-0000-4000-8000-000000000004';
