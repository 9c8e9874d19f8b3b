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
