-- crustdata: listing, one job, results
SELECT batch_id, status, result_count, created_at AT TIME ZONE 'UTC' AS created FROM crustdata.jobs
 WHERE status = 'completed' LIMIT 3;
SELECT status, error_message FROM crustdata.jobs WHERE batch_id = '53ab0000-0000-4000-8000-000000000011';
SELECT part, line, original_identifier, internal_id, data->>'name' AS name FROM crustdata.results
 WHERE batch_id = '53ab0000-0000-4000-8000-000000000001' ORDER BY part, line;
SELECT count(*), count(record->'crustdata_company_id') FROM crustdata.results
 WHERE batch_id = '53ab0000-0000-4000-8000-000000000003';

-- companyenrich: JSONL, an array, and no results
SELECT job_id, status, state, total_domains, completed_at AT TIME ZONE 'UTC' AS completed, error_message
  FROM companyenrich.jobs WHERE job_id = 'ce5eed00-0000-4000-8000-000000000003';
SELECT status, completed_at AT TIME ZONE 'UTC' AS completed, created_at AT TIME ZONE 'UTC' AS created
  FROM companyenrich.jobs WHERE job_id = 'ce5eed00-0000-4000-8000-000000000005';
SELECT part, line, record->>'domain' AS domain FROM companyenrich.results
 WHERE job_id = 'ce5eed00-0000-4000-8000-000000000004';
SELECT part, line, record->>'domain' AS domain FROM companyenrich.results
 WHERE job_id = 'ce5eed00-0000-4000-8000-000000000005';
SELECT count(*) FROM companyenrich.results WHERE job_id = 'ce5eed00-0000-4000-8000-000000000006';
SELECT count(*) FROM companyenrich.results WHERE job_id = 'ce5eed00-0000-4000-8000-000000000007';
-- its listing, in pages, filtered; it lacks the error of a job that failed, and a job without results is told of
SELECT * FROM reset;
SELECT right(job_id::text, 1) AS id, status, state, error_message FROM companyenrich.jobs;
SELECT right(job_id::text, 1) AS id FROM companyenrich.jobs WHERE state = 'processing';
SELECT right(job_id::text, 1) AS id, count(*) FROM companyenrich.results GROUP BY job_id ORDER BY 1;
SELECT path, query FROM requests WHERE server = 'api' ORDER BY n;

-- bigdata: text ids, lines that failed
SELECT batch_id, status, state, estimated_completion_time AT TIME ZONE 'UTC' AS estimated
  FROM bigdata.jobs WHERE batch_id = 'batch-estuary';
SELECT batch_id, part, line, line_number, status, query->>'text' AS query, code, error
  FROM bigdata.results WHERE batch_id = 'batch-cirrus';
SELECT * FROM bigdata.results WHERE batch_id = 'batch-borealis';

-- pulse: inside of the job, behind a pointer, on the API's own origin, gone
SELECT job_id, part, line, record->>'markdown' AS markdown FROM pulse.results WHERE job_id = 'pulse-inline';
SELECT job_id, record->>'markdown' AS markdown FROM pulse.results WHERE job_id = 'pulse-inline-flag';
SELECT job_id, part, line, record ? 'markdown' AS has FROM pulse.results WHERE job_id = 'pulse-pointer-files';
SELECT * FROM reset;
SELECT job_id, record ? 'markdown' AS has FROM pulse.results WHERE job_id = 'pulse-pointer-api';
SELECT * FROM pulse.results WHERE job_id = 'pulse-pointer-api';
SELECT * FROM pulse.results WHERE job_id = 'pulse-expired';
SELECT * FROM pulse.results WHERE job_id = 'pulse-failed';
SELECT job_id, status, result->>'page_count' AS pages FROM pulse.jobs WHERE job_id = 'pulse-expired';

-- the key goes to the API only, each vendor's in its own header
SELECT server, method, path, headers->>'authorization' AS authorization, headers->>'x-api-key' AS x_api_key,
       headers->>'user-agent' AS user_agent
  FROM requests WHERE path LIKE '%pulse-pointer%' ORDER BY n;
SELECT * FROM reset;
SELECT count(*) FROM bigdata.results WHERE batch_id = 'batch-cirrus';
SELECT count(*) FROM crustdata.results WHERE batch_id = '53ab0000-0000-4000-8000-000000000002';
SELECT server, path, headers->>'authorization' AS authorization, headers->>'x-api-key' AS x_api_key,
       headers ? 'accept-encoding' AS gzip, query LIKE '%X-Amz-Signature=%' AS signed FROM requests ORDER BY n;
