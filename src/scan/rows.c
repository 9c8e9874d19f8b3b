/*
 * rows.c
 *	  What is asked for --> rows in a slot: a source, columns and tolerance.
 *
 *	  source --> columns --------------> slot
 *		  \----> lenient --> columns --/		where on_error is null or skip
 *
 * The rows of one table, for a scan and for ANALYZE.  They are opened once and
 * begun for each query; their end is the end of the source, which then holds
 * nothing any more.
 */
#include "scan/scan.h"

#include "utils/memutils.h"

struct BatchRows
{
	const BatchOptions *o;
	BatchStats *stats;
	BatchColumns *columns;
	BatchRejects *rejects;		/* NULL where what is bad is an error, and so is a job without results */
	BatchLenient *lenient;		/* NULL where what is bad is an error */
	MemoryContext cxt;			/* of the source */
	BatchSource *source;		/* NULL before the rows are begun */
	BatchPlace	place;			/* of the source's record */
	bool		ended;
	bool		partial;		/* some rows were not read, or by other processes */
	char	   *table;			/* its name */
};

#define FEW_RECORDS 10			/* of fewer nothing is told that none of them has */

/*
 * Open the rows of a table, of which the columns are wanted, as a user; o and
 * stats must live as long.  Belongs to the current context; asks for nothing.
 */
BatchRows *
batch_rows_open(Relation rel, List *attnums, Oid userid, const BatchOptions *o,
				BatchStats *stats)
{
	BatchRows  *r = palloc0(sizeof(BatchRows));

	r->o = o;
	r->stats = stats;
	r->table = pstrdup(RelationGetRelationName(rel));
	r->columns = batch_columns_open(rel, attnums, o);
	if (o->on_error != BATCH_ERRORS_RAISE || o->on_incomplete == BATCH_INCOMPLETE_SKIP)
		r->rejects = batch_rejects_open(rel, userid, o, stats);
	if (o->on_error == BATCH_ERRORS_RAISE)
		return r;
	r->lenient = batch_lenient_open(r->columns, RelationGetDescr(rel), r->rejects, o,
									&r->place);
	return r;
}

/* Keep account of a job that is passed over, since it has nothing to give. */
static void
pass_job(void *rows, const BatchPlace *place, const BatchTrouble *trouble)
{
	batch_rejects_add_job(((BatchRows *) rows)->rejects, place, trouble);
}

/*
 * Begin the rows of a query, in the current context, which is reset only after
 * batch_rows_reset.  Rows that are checked again reject for the scan that gave
 * them.
 */
void
batch_rows_begin(BatchRows *r, const BatchQuery *query, const BatchReuse *reuse,
				 bool is_recheck)
{
	BatchPasser passer = {.pass = r->rejects ? pass_job : NULL, .arg = r};

	if (r->rejects != NULL)
		batch_rejects_begin(r->rejects, is_recheck);
	r->cxt = CurrentMemoryContext;
	r->ended = false;
	r->partial |= reuse->claims->joined;
	r->source = batch_source_open(r->o, query, reuse, &passer, r->stats, &r->place);
}

/* Ask for the first job with results, so that its parts are known and can be shared. */
void
batch_rows_prepare(BatchRows *r)
{
	MemoryContext old = MemoryContextSwitchTo(r->cxt);

	r->partial = true;
	batch_source_prepare(r->source);
	MemoryContextSwitchTo(old);
}

/*
 * Fill a slot with the next row; false at the end.  Its values belong to the
 * current context or are valid until the next call.
 */
bool
batch_rows_next(BatchRows *r, TupleTableSlot *slot)
{
	MemoryContext row;

	if (r->ended)
		return false;
	row = MemoryContextSwitchTo(r->cxt);
	r->ended = r->lenient ? !batch_lenient_next(r->lenient, r->source, slot) :
		!batch_source_next(r->source);
	MemoryContextSwitchTo(row);
	if (!r->ended && r->lenient == NULL)
		batch_columns_fill(r->columns, &r->place, slot);
	return !r->ended;
}

/* Tell whether all rows were given. */
bool
batch_rows_ended(const BatchRows *r)
{
	return r->ended;
}

/* End the rows before their end: what they hold is released. */
void
batch_rows_close(BatchRows *r)
{
	r->partial |= !r->ended;
	r->ended = true;
	if (r->source != NULL)
		batch_source_close(r->source);
}

/* Forget the query, whose context is about to be reset. */
void
batch_rows_reset(BatchRows *r)
{
	r->partial |= r->source != NULL && !r->ended;
	r->source = NULL;
	memset(&r->place, 0, sizeof(r->place));
	if (r->lenient != NULL)
		batch_lenient_reset(r->lenient);
}

/* Write a number with commas between thousands. */
char *
batch_rows_write_number(int64 number)
{
	if (number < 1000)
		return psprintf(INT64_FORMAT, number);
	return psprintf("%s,%03d", batch_rows_write_number(number / 1000), (int) (number % 1000));
}

/* Tell the user of columns that no record had: their paths may be misspelt. */
static void
report_missing(const BatchRows *r)
{
	List	   *names = batch_columns_missing(r->columns);
	StringInfoData text;
	ListCell   *lc;

	if (names == NIL)
		return;
	initStringInfo(&text);
	foreach(lc, names)
		appendStringInfo(&text, "%s\"%s\"", text.len ? ", " : "", (char *) lfirst(lc));
	ereport(NOTICE,
			(errcode(ERRCODE_SUCCESSFUL_COMPLETION),
			 list_length(names) == 1 ?
			 errmsg("column %s was found in none of %s records", text.data,
					batch_rows_write_number(batch_columns_converted(r->columns))) :
			 errmsg("columns %s were found in none of %s records", text.data,
					batch_rows_write_number(batch_columns_converted(r->columns))),
			 errhint("Check the paths of foreign table \"%s\"; a column whose path is $ shows a whole record.",
					 r->table)));
}

/* Tell the user what was rejected, and what was not found, if anything. */
void
batch_rows_report(const BatchRows *r)
{
	if (r->rejects != NULL)
		batch_rejects_report(r->rejects);
	if (r->ended && !r->partial && batch_columns_converted(r->columns) >= FEW_RECORDS)
		report_missing(r);
}

/* Tell how many results the current job tells of; -1 where it does not. */
int64
batch_rows_count(const BatchRows *r)
{
	return batch_source_count(r->source);
}

/*
 * Say where a record is, and which column of it is meant, if any, as a message
 * can tell it.
 */
char *
batch_rows_write_place(const BatchPlace *place, const char *column)
{
	StringInfoData text;

	initStringInfo(&text);
	if (place->job_id != NULL)
		appendStringInfo(&text, "job \"%s\"", batch_redact_text(place->job_id, NULL));
	if (place->part > 0)
		appendStringInfo(&text, "%spart %d", text.len ? ", " : "", place->part);
	if (place->line > 0)
		appendStringInfo(&text, ", line " INT64_FORMAT, place->line);
	if (column != NULL)
		appendStringInfo(&text, "%scolumn \"%s\"", text.len ? ", " : "",
						 batch_text_show_own(column));
	return text.data;
}

/* Say in the context of an error which job, part, line and column it is about. */
void
batch_rows_context(void *rows)
{
	BatchRows  *r = rows;
	const BatchPlace *place = &r->place;
	const char *column = batch_columns_current(r->columns);

	if (r->lenient != NULL)
		place = batch_lenient_place(r->lenient, &column);
	if (place->job_id != NULL || place->part != 0)
		errcontext("%s", batch_rows_write_place(place, column));
}
