-- What a server's options make of its API, told step by step; what is wrong names the option that would make it right.
-- Good vendors: all is as it should be, by the requests that a scan would make.
CREATE FUNCTION wrong_of(server name, job_id text DEFAULT NULL) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT concat_ws(' ', step || ':', found || '.', hint) FROM batch_fdw_check(server, job_id) WHERE NOT ok $$;
CREATE FUNCTION paths() RETURNS SETOF text LANGUAGE sql AS $$
  SELECT path || coalesce('?' || CASE WHEN query LIKE '%Signature%' THEN 'signed' ELSE query END, '') FROM asked() $$;
SELECT * FROM reset;
SELECT * FROM batch_fdw_check('crustdata', '53ab0000-0000-4000-8000-000000000001');
SELECT * FROM paths();
SELECT * FROM reset;
SELECT * FROM batch_fdw_check('companyenrich');
SELECT * FROM paths();
SELECT * FROM reset;
SELECT * FROM batch_fdw_check('bigdata', 'batch-cirrus');
SELECT * FROM batch_fdw_check('bigdata');
SELECT * FROM batch_fdw_check('pulse', 'pulse-inline');
SELECT * FROM batch_fdw_check('pulse', 'pulse-pointer-files');   -- single use: never read
SELECT * FROM paths();

-- Jobs that have nothing to look at, and what the API or the store refuses: a finding, never an error.
SELECT * FROM reset;
SELECT job, step, status, ok, found, hint FROM unnest(ARRAY['53ab0000-0000-4000-8000-000000000010', '53ab0000-0000-4000-8000-000000000011',
  '53ab0000-0000-4000-8000-000000000004', '53ab0000-0000-4000-8000-000000000006', '53ab0000-0000-4000-8000-000000000005',
  '53ab0000-0000-4000-8000-000000000099', '..', 'api-401', 'api-500', 'api-422-shape1', 'api-html', 'api-badjson', 'api-redirect', 'no-url', 'zero-null',
  'bad-url-ftp', 'bad-url-private', 'truncated', 'badcrc', 'html', 'missing', 'hop', 'bad-line', 'edge-wrapped_array.json', 'edge-gz_in_gz.gz',
  'edge-empty.jsonl', 'edge-pretty_array.json', 'edge-zlib_raw', 'edge-raw_control.jsonl', 'big-100', 'parts-2-5']) job, batch_fdw_check('crustdata', job)
 WHERE step IN ('job', 'results', 'file') AND (step, status, ok) IS DISTINCT FROM ('job', 200, true);
SELECT count(*) FILTER (WHERE path = '/crustdata/batch') AS listing, count(*) FILTER (WHERE path LIKE '/crustdata/batch/%') AS jobs,
  count(*) FILTER (WHERE path NOT LIKE '/crustdata/batch%') AS files FROM requests;
SELECT sqlstate_of($$SELECT * FROM batch_fdw_check(NULL)$$) AS none,
  sqlstate_of($$SELECT * FROM batch_fdw_check('nobody')$$) AS unknown;

-- Wrong descriptions of an API that gives 100 jobs in pages of 50, of which the first is completed and has 3 results.
CREATE SERVER api FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'http://127.0.0.1:9470/accounts/hundred', allow_private_hosts 'true', list_url '/batch',
  items_path '$.jobs', page_style 'cursor', page_param 'cursor', page_size_param 'limit', page_size '50', next_path '$.next_cursor', more_path '$.has_more',
  list_filters 'status=pending|processing|completed|failed', list_order 'created_at desc', job_url '/batch/{id}',
  id_path '$.batch_id', count_path '$.result_count', urls_path '$.download_url');
CREATE USER MAPPING FOR PUBLIC SERVER api OPTIONS (api_key 'test-key');
SELECT * FROM reset;
SELECT * FROM batch_fdw_check('api');
SELECT * FROM paths();
-- Set an option otherwise, and let it be checked.
CREATE FUNCTION wrong_with(object text, option text, value text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  target text := CASE object WHEN 'server' THEN 'SERVER api' ELSE 'USER MAPPING FOR PUBLIC SERVER api' END;
  catalog text := CASE object WHEN 'server' THEN '(SELECT srvoptions FROM pg_foreign_server WHERE srvname = ''api'')'
    ELSE '(SELECT umoptions FROM pg_user_mappings WHERE srvname = ''api'')' END;
  was text;
BEGIN
  EXECUTE format('SELECT option_value FROM pg_options_to_table(%s) WHERE option_name = %L', catalog, option) INTO was;
  EXECUTE format('ALTER %s OPTIONS (%s)', target, CASE WHEN value IS NULL THEN format('DROP %s', option) ELSE
    format('%s %s %L', CASE WHEN was IS NULL THEN 'ADD' ELSE 'SET' END, option, value) END);
  RETURN QUERY SELECT wrong_of('api');
  EXECUTE format('ALTER %s OPTIONS (%s)', target, CASE WHEN was IS NULL THEN format('DROP %s', option) ELSE
    format('%s %s %L', CASE WHEN value IS NULL THEN 'ADD' ELSE 'SET' END, option, was) END);
END $$;
SET client_min_messages = error;
SELECT option, value, w AS wrong FROM (VALUES
  ('server', 'base_url', 'http://127.0.0.1:9470/accounts/none'), ('server', 'base_url', NULL), ('server', 'list_url', '/jobs/all'), ('server', 'list_url', 'http://10.0.0.1/batch'),
  ('server', 'items_path', '$.items'), ('server', 'items_path', '$'), ('server', 'page_style', 'none'), ('server', 'page_style', 'page'), ('server', 'page_style', 'offset'),
  ('server', 'page_param', 'after'), ('server', 'page_size_param', 'size'), ('server', 'next_path', '$.next'), ('server', 'next_path', '$.jobs'),
  ('server', 'more_path', '$.more'), ('server', 'total_path', '$.total'), ('server', 'id_path', '$.id'), ('server', 'id_path', '$.status'),
  ('server', 'status_path', '$.state'), ('server', 'status_path', '$.entity'), ('server', 'status_map', 'completed=processing'), ('server', 'result_states', 'failed'),
  ('server', 'list_filters', 'status=pending|failed'), ('server', 'list_order', 'created asc'), ('server', 'count_path', '$.count'), ('server', 'count_path', '$.created_at'),
  ('server', 'job_url', '/job/{id}'), ('server', 'job_url', NULL), ('server', 'job_path', '$.job'), ('server', 'urls_path', '$.url'), ('server', 'urls_path', NULL),
  ('server', 'pointer_path', '$.is_url'), ('server', 'hop_path', '$.url'), ('server', 'rows_path', '$.rows'), ('server', 'result_format', 'json'),
  ('server', 'result_hosts', 'files.example.com'), ('server', 'result_once', 'true'), ('server', 'auth_header', 'X-Key'), ('server', 'auth_header', ''),
  ('server', 'max_record_size', '1kB'),
  ('mapping', 'api_key', 'other'), ('mapping', 'expected_host', 'api.example.com')) o (object, option, value)
  LEFT JOIN LATERAL wrong_with(object, option, value) w ON true;

-- Without a flag that says so nothing in a scan would tell of what is wrong here.
ALTER SERVER api OPTIONS (DROP more_path, SET next_path '$.next');
SELECT * FROM wrong_of('api');
ALTER SERVER api OPTIONS (DROP page_style, DROP page_param, DROP next_path);
SELECT * FROM wrong_of('api');
ALTER SERVER api OPTIONS (SET base_url 'http://127.0.0.1:9470/mistral', SET list_url '/v1/batch/jobs', SET items_path '$.data', DROP list_filters,
  ADD page_style 'page', ADD page_param 'p', SET page_size '2', SET page_size_param 'page_size', SET job_url '/v1/batch/jobs/{id}', DROP count_path, SET id_path '$.id',
  DROP urls_path, ADD results_url '/v1/files/{output}/content');
SELECT * FROM wrong_of('api', 'mist-three');
ALTER SERVER api OPTIONS (SET page_param 'page', ADD page_start '0', ADD status_map 'QUEUED=pending,
  RUNNING=processing, SUCCESS=completed, FAILED=failed, TIMEOUT_EXCEEDED=expired, CANCELLATION_REQUESTED=processing, CANCELLED=canceled');
SELECT * FROM wrong_of('api', 'mist-three');
ALTER SERVER api OPTIONS (SET results_url '/v1/files/{output_file}/content');
SELECT * FROM batch_fdw_check('api');
-- results inside of the job, of which it says that they go on
ALTER SERVER api OPTIONS (SET job_url 'http://127.0.0.1:9470/told/200/7b22737461747573223a2253554343455353222c22726f7773223a5b312c325d2c226d6f7265223a747275657d/{id}', DROP results_url, ADD inline_path '$.rows');
SELECT step, ok, found FROM batch_fdw_check('api') WHERE step = 'results';
ALTER SERVER api OPTIONS (ADD result_more_path '$.more');
SELECT * FROM wrong_of('api');

-- Nothing of it is a secret: words that tell the key, a cursor that is one, a URL that is signed.
SELECT count(*) FILTER (WHERE c::text ~ 'test-key|Signature|user:secret') AS secrets, count(*) > 20 AS findings
  FROM unnest(ARRAY['api-echo-error', 'api-echo-html', 'api-echo-job', 'api-echo-status', 'api-echo-host', 'bad-url-userinfo']) job, batch_fdw_check('crustdata', job) c;

-- Whom it is for; and a cancel is a cancel.
CREATE FOREIGN DATA WRAPPER other;
CREATE SERVER other FOREIGN DATA WRAPPER other;
SELECT * FROM batch_fdw_check('other');
CREATE ROLE stranger;
SET ROLE stranger;
SELECT * FROM batch_fdw_check('api');
RESET ROLE;
GRANT USAGE ON FOREIGN SERVER api TO stranger;
DROP USER MAPPING FOR PUBLIC SERVER api;
SET ROLE stranger;
SELECT * FROM batch_fdw_check('api');
RESET ROLE;
SET statement_timeout = '200ms';
SELECT * FROM batch_fdw_check('crustdata', 'api-hang');
RESET statement_timeout;
BEGIN;
SELECT count(*) FROM batch_fdw_check('crustdata', 'api-500');
SELECT count(*) FROM batch_fdw_check('crustdata', 'missing');
COMMIT;
DROP SERVER api, other CASCADE;
DROP FOREIGN DATA WRAPPER other;
DROP ROLE stranger;
DROP FUNCTION wrong_of, wrong_with, paths;
