-- batch_fdw_load: from an account to a table, job by job.
CREATE SERVER hundred FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata',
  base_url 'http://127.0.0.1:9470/accounts/hundred', allow_private_hosts 'true');
CREATE USER MAPPING FOR PUBLIC SERVER hundred OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE source (batch_id uuid OPTIONS (meta 'job_id'), line bigint OPTIONS (meta 'line'),
  name text OPTIONS (path '$.data.name'), headcount int OPTIONS (path '$.data.headcount'), extra text) SERVER hundred OPTIONS (resource 'results');

-- the columns that both have, whatever their order
CREATE TABLE enriched (name text, batch_id uuid, line int, loaded_by text DEFAULT 'load');
CALL batch_fdw_load('source', 'enriched', max_jobs => 3);
SELECT * FROM enriched ORDER BY batch_id, line;
SELECT job_id, state, loaded_at <= clock_timestamp() AS loaded, rows, rejected, sqlstate, error FROM enriched_jobs ORDER BY job_id;
\d enriched_jobs
-- the others, and then none; what is loaded is not asked for
CALL batch_fdw_load('source', 'enriched');
SELECT count(*), count(DISTINCT (batch_id, line)), count(DISTINCT batch_id) FROM enriched;
SELECT count(*), sum(rows) FROM enriched_jobs;
SELECT * FROM reset;
CALL batch_fdw_load('source', 'enriched');
SELECT * FROM asked();

-- a job that fails is logged, and tried again; one without results is loaded
CREATE TABLE people (batch_id uuid, line bigint, original_identifier text);
\set VERBOSITY terse
CALL batch_fdw_load('crustdata.results', 'people');
SELECT right(job_id, 2) AS job, loaded_at IS NOT NULL AS loaded, rows, rejected, sqlstate, length(error) > 20 AS told FROM people_jobs ORDER BY 1;
SELECT right(batch_id::text, 2) AS job, count(*) FROM people GROUP BY 1 ORDER BY 1;
CALL batch_fdw_load('crustdata.results', 'people');
SELECT count(*), count(loaded_at) FROM people_jobs;
-- what was never tried comes before what failed
DELETE FROM people WHERE batch_id = '53ab0000-0000-4000-8000-000000000002';
DELETE FROM people_jobs WHERE job_id = '53ab0000-0000-4000-8000-000000000002';
CALL batch_fdw_load('crustdata.results', 'people', max_jobs => 1);
CALL batch_fdw_load('crustdata.results', 'people', max_jobs => 0);

-- bad records count as rejected, where on_error passes over them
CREATE FOREIGN TABLE faulty (id text OPTIONS (meta 'job_id'), name text OPTIONS (path '$.data.name'),
  headcount int OPTIONS (path '$.data.headcount')) SERVER crustdata OPTIONS (resource 'results');
CREATE TABLE loaded (id text, name text, headcount int);
CALL batch_fdw_load('faulty', 'loaded', jobs => ARRAY['bad-value', 'small', 'bad-line']);
SELECT id, count(*) FROM loaded GROUP BY id;
SELECT job_id, rows, rejected, sqlstate, error FROM loaded_jobs ORDER BY job_id;
SET batch_fdw.on_error = 'skip';
CALL batch_fdw_load('faulty', 'loaded', jobs => ARRAY['bad-value', 'small', 'bad-line']);
SELECT id, count(*) FROM loaded GROUP BY id ORDER BY id;
SELECT job_id, rows, rejected, sqlstate, error FROM loaded_jobs ORDER BY job_id;
RESET batch_fdw.on_error;
-- a constraint of the target is a failure of the job
ALTER TABLE loaded ADD CHECK (id <> 'drip');
CALL batch_fdw_load('faulty', 'loaded', jobs => ARRAY['drip']);
SELECT job_id, rows, sqlstate, error FROM loaded_jobs WHERE job_id = 'drip';
-- a job that names no results is one, whatever on_incomplete says
ALTER FOREIGN TABLE faulty OPTIONS (ADD on_incomplete 'skip');
SET batch_fdw.on_incomplete = 'skip';
CALL batch_fdw_load('faulty', 'loaded', jobs => ARRAY['no-url', 'zero-null']);
SELECT job_id, rows, sqlstate, error FROM loaded_jobs WHERE job_id IN ('no-url', 'zero-null') ORDER BY job_id;
SHOW batch_fdw.on_incomplete;
RESET batch_fdw.on_incomplete;

DROP TABLE enriched, enriched_jobs, people, people_jobs, loaded, loaded_jobs;
DROP FOREIGN TABLE faulty;
DROP SERVER hundred CASCADE;
