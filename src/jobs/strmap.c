/*
 * strmap.c
 *	  A set of strings, which may carry a text each: cursors that were given,
 *	  ids that were shown, jobs that were answered.
 */
#include "jobs/jobs.h"

#include "common/hashfn.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

typedef struct Entry
{
	char	   *text;			/* the key; first, as dynahash wants */
	BatchSlice	value;			/* ptr is NULL for none */
} Entry;

struct BatchStrmap
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
BatchStrmap *
batch_strmap_open(void)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext, "batch_fdw strings",
											  ALLOCSET_SMALL_SIZES);
	BatchStrmap *seen = MemoryContextAlloc(cxt, sizeof(BatchStrmap));
	HASHCTL		control = {
		.keysize = sizeof(char *),
		.entrysize = sizeof(Entry),
		.hash = hash_text,
		.match = compare_text,
		.hcxt = cxt
	};

	seen->cxt = cxt;
	seen->table = hash_create("batch_fdw strings", 256, &control,
							  HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
	return seen;
}

/* Add a string, copied; false where it was there before. */
bool
batch_strmap_add(BatchStrmap *seen, const char *text)
{
	BatchSlice	none = {NULL, 0};
	bool		found;

	(void) hash_search(seen->table, &text, HASH_FIND, &found);
	if (!found)
		batch_strmap_put(seen, text, none);
	return !found;
}

/* Add a string that is not there yet, with the text that it carries; copied. */
void
batch_strmap_put(BatchStrmap *seen, const char *text, BatchSlice value)
{
	Entry	   *entry = hash_search(seen->table, &text, HASH_ENTER, NULL);
	char	   *copy;

	entry->text = MemoryContextStrdup(seen->cxt, text);
	entry->value = value;
	if (value.ptr == NULL)
		return;
	copy = MemoryContextAllocHuge(seen->cxt, value.len + 1);
	memcpy(copy, value.ptr, value.len);
	copy[value.len] = '\0';
	entry->value.ptr = copy;
}

/* Find a string and the text that it carries; false where it is not there. */
bool
batch_strmap_find(BatchStrmap *seen, const char *text, BatchSlice *value)
{
	Entry	   *entry = hash_search(seen->table, &text, HASH_FIND, NULL);

	if (entry != NULL)
		*value = entry->value;
	return entry != NULL;
}

/* Drop a set. */
void
batch_strmap_close(BatchStrmap *seen)
{
	MemoryContextDelete(seen->cxt);
}

/* Tell how many strings a set has. */
long
batch_strmap_count(const BatchStrmap *seen)
{
	return hash_get_num_entries(seen->table);
}

/* Tell how many bytes a set takes. */
Size
batch_strmap_size(const BatchStrmap *seen)
{
	return MemoryContextMemAllocated(seen->cxt, true);
}
