/*
 * tape.c
 *	  A JSON text --> a tape: its keys and values in a flat array.
 *
 * The text is valid, see record.c, so that commas and colons are no more than
 * gaps here.  It is copied before some slack, which allows to read it in whole
 * vectors and to unescape a string in its place.  Strings come to be in the
 * database's encoding.  Whatever jsonb cannot hold is found here, in the order
 * of the text and in duplicate keys too.
 */
#include "compat.h"
#include "values/tape.h"
#include "values/values.h"

#include "port/pg_bitutils.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define NO_TOKEN		PG_UINT32_MAX
#define FIRST_TOKENS	1024
#define MOST_KEPT		(1024 * 1024)	/* bytes of a room */

/*
 * Give memory of at least a size, with any content.  It is kept for the next
 * time, but what one long text needed is not kept for short ones.
 */
void *
batch_tape_reserve(BatchRoom *room, MemoryContext cxt, Size size)
{
	if (room->size >= size && (room->size <= MOST_KEPT || room->size / 4 <= size))
		return room->ptr;
	if (room->ptr != NULL)
		pfree(room->ptr);
	room->ptr = NULL;
	room->size = 0;
	size += size / 4;
	room->ptr = MemoryContextAllocHuge(cxt, size);
	room->size = size;
	return room->ptr;
}

/* Make more room for tokens, keeping them. */
static pg_noinline void
grow_tokens(BatchTape *t)
{
	t->tokens = t->tokens_room.ptr = repalloc_huge(t->tokens, 2 * t->tokens_room.size);
	t->tokens_room.size *= 2;
	t->max_tokens = t->tokens_room.size / sizeof(BatchToken);
}

/* Add a token; the caller fills in what else it has. */
static inline BatchToken *
add_token(BatchTape *t, uint32 type)
{
	BatchToken *token;

	if (t->ntokens == t->max_tokens)
		grow_tokens(t);
	token = &t->tokens[t->ntokens++];
	token->type = type;
	token->next = t->ntokens;
	token->len = 0;
	return token;
}

/* Find the quote or backslash behind p; may read BATCH_SLACK bytes too far. */
static inline char *
find_special(char *p)
{
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i backslash = _mm_set1_epi8('\\');

	for (;; p += sizeof(__m128i))
	{
		__m128i		v = _mm_loadu_si128((const __m128i *) p);
		int			found = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, quote),
														   _mm_cmpeq_epi8(v, backslash)));

		if (found != 0)
			return p + pg_rightmost_one_pos32(found);
	}
#else
	const uint64 ones = UINT64CONST(0x0101010101010101);

	for (;; p += sizeof(uint64))
	{
		uint64		v,
					quote,
					backslash;

		memcpy(&v, p, sizeof(v));
		quote = v ^ (ones * '"');
		backslash = v ^ (ones * '\\');
		if ((((quote - ones) & ~quote) | ((backslash - ones) & ~backslash)) & (ones << 7))
			break;
	}
	while (*p != '"' && *p != '\\')
		p++;
	return p;
#endif
}

/* Keep the first error, that a string has what no text can hold. */
static void
refuse_string(BatchTape *t, int sqlstate, const char *what)
{
	if (!t->failed)
		errsave(t->escontext,
				(errcode(sqlstate),
				 errmsg("unsupported character in JSON string"),
				 errdetail("%s.", what),
				 errhint("A column of type json keeps the text as it is.")));
	t->failed = true;
}

/* Keep the first error, that a string is longer than an entry can say. */
static pg_noinline void
refuse_length(BatchTape *t, uint32 len)
{
	if (!t->failed)
		errsave(t->escontext,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a string is too long for jsonb"),
				 errdetail("It has %u bytes, and at most %d are possible.",
						   len, JENTRY_OFFLENMASK)));
	t->failed = true;
}

/* Unescape a string in its place, p on its first backslash; gives its quote. */
static pg_noinline char *
unescape_string(BatchTape *t, BatchToken *token, char *p)
{
	StringInfoData out;
	BatchSlice	string;
	const char *error;
	int			sqlstate;

	for (; *p != '"'; p = find_special(p))
		p += 2;
	string.ptr = token->ptr - 1;
	string.len = p + 1 - string.ptr;
	initStringInfo(&out);
	error = batch_unescape_string(string, &out, &sqlstate);
	if (error != NULL)
		refuse_string(t, sqlstate, error);
	memcpy(unconstify(char *, token->ptr), out.data, out.len);
	token->len = out.len;
	pfree(out.data);
	return p;
}

/* Bring a string into the database's encoding, where that is another one. */
static pg_noinline void
enter_string(BatchTape *t, BatchToken *token)
{
	char	   *text = pnstrdup(token->ptr, token->len);
	char	   *entered = t->failed ? text : batch_text_enter(text, token->len, t->escontext);
	Size		len = entered ? strlen(entered) : 0;

	t->failed |= entered == NULL;
	if (!t->failed && entered != text)
	{
		token->ptr = memcpy(palloc0(len + BATCH_SLACK), entered, len);
		t->grown += len > token->len ? len - token->len : 0;
		token->len = len;
		pfree(entered);
	}
	pfree(text);
}

/* Read a string, p behind its first quote; gives the place behind it. */
static inline char *
read_string(BatchTape *t, char *p)
{
	BatchToken *token = add_token(t, JENTRY_ISSTRING);
	char	   *end = find_special(p);

	token->ptr = p;
	token->len = end - p;
	if (unlikely(*end == '\\'))
		end = unescape_string(t, token, end);
	if (unlikely(t->converts))
		enter_string(t, token);
	if (unlikely(token->len > JENTRY_OFFLENMASK))
		refuse_length(t, token->len);
	return end + 1;
}

/* Read a number; what is no plain decimal becomes a numeric at once. */
static inline char *
read_number(BatchTape *t, char *p)
{
	BatchToken *token = add_token(t, JENTRY_ISNUMERIC);
	const char *end = batch_number_measure(p, t->end, &token->detail);

	token->ptr = p;
	token->len = end - p;
	if (unlikely(token->detail == 0))
	{
		BatchSlice	number = {p, end - p};

		if (!t->failed)
			token->ptr = DatumGetPointer(batch_number_make(number, t->escontext));
		t->failed = t->failed || SOFT_ERROR_OCCURRED(t->escontext);
		token->len = t->failed ? 0 : VARSIZE(token->ptr);
	}
	return unconstify(char *, end);
}

/* Read true, false or null. */
static inline char *
read_word(BatchTape *t, char *p)
{
	add_token(t, *p == 't' ? JENTRY_ISBOOL_TRUE :
			  *p == 'f' ? JENTRY_ISBOOL_FALSE : JENTRY_ISNULL);
	return p + (*p == 'f' ? 5 : 4);
}

/*
 * Open a container; gives its token.  While it is open, the token's next is
 * the container around it, and that one's len holds its count until then.
 */
static inline uint32
open_container(BatchTape *t, uint32 around, uint32 count, uint32 flag)
{
	BatchToken *token = add_token(t, JENTRY_ISCONTAINER);

	token->detail = flag;
	token->next = around;
	if (around != NO_TOKEN)
		t->tokens[around].len = count;
	return t->ntokens - 1;
}

/* Close a container with so many tokens; gives the count of the one around it. */
static inline uint32
close_container(BatchTape *t, uint32 *open, uint32 count)
{
	BatchToken *token = &t->tokens[*open];

	*open = token->next;
	token->len = count;
	token->next = t->ntokens;
	return *open == NO_TOKEN ? 0 : t->tokens[*open].len;
}

/* Copy a text before slack, and make the tape empty. */
static char *
load_text(BatchTape *t, BatchSlice json)
{
	char	   *text = batch_tape_reserve(&t->text_room, t->cxt, json.len + BATCH_SLACK);

	memcpy(text, json.ptr, json.len);
	memset(text + json.len, 0, BATCH_SLACK);
	t->end = text + json.len;
	t->tokens = batch_tape_reserve(&t->tokens_room, t->cxt, FIRST_TOKENS * sizeof(BatchToken));
	t->max_tokens = t->tokens_room.size / sizeof(BatchToken);
	t->ntokens = 0;
	return text;
}

/* Prepare a tape, in the current context. */
void
batch_tape_open(BatchTape *t)
{
	memset(t, 0, sizeof(*t));
	t->cxt = CurrentMemoryContext;
	t->converts = !batch_text_is_utf8();
}

/* Read a valid JSON text; false where escontext keeps what jsonb cannot hold. */
bool
batch_tape_read(BatchTape *t, BatchSlice json, Node *escontext)
{
	char	   *p = load_text(t, json);
	uint32		open = NO_TOKEN;
	uint32		count = 0;
	uint32		depth = 0;

	t->depth = 0;
	t->grown = 0;
	t->escontext = escontext;
	t->failed = false;
	do
	{
		while (*p == ',' || *p == ':' || *p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')
			p++;
		count++;
		switch (*p)
		{
			case '"':
				p = read_string(t, p + 1);
				break;
			case '{':
			case '[':
				open = open_container(t, open, count, *p == '{' ? JB_FOBJECT : JB_FARRAY);
				count = 0;
				depth++;
				t->depth = Max(t->depth, depth);
				p++;
				break;
			case '}':
			case ']':
				count = close_container(t, &open, count - 1);
				depth--;
				p++;
				break;
			case 't':
			case 'f':
			case 'n':
				p = read_word(t, p);
				break;
			default:
				p = read_number(t, p);
		}
	} while (depth > 0);
	return !t->failed;
}
