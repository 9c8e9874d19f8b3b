-- The columns that hold the records of a job or a file: batch_fdw_infer() and IMPORT.

-- Infer the columns of records, given as lines; what there is of all parameters but the lines
CREATE FUNCTION infer(lines text[], records int DEFAULT 1000, depth int DEFAULT 2, options text DEFAULT '')
RETURNS TABLE (column_name text, type text, path text, present bigint, nulls bigint, distinct_types text[], example text)
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE FOREIGN TABLE lines () SERVER files OPTIONS (resource ''results'', result_format ''jsonl'', url %L %s)',
    'http://127.0.0.1:9471/echo/' || encode(convert_to(array_to_string(lines, E'\n'), 'UTF8'), 'hex'), options);
  RETURN QUERY SELECT * FROM batch_fdw_infer('lines', NULL, records, depth);
  DROP FOREIGN TABLE lines;
END $$;
-- The type of the member v that has the values
CREATE FUNCTION type_of(VARIADIC v text[]) RETURNS TABLE (type text, distinct_types text[]) LANGUAGE sql AS $$
  SELECT type, distinct_types FROM infer((SELECT array_agg(format('{"v":%s}', u)) FROM unnest(v) AS u), depth => 1) $$;

-- of a job by its id, of the newest that has results, of the table's own
SELECT * FROM reset;
SELECT * FROM batch_fdw_infer('crustdata.results', '53ab0000-0000-4000-8000-000000000001');
SELECT path FROM asked();
SELECT * FROM reset;
SELECT column_name, type, present, nulls FROM batch_fdw_infer('crustdata.results', depth => 1, records => 2);
SELECT path FROM asked();
CREATE FOREIGN TABLE big () SERVER crustdata OPTIONS (resource 'results', job_id 'big-40000');
SELECT column_name, type, path, present FROM batch_fdw_infer('big', records => 3, depth => 3);
SELECT * FROM batch_fdw_infer('big', '53ab0000-0000-4000-8000-000000000001');
-- of jobs, by the listing, a page as long as is wanted
SELECT * FROM reset;
SELECT column_name, type, present, nulls, example FROM batch_fdw_infer('crustdata.jobs', records => 3);
SELECT * FROM asked();
-- of a file
CREATE FOREIGN TABLE wrapped () SERVER files OPTIONS (resource 'results',
  url 'http://127.0.0.1:9471/edge/wrapped_array.json', rows_path '$.data.items');
SELECT * FROM batch_fdw_infer('wrapped');
-- no record, no column
CREATE FOREIGN TABLE empty () SERVER files OPTIONS (resource 'results', url 'http://127.0.0.1:9471/edge/empty.jsonl');
SELECT * FROM batch_fdw_infer('empty');

-- one type
SELECT left(v::text, 60) AS v, t.* FROM (VALUES (ARRAY['true', 'false']), ('{1,-2}'), ('{9223372036854775807,-9223372036854775808}'),
  ('{9223372036854775808}'), ('{-9223372036854775809}'), ('{12345678901234567890}'), ('{1.5}'), ('{1e3}'), ('{-1.25E-7}'), ('{0e0}'),
  ('{123456789012345e1}'), ('{1234567890123456e1}'), ('{1e280}'), ('{1e281}'), ('{1e-1000}'), ('{1e1001}'), (ARRAY[repeat('9', 1001)]),
  (ARRAY['"2026-02-28"']), (ARRAY['"2026-02-30"']), (ARRAY['"20260228"']), (ARRAY['"2026-02-28T10:00:00Z"']), (ARRAY['"2026-02-28 10:00:00.123456+02:00"']),
  (ARRAY['"2026-02-28T10:00:00.1234567Z"']), (ARRAY['"2026-02-28T10:00:00"']), (ARRAY['"10:00:00"']), (ARRAY['"now"']),
  (ARRAY['"53AB0000-0000-4000-8000-000000000001"']), (ARRAY['"53ab000000004000800000000000001"']), (ARRAY['"{53ab0000-0000-4000-8000-000000000001"']),
  (ARRAY['"12"']), (ARRAY['"true"']), (ARRAY['""']), (ARRAY['"\u0041"']), (ARRAY['"\u0000"']), (ARRAY['"\ud800"']), (ARRAY['null']),
  (ARRAY['{"a":1}']), (ARRAY['{}']), ('{[]}'), (ARRAY['[null]']), (ARRAY['[true]']), (ARRAY['[1,null,2]']), (ARRAY['[1,2.5]']), (ARRAY['["a","b"]']),
  (ARRAY['["2026-02-28"]']), (ARRAY['["53ab0000-0000-4000-8000-000000000001"]']), (ARRAY['[{"a":1}]']), (ARRAY['[[1]]']), (ARRAY['["\u0000"]']),
  (ARRAY['{"a":"\u0000"}']), (ARRAY['{"\u0000":1}']), (ARRAY['[{"a":1e1001}]']), (ARRAY['[1e1001]'])) AS w (v), type_of(VARIADIC v) AS t;
-- several
SELECT left(v::text, 60) AS v, t.* FROM (VALUES (ARRAY['1', '2.5']), ('{1,1e3}'), ('{1.5,1e3}'), ('{1234567890123456,1e3}'), (ARRAY['1', 'null']), ('{1,true}'), (ARRAY['1', '"1"']),
  (ARRAY['"2026-02-28"', '"2026-02-28T10:00:00Z"']), (ARRAY['"2026-02-28"', '""']), (ARRAY['"2026-02-28"', '1']),
  (ARRAY['"53ab0000-0000-4000-8000-000000000001"', '"a"']), (ARRAY['1', '{"a":1}']), (ARRAY['{"a":"\u0000"}', '1']),
  (ARRAY['[1]', '1']), (ARRAY['[1]', '[2.5]']), (ARRAY['[1]', '["a"]']), (ARRAY['[1]', '[]']), (ARRAY['[1]', '[[1]]']), (ARRAY['[1]', '{"a":1}']),
  (ARRAY['"\u0000"', '"a"']), (ARRAY['"\u0000"', '1', '{"a":1}']), (ARRAY['1e1001', '1']), (ARRAY['1e1001', '[1]'])) AS w (v), type_of(VARIADIC v) AS t;

-- members of members, to a depth; objects and something else; duplicates; what is there and null
SELECT column_name, type, path, present, nulls FROM infer('{"{\"a\":{\"b\":{\"c\":{\"d\":1}}}}"}', depth => 1);
SELECT column_name, type, path, present, nulls FROM infer('{"{\"a\":{\"b\":{\"c\":{\"d\":1}}}}"}', depth => 3);
SELECT column_name, type, path, present, nulls FROM infer('{"{\"a\":{\"b\":{\"c\":{\"d\":1}}}}"}', depth => 64);
SELECT column_name, type, path, present, nulls, distinct_types FROM infer(ARRAY['{"a":{"b":1,"c":2},"d":null}', '{"a":null}', '{"a":7}', '{"a":{"b":2}}']);
SELECT column_name, type, path, present, nulls, distinct_types FROM infer(ARRAY['{"a":{"b":1,"c":2},"d":null}', '{"a":null}', '{"a":{}}', '{"a":{"b":null}}']);
SELECT column_name, type, path, present, nulls FROM infer(ARRAY['{"a":"x","b":1,"a":1}', '{"a":{"b":1},"a":2,"\u0061":{"c":true}}', '{"a":{"b":1},"a":{"c":true}}']);
SELECT column_name, type, path, present, nulls FROM infer(ARRAY['{"a":{"b":1},"a":{"c":true}}']);
-- records that are no objects
SELECT * FROM infer(ARRAY['1', '2']);
SELECT * FROM infer(ARRAY['[1,2]', 'null']);
SELECT * FROM infer(ARRAY['{}']);
SELECT * FROM infer(ARRAY['{"a":1}', '1']);

-- names: snake case, made distinct by parents, then by numbers; none that the table has already
SELECT column_name, path FROM infer(ARRAY[$${"companyName":1,"HTTPServer":1,"ID":1,"hq City ":1,"2nd":1,"":1,"!?":1,"__x__y":1,"étéÉ":1,"select":1,"a.b":1,"part":1,"Line":1,"job_id":1,"ctid":1,"xMin":1,"quote\"d \\ key":1,"tab\tkey":1,"$.x":1}$$], depth => 1);
SELECT column_name, path FROM infer(ARRAY['{"name":1,"data":{"name":2,"city":3,"line":4},"hq":{"city":5},"A":6,"a":7,"Data":{"name":8},"a_2":9}']);
SELECT column_name, path FROM infer(ARRAY[format('{"%1$s":1,"%1$sx":2,"o":{"%1$s":3},"%2$s":4}', repeat('k', 63), repeat('é', 40))]);
SELECT max(length(path)), count(DISTINCT column_name), max(octet_length(column_name)) FROM infer(ARRAY[format('{%s}',
  (SELECT string_agg(format('"%s%s":1', repeat('€', 100), n), ',') FROM generate_series(1, 100) AS n))]);
-- a key that no path can name
SELECT column_name, type, path FROM infer(ARRAY[format('{"a":{"%s":1,"b":2},"c":1}', repeat('k', 1001)), '{"a":{"b":1}}']);
SELECT column_name, type, path FROM infer(ARRAY['{"a":{"b":1,"\u0000":2},"c":1}']);
SELECT left(column_name, 1) AS name, type, length(path) FROM infer(ARRAY[format('{"%1$s":{"%1$s":1},"c":1}', repeat('k', 600))]);

-- up to 1,000 columns; those of an object that becomes one value do not count any more
CREATE FUNCTION many(n int) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(format('"k%s":%s', i, i), ',') FROM generate_series(1, n) AS i $$;
SELECT count(*) FROM infer(ARRAY['{' || many(1000) || '}']);
SELECT count(*) FROM infer(ARRAY['{"o":{' || many(600) || '}}', '{"o":1,"p":{' || many(999) || '}}']);
SELECT count(*) FROM infer(ARRAY['{' || many(1001) || '}']);
SELECT count(*) FROM infer(ARRAY['{' || many(1001) || '}'], depth => 1);
SELECT sqlstate_of($$ SELECT count(*) FROM infer(ARRAY['{"a":1,"o":{' || many(1000) || '}}']) $$);

-- examples: short, without signatures and the key
SELECT column_name, example FROM infer(ARRAY[$${"url":"https://u:p@files.example.com/a?X-Amz-Signature=0123456789abcdef","long":"$$ || repeat('é', 61) || $$","raw":{"u":"https:\/\/files.example.com\/a?X-Amz-Signature=0123456789abcdef"},"lines":"a\nb","n":null,"cut":"$$ || repeat('\u00e9', 3000) || '"}'], depth => 1);

-- records that are bad
SELECT * FROM infer(ARRAY['{"a":1}', '{"a":', '{"b":1}']);
SELECT column_name, present FROM infer(ARRAY['{"a":1}', '{"a":', '{"b":1}'], options => ', on_error ''skip''');

-- what is refused
SELECT * FROM batch_fdw_infer('crustdata.results', '..');
SELECT * FROM batch_fdw_infer('crustdata.results', '00000000-0000-4000-8000-000000000000');
SELECT * FROM batch_fdw_infer('crustdata.results', 'not-done');
SELECT * FROM batch_fdw_infer('wrapped', 'not-done');
SELECT * FROM batch_fdw_infer('bigdata.results');
SELECT * FROM batch_fdw_infer('pulse.results', 'pulse-pointer-files');
SELECT * FROM batch_fdw_infer('big', records => 0);
SELECT * FROM batch_fdw_infer('big', depth => 0);
SELECT * FROM batch_fdw_infer('big', depth => 65);
SELECT * FROM batch_fdw_infer('big', depth => NULL);
SELECT * FROM batch_fdw_infer(NULL);
SELECT * FROM batch_fdw_infer('pg_class');

-- a role that may read a table's columns does not see those that it does not have
CREATE ROLE reader;
GRANT SELECT ON big TO reader;
SET ROLE reader;
SELECT * FROM batch_fdw_infer('big');
RESET ROLE;
REVOKE SELECT ON big FROM reader;
GRANT USAGE ON FOREIGN SERVER crustdata TO reader;
SET ROLE reader;
SELECT * FROM batch_fdw_infer('big');
RESET ROLE;
GRANT SELECT ON big TO reader;
SET ROLE reader;
SELECT count(*) FROM batch_fdw_infer('big');
RESET ROLE;
REVOKE ALL ON FOREIGN SERVER crustdata FROM reader;
REVOKE ALL ON big FROM reader;
DROP ROLE reader;

-- IMPORT makes the table, with what each column is as its comment
CREATE SCHEMA crm;
SELECT * FROM reset;
IMPORT FOREIGN SCHEMA batch LIMIT TO (companies) FROM SERVER crustdata INTO crm OPTIONS (job_id '53ab0000-0000-4000-8000-000000000001', records '5000', depth '3');
SELECT path FROM asked();
CREATE VIEW made AS SELECT c.oid::regclass AS "table", ftoptions, attname, format_type(atttypid, atttypmod), attfdwoptions, col_description(attrelid, attnum)
  FROM pg_foreign_table JOIN pg_class c ON c.oid = ftrelid JOIN pg_attribute ON attrelid = ftrelid AND attnum > 0 WHERE relnamespace = 'crm'::regnamespace ORDER BY 1, attnum;
SELECT * FROM made;
SELECT * FROM crm.companies WHERE batch_id = '53ab0000-0000-4000-8000-000000000001' ORDER BY line LIMIT 2;
IMPORT FOREIGN SCHEMA batch LIMIT TO ("Odd ""File""") FROM SERVER files INTO crm OPTIONS (url 'http://127.0.0.1:9471/edge/good.jsonl', records '2');
SELECT attname, format_type, attfdwoptions, col_description, ftoptions FROM made WHERE "table" <> 'crm.companies'::regclass;
SELECT * FROM crm."Odd ""File""";

-- event triggers see what it does
CREATE FUNCTION tell() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
  FOR r IN SELECT command_tag, object_identity FROM pg_event_trigger_ddl_commands() WHERE command_tag <> 'ALTER FOREIGN TABLE' LOOP
    RAISE NOTICE '%: % %', tg_tag, r.command_tag, r.object_identity;
  END LOOP;
END $$;
CREATE EVENT TRIGGER tell ON ddl_command_end EXECUTE FUNCTION tell();
IMPORT FOREIGN SCHEMA batch LIMIT TO (told) FROM SERVER files INTO crm OPTIONS (url 'http://127.0.0.1:9471/edge/good.jsonl', depth '1');
DROP EVENT TRIGGER tell;
DROP FUNCTION tell();
DROP FOREIGN TABLE crm.told;

-- what IMPORT refuses
IMPORT FOREIGN SCHEMA batch FROM SERVER crustdata INTO crm OPTIONS (job_id '53ab0000-0000-4000-8000-000000000001');
IMPORT FOREIGN SCHEMA batch LIMIT TO (a, b) FROM SERVER crustdata INTO crm OPTIONS (job_id '53ab0000-0000-4000-8000-000000000001');
IMPORT FOREIGN SCHEMA batch EXCEPT (a) FROM SERVER crustdata INTO crm OPTIONS (job_id '53ab0000-0000-4000-8000-000000000001');
IMPORT FOREIGN SCHEMA batch LIMIT TO (a) FROM SERVER crustdata INTO crm OPTIONS (records '1');
IMPORT FOREIGN SCHEMA batch LIMIT TO (a) FROM SERVER crustdata INTO crm OPTIONS (job_id 'a', url 'b');
IMPORT FOREIGN SCHEMA batch LIMIT TO (a) FROM SERVER crustdata INTO crm OPTIONS (job_id 'a', all_columns 'true');
IMPORT FOREIGN SCHEMA batch LIMIT TO (a) FROM SERVER crustdata INTO crm OPTIONS (job_id 'a', records 'many');
IMPORT FOREIGN SCHEMA batch LIMIT TO (a) FROM SERVER crustdata INTO crm OPTIONS (job_id 'a', depth '0');
IMPORT FOREIGN SCHEMA batch LIMIT TO (a) FROM SERVER crustdata INTO crm OPTIONS (job_id 'edge-empty.jsonl');
SELECT * FROM reset;
IMPORT FOREIGN SCHEMA batch LIMIT TO (companies) FROM SERVER crustdata INTO crm OPTIONS (job_id '53ab0000-0000-4000-8000-000000000001');
SELECT path FROM asked();
SELECT DISTINCT "table" FROM made;

SET client_min_messages = warning;
DROP VIEW made;
DROP SCHEMA crm CASCADE;
DROP FOREIGN TABLE big, wrapped, empty;
DROP FUNCTION infer(text[], int, int, text), type_of(text[]), many(int);
