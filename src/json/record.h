/*
 * record.h
 *	  What the scans of a record share: its wanted paths, and what they found.
 *
 * record.c scans any text, and words the error of one that is no JSON; fast.c
 * goes over records that are like the last one.  Both leave the same slices.
 */
#ifndef BATCH_RECORD_H
#define BATCH_RECORD_H

#include "postgres.h"

#include "json/keys.h"
#include "json/skip.h"
#include "json/tape.h"

/* A step that some wanted path takes. */
typedef struct BatchNode
{
	BatchStep	step;
	int			slot;			/* of the slice that ends here, or -1 */
	int			first_slot;		/* of this node and those below it */
	int			last_slot;		/* one behind them */
	int			depth;			/* steps from the record */
	bool		taped;			/* what it names is written to the tape */
	bool		many;			/* [*] is among the steps to it, or below it */
	uint64		lengths;		/* of keys, modulo 64, as bits */
	List	   *keys;			/* of BatchNode, for members */
	List	   *elements;		/* of BatchNode, for elements */
	struct BatchNode *all;		/* of elements: [*], or NULL */
	struct BatchNode *around;	/* the innermost [*] of its steps, or NULL */
	int		   *marks;			/* of [*]: items of its slots, before the element */
} BatchNode;

/* What a path with [*] names, in the order of the text. */
typedef struct BatchItems
{
	BatchRoom	room;			/* of BatchItem */
	int			count;			/* -1: there is no array */
} BatchItems;

struct BatchRecord
{
	BatchNode	root;
	int			npaths;
	BatchNode **nodes;			/* of the paths, in the caller's order */
	int			nslots;
	BatchSlice *slices;
	BatchItems *items;			/* of each slot; NULL: no path has [*] */
	StringInfoData key;			/* an unescaped key */
	BatchText	t;
	MemoryContext cxt;
	BatchKeys  *keys;			/* NULL before the first fast scan */
	bool		taped;			/* what some path names */
	bool		taping;			/* and it is, of this record */
	uint32	   *tokens;			/* of the slices that are on the tape */
	BatchTape	tape;
	uint64		trials;			/* scans by fast.c, and those that were in vain */
	uint64		vain;
};

#define BATCH_NOT_TAPED	PG_UINT32_MAX

/* record.c */
extern BatchNode *batch_record_search_key(BatchRecord *r, const BatchNode *node,
										  const char *p, const char *end);
extern const char *batch_record_scan(BatchRecord *r, const BatchNode *node,
									 const char *p);

/* items.c */
extern void batch_items_open(BatchRecord *r);
extern void batch_items_begin(BatchRecord *r, const BatchNode *node, bool is_array);
extern void batch_items_release(BatchRecord *r);
extern void batch_items_add(BatchRecord *r, const BatchNode *node, BatchSlice value);

/* fast.c */
extern bool batch_fast_scan(BatchRecord *r);

/* Forget what the paths from a node on named, before its value at p is scanned. */
static pg_attribute_always_inline void
batch_record_begin(BatchRecord *r, const BatchNode *node, const char *p)
{
	for (int i = node->first_slot; i < node->last_slot; i++)
		r->slices[i].ptr = NULL;
	if (unlikely(node->many))
		batch_items_begin(r, node, p < r->t.end && *p == '[');
}

/*
 * Tell whether [*] alone goes on from a node into an array, so that its elements
 * share a step as they share a place.
 */
static inline bool
batch_record_has_all(const BatchNode *node)
{
	return node->all != NULL && list_length(node->elements) == 1;
}

/* Keep the value that ends some path. */
static pg_attribute_always_inline void
batch_record_keep(BatchRecord *r, const BatchNode *node, const char *start, const char *end)
{
	BatchSlice	value = {start, end - start};

	if (node->slot < 0)
		return;
	if (unlikely(node->around != NULL))
		batch_items_add(r, node, value);
	else
		r->slices[node->slot] = value;
}

/* Tell whether some step from a node is as long as a key, whose quotes p and end include. */
static inline bool
batch_record_has_length(const BatchNode *node, const char *p, const char *end)
{
	return (node->lengths >> ((end - p - 2) % 64) & 1) != 0;
}

/* Find the step for a key, whose quotes p and end include; or NULL. */
static inline BatchNode *
batch_record_find_key(BatchRecord *r, const BatchNode *node, const char *p, const char *end)
{
	return r->t.escaped || batch_record_has_length(node, p, end) ?
		batch_record_search_key(r, node, p, end) : NULL;
}

#endif							/* BATCH_RECORD_H */
