-- What all topics share: the servers of the imitation (test/api.py), and its
-- log of requests as a table, read by batch_fdw itself.
CREATE EXTENSION batch_fdw;

-- The library that runs here is the one that is tested.
\set library batch_fdw.so
\getenv library BATCH_FDW_LIBRARY
SELECT position(:'library' IN pg_read_file('/proc/self/maps')) > 0 AS tested FROM batch_fdw_version();

CREATE SERVER crustdata FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata',
  base_url 'http://127.0.0.1:9470/crustdata', allow_private_hosts 'true');
CREATE SERVER companyenrich FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'companyenrich',
  base_url 'http://127.0.0.1:9470/companyenrich', allow_private_hosts 'true');
CREATE SERVER bigdata FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'bigdata',
  base_url 'http://127.0.0.1:9470/bigdata', allow_private_hosts 'true');
CREATE SERVER pulse FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'pulse',
  base_url 'http://127.0.0.1:9470/pulse', allow_private_hosts 'true');
CREATE USER MAPPING FOR PUBLIC SERVER crustdata OPTIONS (api_key 'test-key');
CREATE USER MAPPING FOR PUBLIC SERVER companyenrich OPTIONS (api_key 'test-key');
CREATE USER MAPPING FOR PUBLIC SERVER bigdata OPTIONS (api_key 'test-key');
CREATE USER MAPPING FOR PUBLIC SERVER pulse OPTIONS (api_key 'test-key');

CREATE SCHEMA crustdata;
IMPORT FOREIGN SCHEMA batch FROM SERVER crustdata INTO crustdata;
CREATE SCHEMA companyenrich;
IMPORT FOREIGN SCHEMA batch FROM SERVER companyenrich INTO companyenrich;
CREATE SCHEMA bigdata;
IMPORT FOREIGN SCHEMA batch FROM SERVER bigdata INTO bigdata;
CREATE SCHEMA pulse;
IMPORT FOREIGN SCHEMA batch FROM SERVER pulse INTO pulse;

-- Every file of the store's /edge, /fault and /gen, without a job.
CREATE SERVER files FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '',
  base_url 'http://127.0.0.1:9470', allow_private_hosts 'true');

-- The imitation's log; reset empties it.
CREATE SERVER imitation FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '',
  base_url 'http://127.0.0.1:9470', allow_private_hosts 'true', list_url '/_log');
CREATE FOREIGN TABLE requests (n int, server text, method text, path text, query text,
  headers jsonb, status int, sent bigint, connection int) SERVER imitation OPTIONS (resource 'jobs');
CREATE SERVER imitation_reset FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '',
  base_url 'http://127.0.0.1:9470', allow_private_hosts 'true', list_url '/_reset');
CREATE FOREIGN TABLE reset (n int) SERVER imitation_reset OPTIONS (resource 'jobs');

-- Run a statement; give the SQLSTATE it raises, or 00000.
CREATE FUNCTION sqlstate_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN '00000';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;

-- Read a file of the store as records, with the options given.
CREATE FUNCTION read_file(url text, options text DEFAULT '')
RETURNS TABLE (part int, line bigint, record text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE FOREIGN TABLE file (part int OPTIONS (meta ''part''),
    line bigint OPTIONS (meta ''line''), record json OPTIONS (path ''$''))
    SERVER files OPTIONS (resource ''results'', url %L %s)',
    'http://127.0.0.1:9471' || url, options);
  RETURN QUERY EXECUTE 'SELECT part, line, record::text FROM file';
  DROP FOREIGN TABLE file;
END $$;

-- Run a query of one value; give the value as text, NULL, or the SQLSTATE it raises.
CREATE FUNCTION outcome_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
  EXECUTE statement INTO result;
  RETURN coalesce(result, 'NULL');
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;
