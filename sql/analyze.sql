-- ANALYZE: jobs by the listing, results by the newest job that has any.
SET client_min_messages = warning;
CREATE SCHEMA own;
IMPORT FOREIGN SCHEMA batch FROM SERVER crustdata INTO own;
SELECT * FROM reset;
ANALYZE own.jobs;
SELECT path, query FROM requests ORDER BY n;
SELECT reltuples FROM pg_class WHERE oid = 'own.jobs'::regclass;
SELECT attname, null_frac, n_distinct FROM pg_stats WHERE schemaname = 'own' AND tablename = 'jobs' AND attname IN ('status', 'batch_id');
SELECT * FROM reset;
ANALYZE own.results;
SELECT path FROM requests ORDER BY n;
SELECT reltuples FROM pg_class WHERE oid = 'own.results'::regclass;
CREATE FOREIGN TABLE large (line bigint OPTIONS (meta 'line'), domain text OPTIONS (path '$.original_identifier'))
  SERVER crustdata OPTIONS (resource 'results', job_id 'big-40000');
ANALYZE large;
SELECT reltuples FROM pg_class WHERE oid = 'large'::regclass;
SELECT attname, n_distinct, (histogram_bounds::text::bigint[])[1] < 2000 AS low,
       (histogram_bounds::text::bigint[])[array_length(histogram_bounds::text::bigint[], 1)] > 38000 AS high
  FROM pg_stats WHERE tablename = 'large' AND attname = 'line';
EXPLAIN SELECT * FROM large;

-- refused: what can be read once only, and where no job is named
RESET client_min_messages;
ANALYZE pulse.results;
ANALYZE bigdata.results, bigdata.jobs;

-- without statistics: rows, else 10,000 jobs, and 1,000 records of each of 100 jobs
CREATE FOREIGN TABLE guessed (id text OPTIONS (meta 'job_id'), status text) SERVER crustdata OPTIONS (resource 'jobs');
EXPLAIN SELECT * FROM guessed;
EXPLAIN SELECT * FROM guessed WHERE id = 'a';
ALTER FOREIGN TABLE guessed OPTIONS (ADD rows '500');
EXPLAIN SELECT * FROM guessed;
CREATE FOREIGN TABLE guessed_results (id text OPTIONS (meta 'job_id')) SERVER pulse OPTIONS (resource 'results');
EXPLAIN (COSTS OFF) SELECT * FROM guessed_results;
EXPLAIN SELECT * FROM guessed_results WHERE id = 'a';
-- a guess alone does not make PostgreSQL compile a query
CREATE FOREIGN TABLE guessed_listed (id text OPTIONS (meta 'job_id'), name text) SERVER crustdata OPTIONS (resource 'results');
EXPLAIN SELECT * FROM guessed_listed;
CREATE FUNCTION cost_of(query text) RETURNS float LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
  RETURN plan->0->'Plan'->'Total Cost';
END $$;
SELECT query, cost_of(query) < current_setting('jit_above_cost')::float AS not_compiled FROM (VALUES
  ($$ SELECT * FROM guessed $$), ($$ SELECT id, count(*) FROM guessed_listed GROUP BY 1 ORDER BY 2 $$),
  ($$ SELECT * FROM guessed_listed WHERE id = 'a' $$),
  ($$ SELECT name FROM guessed JOIN guessed_listed USING (id) WHERE status = 'completed' $$)) AS v (query);
DROP FOREIGN TABLE guessed_listed;
DROP FUNCTION cost_of(text);

-- use_remote_estimate permits one request while planning
CREATE FOREIGN TABLE asked (id uuid OPTIONS (meta 'job_id'), line bigint OPTIONS (meta 'line')) SERVER crustdata
  OPTIONS (resource 'results', use_remote_estimate 'true');
SELECT * FROM reset;
EXPLAIN SELECT * FROM asked WHERE id = '53ab0000-0000-4000-8000-000000000002';
EXPLAIN SELECT * FROM asked WHERE id = '00000000-0000-4000-8000-000000000000';
EXPLAIN (COSTS OFF) SELECT * FROM asked;
SELECT path FROM requests ORDER BY n;
DROP FOREIGN TABLE asked;
DROP FOREIGN TABLE large, guessed, guessed_results, own.jobs, own.results;
DROP SCHEMA own;
