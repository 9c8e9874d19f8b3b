-- on_error: what does not fit is NULL, or skips its record, or is an error.
-- values that do not fit, and records that are none: text is bytes, \303 is one
SELECT make_bad('a int, b text', $$, on_error 'null'$$, '{"a":1,"b":"one"}', '{"a":"lots","b":"two"}', '{"a":3,"b":"th',
  '{"a":4,"b":"\\u0000"}', '{"a":5,"b":"\303"}', '', '{"a":99999999999,"b":"\\ud800"}', '{"a":8}');
SELECT * FROM bad;
SELECT * FROM rejects;
ALTER FOREIGN TABLE bad OPTIONS (SET on_error 'skip');
SELECT * FROM bad;
SELECT * FROM rejects;
SELECT relation, job_id, count(*) FROM batch_fdw_rejects() GROUP BY 1, 2;
ALTER FOREIGN TABLE bad OPTIONS (DROP on_error);
SELECT * FROM bad;

-- only wanted columns are converted; a bad record is bad for all
ALTER FOREIGN TABLE bad OPTIONS (ADD on_error 'skip');
SELECT line FROM bad;
SELECT count(*) FROM bad;

DROP FOREIGN TABLE bad;
