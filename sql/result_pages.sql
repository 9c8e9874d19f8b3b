-- Results in pages: every record of them, or an error, in so many requests.
CREATE SERVER odd FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url 'http://127.0.0.1:9470/odd',
  allow_private_hosts 'true', max_retries '0', job_url '/jobs/{id}', urls_path '$.urls[*], $.url', count_path '$.count', rows_path '$.rows',
  result_page_style 'cursor', result_page_param 'after', result_next_path '$.next');
CREATE FOREIGN TABLE results (id text OPTIONS (meta 'job_id'), part int OPTIONS (meta 'part'), line bigint OPTIONS (meta 'line'), record json OPTIONS (path '$'))
  SERVER odd OPTIONS (resource 'results', check_count 'error');

-- Read a job whose results are pages below f; give part, line and record of each, or the SQLSTATE, and what was asked for.
CREATE FUNCTION pages(script text, OUT rows text, OUT asked text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell(CASE WHEN script LIKE '%"jobs/a"%' THEN script ELSE '{"jobs/a":{"status":"completed","url":"/odd/f"},' || substr(script, 2) END);
  rows := outcome_of('SELECT string_agg(part || ''.'' || line || '':'' || record, '' '') FROM results WHERE id = ''a''');
  asked := (SELECT string_agg(concat_ws('?', substr(path, 6), query), ' ' ORDER BY n) FROM requests);
END $$;

-- by cursor: each page is a part, one without records too
SELECT * FROM pages('{"f":{"rows":[1,2],"next":"x"},"f?after=x":{"rows":[],"next":"y"},"f?after=y":{"rows":[3],"next":null}}');
SELECT * FROM pages('{"f":{"rows":[1]}}');
SELECT * FROM pages('{"f":{"rows":[],"next":null}}');
SELECT * FROM pages('{"f":{}}');
SELECT * FROM pages('{"f":{"rows":null,"next":"x"},"f?after=x":{"rows":[1]}}');
SELECT * FROM pages('{"jobs/a":{"status":"completed","url":"/odd/f?k=v"},"f?k=v":{"rows":[1],"next":"a&b"},"f?k=v&after=a%26b":{"rows":[2]}}');
-- a cursor that comes again, or is none; pages without an array, cut, or not there
SELECT * FROM pages('{"f":{"rows":[1],"next":"x"},"f?after=x":{"rows":[2],"next":"x"}}');
SELECT * FROM results WHERE id = 'a';
SELECT * FROM pages('{"f":{"rows":[1],"next":"x"},"f?after=x":{"rows":[],"next":"x"}}');
SELECT * FROM pages('{"f":{"rows":[1],"next":{}}}');
SELECT * FROM pages('{"f":{"rows":[1],"next":null,"@headers":{"Link":"<f?after=x>; rel=next"}}}');
SELECT * FROM results WHERE id = 'a';
SELECT page, p.* FROM (VALUES ('{"row":[2]}'), ('{"rows":{"a":1}}'), ('{"rows":7}'), ('[2]'), ('null'), ('{"@text":""}'), ('{"@text":"{\"rows\":[2]}\n{\"rows\":[3]}"}'), ('{"@text":"{\"rows\":[2"}'),
  ('{"@status":404}'), ('{"@status":500}'), ('{"@gzip":true,"rows":[2]}')) AS a (page), pages(format('{"f":{"rows":[1],"next":"x"},"f?after=x":%s}', page)) AS p;
-- a flag goes first; one that says more where there is no cursor, and one that no page has
ALTER SERVER odd OPTIONS (ADD result_more_path '$.more');
SELECT answer, p.* FROM (VALUES ('"next":"x"'), ('"next":"x","more":false'), ('"next":"x","more":true'), ('"more":true'), ('"more":false'), ('"more":null'), ('"other":1')) AS a (answer),
  pages(format('{"f":{"rows":[1],%s},"f?after=x":{"rows":[2],"more":false}}', answer)) AS p;
ALTER SERVER odd OPTIONS (SET result_next_path '$.rows[last].id', ADD result_page_size_param 'n', ADD result_page_size '2', ADD result_page_start 's');
SELECT * FROM pages('{"f?n=2&after=s":{"rows":[{"id":1},{"id":2}],"more":true},"f?n=2&after=2":{"rows":[{"id":3}],"more":false}}');
-- the count of the job is held against all pages
SELECT count, p.* FROM (VALUES (2), (3)) AS c (count),
  pages(format('{"jobs/a":{"status":"completed","url":"/odd/f","count":%s},"f?n=2&after=s":{"rows":[{"id":1}],"more":true},"f?n=2&after=1":{"rows":[{"id":2}],"more":false}}', count)) AS p;

-- a page is asked for when its first record is wanted
SELECT tell('{"jobs/a":{"status":"completed","url":"/odd/f"},"f?n=2&after=s":{"rows":[{"id":1},{"id":2}],"more":true},"f?n=2&after=2":{"rows":[{"id":3}],"more":false}}');
SELECT count(*) FROM (SELECT FROM results WHERE id = 'a' LIMIT 2) AS r;
SELECT count(*) FROM requests;
SELECT count(*) FROM (SELECT FROM results WHERE id = 'a' LIMIT 3) AS r;
SELECT count(*) FROM requests;

-- by page and by offset: with a total, with a flag, to the first empty page, the first page again and again
ALTER SERVER odd OPTIONS (SET result_page_style 'page', SET result_page_param 'p', DROP result_page_start, DROP result_next_path, ADD result_total_path '$.total');
SELECT * FROM pages('{"f?n=2&p=1":{"rows":[1,2],"total":2},"f?n=2&p=2":{"rows":[3],"total":2}}');
SELECT * FROM pages('{"f?n=2&p=1":{"rows":[1,2],"more":true},"f?n=2&p=2":{"rows":[3],"more":false}}');
SELECT * FROM pages('{"f?n=2&p=1":{"rows":[1,2]},"f?n=2&p=2":{"rows":[3]},"f?n=2&p=3":{"rows":[]}}');
SELECT * FROM pages('{"f?n=2&p=1":{"rows":[1,2]},"f?n=2&p=2":{"rows":[1,2]}}');
SELECT * FROM results WHERE id = 'a';
ALTER SERVER odd OPTIONS (SET result_page_style 'offset', SET result_page_param 'o', ADD result_page_start '0');
SELECT * FROM pages('{"f?n=2&o=0":{"rows":[1,2],"total":3},"f?n=2&o=2":{"rows":[3],"total":3}}');
SELECT * FROM pages('{"f?n=2&o=0":{"rows":[1,2]},"f?n=2&o=2":{"rows":[3]},"f?n=2&o=3":{"rows":[]}}');
-- a page that is shorter than asked for, where there are more: which record comes next is not known
SELECT * FROM pages('{"f?n=2&o=0":{"rows":[1],"total":3},"f?n=2&o=1":{"rows":[2,3],"total":3}}');
SELECT * FROM results WHERE id = 'a';
SELECT * FROM pages('{"f?n=2&o=0":{"rows":[],"more":true}}');
ALTER SERVER odd OPTIONS (DROP result_page_size, DROP result_page_size_param);
SELECT * FROM pages('{"f?o=0":{"rows":[1],"total":3},"f?o=1":{"rows":[2,3],"total":3}}');

-- by URL, of each of several files; on their own origin alone
ALTER SERVER odd OPTIONS (SET result_page_style 'next', DROP result_page_param, DROP result_page_start, DROP result_total_path, DROP result_more_path);
SELECT * FROM pages('{"jobs/a":{"status":"completed","urls":["/odd/f","/odd/g"]},"f":{"rows":[1],"@headers":{"Link":"<f?p=2>; rel=next"}},"f?p=2":{"rows":[2]},
  "g":{"rows":[3],"@headers":{"Link":"<http://127.0.0.1:9470/odd/g?p=2>; rel=\"next\""}},"g?p=2":{"rows":[4]}}');
SELECT * FROM pages('{"f":{"rows":[1],"@headers":{"Link":"<http://127.0.0.1:9471/edge/good.gz>; rel=next"}}}');
SELECT * FROM results WHERE id = 'a';
SELECT * FROM pages('{"f":{"rows":[1],"@headers":{"Link":"<f?p=2>; rel=next"}},"f?p=2":{"rows":[2],"@headers":{"Link":"<f>; rel=next"}}}');
-- inside of the job: its answer is the first page, and is not asked for again
ALTER SERVER odd OPTIONS (ADD inline_path '$.data', DROP rows_path, ADD result_next_path '$.next');
SELECT * FROM pages('{"jobs/a":{"status":"completed","data":[1,2],"next":"/odd/jobs/a?skip=2"},"jobs/a?skip=2":{"status":"completed","data":[3],"next":"a?skip=3"},"jobs/a?skip=3":{"status":"completed","data":[]}}');
SELECT page, p.* FROM (VALUES ('{"status":"completed"}'), ('{"data":null}'), ('{"data":{}}'), ('[]'), ('null'), ('{"@status":404}'), ('{"data":[3],"next":"a"}')) AS a (page),
  pages(format('{"jobs/a":{"status":"completed","data":[1,2],"next":"a?skip=2"},"jobs/a?skip=2":%s}', page)) AS p;
ALTER SERVER odd OPTIONS (SET result_page_style 'offset', ADD result_page_param 'skip', DROP result_next_path, ADD result_total_path '$.total', ADD job_path '$.job');
SELECT * FROM pages('{"jobs/a":{"job":{"status":"completed","data":[1,2],"total":3}},"jobs/a?skip=2":{"job":{"data":[3],"total":3}}}');
ALTER SERVER odd OPTIONS (DROP job_path, ADD rows_path '$.rows');
SELECT * FROM pages('{"jobs/a":{"status":"completed","data":{"rows":[1,2]},"total":3},"jobs/a?skip=2":{"data":{"rows":[3]},"total":3}}');
-- told by a Link alone: of a job that is asked for again, and of one that is listed, whose own answer has it
ALTER SERVER odd OPTIONS (DROP rows_path, SET result_page_style 'next', DROP result_page_param, DROP result_total_path, ADD list_url '/jobs', ADD items_path '$.jobs');
SET enable_memoize = off;
SELECT tell('{"jobs":{"jobs":[{"id":"a","status":"completed","data":[1,2]}]},"jobs/a":{"status":"completed","data":[1,2],"@headers":{"Link":"<a?skip=2>; rel=next"}},"jobs/a?skip=2":{"data":[3]}}');
SELECT v.id, r.part, r.line, r.record FROM (VALUES ('a'), ('a')) AS v (id), LATERAL (SELECT * FROM results r WHERE r.id = v.id OFFSET 0) AS r;
SELECT path, query FROM requests ORDER BY n;
SELECT id, part, line, record FROM results;
RESET enable_memoize;
ALTER SERVER odd OPTIONS (ADD rows_path '$.rows', SET result_page_style 'offset', ADD result_page_param 'skip', ADD result_total_path '$.total', DROP list_url, DROP items_path);
-- a table's url; a job that has nothing to give is passed over
CREATE FOREIGN TABLE file (part int OPTIONS (meta 'part'), record json OPTIONS (path '$')) SERVER odd OPTIONS (resource 'results', url 'http://127.0.0.1:9470/odd/f');
SELECT tell('{"f?skip=0":{"rows":[1,2],"total":3},"f?skip=2":{"rows":[3],"total":3}}');
SELECT * FROM file;
SELECT count(*) FROM requests;
ALTER FOREIGN TABLE results OPTIONS (ADD on_incomplete 'skip');
ALTER SERVER odd OPTIONS (DROP inline_path);
SELECT * FROM pages('{"f":7}');
ALTER SERVER odd OPTIONS (ADD list_url '/jobs', ADD items_path '$.jobs');
SELECT tell('{"jobs":{"jobs":[{"id":"a","status":"completed","url":"/odd/none"},{"id":"b","status":"completed","url":"/odd/f"}]},"f?skip=0":{"rows":[1,2],"total":3},"f?skip=2":{"rows":[3],"total":3}}');
SELECT id, part, line, record FROM results;
EXPLAIN (COSTS OFF) SELECT * FROM results WHERE id = 'a';

-- the key goes along with each page on base_url's origin, inside of the job and by URL
CREATE SERVER keyed FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'http://127.0.0.1:9470/odd', allow_private_hosts 'true', job_url '/jobs/{id}',
  urls_path '$.url', inline_path '$.data', result_page_style 'next', result_next_path '$.next');
CREATE USER MAPPING FOR PUBLIC SERVER keyed OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE keyed (id text OPTIONS (meta 'job_id'), part int OPTIONS (meta 'part'), record json OPTIONS (path '$')) SERVER keyed OPTIONS (resource 'results');
SELECT tell('{"jobs/a":{"status":"completed","data":[1],"next":"a?p=2"},"jobs/a?p=2":{"data":[2]},"jobs/b":{"status":"completed","url":"/odd/f?p=1"},"f?p=1":[3]}');
SELECT * FROM keyed WHERE id IN ('a', 'b') ORDER BY id, part;
SELECT path, query, headers->>'authorization' AS key, count(*) FROM requests GROUP BY 1, 2, 3 ORDER BY 1, 2;

-- what pages need, and what they exclude
SELECT option, sqlstate_of(format('CREATE SERVER none FOREIGN DATA WRAPPER batch_fdw OPTIONS (result_page_style %s)', option)) FROM (VALUES
  ($$'cursor'$$), ($$'cursor', result_page_param 'c'$$), ($$'page'$$), ($$'offset'$$), ($$'page', result_page_param 'p', result_page_start 'a'$$), ($$'next', result_once 'true'$$),
  ($$'next', hop_path '$.url'$$), ($$'next', result_format 'jsonl'$$), ($$'next', result_format 'csv'$$)) AS o (option);
CREATE SERVER none FOREIGN DATA WRAPPER batch_fdw OPTIONS (result_page_style 'cursor', result_page_param 'c');
CREATE SERVER none FOREIGN DATA WRAPPER batch_fdw OPTIONS (result_page_style 'next', result_once 'true');
ALTER FOREIGN TABLE file OPTIONS (ADD result_format 'jsonl');
SELECT * FROM file;

SET client_min_messages = warning;
DROP SERVER odd, keyed CASCADE;
DROP FUNCTION pages;
