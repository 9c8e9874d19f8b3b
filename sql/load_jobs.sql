-- Which jobs batch_fdw_load loads: those that are named, and those back to a time.
CREATE TABLE people (batch_id uuid, line bigint, original_identifier text);
\set VERBOSITY terse
-- jobs that are named, with a listing or without; one that is not finished is not logged
CALL batch_fdw_load('crustdata.results', 'people', jobs => ARRAY['53ab0000-0000-4000-8000-000000000002',
  '53ab0000-0000-4000-8000-000000000010', '53ab0000-0000-4000-8000-000000000011', NULL,
  '53ab0000-0000-4000-8000-00000000ffff', '53ab0000-0000-4000-8000-000000000002']);
SELECT job_id, state, rows, sqlstate, error FROM people_jobs ORDER BY 1;
CALL batch_fdw_load('crustdata.results', 'people', jobs => '{}');
CALL batch_fdw_load('crustdata.results', 'people', jobs => ARRAY[E'two\nlines']);
CREATE TABLE found (batch_id text, line bigint);
CALL batch_fdw_load('bigdata.results', 'found');
CALL batch_fdw_load('bigdata.results', 'found', jobs => ARRAY['batch-cirrus', 'batch-borealis']);
SELECT * FROM found ORDER BY line;
DROP TABLE found, found_jobs;

-- since ends the listing
CREATE SERVER million FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata',
  base_url 'http://127.0.0.1:9470/accounts/million', allow_private_hosts 'true');
CREATE USER MAPPING FOR PUBLIC SERVER million OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE many (batch_id uuid OPTIONS (meta 'job_id'), line bigint OPTIONS (meta 'line')) SERVER million OPTIONS (resource 'results');
CREATE TABLE recent (batch_id uuid, line bigint);
SET timezone = 'UTC';
SELECT clock_timestamp() - '2026-06-01 00:00:00+00' + '1 min' AS since \gset
SELECT * FROM reset;
CALL batch_fdw_load('many', 'recent', since => :'since', max_jobs => 1);
SELECT path, query FROM asked() WHERE query IS NOT NULL;
SELECT count(*) BETWEEN 1 AND 70 AS few FROM batch_fdw_jobs('many', :'since');
SELECT right(batch_id::text, 6) < '000070' AS recent, line FROM recent ORDER BY line;
ALTER SERVER million OPTIONS (ADD list_order 'created_at asc');
CALL batch_fdw_load('many', 'recent', since => :'since');
ALTER SERVER million OPTIONS (SET list_order 'completed_by desc');
CALL batch_fdw_load('many', 'recent', since => :'since');
CREATE SERVER unordered FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'http://127.0.0.1:9470/crustdata', auth_header '',
  list_url '/batch', job_url '/batch/{id}', allow_private_hosts 'true');
CREATE FOREIGN TABLE unordered (id text, line bigint OPTIONS (meta 'line')) SERVER unordered OPTIONS (resource 'results');
CALL batch_fdw_load('unordered', 'recent', since => '1 day');

DROP TABLE people, people_jobs, recent, recent_jobs;
DROP SERVER million, unordered CASCADE;
