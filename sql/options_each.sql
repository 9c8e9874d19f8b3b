-- Each option with a value that it cannot have, and with one that is wrong beside its partners: it is refused, or an
-- error or a warning names it, or the rows are the same.  Fewer rows in silence are of three options alone, which
-- nothing in an answer contradicts: the first page, a number that is taken for the total, and what listed jobs lack.
CREATE FUNCTION error_of(statement text, option text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE message text; detail text; hint text;
BEGIN
  EXECUTE statement;
  RETURN 'none';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN CASE WHEN concat_ws(' ', message, detail, hint) ~ ('\m' || option || '\M') THEN 'named' ELSE SQLSTATE || ' ' || message END;
END $$;
-- What the hint for an unknown option lists.
CREATE FUNCTION options_of(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
  EXECUTE statement;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
  RETURN QUERY SELECT regexp_split_to_table(substring(hint FROM ' are (.*)\.$'), ', ');
END $$;
CREATE SERVER plain FOREIGN DATA WRAPPER batch_fdw;
CREATE TEMP TABLE objects (object text, statement text);
INSERT INTO objects VALUES ('server', 'CREATE SERVER none FOREIGN DATA WRAPPER batch_fdw OPTIONS (%s)'),
  ('mapping', 'CREATE USER MAPPING FOR PUBLIC SERVER plain OPTIONS (%s)'),
  ('table', 'CREATE FOREIGN TABLE none (a int) SERVER plain OPTIONS (%s)'),
  ('column', 'CREATE FOREIGN TABLE none (a int OPTIONS (%s)) SERVER plain OPTIONS (resource ''results'')');
CREATE TEMP TABLE options AS
  SELECT object, statement, options_of(format(statement, $$zzzzzzzzzzzzzzzzzzzz 'x'$$)) AS option FROM objects;

-- alone
CREATE TEMP TABLE alone (object text, option text, value text);
INSERT INTO alone VALUES
  ('server', 'provider', 'nobody'), ('server', 'base_url', 'api.example.com'), ('server', 'auth_header', 'X Key'), ('server', 'auth_prefix', 'Schlüssel '), ('server', 'auth_param', 'a=b'),
  ('server', 'headers', '["a"]'), ('server', 'proxy', 'http://a:b@proxy'), ('server', 'ca_file', E'/a\nb'), ('server', 'allow_private_hosts', 'perhaps'),
  ('server', 'list_url', '/jobs/{id}'), ('server', 'items_path', 'jobs'), ('server', 'list_params', 'a=ä'), ('server', 'page_style', 'pages'),
  ('server', 'page_param', 'ä'), ('server', 'page_start', 'ä'), ('server', 'page_size_param', 'ä'), ('server', 'page_size', 'all'),
  ('server', 'next_path', '$.next[*]'), ('server', 'more_path', 'more'), ('server', 'total_path', '$.total ? (@ > 1)'),
  ('server', 'list_filters', 'status='), ('server', 'list_order', 'created_at'), ('server', 'list_lacks', 'url@done'),
  ('server', 'job_url', '/jobs'), ('server', 'job_path', '.job'), ('server', 'id_path', '$.ids[*]'), ('server', 'status_path', '$..status'),
  ('server', 'status_default', 'done'), ('server', 'pending_path', 'pending'), ('server', 'total_count_path', '$.a[*]'),
  ('server', 'error_path', 'error'), ('server', 'count_path', '$.count()'), ('server', 'job_columns', 'id nothing'), ('server', 'status_map', 'done'),
  ('server', 'result_states', 'done'), ('server', 'urls_path', '$.a,'), ('server', 'results_url', '/files/{}'), ('server', 'pointer_path', 'x'),
  ('server', 'inline_path', '$.a-b'), ('server', 'hop_path', 'x'), ('server', 'result_format', 'xml'), ('server', 'rows_path', '$.a[*]'),
  ('server', 'result_auth', 'always'), ('server', 'result_once', '2'), ('server', 'result_hosts', 'https://files.example.com/'), ('server', 'result_columns', 'a'),
  ('server', 'connect_timeout', '0'), ('server', 'stall_timeout', '1 fortnight'), ('server', 'max_retries', '101'), ('server', 'max_connections', '0'),
  ('server', 'max_record_size', '1'), ('server', 'page_size_min', '0'), ('server', 'retry_timeout', '-1'), ('server', 'not_ready', '99'), ('server', 'result_more_path', 'more'),
  ('server', 'result_page_style', 'pages'), ('server', 'result_page_param', 'ä'), ('server', 'result_page_start', 'ä'), ('server', 'result_page_size_param', 'ä'), ('server', 'result_page_size', 'all'),
  ('server', 'result_next_path', '$.next[*]'), ('server', 'result_total_path', 'total'),
  ('server', 'empty_path', '$.count()'), ('server', 'gone_path', 'gone'), ('server', 'failed_path', 'failed'),
  ('mapping', 'api_key', E'a\nb'), ('mapping', 'api_key_file', ''), ('mapping', 'expected_host', 'ä'), ('mapping', 'auth_hosts', 'files.example.com'),
  ('table', 'resource', 'job'), ('table', 'job_id', '..'), ('table', 'url', '/a'), ('table', 'result_format', 'xml'), ('table', 'rows_path', 'a'),
  ('table', 'on_incomplete', 'later'), ('table', 'wait_timeout', '-1'), ('table', 'on_error', 'ignore'), ('table', 'reject_limit', '-1'),
  ('table', 'check_count', 'on'), ('table', 'use_remote_estimate', 'maybe'), ('table', 'rows', 'many'),
  ('column', 'path', 'a'), ('column', 'meta', 'none');
SELECT object, option FROM options EXCEPT SELECT object, option FROM alone;
SELECT object, option FROM alone EXCEPT SELECT object, option FROM options;
SELECT object, option, sqlstate_of(format(statement, format('%s %L', option, value)
    || CASE WHEN object = 'table' AND option <> 'resource' THEN $$, resource 'results'$$ ELSE '' END)) AS refused
  FROM alone JOIN options USING (object, option)
 WHERE sqlstate_of(format(statement, format('%s %L', option, value)
    || CASE WHEN object = 'table' AND option <> 'resource' THEN $$, resource 'results'$$ ELSE '' END)) NOT IN ('22023', '42601', '22P02', '42704');

-- without the options that give it a meaning
CREATE SERVER idle FOREIGN DATA WRAPPER batch_fdw OPTIONS (items_path '$.a', list_params 'a=b', page_style 'none', page_size_param 'n', list_filters 'status',
  list_order 'a asc', page_param 'p', page_start '1', next_path '$.n', more_path '$.m', total_path '$.t', job_path '$.j', hop_path '$.u', pointer_path '$.p',
  auth_header '', auth_prefix 'Key ');
CREATE SERVER follows FOREIGN DATA WRAPPER batch_fdw OPTIONS (list_url '/', page_style 'next', page_param 'p', page_start '1', total_path '$.t', next_path '$.n',
  result_page_style 'next', result_page_param 'p', result_page_start '1', result_total_path '$.t');
CREATE SERVER lines FOREIGN DATA WRAPPER batch_fdw OPTIONS (result_format 'csv', rows_path '$.rows');
ALTER SERVER lines OPTIONS (SET result_format 'jsonl');
ALTER SERVER lines OPTIONS (SET result_format 'json');
CREATE FOREIGN TABLE lines (a int) SERVER lines OPTIONS (resource 'results', result_format 'csv', rows_path '$.rows');
DROP SERVER follows, lines CASCADE;
CREATE FOREIGN TABLE idle (a int) SERVER idle OPTIONS (resource 'jobs', on_incomplete 'skip', wait_timeout '1s', check_count 'error', use_remote_estimate 'true',
  result_format 'json', rows_path '$.a');
CREATE FOREIGN TABLE waits (a int) SERVER idle OPTIONS (resource 'results', on_incomplete 'skip', wait_timeout '1s');
ALTER FOREIGN TABLE waits OPTIONS (SET on_incomplete 'wait');
CREATE FOREIGN TABLE rejects_none (a int) SERVER idle OPTIONS (resource 'results', reject_limit '1');
CREATE FOREIGN TABLE twice (a int) SERVER idle OPTIONS (resource 'results', url 'https://x.example/a', job_id 'a');
CREATE FOREIGN TABLE twice (a int OPTIONS (path '$.a', meta 'line')) SERVER idle OPTIONS (resource 'results');
CREATE SERVER cursor FOREIGN DATA WRAPPER batch_fdw OPTIONS (list_url '/', page_style 'cursor', page_param 'c');
CREATE SERVER cursor FOREIGN DATA WRAPPER batch_fdw OPTIONS (list_url '/', page_style 'cursor', next_path '$.c');
CREATE SERVER page FOREIGN DATA WRAPPER batch_fdw OPTIONS (list_url '/', page_style 'page');
CREATE SERVER page FOREIGN DATA WRAPPER batch_fdw OPTIONS (list_url '/', page_style 'offset', total_path '$.total');
CREATE SERVER given FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata', page_style 'page');
ALTER SERVER given OPTIONS (SET page_style 'none');
ALTER SERVER given OPTIONS (SET page_style 'cursor', ADD next_path '$.other', ADD list_filters 'status=pending|complete', ADD result_states 'failed, expired');
ALTER SERVER given OPTIONS (ADD headers '{"authorization": "x"}');
CREATE SERVER keyed FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'pulse', headers '{"X-API-Key": "x"}');
DROP SERVER plain, idle, given CASCADE;

-- beside its partners: an API of 100 jobs in pages of 50, of which 37 are completed, with 3 records each
CREATE SERVER each FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'http://127.0.0.1:9470/accounts/hundred', allow_private_hosts 'true', list_url '/batch',
  items_path '$.jobs', page_style 'cursor', page_param 'cursor', page_size_param 'limit', page_size '50', next_path '$.next_cursor', more_path '$.has_more',
  list_filters 'status=pending|processing|completed|failed', list_order 'created_at desc', list_lacks 'download_url@completed', job_url '/batch/{id}',
  id_path '$.batch_id', count_path '$.result_count', urls_path '$.download_url', max_retries '0');
CREATE USER MAPPING FOR PUBLIC SERVER each OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE jobs (batch_id uuid, status text, state text OPTIONS (meta 'state'), url text OPTIONS (path '$.download_url'), created_at timestamptz)
  SERVER each OPTIONS (resource 'jobs');
CREATE FOREIGN TABLE results (batch_id uuid, name text OPTIONS (path '$.data.name')) SERVER each OPTIONS (resource 'results', check_count 'error');
CREATE TEMP TABLE queries (n int, query text, result text);
INSERT INTO queries (n, query) VALUES (1, 'SELECT count(batch_id) || '' '' || count(state) FROM jobs'), (2, $$SELECT count(*) FROM jobs WHERE state = 'completed'$$),
  (3, $$SELECT count(url) FROM jobs WHERE batch_id = 'acc00000-0000-4000-8000-000000000005'$$), (4, $$SELECT count(name) FROM results WHERE batch_id = 'acc00000-0000-4000-8000-000000000005'$$),
  (5, 'SELECT count(*) FROM (SELECT FROM results LIMIT 6) r'), (6, 'SELECT count(*) FROM (SELECT FROM jobs ORDER BY created_at DESC LIMIT 60) j'),
  (7, $$SELECT count(url) FROM (SELECT url FROM jobs WHERE status = 'completed' LIMIT 5) j$$);
UPDATE queries SET result = outcome_of(query);
SELECT result FROM queries ORDER BY n;
-- Set an option of the API otherwise; give what the queries make of it, by their numbers.
CREATE FUNCTION try(object text, option text, value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  target text := CASE object WHEN 'server' THEN 'SERVER each' WHEN 'mapping' THEN 'USER MAPPING FOR PUBLIC SERVER each' ELSE 'FOREIGN TABLE results' END;
  catalog text := CASE object WHEN 'server' THEN '(SELECT srvoptions FROM pg_foreign_server WHERE srvname = ''each'')'
    WHEN 'mapping' THEN '(SELECT umoptions FROM pg_user_mappings WHERE srvname = ''each'')' ELSE '(SELECT ftoptions FROM pg_foreign_table WHERE ftrelid = ''results''::regclass)' END;
  was text; now text; message text; detail text; hint text;
  verdicts text[] := '{}';
  q record;
BEGIN
  EXECUTE format('SELECT option_value FROM pg_options_to_table(%s) WHERE option_name = %L', catalog, option) INTO was;
  now := error_of(format('ALTER %s OPTIONS (%s %s %L)', target, CASE WHEN was IS NULL THEN 'ADD' ELSE 'SET' END, option, value), option);
  IF now <> 'none' THEN
    RETURN 'refused: ' || now;
  END IF;
  FOR q IN SELECT * FROM queries ORDER BY n LOOP
    BEGIN
      EXECUTE q.query INTO now;
      now := nullif(now, q.result);
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
      now := SQLSTATE || CASE WHEN concat_ws(' ', message, detail, hint) ~ ('\m' || option || '\M') THEN ' names it' ELSE '' END;
    END;
    verdicts := verdicts || coalesce(now, 'the same');
  END LOOP;
  IF was IS NULL THEN
    EXECUTE format('ALTER %s OPTIONS (DROP %s)', target, option);
  ELSE
    EXECUTE format('ALTER %s OPTIONS (SET %s %L)', target, option, was);
  END IF;
  RETURN (SELECT string_agg(ns || ': ' || v, '; ' ORDER BY ns) FROM (
    SELECT string_agg(n::text, '' ORDER BY n) AS ns, v FROM unnest(verdicts) WITH ORDINALITY AS x (v, n) WHERE v <> 'the same' GROUP BY v) y);
END $$;
SET client_min_messages = warning;
CREATE TEMP TABLE beside (n serial, object text, option text, value text);
INSERT INTO beside (object, option, value) VALUES
  ('server', 'page_size_min', '60'), ('server', 'retry_timeout', '0'), ('server', 'not_ready', '200'), ('server', 'result_more_path', '$.more'), ('server', 'empty_path', '$.nothing'),
  ('server', 'result_page_style', 'cursor'), ('server', 'result_page_style', 'next'), ('server', 'result_page_param', 'p'), ('server', 'result_page_start', '0'), ('server', 'result_page_size_param', 'n'), ('server', 'result_page_size', '7'),
  ('server', 'result_next_path', '$.next'), ('server', 'result_total_path', '$.total'),
  ('server', 'gone_path', '$.batch_id'), ('server', 'failed_path', '$.result_count'),
  ('server', 'provider', 'bigdata'), ('server', 'base_url', 'http://127.0.0.1:9470/accounts/none'), ('server', 'auth_header', 'X-Key'), ('server', 'auth_prefix', 'Key '), ('server', 'auth_param', 'key'),
  ('server', 'headers', '{"x-y": "z"}'), ('server', 'proxy', 'http://127.0.0.1:1'), ('server', 'ca_file', '/no/such'), ('server', 'allow_private_hosts', 'false'),
  ('server', 'list_url', '/batches'), ('server', 'items_path', '$.items'), ('server', 'list_params', 'status=none'), ('server', 'page_style', 'none'),
  ('server', 'page_style', 'page'), ('server', 'page_style', 'offset'), ('server', 'page_param', 'after'), ('server', 'page_start', '7'), ('server', 'page_size_param', 'size'), ('server', 'page_size', '7'),
  ('server', 'next_path', '$.next'), ('server', 'more_path', '$.more'), ('server', 'total_path', '$.total'), ('server', 'list_filters', 'status=complete'),
  ('server', 'list_filters', 'state:status=pending|processing|completed|failed'), ('server', 'list_order', 'created_at asc'), ('server', 'list_order', 'created desc'), ('server', 'list_lacks', 'download_url@failed'),
  ('server', 'job_url', '/job/{id}'), ('server', 'job_path', '$.job'), ('server', 'id_path', '$.id'), ('server', 'id_path', '$.status'), ('server', 'status_path', '$.state'),
  ('server', 'status_path', '$.entity'), ('server', 'status_default', 'failed'), ('server', 'pending_path', '$.pending'), ('server', 'total_count_path', '$.total'), ('server', 'error_path', '$.error'), ('server', 'count_path', '$.count'), ('server', 'count_path', '$.created_at'), ('server', 'job_columns', 'id int'),
  ('server', 'status_map', 'completed=failed'), ('server', 'result_states', 'failed'), ('server', 'urls_path', '$.url'), ('server', 'results_url', '/files/{file}'), ('server', 'pointer_path', '$.is_url'),
  ('server', 'inline_path', '$.rows'), ('server', 'hop_path', '$.url'), ('server', 'result_format', 'json'), ('server', 'rows_path', '$.rows'), ('server', 'result_auth', 'never'),
  ('server', 'result_once', 'true'), ('server', 'result_hosts', 'files.example.com'), ('server', 'result_columns', 'a int'), ('server', 'connect_timeout', '1h'), ('server', 'stall_timeout', '1h'),
  ('server', 'max_retries', '1'), ('server', 'max_connections', '1'), ('server', 'max_record_size', '1kB'),
  ('mapping', 'api_key', 'other'), ('mapping', 'api_key_file', '/no/such'), ('mapping', 'expected_host', 'api.example.com'), ('mapping', 'auth_hosts', 'https://files.example.com'),
  ('table', 'resource', 'jobs'), ('table', 'job_id', 'other'), ('table', 'url', 'http://127.0.0.1:9471/edge/none'), ('table', 'result_format', 'json'), ('table', 'rows_path', '$.rows'),
  ('table', 'on_incomplete', 'skip'), ('table', 'wait_timeout', '0'), ('table', 'on_error', 'skip'), ('table', 'reject_limit', '0'), ('table', 'check_count', 'off'),
  ('table', 'use_remote_estimate', 'true'), ('table', 'rows', '1');
SELECT object, option FROM options WHERE object <> 'column' EXCEPT SELECT object, option FROM beside;
\pset null 'the same'
SELECT option, value, try(object, option, value) FROM beside ORDER BY n;
SELECT count(*) FROM queries WHERE result <> outcome_of(query);
DROP SERVER each CASCADE;

-- pages by number and by offset: 25 jobs
CREATE SERVER each FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'http://127.0.0.1:9470/accounts/pages', allow_private_hosts 'true', list_url '/jobs',
  items_path '$.items', page_style 'page', page_param 'page', page_size_param 'pageSize', page_size '10', total_path '$.totalPages', id_path '$.batch_id');
CREATE USER MAPPING FOR PUBLIC SERVER each OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE jobs (batch_id uuid) SERVER each OPTIONS (resource 'jobs');
DELETE FROM queries WHERE n > 1;
UPDATE queries SET query = 'SELECT count(batch_id) FROM jobs', result = 25;
SELECT try('server', 'page_style', 'none') AS none, try('server', 'page_style', 'offset') AS "offset", try('server', 'page_param', 'p') AS param,
  try('server', 'page_start', '0') AS start, try('server', 'page_start', '2') AS second, try('server', 'total_path', '$.total') AS total, try('server', 'total_path', '$.page') AS page,
  try('server', 'page_size_param', 'size') AS size_param, try('server', 'page_size', '1000') AS size, try('server', 'more_path', '$.more') AS more;
ALTER SERVER each OPTIONS (SET base_url 'http://127.0.0.1:9470/accounts/offsets', SET items_path '$.data', SET page_style 'offset', SET page_param 'offset',
  SET page_size_param 'limit', SET total_path '$.total');
SELECT try('server', 'page_style', 'page') AS page, try('server', 'page_param', 'o') AS param, try('server', 'page_start', '1') AS start, try('server', 'total_path', '$.totalPages') AS total,
  try('server', 'page_size_param', 'size') AS size_param, try('server', 'page_size', '1000') AS size;
DROP SERVER each CASCADE;
DROP FUNCTION try, error_of, options_of;
\pset null ''
