/*
 * convert.c
 *	  A slice of JSON --> a Datum: what (record #>> path)::type gives.
 *
 * Every type goes through its input function; those in the switch of
 * convert_base have a shorter way to the same value.  json keeps its text,
 * jsonb takes any subtree, dates and times are times.c's, an array takes an
 * array only.
 */
#include "batch_fdw.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

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
	element = get_element_type(t->base);
	if (OidIsValid(element))
	{
		t->element = palloc0(sizeof(BatchType));
		batch_convert_prepare(t->element, element, t->typmod);
	}
}

/* Bring UTF-8 text into the database's encoding; raises 22P05 where it cannot. */
static char *
to_server(char *text, int len)
{
	return GetDatabaseEncoding() == PG_UTF8 ? text :
		pg_any_to_server(text, len, PG_UTF8);
}

/* Make the text that #>> gives: a string's characters, or the JSON itself. */
static char *
text_of(BatchSlice v)
{
	StringInfoData out;
	const char *error;
	int			sqlstate;

	if (*v.ptr != '"')
		return to_server(pnstrdup(v.ptr, v.len), v.len);
	initStringInfo(&out);
	error = batch_string_unescape(v, &out, &sqlstate);
	if (error != NULL)
		ereport(ERROR,
				(errcode(sqlstate),
				 errmsg("unsupported character in JSON string"),
				 errdetail("%s.", error),
				 errhint("A column of type json keeps the text as it is.")));
	return to_server(out.data, out.len);
}

/* Give the slice as it is, in the database's encoding. */
static char *
verbatim(BatchSlice v)
{
	return to_server(pnstrdup(v.ptr, v.len), v.len);
}

/* Parse a plain integer of at most 18 digits; false for all else. */
static bool
parse_integer(BatchSlice v, int64 *value)
{
	size_t		i = *v.ptr == '-';
	int64		n = 0;

	if (v.len - i > 18)
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

/* Convert a value of a type that is neither an array nor a domain. */
static Datum
convert_base(BatchType *t, BatchSlice v)
{
	bool		is_number = *v.ptr == '-' || (*v.ptr >= '0' && *v.ptr <= '9');
	int64		n;

	switch (t->base)
	{
		case INT8OID:
			if (parse_integer(v, &n))
				return Int64GetDatum(n);
			break;
		case INT4OID:
			if (parse_integer(v, &n) && n >= PG_INT32_MIN && n <= PG_INT32_MAX)
				return Int32GetDatum((int32) n);
			break;
		case INT2OID:
			if (parse_integer(v, &n) && n >= PG_INT16_MIN && n <= PG_INT16_MAX)
				return Int16GetDatum((int16) n);
			break;
		case BOOLOID:
			if (*v.ptr == 't' || *v.ptr == 'f')
				return BoolGetDatum(*v.ptr == 't');
			break;
		case TEXTOID:
			return CStringGetTextDatum(text_of(v));
		case JSONOID:
			return CStringGetTextDatum(verbatim(v));
		case JSONBOID:
			return DirectFunctionCall1(jsonb_in, CStringGetDatum(verbatim(v)));
	}
	if (batch_times_is(t->base))
		return batch_times_convert(t, text_of(v), is_number);
	return InputFunctionCall(&t->input, text_of(v), t->ioparam, t->typmod);
}

/* Convert an array; its elements follow the rules of their type. */
static Datum
convert_array(BatchType *t, BatchSlice v)
{
	BatchType  *element = t->element;
	BatchElements elements;
	BatchSlice	slice;
	int			n = 0,
				size = 16;
	Datum	   *values = palloc(size * sizeof(Datum));
	bool	   *nulls = palloc(size * sizeof(bool));
	int			lower = 1;

	if (*v.ptr != '[')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("the value is not a JSON array")));
	batch_elements_open(&elements, v);
	while (batch_elements_next(&elements, &slice))
	{
		if (n == size)
		{
			size *= 2;
			values = repalloc(values, size * sizeof(Datum));
			nulls = repalloc(nulls, size * sizeof(bool));
		}
		if (*slice.ptr == 'n')
			slice.ptr = NULL;
		values[n] = batch_convert(element, slice, &nulls[n]);
		n++;
	}
	if (n == 0)
		return PointerGetDatum(construct_empty_array(element->type));
	return PointerGetDatum(construct_md_array(values, nulls, 1, &n, &lower,
											  element->type, element->length,
											  element->byval, element->align));
}

/*
 * Convert a slice of valid JSON, NULL where its ptr is; in the current
 * context.  Raises what the type's input function does.
 */
Datum
batch_convert(BatchType *t, BatchSlice v, bool *isnull)
{
	Datum		value = (Datum) 0;

	*isnull = v.ptr == NULL;
	if (!*isnull)
		value = t->element ? convert_array(t, v) : convert_base(t, v);
	if (t->type != t->base)
		domain_check(value, *isnull, t->type, &t->domain, t->cxt);
	return value;
}
