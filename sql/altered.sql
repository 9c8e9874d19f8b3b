-- Options that change between planning and execution, and under an open cursor:
-- the right rows, or an error that says so.
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE SCHEMA altered;
SET search_path = altered, public;
CREATE SERVER altered FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'http://127.0.0.1:9470/accounts/hundred',
  allow_private_hosts 'true', list_url '/batch', items_path '$.jobs', job_url '/batch/{id}', id_path '$.batch_id',
  urls_path '$.download_url', count_path '$.result_count', page_style 'cursor', page_param 'cursor',
  page_size_param 'limit', page_size '100', next_path '$.next_cursor', more_path '$.has_more',
  list_filters 'status=pending|processing|completed|failed, entity', list_order 'created_at desc');
CREATE USER MAPPING FOR PUBLIC SERVER altered OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE j (batch_id text, status text, state text OPTIONS (meta 'state'), entity text,
  n int OPTIONS (path '$.result_count'), created_at timestamptz) SERVER altered OPTIONS (resource 'jobs');
CREATE FOREIGN TABLE r (batch_id text OPTIONS (meta 'job_id'), name text OPTIONS (path '$.data.name'))
  SERVER altered OPTIONS (resource 'results');
-- Planning calls stable functions, to estimate; this one alters something then,
-- and not again when it is called by the execution.
CREATE FUNCTION run(statement text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('altered.done', true) = 'no' THEN
    PERFORM set_config('altered.done', 'yes', true);
    EXECUTE statement;
  END IF;
END $$;
CREATE FUNCTION run(statement text, value anyelement) RETURNS anyelement STABLE LANGUAGE plpgsql AS $$
BEGIN
  PERFORM run(statement);
  RETURN value;
END $$;
CREATE FUNCTION asked() RETURNS TABLE (path text, query text) LANGUAGE sql AS
$$ SELECT path, query FROM requests ORDER BY n $$;
-- What a query gives, while planning which a statement is run, which is undone.
CREATE FUNCTION while_planning(statement text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
  PERFORM set_config('altered.done', 'no', true);
  EXECUTE replace(query, '?', quote_literal(statement)) INTO result;
  RAISE EXCEPTION USING ERRCODE = '00001', MESSAGE = result;
EXCEPTION
  WHEN SQLSTATE '00001' THEN RETURN SQLERRM;
  WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

-- nothing happens
SELECT while_planning('SELECT', $$ SELECT count(*) FROM j WHERE status = run(?, 'completed'::text) $$);
SELECT while_planning('SELECT', $$ SELECT count(*) FROM j WHERE entity = run(?, 'company'::text) $$);
SELECT while_planning('SELECT', $$ SELECT count(*) FROM j WHERE state = run(?, 'completed'::text) $$);
SELECT while_planning('SELECT', $$ SELECT count(*) FROM j WHERE created_at >= run(?, '2026-05-31 23:59:00'::timestamptz) $$);
SELECT while_planning('SELECT', $$ SELECT min(n) FROM j WHERE batch_id = run(?, 'acc00000-0000-4000-8000-000000000001'::text) $$);

-- what the plan relies on changes
\set VERBOSITY terse
SELECT while_planning('ALTER SERVER altered OPTIONS (SET list_filters ''status'')', query) FROM (VALUES
  ($$ SELECT count(*) FROM j WHERE status = run(?, 'completed'::text) $$), ($$ SELECT count(*) FROM j WHERE entity = run(?, 'company'::text) $$),
  ($$ SELECT count(*) FROM j WHERE state = ANY (ARRAY[run(?, 'completed'::text), 'failed']) $$)) AS q (query);
SELECT while_planning('ALTER SERVER altered OPTIONS (DROP list_filters)', $$ SELECT count(*) FROM j WHERE entity = run(?, 'company'::text) $$);
SELECT while_planning('ALTER SERVER altered OPTIONS (SET list_filters ''kind:status=pending|processing|completed|failed'')',
  $$ SELECT count(*) FROM j WHERE status = run(?, 'completed'::text) $$);
SELECT while_planning('ALTER SERVER altered OPTIONS (ADD status_path ''$.phase'')', $$ SELECT count(*) FROM j WHERE state = run(?, 'completed'::text) $$);
SELECT while_planning('ALTER SERVER altered OPTIONS (DROP list_order)',
  $$ SELECT count(*) FROM j WHERE created_at >= run(?, '2026-05-31 23:59:00'::timestamptz) $$);
SELECT while_planning('ALTER SERVER altered OPTIONS (SET list_order ''created_at asc'')',
  $$ SELECT count(*) FROM j WHERE created_at >= run(?, '2026-05-31 23:59:00'::timestamptz) $$);
SELECT while_planning('ALTER SERVER altered OPTIONS (DROP list_order)',
  $$ SELECT max(n) FROM (SELECT n FROM j WHERE entity = run(?, 'company'::text) ORDER BY created_at DESC LIMIT 1) AS t $$);
SELECT while_planning('ALTER SERVER altered OPTIONS (SET id_path ''$.uuid'')',
  $$ SELECT count(*) FROM j WHERE batch_id = run(?, 'acc00000-0000-4000-8000-000000000001'::text) $$);
SELECT while_planning('ALTER FOREIGN TABLE j OPTIONS (SET resource ''results'')', query) FROM (VALUES
  ($$ SELECT count(batch_id) FROM j WHERE status = run(?, 'completed'::text) $$),
  ($$ SELECT count(*) FROM j WHERE state = run(?, 'completed'::text) $$)) AS q (query);
SELECT while_planning('ALTER FOREIGN TABLE j ALTER status OPTIONS (ADD path ''$.entity'')', $$ SELECT count(*) FROM j WHERE status = run(?, 'completed'::text) $$);
SELECT while_planning('ALTER FOREIGN TABLE j ALTER created_at TYPE numeric',
  $$ SELECT count(*) FROM j WHERE created_at >= run(?, '2026-05-31 23:59:00'::timestamptz) $$);
SELECT while_planning('ALTER FOREIGN TABLE j ALTER created_at TYPE json',
  $$ SELECT max(n) FROM (SELECT n FROM j WHERE entity = run(?, 'company'::text) ORDER BY created_at DESC LIMIT 1) AS t $$);
SELECT while_planning('ALTER FOREIGN TABLE j DROP entity', $$ SELECT count(entity) FROM j WHERE status = run(?, 'completed'::text) $$);
SELECT while_planning('ALTER FOREIGN TABLE j ADD error_message text', $$ SELECT count(j) FROM j WHERE status = run(?, 'completed'::text) $$);

-- and what it does not rely on
SELECT while_planning('ALTER SERVER altered OPTIONS (SET page_size ''7'', DROP list_order)', $$ SELECT count(*) FROM j WHERE status = run(?, 'completed'::text) $$);
SELECT while_planning('ALTER SERVER altered OPTIONS (SET list_filters ''entity'')', $$ SELECT count(*) FROM j WHERE entity = run(?, 'company'::text) $$);
SELECT while_planning('ALTER SERVER altered OPTIONS (SET list_filters ''entity, status=pending|processing|completed|failed'', DROP count_path)',
  $$ SELECT count(*) FROM j WHERE status = run(?, 'completed'::text) $$);
SELECT while_planning('ALTER FOREIGN TABLE j OPTIONS (ADD job_id ''acc00000-0000-4000-8000-000000000001'')',
  $$ SELECT count(*) FROM j WHERE status = run(?, 'completed'::text) $$);
SELECT while_planning('ALTER FOREIGN TABLE r OPTIONS (ADD on_error ''skip'')', $$ SELECT count(*) FROM r WHERE batch_id = run(?, 'acc00000-0000-4000-8000-000000000001'::text) $$);

-- a parallel plan of what one process has to read
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
ALTER FOREIGN TABLE r OPTIONS (ADD rows '100000');
ALTER FUNCTION run(text, anyelement) PARALLEL SAFE;
EXPLAIN (COSTS OFF) SELECT count(*) FROM r WHERE batch_id = 'acc00000-0000-4000-8000-000000000001' AND name <> '';
SELECT while_planning(statement, $$ SELECT count(*) FROM r WHERE batch_id = 'acc00000-0000-4000-8000-000000000001' AND name <> run(?, ''::text) $$)
  FROM (VALUES ('SELECT'), ('ALTER SERVER altered OPTIONS (ADD result_once ''true'')'), ('ALTER FOREIGN TABLE r OPTIONS (ADD on_error ''null'')'),
  ('ALTER FOREIGN TABLE r OPTIONS (SET resource ''jobs'')'), ('ALTER FOREIGN TABLE r OPTIONS (ADD url ''https://x.example'')'),
  ('ALTER FOREIGN TABLE r ALTER batch_id OPTIONS (DROP meta)')) AS v (statement);
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
\set VERBOSITY default

-- a cursor reads on with the options that it began with
BEGIN;
DECLARE c CURSOR FOR SELECT batch_id, status FROM j WHERE entity = 'company' AND status IN ('failed', 'completed') AND created_at >= '2026-05-31';
ALTER SERVER altered OPTIONS (SET list_filters 'status', DROP list_order, SET id_path '$.uuid', SET items_path '$');
FETCH 1 FROM c;
SELECT * FROM reset;
MOVE 100 FROM c;
SELECT * FROM asked();
CLOSE c;
ROLLBACK;

-- a plan that is kept is made anew
PREPARE p(text) AS SELECT count(*), min(created_at) FROM j WHERE status = $1 AND created_at >= '2026-05-31';
SET plan_cache_mode = force_generic_plan;
EXECUTE p('failed');
EXPLAIN (COSTS OFF) EXECUTE p('failed');
ALTER SERVER altered OPTIONS (SET list_filters 'entity', DROP list_order);
EXPLAIN (COSTS OFF) EXECUTE p('failed');
EXECUTE p('failed');
RESET plan_cache_mode;

DROP SERVER altered CASCADE;
DROP SCHEMA altered CASCADE;
