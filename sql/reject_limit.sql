-- reject_limit: how many bad records are put up with.
SELECT make_bad('a int, b text', $$, on_error 'skip'$$, '{"a":1,"b":"one"}', '{"a":"lots","b":"two"}', '{"a":3,"b":"th',
  '{"a":4,"b":"\\u0000"}', '{"a":5,"b":"\303"}', '', '{"a":99999999999,"b":"\\ud800"}', '{"a":8}');
-- more than reject_limit are an error, of the last one's SQLSTATE; as many are not
ALTER FOREIGN TABLE bad OPTIONS (ADD reject_limit '5');
SELECT count(b) FROM bad WHERE a > 0;
ALTER FOREIGN TABLE bad OPTIONS (SET reject_limit '4');
SELECT count(b) FROM bad WHERE a > 0;
SELECT count(*) FROM rejects;
\set VERBOSITY sqlstate
SELECT a, b FROM bad;
ALTER FOREIGN TABLE bad OPTIONS (SET reject_limit '0');
SELECT a, b FROM bad;
\set VERBOSITY default

-- what is not reached does not count
SELECT a FROM bad LIMIT 1;
ALTER FOREIGN TABLE bad OPTIONS (SET reject_limit '1');
SELECT a FROM bad WHERE a IS NOT NULL LIMIT 1;
SELECT count(*) FROM rejects;
ALTER FOREIGN TABLE bad OPTIONS (DROP reject_limit);
BEGIN;
DECLARE c CURSOR FOR SELECT line, a FROM bad;
FETCH 2 FROM c;
SELECT line, sqlstate FROM rejects;
CLOSE c;
DECLARE c CURSOR WITH HOLD FOR SELECT line, a FROM bad;
COMMIT;
FETCH ALL FROM c;
CLOSE c;

DROP FOREIGN TABLE bad;
