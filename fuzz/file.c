/*
 * file.c
 *	  The stage before inflate.c: gives the fuzzer's bytes, whole or in pieces,
 *	  with BATCH_WAIT between some of them.
 */
#include "fuzz.h"

#include <zlib.h>

#define MOST_PIECES 4096		/* so many at most, for speed */

struct BatchFile
{
	const uint8 *bytes;
	size_t		len;
	size_t		least;			/* bytes of a piece */
	const uint8 *cuts;			/* NULL: all at once */
	int			ncuts;			/* that were used */
	bool		waited;			/* before the next piece */
	char	   *piece;			/* what was given last */
	BatchHead	head;
	bool		framed;
};

/* Open a file of bytes; cuts are FUZZ_CUTS bytes, or NULL. */
BatchFile *
fuzz_file_open(const uint8 *bytes, size_t len, const uint8 *cuts, bool framed)
{
	BatchFile  *f = calloc(1, sizeof(BatchFile));

	f->bytes = bytes;
	f->len = len;
	f->least = len / MOST_PIECES + 1;
	f->cuts = cuts;
	f->framed = framed;
	return f;
}

/* Close it, with what it gave. */
void
fuzz_file_close(BatchFile *f)
{
	free(f->piece);
	free(f);
}

/* Tell how many bytes the next piece has: mostly few, at times many. */
static size_t
next_size(BatchFile *f)
{
	uint8		cut;
	size_t		size;

	if (f->cuts == NULL)
		return f->len;
	cut = f->cuts[f->ncuts++ % FUZZ_CUTS] & 0x7f;
	size = cut < 64 ? (size_t) cut + 1 : (size_t) 1 << (cut - 64) / 3;
	return Min(f->len, Max(size, f->least));
}

/* Give the next piece, in memory of its own, which lives until the next call. */
BatchFlow
batch_file_next(BatchFile *f, BatchSlice *bytes)
{
	free(f->piece);
	f->piece = NULL;
	if (f->cuts != NULL && !f->waited && (f->cuts[f->ncuts % FUZZ_CUTS] & 0x80) != 0)
	{
		f->waited = true;
		return BATCH_WAIT;
	}
	f->waited = false;
	if (f->len == 0)
		return BATCH_END;
	bytes->len = next_size(f);
	bytes->ptr = f->piece = malloc(bytes->len);
	memcpy(f->piece, f->bytes, bytes->len);
	f->bytes += bytes->len;
	f->len -= bytes->len;
	return BATCH_GIVEN;
}

const BatchHead *
batch_file_head(const BatchFile *f)
{
	return &f->head;
}

bool
batch_file_is_framed(const BatchFile *f)
{
	return f->framed;
}

const BatchTrouble *
batch_file_trouble(const BatchFile *f)
{
	(void) f;
	return NULL;
}

/* Answers of an API are not fuzzed here, so neither of these two is called. */
BatchFile *
batch_file_open_bytes(BatchSlice bytes)
{
	(void) bytes;
	return NULL;
}

void
batch_download_refuse_long(int most)
{
	(void) most;
}

/* Pack bytes as one gzip member, in malloc'd memory. */
uint8 *
fuzz_gzip(const uint8 *bytes, size_t len, size_t *size)
{
	z_stream	s = {0};
	uint8	   *out;

	EXPECT(deflateInit2(&s, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "no memory");
	*size = deflateBound(&s, len);
	out = malloc(*size);
	s.next_in = (Bytef *) unconstify(uint8 *, bytes);
	s.avail_in = len;
	s.next_out = out;
	s.avail_out = *size;
	EXPECT(deflate(&s, Z_FINISH) == Z_STREAM_END, "deflate did not end");
	*size -= s.avail_out;
	deflateEnd(&s);
	return out;
}

/* Tell whether bytes begin as what is packed does, be it read or not. */
bool
fuzz_is_packed(const uint8 *bytes, size_t len)
{
	return (len > 0 && bytes[0] == 0x1f) ||
		(len >= 4 && (memcmp(bytes, "\x28\xb5\x2f\xfd", 4) == 0 ||
					  ((bytes[0] & 0xf0) == 0x50 && memcmp(bytes + 1, "\x2a\x4d\x18", 3) == 0)));
}
