/*
 * model.c
 *	  What is expected of a JSON text, by PostgreSQL's own parser (src/common/
 *	  jsonapi.c, which json_in and jsonb_in use) and a tree built of its events.
 */
#include "fuzz.h"

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#include "utils/jsonb.h"

#if PG_VERSION_NUM >= 160000
#define ACTION	static JsonParseErrorType
#define DONE	return JSON_SUCCESS
#else
#define ACTION	static void
#define DONE	return
#endif

/* A text being read. */
typedef struct Reader
{
	JsonLexContext *lex;
	int			depth;
	int			deepest;
	const char *start;			/* of the next value */
	BatchSlice	key;			/* of the next value */
	ModelNode  *root;
	ModelNode  *open;			/* the container that is open */
	bool		overflow;		/* a number that no numeric can hold was met */
} Reader;

/* ---- Reading ---- */

/* Add a node below the container that is open. */
static ModelNode *
add_node(Reader *r, ModelKind kind)
{
	ModelNode  *node = palloc0(sizeof(ModelNode));
	ModelNode  *parent = r->open;

	node->kind = kind;
	node->slice.ptr = r->start;
	node->key = r->key;
	node->parent = parent;
	memset(&r->key, 0, sizeof(r->key));
	if (parent == NULL)
		r->root = node;
	else if (parent->last == NULL)
		parent->first = node;
	else
		parent->last->next = node;
	if (parent != NULL)
	{
		parent->last = node;
		parent->nchildren++;
	}
	return node;
}

/* Open a container. */
static void
open_container(Reader *r, ModelKind kind)
{
	r->depth++;
	r->deepest = Max(r->deepest, r->depth);
	r->start = r->lex->token_start;
	r->open = add_node(r, kind);
}

ACTION
begin_object(void *state)
{
	open_container(state, MODEL_OBJECT);
	DONE;
}

ACTION
begin_array(void *state)
{
	open_container(state, MODEL_ARRAY);
	DONE;
}

ACTION
end_container(void *state)
{
	Reader	   *r = state;

	r->open->slice.len = r->lex->prev_token_terminator - r->open->slice.ptr;
	r->open = r->open->parent;
	r->depth--;
	DONE;
}

ACTION
begin_member(void *state, char *key, bool isnull)
{
	Reader	   *r = state;

	(void) isnull;
	r->start = r->lex->token_start;
	r->key.ptr = key;
	r->key.len = key ? strlen(key) : 0;
	DONE;
}

ACTION
begin_element(void *state, bool isnull)
{
	(void) isnull;
	((Reader *) state)->start = ((Reader *) state)->lex->token_start;
	DONE;
}

ACTION
add_scalar(void *state, char *text, JsonTokenType type)
{
	Reader	   *r = state;
	ModelNode  *node = add_node(r, type == JSON_TOKEN_STRING ? MODEL_STRING :
								type == JSON_TOKEN_NUMBER ? MODEL_NUMBER :
								type == JSON_TOKEN_TRUE ? MODEL_TRUE :
								type == JSON_TOKEN_FALSE ? MODEL_FALSE : MODEL_NULL);

	node->slice.len = r->lex->prev_token_terminator - node->slice.ptr;
	node->string.ptr = text;
	node->string.len = text ? strlen(text) : 0;
	if (type == JSON_TOKEN_NUMBER && fuzz_numeric_make(text, strlen(text)) == NULL)
		r->overflow = true;
	DONE;
}

/* Parse a text, unescaping its strings or not. */
static JsonParseErrorType
parse(Reader *r, BatchSlice text, bool unescape)
{
	JsonSemAction actions = {
		.semstate = r,
		.object_start = begin_object,
		.object_end = end_container,
		.array_start = begin_array,
		.array_end = end_container,
		.object_field_start = begin_member,
		.array_element_start = begin_element,
		.scalar = add_scalar
	};
	char	   *input = unconstify(char *, text.ptr);

	memset(r, 0, sizeof(*r));
	r->start = batch_array_trim(text.ptr, text.ptr + text.len).ptr;
#if PG_VERSION_NUM >= 170000
	r->lex = makeJsonLexContextCstringLen(NULL, input, text.len, PG_UTF8, unescape);
#else
	r->lex = makeJsonLexContextCstringLen(input, text.len, PG_UTF8, unescape);
#endif
	return pg_parse_json(r->lex, &actions);
}

/* Read a text. */
Model
fuzz_model_read(BatchSlice text)
{
	Model		m = {0};
	Reader		r;
	size_t		valid = pg_encoding_verifymbstr(PG_UTF8, text.ptr, text.len);
	JsonParseErrorType error = parse(&r, text, false);

	if (valid < text.len && text.ptr[valid] != '\0')
		m.json_state = ERRCODE_CHARACTER_NOT_IN_REPERTOIRE;
	else if (r.deepest > BATCH_MAX_DEPTH)
		m.json_state = ERRCODE_STATEMENT_TOO_COMPLEX;
	else if (error != JSON_SUCCESS || valid < text.len)
		m.json_state = ERRCODE_INVALID_TEXT_REPRESENTATION;
	m.jsonb_state = m.json_state;
	if (m.json_state != 0)
		return m;
	error = parse(&r, text, true);
	if (r.overflow)
		m.jsonb_state = ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
	else if (error != JSON_SUCCESS)
		m.jsonb_state = error == JSON_UNICODE_CODE_POINT_ZERO ?
			ERRCODE_UNTRANSLATABLE_CHARACTER : ERRCODE_INVALID_TEXT_REPRESENTATION;
	m.root = error == JSON_SUCCESS ? r.root : NULL;
	return m;
}

/* ---- Paths ---- */

/* Make a path of steps. */
BatchPath *
fuzz_path_make(int nsteps, const BatchStep *steps)
{
	BatchPath  *path = palloc0(offsetof(BatchPath, steps) + nsteps * sizeof(BatchStep));

	path->nsteps = nsteps;
	if (nsteps > 0)
		memcpy(path->steps, steps, nsteps * sizeof(BatchStep));
	for (int i = 0; i < nsteps; i++)
		path->has_all |= steps[i].kind == BATCH_STEP_ALL;
	return path;
}

/* Find what a step names, the last of equal keys; or NULL. */
static ModelNode *
find_step(ModelNode *node, const BatchStep *step)
{
	ModelNode  *found = NULL;
	ModelNode  *child = node->first;
	int			n = 0;

	if (node->kind != (step->kind == BATCH_STEP_KEY ? MODEL_OBJECT : MODEL_ARRAY))
		return NULL;
	for (; child != NULL; child = child->next, n++)
		if (step->kind == BATCH_STEP_INDEX ? n == step->index :
			child->key.len == (size_t) step->keylen &&
			memcmp(child->key.ptr, step->key, step->keylen) == 0)
			found = child;
	return found;
}

/* Find what a path names; or NULL. */
ModelNode *
fuzz_model_find(ModelNode *node, const BatchPath *path)
{
	for (int i = 0; i < path->nsteps && node != NULL; i++)
		node = find_step(node, &path->steps[i]);
	return node;
}

/* Add what a path names from its step i on. */
static List *
find_from(List *found, ModelNode *node, const BatchPath *path, int i, bool *is_array)
{
	for (; i < path->nsteps && path->steps[i].kind != BATCH_STEP_ALL && node != NULL; i++)
		node = find_step(node, &path->steps[i]);
	if (node == NULL)
		return found;
	if (i == path->nsteps)
		return lappend(found, node);
	if (node->kind != MODEL_ARRAY)
		return found;
	*is_array = true;
	for (ModelNode *child = node->first; child != NULL; child = child->next)
		found = find_from(found, child, path, i + 1, is_array);
	return found;
}

/* List what a path with [*] names, and tell whether there is an array. */
List *
fuzz_model_find_all(ModelNode *node, const BatchPath *path, bool *is_array)
{
	*is_array = false;
	return find_from(NIL, node, path, 0, is_array);
}

/* ---- jsonb ---- */

/* Compare two keys as jsonb does. */
static int
compare_keys(BatchSlice a, BatchSlice b)
{
	return a.len != b.len ? (a.len < b.len ? -1 : 1) : memcmp(a.ptr, b.ptr, a.len);
}

/* Compare two members for qsort; those of equal keys stay in their order. */
static int
compare_members(const void *a, const void *b)
{
	const ModelNode *x = *(ModelNode *const *) a;
	const ModelNode *y = *(ModelNode *const *) b;
	int			cmp = compare_keys(x->key, y->key);

	return cmp != 0 ? cmp : x->slice.ptr < y->slice.ptr ? -1 : 1;
}

/* Give the members of an object as jsonb has them; sets how many. */
static ModelNode **
sort_members(const ModelNode *object, uint32 *n)
{
	ModelNode **members = palloc(sizeof(ModelNode *) * Max(object->nchildren, 1));
	int			all = 0;

	for (ModelNode *child = object->first; child != NULL; child = child->next)
		members[all++] = child;
	if (all > 0)
		qsort(members, all, sizeof(ModelNode *), compare_members);
	*n = 0;
	for (int i = 0; i < all; i++)
		if (i + 1 == all || compare_keys(members[i]->key, members[i + 1]->key) != 0)
			members[(*n)++] = members[i];
	return members;
}

/* Read four bytes; they must be before the end. */
static uint32
read_word(const char *p, const char *end)
{
	uint32		word;

	EXPECT(end - p >= 4, "jsonb ends within a header");
	memcpy(&word, p, sizeof(word));
	return word;
}

/* Skip the padding before what is aligned. */
static const char *
skip_padding(const char *p, const char *end, const char *base)
{
	for (; (p - base) % 4 != 0; p++)
		EXPECT(p < end && *p == 0, "padding of jsonb is not zero");
	return p;
}

static void check_container(const char *p, const char *end, const char *base,
							ModelNode *node, bool scalar);

/* Check the bytes of one value, which are exactly those from p to end. */
static void
check_value(uint32 type, const char *p, const char *end, const char *base, ModelNode *node)
{
	static const uint32 types[] = {JENTRY_ISNULL, JENTRY_ISBOOL_TRUE, JENTRY_ISBOOL_FALSE,
		JENTRY_ISNUMERIC, JENTRY_ISSTRING, JENTRY_ISCONTAINER, JENTRY_ISCONTAINER};
	char	   *numeric;

	EXPECT(type == types[node->kind], "jsonb has type %x for kind %d", type, node->kind);
	switch (node->kind)
	{
		case MODEL_STRING:
			EXPECT((size_t) (end - p) == node->string.len &&
				   memcmp(p, node->string.ptr, end - p) == 0, "jsonb has another string");
			break;
		case MODEL_NUMBER:
			numeric = fuzz_numeric_make(node->slice.ptr, node->slice.len);
			p = skip_padding(p, end, base);
			EXPECT(end - p == (ptrdiff_t) VARSIZE(numeric) && memcmp(p, numeric, end - p) == 0,
				   "jsonb has another number for %.*s", (int) node->slice.len, node->slice.ptr);
			break;
		case MODEL_ARRAY:
		case MODEL_OBJECT:
			check_container(skip_padding(p, end, base), end, base, node, false);
			break;
		default:
			EXPECT(p == end, "jsonb has bytes for a word");
	}
}

/* Check the bytes of an array or object; a scalar is in an array of its own. */
static void
check_container(const char *p, const char *end, const char *base, ModelNode *node, bool scalar)
{
	bool		object = !scalar && node->kind == MODEL_OBJECT;
	uint32		n = scalar ? 1 : node->nchildren;
	ModelNode **members = object ? sort_members(node, &n) : NULL;
	ModelNode  *child = scalar ? node : node->first;
	uint32		nentries = object ? 2 * n : n;
	uint32		flags = object ? JB_FOBJECT : scalar ? JB_FARRAY | JB_FSCALAR : JB_FARRAY;
	const char *entries = p + 4;
	const char *data;
	uint32		offset = 0;

	EXPECT(read_word(p, end) == (n | flags), "jsonb has header %x, not %x", read_word(p, end), n | flags);
	EXPECT((size_t) (end - entries) / 4 >= nentries, "jsonb ends within its entries");
	data = entries + 4 * (size_t) nentries;
	for (uint32 i = 0; i < nentries; i++)
	{
		uint32		entry = read_word(entries + 4 * i, end);
		uint32		next = (entry & JENTRY_OFFLENMASK) + (JBE_HAS_OFF(entry) ? 0 : offset);

		EXPECT((JBE_HAS_OFF(entry) != 0) == (i % JB_OFFSET_STRIDE == 0), "entry %u has the wrong kind", i);
		EXPECT(next >= offset && next <= (size_t) (end - data), "entry %u ends beyond its container", i);
		if (object && i < n)
			EXPECT((entry & JENTRY_TYPEMASK) == JENTRY_ISSTRING &&
				   next - offset == members[i]->key.len &&
				   memcmp(data + offset, members[i]->key.ptr, next - offset) == 0,
				   "jsonb has another key %u", i);
		else
			check_value(entry & JENTRY_TYPEMASK, data + offset, data + next, base,
						object ? members[i - n] : child);
		if (!object && child != NULL)
			child = child->next;
		offset = next;
	}
	EXPECT(offset == (size_t) (end - data), "jsonb has %zu bytes too many", (size_t) (end - data) - offset);
}

/* Check that jsonb is what a text has to become. */
void
fuzz_jsonb_check(const char *jsonb, ModelNode *root)
{
	bool		scalar = root->kind < MODEL_ARRAY;

	check_container(jsonb + VARHDRSZ, jsonb + VARSIZE(jsonb), jsonb + VARHDRSZ, root, scalar);
}
