/*
 * inflate.c
 *	  The bytes of a body --> plain bytes: gzip of any number of members
 *	  (RFC 1952), a gzip inside a gzip, or what is not gzip as it is.
 *
 *	  download --> [ gzip --> ] [ gzip --> ] out
 *
 * Content decides: a first byte of 0x1f can begin a gzip member but no JSON.
 * A name or a header that says otherwise is not believed.  The end is given
 * only once it is proven: by the last member's CRC-32 and length, or for plain
 * text by the framing of HTTP.
 */
#include "batch_fdw.h"

#include <zlib.h>

#include "miscadmin.h"

#define GZIP_FIRST	0x1f
#define GZIP_WINDOW (15 + 16)	/* zlib: the largest window, gzip framing */
#define INNER_SIZE	65536		/* bytes between two levels of gzip */

struct BatchInflate
{
	BatchDownload *from;		/* the outermost level reads this, */
	BatchInflate *outer;		/* an inner level this */
	BatchInflate *inner;		/* the gzip found inside, or NULL */
	BatchStats *stats;
	char	   *buffer;			/* of an inner level's input */
	bool		begun;			/* the first byte was seen */
	bool		gzip;
	bool		in_member;		/* between a member's head and its trailer */
	bool		padding;		/* zeros after the last member */
	z_stream	zlib;
};

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

/* Open a level of inflating; belongs to the current context. */
static BatchInflate *
open_level(BatchDownload *from, BatchInflate *outer, BatchStats *stats)
{
	BatchInflate *z = palloc0(sizeof(BatchInflate));

	z->from = from;
	z->outer = outer;
	z->stats = stats;
	z->zlib.zalloc = allocate;
	z->zlib.zfree = release;
	z->zlib.opaque = CurrentMemoryContext;
	if (outer != NULL)
		z->buffer = palloc(INNER_SIZE);
	return z;
}

/* Open the stage on a download; both belong to the current context. */
BatchInflate *
batch_inflate_open(BatchDownload *from, BatchStats *stats)
{
	return open_level(from, NULL, stats);
}

static size_t next_bytes(BatchInflate *z, char *out, size_t size);

/* Have input at hand; false at its end. */
static bool
have_input(BatchInflate *z)
{
	BatchSlice	bytes = {z->buffer, 0};

	if (z->zlib.avail_in > 0)
		return true;
	if (z->outer != NULL)
		bytes.len = next_bytes(z->outer, z->buffer, INNER_SIZE);
	else if (!batch_download_next(z->from, &bytes))
		bytes.len = 0;
	z->zlib.next_in = (Bytef *) unconstify(char *, bytes.ptr);
	z->zlib.avail_in = bytes.len;
	return bytes.len > 0;
}

/* Raise that the file is damaged; its end comes too soon, or zlib says why. */
static void
raise_damaged(const char *what, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("results file is %s", what),
			 detail ? errdetail("%s", detail) : 0,
			 errhint("Rows read before this are not the whole result; ask again, or ask the vendor for a new file.")));
}

/* Look at the first byte to tell gzip from plain text. */
static void
begin(BatchInflate *z)
{
	z->begun = true;
	if (!have_input(z) || *z->zlib.next_in != GZIP_FIRST)
		return;
	z->gzip = true;
	if (inflateInit2(&z->zlib, GZIP_WINDOW) != Z_OK)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
}

/*
 * Go to the next member, if there is one; false at the end of the file.
 *
 * Zeros after the last member are padding, anything else is damage.
 */
static bool
next_member(BatchInflate *z)
{
	while (have_input(z))
	{
		if (*z->zlib.next_in != 0)
		{
			if (z->padding || *z->zlib.next_in != GZIP_FIRST)
				raise_damaged("corrupt", "There is something after its end that is no gzip.");
			if (inflateReset(&z->zlib) != Z_OK)
				raise_damaged("corrupt", z->zlib.msg);
			return true;
		}
		z->padding = true;
		z->zlib.next_in++;
		z->zlib.avail_in--;
	}
	return false;
}

/* Inflate into out; 0 at the end of the last member. */
static size_t
next_gzip(BatchInflate *z, char *out, size_t size)
{
	z->zlib.next_out = (Bytef *) out;
	z->zlib.avail_out = size;
	while (z->zlib.avail_out == size)
	{
		int			code;

		if (!z->in_member && !next_member(z))
			return 0;
		z->in_member = true;
		if (!have_input(z))
			raise_damaged("truncated", "It ends within a gzip member.");
		code = inflate(&z->zlib, Z_NO_FLUSH);
		if (code == Z_STREAM_END)
			z->in_member = false;
		else if (code == Z_MEM_ERROR)
			ereport(ERROR,
					(errcode(ERRCODE_OUT_OF_MEMORY),
					 errmsg("out of memory")));
		else if (code != Z_OK && code != Z_BUF_ERROR)
			raise_damaged("corrupt", z->zlib.msg);
		CHECK_FOR_INTERRUPTS();
	}
	return size - z->zlib.avail_out;
}

/* Copy plain input into out; 0 at its end, which HTTP must prove. */
static size_t
next_plain(BatchInflate *z, char *out, size_t size)
{
	size_t		n;

	if (!have_input(z))
	{
		if (z->from != NULL && !batch_download_head(z->from)->framed)
			raise_damaged("not provably complete",
						  "The results host announces neither the length of the file nor chunks.");
		return 0;
	}
	n = Min(size, z->zlib.avail_in);
	memcpy(out, z->zlib.next_in, n);
	z->zlib.next_in += n;
	z->zlib.avail_in -= n;
	return n;
}

/* Give the bytes of one level. */
static size_t
next_bytes(BatchInflate *z, char *out, size_t size)
{
	if (!z->begun)
		begin(z);
	return z->gzip ? next_gzip(z, out, size) : next_plain(z, out, size);
}

/* Put a level that inflates again behind one whose first bytes are a gzip. */
static void
add_level(BatchInflate *z, const char *bytes, size_t len)
{
	MemoryContext old = MemoryContextSwitchTo(z->zlib.opaque);

	z->inner = open_level(NULL, z, z->stats);
	z->inner->buffer = repalloc(z->inner->buffer, Max(len, INNER_SIZE));
	memcpy(z->inner->buffer, bytes, len);
	z->inner->zlib.next_in = (Bytef *) z->inner->buffer;
	z->inner->zlib.avail_in = len;
	MemoryContextSwitchTo(old);
}

/*
 * Fill out with up to size bytes; returns how many, 0 at the proven end.
 *
 * Raises XX001 where the file is truncated or corrupt.
 */
size_t
batch_inflate_next(BatchInflate *z, char *out, size_t size)
{
	bool		first = !z->begun;
	size_t		n;

	n = z->inner ? next_bytes(z->inner, out, size) : next_bytes(z, out, size);
	if (first && z->gzip && n > 0 && (unsigned char) *out == GZIP_FIRST)
	{
		add_level(z, out, n);
		n = next_bytes(z->inner, out, size);
	}
	z->stats->inflated += n;
	return n;
}
