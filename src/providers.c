/*
 * providers.c
 *	  The providers, as rows of option values: data, no logic.
 *
 * A provider is a named set of server options; each may be overridden on the
 * server.  A row may use any SERVER option of options.c and nothing else.
 */
#include "batch_fdw.h"

const BatchSetting batch_providers[] = {

	/* Crustdata: https://docs.crustdata.com, batch API */
	{"crustdata", "base_url", "https://api.crustdata.com"},
	{"crustdata", "headers", "{\"x-api-version\": \"2025-11-01\"}"},
	{"crustdata", "list_url", "/batch"},
	{"crustdata", "items_path", "$.jobs"},
	{"crustdata", "page_style", "cursor"},
	{"crustdata", "page_param", "cursor"},
	{"crustdata", "page_size_param", "limit"},
	{"crustdata", "page_size", "100"},
	{"crustdata", "next_path", "$.next_cursor"},
	{"crustdata", "more_path", "$.has_more"},
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
		"created_at timestamp with time zone, "
		"completed_at timestamp with time zone, "
		"error_message text, download_url text, download_urls jsonb"},
	{"crustdata", "result_columns",
		"original_identifier text, internal_id bigint, data jsonb, "
	"record jsonb = $"},

	/* CompanyEnrich: https://docs.companyenrich.com, bulk enrichment */
	{"companyenrich", "base_url", "https://api.companyenrich.com"},
	{"companyenrich", "job_url", "/companies/enrich/bulk/{id}"},
	{"companyenrich", "id_path", "$.job_id"},
	{"companyenrich", "error_path", "$.error_message"},
	{"companyenrich", "status_map", "completing=processing"},
	{"companyenrich", "urls_path", "$.results_url"},
	{"companyenrich", "job_columns",
		"job_id uuid, status text, total_domains integer, "
		"success_count integer, failed_count integer, "
		"credits_charged integer, created_at timestamp with time zone, "
		"started_at timestamp with time zone, "
		"completed_at timestamp with time zone, "
	"results_url text, error_message text"},
	{"companyenrich", "result_columns", "record jsonb = $"},

	/* Bigdata.com: https://docs.bigdata.com, search batches */
	{"bigdata", "base_url", "https://api.bigdata.com"},
	{"bigdata", "auth_header", "X-API-KEY"},
	{"bigdata", "auth_prefix", ""},
	{"bigdata", "job_url", "/v1/search/batches/{id}"},
	{"bigdata", "id_path", "$.batch_id"},
	{"bigdata", "error_path", "$.error"},
	{"bigdata", "status_map", "cancelled=canceled"},
	{"bigdata", "urls_path", "$.output_file_url"},
	{"bigdata", "job_columns",
		"batch_id text, status text, "
		"estimated_completion_time timestamp with time zone, "
	"output_file_url text"},
	{"bigdata", "result_columns",
		"line_number integer, status text, query jsonb, response jsonb, "
	"code integer, error text, record jsonb = $"},

	/* Pulse: https://docs.runpulse.com, asynchronous jobs */
	{"pulse", "base_url", "https://api.runpulse.com"},
	{"pulse", "auth_header", "x-api-key"},
	{"pulse", "auth_prefix", ""},
	{"pulse", "job_url", "/job/{id}"},
	{"pulse", "id_path", "$.job_id"},
	{"pulse", "error_path", "$.error"},
	{"pulse", "urls_path", "$.result.url"},
	{"pulse", "pointer_path", "$.result.is_url"},
	{"pulse", "inline_path", "$.result"},
	{"pulse", "result_once", "true"},
	{"pulse", "job_columns",
		"job_id text, status text, created_at timestamp with time zone, "
	"updated_at timestamp with time zone, result jsonb, error text"},
	{"pulse", "result_columns", "record jsonb = $"},

	{NULL, NULL, NULL}
};
