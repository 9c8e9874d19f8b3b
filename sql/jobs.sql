-- one GET for a known job, none for an impossible one, no row for an unknown one
SELECT * FROM reset;
SELECT batch_id, state FROM crustdata.jobs WHERE batch_id = '53ab0000-0000-4000-8000-000000000009';
SELECT batch_id, state FROM crustdata.jobs WHERE batch_id = '00000000-0000-4000-8000-000000000000';
SELECT batch_id FROM crustdata.jobs WHERE batch_id IS NULL AND batch_id = NULL::uuid;
SELECT batch_id FROM crustdata.jobs WHERE batch_id = '53ab0000-0000-4000-8000-000000000009'
   AND batch_id = '53ab0000-0000-4000-8000-000000000010';
SELECT batch_id, state FROM crustdata.jobs WHERE '53ab0000-0000-4000-8000-000000000010' = batch_id;
SELECT method, path, query, status FROM requests ORDER BY n;

-- several ids, each once; parameters; a sub-select
SELECT * FROM reset;
SELECT batch_id, state FROM crustdata.jobs WHERE batch_id IN ('53ab0000-0000-4000-8000-000000000009',
  '53ab0000-0000-4000-8000-000000000010', '53ab0000-0000-4000-8000-000000000009');
SELECT batch_id FROM crustdata.jobs WHERE batch_id = ANY ('{}');
SELECT batch_id FROM crustdata.jobs WHERE batch_id = ANY (ARRAY[NULL]::uuid[]);
PREPARE one(uuid) AS SELECT batch_id, state FROM crustdata.jobs WHERE batch_id = $1;
SET plan_cache_mode = force_generic_plan;
EXECUTE one('53ab0000-0000-4000-8000-000000000011');
EXECUTE one(NULL);
RESET plan_cache_mode;
SELECT state FROM crustdata.jobs WHERE batch_id = (SELECT '53ab0000-0000-4000-8000-000000000012'::uuid);
SELECT path, query FROM requests ORDER BY path, n;

-- the listing, filtered where it can be; a word it does not know asks nothing
SELECT * FROM reset;
SELECT count(*) FROM crustdata.jobs WHERE status = 'failed';
SELECT count(*) FROM crustdata.jobs WHERE status = 'canceled';
SELECT count(*) FROM crustdata.jobs WHERE state = 'processing';
SELECT status, count(*) FROM crustdata.jobs WHERE status IN ('failed', 'pending', 'bogus') GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM crustdata.jobs WHERE status = 'failed' OR entity = 'person';
SELECT count(*) FROM crustdata.jobs WHERE status LIKE 'fail%';
SELECT path, query FROM requests ORDER BY n;

-- what a listing lacks costs one GET for each job that lacks it, if it is wanted
SELECT * FROM reset;
SELECT count(error_message) FROM crustdata.jobs;
SELECT count(created_at) FROM crustdata.jobs;
SELECT path, query FROM requests ORDER BY path, n;
CREATE FOREIGN TABLE urls (batch_id uuid, download_url text, parts jsonb OPTIONS (path '$.download_urls'),
  part0 text OPTIONS (path '$.download_urls[0]'), doc jsonb OPTIONS (path '$')) SERVER crustdata OPTIONS (resource 'jobs');
SELECT * FROM reset;
SELECT batch_id, download_url IS NOT NULL AS url, jsonb_array_length(parts) AS parts, part0 LIKE 'http%' AS part0,
       doc ? 'download_url' AS doc FROM urls ORDER BY 1;
SELECT count(*) FILTER (WHERE path LIKE '%/batch') AS pages, count(*) FILTER (WHERE path LIKE '%/batch/%') AS jobs FROM requests;
DROP FOREIGN TABLE urls;

-- the table option fixes the job; a qual that disagrees gives no rows and no request
CREATE FOREIGN TABLE fixed (batch_id uuid, state text OPTIONS (meta 'state'), id text OPTIONS (meta 'job_id')) SERVER crustdata
  OPTIONS (resource 'jobs', job_id '53ab0000-0000-4000-8000-000000000001');
SELECT * FROM reset;
SELECT * FROM fixed;
SELECT * FROM fixed WHERE batch_id = '53ab0000-0000-4000-8000-000000000002';
SELECT * FROM fixed WHERE id = '53ab0000-0000-4000-8000-000000000001';
SELECT path FROM requests ORDER BY n;
DROP FOREIGN TABLE fixed;

-- ids that are none: an error before any request, or nothing in an array
CREATE FOREIGN TABLE by_text (id text OPTIONS (meta 'job_id'), status text) SERVER crustdata OPTIONS (resource 'jobs');
SELECT * FROM reset;
SELECT * FROM by_text WHERE id = '../admin';
SELECT * FROM by_text WHERE id = '..';
SELECT * FROM by_text WHERE id = '';
SELECT * FROM by_text WHERE id = E'a\r\nb';
SELECT * FROM by_text WHERE id = repeat('a', 513);
SELECT * FROM by_text WHERE id = ANY (ARRAY['a/../b', '.', E'x\ty', E'\u0085', '%2e%2e']);
SELECT count(*) FROM requests;
SELECT v.id, b.status FROM (VALUES ('../admin'), ('53ab0000-0000-4000-8000-000000000009'), (NULL)) AS v (id)
  LEFT JOIN LATERAL (SELECT status FROM by_text WHERE by_text.id = v.id LIMIT 1) AS b ON true;
SELECT count(*) FROM requests;
DROP FOREIGN TABLE by_text;

-- tableoid works, and so do whole rows
SELECT DISTINCT tableoid::regclass FROM crustdata.jobs;
SELECT j FROM crustdata.jobs j WHERE batch_id = '53ab0000-0000-4000-8000-000000000012';
INSERT INTO crustdata.jobs (status) VALUES ('pending');

-- OR of equalities is taken apart like IN, of ids and of words
SELECT * FROM reset;
SELECT right(batch_id::text, 2) AS id FROM crustdata.jobs WHERE batch_id = '53ab0000-0000-4000-8000-000000000001'
  OR batch_id = '53ab0000-0000-4000-8000-000000000003' OR '53ab0000-0000-4000-8000-000000000001' = batch_id;
SELECT count(*) FROM crustdata.jobs WHERE status = 'failed' OR status = 'pending' OR status IN ('processing', 'none');
SELECT count(*) FROM crustdata.jobs WHERE state = 'failed' OR state = NULL;
SELECT path, query FROM requests ORDER BY query IS NOT NULL, CASE WHEN query IS NULL THEN path END, n;
PREPARE either(uuid, text) AS SELECT count(*) FROM crustdata.results WHERE batch_id = $1 OR batch_id = $2::uuid;
SELECT * FROM reset;
EXECUTE either('53ab0000-0000-4000-8000-000000000001', '53ab0000-0000-4000-8000-000000000002');
EXECUTE either('53ab0000-0000-4000-8000-000000000002', NULL);
EXECUTE either(NULL, NULL);
SELECT path FROM requests WHERE server = 'api' ORDER BY n;
SELECT * FROM reset;
SELECT count(*) FROM (VALUES ('53ab0000-0000-4000-8000-000000000001'::uuid, NULL::uuid), (NULL, '53ab0000-0000-4000-8000-000000000003')) v (a, b)
  JOIN crustdata.jobs j ON j.batch_id = v.a OR j.batch_id = v.b;
EXPLAIN (COSTS OFF) SELECT status FROM crustdata.jobs WHERE batch_id = '53ab0000-0000-4000-8000-000000000001' OR batch_id = '53ab0000-0000-4000-8000-000000000003';
EXPLAIN (COSTS OFF) SELECT status FROM crustdata.jobs WHERE batch_id = '53ab0000-0000-4000-8000-000000000001' OR status = 'failed';
EXPLAIN (COSTS OFF) SELECT status FROM crustdata.jobs WHERE status = 'failed' OR status <> 'pending';
EXPLAIN (COSTS OFF) SELECT status FROM crustdata.jobs WHERE batch_id = '53ab0000-0000-4000-8000-000000000001' OR batch_id::text = 'a';
DEALLOCATE ALL;
