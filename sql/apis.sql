-- OpenAI's batches: Unix times, results by file id on the API's own origin
CREATE SERVER openai FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'openai',
  base_url 'http://127.0.0.1:9470/openai', allow_private_hosts 'true', page_size '2');
CREATE USER MAPPING FOR PUBLIC SERVER openai OPTIONS (api_key 'test-key');
CREATE SCHEMA openai;
IMPORT FOREIGN SCHEMA batch FROM SERVER openai INTO openai;
SELECT id, status, state, created_at AT TIME ZONE 'UTC' AS created, completed_at AT TIME ZONE 'UTC' AS completed,
       request_counts->>'failed' AS failed, errors->'data'->0->>'message' AS error FROM openai.jobs;
SELECT id, model, usage->'total_tokens' AS tokens FROM openai.jobs WHERE id IN ('batch_aster', 'batch_cedar');
SELECT * FROM reset;
SELECT id, file, line, custom_id, status_code, response->'choices'->0->'message'->>'content' AS content, error->>'message' AS error
  FROM openai.results WHERE id = 'batch_cedar';
SELECT server, path, headers ? 'authorization' AS key FROM requests ORDER BY n;
SELECT id, part, file, custom_id, error FROM openai.results;
SELECT * FROM openai.results WHERE id = 'batch_dogwood';
SELECT count(*) FROM openai.results WHERE id = 'batch_fir';
SELECT * FROM openai.results WHERE id = 'batch_aster';
-- its error lines alone
ALTER SERVER openai OPTIONS (ADD results_url '/v1/files/{error_file_id}/content');
SELECT id, file, custom_id FROM openai.results WHERE id IN ('batch_cedar', 'batch_ginkgo');

-- Anthropic's message batches: a fixed header, results with the key
CREATE SERVER anthropic FOREIGN DATA WRAPPER batch_fdw OPTIONS (provider 'anthropic',
  base_url 'http://127.0.0.1:9470/anthropic', allow_private_hosts 'true');
CREATE USER MAPPING FOR PUBLIC SERVER anthropic OPTIONS (api_key 'test-key');
CREATE SCHEMA anthropic;
IMPORT FOREIGN SCHEMA batch FROM SERVER anthropic INTO anthropic;
SELECT id, processing_status, state, ended_at AT TIME ZONE 'UTC' AS ended FROM anthropic.jobs;
EXPLAIN (COSTS OFF) SELECT id FROM anthropic.jobs WHERE created_at > '2026-06-20' ORDER BY created_at DESC LIMIT 1;
SELECT id FROM anthropic.jobs WHERE created_at > '2026-06-20' ORDER BY created_at DESC LIMIT 1;
SELECT id, line, custom_id, type, message->'content'->0->>'text' AS text, error->'error'->>'type' AS error
  FROM anthropic.results WHERE id = 'msgbatch_beech';
ALTER SERVER anthropic OPTIONS (ADD result_auth 'never');
SELECT * FROM anthropic.results WHERE id = 'msgbatch_beech';
SELECT * FROM anthropic.results WHERE id = 'msgbatch_dogrose';

-- Mistral, by options alone: pages from 0, words in capitals, results in a file or in place
CREATE SERVER mistral FOREIGN DATA WRAPPER batch_fdw OPTIONS (base_url 'http://127.0.0.1:9470/mistral', allow_private_hosts 'true',
  list_url '/v1/batch/jobs', items_path '$.data', page_style 'page', page_param 'page', page_start '0',
  page_size_param 'page_size', page_size '2', job_url '/v1/batch/jobs/{id}?inline=true', error_path '$.errors[0].message',
  list_filters 'status=QUEUED|RUNNING|SUCCESS|FAILED|TIMEOUT_EXCEEDED|CANCELLATION_REQUESTED|CANCELLED',
  status_map 'QUEUED=pending, RUNNING=processing, SUCCESS=completed, FAILED=failed, TIMEOUT_EXCEEDED=expired,
    CANCELLATION_REQUESTED=processing, CANCELLED=canceled',
  list_lacks 'outputs@completed', results_url '/v1/files/{output_file}/content', inline_path '$.outputs',
  job_columns 'id text, status text, created_at timestamptz, total_requests int',
  result_columns 'custom_id text, answer text = $.response.body.text');
CREATE USER MAPPING FOR PUBLIC SERVER mistral OPTIONS (api_key 'test-key');
CREATE SCHEMA mistral;
IMPORT FOREIGN SCHEMA batch FROM SERVER mistral INTO mistral;
SELECT * FROM reset;
SELECT id, status, state, created_at AT TIME ZONE 'UTC' AS created FROM mistral.jobs;
SELECT path, query FROM requests ORDER BY n;
SELECT id FROM mistral.jobs WHERE state = 'completed';
SELECT id, part, line, custom_id, answer FROM mistral.results;
SELECT * FROM mistral.results WHERE id = 'mist-five';

-- what a provider is
SELECT provider, count(*) FROM batch_fdw_providers() GROUP BY 1 ORDER BY 1;
SELECT option, value FROM batch_fdw_providers() WHERE provider = 'pulse' AND option NOT LIKE '%columns';

SET client_min_messages = warning;
DROP SCHEMA openai, anthropic, mistral CASCADE;
DROP SERVER openai, anthropic, mistral CASCADE;
