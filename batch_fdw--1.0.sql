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

-- What the options of a server make of its API, step by step: of its listing and
-- of a job, the one named or else one that is listed.  ok is false where something
-- is wrong, and null where it could not be looked at; hint says what to do.
CREATE FUNCTION batch_fdw_check(
  server name, job_id text DEFAULT NULL,
  OUT step text, OUT url text, OUT status int, OUT ok boolean, OUT found text, OUT hint text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 20;
