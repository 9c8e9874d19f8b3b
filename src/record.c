/*
 * record.c
 *	  A record --> the slices that the wanted paths name: the hot path.
 *
 * The paths are compiled once into a trie.  One pass over the record follows
 * the trie where it leads and skips the rest, and validates all of it as
 * PostgreSQL's json type would (RFC 8259, UTF-8, nesting to 6,400), building
 * nothing.  Of duplicate keys the last wins: meeting a key again forgets the
 * slices below it, which are numbered so that they are neighbours.
 *
 * Errors are kept, not raised: what becomes of a bad record is not decided
 * here.
 */
#include "batch_fdw.h"

#include "mb/pg_wchar.h"

/* Why a text is not accepted. */
typedef struct JsonError
{
	int			sqlstate;
	const char *what;
	size_t		offset;			/* bytes from the start of the text */
} JsonError;

/* A step that some wanted path takes. */
typedef struct TrieNode
{
	BatchStep	step;
	int			slot;			/* of the slice that ends here, or -1 */
	int			first_slot;		/* of this node and those below it */
	int			last_slot;		/* one behind them */
	List	   *keys;			/* of TrieNode, for members */
	List	   *elements;		/* of TrieNode, for elements */
} TrieNode;

struct BatchRecord
{
	TrieNode		root;
	int			npaths;
	TrieNode	  **nodes;			/* of the paths, in the caller's order */
	int			nslots;
	BatchSlice *slices;
	StringInfoData key;			/* an unescaped key */
	const char *text;
	const char *end;
	JsonError	error;
	char		closers[BATCH_MAX_DEPTH];	/* of the open brackets */
};

/* ---- The trie ---- */

/* Get the child of a node for a step, making it if there is none. */
static TrieNode *
get_child(TrieNode *node, const BatchStep *step)
{
	List	  **children = step->kind == BATCH_STEP_KEY ? &node->keys : &node->elements;
	TrieNode	   *child;
	ListCell   *lc;

	Assert(step->kind != BATCH_STEP_ALL);
	foreach(lc, *children)
	{
		child = lfirst(lc);
		if (step->kind == BATCH_STEP_INDEX ? child->step.index == step->index :
			child->step.keylen == step->keylen &&
			memcmp(child->step.key, step->key, step->keylen) == 0)
			return child;
	}
	child = palloc0(sizeof(TrieNode));
	child->step = *step;
	child->slot = -1;
	*children = lappend(*children, child);
	return child;
}

/* Number the slots depth first, so that those below a node are neighbours. */
static void
number_slots(TrieNode *node, int *next)
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

/*
 * Compile a list of BatchPath, none with [*]; belongs to the current context.
 */
BatchRecord *
batch_record_open(List *paths)
{
	BatchRecord *r = palloc0(sizeof(BatchRecord));

	r->root.slot = -1;
	r->npaths = list_length(paths);
	r->nodes = palloc0(sizeof(TrieNode *) * Max(r->npaths, 1));
	for (int i = 0; i < r->npaths; i++)
	{
		BatchPath  *path = list_nth(paths, i);
		TrieNode	   *node = &r->root;

		for (int k = 0; k < path->nsteps; k++)
			node = get_child(node, &path->steps[k]);
		node->slot = 0;
		r->nodes[i] = node;
	}
	number_slots(&r->root, &r->nslots);
	r->slices = palloc0(sizeof(BatchSlice) * Max(r->nslots, 1));
	initStringInfo(&r->key);
	return r;
}

/* ---- The scanner: each function takes the place and gives the one behind,
 * or NULL with the error kept ---- */

/* Keep an error and its place. */
static const char *
fail(BatchRecord *r, const char *p, int sqlstate, const char *what)
{
	r->error.sqlstate = sqlstate;
	r->error.what = what;
	r->error.offset = p - r->text;
	return NULL;
}

/* Keep a syntax error; at the end of the text it is the end that is wrong. */
static const char *
fail_syntax(BatchRecord *r, const char *p, const char *what)
{
	return fail(r, p, ERRCODE_INVALID_TEXT_REPRESENTATION,
				p >= r->end ? "it ends too soon" : what);
}

/* Skip white space (RFC 8259, 2). */
static inline const char *
skip_blank(const BatchRecord *r, const char *p)
{
	while (p < r->end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

/* Skip an escape (RFC 8259, 7), p behind its backslash. */
static const char *
skip_escape(BatchRecord *r, const char *p)
{
	if (p >= r->end)
		return fail_syntax(r, p, "");
	if (*p == 'u')
	{
		for (int i = 1; i <= 4; i++)
			if (p + i >= r->end || !isxdigit((unsigned char) p[i]))
				return fail_syntax(r, p + i, "\\u is not followed by four hexadecimal digits");
		return p + 5;
	}
	if (strchr("\"\\/bfnrt", *p) == NULL || *p == '\0')
		return fail_syntax(r, p, "a character in a string must not be escaped");
	return p + 1;
}

/* Tell whether any of eight bytes is a quote, a backslash or a control. */
static inline bool
has_special(uint64 w)
{
	const uint64 ones = UINT64CONST(0x0101010101010101);
	const uint64 highs = UINT64CONST(0x8080808080808080);
	uint64		quote = w ^ (ones * '"');
	uint64		backslash = w ^ (ones * '\\');

	return ((((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) |
			 ((w - ones * ' ') & ~w)) & highs) != 0;
}

/* Skip what is plain in a string, eight bytes at a time where there are. */
static inline const char *
skip_plain(const char *p, const char *end)
{
	uint64		w;

	for (; end - p >= (ptrdiff_t) sizeof(w); p += sizeof(w))
	{
		memcpy(&w, p, sizeof(w));
		if (has_special(w))
			break;
	}
	while (p < end && *p != '"' && *p != '\\' && (unsigned char) *p >= ' ')
		p++;
	return p;
}

/* Skip a string, p on its first quote; its UTF-8 was verified before. */
static const char *
skip_string(BatchRecord *r, const char *p)
{
	if (p >= r->end || *p != '"')
		return fail_syntax(r, p, "a string is expected");
	p++;
	while ((p = skip_plain(p, r->end)) < r->end)
	{
		if (*p == '"')
			return p + 1;
		if (*p != '\\')
			return fail_syntax(r, p, "a control character in a string must be escaped");
		if ((p = skip_escape(r, p + 1)) == NULL)
			return NULL;
	}
	return fail_syntax(r, p, "");
}

/* Skip digits, of which there must be one. */
static const char *
skip_digits(BatchRecord *r, const char *p)
{
	const char *start = p;

	while (p < r->end && *p >= '0' && *p <= '9')
		p++;
	return p > start ? p : fail_syntax(r, p, "a digit is expected");
}

/* Skip a number (RFC 8259, 6). */
static const char *
skip_number(BatchRecord *r, const char *p)
{
	if (*p == '-')
		p++;
	if (p < r->end && *p == '0')
		p++;
	else if ((p = skip_digits(r, p)) == NULL)
		return NULL;
	if (p < r->end && *p == '.')
		if ((p = skip_digits(r, p + 1)) == NULL)
			return NULL;
	if (p < r->end && (*p == 'e' || *p == 'E'))
	{
		p++;
		if (p < r->end && (*p == '+' || *p == '-'))
			p++;
		p = skip_digits(r, p);
	}
	return p;
}

/* Skip a value that has no brackets. */
static const char *
skip_scalar(BatchRecord *r, const char *p)
{
	size_t		left = r->end - p;

	if (left == 0)
		return fail_syntax(r, p, "");
	if (*p == '"')
		return skip_string(r, p);
	if (*p == '-' || (*p >= '0' && *p <= '9'))
		return skip_number(r, p);
	if (left >= 4 && (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0))
		return p + 4;
	if (left >= 5 && memcmp(p, "false", 5) == 0)
		return p + 5;
	return fail_syntax(r, p, "a JSON value is expected");
}

/* Skip a key and its colon. */
static const char *
skip_key(BatchRecord *r, const char *p)
{
	p = skip_string(r, skip_blank(r, p));
	if (p == NULL)
		return NULL;
	p = skip_blank(r, p);
	if (p >= r->end || *p != ':')
		return fail_syntax(r, p, "a colon is expected");
	return p + 1;
}

/*
 * Skip what is behind a value: closing brackets, or the comma and key before
 * the next one.  Leaves depth as it is there.
 */
static const char *
skip_behind(BatchRecord *r, const char *p, int base, int *depth)
{
	while (*depth > base)
	{
		p = skip_blank(r, p);
		if (p >= r->end || (*p != ',' && *p != r->closers[*depth - 1]))
			return fail_syntax(r, p, "a comma or a closing bracket is expected");
		if (*p++ == ',')
			return r->closers[*depth - 1] == '}' ? skip_key(r, p) : p;
		(*depth)--;
	}
	return p;
}

/* Skip a value of any kind, validating it; without recursion. */
static const char *
skip_value(BatchRecord *r, const char *p, int depth)
{
	int			base = depth;

	do
	{
		p = skip_blank(r, p);
		if (p < r->end && (*p == '{' || *p == '['))
		{
			char		closer = *p + 2;	/* '}' or ']' */

			if (depth >= BATCH_MAX_DEPTH)
				return fail(r, p, ERRCODE_STATEMENT_TOO_COMPLEX,
							"it is nested too deep");
			r->closers[depth++] = closer;
			p = skip_blank(r, p + 1);
			if (p >= r->end || *p != closer)
			{
				if (closer == '}' && (p = skip_key(r, p)) == NULL)
					return NULL;
				continue;
			}
		}
		else if ((p = skip_scalar(r, p)) == NULL)
			return NULL;
		if ((p = skip_behind(r, p, base, &depth)) == NULL)
			return NULL;
	} while (depth > base);
	return p;
}

/* Find the child for a key, whose quotes p and end include. */
static TrieNode *
find_key(BatchRecord *r, const TrieNode *node, const char *p, const char *end)
{
	BatchSlice	string = {p, end - p};
	int			len = end - p - 2;
	ListCell   *lc;

	p++;
	if (memchr(p, '\\', len) != NULL)
	{
		int			sqlstate;

		resetStringInfo(&r->key);
		if (batch_string_unescape(string, &r->key, &sqlstate) != NULL)
			return NULL;
		p = r->key.data;
		len = r->key.len;
	}
	foreach(lc, node->keys)
	{
		TrieNode	   *child = lfirst(lc);

		if (child->step.keylen == len && memcmp(child->step.key, p, len) == 0)
			return child;
	}
	return NULL;
}

/* Find the child for an element, or NULL. */
static TrieNode *
find_element(const TrieNode *node, int index)
{
	ListCell   *lc;

	foreach(lc, node->elements)
		if (((TrieNode *) lfirst(lc))->step.index == index)
			return lfirst(lc);
	return NULL;
}

static const char *scan_value(BatchRecord *r, const TrieNode *node, const char *p,
							  int depth);

/* Scan the members of an object or the elements of an array behind p. */
static const char *
scan_members(BatchRecord *r, const TrieNode *node, const char *p, int depth)
{
	char		closer = *p + 2;
	int			index = 0;

	for (p = skip_blank(r, p + 1); p >= r->end || *p != closer || index > 0; p++)
	{
		const char *start = skip_blank(r, p);
		TrieNode	   *child;

		if (closer == '}' && (p = skip_string(r, start)) == NULL)
			return NULL;
		child = closer == '}' ? find_key(r, node, start, p) :
			find_element(node, index);
		index++;
		if (closer == '}')
		{
			p = skip_blank(r, p);
			if (p >= r->end || *p != ':')
				return fail_syntax(r, p, "a colon is expected");
			p++;
		}
		p = child ? scan_value(r, child, p, depth + 1) :
			skip_value(r, p, depth + 1);
		if (p == NULL)
			return NULL;
		p = skip_blank(r, p);
		if (p < r->end && *p == closer)
			break;
		if (p >= r->end || *p != ',')
			return fail_syntax(r, p, "a comma or a closing bracket is expected");
	}
	return p + 1;
}

/* Scan a value on which wanted paths end or go on; keep its slice. */
static const char *
scan_value(BatchRecord *r, const TrieNode *node, const char *p, int depth)
{
	const char *start = p = skip_blank(r, p);

	for (int i = node->first_slot; i < node->last_slot; i++)
		r->slices[i].ptr = NULL;
	if (p < r->end && ((*p == '{' && node->keys != NIL) ||
					   (*p == '[' && node->elements != NIL)))
		p = scan_members(r, node, p, depth);
	else
		p = skip_value(r, p, depth);
	if (p != NULL && node->slot >= 0)
	{
		r->slices[node->slot].ptr = start;
		r->slices[node->slot].len = p - start;
	}
	return p;
}

/*
 * Scan and validate a record; false where it is no JSON, see
 * batch_record_raise.  The slices stay valid as long as the text does.
 */
bool
batch_record_next(BatchRecord *r, BatchSlice text)
{
	const char *p;
	int			valid = pg_encoding_verifymbstr(PG_UTF8, text.ptr, text.len);

	r->text = text.ptr;
	r->end = text.ptr + text.len;
	if (valid < (int) text.len && text.ptr[valid] != '\0')
		return fail(r, text.ptr + valid, ERRCODE_CHARACTER_NOT_IN_REPERTOIRE,
					"a byte sequence is not UTF-8") != NULL;
	p = scan_value(r, &r->root, text.ptr, 0);
	if (p == NULL)
		return false;
	p = skip_blank(r, p);
	if (p < r->end)
		return fail_syntax(r, p, "something follows the value") != NULL;
	return true;
}

/* Tell whether a path, by its number, names anything, be it null. */
bool
batch_record_has(const BatchRecord *r, int path)
{
	return r->slices[r->nodes[path]->slot].ptr != NULL;
}

/* Get the slice of a path by its number; ptr is NULL for nothing or null. */
BatchSlice
batch_record_get(const BatchRecord *r, int path)
{
	BatchSlice	slice = r->slices[r->nodes[path]->slot];

	if (slice.ptr != NULL && *slice.ptr == 'n')
		slice.ptr = NULL;
	return slice;
}

/* Raise the error of a record that was not accepted. */
void
batch_record_raise(const BatchRecord *r)
{
	ereport(ERROR,
			(errcode(r->error.sqlstate),
			 errmsg("invalid JSON: %s", r->error.what),
			 errdetail("At byte %zu of %zu.", r->error.offset + 1,
					   (size_t) (r->end - r->text))));
}

/* Find the one value that a path names in a text; raises where it is no JSON. */
BatchSlice
batch_record_find(BatchPath *path, BatchSlice text)
{
	BatchRecord *r = batch_record_open(list_make1(path));

	if (!batch_record_next(r, text))
		batch_record_raise(r);
	return batch_record_get(r, 0);
}
