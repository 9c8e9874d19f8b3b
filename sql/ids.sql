-- Ids of jobs: what may be one, how it is sent, and which are the same.
-- A job of any id, whose answer tells none, is completed and has the records 1 and 2.
CREATE SERVER ids FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url 'http://127.0.0.1:9470/named', allow_private_hosts 'true',
  list_url '/', items_path '$', inline_path '$.rows',
  job_url '/json/7b22737461747573223a22636f6d706c65746564222c22726f7773223a5b312c325d7d/{id}');
CREATE FOREIGN TABLE jobs (id text, status text) SERVER ids OPTIONS (resource 'jobs');
CREATE FOREIGN TABLE results (id text, n int OPTIONS (path '$')) SERVER ids OPTIONS (resource 'results');
-- what was asked, behind the route
CREATE FUNCTION asked_ids() RETURNS SETOF text LANGUAGE sql AS
  $$ SELECT regexp_replace(path, '.*7d/', '') || coalesce('?' || query, '') FROM requests WHERE path LIKE '%7d/%' ORDER BY n $$;

-- any text but control characters, . and ..: percent-encoded
CREATE TEMP TABLE odd (id text);
INSERT INTO odd VALUES ('a=b'), ('a~b'), ('YWJj+/=='), ('gid://shop/Job/7'), ('a name'), ('50%'), ('a?b#c&d'), ('é€😀'), ('…'), ('"'), (''''), ('[x]'), (repeat('a', 512));
SELECT * FROM reset;
SELECT left(id, 20) AS id, outcome_of(format('SELECT sum(n) FROM results WHERE id = %L', id)) AS sum, outcome_of(format('SELECT status FROM jobs WHERE id = %L', id)) AS status FROM odd;
SELECT DISTINCT left(asked_ids, 60) FROM asked_ids() ORDER BY 1;
SELECT count(*), sum(n) FROM results WHERE id = ANY (ARRAY(SELECT id FROM odd));
SELECT count(*) FROM results WHERE id IN ('a=b', 'a~b', 'gid://shop/Job/7');
SELECT count(*) FROM jobs WHERE id = 'a name' OR id = '50%';
SELECT count(j.status) FROM odd LEFT JOIN LATERAL (SELECT status FROM jobs WHERE jobs.id = odd.id OFFSET 0) j ON true;
CREATE FOREIGN TABLE one (id text, n int OPTIONS (path '$')) SERVER ids OPTIONS (resource 'results', job_id 'gid://shop/é 7');
SELECT * FROM reset;
SELECT * FROM one;
SELECT count(*) FROM one WHERE id = 'gid://shop/é 7';
SELECT * FROM asked_ids();
ALTER FOREIGN TABLE one OPTIONS (SET job_id '..');
ALTER FOREIGN TABLE one OPTIONS (SET job_id '');
ALTER FOREIGN TABLE one OPTIONS (SET job_id E'a\nb');

-- what is none: an error for a constant or a parameter, no row in an array or a join, and no request
CREATE TEMP TABLE none (id text);
INSERT INTO none VALUES (''), ('.'), ('..'), (E'a\nb'), (E'\x7f'), (E'a\u0085b'), (repeat('a', 513)), (repeat('é', 257)), ('a/../b'), ('..\a'), ('%2e%2E');
SELECT * FROM reset;
SELECT left(id, 20) AS id, outcome_of(format('SELECT sum(n) FROM results WHERE id = %L', id)) AS result, outcome_of(format('SELECT status FROM jobs WHERE id = %L', id)) AS job FROM none;
PREPARE by_id(text) AS SELECT count(*) FROM jobs WHERE id = $1;
EXECUTE by_id('..');
EXECUTE by_id(E'a\tb');
SELECT count(*) FROM results WHERE id = ANY (ARRAY(SELECT id FROM none));
SELECT count(*) FROM none JOIN LATERAL (SELECT status FROM jobs WHERE jobs.id = none.id OFFSET 0) j ON true;
SELECT * FROM asked_ids();

-- raw: what a path may hold
ALTER SERVER ids OPTIONS (SET job_url '/json/7b22737461747573223a22636f6d706c65746564222c22726f7773223a5b312c325d7d/{+id}');
SELECT * FROM reset;
SELECT id, outcome_of(format('SELECT sum(n) FROM results WHERE id = %L', id)) AS sum FROM (VALUES ('batches/x-1'), ('a/b/c'), ('a:b@c!$&''()*+,;=~'), ('a%20b'),
  ('a b'), ('a%'), ('a%2'), ('a%zz'), ('a?b'), ('a#b'), ('é'), ('/a'), ('a//b'), ('a/'), ('a/./b'), ('../a'), ('a/..'), ('a/%2e%2e/b'), ('%2E'), ('.%2e'), ('...'), ('a\b'), ('"'), ('[a]')) v (id);
SELECT * FROM asked_ids();
SELECT count(*) FROM results WHERE id = ANY (ARRAY['a b', '../a', 'x/y']);
ALTER SERVER ids OPTIONS (SET job_url '/json/7b22737461747573223a22636f6d706c65746564222c22726f7773223a5b312c325d7d/{id}');

-- whole numbers as ids
CREATE FOREIGN TABLE big (id bigint, n int OPTIONS (path '$')) SERVER ids OPTIONS (resource 'results');
CREATE FOREIGN TABLE medium (id int, status text) SERVER ids OPTIONS (resource 'jobs');
CREATE FOREIGN TABLE small (id smallint, n int OPTIONS (path '$')) SERVER ids OPTIONS (resource 'results');
SELECT * FROM reset;
SELECT * FROM big WHERE id = 7;
SELECT count(*) FROM big WHERE id = 9007199254740993 AND n = 1;
SELECT count(*) FROM big WHERE 8::smallint = id;
SELECT * FROM medium WHERE id = 9;
SELECT count(*) FROM medium WHERE id = 10::bigint;
SELECT count(*) FROM small WHERE id = 11;
SELECT count(*) FROM small WHERE id = 12::bigint OR id = 13::bigint;
SELECT count(*) FROM big WHERE id IN (14, 15, NULL);
SELECT count(*) FROM big WHERE id = ANY ('{16,17,16}'::smallint[]);
SELECT m.* FROM (VALUES (18), (19), (18)) v (id) JOIN medium m USING (id);
PREPARE by_number(bigint) AS SELECT count(*) FROM big WHERE id = $1;
EXECUTE by_number(20);
EXECUTE by_number(NULL);
SELECT * FROM asked_ids();
EXPLAIN (COSTS OFF) SELECT * FROM big WHERE id = 7;
EXPLAIN (COSTS OFF) SELECT * FROM medium WHERE id = 7 AND id < 9;
-- but a number that a filter takes is not one of its words
ALTER SERVER ids OPTIONS (ADD list_filters 'year');
CREATE FOREIGN TABLE years (id bigint, year int) SERVER ids OPTIONS (resource 'jobs');
EXPLAIN (COSTS OFF) SELECT * FROM years WHERE year = 2026;

-- ids of one table option and of a qual are compared as the column's type compares
ALTER SERVER ids OPTIONS (SET job_url '/json/7b226964223a2235336162303030302d303030302d343030302d383030302d303030303030303030303031222c22737461747573223a22636f6d706c65746564222c22726f7773223a5b312c325d7d/{id}');
CREATE FOREIGN TABLE upper_case (id uuid, n int OPTIONS (path '$')) SERVER ids OPTIONS (resource 'results', job_id '53AB0000-0000-4000-8000-000000000001');
SELECT * FROM reset;
SELECT * FROM upper_case WHERE id = '53ab0000-0000-4000-8000-000000000001';
SELECT count(*) FROM upper_case WHERE id = ANY (ARRAY['53ab0000-0000-4000-8000-000000000001', '53ab0000-0000-4000-8000-000000000002']::uuid[]);
SELECT count(*) FROM upper_case WHERE id::text = '53ab0000-0000-4000-8000-000000000001';
SELECT count(*) FROM upper_case WHERE id = '53ab0000-0000-4000-8000-000000000002';
SELECT count(*) FROM upper_case WHERE id::text = '53AB0000-0000-4000-8000-000000000001';
ALTER FOREIGN TABLE upper_case OPTIONS (SET job_id '{53AB0000000040008000000000000001}');
SELECT count(*) FROM upper_case WHERE id = '53ab0000-0000-4000-8000-000000000001';
SELECT * FROM asked_ids();
CREATE FOREIGN TABLE as_text (id text, n int OPTIONS (path '$')) SERVER ids OPTIONS (resource 'results', job_id '53AB0000-0000-4000-8000-000000000001');
SELECT count(*) FROM as_text WHERE id = '53ab0000-0000-4000-8000-000000000001';
SELECT count(*) FROM as_text WHERE id = '53AB0000-0000-4000-8000-000000000001';
-- spellings of one uuid are one job
CREATE FOREIGN TABLE spelt (id uuid, n int OPTIONS (path '$')) SERVER ids OPTIONS (resource 'results');
SELECT count(*) FROM spelt WHERE id::text = ANY (ARRAY['53ab0000-0000-4000-8000-000000000001', '53AB0000-0000-4000-8000-000000000001']);
ALTER SERVER ids OPTIONS (SET job_url '/json/7b226964223a22303037222c22737461747573223a22636f6d706c65746564222c22726f7773223a5b312c325d7d/{id}');
SELECT * FROM big WHERE id = 7;
SELECT * FROM big WHERE id = 8;
CREATE FOREIGN TABLE seven (id int, n int OPTIONS (path '$')) SERVER ids OPTIONS (resource 'results', job_id '007');
SELECT * FROM seven WHERE id = 7;
DEALLOCATE ALL;
DROP FUNCTION asked_ids;
SET client_min_messages = warning;
DROP SERVER ids CASCADE;
