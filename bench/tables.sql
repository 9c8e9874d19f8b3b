-- The tables that are measured; :base is the origin of nginx, :delay that of
-- bench/delay.py, :files the folder of the data. Needs batch_fdw to be there.
CREATE EXTENSION IF NOT EXISTS file_fdw;

CREATE SERVER bench FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url :'base',
  job_url '/jobs/{id}.json', urls_path '$.download_urls[*], $.download_url', count_path '$.result_count',
  allow_private_hosts 'true');
CREATE SERVER far FOREIGN DATA WRAPPER batch_fdw OPTIONS (auth_header '', base_url :'delay',
  job_url '/jobs/{id}', max_connections '8', allow_private_hosts 'true');
CREATE FOREIGN TABLE far_jobs (id text, status text, records int) SERVER far OPTIONS (resource 'jobs');

-- Make the tables of one job: NAME_3, NAME_10, and NAME_data.
CREATE PROCEDURE make_tables(name text, job text) LANGUAGE plpgsql AS $$
DECLARE tail text := format('SERVER bench OPTIONS (resource ''results'', job_id %L, check_count ''error'')', job);
BEGIN
  EXECUTE format('CREATE FOREIGN TABLE %I (domain text OPTIONS (path ''$.original_identifier''),
    name text OPTIONS (path ''$.data.name''), headcount int OPTIONS (path ''$.data.headcount'')) ', name || '_3') || tail;
  EXECUTE format('CREATE FOREIGN TABLE %I (domain text OPTIONS (path ''$.original_identifier''),
    internal_id bigint, name text OPTIONS (path ''$.data.name''), headcount int OPTIONS (path ''$.data.headcount''),
    founded int OPTIONS (path ''$.data.founded''), revenue float8 OPTIONS (path ''$.data.revenue''),
    city text OPTIONS (path ''$.data.hq.city''), country text OPTIONS (path ''$.data.hq.country''),
    public boolean OPTIONS (path ''$.data.public''),
    updated_at timestamptz OPTIONS (path ''$.data.updated_at'')) ', name || '_10') || tail;
  EXECUTE format('CREATE FOREIGN TABLE %I (data jsonb) ', name || '_data') || tail;
END $$;
CALL make_tables('merged', 'merged');
CALL make_tables('parts', 'parts');
-- a parallel plan wants to know that the job is large
ALTER FOREIGN TABLE parts_3 OPTIONS (ADD rows '200000');
CALL make_tables('small', 'small');
CALL make_tables('shuffled', 'shuffled');
CALL make_tables('sparse', 'sparse');
CALL make_tables('spaced', 'spaced');
CALL make_tables('ids', 'ids');
CALL make_tables('huge', 'huge');
CALL make_tables('capped', 'capped');
CALL make_tables('capped_one', 'capped-one');
CALL make_tables('long', 'long');
CREATE FOREIGN TABLE narrow_3 (domain text, name text, headcount int) SERVER bench
  OPTIONS (resource 'results', job_id 'narrow', check_count 'error');
SELECT format('CREATE FOREIGN TABLE csv_3 (domain text, name text, headcount int) SERVER bench
    OPTIONS (resource ''results'', url %L, result_format ''csv'')', :'base' || '/narrow.csv.gz') \gexec
SELECT format('CREATE FOREIGN TABLE csv_all (domain text, company_id bigint, name text, headcount int, city text, country text,
    founded int, revenue float8, public boolean, phone text, slogan text) SERVER bench
    OPTIONS (resource ''results'', url %L, result_format ''csv'')', :'base' || '/narrow.csv.gz') \gexec

-- The same by file_fdw: lines of one column, whose delimiter and quote never occur.
CREATE SERVER file FOREIGN DATA WRAPPER file_fdw;
SELECT format('CREATE FOREIGN TABLE file_%s_lines (line text) SERVER file OPTIONS (program %L, format ''csv'',
    delimiter E''\x01'', quote E''\x02'')', name, format('curl -sf %s/%s | gunzip', :'base', file))
  FROM (VALUES ('merged', 'results.jsonl.gz'), ('narrow', 'narrow.jsonl.gz')) AS f(name, file) \gexec
CREATE VIEW file_merged_3 AS
  SELECT r ->> 'original_identifier' AS domain, r #>> '{data,name}' AS name, (r #>> '{data,headcount}')::int AS headcount
    FROM (SELECT line::jsonb AS r FROM file_merged_lines OFFSET 0) AS l;
CREATE VIEW file_merged_10 AS
  SELECT r ->> 'original_identifier' AS domain, (r ->> 'internal_id')::bigint AS internal_id,
         r #>> '{data,name}' AS name, (r #>> '{data,headcount}')::int AS headcount,
         (r #>> '{data,founded}')::int AS founded, (r #>> '{data,revenue}')::float8 AS revenue,
         r #>> '{data,hq,city}' AS city, r #>> '{data,hq,country}' AS country,
         (r #>> '{data,public}')::boolean AS public, (r #>> '{data,updated_at}')::timestamptz AS updated_at
    FROM (SELECT line::jsonb AS r FROM file_merged_lines OFFSET 0) AS l;
CREATE VIEW file_merged_data AS SELECT line::jsonb -> 'data' AS data FROM file_merged_lines;
CREATE VIEW file_narrow_3 AS
  SELECT r ->> 'domain' AS domain, r ->> 'name' AS name, (r ->> 'headcount')::int AS headcount
    FROM (SELECT line::jsonb AS r FROM file_narrow_lines OFFSET 0) AS l;

SELECT format('CREATE FOREIGN TABLE file_csv_all (domain text, company_id bigint, name text, headcount int, city text, country text,
    founded int, revenue float8, public boolean, phone text, slogan text) SERVER file
    OPTIONS (program %L, format ''csv'', header ''true'')', format('curl -sf %s/narrow.csv.gz | gunzip', :'base')) \gexec
CREATE VIEW file_csv_3 AS SELECT domain, name, headcount FROM file_csv_all;

CREATE UNLOGGED TABLE loaded (domain text, name text, headcount int);
