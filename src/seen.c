/*
 * seen.c
 *	  A set of strings: cursors that were given, ids that were shown.
 */
#include "batch_fdw.h"

#include "common/hashfn.h"
#include "utils/hsearch.h"

struct BatchSeen
{
	HTAB	   *table;
	MemoryContext cxt;
};

/* Hash the string that a key points to. */
static uint32
hash_text(const void *key, Size size)
{
	const char *text = *(const char *const *) key;

	(void) size;
	return hash_bytes((const unsigned char *) text, strlen(text));
}

/* Compare the strings that two keys point to. */
static int
compare_text(const void *a, const void *b, Size size)
{
	(void) size;
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Open an empty set; belongs to the current context. */
BatchSeen *
batch_seen_open(void)
{
	BatchSeen  *seen = palloc(sizeof(BatchSeen));
	HASHCTL		control = {
		.keysize = sizeof(char *),
		.entrysize = sizeof(char *),
		.hash = hash_text,
		.match = compare_text,
		.hcxt = CurrentMemoryContext
	};

	seen->cxt = CurrentMemoryContext;
	seen->table = hash_create("batch_fdw strings", 256, &control,
							  HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
	return seen;
}

/* Add a string, copied; false where it was there before. */
bool
batch_seen_add(BatchSeen *seen, const char *text)
{
	bool		found;
	char	  **entry = hash_search(seen->table, &text, HASH_ENTER, &found);

	if (!found)
		*entry = MemoryContextStrdup(seen->cxt, text);
	return !found;
}
