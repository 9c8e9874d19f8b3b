/*
 * jsonb.c
 *	  A JSON text --> jsonb, byte for byte what jsonb_in makes of it.
 *
 * tape.c reads the text; the tape is then written container by container: a
 * header, an entry for each child, the children's data (utils/jsonb.h).  The
 * members of an object are sorted by the length of their keys, then by the
 * keys' bytes, and of equal keys the last wins.  Records of a file repeat
 * their shapes: the order of the keys of recent objects is remembered.
 */
#include "compat.h"
#include "values/tape.h"
#include "values/values.h"

#include "port/pg_bswap.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#define MOST_ELEMENTS	Min(MaxAllocSize / sizeof(JsonbValue), JB_CMASK)
#define MOST_PAIRS		Min(MaxAllocSize / sizeof(JsonbPair), JB_CMASK)
#define MOST_KNOWN		255		/* pairs of an object whose order is remembered */
#define NSHAPES			128		/* a power of two */

/* A member, as it is sorted. */
typedef struct Pair
{
	uint64		word;			/* the first eight bytes of its key */
	uint32		len;			/* of its key */
	uint32		key;			/* its token; the value's is the next one */
	uint32		rank;			/* its place in the text */
} Pair;

/* A sequence of keys, and how it is sorted. */
typedef struct Shape
{
	uint32		hash;
	uint32		npairs;
	uint8		order[MOST_KNOWN];
} Shape;

/* A container that is being written. */
typedef struct Frame
{
	char	   *start;			/* where its padding begins */
	JEntry	   *entries;
	uint32		nentries;
	uint32		nwritten;
	uint32		total;			/* bytes of the children so far */
	uint32		child;			/* of an array: the next token */
	const uint32 *keys;			/* of an object: its sorted keys; else NULL */
} Frame;

struct BatchJsonb
{
	BatchTape	tape;
	char	   *buffer;			/* what is written */
	char	   *out;			/* where to go on */
	Pair	   *pairs;			/* of one object */
	uint32	   *keys;			/* the sorted keys of the open objects: tokens */
	uint32		nkeys;
	Frame	   *frames;			/* the open containers */
	BatchRoom	buffer_room;
	BatchRoom	pairs_room;
	BatchRoom	keys_room;
	BatchRoom	frames_room;
	Node	   *escontext;
	bool		failed;			/* it does not fit; escontext keeps why */
	Shape		shapes[NSHAPES];
};

/* Open a writer, in the current context. */
BatchJsonb *
batch_jsonb_open(void)
{
	BatchJsonb *w = palloc0(sizeof(BatchJsonb));

	batch_tape_open(&w->tape);
	return w;
}

/* ---- The order of the keys ---- */

/* Compare two keys: negative, zero or positive. */
static inline int
compare_keys(const BatchJsonb *w, const Pair *a, const Pair *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	if (a->word != b->word)
		return a->word < b->word ? -1 : 1;
	if (a->len <= sizeof(a->word))
		return 0;
	return memcmp(w->tape.tokens[a->key].ptr + sizeof(a->word),
				  w->tape.tokens[b->key].ptr + sizeof(b->word),
				  a->len - sizeof(a->word));
}

/* Compare two members; of those with equal keys the later comes first. */
static inline int
compare_pairs(const Pair *a, const Pair *b, BatchJsonb *w)
{
	int			cmp = compare_keys(w, a, b);

	return cmp != 0 ? cmp : a->rank > b->rank ? -1 : 1;
}

#define ST_SORT sort_pairs
#define ST_ELEMENT_TYPE Pair
#define ST_COMPARE_ARG_TYPE BatchJsonb
#define ST_COMPARE(a, b, w) compare_pairs(a, b, w)
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Read the first eight bytes of a key so that they compare as a number. */
static inline uint64
read_word(const BatchToken *key)
{
	uint64		word;

	if (key->len == 0)
		return 0;
	memcpy(&word, key->ptr, sizeof(word));
	word = pg_ntoh64(word);
	return key->len < sizeof(word) ? word >> (8 * (sizeof(word) - key->len)) : word;
}

/* Fill pairs with the members of an object as they come; gives their hash. */
static uint32
fill_pairs(BatchJsonb *w, uint32 key, uint32 npairs)
{
	const BatchToken *tokens = w->tape.tokens;
	uint64		hash = npairs;

	for (uint32 i = 0; i < npairs; i++)
	{
		Pair	   *pair = &w->pairs[i];

		pair->word = read_word(&tokens[key]);
		pair->len = tokens[key].len;
		pair->key = key;
		pair->rank = i;
		hash = (hash ^ pair->word ^ pair->len) * UINT64CONST(0x9E3779B97F4A7C15);
		hash ^= hash >> 32;
		key = tokens[key + 1].next;
	}
	return (uint32) hash;
}

/* Sort pairs as a shape says; false where that is not their order. */
static bool
sort_as_known(BatchJsonb *w, const Shape *shape, uint32 *keys)
{
	const Pair *last = &w->pairs[shape->order[0]];

	keys[0] = last->key;
	for (uint32 i = 1; i < shape->npairs; i++)
	{
		const Pair *pair = &w->pairs[shape->order[i]];

		if (compare_keys(w, last, pair) >= 0)
			return false;
		keys[i] = pair->key;
		last = pair;
	}
	return true;
}

/*
 * Sort the members of an object, the first of whose keys is given; fills keys
 * and gives how many are different.
 */
static uint32
sort_members(BatchJsonb *w, uint32 key, uint32 npairs, uint32 *keys)
{
	uint32		hash = fill_pairs(w, key, npairs);
	Shape	   *shape = &w->shapes[hash % NSHAPES];
	uint32		n = 0;

	if (shape->hash == hash && shape->npairs == npairs && sort_as_known(w, shape, keys))
		return npairs;
	sort_pairs(w->pairs, npairs, w);
	for (uint32 i = 0; i < npairs; i++)
		if (i == 0 || compare_keys(w, &w->pairs[i - 1], &w->pairs[i]) != 0)
			keys[n++] = w->pairs[i].key;
	if (n == npairs && n <= MOST_KNOWN)
	{
		shape->hash = hash;
		shape->npairs = n;
		for (uint32 i = 0; i < n; i++)
			shape->order[i] = w->pairs[i].rank;
	}
	return n;
}

/* ---- The bytes ---- */

/* Append zeros up to a multiple of four bytes; gives their number. */
static inline uint32
pad_out(BatchJsonb *w)
{
	uint32		n = (w->buffer - w->out) & 3;

	memset(w->out, 0, 4);
	w->out += n;
	return n;
}

/* Append a string; short ones in whole vectors, for which there is slack. */
static inline void
write_string(BatchJsonb *w, const BatchToken *token)
{
	char	   *out = w->out;

	w->out += token->len;
	if (token->len > 4 * BATCH_SLACK)
		memcpy(out, token->ptr, token->len);
	else
		for (uint32 i = 0; i < token->len; i += BATCH_SLACK)
			memcpy(out + i, token->ptr + i, BATCH_SLACK);
}

/* Append a numeric; gives its bytes. */
static inline uint32
write_number(BatchJsonb *w, const BatchToken *token)
{
	BatchSlice	number = {token->ptr, token->len};
	uint32		pad = pad_out(w);
	uint32		len = token->len;

	if (token->detail != 0)
		len = batch_number_write(w->out, number, token->detail);
	else
		memcpy(w->out, token->ptr, len);
	w->out += len;
	return pad + len;
}

/* Keep the first error, that a container is too large for an entry. */
static pg_noinline void
refuse_size(BatchJsonb *w)
{
	if (!w->failed)
		errsave(w->escontext,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("an array or object is too large for jsonb"),
				 errdetail("It takes more than %d bytes.", JENTRY_OFFLENMASK)));
	w->failed = true;
}

/* Keep the first error, that a container has too many children, if so. */
static bool
check_count(BatchJsonb *w, uint32 count, Size most)
{
	if (count > most && !w->failed)
		errsave(w->escontext,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("an array or object is too large for jsonb"),
				 errdetail("It has %u elements, and at most %zu are possible.",
						   count, most)));
	w->failed |= count > most;
	return !w->failed;
}

/* Append a value that is no container; gives its bytes. */
static inline uint32
write_scalar(BatchJsonb *w, const BatchToken *token)
{
	if (token->type == JENTRY_ISNUMERIC)
		return write_number(w, token);
	if (token->type == JENTRY_ISSTRING)
		write_string(w, token);
	return token->len;
}

/*
 * Fill in the entry of the next child: its length, or at each stride the
 * length of all up to it.
 */
static inline void
add_entry(BatchJsonb *w, Frame *f, uint32 type, uint32 len)
{
	f->total += len;
	if (unlikely(f->total > JENTRY_OFFLENMASK))
		refuse_size(w);
	f->entries[f->nwritten] = type |
		(f->nwritten % JB_OFFSET_STRIDE == 0 ? f->total | JENTRY_HAS_OFF : len);
	f->nwritten++;
}

/* Append a header with room for the entries of a frame. */
static void
write_header(BatchJsonb *w, Frame *f, uint32 header)
{
	memcpy(w->out, &header, sizeof(header));
	f->entries = (JEntry *) (w->out + sizeof(header));
	f->nwritten = 0;
	f->total = 0;
	w->out = (char *) (f->entries + f->nentries);
}

/* Begin an array of children, the first of which is given. */
static void
begin_array(BatchJsonb *w, Frame *f, uint32 child, uint32 count, uint32 flags)
{
	if (!check_count(w, count, MOST_ELEMENTS))
		return;
	f->child = child;
	f->nentries = count;
	f->keys = NULL;
	write_header(w, f, count | flags);
}

/* Begin an object: its keys are written, its values are left to be. */
static void
begin_object(BatchJsonb *w, Frame *f, uint32 child, uint32 count)
{
	const BatchToken *tokens = w->tape.tokens;
	uint32	   *keys = w->keys + w->nkeys;
	uint32		n;

	if (!check_count(w, count, MOST_PAIRS))
		return;
	n = count > 0 ? sort_members(w, child, count, keys) : 0;
	w->nkeys += n;
	f->keys = keys;
	f->nentries = 2 * n;
	write_header(w, f, n | JB_FOBJECT);
	for (uint32 i = 0; i < n; i++)
	{
		write_string(w, &tokens[keys[i]]);
		add_entry(w, f, JENTRY_ISSTRING, tokens[keys[i]].len);
	}
}

/* Begin an array or object. */
static void
begin_container(BatchJsonb *w, Frame *f, const BatchToken *token)
{
	uint32		child = token - w->tape.tokens + 1;

	f->start = w->out;
	pad_out(w);
	if (token->detail == JB_FOBJECT)
		begin_object(w, f, child, token->len / 2);
	else
		begin_array(w, f, child, token->len, JB_FARRAY);
}

/* End an array or object; gives its bytes, padding included. */
static uint32
end_container(BatchJsonb *w, Frame *f)
{
	if (w->out - f->start > JENTRY_OFFLENMASK)
		refuse_size(w);
	if (f->keys != NULL)
		w->nkeys -= f->nentries / 2;
	return w->out - f->start;
}

/* Get the next element of an array or value of an object. */
static inline const BatchToken *
get_child(BatchJsonb *w, Frame *f)
{
	const BatchToken *token;

	if (f->keys != NULL)
		return &w->tape.tokens[f->keys[f->nwritten - f->nentries / 2] + 1];
	token = &w->tape.tokens[f->child];
	f->child = token->next;
	return token;
}

/*
 * Append the containers of the tape, without recursion, up to one that does
 * not fit: there is room for them all.
 */
static void
write_tape(BatchJsonb *w)
{
	const BatchToken *token = &w->tape.tokens[0];
	Frame	   *f = w->frames;

	if (token->type == JENTRY_ISCONTAINER)
		begin_container(w, f, token);
	else
	{
		f->start = w->out;
		begin_array(w, f, 0, 1, JB_FARRAY | JB_FSCALAR);
	}
	while (!w->failed)
	{
		if (f->nwritten == f->nentries)
		{
			uint32		len = end_container(w, f);

			if (f == w->frames)
				break;
			f--;
			add_entry(w, f, JENTRY_ISCONTAINER, len);
			continue;
		}
		token = get_child(w, f);
		if (token->type == JENTRY_ISCONTAINER)
			begin_container(w, ++f, token);
		else
			add_entry(w, f, token->type, write_scalar(w, token));
	}
}

/* Make room for what the tape can become. */
static void
reserve_rooms(BatchJsonb *w, Size len)
{
	MemoryContext cxt = w->tape.cxt;
	Size		ntokens = w->tape.ntokens;

	/*
	 * A child takes an entry, padding, and the header of a container or of a
	 * numeric (19 bytes, and less than a byte for each of its digits), or the
	 * bytes of a string, which are fewer than those of its text, unless they
	 * have grown.
	 */
	w->buffer = batch_tape_reserve(&w->buffer_room, cxt, len + 20 * (ntokens + 2) + BATCH_SLACK);
	w->pairs = batch_tape_reserve(&w->pairs_room, cxt, (ntokens / 2 + 1) * sizeof(Pair));
	w->keys = batch_tape_reserve(&w->keys_room, cxt, (ntokens / 2 + 1) * sizeof(uint32));
	w->frames = batch_tape_reserve(&w->frames_room, cxt, (w->tape.depth + 1) * sizeof(Frame));
}

/*
 * Make jsonb of a valid JSON text in UTF-8, in the current context.  What jsonb
 * cannot hold goes to escontext, with the SQLSTATE of jsonb_in.
 */
Datum
batch_jsonb_make(BatchJsonb *w, BatchSlice json, Node *escontext)
{
	char	   *result;
	Size		size;

	if (!batch_tape_read(&w->tape, json, escontext))
		return (Datum) 0;
	reserve_rooms(w, json.len + w->tape.grown);
	w->out = w->buffer + VARHDRSZ;
	w->nkeys = 0;
	w->escontext = escontext;
	w->failed = false;
	write_tape(w);
	if (w->failed)
		return (Datum) 0;
	size = w->out - w->buffer;
	Assert(size + BATCH_SLACK <= w->buffer_room.size);
	result = palloc(size);
	memcpy(result, w->buffer, size);
	SET_VARSIZE(result, size);
	return PointerGetDatum(result);
}
