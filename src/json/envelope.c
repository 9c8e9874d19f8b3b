/*
 * envelope.c
 *	  An answer of the API, or a job in it --> the values that are read of it:
 *	  cursors, flags, statuses, counts, URLs.
 *
 * The paths to them are compiled once, and one validating pass of record.c over
 * a text finds all of them, however large what is around them.
 */
#include "json/json.h"

struct BatchEnvelope
{
	BatchRecord *record;		/* of the paths */
	int			npaths;
	const BatchPath *paths[FLEXIBLE_ARRAY_MEMBER];
};

/* What a path names. */
typedef struct Field
{
	BatchSlice	slice;			/* null is one */
	List	   *texts;			/* with [*], instead: of char * */
} Field;

struct BatchFields
{
	const BatchEnvelope *envelope;
	Field		fields[FLEXIBLE_ARRAY_MEMBER];	/* of its paths */
};

/* Compile a list of paths, which must live as long; NULLs are passed over. */
BatchEnvelope *
batch_envelope_open(List *paths)
{
	BatchEnvelope *e = palloc0(offsetof(BatchEnvelope, paths) + list_length(paths) * sizeof(BatchPath *));
	List	   *compiled = NIL;
	ListCell   *lc;

	foreach(lc, paths)
	{
		if (lfirst(lc) == NULL)
			continue;
		e->paths[e->npaths++] = lfirst(lc);
		compiled = lappend(compiled, lfirst(lc));
	}
	e->record = batch_record_open(compiled);
	return e;
}

/* Collect the scalars among what a path with [*] names, by its number. */
static List *
collect(const BatchRecord *record, int path)
{
	List	   *texts = NIL;
	BatchArray	values;
	BatchSlice	value;

	(void) batch_items_find(record, path, &values);
	while (batch_array_next(&values, &value))
	{
		char	   *text = batch_scalar_text(value);

		if (text != NULL)
			texts = lappend(texts, text);
	}
	return texts;
}

/*
 * Read the values of a text, which must live as long as they; raises where it is
 * no JSON.  They belong to the current context.
 */
BatchFields *
batch_envelope_read(BatchEnvelope *e, BatchSlice text)
{
	BatchFields *f;

	if (!batch_record_next(e->record, text))
		batch_record_raise(e->record, NULL);
	f = palloc0(offsetof(BatchFields, fields) + e->npaths * sizeof(Field));
	f->envelope = e;
	for (int i = 0; i < e->npaths; i++)
	{
		if (e->paths[i]->has_all)
			f->fields[i].texts = collect(e->record, i);
		else
			f->fields[i].slice = batch_record_get_any(e->record, i);
	}
	batch_record_release(e->record);
	return f;
}

/* Find the number of a path that was compiled, or of one that equals it. */
static int
find_path(const BatchEnvelope *e, const BatchPath *path)
{
	for (int i = 0; i < e->npaths; i++)
		if (e->paths[i] == path)
			return i;
	for (int i = 0; i < e->npaths; i++)
		if (batch_jsonpath_equal(e->paths[i], path))
			return i;
	elog(ERROR, "a path is read that was not compiled");
}

/* Tell whether a path, which may be NULL, names anything, be it null. */
bool
batch_envelope_has(const BatchFields *f, const BatchPath *path)
{
	return path != NULL && f->fields[find_path(f->envelope, path)].slice.ptr != NULL;
}

/* Find the value that a path names; ptr is NULL for nothing, null or no path. */
BatchSlice
batch_envelope_find(const BatchFields *f, const BatchPath *path)
{
	const BatchSlice none = {NULL, 0};
	BatchSlice	slice = none;

	if (path != NULL)
		slice = f->fields[find_path(f->envelope, path)].slice;
	return slice.ptr == NULL || *slice.ptr == 'n' ? none : slice;
}

/* Find a scalar as text, palloc'd; NULL for nothing, null, "" and no scalar. */
char *
batch_envelope_text(const BatchFields *f, const BatchPath *path)
{
	return batch_scalar_text(batch_envelope_find(f, path));
}

/* List all scalars that a path names, as palloc'd texts. */
List *
batch_envelope_texts(const BatchFields *f, const BatchPath *path)
{
	char	   *text;

	if (path->has_all)
		return list_copy(f->fields[find_path(f->envelope, path)].texts);
	text = batch_envelope_text(f, path);
	return text ? list_make1(text) : NIL;
}
