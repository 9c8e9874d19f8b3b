/*
 * ids.c
 *	  What may be a job's id, and which texts are the same id.
 */
#include "options/options.h"

#include "catalog/pg_type.h"

#include <ctype.h>

#define UUID_DIGITS 32

/* Tell whether a character of a text in UTF-8 is a control character. */
static bool
is_control(const char *p)
{
	unsigned char c = *p;

	return c < ' ' || c == 0x7F || (c == 0xC2 && (unsigned char) p[1] < 0xA0);
}

/* Decode what is percent-encoded in a text; a NUL becomes another control character. */
static char *
decode(const char *id)
{
	char	   *text = palloc(strlen(id) + 1);
	char	   *end = text;

	for (; *id; id++)
	{
		int			c = batch_text_decode_percent(id);

		if (c >= 0)
			id += 2;
		else
			c = *id;
		*end++ = c != 0 ? c : 1;
	}
	*end = '\0';
	return text;
}

/* Tell whether a text has control characters. */
static bool
has_control(const char *id)
{
	for (; *id; id++)
		if (is_control(id))
			return true;
	return false;
}

/* Tell whether a text has a segment of dots, which would lead to another path. */
static bool
has_dots(const char *id)
{
	for (;;)
	{
		size_t		len = strcspn(id, "/\\");

		if ((len == 1 || len == 2) && strncmp(id, "..", len) == 0)
			return true;
		if (id[len] == '\0')
			return false;
		id += len + 1;
	}
}

/* Tell whether a text can stand in a path as it is: segments of RFC 3986's pchar. */
static bool
is_path(const char *id)
{
	for (const char *p = id; *p; p++)
		if ((strchr(BATCH_ALNUM "-._~!$&'()*+,;=:@/", *p) == NULL && batch_text_decode_percent(p) < 0) ||
			(*p == '/' && (p == id || p[1] == '/' || p[1] == '\0')))
			return false;
	return true;
}

/*
 * Tell whether a text, in UTF-8, may be a job's id; where it stands in a URL as
 * it is, it has to be what a path may hold.  What is percent-encoded in it must
 * not mean what the id may not have.
 */
bool
batch_ids_is(const char *id, bool is_raw)
{
	size_t		len = strlen(id);
	char	   *decoded;

	if (len == 0 || len > BATCH_MAX_ID || has_control(id) || (is_raw && !is_path(id)))
		return false;
	decoded = decode(id);
	return !has_dots(decoded) && !(is_raw && has_control(decoded));
}

/* Write a uuid as PostgreSQL does; NULL for what is none. */
static char *
write_uuid(const char *id)
{
	char	   *out = palloc(UUID_DIGITS + 5);
	char	   *end = out;
	bool		braced = *id == '{';
	const char *p = id + braced;

	for (int i = 0; i < UUID_DIGITS; i++)
	{
		if (*p == '-' && i > 0 && i % 4 == 0)
			p++;
		if (!isxdigit((unsigned char) *p))
			return NULL;
		if (i == 8 || i == 12 || i == 16 || i == 20)
			*end++ = '-';
		*end++ = pg_ascii_tolower(*p++);
	}
	*end = '\0';
	return strcmp(p, braced ? "}" : "") == 0 ? out : NULL;
}

/* Write a whole number without needless zeros; NULL for what is none. */
static char *
write_number(const char *id)
{
	bool		negative = *id == '-';
	const char *digits = id + negative;

	if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0')
		return NULL;
	digits += strspn(digits, "0");
	if (*digits == '\0')
		return pstrdup("0");
	return psprintf("%s%s", negative ? "-" : "", digits);
}

/*
 * Write an id as a column of a type prints it, so that ids which the type holds
 * equal are the same text; what is no value of the type stays as it is.
 */
char *
batch_ids_write(Oid type, const char *id)
{
	char	   *text = NULL;

	if (type == UUIDOID)
		text = write_uuid(id);
	else if (type == INT2OID || type == INT4OID || type == INT8OID)
		text = write_number(id);
	return text ? text : pstrdup(id);
}

/*
 * Tell whether an API may mean the same job by two ids: they differ in letters'
 * case, or are the same uuid or number.
 */
bool
batch_ids_are_same(const char *a, const char *b)
{
	return pg_strcasecmp(a, b) == 0 ||
		strcmp(batch_ids_write(UUIDOID, a), batch_ids_write(UUIDOID, b)) == 0 ||
		strcmp(batch_ids_write(INT8OID, a), batch_ids_write(INT8OID, b)) == 0;
}
