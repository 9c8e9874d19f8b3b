-- on_error of records that are none: what is passed over, and what is always an error.
-- records that are too long or too deep; lines behind them are read
ALTER SERVER files OPTIONS (ADD max_record_size '1kB');
SELECT make_bad('a int, b text', $$, on_error 'null'$$, '{"a":1}', '{"a":2,"b":"' || repeat('é', 600) || '"}', '{"a":3}',
  repeat(' ', 2000) || '{"a":4}', '{"a":5}', '{"a":6,"b":"' || repeat('x', 3000));
SELECT line, a, length(b) FROM bad;
SELECT line, sqlstate, message, length(record), right(record, 3) AS ending FROM rejects;
SELECT count(*), sum(octet_length(record)) FROM read_file('/echo/' || encode(convert_to(repeat('{"a":1}' || E'\n', 300), 'UTF8'), 'hex')
  || '?piece=500');
ALTER SERVER files OPTIONS (SET max_record_size '1MB');
SELECT line, sqlstate_of(format('SELECT %L::json', record)) FROM read_file('/edge/long_line_3mb.jsonl.gz', $$, on_error 'skip'$$);
SELECT line, sqlstate, message, length(record) FROM rejects;
ALTER SERVER files OPTIONS (DROP max_record_size);
SELECT line, record FROM read_file('/edge/deep_7000.jsonl', $$, on_error 'null'$$);
SELECT line, sqlstate, message FROM rejects;

-- of an array bad elements are passed over; what is not whole is always an error
SELECT line, record FROM read_file('/echo/' || encode('[{"a":1},{"a":tru},{"a":3}]', 'hex'), $$, on_error 'skip'$$);
SELECT make_bad('a int', $$, on_error 'skip'$$, '[{"a":1},', ' {"a":"x"},');
ALTER FOREIGN TABLE bad OPTIONS (SET result_format 'json');
SELECT a FROM bad;
SELECT name, sqlstate_of(format('SELECT * FROM read_file(%L, %L)', '/' || name, $$, on_error 'skip'$$))
  FROM unnest(ARRAY['edge/cut_half.gz', 'edge/bad_crc.gz', 'edge/array_unclosed.json', 'edge/html_200.html', 'fault/missing',
                    'fault/cl-short', 'fault/bad-line', 'fault/utf8', 'edge/raw_nul.jsonl']) AS name;

DROP FOREIGN TABLE bad;
