-- A join that supplies the job's id: one GET for each job, where that is cheaper or the only way.
SET client_min_messages = warning;
CREATE TABLE ids (id uuid, txt text, arr uuid[], note text);
INSERT INTO ids SELECT ('53ab0000-0000-4000-8000-0000000000' || n)::uuid, '53ab0000-0000-4000-8000-0000000000' || n,
  ARRAY[('53ab0000-0000-4000-8000-0000000000' || n)::uuid], 'note ' || n FROM unnest(ARRAY['01', '02', '09', '11', '99']) AS n;
INSERT INTO ids VALUES (NULL, NULL, NULL, 'null');
ANALYZE ids;
CREATE TABLE documents AS SELECT * FROM (VALUES ('pulse-inline', 1), ('pulse-inline-flag', 2), ('pulse-failed', 3)) AS v (job_id, n);
ANALYZE documents;

-- an API without a listing: the plan with the id wins, and there is no error
SELECT * FROM reset;
SELECT d.n, j.status FROM documents d JOIN pulse.jobs j USING (job_id) ORDER BY 1;
SELECT * FROM asked();
SELECT d.n, j.status FROM documents d LEFT JOIN pulse.jobs j ON j.job_id = d.job_id AND j.status = 'completed' ORDER BY 1;
SELECT d.n FROM documents d WHERE EXISTS (SELECT FROM pulse.jobs j WHERE j.job_id = d.job_id AND status = 'failed');
SELECT d.n FROM documents d WHERE NOT EXISTS (SELECT FROM pulse.jobs j WHERE j.job_id = d.job_id AND status = 'failed') ORDER BY 1;
SELECT d.n, r.record->>'page_count' AS pages FROM documents d JOIN pulse.results r ON r.job_id = d.job_id WHERE d.n < 3 ORDER BY 1;
SELECT d.n, j.status FROM documents d, LATERAL (SELECT status FROM pulse.jobs WHERE job_id = d.job_id LIMIT 1) AS j ORDER BY 1;
SELECT count(*) FROM documents d FULL JOIN pulse.jobs j USING (job_id);

-- one that has a listing: by id for few ids
SELECT * FROM reset;
SELECT i.note, j.state FROM ids i JOIN crustdata.jobs j ON j.batch_id = i.id WHERE i.note <> 'null' ORDER BY 1;
SELECT * FROM asked();
SELECT i.note, j.state FROM ids i LEFT JOIN crustdata.jobs j ON j.batch_id = i.txt::uuid ORDER BY 1;
SELECT i.note, j.state FROM ids i JOIN crustdata.jobs j ON j.batch_id = ANY (i.arr) ORDER BY 1;
SELECT i.note, count(r.line) FROM ids i JOIN crustdata.results r ON r.batch_id = i.id WHERE i.note IN ('note 01', 'note 02')
 GROUP BY 1 ORDER BY 1;

SELECT i.note, j.state FROM ids i JOIN crustdata.jobs j ON j.batch_id::text = i.txt ORDER BY 1;
SELECT * FROM reset;
SELECT state FROM crustdata.jobs WHERE batch_id::text = '53ab0000-0000-4000-8000-000000000011';
SELECT count(*) FROM crustdata.jobs WHERE batch_id::text = '53AB0000-0000-4000-8000-000000000011';
SELECT * FROM asked();

-- all ids at once: each distinct one is asked for once
SELECT * FROM reset;
SELECT count(*) FROM crustdata.jobs WHERE batch_id = ANY (ARRAY(SELECT id FROM ids UNION ALL SELECT id FROM ids));
SELECT count(*) FROM asked();

-- a job that was answered is not asked for again; kept rows are replayed
SELECT * FROM reset;
SELECT v.id, (SELECT status FROM crustdata.jobs WHERE batch_id = v.id::uuid) FROM (VALUES ('53ab0000-0000-4000-8000-000000000009'),
  ('53ab0000-0000-4000-8000-000000000011'), ('53ab0000-0000-4000-8000-000000000009'), ('53ab0000-0000-4000-8000-000000000099'),
  ('53ab0000-0000-4000-8000-000000000099'), (NULL)) AS v (id);
SELECT count(*) FROM asked();
SET enable_material = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT * FROM reset;
SELECT x, count(*) FROM generate_series(1, 3) AS x LEFT JOIN crustdata.jobs j ON length(j.status) > x + 6 GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM asked();
SELECT * FROM reset;
SELECT x, count(*) FROM generate_series(1, 3) AS x LEFT JOIN crustdata.results r ON r.line = x
   AND r.batch_id = '53ab0000-0000-4000-8000-000000000001' GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM asked();
RESET enable_material;
RESET enable_hashjoin;
RESET enable_mergejoin;

-- EXPLAIN shows what would be asked, and asks nothing
SELECT * FROM reset;
EXPLAIN (COSTS OFF) SELECT batch_id FROM crustdata.jobs WHERE status = 'completed' AND entity = 'person' LIMIT 10;
EXPLAIN (COSTS OFF) SELECT batch_id FROM crustdata.jobs LIMIT 10;
EXPLAIN (COSTS OFF) SELECT * FROM crustdata.jobs WHERE batch_id = '53ab0000-0000-4000-8000-000000000001';
EXPLAIN (COSTS OFF) SELECT count(*) FROM crustdata.results WHERE batch_id IN ('53ab0000-0000-4000-8000-000000000001',
  '53ab0000-0000-4000-8000-000000000002');
SELECT * FROM plan_of('(COSTS OFF) SELECT d.n, j.status FROM documents d JOIN pulse.jobs j USING (job_id)') AS line WHERE line !~ 'Filter';
EXPLAIN (COSTS OFF) SELECT count(*) FROM crustdata.results;
SELECT line::json->0->'Plan'->'Batch Requests' AS requests
  FROM plan_of($$(FORMAT JSON) SELECT batch_id FROM crustdata.jobs WHERE state = 'processing'$$) AS line;
SELECT * FROM asked();

-- EXPLAIN ANALYZE shows what was done
CREATE FOREIGN TABLE blank (line bigint OPTIONS (meta 'line')) SERVER files
  OPTIONS (resource 'results', url 'http://127.0.0.1:9471/edge/blank_lines.jsonl');
SELECT plan->>'Requests' AS requests, plan->>'Pages' AS pages, plan->>'Retries' AS retries, plan->>'Bytes Received' AS received,
       plan->>'Bytes Inflated' AS inflated, plan->>'Records' AS records, plan->>'Skipped' AS skipped, plan ? 'Network Wait' AS waited
  FROM plan_of('(ANALYZE, FORMAT JSON) SELECT * FROM blank') AS line, LATERAL (SELECT line::jsonb->0->'Plan' AS plan) AS p;
SELECT plan->>'Requests' AS requests, plan->>'Pages' AS pages, plan->>'Records' AS records
  FROM plan_of('(ANALYZE, FORMAT JSON) SELECT batch_id FROM crustdata.jobs') AS line, LATERAL (SELECT line::jsonb->0->'Plan' AS plan) AS p;
DROP FOREIGN TABLE blank;

DROP TABLE ids, documents;
