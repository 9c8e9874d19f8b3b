/*
 * inflate.c
 *	  The bytes of a file --> plain bytes: gzip of any number of members
 *	  (RFC 1952), a gzip inside a gzip, or what is not gzip as it is.
 *
 *	  file --> [ gzip --> ] [ gzip --> ] out
 *
 * Content decides: a first byte of 0x1f can begin a gzip member but no JSON.
 * A name or a header that says otherwise is not believed.  The end is given
 * only once it is proven: by the last member's CRC-32 and length, or for plain
 * text by the framing of HTTP.
 */
#include "fetch/inflate.h"

#include "miscadmin.h"

#define GZIP_FIRST	0x1f
#define INNER_SIZE	65536		/* bytes between two levels of gzip */

struct BatchInflate
{
	BatchFile  *from;			/* the outermost level reads this, */
	BatchInflate *outer;		/* an inner level this */
	BatchInflate *inner;		/* the gzip found inside, or NULL */
	BatchStats *stats;
	bool		is_answer;		/* of an API, not results */
	MemoryContext cxt;
	BatchSlice	input;			/* what is not yet inflated */
	char	   *buffer;			/* of an inner level's input */
	bool		begun;			/* the first byte was seen */
	bool		first_given;	/* bytes were given out */
	BatchMember *member;			/* NULL: it is no gzip */
	bool		in_member;		/* between a member's head and its trailer */
	bool		padding;		/* zeros after the last member */
};

/* Open a level of inflating; belongs to the current context. */
static BatchInflate *
open_level(BatchFile *from, BatchInflate *outer, BatchStats *stats)
{
	BatchInflate *z = palloc0(sizeof(BatchInflate));

	z->from = from;
	z->outer = outer;
	z->stats = stats;
	z->cxt = CurrentMemoryContext;
	if (outer != NULL)
	{
		z->is_answer = outer->is_answer;
		z->buffer = palloc(INNER_SIZE);
	}
	return z;
}

/* Open the stage on a file; both belong to the current context. */
BatchInflate *
batch_inflate_open(BatchFile *from, BatchStats *stats)
{
	return open_level(from, NULL, stats);
}

static BatchFlow next_bytes(BatchInflate *z, char *out, size_t size, size_t *n);

/* Have input at hand. */
static BatchFlow
have_input(BatchInflate *z)
{
	if (z->input.len > 0)
		return BATCH_GIVEN;
	if (z->outer == NULL)
		return batch_file_next(z->from, &z->input);
	z->input.ptr = z->buffer;
	return next_bytes(z->outer, z->buffer, INNER_SIZE, &z->input.len);
}

/* Raise that the file is damaged. */
static void
raise_damaged(const BatchInflate *z, const char *what, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("%s is %s", z->is_answer ? "the answer" : "results file", what),
			 errdetail("%s", detail),
			 z->is_answer ? 0 : errhint("Rows read before this are not the whole result; ask again, or ask the vendor for a new file.")));
}

/* Raise that there is no memory to inflate with. */
static void
raise_no_memory(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_OUT_OF_MEMORY),
			 errmsg("out of memory")));
}

/* Look at the first byte, if there is one, to tell gzip from plain text. */
static void
begin(BatchInflate *z)
{
	MemoryContext old;

	z->begun = true;
	if (z->input.len == 0 || *z->input.ptr != GZIP_FIRST)
		return;
	old = MemoryContextSwitchTo(z->cxt);
	z->member = batch_inflate_member_open();
	MemoryContextSwitchTo(old);
	if (z->member == NULL)
		raise_no_memory();
}

/*
 * Go to the next member, if there is one.
 *
 * Zeros after the last member are padding, anything else is damage.
 */
static BatchFlow
next_member(BatchInflate *z)
{
	BatchFlow	flow;

	while ((flow = have_input(z)) == BATCH_GIVEN)
	{
		if (*z->input.ptr != 0)
		{
			if (z->padding || *z->input.ptr != GZIP_FIRST)
				raise_damaged(z, "corrupt", "There is something after its end that is no gzip.");
			if (!batch_inflate_member_reset(z->member))
				raise_no_memory();
			z->in_member = true;
			return BATCH_GIVEN;
		}
		z->padding = true;
		z->input.ptr++;
		z->input.len--;
	}
	return flow;
}

/* Run the inflater once, into the room at out. */
static void
run(BatchInflate *z, char **out, size_t *room)
{
	BatchMemberState state = batch_inflate_member_run(z->member, &z->input, out, room);

	if (state == MEMBER_NO_MEMORY)
		raise_no_memory();
	if (state == MEMBER_DAMAGED)
		raise_damaged(z, "corrupt", "Its bytes are no valid gzip, or its checksum does not match.");
	z->in_member = state != MEMBER_ENDS;
	CHECK_FOR_INTERRUPTS();
}

/* Inflate into out, up to the end of the last member. */
static BatchFlow
next_gzip(BatchInflate *z, char *out, size_t size, size_t *n)
{
	size_t		room = size;

	while (room == size)
	{
		BatchFlow	flow = z->in_member ? have_input(z) : next_member(z);

		if (flow == BATCH_END && z->in_member)
			raise_damaged(z, "truncated", "It ends within a gzip member.");
		if (flow != BATCH_GIVEN)
			return flow;
		run(z, &out, &room);
	}
	*n = size - room;
	return BATCH_GIVEN;
}

/* Copy plain input into out, up to its end, which HTTP must prove. */
static BatchFlow
next_plain(BatchInflate *z, char *out, size_t size, size_t *n)
{
	BatchFlow	flow = have_input(z);

	if (flow == BATCH_END && z->from != NULL && !batch_file_is_framed(z->from))
		raise_damaged(z, "not provably complete",
					  "The results host announces neither the length of the file nor chunks.");
	if (flow != BATCH_GIVEN)
		return flow;
	*n = Min(size, z->input.len);
	memcpy(out, z->input.ptr, *n);
	z->input.ptr += *n;
	z->input.len -= *n;
	return BATCH_GIVEN;
}

/* Give the bytes of one level. */
static BatchFlow
next_bytes(BatchInflate *z, char *out, size_t size, size_t *n)
{
	if (!z->begun)
	{
		if (have_input(z) == BATCH_WAIT)
			return BATCH_WAIT;
		begin(z);
	}
	return z->member ? next_gzip(z, out, size, n) : next_plain(z, out, size, n);
}

/* Put a level that inflates again after one whose first bytes are a gzip. */
static void
add_level(BatchInflate *z, const char *bytes, size_t len)
{
	MemoryContext old = MemoryContextSwitchTo(z->cxt);

	z->inner = open_level(NULL, z, z->stats);
	z->inner->buffer = repalloc(z->inner->buffer, Max(len, INNER_SIZE));
	memcpy(z->inner->buffer, bytes, len);
	z->inner->input.ptr = z->inner->buffer;
	z->inner->input.len = len;
	MemoryContextSwitchTo(old);
}

/*
 * Fill out with n bytes, up to size, without waiting; the end is proven.
 *
 * Raises XX001 where the file is truncated or corrupt.
 */
BatchFlow
batch_inflate_next(BatchInflate *z, char *out, size_t size, size_t *n)
{
	bool		first = !z->first_given;
	BatchFlow	flow = next_bytes(z->inner ? z->inner : z, out, size, n);

	if (flow != BATCH_GIVEN)
		return flow;
	z->first_given = true;
	if (first && z->member != NULL && (unsigned char) *out == GZIP_FIRST)
	{
		add_level(z, out, *n);
		flow = next_bytes(z->inner, out, size, n);
	}
	if (flow == BATCH_GIVEN)
		z->stats->inflated += *n;
	return flow;
}

/* Tell how a file is compressed, of which bytes were given. */
const char *
batch_inflate_describe(const BatchInflate *z)
{
	return z->inner ? "gzip in gzip" : z->member ? "gzip" : "not compressed";
}

/* Inflate an answer of an API, which is a whole gzip, into out: so many bytes at most. */
void
batch_inflate_answer(BatchSlice gzip, int most, StringInfo out)
{
	BatchStats	stats = {0};
	BatchInflate *z = open_level(batch_file_open_bytes(gzip), NULL, &stats);
	size_t		n;

	z->is_answer = true;
	for (;;)
	{
		enlargeStringInfo(out, INNER_SIZE);
		if (batch_inflate_next(z, out->data + out->len, INNER_SIZE, &n) == BATCH_END)
			break;
		out->len += n;
		out->data[out->len] = '\0';
		if (out->len > most)
			batch_download_refuse_long(most);
	}
}

/* Inflate what can be of a gzip that may be cut off or damaged: so many bytes at most. */
BatchSlice
batch_inflate_start(BatchSlice gzip, size_t most)
{
	BatchMember *m = batch_inflate_member_open();
	char	   *out = palloc(most);
	char	   *end = out;

	if (m != NULL)
		(void) batch_inflate_member_run(m, &gzip, &end, &most);
	return (BatchSlice) {out, end - out};
}
