/*
 * inflate_fuzz.c
 *	  The bytes and the verdict of inflate.c depend neither on how a file is cut
 *	  into pieces nor on whether ISA-L or zlib inflates.
 *
 * The input is a mode, FUZZ_CUTS bytes of cuts, a byte that gives the room at
 * a time, and content.
 */
#include "fuzz.h"

#ifdef HAVE_LIBISAL
#include <isa-l.h>
#endif
#include <zlib.h>
#ifdef BATCH_WITH_ZSTD
#include <zstd.h>
#endif

#define HEAD		(FUZZ_CUTS + 2)
#define MOST_OUT	(64 * 1024)
#define GUARD		64			/* bytes after the room that must stay as they are */
#define GZIP_HEAD	10
#define GZIP_TAIL	8

/* What is made of the content. */
typedef enum FileMode
{
	MODE_AS_IT_IS,
	MODE_PACKED,				/* it is packed, as two members */
	MODE_ZLIB,					/* a bare deflate: zlib says what its trailer is */
	MODE_ISAL,					/* or ISA-L does */
	MODE_TWICE,					/* as MODE_ZLIB, and packed again */
	MODE_ZSTD,					/* it is packed, as frames */
	MODE_ZSTD_IN_GZIP,
	MODE_GZIP_IN_ZSTD,
	MODES
} FileMode;

#ifdef HAVE_LIBISAL
/* inflate.c, compiled without ISA-L and with other names. */
extern __typeof__(batch_inflate_open) twin_batch_inflate_open;
extern __typeof__(batch_inflate_next) twin_batch_inflate_next;
#endif

/* One build of the source. */
typedef struct Build
{
	const char *name;
	__typeof__(batch_inflate_open) *open;
	__typeof__(batch_inflate_next) *next;
} Build;

/* One run, and what came of it. */
typedef struct Run
{
	const Build *build;
	BatchFile  *file;
	size_t		room;			/* at a time */
	char	   *out;
	size_t		n;
	bool		capped;			/* there was more */
	int			state;
	char		message[128];
} Run;

static const Build builds[] = {
#ifdef HAVE_LIBISAL
	{"ISA-L", batch_inflate_open, batch_inflate_next},
	{"zlib", twin_batch_inflate_open, twin_batch_inflate_next}
#else
	{"zlib", batch_inflate_open, batch_inflate_next}
#endif
};

/* ---- The content ---- */

/* Put a head and a trailer around a bare deflate; frees it. */
static uint8 *
wrap(const uint8 *deflated, size_t len, uint32 crc, uint32 total, size_t *size)
{
	static const uint8 head[GZIP_HEAD] = {0x1f, 0x8b, 8};
	uint8	   *out = malloc(GZIP_HEAD + len + GZIP_TAIL);

	memcpy(out, head, GZIP_HEAD);
	memcpy(out + GZIP_HEAD, deflated, len);
	memcpy(out + GZIP_HEAD + len, &crc, 4);
	memcpy(out + GZIP_HEAD + len + 4, &total, 4);
	*size = GZIP_HEAD + len + GZIP_TAIL;
	return out;
}

/* Wrap a bare deflate as far as zlib reads it. */
static uint8 *
wrap_by_zlib(const uint8 *bytes, size_t len, size_t *size)
{
	z_stream	s = {0};
	uint8	   *out = malloc(MOST_OUT);
	uint8	   *wrapped;

	EXPECT(inflateInit2(&s, -15) == Z_OK, "no memory");
	s.next_in = bytes;
	s.avail_in = len;
	s.next_out = out;
	s.avail_out = MOST_OUT;
	inflate(&s, Z_FINISH);
	wrapped = wrap(bytes, len - s.avail_in, crc32(0, out, s.total_out), s.total_out, size);
	inflateEnd(&s);
	free(out);
	return wrapped;
}

#ifdef HAVE_LIBISAL
/* Wrap a bare deflate as far as ISA-L reads it. */
static uint8 *
wrap_by_isal(const uint8 *bytes, size_t len, size_t *size)
{
	struct inflate_state *s = malloc(sizeof(*s));
	uint8	   *out = malloc(MOST_OUT);
	uint8	   *wrapped;

	isal_inflate_init(s);
	s->next_in = unconstify(uint8 *, bytes);
	s->avail_in = len;
	s->next_out = out;
	s->avail_out = MOST_OUT;
	isal_inflate(s);
	len -= s->avail_in + s->read_in_length / 8;
	wrapped = wrap(bytes, len, crc32(0, out, s->total_out), s->total_out, size);
	free(out);
	free(s);
	return wrapped;
}
#else
#define wrap_by_isal wrap_by_zlib
#endif

/* Pack the content as two members. */
static uint8 *
pack(const uint8 *bytes, size_t len, size_t *size)
{
	size_t		half = len / 2;
	size_t		more;
	uint8	   *first = fuzz_gzip(bytes, half, size);
	uint8	   *second = fuzz_gzip(bytes + half, len - half, &more);

	first = realloc(first, *size + more);
	memcpy(first + *size, second, more);
	*size += more;
	free(second);
	return first;
}

#ifdef BATCH_WITH_ZSTD
/* Pack the content as two frames, the second with a checksum, and a skippable one between. */
static uint8 *
pack_frames(const uint8 *bytes, size_t len, size_t *size)
{
	static const uint8 skippable[] = {0x5b, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3};
	size_t		half = len / 2;
	size_t		room = ZSTD_compressBound(half) + sizeof(skippable) + ZSTD_compressBound(len - half) + 16;
	uint8	   *out = malloc(room);
	ZSTD_CCtx  *context = ZSTD_createCCtx();

	*size = ZSTD_compress2(context, out, room, bytes, half);
	memcpy(out + *size, skippable, sizeof(skippable));
	*size += sizeof(skippable);
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
	*size += ZSTD_compress2(context, out + *size, room - *size, bytes + half, len - half);
	ZSTD_freeCCtx(context);
	EXPECT(*size <= room, "zstd did not end");
	return out;
}
#else
#define pack_frames pack
#endif

/* Pack the content by one codec, and that by another. */
static uint8 *
pack_twice(uint8 *(*first) (const uint8 *, size_t, size_t *), uint8 *(*second) (const uint8 *, size_t, size_t *),
		   const uint8 *bytes, size_t len, size_t *size)
{
	uint8	   *inner = first(bytes, len, size);
	uint8	   *file = second(inner, *size, size);

	free(inner);
	return file;
}

/* Make the file, in malloc'd memory. */
static uint8 *
make_file(FileMode mode, const uint8 *bytes, size_t len, size_t *size)
{
	uint8	   *file;

	switch (mode)
	{
		case MODE_PACKED:
			return pack(bytes, len, size);
		case MODE_ZLIB:
			return wrap_by_zlib(bytes, len, size);
		case MODE_ISAL:
			return wrap_by_isal(bytes, len, size);
		case MODE_TWICE:
			return pack_twice(wrap_by_zlib, pack, bytes, len, size);
		case MODE_ZSTD:
			return pack_frames(bytes, len, size);
		case MODE_ZSTD_IN_GZIP:
			return pack_twice(pack_frames, pack, bytes, len, size);
		case MODE_GZIP_IN_ZSTD:
			return pack_twice(pack, pack_frames, bytes, len, size);
		default:
			file = malloc(len);
			memcpy(file, bytes, len);
			*size = len;
			return file;
	}
}

/* ---- The runs ---- */

/* Inflate to the end, into rooms with a guard after them. */
static void
inflate_all(void *arg)
{
	Run		   *run = arg;
	BatchStats	stats = {0};
	BatchInflate *z = run->build->open(run->file, &stats);
	char	   *room = palloc(run->room + GUARD);
	char		guard[GUARD];
	size_t		n;
	BatchFlow	flow;

	memset(guard, 0x5a, GUARD);
	memcpy(room + run->room, guard, GUARD);
	while ((flow = run->build->next(z, room, run->room, &n)) != BATCH_END)
	{
		EXPECT(memcmp(room + run->room, guard, GUARD) == 0, "%s wrote past its room", run->build->name);
		if (flow == BATCH_WAIT)
			continue;
		EXPECT(n > 0 && n <= run->room, "%zu bytes were given", n);
		run->capped = run->n + n > MOST_OUT;
		n = Min(n, MOST_OUT - run->n);
		memcpy(run->out + run->n, room, n);
		run->n += n;
		EXPECT(run->capped || stats.inflated == (int64) run->n, "other bytes were counted");
		if (run->capped)
			return;
	}
}

/*
 * Tell whether ISA-L takes what zlib does not: a code that is not complete (RFC
 * 1951, 3.2.7), before a checksum and a length that are right all the same.
 */
static bool
is_laxer(const Run *a, const Run *b)
{
	return a->build == &builds[0] && b->build != a->build && a->state == 0 &&
		strcmp(b->message, "results file is corrupt") == 0;
}

/* Run one build over a file. */
static Run
start(const Build *build, const uint8 *file, size_t size, const uint8 *cuts, size_t room)
{
	Run			run = {.build = build, .room = room, .out = malloc(MOST_OUT)};

	run.file = fuzz_file_open(file, size, cuts, true);
	run.state = fuzz_try(inflate_all, &run);
	strlcpy(run.message, fuzz_message(), sizeof(run.message));
	fuzz_file_close(run.file);
	fuzz_reset();
	return run;
}

/*
 * Check that two runs agree.  Of a damaged file one may have given more than
 * the other before the damage was met, and found it truncated, not corrupt, or
 * have met that before what takes too much memory, or after.
 */
static void
compare(const Run *a, const Run *b, bool lax)
{
	bool		capped = a->capped || b->capped || (lax && is_laxer(a, b));

	EXPECT(memcmp(a->out, b->out, Min(a->n, b->n)) == 0, "%s and %s give different bytes",
		   a->build->name, b->build->name);
	EXPECT(capped || a->state == b->state || (a->state != 0 && b->state != 0), "%s: \"%s\", %s: \"%s\"", a->build->name, a->message,
		   b->build->name, b->message);
	EXPECT(capped || a->state != 0 || a->n == b->n, "%s gives %zu bytes, %s %zu",
		   a->build->name, a->n, b->build->name, b->n);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	FileMode	mode;
	uint8	   *file;
	size_t		len;
	size_t		room;
	Run			runs[2 * lengthof(builds)];

	if (size <= HEAD)
		return 0;
	mode = data[0] % MODES;
	room = data[HEAD - 1] < 128 ? data[HEAD - 1] + 1 : (size_t) 1 << (data[HEAD - 1] - 128) / 8;
	file = make_file(mode, data + HEAD, size - HEAD, &len);
	for (size_t i = 0; i < lengthof(runs); i++)
	{
		runs[i] = start(&builds[i / 2], file, len, i % 2 ? data + 1 : NULL, i % 2 ? room : 65536);
		if (i > 0)
			compare(&runs[i % 2 ? i - 1 : 0], &runs[i], mode == MODE_ISAL);
	}
	if ((mode == MODE_PACKED || mode == MODE_ZSTD || mode == MODE_ZSTD_IN_GZIP || mode == MODE_GZIP_IN_ZSTD) &&
		!fuzz_is_packed(data + HEAD, size - HEAD))
		EXPECT(runs[0].n == size - HEAD && memcmp(runs[0].out, data + HEAD, size - HEAD) == 0,
			   "a good file gives \"%s\" or other bytes", runs[0].message);
	for (size_t i = 0; i < lengthof(runs); i++)
		free(runs[i].out);
	free(file);
	return 0;
}
