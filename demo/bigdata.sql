\set vendor bigdata
\i demo/server.sql
SELECT batch_id, status, state FROM bigdata.jobs WHERE batch_id IN ('batch-borealis', 'batch-cirrus');
CREATE TABLE searches (line_number int, status text, query text, results int);
INSERT INTO searches SELECT line_number, status, query->>'text', jsonb_array_length(response->'results')
  FROM bigdata.results WHERE batch_id = 'batch-cirrus';
SELECT * FROM searches;
CREATE TABLE crm.watches (query text, owner text);
INSERT INTO crm.watches VALUES ('Grain freight rates', 'Ada'), ('Kiln emission rules', 'Bo');
SELECT w.owner, r.status, r.query->>'text' AS query FROM crm.watches w
  JOIN bigdata.results r ON r.query->>'text' = w.query WHERE r.batch_id = 'batch-cirrus';
