-- What batch_fdw_load loads into: a table that is there, or one that it makes.
\set VERBOSITY terse
CREATE FOREIGN TABLE faulty (id text OPTIONS (meta 'job_id'), name text OPTIONS (path '$.data.name'),
  headcount int OPTIONS (path '$.data.headcount')) SERVER crustdata OPTIONS (resource 'results');
CREATE TABLE loaded (id text, name text, headcount int);

-- a target that is not there is made, with a foreign table that is read from then on
CREATE SCHEMA "Night ly";
ALTER FOREIGN TABLE crustdata.results OPTIONS (ADD on_error 'null');
CALL batch_fdw_load('crustdata.results', '"Night ly"."New 1"', jobs => ARRAY['53ab0000-0000-4000-8000-000000000001', '53ab0000-0000-4000-8000-000000000004']);
\d "Night ly"."New 1"
\d "Night ly"."New 1_source"
SELECT batch_id, part, line, original_identifier, name, headcount FROM "Night ly"."New 1" ORDER BY part, line;
CALL batch_fdw_load('crustdata.results', '"Night ly"."New 1"', jobs => ARRAY['53ab0000-0000-4000-8000-000000000002']);
SELECT count(name) FROM "Night ly"."New 1";
SELECT job_id, rows, sqlstate FROM "Night ly"."New 1_jobs" ORDER BY job_id;
ALTER FOREIGN TABLE crustdata.results OPTIONS (DROP on_error);
-- unless nothing can be inferred
CALL batch_fdw_load('crustdata.results', 'unmade', jobs => ARRAY['53ab0000-0000-4000-8000-000000000004']);
CALL batch_fdw_load('crustdata.results', 'unmade', jobs => ARRAY['53ab0000-0000-4000-8000-000000000010']);
ALTER FOREIGN TABLE crustdata.results OPTIONS (ADD result_format 'jsonl');
CALL batch_fdw_load('crustdata.results', 'unmade', jobs => ARRAY['53ab0000-0000-4000-8000-000000000001']);
ALTER FOREIGN TABLE crustdata.results OPTIONS (DROP result_format);
SELECT to_regclass('unmade'), to_regclass('unmade_source'), to_regclass('unmade_jobs');

-- what does not fit is told before anything is read
CREATE TABLE unfit (name text, headcount date);
SELECT * FROM reset;
CALL batch_fdw_load('faulty', 'unfit', jobs => ARRAY['small']);
SELECT path FROM asked() WHERE path LIKE '/fault%';
CREATE TABLE strange (a int, id text GENERATED ALWAYS AS ('b') STORED, headcount int GENERATED ALWAYS AS IDENTITY);
CALL batch_fdw_load('faulty', 'strange', jobs => ARRAY['small']);
CREATE FOREIGN TABLE nameless (name text) SERVER crustdata OPTIONS (resource 'results');
CALL batch_fdw_load('nameless', 'loaded', jobs => ARRAY['small']);
CREATE FOREIGN TABLE single (id text OPTIONS (meta 'job_id'), name text) SERVER crustdata OPTIONS (resource 'results', job_id 'small');
CALL batch_fdw_load('single', 'loaded');
CALL batch_fdw_load('crustdata.jobs', 'loaded');
CALL batch_fdw_load('loaded', 'loaded');
CALL batch_fdw_load('faulty', 'a_name_so_long_that_its_log_would_have_another_one_than_it_says');
CALL batch_fdw_load('faulty', 'no.such.place');
CALL batch_fdw_load('faulty', NULL);
CALL batch_fdw_load('faulty', 'loaded_by_nobody', jobs => ARRAY['not-done']);
SELECT to_regclass('unfit_jobs'), to_regclass('strange_jobs'), to_regclass('loaded_by_nobody_jobs');

-- each job needs a transaction of its own
BEGIN;
CALL batch_fdw_load('faulty', 'loaded', jobs => ARRAY['retry-1-503']);
ROLLBACK;
SELECT count(*) FROM loaded WHERE id = 'retry-1-503';

-- names mean what they mean, whatever the search_path
SET search_path = '';
CALL public.batch_fdw_load('public.faulty', 'public.loaded', jobs => ARRAY['retry-1-503']);
CALL public.batch_fdw_load('crustdata.results', 'public.apart', jobs => ARRAY['53ab0000-0000-4000-8000-000000000002']);
CALL public.batch_fdw_load('crustdata.results', 'apart', jobs => ARRAY['53ab0000-0000-4000-8000-000000000002']);
RESET search_path;
SELECT count(name), count(*) FROM apart;

-- it takes the rights that an INSERT takes
CREATE ROLE regress_loader;
GRANT CREATE ON SCHEMA public TO regress_loader;
SET ROLE regress_loader;
CALL batch_fdw_load('faulty', 'mine', jobs => ARRAY['small']);
SELECT batch_fdw_load_statement('faulty', 'loaded', 'small');
RESET ROLE;
GRANT SELECT ON faulty TO regress_loader;
GRANT USAGE ON SCHEMA crustdata TO regress_loader;
SET ROLE regress_loader;
CALL batch_fdw_load('faulty', 'mine', jobs => ARRAY['small']);
CREATE TABLE mine (id text);
CALL batch_fdw_load('faulty', 'mine', jobs => ARRAY['small']);
SELECT id FROM mine;
CALL batch_fdw_load('faulty', 'loaded', jobs => ARRAY['small']);
RESET ROLE;
DROP OWNED BY regress_loader;
DROP ROLE regress_loader;


\set VERBOSITY default
DROP SCHEMA "Night ly" CASCADE;
DROP TABLE loaded, loaded_jobs, unfit, strange, apart, apart_jobs, unmade_jobs, loaded_by_nobody_jobs;
DROP FOREIGN TABLE faulty, nameless, single, apart_source;
