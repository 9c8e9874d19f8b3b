-- what is new: the results of jobs that another table does not have yet, of an account of 100 jobs, 37 of them completed
CREATE SERVER incremental FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata', base_url 'http://127.0.0.1:9470/accounts/hundred', allow_private_hosts 'true');
CREATE USER MAPPING FOR PUBLIC SERVER incremental OPTIONS (api_key 'test-key');
CREATE SCHEMA incremental;
SET search_path = incremental, public;
IMPORT FOREIGN SCHEMA batch FROM SERVER incremental INTO incremental;
CREATE TABLE loaded AS SELECT batch_id FROM jobs WHERE status = 'completed' ORDER BY created_at OFFSET 3;
ANALYZE loaded;
SELECT count(*) FROM loaded;
-- the ids of what is new, by the listing: three files are read
SELECT * FROM reset;
SELECT count(DISTINCT batch_id) AS jobs, count(*) AS records FROM results
 WHERE batch_id = ANY (ARRAY(
   SELECT batch_id FROM jobs j WHERE status = 'completed' AND NOT EXISTS (SELECT FROM loaded l WHERE l.batch_id = j.batch_id)));
SELECT CASE WHEN server = 'files' THEN 'file' WHEN path LIKE '%/batch' THEN 'page' ELSE 'job' END AS request, count(*) FROM requests GROUP BY 1 ORDER BY 1;
-- without them all results are read, and dropped then; EXPLAIN says so
CREATE FUNCTION hints(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    IF line LIKE '%Batch Hint%' THEN
      RETURN NEXT trim(line);
    END IF;
  END LOOP;
END $$;
SELECT * FROM hints('SELECT FROM results r WHERE NOT EXISTS (SELECT FROM loaded l WHERE l.batch_id = r.batch_id)');
SELECT * FROM hints('SELECT FROM results r LEFT JOIN loaded l ON l.batch_id = r.batch_id WHERE l.batch_id IS NULL');
SELECT * FROM hints('SELECT FROM results r WHERE batch_id NOT IN (SELECT batch_id FROM loaded)');
SELECT * FROM hints('SELECT FROM results r WHERE NOT EXISTS (SELECT FROM loaded l WHERE l.batch_id::text = r.original_identifier)');
SELECT * FROM hints('SELECT FROM jobs j WHERE NOT EXISTS (SELECT FROM loaded l WHERE l.batch_id = j.batch_id)');
SELECT * FROM hints('SELECT FROM results r JOIN loaded l ON l.batch_id = r.batch_id');
SELECT * FROM hints($$SELECT FROM results r WHERE batch_id = 'acc00000-0000-4000-8000-000000000005' AND NOT EXISTS (SELECT FROM loaded l WHERE l.batch_id = r.batch_id)$$);
SELECT * FROM reset;
SELECT count(*) FROM results r WHERE NOT EXISTS (SELECT FROM loaded l WHERE l.batch_id = r.batch_id);
SELECT count(*) FILTER (WHERE server = 'files') AS files FROM requests;
RESET search_path;
DROP FUNCTION incremental.hints;
DROP TABLE incremental.loaded;
DROP FOREIGN TABLE incremental.jobs, incremental.results;
DROP SCHEMA incremental;
DROP SERVER incremental CASCADE;
