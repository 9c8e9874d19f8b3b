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

/*
 * A token: eight bytes, since a dense text has one in two bytes.  Its head is
 * made as a JEntry is, of a type and a length (utils/jsonb.h).
 */
typedef struct BatchToken
{
	uint32		head;			/* JENTRY_IS..., BATCH_TOKEN_OBJECT, and bytes of a
								 * string, tokens directly in a container, or
								 * BATCH_TOKEN_NUMBER */
	uint32		place;			/* of a string's characters or a number in the text;
								 * of a container the token behind all in it */
} BatchToken;

#define BATCH_TOKEN_OBJECT JENTRY_HAS_OFF	/* a container is an object */
#define BATCH_TOKEN_TYPE(token) ((token)->head & JENTRY_TYPEMASK)
#define BATCH_TOKEN_LEN(token) ((token)->head & JENTRY_OFFLENMASK)

/*
 * Of a plain decimal, its bytes and its digits before the point (number.c); 0 of
 * any other number.
 */
#define BATCH_TOKEN_NUMBER(len, whole) ((len) | (whole) << 12)
#define BATCH_TOKEN_BYTES(token) ((token)->head & 0xFFF)
#define BATCH_TOKEN_WHOLE(token) (BATCH_TOKEN_LEN(token) >> 12)

typedef struct BatchTape
{
	MemoryContext cxt;
	char	   *text;			/* a copy, whose strings are unescaped */
	const char *end;			/* of the text */
	char	   *spare;			/* behind it, for strings that grow as they are converted */
	BatchToken *tokens;
	uint32		ntokens;
	uint32		max_tokens;		/* up to which there is no look for interrupts */
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
extern void batch_tape_release(BatchTape *t);
extern void *batch_tape_reserve(BatchRoom *room, MemoryContext cxt, Size size);
extern void batch_tape_free(BatchRoom *room);

#endif							/* BATCH_TAPE_H */
