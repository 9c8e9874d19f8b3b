-- The key as a query parameter: on the API's own origin alone, and shown nowhere.
CREATE SERVER keyed FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata', base_url 'http://127.0.0.1:9470/crustdata',
  allow_private_hosts 'true', auth_param 'api_key', max_retries '0');
CREATE USER MAPPING FOR PUBLIC SERVER keyed OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE keyed_jobs (batch_id text, status text, created_at timestamptz) SERVER keyed OPTIONS (resource 'jobs');
CREATE FOREIGN TABLE keyed_results (batch_id text, record json OPTIONS (path '$')) SERVER keyed OPTIONS (resource 'results', check_count 'off');
-- What was asked, and whether the key was in a header.
CREATE FUNCTION keys() RETURNS TABLE (server text, path text, query text, header bool) LANGUAGE sql AS $$
  SELECT server, path, CASE WHEN query LIKE '%X-Amz-Signature%' THEN 'signed' || CASE WHEN query LIKE '%key=%' THEN ', with the key' ELSE '' END ELSE query END, headers::text LIKE '%test-key%' FROM requests ORDER BY n $$;
SELECT * FROM reset;
SELECT count(*) FROM keyed_jobs;
SELECT count(*) FROM keyed_jobs WHERE status = 'completed';
SELECT count(*) FROM keyed_results WHERE batch_id = '53ab0000-0000-4000-8000-000000000003';
SELECT * FROM keys();
EXPLAIN (COSTS OFF) SELECT batch_id FROM keyed_jobs WHERE status IN ('completed', 'failed') LIMIT 5;
EXPLAIN (COSTS OFF) SELECT batch_id FROM keyed_jobs WHERE batch_id = 'a';
EXPLAIN (COSTS OFF) SELECT * FROM keyed_results;
SELECT step, url, found FROM batch_fdw_check('keyed', '53ab0000-0000-4000-8000-000000000003');
-- a URL that has a query already, or has the key from the API itself; another parameter is none of it
CREATE FUNCTION results_at(url text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER SERVER keyed OPTIONS (SET job_url %L)', 'http://127.0.0.1:9470/told/200/' || encode(convert_to(json_build_object('status', 'completed', 'download_url', url)::text, 'UTF8'), 'hex') || '/{id}');
  PERFORM * FROM reset;
  PERFORM * FROM keyed_results WHERE batch_id = 'x';
  RETURN (SELECT string_agg(concat(query, CASE WHEN headers::text LIKE '%test-key%' THEN ' header' END), ', ' ORDER BY n) FROM requests);
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;
ALTER SERVER keyed OPTIONS (ADD job_url '/x/{id}');
SELECT url, results_at(replace(url, 'HERE', 'http://127.0.0.1:9470/told/200/7b7d')) FROM (VALUES ('HERE'), ('HERE?a=b'), ('HERE?'), ('HERE?api_key=of-the-file'), ('HERE?a=b&api_key=of-the-file'),
  ('HERE?my_api_key=a'), ('HERE?api_keys=a'), ('HERE?api_key'), ('HERE?a=b#c'), ('HERE#api_key=a'), ('HERE#?api_key=a'), ('http://127.0.0.1:9471/edge/good.jsonl'), ('http://127.0.0.1:9471/edge/good.jsonl?a=b')) u (url);
ALTER SERVER keyed OPTIONS (ADD result_auth 'never');
SELECT results_at('http://127.0.0.1:9470/told/200/7b7d'), results_at('http://127.0.0.1:9471/edge/good.jsonl');
ALTER SERVER keyed OPTIONS (DROP result_auth);

-- a key that a query must encode is sent whole, and is not shown, however the vendor spells it
ALTER USER MAPPING FOR PUBLIC SERVER keyed OPTIONS (SET api_key 'se cr/et+%41&=#"{}~');
SELECT results_at('http://127.0.0.1:9470/told/200/7b7d');
CREATE FUNCTION words(text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text;
BEGIN
  EXECUTE format('ALTER SERVER keyed OPTIONS (SET job_url %L)', 'http://127.0.0.1:9470/told/422/' || encode(convert_to(json_build_object('message', $1)::text, 'UTF8'), 'hex') || '/{id}');
  PERFORM * FROM keyed_jobs WHERE batch_id = 'x';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN detail;
END $$;
SELECT words(w) FROM (VALUES ('No such key: se cr/et+%41&=#"{}~.'), ('GET /batch?api_key=se%20cr%2Fet%2B%2541%26%3D%23%22%7B%7D~&limit=1 is not allowed'), ('se%20cr%2fet%2b%2541%26%3d%23%22%7b%7d%7E'),
  ('se+cr/et%2B%2541&%3D#"%7B}~ and se cr/et+%41&=#"{}~'), ('%73%65%20%63%72%2F%65%74%2B%25%34%31%26%3D%23%22%7B%7D%7E'), ('http://x/?api_key=se%20cr and more'), ('se cr/et and se%20cr/et+%4 are others'),
  ('100% of it, at 50%, %zz')) w (w);
ALTER USER MAPPING FOR PUBLIC SERVER keyed OPTIONS (SET api_key 'other');
ALTER SERVER keyed OPTIONS (DROP job_url);
SELECT count(*) FROM keyed_jobs;
DROP USER MAPPING FOR PUBLIC SERVER keyed;
SELECT count(*) FROM keyed_jobs;

-- results of the API's own origin, and a key that only the query takes
CREATE SERVER keyed_files FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'openai', base_url 'http://127.0.0.1:9470/openai', allow_private_hosts 'true', auth_header '', auth_param 'api_key');
CREATE USER MAPPING FOR PUBLIC SERVER keyed_files OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE keyed_files (id text, custom_id text) SERVER keyed_files OPTIONS (resource 'results', check_count 'off');
SELECT * FROM reset;
SELECT custom_id FROM keyed_files WHERE id = 'batch_elder';
SELECT * FROM keys();
ALTER SERVER keyed_files OPTIONS (SET auth_param '');
SELECT custom_id FROM keyed_files WHERE id = 'batch_elder';

-- partners, and values
CREATE SERVER bad FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_param 'a b');
CREATE SERVER bad FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_param 'key=');
CREATE SERVER bad FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_param 'key', auth_header 'X-Key');
ALTER SERVER keyed OPTIONS (ADD auth_header 'X-Key');
ALTER SERVER keyed OPTIONS (ADD auth_prefix 'Key ');
DROP SERVER keyed, keyed_files CASCADE;
DROP FUNCTION keys, results_at, words;
