-- What EXPLAIN shows is what is sent: its requests are those of the imitation's log.
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE SCHEMA explained;
SET search_path = explained, public;

-- What EXPLAIN shows of a query, one request a line; from 17 on $0 is named otherwise.
CREATE FUNCTION shown_by(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE plan jsonb;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
  RETURN QUERY SELECT DISTINCT regexp_replace(regexp_replace(line #>> '{}', '^GET ', ''), '\(InitPlan 1\)\.col1', '$0')
    FROM jsonb_path_query(plan, 'strict $.**."Batch Requests"[*]', '{}', true) AS line ORDER BY 1;
END $$;
-- What it sends: of the API what is after base_url, and the first pages alone.
CREATE FUNCTION sent_by(query text, base text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM reset;
  EXECUTE query;
  RETURN QUERY SELECT DISTINCT CASE server WHEN 'api' THEN substr(path, length(base) + 1) ELSE 'http://127.0.0.1:9471' || path END ||
      coalesce('?' || r.query, '')
    FROM requests AS r
    WHERE NOT coalesce(r.query ~ '(^|&)(cursor=|page=([2-9]|1\d)|offset=[1-9])', false);
END $$;
-- Both beside each other, where <...> stands for what is not known before.
CREATE FUNCTION compare(query text, base text DEFAULT '/crustdata') RETURNS TABLE (shown text, sent text) LANGUAGE plpgsql AS $$
DECLARE
  shown text[] := ARRAY(SELECT shown_by(query));
  sent text[] := ARRAY(SELECT sent_by(query, base));
BEGIN
  RETURN QUERY
    WITH line AS (
      SELECT s, CASE s WHEN '<results of each job>' THEN '^http://127.0.0.1:9471/|^/large_results/' ELSE
          '^' || regexp_replace(regexp_replace(s, '([.?+*$|(){}\[\]\\^])', '\\\1', 'g'), '<[^<>]*>', '[^/?&]+', 'g') || '$' END AS pattern
        FROM unnest(shown) AS s),
    met AS (
      SELECT s, pattern, count(t) AS n, min(t) AS one FROM line LEFT JOIN unnest(sent) AS t ON t ~ pattern GROUP BY s, pattern)
    SELECT s, CASE WHEN one = s THEN 'the same' WHEN n > 0 THEN n || ' such' ELSE 'none' END FROM met
    UNION ALL
    SELECT 'NOT SHOWN', t FROM unnest(sent) AS t WHERE NOT EXISTS (SELECT FROM line WHERE t ~ pattern)
    ORDER BY 1, 2;
END $$;

-- the listing: whole, by a word, by several, by what a word means, and by what it does not know
SELECT * FROM compare('SELECT batch_id FROM crustdata.jobs');
SELECT * FROM compare('SELECT batch_id FROM crustdata.jobs LIMIT 10');
SELECT * FROM compare('SELECT batch_id FROM crustdata.jobs LIMIT 3 OFFSET 2');
SELECT * FROM compare('SELECT batch_id FROM crustdata.jobs OFFSET 2');
SELECT * FROM compare('SELECT batch_id FROM crustdata.jobs LIMIT (SELECT 3) OFFSET 2');
SELECT * FROM compare($$SELECT batch_id FROM crustdata.jobs WHERE status = 'failed'$$);
SELECT * FROM compare($$SELECT batch_id FROM crustdata.jobs WHERE status = 'failed' AND entity = 'person' LIMIT 1$$);
SELECT * FROM compare($$SELECT batch_id FROM crustdata.jobs WHERE status IN ('failed', 'bogus', 'pending', 'failed')$$);
SELECT * FROM compare($$SELECT batch_id FROM crustdata.jobs WHERE state = 'processing'$$);
SELECT * FROM compare($$SELECT batch_id FROM crustdata.jobs WHERE state IN ('processing', 'failed') AND status <> 'x'$$);
SELECT * FROM compare($$SELECT batch_id FROM crustdata.jobs WHERE state = 'failed' AND status IN ('failed', 'pending')$$);
SELECT * FROM compare($$SELECT batch_id FROM crustdata.jobs WHERE status = 'failed' OR entity = 'person'$$);
SELECT * FROM compare($$SELECT batch_id FROM crustdata.jobs WHERE status = 'canceled'$$);
SELECT * FROM compare($$SELECT batch_id FROM crustdata.jobs WHERE status = 'failed' AND state = 'completed'$$);
SELECT * FROM compare($$SELECT batch_id FROM crustdata.jobs WHERE status = (SELECT 'failed')$$);
SELECT * FROM compare($$SELECT batch_id FROM crustdata.jobs WHERE status = ANY (ARRAY(SELECT 'failed'))$$);
SELECT * FROM compare($$SELECT batch_id FROM crustdata.jobs WHERE status = (SELECT 'failed') AND status IN ('pending', 'failed')$$);
SELECT * FROM compare($$SELECT batch_id FROM crustdata.jobs WHERE state = (SELECT 'failed')$$);
SELECT * FROM compare($$SELECT batch_id FROM crustdata.jobs WHERE created_at >= '2026-05-31' ORDER BY created_at DESC LIMIT 3$$);
-- what a listing lacks
SELECT * FROM compare('SELECT error_message FROM crustdata.jobs');
SELECT * FROM compare('SELECT count(j) FROM crustdata.jobs j');

-- by id: one, several, many, none; of a sub-select, a join and a parameter
SELECT * FROM compare($$SELECT status FROM crustdata.jobs WHERE batch_id = '53ab0000-0000-4000-8000-000000000009'$$);
SELECT * FROM compare($$SELECT status FROM crustdata.jobs WHERE batch_id = '53ab0000-0000-4000-8000-000000000009' AND status = 'failed'$$);
SELECT * FROM compare($$SELECT status FROM crustdata.jobs WHERE batch_id = '53ab0000-0000-4000-8000-000000000009' AND status = 'no such'$$);
SELECT * FROM compare($$SELECT status FROM crustdata.jobs WHERE batch_id IN ('53ab0000-0000-4000-8000-000000000009',
  '53ab0000-0000-4000-8000-000000000010', '53ab0000-0000-4000-8000-000000000009')$$);
SELECT * FROM compare($$SELECT status FROM crustdata.jobs WHERE batch_id = '53ab0000-0000-4000-8000-000000000009'
  AND batch_id = ANY ('{53ab0000-0000-4000-8000-000000000010}')$$);
SELECT shown_by(format('SELECT status FROM crustdata.jobs WHERE batch_id = ANY (%L)',
  ARRAY(SELECT ('53ab0000-0000-4000-8000-0000000000' || n)::uuid FROM generate_series(10, 99) AS n)));
SELECT * FROM compare($$SELECT status FROM crustdata.jobs WHERE batch_id = ANY ('{}')$$);
SELECT * FROM compare($$SELECT status FROM crustdata.jobs WHERE batch_id = (SELECT '53ab0000-0000-4000-8000-000000000012'::uuid)$$);
SELECT * FROM compare($$SELECT status FROM crustdata.jobs WHERE batch_id = ANY (ARRAY(SELECT '53ab0000-0000-4000-8000-000000000012'::uuid))$$);
SELECT * FROM compare($$SELECT j.status FROM (VALUES ('53ab0000-0000-4000-8000-000000000012'::uuid), (NULL)) AS v (id),
  LATERAL (SELECT status FROM crustdata.jobs WHERE batch_id = v.id LIMIT 1) AS j$$);
PREPARE one(uuid) AS SELECT status FROM crustdata.jobs WHERE batch_id = $1;
SET plan_cache_mode = force_generic_plan;
SELECT * FROM compare($$EXECUTE one('53ab0000-0000-4000-8000-000000000011')$$);
SET plan_cache_mode = force_custom_plan;
SELECT * FROM compare($$EXECUTE one('53ab0000-0000-4000-8000-000000000011')$$);
RESET plan_cache_mode;
DEALLOCATE one;
CREATE FOREIGN TABLE fixed (batch_id uuid, status text) SERVER crustdata
  OPTIONS (resource 'jobs', job_id '53ab0000-0000-4000-8000-000000000001');
SELECT * FROM compare('SELECT status FROM fixed');
SELECT * FROM compare($$SELECT status FROM fixed WHERE batch_id = (SELECT '53ab0000-0000-4000-8000-000000000001'::uuid)$$);
SELECT * FROM compare($$SELECT status FROM fixed WHERE batch_id = '53ab0000-0000-4000-8000-000000000002'$$);
SELECT * FROM compare($$SELECT status FROM pulse.jobs WHERE job_id = 'pulse-inline'$$, '/pulse');
SELECT * FROM compare($$SELECT status FROM companyenrich.jobs WHERE job_id = 'ce000000-0000-4000-8000-000000000001'$$, '/companyenrich');
-- an id that is none is no request, and an error when the query runs, not before
SELECT shown_by($$SELECT status FROM pulse.jobs WHERE job_id = '../admin'$$);
SELECT sqlstate_of($$SELECT status FROM pulse.jobs WHERE job_id = '../admin'$$);
SELECT shown_by('SELECT status FROM pulse.jobs');

-- results: of a job, of the newest, of several, of a file
SELECT * FROM compare($$SELECT record FROM crustdata.results WHERE batch_id = '53ab0000-0000-4000-8000-000000000001' LIMIT 1$$);
SELECT * FROM compare('SELECT record FROM crustdata.results LIMIT 1');
SELECT * FROM compare($$SELECT count(*) FROM crustdata.results WHERE batch_id IN ('53ab0000-0000-4000-8000-000000000001',
  '53ab0000-0000-4000-8000-000000000002')$$);
-- that are inside of the job
SELECT * FROM compare($$SELECT record FROM pulse.results WHERE job_id = 'pulse-inline'$$, '/pulse');
CREATE FOREIGN TABLE file (record json OPTIONS (path '$')) SERVER files
  OPTIONS (resource 'results', url 'http://127.0.0.1:9471/gen/narrow-3.jsonl.gz');
SELECT * FROM compare('SELECT record FROM file', '');

-- pages by number and offset, parameters of the server's own, values that are encoded, one filter of two
CREATE SERVER pages FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'http://127.0.0.1:9470/accounts/pages', allow_private_hosts 'true',
  list_url '/jobs', items_path '$.items', page_style 'page', page_param 'page', page_size_param 'pageSize', page_size '10',
  total_path '$.totalPages', id_path '$.batch_id', list_filters 'status=completed|failed, entity, which:entity');
CREATE SERVER offsets FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'http://127.0.0.1:9470/accounts/offsets', allow_private_hosts 'true',
  list_url '/jobs?a=b', list_params 'c=d&e=%20', items_path '$.data', page_style 'offset', page_param 'offset',
  page_size_param 'limit', page_size '10', total_path '$.total', id_path '$.batch_id');
CREATE USER MAPPING FOR PUBLIC SERVER pages OPTIONS (api_key 'test-key');
CREATE USER MAPPING FOR PUBLIC SERVER offsets OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE pages (batch_id uuid, status text, state text OPTIONS (meta 'state'), entity text) SERVER pages OPTIONS (resource 'jobs');
CREATE FOREIGN TABLE offsets (batch_id uuid, status text) SERVER offsets OPTIONS (resource 'jobs');
SELECT * FROM compare('SELECT * FROM pages', '/accounts/pages');
SELECT * FROM compare('SELECT * FROM pages LIMIT 3', '/accounts/pages');
SELECT * FROM compare($$SELECT * FROM pages WHERE entity = 'a b&c=<d>/ü'$$, '/accounts/pages');
SELECT * FROM compare($$SELECT * FROM pages WHERE status = 'failed' AND entity = 'person' LIMIT 3$$, '/accounts/pages');
SELECT * FROM compare($$SELECT * FROM pages WHERE entity = (SELECT 'person') AND status = 'failed'$$, '/accounts/pages');
SELECT * FROM compare('SELECT * FROM offsets', '/accounts/offsets');
SELECT * FROM compare('SELECT * FROM offsets LIMIT 2 OFFSET 1', '/accounts/offsets');
ALTER SERVER offsets OPTIONS (ADD page_start '5');
SELECT shown_by('SELECT * FROM offsets');

-- what stays with PostgreSQL, and what ends the paging
EXPLAIN (COSTS OFF) SELECT batch_id FROM crustdata.jobs WHERE status = 'completed' AND entity = 'person' AND created_at >= '2026-05-31' LIMIT 10;
EXPLAIN (COSTS OFF) SELECT batch_id FROM crustdata.jobs WHERE '2026-05-31' < created_at AND batch_id = '53ab0000-0000-4000-8000-000000000009';
EXPLAIN (COSTS OFF) SELECT batch_id FROM pages WHERE entity = 'person' AND status = 'failed';
DROP SERVER pages CASCADE;
DROP SERVER offsets CASCADE;
DROP SCHEMA explained CASCADE;
