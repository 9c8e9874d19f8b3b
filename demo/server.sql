-- The server: the vendor's own, or the imitation where :base is set.
\if :{?base}
CREATE SERVER :vendor FOREIGN DATA WRAPPER batch_fdw
  OPTIONS (provider :'vendor', base_url :'base', allow_private_hosts 'true');
\else
CREATE SERVER :vendor FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider :'vendor');
\endif
\set ECHO none
\getenv key BATCH_FDW_API_KEY
\if :{?key}
\else
\set key test-key
\endif
\echo CREATE USER MAPPING FOR CURRENT_USER SERVER :vendor 'OPTIONS (api_key ''…'');'
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
CREATE USER MAPPING FOR CURRENT_USER SERVER :vendor OPTIONS (api_key :'key');
RESET log_min_error_statement;
RESET log_statement;
\unset key
\set ECHO queries
CREATE SCHEMA :vendor;
IMPORT FOREIGN SCHEMA batch FROM SERVER :vendor INTO :vendor;
