-- CSV (RFC 4180), by result_format alone: a row is a record, whose members the header names
CREATE FUNCTION table_over(columns text, body text, more text DEFAULT '') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'DROP FOREIGN TABLE IF EXISTS f';
  EXECUTE format('CREATE FOREIGN TABLE f (%s) SERVER files OPTIONS (resource ''results'', result_format ''csv'', url %L %s)', columns,
    'http://127.0.0.1:9471/echo/' || encode(convert_to(body, 'UTF8'), 'hex') || '?piece=7', more);
END $$;
CREATE FUNCTION verdict(body text, columns text DEFAULT 'r json OPTIONS (path ''$'')') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  rows text; message text; detail text; hint text; state text;
BEGIN
  PERFORM table_over(columns, body);
  SELECT string_agg(f::text, ' ') INTO rows FROM f;
  RETURN coalesce(rows, 'no rows');
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, state = RETURNED_SQLSTATE;
  RETURN concat_ws(' / ', state, message, nullif(detail, ''), nullif(hint, ''));
END $$;
SET client_min_messages = warning;
SELECT table_over($$line bigint OPTIONS (meta 'line'), a int, "B c" text, d date, n numeric, r json OPTIONS (path '$')$$,
E'a,"B c",d,n\r\n1,"x, ""y""\r\nz",2026-01-02,1.50\r\n\r\n,"",,\r\n-3,\\ \t\u00e9,,1e3\n4,  two  ,20260103,"12"');
SELECT * FROM f;
SELECT a FROM f WHERE n = 1.5;
SELECT count(*) FROM f;

-- forms of files
SELECT name, verdict(body) FROM (VALUES
  ('empty', ''), ('a line feed', E'\n'), ('lines', E'\r\n\n\r\n'), ('a mark', U&'\FEFF'), ('a mark and a header', U&'\FEFFa,b' || E'\n1,2'),
  ('a header', 'a,b'), ('a header and its line', E'a,b\r\n'), ('no line feed at the end', E'a,b\n1,2'), ('a carriage return at the end', E'a,b\n1,2\r'),
  ('lines between', E'\n\na,b\n\n1,2\n\n\n3,4\n\n'), ('one column, and empty rows', E'a\n1\n\n""\n2\n'), ('one column, of quotes', E'"a"\n""""\n'),
  ('names', E'"a""b\\",,x y\n1,2,3\n'), ('quoted line feeds', E'"a\nb",c\n"1\n2\n","\n"\n'), ('controls', E'a,b\n\x01\x1f\x7f,"\b\f\t"\n'),
  ('no quotes to close', E'a,b\n"1","2'), ('a quote alone', E'a\n"'), ('a header that does not end', E'a,"b\n1,2\n'),
  ('a quote within a value', E'a,b\n1"2,3\n'), ('a quote behind a blank', E'a,b\n1, "2"\n'), ('something behind a quote', E'a,b\n"1" ,2\n'),
  ('a lone carriage return', E'a,b\n1\r2,3\n'), ('a file of carriage returns', E'a,b\r1,2\r3,4\r'),
  ('too few', E'a,b\n1\n'), ('too many', E'a,b\n1,2,3\n'), ('a comma at the end', E'a,b\n1,2,\n'), ('names with a comma at the end', E'a,b,\n1,2,\n'),
  ('a name twice', E'a,b,a\n1,2,3\n'), ('a name twice, quoted once', E'a,b,"a"\n'), ('no name twice', E',b,\n'), ('a long name twice', repeat('x', 200) || ',' || repeat('x', 200)),
  ('semicolons', E'a;b\n1;2\n'), ('tabs', E'a\tb\n1\t2\n'), ('semicolons in quotes', E'"a;b"\n1;2\n'), ('lines of JSON', E'{"a":1}\n{"a":2}\n'), ('markup', '<html>no</html>'),
  ('zip', 'PK' || E'\x03\x04')) AS t (name, body);
-- but for the option it is no CSV
CREATE FOREIGN TABLE plain (a text) SERVER files OPTIONS (resource 'results', url 'http://127.0.0.1:9471/echo/612c620a312c320a');
SELECT * FROM plain;
ALTER FOREIGN TABLE plain OPTIONS (ADD result_format 'csv');
SELECT * FROM plain;

-- numbers are strings: what the type's own function makes of each
CREATE FUNCTION cast_as(type text, value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN EXECUTE format('SELECT (%L::%s)::text', value, type) INTO result; RETURN coalesce(result, 'null'); EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;
CREATE FUNCTION read_as(type text, value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN PERFORM table_over(format('v %s', type), format(E'v\n"%s"\n', replace(value, '"', '""'))); EXECUTE 'SELECT v::text FROM f' INTO result; RETURN coalesce(result, 'null');
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;
SELECT type, count(*), count(*) FILTER (WHERE length(cast_as(type, v)) = 5), string_agg(v, '|') FILTER (WHERE cast_as(type, v) <> read_as(type, v)) AS differ
FROM unnest(ARRAY['int2', 'int4', 'int8', 'float8', 'float4', 'numeric', 'bool', 'uuid', 'text']) AS type,
  unnest(ARRAY['', '0', '-0', '007', '-', '.', '-.', '1', '-12', '+5', ' 7 ', '1.5', '1.', '.5', '-.5', '1.2.3', '1..', '1e3', '1E-2', '32768', '-32768', '2147483648',
  '-2147483648', '99999999999999999', '999999999999999999', '9223372036854775808', '12345678901234567.5', '0.1234567890123456', '1,5', 'NaN', 'inf', 'true', 'f', 'a"b', '--1', '1-', '1 2',
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}']) AS v GROUP BY type ORDER BY type;
DROP FUNCTION cast_as, read_as;

-- rows that are bad
SELECT table_over($$line bigint OPTIONS (meta 'line'), a int, b text$$,
E'a,b\n1,2\n3\n4,5,6\n7,8"\nx,9\n10,11\n12,\n"13"x,14\n"15","16\n17"\n', $$, on_error 'null'$$);
SET client_min_messages = notice;
SELECT * FROM f;
SELECT line, column_name, sqlstate, message, record FROM batch_fdw_rejects();
ALTER FOREIGN TABLE f OPTIONS (SET on_error 'skip');
SELECT * FROM f;
SELECT column_name, type, path FROM batch_fdw_infer('f');
ALTER FOREIGN TABLE f OPTIONS (DROP on_error);
SELECT * FROM f;
SELECT * FROM f LIMIT 1;
SELECT count(*) FROM batch_fdw_infer('f');
-- longer than may be: the row, or the record that it becomes
CREATE SERVER small FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', allow_private_hosts 'true', result_hosts '127.0.0.1:9471', max_record_size '1kB', result_format 'csv');
CREATE FOREIGN TABLE long (line bigint OPTIONS (meta 'line'), a text, b text) SERVER small OPTIONS (resource 'results', on_error 'skip', url 'http://x');
DO $$ BEGIN EXECUTE format('ALTER FOREIGN TABLE long OPTIONS (SET url %L)', 'http://127.0.0.1:9471/echo/' ||
  encode(convert_to(E'a,b\n1,2\n"' || repeat(E'x\n""', 400) || E'",3\n4,5\n' || repeat('y', 1020) || E',6\n' || repeat('\', 600) || E',7\n8,9', 'UTF8'), 'hex') || '?piece=100'); END $$;
SELECT * FROM long;
SELECT line, sqlstate, message FROM batch_fdw_rejects();
DO $$ BEGIN EXECUTE format('ALTER FOREIGN TABLE long OPTIONS (SET url %L)', 'http://127.0.0.1:9471/echo/' ||
  encode(convert_to(repeat('y', 1100) || E',b\n1,2', 'UTF8'), 'hex')); END $$;
SELECT * FROM long;
-- characters that are none
CREATE FOREIGN TABLE bytes (a text, b text) SERVER small OPTIONS (resource 'results', url 'http://127.0.0.1:9471/echo/612c620ac3a92c320aff2c310a');
SELECT * FROM bytes LIMIT 1;
SELECT * FROM bytes;
ALTER FOREIGN TABLE bytes OPTIONS (SET url 'http://127.0.0.1:9471/echo/612cff0a312c320a');
SELECT * FROM bytes;
ALTER FOREIGN TABLE bytes OPTIONS (SET url 'http://127.0.0.1:9471/echo/612c620a00782c320a');
SELECT * FROM bytes;

-- as results of a job, in parts, gzipped or not; each file has its header
CREATE SERVER reports FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'http://127.0.0.1:9470', allow_private_hosts 'true', auth_header '',
  job_url '/{id}', result_hosts '127.0.0.1:9471', urls_path '$.urls[*]', result_format 'csv', result_columns 'a int, b text = ($.b, $.c)');
DO $$ BEGIN EXECUTE format('ALTER SERVER reports OPTIONS (SET job_url %L)', '/named/json/' || encode(convert_to(format('{"status": "completed", "urls": ["http://127.0.0.1:9471/echo/%s", "http://127.0.0.1:9471/echo/%s"]}',
  encode(E'a,b\n1,x\n2,y', 'hex'), encode(E'c,a\r\nz,3\r\n', 'hex')), 'UTF8'), 'hex') || '/{id}'); END $$;
CREATE SCHEMA reports;
IMPORT FOREIGN SCHEMA batch FROM SERVER reports INTO reports;
SELECT part, line, a, b FROM reports.results WHERE job_id = 'j' ORDER BY part, line;
DROP SCHEMA reports CASCADE;
DROP SERVER reports;
DROP SERVER small CASCADE;
DROP FOREIGN TABLE f, plain;
DROP FUNCTION table_over, verdict;
