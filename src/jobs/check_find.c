/*
 * check_find.c
 *	  A JSON text --> the paths in it that an option may be meant to name.
 *
 * Hints are made of them, so they are few, and no more than names: a value may be
 * a secret.
 */
#include "jobs/check.h"

#include "miscadmin.h"

#define MOST_FOUND	6			/* paths */
#define MOST_MEMBERS 20
#define MOST_DEPTH	4			/* steps of a path */

/* What is searched for, and what was found. */
typedef struct Search
{
	BatchSought sought;
	int			found;
	StringInfoData text;
	BatchPath  *path;			/* to the current value */
} Search;

/* Tell whether a value begins, or holds at its beginning, an object. */
static bool
has_objects(BatchSlice array)
{
	BatchArray	elements;
	BatchSlice	element;

	batch_array_open(&elements, array);
	return !batch_array_next(&elements, &element) || *element.ptr == '{';
}

/* Tell whether a value is a URL of http or https. */
static bool
is_url(BatchSlice value)
{
	return value.len > 8 && (strncmp(value.ptr, "\"https:", 7) == 0 || strncmp(value.ptr, "\"http:", 6) == 0);
}

/* Tell whether a key is one by which APIs tell of a next page. */
static bool
is_of_paging(const char *key)
{
	static const char *const words[] = {"next", "cursor", "more", "after"};
	char	   *name = pstrdup(key);

	for (char *p = name; *p; p++)
		*p = pg_ascii_tolower(*p);
	for (size_t i = 0; i < lengthof(words); i++)
		if (strstr(name, words[i]) != NULL)
			return true;
	return false;
}

/* Tell whether a scalar says something: it is neither null nor false, 0 nor "". */
static bool
is_telling(BatchSlice value)
{
	return strchr("nf{[", *value.ptr) == NULL && !(value.len == 1 && *value.ptr == '0') &&
		!(value.len == 2 && *value.ptr == '"');
}

/* Tell whether a value, to which the path leads, is one that is searched for. */
static bool
is_sought(const Search *s, BatchSlice value)
{
	int64		number;
	const BatchStep *last = s->path->nsteps > 0 ? &s->path->steps[s->path->nsteps - 1] : NULL;

	switch (s->sought)
	{
		case BATCH_SOUGHT_ARRAYS:
			return *value.ptr == '[' && has_objects(value);
		case BATCH_SOUGHT_SCALARS:
			return strchr("{[n", *value.ptr) == NULL && !is_url(value);
		case BATCH_SOUGHT_NUMBERS:
			return *value.ptr != '"' && batch_scalar_count(value, &number);
		case BATCH_SOUGHT_URLS:
			return is_url(value);
		case BATCH_SOUGHT_MORE:
			return last != NULL && last->kind == BATCH_STEP_KEY && is_of_paging(last->key) && is_telling(value);
	}
	return false;
}

static void walk(Search *s, BatchSlice value);

/* Search what a further step leads to. */
static void
walk_step(Search *s, BatchStep step, BatchSlice value)
{
	s->path->steps[s->path->nsteps++] = step;
	walk(s, value);
	s->path->nsteps--;
}

/* Search a value and, as far as paths may lead there, what is in it. */
static void
walk(Search *s, BatchSlice value)
{
	BatchArray	elements;
	BatchSlice	key;

	CHECK_FOR_INTERRUPTS();
	if (s->found >= MOST_FOUND || value.len == 0)
		return;
	if (is_sought(s, value))
	{
		appendStringInfo(&s->text, "%s%s", s->found++ ? ", " : "", batch_jsonpath_write(s->path));
		return;
	}
	if (s->path->nsteps == MOST_DEPTH)
		return;
	if (*value.ptr == '{')
	{
		batch_members_open(&elements, value);
		while (batch_members_next(&elements, &key, &value))
		{
			BatchStep	step = {.kind = BATCH_STEP_KEY, .key = batch_scalar_text(key)};

			if (step.key == NULL)
				continue;
			step.keylen = strlen(step.key);
			walk_step(s, step, value);
		}
	}
	else if (*value.ptr == '[' && s->sought == BATCH_SOUGHT_URLS)
	{
		batch_array_open(&elements, value);
		if (batch_array_next(&elements, &value))
			walk_step(s, (BatchStep) {.kind = BATCH_STEP_ALL}, value);
	}
}

/* List the paths to what is sought in a valid JSON text, in UTF-8; NULL for none. */
char *
batch_check_find(BatchSlice text, BatchSought sought)
{
	Search		s = {.sought = sought};

	initStringInfo(&s.text);
	s.path = palloc0(offsetof(BatchPath, steps) + MOST_DEPTH * sizeof(BatchStep));
	if (text.ptr != NULL)
		walk(&s, batch_array_trim(text.ptr, text.ptr + text.len));
	return s.found > 0 ? s.text.data : NULL;
}

/* List the first members of what may be an object, in UTF-8; NULL for none. */
char *
batch_check_members(BatchSlice object)
{
	StringInfoData names;
	BatchArray	members;
	BatchSlice	key,
				value;
	int			n = 0;

	object = batch_array_trim(object.ptr, object.ptr + object.len);
	if (object.len == 0 || *object.ptr != '{')
		return NULL;
	initStringInfo(&names);
	batch_members_open(&members, object);
	while (n < MOST_MEMBERS && batch_members_next(&members, &key, &value))
	{
		char	   *name = batch_scalar_text(key);

		appendStringInfo(&names, "%s%s", n++ ? ", " : "", name ? name : "\"\"");
	}
	if (n == MOST_MEMBERS && batch_members_next(&members, &key, &value))
		appendStringInfoString(&names, ", ...");
	return n > 0 ? names.data : NULL;
}
