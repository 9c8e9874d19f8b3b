-- paths: nesting, elements, quoted keys, duplicates, escapes in keys
CREATE FUNCTION table_over(columns text, body text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'DROP FOREIGN TABLE IF EXISTS f';
  EXECUTE format('CREATE FOREIGN TABLE f (%s) SERVER files OPTIONS (resource ''results'', url %L)', columns,
    'http://127.0.0.1:9471/echo/' || encode(convert_to(body, 'UTF8'), 'hex'));
END $$;
SET client_min_messages = warning;
SELECT table_over($$a text, "B c" text, x int OPTIONS (path '$.n.x'), n jsonb, first text OPTIONS (path '$.list[0]'),
  deep int OPTIONS (path '$.list[1].k[2]'), quoted int OPTIONS (path '$."a.b"."c\"d"'), empty text OPTIONS (path '$.""'),
  root text OPTIONS (path '$[0]'), line bigint OPTIONS (meta 'line')$$,
$${"a": "one", "B c": "two", "n": {"x": 1, "y": 2}, "list": ["e", {"k": [0, 1, 2]}], "a.b": {"c\"d": 3}, "": "none"}
{"a": 1, "a": null, "a": "last", "n": {"x": 1}, "n": {"y": 2}, "list": [{"k": 1}], "list": {"0": 1}}
{"\u0061": "escaped", "n": {"\u0078": 5}, "A": "other", "list": null}
["zero", "one"]
{"n": [1, 2], "list": "text"}
7
$$);
SELECT * FROM f;
SELECT line, deep FROM f WHERE deep IS NOT NULL;
SELECT count(*) FROM f;
SELECT line FROM f WHERE a = 'last';
SELECT f FROM f WHERE line = 6;

-- columns dropped and added; defaults and constraints are the executor's
ALTER FOREIGN TABLE f DROP COLUMN n, DROP COLUMN first, ADD COLUMN late json OPTIONS (path '$.list');
SELECT line, late FROM f WHERE late IS NOT NULL;
SELECT f.* FROM f LIMIT 1;

-- where a value does not fit: the place
CREATE FOREIGN TABLE bad (id text OPTIONS (meta 'job_id'), part int OPTIONS (meta 'part'), line bigint OPTIONS (meta 'line'),
  headcount int OPTIONS (path '$.data.headcount')) SERVER crustdata OPTIONS (resource 'results');
SELECT * FROM bad WHERE id = 'bad-value';
SELECT id FROM bad WHERE id = 'bad-value' LIMIT 2;
SELECT count(*) FROM bad WHERE id = 'bad-line';
SELECT count(line) FROM bad WHERE id = 'utf8';
SELECT headcount FROM bad WHERE id = 'bad-value' LIMIT 2;

-- a job's own columns come from the answer's text: numbers keep their digits
SELECT table_over('n text, m numeric OPTIONS (path ''$.n''), j json OPTIONS (path ''$'')',
  '{"n": 12345678901234567890123.10}' || E'\n' || '{ "n" : 1e30 }');
SELECT * FROM f;

-- records that no column looks at are validated all the same
SELECT table_over('a int', E'{"a": 1, "b": [1, 2}\n');
SELECT count(*) FROM f;
SELECT table_over('a int', E'{"a": 1}\n{"b": "\\x"}\n');
SELECT count(*) FROM f;

-- without a job there is no job's id: id is a member of the record, and meta 'job_id' an error
SELECT table_over('id text, job_id int, status text', '{"id": "r1", "job_id": 7, "status": "kept"}' || E'\n' || '{"id": 2}');
SELECT * FROM f;
SELECT status FROM f WHERE id = 'r1';
SELECT count(*) FROM f WHERE id = ANY (ARRAY['2', 'none']);
SELECT table_over('job text OPTIONS (meta ''job_id''), id text', '{"id": "r1"}');
SELECT id FROM f;
SELECT * FROM f;

DROP FOREIGN TABLE f, bad;
DROP FUNCTION table_over;
