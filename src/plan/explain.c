/*
 * explain.c
 *	  What a scan would ask, and what it did --> EXPLAIN.
 *
 * Asks nothing of the network, and looks up no user mapping.
 */
#include "fetch/fetch.h"
#include "jobs/jobs.h"
#include "plan/plan.h"

#include "commands/explain.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

/* Print a key: a constant's value, or the expression that gives it. */
static char *
print_key(ForeignScanState *node, ExplainState *es, Node *key)
{
	Const	   *constant = (Const *) key;
	Oid			output;
	bool		varlena;
	List	   *context;

	if (IsA(key, Const) && !constant->constisnull)
	{
		getTypeOutputInfo(constant->consttype, &output, &varlena);
		return OidOutputFunctionCall(output, constant->constvalue);
	}
	context = set_deparse_context_plan(es->deparse_cxt, node->ss.ps.plan, NIL);
	return psprintf("<%s>", deparse_expression(key, context, false, false));
}

/* Find the first key that names jobs, printed; the table's own, or NULL. */
static char *
find_id(ForeignScanState *node, ExplainState *es, const BatchOptions *o,
		const BatchPlan *plan)
{
	ListCell   *lc;

	foreach(lc, plan->matches)
	{
		BatchMatch *match = lfirst(lc);

		if (match->kind == BATCH_KEY_JOINED_ID)
			return pstrdup("<id of each row>");
		if (batch_key_is_id(match->kind))
			return print_key(node, es, match->key);
	}
	return o->job_id;
}

/* Append a parameter to a request that is shown. */
static void
add_param(StringInfo url, const char *name, const char *value)
{
	appendStringInfo(url, "%c%s=%s", strchr(url->data, '?') ? '&' : '?', name, value);
}

/* Tell the size of a page: that of the API, or a constant LIMIT below it; 0: none. */
static int64
page_size(const BatchOptions *o, const BatchPlan *plan)
{
	int64		size = o->page_size;
	ListCell   *lc;

	foreach(lc, plan->matches)
	{
		BatchMatch *match = lfirst(lc);
		Const	   *limit = (Const *) match->key;

		if (match->kind == BATCH_KEY_OFFSET)
			return o->page_size;
		if (match->kind == BATCH_KEY_LIMIT && IsA(limit, Const) && !limit->constisnull &&
			DatumGetInt64(limit->constvalue) > 0)
			size = Min(size, DatumGetInt64(limit->constvalue));
	}
	return size;
}

/* Write the listing's request: its path, filters, and the size of a page. */
static char *
write_listing(ForeignScanState *node, ExplainState *es, const BatchOptions *o,
			  const BatchPlan *plan)
{
	StringInfoData url;
	ListCell   *lc;

	initStringInfo(&url);
	appendStringInfo(&url, "GET %s", o->list_url);
	if (o->list_params)
		appendStringInfo(&url, "%c%s", strchr(url.data, '?') ? '&' : '?', o->list_params);
	foreach(lc, plan->matches)
	{
		BatchMatch *match = lfirst(lc);

		if (match->kind == BATCH_KEY_FILTER || match->kind == BATCH_KEY_FILTERS)
			add_param(&url, match->filter->param, print_key(node, es, match->key));
		else if (match->kind == BATCH_KEY_STATE || match->kind == BATCH_KEY_STATES)
			add_param(&url, match->filter->param,
					  psprintf("<words of state %s>", print_key(node, es, match->key)));
	}
	if (o->page_size_param && o->page_size > 0)
		add_param(&url, o->page_size_param, psprintf(INT64_FORMAT, page_size(o, plan)));
	return url.data;
}

/* Write the request of one job. */
static char *
write_job(const BatchOptions *o, const char *id)
{
	const char *brace = o->job_url ? strstr(o->job_url, "id}") : NULL;
	const char *start = brace ? strrchr(pnstrdup(o->job_url, brace - o->job_url), '{') : NULL;

	if (start == NULL)
		return psprintf("GET %s", o->job_url ? o->job_url : "");
	return psprintf("GET %.*s%s%s", (int) strcspn(o->job_url, "{"), o->job_url, id, brace + 3);
}

/* Show what is asked for: of the API, then of results hosts. */
static void
explain_requests(ForeignScanState *node, ExplainState *es, const BatchOptions *o,
				 const BatchPlan *plan)
{
	List	   *requests = NIL;
	char	   *id = find_id(node, es, o, plan);
	BatchUrl	parts;

	if (o->url != NULL)
	{
		(void) batch_http_parse_url(o->url, &parts);
		requests = lappend(requests, psprintf("GET %s", parts.display));
	}
	else if (id != NULL)
		requests = lappend(requests, write_job(o, id));
	else if (o->list_url != NULL)
		requests = lappend(requests, write_listing(node, es, o, plan));
	else
		requests = lappend(requests, pstrdup("none: needs a job id"));
	if (o->resource == BATCH_RESULTS && o->url == NULL && (id != NULL || o->list_url != NULL))
		requests = lappend(requests, pstrdup("GET <results of each job>"));
	ExplainPropertyList("Batch Requests", requests, es);
}

/* Show the quals that are not sent to the API. */
static void
explain_local(ForeignScanState *node, ExplainState *es, const BatchPlan *plan)
{
	List	   *quals = node->ss.ps.plan->qual;
	List	   *shown = NIL;
	List	   *context;
	ListCell   *lc;

	context = set_deparse_context_plan(es->deparse_cxt, node->ss.ps.plan, NIL);
	foreach(lc, plan->local)
		if (lfirst_int(lc) < list_length(quals))
			shown = lappend(shown, deparse_expression(list_nth(quals, lfirst_int(lc)),
													  context, false, false));
	if (shown != NIL)
		ExplainPropertyList("Not Sent", shown, es);
}

/* Show what was done. */
static void
explain_stats(const BatchStats *stats, ExplainState *es)
{
	ExplainPropertyInteger("Requests", NULL, stats->requests, es);
	ExplainPropertyInteger("Pages", NULL, stats->pages, es);
	ExplainPropertyInteger("Retries", NULL, stats->retries, es);
	ExplainPropertyInteger("Bytes Received", NULL, stats->received, es);
	ExplainPropertyInteger("Bytes Inflated", NULL, stats->inflated, es);
	ExplainPropertyInteger("Records", NULL, stats->records, es);
	ExplainPropertyInteger("Rejected", NULL, stats->rejected, es);
	ExplainPropertyInteger("Skipped", NULL, stats->skipped, es);
	if (es->timing)
		ExplainPropertyFloat("Network Wait", "ms", stats->waited, 3, es);
}

/*
 * Show a plan, and what its execution did (ExplainForeignScan).
 *
 * What was executed is shown by the options that it was executed with.
 */
void
batch_explain_scan(ForeignScanState *node, const BatchOptions *o,
				   const BatchStats *stats, ExplainState *es)
{
	const BatchPlan *plan = batch_private_read((ForeignScan *) node->ss.ps.plan);

	if (o == NULL)
		o = batch_options_load(RelationGetRelid(node->ss.ss_currentRelation));
	ExplainPropertyText("Batch Resource", o->resource == BATCH_JOBS ? "jobs" : "results", es);
	explain_requests(node, es, o, plan);
	explain_local(node, es, plan);
	if (es->analyze && stats != NULL)
		explain_stats(stats, es);
}
