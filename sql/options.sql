-- unknown names: the nearest, or the object that carries them
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (provder 'crustdata');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (api_key 'secret');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdatta');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'nobody of that name');
ALTER FOREIGN DATA WRAPPER batch_fdw OPTIONS (ADD provider 'crustdata');
\set VERBOSITY sqlstate
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (provder 'crustdata');
\set VERBOSITY default

-- values
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (page_style 'pages');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (page_size 'many');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (page_size '-1');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (page_size_min '0');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (not_ready 'later');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (not_ready '202, 200');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (not_ready '202,,425');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (empty_path 'count');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (gone_path '$.files[*]');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (result_more_path '$.more[*]');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (connect_timeout '10 parsecs');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (max_record_size '2GB');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (result_once 'perhaps');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'api.example.com');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'ftp://api.example.com');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'https://me:pw@api.example.com');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'http://api.example.com');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (job_url '/batch/{id');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (job_url '/batch/{}');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (job_url '/jobs/{jobId}');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (job_url '/jobs');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (job_url '/{account}/jobs/{id}');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (job_url 's3://jobs/{id}');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (list_url '/jobs/{id}');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (status_map 'cancelled');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (result_states 'completed,,expired');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (list_order 'created_at downwards');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (job_columns 'id');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (job_columns 'id no_such_type');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (job_columns 'c information_schema.cardinal_number');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (headers '["a"]');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (headers '{"a": 1}');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (headers '{"Cookie": "a"}');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (headers '{"a b": "c"}');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (headers E'{"a": "b\nc"}');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (headers '{"a": "b\r\nc"}');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header 'X-Key', headers '{"x-key": "b"}');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_prefix E'Bearer\r\nX: ');

-- what takes several options of a server to see, those of its provider among them
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (page_style 'cursor', page_param 'after');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (page_style 'cursor', next_path '$.next');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (page_style 'page');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (page_style 'offset', page_start '0');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (page_style 'page', page_param 'p', page_start 'first');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (page_style 'offset', page_param 'p', page_start '-1');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (page_style 'offset', page_param 'p', page_start '2147483648');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (page_size_min '2');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (page_size '10', page_size_min '11');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'pulse', page_style 'cursor');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (page_style 'cursor', provider 'crustdata', page_size_min '100');
ALTER SERVER s OPTIONS (SET page_style 'page', ADD page_start 'a');
ALTER SERVER s OPTIONS (SET page_size_min '101');
ALTER SERVER s OPTIONS (SET provider 'bigdata');
DROP SERVER s;

-- paths: the plain part of jsonpath
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (id_path '$.*');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (id_path '$.a[1 to 2]');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (id_path '$.a[1.5]');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (id_path '$.a[-1]');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (id_path '$.a[last]');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (id_path 'strict $.a');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (id_path '$.created-1');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (id_path '$.a[*]');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (id_path '$.a ? (@ > 1)');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (id_path '');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (id_path 'a.b');

-- what is accepted
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'https://api.example.com/v1/',
  list_url '/jobs', job_url '/jobs/{id}', connect_timeout '2min', max_record_size '1MB',
  id_path '$."a key, with comma"[0].b', urls_path '$.u[*], $."x,y"', status_map 'a=failed, "b=c"=pending',
  headers '{"x-version": "1"}', job_columns 'id text, n numeric(10,2) = $.n, t timestamptz(0)');
SELECT unnest(srvoptions) FROM pg_foreign_server WHERE srvname = 's';
ALTER SERVER s OPTIONS (SET connect_timeout '0');
ALTER SERVER s OPTIONS (ADD retry_timeout '-1s');
ALTER SERVER s OPTIONS (ADD retry_timeout 'later');
ALTER SERVER s OPTIONS (ADD retry_timeout '0');
ALTER SERVER s OPTIONS (SET job_url '/{+id}/job?of={id}&src=s3://b');
ALTER SERVER s OPTIONS (DROP headers, SET connect_timeout '1s');

-- tables and columns
CREATE FOREIGN TABLE t (a int) SERVER s;
\set VERBOSITY sqlstate
CREATE FOREIGN TABLE t (a int) SERVER s;
\set VERBOSITY default
CREATE FOREIGN TABLE t (a int) SERVER s OPTIONS (resource 'job');
CREATE FOREIGN TABLE t (a int) SERVER s OPTIONS (resource 'jobs', url 'https://x.example/');
CREATE FOREIGN TABLE t (a int) SERVER s OPTIONS (resource 'results', url 'https://x.example/', job_id 'a');
CREATE FOREIGN TABLE t (a int) SERVER s OPTIONS (resource 'results', on_incomplete 'later');
CREATE FOREIGN TABLE t (a int) SERVER s OPTIONS (resource 'results', on_error 'ignore');
CREATE FOREIGN TABLE t (a int) SERVER s OPTIONS (resource 'results', reject_limit '5');
CREATE FOREIGN TABLE t (a int OPTIONS (path '$.a', meta 'line')) SERVER s OPTIONS (resource 'results');
CREATE FOREIGN TABLE t (a int OPTIONS (meta 'lines')) SERVER s OPTIONS (resource 'results');
CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (api_keys 'x');
CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (api_key E'a\nb');

-- what takes two objects to see, at the first scan
CREATE FOREIGN TABLE t (a int OPTIONS (meta 'line')) SERVER s OPTIONS (resource 'jobs');
SELECT * FROM t;
CREATE FOREIGN TABLE u (a int OPTIONS (meta 'state')) SERVER s OPTIONS (resource 'results');
SELECT * FROM u;
CREATE FOREIGN TABLE g (a int, b int GENERATED ALWAYS AS (a + 1) STORED) SERVER s OPTIONS (resource 'jobs');
SELECT * FROM g;
CREATE SERVER empty FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', job_url '/j/{id}');
CREATE FOREIGN TABLE e (id text) SERVER empty OPTIONS (resource 'jobs');
SELECT * FROM e WHERE id = 'a';
SELECT * FROM e;

-- who may set what
CREATE ROLE owner_of_server;
GRANT USAGE ON FOREIGN DATA WRAPPER batch_fdw TO owner_of_server;
SET ROLE owner_of_server;
CREATE SERVER mine FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'pulse', allow_private_hosts 'true');
CREATE SERVER mine FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'pulse', proxy 'http://p:1');
CREATE SERVER mine FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'pulse', ca_file '/etc/passwd');
CREATE SERVER mine FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'pulse');
CREATE USER MAPPING FOR owner_of_server SERVER mine OPTIONS (api_key_file '/etc/passwd');
RESET ROLE;
ALTER SERVER mine OPTIONS (ADD allow_private_hosts 'true');
SET ROLE owner_of_server;
ALTER SERVER mine OPTIONS (ADD base_url 'http://127.0.0.1');
RESET ROLE;

SET client_min_messages = warning;
DROP SERVER s, mine, empty CASCADE;
REVOKE USAGE ON FOREIGN DATA WRAPPER batch_fdw FROM owner_of_server;
DROP ROLE owner_of_server;
