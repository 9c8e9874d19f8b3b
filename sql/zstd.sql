-- Files compressed by zstd: the same three records as of gzip, or an error.  What a
-- build without libzstd says is in zstd_1.out.
SELECT batch_fdw_version() LIKE '%, zstd %' AS reads_zstd;
\pset format unaligned
SELECT name, string_agg(line || ' ' || record, ' | ' ORDER BY line) AS records
  FROM unnest(ARRAY['good.zst', 'misnamed_zstd.gz', 'best.zst', 'fast.zst', 'stream.zst', 'no_checksum.zst', 'many_frames.zst',
       'empty_frames.zst', 'skippable.zst', 'zst_in_zst.zst', 'gz_in_zst.zst', 'zst_in_gz.gz', 'skippable_in_gz.gz', 'array_in_zst.zst']) AS name,
       read_file('/edge/' || name) GROUP BY 1 ORDER BY 1;
SELECT name, (SELECT count(*) FROM read_file('/edge/' || name)) AS records
  FROM unnest(ARRAY['empty.zst', 'only_skippable.zst', 'bomb.zst']) AS name;

-- what is damaged, goes on as something else, or takes too much memory
CREATE FUNCTION verdict_of(url text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  detail text;
  hint text;
BEGIN
  RETURN (SELECT count(*) FROM read_file(url, $o$, on_error 'skip'$o$)) || ' rows';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN concat_ws(' / ', SQLSTATE, SQLERRM, detail, hint);
END $$;
SET client_min_messages = warning;
SELECT name, verdict_of('/edge/' || name) AS verdict
  FROM unnest(ARRAY['cut_half.zst', 'cut_checksum.zst', 'cut_head.zst', 'cut_magic.zst', 'cut_skippable.zst', 'lone_28_behind.zst',
       'flip.zst', 'bad_checksum.zst', 'zeros_behind.zst', 'garbage_behind.zst', 'gzip_behind.zst', 'zstd_behind.gz',
       'three_levels.zst', 'wide.zst']) AS name;
\pset format aligned
DROP FUNCTION verdict_of;
