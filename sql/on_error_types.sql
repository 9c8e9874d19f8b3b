-- on_error, by type: arrays, domains, enums, composites, json, times.
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
  '{"a":1,"r":"x","e":2,"m":"ok","p":"(1,2)","i":[1,2],"d":[1],"j":"\\u0000","jb":{"a":"x"},"t":1781266983,"n":1.25}',
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

SET client_min_messages = warning;
DROP FOREIGN TABLE bad;
DROP TYPE pair, mood; DROP DOMAIN positive, required, even;
DROP FUNCTION is_even;
