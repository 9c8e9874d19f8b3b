/*
 * names.c
 *	  The keys of members --> paths to them, and names of columns.
 *
 * A name is the last key in snake case.  Names that are equal have their
 * parents' keys before them, as far as they have some, and then a number behind.
 */
#include "values/values.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"

/* A column that is being named. */
typedef struct Naming
{
	BatchMember *member;
	int			used;			/* keys in its name, from the last */
	int			rank;			/* its place among all */
} Naming;

/* Names that PostgreSQL gives to columns of its own. */
static const char *const taken[] = {
	"tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"
};

/* Bring a key into the database's encoding, which has all its characters. */
static char *
enter_key(const char *key)
{
	return batch_text_enter(pstrdup(key), strlen(key), NULL);
}

/* Tell whether a key can stand in a path without quotes. */
static bool
is_plain(const char *key)
{
	return *key != '\0' && !isdigit((unsigned char) *key) &&
		strspn(key, BATCH_ALNUM "_") == strlen(key);
}

/* Write the path to a member of what another path names, as an option has it. */
char *
batch_names_path(const char *parent, const char *key)
{
	StringInfoData path;

	initStringInfo(&path);
	appendStringInfo(&path, "%s.", parent);
	if (is_plain(key))
	{
		appendStringInfoString(&path, key);
		return path.data;
	}
	appendStringInfoChar(&path, '"');
	for (const char *p = enter_key(key); *p; p++)
	{
		if (*p == '"' || *p == '\\')
			appendStringInfo(&path, "\\%c", *p);
		else if ((unsigned char) *p < ' ' || *p == 0x7f)
			appendStringInfo(&path, "\\u%04x", *p);
		else
			appendStringInfoChar(&path, *p);
	}
	appendStringInfoChar(&path, '"');
	return path.data;
}

/* Tell whether a word begins at a capital, p: before it a small letter, or behind it. */
static bool
begins_word(const char *start, const char *p)
{
	return p > start &&
		(islower((unsigned char) p[-1]) || isdigit((unsigned char) p[-1]) ||
		 (isupper((unsigned char) p[-1]) && islower((unsigned char) p[1])));
}

/* Append a key, of the database's encoding, in snake case. */
static void
append_snake(StringInfo name, const char *key)
{
	bool		gap = name->len > 0;

	for (const char *p = key; *p; p++)
	{
		if (!isalnum((unsigned char) *p) && !IS_HIGHBIT_SET(*p))
		{
			gap = true;
			continue;
		}
		gap |= !IS_HIGHBIT_SET(*p) && isupper((unsigned char) *p) && begins_word(key, p);
		if (name->len > 0 ? gap : isdigit((unsigned char) *p) != 0)
			appendStringInfoChar(name, '_');
		gap = false;
		appendStringInfoChar(name, IS_HIGHBIT_SET(*p) ? *p : pg_ascii_tolower(*p));
	}
}

/* Cut a name to so many bytes, between characters. */
static void
clip(StringInfo name, int most)
{
	if (name->len > most)
		name->len = pg_mbcliplen(name->data, name->len, most);
	name->data[name->len] = '\0';
}

/* Make a name of the last keys of a member, and a number unless it is 0. */
static char *
make_name(const BatchMember *m, int used, int number)
{
	StringInfoData name;
	char		suffix[16] = "";
	int			n = list_length(m->keys);

	initStringInfo(&name);
	for (int i = n - Min(used, n); i < n; i++)
		append_snake(&name, enter_key(list_nth(m->keys, i)));
	if (n == 0)
		appendStringInfoString(&name, "record");
	if (name.len == 0)
		appendStringInfoString(&name, "member");
	if (number > 0)
		snprintf(suffix, sizeof(suffix), "_%d", number);
	clip(&name, NAMEDATALEN - 1 - (int) strlen(suffix));
	appendStringInfoString(&name, suffix);
	return name.data;
}

/* Compare two columns by their names, and of equal ones by their places. */
static int
compare(const void *a, const void *b)
{
	const Naming *x = a;
	const Naming *y = b;
	int			order = strcmp(x->member->name, y->member->name);

	return order != 0 ? order : x->rank - y->rank;
}

/* Tell whether a column's name is among those that are not free. */
static bool
is_reserved(const char *name, List *reserved)
{
	ListCell   *lc;

	for (size_t i = 0; i < lengthof(taken); i++)
		if (strcmp(name, taken[i]) == 0)
			return true;
	foreach(lc, reserved)
		if (strcmp(name, lfirst(lc)) == 0)
			return true;
	return false;
}

/* Tell whether the i-th of the sorted columns has a name that is not its own alone. */
static bool
clashes(const Naming *all, int n, int i, List *reserved)
{
	const char *name = all[i].member->name;

	return (i > 0 && strcmp(name, all[i - 1].member->name) == 0) ||
		(i + 1 < n && strcmp(name, all[i + 1].member->name) == 0) ||
		is_reserved(name, reserved);
}

/* Put a parent's key before each name that clashes; false where that is no more. */
static bool
lengthen(Naming *all, int n, List *reserved)
{
	bool	   *clash = palloc(n * sizeof(bool));
	bool		changed = false;

	qsort(all, n, sizeof(Naming), compare);
	for (int i = 0; i < n; i++)
		clash[i] = clashes(all, n, i, reserved);
	for (int i = 0; i < n; i++)
		if (clash[i] && all[i].used < list_length(all[i].member->keys))
		{
			all[i].member->name = make_name(all[i].member, ++all[i].used, 0);
			changed = true;
		}
	pfree(clash);
	return changed;
}

/* Tell whether a column has a name. */
static bool
has_name(const Naming *all, int n, const char *name, List *reserved)
{
	for (int i = 0; i < n; i++)
		if (strcmp(all[i].member->name, name) == 0)
			return true;
	return is_reserved(name, reserved);
}

/* Put a number behind each name that still clashes, but for the first of several. */
static void
number(Naming *all, int n, List *reserved)
{
	char	   *name = NULL;
	int			next = 2;

	for (int i = 0; i < n; i++)
	{
		BatchMember *m = all[i].member;
		bool		again = name != NULL && strcmp(name, m->name) == 0;

		CHECK_FOR_INTERRUPTS();
		if (!again)
			next = 2;
		name = m->name;
		if (!again && !is_reserved(name, reserved))
			continue;
		do
			m->name = make_name(m, all[i].used, next++);
		while (has_name(all, i, m->name, reserved) || has_name(all + i + 1, n - i - 1, m->name, NIL));
	}
}

/*
 * Name the columns, all of them differently, and as none that is reserved.
 * What goes on below the record itself is put before a name only as needed.
 */
void
batch_names_choose(List *members, List *reserved)
{
	int			n = list_length(members);
	Naming	   *all = palloc0(Max(n, 1) * sizeof(Naming));

	for (int i = 0; i < n; i++)
	{
		all[i].member = list_nth(members, i);
		all[i].used = 1;
		all[i].rank = i;
		all[i].member->name = make_name(all[i].member, 1, 0);
	}
	while (lengthen(all, n, reserved))
		CHECK_FOR_INTERRUPTS();
	number(all, n, reserved);
	pfree(all);
}
