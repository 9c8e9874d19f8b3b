-- What all topics share: the servers of the imitation (test/imitation), and its
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
  base_url 'http://127.0.0.1:9470', allow_private_hosts 'true', retry_timeout '0');

-- The imitation's log; reset empties it.
CREATE SERVER imitation FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '',
  base_url 'http://127.0.0.1:9470', allow_private_hosts 'true', list_url '/_log');
CREATE FOREIGN TABLE requests (n int, server text, method text, path text, query text,
  headers jsonb, status int, sent bigint, connection int) SERVER imitation OPTIONS (resource 'jobs');
CREATE SERVER imitation_reset FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '',
  base_url 'http://127.0.0.1:9470', allow_private_hosts 'true', list_url '/_reset');
CREATE FOREIGN TABLE reset (n int) SERVER imitation_reset OPTIONS (resource 'jobs');

-- The API without a rule: what it answers from now on, route by route (test/imitation/odd.py); the log is emptied.
CREATE SERVER teller FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '',
  base_url 'http://127.0.0.1:9470', allow_private_hosts 'true', list_url '/_tell/7b7d');
CREATE FOREIGN TABLE told (n int) SERVER teller OPTIONS (resource 'jobs');
CREATE FUNCTION tell(script text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER SERVER teller OPTIONS (SET list_url %L)', '/_tell/' || encode(convert_to(script, 'UTF8'), 'hex'));
  PERFORM FROM told;
  PERFORM FROM reset;
END $$;

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

-- Each document as a column of a type: what (record #>> path)::type gives.
-- "cast" shows what PostgreSQL's own cast gives where that differs.
CREATE FUNCTION compare(type text, documents text[]) RETURNS TABLE (document text, value text, "cast" text) LANGUAGE plpgsql AS $$
DECLARE cast_value text;
BEGIN
  FOREACH document IN ARRAY documents LOOP
    EXECUTE format('CREATE FOREIGN TABLE v (v %s) SERVER files OPTIONS (resource ''results'', url %L)', type,
      'http://127.0.0.1:9471/echo/' || encode(convert_to('{"v":' || document || '}', 'UTF8'), 'hex'));
    value := outcome_of('SELECT v::text FROM v');
    cast_value := outcome_of(format('SELECT ((%L::json #>> ''{v}'')::%s)::text', '{"v":' || document || '}', type));
    "cast" := CASE WHEN value <> cast_value THEN cast_value END;
    DROP FOREIGN TABLE v;
    RETURN NEXT;
  END LOOP;
END $$;

-- The requests since the last reset.
CREATE FUNCTION asked() RETURNS TABLE (path text, query text) LANGUAGE sql AS
$$ SELECT path, query FROM requests ORDER BY n $$;

-- What EXPLAIN, with what stands before the query in brackets, shows: its lines, or its document.
CREATE FUNCTION plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN ' || query LOOP
    RETURN NEXT line;
  END LOOP;
END $$;

-- Make the table bad of lines, with the columns and options given; text is bytes, \303 is one.
CREATE FUNCTION make_bad(columns text, options text, VARIADIC lines text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  SET LOCAL client_min_messages = warning;
  DROP FOREIGN TABLE IF EXISTS bad;
  EXECUTE format('CREATE FOREIGN TABLE bad (part int OPTIONS (meta ''part''), line bigint OPTIONS (meta ''line''), %s)
    SERVER files OPTIONS (resource ''results'', result_format ''jsonl'', url %L %s)', columns, 'http://127.0.0.1:9471/echo/' ||
    encode(decode(array_to_string(lines, E'\n'), 'escape'), 'hex'), options);
END $$;

-- What was rejected last, as far as all topics show it.
CREATE VIEW rejects AS SELECT part, line, column_name, sqlstate, message, record FROM batch_fdw_rejects();
