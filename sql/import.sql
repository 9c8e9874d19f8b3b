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
DROP SCHEMA one, "Two" CASCADE;
DROP SERVER "My API";
