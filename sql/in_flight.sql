-- Jobs that are asked for one by one: several are in flight together.
SET client_min_messages = warning;

-- several are in flight together, and no more than rows are wanted
CREATE SERVER slow FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'crustdata',
  base_url 'http://127.0.0.1:9470/accounts/slow', allow_private_hosts 'true', list_lacks 'download_url@completed');
CREATE USER MAPPING FOR PUBLIC SERVER slow OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE slow (batch_id uuid, status text, download_url text) SERVER slow OPTIONS (resource 'jobs');
CREATE TABLE twelve AS SELECT batch_id FROM slow LIMIT 12;
CREATE FUNCTION used() RETURNS TABLE (requests bigint, together boolean) LANGUAGE sql AS
$$ SELECT count(*), count(DISTINCT connection) > 1 FROM requests WHERE path LIKE '%/batch/%' $$;
SELECT * FROM reset;
SELECT count(*) FROM slow WHERE batch_id = ANY (ARRAY(SELECT batch_id FROM twelve));
SELECT * FROM used();
SELECT * FROM reset;
SELECT count(download_url) FROM (SELECT download_url FROM slow LIMIT 12) AS t;
SELECT * FROM used();
SELECT * FROM reset;
SELECT count(*) FROM (SELECT status FROM slow WHERE batch_id = ANY (ARRAY(SELECT batch_id FROM twelve)) LIMIT 1) AS t;
SELECT * FROM used();
ALTER SERVER slow OPTIONS (ADD max_connections '1');
SELECT * FROM reset;
SELECT count(*) FROM slow WHERE batch_id = ANY (ARRAY(SELECT batch_id FROM twelve));
SELECT * FROM used();
DROP SERVER slow CASCADE;
DROP TABLE twelve;
DROP FUNCTION used();
