/*
 * tape.h
 *	  What tape.c and jsonb.c share: a JSON text as a flat array.
 */
#ifndef BATCH_TAPE_H
#define BATCH_TAPE_H

#include "postgres.h"

#include "nodes/nodes.h"

#include "common.h"

#define BATCH_SLACK 16			/* bytes that may be read behind a text */

/* Memory that is used again and again. */
typedef struct BatchRoom
{
	void	   *ptr;
	Size		size;
} BatchRoom;

typedef struct BatchToken
{
	const char *ptr;			/* a string's characters, a number's text or numeric */
	uint32		type;			/* one of JENTRY_IS... */
	uint32		len;			/* bytes at ptr; tokens directly in a container */
	uint32		next;			/* the token behind this one and all in it */
	uint32		detail;			/* a container's JB_F...; a number's digits before
								 * the point, 0: ptr is its numeric */
} BatchToken;

typedef struct BatchTape
{
	MemoryContext cxt;
	const char *end;			/* of the text */
	BatchToken *tokens;
	uint32		ntokens;
	uint32		max_tokens;
	uint32		depth;			/* of the deepest container */
	Size		grown;			/* bytes that strings have more than in the text */
	bool		converts;		/* strings, to another encoding */
	Node	   *escontext;
	bool		failed;			/* jsonb cannot hold it; escontext keeps why */
	BatchRoom	text_room;
	BatchRoom	tokens_room;
} BatchTape;

extern void batch_tape_open(BatchTape *t);
extern bool batch_tape_read(BatchTape *t, BatchSlice json, Node *escontext);
extern void *batch_tape_reserve(BatchRoom *room, MemoryContext cxt, Size size);

#endif							/* BATCH_TAPE_H */
