-- Under on_error a value that a domain does not admit is passed over; an error
-- that a domain's own function raises is none of the value, and stays one.
CREATE FUNCTION inverse(int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 10 / $1; END $$;
CREATE FUNCTION broken(int) RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
  IF $1 = 0 THEN RAISE 'invalid input syntax for type integer: "x"' USING ERRCODE = '22P02'; END IF;
  IF $1 = 9 THEN RAISE check_violation; END IF;
  RETURN $1 <> 3;
END $$;
CREATE DOMAIN called AS int CHECK (inverse(VALUE) <> 3);
CREATE DOMAIN plain AS int CHECK (10 / VALUE <> 3);
CREATE DOMAIN mimic AS int CHECK (broken(VALUE));
CREATE DOMAIN required AS plain NOT NULL;
CREATE DOMAIN other AS int CHECK ((VALUE + 3)::plain <> 9);
CREATE DOMAIN above AS plain CHECK (VALUE < 100);
CREATE DOMAIN plains AS plain[] CHECK (cardinality(VALUE) < 3);
CREATE DOMAIN short AS varchar(3) CHECK (10 / length(VALUE) <> 5);
CREATE TYPE holder AS (a int, b plain);
CREATE TYPE outermost AS (h holder, gone int, p plain[], t text);
ALTER TYPE outermost DROP ATTRIBUTE gone;
CREATE DOMAIN held AS holder CHECK (1000 / (VALUE).a > 9);
CREATE TYPE span AS RANGE (subtype = plain);
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN well AS mood CHECK (VALUE <> 'sad');
CREATE DOMAIN job AS text CHECK (VALUE <> 'failed');

-- Read a value, and say what came of it.
CREATE FUNCTION read_one(type text, document text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE n text;
BEGIN
  EXECUTE format('CREATE FOREIGN TABLE one (v %s) SERVER files OPTIONS (resource ''results'', on_error ''skip'', url %L)', type,
    'http://127.0.0.1:9471/echo/' || encode(convert_to('{"v":' || document || '}', 'UTF8'), 'hex'));
  n := outcome_of('SELECT count(ROW(v)) FROM one');
  n := CASE n WHEN '0' THEN (SELECT 'passed over: ' || sqlstate FROM batch_fdw_rejects()) WHEN '1' THEN 'read' ELSE 'error: ' || n END;
  DROP FOREIGN TABLE one;
  RETURN n;
END $$;
SET client_min_messages = warning;
SELECT type, document, read_one(type, document) FROM (VALUES
  ('called', ARRAY['1', '3', '0', '"x"', 'null']),
  ('plain', ARRAY['1', '3', '0', '"x"', 'null']),
  ('mimic', ARRAY['1', '3', '0', '9', '"x"']),
  ('required', ARRAY['1', '3', '0', '"x"', 'null']),
  ('other', ARRAY['1', '0', '-3', '6', '"x"']),
  ('above', ARRAY['1', '3', '0', '200', '"x"']),
  ('short', ARRAY['"abc"', '"ab"', '""', '"abcd"']),
  ('well', ARRAY['"ok"', '"sad"', '"glad"']),
  ('plain[]', ARRAY['[1]', '[3]', '[1,0]', '["x",0]', '1']),
  ('plains', ARRAY['[1]', '[3]', '[0]', '[1,1,1]', '["x"]']),
  ('holder', ARRAY['"(1,1)"', '"(1,3)"', '"(1,0)"', '"(x,0)"', '"(1,x)"', '"(1"', '1']),
  ('held', ARRAY['"(1,1)"', '"(200,1)"', '"(0,1)"', '"(1,3)"', '"(1,0)"', '"(x,1)"']),
  ('holder[]', ARRAY['["(1,1)"]', '["(1,3)"]', '["(1,0)"]', '["(x,1)"]']),
  ('outermost', ARRAY['"(\"(1,1)\",{1},a)"', '"(\"(1,3)\",,)"', '"(\"(1,0)\",,)"', '"(\"(x,0)\",,)"', '"(,{0},)"', '"(,{3},)"', '"(,{x},)"']),
  ('span', ARRAY['"[1,2)"', '"[1,3)"', '"[0,1)"'])) AS v (type, documents), unnest(documents) AS document;

-- NULL for what is passed over; an error where the function is called, and there alone
SELECT 'http://127.0.0.1:9471/echo/' || encode(convert_to(E'{"a":1,"h":"(1,1)"}\n{"a":3,"h":"(1,3)"}\n{"a":"x"}\n{"a":0,"h":"(1,1)"}',
  'UTF8'), 'hex') AS url \gset
CREATE FOREIGN TABLE pairs (a plain, h holder, line int OPTIONS (meta 'line')) SERVER files
  OPTIONS (resource 'results', on_error 'null', url :'url');
SELECT * FROM pairs LIMIT 3;
SELECT line, column_name, sqlstate, message FROM batch_fdw_rejects();
SELECT * FROM pairs;
SELECT h, line FROM pairs;

-- what is known of a job without its record is no different
CREATE FOREIGN TABLE jobs (id text OPTIONS (meta 'job_id'), state job OPTIONS (meta 'state')) SERVER crustdata
  OPTIONS (resource 'jobs', on_error 'skip');
SELECT state, count(*) FROM jobs GROUP BY state ORDER BY state;
ALTER DOMAIN job ADD CHECK (10 / (length(VALUE) - 10) <> 1) NOT VALID;
SELECT count(state) FROM jobs;

SET client_min_messages = warning;
DROP FOREIGN TABLE pairs, jobs;
DROP FUNCTION read_one;
DROP TYPE span, outermost;
DROP DOMAIN job, well, held, short, plains, above, other, required, mimic, called;
DROP TYPE holder, mood;
DROP DOMAIN plain;
DROP FUNCTION inverse, broken;
