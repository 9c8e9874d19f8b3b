-- What is inserted into a request cannot change it: nothing but the path that
-- is meant is asked for, and no header is added.
CREATE SERVER strict FOREIGN DATA WRAPPER batch_fdw OPTIONS (
  base_url 'http://127.0.0.1:9470/named', job_url '/404/{id}', allow_private_hosts 'true', max_retries '0');
CREATE SERVER raw FOREIGN DATA WRAPPER batch_fdw OPTIONS (
  base_url 'http://127.0.0.1:9470/named', job_url '/404/{+id}', allow_private_hosts 'true', max_retries '0');
CREATE USER MAPPING FOR PUBLIC SERVER strict OPTIONS (api_key 'key');
CREATE USER MAPPING FOR PUBLIC SERVER raw OPTIONS (api_key 'key');
CREATE FOREIGN TABLE strict_jobs (id text OPTIONS (meta 'job_id')) SERVER strict OPTIONS (resource 'jobs');
CREATE FOREIGN TABLE raw_jobs (id text OPTIONS (meta 'job_id')) SERVER raw OPTIONS (resource 'jobs');

-- the classics; where "/" is allowed it does not help either
CREATE TEMP TABLE classics (id text);
INSERT INTO classics VALUES (''), ('.'), ('..'), ('../admin'), ('../../admin'), ('a/../b'), ('a/..'), ('./a'), ('a/./b'),
  ('/a'), ('//evil.example/a'), ('a//b'), ('a/'), ('..\..\admin'), ('%2e%2e'), ('%2e%2e%2fadmin'), ('a%2fb'), ('a%252fb'),
  ('%00'), ('%0d%0aX-Evil:%201'), (E'a\r\nX-Evil: 1'), (E'a\nb'), (E'a\rb'), (E'a\tb'), ('a b'), (' a'), ('a '),
  ('a?admin=1'), ('a#b'), ('a&b=c'), ('a;b'), ('a=b'), ('a@evil.example'), ('http://evil.example/'), ('a"b'), ('a''b'),
  ('<a>'), ('{id}'), ('$(id)'), ('a`id`'), ('a|b'), ('a\b'), ('é'), ('а'), ('ａ'), (E'a\u200bb'), (E'a\u202eb'), ('…'),
  (E'\x7f'), (E'\x01'), ('*'), ('a,b'), ('~root'), ('a+b'), (repeat('a', 513)), (repeat('../', 85)), ('a%2f..%2fb'), ('a%5c%2e%2e'), ('%2E');
-- A text, percent-encoded.
CREATE FUNCTION percent(id text) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(CASE WHEN c ~ '[A-Za-z0-9._~-]' THEN c ELSE upper(regexp_replace(encode(convert_to(c, 'UTF8'), 'hex'), '(..)', '%\1', 'g')) END, '' ORDER BY n), '')
  FROM regexp_split_to_table(id, '') WITH ORDINALITY AS x (c, n) $$;
SELECT count(*) FROM reset;
SELECT left(id, 20) AS id, a AS encoded, b AS raw FROM (SELECT id, outcome_of(format('SELECT count(*) FROM strict_jobs WHERE id = %L', id)) AS a,
  outcome_of(format('SELECT count(*) FROM raw_jobs WHERE id = %L', id)) AS b FROM classics) x
 WHERE (a, b) <> ('22023', '22023');
SELECT count(*) FROM classics;
SELECT count(*), count(*) FILTER (WHERE path IN (SELECT '/named/404/' || percent(id) FROM classics)) AS encoded,
  count(*) FILTER (WHERE path IN (SELECT '/named/404/' || id FROM classics)) AS raw,
  count(*) FILTER (WHERE query IS NOT NULL) AS with_query, count(DISTINCT (SELECT string_agg(k, ',') FROM jsonb_object_keys(headers) k)) AS sets_of_headers
FROM requests;

-- the same in an array and in a join: what is no id matches nothing
SELECT count(*) FROM reset;
SELECT count(*) FROM strict_jobs WHERE id = ANY (ARRAY(SELECT id FROM classics));
SELECT count(*) FROM classics c JOIN raw_jobs j ON j.id = c.id;
SELECT count(*) FROM requests;

-- 1,000 generated ids, of which some are none: the others are asked for, encoded
CREATE TEMP TABLE generated AS
SELECT n, string_agg(CASE WHEN get_byte(h, i) < 224 THEN substr('abcXYZ0189._:-', get_byte(h, i) % 14 + 1, 1)
  ELSE substr(E'/\\%?#& \r\n\té"<@;', get_byte(h, i) % 15 + 1, 1) END, '' ORDER BY i) AS id
FROM generate_series(1, 1000) n, sha256(n::text::bytea) h, generate_series(0, 1 + n % 12) i GROUP BY n;
SELECT count(*) FROM reset;
SELECT outcome, count(*), bool_and((outcome = '0') = (id !~ E'[\r\n\t]' AND id !~ '(^|[/\\])\.\.?($|[/\\])')) AS right
FROM (SELECT id, outcome_of(format('SELECT count(*) FROM strict_jobs WHERE id = %L', id)) AS outcome FROM generated) x
GROUP BY outcome ORDER BY outcome;
SELECT count(*), count(*) FILTER (WHERE query IS NULL AND path IN (SELECT '/named/404/' || percent(id) FROM generated)) AS meant,
  count(DISTINCT (SELECT string_agg(k, ',') FROM jsonb_object_keys(headers) k)) AS sets_of_headers
FROM requests;

-- words of a filter are sent encoded
CREATE SERVER filtered FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'http://127.0.0.1:9470/named',
  list_url '/404/list', list_filters 'status', allow_private_hosts 'true', max_retries '0', auth_header '');
CREATE FOREIGN TABLE filtered (id text, status text) SERVER filtered OPTIONS (resource 'jobs');
SELECT count(*) FROM reset;
SELECT outcome_of(format('SELECT count(*) FROM filtered WHERE status = %L', E'a&b=c#d\r\nX: é/..'));
SELECT path, query, headers ? 'x' AS has_x FROM requests;

-- values of a job that a template inserts
CREATE SERVER fields FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata', urls_path '$.none',
  base_url 'http://127.0.0.1:9470/named', results_url '/404/{download_url}', allow_private_hosts 'true', max_retries '0');
CREATE SERVER raw_fields FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata', urls_path '$.none',
  base_url 'http://127.0.0.1:9470/named', results_url '/404/{+download_url}', allow_private_hosts 'true', max_retries '0');
CREATE USER MAPPING FOR PUBLIC SERVER fields OPTIONS (api_key 'key');
CREATE USER MAPPING FOR PUBLIC SERVER raw_fields OPTIONS (api_key 'key');
CREATE FOREIGN TABLE field_results (id text OPTIONS (meta 'job_id')) SERVER fields OPTIONS (resource 'results');
CREATE FOREIGN TABLE raw_field_results (id text OPTIONS (meta 'job_id')) SERVER raw_fields OPTIONS (resource 'results');
CREATE FUNCTION try_field(tab text, field bytea) RETURNS text LANGUAGE sql AS
$$ SELECT outcome_of(format('SELECT count(*) FROM %s WHERE id = %L', tab, encode(field, 'hex'))) $$;
SELECT count(*) FROM reset;
SELECT field, try_field('field_results', field) AS encoded, try_field('raw_field_results', field) AS raw
FROM (VALUES ('..'::bytea), ('.'), ('../admin'), ('a/../b'), ('a\\..\\b'), ('a/..'), ('..?x'),
  ('a\015\012X: 1'), ('a b'), ('a\000b'), ('\303\251'), ('a/b'), ('a?b')) v (field);
SELECT path, query FROM requests WHERE path NOT LIKE '/named/batch/%' ORDER BY n;

-- options
SELECT option, sqlstate_of(format('CREATE SERVER no FOREIGN DATA WRAPPER batch_fdw OPTIONS (%s %L)', option, value))
FROM (VALUES ('headers', '{"x": "a\r\nb: c"}'), ('headers', '{"x\r\ny": "a"}'), ('headers', '{"x:y": "a"}'),
  ('headers', '{"": "a"}'), ('headers', '{"x": "é"}'), ('headers', '{"xé": "a"}'), ('headers', '{"Host": "a"}'),
  ('headers', '{"Transfer-Encoding": "chunked"}'), ('headers', '{"content-length": "1"}'), ('headers', '{"AUTHORIZATION": "a"}'),
  ('auth_header', E'X\r\nY'), ('auth_header', 'X: y'), ('auth_header', 'X Y'), ('auth_header', 'é'), ('auth_header', 'Host'),
  ('auth_prefix', E'a\nb'), ('auth_prefix', 'é'), ('base_url', E'https://a.example/\r\nX: y'), ('base_url', 'https://é.example'),
  ('list_url', E'/a\nb'), ('job_url', '/a b/{id}'), ('list_params', E'a=b\r\n'), ('page_param', E'a\n'), ('page_size_param', 'é'),
  ('list_filters', E'"a\r\nb":status'), ('list_filters', 'é'), ('result_hosts', E'a.example\nb.example'), ('result_hosts', 'é.example'),
  ('result_hosts', 'a.example/b'), ('result_hosts', 'a@b'), ('proxy', E'http://p\n'), ('ca_file', E'/a\nb')) v (option, value)
WHERE sqlstate_of(format('CREATE SERVER no FOREIGN DATA WRAPPER batch_fdw OPTIONS (%s %L)', option, value)) <> '22023';
SELECT sqlstate_of(format('ALTER USER MAPPING FOR PUBLIC SERVER strict OPTIONS (SET api_key %L)', value)) AS api_key
FROM (VALUES (E'a\r\nX: b'), (E'a\n'), ('é'), (E'\x7f'), (E'a\tb')) v (value);

SET client_min_messages = warning;
DROP SERVER strict, raw, filtered, fields, raw_fields CASCADE;
DROP FUNCTION try_field, percent;
