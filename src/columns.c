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

/* Convert what is known of a record's place; text goes as a JSON-free cstring. */
static Datum
convert_meta(Column *column, const BatchPlace *place, bool *isnull)
{
	char	   *text = NULL;
	Datum		value = (Datum) 0;

	switch (column->meta)
	{
		case BATCH_META_JOB_ID:
			text = unconstify(char *, place->job_id);
			break;
		case BATCH_META_STATE:
			text = unconstify(char *, place->state);
			break;
		case BATCH_META_PART:
			text = psprintf("%d", place->part);
			break;
		case BATCH_META_LINE:
			text = psprintf(INT64_FORMAT, place->line);
			break;
		case BATCH_META_NONE:
			break;
	}
	*isnull = text == NULL;
	if (text != NULL)
		value = InputFunctionCall(&column->type.input, text, column->type.ioparam,
								  column->type.typmod);
	if (column->type.type != column->type.base)
		domain_check(value, *isnull, column->type.type, &column->type.domain,
					 column->type.cxt);
	return value;
}

/*
 * Fill a slot from a record and its place; values go into the current context.
 */
void
batch_columns_fill(BatchColumns *c, const BatchPlace *place, TupleTableSlot *slot)
{
	c->current = NULL;
	if (!batch_record_next(c->record, place->record))
		batch_record_raise(c->record);
	ExecClearTuple(slot);
	memset(slot->tts_isnull, true, slot->tts_tupleDescriptor->natts * sizeof(bool));
	for (int i = 0; i < c->ncolumns; i++)
	{
		Column	   *column = &c->columns[i];
		int			n = column->attnum - 1;

		c->current = column;
		if (column->meta != BATCH_META_NONE)
			slot->tts_values[n] = convert_meta(column, place, &slot->tts_isnull[n]);
		else
			slot->tts_values[n] = batch_convert(&column->type,
												batch_record_get(c->record, column->path),
												&slot->tts_isnull[n]);
	}
	c->current = NULL;
	ExecStoreVirtualTuple(slot);
}

/* Name the column that is being converted, or give NULL. */
const char *
batch_columns_current(const BatchColumns *c)
{
	return c->current ? c->current->name : NULL;
}
