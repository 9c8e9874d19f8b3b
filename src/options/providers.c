/*
 * providers.c
 *	  The providers, as rows of option values: data, no logic.
 *
 * A provider is a named set of server options; each may be overridden on the
 * server.  A row may use any SERVER option of options.c and nothing else.
 */
#include "options/options.h"

/* What batches of OpenAI's shape have in common, below a path. */
#define OPENAI_SHAPE(provider, path) \
	{provider, "list_url", path "/batches"}, \
	{provider, "items_path", "$.data"}, \
	{provider, "page_style", "cursor"}, \
	{provider, "job_url", path "/batches/{id}"}, \
	{provider, "error_path", "$.errors.data[0].message"}, \
	{provider, "status_map", \
		"validating=pending, in_progress=processing, finalizing=processing, " \
		"cancelling=processing, cancelled=canceled"}, \
	{provider, "result_states", "completed, expired, canceled"}, \
	{provider, "empty_path", "$.request_counts.total"}, \
	{provider, "results_url", \
		path "/files/{output_file_id}/content, " \
		path "/files/{error_file_id}/content"}, \
	{provider, "result_columns", \
		"custom_id text, status_code integer = $.response.status_code, " \
		"response jsonb = $.response.body, " \
		"error jsonb = ($.error, $.response.body.error), record jsonb = $"}

/* How its pages are asked for, but by those that have a cursor of their own. */
#define OPENAI_PAGES(provider) \
	{provider, "page_param", "after"}, \
	{provider, "page_size_param", "limit"}, \
	{provider, "page_size", "100"}, \
	{provider, "next_path", "$.last_id"}, \
	{provider, "more_path", "$.has_more"}

/* The columns of its jobs, around those that not all vendors have. */
#define OPENAI_COLUMNS(further) \
	"id text, status text, endpoint text, " further "completion_window text, " \
	"input_file_id text, output_file_id text, error_file_id text, " \
	"created_at timestamptz, in_progress_at timestamptz, expires_at timestamptz, " \
	"finalizing_at timestamptz, completed_at timestamptz, failed_at timestamptz, " \
	"expired_at timestamptz, cancelling_at timestamptz, " \
	"cancelled_at timestamptz, " \
	"request_counts jsonb, errors jsonb, metadata jsonb"

const BatchSetting batch_providers[] = {

	/* Crustdata: https://docs.crustdata.com, batch API */
	{"crustdata", "base_url", "https://api.crustdata.com"},
	{"crustdata", "headers", "{\"x-api-version\": \"2025-11-01\"}"},
	{"crustdata", "list_url", "/batch"}, {"crustdata", "items_path", "$.jobs"},
	{"crustdata", "page_style", "cursor"}, {"crustdata", "page_param", "cursor"},
	{"crustdata", "page_size_param", "limit"}, {"crustdata", "page_size", "100"},
	{"crustdata", "next_path", "$.next_cursor"}, {"crustdata", "more_path", "$.has_more"},
	{"crustdata", "list_filters", "status=pending|processing|completed|failed"},
	{"crustdata", "list_order", "created_at desc"},
	{"crustdata", "list_lacks",
	"download_url@completed, download_urls@completed, error_message@failed"},
	{"crustdata", "job_url", "/batch/{id}"},
	{"crustdata", "id_path", "$.batch_id"},
	{"crustdata", "error_path", "$.error_message"},
	{"crustdata", "count_path", "$.result_count"},
	{"crustdata", "urls_path", "$.download_urls[*], $.download_url"},
	{"crustdata", "job_columns",
		"batch_id uuid, status text, entity text, action text, "
		"identifier_count integer, result_count integer, "
		"entities_requested integer, entities_fulfilled integer, "
		"created_at timestamptz, completed_at timestamptz, "
	"error_message text, download_url text, download_urls jsonb"},
	{"crustdata", "result_columns",
		"original_identifier text, internal_id bigint, data jsonb, "
	"record jsonb = $"},

	/* CompanyEnrich: https://docs.companyenrich.com, bulk enrichment */
	{"companyenrich", "base_url", "https://api.companyenrich.com"},
	{"companyenrich", "list_url", "/companies/enrich/bulk/jobs"},
	{"companyenrich", "items_path", "$.items"},
	{"companyenrich", "page_style", "page"}, {"companyenrich", "page_param", "page"},
	{"companyenrich", "page_size_param", "pageSize"}, {"companyenrich", "page_size", "100"},
	{"companyenrich", "total_path", "$.totalPages"},
	{"companyenrich", "list_filters", "status=pending|processing|completing|completed|failed"},
	{"companyenrich", "list_lacks", "results_url@completed, error_message@failed"},
	{"companyenrich", "job_url", "/companies/enrich/bulk/{id}"},
	{"companyenrich", "id_path", "$.job_id"},
	{"companyenrich", "error_path", "$.error_message"},
	{"companyenrich", "status_map", "completing=processing"},
	{"companyenrich", "urls_path", "$.results_url"},
	{"companyenrich", "job_columns",
		"job_id uuid, status text, total_domains integer, "
		"success_count integer, failed_count integer, "
		"credits_charged integer, created_at timestamptz, "
		"started_at timestamptz, completed_at timestamptz, "
	"results_url text, error_message text"},
	{"companyenrich", "result_columns", "record jsonb = $"},

	/* Bigdata.com: https://docs.bigdata.com, search batches */
	{"bigdata", "base_url", "https://api.bigdata.com"},
	{"bigdata", "auth_header", "X-API-KEY"}, {"bigdata", "auth_prefix", ""},
	{"bigdata", "job_url", "/v1/search/batches/{id}"},
	{"bigdata", "id_path", "$.batch_id"},
	{"bigdata", "error_path", "$.error"},
	{"bigdata", "status_map", "cancelled=canceled"},
	{"bigdata", "urls_path", "$.output_file_url"},
	{"bigdata", "job_columns",
		"batch_id text, status text, "
	"estimated_completion_time timestamptz, output_file_url text"},
	{"bigdata", "result_columns",
		"line_number integer, status text, query jsonb, response jsonb, "
	"code integer, error text, record jsonb = $"},

	/* Pulse: https://docs.runpulse.com, asynchronous jobs */
	{"pulse", "base_url", "https://api.runpulse.com"},
	{"pulse", "auth_header", "x-api-key"}, {"pulse", "auth_prefix", ""},
	{"pulse", "job_url", "/job/{id}"},
	{"pulse", "id_path", "$.job_id"},
	{"pulse", "error_path", "$.error"},
	{"pulse", "urls_path", "$.result.url"},
	{"pulse", "pointer_path", "$.result.is_url"},
	{"pulse", "inline_path", "$.result"},
	{"pulse", "result_once", "true"},
	{"pulse", "job_columns",
		"job_id text, status text, created_at timestamptz, "
	"updated_at timestamptz, result jsonb, error text"},
	{"pulse", "result_columns", "record jsonb = $"},

	/* OpenAI: https://platform.openai.com/docs, the Batch API */
	{"openai", "base_url", "https://api.openai.com"},
	OPENAI_SHAPE("openai", "/v1"),
	OPENAI_PAGES("openai"),
	{"openai", "job_columns", OPENAI_COLUMNS("model text, ") ", usage jsonb"},

	/* Anthropic: https://docs.anthropic.com, Message Batches */
	{"anthropic", "base_url", "https://api.anthropic.com"},
	{"anthropic", "auth_header", "x-api-key"}, {"anthropic", "auth_prefix", ""},
	{"anthropic", "headers", "{\"anthropic-version\": \"2023-06-01\"}"},
	{"anthropic", "list_url", "/v1/messages/batches"}, {"anthropic", "items_path", "$.data"},
	{"anthropic", "page_style", "cursor"}, {"anthropic", "page_param", "after_id"},
	{"anthropic", "page_size_param", "limit"}, {"anthropic", "page_size", "1000"},
	{"anthropic", "next_path", "$.last_id"}, {"anthropic", "more_path", "$.has_more"},
	{"anthropic", "list_order", "created_at desc"},
	{"anthropic", "job_url", "/v1/messages/batches/{id}"},
	{"anthropic", "status_path", "$.processing_status"},
	{"anthropic", "status_map",
	"in_progress=processing, canceling=processing, ended=completed"},
	{"anthropic", "gone_path", "$.archived_at"},
	{"anthropic", "urls_path", "$.results_url"},
	{"anthropic", "job_columns",
		"id text, processing_status text, request_counts jsonb, "
		"created_at timestamptz, ended_at timestamptz, "
		"expires_at timestamptz, archived_at timestamptz, "
	"cancel_initiated_at timestamptz, results_url text"},
	{"anthropic", "result_columns",
		"custom_id text, type text = $.result.type, "
		"message jsonb = $.result.message, error jsonb = $.result.error, "
	"record jsonb = $"},

	/* Mistral: https://docs.mistral.ai, batch inference */
	{"mistral", "base_url", "https://api.mistral.ai"},
	{"mistral", "list_url", "/v1/batch/jobs"},
	{"mistral", "list_params", "order_by=-created"},
	{"mistral", "items_path", "$.data"},
	{"mistral", "page_style", "page"}, {"mistral", "page_param", "page"},
	{"mistral", "page_start", "0"},
	{"mistral", "page_size_param", "page_size"}, {"mistral", "page_size", "100"},
	{"mistral", "list_filters",
		"status=QUEUED|RUNNING|SUCCESS|FAILED|TIMEOUT_EXCEEDED|"
	"CANCELLATION_REQUESTED|CANCELLED"},
	{"mistral", "list_order", "created_at desc"},
	{"mistral", "job_url", "/v1/batch/jobs/{id}?inline=true"},
	{"mistral", "error_path", "$.errors[0].message"},
	{"mistral", "status_map",
		"QUEUED=pending, RUNNING=processing, SUCCESS=completed, FAILED=failed, "
		"TIMEOUT_EXCEEDED=expired, CANCELLATION_REQUESTED=processing, "
	"CANCELLED=canceled"},
	{"mistral", "result_states", "completed, expired, canceled"},
	{"mistral", "empty_path", "$.total_requests"},
	{"mistral", "results_url",
	"/v1/files/{output_file}/content, /v1/files/{error_file}/content"},
	{"mistral", "inline_path", "$.outputs"},
	{"mistral", "job_columns",
		"id text, status text, endpoint text, model text, agent_id text, "
		"input_files jsonb, output_file text, error_file text, "
		"created_at timestamptz, started_at timestamptz, "
		"completed_at timestamptz, total_requests integer, "
		"completed_requests integer, succeeded_requests integer, "
	"failed_requests integer, errors jsonb, metadata jsonb"},
	{"mistral", "result_columns",
		"custom_id text, status_code integer = $.response.status_code, "
		"response jsonb = $.response.body, "
		"error jsonb = ($.error, $.response.body.error, $.response.body.detail), "
	"record jsonb = $"},

	/* Groq: https://console.groq.com/docs, the Batch API */
	{"groq", "base_url", "https://api.groq.com"},
	OPENAI_SHAPE("groq", "/openai/v1"),
	{"groq", "page_param", "cursor"},
	{"groq", "next_path", "$.paging.next_cursor"},
	{"groq", "job_columns", OPENAI_COLUMNS("")},

	/* Together: https://docs.together.ai, batch inference */
	{"together", "base_url", "https://api.together.ai"},
	{"together", "list_url", "/v1/batches"},
	{"together", "job_url", "/v1/batches/{id}"},
	{"together", "error_path", "$.error"},
	{"together", "status_map",
		"VALIDATING=pending, IN_PROGRESS=processing, CANCELING=processing, "
		"COMPLETED=completed, FAILED=failed, EXPIRED=expired, "
	"CANCELLED=canceled"},
	{"together", "result_states", "completed, expired, canceled"},
	{"together", "results_url",
	"/v1/files/{output_file_id}/content, /v1/files/{error_file_id}/content"},
	{"together", "job_columns",
		"id uuid, status text, endpoint text, model_id text, "
		"progress double precision, input_file_id text, "
		"file_size_bytes bigint, output_file_id text, error_file_id text, "
		"created_at timestamptz, job_deadline timestamptz, "
	"completed_at timestamptz, error text"},
	{"together", "result_columns",
		"custom_id text, status_code integer = $.response.status_code, "
		"response jsonb = $.response.body, "
	"error jsonb = ($.error, $.response.body.error), record jsonb = $"},

	/* Azure OpenAI: https://learn.microsoft.com, batches; base_url is each customer's own */
	{"azure_openai", "auth_header", "api-key"}, {"azure_openai", "auth_prefix", ""},
	OPENAI_SHAPE("azure_openai", ""),
	OPENAI_PAGES("azure_openai"),
	/* in a store of the customer's own: no host that the key is good for */
	{"azure_openai", "urls_path", "$.output_blob, $.error_blob"},
	{"azure_openai", "result_hosts", "*.azure.com, *.azure.us, *.azure.cn"},
	{"azure_openai", "job_columns",
		OPENAI_COLUMNS("") ", input_blob text, output_blob text, error_blob text"},

	/* Gemini: https://ai.google.dev, the Batch API; its guide has other words than its answers */
	{"gemini", "base_url", "https://generativelanguage.googleapis.com"},
	{"gemini", "auth_header", "x-goog-api-key"}, {"gemini", "auth_prefix", ""},
	{"gemini", "list_url", "/v1beta/batches"}, {"gemini", "items_path", "$.operations"},
	{"gemini", "page_style", "cursor"}, {"gemini", "page_param", "pageToken"},
	{"gemini", "page_size_param", "pageSize"}, {"gemini", "page_size", "50"},
	{"gemini", "next_path", "$.nextPageToken"},
	{"gemini", "job_url", "/v1beta/{+id}"},
	{"gemini", "id_path", "$.name"},
	{"gemini", "status_path", "$.metadata.state"},
	{"gemini", "error_path", "$.error.message"},
	{"gemini", "status_map",
		"BATCH_STATE_PENDING=pending, BATCH_STATE_RUNNING=processing, "
		"BATCH_STATE_SUCCEEDED=completed, BATCH_STATE_FAILED=failed, "
		"BATCH_STATE_CANCELLED=canceled, BATCH_STATE_EXPIRED=expired, "
		"JOB_STATE_QUEUED=pending, JOB_STATE_PENDING=pending, "
		"JOB_STATE_RUNNING=processing, JOB_STATE_CANCELLING=processing, "
		"JOB_STATE_SUCCEEDED=completed, JOB_STATE_FAILED=failed, "
	"JOB_STATE_CANCELLED=canceled, JOB_STATE_EXPIRED=expired"},
	{"gemini", "results_url",
	"/download/v1beta/{+response.responsesFile}:download?alt=media"},
	{"gemini", "inline_path", "$.response.inlinedResponses.inlinedResponses"},
	{"gemini", "job_columns",
		"name text, status text = $.metadata.state, "
		"model text = $.metadata.model, "
		"display_name text = $.metadata.displayName, "
		"create_time timestamptz = $.metadata.createTime, "
		"update_time timestamptz = $.metadata.updateTime, "
		"end_time timestamptz = $.metadata.endTime, "
		"request_count bigint = $.metadata.batchStats.requestCount, "
		"successful_count bigint = $.metadata.batchStats.successfulRequestCount, "
		"failed_count bigint = $.metadata.batchStats.failedRequestCount, "
		"pending_count bigint = $.metadata.batchStats.pendingRequestCount, "
	"responses_file text = $.response.responsesFile, error jsonb"},
	{"gemini", "result_columns",
		"key text = ($.key, $.metadata.key), response jsonb, error jsonb, "
	"record jsonb = $"},

	/* Apify: https://docs.apify.com/api/v2, runs of Actors and their datasets */
	{"apify", "base_url", "https://api.apify.com"},
	{"apify", "list_url", "/v2/actor-runs"},
	{"apify", "list_params", "desc=1"},
	{"apify", "items_path", "$.data.items"},
	{"apify", "page_style", "offset"}, {"apify", "page_param", "offset"},
	{"apify", "page_size_param", "limit"}, {"apify", "page_size", "1000"},
	{"apify", "total_path", "$.data.total"},
	{"apify", "list_filters",
		"status=READY|RUNNING|SUCCEEDED|FAILED|TIMING-OUT|TIMED-OUT|"
	"ABORTING|ABORTED"},
	{"apify", "list_order", "startedAt desc"},
	{"apify", "list_lacks", "statusMessage, exitCode, stats"},
	{"apify", "job_url", "/v2/actor-runs/{id}"},
	{"apify", "job_path", "$.data"},
	{"apify", "error_path", "$.statusMessage"},
	{"apify", "status_map",
		"READY=pending, RUNNING=processing, SUCCEEDED=completed, FAILED=failed, "
		"TIMING-OUT=processing, TIMED-OUT=expired, ABORTING=processing, "
	"ABORTED=canceled"},
	{"apify", "result_states", "completed, failed, expired, canceled"},
	{"apify", "results_url", "/v2/datasets/{defaultDatasetId}/items?format=jsonl"},
	{"apify", "job_columns",
		"id text, status text, act_id text = $.actId, "
		"actor_task_id text = $.actorTaskId, "
		"started_at timestamptz = $.startedAt, "
		"finished_at timestamptz = $.finishedAt, "
		"build_number text = $.buildNumber, "
		"usage_total_usd double precision = $.usageTotalUsd, "
		"default_dataset_id text = $.defaultDatasetId, "
		"default_key_value_store_id text = $.defaultKeyValueStoreId, "
		"status_message text = $.statusMessage, "
	"exit_code integer = $.exitCode, stats jsonb"},
	{"apify", "result_columns", "record jsonb = $"},

	/* Exa: https://exa.ai/docs, batches, in beta */
	{"exa", "base_url", "https://api.exa.ai"},
	{"exa", "auth_header", "x-api-key"}, {"exa", "auth_prefix", ""},
	{"exa", "headers", "{\"Exa-Beta\": \"batches-2026-06-06\"}"},
	{"exa", "list_url", "/batches"}, {"exa", "items_path", "$.data"},
	{"exa", "page_style", "cursor"}, {"exa", "page_param", "cursor"},
	{"exa", "page_size_param", "limit"}, {"exa", "page_size", "100"},
	{"exa", "next_path", "$.nextCursor"}, {"exa", "more_path", "$.hasMore"},
	{"exa", "list_order", "createdAt desc"},
	{"exa", "job_url", "/batches/{id}"},
	{"exa", "status_map",
	"in_progress=processing, cancelling=processing, cancelled=canceled"},
	{"exa", "empty_path", "$.requestCounts.total"},
	{"exa", "urls_path", "$.resultsUrl"},
	{"exa", "job_columns",
		"id text, status text, request_counts jsonb = $.requestCounts, "
		"created_at timestamptz = $.createdAt, "
		"ended_at timestamptz = $.endedAt, "
		"expires_at timestamptz = $.expiresAt, metadata jsonb, "
	"results_url text = $.resultsUrl"},
	{"exa", "result_columns",
		"custom_id text = $.customId, "
		"status_code integer = $.response.statusCode, "
		"response jsonb = $.response.body, error jsonb, "
	"record jsonb = $"},

	/* Replicate: https://replicate.com/docs, predictions */
	{"replicate", "base_url", "https://api.replicate.com"},
	{"replicate", "list_url", "/v1/predictions"}, {"replicate", "items_path", "$.results"},
	{"replicate", "page_style", "next"},
	{"replicate", "next_path", "$.next"},
	{"replicate", "list_order", "created_at desc"},
	{"replicate", "job_url", "/v1/predictions/{id}"},
	{"replicate", "error_path", "$.error"},
	{"replicate", "status_map",
	"starting=pending, succeeded=completed, aborted=canceled"},
	{"replicate", "gone_path", "$.data_removed"},
	{"replicate", "inline_path", "$.output"},
	{"replicate", "job_columns",
		"id text, status text, model text, version text, source text, "
		"created_at timestamptz, started_at timestamptz, "
		"completed_at timestamptz, input jsonb, output jsonb, error text, "
	"metrics jsonb, data_removed boolean"},
	{"replicate", "result_columns", "record jsonb = $"},

	{NULL, NULL, NULL}
};
