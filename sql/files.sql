-- results in several files: templates of results_url, members of members in them, and the column that tells which
CREATE FUNCTION hex(body text) RETURNS text LANGUAGE sql RETURN encode(convert_to(body, 'UTF8'), 'hex');
CREATE FUNCTION job(body text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER SERVER several OPTIONS (SET job_url %L)', '/named/json/' || hex(body) || '/{id}');
END $$;
CREATE SERVER several FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'http://127.0.0.1:9470', allow_private_hosts 'true', auth_header '',
  job_url '/{id}', result_hosts '127.0.0.1:9471', job_columns 'id text', result_columns 'a int',
  results_url 'http://127.0.0.1:9471/echo/{response.file}, http://127.0.0.1:9471/echo/{error_file}?part={response.n},"http://127.0.0.1:9471/echo/{last-file}?x=1,2"');
CREATE SCHEMA several;
IMPORT FOREIGN SCHEMA batch FROM SERVER several INTO several;
SELECT attname, format_type(atttypid, NULL) AS type, attfdwoptions FROM pg_attribute WHERE attrelid = 'several.results'::regclass AND attnum > 0 ORDER BY attnum;

-- all three, in the order of the templates
SELECT job(format('{"id": "j", "status": "completed", "error_file": "%s", "response": {"file": "%s", "n": 7}, "last-file": "%s"}',
  hex('{"a": 3}'), hex('{"a": 1}' || chr(10) || '{"a": 2}'), hex('{"a": 4}')));
SELECT count(*) FROM reset;
SELECT * FROM several.results WHERE id = 'j' ORDER BY part, line;
SELECT file, a FROM several.results WHERE id = 'j' AND file = 2;
SELECT server, regexp_replace(path, '[0-9a-f]{20,}', '…') AS path, query, count(*) FROM requests GROUP BY 1, 2, 3 ORDER BY 2, 3;
SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
SELECT file, count(*), sum(a) FROM several.results WHERE id = 'j' GROUP BY file ORDER BY file;
RESET max_parallel_workers_per_gather; RESET parallel_setup_cost; RESET parallel_tuple_cost;

-- each whose fields are all there: the number is the template's, also where one before it has no file
SELECT job(format('{"status": "completed", "error_file": "%s", "response": {"file": null, "n": 0}, "last-file": ""}', hex('{"a": 5}')));
SELECT * FROM several.results WHERE id = 'j';
SELECT job(format('{"status": "completed", "error_file": "%s", "response": "text", "last-file": "%s"}', hex('{"a": 5}'), hex('{"a": 6}')));
SELECT * FROM several.results WHERE id = 'j';

-- where none is, a job that is completed is an error that names all fields, unless it says that it is empty; another has no rows
SELECT job('{"status": "completed", "error_file": null, "response": null, "count": 0}');
SELECT * FROM several.results WHERE id = 'j';
ALTER SERVER several OPTIONS (ADD empty_path '$.count');
SELECT * FROM several.results WHERE id = 'j';
ALTER SERVER several OPTIONS (ADD result_states 'completed, canceled');
SELECT job('{"status": "canceled"}');
SELECT * FROM several.results WHERE id = 'j';
-- but for what is inside
ALTER SERVER several OPTIONS (ADD inline_path '$.rows');
SELECT job('{"status": "completed", "error_file": null, "rows": [{"a": 7}, {"a": 8}]}');
SELECT * FROM several.results WHERE id = 'j';
SELECT job('{"status": "completed", "error_file": null, "rows": null}');
SELECT * FROM several.results WHERE id = 'j';
ALTER SERVER several OPTIONS (DROP inline_path);

-- a place in an error is that of the part
SELECT job(format('{"status": "completed", "error_file": "%s", "response": {"n": 1, "file": "%s"}}', hex('{"a": "x"}'), hex('{"a": 1}')));
SELECT * FROM several.results WHERE id = 'j';
ALTER FOREIGN TABLE several.results OPTIONS (ADD on_error 'null');
SELECT * FROM several.results WHERE id = 'j';
ALTER FOREIGN TABLE several.results OPTIONS (SET on_error 'skip');
SELECT file, count(*) FROM several.results WHERE id = 'j' GROUP BY file ORDER BY file;
ALTER FOREIGN TABLE several.results OPTIONS (DROP on_error);
-- a value that cannot stand in a URL
SELECT job('{"status": "completed", "response": {"file": "../x"}}');
SELECT * FROM several.results WHERE id = 'j';

-- inferred columns know file too
SELECT job(format('{"status": "completed", "error_file": "%s", "response": {"n": 1, "file": "%s"}}', hex('{"a": 1, "file": "f"}'), hex('{"a": 1}')));
SELECT column_name, path FROM batch_fdw_infer('several.results', 'j');
IMPORT FOREIGN SCHEMA batch LIMIT TO (inferred) FROM SERVER several INTO several OPTIONS (job_id 'j');
SELECT * FROM several.inferred WHERE id = 'j' ORDER BY part;

-- what options hold, and which tables have it
ALTER SERVER several OPTIONS (SET results_url '/a/{x.}, /b');
ALTER SERVER several OPTIONS (SET results_url '/a/{.x}');
ALTER SERVER several OPTIONS (SET results_url '/a/{x..y}');
ALTER SERVER several OPTIONS (SET results_url '/a/{x},');
ALTER SERVER several OPTIONS (SET job_url '/a/{id.x}');
CREATE FOREIGN TABLE several.one (file int OPTIONS (meta 'file'), a int) SERVER several OPTIONS (resource 'results', url 'http://127.0.0.1:9471/echo/7b7d');
SELECT * FROM several.one;
CREATE FOREIGN TABLE several.listed (file int OPTIONS (meta 'file'), id text) SERVER several OPTIONS (resource 'jobs');
SELECT * FROM several.listed WHERE id = 'j';
-- files that no template names have no number
CREATE FOREIGN TABLE several.urls (job text OPTIONS (meta 'job_id'), file int OPTIONS (meta 'file'), line int OPTIONS (meta 'line')) SERVER crustdata OPTIONS (resource 'results');
SELECT file, count(*) FROM several.urls WHERE job = '53ab0000-0000-4000-8000-000000000001' GROUP BY file;
DROP SCHEMA several CASCADE;
DROP SERVER several;
DROP FUNCTION job, hex;
