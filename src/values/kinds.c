/*
 * kinds.c
 *	  The values of a member --> the type of a column that holds each of them.
 *
 * What a value looks like is its kind; the type is the narrowest that holds all
 * kinds that came, digit for digit.  A kind stands for a type's usual form only,
 * which convert.c reads without an input function: what it is not sure of is
 * text, and what text cannot hold either is json.
 */
#include "values/values.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#define SURE_DIGITS		15		/* of a number, that double precision keeps */
#define SURE_EXPONENT	280		/* of one that is within its range */
#define MOST_NUMBER		1000	/* bytes of a number that surely is a numeric */
#define MOST_JSONB		(200 * 1024 * 1024) /* bytes of a text that surely is jsonb */

#define NUMBERS	(BATCH_KIND_BIGINT | BATCH_KIND_NUMERIC | BATCH_KIND_FLOAT)

/* What the kinds are called, in the order of their bits. */
static const char *const names[] = {
	"boolean", "bigint", "numeric", "double precision", "date",
	"timestamp with time zone", "uuid", "text", "number", "string", "array", "object"
};

/* Tell whether all digits of a whole number fit a bigint. */
static bool
is_bigint(BatchSlice v)
{
	bool		negative = *v.ptr == '-';
	const char *most = negative ? "9223372036854775808" : "9223372036854775807";

	v.ptr += negative;
	v.len -= negative;
	return v.len < strlen(most) ||
		(v.len == strlen(most) && memcmp(v.ptr, most, v.len) <= 0);
}

/* Read an exponent, p behind its letter; more than 9,999 is that. */
static int
read_exponent(const char *p, const char *end)
{
	int			exponent = 0;

	if (p < end && (*p == '+' || *p == '-'))
		p++;
	for (; p < end; p++)
		exponent = Min(exponent * 10 + (*p - '0'), 10000);
	return exponent;
}

/*
 * Tell the kind of a number; precise is set for one of whose digits double
 * precision may lose some.
 */
static BatchKind
tell_number(BatchSlice v, bool *precise)
{
	const char *end = v.ptr + v.len;
	const char *p = v.ptr;
	int			digits = 0;		/* from the first that is not 0 */
	bool		fraction = false;
	int			exponent;

	for (; p < end && (*p | 0x20) != 'e'; p++)
	{
		fraction |= *p == '.';
		digits += *p >= (digits > 0 ? '0' : '1') && *p <= '9';
	}
	exponent = p < end ? read_exponent(p + 1, end) : 0;
	if (v.len > MOST_NUMBER || exponent > MOST_NUMBER)
		return BATCH_KIND_HUGE;
	if (digits > SURE_DIGITS || exponent > SURE_EXPONENT)
		*precise = true;
	if (p < end)
		return BATCH_KIND_FLOAT;
	return !fraction && is_bigint(v) ? BATCH_KIND_BIGINT : BATCH_KIND_NUMERIC;
}

/* Tell whether a string is a UUID as RFC 9562 writes it. */
static bool
is_uuid(BatchSlice v)
{
	if (v.len != 38)
		return false;
	for (int i = 0; i < 36; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? v.ptr[i + 1] != '-' :
			!isxdigit((unsigned char) v.ptr[i + 1]))
			return false;
	return true;
}

/* Tell whether a string with escapes stands for what a text of the database can hold. */
static bool
is_text(BatchSlice v)
{
	StringInfoData out;
	int			sqlstate;
	bool		fits;

	initStringInfo(&out);
	fits = batch_unescape_string(v, &out, &sqlstate) == NULL && batch_text_has(out.data);
	pfree(out.data);
	return fits;
}

/* Tell the kind of a string. */
static BatchKind
tell_string(BatchSlice v)
{
	static const BatchType date = {.base = DATEOID, .typmod = -1};
	static const BatchType stamp = {.base = TIMESTAMPTZOID, .typmod = -1};
	Datum		value;

	if (memchr(v.ptr, '\\', v.len) != NULL)
		return is_text(v) ? BATCH_KIND_TEXT : BATCH_KIND_ODD;
	if (is_uuid(v))
		return BATCH_KIND_UUID;
	if (batch_times_parse(&date, v, &value))
		return BATCH_KIND_DATE;
	if (batch_times_parse(&stamp, v, &value))
		return BATCH_KIND_STAMP;
	return BATCH_KIND_TEXT;
}

/* Add a valid value that is not null to the kinds that came. */
void
batch_kinds_add(BatchKinds *k, BatchSlice v)
{
	BatchKind	kind;

	switch (*v.ptr)
	{
		case '{':
			kind = BATCH_KIND_OBJECT;
			break;
		case '[':
			kind = BATCH_KIND_ARRAY;
			break;
		case '"':
			kind = tell_string(v);
			break;
		case 't':
		case 'f':
			kind = BATCH_KIND_BOOLEAN;
			break;
		default:
			kind = tell_number(v, &k->precise);
	}
	k->seen |= kind;
}

/* Find the end of a string, p on its first quote. */
static const char *
skip_quoted(const char *p)
{
	for (p++; *p != '"'; p++)
		p += *p == '\\';
	return p + 1;
}

/* Find the end of a number. */
static const char *
skip_number(const char *p, const char *end)
{
	while (p < end && (isalnum((unsigned char) *p) || *p == '.' || *p == '+' || *p == '-'))
		p++;
	return p;
}

/* Tell whether jsonb holds all that is in a valid text. */
bool
batch_kinds_fit_jsonb(BatchSlice text)
{
	const char *p = text.ptr;
	const char *end = p + text.len;
	bool		precise;

	if (text.len > MOST_JSONB)
		return false;
	while (p < end)
	{
		BatchSlice	v = {p, 1};

		CHECK_FOR_INTERRUPTS();
		if (*p == '"')
		{
			v.len = skip_quoted(p) - p;
			if (memchr(p, '\\', v.len) != NULL && !is_text(v))
				return false;
		}
		else if (*p == '-' || (*p >= '0' && *p <= '9'))
		{
			v.len = skip_number(p, end) - p;
			if (tell_number(v, &precise) == BATCH_KIND_HUGE)
				return false;
		}
		p += v.len;
	}
	return true;
}

/* Choose the type that holds all scalars that came; none where there is no such. */
static Oid
choose_scalar(const BatchKinds *k)
{
	if (k->seen == 0 ||
		(k->seen & (BATCH_KIND_ARRAY | BATCH_KIND_OBJECT | BATCH_KIND_ODD)) != 0)
		return InvalidOid;
	if (k->seen == BATCH_KIND_BOOLEAN)
		return BOOLOID;
	if (k->seen == BATCH_KIND_BIGINT)
		return INT8OID;
	if ((k->seen & ~NUMBERS) == 0)
		return (k->seen & BATCH_KIND_FLOAT) && !k->precise ? FLOAT8OID : NUMERICOID;
	if (k->seen == BATCH_KIND_DATE)
		return DATEOID;
	if ((k->seen & ~(BATCH_KIND_DATE | BATCH_KIND_STAMP)) == 0)
		return TIMESTAMPTZOID;
	return k->seen == BATCH_KIND_UUID ? UUIDOID : TEXTOID;
}

/*
 * Choose the type of a column that holds all values that came, of arrays those
 * of elements too; fits_jsonb tells whether jsonb holds them.
 */
Oid
batch_kinds_choose(const BatchKinds *k, const BatchKinds *elements, bool fits_jsonb)
{
	Oid			type;

	if (k->seen == BATCH_KIND_ARRAY)
	{
		type = choose_scalar(elements);
		if (OidIsValid(type))
			return get_array_type(type);
	}
	else if (OidIsValid(type = choose_scalar(k)))
		return type;
	return fits_jsonb ? JSONBOID : JSONOID;
}

/* List what came, as texts: kinds, and behind them those of elements. */
List *
batch_kinds_list(const BatchKinds *k, const BatchKinds *elements)
{
	List	   *list = NIL;

	for (size_t i = 0; i < lengthof(names); i++)
	{
		bool		is_array = 1 << i == BATCH_KIND_ARRAY;

		if ((k->seen & 1 << i) != 0 && !(is_array && elements->seen != 0))
			list = lappend(list, pstrdup(names[i]));
	}
	for (size_t i = 0; i < lengthof(names); i++)
		if ((elements->seen & 1 << i) != 0)
			list = lappend(list, psprintf("%s[]", names[i]));
	return list;
}
