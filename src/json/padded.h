/*
 * padded.h
 *	  Over the tokens of a JSON text behind which BATCH_PADDING bytes can be read.
 *
 * As skip.h, but without a look at the end before each byte.  A token that
 * goes on into the padding, whatever stands there, gives a place behind the
 * text's end: the caller compares the two before he goes on.  Where a token is
 * not valid they give NULL, without a word about the error.
 *
 * What is waited for is the place where a token ends, so each end is found
 * from one load of 16 or 32 bytes and without a branch on their content.
 */
#ifndef BATCH_PADDED_H
#define BATCH_PADDED_H

#include "json/skip.h"
#include "json/tape.h"

#ifdef BATCH_SIMD

/* Skip a string, p behind its first quote. */
static pg_attribute_always_inline const char *
skip_rest(BatchText *t, const char *p)
{
	for (;;)
	{
		uint32		found = find_specials(p) | find_specials(p + 16) << 16;

		if (found == 0)
		{
			p += 32;
			if (p >= t->end)
				return NULL;
			continue;
		}
		p += (uint32) pg_rightmost_one_pos32(found);
		if (likely(*p == '"'))
			return p + 1;
		if ((p = skip_special(t, p)) == NULL)
			return NULL;
	}
}

/* Skip a string of less than 32 bytes, all plain, p on its quote; or NULL. */
static pg_attribute_always_inline const char *
skip_short_name(const char *p)
{
	uint32		found = find_specials(p + 1) | find_specials(p + 17) << 16;

	if (unlikely(found == 0))
		return NULL;
	p += (uint32) pg_rightmost_one_pos32(found) + 2;
	return likely(p[-1] == '"') ? p : NULL;
}

/* Tell which of 16 bytes are no digits, by bits. */
static pg_attribute_always_inline uint32
find_others(const char *p)
{
	BatchVector v = batch_simd_load(p);

	return batch_simd_mask(batch_simd_either(batch_simd_below(v, batch_simd_fill('0')),
											 batch_simd_below(batch_simd_fill('9'), v)));
}

/* Skip as many digits as there are, or some beyond the end. */
static pg_attribute_always_inline const char *
skip_digit_run(const BatchText *t, const char *p)
{
	for (;;)
	{
		uint32		others = find_others(p);

		if (likely(others != 0))
			return p + (uint32) pg_rightmost_one_pos32(others);
		p += 16;
		if (p >= t->end)
			return p;
	}
}

/*
 * Skip digits, and find where further ones end behind a point, if there is
 * one: from the same 16 bytes, since to wait for the first end takes longer.
 */
static pg_attribute_always_inline const char *
skip_digit_runs(const BatchText *t, const char *p, const char **end)
{
	uint32		others = find_others(p);
	uint32		rest = others & (others - 1);
	const char *point;

	if (unlikely(others == 0))
	{
		point = skip_digit_run(t, p);
		*end = skip_digit_run(t, point + 1);
		return point;
	}
	if (unlikely(rest == 0))
		*end = skip_digit_run(t, p + 16);
	else
		*end = p + (uint32) pg_rightmost_one_pos32(rest);
	return p + (uint32) pg_rightmost_one_pos32(others);
}

#else

/* Skip a string, p behind its first quote. */
static inline const char *
skip_rest(BatchText *t, const char *p)
{
	return skip_string(t, p - 1);
}

/* Skip a string that is all plain, p on its quote; or NULL. */
static inline const char *
skip_short_name(const char *p)
{
	for (const char *end = p + 1; end <= p + 32; end++)
		if (!is_plain(*end))
			return *end == '"' ? end + 1 : NULL;
	return NULL;
}

/* Skip as many digits as there are. */
static inline const char *
skip_digit_run(const BatchText *t, const char *p)
{
	while (p < t->end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* Skip digits, and find where further ones end behind a point, if there is one. */
static inline const char *
skip_digit_runs(const BatchText *t, const char *p, const char **end)
{
	const char *point = skip_digit_run(t, p);

	*end = skip_digit_run(t, point + 1);
	return point;
}

#endif

/* Skip the exponent of a number, p on its e; or NULL. */
static inline const char *
skip_exponent(BatchText *t, const char *p)
{
	const char *digits = p + 1 + (p[1] == '+' || p[1] == '-');
	const char *end = skip_digit_run(t, digits);

	return end > digits ? end : NULL;
}

/* Skip a number, and set its token's head; or NULL. */
static pg_attribute_always_inline const char *
skip_decimal(BatchText *t, const char *p, uint32 *head)
{
	const char *digits = p + (*p == '-');
	const char *end;
	const char *point = skip_digit_runs(t, digits, &end);

	*head = JENTRY_ISNUMERIC;
	if (unlikely(point == digits || (*digits == '0' && point > digits + 1)))
		return NULL;
	if (*point != '.')
		end = point;
	else if (unlikely(end == point + 1))
		return NULL;
	if (unlikely((*end | 0x20) == 'e'))
		return skip_exponent(t, end);
	if (likely(end - p <= BATCH_PLAIN_NUMBER))
		*head |= BATCH_TOKEN_NUMBER((uint32) (end - p), (uint32) (point - digits));
	return end;
}

/* Skip true, false or null, and set its token's head; or NULL. */
static pg_attribute_always_inline const char *
skip_word(const char *p, uint32 *head)
{
	*head = *p == 'n' ? JENTRY_ISNULL : *p == 't' ? JENTRY_ISBOOL_TRUE : JENTRY_ISBOOL_FALSE;
	if (memcmp(p, "null", 4) == 0 || memcmp(p, "true", 4) == 0)
		return p + 4;
	return memcmp(p, "false", 5) == 0 ? p + 5 : NULL;
}

/* Skip a value that has no brackets, and fill its token; or NULL. */
static pg_attribute_always_inline const char *
skip_plain_value(BatchText *t, const char *p, BatchToken *token)
{
	const char *end;

	token->place = p - t->text;
	if (*p != '"')
		return *p >= '-' && *p <= '9' ? skip_decimal(t, p, &token->head) : skip_word(p, &token->head);
	end = skip_rest(t, p + 1);
	token->head = JENTRY_ISSTRING | (uint32) (end - p - 2);
	token->place++;
	return end;
}

/* Skip a key and its colon, p on its quote; sets the place behind the key. */
static pg_attribute_always_inline const char *
skip_name(BatchText *t, const char *p, const char **end)
{
	t->escaped = false;
	if (*p != '"' || (p = skip_rest(t, p + 1)) == NULL)
		return NULL;
	*end = p;
	if (unlikely(*p != ':') && *(p = skip_blank(t, p)) != ':')
		return NULL;
	p++;
	return likely((unsigned char) *p > ' ') ? p : skip_blank(t, p);
}

#endif							/* BATCH_PADDED_H */
