-- A path that finds nothing in a whole scan is told of: it may be misspelt.
-- Make the table people over so many records {"name": ..., "age": ..., "null": null}.
CREATE FUNCTION people(records int, options text DEFAULT '') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  SET LOCAL client_min_messages = warning;
  DROP FOREIGN TABLE IF EXISTS people;
  EXECUTE format('CREATE FOREIGN TABLE people (name text, nmae text, age int, "null" int, city text OPTIONS (path ''$.hq.city''),
    nested text OPTIONS (path ''$.name.first''), line int OPTIONS (meta ''line''), record jsonb OPTIONS (path ''$''))
    SERVER files OPTIONS (resource ''results'', url %L %s)', 'http://127.0.0.1:9471/repeat/' || records || '/20/' ||
    encode(convert_to('{"name": "x", "age": 1, "null": null}' || E'\n', 'UTF8'), 'hex') || '/20', options);
END $$;
SELECT people(4000);
SELECT count(nmae) FROM people;
SELECT count(name), count(nmae), count("null"), count(city), count(nested), count(line), count(record) FROM people;
SELECT count(*), count(name) FROM people;
-- not of a scan that broke off, nor of one that was few records long
SELECT nmae FROM people LIMIT 1;
SELECT EXISTS (SELECT FROM people WHERE nmae IS NULL);
BEGIN;
DECLARE c CURSOR FOR SELECT nmae FROM people;
MOVE 3900 IN c;
CLOSE c;
DECLARE c CURSOR FOR SELECT nmae FROM people;
MOVE ALL IN c;
CLOSE c;
COMMIT;
SELECT people(9);
SELECT count(nmae) FROM people;
SELECT people(10);
SELECT count(nmae) FROM people;
-- once for all rescans
SELECT count(n), sum(c) FROM generate_series(1, 3) n, LATERAL (SELECT count(nmae) AS c FROM people WHERE line > n OFFSET 0) p;
-- a client that wants no notices gets none
SET client_min_messages = warning;
SELECT count(nmae) FROM people;
RESET client_min_messages;
-- with bad records: of those that were looked at whole
SELECT make_bad('a int, b int', $$, on_error 'skip'$$, VARIADIC array_fill('{"a": "x", "b": 1}'::text, ARRAY[12]));
SELECT count(a), count(b) FROM bad;
SELECT make_bad('a int, b int', $$, on_error 'null'$$, VARIADIC array_fill('{"a": "x", "b": 1}'::text, ARRAY[12]));
SELECT count(a), count(b) FROM bad;
SELECT make_bad('a int, c int', $$, on_error 'null'$$, VARIADIC array_fill('{"a": "x", "b": 1}'::text, ARRAY[12]) || '{'::text);
SELECT count(a), count(c) FROM bad;
-- jobs: but not of what the listing lacks, and not where the listing ended early
CREATE FOREIGN TABLE jobs (batch_id uuid, statsu text, error_message text, download_url text, created_at timestamptz) SERVER crustdata OPTIONS (resource 'jobs');
SELECT count(*), count(batch_id), count(statsu) FROM jobs;
SELECT count(download_url) FROM jobs WHERE batch_id = '53ab0000-0000-4000-8000-000000000001';
SELECT count(statsu) FROM jobs WHERE created_at > '2026-06-12';
-- several processes see some of the records each, and none all
CREATE FOREIGN TABLE parts (job text OPTIONS (meta 'job_id'), nmae text) SERVER crustdata OPTIONS (resource 'results', rows '1000000');
SET max_parallel_workers_per_gather = 0;
SELECT count(nmae) FROM parts WHERE job = 'parts-4-10';
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SELECT count(nmae) FROM parts WHERE job = 'parts-4-10';
RESET ALL;
ANALYZE people;

DROP FOREIGN TABLE people, bad, jobs, parts;
DROP FUNCTION people;
