/*
 * functions.c
 *	  What can be called by its name from SQL, but for the handler and the
 *	  validator: arguments to the stages, and what they give to results.
 */
#include "compat.h"
#include "fetch/fetch.h"
#include "jobs/jobs.h"
#include "json/json.h"
#include "options/options.h"
#include "scan/scan.h"

#include "access/htup_details.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "foreign/fdwapi.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

extern PGDLLEXPORT Datum batch_fdw_providers(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_version(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_wait(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_rejects(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_infer(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_check(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_stats(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_await(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_rejected(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_jobs(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum batch_fdw_load_statement(PG_FUNCTION_ARGS);

PG_FUNCTION_INFO_V1(batch_fdw_providers);
PG_FUNCTION_INFO_V1(batch_fdw_version);
PG_FUNCTION_INFO_V1(batch_fdw_wait);
PG_FUNCTION_INFO_V1(batch_fdw_rejects);
PG_FUNCTION_INFO_V1(batch_fdw_infer);
PG_FUNCTION_INFO_V1(batch_fdw_check);
PG_FUNCTION_INFO_V1(batch_fdw_stats);
PG_FUNCTION_INFO_V1(batch_fdw_await);
PG_FUNCTION_INFO_V1(batch_fdw_rejected);
PG_FUNCTION_INFO_V1(batch_fdw_jobs);
PG_FUNCTION_INFO_V1(batch_fdw_load_statement);

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

	return OidIsValid(handler) && GetFdwRoutine(handler)->BeginForeignScan == batch_scan_begin;
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

/* Read a time to wait, in milliseconds. */
static double
read_timeout(const Interval *timeout)
{
	double		ms = timeout->time / 1000.0 +
	(timeout->day + timeout->month * (double) DAYS_PER_MONTH) * SECS_PER_DAY * 1000;

	if (ms < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the timeout is negative")));
	return ms;
}

/* Wait until a job is finished; give its state. */
Datum
batch_fdw_wait(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);

	check_table(relid, "Name the table of jobs of the job's server.");
	PG_RETURN_TEXT_P(cstring_to_text(batch_job_wait_by_id(relid, text_to_cstring(PG_GETARG_TEXT_PP(1)),
														  read_timeout(PG_GETARG_INTERVAL_P(2)))));
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

/* Show what the requests of this session came to. */
Datum
batch_fdw_stats(PG_FUNCTION_ARGS)
{
	InitMaterializedSRF(fcinfo, 0);
	batch_statistics_show((ReturnSetInfo *) fcinfo->resultinfo);
	return (Datum) 0;
}

/* Tell how much this session has rejected so far. */
Datum
batch_fdw_rejected(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_INT64(batch_rejects_total());
}

/* List the texts of an array that are not NULL. */
static List *
list_texts(ArrayType *array)
{
	List	   *texts = NIL;
	Datum	   *values;
	bool	   *nulls;
	int			n;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, &n);
	for (int i = 0; i < n; i++)
		if (!nulls[i])
			texts = lappend(texts, TextDatumGetCString(values[i]));
	return texts;
}

/* List jobs: those of some ids, or those of the listing whose results are there. */
Datum
batch_fdw_jobs(PG_FUNCTION_ARGS)
{
	List	   *ids = PG_ARGISNULL(2) ? NIL : list_texts(PG_GETARG_ARRAYTYPE_P(2));

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || (!PG_ARGISNULL(2) && ids == NIL))
		return (Datum) 0;
	check_table(PG_GETARG_OID(0), "Name a table of results.");
	batch_load_list((ReturnSetInfo *) fcinfo->resultinfo, PG_GETARG_OID(0),
					PG_ARGISNULL(1) ? NULL : PG_GETARG_INTERVAL_P(1), ids);
	return (Datum) 0;
}

/* Write the statement that loads a job's results into a table. */
Datum
batch_fdw_load_statement(PG_FUNCTION_ARGS)
{
	Oid			source = PG_GETARG_OID(0);
	char	   *job_id = text_to_cstring(PG_GETARG_TEXT_PP(2));

	check_table(source, "Name a table of results.");
	PG_RETURN_TEXT_P(cstring_to_text(batch_load_write(source, PG_GETARG_OID(1), job_id)));
}

/* Wait until jobs are finished, without a snapshot in between; give their states. */
Datum
batch_fdw_await(PG_FUNCTION_ARGS)
{
	TupleDesc	desc;
	Datum		states;
	bool		isnull = false;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the table, the ids and the timeout may not be null")));
	check_table(PG_GETARG_OID(0), "Name the table of jobs of the jobs' server.");
	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		castNode(CallContext, fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("batch_fdw_await cannot be called in a transaction block or a function"),
				 errhint("batch_fdw_wait can, but holds a snapshot while it waits.")));
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	states = batch_await_wait(PG_GETARG_OID(0), list_texts(PG_GETARG_ARRAYTYPE_P(1)),
							  read_timeout(PG_GETARG_INTERVAL_P(2)));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, &states, &isnull)));
}
