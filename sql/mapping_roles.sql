-- Whose key is sent: that of the user who is checked for the table, whatever
-- the way to it.  The imitation's log shows which key came.
CREATE SERVER whose FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata', auth_prefix '',
  base_url 'http://127.0.0.1:9470/named', allow_private_hosts 'true', list_url '/batch/61', items_path '$.none');
CREATE ROLE alice;
CREATE ROLE bob;
CREATE ROLE carol;
CREATE ROLE dave;
CREATE USER MAPPING FOR CURRENT_USER SERVER whose OPTIONS (api_key 'key of owner');
CREATE USER MAPPING FOR alice SERVER whose OPTIONS (api_key 'key of alice');
CREATE USER MAPPING FOR bob SERVER whose OPTIONS (api_key 'key of bob');
CREATE SCHEMA whose;
GRANT ALL ON SCHEMA whose TO PUBLIC;
CREATE FOREIGN TABLE whose.job (id text OPTIONS (meta 'job_id')) SERVER whose OPTIONS (resource 'jobs', job_id '61');
GRANT SELECT ON whose.job TO alice, bob, carol, dave;

-- Run a query as a role; give the keys that came, or the SQLSTATE.
CREATE FUNCTION keys_of(role text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE keys text;
BEGIN
  PERFORM count(*) FROM reset;
  PERFORM set_config('role', role, true);
  EXECUTE query;
  PERFORM set_config('role', 'none', true);
  SELECT string_agg(DISTINCT headers->>'authorization', ', ') INTO keys FROM requests;
  RETURN keys;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;

-- 1, 2, 3: the table itself, by SET ROLE, as its owner, and without a mapping
SELECT keys_of('alice', 'SELECT count(*) FROM whose.job') AS alice, keys_of('bob', 'SELECT count(*) FROM whose.job') AS bob,
  keys_of('none', 'SELECT count(*) FROM whose.job') AS owner, keys_of('carol', 'SELECT count(*) FROM whose.job') AS carol;

-- 4: PUBLIC's mapping serves who has none, and no one else
CREATE USER MAPPING FOR PUBLIC SERVER whose OPTIONS (api_key 'key of all');
SELECT keys_of('alice', 'SELECT count(*) FROM whose.job') AS alice, keys_of('carol', 'SELECT count(*) FROM whose.job') AS carol;

-- 5, 6: a view is read with its owner's key, and a view of a view with the inner one's
SET ROLE alice;
CREATE VIEW whose.alices AS SELECT * FROM whose.job;
GRANT SELECT ON whose.alices TO bob, carol;
SET ROLE bob;
CREATE VIEW whose.bobs AS SELECT * FROM whose.alices;
CREATE VIEW whose.bobs_own AS SELECT a.id FROM whose.job a JOIN whose.alices b USING (id);
GRANT SELECT ON whose.bobs, whose.bobs_own TO carol;
RESET ROLE;
SELECT keys_of('carol', 'SELECT count(*) FROM whose.alices') AS view, keys_of('carol', 'SELECT count(*) FROM whose.bobs') AS nested,
  keys_of('carol', 'SELECT count(*) FROM whose.bobs_own') AS both, keys_of('carol', 'SELECT * FROM whose.job, whose.alices') AS beside;

-- 7: security_invoker takes the reader's
SET ROLE alice;
CREATE VIEW whose.invokers WITH (security_invoker) AS SELECT * FROM whose.job;
GRANT SELECT ON whose.invokers TO bob, carol;
SET ROLE bob;
CREATE VIEW whose.bobs_invokers AS SELECT * FROM whose.invokers;
GRANT SELECT ON whose.bobs_invokers TO carol;
RESET ROLE;
SELECT keys_of('bob', 'SELECT count(*) FROM whose.invokers') AS bob, keys_of('carol', 'SELECT count(*) FROM whose.invokers') AS carol,
  keys_of('carol', 'SELECT count(*) FROM whose.bobs_invokers') AS in_a_view;

-- 8, 9: functions, with the rights of their owner or of the caller
SET ROLE alice;
CREATE FUNCTION whose.definer() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN (SELECT count(*) FROM whose.job); END';
CREATE FUNCTION whose.invoker() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM whose.job';
RESET ROLE;
SELECT keys_of('bob', 'SELECT whose.definer()') AS definer, keys_of('bob', 'SELECT whose.invoker()') AS invoker,
  keys_of('bob', 'SELECT whose.definer(), whose.invoker()') AS both;

-- 10: a policy of a local table is the reader's, and through a view the view owner's
CREATE TABLE whose.local (id text);
INSERT INTO whose.local VALUES ('61'), ('62');
ALTER TABLE whose.local ENABLE ROW LEVEL SECURITY;
CREATE POLICY known ON whose.local USING (id IN (SELECT id FROM whose.job));
GRANT SELECT ON whose.local TO alice, bob, carol;
SET ROLE alice;
CREATE VIEW whose.alices_local AS SELECT * FROM whose.local;
GRANT SELECT ON whose.alices_local TO bob;
SELECT * FROM whose.local;
RESET ROLE;
SELECT keys_of('alice', 'SELECT count(*) FROM whose.local') AS alice, keys_of('bob', 'SELECT count(*) FROM whose.local') AS bob,
  keys_of('bob', 'SELECT count(*) FROM whose.alices_local') AS view;

-- 11: a plan that is kept is run for the role of the moment
PREPARE kept AS SELECT count(*) FROM whose.job;
SET plan_cache_mode = force_generic_plan;
SELECT keys_of('alice', 'EXECUTE kept') AS alice, keys_of('bob', 'EXECUTE kept') AS bob, keys_of('alice', 'EXECUTE kept') AS again;

-- 12: a key that is rotated is used by the next execution, of kept plans too
ALTER USER MAPPING FOR alice SERVER whose OPTIONS (SET api_key 'new key of alice');
SELECT keys_of('alice', 'EXECUTE kept') AS kept, keys_of('bob', 'SELECT whose.definer()') AS definer,
  keys_of('carol', 'SELECT count(*) FROM whose.alices') AS view, keys_of('bob', 'EXECUTE kept') AS bob;

-- 13: a mapping that is dropped gives way to PUBLIC's, then to none
DROP USER MAPPING FOR alice SERVER whose;
SELECT keys_of('alice', 'EXECUTE kept') AS alice;
DROP USER MAPPING FOR PUBLIC SERVER whose;
SELECT keys_of('alice', 'EXECUTE kept') AS alice, keys_of('carol', 'SELECT count(*) FROM whose.alices') AS view;
CREATE USER MAPPING FOR alice SERVER whose OPTIONS (api_key 'newest key of alice');
SELECT keys_of('alice', 'EXECUTE kept') AS alice;

-- 14: an inherited role's mapping is not the member's
GRANT alice TO dave;
SELECT keys_of('dave', 'SELECT count(*) FROM whose.job') AS member;

-- 15: other statements, and use_remote_estimate, which asks while planning
CREATE FOREIGN TABLE whose.counted (id text OPTIONS (meta 'job_id')) SERVER whose
  OPTIONS (resource 'results', job_id '61', use_remote_estimate 'true');
GRANT SELECT ON whose.counted TO alice, bob;
SET ROLE alice;
CREATE VIEW whose.alices_counted AS SELECT * FROM whose.counted;
GRANT SELECT ON whose.alices_counted TO bob;
CREATE TABLE whose.copied AS SELECT * FROM whose.job;
RESET ROLE;
SELECT keys_of('bob', 'EXPLAIN SELECT * FROM whose.counted') AS planned,
  keys_of('bob', 'EXPLAIN SELECT * FROM whose.alices_counted') AS view_planned,
  keys_of('alice', 'INSERT INTO whose.copied SELECT * FROM whose.job') AS inserted,
  keys_of('bob', 'DO $x$ DECLARE c CURSOR FOR SELECT * FROM whose.job; BEGIN FOR r IN c LOOP NULL; END LOOP; END $x$') AS looped;

-- 16: ANALYZE reads as the table's owner
ALTER FOREIGN TABLE whose.job OWNER TO bob;
SELECT keys_of('none', 'DO $x$ BEGIN EXECUTE ''ANALYZE whose.job''; END $x$') AS analyzed;

-- 17: who sees the key: the mapped user with USAGE, and superusers
GRANT USAGE ON FOREIGN SERVER whose TO alice;
SET ROLE alice;
SELECT usename, umoptions FROM pg_user_mappings WHERE srvname = 'whose' AND usename IN ('alice', 'bob') ORDER BY usename;
SELECT * FROM pg_user_mapping;
SET ROLE bob;
SELECT usename, umoptions FROM pg_user_mappings WHERE srvname = 'whose' AND usename IN ('alice', 'bob') ORDER BY usename;
RESET ROLE;

SET client_min_messages = warning;
DEALLOCATE kept;
DROP SCHEMA whose CASCADE;
DROP SERVER whose CASCADE;
DROP OWNED BY alice, bob, carol, dave;
DROP ROLE alice, bob, carol, dave;
DROP FUNCTION keys_of;
