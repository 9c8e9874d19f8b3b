/*
 * arrays.c
 *	  The elements of a JSON array, or what a path with [*] names --> an array.
 */
#include "compat.h"
#include "values/values.h"

#include "access/tupmacs.h"
#include "utils/array.h"

/* The elements of an array. */
typedef struct Elements
{
	Datum	   *values;
	bool	   *nulls;
	int			n;
	int			size;			/* elements that there is room for */
	Size		bytes;			/* of their data in the array */
} Elements;

/* Add an element; false where escontext keeps that the array grows too large. */
static bool
add_element(Elements *e, const BatchType *t, Datum value, bool isnull, Node *escontext)
{
	if (!isnull)
	{
		e->bytes = att_addlength_datum(e->bytes, t->length, value);
		e->bytes = att_align_nominal(e->bytes, t->align);
	}
	if ((Size) e->n == MaxArraySize ||
		e->bytes + ARR_OVERHEAD_WITHNULLS(1, e->n + 1) > MaxAllocSize)
		ereturn(escontext, false,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("array size exceeds the maximum allowed (%d)", (int) MaxAllocSize)));
	if (e->n == e->size)
	{
		e->size = Min(2 * e->size, (int) MaxArraySize);
		e->values = repalloc(e->values, e->size * sizeof(Datum));
		e->nulls = repalloc(e->nulls, e->size * sizeof(bool));
	}
	e->values[e->n] = value;
	e->nulls[e->n++] = isnull;
	return true;
}

/* Make an array of a type; its elements follow the rules of their own. */
Datum
batch_arrays_make(BatchType *t, BatchArray *elements, Node *escontext)
{
	BatchType  *element = t->element;
	BatchSlice	slice;
	Elements	e = {palloc(16 * sizeof(Datum)), palloc(16 * sizeof(bool)), 0, 16, 0};
	int			lower = 1;

	while (batch_array_next(elements, &slice))
	{
		bool		isnull;
		Datum		value;

		if (*slice.ptr == 'n')
			slice.ptr = NULL;
		value = batch_convert_value(element, slice, &isnull, escontext);
		if (SOFT_ERROR_OCCURRED(escontext) ||
			!add_element(&e, element, value, isnull, escontext))
			return (Datum) 0;
	}
	if (e.n == 0)
		return PointerGetDatum(construct_empty_array(element->type));
	return PointerGetDatum(construct_md_array(e.values, e.nulls, 1, &e.n, &lower,
											  element->type, element->length,
											  element->byval, element->align));
}
