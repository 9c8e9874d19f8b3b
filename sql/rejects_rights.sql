-- Who may see what was rejected: who may read the columns.
SELECT make_bad('a int', $$, on_error 'skip'$$, '{"a":1}', '{"a":"x"}', '{"a":3}');
CREATE ROLE reader;
GRANT USAGE ON FOREIGN SERVER files TO reader;
GRANT SELECT (a) ON bad TO reader;
SET ROLE reader;
SELECT count(*) FROM batch_fdw_rejects();
SELECT a FROM bad;
SELECT line, message, record FROM batch_fdw_rejects();
RESET ROLE;
SELECT count(*) FROM batch_fdw_rejects();
CREATE VIEW a_of_bad AS SELECT a FROM bad;
GRANT SELECT ON a_of_bad TO reader;
SET ROLE reader;
SELECT count(*) FROM a_of_bad WHERE a > 0;
SELECT count(*) FROM batch_fdw_rejects();
RESET ROLE;
SELECT count(*) FROM batch_fdw_rejects();
DROP OWNED BY reader; DROP ROLE reader;

SET client_min_messages = warning;
DROP VIEW a_of_bad;
DROP FOREIGN TABLE bad;
