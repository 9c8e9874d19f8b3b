-- the tables of the four vendors
SELECT c.oid::regclass AS table, attname, format_type(atttypid, atttypmod), attfdwoptions
  FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0
 WHERE relkind = 'f' AND relnamespace IN ('crustdata'::regnamespace, 'companyenrich'::regnamespace,
       'bigdata'::regnamespace, 'pulse'::regnamespace)
 ORDER BY relnamespace::regnamespace::text, relname, attnum;

-- all columns, LIMIT TO, EXCEPT
CREATE SCHEMA one;
IMPORT FOREIGN SCHEMA batch LIMIT TO (jobs) FROM SERVER crustdata INTO one OPTIONS (all_columns 'true');
SELECT attname, format_type(atttypid, atttypmod), attfdwoptions FROM pg_attribute
 WHERE attrelid = 'one.jobs'::regclass AND attnum > 0 ORDER BY attnum;
IMPORT FOREIGN SCHEMA batch EXCEPT (jobs) FROM SERVER crustdata INTO one;
SELECT relname FROM pg_class WHERE relnamespace = 'one'::regnamespace ORDER BY 1;

-- the URLs of results come only with all columns: they are secrets while they live
CREATE SCHEMA urls;
IMPORT FOREIGN SCHEMA batch LIMIT TO (jobs) FROM SERVER bigdata INTO urls OPTIONS (all_columns 'true');
SELECT attname, attfdwoptions FROM pg_attribute WHERE attrelid = 'urls.jobs'::regclass AND attnum > 0 ORDER BY attnum;
CREATE SERVER urls FOREIGN DATA WRAPPER batch_fdw OPTIONS (urls_path '$.parts[*], $.file.url, $."a b"',
  job_columns 'id text, parts jsonb, url text = $.file.url, file jsonb, "a b" text, b text = $."a b", parts_0 text = $.parts[0]');
DROP FOREIGN TABLE urls.jobs;
IMPORT FOREIGN SCHEMA batch LIMIT TO (jobs) FROM SERVER urls INTO urls;
SELECT attname FROM pg_attribute WHERE attrelid = 'urls.jobs'::regclass AND attnum > 0 ORDER BY attnum;

-- an API without columns of its own, with a name that needs quotes
CREATE SERVER "My API" FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'https://api.example.com',
  job_url '/jobs/{id}', result_columns 'Id text = $."the \"id\"", x''y text');
CREATE SCHEMA "Two";
IMPORT FOREIGN SCHEMA batch FROM SERVER "My API" INTO "Two";
SELECT attrelid::regclass, attname, format_type(atttypid, atttypmod), attfdwoptions FROM pg_attribute
 WHERE attrelid IN ('"Two".jobs'::regclass, '"Two".results'::regclass) AND attnum > 0 ORDER BY attrelid, attnum;

-- what is refused
IMPORT FOREIGN SCHEMA public FROM SERVER crustdata INTO one;
\set VERBOSITY sqlstate
IMPORT FOREIGN SCHEMA public FROM SERVER crustdata INTO one;
\set VERBOSITY default
IMPORT FOREIGN SCHEMA batch FROM SERVER crustdata INTO one OPTIONS (columns 'all');

SET client_min_messages = warning;
DROP SCHEMA one, "Two", urls CASCADE;
DROP SERVER urls;
DROP SERVER "My API";

-- types of pg_catalog, whatever else has their names: when options are set, loaded and imported
CREATE TEMP TABLE text (a int);
CREATE TEMP TABLE jsonb (a int);
CREATE TEMP TABLE uuid (a int);
CREATE SCHEMA shadows;
CREATE DOMAIN shadows.timestamptz AS pg_catalog.text;
SET search_path = shadows, public, pg_catalog;
SELECT batch_id FROM crustdata.jobs WHERE status = 'failed' LIMIT 1;
CREATE SCHEMA imported;
IMPORT FOREIGN SCHEMA batch FROM SERVER crustdata INTO imported OPTIONS (all_columns 'true');
SELECT attrelid::regclass, count(*), count(*) FILTER (WHERE atttypid >= 10000) AS others
  FROM pg_attribute WHERE attrelid IN ('imported.jobs'::regclass, 'imported.results'::regclass) AND attnum > 0 GROUP BY 1 ORDER BY 1;
SELECT batch_id, status, doc->>'status' AS again FROM imported.jobs WHERE status = 'failed' LIMIT 1;
CREATE SERVER shadowed FOREIGN DATA WRAPPER batch_fdw OPTIONS (job_columns 'id text, at timestamptz(3)[], "other one" pg_catalog.uuid, n numeric(10,2)');
IMPORT FOREIGN SCHEMA batch LIMIT TO (jobs) FROM SERVER shadowed INTO shadows;
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'shadows.jobs'::regclass AND attnum > 0;
ALTER SERVER shadowed OPTIONS (SET job_columns 'id shadows.timestamptz');
ALTER SERVER shadowed OPTIONS (SET job_columns 'id record');
ALTER SERVER shadowed OPTIONS (SET job_columns 'id no_such_type');
ALTER SERVER shadowed OPTIONS (SET job_columns 'id text = $[');
RESET search_path;
DROP SERVER shadowed CASCADE;
DROP SCHEMA shadows, imported CASCADE;
DROP TABLE pg_temp.text, pg_temp.jsonb, pg_temp.uuid;
