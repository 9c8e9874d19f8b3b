/*
 * batch_fdw.c
 *	  The switchboard: PostgreSQL's callbacks, in the order of their calls.
 *
 * A scan goes through the folders of src/ in one direction, pulled by the
 * executor one row at a time:
 *
 *	  options ---> plan ---> scan ---> jobs ---> fetch ---> network
 *							  |			|		   |
 *							  v			v		   v
 *						   values --> json <-------'
 *
 *	  options	what the user set, validated and loaded
 *	  plan		quals to requests: what a plan carries, costs, EXPLAIN
 *	  scan		one execution: rows from records, good and bad ones
 *	  values	slices of JSON to Datums
 *	  jobs		what is asked for to jobs, and jobs to records
 *	  fetch		URLs to bytes, and bytes to lines
 *	  json		JSON text to slices and scalars
 *
 * A call goes along an arrow, never against it; what a lower stage needs of a
 * higher one comes as a parameter or a function pointer.  Every stage has the
 * verbs open, next and close.  What a stage acquires belongs to the memory
 * context that was current when it was opened; deleting that context is a
 * complete close, and the only one that an error performs.
 *
 * What else can be called from SQL is in src/functions.c.
 */
#include "postgres.h"

#include "compat.h"
#include "options/options.h"
#include "plan/plan.h"
#include "scan/scan.h"

#include "access/reloptions.h"
#include "commands/explain.h"
#include "fmgr.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);
extern PGDLLEXPORT Datum batch_fdw_handler(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_validator(PG_FUNCTION_ARGS);

PG_FUNCTION_INFO_V1(batch_fdw_handler);
PG_FUNCTION_INFO_V1(batch_fdw_validator);

/* Be loaded. */
void
_PG_init(void)
{
	batch_rejects_init();
	batch_settings_init();
}

/* Check the options of an object, as CREATE and ALTER set them. */
Datum
batch_fdw_validator(PG_FUNCTION_ARGS)
{
	batch_validate_object(untransformRelOptions(PG_GETARG_DATUM(0)),
						   PG_GETARG_OID(1));
	PG_RETURN_VOID();
}

/* Make the tables of a vendor. */
static List *
import_foreign_schema(ImportForeignSchemaStmt *stmt, Oid serverid)
{
	batch_import_schema(stmt, serverid, batch_infer_import);
	return NIL;					/* they are made, and commented on */
}

/* Estimate the rows. */
static void
get_foreign_rel_size(PlannerInfo *root, RelOptInfo *rel, Oid relid)
{
	batch_plan_size(root, rel, relid);
}

/* Offer the ways to read the table. */
static void
get_foreign_paths(PlannerInfo *root, RelOptInfo *rel, Oid relid)
{
	(void) relid;
	batch_costs_add_paths(root, rel);
}

/* Make a plan of the way that was chosen. */
static ForeignScan *
get_foreign_plan(PlannerInfo *root, RelOptInfo *rel, Oid relid,
				 ForeignPath *path, List *tlist, List *clauses, Plan *outer)
{
	(void) relid;
	return batch_plan_scan(root, rel, &path->path, tlist, clauses, outer);
}

/* Give the next row. */
static TupleTableSlot *
iterate_foreign_scan(ForeignScanState *node)
{
	batch_scan_next(node, node->ss.ss_ScanTupleSlot);
	return node->ss.ss_ScanTupleSlot;
}

/* Begin again, maybe with other parameters. */
static void
rescan_foreign_scan(ForeignScanState *node)
{
	batch_scan_restart(node);
}

/* End an execution. */
static void
end_foreign_scan(ForeignScanState *node)
{
	batch_scan_end(node);
}

/* Tell whether workers may read the table. */
static bool
is_foreign_scan_parallel_safe(PlannerInfo *root, RelOptInfo *rel, RangeTblEntry *rte)
{
	(void) root;
	(void) rel;
	return batch_plan_is_parallel(batch_options_load(rte->relid));
}

/* Tell the shared memory that a parallel scan wants. */
static Size
estimate_dsm_foreign_scan(ForeignScanState *node, ParallelContext *pcxt)
{
	(void) node;
	(void) pcxt;
	return batch_claims_size();
}

/* Prepare for workers, in the leader. */
static void
initialize_dsm_foreign_scan(ForeignScanState *node, ParallelContext *pcxt, void *shared)
{
	batch_scan_share(node, pcxt, shared);
}

/* Prepare for workers again, before a rescan. */
static void
reinitialize_dsm_foreign_scan(ForeignScanState *node, ParallelContext *pcxt, void *shared)
{
	batch_scan_share(node, pcxt, shared);
}

/* Share the scan with the leader, in a worker. */
static void
initialize_worker_foreign_scan(ForeignScanState *node, shm_toc *toc, void *shared)
{
	(void) toc;
	batch_scan_join(node, shared);
}

/* Let go of shared memory; a serial scan may go on. */
static void
shutdown_foreign_scan(ForeignScanState *node)
{
	batch_scan_leave(node);
}

/* Show a plan, and what its execution did. */
static void
explain_foreign_scan(ForeignScanState *node, ExplainState *es)
{
	batch_explain_scan(node, batch_scan_options(node), batch_scan_stats(node), es);
}

/* Tell whether a table can be sampled, and how. */
static bool
analyze_foreign_table(Relation rel, AcquireSampleRowsFunc *func, BlockNumber *pages)
{
	return batch_analyze_table(rel, func, pages);
}

/* Hand PostgreSQL the callbacks. */
Datum
batch_fdw_handler(PG_FUNCTION_ARGS)
{
	FdwRoutine *routine = makeNode(FdwRoutine);

	(void) fcinfo;
	routine->ImportForeignSchema = import_foreign_schema;
	routine->GetForeignRelSize = get_foreign_rel_size;
	routine->GetForeignPaths = get_foreign_paths;
	routine->GetForeignPlan = get_foreign_plan;
	routine->BeginForeignScan = batch_scan_begin;	/* by which functions.c knows ours */
	routine->IterateForeignScan = iterate_foreign_scan;
	routine->ReScanForeignScan = rescan_foreign_scan;
	routine->EndForeignScan = end_foreign_scan;
	routine->IsForeignScanParallelSafe = is_foreign_scan_parallel_safe;
	routine->EstimateDSMForeignScan = estimate_dsm_foreign_scan;
	routine->InitializeDSMForeignScan = initialize_dsm_foreign_scan;
	routine->ReInitializeDSMForeignScan = reinitialize_dsm_foreign_scan;
	routine->InitializeWorkerForeignScan = initialize_worker_foreign_scan;
	routine->ShutdownForeignScan = shutdown_foreign_scan;
	routine->ExplainForeignScan = explain_foreign_scan;
	routine->AnalyzeForeignTable = analyze_foreign_table;
	PG_RETURN_POINTER(routine);
}
