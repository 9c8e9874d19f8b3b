\set vendor crustdata
\i demo/server.sql
SELECT batch_id, status, result_count, created_at FROM crustdata.jobs LIMIT 10;
SELECT (SELECT batch_id FROM crustdata.jobs WHERE status = 'completed' AND result_count > 0 LIMIT 1) AS newest \gset
\if :{?newest}
SELECT part, line, left(record::text, 100) AS record FROM crustdata.results WHERE batch_id = :'newest' LIMIT 5;
\else
\echo No completed job has results yet.
\endif
