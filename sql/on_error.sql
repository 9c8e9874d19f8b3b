-- Bad records and values: on_error null and skip, reject_limit, batch_fdw_rejects().
-- Make the table bad of lines, with the columns and options given.
CREATE FUNCTION make_bad(columns text, options text, VARIADIC lines text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  SET LOCAL client_min_messages = warning;
  DROP FOREIGN TABLE IF EXISTS bad;
  EXECUTE format('CREATE FOREIGN TABLE bad (part int OPTIONS (meta ''part''), line bigint OPTIONS (meta ''line''), %s)
    SERVER files OPTIONS (resource ''results'', result_format ''jsonl'', url %L %s)', columns, 'http://127.0.0.1:9471/echo/' ||
    encode(decode(array_to_string(lines, E'\n'), 'escape'), 'hex'), options);
END $$;
CREATE FUNCTION explain_json(query text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO plan;
  RETURN plan;
END $$;
CREATE VIEW rejects AS SELECT part, line, column_name, sqlstate, message, record FROM batch_fdw_rejects();

-- values that do not fit, and records that are none: text is bytes, \303 is one
SELECT make_bad('a int, b text', $$, on_error 'null'$$, '{"a":1,"b":"one"}', '{"a":"lots","b":"two"}', '{"a":3,"b":"th',
  '{"a":4,"b":"\\u0000"}', '{"a":5,"b":"\303"}', '', '{"a":99999999999,"b":"\\ud800"}', '{"a":8}');
SELECT * FROM bad;
SELECT * FROM rejects;
ALTER FOREIGN TABLE bad OPTIONS (SET on_error 'skip');
SELECT * FROM bad;
SELECT * FROM rejects;
SELECT relation, job_id, count(*) FROM batch_fdw_rejects() GROUP BY 1, 2;
ALTER FOREIGN TABLE bad OPTIONS (DROP on_error);
SELECT * FROM bad;
-- only wanted columns are converted; a bad record is bad for all
ALTER FOREIGN TABLE bad OPTIONS (ADD on_error 'skip');
SELECT line FROM bad;
SELECT count(*) FROM bad;

-- more than reject_limit are an error, of the last one's SQLSTATE; as many are not
ALTER FOREIGN TABLE bad OPTIONS (ADD reject_limit '5');
SELECT count(b) FROM bad WHERE a > 0;
ALTER FOREIGN TABLE bad OPTIONS (SET reject_limit '4');
SELECT count(b) FROM bad WHERE a > 0;
SELECT count(*) FROM rejects;
\set VERBOSITY sqlstate
SELECT a, b FROM bad;
ALTER FOREIGN TABLE bad OPTIONS (SET reject_limit '0');
SELECT a, b FROM bad;
\set VERBOSITY default

-- what is not reached does not count
SELECT a FROM bad LIMIT 1;
ALTER FOREIGN TABLE bad OPTIONS (SET reject_limit '1');
SELECT a FROM bad WHERE a IS NOT NULL LIMIT 1;
SELECT count(*) FROM rejects;
ALTER FOREIGN TABLE bad OPTIONS (DROP reject_limit);
BEGIN;
DECLARE c CURSOR FOR SELECT line, a FROM bad;
FETCH 2 FROM c;
SELECT line, sqlstate FROM rejects;
CLOSE c;
DECLARE c CURSOR WITH HOLD FOR SELECT line, a FROM bad;
COMMIT;
FETCH ALL FROM c;
CLOSE c;

-- types: arrays, domains, enums, composites, json, times
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN required AS text NOT NULL;
CREATE FUNCTION is_even(int) RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
  IF $1 = 13 THEN RAISE 'no luck'; END IF;
  RETURN $1 % 2 = 0;
END $$;
CREATE DOMAIN even AS int CHECK (is_even(VALUE));
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE pair AS (a int, b positive);
SELECT make_bad('a positive, r required, e even, m mood, p pair, i int[], d positive[], j json, jb jsonb, t timestamptz, n numeric(3,1)',
  $$, on_error 'null'$$,
  '{"a":1,"r":"x","e":2,"m":"ok","p":"(1,2)","i":[1,2],"d":[1],"j":"\\u0000","jb":{"a":"x"},"t":0,"n":1.25}',
  '{"a":-1,"r":null,"e":3,"m":"glad","p":"(1,-2)","i":[1,"x"],"d":[0],"j":1,"jb":["\\u0000"],"t":"now","n":1000}',
  '{"a":"x","r":"y","e":"x","m":1,"p":"(x,2)","i":{"a":1},"d":["x"],"j":null,"jb":"\\ud800","t":9e99,"n":"1,5"}');
\x
SET timezone = 'UTC';
SELECT * FROM bad;
\x
SELECT line, column_name, sqlstate, message FROM rejects;

-- an error in what a domain's CHECK calls is no value's: it stays an error
SELECT make_bad('e even', $$, on_error 'skip'$$, '{"e":2}', '{"e":3}', '{"e":13}');
SELECT e FROM bad;
SELECT e FROM bad LIMIT 1;

-- records that are too long or too deep; lines behind them are read
ALTER SERVER files OPTIONS (ADD max_record_size '1kB');
SELECT make_bad('a int, b text', $$, on_error 'null'$$, '{"a":1}', '{"a":2,"b":"' || repeat('é', 600) || '"}', '{"a":3}',
  repeat(' ', 2000) || '{"a":4}', '{"a":5}', '{"a":6,"b":"' || repeat('x', 3000));
SELECT line, a, length(b) FROM bad;
SELECT line, sqlstate, message, length(record), right(record, 3) AS ending FROM rejects;
SELECT count(*), sum(octet_length(record)) FROM read_file('/echo/' || encode(convert_to(repeat('{"a":1}' || E'\n', 300), 'UTF8'), 'hex')
  || '?piece=500');
ALTER SERVER files OPTIONS (SET max_record_size '1MB');
SELECT line, sqlstate_of(format('SELECT %L::json', record)) FROM read_file('/edge/long_line_3mb.jsonl.gz', $$, on_error 'skip'$$);
SELECT line, sqlstate, message, length(record) FROM rejects;
ALTER SERVER files OPTIONS (DROP max_record_size);
SELECT line, record FROM read_file('/edge/deep_7000.jsonl', $$, on_error 'null'$$);
SELECT line, sqlstate, message FROM rejects;

-- of an array bad elements are passed over; what is not whole is always an error
SELECT line, record FROM read_file('/echo/' || encode('[{"a":1},{"a":tru},{"a":3}]', 'hex'), $$, on_error 'skip'$$);
SELECT make_bad('a int', $$, on_error 'skip'$$, '[{"a":1},', ' {"a":"x"},');
ALTER FOREIGN TABLE bad OPTIONS (SET result_format 'json');
SELECT a FROM bad;
SELECT name, sqlstate_of(format('SELECT * FROM read_file(%L, %L)', '/' || name, $$, on_error 'skip'$$))
  FROM unnest(ARRAY['edge/cut_half.gz', 'edge/bad_crc.gz', 'edge/array_unclosed.json', 'edge/html_200.html', 'fault/missing',
                    'fault/cl-short', 'fault/bad-line', 'fault/utf8', 'edge/raw_nul.jsonl']) AS name;

-- long files: many batches
CREATE FOREIGN TABLE many (line int OPTIONS (meta 'line'), n int OPTIONS (path '$.domain'), record json OPTIONS (path '$'))
  SERVER files OPTIONS (resource 'results', url 'http://127.0.0.1:9471/gen/narrow-5000.jsonl.gz', on_error 'null');
SELECT count(*), count(n), sum(line), count(record) FROM many;
SELECT count(*), min(line), max(line), min(message) FROM rejects;

-- rescans: counted together, told once
SELECT make_bad('a int', $$, on_error 'skip'$$, '{"a":1}', '{"a":"x"}', '{"a":3}');
SELECT i, (SELECT sum(a) FROM bad WHERE a > i) FROM generate_series(0, 2) AS i;
SELECT line, sqlstate FROM rejects;

-- statements of all kinds
CREATE TEMP TABLE loaded (a int);
INSERT INTO loaded SELECT a FROM bad;
SELECT * FROM loaded;
PREPARE above(int) AS SELECT a FROM bad WHERE a > $1;
EXECUTE above(1);
EXECUTE above(0);
DO $$
BEGIN
  INSERT INTO loaded SELECT a / 0 FROM bad;
EXCEPTION WHEN division_by_zero THEN
  RAISE NOTICE 'caught; % rows, % rejects', (SELECT count(*) FROM loaded), (SELECT count(*) FROM rejects);
  INSERT INTO loaded SELECT a FROM bad;
END $$;
SELECT * FROM loaded;
SELECT plan->>'Records' AS records, plan->>'Rejected' AS rejected
  FROM (SELECT (explain_json('SELECT a FROM bad'))->0->'Plan' AS plan) AS x;
ANALYZE bad;
SELECT reltuples FROM pg_class WHERE relname = 'bad';
-- workers elsewhere in the query
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
CREATE TABLE wide AS SELECT i FROM generate_series(1, 3) AS i;
SELECT sum(a), count(*) FROM wide, bad;
SELECT sum(a), count(*) FROM bad, wide;
DROP TABLE wide;
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size;

-- jobs too; and who may see what
CREATE FOREIGN TABLE listed (id text OPTIONS (path '$.batch_id'), n int OPTIONS (path '$.status')) SERVER crustdata
  OPTIONS (resource 'jobs', on_error 'null');
SELECT count(*), count(n) FROM listed;
SELECT right(job_id, 2) AS job, part, line, column_name, message, left(record, 12) AS record FROM batch_fdw_rejects() LIMIT 2;
CREATE ROLE reader;
GRANT USAGE ON FOREIGN SERVER files TO reader;
GRANT SELECT (a) ON bad TO reader;
SET ROLE reader;
SELECT count(*) FROM batch_fdw_rejects();
SELECT a FROM bad;
SELECT line, message, record FROM batch_fdw_rejects();
RESET ROLE;
SELECT count(*) FROM batch_fdw_rejects();
CREATE VIEW a_of_bad AS SELECT a FROM bad;
GRANT SELECT ON a_of_bad TO reader;
SET ROLE reader;
SELECT count(*) FROM a_of_bad WHERE a > 0;
SELECT count(*) FROM batch_fdw_rejects();
RESET ROLE;
SELECT count(*) FROM batch_fdw_rejects();
DROP OWNED BY reader; DROP ROLE reader;

SET client_min_messages = warning;
DROP VIEW rejects, a_of_bad;
DROP FOREIGN TABLE bad, many, listed;
DROP TYPE pair, mood; DROP DOMAIN positive, required, even;
DROP FUNCTION make_bad, is_even, explain_json;
