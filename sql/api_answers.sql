-- Answers of an API, by their status and by how they are sent: what is read, what is waited for, what is an error.
CREATE SERVER odd FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url 'http://127.0.0.1:9470/odd',
  allow_private_hosts 'true', list_url '/jobs', job_url '/jobs/{id}', urls_path '$.url', inline_path '$.rows', max_retries '0');
CREATE FOREIGN TABLE jobs (id text, status text, state text OPTIONS (meta 'state'), note text) SERVER odd OPTIONS (resource 'jobs');
CREATE FOREIGN TABLE results (id text OPTIONS (meta 'job_id'), n int OPTIONS (path '$')) SERVER odd OPTIONS (resource 'results');

-- any 2xx with JSON
CREATE FUNCTION answer_of(sent text, OUT job text, OUT listed text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell(format('{"jobs/a":{"id":"a","status":"completed","rows":[1,2],%1$s},"jobs":{"@body":[{"id":"a","status":"completed","rows":[1,2]}],%1$s}}', sent));
  job := outcome_of($q$SELECT string_agg(n::text, ' ') FROM results WHERE id = 'a'$q$);
  listed := outcome_of($q$SELECT string_agg(n::text, ' ') FROM results$q$);
END $$;
SELECT sent, a.* FROM (VALUES ('"@status":200'), ('"@status":201'), ('"@status":203'), ('"@status":206'), ('"@status":206,"@headers":{"Content-Range":"items 0-1/99999"}'),
  ('"@status":226'), ('"@status":202'), ('"@status":204,"@text":""'), ('"@status":205,"@text":""'), ('"@status":300'), ('"@status":304'), ('"@status":404'), ('"@status":425'),
  ('"@gzip":true'), ('"@gzip":true,"@headers":{"Content-Encoding":"gzip"}'), ('"@gzip":true,"@cut":20'), ('"@gzip":true,"@cut":-4'), ('"@gzip":true,"@cut":-1'), ('"@gzip":true,"@cut":1'),
  ('"@text":"\u001f\u008b[]"'), ('"@text":"\u00ef\u00bb\u00bf[{\"id\":\"a\",\"status\":\"completed\",\"rows\":[3]}]"'),
  ('"@text":"\u00ef\u00bb\u00bf{\"id\":\"a\",\"status\":\"completed\",\"rows\":[4]}"'), ('"@text":"\u00ef\u00bb\u00bf"'), ('"@text":"\u00ef\u00bb\u00bf<html>"'),
  ('"@text":"\u00ef\u00bb\u00bf\u00ef\u00bb\u00bf[]"')) AS s (sent), answer_of(sent) AS a;
SELECT tell('{"jobs":{"@body":[{"id":"a"}],"@gzip":true,"@cut":20},"jobs/a":{"@text":"\u001f\u008b\b"},"jobs/b":{"@text":"{\"id\":\"b\"}","@gzip":true},
  "jobs/c":{"@status":422,"@body":{"error":{"type":"bad","message":"No such field."}},"@gzip":true}}');
SELECT id FROM jobs;
SELECT id FROM jobs WHERE id = 'a';
SELECT id FROM jobs WHERE id = 'b';
SELECT id FROM jobs WHERE id = 'c';
SELECT DISTINCT headers->>'accept-encoding' AS accepted FROM requests;
ALTER SERVER odd OPTIONS (ADD headers '{"accept-encoding": "identity"}', ADD max_record_size '10kB');
SELECT count(*) FROM reset;
SELECT id FROM jobs WHERE id = 'b';
SELECT headers->>'accept-encoding' AS accepted FROM requests;
-- what is inflated is not longer than a record may be
SELECT tell(format('{"jobs/a":{"id":"a","pad":"%s","@gzip":true}}', repeat('x', 20000)));
SELECT id FROM jobs WHERE id = 'a';
ALTER SERVER odd OPTIONS (DROP headers, DROP max_record_size);

-- an id that is none, or in letters of another case: the one that was asked for stands for it, in its column too
SELECT id, tell(format('{"jobs/a":{"id":%s,"status":"completed"}}', id)), outcome_of($$SELECT id FROM jobs WHERE id = 'a'$$)
  FROM (VALUES ('"a"'), ('"A"'), ('""'), ('null'), ('{}'), ('[]'), ('"b"'), ('7')) AS i (id);

-- an answer that says that the job is not finished: its id is the one asked for, its state processing, the rest what it tells
CREATE FUNCTION unready(sent text, OUT job text, OUT results text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell(format('{"jobs/a":%s}', sent));
  job := outcome_of($q$SELECT to_jsonb(j) - 'id' || jsonb_build_object('id', id) FROM jobs j WHERE id = 'a'$q$);
  results := outcome_of($q$SELECT string_agg(n::text, ' ') FROM results WHERE id = 'a'$q$);
END $$;
SELECT sent, u.* FROM (VALUES ('{"@status":202,"note":"soon"}'), ('{"@status":202,"id":"a","status":"completed","rows":[1]}'), ('{"@status":202,"id":"task-7","status":"queued"}'),
  ('{"@status":202,"@text":""}'), ('{"@status":202,"@text":"<html>wait</html>"}'), ('{"@status":202,"@body":[1]}'), ('{"@status":202,"@body":"x","@gzip":true}'), ('{"@status":202,"@body":{"note":"z"},"@gzip":true}')) AS s (sent), unready(sent) AS u;
SELECT * FROM results WHERE id = 'a';
ALTER SERVER odd OPTIONS (ADD not_ready '404, 425, 503');
SELECT sent, u.* FROM (VALUES ('{"@status":404}'), ('{"@status":425,"note":"too early"}'), ('{"@status":503}'), ('{"@status":202,"id":"a","status":"completed","rows":[1]}')) AS s (sent), unready(sent) AS u;
ALTER SERVER odd OPTIONS (SET not_ready '');
SELECT * FROM unready('{"@status":202,"id":"a","status":"completed","rows":[1]}');
ALTER SERVER odd OPTIONS (DROP not_ready);
-- of a listed job that is asked for it is as if the listing said so
SELECT tell('{"jobs":[{"id":"a"},{"id":"b","status":"completed","rows":[2]}],"jobs/a":{"@status":202}}');
SELECT * FROM results;

-- waiting: for such an answer, and over a 404 that passes
ALTER FOREIGN TABLE results OPTIONS (ADD on_incomplete 'wait');
SELECT tell('{"jobs/a":{"@steps":[{"@status":202,"@headers":{"Retry-After":"1"}},{"id":"a","status":"completed","rows":[1,2]}]}}');
SELECT * FROM results WHERE id = 'a';
SELECT status FROM requests ORDER BY n;
SELECT tell('{"jobs/a":{"@steps":[{"@status":404},{"id":"a","status":"completed","rows":[1,2]}]}}');
SELECT * FROM results WHERE id = 'a';
ALTER SERVER odd OPTIONS (SET max_retries '1');
SELECT tell('{"jobs/a":{"@steps":[{"@status":404},{"id":"a","status":"running"},{"@status":404},{"id":"a","status":"completed","rows":[1,2]}]}}');
SELECT * FROM results WHERE id = 'a';
SELECT batch_fdw_wait('jobs', 'b');
SELECT path, status FROM requests ORDER BY n;
ALTER FOREIGN TABLE results OPTIONS (ADD wait_timeout '0');
SELECT * FROM results WHERE id = 'b';

SET client_min_messages = warning;
DROP SERVER odd CASCADE;
DROP FUNCTION answer_of, unready;
