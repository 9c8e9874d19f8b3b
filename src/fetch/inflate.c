/*
 * inflate.c
 *	  The bytes of a file --> plain bytes: gzip (RFC 1952) or zstd (RFC 8878) of
 *	  any number of members, one of them inside the other, or what is neither as
 *	  it is.
 *
 *	  file --> [ a codec --> ] [ a codec --> ] out
 *
 * Content decides: no JSON begins as a member does.  A name or a header that says
 * otherwise is not believed.  The end is given only once it is proven: by that of
 * the last member, its checksum and its length, or for plain text by the framing
 * of HTTP.
 */
#include "fetch/inflate.h"

#include "miscadmin.h"

#define INNER_SIZE	65536		/* bytes between two levels */

static const BatchCodec *const codecs[] = {
	&batch_inflate_gzip,
#ifdef BATCH_WITH_ZSTD
	&batch_inflate_zstd,
#endif
};

struct BatchInflate
{
	BatchFile  *from;			/* the outermost level reads this, */
	BatchInflate *outer;		/* an inner level this */
	BatchInflate *inner;		/* for what may be another inside, or NULL */
	BatchStats *stats;
	bool		is_answer;		/* of an API, not results */
	MemoryContext cxt;
	BatchSlice	input;			/* what is not yet inflated */
	BatchSlice	rest;			/* what follows the input */
	char	   *buffer;			/* of an inner level's input */
	char		start[MAGIC_MOST];	/* first bytes that came in pieces */
	size_t		started;		/* how many */
	bool		begun;			/* the first bytes were seen */
	bool		first_given;	/* bytes were given out */
	const BatchCodec *codec;	/* NULL: it is plain */
	void	   *inflater;		/* of it */
	bool		in_member;		/* between a member's head and its trailer */
	bool		holds;			/* the inflater may have bytes without input */
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
	if (z->rest.len > 0)
	{
		z->input = z->rest;
		z->rest.len = 0;
		return BATCH_GIVEN;
	}
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

/* Tell whether there is memory to inflate with. */
static void
check_memory(bool ok)
{
	if (!ok)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
}

/* Find the codec of which bytes may begin a member, as far as can be seen; NULL: none. */
static const BatchCodec *
find_codec(BatchSlice start)
{
	for (size_t i = 0; i < lengthof(codecs); i++)
		if (start.len > 0 && codecs[i]->begins(start))
			return codecs[i];
	return NULL;
}

/*
 * Have the first bytes at hand, as many as tell a codec; false where they must be
 * waited for.  Those that come in pieces are put together.
 */
static bool
have_start(BatchInflate *z)
{
	BatchFlow	flow;

	while ((flow = have_input(z)) == BATCH_GIVEN)
	{
		BatchSlice	start = z->started > 0 ? (BatchSlice) {z->start, z->started} : z->input;
		const BatchCodec *codec = find_codec(start);
		size_t		n;

		if (codec == NULL || start.len >= codec->magic)
			break;
		n = Min(codec->magic - z->started, z->input.len);
		memcpy(z->start + z->started, z->input.ptr, n);
		z->started += n;
		z->input.ptr += n;
		z->input.len -= n;
	}
	if (flow == BATCH_WAIT)
		return false;
	if (z->started > 0)
	{
		z->rest = z->input;
		z->input.ptr = z->start;
		z->input.len = z->started;
	}
	return true;
}

/* Tell what there is to inflate by the first bytes; false where they must be waited for. */
static bool
begin(BatchInflate *z)
{
	MemoryContext old;

	if (!have_start(z))
		return false;
	z->begun = true;
	z->codec = find_codec(z->input);
	if (z->codec != NULL && z->input.len < z->codec->magic)
		z->codec = NULL;
	if (z->codec == NULL)
		return true;
	old = MemoryContextSwitchTo(z->cxt);
	z->inflater = z->codec->open();
	MemoryContextSwitchTo(old);
	check_memory(z->inflater != NULL);
	z->in_member = true;
	return true;
}

/* Pass over the zeros behind a member; gives whether something else follows. */
static BatchFlow
pass_padding(BatchInflate *z)
{
	BatchFlow	flow;

	while ((flow = have_input(z)) == BATCH_GIVEN)
	{
		CHECK_FOR_INTERRUPTS();
		while (z->codec->padded && z->input.len > 0 && *z->input.ptr == 0)
		{
			z->input.ptr++;
			z->input.len--;
		}
		if (z->input.len > 0)
			break;
	}
	return flow;
}

/*
 * Go to the next member, if there is one.
 *
 * Zeros behind a member are padding to the size of some block, and another one
 * may follow them, as gzip has it; anything else is damage.
 */
static BatchFlow
next_member(BatchInflate *z)
{
	BatchFlow	flow = pass_padding(z);

	if (flow != BATCH_GIVEN)
		return flow;
	if (!z->codec->begins(z->input))
		raise_damaged(z, "corrupt", psprintf("There is something after its end that is no %s.", z->codec->name));
	check_memory(z->codec->reset(z->inflater));
	z->in_member = true;
	return BATCH_GIVEN;
}

/* Run the inflater once, into the room at out. */
static void
run(BatchInflate *z, char **out, size_t *room)
{
	BatchMemberState state = z->codec->run(z->inflater, &z->input, out, room);

	check_memory(state != MEMBER_NO_MEMORY);
	if (state == MEMBER_DAMAGED)
		raise_damaged(z, "corrupt", z->codec->damaged);
	if (state == MEMBER_TOO_LARGE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("results file takes too much memory to inflate"),
				 errhint("Ask the vendor for zstd with a window of 128 MB at most, or for gzip.")));
	z->in_member = state != MEMBER_ENDS;
	z->holds = state == MEMBER_HOLDS;
	CHECK_FOR_INTERRUPTS();
}

/* Inflate into out, up to the end of the last member. */
static BatchFlow
next_packed(BatchInflate *z, char *out, size_t size, size_t *n)
{
	size_t		room = size;

	while (room == size)
	{
		BatchFlow	flow = z->holds ? BATCH_GIVEN :
			z->in_member ? have_input(z) : next_member(z);

		if (flow == BATCH_END && z->in_member)
			raise_damaged(z, "truncated", z->codec->ends_within);
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
	if (!z->begun && !begin(z))
		return BATCH_WAIT;
	return z->codec ? next_packed(z, out, size, n) : next_plain(z, out, size, n);
}

/* Put a level that inflates again after one whose first bytes may be packed. */
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

/* Take a level away that has nothing to inflate, and has given what it held. */
static void
drop_level(BatchInflate *z)
{
	BatchInflate *inner = z->inner;

	if (!inner->begun || inner->codec != NULL || inner->input.len > 0 || inner->rest.len > 0)
		return;
	pfree(inner->buffer);
	pfree(inner);
	z->inner = NULL;
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

	if (flow == BATCH_GIVEN && first && z->codec != NULL &&
		find_codec((BatchSlice) {out, *n}) != NULL)
	{
		add_level(z, out, *n);
		flow = next_bytes(z->inner, out, size, n);
	}
	z->first_given |= flow == BATCH_GIVEN || z->inner != NULL;
	if (flow == BATCH_GIVEN)
		z->stats->inflated += *n;
	if (z->inner != NULL)
		drop_level(z);
	return flow;
}

/* Tell how a file is compressed, of which bytes were given. */
const char *
batch_inflate_describe(const BatchInflate *z)
{
	if (z->codec == NULL)
		return "not compressed";
	if (z->inner == NULL || z->inner->codec == NULL)
		return z->codec->name;
	return psprintf("%s in %s", z->inner->codec->name, z->codec->name);
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
	const BatchCodec *codec = find_codec(gzip);
	void	   *inflater = codec ? codec->open() : NULL;
	char	   *out = palloc(most);
	char	   *end = out;

	if (inflater != NULL)
		(void) codec->run(inflater, &gzip, &end, &most);
	return (BatchSlice) {out, end - out};
}

/* Name the libraries that inflate, and their versions. */
const char *
batch_inflate_library(void)
{
#ifdef BATCH_WITH_ZSTD
	return psprintf("%s, %s", batch_inflate_gzip_library(), batch_inflate_zstd_library());
#else
	return batch_inflate_gzip_library();
#endif
}
