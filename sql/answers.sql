-- odd answers of an API: each is rows, or an error
CREATE SERVER named FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url 'http://127.0.0.1:9470/named',
  allow_private_hosts 'true', list_url '/', items_path '$.jobs', job_url '/{id}', job_path '$.job', urls_path '$.url');
CREATE FOREIGN TABLE odd (id text OPTIONS (meta 'job_id'), status text) SERVER named OPTIONS (resource 'jobs');
CREATE FOREIGN TABLE odd_results (job text OPTIONS (meta 'job_id'), record json OPTIONS (path '$'))
  SERVER named OPTIONS (resource 'results');

-- Read a listing that answers with a text; give the number of jobs, or the SQLSTATE.
CREATE FUNCTION listed(body text, items text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER SERVER named OPTIONS (SET list_url %L, SET items_path %L)', '/json/' || encode(convert_to(body, 'UTF8'), 'hex'), items);
  RETURN outcome_of('SELECT count(*) FROM odd');
END $$;

-- Read a job whose answer is a text: its status and its results, or the SQLSTATEs.
CREATE FUNCTION asked(body text, OUT status text, OUT results text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER SERVER named OPTIONS (SET job_url %L)', '/json/' || encode(convert_to(body, 'UTF8'), 'hex') || '/{id}');
  status := outcome_of($q$SELECT status FROM odd WHERE id = 'x'$q$);
  results := outcome_of($q$SELECT string_agg(record::text, ' ') FROM odd_results WHERE job = 'x'$q$);
END $$;

-- no array where items_path says: an error, but for null there, and for {}
SELECT body, listed(body, '$') AS whole, listed(body, '$.jobs') AS jobs, listed(body, '$[0]') AS element FROM (VALUES
  ('null'), (' null '), ('{}'), (' { } '), ('[]'), ('[ ]'), ('""'), ('5'), ('true'), ('"null"'),
  ('{"jobs":null}'), ('{"jobs":{}}'), ('{"jobs":[]}'), ('{"jobs":""}'), ('{"jobs":0}'), ('{"jobs":false}'),
  ('{"jobs":[{}]}'), ('{"jobs":[null]}'), ('{"jobs":null,"jobs":[{},{}]}'), ('{"jobs":[{}],"jobs":null}'),
  ('[null]'), ('[[]]'), ('[{"jobs":[{}]}]'), ('{"other":[]}'), ('[null,1,"x",[2],{}]')) AS b (body);

-- no job where job_path says, nothing inside of it where inline_path says
ALTER SERVER named OPTIONS (ADD inline_path '$.rows');
SELECT body, a.* FROM (VALUES
  ('null'), ('{}'), ('[]'), ('""'), ('5'), ('{"job":null}'), ('{"job":[]}'), ('{"job":"x"}'), ('{"job":{}}'),
  ('{"job":{"status":null}}'), ('{"job":{"status":{}}}'), ('{"job":{"status":"completed"}}'),
  ('{"job":{"status":"completed","rows":null}}'), ('{"job":{"status":"completed","rows":[]}}'),
  ('{"job":{"status":"completed","rows":[null]}}'), ('{"job":{"status":"completed","rows":{}}}'),
  ('{"job":{"status":"completed","rows":""}}'), ('{"job":{"status":"completed","rows":[1,[],"x"]}}'),
  ('{"job":{"status":"completed","url":[],"rows":[7]}}'), ('{"job":{"status":"completed","url":"","rows":[7]}}')) AS b (body), asked(body) AS a;

-- a value is what the vendor wrote: digits, however many, and characters
ALTER SERVER named OPTIONS (SET items_path '$');
ALTER FOREIGN TABLE odd ADD state text OPTIONS (meta 'state');
CREATE FUNCTION list(body text) RETURNS TABLE (id text, state text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER SERVER named OPTIONS (SET list_url %L)', '/json/' || encode(convert_to(body, 'UTF8'), 'hex'));
  RETURN QUERY EXECUTE 'SELECT id, state FROM odd';
END $$;
SELECT * FROM list($$[{"id":123456789012345678901234567890,"status":-0},{"id":18446744073709551616,"status":1E5},
  {"id":1.50,"status":false},{"id":true,"status":"a\u00e9\"\\\/\b\t\ud83d\ude00"},{"id":"\u0061\u0062","status":"\ud800x\udc00"},
  {"id":"a\u0000b","status":""},{"id":"","status":"\n"},{"id":{},"status":[]},{"id":null},{"\u0069d":7,"status":1,"status":2},
  {"id":[1],"id":"last","status":{"a":1},"status":null}]$$);

-- a count that is no whole number is unknown, never 0
ALTER SERVER named OPTIONS (ADD count_path '$.count', SET list_url '/', ADD result_states 'completed');
ALTER FOREIGN TABLE odd_results OPTIONS (ADD check_count 'error');
SELECT count, outcome_of($$SELECT count(*) FROM odd_results$$) AS rows FROM (VALUES
  ('2'), ('"2"'), ('0'), ('"0"'), ('3'), ('null'), ('"n/a"'), ('true'), ('""'), ('"2 rows"'), ('" 2"'), ('{}'), ('[2]'), ('-1'), ('2.0'),
  ('2.5'), ('1e3'), ('9223372036854775807'), ('9223372036854775808'), ('99999999999999999999')) AS c (count),
  list(format('[{"id":"a","status":"completed","rows":[1,2],"count":%s}]', count));

-- an empty page of offsets says that there are more, and no size says how many to pass over
ALTER SERVER named OPTIONS (ADD page_style 'offset', ADD page_param 'offset', ADD total_path '$.total', SET items_path '$.jobs');
SELECT list('{"jobs":[],"total":0}');
SELECT list('{"jobs":[],"total":1}');
ALTER SERVER named OPTIONS (DROP page_style, DROP page_param, DROP total_path);

-- a job that is listed again, on its page or by another listing, is not asked for again, be it in flight or given
ALTER SERVER named OPTIONS (ADD page_style 'page', ADD page_param 'page', ADD total_path '$.total', ADD list_lacks 'url', ADD max_connections '2',
  ADD list_filters 'kind=k|l',
  SET job_path '$', SET job_url '/json/7b2275726c223a2278222c226b696e64223a226b227d/{id}');
CREATE FOREIGN TABLE odd_urls (id text OPTIONS (meta 'job_id'), url text, kind text) SERVER named OPTIONS (resource 'jobs');
SELECT count(*) FROM list('{"total":1,"jobs":[{"id":"a","kind":"k"},{"id":"b","kind":"k"},{"id":"a","kind":"k"},{"id":"a","kind":"k"},
  {"id":"c","kind":"k","url":"y"},{"id":"b","kind":"k"},{"id":"d","kind":"k"},{"id":"e","kind":"k"}]}');
SELECT * FROM reset;
SELECT id, url FROM odd_urls WHERE kind IN ('k', 'l');
SELECT query FROM requests WHERE query IS NOT NULL ORDER BY n;
SELECT right(path, 1) AS id, count(*) FROM requests WHERE path LIKE '/named/json/7b2275726c223a2278222c226b696e64223a226b227d/%' GROUP BY id ORDER BY id;
-- but another job of the same id on one page is an error: the id is none
SELECT list('{"total":1,"jobs":[{"id":"a","n":1},{"id":"b"},{"id":"a","n":2}]}');
ALTER SERVER named OPTIONS (DROP page_style, DROP page_param, DROP total_path, DROP list_lacks, DROP max_connections);

-- what ends a listing by cursor, and what does not tell its end
ALTER SERVER named OPTIONS (ADD page_style 'cursor', ADD page_param 'cursor', ADD next_path '$.next');
CREATE FUNCTION ends(next text) RETURNS text LANGUAGE sql AS
  $$ SELECT listed(format('{"jobs":[{"id":"a"}]%s}', next), '$.jobs') $$;
SELECT next, ends(next) FROM (VALUES (''), (',"next":null'), (',"next":false'), (',"next":0'), (',"next":""'), (',"next":"0"'), (',"next":true'),
  (',"next":1'), (',"next":{}'), (',"next":[]'), (',"next":["c"]')) AS n (next);
ALTER SERVER named OPTIONS (ADD more_path '$.more');
SELECT next, ends(next) FROM (VALUES (''), (',"next":null'), (',"more":null'), (',"more":false'), (',"more":false,"next":"c"'), (',"more":0'),
  (',"more":true'), (',"more":true,"next":null'), (',"more":true,"next":0'), (',"more":"true"'), (',"more":"true","next":"c"')) AS n (next);
SELECT listed('{"jobs":[]}', '$.jobs'), listed('{}', '$.jobs'), listed('{"jobs":[],"more":true}', '$.jobs');
ALTER SERVER named OPTIONS (DROP page_style, DROP page_param, DROP next_path);
SELECT next, ends(next) FROM (VALUES (''), (',"more":false'), (',"more":null'), (',"more":true')) AS n (next);
ALTER SERVER named OPTIONS (DROP more_path);

-- the URLs of a job, by paths into arrays of arrays; the first path that gives any wins
ALTER SERVER named OPTIONS (DROP count_path, SET urls_path '$.none[*], $.files[*].parts[*].url, $.files[1][*], $.url');
ALTER FOREIGN TABLE odd_results ADD part int OPTIONS (meta 'part');
CREATE FUNCTION records(urls text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER SERVER named OPTIONS (SET job_url %L)',
    '/json/' || encode(convert_to(format('{"status":"completed",%s}', urls), 'UTF8'), 'hex') || '/{id}');
  RETURN outcome_of($q$SELECT string_agg(part || ':' || record, ' ' ORDER BY part) FROM odd_results WHERE job = 'x'$q$);
END $$;
SELECT urls, records(replace(urls, '@', 'http://127.0.0.1:9471/echo/3')) FROM (VALUES ('"url":"@1"'), ('"url":"@1","none":[],"files":[]'),
  ('"url":"@1","files":[{"parts":[{"url":"@2"},{"url":"@3"}]},{"parts":[{"url":"@4"}]}]'),
  ('"url":"@1","files":[{"parts":[{"url":null},{"url":[]},{},7,{"url":"","url":"@5"}]},{"parts":{"url":"@4"}},[],null]'),
  ('"url":"@1","files":[{"parts":[]},["@6","@7"]]'), ('"files":["@6",["\u0068ttp:\/\/127.0.0.1:9471\/echo\/38"]]'),
  ('"none":["@1","@2"],"none":["@3"]'), ('"none":"@1"'), ('"none":[{"url":"@1"}]')) AS u (urls);
