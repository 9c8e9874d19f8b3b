/*
 * inflate_gzip.c
 *	  The bytes of one gzip member (RFC 1952) --> plain bytes.
 *
 * A member is inflated by ISA-L where it was found at build time, else by zlib.
 * Both give the same verdicts, but that zlib refuses Huffman codes that are
 * incomplete even where the checksum is right.
 */
#include "fetch/inflate.h"

#ifdef HAVE_LIBISAL
#include <isa-l.h>
#else
#include <zlib.h>
#endif

#define GZIP_WINDOW (15 + 16)	/* zlib: the largest window, gzip framing */
#define GZIP_RESERVED 0xe0		/* flags of a head that must be zero (RFC 1952, 2.3.1.2) */

/* The inflater of one member. */
typedef struct Inflater
{
#ifdef HAVE_LIBISAL
	bool		in_head;
	struct isal_gzip_header head;
	struct inflate_state state;
#else
	z_stream	state;
#endif
} Inflater;

#ifdef HAVE_LIBISAL

/* Make ready for the next member. */
static bool
reset_inflater(void *inflater)
{
	Inflater   *m = inflater;

	isal_inflate_reset(&m->state);
	isal_gzip_header_init(&m->head);
	m->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
	m->in_head = true;
	return true;
}

/* Make an inflater of members, in the current context. */
static void *
open_inflater(void)
{
	Inflater   *m = palloc(sizeof(Inflater));

	isal_inflate_init(&m->state);
	(void) reset_inflater(m);
	return m;
}

/*
 * Inflate from in into the room at out, both of which advance.
 *
 * The head is read apart: isal_inflate() forgets the flags of a head that
 * comes in two pieces.  Of damaged input it does not say how far it came: it
 * may count back beyond where the piece began.
 */
static BatchMemberState
run_inflater(void *inflater, BatchSlice *in, char **out, size_t *room)
{
	Inflater   *m = inflater;
	struct inflate_state *s = &m->state;
	int			code = ISAL_DECOMP_OK;

	s->next_in = (uint8_t *) unconstify(char *, in->ptr);
	s->avail_in = in->len;
	s->next_out = (uint8_t *) *out;
	s->avail_out = *room;
	if (m->in_head)
	{
		code = isal_read_gzip_header(s, &m->head);
		m->in_head = code == ISAL_END_INPUT;
		if (code == ISAL_DECOMP_OK && (m->head.flags & GZIP_RESERVED) != 0)
			code = ISAL_INVALID_WRAPPER;
	}
	if (code == ISAL_DECOMP_OK)
		code = isal_inflate(s);
	if (code != ISAL_DECOMP_OK && code != ISAL_END_INPUT && code != ISAL_OUT_OVERFLOW)
		return MEMBER_DAMAGED;
	in->ptr += in->len - s->avail_in;
	in->len = s->avail_in;
	*out += *room - s->avail_out;
	*room = s->avail_out;
	return !m->in_head && s->block_state == ISAL_BLOCK_FINISH ? MEMBER_ENDS : MEMBER_GOES_ON;
}

/* Name the library that inflates, and its version. */
const char *
batch_inflate_gzip_library(void)
{
	return psprintf("ISA-L %d.%d.%d", ISAL_MAJOR_VERSION, ISAL_MINOR_VERSION,
					ISAL_PATCH_VERSION);
}

#else							/* zlib */

/* Allocate for zlib in the context where the stage was opened; may give NULL. */
static void *
allocate(void *cxt, unsigned int n, unsigned int size)
{
	return MemoryContextAllocExtended(cxt, (Size) n * size,
									  MCXT_ALLOC_NO_OOM | MCXT_ALLOC_HUGE);
}

/* Free for zlib. */
static void
release(void *cxt, void *p)
{
	(void) cxt;
	pfree(p);
}

/* Make ready for the next member. */
static bool
reset_inflater(void *inflater)
{
	Inflater   *m = inflater;

	return inflateReset(&m->state) == Z_OK;
}

/* Make an inflater of members, in the current context; NULL: no memory. */
static void *
open_inflater(void)
{
	Inflater   *m = palloc0(sizeof(Inflater));

	m->state.zalloc = allocate;
	m->state.zfree = release;
	m->state.opaque = CurrentMemoryContext;
	return inflateInit2(&m->state, GZIP_WINDOW) == Z_OK ? m : NULL;
}

/* Inflate from in into the room at out, both of which advance. */
static BatchMemberState
run_inflater(void *inflater, BatchSlice *in, char **out, size_t *room)
{
	Inflater   *m = inflater;
	z_stream   *s = &m->state;
	int			code;

	s->next_in = (Bytef *) unconstify(char *, in->ptr);
	s->avail_in = in->len;
	s->next_out = (Bytef *) *out;
	s->avail_out = *room;
	code = inflate(s, Z_NO_FLUSH);
	in->ptr += in->len - s->avail_in;
	in->len = s->avail_in;
	*out += *room - s->avail_out;
	*room = s->avail_out;
	if (code == Z_MEM_ERROR)
		return MEMBER_NO_MEMORY;
	if (code == Z_STREAM_END)
		return MEMBER_ENDS;
	return code == Z_OK || code == Z_BUF_ERROR ? MEMBER_GOES_ON : MEMBER_DAMAGED;
}

/* Name the library that inflates, and its version. */
const char *
batch_inflate_gzip_library(void)
{
	return psprintf("zlib %s", zlibVersion());
}

#endif							/* HAVE_LIBISAL */

/* Tell whether bytes begin as a member does: no JSON, and no other codec, does. */
static bool
begins_member(BatchSlice start)
{
	return *start.ptr == BATCH_GZIP_FIRST;
}

const BatchCodec batch_inflate_gzip = {
	.name = "gzip",
	.magic = 1,
	.begins = begins_member,
	.ends_within = "It ends within a gzip member.",
	.damaged = "Its bytes are no valid gzip, or its checksum does not match.",
	.padded = true,
	.open = open_inflater,
	.reset = reset_inflater,
	.run = run_inflater
};
