/*
 * envelope.c
 *	  An answer of the API, or a job in it --> the values that are read of it:
 *	  cursors, flags, statuses, counts, URLs.
 *
 * The paths to them are compiled once, and one validating pass of record.c over
 * a text finds the slices of all of them, however large what is around them.  Of
 * a path with [*] that pass finds the array, whose elements are looked into when
 * they are wanted.
 */
#include "json/json.h"

/* A path that is read. */
typedef struct Entry
{
	const BatchPath *path;
	BatchEnvelope *below;		/* what follows its first [*]; NULL: nothing */
} Entry;

struct BatchEnvelope
{
	BatchRecord *record;		/* of the paths, each up to its first [*] */
	int			npaths;
	Entry		entries[FLEXIBLE_ARRAY_MEMBER];
};

struct BatchFields
{
	const BatchEnvelope *envelope;
	BatchSlice	slices[FLEXIBLE_ARRAY_MEMBER];	/* of its paths; null is one */
};

/* Make the path of some steps of another. */
static BatchPath *
copy_steps(const BatchPath *path, int first, int end)
{
	BatchPath  *copy = palloc0(offsetof(BatchPath, steps) + (end - first) * sizeof(BatchStep));

	copy->nsteps = end - first;
	for (int i = 0; i < copy->nsteps; i++)
	{
		copy->steps[i] = path->steps[first + i];
		copy->has_all |= copy->steps[i].kind == BATCH_STEP_ALL;
	}
	return copy;
}

/* Count the steps before the first [*]. */
static int
count_single(const BatchPath *path)
{
	int			n = 0;

	while (n < path->nsteps && path->steps[n].kind != BATCH_STEP_ALL)
		n++;
	return n;
}

/* Compile a list of paths, which must live as long; NULLs are passed over. */
BatchEnvelope *
batch_envelope_open(List *paths)
{
	BatchEnvelope *e = palloc0(offsetof(BatchEnvelope, entries) + list_length(paths) * sizeof(Entry));
	List	   *compiled = NIL;
	ListCell   *lc;

	foreach(lc, paths)
	{
		BatchPath  *path = lfirst(lc);
		Entry	   *entry = &e->entries[e->npaths];
		int			single;

		if (path == NULL)
			continue;
		single = count_single(path);
		entry->path = path;
		if (single + 1 < path->nsteps)
			entry->below = batch_envelope_open(list_make1(copy_steps(path, single + 1, path->nsteps)));
		compiled = lappend(compiled, path->has_all ? copy_steps(path, 0, single) : path);
		e->npaths++;
	}
	e->record = batch_record_open(compiled);
	return e;
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
	f = palloc(offsetof(BatchFields, slices) + e->npaths * sizeof(BatchSlice));
	f->envelope = e;
	for (int i = 0; i < e->npaths; i++)
		f->slices[i] = batch_record_get_any(e->record, i);
	return f;
}

/* Find the number of a path that was compiled, or of one that equals it. */
static int
find_path(const BatchEnvelope *e, const BatchPath *path)
{
	for (int i = 0; i < e->npaths; i++)
		if (e->entries[i].path == path)
			return i;
	for (int i = 0; i < e->npaths; i++)
		if (batch_jsonpath_equal(e->entries[i].path, path))
			return i;
	elog(ERROR, "a path is read that was not compiled");
}

/* Tell whether a path, which may be NULL, names anything, be it null. */
bool
batch_envelope_has(const BatchFields *f, const BatchPath *path)
{
	return path != NULL && f->slices[find_path(f->envelope, path)].ptr != NULL;
}

/* Find the value that a path names; ptr is NULL for nothing, null or no path. */
BatchSlice
batch_envelope_find(const BatchFields *f, const BatchPath *path)
{
	const BatchSlice none = {NULL, 0};
	BatchSlice	slice = none;

	if (path != NULL)
		slice = f->slices[find_path(f->envelope, path)];
	return slice.ptr == NULL || *slice.ptr == 'n' ? none : slice;
}

/* Find a scalar as text, palloc'd; NULL for nothing, null, "" and no scalar. */
char *
batch_envelope_text(const BatchFields *f, const BatchPath *path)
{
	return batch_scalar_text(batch_envelope_find(f, path));
}

/* Collect the scalars that an entry names in what its first steps name. */
static List *
collect(List *texts, const Entry *entry, BatchSlice value)
{
	BatchArray elements;
	char	   *text;

	if (value.ptr == NULL)
		return texts;
	if (!entry->path->has_all)
	{
		text = batch_scalar_text(value);
		return text ? lappend(texts, text) : texts;
	}
	if (*value.ptr != '[')
		return texts;
	batch_array_open(&elements, value);
	while (batch_array_next(&elements, &value))
	{
		if (entry->below != NULL)
		{
			BatchFields *f = batch_envelope_read(entry->below, value);

			texts = collect(texts, &entry->below->entries[0], f->slices[0]);
			pfree(f);
		}
		else if ((text = batch_scalar_text(value)) != NULL)
			texts = lappend(texts, text);
	}
	return texts;
}

/* Find all scalars that a path names, as a list of palloc'd texts. */
List *
batch_envelope_texts(const BatchFields *f, const BatchPath *path)
{
	int			n = find_path(f->envelope, path);

	return collect(NIL, &f->envelope->entries[n], f->slices[n]);
}
