/*
 * query.c
 *	  A plan's expressions, evaluated --> what is asked for.
 */
#include "plan/plan.h"
#include "scan/scan.h"

#include "executor/executor.h"
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

/* Make a set of some strings. */
static BatchStrmap *
make_set(List *texts)
{
	BatchStrmap  *set = batch_strmap_open();
	ListCell   *lc;

	foreach(lc, texts)
	{
		CHECK_FOR_INTERRUPTS();
		(void) batch_strmap_add(set, lfirst(lc));
	}
	return set;
}

/* Tell whether a set has a string. */
static bool
has_text(BatchStrmap *set, const char *text)
{
	BatchSlice	value;

	return batch_strmap_find(set, text, &value);
}

/* Keep those of some ids that may be ids, each once; a single one must be. */
static List *
check_ids(const BatchOptions *o, List *texts, bool single)
{
	List	   *ids = NIL;
	BatchStrmap  *seen = batch_strmap_open();
	ListCell   *lc;

	foreach(lc, texts)
	{
		CHECK_FOR_INTERRUPTS();
		if (batch_job_is_id(o, lfirst(lc)))
		{
			if (batch_strmap_add(seen, lfirst(lc)))
				ids = lappend(ids, lfirst(lc));
		}
		else if (single)
			batch_job_refuse_id(lfirst(lc));
	}
	return ids;
}

/* Narrow a list of strings, or begin it. */
static List *
narrow(List *have, List *texts, bool begun)
{
	BatchStrmap  *set;
	List	   *both = NIL;
	ListCell   *lc;

	if (!begun)
		return texts;
	set = make_set(texts);
	foreach(lc, have)
	{
		CHECK_FOR_INTERRUPTS();
		if (has_text(set, lfirst(lc)))
			both = lappend(both, lfirst(lc));
	}
	return both;
}

/* List the words of a filter that map to one of some states. */
static List *
words_of_states(const BatchOptions *o, const BatchFilter *filter, List *states)
{
	BatchStrmap  *set = make_set(states);
	List	   *words = NIL;
	ListCell   *lc;

	foreach(lc, filter->words)
	{
		CHECK_FOR_INTERRUPTS();
		if (has_text(set, batch_states_map(o, lfirst(lc))))
			words = lappend(words, lfirst(lc));
	}
	return words;
}

/* The words of states in the order in which listings are asked for. */
static const char *const ranks[] = {"pending", "processing", "completed"};

/* Rank a word: a job that moves on while listings are read is met twice. */
static int
rank_word(const BatchOptions *o, const char *word)
{
	for (int i = 0; i < (int) lengthof(ranks); i++)
		if (strcmp(batch_states_map(o, word), ranks[i]) == 0)
			return i;
	return lengthof(ranks);
}

/* Order words by rank, each once, without those outside a closed vocabulary. */
static List *
order_words(const BatchOptions *o, const BatchFilter *filter, List *words)
{
	BatchStrmap  *vocabulary = make_set(filter->words);
	BatchStrmap  *seen = batch_strmap_open();
	List	   *ranked[lengthof(ranks) + 1] = {NIL};
	List	   *ordered = NIL;
	ListCell   *lc;

	foreach(lc, words)
	{
		int			rank;

		CHECK_FOR_INTERRUPTS();
		if ((filter->words != NIL && !has_text(vocabulary, lfirst(lc))) ||
			!batch_strmap_add(seen, lfirst(lc)))
			continue;
		rank = rank_word(o, lfirst(lc));
		ranked[rank] = lappend(ranked[rank], lfirst(lc));
	}
	for (size_t i = 0; i < lengthof(ranked); i++)
		ordered = list_concat(ordered, ranked[i]);
	return ordered;
}

/* Narrow the ids that are asked for. */
static void
add_ids(const BatchOptions *o, BatchQuery *request, List *texts, bool single)
{
	request->ids = narrow(request->ids, check_ids(o, texts, single), request->by_id);
	request->by_id = true;
}

/*
 * Add the values of a key to the request.  One filter is sent: two of the same
 * parameter are the same one.
 */
static void
add_key(const BatchOptions *o, BatchQuery *request, const BatchMatch *match,
		List *texts)
{
	const BatchFilter *filter = match->filter;

	if (batch_key_is_id(match->kind))
	{
		add_ids(o, request, texts, match->kind == BATCH_KEY_ID);
		return;
	}
	if (match->kind == BATCH_KEY_STATE || match->kind == BATCH_KEY_STATES)
	{
		/* Without a vocabulary the words of a state are not known. */
		if (filter->words == NIL)
			return;
		texts = words_of_states(o, filter, texts);
	}
	if (request->filter != NULL && strcmp(request->filter->param, filter->param) != 0)
		return;
	request->words = narrow(request->words, order_words(o, filter, texts),
							request->filter != NULL);
	request->filter = filter;
}

/* Add LIMIT or OFFSET, either of which may be NULL, to the rows wanted. */
static void
add_limit(BatchQuery *request, int kind, Datum value, bool isnull)
{
	int64		n = isnull ? 0 : DatumGetInt64(value);

	if (kind == BATCH_KEY_LIMIT)
		request->limit = Max(n, 0);
	else if (request->limit > 0 && n > 0)
		request->limit = n > PG_INT32_MAX ? 0 : request->limit + n;
}

/* Tell whether a column has the field that a listed job may lack, or something of it. */
static bool
is_of_field(const BatchPath *column, const BatchPath *field)
{
	return column != NULL &&
		(column->nsteps == 0 ||
		 (column->steps[0].keylen == field->steps[0].keylen &&
		  memcmp(column->steps[0].key, field->steps[0].key, field->steps[0].keylen) == 0));
}

/* List the fields wanted that a listed job may lack, as entries of list_lacks. */
List *
batch_query_lacks(const BatchOptions *o, Oid relid, List *attnums)
{
	List	   *lacks = NIL;
	ListCell   *column;

	if (o->resource != BATCH_JOBS || o->list_lacks == NIL)
		return NIL;
	foreach(column, attnums)
	{
		BatchPath  *path = batch_options_load_column(o, relid, lfirst_int(column))->path;
		ListCell   *lc;

		foreach(lc, o->list_lacks)
			if (is_of_field(path, ((BatchLack *) lfirst(lc))->path))
				lacks = list_append_unique_ptr(lacks, lfirst(lc));
	}
	return lacks;
}

/*
 * Evaluate the keys of a plan, given as BatchMatch and as ExprState.  Bounds go
 * to order, all else into the result, which belongs to the current context.
 */
BatchQuery *
batch_query_evaluate(const BatchOptions *o, List *matches, List *states,
					ExprContext *econtext, BatchOrderCheck *order)
{
	BatchQuery *request = palloc0(sizeof(BatchQuery));
	ListCell   *lc,
			   *state;

	if (o->job_id != NULL)
		add_ids(o, request, list_make1(o->job_id), true);
	forboth(lc, matches, state, states)
	{
		const BatchMatch *match = lfirst(lc);
		Oid			type = exprType(match->key);
		bool		isnull;
		Datum		value = ExecEvalExpr((ExprState *) lfirst(state), econtext, &isnull);

		if (match->kind == BATCH_KEY_LIMIT || match->kind == BATCH_KEY_OFFSET)
		{
			add_limit(request, match->kind, value, isnull);
			continue;
		}
		if (isnull)
		{
			request->nothing = true;
			return request;
		}
		if (match->kind == BATCH_KEY_BOUND)
		{
			batch_order_check_bound(order, value);
			request->bounds = lappend(request->bounds, print_value(value, type));
			continue;
		}
		add_key(o, request, match,
				batch_key_is_array(match->kind) ? print_elements(value, type) :
				print_for_api(value, type, match->kind));
	}
	request->nothing = (request->by_id && request->ids == NIL) ||
		(request->filter != NULL && request->words == NIL);
	return request;
}

/* Tell whether two lists have the same strings in the same order. */
static bool
equal_texts(List *a, List *b)
{
	ListCell   *x,
			   *y;

	if (list_length(a) != list_length(b))
		return false;
	forboth(x, a, y, b)
		if (strcmp(lfirst(x), lfirst(y)) != 0)
			return false;
	return true;
}

/* Tell whether two requests of one plan give the same rows. */
bool
batch_query_equal(const BatchQuery *a, const BatchQuery *b)
{
	return a->nothing == b->nothing && a->by_id == b->by_id &&
		a->filter == b->filter && equal_texts(a->ids, b->ids) &&
		equal_texts(a->words, b->words) && equal_texts(a->bounds, b->bounds);
}
