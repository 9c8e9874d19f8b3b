-- LIMIT sets the size of a page where nothing stands between; it never bounds
SELECT * FROM reset;
SELECT count(*) FROM (SELECT batch_id FROM crustdata.jobs LIMIT 3) AS t;
SELECT count(*) FROM (SELECT batch_id FROM crustdata.jobs OFFSET 2 LIMIT 3) AS t;
SELECT count(*) FROM (SELECT batch_id FROM crustdata.jobs WHERE status = 'completed' LIMIT 3) AS t;
SELECT count(*) FROM (SELECT batch_id FROM crustdata.jobs WHERE entity = 'person' LIMIT 3) AS t;
SELECT count(*) FROM (SELECT batch_id FROM crustdata.jobs ORDER BY entity LIMIT 3) AS t;
SELECT count(*) FROM (SELECT DISTINCT status FROM crustdata.jobs LIMIT 3) AS t;
SELECT count(*) FROM (SELECT batch_id FROM crustdata.jobs LIMIT 0) AS t;
SELECT count(*) FROM (SELECT batch_id FROM crustdata.jobs LIMIT NULL) AS t;
SELECT count(*) FROM (SELECT batch_id FROM crustdata.jobs LIMIT 5000) AS t;
PREPARE l(int) AS SELECT batch_id FROM crustdata.jobs LIMIT $1;
SET plan_cache_mode = force_generic_plan;
EXECUTE l(2);
RESET plan_cache_mode;
SELECT * FROM asked();

-- pulled further, a scan with a small page goes on
SELECT * FROM reset;
BEGIN;
DECLARE c CURSOR FOR SELECT batch_id FROM crustdata.jobs LIMIT 5 OFFSET 0;
MOVE ALL IN c;
COMMIT;
SELECT * FROM asked();
