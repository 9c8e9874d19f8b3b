/*
 * statistics.c
 *	  What requests came to --> batch_fdw_stats(), and a line in the log.
 */
#include "scan/scan.h"

#include "access/parallel.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/rel.h"

/* Give the tally of a server and a host as a row. */
static void
put_tally(ReturnSetInfo *result, const BatchTally *t)
{
	Datum		values[14];
	bool		nulls[14] = {false};
	int			n = 0;

	values[n++] = CStringGetTextDatum(t->server);
	values[n++] = CStringGetTextDatum(t->host);
	values[n++] = Int64GetDatum(t->requests);
	for (int i = 0; i < (int) lengthof(t->answers); i++)
		values[n++] = Int64GetDatum(t->answers[i]);
	values[n++] = Int64GetDatum(t->unanswered);
	values[n++] = Int64GetDatum(t->limited);
	values[n++] = Int64GetDatum(t->retries);
	values[n++] = Int64GetDatum(t->received);
	values[n++] = Int64GetDatum(t->connections);
	values[n++] = Int64GetDatum(t->reused);
	values[n++] = Float8GetDatum(t->waited);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Show what the requests of this session came to, by server and host. */
void
batch_statistics_show(ReturnSetInfo *result)
{
	for (const BatchTally *t = batch_tally_first(); t != NULL; t = t->next)
		if (t->requests > 0)
			put_tally(result, t);
}

/* Log what a scan did that had to ask again. */
void
batch_statistics_log(Relation rel, const BatchStats *stats)
{
	if (stats->retries == 0 || IsParallelWorker())
		return;
	ereport(LOG,
			(errcode(ERRCODE_SUCCESSFUL_COMPLETION),
			 errmsg_plural("scan of foreign table \"%s\" sent " INT64_FORMAT " request again",
						   "scan of foreign table \"%s\" sent " INT64_FORMAT " requests again",
						   stats->retries, RelationGetRelationName(rel), stats->retries),
			 errdetail("Requests: " INT64_FORMAT ", bytes received: " INT64_FORMAT ", records: " INT64_FORMAT
					   ", waited: %.3f s.", stats->requests, stats->received, stats->records,
					   stats->waited / 1000)));
}
