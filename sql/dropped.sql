-- Columns that are dropped and added: whole rows have those that there are.
SET client_min_messages = warning;
CREATE SCHEMA dropped;
SET search_path = dropped, public;
SET timezone = 'UTC';
CREATE FOREIGN TABLE j (gone_first text, batch_id uuid, gone int, status text, created_at timestamptz, gone_last jsonb)
  SERVER crustdata OPTIONS (resource 'jobs');
CREATE FOREIGN TABLE r (gone_first text, batch_id uuid OPTIONS (meta 'job_id'), gone int, domain text OPTIONS (path '$.original_identifier'),
  headcount int OPTIONS (path '$.data.headcount'), gone_last jsonb) SERVER crustdata OPTIONS (resource 'results');
CREATE FOREIGN TABLE s (gone_first text, batch_id uuid OPTIONS (meta 'job_id'), gone int, domain text OPTIONS (path '$.original_identifier'),
  headcount int OPTIONS (path '$.data.headcount'), gone_last jsonb) SERVER crustdata OPTIONS (resource 'results', on_error 'skip');
PREPARE whole AS SELECT j FROM j WHERE batch_id = '53ab0000-0000-4000-8000-000000000011';
EXECUTE whole;
ALTER FOREIGN TABLE j DROP gone_first, DROP gone, DROP gone_last;
ALTER FOREIGN TABLE r DROP gone_first, DROP gone, DROP gone_last;
ALTER FOREIGN TABLE s DROP gone_first, DROP gone, DROP gone_last;
\set one '53ab0000-0000-4000-8000-000000000001'
EXECUTE whole;
SELECT j FROM j WHERE status = 'failed';
SELECT j.* FROM j WHERE batch_id = :'one';
SELECT row_to_json(j), to_jsonb(j) ? 'gone' AS gone FROM j WHERE batch_id = :'one';
SELECT count(j), count(j.*), count(DISTINCT j) FROM j;
SELECT j FROM j ORDER BY created_at DESC LIMIT 1;
SELECT r FROM r WHERE batch_id = :'one' ORDER BY domain LIMIT 2;
SELECT s FROM s WHERE batch_id = :'one' ORDER BY domain LIMIT 2;
SELECT count(r), count(DISTINCT r::text) FROM r, generate_series(1, 2) WHERE batch_id = :'one';
CREATE TABLE copied AS SELECT r AS whole, r.* FROM r WHERE batch_id = :'one';
SELECT whole, domain FROM copied ORDER BY domain LIMIT 1;
COPY (SELECT r FROM r WHERE batch_id = '53ab0000-0000-4000-8000-000000000001' ORDER BY domain LIMIT 1) TO STDOUT;

-- rows that are kept and begun again
SET enable_material = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT count(r), count(DISTINCT r::text) FROM generate_series(1, 3) AS x LEFT JOIN r ON x < headcount AND batch_id = :'one';
SELECT count(s), count(DISTINCT s::text) FROM generate_series(1, 3) AS x LEFT JOIN s ON x < headcount AND batch_id = :'one';
RESET enable_material;
RESET enable_hashjoin;
RESET enable_mergejoin;

-- rows that are locked, updated from, merged
BEGIN;
SELECT r.domain FROM r WHERE batch_id = :'one' ORDER BY domain LIMIT 1 FOR UPDATE;
SELECT c.domain, r.headcount FROM copied c JOIN r USING (domain) WHERE r.batch_id = :'one' ORDER BY 1 LIMIT 1 FOR UPDATE;
ROLLBACK;
UPDATE copied c SET headcount = r.headcount + 1 FROM r WHERE r.domain = c.domain AND r.batch_id = :'one';
DELETE FROM copied c USING s WHERE s.domain = c.domain AND s.batch_id = :'one' AND s.headcount < 100;
MERGE INTO copied c USING r ON r.domain = c.domain AND r.batch_id = :'one' WHEN MATCHED THEN UPDATE SET headcount = -r.headcount;
SELECT count(*), sum(headcount) < 0 AS negative FROM copied;
ANALYZE j;
SELECT attname FROM pg_stats WHERE schemaname = 'dropped' AND tablename = 'j' ORDER BY 1;

-- added again
ALTER FOREIGN TABLE j ADD gone text OPTIONS (path '$.entity'), ADD state text OPTIONS (meta 'state');
ALTER FOREIGN TABLE r ADD gone text OPTIONS (path '$.data.name');
ALTER FOREIGN TABLE r RENAME domain TO site;
ALTER FOREIGN TABLE j ALTER status TYPE varchar(20), ALTER created_at TYPE date;
EXECUTE whole;
SELECT j FROM j WHERE batch_id = '53ab0000-0000-4000-8000-000000000011';
SELECT r FROM r WHERE batch_id = :'one' ORDER BY site LIMIT 1;
UPDATE copied c SET domain = r.gone FROM r WHERE r.site = c.domain AND r.batch_id = :'one';
SELECT count(*) FROM copied;

-- no column is left
ALTER FOREIGN TABLE s DROP batch_id, DROP domain, DROP headcount;
SELECT s FROM s WHERE false;
ALTER FOREIGN TABLE s OPTIONS (ADD job_id '53ab0000-0000-4000-8000-000000000001');
SELECT s FROM s LIMIT 2;
SELECT count(*) FROM s;

DROP SCHEMA dropped CASCADE;
