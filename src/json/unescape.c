/*
 * unescape.c
 *	  A JSON string --> the characters that it stands for.
 */
#include "json/json.h"

#include "mb/pg_wchar.h"

/* Read four hexadecimal digits, which were validated. */
static pg_wchar
read_hex(const char *p)
{
	pg_wchar	c = 0;

	for (int i = 0; i < 4; i++)
		c = c * 16 + (p[i] <= '9' ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
	return c;
}

/*
 * Append the character of a \u escape, p on its digits; gives the place behind
 * it, or NULL where it is half a surrogate pair (RFC 8259, 7).
 */
static const char *
append_unicode(StringInfo out, const char *p, const char *end)
{
	pg_wchar	c = read_hex(p);
	unsigned char utf8[5] = {0};

	p += 4;
	if (is_utf16_surrogate_second(c))
		return NULL;
	if (is_utf16_surrogate_first(c))
	{
		pg_wchar	second;

		if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
			return NULL;
		second = read_hex(p + 2);
		if (!is_utf16_surrogate_second(second))
			return NULL;
		c = surrogate_pair_to_codepoint(c, second);
		p += 6;
	}
	unicode_to_utf8(c, utf8);
	appendStringInfoString(out, (char *) utf8);
	return p;
}

/*
 * Append the characters from *place up to the end of a string; gives NULL, or
 * what no text can hold, with its SQLSTATE and the place behind it.
 */
static const char *
unescape(const char **place, const char *end, StringInfo out, int *sqlstate)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	const char *p = *place;

	while (p < end)
	{
		const char *escape = memchr(p, '\\', end - p);

		appendBinaryStringInfo(out, p, (escape ? escape : end) - p);
		if (escape == NULL)
			break;
		p = escape + 2;
		if (escape[1] != 'u')
		{
			appendStringInfoChar(out, to[strchr(from, escape[1]) - from]);
			continue;
		}
		*place = p + 4;
		if (memcmp(p, "0000", 4) == 0)
		{
			*sqlstate = ERRCODE_UNTRANSLATABLE_CHARACTER;
			return "\\u0000 cannot be converted to text";
		}
		if ((p = append_unicode(out, p, end)) == NULL)
		{
			*sqlstate = ERRCODE_INVALID_TEXT_REPRESENTATION;
			return "a Unicode surrogate has no pair";
		}
	}
	return NULL;
}

/*
 * Append the text of a valid JSON string, quotes included in the slice.
 *
 * Returns NULL, or what PostgreSQL's text cannot hold with its SQLSTATE:
 * 22P05 for \u0000, 22P02 for half a surrogate pair.
 */
const char *
batch_unescape_string(BatchSlice string, StringInfo out, int *sqlstate)
{
	const char *p = string.ptr + 1;

	return unescape(&p, string.ptr + string.len - 1, out, sqlstate);
}

/*
 * Append the text of a valid JSON string whatever it holds: the character 1
 * stands for \u0000, U+FFFD for half a surrogate pair.
 */
void
batch_string_unescape_leniently(BatchSlice string, StringInfo out)
{
	const char *p = string.ptr + 1;
	int			sqlstate;

	while (unescape(&p, string.ptr + string.len - 1, out, &sqlstate) != NULL)
		appendStringInfoString(out, sqlstate == ERRCODE_UNTRANSLATABLE_CHARACTER ?
							   "\1" : "\xef\xbf\xbd");
}
