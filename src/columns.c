/*
 * columns.c
 *	  A record --> the columns of a tuple slot.
 *
 * What each wanted column is, and how its values are made, is resolved once a
 * scan; a row only walks that array.
 */
#include "batch_fdw.h"

#include "utils/builtins.h"

typedef struct Column
{
	AttrNumber	attnum;
	char	   *name;
	BatchMeta	meta;			/* where the value is not in the record */
	int			path;			/* its number among the wanted paths */
	BatchType	type;
} Column;

struct BatchColumns
{
	Column	   *columns;
	int			ncolumns;
	const Column *current;		/* being converted, for the error context */
	BatchRecord *record;
	size_t		longest;		/* bytes of a record */
	bool		broken;			/* it has no values, but a place */
};

/* Refuse a generated column: its expression would never be evaluated. */
static void
check_generated(Form_pg_attribute attribute)
{
	if (attribute->attgenerated != '\0')
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("column \"%s\" of a batch_fdw table cannot be generated",
						NameStr(attribute->attname)),
				 errhint("Compute it in a view.")));
}

/*
 * Resolve the wanted columns of a table, given by attribute number; belongs to
 * the current context.
 */
BatchColumns *
batch_columns_open(Relation rel, List *attnums, const BatchOptions *o)
{
	BatchColumns *c = palloc0(sizeof(BatchColumns));
	TupleDesc	desc = RelationGetDescr(rel);
	List	   *paths = NIL;
	ListCell   *lc;

	c->longest = o->max_record_size;
	c->columns = palloc0(sizeof(Column) * Max(list_length(attnums), 1));
	foreach(lc, attnums)
	{
		Column	   *column = &c->columns[c->ncolumns++];
		Form_pg_attribute attribute = TupleDescAttr(desc, lfirst_int(lc) - 1);
		BatchOptions *options;

		check_generated(attribute);
		options = batch_options_load_column(o, RelationGetRelid(rel),
											attribute->attnum);
		column->attnum = attribute->attnum;
		column->name = pstrdup(NameStr(attribute->attname));
		column->meta = options->meta;
		batch_convert_prepare(&column->type, attribute->atttypid, attribute->atttypmod);
		if (column->meta != BATCH_META_NONE)
			continue;
		column->path = list_length(paths);
		paths = lappend(paths, options->path);
	}
	c->record = batch_record_open(paths);
	return c;
}

/* Write what is known of a record's place; NULL where it is not. */
static char *
write_meta(BatchMeta meta, const BatchPlace *place)
{
	switch (meta)
	{
		case BATCH_META_JOB_ID:
			return unconstify(char *, place->job_id);
		case BATCH_META_STATE:
			return unconstify(char *, place->state);
		case BATCH_META_PART:
			return psprintf("%d", place->part);
		case BATCH_META_LINE:
			return psprintf(INT64_FORMAT, place->line);
		case BATCH_META_NONE:
			break;
	}
	return NULL;
}

/* Convert what is known of a record's place. */
static Datum
convert_meta(Column *column, const BatchPlace *place, bool *isnull, Node *escontext)
{
	char	   *text = write_meta(column->meta, place);
	Datum		value = (Datum) 0;

	*isnull = text == NULL;
	if (text != NULL)
		text = batch_text_enter(text, strlen(text), escontext);
	if (text != NULL)
		value = batch_compat_input(&column->type.input, text, column->type.ioparam,
								   column->type.typmod, escontext);
	if (column->type.type != column->type.base && !SOFT_ERROR_OCCURRED(escontext))
		batch_compat_domain_check(value, *isnull, column->type.type, &column->type.domain,
								  column->type.cxt, escontext);
	return value;
}

/*
 * Scan a record, whose columns are then converted; false where it is broken
 * and escontext keeps the error.
 */
bool
batch_columns_scan(BatchColumns *c, BatchSlice record, Node *escontext)
{
	c->current = NULL;
	c->broken = true;
	if (record.len > c->longest)
		errsave(escontext,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("record is longer than %zu bytes", c->longest),
				 errhint("Raise max_record_size of the server.")));
	else if (!batch_record_next(c->record, record))
		batch_record_raise(c->record, escontext);
	else
		c->broken = false;
	return !c->broken;
}

/*
 * Convert the columns from *next on into values and isnull, which is all true
 * before; false where escontext keeps the error of column *next.
 *
 * Of a broken record only its place is converted.  Values go into the current
 * context.
 */
bool
batch_columns_convert(BatchColumns *c, const BatchPlace *place, int *next,
					  Datum *values, bool *isnull, Node *escontext)
{
	for (; *next < c->ncolumns; (*next)++)
	{
		Column	   *column = &c->columns[*next];
		int			n = column->attnum - 1;
		bool		null = true;
		Datum		value = (Datum) 0;

		c->current = column;
		if (column->meta != BATCH_META_NONE)
			value = convert_meta(column, place, &null, escontext);
		else if (!c->broken)
			value = batch_convert(&column->type, batch_record_get(c->record, column->path),
								  &null, escontext);
		if (SOFT_ERROR_OCCURRED(escontext))
			return false;
		values[n] = value;
		isnull[n] = null;
	}
	c->current = NULL;
	return true;
}

/*
 * Fill a slot from a record and its place; values go into the current context.
 */
void
batch_columns_fill(BatchColumns *c, const BatchPlace *place, TupleTableSlot *slot)
{
	int			next = 0;

	(void) batch_columns_scan(c, place->record, NULL);
	ExecClearTuple(slot);
	memset(slot->tts_isnull, true, slot->tts_tupleDescriptor->natts * sizeof(bool));
	(void) batch_columns_convert(c, place, &next, slot->tts_values,
								 slot->tts_isnull, NULL);
	ExecStoreVirtualTuple(slot);
}

/* Name the column that is being converted, or give NULL. */
const char *
batch_columns_current(const BatchColumns *c)
{
	return c->current ? c->current->name : NULL;
}
