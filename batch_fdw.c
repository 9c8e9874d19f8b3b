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
 */
#include "postgres.h"

#include "compat.h"
#include "fetch/fetch.h"
#include "json/json.h"
#include "options/options.h"
#include "plan/plan.h"
#include "scan/scan.h"

#include "access/reloptions.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "commands/explain.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);
extern PGDLLEXPORT Datum batch_fdw_handler(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_validator(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_providers(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_version(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_wait(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_rejects(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_infer(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_check(PG_FUNCTION_ARGS);

PG_FUNCTION_INFO_V1(batch_fdw_handler);
PG_FUNCTION_INFO_V1(batch_fdw_validator);
PG_FUNCTION_INFO_V1(batch_fdw_providers);
PG_FUNCTION_INFO_V1(batch_fdw_version);
PG_FUNCTION_INFO_V1(batch_fdw_wait);
PG_FUNCTION_INFO_V1(batch_fdw_rejects);
PG_FUNCTION_INFO_V1(batch_fdw_infer);
PG_FUNCTION_INFO_V1(batch_fdw_check);

/* Be loaded. */
void
_PG_init(void)
{
	batch_rejects_init();
}

/* Check the options of an object, as CREATE and ALTER set them. */
Datum
batch_fdw_validator(PG_FUNCTION_ARGS)
{
	batch_validate_object(untransformRelOptions(PG_GETARG_DATUM(0)),
						   PG_GETARG_OID(1));
	PG_RETURN_VOID();
}

/* Write the tables of a vendor. */
static List *
import_foreign_schema(ImportForeignSchemaStmt *stmt, Oid serverid)
{
	return batch_import_schema(stmt, serverid, batch_infer_import);
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

/* Prepare an execution. */
static void
begin_foreign_scan(ForeignScanState *node, int eflags)
{
	batch_scan_begin(node, eflags);
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
	routine->BeginForeignScan = begin_foreign_scan;
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

/* Show the rows of providers.c. */
Datum
batch_fdw_providers(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (const BatchSetting *s = batch_providers; s->provider; s++)
	{
		Datum		values[3] = {CStringGetTextDatum(s->provider),
			CStringGetTextDatum(s->option),
		CStringGetTextDatum(s->value)};
		bool		nulls[3] = {false, false, false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* Name the version, and those of the libraries it runs with. */
Datum
batch_fdw_version(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("batch_fdw %s, %s, %s, %s", BATCH_VERSION,
											  batch_http_library(),
											  batch_message_library(),
											  batch_inflate_library())));
}

/* Tell whether a server is one of ours. */
static bool
is_ours(Oid serverid)
{
	Oid			handler = GetForeignDataWrapper(GetForeignServer(serverid)->fdwid)->fdwhandler;

	return OidIsValid(handler) && GetFdwRoutine(handler)->BeginForeignScan == begin_foreign_scan;
}

/* Refuse a relation that the user may not read, or that is no table of ours. */
static void
check_table(Oid relid, const char *hint)
{
	AclResult	allowed = pg_class_aclcheck(relid, GetUserId(), ACL_SELECT);
	char		kind = get_rel_relkind(relid);

	if (allowed != ACLCHECK_OK)
		aclcheck_error(allowed, get_relkind_objtype(kind), get_rel_name(relid));
	if (kind != RELKIND_FOREIGN_TABLE || !is_ours(GetForeignServerIdByRelId(relid)))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a foreign table of batch_fdw", get_rel_name(relid)),
				 errhint("%s", hint)));
}

/* Refuse a server that the user may not make tables of. */
static void
check_usage(Oid serverid)
{
	AclResult	allowed = batch_compat_server_aclcheck(serverid, GetUserId());

	if (allowed != ACLCHECK_OK)
		aclcheck_error(allowed, OBJECT_FOREIGN_SERVER, GetForeignServer(serverid)->servername);
}

/* Wait until a job is finished; give its state. */
Datum
batch_fdw_wait(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	Interval   *timeout = PG_GETARG_INTERVAL_P(2);
	double		ms = timeout->time / 1000.0 +
	(timeout->day + timeout->month * (double) DAYS_PER_MONTH) * SECS_PER_DAY * 1000;

	check_table(relid, "Name the table of jobs of the job's server.");
	if (ms < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the timeout is negative")));
	PG_RETURN_TEXT_P(cstring_to_text(batch_job_wait_by_id(relid, text_to_cstring(PG_GETARG_TEXT_PP(1)), ms)));
}

/* Show what the session's last scan rejected. */
Datum
batch_fdw_rejects(PG_FUNCTION_ARGS)
{
	InitMaterializedSRF(fcinfo, 0);
	batch_rejects_show((ReturnSetInfo *) fcinfo->resultinfo);
	return (Datum) 0;
}

/*
 * Show the columns that a table's records have.  More than its columns may be
 * among them, so that it takes what it takes to make another such table.
 */
Datum
batch_fdw_infer(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_ARGISNULL(0) ? InvalidOid : PG_GETARG_OID(0);
	BatchSample sample;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("only the job's id may be null")));
	check_table(relid, "Name a table of results.");
	check_usage(GetForeignServerIdByRelId(relid));
	sample.job_id = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	sample.records = PG_GETARG_INT32(2);
	sample.depth = PG_GETARG_INT32(3);
	InitMaterializedSRF(fcinfo, 0);
	batch_infer_show((ReturnSetInfo *) fcinfo->resultinfo, relid, &sample);
	return (Datum) 0;
}

/* Show what a server's options make of its API, step by step. */
Datum
batch_fdw_check(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext cxt = AllocSetContextCreate(caller, "batch_fdw check", ALLOCSET_DEFAULT_SIZES);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid			serverid;
	ListCell   *lc;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("only the job's id may be null")));
	serverid = get_foreign_server_oid(NameStr(*PG_GETARG_NAME(0)), false);
	check_usage(serverid);
	if (!is_ours(serverid))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a server of batch_fdw", NameStr(*PG_GETARG_NAME(0)))));
	InitMaterializedSRF(fcinfo, 0);
	MemoryContextSwitchTo(cxt);
	foreach(lc, batch_check_server(serverid, PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1))))
	{
		const BatchFinding *f = lfirst(lc);
		Datum		values[6] = {CStringGetTextDatum(f->step), (Datum) 0, Int32GetDatum(f->status),
			BoolGetDatum(f->verdict == BATCH_FOUND_RIGHT), CStringGetTextDatum(f->found), (Datum) 0};
		bool		nulls[6] = {false, f->url == NULL, f->status == 0,
		f->verdict == BATCH_FOUND_NOTHING, false, f->hint == NULL};

		values[1] = f->url ? CStringGetTextDatum(f->url) : (Datum) 0;
		values[5] = f->hint ? CStringGetTextDatum(f->hint) : (Datum) 0;
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(cxt);
	return (Datum) 0;
}
