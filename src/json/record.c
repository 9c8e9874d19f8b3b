/*
 * record.c
 *	  A record --> the slices that the wanted paths name: the hot path.
 *
 * The paths are compiled once into a trie.  One pass over the record follows
 * the trie where it leads and skips the rest, and validates all of it as
 * PostgreSQL's json type would (RFC 8259, UTF-8, nesting to 6,400), building
 * nothing.  Of duplicate keys the last wins: meeting a key again forgets the
 * slices below it, which are numbered so that they are neighbours.  What paths
 * with [*] name is items.c's.
 *
 * Errors are kept, not raised: what becomes of a bad record is not decided
 * here.  A cancel is raised.  A record that is like the last one is for fast.c,
 * if it may be.
 */
#include "compat.h"
#include "json/record.h"

#define MOST_VAIN	32				/* fast scans at first, and one of so many later */
#define FIRST_ASIDE	1024			/* bytes of what is aside of a tape */

/* ---- The trie ---- */

/* Get the child of a node for a step, making it if there is none. */
static BatchNode *
get_child(BatchNode *node, const BatchStep *step)
{
	List	  **children = step->kind == BATCH_STEP_KEY ? &node->keys : &node->elements;
	BatchNode  *child;
	ListCell   *lc;

	foreach(lc, *children)
		if (batch_jsonpath_equal_step(&((BatchNode *) lfirst(lc))->step, step))
			return lfirst(lc);
	child = palloc0(sizeof(BatchNode));
	child->step = *step;
	child->slot = -1;
	child->depth = node->depth + 1;
	child->around = step->kind == BATCH_STEP_ALL ? child : node->around;
	if (step->kind == BATCH_STEP_ALL)
		node->all = child;
	*children = lappend(*children, child);
	if (step->kind == BATCH_STEP_KEY)
		node->lengths |= UINT64CONST(1) << step->keylen % 64;
	return child;
}

/* Number the slots depth first, so that those below a node are neighbours. */
static void
number_slots(BatchNode *node, int *next)
{
	ListCell   *lc;

	node->first_slot = *next;
	if (node->slot >= 0)
		node->slot = (*next)++;
	foreach(lc, node->keys)
		number_slots(lfirst(lc), next);
	foreach(lc, node->elements)
		number_slots(lfirst(lc), next);
	node->last_slot = *next;
}

/* Compile a list of BatchPath; belongs to the current context. */
BatchRecord *
batch_record_open(List *paths)
{
	BatchRecord *r = palloc0(sizeof(BatchRecord));

	r->root.slot = -1;
	r->npaths = list_length(paths);
	r->nodes = palloc0(sizeof(BatchNode *) * Max(r->npaths, 1));
	for (int i = 0; i < r->npaths; i++)
	{
		BatchPath  *path = list_nth(paths, i);
		BatchNode  *node = &r->root;

		for (int k = 0; k < path->nsteps; k++)
		{
			node->many |= path->has_all;
			node = get_child(node, &path->steps[k]);
		}
		node->many |= path->has_all;
		node->slot = 0;
		r->nodes[i] = node;
	}
	number_slots(&r->root, &r->nslots);
	r->slices = palloc0(sizeof(BatchSlice) * Max(r->nslots, 1));
	r->tokens = palloc0(sizeof(uint32) * Max(r->nslots, 1));
	r->cxt = CurrentMemoryContext;
	initStringInfo(&r->key);
	if (r->root.many)
		batch_items_open(r);
	return r;
}

/* ---- The scan ---- */

/* Look for the child for a key, whose quotes p and end include. */
BatchNode *
batch_record_search_key(BatchRecord *r, const BatchNode *node, const char *p, const char *end)
{
	BatchSlice	string = {p, end - p};
	int			len = end - p - 2;
	ListCell   *lc;

	p++;
	if (r->t.escaped)
	{
		int			sqlstate;

		resetStringInfo(&r->key);
		if (batch_unescape_string(string, &r->key, &sqlstate) != NULL)
			return NULL;
		p = r->key.data;
		len = r->key.len;
	}
	foreach(lc, node->keys)
	{
		BatchNode  *child = lfirst(lc);

		if (child->step.keylen == len && memcmp(child->step.key, p, len) == 0)
			return child;
	}
	return NULL;
}

/*
 * Scan an element, by each step that names it.  Any may be the last one, which is
 * known only when none follows: each forgets what [last] named before.
 */
static const char *
scan_element(BatchRecord *r, const BatchNode *node, int index, const char *p)
{
	const char *end = NULL;
	ListCell   *lc;

	foreach(lc, node->elements)
	{
		const BatchNode *child = lfirst(lc);

		if (child->step.kind == BATCH_STEP_INDEX && child->step.index != index)
			continue;
		if ((end = batch_record_scan(r, child, p)) == NULL)
			return NULL;
	}
	return end ? end : skip_value(&r->t, p, node->depth + 1);
}

/* Scan a member, p on its key. */
static const char *
scan_member(BatchRecord *r, const BatchNode *node, const char *p)
{
	const char *start = p;
	const BatchNode *child;

	r->t.escaped = false;
	if ((p = skip_string(&r->t, start)) == NULL)
		return NULL;
	child = batch_record_find_key(r, node, start, p);
	p = skip_blank(&r->t, p);
	if (p >= r->t.end || *p != ':')
		return fail_syntax(&r->t, p, "a colon is expected");
	return child ? batch_record_scan(r, child, p + 1) : skip_value(&r->t, p + 1, node->depth + 1);
}

/* Scan the members of an object or the elements of an array behind p. */
static const char *
scan_members(BatchRecord *r, const BatchNode *node, const char *p)
{
	char		closer = *p + 2;
	int			index = 0;

	for (p = skip_blank(&r->t, p + 1); p >= r->t.end || *p != closer || index > 0; p++)
	{
		p = skip_blank(&r->t, p);
		p = closer == '}' ? scan_member(r, node, p) : scan_element(r, node, index, p);
		if (p == NULL)
			return NULL;
		index++;
		p = skip_blank(&r->t, p);
		if (!is_within(&r->t, p) || (*p != ',' && *p != closer))
			return fail_syntax(&r->t, p, "a comma or a closing bracket is expected");
		if (*p == closer)
			break;
	}
	return p + 1;
}

/*
 * Scan a value on which wanted paths end or go on, and keep its slice; gives
 * the place behind it, or NULL with the error kept.
 */
const char *
batch_record_scan(BatchRecord *r, const BatchNode *node, const char *p)
{
	const char *start = p = skip_blank(&r->t, p);

	batch_record_begin(r, node, p);
	if (p < r->t.end && ((*p == '{' && node->keys != NIL) ||
					   (*p == '[' && node->elements != NIL)))
		p = scan_members(r, node, p);
	else
		p = skip_value(&r->t, p, node->depth);
	if (p == NULL)
		return NULL;
	batch_record_keep(r, node, start, p);
	if (node->slot >= 0)
		r->tokens[node->slot] = BATCH_NOT_TAPED;
	return p;
}

/*
 * Refuse a record.  Text that is not UTF-8 is refused as that, wherever the
 * scan stopped, since an input function never gets to see it; up to there it is.
 */
static bool
refuse(BatchRecord *r)
{
	const char *p = r->t.text + r->t.error.offset;
	int			valid = 1;

	for (; p < r->t.end && valid > 0; p += valid)
	{
		CHECK_FOR_INTERRUPTS();
		valid = pg_encoding_verifymbstr(PG_UTF8, p, Min(r->t.end - p, LOOK_EVERY));
	}
	if (p < r->t.end && *p != '\0')
		(void) fail(&r->t, p, ERRCODE_CHARACTER_NOT_IN_REPERTOIRE,
					"a byte sequence is not UTF-8");
	return false;
}

/*
 * Scan and validate a record; false where it is no JSON, see
 * batch_record_raise.  The slices stay valid as long as the text does.
 */
bool
batch_record_next(BatchRecord *r, BatchSlice text)
{
	const char *p;

	r->t.text = text.ptr;
	r->t.end = text.ptr + text.len;
	r->t.limit = text.ptr + Min(text.len, LOOK_EVERY);
	p = batch_record_scan(r, &r->root, text.ptr);
	if (p != NULL && (p = skip_blank(&r->t, p)) < r->t.end)
		p = fail_syntax(&r->t, p, "something follows the value");
	return p != NULL || refuse(r);
}

/*
 * The same of a text behind which BATCH_PADDING bytes can be read, whatever they
 * are: faster, where it is like the last one.  What fast.c gives up though it is
 * JSON, it may for good reason give up again.
 */
bool
batch_record_next_padded(BatchRecord *r, BatchSlice text)
{
	bool		accepted;

	r->t.text = text.ptr;
	r->t.end = text.ptr + text.len;
	r->trials++;
	if (r->vain > MOST_VAIN + r->trials / MOST_VAIN)
		return batch_record_next(r, text);
	if (batch_fast_scan(r))
		return true;
	accepted = batch_record_next(r, text);
	if (accepted)
		r->vain++;
	return accepted;
}

/* Get the slice of a path by its number, be it null; ptr is NULL for nothing. */
BatchSlice
batch_record_get_any(const BatchRecord *r, int path)
{
	return r->slices[r->nodes[path]->slot];
}

/* Get the slice of a path by its number; ptr is NULL for nothing, and for null. */
BatchSlice
batch_record_get(const BatchRecord *r, int path)
{
	BatchSlice	slice = batch_record_get_any(r, path);
	const BatchSlice none = {NULL, 0};

	return slice.ptr == NULL || *slice.ptr == 'n' ? none : slice;
}

/*
 * Have the value of a path, by its number, written to a tape while it is scanned,
 * where that can be.
 */
void
batch_record_tape(BatchRecord *r, int path)
{
	r->nodes[path]->taped = true;
	if (!r->taped)
	{
		r->tape.cxt = r->cxt;
		initStringInfo(&r->tape.aside);
	}
	r->taped = true;
}

/* Free what a long record needed of the tape and of items, which are no longer used. */
void
batch_record_release(BatchRecord *r)
{
	if (r->items != NULL)
		batch_items_release(r);
	if (!r->taping)
		return;
	r->taping = false;
	batch_room_release(&r->tape.tokens_room);
	batch_room_release(&r->tape.specials_room);
	if (r->tape.aside.maxlen > BATCH_LONG_TEXT)
		r->tape.aside.data = repalloc(r->tape.aside.data, r->tape.aside.maxlen = FIRST_ASIDE);
}

/* Find the tape that has the value of a path, and its token there; or NULL. */
BatchTape *
batch_record_find_tape(BatchRecord *r, int path, uint32 *token)
{
	int			slot = r->nodes[path]->slot;

	*token = r->tokens[slot];
	return r->taping && r->slices[slot].ptr != NULL && *token != BATCH_NOT_TAPED ?
		&r->tape : NULL;
}

/* Raise the error of a record that was not accepted, or keep it in escontext. */
void
batch_record_raise(const BatchRecord *r, Node *escontext)
{
	errsave(escontext,
			(errcode(r->t.error.sqlstate),
			 errmsg("invalid JSON: %s", r->t.error.what),
			 errdetail("At byte %zu of %zu.", r->t.error.offset + 1,
					   (size_t) (r->t.end - r->t.text))));
}

/* Find the one value that a path names in a text; raises where it is no JSON. */
BatchSlice
batch_record_find(BatchPath *path, BatchSlice text)
{
	BatchRecord *r = batch_record_open(list_make1(path));

	if (!batch_record_next(r, text))
		batch_record_raise(r, NULL);
	return batch_record_get(r, 0);
}
