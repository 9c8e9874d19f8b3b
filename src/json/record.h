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
	uint64		lengths;		/* of keys, modulo 64, as bits */
	List	   *keys;			/* of BatchNode, for members */
	List	   *elements;		/* of BatchNode, for elements */
} BatchNode;

struct BatchRecord
{
	BatchNode	root;
	int			npaths;
	BatchNode **nodes;			/* of the paths, in the caller's order */
	int			nslots;
	BatchSlice *slices;
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

/* fast.c */
extern bool batch_fast_scan(BatchRecord *r);

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
