/*
 * inflate.h
 *	  What inflate.c, inflate_gzip.c and inflate_zstd.c share; only they include it.
 */
#ifndef BATCH_INFLATE_H
#define BATCH_INFLATE_H

#include "postgres.h"

#include "fetch/fetch.h"

/* What a run of an inflater came to. */
typedef enum BatchMemberState
{
	MEMBER_GOES_ON,				/* it wants input, or room */
	MEMBER_HOLDS,				/* it wants room, and may want no input */
	MEMBER_ENDS,				/* its checksum and its length are right */
	MEMBER_DAMAGED,
	MEMBER_TOO_LARGE,			/* it takes more memory than is allowed */
	MEMBER_NO_MEMORY
} BatchMemberState;

#define MAGIC_MOST	4			/* bytes that a member is told by, at most */

/*
 * A way to compress files, as any number of members, one behind the other.  An
 * inflater belongs to the context that was current when it was opened; it is
 * ready for a member then, and after a reset.
 */
typedef struct BatchCodec
{
	const char *name;
	size_t		magic;			/* bytes that a member is told by */
	bool		(*begins) (BatchSlice start);	/* as one does, as far as can be seen */
	const char *ends_within;	/* what is said of a file that does */
	const char *damaged;		/* what may be wrong with one that is */
	bool		padded;			/* zeros may stand behind a member */
	void	   *(*open) (void); /* NULL: no memory */
	bool		(*reset) (void *inflater);	/* likewise */
	BatchMemberState (*run) (void *inflater, BatchSlice *in, char **out, size_t *room);
} BatchCodec;

extern const BatchCodec batch_inflate_gzip;
extern const char *batch_inflate_gzip_library(void);

#ifdef BATCH_WITH_ZSTD
extern const BatchCodec batch_inflate_zstd;
extern const char *batch_inflate_zstd_library(void);
#endif

#endif							/* BATCH_INFLATE_H */
