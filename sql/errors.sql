-- what the API answers: SQLSTATE, the vendor's words, a hint
CREATE FOREIGN TABLE job (id text OPTIONS (meta 'job_id'), status text) SERVER crustdata OPTIONS (resource 'jobs');
CREATE FOREIGN TABLE file (id text OPTIONS (meta 'job_id'), record json OPTIONS (path '$')) SERVER crustdata
  OPTIONS (resource 'results');
SELECT id, sqlstate_of(format('SELECT * FROM job WHERE id = %L', id)) FROM unnest(ARRAY['api-400', 'api-401', 'api-402',
  'api-403', 'api-404', 'api-410', 'api-422', 'api-html', 'api-badjson', 'api-redirect']) AS id;
SELECT * FROM job WHERE id = 'api-400';
SELECT * FROM job WHERE id = 'api-401';
SELECT * FROM job WHERE id = 'api-402';
SELECT * FROM job WHERE id = 'api-redirect';
SELECT * FROM job WHERE id = 'api-html';
SELECT * FROM job WHERE id = 'api-422-shape1';
SELECT * FROM job WHERE id = 'api-422-shape2';
SELECT * FROM job WHERE id = 'api-422-shape3';
SELECT * FROM job WHERE id = 'api-422-shape4';
SELECT * FROM job WHERE id = 'api-422-shape5';

-- failures that pass are tried again, as often as max_retries says
SELECT * FROM reset;
SELECT * FROM job WHERE id = 'api-retry-2-503';
SELECT count(*) FROM requests;
SELECT * FROM reset;
SELECT * FROM job WHERE id = 'api-retry-1-429-0';
SELECT count(*) FROM requests;
ALTER SERVER crustdata OPTIONS (ADD max_retries '1', ADD retry_timeout '0');
SELECT * FROM reset;
\set SHOW_CONTEXT never
SELECT * FROM job WHERE id = 'api-retry-9-500';
SELECT * FROM job WHERE id = 'api-retry-9-429-0';
\set SHOW_CONTEXT errors
\set VERBOSITY terse
SELECT * FROM job WHERE id = 'api-drop';
\set VERBOSITY default
SELECT path, count(*) FROM requests GROUP BY 1 ORDER BY 1;

-- results: redirects are followed by hand, failures are never a short result
SELECT * FROM reset;
SELECT count(*) FROM file WHERE id = 'redirect';
SELECT count(*) FROM file WHERE id = 'redirect-relative';
SELECT count(*) FROM file WHERE id = 'retry-1-500';
SELECT count(*) FROM file WHERE id = 'drip';
SELECT server, path, headers ? 'authorization' AS key FROM requests ORDER BY n;
SELECT id, sqlstate_of(format('SELECT count(*) FROM file WHERE id = %L', id)) FROM unnest(ARRAY['redirect-loop',
  'redirect-private', 'redirect-api', 'truncated', 'cut', 'badcrc', 'html', 's3-200', 'expired', 'missing', 'gone', 'cl-short',
  'chunked-cut', 'close-framed', 'many-headers', 'bad-line', 'utf8', 'bad-url-ftp', 'bad-url-userinfo', 'bad-url-private']) AS id;
\set VERBOSITY terse
SELECT count(*) FROM file WHERE id = 'cut';
SELECT count(*) FROM file WHERE id = 'many-headers';
\set VERBOSITY default
SELECT count(*) FROM file WHERE id = 'http2';
SELECT count(*) FROM file WHERE id = 'expired';
SELECT count(*) FROM file WHERE id = 'redirect-private';
SELECT count(*) FROM file WHERE id = 'redirect-loop';
SELECT count(*) FROM file WHERE id = 'bad-url-userinfo';
SELECT count(*) FROM file WHERE id = 'bad-url-private';
SELECT count(*) AS with_key FROM requests WHERE server = 'files' AND headers ?| ARRAY['authorization', 'x-api-key'];
ALTER SERVER crustdata OPTIONS (DROP max_retries, DROP retry_timeout);

-- no connection, no time, no mapping, no key
CREATE SERVER nowhere FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata', base_url 'http://127.0.0.1:1',
  allow_private_hosts 'true', max_retries '0', stall_timeout '300ms');
CREATE FOREIGN TABLE none (batch_id uuid, status text) SERVER nowhere OPTIONS (resource 'jobs');
\set VERBOSITY sqlstate
SELECT * FROM none;
\set VERBOSITY default
CREATE USER MAPPING FOR PUBLIC SERVER nowhere;
SELECT * FROM none;
ALTER USER MAPPING FOR PUBLIC SERVER nowhere OPTIONS (ADD api_key 'test-key', expected_host 'api.example.com');
SELECT * FROM none;
ALTER USER MAPPING FOR PUBLIC SERVER nowhere OPTIONS (DROP expected_host);
\set VERBOSITY terse
SELECT * FROM none;
\set VERBOSITY sqlstate
SELECT * FROM none;
\set VERBOSITY default
ALTER SERVER nowhere OPTIONS (SET base_url 'http://127.0.0.1:9470/crustdata');
CREATE FOREIGN TABLE slow (id text OPTIONS (meta 'job_id')) SERVER nowhere OPTIONS (resource 'jobs');
SELECT * FROM slow WHERE id = 'api-hang';
SELECT * FROM slow WHERE id = 'api-stall';
\set VERBOSITY sqlstate
SELECT * FROM slow WHERE id = 'api-hang';
ALTER USER MAPPING FOR PUBLIC SERVER nowhere OPTIONS (DROP api_key);
SELECT * FROM none;
DROP USER MAPPING FOR PUBLIC SERVER nowhere;
SELECT * FROM none;
\set VERBOSITY default

-- private addresses: only base_url's own host, and only where a superuser allows it
CREATE SERVER public FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url 'https://localhost:9470', list_url '/_log',
  max_retries '0');
CREATE FOREIGN TABLE private (n int) SERVER public OPTIONS (resource 'jobs');
\set VERBOSITY terse
SELECT * FROM private;
\set VERBOSITY default
CREATE FOREIGN TABLE elsewhere (n int) SERVER files OPTIONS (resource 'results', url 'http://localhost:9471/edge/bom.jsonl');
SELECT * FROM elsewhere;
ALTER SERVER files OPTIONS (ADD result_hosts '*, localhost');
SELECT count(*) FROM elsewhere;
ALTER SERVER files OPTIONS (SET result_hosts '*.example.com');
SELECT * FROM elsewhere;
ALTER SERVER files OPTIONS (DROP result_hosts);

SET client_min_messages = warning;
DROP SERVER nowhere, public CASCADE;
DROP FOREIGN TABLE job, file, elsewhere;

-- results on the API's own origin: a refusal is one of the key, not of a signed URL
CREATE FUNCTION told(status int, body text, type text DEFAULT 'application/json') RETURNS text LANGUAGE sql AS $$
  SELECT '/told/' || status || '/' || encode(convert_to(body, 'UTF8'), 'hex') || '/x?type=' || encode(convert_to(type, 'UTF8'), 'hex') $$;
CREATE FUNCTION failure_of(resource text, job_url text, more text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  detail text;
  hint text;
BEGIN
  EXECUTE format('CREATE SERVER own FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url %L, allow_private_hosts %L,
    job_url %L, urls_path %L, max_retries %L %s)', 'http://127.0.0.1:9470', 'true', job_url || '&id={id}', '$.url', '0', more);
  CREATE USER MAPPING FOR PUBLIC SERVER own OPTIONS (api_key 'a-secret-key');
  EXECUTE format('CREATE FOREIGN TABLE of_own (id text OPTIONS (meta ''job_id''), a int) SERVER own OPTIONS (resource %L)', resource);
  PERFORM count(a) FROM of_own WHERE id = 'x';
  RETURN 'no failure';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN concat_ws(' / ', SQLSTATE, regexp_replace(SQLERRM, '".*"', '...'), detail, hint);
END $$;
SELECT status, failure_of('results', told(200, '{"id":"x","status":"completed","url":"http://127.0.0.1:9470'
    || told(status, '{"message":"No."}') || '"}')) AS failure FROM unnest(ARRAY[400, 401, 403, 404, 410, 422, 426, 429, 505]) AS status;
SELECT status, failure_of('results', told(200, '{"id":"x","status":"completed","url":"http://127.0.0.1:9470'
    || told(status, '{"message":"No."}') || '"}'), $$, result_auth 'never'$$) AS failure FROM unnest(ARRAY[401, 403]) AS status;

-- what comes instead of an answer is shown alike, whatever the status: by the vendor's words, else by its beginning
SELECT status, body, failure_of('jobs', told(status, body, type)) AS failure
  FROM (VALUES ('<html><title>Log in</title><a href="/in?token=abc">', 'text/html'),
         ('<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Wait.</Message><Signed>abc</Signed></Error>', 'application/xml')) AS v (body, type),
       unnest(ARRAY[200, 403, 500]) AS status;
SELECT body, failure_of('jobs', told(403, body, 'text/plain')) AS failure FROM unnest(ARRAY['Not today.', '{"code":17}', '', E' \n', 'no a-secret-key',
  'see https://x.example/a?sig=abc', 'see /a?sig=abc', 'why? x=y']) AS body;
DROP FUNCTION told, failure_of;
