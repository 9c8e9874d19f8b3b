/*
 * columns.c
 *	  A record --> the columns of a tuple slot.
 *
 * What each wanted column is, and how its values are made, is resolved once a
 * scan; a row only walks that array.
 */
#include "compat.h"
#include "values/values.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

typedef struct Column
{
	AttrNumber	attnum;
	char	   *name;
	BatchMeta	meta;			/* where the value is not in the record */
	int			path;			/* the number of its first among the wanted paths */
	int			npaths;			/* that are tried in turn */
	bool		is_id;			/* of a job: the id asked for, where the answer has none or writes it otherwise */
	bool		found;			/* some record had it, or none need have */
	BatchType	type;
	BatchDomains *domains;		/* in the type; NULL: not looked for yet */
} Column;

/* A value that is to be read again, without the constraints of domains. */
typedef struct Rereading
{
	BatchColumns *c;
	const BatchPlace *place;
	Column	   *column;
} Rereading;

struct BatchColumns
{
	Column	   *columns;
	int			ncolumns;
	const Column *current;		/* being converted, for the error context */
	List	   *paths;			/* of all columns */
	BatchRecord *record;
	size_t		longest;		/* bytes of a record */
	bool		broken;			/* it has no values, but a place */
	int64		converted;		/* records, each as a whole */
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

/* Tell whether a listed job may lack what a column is. */
static bool
is_lacking(const BatchOptions *o, List *paths)
{
	ListCell   *lc;

	foreach(lc, o->resource == BATCH_JOBS ? o->list_lacks : NIL)
		if (batch_jsonpath_touches(paths, ((BatchLack *) lfirst(lc))->path))
			return true;
	return false;
}

/* Refuse a column that cannot hold what its paths name: several values. */
static void
check_arrays(const Column *column, List *paths)
{
	ListCell   *lc;

	foreach(lc, paths)
		if (((BatchPath *) lfirst(lc))->has_all && column->type.element == NULL &&
			column->type.base != JSONBOID && column->type.base != JSONOID)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column \"%s\" is no array, but its path has [*]", column->name),
					 errhint("Give it an array's type, json or jsonb; or name one element by its number, from 0.")));
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
	ListCell   *lc;

	c->longest = o->max_record_size;
	c->columns = palloc0(sizeof(Column) * Max(list_length(attnums), 1));
	foreach(lc, attnums)
	{
		Column	   *column = &c->columns[c->ncolumns++];
		Form_pg_attribute attribute = TupleDescAttr(desc, lfirst_int(lc) - 1);
		BatchColumnOptions *options;

		check_generated(attribute);
		options = batch_options_load_column(o, RelationGetRelid(rel),
											attribute->attnum);
		column->attnum = attribute->attnum;
		column->name = pstrdup(NameStr(attribute->attname));
		column->meta = options->meta;
		batch_convert_prepare(&column->type, attribute->atttypid, attribute->atttypmod);
		column->found = column->meta != BATCH_META_NONE || is_lacking(o, options->paths);
		if (column->meta != BATCH_META_NONE)
			continue;
		column->is_id = o->resource == BATCH_JOBS && batch_jsonpath_equal(options->path, o->id_path);
		check_arrays(column, options->paths);
		column->path = list_length(c->paths);
		column->npaths = list_length(options->paths);
		c->paths = list_concat(c->paths, options->paths);
	}
	c->record = batch_record_open(c->paths);
	for (int i = 0; i < c->ncolumns; i++)
		if (c->columns[i].meta == BATCH_META_NONE && c->columns[i].type.jsonb != NULL)
			batch_jsonb_follow(c->columns[i].type.jsonb, c->record, c->columns[i].path,
							   c->columns[i].npaths);
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
		case BATCH_META_FILE:
			return place->file > 0 ? psprintf("%d", place->file) : NULL;
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
convert_meta(BatchMeta meta, BatchType *t, const BatchPlace *place, bool *isnull,
			 Node *escontext)
{
	char	   *text = write_meta(meta, place);
	Datum		value = (Datum) 0;

	*isnull = text == NULL;
	if (text != NULL)
		text = batch_text_enter(text, strlen(text), escontext);
	if (text != NULL)
		value = batch_compat_input(&t->input, text, t->ioparam, t->typmod, escontext);
	if (t->type != t->base && !SOFT_ERROR_OCCURRED(escontext))
		batch_compat_domain_check(value, *isnull, t->type, &t->domain, t->cxt, escontext);
	return value;
}

/*
 * Tell whether the id that was asked for stands for what a job gives as its id:
 * for nothing, for what is no text or number, and for the same in letters of
 * another case, which is the same job (job.c) and has to be found by what it was
 * asked for by.
 */
static bool
stands_for(BatchSlice value, const char *asked)
{
	if (value.ptr == NULL || *value.ptr == '{' || *value.ptr == '[' ||
		(value.len == 2 && *value.ptr == '"'))
		return true;
	return asked != NULL && *value.ptr == '"' && value.len == strlen(asked) + 2 &&
		pg_strncasecmp(value.ptr + 1, asked, value.len - 2) == 0;
}

/* Tell whether a path ends with [*], so that an empty array is what it names. */
static bool
ends_with_all(const BatchPath *path)
{
	return path->steps[path->nsteps - 1].kind == BATCH_STEP_ALL;
}

/*
 * Find the first of a column's paths that names a value, or an array with [*], of
 * which all is then; ptr is NULL where none does.
 */
static BatchSlice
find_value(const BatchColumns *c, Column *column, BatchArray *all)
{
	BatchSlice	value = {NULL, 0};

	all->is_array = false;
	for (int i = column->path; i < column->path + column->npaths; i++)
	{
		if (batch_items_are_of(c->record, i))
		{
			if (!batch_items_find(c->record, i, all))
				continue;
			column->found |= all->nitems > 0 || ends_with_all(list_nth(c->paths, i));
			return value;
		}
		value = batch_record_get_any(c->record, i);
		column->found |= value.ptr != NULL;
		if (value.ptr != NULL && *value.ptr != 'n')
			break;
		value.ptr = NULL;
	}
	return value;
}

/* Convert the value of a column as a type. */
static Datum
convert_column(BatchColumns *c, Column *column, BatchType *t,
			   const BatchPlace *place, bool *isnull, Node *escontext)
{
	BatchSlice	value;
	BatchArray	all;

	*isnull = true;
	if (column->meta != BATCH_META_NONE)
		return convert_meta(column->meta, t, place, isnull, escontext);
	if (c->broken)
		return (Datum) 0;
	value = find_value(c, column, &all);
	if (all.is_array)
	{
		*isnull = false;
		return batch_convert_all(t, &all, escontext);
	}
	if (column->is_id && stands_for(value, place->job_id))
	{
		column->found |= place->job_id != NULL;
		return convert_meta(BATCH_META_JOB_ID, t, place, isnull, escontext);
	}
	return batch_convert_value(t, value, isnull, escontext);
}

/*
 * Scan a record, whose columns are then converted; false where it is broken
 * and escontext keeps the error.
 */
bool
batch_columns_scan(BatchColumns *c, const BatchPlace *place, Node *escontext)
{
	c->current = NULL;
	c->broken = true;
	if (place->record.len > c->longest)
		errsave(escontext,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("record is longer than %zu bytes", c->longest),
				 errhint("Raise max_record_size of the server.")));
	else if (place->fault != NULL)
		errsave(escontext,
				(errcode(ERRCODE_BAD_COPY_FILE_FORMAT),
				 errmsg("invalid CSV: %s", place->fault)));
	else if (!(place->padded ? batch_record_next_padded(c->record, place->record) :
			   batch_record_next(c->record, place->record)))
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
		bool		null;
		Datum		value;

		c->current = column;
		value = convert_column(c, column, &column->type, place, &null, escontext);
		if (SOFT_ERROR_OCCURRED(escontext))
			return false;
		values[n] = value;
		isnull[n] = null;
	}
	c->current = NULL;
	c->converted += !c->broken;
	batch_record_release(c->record);
	return true;
}

/* Tell how many records were converted, each as a whole. */
int64
batch_columns_converted(const BatchColumns *c)
{
	return c->converted;
}

/* List the names of columns that no record had. */
List *
batch_columns_missing(const BatchColumns *c)
{
	List	   *names = NIL;

	for (int i = 0; i < c->ncolumns; i++)
		if (!c->columns[i].found)
			names = lappend(names, c->columns[i].name);
	return names;
}

/* Read a value again, without the constraints of domains. */
static void
reread(void *arg, Node *escontext)
{
	Rereading  *again = arg;
	bool		isnull;

	(void) convert_column(again->c, again->column, batch_domains_bare(again->column->domains),
						  again->place, &isnull, escontext);
}

/*
 * Tell whether an error that was caught at the column next is its value's own,
 * and not one of a function that a domain calls; see domains.c.
 */
bool
batch_columns_own_error(BatchColumns *c, const BatchPlace *place, int next,
						const ErrorData *error)
{
	Column	   *column = &c->columns[next];
	Rereading	again = {c, place, column};
	MemoryContext old = MemoryContextSwitchTo(column->type.cxt);
	ErrorData  *bare;

	if (column->domains == NULL && !batch_compat_keeps_own())
		column->domains = batch_domains_open(&column->type);
	MemoryContextSwitchTo(old);
	if (batch_compat_keeps_own() || batch_domains_are_violated(column->domains, error))
		return true;
	if (batch_domains_bare(column->domains) == NULL)
		return false;
	bare = batch_compat_try(reread, &again);
	return bare != NULL && bare->sqlerrcode == error->sqlerrcode &&
		strcmp(bare->message, error->message) == 0;
}

/*
 * Fill a slot from a record and its place; values go into the current context.
 */
void
batch_columns_fill(BatchColumns *c, const BatchPlace *place, TupleTableSlot *slot)
{
	int			next = 0;

	(void) batch_columns_scan(c, place, NULL);
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
