-- Providers beside those of providers.sql and apis.sql: the jobs of each, its results and what says that there are none, and a check of its row.
CREATE PROCEDURE add_provider(name text, options text DEFAULT '') LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE SERVER %1$I FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider %1$L, base_url %2$L, allow_private_hosts ''true''%3$s)',
    name, 'http://127.0.0.1:9470/' || name, options);
  EXECUTE format('CREATE USER MAPPING FOR PUBLIC SERVER %I OPTIONS (api_key ''test-key'')', name);
  EXECUTE format('CREATE SCHEMA %I', name);
  EXECUTE format('IMPORT FOREIGN SCHEMA batch FROM SERVER %1$I INTO %1$I', name);
END $$;

-- mistral: pages from 0, filtered and in order; output and error file of jobs in three states; results inside the job
CALL add_provider('mistral', ', page_size ''3''');
SELECT * FROM reset;
SELECT id, status, state, created_at AT TIME ZONE 'UTC' AS created, completed_at AT TIME ZONE 'UTC' AS completed, input_files,
       completed_requests AS requests, failed_requests AS failed, errors, metadata FROM mistral.jobs;
SELECT id FROM mistral.jobs WHERE status = 'SUCCESS';
SELECT id FROM mistral.jobs WHERE created_at > '2026-06-14' ORDER BY created_at DESC LIMIT 2;
SELECT id, state FROM mistral.jobs WHERE id = 'mist-six';
SELECT * FROM mistral.jobs WHERE id = 'mist-none';
SELECT * FROM asked();
SELECT * FROM reset;
SELECT id, part, line, file, custom_id, status_code, response->>'text' AS text, error FROM mistral.results WHERE id IN ('mist-three', 'mist-five', 'mist-six')
 ORDER BY id, part, line;
SELECT * FROM asked() ORDER BY path COLLATE "C";
SELECT * FROM mistral.results WHERE id = 'mist-seven';
SELECT * FROM mistral.results WHERE id = 'mist-two';
SELECT id, file, line, custom_id, response FROM mistral.results ORDER BY id, file, line;
SELECT step, url, status, ok, found, hint FROM batch_fdw_check('mistral', 'mist-six');

-- groq: OpenAI's shape behind another cursor, whose end is that there is none
CALL add_provider('groq');
SELECT * FROM reset;
SELECT id, status, state, created_at AT TIME ZONE 'UTC' AS created, expired_at AT TIME ZONE 'UTC' AS expired,
       request_counts->'failed' AS failed, errors->'data'->0->>'message' AS error, metadata FROM groq.jobs;
SELECT * FROM asked();
SELECT * FROM reset;
SELECT id, part, file, line, custom_id, status_code, response->'choices'->0->'message'->>'content' AS content, error->>'message' AS error
  FROM groq.results ORDER BY id, part, line;
SELECT path FROM asked() WHERE path LIKE '%/content' ORDER BY path COLLATE "C";
SELECT * FROM groq.results WHERE id = 'batch_kite';
SELECT * FROM groq.results WHERE id = 'batch_owl';
SELECT step, url, status, ok, found, hint FROM batch_fdw_check('groq', 'batch_jay');

-- together: a listing in one array, words in capitals, times in text
CALL add_provider('together');
SELECT * FROM reset;
SELECT right(id::text, 1) AS id, status, state, progress, created_at AT TIME ZONE 'UTC' AS created, completed_at AT TIME ZONE 'UTC' AS completed, error FROM together.jobs;
SELECT right(id::text, 1) AS id, state FROM together.jobs WHERE id = '70ce7ae0-0000-4000-8000-000000000005';
SELECT * FROM asked();
SELECT right(id::text, 1) AS id, part, file, line, custom_id, status_code, response->'choices'->0->'message'->>'content' AS content, error
  FROM together.results ORDER BY id, part, line;
SELECT * FROM together.results WHERE id = '70ce7ae0-0000-4000-8000-000000000004';
SELECT * FROM together.results WHERE id = '70ce7ae0-0000-4000-8000-000000000008';
SELECT step, url, status, ok, found, hint FROM batch_fdw_check('together', '70ce7ae0-0000-4000-8000-000000000003');

-- azure_openai: OpenAI's shape with a key in its own header, below a base_url that the row leaves open; files in a store of the customer's are an error, of cancelled jobs too
CREATE SERVER azure_openai FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'azure_openai');
CREATE USER MAPPING FOR PUBLIC SERVER azure_openai OPTIONS (api_key 'test-key');
CREATE FOREIGN TABLE nowhere (id text) SERVER azure_openai OPTIONS (resource 'jobs');
SELECT * FROM nowhere;
DROP SERVER azure_openai CASCADE;
CALL add_provider('azure_openai', ', page_size ''3'', result_hosts ''127.0.0.1''');
SELECT * FROM reset;
SELECT id, status, state, created_at AT TIME ZONE 'UTC' AS created, cancelled_at AT TIME ZONE 'UTC' AS cancelled,
       errors->'data'->0->>'message' AS error, request_counts->'failed' AS failed FROM azure_openai.jobs;
SELECT path, query, headers->'api-key' AS key, headers ? 'authorization' AS bearer FROM requests ORDER BY n;
SELECT id, part, file, line, custom_id, status_code, response->'choices'->0->'message'->>'content' AS content, error
  FROM azure_openai.results WHERE id IN ('batch_east', 'batch_south') ORDER BY id, part, line;
SELECT * FROM azure_openai.results WHERE id = 'batch_west';
SELECT * FROM azure_openai.results WHERE id = 'batch_north';
SELECT * FROM azure_openai.results WHERE id = 'batch_blob';
SELECT * FROM azure_openai.results WHERE id = 'batch_drop';
SELECT step, url, status, ok, found, hint FROM batch_fdw_check('azure_openai', 'batch_east');

-- gemini: ids with a slash, counts that are strings, results in a file or inside the job, its key in either; embeddings inside are an error
CALL add_provider('gemini', ', page_size ''4''');
SELECT * FROM reset;
SELECT name, status, state, create_time AT TIME ZONE 'UTC' AS created, end_time AT TIME ZONE 'UTC' AS ended, request_count AS requests,
       failed_count AS failed, responses_file, error->>'message' AS error FROM gemini.jobs;
SELECT name, state FROM gemini.jobs WHERE name = 'batches/gem6';
SELECT * FROM asked();
SELECT * FROM reset;
SELECT name, part, line, key, response->'candidates'->0->'content'->'parts'->0->>'text' AS text, error->>'message' AS error
  FROM gemini.results WHERE name IN ('batches/gem3', 'batches/gem4', 'batches/gem7') ORDER BY name, line;
SELECT * FROM asked() ORDER BY path COLLATE "C";
SELECT * FROM gemini.results WHERE name = 'batches/gem5';
SELECT * FROM gemini.results WHERE name = 'batches/gem6';
SELECT * FROM gemini.results WHERE name = 'batches/gem2';
SELECT * FROM gemini.results WHERE name = 'batches/gem9';
SELECT step, url, status, ok, found, hint FROM batch_fdw_check('gemini', 'batches/gem3');
SELECT step, ok, found FROM batch_fdw_check('gemini', 'batches/gem4') WHERE step = 'results';
ALTER SERVER gemini OPTIONS (ADD list_params 'pageToken=batches/gem9');   -- no jobs: an answer without a member
SELECT name FROM gemini.jobs;

-- apify: an envelope around jobs, pages by offset in descending order, items of runs that failed or ended early too; what a listing lacks is asked for
CALL add_provider('apify', ', page_size ''5''');
SELECT * FROM reset;
SELECT id, status, state, started_at AT TIME ZONE 'UTC' AS started, finished_at AT TIME ZONE 'UTC' AS finished, usage_total_usd AS usd, default_dataset_id FROM apify.jobs;
SELECT id FROM apify.jobs WHERE status = 'SUCCEEDED' ORDER BY started_at DESC LIMIT 1;
SELECT * FROM asked();
SELECT * FROM apify.jobs LIMIT 0;   -- without what the listing lacks
ALTER FOREIGN TABLE apify.jobs ADD COLUMN message text OPTIONS (path '$.statusMessage'), ADD COLUMN exit_code int OPTIONS (path '$.exitCode');
SELECT message, exit_code FROM apify.jobs WHERE id = 'run-4';
SELECT id, part, line, record FROM apify.results WHERE id IN ('run-3', 'run-4', 'run-5', 'run-6', 'run-7') ORDER BY id, line;
SELECT * FROM apify.results WHERE id = 'run-2';
SELECT * FROM apify.results WHERE id = 'run-8';
SELECT * FROM apify.results WHERE id = 'run-9';
SELECT step, url, status, ok, found, hint FROM batch_fdw_check('apify', 'run-3');

-- exa: names in camel case, a beta header, signed URLs
CALL add_provider('exa', ', page_size ''2''');
SELECT * FROM reset;
SELECT id, status, state, request_counts, created_at AT TIME ZONE 'UTC' AS created, ended_at AT TIME ZONE 'UTC' AS ended, expires_at AT TIME ZONE 'UTC' AS expires FROM exa.jobs;
SELECT id FROM exa.jobs WHERE created_at > '2026-06-20' ORDER BY created_at DESC;
SELECT path, query, headers->'exa-beta' AS beta FROM requests ORDER BY n;
SELECT * FROM reset;
SELECT id, line, custom_id, status_code, response, error FROM exa.results;
SELECT server, path, headers ? 'x-api-key' AS key FROM requests WHERE path NOT LIKE '%/batches' ORDER BY n;
SELECT * FROM exa.results WHERE id = 'batch_grey';
SELECT * FROM exa.results WHERE id = 'batch_white';
SELECT * FROM exa.results WHERE id = 'batch_red';
SELECT step, url, status, ok, found, hint FROM batch_fdw_check('exa', 'batch_blue');

-- replicate: the next page by its URL, output inside the job, and data that is removed
CALL add_provider('replicate');
SELECT * FROM reset;
SELECT id, status, state, created_at AT TIME ZONE 'UTC' AS created, completed_at AT TIME ZONE 'UTC' AS completed, output, error, data_removed AS removed FROM replicate.jobs;
SELECT id FROM replicate.jobs WHERE created_at > '2026-06-18' ORDER BY created_at DESC;
SELECT * FROM asked();
SELECT id, line, record FROM replicate.results WHERE id IN ('pred-3', 'pred-7') ORDER BY id, line;
SELECT id, line, record FROM replicate.results WHERE id IN ('pred-9', 'pred-10') ORDER BY id DESC, line;
SELECT * FROM replicate.results WHERE id = 'pred-4';
SELECT * FROM replicate.results WHERE id = 'pred-5';
SELECT * FROM replicate.results WHERE id = 'pred-2';
SELECT step, url, status, ok, found, hint FROM batch_fdw_check('replicate', 'pred-3');

SET client_min_messages = warning;
DROP SCHEMA mistral, groq, together, azure_openai, gemini, apify, exa, replicate CASCADE;
DROP SERVER mistral, groq, together, azure_openai, gemini, apify, exa, replicate CASCADE;
DROP PROCEDURE add_provider;
