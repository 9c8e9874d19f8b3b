-- What the requests of this session came to.
CREATE VIEW stats AS SELECT server, host, requests, status_2xx, status_3xx, status_4xx, status_5xx, unanswered, status_429, retries,
  bytes_received > 0 AS bytes, connections + reused AS carried, connections > 0 AS made, waited_ms > 0 AS waited FROM batch_fdw_stats() WHERE server NOT LIKE 'imitation%';
CREATE FOREIGN TABLE found (id text OPTIONS (meta 'job_id'), name text OPTIONS (path '$.data.name')) SERVER crustdata OPTIONS (resource 'results');
SELECT * FROM reset;
SELECT * FROM stats;
-- a job and its file; a redirect; a pause and another try; what is refused
SELECT count(*) FROM found WHERE id = 'small';
SELECT * FROM stats;
SELECT count(*) FROM found WHERE id = 'redirect';
SELECT * FROM stats;
SELECT count(*) FROM found WHERE id = 'retry-1-503';
SELECT count(*) FROM found WHERE id = 'api-retry-1-429-0';
SELECT status FROM crustdata.jobs WHERE batch_id = '53ab0000-0000-4000-8000-000000000001';
\set VERBOSITY sqlstate
SELECT count(*) FROM found WHERE id = 'api-422';
\set VERBOSITY default
SELECT * FROM stats;
-- another server and host, which does not answer
CREATE SERVER silent FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'http://localhost:1', auth_header '', list_url '/', allow_private_hosts 'true', max_retries '1');
CREATE FOREIGN TABLE silent (id text) SERVER silent OPTIONS (resource 'jobs');
\set VERBOSITY sqlstate
SELECT * FROM silent;
\set VERBOSITY default
SELECT * FROM stats ORDER BY server;
-- a session that is handed on
RESET ALL;
SELECT * FROM stats;
SELECT count(*) FROM found WHERE id = 'small';
SELECT requests FROM stats;
DISCARD ALL;
SELECT * FROM stats;
DROP SERVER silent CASCADE;
DROP FOREIGN TABLE found;
DROP VIEW stats;
