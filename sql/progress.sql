-- How far a scan is: what the view shows of it, and when that is gone.
SELECT * FROM batch_fdw_progress;
\d batch_fdw_progress
CREATE FUNCTION mine() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_stat_clear_snapshot();
  RETURN (SELECT concat_ws(' ', datname = current_database(), relation, phase, part, parts, bytes_received > 0, bytes_total > 0, records, rejected, requests, retries, paused_until,
    started_at BETWEEN statement_timestamp() AND clock_timestamp()) FROM batch_fdw_progress WHERE pid = pg_backend_pid());
END $$;

-- a query sees its own scan, which is told of at the first record and then each 1,024
SELECT line, mine() FROM crustdata.results WHERE batch_id = '53ab0000-0000-4000-8000-000000000002' LIMIT 2;
SELECT batch_id, mine() IS NULL AS none FROM crustdata.jobs LIMIT 1;
CREATE FOREIGN TABLE numbered (id text OPTIONS (meta 'job_id'), line bigint OPTIONS (meta 'line'), headcount int OPTIONS (path '$.data.headcount'))
  SERVER crustdata OPTIONS (resource 'results');
SELECT count(*), count(*) FILTER (WHERE n IN (1, 1025, 2049) AND shown LIKE '% ' || n || ' 0 2 0 t') AS told
  FROM (SELECT line AS n, mine() AS shown FROM numbered WHERE id = 'narrow-3000') AS s;
-- the end, an error, a LIMIT, a closed cursor: nothing is left
SELECT mine();
SELECT 1 / (line - 2) FROM numbered WHERE id = 'small';
SELECT mine();
BEGIN;
SELECT line FROM numbered WHERE id = 'small' LIMIT 1;
SELECT mine();
DECLARE c CURSOR FOR SELECT line FROM numbered WHERE id = 'small';
FETCH 1 FROM c;
SELECT mine() LIKE '% numbered reading %';
-- a failure in a savepoint clears the slot, and the scan takes it again
SAVEPOINT s;
SELECT 1 / 0;
ROLLBACK TO s;
FETCH 1 FROM c;
CLOSE c;
SELECT mine();
COMMIT;

-- of two scans the first one that waits is shown; a COPY keeps its own
SELECT count(*) FROM numbered AS a, numbered AS b WHERE a.id = 'small' AND b.id = 'drip' AND mine() LIKE '% numbered reading %';
COPY (SELECT line, mine() FROM numbered WHERE id = 'small') TO STDOUT;
DROP FOREIGN TABLE numbered;
DROP FUNCTION mine;
