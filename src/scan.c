/*
 * scan.c
 *	  One execution of a plan: source --> columns --> slot.
 *
 * Beginning asks for nothing; the first row evaluates the keys, looks up the
 * user mapping and opens the source.  A rescan evaluates the keys again at its
 * first row.  Where the executor said that it would rewind, rows are kept, and
 * the same keys replay them; else they are asked for again.  Jobs that were
 * answered by id are remembered in either case.
 */
#include "batch_fdw.h"

#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

typedef struct BatchScan
{
	MemoryContext cxt;			/* of the execution */
	MemoryContext run_cxt;		/* of the source: from one rescan to the next */
	BatchOptions *o;
	Oid			userid;
	bool		has_key;		/* the mapping was looked up */
	BatchPlan  *plan;
	List	   *keys;			/* of ExprState, one per match of the plan */
	List	   *lacks;			/* of BatchLack: wanted, and not in a listing */
	BatchColumns *columns;
	BatchRejects *rejects;		/* NULL where what is bad is an error */
	BatchBatches *batches;		/* likewise */
	BatchOrderCheck *order;		/* NULL where no order is relied on */
	BatchSeen  *answered;		/* jobs by id; NULL for results */
	BatchSpool *spool;			/* of single-use results, or NULL */
	BatchClaims claims;			/* of the parts of a job */
	bool		is_worker;		/* it shares them with a leader */
	bool		prepared;		/* the source is at its first row, for others too */
	BatchRequest *request;		/* what the source was opened for */
	BatchSource *source;		/* NULL before the first row */
	bool		rewound;		/* the next row is the first of a rescan */
	bool		ended;			/* no more rows of the source */
	Tuplestorestate *store;		/* rows to replay, or NULL */
	TupleTableSlot *replay;		/* of the store; NULL where it is not read */
	BatchPlace	place;
	BatchStats	stats;
} BatchScan;

/* Prepare to pass over what is bad, in the current context. */
static void
open_batches(BatchScan *scan, Relation rel)
{
	scan->rejects = batch_rejects_open(rel, scan->userid, scan->o, &scan->stats);
	scan->batches = batch_batches_open(scan->columns, RelationGetDescr(rel), scan->rejects,
									   scan->o, &scan->stats, &scan->place);
}

/* Make what the rows of a rewinding scan are kept in; the query owns it. */
static void
open_store(BatchScan *scan, ForeignScanState *node)
{
	scan->store = tuplestore_begin_heap(false, false, work_mem);
	tuplestore_set_eflags(scan->store, EXEC_FLAG_REWIND);
	scan->replay = ExecInitExtraTupleSlot(node->ss.ps.state, RelationGetDescr(node->ss.ss_currentRelation),
										  &TTSOpsMinimalTuple);
}

/* Prepare an execution; nothing that can fail remotely. */
void
batch_scan_begin(ForeignScanState *node, int eflags)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	EState	   *estate = node->ss.ps.state;
	Relation	rel = node->ss.ss_currentRelation;
	MemoryContext cxt,
				old;
	BatchScan  *scan;

	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	cxt = AllocSetContextCreate(estate->es_query_cxt, "batch_fdw scan",
								ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(cxt);
	scan = palloc0(sizeof(BatchScan));
	scan->cxt = cxt;
	scan->run_cxt = AllocSetContextCreate(cxt, "batch_fdw source",
										  ALLOCSET_DEFAULT_SIZES);
	scan->o = batch_options_load(RelationGetRelid(rel));
	scan->plan = batch_private_read(plan);
	batch_match_check(scan->o, rel, scan->plan, plan->scan.plan.parallel_aware);
	scan->spool = scan->o->result_once ? batch_spool_open() : NULL;
	scan->answered = scan->o->resource == BATCH_JOBS ? batch_seen_open() : NULL;
	scan->userid = batch_compat_scan_user(plan, estate);
	scan->lacks = batch_keys_lacks(scan->o, RelationGetRelid(rel), scan->plan->attnums);
	scan->columns = batch_columns_open(rel, scan->plan->attnums, scan->o);
	if (scan->plan->order_column != 0)
		scan->order = batch_order_open(rel, scan->plan->order_column, scan->plan->descending);
	if (scan->o->on_error != BATCH_ERRORS_RAISE)
		open_batches(scan, rel);
	MemoryContextSwitchTo(estate->es_query_cxt);
	scan->keys = ExecInitExprList(plan->fdw_exprs, (PlanState *) node);
	if (eflags & EXEC_FLAG_REWIND)
		open_store(scan, node);
	MemoryContextSwitchTo(old);
	node->fdw_state = scan;
}

/* Say in the context of an error which job, part, line and column it is about. */
static void
scan_context(void *arg)
{
	BatchScan  *scan = arg;
	const BatchPlace *place = &scan->place;
	const char *column = batch_columns_current(scan->columns);

	if (scan->batches != NULL)
		place = batch_batches_place(scan->batches, &column);
	if (place->job_id != NULL || place->part != 0)
		errcontext("%s", batch_place_write(place, column));
}

/* Evaluate the keys, into the current context. */
static BatchRequest *
evaluate(BatchScan *scan, ForeignScanState *node)
{
	BatchRequest *request;

	if (scan->order != NULL)
		batch_order_reset(scan->order);
	request = batch_keys_evaluate(scan->o, scan->plan->matches, scan->keys,
								  node->ss.ps.ps_ExprContext, scan->order);
	request->lacks = scan->lacks;
	return request;
}

/* Open the source for the keys as they are now; it and they are run_cxt's. */
static void
open_source(BatchScan *scan, ForeignScanState *node)
{
	MemoryContext old = MemoryContextSwitchTo(scan->run_cxt);

	if (scan->rejects != NULL)
		batch_rejects_begin(scan->rejects, node->ss.ps.state->es_epq_active != NULL);
	scan->request = evaluate(scan, node);
	if (!scan->request->nothing && scan->o->url == NULL && !scan->has_key)
	{
		MemoryContextSwitchTo(scan->cxt);
		batch_mapping_load(scan->o, scan->userid);
		scan->has_key = true;
		MemoryContextSwitchTo(scan->run_cxt);
	}
	scan->source = batch_source_open(scan->o, scan->request, scan->answered,
									 scan->spool, &scan->claims, &scan->stats,
									 &scan->place);
	MemoryContextSwitchTo(old);
}

/* Drop the source and what was kept of its rows. */
static void
drop_source(BatchScan *scan)
{
	scan->source = NULL;
	scan->request = NULL;
	scan->ended = false;
	memset(&scan->place, 0, sizeof(scan->place));
	MemoryContextReset(scan->run_cxt);
	if (scan->batches != NULL)
		batch_batches_reset(scan->batches);
	if (scan->store != NULL)
		tuplestore_clear(scan->store);
}

/*
 * Begin a rescan: replay what was kept if the keys are the same, else drop it.
 *
 * An order is watched anew from the first row on, so a scan that relies on one
 * is not replayed halfway.
 */
static void
rewind_scan(BatchScan *scan, ForeignScanState *node)
{
	scan->rewound = false;
	if (scan->source == NULL)
		return;
	if (scan->store != NULL && (scan->order == NULL || scan->ended) &&
		batch_keys_equal(scan->request, evaluate(scan, node)))
		tuplestore_rescan(scan->store);
	else
		drop_source(scan);
}

/*
 * Fill the slot with the next kept row; false where there is none.
 *
 * A store on disk hands out a tuple in the current context, which may be reset
 * before the next call: so the tuple goes as soon as it is copied.
 */
static bool
replay_row(BatchScan *scan, TupleTableSlot *slot)
{
	if (scan->store == NULL || tuplestore_ateof(scan->store) ||
		!tuplestore_gettupleslot(scan->store, true, false, scan->replay))
		return false;
	ExecCopySlot(slot, scan->replay);
	ExecClearTuple(scan->replay);
	return true;
}

/* Fill the slot with the next row of the source; false at its end. */
static bool
read_row(BatchScan *scan, TupleTableSlot *slot)
{
	MemoryContext row = MemoryContextSwitchTo(scan->run_cxt);

	if (!scan->ended)
		scan->ended = scan->batches ? !batch_batches_next(scan->batches, scan->source, slot) :
			!batch_source_next(scan->source);
	MemoryContextSwitchTo(row);
	if (scan->ended)
		return false;
	if (scan->batches == NULL)
		batch_columns_fill(scan->columns, &scan->place, slot);
	if (scan->order != NULL && !batch_order_next(scan->order, slot))
	{
		scan->ended = true;
		batch_source_close(scan->source);
		ExecClearTuple(slot);
		return false;
	}
	if (scan->store != NULL)
		tuplestore_puttupleslot(scan->store, slot);
	return true;
}

/* Name a scan in the context of what is raised; gives the context to restore. */
static ErrorContextCallback *
enter_context(BatchScan *scan, ErrorContextCallback *context)
{
	context->previous = error_context_stack;
	context->callback = scan_context;
	context->arg = scan;
	error_context_stack = context;
	return context->previous;
}

/* Fill the slot with the next row, or leave it empty at the end. */
void
batch_scan_next(ForeignScanState *node, TupleTableSlot *slot)
{
	BatchScan  *scan = node->fdw_state;
	ErrorContextCallback context;
	ErrorContextCallback *previous = enter_context(scan, &context);

	ExecClearTuple(slot);
	scan->prepared = false;
	if (scan->rewound)
		rewind_scan(scan, node);
	if (scan->source == NULL && (!scan->is_worker || batch_parallel_has_next(&scan->claims)))
		open_source(scan, node);
	if (scan->source != NULL && !replay_row(scan, slot) && !read_row(scan, slot) && scan->is_worker)
		batch_parallel_await(&scan->claims, &scan->stats);
	error_context_stack = previous;
}

/* Begin again, maybe with other keys: they are evaluated at the next row. */
void
batch_scan_restart(ForeignScanState *node)
{
	BatchScan  *scan = node->fdw_state;

	scan->rewound = !scan->prepared;
}

/*
 * Prepare for workers, in the leader and for each rescan: ask for the job, so
 * that its parts are known, and let them be claimed from now on.
 *
 * The executor may tell of the rescan before this or after.
 */
void
batch_scan_share(ForeignScanState *node, ParallelContext *pcxt, void *shared)
{
	BatchScan  *scan = node->fdw_state;
	ErrorContextCallback context;
	ErrorContextCallback *previous = enter_context(scan, &context);
	MemoryContext old;

	if (scan->store != NULL)
	{
		tuplestore_end(scan->store);
		scan->store = NULL;
	}
	scan->claims.shared = NULL;
	scan->claims.nparts = 0;
	drop_source(scan);
	open_source(scan, node);
	old = MemoryContextSwitchTo(scan->run_cxt);
	batch_source_prepare(scan->source);
	MemoryContextSwitchTo(old);
	batch_parallel_share(shared, &scan->claims, scan->o->max_connections,
						 pcxt->nworkers + 1);
	scan->rewound = false;
	scan->prepared = true;
	error_context_stack = previous;
}

/* Share the parts with others, in a worker; asks for nothing yet. */
void
batch_scan_join(ForeignScanState *node, void *shared)
{
	BatchScan  *scan = node->fdw_state;

	scan->is_worker = true;
	batch_parallel_join(shared, &scan->claims);
}

/*
 * Have no more to do with shared memory, which may go: a worker leaves what it
 * did there, and the leader, who wants no more rows, takes that over.
 */
void
batch_scan_leave(ForeignScanState *node)
{
	BatchScan  *scan = node->fdw_state;

	if (scan == NULL || scan->claims.shared == NULL)
		return;
	if (scan->is_worker)
		batch_parallel_add(scan->claims.shared, &scan->stats);
	else
		batch_parallel_stop(scan->claims.shared, &scan->stats);
	scan->claims.shared = NULL;
	scan->ended = true;
	if (scan->source != NULL)
		batch_source_close(scan->source);
}

/* End an execution, successful or not read to its end. */
void
batch_scan_end(ForeignScanState *node)
{
	BatchScan  *scan = node->fdw_state;

	if (scan == NULL)
		return;
	if (scan->store != NULL)
		tuplestore_end(scan->store);
	if (scan->spool != NULL)
		batch_spool_close(scan->spool);
	if (scan->rejects != NULL)
		batch_rejects_report(scan->rejects);
	MemoryContextDelete(scan->cxt);
	node->fdw_state = NULL;
}

/* Get what an execution did; NULL where nothing is executed. */
const BatchStats *
batch_scan_stats(ForeignScanState *node)
{
	return node->fdw_state ? &((BatchScan *) node->fdw_state)->stats : NULL;
}

/* Get the options of an execution; NULL where nothing is executed. */
const BatchOptions *
batch_scan_options(ForeignScanState *node)
{
	return node->fdw_state ? ((BatchScan *) node->fdw_state)->o : NULL;
}
