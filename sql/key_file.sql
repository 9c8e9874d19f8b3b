-- api_key_file: read at each scan, so that a key is rotated without DDL.
SELECT current_setting('data_directory') || '/batch_key' AS file \gset
CREATE SERVER filed FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata', auth_prefix '',
  base_url 'http://127.0.0.1:9470/named', allow_private_hosts 'true');
CREATE FOREIGN TABLE filed_job (id text OPTIONS (meta 'job_id')) SERVER filed OPTIONS (resource 'jobs', job_id '61');
SELECT format('CREATE USER MAPPING FOR PUBLIC SERVER filed OPTIONS (api_key_file %L)', :'file') AS statement \gset
:statement;
PREPARE filed AS SELECT count(*) FROM filed_job;

-- Write the file and ask for the job; give the key that came, or the SQLSTATE.
CREATE FUNCTION write_key(content bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  outcome text;
  object oid := lo_from_bytea(0, content);
BEGIN
  PERFORM lo_export(object, current_setting('data_directory') || '/batch_key');
  PERFORM lo_unlink(object);
  PERFORM count(*) FROM reset;
  outcome := outcome_of('EXECUTE filed');
  RETURN coalesce((SELECT headers->>'authorization' FROM requests), outcome);
END $$;

-- no file yet, then one key after another, in the same plan
SELECT sqlstate_of('EXECUTE filed');
SELECT n, write_key(format(E'key number %s\n', n)::bytea) FROM generate_series(1, 3) n;

-- its first line, whatever ends it
SELECT what, left(key, 5) AS starts, length(key) FROM (SELECT what, write_key(content) AS key
FROM (VALUES ('no end', 'a'::bytea), ('CR LF', 'b\015\012'), ('more lines', 'c\012d\012'),
  ('8,191 bytes', (repeat('k', 8191) || E'\n')::bytea)) v (what, content)) w;

-- what is no key: nothing is asked
SELECT what, write_key(content) FROM (VALUES ('empty', ''::bytea), ('an empty line', '\012a'), ('a tab', 'a\011b'),
  ('CR', 'a\015b'), ('NUL', 'a\000b'), ('not ASCII', '\303\251'), ('over 8,192 bytes', repeat('k', 9000)::bytea)) v (what, content);
SELECT count(*) FROM requests;

-- what is no file
SELECT kind, sqlstate_of(format('ALTER USER MAPPING FOR PUBLIC SERVER filed OPTIONS (SET api_key_file %L)', path)) AS set,
  sqlstate_of('EXECUTE filed') AS read
FROM (VALUES ('directory', '/'), ('device', '/dev/null'), ('nothing', '/no/such/file'), ('relative', 'PG_VERSION'), ('empty', '')) v (kind, path);

-- the file's name may be shown, its content never
SELECT format('ALTER USER MAPPING FOR PUBLIC SERVER filed OPTIONS (SET api_key_file %L)', :'file') AS statement \gset
:statement;
SELECT write_key(E'secret\\001');
SELECT * FROM filed_job;
ALTER USER MAPPING FOR PUBLIC SERVER filed OPTIONS (SET api_key_file '/no/such/file');
SELECT * FROM filed_job;

-- both: the key of the mapping itself is used
SELECT format('ALTER USER MAPPING FOR PUBLIC SERVER filed OPTIONS (SET api_key_file %L, ADD api_key ''direct'')', :'file') AS statement \gset
:statement;
SELECT write_key('filed');

DEALLOCATE filed;
SET client_min_messages = warning;
DROP SERVER filed CASCADE;
DROP FUNCTION write_key;
