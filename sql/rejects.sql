-- batch_fdw_rejects(): long files, rescans, statements of all kinds.
-- long files: many batches
CREATE FOREIGN TABLE many (line int OPTIONS (meta 'line'), n int OPTIONS (path '$.domain'), record json OPTIONS (path '$'))
  SERVER files OPTIONS (resource 'results', url 'http://127.0.0.1:9471/gen/narrow-5000.jsonl.gz', on_error 'null');
SELECT count(*), count(n), sum(line), count(record) FROM many;
SELECT count(*), min(line), max(line), min(message) FROM rejects;

-- rescans: counted together, told once
SELECT make_bad('a int', $$, on_error 'skip'$$, '{"a":1}', '{"a":"x"}', '{"a":3}');
SELECT i, (SELECT sum(a) FROM bad WHERE a > i) FROM generate_series(0, 2) AS i;
SELECT line, sqlstate FROM rejects;

-- statements of all kinds
CREATE TEMP TABLE loaded (a int);
INSERT INTO loaded SELECT a FROM bad;
SELECT * FROM loaded;
PREPARE above(int) AS SELECT a FROM bad WHERE a > $1;
EXECUTE above(1);
EXECUTE above(0);
DO $$
BEGIN
  INSERT INTO loaded SELECT a / 0 FROM bad;
EXCEPTION WHEN division_by_zero THEN
  RAISE NOTICE 'caught; % rows, % rejects', (SELECT count(*) FROM loaded), (SELECT count(*) FROM rejects);
  INSERT INTO loaded SELECT a FROM bad;
END $$;
SELECT * FROM loaded;
SELECT plan->>'Records' AS records, plan->>'Rejected' AS rejected
  FROM plan_of('(ANALYZE, FORMAT JSON) SELECT a FROM bad') AS line, LATERAL (SELECT line::json->0->'Plan' AS plan) AS p;
ANALYZE bad;
SELECT reltuples FROM pg_class WHERE relname = 'bad';
-- workers elsewhere in the query
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
CREATE TABLE wide AS SELECT i FROM generate_series(1, 3) AS i;
SELECT sum(a), count(*) FROM wide, bad;
SELECT sum(a), count(*) FROM bad, wide;
DROP TABLE wide;
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size;

-- jobs too
CREATE FOREIGN TABLE listed (id text OPTIONS (path '$.batch_id'), n int OPTIONS (path '$.status')) SERVER crustdata
  OPTIONS (resource 'jobs', on_error 'null');
SELECT count(*), count(n) FROM listed;
SELECT right(job_id, 2) AS job, part, line, column_name, message, left(record, 12) AS record FROM batch_fdw_rejects() LIMIT 2;

DROP FOREIGN TABLE bad, many, listed;
