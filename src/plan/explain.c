/*
 * explain.c
 *	  What a scan would ask, and what it did --> EXPLAIN.
 *
 * Asks nothing of the network, and looks up no user mapping.
 */
#include "fetch/fetch.h"
#include "jobs/jobs.h"
#include "plan/plan.h"

#include "compat.h"

#include "commands/explain.h"
#include "nodes/nodeFuncs.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#define MOST_SHOWN	10			/* requests for jobs, or listings, one by one */

/*
 * What a plan would ask for, as far as its keys are constants.  In the place of
 * other ids and words is a text that stands for them, until constants narrow
 * the same.
 */
typedef struct Forecast
{
	const BatchOptions *o;
	List	   *deparse;		/* context, to print what is no constant */
	BatchQuery *query;
	bool		shows_id;		/* its id stands for those that are not known */
	bool		shows_word;		/* likewise */
	bool		shows_size;		/* the size of a page is not known, but its most */
	List	   *lines;			/* of char *, the requests */
} Forecast;

/* Print what a key that is not known stands for. */
static char *
print_unknown(const Forecast *f, const BatchMatch *match)
{
	char	   *expr;

	if (match->kind == BATCH_KEY_JOINED_ID)
		return pstrdup("<id of each row>");
	expr = deparse_expression(match->key, f->deparse, false, false);
	return psprintf("<%s%s%s>", batch_key_is_state(match->kind) ? "words of state " : "",
					batch_key_is_array(match->kind) ? "each of " : "", expr);
}

/* Narrow a forecast by a constant key. */
static void
take_constant(Forecast *f, BatchMatch match)
{
	Const	   *key = (Const *) match.key;

	/* An id that is none raises when the query runs, and not here. */
	if (match.kind == BATCH_KEY_ID)
		match.kind = BATCH_KEY_JOINED_ID;
	if (batch_key_is_id(match.kind) && f->shows_id)
		f->query->by_id = f->shows_id = false;
	if (match.filter != NULL && f->shows_word)
	{
		f->query->filter = NULL;
		f->shows_word = false;
	}
	batch_match_apply(&match, f->o, f->query, key->constvalue, key->constisnull);
}

/* Let a text stand for a key that is not known, where nothing is known yet. */
static void
take_unknown(Forecast *f, const BatchMatch *match)
{
	BatchQuery *query = f->query;

	if (match->kind == BATCH_KEY_LIMIT || match->kind == BATCH_KEY_OFFSET)
		f->shows_size = true;
	else if (batch_key_is_id(match->kind) && !query->by_id)
	{
		query->by_id = f->shows_id = true;
		query->ids = list_make1(print_unknown(f, match));
	}
	else if (match->filter != NULL && query->filter == NULL)
	{
		query->filter = match->filter;
		query->words = list_make1(print_unknown(f, match));
		f->shows_word = true;
	}
}

/* Add a request to a forecast, by its URL. */
static void
add_request(Forecast *f, const char *url)
{
	f->lines = lappend(f->lines, psprintf("GET %s", url));
}

/* Add a request of the API, whose URL has the key where auth_param says so. */
static void
add_api_request(Forecast *f, StringInfo url)
{
	if (f->o->auth_param != NULL)
		batch_template_add_param(url, f->o->auth_param, (BatchUrlValue) {"<key>", true});
	add_request(f, url->data);
}

/* Add the request of a job by its id. */
static void
add_job(Forecast *f, BatchUrlValue id)
{
	StringInfoData url;

	initStringInfo(&url);
	batch_request_write_job(&url, f->o, id);
	add_api_request(f, &url);
}

/* Add the request of the first page of a listing. */
static void
add_listing(Forecast *f, const char *word)
{
	StringInfoData url;
	int			size = batch_request_page_size(f->o, f->shows_size ? 0 : f->query->limit);
	BatchPageRules rules = batch_request_rules(f->o, false);
	BatchPage	page = {
		.filter = f->query->filter,
		.word = {word, f->shows_word},
		.size = {NULL, f->shows_size},
		.cursor = batch_request_first_cursor(&rules),
		.number = batch_request_first_number(&rules)
	};

	if (size > 0)
		page.size.text = psprintf(f->shows_size ? "<%d or fewer>" : "%d", size);
	initStringInfo(&url);
	batch_request_write_page(&url, f->o, &page);
	add_api_request(f, &url);
}

/* Add requests of jobs or listings, one for each text, but not too many. */
static void
add_each(Forecast *f, List *texts)
{
	for (int i = 0; i < Min(list_length(texts), MOST_SHOWN); i++)
	{
		char	   *text = list_nth(texts, i);

		if (f->query->by_id)
			add_job(f, (BatchUrlValue) {text, f->shows_id});
		else
			add_listing(f, text);
	}
	if (list_length(texts) > MOST_SHOWN)
		f->lines = lappend(f->lines, psprintf("%d more of these", list_length(texts) - MOST_SHOWN));
}

/* Add all requests of the API. */
static void
add_api_requests(Forecast *f, Oid relid, const BatchPlan *plan)
{
	const BatchOptions *o = f->o;
	bool		is_results = o->resource == BATCH_RESULTS;

	if (f->query->by_id)
		add_each(f, f->query->ids);
	else if (f->query->filter != NULL)
		add_each(f, f->query->words);
	else
		add_listing(f, NULL);
	if (!f->query->by_id && o->job_url != NULL &&
		(is_results || batch_narrow_lacks(o, relid, plan->attnums) != NIL))
		add_job(f, (BatchUrlValue) {is_results ? "<id of each job listed without its results>" :
									"<id of each job listed without what is wanted>", true});
	if (is_results)
		add_request(f, "<results of each job>");
}

/* Foresee the requests of a plan. */
static List *
foresee(const BatchOptions *o, Oid relid, const BatchPlan *plan, List *deparse)
{
	Forecast	f = {.o = o, .deparse = deparse};
	BatchUrl	parts;
	ListCell   *lc;

	f.query = batch_narrow_open(o);
	foreach(lc, plan->matches)
	{
		BatchMatch *match = lfirst(lc);

		if (IsA(match->key, Const))
			take_constant(&f, *match);
		else
			take_unknown(&f, match);
	}
	batch_narrow_end(f.query, o);
	if (f.query->nothing)
		f.lines = list_make1("none: no row can match");
	else if (o->url != NULL)
	{
		(void) batch_http_parse_url(o->url, &parts);
		add_request(&f, parts.display);
	}
	else if (f.query->by_id && o->job_url == NULL)
		f.lines = list_make1("none: needs job_url");
	else if (!f.query->by_id && o->list_url == NULL)
		f.lines = list_make1("none: needs a job id");
	else
		add_api_requests(&f, relid, plan);
	return f.lines;
}

/* Show some of a plan's quals, by number. */
static void
explain_quals(const char *label, ForeignScanState *node, List *numbers, List *deparse,
			  ExplainState *es)
{
	List	   *quals = node->ss.ps.plan->qual;
	List	   *shown = NIL;
	ListCell   *lc;

	foreach(lc, numbers)
		if (lfirst_int(lc) < list_length(quals))
			shown = lappend(shown, deparse_expression(list_nth(quals, lfirst_int(lc)),
													  deparse, false, false));
	if (shown != NIL)
		ExplainPropertyList(label, shown, es);
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
	Oid			relid = RelationGetRelid(node->ss.ss_currentRelation);
	List	   *deparse = set_deparse_context_plan(es->deparse_cxt, node->ss.ps.plan, NIL);

	if (o == NULL)
		o = batch_options_load(relid);
	ExplainPropertyText("Batch Resource", o->resource == BATCH_JOBS ? "jobs" : "results", es);
	ExplainPropertyList("Batch Requests", foresee(o, relid, plan, deparse), es);
	if (plan->leaves_out)
		ExplainPropertyText("Batch Hint", "Jobs that another table leaves out are read too; name the others: id = ANY (ARRAY(SELECT ...)).", es);
	explain_quals("Stops At", node, plan->ends, deparse, es);
	explain_quals("Not Sent", node, plan->local, deparse, es);
	if (es->analyze && stats != NULL)
		explain_stats(stats, es);
}
