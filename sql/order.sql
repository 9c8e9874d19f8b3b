-- A listing that comes in a declared order: no Sort, and an end at the first older row.
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE SERVER million FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata',
  base_url 'http://127.0.0.1:9470/accounts/million', allow_private_hosts 'true');
CREATE USER MAPPING FOR PUBLIC SERVER million OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE m (batch_id uuid, status text, result_count int, created_at timestamptz, entity text) SERVER million
  OPTIONS (resource 'jobs');

EXPLAIN (COSTS OFF) SELECT status FROM m ORDER BY created_at DESC LIMIT 3;
EXPLAIN (COSTS OFF) SELECT status FROM m ORDER BY created_at DESC NULLS LAST;
EXPLAIN (COSTS OFF) SELECT status FROM m WHERE status = 'completed' ORDER BY status, created_at DESC LIMIT 3;
-- not in this order, not of this column, not of one listing
EXPLAIN (COSTS OFF) SELECT status FROM m ORDER BY created_at;
EXPLAIN (COSTS OFF) SELECT status FROM m ORDER BY result_count DESC;
EXPLAIN (COSTS OFF) SELECT status FROM m WHERE status IN ('completed', 'failed') ORDER BY created_at DESC;

-- the newest of a million in one request; the last days in as many pages as they fill
SELECT * FROM reset;
SELECT count(*) FROM (SELECT created_at FROM m ORDER BY created_at DESC LIMIT 3) AS t;
SELECT max(created_at) = (SELECT created_at FROM m LIMIT 1) AS newest FROM m;
SELECT * FROM asked();
SELECT created_at AS bound FROM m OFFSET 249 LIMIT 1 \gset
SELECT * FROM reset;
SELECT count(*) FROM m WHERE created_at >= :'bound';
SELECT count(*) FROM asked();
SELECT * FROM reset;
SELECT count(*) FROM m WHERE created_at > :'bound';
SELECT count(*) FROM m WHERE created_at BETWEEN :'bound' AND 'infinity';
SELECT count(*) FROM m WHERE :'bound' <= created_at AND status = 'completed';
SELECT count(*) FROM m WHERE created_at >= now() AND created_at > 'infinity';
SELECT count(*) FROM m WHERE created_at >= NULL;
PREPARE since(timestamptz) AS SELECT count(*) FROM m WHERE created_at >= $1;
SET plan_cache_mode = force_generic_plan;
EXECUTE since(:'bound');
EXECUTE since('infinity');
RESET plan_cache_mode;
SELECT count(*) FROM asked();

-- the same rows as without the order
ALTER SERVER million OPTIONS (SET base_url 'http://127.0.0.1:9470/accounts/hundred');
CREATE TABLE copied AS SELECT * FROM m;
SELECT count(*) FROM copied;
SELECT count(*) FROM (SELECT * FROM m WHERE created_at >= '2026-05-31' EXCEPT SELECT * FROM copied WHERE created_at >= '2026-05-31') AS d;
SELECT array_agg(batch_id ORDER BY created_at DESC) = (SELECT array_agg(batch_id) FROM (SELECT * FROM m ORDER BY created_at DESC) AS o)
  FROM copied;

-- jobs that a join names by id come in any order
CREATE TABLE named AS SELECT array_agg(batch_id ORDER BY batch_id DESC) AS ids FROM (SELECT batch_id FROM copied ORDER BY 1 LIMIT 5) AS t;
ANALYZE named;
SELECT count(*) FROM named JOIN m ON m.batch_id = ANY (named.ids) AND m.created_at >= '2026-01-01';
SELECT count(*) FROM m WHERE batch_id = ANY (ARRAY(SELECT unnest(ids) FROM named)) AND created_at >= '2026-01-01';
DROP TABLE named;

-- a listing that does not keep to its order, where the plan relies on it, and where it does not
ALTER SERVER million OPTIONS (ADD list_order 'created_at asc');
SELECT count(*) FROM (SELECT batch_id FROM m ORDER BY created_at LIMIT 5) AS t;
SELECT count(*) FROM m WHERE created_at <= 'infinity';
SELECT count(*) FROM m;
ALTER SERVER million OPTIONS (SET list_order 'entity desc');
EXPLAIN (COSTS OFF) SELECT status FROM m ORDER BY entity DESC;
ALTER SERVER million OPTIONS (SET list_order 'completed_at desc', SET base_url 'http://127.0.0.1:9470/crustdata');
ALTER FOREIGN TABLE m ADD COLUMN completed_at timestamptz;
SELECT batch_id FROM m ORDER BY completed_at DESC LIMIT 3;
\set VERBOSITY sqlstate
SELECT batch_id FROM m ORDER BY completed_at DESC LIMIT 3;

DROP TABLE copied;
DROP SERVER million CASCADE;
