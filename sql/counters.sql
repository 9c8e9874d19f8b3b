-- Jobs that tell no status: a state by default, or by how many of their requests are pending.
CREATE SERVER untold FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url 'http://127.0.0.1:9470/named',
  allow_private_hosts 'true', list_url '/', items_path '$', job_url '/{id}', urls_path '$.output[*].url', max_retries '0');
CREATE FOREIGN TABLE untold (id text OPTIONS (meta 'job_id'), state text OPTIONS (meta 'state'), status text) SERVER untold OPTIONS (resource 'jobs');
CREATE FOREIGN TABLE untold_results (job text OPTIONS (meta 'job_id'), a int) SERVER untold OPTIONS (resource 'results');
-- Let the API answer for each job with a text, by a status, and list some.
CREATE FUNCTION answer(body text, status int DEFAULT 200, listed text DEFAULT '[]') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER SERVER untold OPTIONS (SET job_url %L, SET list_url %L)',
    'http://127.0.0.1:9470/told/' || status || '/' || encode(convert_to(body, 'UTF8'), 'hex') || '/{id}',
    'http://127.0.0.1:9470/told/200/' || encode(convert_to(listed, 'UTF8'), 'hex'));
END $$;
-- What a job is, and what it gives.
CREATE FUNCTION told(body text, status int DEFAULT 200, OUT state text, OUT word text, OUT results text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM answer(body, status);
  state := outcome_of($q$SELECT state FROM untold WHERE id = 'x'$q$);
  word := outcome_of($q$SELECT status FROM untold WHERE id = 'x'$q$);
  results := outcome_of($q$SELECT count(*) FROM untold_results WHERE job = 'x'$q$);
END $$;
SET client_min_messages = error;

-- by HTTP status alone, as FHIR's bulk export: 202 while it runs, then the files
CREATE TEMP TABLE bodies AS SELECT * FROM (VALUES (1, '{}', 202), (2, '', 202), (3, '{"output":[{"url":"http://127.0.0.1:9471/edge/good.jsonl"},
  {"url":"http://127.0.0.1:9471/edge/good.gz"}],"error":[]}', 200), (4, '{"output":[]}', 200), (5, '{"status":null,"output":[]}', 200),
  (6, '{"status":"failed"}', 200), (7, '{"status":"odd"}', 200), (8, '{"id":"y"}', 200)) b (n, body, status);
SELECT n, t.* FROM bodies, told(body, status) t ORDER BY n;
ALTER SERVER untold OPTIONS (ADD status_default 'completed');
SELECT n, t.* FROM bodies, told(body, status) t ORDER BY n;
ALTER SERVER untold OPTIONS (SET status_default 'failed');
SELECT n, t.* FROM bodies, told(body, status) t ORDER BY n;
SELECT answer('{"output":[{"url":"http://127.0.0.1:9471/edge/good.jsonl"}]}');
RESET client_min_messages;
SELECT a FROM untold_results WHERE job = 'x';
ALTER SERVER untold OPTIONS (SET status_default 'pending');
SELECT a FROM untold_results WHERE job = 'x';
ALTER SERVER untold OPTIONS (SET status_default 'completed');

-- a listing that does not tell it does not mean it: the job is asked for
SELECT answer('{"output":[{"url":"http://127.0.0.1:9471/edge/good.jsonl"}]}', 200, '[{"id":"a"},{"id":"b","status":"failed"},{"id":"c","status":""}]');
SELECT * FROM reset;
SELECT id, state, status FROM untold;
SELECT job, count(*) FROM untold_results GROUP BY job ORDER BY job;
SELECT right(path, 2) AS path, count(*) FROM requests WHERE path <> '/_reset' GROUP BY path ORDER BY path;
-- or the listing says what it lacks
ALTER SERVER untold OPTIONS (ADD list_lacks 'status');
SELECT * FROM reset;
SELECT id, state FROM untold;
SELECT right(path, 2) AS path, count(*) FROM requests WHERE path <> '/_reset' GROUP BY path ORDER BY path;
SELECT * FROM reset;
SELECT id FROM untold;
SELECT count(*) FROM requests WHERE path <> '/_reset';
ALTER SERVER untold OPTIONS (DROP list_lacks);
-- without a job by id the listing is all there is
ALTER SERVER untold OPTIONS (DROP job_url);
SELECT id, state, status FROM untold;
ALTER SERVER untold OPTIONS (ADD job_url '/{id}');

-- by counters
ALTER SERVER untold OPTIONS (ADD pending_path '$.state.pending', ADD inline_path '$.rows');
CREATE TEMP TABLE counts AS SELECT n, format('{"rows":[{"a":1}],"state":%s}', state) AS body, state FROM (VALUES (1, '{"total":3,"pending":3}'), (2, '{"total":3,"pending":1}'),
  (3, '{"total":3,"pending":0}'), (4, '{"total":0,"pending":0}'), (5, '{"pending":0}'), (6, '{"total":null,"pending":2}'), (7, '{"total":3}'), (8, '{}'), (9, 'null'),
  (10, '{"total":"3","pending":"0"}'), (11, '{"total":3,"pending":"n/a"}'), (12, '{"total":3,"pending":-1}'), (13, '{"total":3,"pending":0.5}'), (14, '{"total":3,"pending":false}'),
  (15, '{"total":"n/a","pending":0}'), (16, '{"total":3,"pending":99999999999999999999}')) c (n, state);
SET client_min_messages = error;
SELECT n, c.state AS told, t.state, t.results FROM counts c, told(body) t ORDER BY n;
ALTER SERVER untold OPTIONS (ADD total_count_path '$.state.total');
SELECT n, c.state AS told, t.state, t.results FROM counts c, told(body) t ORDER BY n;
SELECT t.* FROM told('{"status":"failed","state":{"total":3,"pending":0}}') t;
SELECT t.* FROM told('{"state":{"total":3,"pending":0}}', 202) t;
RESET client_min_messages;
SELECT answer('{"state":{"total":3}}');
SELECT a FROM untold_results WHERE job = 'x';
SELECT answer('{"state":{"total":3,"pending":2}}');
SELECT a FROM untold_results WHERE job = 'x';
-- in a listing: what it counts counts, and what it does not is asked for
SELECT answer('{"state":{"total":1,"pending":0},"rows":[{"a":7}]}', 200, '[{"id":"a","state":{"total":3,"pending":0},"rows":[{"a":1},{"a":2}]},
  {"id":"b","state":{"total":3,"pending":1}},{"id":"c","state":{"total":0,"pending":0}},{"id":"d"},{"id":"e","state":{}}]');
SELECT * FROM reset;
SELECT job, a FROM untold_results ORDER BY job, a;
SELECT right(path, 2) AS path, count(*) FROM requests WHERE path <> '/_reset' GROUP BY path ORDER BY path;
SELECT id, state FROM untold;
SELECT step, ok, found, hint FROM batch_fdw_check('untold', 'x') WHERE step IN ('listing', 'job', 'results');

-- waiting: two looks, the second of which tells no status any more
ALTER SERVER crustdata OPTIONS (ADD status_default 'completed');
CREATE FOREIGN TABLE waits (batch_id text, line int OPTIONS (meta 'line')) SERVER crustdata OPTIONS (resource 'results', on_incomplete 'wait');
SELECT * FROM reset;
SELECT count(*) FROM waits WHERE batch_id = 'wait-processing-done';
SELECT path FROM asked() a;
ALTER SERVER crustdata OPTIONS (DROP status_default);

-- partners, and values
CREATE SERVER bad FOREIGN DATA WRAPPER batch_fdw OPTIONS (status_default 'done');
CREATE SERVER bad FOREIGN DATA WRAPPER batch_fdw OPTIONS (status_default '');
CREATE SERVER bad FOREIGN DATA WRAPPER batch_fdw OPTIONS (pending_path '$.pending');
CREATE SERVER bad FOREIGN DATA WRAPPER batch_fdw OPTIONS (pending_path '$.pending[*]', status_default 'completed');
CREATE SERVER idle FOREIGN DATA WRAPPER batch_fdw OPTIONS (total_count_path '$.total');
DROP SERVER untold, idle CASCADE;
DROP FOREIGN TABLE waits;
DROP FUNCTION answer, told;
