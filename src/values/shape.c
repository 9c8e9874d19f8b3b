/*
 * shape.c
 *	  Records --> the members that they have, and what each of them was.
 *
 *	  record --> tree of members --kinds.c--> types
 *							 \-----names.c--> paths, names
 *
 * An object is the members in it, down to a depth; below that, and where a
 * member is an object in one record and something else in another, it is one
 * value.  So it is where a key cannot stand in a path.  What is kept is bounded
 * by the number of columns, however many records there are.
 */
#include "values/values.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define MOST_COLUMNS	1000
#define MOST_PATH		1000	/* bytes of a path: an option must fit a page */
#define EXAMPLE_BYTES	4096	/* of a value, kept until it is clipped to be shown */

/* A member, or the record itself. */
typedef struct ShapeNode
{
	struct ShapeNode *parent;
	char	   *key;			/* in UTF-8; NULL: the record itself */
	char	   *path;
	int			depth;
	bool		whole;			/* one value, whatever comes */
	bool		unfit;			/* something came that jsonb does not hold */
	BatchKinds	kinds;
	BatchKinds	elements;		/* of arrays */
	int64		present;
	int64		nulls;
	char	   *example;
	BatchSlice	value;			/* in the record in which it was found last */
	int64		record;			/* the number of that */
	struct ShapeNode **children;
	int			nchildren;
	int			size;			/* children that there is room for */
	int			next;			/* where the next key is looked for first */
} ShapeNode;

struct BatchShape
{
	MemoryContext cxt;
	int			depth;
	int64		records;
	int			leaves;			/* columns, so far */
	ShapeNode	root;
	StringInfoData key;			/* an unescaped key */
};

/* Open a shape that goes so deep; belongs to the current context. */
BatchShape *
batch_shape_open(int depth)
{
	BatchShape *s = palloc0(sizeof(BatchShape));

	s->cxt = CurrentMemoryContext;
	s->depth = depth;
	s->leaves = 1;
	s->root.path = pstrdup("$");
	initStringInfo(&s->key);
	return s;
}

/* Refuse more columns than anyone wants. */
static void
refuse_many(const BatchShape *s)
{
	ereport(ERROR,
			(errcode(ERRCODE_TOO_MANY_COLUMNS),
			 errmsg("the records have more than %d members", MOST_COLUMNS),
			 s->depth > 1 ?
			 errhint("Lower the depth: objects below it are one column each.") :
			 errhint("Name the columns that are wanted by hand.")));
}

/* Find a child by its key; NULL where there is none.  Keys come in the same order mostly. */
static ShapeNode *
find_child(ShapeNode *node, const char *key)
{
	for (int i = 0; i < node->nchildren; i++)
	{
		int			n = (node->next + i) % node->nchildren;

		if (strcmp(node->children[n]->key, key) == 0)
		{
			node->next = n + 1;
			return node->children[n];
		}
	}
	return NULL;
}

/* Add a child. */
static ShapeNode *
add_child(BatchShape *s, ShapeNode *node, const char *key, char *path)
{
	ShapeNode  *child = palloc0(sizeof(ShapeNode));

	if (node->nchildren > 0 && ++s->leaves > MOST_COLUMNS)
		refuse_many(s);
	if (node->nchildren == node->size)
	{
		node->size = node->size ? 2 * node->size : 8;
		node->children = node->children ?
			repalloc(node->children, node->size * sizeof(ShapeNode *)) :
			palloc(node->size * sizeof(ShapeNode *));
	}
	child->parent = node;
	child->key = pstrdup(key);
	child->path = path;
	child->depth = node->depth + 1;
	node->children[node->nchildren++] = child;
	node->next = node->nchildren;
	return child;
}

/* Get the child of a key, quotes included; NULL where no path can name it. */
static ShapeNode *
get_child(BatchShape *s, ShapeNode *node, BatchSlice key)
{
	int			sqlstate;
	char	   *path;
	ShapeNode  *child;

	resetStringInfo(&s->key);
	if (key.len > MOST_PATH || batch_unescape_string(key, &s->key, &sqlstate) != NULL ||
		!batch_text_has(s->key.data))
		return NULL;
	child = find_child(node, s->key.data);
	if (child != NULL)
		return child;
	path = batch_names_path(node->path, s->key.data);
	return strlen(path) <= MOST_PATH ? add_child(s, node, s->key.data, path) : NULL;
}

/* Forget the children of a node, which is one value now. */
static void
drop_children(BatchShape *s, ShapeNode *node)
{
	for (int i = 0; i < node->nchildren; i++)
	{
		ShapeNode  *child = node->children[i];

		drop_children(s, child);
		node->unfit |= child->unfit;
		s->leaves--;
		pfree(child->key);
		pfree(child->path);
		if (child->example != NULL)
			pfree(child->example);
		pfree(child);
	}
	if (node->nchildren > 0)
	{
		s->leaves++;
		pfree(node->children);
		node->children = NULL;
		node->nchildren = node->size = 0;
	}
	node->whole = true;
}

/* Keep the beginning of a value: a string's characters, or JSON. */
static char *
copy_example(BatchSlice v)
{
	StringInfoData out;
	BatchSlice	string = {v.ptr, 1};
	size_t		most = Min(v.len, EXAMPLE_BYTES);

	initStringInfo(&out);
	if (*v.ptr == '"')
	{
		while (string.len < most - (most == v.len))
			string.len += v.ptr[string.len] != '\\' ? 1 :
				v.ptr[string.len + 1] == 'u' ? 6 : 2;
		string.len = Min(string.len, v.len - 1) + 1;
		batch_string_unescape_leniently(string, &out);
		return out.data;
	}
	for (size_t i = 0; i < most; i++)
		if (v.ptr[i] != '\\' || i + 1 == v.len || v.ptr[i + 1] != '/')
			appendStringInfoChar(&out, v.ptr[i]);
	return out.data;
}

/* Add the elements of an array to what came. */
static void
add_elements(BatchKinds *elements, BatchSlice array)
{
	BatchArray	e;
	BatchSlice	v;

	batch_array_open(&e, array);
	while (batch_array_next(&e, &v))
		if (*v.ptr != 'n')
			batch_kinds_add(elements, v);
}

static void add_members(BatchShape *s, ShapeNode *node, BatchSlice object);

/* Add a value of a member. */
static void
add_value(BatchShape *s, ShapeNode *node, BatchSlice v)
{
	node->present++;
	if (*v.ptr == 'n')
	{
		node->nulls++;
		return;
	}
	if (node->example == NULL)
		node->example = copy_example(v);
	batch_kinds_add(&node->kinds, v);
	if (node->kinds.seen != BATCH_KIND_OBJECT || node->depth >= s->depth)
		drop_children(s, node);
	if (!node->whole)
	{
		add_members(s, node, v);
		return;
	}
	if (*v.ptr == '[')
		add_elements(&node->elements, v);
	node->unfit = node->unfit || !batch_kinds_fit_jsonb(v);
}

/*
 * Add the members of an object.  Of a key that comes again the last value
 * counts, so that all of them are found first.
 */
static void
add_members(BatchShape *s, ShapeNode *node, BatchSlice object)
{
	BatchArray	m;
	BatchSlice	key;
	BatchSlice	value;

	batch_members_open(&m, object);
	while (batch_members_next(&m, &key, &value))
	{
		ShapeNode  *child = get_child(s, node, key);

		CHECK_FOR_INTERRUPTS();
		if (child == NULL)
		{
			drop_children(s, node);
			node->unfit = node->unfit || !batch_kinds_fit_jsonb(object);
			return;
		}
		child->value = value;
		child->record = s->records;
	}
	for (int i = 0; i < node->nchildren; i++)
		if (node->children[i]->record == s->records)
			add_value(s, node->children[i], node->children[i]->value);
}

/* Add a record, which is valid JSON. */
void
batch_shape_add(BatchShape *s, BatchSlice record)
{
	MemoryContext old = MemoryContextSwitchTo(s->cxt);

	s->records++;
	add_value(s, &s->root, batch_array_trim(record.ptr, record.ptr + record.len));
	MemoryContextSwitchTo(old);
}

/* Make a column of a node without children. */
static BatchMember *
make_member(const ShapeNode *node)
{
	BatchMember *m = palloc0(sizeof(BatchMember));

	for (const ShapeNode *n = node; n->key != NULL; n = n->parent)
		m->keys = lcons(n->key, m->keys);
	m->path = node->path;
	m->type = batch_kinds_choose(&node->kinds, &node->elements, !node->unfit);
	m->present = node->present;
	m->nulls = node->nulls;
	m->kinds = batch_kinds_list(&node->kinds, &node->elements);
	m->example = node->example;
	return m;
}

/* Append the columns of a node and of those below it. */
static List *
list_members(List *members, const ShapeNode *node)
{
	if (node->nchildren == 0)
		return lappend(members, make_member(node));
	for (int i = 0; i < node->nchildren; i++)
		members = list_members(members, node->children[i]);
	return members;
}

/*
 * List the columns, as BatchMember without a name, in the order in which they
 * came first; none where no record did.  The shape must live as long.
 */
List *
batch_shape_list(const BatchShape *s)
{
	return s->records > 0 ? list_members(NIL, &s->root) : NIL;
}
