-- What is no JSON is an error that says what it is, whatever on_error says.
CREATE FUNCTION verdict_of(url text, options text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  detail text;
  hint text;
BEGIN
  RETURN (SELECT count(*) FROM read_file(url, options)) || ' rows';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN concat_ws(' / ', SQLSTATE, SQLERRM, detail, hint);
END $$;
SET client_min_messages = warning;
SELECT name, verdict_of('/edge/' || name, $$, on_error 'skip'$$) AS verdict
  FROM unnest(ARRAY['good.zip', 'good.bz2', 'good.xz', 'good.lz4', 'good.7z', 'zlib_raw', 'good.br', 'large.br', 'zip.gz',
       'utf16.jsonl', 'utf16le.jsonl', 'utf16be.jsonl', 'utf32.jsonl', 'utf32be.jsonl', 'zeros', 'raw_deflate',
       'good.parquet', 'good.avro', 'good.orc', 'good.pdf', 'good.json-seq',
       'good.csv', 'numbers.csv', 'quoted.csv', 'good.tsv', 'csv.gz', 'good.txt', 'events.txt', 'page.html']) AS name;

SELECT verdict_of('/fault/brotli', '');

-- in any layout, and under any on_error
SELECT name, format, count(DISTINCT left(verdict_of('/edge/' || name, format || more), 30)) AS verdicts,
       min(left(verdict_of('/edge/' || name, format || more), 5)) AS verdict
  FROM unnest(ARRAY['good.zip', 'utf16.jsonl', 'large.br', 'good.csv', 'good.txt']) AS name,
       unnest(ARRAY[$$, result_format 'jsonl'$$, $$, result_format 'json'$$, $$, rows_path '$.a'$$]) AS format,
       unnest(ARRAY['', $$, on_error 'null'$$, $$, on_error 'skip'$$]) AS more GROUP BY 1, 2 ORDER BY 1, 2;

-- a file with bad records is none of these
SELECT name, verdict_of('/edge/' || name, $$, on_error 'skip'$$) AS verdict
  FROM unnest(ARRAY['comment.jsonl', 'scalars.jsonl', 'non_objects.jsonl', 'raw_nul.jsonl', 'raw_control.jsonl', 'invalid_utf8.jsonl',
       'two_objects_one_line.jsonl', 'empty.jsonl', 'only_newlines.jsonl']) AS name;
SELECT file, verdict_of('/echo/' || encode(convert_to(file, 'UTF8'), 'hex'), $$, on_error 'skip'$$) AS verdict
  FROM unnest(ARRAY['{"a":', '{"a" 1}', '[1,', E'"a"\noops', E'oops\n"a"', 'oops', 'nul', '1 2', '"', '-', '1']) AS file;
DROP FUNCTION verdict_of;
