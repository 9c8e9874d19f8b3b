-- JSONL in its disguises: the same three records
SELECT name, string_agg(line || ' ' || record, ' | ' ORDER BY line) AS records
  FROM unnest(ARRAY['bom.jsonl', 'crlf.jsonl', 'blank_lines.jsonl', 'no_final_newline.jsonl', 'multi_member.gz',
       'empty_members.gz', 'gz_in_gz.gz', 'misnamed_plain.gz', 'misnamed_gzip.jsonl', 'trailing_zeros.gz', 'zeros_between.gz',
       'fname_fextra_fhcrc.gz', 'fextra.gz', 'long_fname.gz', 'fcomment.gz', 'ftext.gz', 'stored_blocks.gz', 'good.gz']) AS name,
       read_file('/edge/' || name) GROUP BY 1 ORDER BY 1;
SELECT name, (SELECT count(*) FROM read_file('/edge/' || name)) AS records
  FROM unnest(ARRAY['only_newlines.jsonl', 'empty.jsonl', 'empty.jsonl.gz', 'twenty_members.gz', 'long_line_3mb.jsonl.gz',
       'line_separators.jsonl', 'deep_1000.jsonl', 'bomb.gz', 'zeros_then_member.gz']) AS name;

-- any value is a record; a path into one that is no object is NULL
SELECT * FROM read_file('/edge/non_objects.jsonl');
CREATE FOREIGN TABLE values (a int, record json OPTIONS (path '$')) SERVER files
  OPTIONS (resource 'results', url 'http://127.0.0.1:9471/edge/non_objects.jsonl');
SELECT * FROM values;
DROP FOREIGN TABLE values;

-- arrays and documents
SELECT 'pretty' AS array, * FROM read_file('/edge/pretty_array.json');
SELECT 'compact' AS array, * FROM read_file('/edge/compact_array.json');
SELECT 'empty' AS array, * FROM read_file('/edge/empty_array.json');
SELECT line, record::jsonb FROM read_file('/edge/pretty_object.json');
SELECT line, record::jsonb FROM read_file('/edge/wrapped_array.json');
SELECT * FROM read_file('/edge/wrapped_array.json', $$, rows_path '$.data.items'$$);
SELECT line, record::jsonb FROM read_file('/edge/wrapped_array.json', $$, rows_path '$.no.such'$$);
SELECT * FROM read_file('/edge/compact_array.json', $$, result_format 'jsonl'$$);
SELECT * FROM read_file('/edge/bom.jsonl', $$, result_format 'json'$$);
SELECT * FROM read_file('/edge/array_garbage.json');
SELECT * FROM read_file('/edge/array_unclosed.json');

-- what is no JSON, what is not whole
SELECT * FROM read_file('/edge/html_200.html');
SELECT * FROM read_file('/edge/s3_error_200.xml');
SELECT name, sqlstate_of(format('SELECT * FROM read_file(%L)', '/edge/' || name))
  FROM unnest(ARRAY['trailing_garbage.gz', 'bad_crc.gz', 'bad_isize.gz', 'bit_flip.gz', 'cut_half.gz',
       'cut_trailer4.gz', 'cut_trailer8.gz', 'cut_header.gz', 'lone_1f.gz', 'lone_1f_behind.gz', 'magic_behind.gz',
       'zeros_then_garbage.gz', 'bad_fhcrc.gz', 'reserved_flags.gz', 'method_7.gz', 'zlib_raw', 'raw_deflate', 'truncated_last_line.jsonl',
       'two_objects_one_line.jsonl', 'raw_control.jsonl', 'raw_nul.jsonl', 'invalid_utf8.jsonl', 'deep_7000.jsonl',
       'nul_escape.jsonl', 'lone_surrogate.jsonl', 'duplicate_keys.jsonl']) AS name;
SELECT * FROM read_file('/edge/cut_half.gz');
SELECT * FROM read_file('/edge/bad_crc.gz');
SELECT * FROM read_file('/edge/trailing_garbage.gz');
SELECT * FROM read_file('/edge/invalid_utf8.jsonl');
SELECT * FROM read_file('/edge/two_objects_one_line.jsonl');
SELECT sqlstate_of($$SELECT * FROM read_file('/fault/close-framed')$$);

-- the longest record
SELECT count(*) FROM read_file('/edge/long_line_3mb.jsonl.gz');
ALTER SERVER files OPTIONS (ADD max_record_size '1MB');
SELECT count(*) FROM read_file('/edge/long_line_3mb.jsonl.gz');
ALTER SERVER files OPTIONS (SET max_record_size '1kB');
SELECT sqlstate_of(format('SELECT * FROM read_file(%L)', '/echo/' || encode(convert_to(file, 'UTF8'), 'hex')))
  FROM unnest(ARRAY[E'1\n' || repeat(' ', 1024) || E'\n2\n', E'1\n' || repeat(' ', 1025) || E'\n2\n',
       '[1,' || repeat(' ', 1023) || '2]', '[1,' || repeat(' ', 1024) || '2]']) AS file;
ALTER SERVER files OPTIONS (DROP max_record_size);

-- the format is told from the first 64 kB: a line feed behind them makes no document
SELECT sqlstate_of(format('SELECT * FROM read_file(%L)', '/echo/'
    || '1f8b0800000000000203edc1410d00300804b0ff649c8cb9998b2504efd8e0d1b6f272f301000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000080b5727a004ba32f70a9860100'));

-- the libraries
SELECT batch_fdw_version() ~ '^batch_fdw 1\.0, libcurl [0-9.]+[^,]*, json-c [0-9.]+, (ISA-L|zlib) [0-9.]+(, zstd [0-9.]+)?$' AS known;
