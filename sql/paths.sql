-- paths of columns: several, of which the first that names a value counts, and [*] into arrays
CREATE FUNCTION table_over(columns text, body text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'DROP FOREIGN TABLE IF EXISTS f';
  EXECUTE format('CREATE FOREIGN TABLE f (%s) SERVER files OPTIONS (resource ''results'', url %L)', columns,
    'http://127.0.0.1:9471/echo/' || encode(convert_to(body, 'UTF8'), 'hex'));
END $$;
SET client_min_messages = warning;

-- the first that is there and not null, whatever it is
SELECT table_over($$line bigint OPTIONS (meta 'line'), a text OPTIONS (path '$.a, $.b.c , $."x,y"'),
  n int OPTIONS (path '$.b.n,$.n'), j jsonb OPTIONS (path '$.b, $.a')$$,
$${"a": "one", "b": {"c": "two", "n": 1}, "n": 2}
{"a": null, "b": {"c": "two"}, "n": 2}
{"b": {"c": null, "n": null}, "x,y": "three"}
{"b": null, "a": {"k": 1}, "n": null}
{"a": "", "a": null, "b": {"c": false}}
[1]
{}
$$);
SELECT * FROM f;
SELECT line FROM f WHERE a = 'two';

-- what does not fit is not passed over
SELECT table_over($$n int OPTIONS (path '$.a, $.b')$$, $${"a": "one", "b": 1}$$);
SELECT * FROM f;

-- [*]: elements without the member are left out, null is NULL, no array is NULL, and an empty one is empty
SELECT table_over($$line bigint OPTIONS (meta 'line'), emails text[] OPTIONS (path '$.contacts[*].email'),
  e jsonb OPTIONS (path '$.contacts[*].email'), j json OPTIONS (path '$.contacts[*].email')$$,
$${"contacts": [{"email": "a@x", "n": 1}, {"n": 2}, {"email": null}, {"email": "b\"\u00e9"}, 7, ["email"], {"email": {"v": [1, 2]}}]}
{"contacts": []}
{"contacts": [{}, 1]}
{"contacts": {"email": "a@x"}}
{"contacts": null}
{}
{"contacts": [{"email": "lost"}], "contacts": [{"email": "first", "email": "last"}, {"email" : "two", "\u0065mail": "three"}]}
{"contacts": [{"email": "lost"}], "contacts": 1}
["contacts"]
$$);
SELECT * FROM f;
SELECT line, cardinality(emails) FROM f WHERE emails @> ARRAY['a@x'];

-- arrays of arrays are flat; elements by number beside all of them
SELECT table_over($$line bigint OPTIONS (meta 'line'), k int[] OPTIONS (path '$.a[*].k[*]'), v text[] OPTIONS (path '$.a[*].k[*].v'),
  first int OPTIONS (path '$.a[0].k[1]'), seconds int[] OPTIONS (path '$.a[*].k[1]'), one int[] OPTIONS (path '$.a[1].k[*]'),
  whole jsonb OPTIONS (path '$.a'), parts jsonb[] OPTIONS (path '$.a[*]')$$,
$${"a": [{"k": [1, 2]}, {"k": [3, null]}, {"k": 4}, {}, {"k": [5], "k": [6, 7, 8]}]}
{"a": [{"k": []}]}
{"a": [[1]]}
{"a": 1}
$$);
SELECT * FROM f;
SELECT table_over($$a text[] OPTIONS (path '$[*]'), b int[] OPTIONS (path '$[*][*]'), c jsonb OPTIONS (path '$[1][*]'), d json OPTIONS (path '$[*][0]')$$,
$$[[1, 2], [3], 4, [], [5]]
  [[], [[6]]] $$);
SELECT a, c, d FROM f;
SELECT b FROM f;

-- alternatives of both kinds; an array that is empty is there
SELECT table_over($$m text[] OPTIONS (path '$.mail[*].v, $.mails, $.m[*]')$$,
$${"mail": [{"v": 1}], "mails": ["no"]}
{"mail": [], "mails": ["no"]}
{"mails": ["yes"], "m": ["no"]}
{"mails": null, "m": ["last", null]}
{"mail": {"v": 1}, "m": 1}
$$);
SELECT * FROM f;

-- types: domains, times, and those that are no arrays
CREATE DOMAIN few AS text[] CHECK (cardinality(VALUE) < 3);
SELECT table_over($$t timestamptz[] OPTIONS (path '$.e[*].at'), d few OPTIONS (path '$.e[*].id')$$,
$${"e": [{"at": 1700000000, "id": "a"}, {"at": "2026-01-02", "id": "b"}]}$$);
SET timezone = 'UTC';
SELECT * FROM f;
SELECT table_over($$d few OPTIONS (path '$.e[*]')$$, $${"e": [1, 2, 3]}$$);
SELECT * FROM f;
SELECT table_over($$d int[] OPTIONS (path '$.e[*]')$$, $${"e": [1, "x", 3]}$$);
SELECT * FROM f;
ALTER FOREIGN TABLE f OPTIONS (ADD on_error 'null');
SELECT * FROM f;
SELECT table_over($$a text OPTIONS (path '$.b, $.a[*]'), b int$$, '{}');
SELECT b FROM f;
SELECT a FROM f;

-- a path that finds nothing is told of, also where it finds the array
SET client_min_messages = notice;
SELECT table_over($$a text[] OPTIONS (path '$.b[*].x, $.a[*].v'), b text[] OPTIONS (path '$.a[*].x'), c text[] OPTIONS (path '$.c[*]'),
  d text OPTIONS (path '$.d, $.e')$$, repeat('{"a": [{"v": 1}], "c": []}' || chr(10), 10));
SELECT count(a), count(b), count(c), count(d) FROM f;

-- what options hold
ALTER FOREIGN TABLE f ALTER COLUMN a OPTIONS (SET path '$.a,');
ALTER FOREIGN TABLE f ALTER COLUMN a OPTIONS (SET path '$.a, b');
ALTER FOREIGN TABLE f ALTER COLUMN a OPTIONS (SET path '$.a, $.b ? (@ > 1)');
ALTER FOREIGN TABLE f ALTER COLUMN a OPTIONS (SET path '$.a', ADD meta 'line');

-- a column of several paths is not the job's id, and nothing is sent for it
CREATE FOREIGN TABLE several (batch_id text OPTIONS (path '$.batch_id, $.id'), status text OPTIONS (path '$.state, $.status'),
  urls text[] OPTIONS (path '$.download_urls[*]'), url text OPTIONS (path '$.other, $.download_url')) SERVER crustdata OPTIONS (resource 'jobs');
EXPLAIN (COSTS OFF) SELECT status FROM several WHERE batch_id = '53ab0000-0000-4000-8000-000000000001' AND status = 'completed';
-- what only the single job has is asked for where any of the paths names it
EXPLAIN (COSTS OFF) SELECT urls FROM several;
EXPLAIN (COSTS OFF) SELECT url FROM several;
SELECT cardinality(urls) AS urls, url IS NOT NULL AS url FROM several WHERE batch_id = '53ab0000-0000-4000-8000-000000000001';

-- columns that IMPORT gives
CREATE SERVER shaped FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'http://127.0.0.1:9470', allow_private_hosts 'true',
  job_url '/b/{id}', urls_path '$.urls[*]', job_columns 'id text, why text = ($.error, $.errors[0]."me(ss,age"), links text[] = ($.urls[*])',
  result_columns 'mails text[] = $.contacts[*].email, name text = ( $.name , $.title )');
CREATE SCHEMA shaped;
IMPORT FOREIGN SCHEMA batch FROM SERVER shaped INTO shaped;
SELECT c.relname, a.attname, format_type(a.atttypid, NULL) AS type, a.attfdwoptions FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = attrelid
 WHERE relnamespace = 'shaped'::regnamespace AND attnum > 0 ORDER BY relname, attnum;
ALTER SERVER shaped OPTIONS (SET result_columns 'name text = ($.name, $.title');
ALTER SERVER shaped OPTIONS (SET result_columns 'name text = ($.name, title)');
ALTER SERVER shaped OPTIONS (SET result_columns 'name text = ()');
DROP SCHEMA shaped CASCADE;
DROP SERVER shaped;
DROP FOREIGN TABLE f, several;
DROP DOMAIN few;
DROP FUNCTION table_over;
