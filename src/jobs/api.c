/*
 * api.c
 *	  The options and the user's key --> what a scan asks the API with.
 */
#include "jobs/jobs.h"

/* Choose of the options what requests obey. */
static BatchNetwork
choose_network(const BatchOptions *o, BatchStats *stats, BatchPace *pace)
{
	BatchNetwork network = {
		.server = o->server,
		.proxy = o->proxy,
		.ca_file = o->ca_file,
		.connect_timeout = o->connect_timeout,
		.stall_timeout = o->stall_timeout,
		.max_connections = o->max_connections,
		.retry_timeout = o->retry_timeout,
		.max_retries = o->max_retries,
		.base_url = o->base_url,
		.allow_private_hosts = o->allow_private_hosts,
		.result_hosts = o->result_hosts,
		.auth_header = batch_options_header(o),
		.auth_prefix = o->auth_prefix,
		.auth_param = o->auth_param,
		.secret = o->api_key,
		.headers = o->headers,
		.stats = stats,
		.pace = pace
	};

	return network;
}

/*
 * Open what jobs and their results are asked for with.  Belongs to the current
 * context, in which o, stats and pace must live; opens no connection yet.
 *
 * The API and the results hosts have a client each, and a table's url needs no
 * API; nor does a table of jobs need the files.
 */
BatchApi *
batch_api_open(const BatchOptions *o, BatchStats *stats, BatchPace *pace)
{
	BatchApi   *api = palloc0(sizeof(BatchApi));

	api->options = o;
	api->stats = stats;
	api->network = choose_network(o, stats, pace);
	api->layout.format = o->result_format;
	api->layout.rows_path = o->rows_path;
	api->layout.is_page = o->result_page_style != BATCH_PAGES_NONE;
	api->layout.more_path = api->layout.is_page ? NULL : o->result_more_path;
	api->layout.max_record_size = o->max_record_size;
	api->layout.secret = o->api_key;
	if (o->url == NULL)
		api->api = batch_http_client(BATCH_ROLE_API, &api->network);
	if (o->resource == BATCH_RESULTS)
		api->files = batch_http_client(BATCH_ROLE_FILE, &api->network);
	return api;
}
