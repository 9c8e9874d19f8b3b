-- parts, or the merged file; the table option; ids in an array
CREATE FOREIGN TABLE companies (batch_id uuid OPTIONS (meta 'job_id'), part int OPTIONS (meta 'part'),
  line bigint OPTIONS (meta 'line'), domain text OPTIONS (path '$.original_identifier'),
  name text OPTIONS (path '$.data.name'), headcount int OPTIONS (path '$.data.headcount'),
  city text OPTIONS (path '$.data.hq.city'), data jsonb) SERVER crustdata OPTIONS (resource 'results');
SELECT * FROM reset;
SELECT part, line, domain, headcount, city FROM companies WHERE batch_id = '53ab0000-0000-4000-8000-000000000001';
SELECT server, path FROM requests ORDER BY n;
SELECT part, count(*) FROM companies WHERE batch_id = '53ab0000-0000-4000-8000-000000000002' GROUP BY 1;
SELECT right(batch_id::text, 2) AS job, count(*) FROM companies WHERE batch_id IN
  ('53ab0000-0000-4000-8000-000000000001', '53ab0000-0000-4000-8000-000000000002') GROUP BY 1 ORDER BY 1;
CREATE FOREIGN TABLE one_job (batch_id uuid, domain text OPTIONS (path '$.original_identifier')) SERVER crustdata
  OPTIONS (resource 'results', job_id '53ab0000-0000-4000-8000-000000000001');
SELECT * FROM one_job LIMIT 2;
SELECT count(*) FROM one_job WHERE batch_id = '53ab0000-0000-4000-8000-000000000002';

-- the tour: into a table, and with a CRM
CREATE TABLE enriched (domain text, name text);
INSERT INTO enriched SELECT original_identifier, data->>'name' FROM crustdata.results
 WHERE batch_id = '53ab0000-0000-4000-8000-000000000001';
SELECT count(*) FROM enriched;
CREATE TABLE accounts (domain text, owner text);
INSERT INTO accounts VALUES ('pipkin.example', 'Ada'), ('tanuki.example', 'Bo'), ('nobody.example', 'Cy');
SELECT c.owner, r.name, r.headcount FROM accounts c JOIN companies r ON r.domain = c.domain
 WHERE r.batch_id = '53ab0000-0000-4000-8000-000000000001' ORDER BY 1;
SELECT c.owner, r.name FROM accounts c LEFT JOIN companies r
    ON r.domain = c.domain AND r.batch_id = '53ab0000-0000-4000-8000-000000000001' ORDER BY 1;

-- no results: count 0 asks for no file, unknown, not finished, failed, no URL
SELECT * FROM reset;
SELECT count(*) FROM companies WHERE batch_id = '53ab0000-0000-4000-8000-000000000004';
SELECT server, path FROM requests ORDER BY n;
SELECT count(*) FROM companies WHERE batch_id = '00000000-0000-4000-8000-000000000000';
SELECT count(*) FROM companies WHERE batch_id = '53ab0000-0000-4000-8000-000000000010';
SELECT count(*) FROM companies WHERE batch_id = '53ab0000-0000-4000-8000-000000000011';
CREATE FOREIGN TABLE faults (id text OPTIONS (meta 'job_id'), line bigint OPTIONS (meta 'line'),
  record jsonb OPTIONS (path '$')) SERVER crustdata OPTIONS (resource 'results');
SELECT count(*) FROM faults WHERE id = 'no-url';
SELECT count(*) FROM faults WHERE id = 'zero-null';
SELECT count(*) FROM faults WHERE id = 'not-done';
\set VERBOSITY sqlstate
SELECT count(*) FROM companies WHERE batch_id = '00000000-0000-4000-8000-000000000000';
SELECT count(*) FROM faults WHERE id = 'not-done';
SELECT count(*) FROM companies WHERE batch_id = '53ab0000-0000-4000-8000-000000000011';
SELECT count(*) FROM faults WHERE id = 'no-url';
\set VERBOSITY default
ALTER FOREIGN TABLE faults OPTIONS (ADD on_incomplete 'skip');
SELECT count(*) FROM faults WHERE id = 'not-done';
SELECT count(*) FROM faults WHERE id = '53ab0000-0000-4000-8000-000000000011';

-- all jobs that have results, through the listing
CREATE FUNCTION read_all() RETURNS TABLE (job text, records bigint) LANGUAGE sql AS
$$ SELECT right(id, 2), count(*) FROM faults GROUP BY 1 ORDER BY 1 $$;
SELECT * FROM read_all();
SELECT * FROM reset;
SELECT count(*) FROM (SELECT 1 FROM faults LIMIT 15) AS t;
SELECT server, path, CASE server WHEN 'api' THEN query END AS query FROM requests ORDER BY n;

-- the count that the job tells is held against what was read, at the end only
SELECT count(*) FROM faults WHERE id = 'big-10';
CREATE SERVER miscounts FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata',
  base_url 'http://127.0.0.1:9470/crustdata', allow_private_hosts 'true', count_path '$.identifier_count');
CREATE USER MAPPING FOR PUBLIC SERVER miscounts OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE miscounted (batch_id uuid, line bigint OPTIONS (meta 'line')) SERVER miscounts
  OPTIONS (resource 'results', job_id '53ab0000-0000-4000-8000-000000000001');
SELECT count(*) FROM miscounted;
SELECT count(*) FROM (SELECT 1 FROM miscounted LIMIT 7) AS t;
ALTER FOREIGN TABLE miscounted OPTIONS (ADD check_count 'error');
SELECT count(*) FROM miscounted;
ALTER FOREIGN TABLE miscounted OPTIONS (SET check_count 'off');
SELECT count(*) FROM miscounted;

-- the document at the first URL may name the real one
CREATE SERVER hops FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata',
  base_url 'http://127.0.0.1:9470/crustdata', allow_private_hosts 'true', hop_path '$.url');
CREATE USER MAPPING FOR PUBLIC SERVER hops OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE hopped (id text OPTIONS (meta 'job_id'), line bigint OPTIONS (meta 'line')) SERVER hops
  OPTIONS (resource 'results');
SELECT * FROM reset;
SELECT * FROM hopped WHERE id = 'hop';
SELECT server, path, headers ? 'authorization' AS key FROM requests ORDER BY n;
ALTER SERVER hops OPTIONS (SET hop_path '$.no.such');
SELECT * FROM hopped WHERE id = 'hop';

-- a proxy is asked in place of the host
CREATE SERVER proxied FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata', proxy 'http://127.0.0.1:9470',
  base_url 'http://api.invalid/crustdata', allow_private_hosts 'true');
CREATE USER MAPPING FOR PUBLIC SERVER proxied OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE by_proxy (batch_id uuid, status text) SERVER proxied OPTIONS (resource 'jobs');
SELECT * FROM reset;
SELECT count(*) FROM by_proxy;
SELECT path, headers->>'host' AS host FROM requests ORDER BY n;

-- a file that may be downloaded once only is not asked for twice; rows that were kept are
SELECT * FROM reset;
CREATE FOREIGN TABLE any_once (job_id text) SERVER pulse OPTIONS (resource 'results');
SELECT (SELECT count(*) FROM any_once WHERE job_id = v.id) FROM (VALUES ('pulse-pointer-api'), ('pulse-pointer-api')) AS v (id);
SELECT count(*) FROM requests WHERE path LIKE '%large_results%';
SELECT * FROM reset;
CREATE FOREIGN TABLE once (job_id text, n int OPTIONS (path '$.page_count')) SERVER pulse
  OPTIONS (resource 'results', job_id 'pulse-pointer-api');
SET enable_material = off;
SELECT x, job_id FROM generate_series(1, 2) AS x LEFT JOIN once ON x > 0;
RESET enable_material;
SELECT count(*) FROM requests WHERE path LIKE '%large_results%';

SET client_min_messages = warning;
DROP FOREIGN TABLE companies, one_job, faults, once, any_once;
DROP SERVER miscounts, hops, proxied CASCADE;
DROP TABLE enriched, accounts;
DROP FUNCTION read_all();
