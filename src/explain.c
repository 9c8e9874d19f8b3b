/*
 * explain.c
 *	  What a scan would ask, and what it did --> EXPLAIN.
 *
 * Asks nothing of the network, and looks up no user mapping.
 */
#include "batch_fdw.h"

#include "commands/explain.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
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

/* Tell whether a kind of key names jobs by ids that the plan has. */
static bool
is_id_kind(int kind)
{
	return kind == BATCH_KEY_ID || kind == BATCH_KEY_IDS;
}

/* Find the first key that names jobs, printed; the table's own, or NULL. */
static char *
find_id(ForeignScanState *node, ExplainState *es, const BatchOptions *o)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	List	   *kinds = list_nth(plan->fdw_private, BATCH_PRIVATE_KEYS);

	for (int i = 0; i < list_length(plan->fdw_exprs); i++)
		if (list_nth_int(kinds, 2 * i) == BATCH_KEY_JOINED_ID)
			return pstrdup("<id of each row>");
		else if (is_id_kind(list_nth_int(kinds, 2 * i)))
			return print_key(node, es, list_nth(plan->fdw_exprs, i));
	return o->job_id;
}

/* Append a parameter to a request that is shown. */
static void
add_param(StringInfo url, const char *name, const char *value)
{
	appendStringInfo(url, "%c%s=%s", strchr(url->data, '?') ? '&' : '?', name, value);
}

/* Write the listing's request: its path, filters, and the size of a page. */
static char *
write_listing(ForeignScanState *node, ExplainState *es, const BatchOptions *o)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	List	   *kinds = list_nth(plan->fdw_private, BATCH_PRIVATE_KEYS);
	char	   *size = o->page_size > 0 ? psprintf("%d", o->page_size) : NULL;
	StringInfoData url;

	initStringInfo(&url);
	appendStringInfo(&url, "GET %s", o->list_url);
	if (o->list_params)
		appendStringInfo(&url, "%c%s", strchr(url.data, '?') ? '&' : '?', o->list_params);
	for (int i = 0; i < list_length(plan->fdw_exprs); i++)
	{
		Node	   *key = list_nth(plan->fdw_exprs, i);
		int			kind = list_nth_int(kinds, 2 * i);

		if (kind == BATCH_KEY_FILTER || kind == BATCH_KEY_FILTERS)
			add_param(&url, ((BatchFilter *) list_nth(o->list_filters, list_nth_int(kinds, 2 * i + 1)))->param,
					  print_key(node, es, key));
		else if (kind == BATCH_KEY_STATE || kind == BATCH_KEY_STATES)
			add_param(&url, ((BatchFilter *) list_nth(o->list_filters, list_nth_int(kinds, 2 * i + 1)))->param,
					  psprintf("<words of state %s>", print_key(node, es, key)));
		else if (kind == BATCH_KEY_LIMIT && IsA(key, Const) && o->resource == BATCH_JOBS &&
				 !((Const *) key)->constisnull &&
				 DatumGetInt64(((Const *) key)->constvalue) < o->page_size &&
				 !list_member_int(kinds, BATCH_KEY_OFFSET))
			size = Max(DatumGetInt64(((Const *) key)->constvalue), 0) > 0 ?
				print_key(node, es, key) : size;
	}
	if (o->page_size_param && size)
		add_param(&url, o->page_size_param, size);
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
explain_requests(ForeignScanState *node, ExplainState *es, const BatchOptions *o)
{
	List	   *requests = NIL;
	char	   *id = find_id(node, es, o);
	BatchUrl	parts;

	if (o->url != NULL)
	{
		(void) batch_http_parse_url(o->url, &parts);
		requests = lappend(requests, psprintf("GET %s", parts.display));
	}
	else if (id != NULL)
		requests = lappend(requests, write_job(o, id));
	else if (o->list_url != NULL)
		requests = lappend(requests, write_listing(node, es, o));
	else
		requests = lappend(requests, pstrdup("none: needs a job id"));
	if (o->resource == BATCH_RESULTS && o->url == NULL && (id != NULL || o->list_url != NULL))
		requests = lappend(requests, pstrdup("GET <results of each job>"));
	ExplainPropertyList("Batch Requests", requests, es);
}

/* Show the quals that are not sent to the API. */
static void
explain_local(ForeignScanState *node, ExplainState *es)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	List	   *local = list_nth(plan->fdw_private, BATCH_PRIVATE_LOCAL);
	List	   *shown = NIL;
	List	   *context;
	ListCell   *lc;

	context = set_deparse_context_plan(es->deparse_cxt, node->ss.ps.plan, NIL);
	foreach(lc, local)
		if (lfirst_int(lc) < list_length(plan->scan.plan.qual))
			shown = lappend(shown, deparse_expression(list_nth(plan->scan.plan.qual, lfirst_int(lc)),
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

/* Show a plan, and what its execution did (ExplainForeignScan). */
void
batch_explain_scan(ForeignScanState *node, ExplainState *es)
{
	BatchOptions *o = batch_options_load(RelationGetRelid(node->ss.ss_currentRelation));
	const BatchStats *stats = batch_scan_stats(node);

	ExplainPropertyText("Batch Resource", o->resource == BATCH_JOBS ? "jobs" : "results", es);
	explain_requests(node, es, o);
	explain_local(node, es);
	if (es->analyze && stats != NULL)
		explain_stats(stats, es);
}
