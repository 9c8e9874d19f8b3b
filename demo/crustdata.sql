\set vendor crustdata
\i demo/server.sql
SELECT batch_id, status, result_count, created_at FROM crustdata.jobs WHERE status = 'completed' LIMIT 10;
SELECT status, error_message FROM crustdata.jobs WHERE batch_id = '53ab0000-0000-4000-8000-000000000011';
CREATE TABLE enriched (domain text, name text);
INSERT INTO enriched SELECT original_identifier, data->>'name' FROM crustdata.results
 WHERE batch_id = '53ab0000-0000-4000-8000-000000000001';
SELECT * FROM enriched;
CREATE FOREIGN TABLE companies (
  batch_id   uuid   OPTIONS (meta 'job_id'),
  part       int    OPTIONS (meta 'part'),
  line       bigint OPTIONS (meta 'line'),
  domain     text   OPTIONS (path '$.original_identifier'),
  name       text   OPTIONS (path '$.data.name'),
  headcount  int    OPTIONS (path '$.data.headcount'),
  city       text   OPTIONS (path '$.data.hq.city'),
  data       jsonb
) SERVER crustdata OPTIONS (resource 'results');
SELECT c.owner, r.name, r.headcount FROM crm.accounts c JOIN companies r ON r.domain = c.domain
 WHERE r.batch_id = '53ab0000-0000-4000-8000-000000000001';
