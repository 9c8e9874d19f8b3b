-- A record is accepted exactly if PostgreSQL's json type accepts it: documents by
-- the grammar of RFC 8259, valid and not, in hex: numbers, structure, strings,
-- white space, UTF-8, nesting.
CREATE TABLE documents AS SELECT decode(word, 'hex') AS document
  FROM regexp_split_to_table($$
30 2d30 31 2d31 3130 3031 2d3031 3030 312e 2e35 2d2e35 302e35 312e3565 316535 314535 31652b35 31652d35 3165352e35 31652b
31652d 2b31 2d 2d2d 312d31 30783130 315f303030 3165343030 2d31652d343030 3132333435363738393031323334353637383930313233
302e3130 312e302e30 31653035 306530 2d30652d30 322e 312e6531 4e614e 496e66696e697479 2d496e66696e697479 6e616e 696e66 3161
31653161 d9a1 306231 3166 314c 2e 2d61 302e6531
39393939393939393939393939393939393939393939393939393939393939393939393939393939 3145 31452b 2d302e30 302e30303031 7b7d 5b5d
7b2261223a317d 5b315d 7b2261223a312c7d 5b312c5d 5b2c315d 5b312c2c325d 7b2c7d 7b2261227d 7b2261223a7d 7b3a317d
7b2261223a31202262223a327d 7b22612220317d 5b3120325d 7b613a317d 7b2761273a317d 7b2261223a312c2261223a327d 7b22223a317d
7b2261223a7b2262223a7b2263223a5b5d7d7d7d 5b5b5b5d5d5d 5b7b7d5d 5b7b7d2c5b5d5d 7b2261223a5b7d 5b7b2261223a315d 5b317d
7b2261223a315d 5d 7d 2c 3a 7b2261223a317d7d 5b315d5d 5b315d5b325d 7b7d7b7d 312032 312c32 22612220226222 74727565 66616c7365
6e756c6c 54727565 46414c5345 6e756c 6e756c6c73 7472756566616c7365 747275 74 756e646566696e6564 2f2a2063202a2f31 312f2f63 2331
7b2261223a317d78 787b2261223a317d 5b747275652c66616c73652c6e756c6c5d 5b7472756566616c73655d
7b2261223a747275652c2262223a6e756c6c7d 7b2261223a7472757d 7b313a327d 7b6e756c6c3a317d 7b5b5d3a317d 7b2261223a226222 5b226122
5b2261 7b2261 22 2222 222022 2261 6122 7b2261223a313b2262223a327d 283129 3c613e 5b2261223a315d 7b2261222c2262227d
5b312c322c332c5b342c5b355d5d2c7b226b223a5b7b7d5d7d5d 7b226b223a5b312c7b226c223a226d227d5d2c226e223a7b7d7d
5b22205d222c225b225d 7b227d223a227b227d 7b22615c5c223a317d 5b225c5c225d 5b225c5c5c22225d 5b225c5c5c5c225d 225c2222 225c5c22
225c2f22 225c625c665c6e5c725c7422 225c6122 225c7622 225c3022 225c78343122 225c2722 225c753030343122 225c753030653922
225c754142434422 225c756162636422 225c75313222 225c7531323322 225c753132673422 225c553030343122 225c7522 225c75 3030343122
225c753030303022 225c75643833645c756465303022 225c756438336422 225c756465303022 225c75643833645c756438336422
225c75646530305c756438336422 225c75643833647822 225c75643833645c753030343122 225c754646464622 225c75666666665c753030303122
225c22 225c5c5c22 225c5c5c5c22 225c6e22 22615c716222 225c75303022 7b225c7530303631223a317d 7b225c7564383364223a317d
7b225c78223a317d 7b22615c6e62223a317d 2261016222 2261086222 22610b6222 22610c6222 22611f6222 22617f6222 2261096222 2031 3120
0931 3109 0d31 310d 0b31 0c31 c2a031 31c2a0 e280a831 efbbbf31 31efbbbf 5b2031202c2032205d 7b20226122203a2031207d
7b09226122093a0931097d 5b0d310d5d 5b0c315d 22e280a8e280a9c28522 5b31c2a05d 22c28022 22dfbf22 22e0a08022 22ed9fbf22 22ee808022
22efbfbf22 22f090808022 22f48fbfbf22 227f22 22c3a922 22e282ac22 22f09f988022 22efbbbf22 228022 22bf22 22c08022 22c1bf22
22c222 22c24122 22e0808022 22e09fbf22 22e28222 22e2824122 22eda08022 22edbfbf22 22f080808022 22f08fbfbf22 22f09f9822
22f09f984122 22f490808022 22f580808022 22f88880808022 22fe22 22ff22 22c32822 22e228a122 22f0288cbc22 22c3a9c322 22808022
22e922 5b305d 5b2d305d 5b2d315d 5b31305d 5b30315d 5b2d30315d 5b30305d 5b312e5d 5b2e355d 5b2d2e355d 5b302e355d 5b312e35655d
5b3165355d 5b3145355d 5b31652b355d 5b31652d355d 5b3165352e355d 5b31652b5d 5b31652d5d 5b2b315d 5b2d5d 5b2d2d5d 5b312d315d
5b307831305d 5b315f3030305d 5b31653430305d 5b2d31652d3430305d 5b31323334353637383930313233343536373839303132335d 5b302e31305d
5b5b5b5b5b5b5b5b5b5b5d5d5d5d5d5d5d5d5d5d
5b312c5b322c5b332c5b345d5d5d5d 7b2261223a7b2261223a7b2261223a7b7d7d7d7d 5b7b2261223a5b7b2261223a5b5d7d5d7d5d
5b5b315d2c5b325d2c5b335d 5b5b315d2c5b325d2c5b335d5d5d 7b2261223a312c2262223a322c2263223a337d 7b2261223a312c2c2262223a327d
7b2261223a3a317d 7b2261223a313a327d 5b2261222c5d 5b22225d 7b22223a22227d 7b2220223a2220227d 5b2e315d 5b31655d 5b747275455d
5b6e756c5d 225c753030344722 225c75443830305c754443303022 225c75444246465c754446464622 225c75443830305c754530303022
$$, '\s+') AS word WHERE word <> '';
INSERT INTO documents SELECT convert_to(document, 'UTF8') FROM (VALUES (repeat('[', 1000) || repeat(']', 1000)),
  (repeat('[', 6400) || repeat(']', 6400)), (repeat('[', 6400) || repeat(']', 6399)), (repeat('[', 6399) || repeat(']', 6400)),
  (repeat('{"a":', 500) || '1' || repeat('}', 500)), (repeat('{"a":', 500) || '1' || repeat('}', 499)),
  (repeat('[{"a":', 200) || '1' || repeat('}]', 200)), ('"' || repeat('a', 70000) || '"'), ('"' || repeat('é', 40000)),
  ('[' || repeat('1,', 5000) || '1]'), ('[' || repeat('1,', 5000) || ']')) AS v (document);

-- What PostgreSQL says.
CREATE FUNCTION json_accepts(document bytea) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM convert_from(document, 'UTF8')::json;
  RETURN true;
EXCEPTION WHEN data_exception OR statement_too_complex THEN
  RETURN false;
END $$;

-- The records that batch_fdw reads of a file, sent in pieces of some bytes; -1 for an error.
CREATE FUNCTION records_of(file bytea, format text, piece int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE n int;
BEGIN
  EXECUTE format('CREATE FOREIGN TABLE f (x int) SERVER files OPTIONS (resource ''results'', result_format %L, url %L)', format,
    'http://127.0.0.1:9471/echo/' || encode(file, 'hex') || '?piece=' || piece);
  BEGIN
    SELECT count(*) INTO n FROM f;
  EXCEPTION WHEN data_exception OR data_corrupted OR statement_too_complex THEN
    n := -1;
  END;
  DROP FOREIGN TABLE f;
  RETURN n;
END $$;

SELECT count(*) AS documents, count(*) FILTER (WHERE json_accepts(document)) AS accepted FROM documents;

-- as a line among good lines, at several sizes of piece: no difference
WITH cases AS (SELECT '{"good": 1}'::bytea || '\x0a' || document || '\x0a' || '["good"]'::bytea AS file, piece,
       CASE WHEN json_accepts(document) THEN 3 ELSE -1 END AS expected
  FROM documents, unnest(ARRAY[1, 2, 3, 7, 65536]) AS piece WHERE length(document) < 20000 AND (length(document) < 200 OR piece > 7))
SELECT left(encode(file, 'escape'), 60) AS file, piece, expected, records FROM cases, records_of(file, 'jsonl', piece) AS records
 WHERE records <> expected;

-- as a document of its own
WITH cases AS (SELECT document AS file, CASE WHEN json_accepts(document) THEN 1 ELSE -1 END AS expected
  FROM documents WHERE length(document) < 20000 AND get_byte(ltrim(document, '\x20090d'::bytea), 0) <> ascii('['))
SELECT left(encode(file, 'escape'), 60) AS file, expected, records FROM cases, records_of(file, 'json', 65536) AS records
 WHERE records <> expected;

-- within an array of records, which is split before it is validated
WITH files AS (SELECT '[1,'::bytea || document || ', {}]'::bytea AS file FROM documents WHERE length(document) < 2000),
cases AS (SELECT file, CASE WHEN json_accepts(file) THEN json_array_length(convert_from(file, 'UTF8')::json) ELSE -1 END AS expected
  FROM files)
SELECT left(encode(file, 'escape'), 60) AS file, expected, records FROM cases, records_of(file, 'json', 5) AS records
 WHERE records <> expected;

DROP TABLE documents;
DROP FUNCTION json_accepts, records_of;
