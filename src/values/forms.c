/*
 * forms.c
 *	  The members of an object, in the order of jsonb.
 *
 * They are sorted by the length of their keys, then by the keys' bytes, and of
 * equal keys the last wins.  Records of a file repeat their shapes, so:
 *
 *	  all keys known to keys.c --> a form: entries and characters, to be copied
 *	  else --> sorted as a recent object was, if that is right, or anew
 *
 * A form is dearer to make than an object is to sort, so that no more than a
 * few are made which are not used; and it is not needed any more once the keys
 * of an object are written, so that any may give way to another.
 */
#include "compat.h"
#include "json/keys.h"
#include "values/forms.h"

#include "port/pg_bswap.h"
#include "utils/memutils.h"

#define MOST_KNOWN		255		/* pairs of an object whose order is remembered */
#define NSHAPES			128		/* a power of two */
#define NFORMS			256		/* a power of two */
#define USES_OF_FORM	16		/* that make up for making one */

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

struct BatchForms
{
	MemoryContext cxt;
	const BatchTape *tape;
	Pair	   *pairs;			/* of one object */
	BatchRoom	pairs_room;
	uint64		uses;			/* of forms */
	uint64		made;			/* forms, or tried to */
	BatchForm  *recent[BATCH_MOST_KEYS];	/* by their first key's number */
	BatchForm  *forms[NFORMS];	/* by their hash */
	Shape		shapes[NSHAPES];
};

/* Prepare to sort members, in the current context. */
BatchForms *
batch_forms_open(void)
{
	BatchForms *m = palloc0(sizeof(BatchForms));

	m->cxt = CurrentMemoryContext;
	return m;
}

/* Free what is not kept for the next text. */
void
batch_forms_release(BatchForms *m)
{
	batch_room_release(&m->pairs_room);
}

/* ---- Sorting ---- */

/* Give the characters of a key. */
static inline const char *
get_text(const BatchForms *m, uint32 key)
{
	return batch_tape_text(m->tape, &m->tape->tokens[key]);
}

/* Compare two keys: negative, zero or positive. */
static inline int
compare_keys(const BatchForms *m, const Pair *a, const Pair *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	if (a->word != b->word)
		return a->word < b->word ? -1 : 1;
	if (a->len <= sizeof(a->word))
		return 0;
	return memcmp(get_text(m, a->key) + sizeof(a->word), get_text(m, b->key) + sizeof(b->word),
				  a->len - sizeof(a->word));
}

/* Compare two members; of those with equal keys the later comes first. */
static inline int
compare_pairs(const Pair *a, const Pair *b, BatchForms *m)
{
	int			cmp = compare_keys(m, a, b);

	return cmp != 0 ? cmp : a->rank > b->rank ? -1 : 1;
}

#define ST_SORT sort_pairs
#define ST_ELEMENT_TYPE Pair
#define ST_COMPARE_ARG_TYPE BatchForms
#define ST_COMPARE(a, b, m) compare_pairs(a, b, m)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Get the first eight bytes of a key so that they compare as a number. */
static inline uint64
begin_key(const BatchForms *m, uint32 key)
{
	uint32		len = batch_forms_len(&m->tape->tokens[key]);
	uint64		word;

	if (len == 0)
		return 0;
	memcpy(&word, get_text(m, key), sizeof(word));
	word = pg_ntoh64(word);
	return len < sizeof(word) ? word >> (8 * (sizeof(word) - len)) : word;
}

/* Fill pairs with the members of an object as they come; gives their hash. */
static uint32
fill_pairs(BatchForms *m, uint32 key, uint32 npairs)
{
	uint64		hash = npairs;

	m->pairs = batch_room_reserve(&m->pairs_room, m->cxt, npairs * sizeof(Pair));
	for (uint32 i = 0; i < npairs; i++)
	{
		Pair	   *pair = &m->pairs[i];

		pair->word = begin_key(m, key);
		pair->len = batch_forms_len(&m->tape->tokens[key]);
		pair->key = key;
		pair->rank = i;
		hash = (hash ^ pair->word ^ pair->len) * UINT64CONST(0x9E3779B97F4A7C15);
		hash ^= hash >> 32;
		key = batch_tape_skip(m->tape, key + 1);
	}
	return (uint32) hash;
}

/* Sort pairs as a shape says; false where that is not their order. */
static bool
sort_as_known(BatchForms *m, const Shape *shape, uint32 *keys)
{
	const Pair *last = &m->pairs[shape->order[0]];

	keys[0] = last->key;
	for (uint32 i = 1; i < shape->npairs; i++)
	{
		const Pair *pair = &m->pairs[shape->order[i]];

		if (compare_keys(m, last, pair) >= 0)
			return false;
		keys[i] = pair->key;
		last = pair;
	}
	return true;
}

/* Sort the pairs; fills keys and gives how many are different. */
static uint32
sort_anew(BatchForms *m, uint32 npairs, uint32 *keys)
{
	uint32		n = 0;

	sort_pairs(m->pairs, npairs, m);
	for (uint32 i = 0; i < npairs; i++)
		if (i == 0 || compare_keys(m, &m->pairs[i - 1], &m->pairs[i]) != 0)
			keys[n++] = m->pairs[i].key;
	return n;
}

/*
 * Sort the members of an object, the first of whose keys is given; fills keys
 * and gives how many are different.
 */
uint32
batch_forms_sort(BatchForms *m, const BatchTape *tape, uint32 key, uint32 npairs,
				   uint32 *keys)
{
	uint32		hash;
	uint32		n;
	Shape	   *shape;

	m->tape = tape;
	if (npairs > BATCH_MANY_PAIRS)
		return batch_many_sort(tape, key, npairs, keys);
	hash = fill_pairs(m, key, npairs);
	shape = &m->shapes[hash % NSHAPES];
	if (shape->hash == hash && shape->npairs == npairs && sort_as_known(m, shape, keys))
		return npairs;
	n = sort_anew(m, npairs, keys);
	if (n == npairs && n <= MOST_KNOWN)
	{
		shape->hash = hash;
		shape->npairs = n;
		for (uint32 i = 0; i < n; i++)
			shape->order[i] = m->pairs[i].rank;
	}
	return n;
}

/* ---- Forms ---- */

/* Tell whether an object has the keys of a form; fills keys as they are sorted. */
static pg_attribute_always_inline bool
fits_form(const BatchTape *tape, const BatchForm *form, uint32 key, uint32 *keys)
{
	const BatchToken *tokens = tape->tokens;
	const uint32 *heads = form->heads;
	const uint8 *ranks = form->ranks;
	uint32		npairs = form->npairs;
	uint32		other = 0;

	for (uint32 i = 0; i < npairs; i++)
	{
		const BatchToken *value = &tokens[key + 1];

		other |= tokens[key].head ^ heads[i];
		keys[ranks[i]] = key;
		key = BATCH_TOKEN_TYPE(value) == JENTRY_ISCONTAINER ? value->place : key + 2;
	}
	return other == 0;
}

/* Hash the keys of an object; 0 where some key is not known. */
static uint32
hash_keys(const BatchTape *tape, uint32 key, uint32 npairs)
{
	uint32		hash = npairs;

	for (uint32 i = 0; i < npairs; i++)
	{
		const BatchToken *token = &tape->tokens[key];

		if (BATCH_TOKEN_TYPE(token) != BATCH_TOKEN_IS_KEY)
			return 0;
		hash = (hash ^ token->head) * 0x9E3779B1;
		hash ^= hash >> 15;
		key = batch_tape_skip(tape, key + 1);
	}
	return Max(hash, 1);
}

/* Make room for a form of so many pairs and bytes. */
static BatchForm *
allocate_form(BatchForms *m, uint32 npairs, uint32 len)
{
	Size		heads = MAXALIGN(sizeof(BatchForm));
	Size		entries = heads + npairs * sizeof(uint32);
	Size		keys = entries + npairs * sizeof(JEntry) + BATCH_SLACK;
	Size		ranks = keys + len + BATCH_SLACK;
	char	   *form = MemoryContextAllocZero(m->cxt, ranks + npairs);

	((BatchForm *) form)->heads = (uint32 *) (form + heads);
	((BatchForm *) form)->entries = (JEntry *) (form + entries);
	((BatchForm *) form)->keys = form + keys;
	((BatchForm *) form)->ranks = (uint8 *) (form + ranks);
	return (BatchForm *) form;
}

/* Make the form of an object, all of whose keys are known; NULL where some are equal. */
static BatchForm *
make_form(BatchForms *m, uint32 key, uint32 npairs, uint32 *keys)
{
	BatchForm  *form;
	uint32		len = 0;

	(void) fill_pairs(m, key, npairs);
	if (sort_anew(m, npairs, keys) < npairs)
		return NULL;
	for (uint32 i = 0; i < npairs; i++)
		len += m->pairs[i].len;
	form = allocate_form(m, npairs, len);
	form->npairs = npairs;
	for (uint32 i = 0; i < npairs; i++)
	{
		const Pair *pair = &m->pairs[i];

		form->heads[pair->rank] = m->tape->tokens[pair->key].head;
		form->ranks[pair->rank] = i;
		memcpy(form->keys + form->len, get_text(m, pair->key), pair->len);
		form->len += pair->len;
		form->entries[i] = JENTRY_ISSTRING |
			(i % JB_OFFSET_STRIDE == 0 ? form->len | JENTRY_HAS_OFF : pair->len);
	}
	return form;
}

/* Give the number of the first key of an object. */
static inline uint32
first_number(const BatchTape *tape, uint32 key)
{
	return (tape->tokens[key].head & ~BATCH_TOKEN_IS_KEY) >> 8;
}

/* Find the form of an object that has not that of the last one, or make it. */
static pg_noinline BatchForm *
search_form(BatchForms *m, uint32 key, uint32 npairs, uint32 *keys)
{
	uint32		hash = hash_keys(m->tape, key, npairs);
	BatchForm **place = &m->forms[hash % NFORMS];
	BatchForm  *form = *place;

	if (hash == 0)
		return NULL;
	if (form == NULL || form->hash != hash || form->npairs != npairs ||
		!fits_form(m->tape, form, key, keys))
	{
		if (m->made > NFORMS + m->uses / USES_OF_FORM)
			return NULL;
		m->made++;
		if ((form = make_form(m, key, npairs, keys)) == NULL)
			return NULL;
		form->hash = hash;
		if (*place != NULL)
		{
			uint32		number = ((*place)->heads[0] & ~BATCH_TOKEN_IS_KEY) >> 8;

			if (m->recent[number] == *place)
				m->recent[number] = NULL;
			pfree(*place);
		}
		*place = form;
	}
	m->recent[first_number(m->tape, key)] = form;
	m->uses++;
	return form;
}

/*
 * Find the form of an object, the first of whose keys is given, and fill keys as
 * they are sorted; or NULL.  It is valid until the next call.
 */
const BatchForm *
batch_forms_find(BatchForms *m, const BatchTape *tape, uint32 key, uint32 npairs,
						uint32 *keys)
{
	BatchForm  *form;

	if (BATCH_TOKEN_TYPE(&tape->tokens[key]) != BATCH_TOKEN_IS_KEY || npairs > MOST_KNOWN)
		return NULL;
	m->tape = tape;
	form = m->recent[first_number(tape, key)];
	if (unlikely(form == NULL || form->npairs != npairs || !fits_form(tape, form, key, keys)))
		return search_form(m, key, npairs, keys);
	m->uses++;
	return form;
}
