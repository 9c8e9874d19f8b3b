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

SET client_min_messages = warning;
DROP SCHEMA mistral, groq CASCADE;
DROP SERVER mistral, groq CASCADE;
DROP PROCEDURE add_provider;
