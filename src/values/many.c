/*
 * many.c
 *	  The members of an object with very many of them, in the order of jsonb.
 *
 * Memory counts here: a member has eight bytes, four of its key and its token's
 * number, which are sorted as one integer.  Where keys agree in these four bytes
 * the next four take their place:
 *
 *	  length | token --> bytes 0 to 3 | token, of equal lengths --> bytes 4 to 7 | ...
 *
 * So a key's characters, which are far apart, are read once in each pass.
 */
#include "compat.h"
#include "values/forms.h"

#include "miscadmin.h"
#include "port/pg_bswap.h"

#define MOST_PASSES		16		/* after which whole keys are compared */
#define LOOK_EVERY		65536	/* members between looks for interrupts */
#define DROPPED			PG_UINT64_MAX	/* a member whose key comes again */

/* Give the number of a token that is sorted. */
static inline uint32
token_of(uint64 word)
{
	return (uint32) word;
}

/* Compare two keys of the same length by their characters. */
static int
compare_keys(const BatchTape *tape, uint64 a, uint64 b)
{
	const BatchToken *x = &tape->tokens[token_of(a)],
			   *y = &tape->tokens[token_of(b)];

	return memcmp(batch_tape_text(tape, x), batch_tape_text(tape, y), batch_forms_len(x));
}

/* Compare two members; of those with equal keys the later comes later. */
static inline int
compare_members(const uint64 *a, const uint64 *b, const BatchTape *tape)
{
	int			cmp = compare_keys(tape, *a, *b);

	return cmp != 0 ? cmp : token_of(*a) < token_of(*b) ? -1 : 1;
}

#define ST_SORT sort_members
#define ST_ELEMENT_TYPE uint64
#define ST_COMPARE_ARG_TYPE const BatchTape
#define ST_COMPARE(a, b, tape) compare_members(a, b, tape)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_words
#define ST_ELEMENT_TYPE uint64
#define ST_COMPARE(a, b) (*(a) < *(b) ? -1 : *(a) > *(b) ? 1 : 0)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Put four bytes of a key, zeros behind its end, before the number of its token. */
static inline uint64
make_word(const BatchTape *tape, uint32 key, uint32 offset)
{
	const BatchToken *token = &tape->tokens[key];
	uint32		len = batch_forms_len(token);
	uint32		word;

	if (offset >= len)
		return key;
	memcpy(&word, batch_tape_text(tape, token) + offset, sizeof(word));
	word = pg_ntoh32(word);
	if (len - offset < sizeof(word))
		word &= PG_UINT32_MAX << 8 * (sizeof(word) - (len - offset));
	return (uint64) word << 32 | key;
}

/* Sort keys of the same length by their characters; of equal ones keep the last. */
static void
sort_whole(const BatchTape *tape, uint64 *run, uint32 n)
{
	sort_members(run, n, tape);
	for (uint32 i = 1; i < n; i++)
		if (compare_keys(tape, run[i - 1], run[i]) == 0)
			run[i - 1] = DROPPED;
}

static void sort_words_on(const BatchTape *tape, uint64 *run, uint32 n, uint32 pass);

/*
 * Sort keys of the same length that agree in what so many passes compared; of
 * equal ones keep the last.
 */
static void
sort_run(const BatchTape *tape, uint64 *run, uint32 n, uint32 pass)
{
	if (n < 2)
		return;
	if (pass * sizeof(uint32) >= batch_forms_len(&tape->tokens[token_of(run[0])]))
	{
		for (uint32 i = 0; i + 1 < n; i++)
			run[i] = DROPPED;
		return;
	}
	if (pass == MOST_PASSES)
	{
		sort_whole(tape, run, n);
		return;
	}
	for (uint32 i = 0; i < n; i++)
	{
		if (i % LOOK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		run[i] = make_word(tape, token_of(run[i]), pass * sizeof(uint32));
	}
	sort_words_on(tape, run, n, pass + 1);
}

/* Sort members by their words, and those that agree in them by what comes next. */
static void
sort_words_on(const BatchTape *tape, uint64 *run, uint32 n, uint32 pass)
{
	uint32		start = 0;

	sort_words(run, n);
	for (uint32 i = 1; i <= n; i++)
		if (i == n || run[i] >> 32 != run[start] >> 32)
		{
			sort_run(tape, run + start, i - start, pass);
			start = i;
		}
}

/*
 * Sort members as batch_forms_sort does, within twice the memory of the keys
 * and eight bytes.
 */
uint32
batch_many_sort(const BatchTape *tape, uint32 key, uint32 npairs, uint32 *keys)
{
	uint64	   *run = (uint64 *) TYPEALIGN(sizeof(uint64), keys);
	uint32		n = 0;

	for (uint32 i = 0; i < npairs; i++)
	{
		if (i % LOOK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		run[i] = (uint64) batch_forms_len(&tape->tokens[key]) << 32 | key;
		key = batch_tape_skip(tape, key + 1);
	}
	sort_words_on(tape, run, npairs, 0);
	for (uint32 i = 0; i < npairs; i++)
		if (run[i] != DROPPED)
			keys[n++] = token_of(run[i]);
	return n;
}
