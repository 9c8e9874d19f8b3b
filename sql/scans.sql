-- Several scans at once, and all the ways in which a query reads a table.
SET client_min_messages = warning;
CREATE FOREIGN TABLE c (batch_id uuid OPTIONS (meta 'job_id'), part int OPTIONS (meta 'part'), line bigint OPTIONS (meta 'line'),
  domain text OPTIONS (path '$.original_identifier'), name text OPTIONS (path '$.data.name'), headcount int OPTIONS (path '$.data.headcount'))
  SERVER crustdata OPTIONS (resource 'results');
\set one '53ab0000-0000-4000-8000-000000000001'
\set two '53ab0000-0000-4000-8000-000000000002'

-- a self-join, and both tables in one query
SELECT a.domain, b.domain FROM c a JOIN c b ON a.headcount < b.headcount
 WHERE a.batch_id = :'one' AND b.batch_id = :'one' AND a.line = 1 AND b.line = 1 ORDER BY 1, 2;
SELECT j.status, count(*) FROM crustdata.jobs j JOIN c ON c.batch_id = j.batch_id
 WHERE j.batch_id = :'one' AND c.batch_id = :'one' GROUP BY 1;

-- four servers in one statement
SELECT 'crustdata' AS vendor, count(*) FROM crustdata.results WHERE batch_id = :'one'
UNION ALL SELECT 'companyenrich', count(*) FROM companyenrich.results WHERE job_id = 'ce5eed00-0000-4000-8000-000000000004'
UNION ALL SELECT 'bigdata', count(*) FROM bigdata.results WHERE batch_id = 'batch-cirrus'
UNION ALL SELECT 'pulse', count(*) FROM pulse.results WHERE job_id = 'pulse-inline';

-- a loop that queries inside a loop over a cursor
CREATE FUNCTION nested() RETURNS TABLE (outer_domain text, inner_count bigint) LANGUAGE plpgsql AS $$
BEGIN
  FOR outer_domain IN SELECT domain FROM c WHERE batch_id = '53ab0000-0000-4000-8000-000000000001' LOOP
    SELECT count(*) INTO inner_count FROM c
     WHERE batch_id = '53ab0000-0000-4000-8000-000000000002' AND c.domain IS DISTINCT FROM outer_domain;
    RETURN NEXT;
  END LOOP;
END $$;
SELECT * FROM nested();

-- two cursors, read in turn
BEGIN;
DECLARE a CURSOR FOR SELECT domain FROM c WHERE batch_id = :'one';
DECLARE b CURSOR FOR SELECT domain FROM c WHERE batch_id = :'one';
FETCH 2 FROM a;
FETCH 1 FROM b;
FETCH 2 FROM a;
CLOSE a;
FETCH ALL FROM b;
DECLARE h CURSOR WITH HOLD FOR SELECT domain FROM c WHERE batch_id = :'one';
FETCH 1 FROM h;
COMMIT;
FETCH ALL FROM h;
CLOSE h;

-- an error within a savepoint leaves the other scan alone
BEGIN;
DECLARE a CURSOR FOR SELECT domain FROM c WHERE batch_id = :'one';
FETCH 1 FROM a;
SAVEPOINT s;
SELECT domain::int FROM c WHERE batch_id = :'one';
ROLLBACK TO s;
FETCH 1 FROM a;
COMMIT;

-- prepared statements, custom and generic
PREPARE p(uuid) AS SELECT count(*) FROM c WHERE batch_id = $1;
SET plan_cache_mode = force_custom_plan;
EXECUTE p(:'one');
SET plan_cache_mode = force_generic_plan;
EXECUTE p(:'one');
EXECUTE p(:'two');
EXECUTE p(NULL);
RESET plan_cache_mode;

-- rescans: the inner side of a nested loop, correlated sub-selects, LATERAL
SET enable_material = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT x, domain FROM generate_series(1, 2) AS x LEFT JOIN c ON c.headcount > 10000 AND batch_id = :'one' AND x > 0;
RESET enable_material;
RESET enable_hashjoin;
RESET enable_mergejoin;
SELECT id, (SELECT count(*) FROM c WHERE c.batch_id = id) FROM (VALUES (:'one'::uuid), (:'two'), (NULL), (:'one')) AS v (id);
SELECT id, l.domain FROM (VALUES (:'one'::uuid), (:'two')) AS v (id),
  LATERAL (SELECT domain FROM c WHERE c.batch_id = id LIMIT 2) AS l;
SELECT count(*) FROM c WHERE batch_id = :'one' AND EXISTS (SELECT FROM c d WHERE d.batch_id = :'one' AND d.headcount > c.headcount);

-- partitions: created, then attached
CREATE TABLE parts (batch_id uuid, part int, line bigint, domain text, name text, headcount int) PARTITION BY LIST (batch_id);
CREATE FOREIGN TABLE part_one (batch_id uuid OPTIONS (meta 'job_id'), part int OPTIONS (meta 'part'), line bigint OPTIONS (meta 'line'),
  domain text OPTIONS (path '$.original_identifier'), name text OPTIONS (path '$.data.name'), headcount int OPTIONS (path '$.data.headcount'))
  SERVER crustdata OPTIONS (resource 'results', job_id '53ab0000-0000-4000-8000-000000000001');
CREATE TABLE part_two (LIKE parts);
INSERT INTO part_two VALUES (:'two', 1, 1, 'local.example', 'Local', 5);
ALTER TABLE parts ATTACH PARTITION part_one FOR VALUES IN ('53ab0000-0000-4000-8000-000000000001');
ALTER TABLE parts ATTACH PARTITION part_two FOR VALUES IN ('53ab0000-0000-4000-8000-000000000002');
SELECT tableoid::regclass, count(*), min(domain) FROM parts GROUP BY 1 ORDER BY 1;
SELECT * FROM reset;
SELECT domain FROM parts WHERE batch_id = :'two';
SELECT count(*) AS requests FROM requests;

-- views, whole rows, no columns at all, system columns
CREATE VIEW v AS SELECT domain, headcount FROM c WHERE batch_id = '53ab0000-0000-4000-8000-000000000001';
SELECT domain FROM v WHERE headcount < 100 ORDER BY 1;
SELECT c FROM c WHERE batch_id = :'one' LIMIT 1;
SELECT count(*), count(c) FROM c WHERE batch_id = :'one';
SELECT FROM c WHERE batch_id = :'one' LIMIT 2;
SELECT tableoid::regclass FROM c WHERE batch_id = :'one' LIMIT 1;
UPDATE c SET name = 'x';
DELETE FROM c;

-- CREATE TABLE AS, COPY, aggregates over all of it
CREATE TABLE copied AS SELECT * FROM c WHERE batch_id = :'one';
SELECT count(*), sum(headcount) FROM copied;
COPY (SELECT domain, headcount FROM c WHERE batch_id = '53ab0000-0000-4000-8000-000000000001' LIMIT 2) TO STDOUT;
ANALYZE c;

DROP TABLE copied, parts;
DROP VIEW v;
DROP FOREIGN TABLE c;
DROP FUNCTION nested();
