/*
 * match.c
 *	  The value of a match's key --> what is asked for, narrowed by it.
 *
 * Serves the execution, which has evaluated the key, and EXPLAIN where it is a
 * constant.
 */
#include "jobs/jobs.h"
#include "plan/plan.h"

#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

/* Print a value as its type does. */
static char *
print_value(Datum value, Oid type)
{
	Oid			output;
	bool		varlena;

	getTypeOutputInfo(type, &output, &varlena);
	return OidOutputFunctionCall(output, value);
}

/* List a value as a text of the outside, if there is such; else an id is refused. */
static List *
print_for_api(Datum value, Oid type, int kind)
{
	char	   *text = print_value(value, type);
	char	   *shown = batch_text_leave(text);

	if (shown == NULL && kind == BATCH_KEY_ID)
		batch_job_refuse_id(text);
	return shown ? list_make1(shown) : NIL;
}

/* List the elements of an array likewise, NULLs dropped. */
static List *
print_elements(Datum value, Oid array_type)
{
	Oid			type = get_base_element_type(array_type);
	int16		length;
	bool		byval;
	char		align;
	Oid			output;
	bool		varlena;
	FmgrInfo	print;
	Datum	   *values;
	bool	   *nulls;
	int			n;
	List	   *texts = NIL;

	get_typlenbyvalalign(type, &length, &byval, &align);
	getTypeOutputInfo(type, &output, &varlena);
	fmgr_info(output, &print);
	deconstruct_array(DatumGetArrayTypeP(value), type, length, byval, align,
					  &values, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		char	   *text = nulls[i] ? NULL : batch_text_leave(OutputFunctionCall(&print, values[i]));

		CHECK_FOR_INTERRUPTS();
		if (text != NULL)
			texts = lappend(texts, text);
	}
	return texts;
}

/* Narrow a query by the value of a match's key, which belongs to the current context. */
void
batch_match_apply(const BatchMatch *match, const BatchOptions *o, BatchQuery *query,
				  Datum value, bool isnull)
{
	Oid			type = exprType(match->key);
	List	   *texts;

	if (match->kind == BATCH_KEY_LIMIT)
		batch_narrow_to_limit(query, isnull ? 0 : DatumGetInt64(value));
	else if (match->kind == BATCH_KEY_OFFSET)
		batch_narrow_add_offset(query, isnull ? 0 : DatumGetInt64(value));
	else if (isnull)
		query->nothing = true;
	else if (match->kind == BATCH_KEY_BOUND)
		query->bounds = lappend(query->bounds, print_value(value, type));
	else
	{
		texts = batch_key_is_array(match->kind) ? print_elements(value, type) :
			print_for_api(value, type, match->kind);
		if (batch_key_is_id(match->kind))
			batch_narrow_to_ids(query, o, texts, match->kind == BATCH_KEY_ID, match->type);
		else if (batch_key_is_state(match->kind))
			batch_narrow_to_states(query, o, match->filter, texts);
		else
			batch_narrow_to_words(query, o, match->filter, texts);
	}
}
