/*
 * load.c
 *	  What batch_fdw_load() asks of C: which jobs there are, and the statement
 *	  that loads one.
 *
 *	  listing, or ids --> source --> id, state, whether its results are there
 *
 * The procedure itself is in the extension's script, as each job is loaded in a
 * transaction of its own.
 */
#include "scan/scan.h"

#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* Which jobs of an ordered listing are recent enough. */
typedef struct Window
{
	const BatchOrder *order;	/* NULL: all are */
	BatchType	type;
	TimestampTz from;
	TimestampTz last;			/* of the job before */
	bool		has_last;
} Window;

/* Load the options of a table whose jobs are to be loaded one by one. */
static BatchOptions *
load_options(Oid relid)
{
	BatchOptions *o = batch_options_load(relid);

	if (o->resource != BATCH_RESULTS || o->url != NULL || o->job_id != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("foreign table \"%s\" does not have the results of many jobs",
						get_rel_name(relid)),
				 errhint("Name a table of results without the options url and job_id.")));
	return o;
}

/* Make the query of some jobs, given by texts of the database. */
static BatchQuery *
query_ids(const BatchOptions *o, List *own_ids)
{
	BatchQuery *query = batch_narrow_open(o);
	List	   *ids = NIL;
	ListCell   *lc;

	foreach(lc, own_ids)
	{
		char	   *id = batch_text_leave(lfirst(lc));

		if (id == NULL || !batch_job_is_id(o, id))
			batch_job_refuse_id(id ? id : lfirst(lc));
		ids = lappend(ids, id);
	}
	batch_narrow_to_ids(query, o, ids, false, InvalidOid);
	batch_narrow_end(query, o);
	return query;
}

/* Make the queries of the listing: one for each word, as each comes in its own order. */
static List *
query_listing(const BatchOptions *o)
{
	BatchQuery *all = batch_narrow_open(o);
	List	   *queries = NIL;
	ListCell   *lc;

	if (o->list_url == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_EXECUTION),
				 errmsg("server \"%s\" has no listing of jobs", o->server),
				 errhint("Name the jobs: jobs => ARRAY['...'].")));
	batch_narrow_end(all, o);
	if (all->filter == NULL)
		return list_make1(all);
	foreach(lc, all->words)
	{
		BatchQuery *query = palloc(sizeof(BatchQuery));

		*query = *all;
		query->words = list_make1(lfirst(lc));
		queries = lappend(queries, query);
	}
	return queries;
}

/* Have listed jobs that tell no status asked for by their ids. */
static List *
list_lacks(const BatchOptions *o)
{
	BatchLack  *lack = palloc0(sizeof(BatchLack));

	lack->path = o->status_path;
	return list_make1(lack);
}

/* Open the window of the jobs that are younger than since, which may be NULL. */
static Window *
open_window(const BatchOptions *o, Interval *since)
{
	Window	   *w = palloc0(sizeof(Window));

	if (since == NULL)
		return w;
	if (o->list_order == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				 errmsg("server \"%s\" has no list_order", o->server),
				 errhint("Set it, so that since can end the listing; or leave since out.")));
	w->order = o->list_order;
	batch_convert_prepare(&w->type, TIMESTAMPTZOID, -1);
	w->from = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_mi_interval,
													  TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
													  IntervalPGetDatum(since)));
	return w;
}

/* Raise that the listing does not keep to its order. */
static void
refuse_order(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROTOCOL_VIOLATION),
			 errmsg("the listing is not in the order that list_order declares"),
			 errdetail("A job %s.", what),
			 errhint("Drop list_order from the server, and leave since out.")));
}

/* Tell the time of a job by the field that the listing is ordered by. */
static TimestampTz
tell_time(Window *w, const BatchPlace *place)
{
	BatchSlice	field = batch_record_find(w->order->path, place->record);
	bool		isnull = field.ptr == NULL || *field.ptr == 'n';
	Datum		value = isnull ? 0 : batch_convert_value(&w->type, field, &isnull, NULL);

	if (isnull)
		refuse_order("has no value there");
	return DatumGetTimestampTz(value);
}

/* Tell whether a job is recent; ended is set where none that follows is. */
static bool
is_recent(Window *w, const BatchPlace *place, bool *ended)
{
	TimestampTz time;

	if (w->order == NULL)
		return true;
	time = tell_time(w, place);
	if (w->has_last && (w->order->descending ? time > w->last : time < w->last))
		refuse_order("comes after one that it should come before");
	w->last = time;
	w->has_last = true;
	*ended = w->order->descending && time < w->from;
	return time >= w->from;
}

/* Bring a text of the API into the database. */
static Datum
make_text(const char *text)
{
	return CStringGetTextDatum(batch_text_enter(pstrdup(text), strlen(text), NULL));
}

/* Give a job as a row; of one that is unknown there is an id alone. */
static void
put_job(ReturnSetInfo *result, const char *id, const char *state, bool is_ready, bool is_known)
{
	Datum		values[3] = {0};
	bool		nulls[3] = {false, state == NULL, !is_known};

	values[0] = make_text(id);
	if (state != NULL)
		values[1] = make_text(state);
	values[2] = BoolGetDatum(is_ready);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Get the id of a job; raise where a listed one has none. */
static const char *
get_id(const BatchOptions *o, const BatchPlace *place)
{
	if (place->job_id == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
				 errmsg("a listed job has no id"),
				 errhint("Check id_path and items_path of server \"%s\".", o->server)));
	return place->job_id;
}

/* Say in the context of an error which job it is about. */
static void
place_context(void *arg)
{
	const BatchPlace *place = arg;

	if (place->job_id != NULL)
		errcontext("%s", batch_rows_write_place(place, NULL));
}

/*
 * Give the jobs of a query: those named by id, which are added to met, or the
 * recent ones whose results are there.
 */
static void
read_jobs(ReturnSetInfo *result, const BatchOptions *o, const BatchQuery *query,
		  const BatchReuse *reuse, Window *window, BatchStrmap *met)
{
	BatchStats	stats = {0};
	BatchPlace	place = {.part = 0};
	BatchPasser passer = {NULL, NULL};
	BatchSource *source = batch_source_open(o, query, reuse, &passer, &stats, &place);
	MemoryContext row = AllocSetContextCreate(CurrentMemoryContext, "batch_fdw listed job",
											  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(row);
	bool		ended = false;
	ErrorContextCallback context = {
		.previous = error_context_stack,
		.callback = place_context,
		.arg = &place
	};

	error_context_stack = &context;
	window->has_last = false;
	while (!ended && batch_source_next(source))
	{
		bool		is_ready = batch_states_is_result(o, place.state);

		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(row);
		if (query->by_id || (is_recent(window, &place, &ended) && is_ready))
			put_job(result, get_id(o, &place), place.state, is_ready, true);
		if (query->by_id)
			(void) batch_strmap_add(met, place.job_id);
	}
	batch_source_close(source);
	error_context_stack = context.previous;
	MemoryContextSwitchTo(old);
}

/* Give the ids that no job was found for. */
static void
put_unknown(ReturnSetInfo *result, const BatchQuery *query, BatchStrmap *met)
{
	BatchSlice	none;
	ListCell   *lc;

	foreach(lc, query->ids)
		if (!batch_strmap_find(met, lfirst(lc), &none))
			put_job(result, lfirst(lc), NULL, false, false);
}

/*
 * List the jobs of the server of a table of results: those of the ids, texts of
 * the database, or where there are none those of the listing that have results
 * and are younger than since, which may be NULL.
 */
void
batch_load_list(ReturnSetInfo *result, Oid relid, Interval *since, List *ids)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext cxt = AllocSetContextCreate(caller, "batch_fdw load", ALLOCSET_DEFAULT_SIZES);
	BatchPace	pace = {0};
	BatchClaims claims = {0};
	BatchReuse	reuse = {.pace = &pace, .claims = &claims};
	BatchStrmap *met;
	BatchOptions *o;
	Window	   *window;
	List	   *queries;
	ListCell   *lc;

	MemoryContextSwitchTo(cxt);
	met = batch_strmap_open();
	o = load_options(relid);
	window = open_window(o, ids == NIL ? since : NULL);
	queries = ids != NIL ? list_make1(query_ids(o, ids)) : query_listing(o);
	reuse.told = batch_strmap_open();
	batch_mapping_load(o, GetUserId());
	o->resource = BATCH_JOBS;	/* from now on: the jobs, and not their results */
	foreach(lc, queries)
	{
		BatchQuery *query = lfirst(lc);

		query->lacks = list_lacks(o);
		query->by_state = true;
		read_jobs(result, o, query, &reuse, window, met);
		put_unknown(result, query, met);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(cxt);
}

/* Tell whether jobs can be asked for by values of a type. */
static bool
is_type_of_ids(Oid type)
{
	return type == TEXTOID || type == VARCHAROID || type == UUIDOID ||
		type == INT2OID || type == INT4OID || type == INT8OID;
}

/* Find the column that holds the job's id; raise where there is none. */
static Form_pg_attribute
get_id_column(const BatchOptions *o, Relation source)
{
	TupleDesc	desc = RelationGetDescr(source);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);

		if (!column->attisdropped && is_type_of_ids(column->atttypid) &&
			batch_options_load_column(o, RelationGetRelid(source), i + 1)->meta == BATCH_META_JOB_ID)
			return column;
	}
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("foreign table \"%s\" has no column of the job's id", RelationGetRelationName(source)),
			 errhint("Add one of type text: ADD COLUMN job_id text OPTIONS (meta 'job_id').")));
}

/* Tell whether a table has a column of a name that can be inserted into. */
static bool
has_column(Relation target, const char *name)
{
	TupleDesc	desc = RelationGetDescr(target);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);

		if (!column->attisdropped && strcmp(NameStr(column->attname), name) == 0)
			return column->attgenerated == '\0' && column->attidentity != ATTRIBUTE_IDENTITY_ALWAYS;
	}
	return false;
}

/* Write the columns that two tables both have; raise where they share none. */
static char *
write_columns(Relation source, Relation target)
{
	TupleDesc	desc = RelationGetDescr(source);
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);

		if (!column->attisdropped && has_column(target, NameStr(column->attname)))
			appendStringInfo(&names, "%s%s", names.len ? ", " : "",
							 quote_identifier(NameStr(column->attname)));
	}
	if (names.len == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("table \"%s\" and foreign table \"%s\" have no column of the same name",
						RelationGetRelationName(target), RelationGetRelationName(source))));
	return names.data;
}

/* Write the name of a relation with its schema. */
static char *
write_name(Relation rel)
{
	return quote_qualified_identifier(get_namespace_name(RelationGetNamespace(rel)),
									  RelationGetRelationName(rel));
}

/*
 * Write the statement that loads the results of a job into a table: the columns
 * that both have, by name.  It means the same whatever the search_path is.
 */
char *
batch_load_write(Oid source_id, Oid target_id, const char *job_id)
{
	BatchOptions *o = load_options(source_id);
	Relation	source = table_open(source_id, AccessShareLock);
	Relation	target = table_open(target_id, AccessShareLock);
	char	   *columns = write_columns(source, target);
	Form_pg_attribute id = get_id_column(o, source);
	char	   *statement = psprintf("INSERT INTO %s (%s) SELECT %s FROM %s WHERE %s OPERATOR(pg_catalog.=) %s",
									 write_name(target), columns, columns, write_name(source),
									 quote_identifier(NameStr(id->attname)),
									 quote_literal_cstr(job_id));

	table_close(target, NoLock);
	table_close(source, NoLock);
	return statement;
}
