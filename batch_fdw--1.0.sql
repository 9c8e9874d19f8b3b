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
