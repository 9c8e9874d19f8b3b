-- What is met first by who has just begun: each error says what to do.
-- no key yet
CREATE SERVER "New One" FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata', base_url 'http://127.0.0.1:9470/crustdata', allow_private_hosts 'true');
CREATE SCHEMA steps;
IMPORT FOREIGN SCHEMA batch FROM SERVER "New One" INTO steps;
CREATE ROLE "Mister X";
GRANT USAGE ON SCHEMA steps TO "Mister X";
GRANT SELECT ON ALL TABLES IN SCHEMA steps TO "Mister X";
GRANT USAGE ON FOREIGN SERVER "New One" TO "Mister X";
SET ROLE "Mister X";
SELECT * FROM steps.jobs;
SELECT batch_fdw_wait('steps.jobs', 'a');
\set VERBOSITY sqlstate
SELECT * FROM steps.jobs;
\set VERBOSITY default
EXPLAIN (COSTS OFF) SELECT batch_id FROM steps.jobs;
CREATE USER MAPPING FOR "Mister X" SERVER "New One" OPTIONS (api_key 'test-key');
SELECT count(*) FROM steps.jobs;
RESET ROLE;

-- a server that names nobody
CREATE SERVER nobody FOREIGN DATA WRAPPER batch_fdw;
CREATE FOREIGN TABLE steps.nobody (id text) SERVER nobody OPTIONS (resource 'jobs');
CREATE FOREIGN TABLE steps.results_of_nobody (id text, a int) SERVER nobody OPTIONS (resource 'results');
SELECT * FROM steps.nobody;
SELECT * FROM steps.nobody WHERE id = 'a';
SELECT * FROM steps.results_of_nobody;
SELECT batch_fdw_wait('steps.nobody', 'a');
ALTER SERVER nobody OPTIONS (ADD list_url 'https://api.example.com/jobs', ADD auth_header '');
SELECT * FROM steps.nobody;
SELECT * FROM steps.results_of_nobody WHERE id = NULL;

-- providers and options by other names
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crust');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'OpenAI');
CREATE USER MAPPING FOR CURRENT_USER SERVER nobody OPTIONS (password 'x');
CREATE FOREIGN TABLE steps.t (a int OPTIONS (json '$.a')) SERVER nobody OPTIONS (resource 'jobs');

-- paths that are written otherwise elsewhere
CREATE FOREIGN TABLE steps.t (a int OPTIONS (path 'data.name')) SERVER nobody OPTIONS (resource 'results');
CREATE FOREIGN TABLE steps.t (a int OPTIONS (path 'name')) SERVER nobody OPTIONS (resource 'results');
CREATE FOREIGN TABLE steps.t (a int OPTIONS (path '/data/name')) SERVER nobody OPTIONS (resource 'results');
CREATE FOREIGN TABLE steps.t (a int OPTIONS (path '')) SERVER nobody OPTIONS (resource 'results');
CREATE FOREIGN TABLE steps.t (a int OPTIONS (path '$.data-x')) SERVER nobody OPTIONS (resource 'results');
CREATE FOREIGN TABLE steps.t (a int OPTIONS (path '$.data-1')) SERVER nobody OPTIONS (resource 'results');
CREATE FOREIGN TABLE steps.t (a int OPTIONS (path '$.data[''name'']')) SERVER nobody OPTIONS (resource 'results');
CREATE FOREIGN TABLE steps.t (a int OPTIONS (path '$["name"]')) SERVER nobody OPTIONS (resource 'results');
CREATE FOREIGN TABLE steps.t (a int OPTIONS (path '$data')) SERVER nobody OPTIONS (resource 'results');
CREATE FOREIGN TABLE steps.t (a int OPTIONS (path '$.a b')) SERVER nobody OPTIONS (resource 'results');
CREATE FOREIGN TABLE steps.t (a int OPTIONS (path '$.a.')) SERVER nobody OPTIONS (resource 'results');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (urls_path '$.a, files[0]');
CREATE SERVER s FOREIGN DATA WRAPPER batch_fdw OPTIONS (job_columns 'a int = data.a');

-- tables that are not there to import
IMPORT FOREIGN SCHEMA batch LIMIT TO (companies) FROM SERVER "New One" INTO steps;
IMPORT FOREIGN SCHEMA batch LIMIT TO (jobs, "Results") FROM SERVER "New One" INTO steps;
IMPORT FOREIGN SCHEMA batch EXCEPT (jobs, results, companies) FROM SERVER "New One" INTO steps;

-- a job that names no results says what it was looked for at
CREATE FUNCTION names(options text, body text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DROP SERVER IF EXISTS naming CASCADE;
  EXECUTE format('CREATE SERVER naming FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '''', allow_private_hosts ''true'',
    base_url ''http://127.0.0.1:9470/named'', job_url %L %s)', '/json/' || encode(convert_to(body, 'UTF8'), 'hex') || '/{id}', options);
  CREATE FOREIGN TABLE steps.naming (job text OPTIONS (meta 'job_id')) SERVER naming OPTIONS (resource 'results');
END $$;
SET client_min_messages = warning;
SELECT names($$, urls_path '$.files[*].url, $."the url"[0]'$$, '{"status": "completed", "files": []}');
SELECT * FROM steps.naming WHERE job = 'a';
SELECT names($$, results_url '/files/{output_file}/content?of={id}&by={+owner}'$$, '{"status": "completed", "output_file": null, "owner": 7}');
SELECT * FROM steps.naming WHERE job = 'a';
SELECT names($$, urls_path '$.url', inline_path '$.rows', pointer_path '$.is_url'$$, '{"status": "completed", "url": "x", "is_url": "yes"}');
SELECT * FROM steps.naming WHERE job = 'a';
SELECT names($$, urls_path '$.url', inline_path '$.rows', pointer_path '$.is_url'$$, '{"status": "completed", "url": null, "is_url": true}');
SELECT * FROM steps.naming WHERE job = 'a';
SELECT names('', '{"status": "completed"}');
SELECT * FROM steps.naming WHERE job = 'a';

DROP FUNCTION names;
DROP SCHEMA steps CASCADE;
DROP SERVER "New One", nobody, naming CASCADE;
DROP ROLE "Mister X";
