/* batch_fdw--1.0.sql */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION batch_fdw" to load this file. \quit

CREATE FUNCTION batch_fdw_handler()
RETURNS fdw_handler
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT;

CREATE FUNCTION batch_fdw_validator(text[], oid)
RETURNS void
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT;

CREATE FOREIGN DATA WRAPPER batch_fdw
  HANDLER batch_fdw_handler
  VALIDATOR batch_fdw_validator;

-- The providers that CREATE SERVER ... OPTIONS (provider ...) knows, with the
-- server options that each stands for.
CREATE FUNCTION batch_fdw_providers(
  OUT provider text, OUT option text, OUT value text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT IMMUTABLE PARALLEL SAFE;

-- The versions of batch_fdw and of the libraries that it runs with.
CREATE FUNCTION batch_fdw_version()
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT STABLE PARALLEL SAFE;

-- Waits until a job is finished, and gives the state in which it ended.
CREATE FUNCTION batch_fdw_wait(
  jobs regclass, job_id text, timeout interval DEFAULT '1 hour')
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;

-- Waits until jobs are finished, and gives the states in which they ended, by
-- their ids.  Holds no snapshot while it waits, so that VACUUM is not held back.
CREATE PROCEDURE batch_fdw_await(
  jobs regclass, job_ids text[], timeout interval DEFAULT '1 hour',
  INOUT states jsonb DEFAULT NULL)
AS 'MODULE_PATHNAME'
LANGUAGE C;

-- What the last scan of this session rejected, under on_error null or skip, of
-- a table that the current role read; the first 1,000 of it.
CREATE FUNCTION batch_fdw_rejects(
  OUT relation regclass, OUT job_id text, OUT part int, OUT line bigint,
  OUT column_name text, OUT sqlstate text, OUT message text, OUT record text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;

-- The columns that hold the first records of a job: of the one named, else of
-- the table's own, else of the newest that has results; or of the table's url.
-- Members are columns down to a depth; present and nulls count records.
CREATE FUNCTION batch_fdw_infer(
  results regclass, job_id text DEFAULT NULL, records int DEFAULT 1000, depth int DEFAULT 2,
  OUT column_name text, OUT type text, OUT path text, OUT present bigint, OUT nulls bigint,
  OUT distinct_types text[], OUT example text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL RESTRICTED ROWS 20;

-- What the requests of this session came to, by server and host, until DISCARD ALL
-- or RESET ALL: how many there were, answers by class of status, and requests
-- that none came to; answers with 429; requests that were sent again; bytes;
-- connections made, and requests that needed none; and the time that requests
-- were waited for, each by itself.
CREATE FUNCTION batch_fdw_stats(
  OUT server text, OUT host text, OUT requests bigint, OUT status_2xx bigint, OUT status_3xx bigint,
  OUT status_4xx bigint, OUT status_5xx bigint, OUT unanswered bigint, OUT status_429 bigint,
  OUT retries bigint, OUT bytes_received bigint, OUT connections bigint, OUT reused bigint,
  OUT waited_ms double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;

-- How many bad records and values this session has passed over so far.
CREATE FUNCTION batch_fdw_rejected()
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;

-- The jobs of the server of a table of results: those of the listing that have
-- results, back to a time before now; or those named, with any state, and with
-- none where they are not known.
CREATE FUNCTION batch_fdw_jobs(
  results regclass, since interval DEFAULT NULL, job_ids text[] DEFAULT NULL,
  OUT job_id text, OUT state text, OUT has_results bool)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;

-- The statement with which batch_fdw_load loads a job: an INSERT of the columns
-- that a table of results and a target both have, by name.
CREATE FUNCTION batch_fdw_load_statement(results regclass, target regclass, job_id text)
RETURNS text
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;

-- Makes what batch_fdw_load loads into, by inference from the first of some jobs
-- that has records: a foreign table, which is read from then on, and a table
-- like it.
CREATE FUNCTION batch_fdw_make_target(
  results regclass, target_schema text, target_table text, job_ids text[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  reader text := format('%I.%I', target_schema, target_table || '_source');
  server text;
  options text;
  job text;
  code text := '02000';
  reason text := 'there is no job to infer its columns from';
BEGIN
  SELECT s.srvname, string_agg(format('ADD %I %L', o.option_name, o.option_value), ', ')
           FILTER (WHERE o.option_name <> 'resource')
    INTO server, options
    FROM pg_foreign_table AS t JOIN pg_foreign_server AS s ON s.oid = t.ftserver,
         pg_options_to_table(t.ftoptions) AS o
   WHERE t.ftrelid = results GROUP BY s.srvname;
  IF options ~ 'ADD (result_format|rows_path) ' THEN
    RAISE feature_not_supported USING
      MESSAGE = format('the columns of table "%s" are not inferred', target_table),
      DETAIL = format('Foreign table %s has a result_format or rows_path of its own.', results),
      HINT = 'Make the table before it is loaded.';
  END IF;
  FOREACH job IN ARRAY job_ids[:10] LOOP
    BEGIN
      EXECUTE format('IMPORT FOREIGN SCHEMA batch LIMIT TO (%I) FROM SERVER %I INTO %I OPTIONS (job_id %L)',
        target_table || '_source', server, target_schema, job);
      code := NULL;
      EXIT;
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, reason = MESSAGE_TEXT;
    END;
  END LOOP;
  IF code IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = code,
      MESSAGE = format('table "%s" cannot be made: %s', target_table, reason),
      HINT = 'Make the table before it is loaded.';
  END IF;
  IF options IS NOT NULL THEN
    EXECUTE format('ALTER FOREIGN TABLE %s OPTIONS (%s)', reader, options);
  END IF;
  EXECUTE format('CREATE TABLE %I.%I (LIKE %s INCLUDING COMMENTS)', target_schema, target_table, reader);
  RAISE NOTICE 'made table "%" and foreign table "%", whose columns job "%" has',
    target_table, target_table || '_source', job;
END $$;

-- Loads the results of each job that is not yet loaded, in a transaction of its
-- own, in which it is logged; one that fails is logged too, and tried again by
-- the next call.
--
-- A procedure that commits has the search_path of its caller.  So all names of
-- functions and tables are qualified, and operators have operands of their very
-- types, or are qualified too.
CREATE PROCEDURE batch_fdw_load(
  source regclass, target text, since interval DEFAULT NULL,
  max_jobs int DEFAULT NULL, jobs text[] DEFAULT NULL)
LANGUAGE plpgsql
AS $$
DECLARE
  ours text;              -- the schema of the extension, quoted
  into_schema text;
  into_table text;
  into_name text;         -- both, quoted
  log text;               -- the table of what was loaded, quoted
  reader regclass;        -- what is read: source, or what was inferred of it
  key bigint;             -- of the lock on the target
  todo text[];
  states text[];
  unready text[];         -- what to tell of jobs that were named, and have no results
  loads text;             -- a statement
  before bigint;
  done bool;
  loaded bigint;
  code text;
  reason text;
  more text;
  place text;
  succeeded int := 0;
  failed int := 0;
  total bigint := 0;
BEGIN
  IF source IS NULL OR target IS NULL THEN
    RAISE null_value_not_allowed USING MESSAGE = 'source and target may not be null';
  END IF;
  COMMIT;   -- raises at once where it cannot

  -- What the target is, or will be
  SELECT pg_catalog.format('%I', n.nspname) INTO ours
    FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
   WHERE e.extname = 'batch_fdw';
  SELECT n.nspname, c.relname INTO into_schema, into_table
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
   WHERE c.oid = pg_catalog.to_regclass(target)::pg_catalog.oid;
  IF into_table IS NULL THEN
    todo := pg_catalog.parse_ident(target);
    into_table := todo[pg_catalog.cardinality(todo)];
    into_schema := CASE pg_catalog.cardinality(todo) WHEN 1 THEN pg_catalog.current_schema() ELSE todo[1] END;
  END IF;
  IF into_schema IS NULL THEN
    RAISE invalid_schema_name USING MESSAGE = 'no schema has been selected to create in';
  END IF;
  IF pg_catalog.octet_length(into_table) > 56 THEN
    RAISE name_too_long USING
      MESSAGE = pg_catalog.format('the name of table "%s" is too long', into_table),
      DETAIL = 'What goes with it has the same name, with _jobs and _source.';
  END IF;
  into_name := pg_catalog.format('%I.%I', into_schema, into_table);
  log := pg_catalog.format('%I.%I', into_schema, into_table || '_jobs');

  -- One call at a time, by a lock that goes with each transaction
  key := pg_catalog.hashtextextended('batch_fdw_load ' || into_name, 0);
  IF NOT pg_catalog.pg_try_advisory_xact_lock(key) THEN
    RAISE NOTICE 'table "%" is being loaded by another session', into_table;
    RETURN;
  END IF;

  -- What is not loaded: those that were never tried first, the last of the listing before others
  IF pg_catalog.to_regclass(log) IS NULL THEN
    EXECUTE pg_catalog.format('CREATE TABLE %s (job_id pg_catalog.text PRIMARY KEY, state pg_catalog.text,
      loaded_at pg_catalog.timestamptz, rows pg_catalog.int8, rejected pg_catalog.int8,
      sqlstate pg_catalog.text, error pg_catalog.text)', log);
    EXECUTE pg_catalog.format('COMMENT ON TABLE %s IS %L', log,
      'What batch_fdw_load loaded into ' || into_name || ': a row for each job, without loaded_at where it failed');
  END IF;
  EXECUTE pg_catalog.format($sql$
    SELECT pg_catalog.array_agg(j.job_id ORDER BY l.job_id IS NOT NULL, CASE WHEN $4 THEN j.n END, j.n DESC)
             FILTER (WHERE j.has_results IS NOT FALSE),
           pg_catalog.array_agg(j.state ORDER BY l.job_id IS NOT NULL, CASE WHEN $4 THEN j.n END, j.n DESC)
             FILTER (WHERE j.has_results IS NOT FALSE),
           pg_catalog.array_agg(pg_catalog.format('job "%%s" is not loaded: it is %%s', j.job_id, coalesce(j.state, 'without a status')) ORDER BY j.n)
             FILTER (WHERE j.has_results IS FALSE)
      FROM %s.batch_fdw_jobs($1, $2, $3) WITH ORDINALITY AS j (job_id, state, has_results, n)
      LEFT JOIN %s AS l ON l.job_id OPERATOR(pg_catalog.=) j.job_id
     WHERE l.loaded_at IS NULL$sql$, ours, log)
    INTO todo, states, unready USING source, since, jobs, jobs IS NOT NULL;
  FOREACH more IN ARRAY coalesce(unready, '{}') LOOP
    RAISE WARNING '%', more USING ERRCODE = '55000';
  END LOOP;
  IF todo IS NULL THEN
    RAISE NOTICE 'there is no job to load into table "%"', into_table;
    RETURN;
  END IF;

  -- What is read, and whether all of it fits before any of it is read
  IF pg_catalog.to_regclass(into_name) IS NULL THEN
    EXECUTE pg_catalog.format('SELECT %s.batch_fdw_make_target($1, $2, $3, $4)', ours)
      USING source, into_schema, into_table,
        (SELECT pg_catalog.array_agg(t.job ORDER BY t.n DESC) FROM pg_catalog.unnest(todo) WITH ORDINALITY AS t (job, n));
  END IF;
  SELECT i.ftrelid INTO reader
    FROM pg_catalog.pg_foreign_table AS i JOIN pg_catalog.pg_foreign_table AS s ON s.ftserver = i.ftserver
   WHERE s.ftrelid = source::pg_catalog.oid
     AND i.ftrelid = pg_catalog.to_regclass(pg_catalog.format('%I.%I', into_schema, into_table || '_source'))::pg_catalog.oid;
  reader := coalesce(reader, source);
  EXECUTE pg_catalog.format('SELECT %s.batch_fdw_load_statement($1, $2, $3)', ours)
    INTO loads USING reader, into_name::pg_catalog.regclass, todo[1];
  EXECUTE 'EXPLAIN ' || loads;

  FOR i IN 1 .. pg_catalog.cardinality(todo) LOOP
    EXIT WHEN succeeded + failed >= max_jobs;
    COMMIT;
    PERFORM pg_catalog.pg_advisory_xact_lock(key);
    EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM %s WHERE job_id OPERATOR(pg_catalog.=) $1 AND loaded_at IS NOT NULL)', log)
      INTO done USING todo[i];
    CONTINUE WHEN done;

    -- A job that has nothing to give is a failure, whatever the table says
    PERFORM pg_catalog.set_config('batch_fdw.on_incomplete', 'error', true);
    EXECUTE pg_catalog.format('SELECT %1$s.batch_fdw_load_statement($1, $2, $3), %1$s.batch_fdw_rejected()', ours)
      INTO loads, before USING reader, into_name::pg_catalog.regclass, todo[i];
    EXECUTE pg_catalog.format('DELETE FROM %s WHERE job_id OPERATOR(pg_catalog.=) $1 AND loaded_at IS NULL', log)
      USING todo[i];
    BEGIN
      EXECUTE loads;
      GET DIAGNOSTICS loaded = ROW_COUNT;
      EXECUTE pg_catalog.format('INSERT INTO %s (job_id, state, loaded_at, rows, rejected)
          VALUES ($1, $2, pg_catalog.clock_timestamp(), $3, %s.batch_fdw_rejected() OPERATOR(pg_catalog.-) $4)', log, ours)
        USING todo[i], states[i], loaded, before;
      succeeded := succeeded + 1;
      total := total + loaded;
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, reason = MESSAGE_TEXT,
        more = PG_EXCEPTION_DETAIL, place = PG_EXCEPTION_CONTEXT;
      place := pg_catalog.split_part(place, E'\n', 1);
      EXECUTE pg_catalog.format('INSERT INTO %s (job_id, state, sqlstate, error) VALUES ($1, $2, $3, $4)', log)
        USING todo[i], states[i], code,
          pg_catalog.concat_ws(E'\n', reason, nullif(more, ''), CASE WHEN pg_catalog.starts_with(place, 'job "') THEN place END);
      RAISE WARNING USING ERRCODE = code, MESSAGE = pg_catalog.format('job "%s" was not loaded: %s', todo[i], reason),
        DETAIL = more;
      failed := failed + 1;
    END;
  END LOOP;
  RAISE NOTICE 'jobs loaded into table "%": %, with % rows; failed: %', into_table, succeeded, total, failed;
END $$;

-- How far the scans are that now wait or read, of all sessions of this database.
-- PostgreSQL shows the sessions of other roles to those who may read all
-- statistics.  Bytes are of the results of the current job, and total is known
-- once all of its parts have begun; what else counts, counts for the scan.
CREATE VIEW batch_fdw_progress AS
SELECT s.pid, d.datname, s.relid::regclass AS relation,
       (ARRAY['asking', 'waiting for job', 'paused', 'reading', 'resuming'])[s.param11] AS phase,
       nullif(s.param12, 0)::int AS part, nullif(s.param13, 0)::int AS parts,
       s.param1 AS bytes_received, nullif(s.param2, 0) AS bytes_total,
       s.param3 AS records, s.param4 AS rejected, s.param14 AS requests, s.param15 AS retries,
       timestamptz '2000-01-01 00:00:00+00' + make_interval(secs => nullif(s.param16, 0) / 1000000.0) AS paused_until,
       timestamptz '2000-01-01 00:00:00+00' + make_interval(secs => s.param17 / 1000000.0) AS started_at
  FROM pg_stat_get_progress_info('COPY') AS s JOIN pg_database AS d ON d.oid = s.datid
 WHERE s.param11 > 0 AND d.datname = current_database();
GRANT SELECT ON batch_fdw_progress TO PUBLIC;

-- What the options of a server make of its API, step by step: of its listing and
-- of a job, the one named or else one that is listed.  ok is false where something
-- is wrong, and null where it could not be looked at; hint says what to do.
CREATE FUNCTION batch_fdw_check(
  server name, job_id text DEFAULT NULL,
  OUT step text, OUT url text, OUT status int, OUT ok boolean, OUT found text, OUT hint text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 20;

-- What \dew+, \df+ and \d+ say.
COMMENT ON FOREIGN DATA WRAPPER batch_fdw IS 'Batch-job HTTP APIs: tables of jobs, and of the records of their results';
COMMENT ON FUNCTION batch_fdw_handler() IS 'What PostgreSQL calls to read the foreign tables';
COMMENT ON FUNCTION batch_fdw_validator(text[], oid) IS 'Checks the options of servers, user mappings, tables and columns';
COMMENT ON FUNCTION batch_fdw_providers() IS 'The providers that CREATE SERVER knows, with the server options that each stands for';
COMMENT ON FUNCTION batch_fdw_version() IS 'The versions of batch_fdw and of the libraries that it runs with';
COMMENT ON FUNCTION batch_fdw_wait(regclass, text, interval) IS 'Waits until a job of the server of a table is finished; gives the state in which it ended. Holds a snapshot meanwhile: see batch_fdw_await';
COMMENT ON PROCEDURE batch_fdw_await(regclass, text[], interval, jsonb) IS 'Waits until all jobs named are finished, without a snapshot; gives the states in which they ended by their ids. Commits';
COMMENT ON FUNCTION batch_fdw_rejects() IS 'What the last scan of this session passed over under on_error null or skip; the first 1,000 of it';
COMMENT ON FUNCTION batch_fdw_rejected() IS 'How many bad records and values this session has passed over under on_error null or skip';
COMMENT ON FUNCTION batch_fdw_infer(regclass, text, int, int) IS 'The columns that hold the first records of a job, or of the newest, or of the url of a table of results';
COMMENT ON FUNCTION batch_fdw_check(name, text) IS 'What the options of a server make of its API, step by step';
COMMENT ON FUNCTION batch_fdw_stats() IS 'What the requests of this session came to, by server and host';
COMMENT ON FUNCTION batch_fdw_jobs(regclass, interval, text[]) IS 'The jobs that have results, by the listing of the server of a table of results, or those named whatever their state';
COMMENT ON FUNCTION batch_fdw_load_statement(regclass, regclass, text) IS 'The INSERT of a job''s results into a table, by the columns that both have';
COMMENT ON FUNCTION batch_fdw_make_target(regclass, text, text, text[]) IS 'Makes a table for batch_fdw_load, and a foreign table that it is loaded from, with the columns that the first of some jobs with records has';
COMMENT ON PROCEDURE batch_fdw_load(regclass, text, interval, int, text[]) IS 'Loads the results of each job that is not yet loaded into a table, each in a transaction of its own, and logs it in the table of that name with _jobs';
COMMENT ON VIEW batch_fdw_progress IS 'How far the scans of this database are that now wait or read';
COMMENT ON COLUMN batch_fdw_progress.pid IS 'Process of the session, or of a parallel worker';
COMMENT ON COLUMN batch_fdw_progress.datname IS 'The database';
COMMENT ON COLUMN batch_fdw_progress.relation IS 'Foreign table that is read';
COMMENT ON COLUMN batch_fdw_progress.phase IS 'What the scan is at: asking, waiting for job, paused, reading or resuming';
COMMENT ON COLUMN batch_fdw_progress.part IS 'Last part of the job''s results that was opened, from 1';
COMMENT ON COLUMN batch_fdw_progress.parts IS 'Number of parts of the job''s results; 1 for a single file';
COMMENT ON COLUMN batch_fdw_progress.bytes_received IS 'Bytes of the job''s results, as they are sent';
COMMENT ON COLUMN batch_fdw_progress.bytes_total IS 'How many there are; NULL unless all parts have told';
COMMENT ON COLUMN batch_fdw_progress.records IS 'Records, or jobs, that the scan has read';
COMMENT ON COLUMN batch_fdw_progress.rejected IS 'Bad records and values that it has passed over';
COMMENT ON COLUMN batch_fdw_progress.requests IS 'Requests that it has sent';
COMMENT ON COLUMN batch_fdw_progress.retries IS 'Those of them that were sent again';
COMMENT ON COLUMN batch_fdw_progress.paused_until IS 'When it asks again, while it is paused or waits for a job';
COMMENT ON COLUMN batch_fdw_progress.started_at IS 'When the scan began';
