-- What \d+, \df+ and \dx+ say: comments on all that there is.
SELECT c.oid::regclass AS table, coalesce(col_description(c.oid, a.attnum), obj_description(c.oid, 'pg_class')) AS comment, a.attname
  FROM pg_class c LEFT JOIN LATERAL (SELECT 0 AS attnum, NULL AS attname UNION ALL
    SELECT attnum, attname FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0) AS a ON true
 WHERE c.oid IN ('crustdata.jobs'::regclass, 'crustdata.results'::regclass, 'bigdata.results'::regclass)
 ORDER BY c.oid::regclass::text, a.attnum;
-- no table that IMPORT makes, and no column of it, is without one
CREATE SCHEMA all_columns;
CREATE SERVER bare FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'https://api.example.com', job_url '/jobs/{id}');
IMPORT FOREIGN SCHEMA batch LIMIT TO (jobs) FROM SERVER crustdata INTO all_columns OPTIONS (all_columns 'true');
IMPORT FOREIGN SCHEMA batch LIMIT TO (results) FROM SERVER bare INTO all_columns;
CREATE SERVER ai FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'openai');
CREATE SCHEMA ai;
IMPORT FOREIGN SCHEMA batch FROM SERVER ai INTO ai;
IMPORT FOREIGN SCHEMA batch LIMIT TO (inferred) FROM SERVER crustdata INTO all_columns OPTIONS (job_id '53ab0000-0000-4000-8000-000000000008');
SELECT c.oid::regclass, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
 WHERE c.relkind = 'f' AND c.relnamespace IN ('crustdata'::regnamespace, 'companyenrich'::regnamespace, 'bigdata'::regnamespace,
   'pulse'::regnamespace, 'all_columns'::regnamespace, 'ai'::regnamespace)
   AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL);
\d+ all_columns.inferred
SELECT attname, col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = 'all_columns.jobs'::regclass AND attname IN ('download_url', 'doc', 'error_message');
SET client_min_messages = warning;
DROP SCHEMA all_columns, ai CASCADE;
DROP SERVER bare, ai;
RESET client_min_messages;
-- nor is what the extension makes
SELECT pg_describe_object(classid, objid, 0) FROM pg_depend
 WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'batch_fdw')
   AND deptype = 'e' AND classid <> 'pg_type'::regclass AND obj_description(objid, classid::regclass::name) IS NULL ORDER BY 1;
SELECT attname FROM pg_attribute WHERE attrelid = 'batch_fdw_progress'::regclass AND attnum > 0 AND col_description(attrelid, attnum) IS NULL;
