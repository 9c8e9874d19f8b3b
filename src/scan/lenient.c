/*
 * lenient.c
 *	  A source whose bad records need not be good --> rows, by batches.
 *
 *	  source --> records of a batch --> values, in one try --> slot
 *											 \--> rejects
 *
 * Where on_error is null or skip, what does not fit must be caught.  On 15
 * that takes a subtransaction, which is too dear for each row, and within
 * which nothing may be read: so records are copied first, and then converted
 * together.  After one that does not fit the try begins again after it.
 *
 * The first batch is one row, and each is twice as long as the one before, so
 * that a query that wants few rows reads few; none goes on after a wait for
 * the network.  Rejects count when their row's turn comes, not before.
 */
#include "compat.h"
#include "scan/scan.h"

#include "utils/memutils.h"

#define MOST_ROWS	128			/* of a batch */
#define MOST_BYTES	(256 * 1024)	/* of its records, but for the last one */
#define KEPT_BYTES	(1024 * 1024)	/* of memory, from one batch to the next */

/* A row of a batch. */
typedef struct Row
{
	BatchPlace	place;			/* of a record that is too long: its head only */
	Datum	   *values;
	bool	   *isnull;
	bool		skipped;
	List	   *rejects;		/* of BatchReject */
} Row;

struct BatchLenient
{
	BatchColumns *columns;
	int			natts;
	BatchRejects *rejects;
	const BatchOptions *o;
	const BatchPlace *source_place;	/* of what the source gave last */
	MemoryContext cxt;			/* of the batch */
	Row		   *rows;
	int			nrows;
	int			next;			/* row to give */
	int			most;			/* rows of the next batch */
	bool		ended;			/* no more records of the source */
	int			row;			/* that is converted; from nrows on: none */
	int			column;			/* of it, to be converted next; -1: its record */
	const BatchReject *reject;	/* that is counted, or NULL */
};

/* Make batches of rows; belongs to the current context, as does all it reads. */
BatchLenient *
batch_lenient_open(BatchColumns *columns, TupleDesc desc, BatchRejects *rejects,
				   const BatchOptions *o, const BatchPlace *place)
{
	BatchLenient *b = palloc0(sizeof(BatchLenient));

	b->columns = columns;
	b->natts = desc->natts;
	b->rejects = rejects;
	b->o = o;
	b->source_place = place;
	b->cxt = AllocSetContextCreate(CurrentMemoryContext, "batch_fdw batch",
								   KEPT_BYTES, ALLOCSET_DEFAULT_INITSIZE,
								   ALLOCSET_DEFAULT_MAXSIZE);
	b->rows = palloc0(MOST_ROWS * sizeof(Row));
	batch_lenient_reset(b);
	return b;
}

/* Forget what was read, to begin with another source. */
void
batch_lenient_reset(BatchLenient *b)
{
	MemoryContextReset(b->cxt);
	b->nrows = b->next = b->row = 0;
	b->most = 1;
	b->ended = false;
	b->reject = NULL;
}

/* Copy a text, or take the copy of the same text that the row before has. */
static const char *
keep_text(const char *text, const char *before)
{
	if (text == NULL || (before != NULL && strcmp(text, before) == 0))
		return text ? before : NULL;
	return pstrdup(text);
}

/*
 * Copy the source's record and its place into the next row of the batch; a record
 * after which the batch is full stays where it is.
 */
static void
add_row(BatchLenient *b)
{
	Row		   *row = &b->rows[b->nrows];
	const BatchPlace *before = b->nrows > 0 ? &row[-1].place : NULL;
	size_t		len = b->source_place->record.len;
	char	   *copy;

	if (len > (size_t) b->o->max_record_size)
		len = Min(len, BATCH_MAX_SHOWN);
	memset(row, 0, sizeof(Row));
	row->place = *b->source_place;
	row->place.job_id = keep_text(row->place.job_id, before ? before->job_id : NULL);
	row->place.state = keep_text(row->place.state, before ? before->state : NULL);
	if (len < MOST_BYTES)
	{
		copy = palloc(len + BATCH_PADDING);
		memcpy(copy, row->place.record.ptr, len);
		memset(copy + len, 0, BATCH_PADDING);
		row->place.record.ptr = copy;
		row->place.padded = true;
	}
	row->values = palloc(b->natts * sizeof(Datum));
	row->isnull = palloc(b->natts * sizeof(bool));
	memset(row->isnull, true, b->natts * sizeof(bool));
	b->nrows++;
}

/*
 * Read the records of a batch, the source in the current context.
 *
 * A job may cost a request, so a batch of jobs is one job.
 */
static void
read_batch(BatchLenient *b, BatchSource *source)
{
	int64		waits = batch_source_waits(source);
	size_t		bytes = 0;
	int			most = b->o->resource == BATCH_JOBS ? 1 : b->most;

	MemoryContextReset(b->cxt);
	b->nrows = b->next = 0;
	b->row = MOST_ROWS;
	while (b->nrows < most && bytes < MOST_BYTES && batch_source_waits(source) == waits)
	{
		MemoryContext old;

		if (!batch_source_next(source))
		{
			b->ended = true;
			break;
		}
		old = MemoryContextSwitchTo(b->cxt);
		add_row(b);
		MemoryContextSwitchTo(old);
		bytes += b->source_place->record.len;
	}
	b->most = Min(2 * b->most, MOST_ROWS);
}

/* Convert what is left of the batch, up to what does not fit. */
static void
convert_rest(void *arg, Node *escontext)
{
	BatchLenient *b = arg;

	for (; b->row < b->nrows; b->row++)
	{
		Row		   *row = &b->rows[b->row];

		if (b->column < 0 &&
			!batch_columns_scan(b->columns, &row->place, escontext))
			return;
		b->column = Max(b->column, 0);
		if (!batch_columns_convert(b->columns, &row->place, &b->column,
								   row->values, row->isnull, escontext))
			return;
		b->column = -1;
	}
}

/*
 * Tell whether an error says that a record or a value is bad: data exceptions
 * and violated constraints, and what some input functions raise instead.
 */
static bool
is_of_data(int sqlstate, bool of_record)
{
	int			category = ERRCODE_TO_CATEGORY(sqlstate);

	return category == ERRCODE_DATA_EXCEPTION ||
		category == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION ||
		sqlstate == ERRCODE_SYNTAX_ERROR ||
		sqlstate == ERRCODE_PROGRAM_LIMIT_EXCEEDED ||
		(of_record && sqlstate == ERRCODE_STATEMENT_TOO_COMPLEX);
}

/* Keep the error of the row that is converted, and go past what is bad. */
static void
keep_error(BatchLenient *b, ErrorData *error)
{
	Row		   *row = &b->rows[b->row];
	BatchReject *reject = palloc0(sizeof(BatchReject));

	reject->place = &row->place;
	reject->column = batch_columns_current(b->columns);
	reject->sqlstate = error->sqlerrcode;
	reject->message = error->detail == NULL ? error->message :
		psprintf("%s (%s)", error->message, error->detail);
	row->rejects = lappend(row->rejects, reject);
	row->skipped = b->o->on_error == BATCH_ERRORS_SKIP;
	if (row->skipped)
		b->row++;
	b->column = row->skipped ? -1 : b->column + 1;
}

/* Convert the records of the batch. */
static void
convert_batch(BatchLenient *b)
{
	MemoryContext old = MemoryContextSwitchTo(b->cxt);

	b->row = 0;
	b->column = -1;
	while (b->row < b->nrows)
	{
		ErrorData  *error = batch_compat_try(convert_rest, b);

		if (error == NULL)
			continue;
		if (!is_of_data(error->sqlerrcode, b->column < 0) ||
			(b->column >= 0 && !batch_columns_own_error(b->columns, &b->rows[b->row].place,
														b->column, error)))
			batch_compat_rethrow(error);
		keep_error(b, error);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(old);
}

/* Give the next row that is not skipped, counting rejects; NULL: none is left. */
static Row *
take_row(BatchLenient *b)
{
	while (b->next < b->nrows)
	{
		Row		   *row = &b->rows[b->next++];
		ListCell   *lc;

		foreach(lc, row->rejects)
		{
			b->reject = lfirst(lc);
			batch_rejects_add(b->rejects, b->reject);
		}
		b->reject = NULL;
		if (!row->skipped)
			return row;
	}
	return NULL;
}

/*
 * Fill a slot with the next row of a source, which is read in the current
 * context; false at its end.  The values stay valid until the next call.
 */
bool
batch_lenient_next(BatchLenient *b, BatchSource *source, TupleTableSlot *slot)
{
	Row		   *row;

	if (!batch_compat_can_try())
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot pass over bad records in a query with parallel workers"),
				 errhint("Set max_parallel_workers_per_gather to 0 for this query.")));
	while ((row = take_row(b)) == NULL)
	{
		if (b->ended)
			return false;
		read_batch(b, source);
		convert_batch(b);
	}
	ExecClearTuple(slot);
	memcpy(slot->tts_values, row->values, b->natts * sizeof(Datum));
	memcpy(slot->tts_isnull, row->isnull, b->natts * sizeof(bool));
	ExecStoreVirtualTuple(slot);
	return true;
}

/* Tell which record, and which column or NULL, is worked on. */
const BatchPlace *
batch_lenient_place(const BatchLenient *b, const char **column)
{
	*column = NULL;
	if (b->reject != NULL)
	{
		*column = b->reject->column;
		return b->reject->place;
	}
	if (b->row >= b->nrows)
		return b->source_place;
	*column = batch_columns_current(b->columns);
	return &b->rows[b->row].place;
}
