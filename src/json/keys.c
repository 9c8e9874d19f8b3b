/*
 * keys.c
 *	  Keys that were not foretold: read, learnt, and foretold from then on.
 *
 *	  key --> (place, text) --> the table --> a key that is known
 *			                        \--> full, wild, escaped: the place's other
 *
 * Learning is dearer than reading, so it is bounded: the table has room for
 * 1,024 keys, a place for 256 of them, and none is ever forgotten.  A place
 * where more than every fourth key is not the one foretold is wild from then
 * on: there only the keys that paths take are looked up.
 */
#include "compat.h"
#include "json/padded.h"
#include "json/record.h"

#include "common/hashfn.h"

#define PROBES			4		/* entries of the table that are looked at */
#define MOST_MISSED		4		/* one key of so many */

/* Prepare to learn the keys of a record's paths; in the record's context. */
BatchKeys *
batch_keys_open(BatchRecord *r)
{
	BatchKeys  *k = MemoryContextAllocZero(r->cxt, sizeof(BatchKeys));
	BatchKey   *root = &k->keys[0];

	k->none.mask = k->lost.mask = root->mask = BATCH_NO_KEY;
	k->none.next = k->none.first = &k->none;
	k->lost.next = k->lost.first = &k->none;
	k->lost.element = k->lost.other = &k->lost;
	k->lost.wild = true;
	root->next = root->first = &k->none;
	root->node = &r->root;
	root->len = 1;				/* the entry is taken */
	return k;
}

/* Hash a text of four bytes or more, or of one, and its place. */
static inline uint32
hash_key(const BatchKeys *k, const BatchKey *place, const char *text, size_t len)
{
	uint64		first = 0;
	uint64		last = 0;

	if (len >= sizeof(uint64))
	{
		memcpy(&first, text, sizeof(uint64));
		memcpy(&last, text + len - sizeof(uint64), sizeof(uint64));
	}
	else if (len >= sizeof(uint32))
	{
		memcpy(&first, text, sizeof(uint32));
		memcpy(&last, text + len - sizeof(uint32), sizeof(uint32));
	}
	else
		first = *text;
	first = hash_combine64(hash_combine64(first, last), place - k->keys);
	return murmurhash32((uint32) (first ^ first >> 32));
}

/* Find the key of a place by its text, adding it if there is room; or NULL. */
static BatchKey *
find_key(BatchKeys *k, BatchKey *place, const char *text, size_t len)
{
	uint32		hash = hash_key(k, place, text, len);

	for (int i = 0; i < PROBES; i++)
	{
		BatchKey   *key = &k->keys[(hash + i) % BATCH_MOST_KEYS];

		if (key->next == NULL)
		{
			memcpy(key->text, text, len);
			key->len = len;
			key->mask = len < 16 ? (1 << len) - 1 : 0xffff;
			key->place = place;
			key->next = key->first = &k->none;
			return key;
		}
		if (key->place == place && key->len == len && memcmp(key->text, text, len) == 0)
			return key;
	}
	return NULL;
}

/* Give a place below a place that has no key: its text is no key's. */
static BatchKey *
get_place(BatchKeys *k, BatchKey *place, const char *text)
{
	BatchKey   *found = find_key(k, place, text, 1);

	if (found == NULL)
		return &k->lost;
	found->mask = BATCH_NO_KEY;
	return found;
}

/*
 * Give the place of the elements of an array; NULL where they are wanted and
 * have none of their own.
 */
BatchKey *
batch_keys_get_element(BatchRecord *r, BatchKey *place)
{
	const BatchNode *node = place->node;
	BatchKey   *element;

	if (place->element != NULL)
		return place->element;
	element = get_place(r->keys, place, "[");
	if (node != NULL && batch_record_has_all(node))
	{
		if (element == &r->keys->lost)
			return NULL;
		element->node = node->all;
	}
	place->element = element;
	return element;
}

/* Give the key that stands for the unknown keys of a place. */
static BatchKey *
get_other(BatchKeys *k, BatchKey *place)
{
	if (place->other == NULL)
		place->other = get_place(k, place, "?");
	return place->other;
}

/*
 * Give the place of the first value of a key that is an array or object: that
 * of unknown keys, so that ids as keys do not each need a place of their own.
 */
BatchKey *
batch_keys_get_other(BatchRecord *r, BatchKey *key)
{
	return get_other(r->keys, key->place);
}

/* Find a key of a place, or learn it where that is worth while; or NULL. */
static BatchKey *
learn_key(BatchRecord *r, BatchKey *place, const char *text, size_t len, const BatchNode *node)
{
	BatchKeys  *k = r->keys;
	BatchKey   *key;

	if (r->t.escaped || len > BATCH_KEY_TEXT ||
		(node == NULL && (place->wild || place->nkeys >= BATCH_OF_PLACE)))
		return NULL;
	key = find_key(k, place, text, len);
	if (key != NULL && key->name == 0)
	{
		key->name = text + len - (k->name.ptr + 1);
		key->head = BATCH_TOKEN_KEY((uint32) (key - k->keys), (uint32) k->name.len - 2);
		key->node = node;
		place->nkeys++;
	}
	return key;
}

/* Count a miss, and judge whether a place is worth foretelling at all. */
static void
count_miss(BatchKeys *k, BatchKey *place)
{
	if (++place->misses < BATCH_JUDGED)
		return;
	if (place->misses > place->reads / MOST_MISSED)
	{
		place->wild = true;
		place->first = &k->none;
	}
	place->misses = place->reads = 0;
}

/* Foretell a key behind the one that was before it, if there was one. */
static void
foretell(BatchKeys *k, BatchKey *place, BatchKey *before, BatchKey *key)
{
	if (before == NULL)
		place->first = place->wild ? &k->none : key;
	else if (before->name != 0)
		before->next = key;
}

/*
 * Read what follows in an object at a place: p is on its brace, and before is
 * NULL, or p is behind the value of the key before.  keys->name is then the
 * key.  Gives up at a wanted key that cannot be learnt.
 */
BatchTurn
batch_keys_turn(BatchRecord *r, BatchKey *place, BatchKey *before, const char *p)
{
	BatchKeys  *k = r->keys;
	BatchTurn	turn = {NULL, NULL};
	const char *text = p;
	const char *end;
	const BatchNode *node = NULL;

	p = skip_blank(&r->t, before ? p : p + 1);
	if (*p == '}')
	{
		turn.p = p + 1;
		return turn;
	}
	if (before != NULL && *p != ',')
		return turn;
	if (before != NULL)
		p = skip_blank(&r->t, p + 1);
	if ((turn.p = skip_name(&r->t, p, &end)) == NULL)
		return turn;
	k->name.ptr = p;
	k->name.len = end - p;
	if (place->node != NULL)
		node = batch_record_find_key(r, place->node, p, end);
	turn.key = learn_key(r, place, text, turn.p - text, node);
	if (!place->wild)
		count_miss(k, place);
	if (turn.key == NULL && node != NULL)
		turn.p = NULL;
	else if (turn.key == NULL)
		turn.key = get_other(k, place);
	else
		foretell(k, place, before, turn.key);
	return turn;
}
