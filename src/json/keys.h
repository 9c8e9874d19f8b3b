/*
 * keys.h
 *	  The keys of objects, and which followed which in the last record.
 *
 * The records of a file repeat their shapes.  So a key is kept as the whole
 * text from the comma or brace before it up to its value, blanks included:
 * where the key that followed last time follows again, one comparison stands
 * for comma, string, colon, and finding out whether it is wanted.
 *
 * A key belongs to a place: that of the value of another key.  The elements of
 * an array share a place, and so do the values of keys that are not known.
 */
#ifndef BATCH_KEYS_H
#define BATCH_KEYS_H

#include "postgres.h"

#include "common.h"
#include "json/simd.h"

#define BATCH_KEY_TEXT	64		/* bytes of a key's text */
#define BATCH_NO_KEY	0x10000 /* a mask that no text matches */

/* A harness sets less of each, so that short texts come to the bounds. */
#ifndef BATCH_MOST_KEYS
#define BATCH_MOST_KEYS	1024	/* that are known */
#define BATCH_OF_PLACE	256		/* of one place */
#define BATCH_JUDGED	256		/* misses, after which a place is judged */
#endif

struct BatchNode;
struct BatchRecord;

typedef struct BatchKey
{
	char		text[BATCH_KEY_TEXT];	/* zeros behind it */
	uint32		mask;			/* of the first 16 bytes, those that count */
	uint16		len;			/* of the text; 0: this is no key of its own */
	uint8		name;			/* bytes from its characters to the text's end */
	uint32		head;			/* of its token */
	struct BatchKey *next;		/* what followed it last time */
	const struct BatchNode *node;	/* the wanted paths' step, or NULL */

	/* as a place: */
	struct BatchKey *first;		/* what was first last time */
	struct BatchKey *element;	/* the place of an array's elements, or NULL */
	struct BatchKey *other;		/* of the values of unknown keys, or NULL */
	struct BatchKey *place;		/* where it is itself */
	uint32		reads;			/* keys there, since it was judged last */
	uint32		misses;			/* those that were not as foretold */
	uint16		nkeys;			/* that are known */
	bool		wild;			/* they cannot be foretold */
	bool		opened;			/* an array or object was there */
} BatchKey;

typedef struct BatchKeys
{
	BatchKey	none;			/* followed by itself, and matching nothing */
	BatchKey	lost;			/* the place of what has no place of its own */
	BatchKey	keys[BATCH_MOST_KEYS];	/* a hash table; the first is the record's place */
	BatchSlice	name;			/* of the key that was read last, in quotes */
} BatchKeys;

/* What follows: a key, p on its value; no key, p behind the end; or nothing valid. */
typedef struct BatchTurn
{
	const char *p;
	BatchKey   *key;
} BatchTurn;

extern BatchKeys *batch_keys_open(struct BatchRecord *r);
extern BatchTurn batch_keys_turn(struct BatchRecord *r, BatchKey *place,
								 BatchKey *before, const char *p);
extern BatchKey *batch_keys_get_other(struct BatchRecord *r, BatchKey *key);
extern BatchKey *batch_keys_get_element(struct BatchRecord *r, BatchKey *place);

/* Tell whether a key's text is at p, which is before the end of what is scanned. */
static pg_attribute_always_inline bool
batch_keys_match(const BatchKey *key, const char *p, const char *end)
{
#ifdef BATCH_SIMD
	const ptrdiff_t width = sizeof(BatchVector);
	uint32		same = batch_simd_mask(batch_simd_equal(batch_simd_load(p),
														batch_simd_load(key->text)));

	if ((~same & key->mask) != 0)
		return false;
	if (likely(key->len <= width))
		return true;
	if (end - p <= key->len)
		return false;
	same = batch_simd_mask(batch_simd_equal(batch_simd_load(p + key->len - width),
											batch_simd_load(key->text + key->len - width)));
	return same == 0xffff &&
		(key->len <= 2 * width || memcmp(p + width, key->text + width, key->len - 2 * width) == 0);
#else
	return key->mask != BATCH_NO_KEY && end - p > key->len &&
		memcmp(p, key->text, key->len) == 0;
#endif
}

#endif							/* BATCH_KEYS_H */
