-- Words for a job's status, and where they are: what no option explains is told, and gives no fewer rows in silence.
-- Right sides of status_map, result_states and the states of list_lacks are of the six, when they are set.
CREATE SERVER refused FOREIGN DATA WRAPPER batch_fdw OPTIONS (status_map 'SUCCEEDED=complete');
CREATE SERVER refused FOREIGN DATA WRAPPER batch_fdw OPTIONS (status_map 'a=pending, b=processing, c=completed, d=failed, e=canceled, f=cancelled');
CREATE SERVER refused FOREIGN DATA WRAPPER batch_fdw OPTIONS (result_states 'x');
CREATE SERVER refused FOREIGN DATA WRAPPER batch_fdw OPTIONS (result_states 'completed, Expired');
CREATE SERVER refused FOREIGN DATA WRAPPER batch_fdw OPTIONS (list_lacks 'url@done');

CREATE SERVER words FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url 'http://127.0.0.1:9470/named',
  allow_private_hosts 'true', list_url '/', items_path '$', job_url '/{id}', inline_path '$.rows',
  status_map 'DONE=completed, OPEN=processing');
CREATE FOREIGN TABLE jobs (id text, status text, state text OPTIONS (meta 'state'), url text) SERVER words OPTIONS (resource 'jobs');
CREATE FOREIGN TABLE results (id text, n int OPTIONS (path '$')) SERVER words OPTIONS (resource 'results');

-- Let the listing, or each job, answer with a text.
CREATE FUNCTION let(url text, body text, after text DEFAULT '') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER SERVER words OPTIONS (SET %s %L)', url, '/json/' || encode(convert_to(body, 'UTF8'), 'hex') || after);
END $$;
SELECT let('list_url', '[{"id": "a", "status": "DONE", "rows": [1, 2]}, {"id": "b", "status": "Stopped", "rows": [3]},
  {"id": "c", "status": "OPEN"}, {"id": "d", "status": "Stopped"}, {"id": "e", "status": "paused", "rows": [4]}]');

-- a word that is none of the six is its own state; it is told of once where states decide, and not where they do not
SELECT id, status FROM jobs;
SELECT id, state FROM jobs;
SELECT * FROM results;
SELECT n FROM results r, LATERAL (SELECT count(*) FROM jobs j WHERE j.state = 'Stopped' AND j.id <> r.id) s;
-- by id it is not finished, and says what to do
SELECT let('job_url', '{"id": "b", "status": "Stopped", "rows": [3]}', '/{id}');
SELECT * FROM results WHERE id = 'b';
SELECT id, state FROM jobs WHERE id = 'b';
ALTER SERVER words OPTIONS (SET status_map 'DONE=completed, OPEN=processing, Stopped=completed');
SELECT * FROM results WHERE id = 'b';
SELECT * FROM results;
-- many words are told of ten times
SELECT let('list_url', (SELECT json_agg(json_build_object('id', 'j' || i, 'status', 'w' || i)) FROM generate_series(1, 30) i)::text);
SELECT count(*) FROM results;
-- the words of a filter that nothing maps to a state do not narrow what is asked for
SELECT let('list_url', '[{"id": "a", "status": "finished", "rows": [1, 2]}]');
ALTER SERVER words OPTIONS (ADD list_filters 'status=open|finished');
SELECT * FROM results;
SELECT count(*) FROM reset;
ALTER SERVER words OPTIONS (SET status_map 'finished=completed');
SELECT * FROM results;
SELECT query FROM requests;
ALTER SERVER words OPTIONS (DROP list_filters);

-- waiting: what is waited for is told, once for each word
CREATE FOREIGN TABLE waits (job text OPTIONS (meta 'job_id')) SERVER crustdata OPTIONS (resource 'results', on_incomplete 'wait');
SELECT count(*) FROM waits WHERE job = 'wait-thinking-dreaming-completed';
SELECT batch_fdw_wait('waits', 'wait-musing-completed');

-- no status where status_path says: a listed job is asked for by id, then it is an error
ALTER SERVER words OPTIONS (ADD status_path '$.state');
SELECT let('list_url', '[{"id": "a", "status": "DONE", "rows": [1, 2]}]');
SELECT let('job_url', '{"id": "a", "state": "completed", "rows": [5]}', '/{id}');
SELECT count(*) FROM reset;
SELECT * FROM results;
SELECT count(*) FROM requests;
SELECT let('job_url', '{"id": "a", "status": "DONE", "rows": [5]}', '/{id}');
SELECT * FROM results;
SELECT * FROM results WHERE id = 'a';
SELECT id, state FROM jobs;
SELECT count(*) FROM jobs WHERE state = 'completed';
SELECT id, state FROM jobs WHERE id = 'a';
SELECT id FROM jobs;
ALTER FOREIGN TABLE results OPTIONS (ADD on_incomplete 'skip');
SELECT * FROM results;
ALTER FOREIGN TABLE results OPTIONS (DROP on_incomplete);
SELECT let('list_url', '[{"name": "a", "rows": [1, 2]}]');
SELECT * FROM results;
-- an id that is a URL with a signature is shown without it
SELECT let('list_url', '[{"id": "https://files.example/a?X-Amz-Signature=secret", "state": "odd", "rows": [1]}]');
SELECT * FROM results;
SELECT id, state FROM jobs;
ALTER SERVER words OPTIONS (ADD count_path '$.n');
SELECT let('list_url', '[{"id": "https://files.example/a?X-Amz-Signature=secret", "state": "completed", "rows": [1, "x"], "n": 3}]');
SELECT count(*) FROM results;
SELECT sum(n) FROM results;
ALTER SERVER words OPTIONS (DROP count_path);
-- no job where job_path says
ALTER SERVER words OPTIONS (DROP status_path, ADD job_path '$.jobs');
SELECT * FROM jobs WHERE id = 'a';
SELECT * FROM results WHERE id = 'a';
ALTER SERVER words OPTIONS (SET job_path '$.meta');
SELECT let('job_url', '{"id": "a", "status": "DONE", "rows": [5], "meta": {"version": 1}}', '/{id}');
SELECT * FROM jobs WHERE id = 'a';
SELECT * FROM results WHERE id = 'a';
-- no id, or another one, where id_path says
ALTER SERVER words OPTIONS (DROP job_path, ADD id_path '$.key');
SELECT let('job_url', '{"id": "A", "status": "completed", "rows": [5]}', '/{id}');
CREATE FOREIGN TABLE keys (key text, status text) SERVER words OPTIONS (resource 'jobs');
CREATE FOREIGN TABLE key_results (key text, n int OPTIONS (path '$')) SERVER words OPTIONS (resource 'results');
SELECT * FROM keys WHERE key = 'a';
SELECT * FROM key_results WHERE key = 'a';
ALTER SERVER words OPTIONS (SET id_path '$.status');
SELECT * FROM jobs WHERE status = 'a';
SELECT * FROM key_results;
ALTER SERVER words OPTIONS (SET id_path '$.id');
SELECT * FROM jobs WHERE id = 'a';
SELECT * FROM results WHERE id = 'a';
SELECT * FROM results WHERE id = 'b';
SELECT outcome_of($$SELECT id FROM jobs WHERE id = 'b'$$);
SELECT id FROM jobs WHERE id = ANY (ARRAY['a', 'b']);

DROP FUNCTION let;
DROP FOREIGN TABLE waits;
SET client_min_messages = warning;
DROP SERVER words CASCADE;
