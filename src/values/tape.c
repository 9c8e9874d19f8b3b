/*
 * tape.c
 *	  A JSON text --> a tape: its keys and values in a flat array.
 *
 * The text is valid, see record.c, so that commas and colons are no more than
 * gaps here.  It is copied before some slack, which allows to read it in whole
 * vectors and to unescape a string in its place.  Strings come to be in the
 * database's encoding.  Whatever jsonb cannot hold is found here, in the order
 * of the text and in duplicate keys too.
 *
 * Of a record that fast.c wrote to a tape while it scanned it, only what it left
 * undone is seen to.
 */
#include "compat.h"
#include "json/simd.h"
#include "values/values.h"

#include "miscadmin.h"
#include "mb/pg_wchar.h"
#include "port/pg_bitutils.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#define NO_TOKEN		PG_UINT32_MAX
#define FIRST_TOKENS	1024
#define LOOK_EVERY		65536	/* tokens between looks for interrupts */
#define COPIED_AT_ONCE	(1024 * 1024)	/* bytes, likewise */

/* Free what a long text needed of the tape, which is no longer used. */
void
batch_tape_release(BatchTape *t)
{
	batch_room_release(&t->text_room);
	batch_room_release(&t->tokens_room);
}

/* Let further tokens be added, if need be in more room; looks for interrupts. */
static pg_noinline void
allow_tokens(BatchTape *t)
{
	CHECK_FOR_INTERRUPTS();
	if (t->ntokens == t->tokens_room.size / sizeof(BatchToken))
		t->tokens = batch_room_double(&t->tokens_room);
	t->max_tokens = Min(t->ntokens + LOOK_EVERY, t->tokens_room.size / sizeof(BatchToken));
}

/* Add a token. */
static inline BatchToken *
add_token(BatchTape *t, uint32 head, uint32 place)
{
	BatchToken *token;

	if (t->ntokens == t->max_tokens)
		allow_tokens(t);
	token = &t->tokens[t->ntokens++];
	token->head = head;
	token->place = place;
	return token;
}

/* Find the quote or backslash behind p; may read BATCH_SLACK bytes too far. */
static inline char *
find_special(char *p)
{
#ifdef BATCH_SIMD
	for (;; p += sizeof(BatchVector))
	{
		BatchVector v = batch_simd_load(p);
		uint32		found = batch_simd_mask(batch_simd_either(batch_simd_equal(v, batch_simd_fill('"')),
															  batch_simd_equal(v, batch_simd_fill('\\'))));

		if (found != 0)
			return p + (uint32) pg_rightmost_one_pos32(found);
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

/*
 * Unescape a string in its place, p on its first backslash; gives its quote, and
 * sets its length.
 */
static pg_noinline char *
unescape_string(BatchTape *t, char *start, char *p, size_t *len)
{
	StringInfoData out;
	BatchSlice	string;
	const char *error;
	int			sqlstate;

	for (; *p != '"'; p = find_special(p))
		p += 2;
	string.ptr = start - 1;
	string.len = p + 1 - string.ptr;
	initStringInfo(&out);
	error = batch_unescape_string(string, &out, &sqlstate);
	if (error != NULL)
		refuse_string(t, sqlstate, error);
	memcpy(start, out.data, out.len);
	*len = out.len;
	pfree(out.data);
	return p;
}

/* Keep the first error, that a string is longer than an entry can say. */
static pg_noinline void
refuse_length(BatchTape *t, size_t len)
{
	if (!t->failed)
		errsave(t->escontext,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a string is too long for jsonb"),
				 errdetail("It has %zu bytes, and at most %d are possible.",
						   len, JENTRY_OFFLENMASK)));
	t->failed = true;
}

/*
 * Bring a string into the database's encoding, where that is another one; gives
 * its place, which is another where it has grown, and sets its length.
 */
static pg_noinline char *
enter_string(BatchTape *t, char *start, size_t *len)
{
	char	   *text = pnstrdup(start, *len);
	char	   *entered = t->failed ? text : batch_text_enter(text, *len, t->escontext);
	size_t		n = entered ? strlen(entered) : 0;

	t->failed |= entered == NULL;
	if (!t->failed && entered != text)
	{
		if (n > *len)
		{
			t->grown += n - *len;
			start = t->spare;
			t->spare += n;
		}
		memcpy(start, entered, n);
		*len = n;
		pfree(entered);
	}
	pfree(text);
	return start;
}

/* Read a string, p behind its first quote; gives the place behind it. */
static inline char *
read_string(BatchTape *t, char *p)
{
	char	   *start = p;
	char	   *end = find_special(p);
	size_t		len = end - p;

	if (unlikely(*end == '\\'))
		end = unescape_string(t, p, end, &len);
	if (unlikely(t->converts))
		start = enter_string(t, p, &len);
	if (unlikely(len > JENTRY_OFFLENMASK))
	{
		refuse_length(t, len);
		len = 0;
	}
	add_token(t, JENTRY_ISSTRING | len, start - t->text);
	return end + 1;
}

/* Read a number; what is no plain decimal must fit into a numeric. */
static inline char *
read_number(BatchTape *t, char *p)
{
	uint32		whole;
	const char *end = batch_number_measure(p, t->end, &whole);
	BatchSlice	number = {p, end - p};

	if (unlikely(whole == 0))
	{
		if (!t->failed)
			t->failed = !batch_number_check(number, t->escontext);
		number.len = 0;
	}
	add_token(t, JENTRY_ISNUMERIC | BATCH_TOKEN_NUMBER((uint32) number.len, whole), p - t->text);
	return unconstify(char *, end);
}

/* Read true, false or null. */
static inline char *
read_word(BatchTape *t, char *p)
{
	add_token(t, *p == 't' ? JENTRY_ISBOOL_TRUE :
			  *p == 'f' ? JENTRY_ISBOOL_FALSE : JENTRY_ISNULL, 0);
	return p + (*p == 'f' ? 5 : 4);
}

/*
 * Open a container; gives its token.  While it is open, the token's place is
 * the container around it, and that one's length its count until then.
 */
static inline uint32
open_container(BatchTape *t, uint32 around, uint32 count, uint32 flag)
{
	add_token(t, JENTRY_ISCONTAINER | flag, around);
	if (around != NO_TOKEN)
		t->tokens[around].head += count;
	return t->ntokens - 1;
}

/*
 * Close a container with so many tokens; gives the count of the one around it,
 * whose length is nothing again.
 */
static inline uint32
close_container(BatchTape *t, uint32 *open, uint32 count)
{
	BatchToken *token = &t->tokens[*open];

	*open = token->place;
	token->head += count;
	token->place = t->ntokens;
	if (*open == NO_TOKEN)
		return 0;
	token = &t->tokens[*open];
	count = BATCH_TOKEN_LEN(token);
	token->head -= count;
	return count;
}

/* Copy a text before slack, and make the tape empty. */
static char *
load_text(BatchTape *t, BatchSlice json)
{
	Size		spare = t->converts ? json.len * MAX_CONVERSION_GROWTH + BATCH_SLACK : 0;
	char	   *text = batch_room_reserve(&t->text_room, t->cxt, json.len + BATCH_SLACK + spare);

	for (size_t i = 0; i < json.len; i += COPIED_AT_ONCE)
	{
		CHECK_FOR_INTERRUPTS();
		memcpy(text + i, json.ptr + i, Min(json.len - i, COPIED_AT_ONCE));
	}
	memset(text + json.len, 0, BATCH_SLACK);
	t->text = text;
	t->end = text + json.len;
	t->near = PG_UINT32_MAX;
	t->spare = text + json.len + BATCH_SLACK;
	t->tokens = batch_room_reserve(&t->tokens_room, t->cxt, FIRST_TOKENS * sizeof(BatchToken));
	t->ntokens = 0;
	t->max_tokens = 0;
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
				open = open_container(t, open, count, *p == '{' ? BATCH_TOKEN_OBJECT : 0);
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

/* Unescape a string of fast.c's tape, aside. */
static void
settle_string(BatchTape *t, BatchToken *token)
{
	BatchSlice	string = {t->text + token->place - 1, BATCH_TOKEN_LEN(token) + 2};
	int			at = t->aside.len;
	int			sqlstate;
	const char *error = batch_unescape_string(string, &t->aside, &sqlstate);

	if (error != NULL)
	{
		t->aside.len = at;
		refuse_string(t, sqlstate, error);
		return;
	}
	token->head = JENTRY_ISSTRING | (t->aside.len - at);
	token->place = t->near + at;
	enlargeStringInfo(&t->aside, BATCH_SLACK);
}

/* Check a number of fast.c's tape that is no plain decimal. */
static void
settle_number(BatchTape *t, const BatchToken *token)
{
	uint32		whole;
	BatchSlice	number = {t->text + token->place, 0};

	number.len = batch_number_measure(number.ptr, t->end, &whole) - number.ptr;
	t->failed = !batch_number_check(number, t->escontext);
}

/*
 * See to what fast.c left undone in the value of a token, once; false where
 * escontext keeps what jsonb cannot hold.
 */
bool
batch_tape_settle(BatchTape *t, uint32 first, Node *escontext)
{
	uint32		behind = batch_tape_skip(t, first);

	t->escontext = escontext;
	t->failed = false;
	for (uint32 i = 0; i < t->nspecials && !t->failed; i++)
	{
		uint32		n = t->specials[i];

		if (i % LOOK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (n < first || n >= behind)
			continue;
		if (BATCH_TOKEN_TYPE(&t->tokens[n]) == JENTRY_ISSTRING)
			settle_string(t, &t->tokens[n]);
		else
			settle_number(t, &t->tokens[n]);
		if (!t->failed)
			t->specials[i] = PG_UINT32_MAX;
	}
	return !t->failed;
}
