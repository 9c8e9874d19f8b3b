/*
 * infer.c
 *	  The first records of a job, or of a file --> the columns that hold them.
 *
 *	  source --> record --> shape --> columns --> batch_fdw_infer(), IMPORT
 *
 * Reads what a scan would, by one connection, and stops behind the records that
 * are wanted, or at a bound of bytes, of which it tells.  What may be downloaded
 * once only is never read for this.
 */
#include "scan/scan.h"

#include "catalog/objectaddress.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define MOST_BYTES	INT64CONST(268435456)	/* inflated, read for a sample */
#define MOST_SHOWN	60			/* characters of an example */

/* What columns are inferred from. */
typedef struct Reading
{
	const BatchOptions *o;
	const BatchSample *sample;
	BatchSource *source;
	BatchStats	stats;
	BatchPace	pace;
	BatchClaims claims;
	BatchPlace	place;
	BatchRecord *record;		/* that validates */
	BatchShape *shape;
	int64		bad;			/* records that were passed over */
} Reading;

/* Refuse a sample that nobody can take. */
static void
check_sample(const BatchOptions *o, const BatchSample *sample)
{
	if (sample->records < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the number of records must be above 0")));
	if (sample->depth < 1 || sample->depth > BATCH_MAX_STEPS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the depth must be from 1 to %d", BATCH_MAX_STEPS)));
	if (o->url != NULL && sample->job_id != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a table with a url has no jobs"),
				 errhint("Leave the job's id out.")));
	if (o->resource == BATCH_RESULTS && o->result_once)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("results that can be downloaded once only are not read to infer columns"),
				 errhint("Load them as json or jsonb, by the path $.")));
}

/* Make the query of a sample: one job, the table's own, or the newest with results. */
static BatchQuery *
make_query(const BatchOptions *o, const BatchSample *sample)
{
	BatchQuery *query = batch_narrow_open(o);

	if (sample->job_id != NULL)
	{
		char	   *id = batch_text_leave(sample->job_id);

		if (id == NULL)
			batch_job_refuse_id(sample->job_id);
		batch_narrow_to_ids(query, o, list_make1(id), true, InvalidOid);
	}
	if (o->resource == BATCH_JOBS)
		batch_narrow_to_limit(query, sample->records);
	batch_narrow_end(query, o);
	query->one_job = o->resource == BATCH_RESULTS;
	return query;
}

/* Open what is to be read; belongs to the current context. */
static Reading *
open_reading(BatchOptions *o, const BatchSample *sample)
{
	Reading    *r = palloc0(sizeof(Reading));
	BatchPasser passer = {NULL, NULL};
	BatchReuse	reuse = {.pace = &r->pace, .claims = &r->claims};

	check_sample(o, sample);
	o->max_connections = 1;
	if (o->url == NULL)
		batch_mapping_load(o, GetUserId());
	r->o = o;
	r->sample = sample;
	r->source = batch_source_open(o, make_query(o, sample), &reuse, &passer, &r->stats,
								  &r->place);
	r->record = batch_record_open(NIL);
	r->shape = batch_shape_open(sample->depth);
	return r;
}

/* Say in the context of an error which record it is about. */
static void
reading_context(void *arg)
{
	const BatchPlace *place = &((Reading *) arg)->place;

	if (place->job_id != NULL || place->part != 0)
		errcontext("%s", batch_rows_write_place(place, NULL));
}

/* Tell whether a record is good; one that is not is raised, unless on_error passes over it. */
static bool
check_record(Reading *r)
{
	bool		is_long = r->place.record.len > (size_t) r->o->max_record_size;

	if (!is_long && r->place.fault == NULL && batch_record_next(r->record, r->place.record))
		return true;
	r->bad++;
	if (r->o->on_error != BATCH_ERRORS_RAISE)
		return false;
	if (!is_long && r->place.fault != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_BAD_COPY_FILE_FORMAT),
				 errmsg("invalid CSV: %s", r->place.fault)));
	if (!is_long)
		batch_record_raise(r->record, NULL);
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("record is longer than %d bytes", r->o->max_record_size),
			 errhint("Raise max_record_size of the server.")));
}

/* Tell what the sample lacks of what was asked for. */
static void
report(const Reading *r, int records)
{
	if (r->bad > 0)
		ereport(NOTICE,
				(errcode(ERRCODE_SUCCESSFUL_COMPLETION),
				 errmsg_plural("passed over " INT64_FORMAT " bad record",
							   "passed over " INT64_FORMAT " bad records", r->bad, r->bad)));
	if (r->stats.inflated > MOST_BYTES && records < r->sample->records)
		ereport(NOTICE,
				(errcode(ERRCODE_SUCCESSFUL_COMPLETION),
				 errmsg_plural("looked at %d record only, which has " INT64_FORMAT " MB",
							   "looked at %d records only, which have " INT64_FORMAT " MB",
							   records, records, r->stats.inflated / (1024 * 1024))));
}

/* Read the records of the sample, and let go of what they came from; give their number. */
static int
read_records(Reading *r)
{
	int			records = 0;

	while (records < r->sample->records && r->stats.inflated <= MOST_BYTES &&
		   batch_source_next(r->source))
	{
		CHECK_FOR_INTERRUPTS();
		if (!check_record(r))
			continue;
		batch_shape_add(r->shape, r->place.record);
		records++;
	}
	batch_source_close(r->source);
	report(r, records);
	return records;
}

/* List the names that a table of results has before the columns of its records. */
static List *
list_reserved(const BatchOptions *o)
{
	List	   *names = list_make2("part", "line");
	const char *id;
	const char *type;

	if (o->resource == BATCH_JOBS)
		return NIL;
	if (o->url != NULL)
		return names;
	batch_import_find_id(o, &id, &type);
	names = lappend(names, unconstify(char *, id));
	return list_length(o->results_url) > 1 ? lappend(names, "file") : names;
}

/*
 * Infer the columns of the records of a sample, as BatchMember, and count the
 * records.  Belongs to the current context.
 */
static List *
infer_members(BatchOptions *o, const BatchSample *sample, int *records)
{
	Reading    *r = open_reading(o, sample);
	List	   *members;
	ErrorContextCallback context = {
		.previous = error_context_stack,
		.callback = reading_context,
		.arg = r
	};

	error_context_stack = &context;
	*records = read_records(r);
	error_context_stack = context.previous;
	members = batch_shape_list(r->shape);
	batch_names_choose(members, list_reserved(o));
	return members;
}

/* Infer the columns that IMPORT writes, as BatchInferred; see BatchInfer. */
List *
batch_infer_import(BatchOptions *o, const BatchSample *sample)
{
	int			records;
	List	   *members = infer_members(o, sample, &records);
	List	   *columns = NIL;
	ListCell   *lc;

	foreach(lc, members)
	{
		const BatchMember *m = lfirst(lc);
		BatchInferred *column = palloc0(sizeof(BatchInferred));

		column->def.name = m->name;
		column->def.type = format_type_be(m->type);
		column->def.path = m->path;
		column->comment = psprintf("%s, in " INT64_FORMAT " of %d records, null in " INT64_FORMAT,
								   m->path, m->present, records, m->nulls);
		columns = lappend(columns, column);
	}
	return columns;
}

/* Write the beginning of a value so that it can be shown to anyone. */
static char *
write_example(const char *text, const char *secret)
{
	char	   *shown = batch_redact_text(text, secret);
	int			len = strlen(shown);
	int			clipped = pg_mbcharcliplen(shown, len, MOST_SHOWN);

	return clipped == len ? shown : psprintf("%.*s...", clipped, shown);
}

/* Show the columns that are inferred for a table, one a row. */
void
batch_infer_show(ReturnSetInfo *result, Oid relid, const BatchSample *sample)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext cxt = AllocSetContextCreate(caller, "batch_fdw inference",
											  ALLOCSET_DEFAULT_SIZES);
	BatchOptions *o;
	int			records;
	ListCell   *lc;

	MemoryContextSwitchTo(cxt);
	o = batch_options_load(relid);
	foreach(lc, infer_members(o, sample, &records))
	{
		const BatchMember *m = lfirst(lc);
		Datum		values[7];
		bool		nulls[7] = {false};

		values[0] = CStringGetTextDatum(m->name);
		values[1] = CStringGetTextDatum(format_type_be(m->type));
		values[2] = CStringGetTextDatum(m->path);
		values[3] = Int64GetDatum(m->present);
		values[4] = Int64GetDatum(m->nulls);
		values[5] = PointerGetDatum(strlist_to_textarray(m->kinds));
		nulls[6] = m->example == NULL;
		if (m->example != NULL)
			values[6] = CStringGetTextDatum(write_example(m->example, o->api_key));
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(cxt);
}
