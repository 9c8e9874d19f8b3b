-- Parallel query: the parts of one job, dealt out to the leader and its workers.
CREATE SCHEMA parallel;
SET search_path = parallel, public;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
CREATE FOREIGN TABLE parts (id text OPTIONS (meta 'job_id'), part int OPTIONS (meta 'part'),
  line bigint OPTIONS (meta 'line'), domain text) SERVER crustdata OPTIONS (resource 'results', rows '100000');

-- The plan, and the rows: all parts, each once, of one job that each process
-- asks for, once it has a part.
EXPLAIN (COSTS off) SELECT count(*) FROM parts WHERE id = 'parts-8-500';
SELECT * FROM reset;
SELECT count(*), count(DISTINCT part), count(DISTINCT (part, line)), sum(line) FROM parts WHERE id = 'parts-8-500';
SELECT count(*) BETWEEN 1 AND 3 AS jobs, bool_and(headers->>'authorization' = 'Bearer test-key') AS key
  FROM requests WHERE server = 'api';
SELECT count(*) AS files, count(DISTINCT query) FROM requests WHERE server = 'files';

-- What was done is summed.
CREATE FUNCTION done(statement text) RETURNS TABLE (what text, n numeric) LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, FORMAT json) ' || statement INTO plan;
  RETURN QUERY SELECT key, value::numeric FROM jsonb_each_text(jsonb_path_query_first(plan::jsonb,
    '$.**? (@."Node Type" == "Foreign Scan")')) WHERE key IN ('Records', 'Retries', 'Pages', 'Skipped') ORDER BY 1;
END $$;
SELECT * FROM done($$ SELECT count(*) FROM parts WHERE id = 'parts-8-500' $$);
SET parallel_leader_participation = off;
SELECT * FROM done($$ SELECT count(*) FROM parts WHERE id = 'parts-8-500' $$);
RESET parallel_leader_participation;

-- CREATE TABLE AS is parallel, INSERT is not.
EXPLAIN (COSTS off) CREATE TABLE loaded AS SELECT part, line, domain FROM parts WHERE id = 'parts-8-500';
CREATE TABLE loaded AS SELECT part, line, domain FROM parts WHERE id = 'parts-8-500';
SELECT count(*), count(DISTINCT (part, line)) FROM loaded;
EXPLAIN (COSTS off) INSERT INTO loaded SELECT part, line, domain FROM parts WHERE id = 'parts-8-500';
INSERT INTO loaded SELECT part, line, domain FROM parts WHERE id = 'parts-8-500';
SELECT count(*) FROM loaded;

-- One part, an inline result, none, a job that is not done, one that is unknown.
SELECT count(*) FROM parts WHERE id = 'narrow-2500';
SELECT count(*) FROM parts WHERE id = 'zero-null';
SELECT count(*) FROM parts WHERE id = 'not-done';
SELECT count(*) FROM parts WHERE id = 'nothing-such';
SELECT count(*) FROM parts WHERE id = NULL;
CREATE SERVER inline FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'pulse', result_once 'false',
  base_url 'http://127.0.0.1:9470/pulse', allow_private_hosts 'true');
CREATE USER MAPPING FOR PUBLIC SERVER inline OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE inline (id text OPTIONS (meta 'job_id'), part int OPTIONS (meta 'part'), page_count int)
  SERVER inline OPTIONS (resource 'results', rows '100000');
EXPLAIN (COSTS off) SELECT count(*) FROM inline WHERE id = 'pulse-inline';
SELECT count(*), sum(page_count) FROM inline WHERE id = 'pulse-inline';

-- The count is held against all parts together, by whoever ends the last.
ALTER FOREIGN TABLE parts OPTIONS (ADD check_count 'error');
SELECT count(*) FROM parts WHERE id = 'parts-8-500';
\set VERBOSITY sqlstate
SELECT count(*) FROM parts WHERE id = 'parts-8-50-more';
ALTER FOREIGN TABLE parts OPTIONS (DROP check_count);

-- An error in one process ends the query.
SELECT count(*) FROM parts WHERE id = 'parts-4-500-bad';
\set VERBOSITY default

-- LIMIT, rescans, parameters, a cursor
SELECT count(*) FROM (SELECT part, line FROM parts WHERE id = 'parts-8-500' LIMIT 7) AS few;
-- what only the leader may evaluate, as a bound of LIMIT
CREATE FUNCTION restricted() RETURNS bigint STABLE PARALLEL RESTRICTED LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT backend_type FROM pg_stat_activity WHERE pid = pg_backend_pid()) = 'parallel worker' THEN
    RAISE EXCEPTION 'evaluated in a worker';
  END IF;
  RETURN 1000;
END $$;
EXPLAIN (COSTS off) SELECT part, line FROM parts WHERE id = 'parts-8-500' LIMIT restricted();
SET parallel_leader_participation = off;
SELECT count(*) FROM (SELECT part, line FROM parts WHERE id = 'parts-8-500' LIMIT restricted()) AS few;
SELECT part > 0 AS read FROM parts WHERE id = 'parts-8-500' OFFSET restricted() LIMIT 1;
RESET parallel_leader_participation;
SET enable_material = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT x, (SELECT count(*) + x FROM parts WHERE id = 'parts-3-100') FROM generate_series(1, 3) AS x;
SELECT x, n FROM generate_series(1, 3) AS x LEFT JOIN (SELECT count(*) AS n FROM parts WHERE id = 'parts-3-100') AS p ON x > 1;
SELECT x, n FROM (VALUES ('parts-3-100'), ('parts-2-50'), ('parts-5-10')) AS v (x),
  LATERAL (SELECT count(*) AS n FROM parts WHERE id = x) AS p;
PREPARE counted (text) AS SELECT count(*), max(part) FROM parts WHERE id = $1;
SET plan_cache_mode = force_generic_plan;
EXECUTE counted ('parts-3-100');
EXECUTE counted ('parts-2-50');
EXPLAIN (COSTS off) EXECUTE counted ('parts-2-50');
RESET plan_cache_mode;
DO $$
DECLARE
  row record;
  n int := 0;
BEGIN
  FOR row IN SELECT part, line FROM parts WHERE id = 'parts-3-100' LOOP n := n + 1; END LOOP;
  RAISE NOTICE '% rows', n;
END $$;

-- No worker to be had
SET max_parallel_workers = 0;
SELECT count(*), count(DISTINCT (part, line)) FROM parts WHERE id = 'parts-8-500';
RESET max_parallel_workers;

-- Workers use the mapping of the view's owner, as the leader does.
CREATE SERVER owned FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata',
  base_url 'http://127.0.0.1:9470/crustdata', allow_private_hosts 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER owned OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE owned (id text OPTIONS (meta 'job_id'), line bigint OPTIONS (meta 'line'))
  SERVER owned OPTIONS (resource 'results', rows '100000');
CREATE VIEW seen AS SELECT * FROM owned;
CREATE ROLE parallel_reader;
GRANT USAGE ON SCHEMA parallel TO parallel_reader;
GRANT SELECT ON seen, owned TO parallel_reader;
SET ROLE parallel_reader;
SET parallel_leader_participation = off;
EXPLAIN (COSTS off) SELECT count(*) FROM seen WHERE id = 'parts-8-500';
SELECT count(*) FROM seen WHERE id = 'parts-8-500';
\set VERBOSITY sqlstate
SELECT count(*) FROM owned WHERE id = 'parts-8-500';
\set VERBOSITY default
RESET parallel_leader_participation;
RESET ROLE;

-- What one process has to do alone
ALTER FOREIGN TABLE parts OPTIONS (ADD on_error 'skip');
EXPLAIN (COSTS off) SELECT count(*) FROM parts WHERE id = 'parts-8-500';
ALTER FOREIGN TABLE parts OPTIONS (DROP on_error, ADD on_incomplete 'wait');
EXPLAIN (COSTS off) SELECT count(*) FROM parts WHERE id = 'parts-8-500';
ALTER FOREIGN TABLE parts OPTIONS (DROP on_incomplete);
EXPLAIN (COSTS off) SELECT count(*) FROM parts WHERE id IN ('parts-8-500', 'parts-3-100');
EXPLAIN (COSTS off) SELECT count(*) FROM parts;
ALTER FOREIGN TABLE parts OPTIONS (DROP rows);
EXPLAIN (COSTS off) SELECT count(*) FROM parts WHERE id = 'parts-8-500';
