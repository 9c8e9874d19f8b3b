-- batch_fdw_await: waiting for several jobs, without a snapshot between two looks.
SELECT * FROM reset;
CALL batch_fdw_await('crustdata.jobs', ARRAY['wait-processing-failed', 'small', 'wait-pending-processing-completed', 'wait-processing-failed', NULL]);
SELECT path, count(*) FROM requests GROUP BY path ORDER BY path COLLATE "C";

-- nothing to wait for: no pause, no notice
SELECT * FROM reset;
CALL batch_fdw_await('crustdata.jobs', ARRAY['small', 'wait-canceled', 'wait-expired', 'wait-failed', 'drip', 'slow'], timeout => '0');
SELECT count(*) FROM requests;
CALL batch_fdw_await('crustdata.results', '{}');
CALL batch_fdw_await('bigdata.jobs', ARRAY['batch-estuary']);

-- it is over when the time is, with one more look at its end
SELECT * FROM reset;
CALL batch_fdw_await('crustdata.jobs', ARRAY['small', 'wait-processing-processing:7'], '0.2 s');
SELECT count(*) FROM requests;
CALL batch_fdw_await('crustdata.jobs', ARRAY['wait-processing-completed'], '0.2 s');
-- unless the API wants to be left alone for longer
SELECT * FROM reset;
CALL batch_fdw_await('crustdata.jobs', ARRAY['wait-processing:0:5'], '0.2 s');
SELECT count(*) FROM requests;

-- what cannot be waited for
CALL batch_fdw_await('crustdata.jobs', ARRAY['wait-gone'], '0.1 s');
ALTER SERVER crustdata OPTIONS (ADD max_retries '0');
CALL batch_fdw_await('crustdata.jobs', ARRAY['wait-processing', 'wait-gone'], '10 s');
ALTER SERVER crustdata OPTIONS (DROP max_retries);
-- one that is known a little later may be
CALL batch_fdw_await('crustdata.jobs', ARRAY['wait-gone-completed'], '10 s');
CALL batch_fdw_await('crustdata.jobs', ARRAY['wait-mute']);
CALL batch_fdw_await('crustdata.jobs', ARRAY[E'two\nlines']);
CALL batch_fdw_await('crustdata.jobs', ARRAY['small'], '-1 s');
CALL batch_fdw_await('crustdata.jobs', NULL);
CALL batch_fdw_await('pg_class', ARRAY['small']);

-- where it would hold a snapshot it is refused
BEGIN;
CALL batch_fdw_await('crustdata.jobs', ARRAY['small']);
ROLLBACK;
CREATE FUNCTION await_small() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  ended jsonb;
BEGIN
  CALL batch_fdw_await('crustdata.jobs', ARRAY['small'], states => ended);
END $$;
SELECT await_small();
DROP FUNCTION await_small;

-- a procedure can go on with the states
CREATE PROCEDURE await_two() LANGUAGE plpgsql AS $$
DECLARE
  ended jsonb;
BEGIN
  CALL batch_fdw_await('crustdata.jobs', ARRAY['wait-failed', 'small'], '1 min', ended);
  RAISE NOTICE 'small is %', ended ->> 'small';
  COMMIT;
  CALL batch_fdw_await('crustdata.jobs', ARRAY['wait-processing-completed'], states => ended);
  RAISE NOTICE '%', ended;
END $$;
SET default_transaction_isolation = 'repeatable read';
CALL await_two();
RESET default_transaction_isolation;
DROP PROCEDURE await_two;
DO $$
DECLARE
  ended jsonb;
BEGIN
  CALL batch_fdw_await('crustdata.jobs', ARRAY['small'], states => ended);
  RAISE NOTICE '%', ended;
END $$;

-- rights, and the key, are those of the caller
CREATE ROLE regress_waiter;
GRANT USAGE ON SCHEMA crustdata TO regress_waiter;
SET ROLE regress_waiter;
CALL batch_fdw_await('crustdata.jobs', ARRAY['small']);
RESET ROLE;
GRANT SELECT ON crustdata.jobs TO regress_waiter;
CREATE USER MAPPING FOR regress_waiter SERVER crustdata OPTIONS (api_key 'wrong-key');
SET ROLE regress_waiter;
CALL batch_fdw_await('crustdata.jobs', ARRAY['small']);
RESET ROLE;
DROP OWNED BY regress_waiter;
DROP ROLE regress_waiter;
