-- Who may set which option where.  What is expected is written out: for each
-- option a value, the one kind of object that carries it, and who may set it.
CREATE TEMP TABLE options (name text, value text, kind text, who text DEFAULT 'anyone');
INSERT INTO options VALUES
  ('proxy', 'http://proxy.example:3128', 'server', 'file reader'),
  ('ca_file', '/etc/ssl/ca.crt', 'server', 'file reader'),
  ('allow_private_hosts', 'true', 'server', 'superuser'),
  ('api_key_file', '/run/secrets/key', 'mapping', 'file reader');
INSERT INTO options (name, value, kind) VALUES
  ('provider', 'openai', 'server'), ('base_url', 'https://api.example', 'server'), ('auth_header', 'x-api-key', 'server'),
  ('auth_prefix', 'Key ', 'server'), ('auth_param', 'key', 'server'), ('headers', '{"x": "y"}', 'server'), ('list_url', '/jobs', 'server'),
  ('items_path', '$.jobs', 'server'), ('list_params', 'a=b', 'server'), ('page_style', 'page', 'server'),
  ('page_param', 'page', 'server'), ('page_start', '0', 'server'), ('page_size_min', '1', 'server'), ('not_ready', '202', 'server'),
  ('empty_path', '$.done', 'server'), ('gone_path', '$.gone', 'server'), ('failed_path', '$.failed', 'server'), ('result_more_path', '$.more', 'server'), ('result_page_style', 'next', 'server'), ('result_page_param', 'p', 'server'),
  ('result_page_start', '0', 'server'), ('result_page_size_param', 'n', 'server'), ('result_page_size', '10', 'server'), ('result_next_path', '$.next', 'server'), ('result_total_path', '$.total', 'server'), ('page_size_param', 'size', 'server'),
  ('page_size', '10', 'server'), ('next_path', '$.next', 'server'), ('more_path', '$.more', 'server'),
  ('total_path', '$.total', 'server'), ('list_filters', 'status=a|b', 'server'), ('list_order', 'a desc', 'server'),
  ('list_lacks', 'a@failed', 'server'), ('job_url', '/jobs/{id}', 'server'), ('job_path', '$.job', 'server'),
  ('id_path', '$.id', 'server'), ('status_path', '$.status', 'server'), ('status_default', 'completed', 'server'), ('pending_path', '$.pending', 'server'), ('total_count_path', '$.total', 'server'), ('error_path', '$.error', 'server'),
  ('count_path', '$.count', 'server'), ('job_columns', 'id uuid', 'server'), ('status_map', 'a=failed', 'server'),
  ('result_states', 'completed', 'server'), ('urls_path', '$.urls[*]', 'server'), ('results_url', '/files/{id}', 'server'),
  ('pointer_path', '$.is_url', 'server'), ('inline_path', '$.result', 'server'), ('hop_path', '$.url', 'server'),
  ('result_auth', 'never', 'server'), ('result_once', 'true', 'server'), ('result_hosts', '*.example', 'server'),
  ('result_columns', 'a text', 'server'), ('connect_timeout', '1s', 'server'), ('stall_timeout', '1s', 'server'),
  ('retry_timeout', '1s', 'server'),
  ('max_retries', '1', 'server'), ('max_connections', '1', 'server'), ('max_record_size', '1MB', 'server'),
  ('result_format', 'json', 'server, table'), ('rows_path', '$.rows', 'server, table'),
  ('api_key', 'secret', 'mapping'), ('expected_host', 'api.example', 'mapping'), ('auth_hosts', 'https://files.example', 'mapping'),
  ('job_id', 'a', 'table'), ('url', 'https://files.example/a', 'table'), ('on_incomplete', 'skip', 'table'),
  ('wait_timeout', '1s', 'table'), ('on_error', 'error', 'table'), ('reject_limit', '1', 'table'),
  ('check_count', 'off', 'table'), ('use_remote_estimate', 'true', 'table'), ('rows', '1', 'table'),
  ('path', '$.a', 'column'), ('meta', 'part', 'column');

-- A plain owner, one who may read the server's files, and one who was granted
-- the use of a superuser's server.
CREATE ROLE plain;
CREATE ROLE reader IN ROLE pg_read_server_files;
CREATE ROLE guest;
GRANT USAGE ON FOREIGN DATA WRAPPER batch_fdw TO plain, reader;
GRANT CREATE ON SCHEMA public TO plain, reader, guest;
CREATE SERVER shared FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'http://127.0.0.1:9470', auth_header '',
  allow_private_hosts 'true');
GRANT USAGE ON FOREIGN SERVER shared TO plain, reader, guest;

-- Run a statement as a role and undo it; give its SQLSTATE.
CREATE FUNCTION try_as(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('role', role, true);
  EXECUTE statement;
  RAISE SQLSTATE 'UNDO0';
EXCEPTION WHEN OTHERS THEN
  RETURN CASE SQLSTATE WHEN 'UNDO0' THEN '00000' ELSE SQLSTATE END;
END $$;

CREATE TEMP TABLE kinds (kind text, statement text);
INSERT INTO kinds VALUES
  ('wrapper', 'ALTER FOREIGN DATA WRAPPER batch_fdw OPTIONS (ADD %1$I %2$L)'),
  ('server', 'CREATE SERVER own FOREIGN DATA WRAPPER batch_fdw OPTIONS (%1$I %2$L)'),
  ('mapping', 'CREATE USER MAPPING FOR CURRENT_USER SERVER shared OPTIONS (%1$I %2$L)'),
  ('table', 'CREATE FOREIGN TABLE own (a int) SERVER shared OPTIONS (resource ''results'', %1$I %2$L)'),
  ('column', 'CREATE FOREIGN TABLE own (a int OPTIONS (%1$I %2$L)) SERVER shared OPTIONS (resource ''results'')');

-- Every option in every place by every role: HV00D where it does not belong,
-- 42501 where the role may not set it, or may not alter or make the object.
SET client_min_messages = error;   -- not of options that are idle
CREATE TEMP TABLE cells AS
SELECT o.name, k.kind, r.role, try_as(r.role, format(k.statement, o.name, o.value)) AS got,
  CASE WHEN k.kind = 'wrapper' AND r.role <> 'none' THEN '42501'
    WHEN k.kind = 'server' AND r.role = 'guest' THEN '42501'
    WHEN o.kind NOT LIKE '%' || k.kind || '%' THEN 'HV00D'
    WHEN o.name IN ('reject_limit', 'page_style', 'pending_path') THEN '22023'   -- without on_error null or skip, page_param, status_default
    WHEN r.role = 'none' OR o.who = 'anyone' THEN '00000'
    WHEN r.role = 'reader' AND o.who = 'file reader' THEN '00000'
    ELSE '42501' END AS expected
FROM options o, kinds k, (VALUES ('none'), ('reader'), ('plain'), ('guest')) r (role);
RESET client_min_messages;
SELECT * FROM cells WHERE got <> expected;
SELECT kind, role, count(*), count(*) FILTER (WHERE got = '00000') AS set, count(*) FILTER (WHERE got = 'HV00D') AS unknown,
  count(*) FILTER (WHERE got = '42501') AS denied FROM cells GROUP BY kind, role ORDER BY kind, role;

-- the providers set no option that is not among them
SELECT count(*) FROM options;
SELECT p.option FROM batch_fdw_providers() p LEFT JOIN options o ON o.name = p.option WHERE o.name IS NULL;

-- ALTER checks again what is kept: who may not set an option may not alter
-- what has it, but to take it away
CREATE SERVER private FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'pulse', allow_private_hosts 'true');
CREATE SERVER proxied FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'pulse', proxy 'http://proxy.example', ca_file '/a');
CREATE USER MAPPING FOR plain SERVER shared OPTIONS (api_key_file '/run/secrets/key');
CREATE USER MAPPING FOR reader SERVER shared OPTIONS (api_key_file '/run/secrets/key');
SELECT statement, owner, try_as('none', format('DO $do$ BEGIN ALTER SERVER private OWNER TO %1$I; ALTER SERVER proxied OWNER TO %1$I;
    SET LOCAL ROLE %1$I; EXECUTE %2$L; END $do$', owner, replace(statement, 'MINE', owner))) AS sqlstate
FROM (VALUES ('ALTER SERVER private OPTIONS (SET provider ''openai'')'), ('ALTER SERVER private OPTIONS (ADD base_url ''http://10.0.0.1'')'),
  ('ALTER SERVER private OPTIONS (SET allow_private_hosts ''yes'')'), ('ALTER SERVER private OPTIONS (DROP allow_private_hosts)'),
  ('ALTER SERVER private OPTIONS (DROP allow_private_hosts, ADD base_url ''http://10.0.0.1'')'),
  ('ALTER SERVER proxied OPTIONS (SET provider ''openai'')'), ('ALTER SERVER proxied OPTIONS (SET proxy ''http://other.example'')'),
  ('ALTER SERVER proxied OPTIONS (DROP proxy)'), ('ALTER SERVER proxied OPTIONS (DROP proxy, DROP ca_file)'),
  ('ALTER SERVER proxied OPTIONS (ADD allow_private_hosts ''true'')'),
  ('ALTER USER MAPPING FOR MINE SERVER shared OPTIONS (ADD expected_host ''a.example'')'),
  ('ALTER USER MAPPING FOR MINE SERVER shared OPTIONS (SET api_key_file ''/etc/passwd'')'),
  ('ALTER USER MAPPING FOR MINE SERVER shared OPTIONS (DROP api_key_file, ADD api_key ''k'')'),
  ('ALTER SERVER shared OPTIONS (ADD max_retries ''1'')')) s (statement), (VALUES ('plain'), ('reader')) o (owner);

-- a guest of a superuser's server is held to its limits: its own host, and no
-- other private one
SELECT url, outcome_of(format('SELECT try_as(''guest'', $do$ DO $in$ BEGIN
  CREATE FOREIGN TABLE own (a int) SERVER shared OPTIONS (resource ''results'', url %L);
  PERFORM count(*) FROM own; END $in$ $do$)', url)) AS sqlstate
FROM (VALUES ('http://127.0.0.1:9471/edge/good.gz'), ('http://127.0.0.2:9471/edge/good.gz'), ('http://localhost:9471/edge/good.gz'),
  ('https://localhost:9471/edge/good.gz'), ('http://10.0.0.1/'), ('http://files.example/')) u (url);

-- no setting of a session loosens a rule of safety
SELECT name FROM pg_settings WHERE name LIKE 'batch%' ORDER BY name COLLATE "C";

DROP SERVER shared, private, proxied CASCADE;
DROP OWNED BY plain, reader, guest;
DROP ROLE plain, reader, guest;
DROP FUNCTION try_as;
