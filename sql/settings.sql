-- What a session sets instead of the options of its tables.
SELECT make_bad('a int, b text', '', '{"a":1,"b":"one"}', '{"a":"lots","b":"two"}', '{"a":3,"b":"th', '{"a":4}');
\set VERBOSITY sqlstate
SELECT a, b FROM bad;

-- on_error and reject_limit; empty, the table's own count
SET batch_fdw.on_error = 'skip';
SELECT a, b FROM bad;
SET batch_fdw.on_error = 'null';
SELECT a, b FROM bad;
SET batch_fdw.reject_limit = 1;
SELECT a, b FROM bad;
SET batch_fdw.reject_limit = 2;
SELECT a, b FROM bad;
RESET batch_fdw.on_error;
SELECT a, b FROM bad;
ALTER FOREIGN TABLE bad OPTIONS (ADD on_error 'skip', ADD reject_limit '1');
SELECT a, b FROM bad;
RESET batch_fdw.reject_limit;
SELECT a, b FROM bad;
SET batch_fdw.on_error = 'error';
SELECT a, b FROM bad;
SET batch_fdw.on_error = '';
SELECT a, b FROM bad;

-- a statement that was prepared before follows
ALTER FOREIGN TABLE bad OPTIONS (DROP on_error, DROP reject_limit);
PREPARE q AS SELECT a, b FROM bad;
EXECUTE q;
SET batch_fdw.on_error = 'skip';
EXECUTE q;

-- for a transaction alone; a savepoint takes it back
RESET batch_fdw.on_error;
BEGIN;
SET LOCAL batch_fdw.on_error = 'skip';
SELECT count(*) FROM bad;
SAVEPOINT s;
SET LOCAL batch_fdw.on_error = 'error';
SELECT count(*) FROM bad;
ROLLBACK TO s;
SELECT count(*) FROM bad;
COMMIT;
SELECT count(*) FROM bad;

-- on_incomplete and wait_timeout
SELECT count(*) FROM crustdata.results WHERE batch_id = '53ab0000-0000-4000-8000-000000000010';
SET batch_fdw.on_incomplete = 'skip';
SELECT count(*) FROM crustdata.results WHERE batch_id = '53ab0000-0000-4000-8000-000000000010';
\set VERBOSITY terse
SET batch_fdw.on_incomplete = 'wait';
SET batch_fdw.wait_timeout = '100ms';
SELECT count(*) FROM crustdata.results WHERE batch_id = '53ab0000-0000-4000-8000-000000000010';
\set VERBOSITY default

-- what they take
SET batch_fdw.on_error = 'stop';
SET batch_fdw.on_error = 'err';
SET batch_fdw.on_incomplete = 'error|skip';
SET batch_fdw.wait_timeout = '-1s';
SET batch_fdw.wait_timeout = 'long';
SET batch_fdw.reject_limit = 'none';
\set VERBOSITY sqlstate
SET batch_fdw.progress_interval = -1;
\set VERBOSITY default
SELECT name, setting, unit, boot_val, context FROM pg_settings WHERE name ~ '^batch_fdw\.(on_|wait|reject|progress)' ORDER BY name;

-- the prefix is reserved
SET batch_fdw.on_eror = 'skip';
DISCARD ALL;
SHOW batch_fdw.on_incomplete;
DROP FOREIGN TABLE bad;
