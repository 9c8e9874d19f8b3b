/*
 * convert.c
 *	  A slice of JSON --> a Datum: what (record #>> path)::type gives.
 *
 * Every type goes through its input function; those in convert_directly have
 * a shorter way from their usual form to the same value.  json keeps its text,
 * jsonb takes any subtree, dates and times are times.c's, an array takes an
 * array only.
 */
#include "compat.h"
#include "values/values.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/uuid.h"

/*
 * Prepare to make values of a type; the parts belong to the current context,
 * and t must live as long.
 */
void
batch_convert_prepare(BatchType *t, Oid type, int32 typmod)
{
	Oid			function;
	Oid			element;

	t->type = type;
	t->typmod = typmod;
	t->base = getBaseTypeAndTypmod(type, &t->typmod);
	t->cxt = CurrentMemoryContext;
	getTypeInputInfo(t->base, &function, &t->ioparam);
	fmgr_info(function, &t->input);
	get_typlenbyvalalign(t->base, &t->length, &t->byval, &t->align);
	if (t->base == JSONBOID)
		t->jsonb = batch_jsonb_open();
	element = get_element_type(t->base);
	if (OidIsValid(element))
	{
		t->element = palloc0(sizeof(BatchType));
		batch_convert_prepare(t->element, element, t->typmod);
	}
}

/*
 * Find the characters that a value's text is in the value itself: those of a
 * number, a word or a container, or of a string without escapes.
 */
static inline bool
find_plain(BatchSlice v, BatchSlice *text)
{
	*text = v;
	if (*v.ptr == '"')
	{
		text->ptr++;
		text->len -= 2;
		return memchr(text->ptr, '\\', text->len) == NULL;
	}
	return true;
}

/*
 * Make the text that #>> gives: a string's characters, or the JSON itself;
 * NULL where an error is kept.
 */
static char *
text_of(BatchSlice v, Node *escontext)
{
	StringInfoData out;
	const char *error;
	int			sqlstate;
	BatchSlice	plain;

	if (find_plain(v, &plain))
		return batch_text_enter(pnstrdup(plain.ptr, plain.len), plain.len, escontext);
	initStringInfo(&out);
	error = batch_unescape_string(v, &out, &sqlstate);
	if (error != NULL)
		ereturn(escontext, NULL,
				(errcode(sqlstate),
				 errmsg("unsupported character in JSON string"),
				 errdetail("%s.", error),
				 errhint("A column of type json keeps the text as it is.")));
	return batch_text_enter(out.data, out.len, escontext);
}

/* Make a text of a slice, copying it once where the database holds UTF-8. */
static Datum
make_text(BatchSlice v, Node *escontext)
{
	char	   *text;

	if (batch_text_is_utf8())
		return PointerGetDatum(cstring_to_text_with_len(v.ptr, v.len));
	text = batch_text_enter(pnstrdup(v.ptr, v.len), v.len, escontext);
	return text ? CStringGetTextDatum(text) : (Datum) 0;
}

/* Take the quotes off a string: it may hold a number. */
static inline BatchSlice
unquote(BatchSlice v)
{
	if (*v.ptr == '"')
	{
		v.ptr++;
		v.len -= 2;
	}
	return v;
}

/* Parse a plain integer of at most 18 digits; false for all else. */
static bool
parse_integer(BatchSlice v, int64 *value)
{
	size_t		i = *v.ptr == '-';
	int64		n = 0;

	if (v.len <= i || v.len - i > 18)
		return false;
	for (; i < v.len; i++)
	{
		if (v.ptr[i] < '0' || v.ptr[i] > '9')
			return false;
		n = n * 10 + (v.ptr[i] - '0');
	}
	*value = *v.ptr == '-' ? -n : n;
	return true;
}

/*
 * Parse a number whose nearest float8 one operation finds: both a mantissa
 * below 2^53 and a power of ten up to 10^22 are exact in it, so that their
 * product or quotient is rounded once.  False for all else.
 */
static bool
parse_float(BatchSlice v, double *value)
{
	static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
		1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
	1e20, 1e21, 1e22};
	size_t		i = *v.ptr == '-';
	size_t		point = v.len;
	uint64		n = 0;

	if (v.len <= i || v.len - i > 17 || v.ptr[i] == '.')
		return false;
	for (; i < v.len; i++)
	{
		if (v.ptr[i] == '.' && point == v.len)
			point = i + 1;
		else if (v.ptr[i] >= '0' && v.ptr[i] <= '9')
			n = n * 10 + (v.ptr[i] - '0');
		else
			return false;
	}
	if (n > (UINT64CONST(1) << 53))
		return false;
	*value = (double) n / powers[v.len - point];
	if (*v.ptr == '-')
		*value = -*value;
	return true;
}

/* Give the value of a hexadecimal digit, or 16. */
static inline uint8
parse_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* Parse a UUID as RFC 9562 writes it, in quotes; false for all else. */
static bool
parse_uuid(BatchSlice v, pg_uuid_t *uuid)
{
	const char *p = v.ptr + 1;

	if (v.len != 38 || *v.ptr != '"')
		return false;
	for (int i = 0; i < UUID_LEN; i++, p += 2)
	{
		uint8		high,
					low;

		if ((i == 4 || i == 6 || i == 8 || i == 10) && *p++ != '-')
			return false;
		high = parse_digit(p[0]);
		low = parse_digit(p[1]);
		if (high > 15 || low > 15)
			return false;
		uuid->data[i] = high << 4 | low;
	}
	return true;
}

/*
 * Make the value of a type whose usual form needs no input function; false
 * for other forms and types, which take the long way to the same value.
 */
static bool
convert_directly(BatchType *t, BatchSlice v, Datum *value, Node *escontext)
{
	int64		n;
	double		number;
	BatchSlice	text;
	pg_uuid_t	uuid;

	switch (t->base)
	{
		case INT8OID:
			if (!parse_integer(unquote(v), &n))
				return false;
			*value = Int64GetDatum(n);
			return true;
		case INT4OID:
			if (!parse_integer(unquote(v), &n) || n < PG_INT32_MIN || n > PG_INT32_MAX)
				return false;
			*value = Int32GetDatum((int32) n);
			return true;
		case INT2OID:
			if (!parse_integer(unquote(v), &n) || n < PG_INT16_MIN || n > PG_INT16_MAX)
				return false;
			*value = Int16GetDatum((int16) n);
			return true;
		case FLOAT8OID:
			if (!parse_float(unquote(v), &number))
				return false;
			*value = Float8GetDatum(number);
			return true;
		case BOOLOID:
			*value = BoolGetDatum(*v.ptr == 't');
			return *v.ptr == 't' || *v.ptr == 'f';
		case TEXTOID:
			if (!find_plain(v, &text))
				return false;
			*value = make_text(text, escontext);
			return true;
		case UUIDOID:
			if (!parse_uuid(v, &uuid))
				return false;
			*value = UUIDPGetDatum(memcpy(palloc(UUID_LEN), uuid.data, UUID_LEN));
			return true;
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return batch_times_parse(t, v, value);
	}
	return false;
}

/* Convert a value of a type that is neither an array nor a domain. */
static Datum
convert_base(BatchType *t, BatchSlice v, Node *escontext)
{
	char	   *text;
	bool		is_number = *v.ptr == '-' || (*v.ptr >= '0' && *v.ptr <= '9');
	Datum		value;

	if (convert_directly(t, v, &value, escontext))
		return value;
	switch (t->base)
	{
		case TEXTOID:
			text = text_of(v, escontext);
			return text ? CStringGetTextDatum(text) : (Datum) 0;
		case JSONOID:
			return make_text(v, escontext);
		case NUMERICOID:
			if (is_number && t->typmod == -1)
				return batch_number_make(v, escontext);
			break;
		case JSONBOID:
			return batch_jsonb_make(t->jsonb, v, escontext);
	}
	text = text_of(v, escontext);
	if (text == NULL)
		return (Datum) 0;
	if (batch_times_is(t->base))
		return batch_times_convert(t, text, is_number, escontext);
	return batch_compat_input(&t->input, text, t->ioparam, t->typmod, escontext);
}

/* Convert an array, which must be one. */
static Datum
convert_array(BatchType *t, BatchSlice v, Node *escontext)
{
	BatchArray	elements;

	if (*v.ptr != '[')
		ereturn(escontext, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("the value is not a JSON array")));
	batch_array_open(&elements, v);
	return batch_arrays_make(t, &elements, escontext);
}

/* Check a value that is the domain's base, if the type is one. */
static void
check_domain(BatchType *t, Datum value, bool isnull, Node *escontext)
{
	if (t->type != t->base && !SOFT_ERROR_OCCURRED(escontext))
		batch_compat_domain_check(value, isnull, t->type, &t->domain, t->cxt, escontext);
}

/*
 * Convert what a path with [*] names, as batch_convert_value does: into an array,
 * or into the JSON text of one.
 */
Datum
batch_convert_all(BatchType *t, BatchArray *values, Node *escontext)
{
	StringInfoData text;
	BatchSlice	slice;
	Datum		value;

	if (t->element != NULL)
		value = batch_arrays_make(t, values, escontext);
	else
	{
		initStringInfo(&text);
		appendStringInfoChar(&text, '[');
		while (batch_array_next(values, &slice))
		{
			if (text.len > 1)
				appendStringInfoString(&text, ", ");
			appendBinaryStringInfo(&text, slice.ptr, slice.len);
		}
		appendStringInfoChar(&text, ']');
		slice.ptr = text.data;
		slice.len = text.len;
		value = convert_base(t, slice, escontext);
	}
	check_domain(t, value, false, escontext);
	return value;
}

/*
 * Convert a slice of valid JSON, NULL where its ptr is; in the current
 * context.
 *
 * An error is raised, or kept in escontext where that is an ErrorSaveContext:
 * the caller asks SOFT_ERROR_OCCURRED(escontext) before it uses the value.
 */
Datum
batch_convert_value(BatchType *t, BatchSlice v, bool *isnull, Node *escontext)
{
	Datum		value = (Datum) 0;

	*isnull = v.ptr == NULL;
	if (!*isnull)
		value = t->element ? convert_array(t, v, escontext) :
			convert_base(t, v, escontext);
	check_domain(t, value, *isnull, escontext);
	return value;
}
