/*
 * scan.c
 *	  One execution of a plan: source --> columns --> slot.
 *
 * Beginning asks for nothing; the first row evaluates the keys, looks up the
 * user mapping and opens the source.  A rescan deletes the source and opens
 * another at its first row.
 */
#include "batch_fdw.h"

#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/memutils.h"

typedef struct BatchScan
{
	MemoryContext cxt;			/* of the execution */
	MemoryContext run_cxt;		/* of the source: from one rescan to the next */
	BatchOptions *o;
	Oid			userid;
	List	   *attnums;
	List	   *keys;			/* of ExprState */
	List	   *kinds;
	BatchColumns *columns;
	BatchOrderCheck *order;		/* NULL where no order is relied on */
	BatchSource *source;		/* NULL before the first row */
	bool		ended;			/* at a bound, before the source */
	BatchPlace	place;
	BatchStats	stats;
} BatchScan;

/* Forget a key when the memory that holds it goes. */
static void
forget_key(void *arg)
{
	BatchOptions *o = arg;

	if (o->api_key != NULL)
		explicit_bzero(o->api_key, strlen(o->api_key));
}

/* Prepare an execution; nothing that can fail remotely. */
void
batch_scan_begin(ForeignScanState *node, int eflags)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	EState	   *estate = node->ss.ps.state;
	MemoryContext cxt,
				old;
	MemoryContextCallback *forget;
	BatchScan  *scan;
	AttrNumber	order_column;

	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	cxt = AllocSetContextCreate(estate->es_query_cxt, "batch_fdw scan",
								ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(cxt);
	scan = palloc0(sizeof(BatchScan));
	scan->cxt = cxt;
	scan->run_cxt = AllocSetContextCreate(cxt, "batch_fdw source",
										  ALLOCSET_DEFAULT_SIZES);
	scan->o = batch_options_load(RelationGetRelid(node->ss.ss_currentRelation));
	forget = palloc0(sizeof(MemoryContextCallback));
	forget->func = forget_key;
	forget->arg = scan->o;
	MemoryContextRegisterResetCallback(cxt, forget);
	if (scan->o->result_once)
		scan->stats.downloaded = batch_seen_open();
	scan->userid = batch_compat_scan_user(plan, estate);
	scan->attnums = list_nth(plan->fdw_private, BATCH_PRIVATE_COLUMNS);
	scan->kinds = list_nth(plan->fdw_private, BATCH_PRIVATE_KEYS);
	scan->columns = batch_columns_open(node->ss.ss_currentRelation,
									   scan->attnums, scan->o);
	order_column = linitial_int(list_nth(plan->fdw_private, BATCH_PRIVATE_ORDER));
	if (order_column != 0)
		scan->order = batch_order_open(node->ss.ss_currentRelation, order_column,
									   scan->o->list_order->descending);
	MemoryContextSwitchTo(estate->es_query_cxt);
	scan->keys = ExecInitExprList(plan->fdw_exprs, (PlanState *) node);
	MemoryContextSwitchTo(old);
	node->fdw_state = scan;
}

/* Say in the context of an error which job, part, line and column it is about. */
static void
scan_context(void *arg)
{
	BatchScan  *scan = arg;
	BatchPlace *place = &scan->place;
	const char *column = batch_columns_current(scan->columns);
	StringInfoData text;

	if (place->job_id == NULL && place->part == 0)
		return;
	initStringInfo(&text);
	if (place->job_id != NULL)
		appendStringInfo(&text, "job \"%s\"", place->job_id);
	if (place->part > 0)
		appendStringInfo(&text, "%spart %d", text.len ? ", " : "", place->part);
	if (place->line > 0)
		appendStringInfo(&text, ", line " INT64_FORMAT, place->line);
	if (column != NULL)
		appendStringInfo(&text, ", column \"%s\"", column);
	errcontext("%s", text.data);
}

/* Evaluate the keys and open the source. */
static void
open_source(BatchScan *scan, ForeignScanState *node)
{
	MemoryContext old = MemoryContextSwitchTo(scan->run_cxt);
	BatchRequest *request;

	if (scan->order != NULL)
		batch_order_reset(scan->order);
	request = batch_keys_evaluate(scan->o, RelationGetRelid(node->ss.ss_currentRelation),
								  scan->attnums, scan->keys, scan->kinds,
								  node->ss.ps.ps_ExprContext, scan->order);
	if (!request->nothing && scan->o->url == NULL && scan->o->api_key == NULL)
	{
		MemoryContextSwitchTo(scan->cxt);
		batch_options_load_mapping(scan->o, scan->userid);
		MemoryContextSwitchTo(scan->run_cxt);
	}
	scan->source = batch_source_open(scan->o, request, &scan->stats, &scan->place);
	MemoryContextSwitchTo(old);
}

/* Fill the slot with the next row, or leave it empty at the end. */
void
batch_scan_next(ForeignScanState *node, TupleTableSlot *slot)
{
	BatchScan  *scan = node->fdw_state;
	ErrorContextCallback context = {
		.previous = error_context_stack,
		.callback = scan_context,
		.arg = scan
	};
	MemoryContext row;
	bool		found;

	ExecClearTuple(slot);
	error_context_stack = &context;
	if (scan->source == NULL)
		open_source(scan, node);
	row = MemoryContextSwitchTo(scan->run_cxt);
	found = !scan->ended && batch_source_next(scan->source);
	MemoryContextSwitchTo(row);
	if (found)
		batch_columns_fill(scan->columns, &scan->place, slot);
	if (found && scan->order != NULL && !batch_order_next(scan->order, slot))
	{
		scan->ended = true;
		ExecClearTuple(slot);
	}
	error_context_stack = context.previous;
}

/* Begin again: what was asked for is asked for again at the next row. */
void
batch_scan_restart(ForeignScanState *node)
{
	BatchScan  *scan = node->fdw_state;

	scan->source = NULL;
	scan->ended = false;
	memset(&scan->place, 0, sizeof(scan->place));
	MemoryContextReset(scan->run_cxt);
}

/* End an execution, successful or not read to its end. */
void
batch_scan_end(ForeignScanState *node)
{
	BatchScan  *scan = node->fdw_state;

	if (scan != NULL)
		MemoryContextDelete(scan->cxt);
	node->fdw_state = NULL;
}

/* Get what an execution did; NULL where nothing is executed. */
const BatchStats *
batch_scan_stats(ForeignScanState *node)
{
	return node->fdw_state ? &((BatchScan *) node->fdw_state)->stats : NULL;
}
