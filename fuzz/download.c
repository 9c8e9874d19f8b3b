/*
 * download.c
 *	  The stage before inflate.c: gives the fuzzer's bytes, whole or in pieces,
 *	  with BATCH_WAIT between some of them.
 */
#include "fuzz.h"

#include <zlib.h>

#define MOST_PIECES 4096		/* so many at most, for speed */

struct BatchDownload
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

/* Open a download of bytes; cuts are FUZZ_CUTS bytes, or NULL. */
BatchDownload *
fuzz_download_open(const uint8 *bytes, size_t len, const uint8 *cuts, bool framed)
{
	BatchDownload *d = calloc(1, sizeof(BatchDownload));

	d->bytes = bytes;
	d->len = len;
	d->least = len / MOST_PIECES + 1;
	d->cuts = cuts;
	d->framed = framed;
	return d;
}

/* Close it, with what it gave. */
void
fuzz_download_close(BatchDownload *d)
{
	free(d->piece);
	free(d);
}

/* Tell how many bytes the next piece has: mostly few, at times many. */
static size_t
next_size(BatchDownload *d)
{
	uint8		cut;
	size_t		size;

	if (d->cuts == NULL)
		return d->len;
	cut = d->cuts[d->ncuts++ % FUZZ_CUTS] & 0x7f;
	size = cut < 64 ? (size_t) cut + 1 : (size_t) 1 << (cut - 64) / 3;
	return Min(d->len, Max(size, d->least));
}

/* Give the next piece, in memory of its own, which lives until the next call. */
BatchFlow
batch_download_next(BatchDownload *d, BatchSlice *bytes)
{
	free(d->piece);
	d->piece = NULL;
	if (d->cuts != NULL && !d->waited && (d->cuts[d->ncuts % FUZZ_CUTS] & 0x80) != 0)
	{
		d->waited = true;
		return BATCH_WAIT;
	}
	d->waited = false;
	if (d->len == 0)
		return BATCH_END;
	bytes->len = next_size(d);
	bytes->ptr = d->piece = malloc(bytes->len);
	memcpy(d->piece, d->bytes, bytes->len);
	d->bytes += bytes->len;
	d->len -= bytes->len;
	return BATCH_GIVEN;
}

const BatchHead *
batch_download_head(const BatchDownload *d)
{
	return &d->head;
}

bool
batch_download_is_framed(const BatchDownload *d)
{
	return d->framed;
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
