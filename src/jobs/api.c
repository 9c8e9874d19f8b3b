/*
 * api.c
 *	  The options and the user's key --> what a scan asks the API with.
 */
#include "jobs/jobs.h"

/*
 * Open what jobs and their results are asked for with.  Belongs to the current
 * context, in which o and stats must live; opens no connection yet.
 *
 * The API and the results hosts have a client each, and a table's url needs no
 * API; nor does a table of jobs need the files.
 */
BatchApi *
batch_api_open(const BatchOptions *o, BatchStats *stats)
{
	BatchApi   *api = palloc0(sizeof(BatchApi));

	api->options = o;
	api->stats = stats;
	if (o->url == NULL)
		api->api = batch_http_client(BATCH_ROLE_API, o, stats);
	if (o->resource == BATCH_RESULTS)
		api->files = batch_http_client(BATCH_ROLE_FILE, o, stats);
	return api;
}
