/*
 * inflate_zstd.c
 *	  The bytes of one zstd frame (RFC 8878) --> plain bytes.
 *
 * Skippable frames are frames without content.  What libzstd allocates is not
 * PostgreSQL's: the context's end frees it.
 */
#include "fetch/inflate.h"

#ifdef BATCH_WITH_ZSTD

#include <zstd.h>
#include <zstd_errors.h>

#define LARGEST_WINDOW 27		/* log2 of bytes: what zstd reads unless told */

/* The inflater of one frame after the other. */
typedef struct Inflater
{
	MemoryContextCallback release;
	ZSTD_DCtx  *state;
	bool		begun;			/* a frame */
} Inflater;

/* Free what libzstd allocated. */
static void
release_inflater(void *arg)
{
	ZSTD_freeDCtx(((Inflater *) arg)->state);
}

/* Make ready for the next frame. */
static bool
reset_inflater(void *inflater)
{
	Inflater   *m = inflater;

	ZSTD_DCtx_reset(m->state, ZSTD_reset_session_only);
	m->begun = false;
	return true;
}

/* Make an inflater of frames, in the current context; NULL: no memory. */
static void *
open_inflater(void)
{
	Inflater   *m = palloc0(sizeof(Inflater));

	m->release.func = release_inflater;
	m->release.arg = m;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &m->release);
	m->state = ZSTD_createDCtx();
	if (m->state == NULL)
		return NULL;
	ZSTD_DCtx_setParameter(m->state, ZSTD_d_windowLogMax, LARGEST_WINDOW);
	return m;
}

/*
 * Inflate from in into the room at out, both of which advance.
 *
 * It may have taken all of the input and still hold bytes for which there was no
 * room.  A frame that came whole would be inflated whatever window it names: what
 * libzstd does not see from its first byte it treats as one that comes in pieces.
 */
static BatchMemberState
run_inflater(void *inflater, BatchSlice *in, char **out, size_t *room)
{
	Inflater   *m = inflater;
	ZSTD_inBuffer input = {in->ptr, m->begun ? in->len : Min(in->len, 1), 0};
	ZSTD_outBuffer output = {*out, *room, 0};
	size_t		left = ZSTD_decompressStream(m->state, &output, &input);

	m->begun = true;
	if (ZSTD_isError(left))
		switch (ZSTD_getErrorCode(left))
		{
			case ZSTD_error_memory_allocation:
				return MEMBER_NO_MEMORY;
			case ZSTD_error_frameParameter_windowTooLarge:
				return MEMBER_TOO_LARGE;
			default:
				return MEMBER_DAMAGED;
		}
	in->ptr += input.pos;
	in->len -= input.pos;
	*out += output.pos;
	*room -= output.pos;
	if (left == 0)
		return MEMBER_ENDS;
	return *room == 0 ? MEMBER_HOLDS : MEMBER_GOES_ON;
}

/* Name the library that inflates, and its version. */
const char *
batch_inflate_zstd_library(void)
{
	return psprintf("zstd %s", ZSTD_versionString());
}

/* Tell whether bytes begin as a frame does, or a skippable one, of which there are sixteen. */
static bool
begins_frame(BatchSlice start)
{
	static const char frame[] = {'\x28', '\xb5', '\x2f', '\xfd'};
	static const char skippable[] = {'\x50', '\x2a', '\x4d', '\x18'};
	size_t		n = Min(start.len, sizeof(frame));

	return memcmp(start.ptr, frame, n) == 0 ||
		((*start.ptr & 0xf0) == *skippable && memcmp(start.ptr + 1, skippable + 1, n - 1) == 0);
}

const BatchCodec batch_inflate_zstd = {
	.name = "zstd",
	.magic = 4,
	.begins = begins_frame,
	.ends_within = "It ends within a zstd frame.",
	.damaged = "Its bytes are no valid zstd, its checksum does not match, or it needs a dictionary.",
	.padded = false,
	.open = open_inflater,
	.reset = reset_inflater,
	.run = run_inflater
};

#endif							/* BATCH_WITH_ZSTD */
