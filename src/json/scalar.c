/*
 * scalar.c
 *	  A slice of JSON --> a word, a number or a flag of the vendor's.
 *
 * A text keeps what the vendor wrote, the digits of a number included, however
 * many.  Nothing is raised for a value of another kind: what is no number is
 * unknown, what is no flag says neither.
 */
#include "json/json.h"

/*
 * Copy a string's characters, a number's digits or a Boolean as text; NULL for
 * others, and for "".
 *
 * A NUL becomes another control character: no id and no URL may hold it, while
 * what stands before it might be one.
 */
char *
batch_scalar_text(BatchSlice v)
{
	StringInfoData out;

	if (v.ptr == NULL || *v.ptr == '{' || *v.ptr == '[' || *v.ptr == 'n')
		return NULL;
	if (*v.ptr != '"')
		return pnstrdup(v.ptr, v.len);
	if (v.len == 2)
		return NULL;
	if (memchr(v.ptr, '\\', v.len) == NULL)
		return pnstrdup(v.ptr + 1, v.len - 2);
	initStringInfo(&out);
	batch_string_unescape_leniently(v, &out);
	return out.data;
}

/*
 * Read a whole number, be it a number or a string; false where it is none, or
 * larger than can be counted.
 */
bool
batch_scalar_count(BatchSlice v, int64 *count)
{
	const char *p = v.ptr;
	const char *end = v.ptr + v.len;
	int64		n = 0;

	if (v.ptr != NULL && *v.ptr == '"')
	{
		p++;
		end--;
	}
	if (p == end)
		return false;
	for (; p < end; p++)
	{
		if (*p < '0' || *p > '9' || n > (PG_INT64_MAX - (*p - '0')) / 10)
			return false;
		n = n * 10 + (*p - '0');
	}
	*count = n;
	return true;
}

/* Tell whether a value is true, or whether it is false: it may be neither. */
bool
batch_scalar_is(BatchSlice v, bool expected)
{
	return v.ptr != NULL && *v.ptr == (expected ? 't' : 'f');
}

/* Tell whether a cursor, or a flag, says that nothing follows: there is none, or null, false, 0 or "". */
bool
batch_scalar_is_end(BatchSlice v)
{
	return v.ptr == NULL || *v.ptr == 'n' || *v.ptr == 'f' ||
		(v.len == 1 && *v.ptr == '0') || (v.len == 2 && *v.ptr == '"');
}
