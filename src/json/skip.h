/*
 * skip.h
 *	  Over the tokens of a JSON text, validating it: the hottest loops.
 *
 * Each function takes the place of a token and gives the one behind it, or
 * NULL with the error kept.  What is accepted is what PostgreSQL's json type
 * accepts: RFC 8259, UTF-8, nesting to 6,400.  Nothing is built, nothing is
 * read past the text's end, and nothing is allocated.  They are a header so
 * that record.c has them inlined: a token costs a few compares, 16 bytes of a
 * string six instructions.
 *
 * Nothing is raised but a cancel, for which a long text is looked up from now
 * and then: where a token must not be at the text's end it is held against a
 * limit instead, which is the end or comes before it, at no cost of its own.
 */
#ifndef BATCH_SKIP_H
#define BATCH_SKIP_H

#include "postgres.h"

#include "json/json.h"
#include "json/simd.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"

#define LOOK_EVERY	(1024 * 1024)	/* bytes between looks for interrupts */

/* Why a text is not accepted. */
typedef struct JsonError
{
	int			sqlstate;
	const char *what;
	size_t		offset;			/* bytes from the start of the text */
} JsonError;

/* A text being scanned. */
typedef struct BatchText
{
	const char *text;
	const char *end;
	const char *limit;			/* the end, or where to look for interrupts */
	bool		escaped;		/* a string held an escape, since it was reset */
	JsonError	error;
	char		closers[BATCH_MAX_DEPTH];	/* of the open brackets */
} BatchText;

/* Keep an error and its place. */
static pg_noinline const char *
fail(BatchText *t, const char *p, int sqlstate, const char *what)
{
	t->error.sqlstate = sqlstate;
	t->error.what = what;
	t->error.offset = p - t->text;
	return NULL;
}

/* Keep a syntax error; at the end of the text it is the end that is wrong. */
static const char *
fail_syntax(BatchText *t, const char *p, const char *what)
{
	return fail(t, p, ERRCODE_INVALID_TEXT_REPRESENTATION,
				p >= t->end ? "it ends too soon" : what);
}

/* Move the limit on from p, looking for interrupts; false where p is at the end. */
static pg_noinline bool
pass_limit(BatchText *t, const char *p)
{
	if (p >= t->end)
		return false;
	CHECK_FOR_INTERRUPTS();
	t->limit = p + Min(t->end - p, LOOK_EVERY);
	return true;
}

/* Tell whether p is before the end. */
static pg_attribute_always_inline bool
is_within(BatchText *t, const char *p)
{
	return likely(p < t->limit) || pass_limit(t, p);
}

/* Skip white space (RFC 8259, 2): one comparison where there is none. */
static pg_attribute_always_inline const char *
skip_blank(const BatchText *t, const char *p)
{
	while (p < t->end && (unsigned char) *p <= ' ' &&
		   (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

/* Skip an escape (RFC 8259, 7), p behind its backslash. */
static const char *
skip_escape(BatchText *t, const char *p)
{
	t->escaped = true;
	if (p >= t->end)
		return fail_syntax(t, p, "");
	if (*p == 'u')
	{
		for (int i = 1; i <= 4; i++)
			if (p + i >= t->end || !isxdigit((unsigned char) p[i]))
				return fail_syntax(t, p + i, "\\u is not followed by four hexadecimal digits");
		return p + 5;
	}
	if (strchr("\"\\/bfnrt", *p) == NULL || *p == '\0')
		return fail_syntax(t, p, "a character in a string must not be escaped");
	return p + 1;
}

/*
 * Skip characters of more than one byte (RFC 3629, 4); stays where there is
 * none that is valid.
 */
static const char *
skip_multibyte(const char *p, const char *end)
{
	while (p < end && IS_HIGHBIT_SET(*p))
	{
		int			len = pg_utf_mblen((const unsigned char *) p);

		if (end - p < len || !pg_utf8_islegal((const unsigned char *) p, len))
			break;
		p += len;
	}
	return p;
}

/* Tell whether a character of a string is ASCII, and no quote, backslash or control. */
static inline bool
is_plain(char c)
{
	return c >= ' ' && c != '"' && c != '\\' && !IS_HIGHBIT_SET(c);
}

#ifdef BATCH_SIMD

/* Tell which of 16 bytes are not plain in a string, by bits. */
static pg_attribute_always_inline uint32
find_specials(const char *p)
{
	BatchVector v = batch_simd_load(p);
	BatchVector quote = batch_simd_equal(v, batch_simd_fill('"'));
	BatchVector backslash = batch_simd_equal(v, batch_simd_fill('\\'));
	BatchVector others = batch_simd_below(v, batch_simd_fill(' '));

	return batch_simd_mask(batch_simd_either(batch_simd_either(quote, backslash), others));
}

/* Skip what is plain in a string: six instructions for 16 bytes. */
static pg_attribute_always_inline const char *
skip_plain(const char *p, const char *end)
{
	for (; end - p >= (ptrdiff_t) sizeof(BatchVector); p += sizeof(BatchVector))
	{
		uint32		found = find_specials(p);

		if (found != 0)
			return p + (uint32) pg_rightmost_one_pos32(found);
	}
	while (p < end && is_plain(*p))
		p++;
	return p;
}

#else

/* Tell whether any of eight bytes is not plain. */
static inline bool
has_special(uint64 w)
{
	const uint64 ones = UINT64CONST(0x0101010101010101);
	const uint64 highs = UINT64CONST(0x8080808080808080);
	uint64		quote = w ^ (ones * '"');
	uint64		backslash = w ^ (ones * '\\');

	return (((quote - ones) | (backslash - ones) | (w - ones * ' ') | w) & highs) != 0;
}

/* Skip what is plain in a string, eight bytes at a time where there are. */
static inline const char *
skip_plain(const char *p, const char *end)
{
	uint64		w;

	for (; end - p >= (ptrdiff_t) sizeof(w); p += sizeof(w))
	{
		memcpy(&w, p, sizeof(w));
		if (has_special(w))
			break;
	}
	while (p < end && is_plain(*p))
		p++;
	return p;
}

#endif							/* BATCH_SIMD */

/* Skip what is not plain in a string, up to its end or what is plain again. */
static pg_noinline const char *
skip_special(BatchText *t, const char *p)
{
	if (!is_within(t, p))
		return fail_syntax(t, p, "");
	if (*p == '\\')
		return skip_escape(t, p + 1);
	if (IS_HIGHBIT_SET(*p))
	{
		const char *next = skip_multibyte(p, p + Min(t->end - p, LOOK_EVERY));

		return next > p ? next : fail_syntax(t, p, "");
	}
	return fail_syntax(t, p, "a control character in a string must be escaped");
}

/* Skip a string, p on its first quote; validates its UTF-8 too. */
static pg_attribute_always_inline const char *
skip_string(BatchText *t, const char *p)
{
	if (p >= t->end || *p != '"')
		return fail_syntax(t, p, "a string is expected");
	p++;
	while ((p = skip_plain(p, t->end)) >= t->end || *p != '"')
		if ((p = skip_special(t, p)) == NULL)
			return NULL;
	return p + 1;
}

/* Skip digits, of which there must be one. */
static inline const char *
skip_digits(BatchText *t, const char *p)
{
	const char *start = p;

	while (p < t->end && *p >= '0' && *p <= '9')
		p++;
	return p > start ? p : fail_syntax(t, p, "a digit is expected");
}

/* Skip a number (RFC 8259, 6). */
static inline const char *
skip_number(BatchText *t, const char *p)
{
	if (*p == '-')
		p++;
	if (p < t->end && *p == '0')
		p++;
	else if ((p = skip_digits(t, p)) == NULL)
		return NULL;
	if (p < t->end && *p == '.')
		if ((p = skip_digits(t, p + 1)) == NULL)
			return NULL;
	if (p < t->end && (*p == 'e' || *p == 'E'))
	{
		p++;
		if (p < t->end && (*p == '+' || *p == '-'))
			p++;
		p = skip_digits(t, p);
	}
	return p;
}

/* Skip a value that has no brackets. */
static pg_attribute_always_inline const char *
skip_scalar(BatchText *t, const char *p)
{
	size_t		left = t->end - p;

	if (left == 0)
		return fail_syntax(t, p, "");
	if (*p == '"')
		return skip_string(t, p);
	if (*p == '-' || (*p >= '0' && *p <= '9'))
		return skip_number(t, p);
	if (left >= 4 && (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0))
		return p + 4;
	if (left >= 5 && memcmp(p, "false", 5) == 0)
		return p + 5;
	return fail_syntax(t, p, "a JSON value is expected");
}

/* Skip a key and its colon. */
static pg_attribute_always_inline const char *
skip_key(BatchText *t, const char *p)
{
	p = skip_string(t, skip_blank(t, p));
	if (p == NULL)
		return NULL;
	p = skip_blank(t, p);
	if (p >= t->end || *p != ':')
		return fail_syntax(t, p, "a colon is expected");
	return p + 1;
}

/*
 * Skip what is behind a value: closing brackets, or the comma and key before
 * the next one.  Leaves depth as it is there.
 */
static pg_attribute_always_inline const char *
skip_behind(BatchText *t, const char *p, int base, int *depth)
{
	while (*depth > base)
	{
		p = skip_blank(t, p);
		if (!is_within(t, p) || (*p != ',' && *p != t->closers[*depth - 1]))
			return fail_syntax(t, p, "a comma or a closing bracket is expected");
		if (*p++ == ',')
			return t->closers[*depth - 1] == '}' ? skip_key(t, p) : p;
		(*depth)--;
	}
	return p;
}

/* Skip a value of any kind, validating it; without recursion. */
static pg_noinline pg_attribute_unused() const char *
skip_value(BatchText *t, const char *p, int depth)
{
	int			base = depth;

	do
	{
		p = skip_blank(t, p);
		if (p < t->end && (*p == '{' || *p == '['))
		{
			char		closer = *p + 2;	/* '}' or ']' */

			if (depth >= BATCH_MAX_DEPTH)
				return fail(t, p, ERRCODE_STATEMENT_TOO_COMPLEX,
							"it is nested too deep");
			t->closers[depth++] = closer;
			p = skip_blank(t, p + 1);
			if (p >= t->end || *p != closer)
			{
				if (closer == '}' && (p = skip_key(t, p)) == NULL)
					return NULL;
				continue;
			}
		}
		else if ((p = skip_scalar(t, p)) == NULL)
			return NULL;
		if ((p = skip_behind(t, p, base, &depth)) == NULL)
			return NULL;
	} while (depth > base);
	return p;
}

#endif							/* BATCH_SKIP_H */
