-- Jobs that have nothing to give: an error, or, where on_incomplete is skip, a WARNING, a row in batch_fdw_rejects(), and the next job.
CREATE SERVER odd FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url 'http://127.0.0.1:9470/odd',
  allow_private_hosts 'true', list_url '/jobs', job_url '/jobs/{id}', urls_path '$.urls[*], $.url', inline_path '$.rows', count_path '$.n');
CREATE FOREIGN TABLE results (id text OPTIONS (meta 'job_id'), part int OPTIONS (meta 'part'), n int OPTIONS (path '$'))
  SERVER odd OPTIONS (resource 'results');
CREATE FUNCTION read_jobs(script text, which text DEFAULT '', OUT rows text, OUT asked text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell(script);
  rows := outcome_of('SELECT string_agg(id || part || '':'' || n, '' '') FROM results ' || which);
  asked := (SELECT string_agg(substr(path, 6) || '=' || status, ' ' ORDER BY n) FROM requests);
END $$;
CREATE VIEW rejected AS SELECT job_id, part, line, column_name, sqlstate, message, record FROM batch_fdw_rejects();

-- every other job of these has nothing: no name, no file, a file that is refused after renewal, one that is gone
SELECT $${"jobs":[{"id":"a","status":"completed","rows":[1]},{"id":"b","status":"completed"},{"id":"c","status":"completed","rows":[2]},
  {"id":"d","status":"completed","url":"/odd/none"},{"id":"e","status":"completed","rows":[3]},{"id":"f","status":"completed","url":"/odd/f?1"},
  {"id":"g","status":"completed","rows":[4]},{"id":"h","status":"completed","url":"/odd/gone"},{"id":"i","status":"completed","rows":[5]},{"id":"j","status":"completed","n":0,"url":"/odd/none"}],
  "jobs/b":{"id":"b","status":"completed"},"jobs/d":{"id":"d","status":"completed","url":"/odd/none"},"jobs/f":{"id":"f","status":"completed","url":"/odd/f?2"},
  "jobs/h":{"id":"h","status":"completed","url":"/odd/gone"},"f":{"@status":403,"error":{"message":"It has expired."}},"gone":{"@status":410,"@text":""}}$$ AS script \gset
SELECT * FROM read_jobs(:'script');
SELECT id, n FROM results WHERE id = 'd';
ALTER FOREIGN TABLE results OPTIONS (ADD on_incomplete 'skip');
SELECT * FROM read_jobs(:'script');
SELECT * FROM rejected;
-- by id it is the same
SELECT * FROM read_jobs(:'script', $$WHERE id IN ('b', 'd')$$);
SELECT * FROM rejected;
SELECT * FROM read_jobs(:'script', $$WHERE id = 'x'$$);
-- beside bad records, which are counted and these are not; a table that raises both forgets nothing
ALTER FOREIGN TABLE results OPTIONS (ADD on_error 'skip', ADD reject_limit '1');
SELECT tell('{"jobs":[{"id":"a","status":"completed","rows":["x",1]},{"id":"b","status":"completed","url":"/odd/none"},{"id":"c","status":"completed","rows":[2]}],
  "jobs/b":{"id":"b","status":"completed","url":"/odd/none"}}');
SELECT id, n FROM results;
SELECT * FROM rejected;
ALTER FOREIGN TABLE results OPTIONS (DROP on_error, DROP reject_limit);

-- once a record was given, it is an error; before, the other parts are not read
SELECT * FROM read_jobs('{"jobs":[{"id":"a","status":"completed","urls":["/odd/p","/odd/none"]},{"id":"b","status":"completed","rows":[9]}],"jobs/a":{"id":"a","status":"completed","urls":["/odd/p","/odd/none"]},"p":[1,2]}');
SELECT * FROM read_jobs('{"jobs":[{"id":"a","status":"completed","urls":["/odd/none","/odd/p"]},{"id":"b","status":"completed","rows":[9]}],"jobs/a":{"id":"a","status":"completed","urls":["/odd/none","/odd/p"]},"p":[1,2]}');
SELECT * FROM read_jobs('{"jobs":[{"id":"a","status":"completed","urls":["/odd/empty","/odd/none"]},{"id":"b","status":"completed","rows":[9]}],"jobs/a":{"id":"a","status":"completed","urls":["/odd/empty","/odd/none"]},"empty":{"@text":"\n"}}');
-- what may pass, and what is damaged, are errors
ALTER SERVER odd OPTIONS (ADD max_retries '0');
SELECT * FROM read_jobs('{"jobs":[{"id":"a","status":"completed","url":"/odd/busy"}],"busy":{"@status":503}}');
SELECT * FROM read_jobs('{"jobs":[{"id":"a","status":"completed","url":"/odd/cut"}],"cut":{"@text":"1\n","@gzip":true,"@cut":12}}');
SELECT * FROM read_jobs('{"jobs":[{"id":"a","status":"completed","url":"/odd/cut"}],"cut":{"@status":422}}');

-- a listed job that is 404 by itself; one whose state only it tells
SELECT * FROM read_jobs('{"jobs":[{"id":"a","status":"completed"},{"id":"b"},{"id":"c"},{"id":"d","status":"completed","rows":[1]}],"jobs/c":{"id":"c","status":"completed","rows":[3]}}');
SELECT * FROM rejected;
ALTER FOREIGN TABLE results OPTIONS (DROP on_incomplete);
SELECT * FROM read_jobs('{"jobs":[{"id":"a","status":"completed"},{"id":"b"},{"id":"c"},{"id":"d","status":"completed","rows":[1]}],"jobs/c":{"id":"c","status":"completed","rows":[3]}}');
SELECT id, n FROM results;
ALTER FOREIGN TABLE results OPTIONS (ADD on_incomplete 'skip');
-- the document that should name the file
ALTER SERVER odd OPTIONS (ADD hop_path '$.url');
SELECT * FROM read_jobs('{"jobs":[{"id":"a","status":"completed","url":"/odd/none"},{"id":"b","status":"completed","url":"/odd/hop"},{"id":"c","status":"completed","url":"/odd/away"},{"id":"d","status":"completed","url":"/odd/there"}],
  "jobs/a":{"id":"a","status":"completed","url":"/odd/none"},"hop":{"uri":"x"},"away":{"url":"none"},"there":{"url":"file"},"file":[7],"jobs/c":{"id":"c","status":"completed","url":"/odd/away"}}');
SELECT * FROM rejected;
ALTER SERVER odd OPTIONS (DROP hop_path, ADD result_once 'true');
-- single-use results
SELECT * FROM read_jobs('{"jobs":[{"id":"a","status":"completed","url":"/odd/none"},{"id":"d","status":"completed","url":"/odd/file"}],"jobs/a":{"id":"a","status":"completed","url":"/odd/none"},"file":[7]}');
ALTER SERVER odd OPTIONS (DROP result_once, DROP max_retries);

-- numbers and marks that say so: empty_path, gone_path
ALTER SERVER odd OPTIONS (ADD empty_path '$.counts.done', ADD gone_path '$.archived_at', DROP count_path);
ALTER FOREIGN TABLE results OPTIONS (DROP on_incomplete);
CREATE FOREIGN TABLE jobs (id text, state text OPTIONS (meta 'state')) SERVER odd OPTIONS (resource 'jobs');
SELECT $${"jobs":[{"id":"a","status":"completed","rows":[1]},{"id":"b","status":"completed","counts":{"done":0}},{"id":"c","status":"completed","counts":{"done":"0"},"url":"/odd/none"},
  {"id":"d","status":"completed","rows":[2],"counts":{"done":1}},{"id":"e","status":"completed","rows":[3],"archived_at":"2026"},{"id":"f","status":"completed","rows":[4],"archived_at":false},
  {"id":"g","status":"failed","archived_at":""},{"id":"h","status":"completed","rows":[5],"archived_at":null,"counts":{"done":null}}],
  "jobs/b":{"id":"b","status":"completed","counts":{"done":0}},"jobs/e":{"id":"e","status":"completed","rows":[3],"archived_at":"2026"}}$$ AS script \gset
SELECT * FROM read_jobs(:'script');
SELECT * FROM jobs;
SELECT * FROM read_jobs(:'script', $$WHERE id = 'b'$$);
SELECT * FROM results WHERE id = 'e';
SELECT batch_fdw_wait('results', 'e');
ALTER FOREIGN TABLE results OPTIONS (ADD on_incomplete 'skip');
SELECT * FROM results WHERE id = 'e';
SELECT * FROM rejected;
-- a gone job is expired, whatever word it has: such a state is not sent as words
ALTER SERVER odd OPTIONS (ADD list_filters 'status=completed|failed|expired', ADD result_states 'completed, expired');
SELECT id FROM jobs WHERE state = 'expired';
SELECT id FROM jobs WHERE state = 'completed';
SELECT query FROM requests WHERE path = '/odd/jobs' ORDER BY n DESC LIMIT 2;
SELECT * FROM read_jobs(:'script', $$WHERE id = 'e'$$);

-- one process tells what is passed over
SET min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
EXPLAIN (COSTS OFF) SELECT count(*) FROM results WHERE id = 'a';

-- requests that failed, and are in another file
ALTER SERVER odd OPTIONS (ADD failed_path '$.counts.failed');
SELECT * FROM read_jobs('{"jobs":[{"id":"a","status":"completed","rows":[1],"counts":{"failed":2}},{"id":"b","status":"completed","counts":{"failed":1,"done":0}},{"id":"c","status":"completed","rows":[1],"counts":{"failed":0}},
  {"id":"d","status":"failed","counts":{"failed":9}}]}');
SELECT n FROM results LIMIT 1;
ALTER FOREIGN TABLE results OPTIONS (ADD check_count 'error');
SELECT n FROM results;
ALTER FOREIGN TABLE results OPTIONS (SET check_count 'off');
SELECT n FROM results;

SET client_min_messages = warning;
DROP VIEW rejected;
DROP SERVER odd CASCADE;
DROP FUNCTION read_jobs;
