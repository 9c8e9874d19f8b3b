/*
 * explain.c
 *	  What a scan did --> EXPLAIN ANALYZE.
 */
#include "batch_fdw.h"

/* Show the counters of an executed scan; asks nothing of the network. */
void
batch_explain_scan(ForeignScanState *node, ExplainState *es)
{
	const BatchStats *stats = batch_scan_stats(node);

	if (!es->analyze || stats == NULL)
		return;
	ExplainPropertyInteger("Requests", NULL, stats->requests, es);
	ExplainPropertyInteger("Pages", NULL, stats->pages, es);
	ExplainPropertyInteger("Retries", NULL, stats->retries, es);
	ExplainPropertyInteger("Bytes Received", NULL, stats->received, es);
	ExplainPropertyInteger("Bytes Inflated", NULL, stats->inflated, es);
	ExplainPropertyInteger("Records", NULL, stats->records, es);
	if (es->timing)
		ExplainPropertyFloat("Network Wait", "ms", stats->waited, 3, es);
}
