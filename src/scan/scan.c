/*
 * scan.c
 *	  One execution of a plan: a query, evaluated, and its rows.
 *
 * Beginning asks for nothing.  A scan is in one of the states of BatchScanState:
 *
 *	  state			the next row
 *	  BEGUN			evaluates the keys and opens the source; then READING
 *	  JOINED		(a worker) as BEGUN while there are parts to claim; else ENDED
 *	  SHARED		(a leader) is the source's first: it was prepared; READING
 *	  READING		is the source's, and is kept where the executor may rewind
 *	  REPLAYING		is one that was kept; after the last of them READING
 *	  RESTARTED		evaluates the keys: where they are those of the rows that
 *					were kept, REPLAYING; else all is dropped, and as BEGUN
 *	  ENDED			there is none; nothing is held but rows that were kept
 *
 * A rescan is RESTARTED, but for a scan that has not given a row since it was
 * BEGUN, JOINED or SHARED.  Where the executor did not say that it would rewind,
 * no row is kept, and all is asked for again; jobs that were answered by id are
 * remembered in either case.
 */
#include "compat.h"
#include "plan/plan.h"
#include "scan/scan.h"

#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

typedef enum BatchScanState
{
	SCAN_BEGUN,
	SCAN_JOINED,
	SCAN_SHARED,
	SCAN_READING,
	SCAN_REPLAYING,
	SCAN_RESTARTED,
	SCAN_ENDED
} BatchScanState;

typedef struct BatchScan
{
	BatchScanState state;
	MemoryContext cxt;			/* of the execution */
	MemoryContext run_cxt;		/* of the source: from one rescan to the next */
	BatchOptions *o;
	Oid			userid;
	bool		has_key;		/* the mapping was looked up */
	BatchPlan  *plan;
	List	   *keys;			/* of ExprState, one per match of the plan */
	List	   *lacks;			/* of BatchLack: wanted, and not in a listing */
	bool		by_state;		/* what is given depends on jobs' states */
	BatchRows  *rows;
	BatchOrderCheck *order;		/* NULL where no order is relied on */
	BatchReuse	reuse;			/* what goes on from one rescan to the next */
	BatchClaims claims;			/* of the parts of a job */
	BatchPace	pace;			/* of requests */
	BatchQuery *query;			/* what the source was opened for; in run_cxt */
	Tuplestorestate *store;		/* rows to replay, or NULL */
	TupleTableSlot *replay;		/* of the store; NULL where it is not read */
	BatchStats	stats;
	BatchProgress *progress;
} BatchScan;

/* Make what the rows of a rewinding scan are kept in; the query owns it. */
static void
open_store(BatchScan *scan, ForeignScanState *node)
{
	scan->store = tuplestore_begin_heap(false, false, work_mem);
	tuplestore_set_eflags(scan->store, EXEC_FLAG_REWIND);
	scan->replay = ExecInitExtraTupleSlot(node->ss.ps.state, RelationGetDescr(node->ss.ss_currentRelation),
										  &TTSOpsMinimalTuple);
}

/* Load what a scan needs of its table and its plan, in the current context. */
static void
load_scan(BatchScan *scan, ForeignScanState *node)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	Relation	rel = node->ss.ss_currentRelation;

	scan->o = batch_options_load(RelationGetRelid(rel));
	scan->plan = batch_private_read(plan);
	batch_changed_check(scan->o, rel, scan->plan, plan->scan.plan.parallel_aware);
	scan->reuse.spool = scan->o->result_once ? batch_spool_open() : NULL;
	scan->reuse.answered = scan->o->resource == BATCH_JOBS ? batch_strmap_open() : NULL;
	scan->reuse.told = batch_strmap_open();
	scan->reuse.claims = &scan->claims;
	scan->reuse.pace = &scan->pace;
	scan->userid = batch_compat_scan_user(plan, node->ss.ps.state);
	scan->lacks = batch_narrow_lacks(scan->o, RelationGetRelid(rel), scan->plan->attnums);
	scan->by_state = batch_narrow_is_by_state(scan->o, RelationGetRelid(rel), scan->plan->attnums,
											  scan->lacks);
	scan->rows = batch_rows_open(rel, scan->plan->attnums, scan->userid, scan->o, &scan->stats);
	scan->progress = batch_progress_open(rel, &scan->stats);
	if (scan->plan->order_column != 0)
		scan->order = batch_order_check_open(rel, scan->plan->order_column, scan->plan->descending);
}

/* Prepare an execution; nothing that can fail remotely. */
void
batch_scan_begin(ForeignScanState *node, int eflags)
{
	EState	   *estate = node->ss.ps.state;
	MemoryContext cxt,
				old;
	BatchScan  *scan;

	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	cxt = AllocSetContextCreate(estate->es_query_cxt, "batch_fdw scan",
								ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(cxt);
	scan = palloc0(sizeof(BatchScan));
	scan->state = SCAN_BEGUN;
	scan->cxt = cxt;
	scan->run_cxt = AllocSetContextCreate(cxt, "batch_fdw source",
										  ALLOCSET_DEFAULT_SIZES);
	load_scan(scan, node);
	MemoryContextSwitchTo(estate->es_query_cxt);
	scan->keys = ExecInitExprList(((ForeignScan *) node->ss.ps.plan)->fdw_exprs, (PlanState *) node);
	if (eflags & EXEC_FLAG_REWIND)
		open_store(scan, node);
	MemoryContextSwitchTo(old);
	node->fdw_state = scan;
}

/* Evaluate the keys, into the current context. */
static BatchQuery *
evaluate(BatchScan *scan, ForeignScanState *node)
{
	BatchQuery *query;

	if (scan->order != NULL)
		batch_order_check_reset(scan->order);
	query = batch_query_evaluate(scan->o, scan->plan->matches, scan->keys,
								 node->ss.ps.ps_ExprContext, scan->order);
	query->lacks = scan->lacks;
	query->by_state = scan->by_state;
	return query;
}

/* Open the source for the keys as they are now; it and they are run_cxt's. */
static void
open_source(BatchScan *scan, ForeignScanState *node)
{
	MemoryContext old = MemoryContextSwitchTo(scan->run_cxt);

	scan->query = evaluate(scan, node);
	if (!scan->query->nothing && scan->o->url == NULL && !scan->has_key)
	{
		MemoryContextSwitchTo(scan->cxt);
		batch_mapping_load(scan->o, scan->userid);
		scan->has_key = true;
		MemoryContextSwitchTo(scan->run_cxt);
	}
	batch_rows_begin(scan->rows, scan->query, &scan->reuse,
					 node->ss.ps.state->es_epq_active != NULL);
	MemoryContextSwitchTo(old);
	scan->state = SCAN_READING;
}

/* Drop the source and what was kept of its rows. */
static void
drop_source(BatchScan *scan)
{
	scan->query = NULL;
	batch_rows_reset(scan->rows);
	MemoryContextReset(scan->run_cxt);
	if (scan->store != NULL)
		tuplestore_clear(scan->store);
	scan->state = SCAN_BEGUN;
}

/*
 * Begin a rescan: replay what was kept if the keys are the same, else drop it.
 *
 * An order is watched anew from the first row on, so a scan that relies on one
 * is not replayed halfway.
 */
static void
begin_rescan(BatchScan *scan, ForeignScanState *node)
{
	if (scan->store == NULL || (scan->order != NULL && !batch_rows_ended(scan->rows)) ||
		!batch_query_equal(scan->query, evaluate(scan, node)))
	{
		drop_source(scan);
		return;
	}
	tuplestore_rescan(scan->store);
	scan->state = SCAN_REPLAYING;
}

/*
 * Fill the slot with the next kept row; after the last the source goes on.
 *
 * A store on disk hands out a tuple in the current context, which may be reset
 * before the next call: so the tuple goes as soon as it is copied.
 */
static void
replay_row(BatchScan *scan, TupleTableSlot *slot)
{
	if (tuplestore_ateof(scan->store) ||
		!tuplestore_gettupleslot(scan->store, true, false, scan->replay))
	{
		scan->state = SCAN_READING;
		return;
	}
	ExecCopySlot(slot, scan->replay);
	ExecClearTuple(scan->replay);
}

/* Fill the slot with the next row of the source, if there is one. */
static void
read_row(BatchScan *scan, TupleTableSlot *slot)
{
	if (!batch_rows_next(scan->rows, slot))
		scan->state = SCAN_ENDED;
	else if (scan->order != NULL && !batch_order_check_next(scan->order, slot))
	{
		scan->state = SCAN_ENDED;
		batch_rows_close(scan->rows);
		ExecClearTuple(slot);
	}
	else if (scan->store != NULL)
		tuplestore_puttupleslot(scan->store, slot);
	if (scan->state == SCAN_ENDED)
		batch_progress_end(scan->progress);
	else
		batch_progress_count(scan->progress);
}

/* Come to a state in which there are rows, or no more of them. */
static void
advance(BatchScan *scan, ForeignScanState *node)
{
	if (scan->state == SCAN_RESTARTED)
		begin_rescan(scan, node);
	if (scan->state == SCAN_JOINED)
		scan->state = batch_claims_has_next(&scan->claims) ? SCAN_BEGUN : SCAN_ENDED;
	if (scan->state == SCAN_BEGUN)
		open_source(scan, node);
	if (scan->state == SCAN_SHARED)
		scan->state = SCAN_READING;
}

/* Name a scan in the context of what is raised; gives the context to restore. */
static ErrorContextCallback *
enter_context(BatchScan *scan, ErrorContextCallback *context)
{
	context->previous = error_context_stack;
	context->callback = batch_rows_context;
	context->arg = scan->rows;
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
	advance(scan, node);
	if (scan->state == SCAN_REPLAYING)
		replay_row(scan, slot);
	if (scan->state == SCAN_READING)
		read_row(scan, slot);
	if (scan->state == SCAN_ENDED && scan->claims.joined)
		batch_claims_await(&scan->claims, &scan->stats);
	error_context_stack = previous;
}

/* Begin again, maybe with other keys: they are evaluated at the next row. */
void
batch_scan_restart(ForeignScanState *node)
{
	BatchScan  *scan = node->fdw_state;

	if (scan->state == SCAN_READING || scan->state == SCAN_REPLAYING || scan->state == SCAN_ENDED)
		scan->state = SCAN_RESTARTED;
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

	if (scan->store != NULL)
	{
		tuplestore_end(scan->store);
		scan->store = NULL;
	}
	memset(&scan->claims, 0, sizeof(scan->claims));
	drop_source(scan);
	open_source(scan, node);
	batch_rows_prepare(scan->rows);
	batch_claims_share(shared, &scan->claims, scan->o->max_connections,
					   pcxt->nworkers + 1);
	scan->state = SCAN_SHARED;
	error_context_stack = previous;
}

/* Share the parts with others, in a worker; asks for nothing yet. */
void
batch_scan_join(ForeignScanState *node, void *shared)
{
	BatchScan  *scan = node->fdw_state;

	batch_claims_join(shared, &scan->claims);
	scan->state = SCAN_JOINED;
}

/* Have no more to do with shared memory, which may go; no more rows are wanted. */
void
batch_scan_leave(ForeignScanState *node)
{
	BatchScan  *scan = node->fdw_state;

	if (scan == NULL || scan->claims.shared == NULL)
		return;
	batch_claims_leave(&scan->claims, &scan->stats);
	batch_rows_close(scan->rows);
	scan->state = SCAN_ENDED;
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
	if (scan->reuse.spool != NULL)
		batch_spool_close(scan->reuse.spool);
	batch_rows_report(scan->rows);
	batch_progress_end(scan->progress);
	batch_statistics_log(node->ss.ss_currentRelation, &scan->stats);
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
