-- Waiting for a job: on_incomplete 'wait', and batch_fdw_wait(). Each request
-- for a job wait-A-B-C takes one of its steps A, B, C; the last one stays.
CREATE FOREIGN TABLE waiting (job text OPTIONS (meta 'job_id'), name text OPTIONS (path '$.data.name'))
  SERVER crustdata OPTIONS (resource 'results', on_incomplete 'wait');

-- from submitting to the table in one statement
CREATE TABLE loaded (name text);
SELECT * FROM reset;
INSERT INTO loaded SELECT name FROM waiting WHERE job = 'wait-pending-processing:1-completed';
SELECT * FROM loaded ORDER BY name;
SELECT path, count(*) FROM requests GROUP BY path ORDER BY path COLLATE "C" DESC;
DROP TABLE loaded;

-- nothing to wait for: no pause, no notice
SELECT * FROM reset;
SELECT count(*) FROM waiting WHERE job = 'wait-completed';
SELECT count(*) FROM waiting WHERE job IN ('small', 'wait-completed');
SELECT count(*) FROM requests WHERE server = 'api';

-- the same is told once; a count that grows is told again
SELECT * FROM reset;
SELECT count(*) FROM waiting WHERE job = 'wait-processing:1-processing:1-completed';
SELECT count(*) FROM waiting WHERE job = 'wait-processing:1-processing:2-completed';
SELECT path, count(*) FROM requests WHERE server = 'api' GROUP BY path ORDER BY path COLLATE "C";

-- a word that is no state is waited for too
SELECT count(*) FROM waiting WHERE job = 'wait-thinking-completed';

-- what fails, or cannot be known, is the error that it is without waiting
SELECT * FROM waiting WHERE job = 'wait-processing-failed';
SELECT * FROM waiting WHERE job = 'wait-failed';
ALTER SERVER crustdata OPTIONS (ADD max_retries '0');
SELECT * FROM waiting WHERE job = 'wait-processing-gone';
SELECT * FROM waiting WHERE job = 'wait-mute';

-- wait_timeout: one more look at its end
ALTER FOREIGN TABLE waiting OPTIONS (ADD wait_timeout '200ms');
SELECT * FROM reset;
SELECT * FROM waiting WHERE job = 'wait-processing-processing:7';
SELECT count(*) FROM requests;
SELECT count(*) FROM waiting WHERE job = 'wait-processing-completed';
ALTER FOREIGN TABLE waiting OPTIONS (SET wait_timeout '0');
SELECT * FROM reset;
SELECT * FROM waiting WHERE job = 'wait-processing';
SELECT count(*) FROM requests;

-- unless the API wants to be left alone for longer
ALTER FOREIGN TABLE waiting OPTIONS (SET wait_timeout '200ms');
SELECT * FROM reset;
SELECT * FROM waiting WHERE job = 'wait-processing:0:5';
SELECT count(*) FROM requests;

-- ANALYZE does not wait
CREATE FOREIGN TABLE fixed (name text OPTIONS (path '$.data.name')) SERVER crustdata
  OPTIONS (resource 'results', on_incomplete 'wait', job_id 'wait-processing');
ANALYZE fixed;
DROP FOREIGN TABLE fixed;

-- without an id, jobs that are not finished are not waited for
CREATE SERVER hundred FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata',
  base_url 'http://127.0.0.1:9470/accounts/hundred', allow_private_hosts 'true');
CREATE USER MAPPING FOR PUBLIC SERVER hundred OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE listed (name text OPTIONS (path '$.data.name')) SERVER hundred
  OPTIONS (resource 'results', on_incomplete 'wait');
SELECT count(*) FROM listed;
DROP SERVER hundred CASCADE;

-- batch_fdw_wait gives the state in which a job ended
SELECT * FROM reset;
SELECT batch_fdw_wait('crustdata.jobs', 'wait-pending-completed');
SELECT count(*) FROM requests;
SELECT batch_fdw_wait('crustdata.jobs', 'wait-failed');
SELECT batch_fdw_wait('crustdata.jobs', 'wait-canceled'), batch_fdw_wait('waiting', 'wait-expired', '1 day');
SELECT batch_fdw_wait('bigdata.jobs', 'batch-estuary');
SELECT job, batch_fdw_wait('crustdata.jobs', job) FROM (VALUES ('small'), (NULL), ('wait-failed')) AS v (job);

-- its failures
SELECT batch_fdw_wait('crustdata.jobs', 'wait-processing:3', '0.2 s');
SELECT batch_fdw_wait('crustdata.jobs', 'wait-processing', '-1 s');
SELECT batch_fdw_wait('crustdata.jobs', 'wait-mute');
SELECT batch_fdw_wait('crustdata.jobs', 'wait-gone');
ALTER SERVER crustdata OPTIONS (DROP max_retries);
SELECT batch_fdw_wait('crustdata.jobs', '../jobs');
CREATE FOREIGN TABLE no_jobs (a int) SERVER files OPTIONS (resource 'results', url 'http://127.0.0.1:9471/edge/good.gz');
SELECT batch_fdw_wait('no_jobs', 'small');
DROP FOREIGN TABLE no_jobs;

-- only a foreign table of batch_fdw, and only one that the user may read
CREATE FOREIGN DATA WRAPPER other;
CREATE SERVER other FOREIGN DATA WRAPPER other;
CREATE FOREIGN TABLE others (a int) SERVER other;
SELECT batch_fdw_wait('others', 'small');
SELECT batch_fdw_wait('pg_class', 'small');
DROP FOREIGN DATA WRAPPER other CASCADE;
CREATE ROLE regress_waiter;
GRANT USAGE ON SCHEMA crustdata TO regress_waiter;
SET ROLE regress_waiter;
SELECT batch_fdw_wait('crustdata.jobs', 'small');
RESET ROLE;
GRANT SELECT ON crustdata.jobs TO regress_waiter;
SET ROLE regress_waiter;
SELECT batch_fdw_wait('crustdata.jobs', 'small');
RESET ROLE;
CREATE USER MAPPING FOR regress_waiter SERVER crustdata OPTIONS (api_key 'wrong-key');
SET ROLE regress_waiter;
SELECT batch_fdw_wait('crustdata.jobs', 'small');
RESET ROLE;
DROP OWNED BY regress_waiter;
DROP ROLE regress_waiter;
DROP FOREIGN TABLE waiting;
