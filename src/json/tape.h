/*
 * tape.h
 *	  A JSON text as a flat array: what a scan finds, and jsonb.c goes by.
 *
 *	  {"a":[1,"x"],"b":null}  -->  {  "a"  [  1  "x"  "b"  null
 *								   4       2
 *
 * Each key and each value is a token; a container has the number of those that
 * are directly in it, and tells which token is behind all in it, so that they
 * can be passed over (simdjson's doc/tape.md).  A token says where its
 * characters are, in the text or, where they had to be made, aside.
 */
#ifndef BATCH_TAPE_H
#define BATCH_TAPE_H

#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/nodes.h"
#include "utils/jsonb.h"

#include "common.h"

#define BATCH_SLACK 32			/* bytes that may be read behind a text */

/* What a harness sets so that short texts are written as long ones are. */
#ifndef BATCH_LONG_TEXT
#define BATCH_LONG_TEXT (1024 * 1024)	/* bytes, from which on memory counts most */
#endif

/* ---- room.c: memory that is used again and again ---- */

typedef struct BatchRoom
{
	void	   *ptr;
	Size		size;
} BatchRoom;

extern void *batch_room_reserve(BatchRoom *room, MemoryContext cxt, Size size);
extern void *batch_room_double(BatchRoom *room);
extern void batch_room_release(BatchRoom *room);

/* ---- The tape: fast.c fills it of a record, tape.c of any text ---- */

/*
 * A token: eight bytes, since a dense text has one in two bytes.  Its head is
 * made as a JEntry is, of a type and a length (utils/jsonb.h).
 */
typedef struct BatchToken
{
	uint32		head;			/* JENTRY_IS..., BATCH_TOKEN_OBJECT, and bytes of a
								 * string, tokens directly in a container, or
								 * BATCH_TOKEN_NUMBER; or BATCH_TOKEN_KEY */
	uint32		place;			/* of a string's characters or a number in the text;
								 * of a container the token behind all in it */
} BatchToken;

/* A key that keys.c knows, by its number and its bytes, which are less than 256. */
#define BATCH_TOKEN_IS_KEY 0x60000000
#define BATCH_TOKEN_KEY(number, len) (BATCH_TOKEN_IS_KEY | (number) << 8 | (len))

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
#define BATCH_PLAIN_NUMBER 64	/* bytes of a decimal that surely is plain */

typedef struct BatchTape
{
	MemoryContext cxt;
	const char *text;			/* BATCH_SLACK bytes may be read behind it */
	const char *end;
	uint32		near;			/* places below it are in the text, others aside */
	char	   *spare;			/* of tape.c: for strings that grow as they are converted */
	Size		grown;			/* bytes that strings have more than in the text */
	bool		converts;		/* strings, to another encoding */
	BatchToken *tokens;
	uint32		ntokens;
	uint32		max_tokens;		/* up to which there is no look for interrupts */
	uint32		depth;			/* of the deepest container */
	Node	   *escontext;
	bool		failed;			/* jsonb cannot hold it; escontext keeps why */
	BatchRoom	text_room;
	BatchRoom	tokens_room;
	BatchToken *next;			/* of fast.c: where the next token goes */
	uint32	   *specials;		/* tokens for batch_tape_settle */
	uint32		nspecials;
	BatchRoom	specials_room;
	StringInfoData aside;		/* characters that are not in the text */
} BatchTape;

/* Give the characters of a string or number. */
static inline const char *
batch_tape_text(const BatchTape *t, const BatchToken *token)
{
	return likely(token->place < t->near) ? t->text + token->place :
		t->aside.data + (token->place - t->near);
}

/* Give the number of the token behind one and all in it. */
static inline uint32
batch_tape_skip(const BatchTape *t, uint32 n)
{
	const BatchToken *token = &t->tokens[n];

	return BATCH_TOKEN_TYPE(token) == JENTRY_ISCONTAINER ? token->place : n + 1;
}

#endif							/* BATCH_TAPE_H */
