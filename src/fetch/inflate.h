/*
 * inflate.h
 *	  What inflate.c and inflate_member.c share; only they include it.
 */
#ifndef BATCH_INFLATE_H
#define BATCH_INFLATE_H

#include "postgres.h"

#include "fetch/fetch.h"

/* What a run of the inflater came to. */
typedef enum BatchMemberState
{
	MEMBER_GOES_ON,				/* it wants input, or room */
	MEMBER_ENDS,				/* its checksum and its length are right */
	MEMBER_DAMAGED,
	MEMBER_NO_MEMORY
} BatchMemberState;

/* The inflater of one member after the other. */
typedef struct BatchMember BatchMember;

extern BatchMember *batch_inflate_member_open(void);
extern bool batch_inflate_member_reset(BatchMember *m);
extern BatchMemberState batch_inflate_member_run(BatchMember *m, BatchSlice *in,
												 char **out, size_t *room);

#endif							/* BATCH_INFLATE_H */
