/*
 * keys.c
 *	  A plan's expressions, evaluated --> what is asked for.
 */
#include "batch_fdw.h"

#include "executor/executor.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "nodes/nodeFuncs.h"

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
	Datum	   *values;
	bool	   *nulls;
	int			n;
	List	   *texts = NIL;

	get_typlenbyvalalign(type, &length, &byval, &align);
	deconstruct_array(DatumGetArrayTypeP(value), type, length, byval, align,
					  &values, &nulls, &n);
	for (int i = 0; i < n; i++)
		if (!nulls[i])
			texts = list_concat(texts, print_for_api(values[i], type, BATCH_KEY_IDS));
	return texts;
}

/* Tell whether a list of strings has one. */
static bool
has_text(List *texts, const char *text)
{
	ListCell   *lc;

	foreach(lc, texts)
		if (strcmp(lfirst(lc), text) == 0)
			return true;
	return false;
}

/* Keep those of some ids that may be ids, each once; a single one must be. */
static List *
check_ids(const BatchOptions *o, List *texts, bool single)
{
	List	   *ids = NIL;
	BatchSeen  *seen = batch_seen_open();
	ListCell   *lc;

	foreach(lc, texts)
	{
		if (batch_job_is_id(o, lfirst(lc)))
		{
			if (batch_seen_add(seen, lfirst(lc)))
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
	List	   *both = NIL;
	ListCell   *lc;

	if (!begun)
		return texts;
	foreach(lc, have)
		if (has_text(texts, lfirst(lc)))
			both = lappend(both, lfirst(lc));
	return both;
}

/* List the words of a filter that map to one of some states. */
static List *
words_of_states(const BatchOptions *o, const BatchFilter *filter, List *states)
{
	List	   *words = NIL;
	ListCell   *lc;

	foreach(lc, filter->words)
		if (has_text(states, batch_options_state(o, lfirst(lc))))
			words = lappend(words, lfirst(lc));
	return words;
}

/* Rank a word: a job that moves on while listings are read is met twice. */
static int
rank_word(const BatchOptions *o, const char *word)
{
	static const char *const order[] = {"pending", "processing", "completed"};

	for (int i = 0; i < (int) lengthof(order); i++)
		if (strcmp(batch_options_state(o, word), order[i]) == 0)
			return i;
	return lengthof(order);
}

/* Order words by rank, each once, without those outside a closed vocabulary. */
static List *
order_words(const BatchOptions *o, const BatchFilter *filter, List *words)
{
	List	   *ordered = NIL;
	ListCell   *lc;

	for (int rank = 0; rank <= 3; rank++)
		foreach(lc, words)
			if (rank_word(o, lfirst(lc)) == rank && !has_text(ordered, lfirst(lc)) &&
				(filter->words == NIL || has_text(filter->words, lfirst(lc))))
				ordered = lappend(ordered, lfirst(lc));
	return ordered;
}

/* Add the values of one key to the request. */
static void
add_key(const BatchOptions *o, BatchRequest *request, int kind, int filter_number,
		List *texts)
{
	const BatchFilter *filter;

	if (kind == BATCH_KEY_ID || kind == BATCH_KEY_IDS || kind == BATCH_KEY_JOINED_ID)
	{
		request->ids = narrow(request->ids,
							  check_ids(o, texts, kind == BATCH_KEY_ID),
							  request->by_id);
		request->by_id = true;
		return;
	}
	filter = list_nth(o->list_filters, filter_number);
	if (kind == BATCH_KEY_STATE || kind == BATCH_KEY_STATES)
	{
		/* Without a vocabulary the words of a state are not known. */
		if (filter->words == NIL)
			return;
		texts = words_of_states(o, filter, texts);
	}
	if (request->filter != NULL && request->filter != filter)
		return;
	request->words = narrow(request->words, order_words(o, filter, texts),
							request->filter != NULL);
	request->filter = filter;
}

/* Add LIMIT or OFFSET, either of which may be NULL, to the rows wanted. */
static void
add_limit(BatchRequest *request, int kind, Datum value, bool isnull)
{
	int64		n = isnull ? 0 : DatumGetInt64(value);

	if (kind == BATCH_KEY_LIMIT)
		request->limit = Max(n, 0);
	else if (request->limit > 0 && n > 0)
		request->limit = n > PG_INT32_MAX ? 0 : request->limit + n;
}

/* List the fields wanted that a listed job may lack. */
static List *
wanted_lacks(const BatchOptions *o, Oid relid, List *attnums)
{
	List	   *lacks = NIL;
	ListCell   *lc,
			   *column;

	if (o->resource != BATCH_JOBS)
		return NIL;
	foreach(lc, o->list_lacks)
	{
		BatchLack  *lack = lfirst(lc);
		bool		wanted = false;

		foreach(column, attnums)
		{
			BatchPath  *path = batch_options_load_column(o, relid, lfirst_int(column))->path;

			wanted |= path && (path->nsteps == 0 ||
							   (path->steps[0].keylen == lack->path->steps[0].keylen &&
								memcmp(path->steps[0].key, lack->path->steps[0].key,
									   path->steps[0].keylen) == 0));
		}
		if (wanted)
			lacks = lappend(lacks, lack);
	}
	return lacks;
}

/*
 * Evaluate the keys of a plan: states are ExprState, kinds come in pairs of
 * kind and filter number.  Bounds go to order, all else into the result, which
 * belongs to the current context.
 */
BatchRequest *
batch_keys_evaluate(const BatchOptions *o, Oid relid, List *attnums,
					List *states, List *kinds, ExprContext *econtext,
					BatchOrderCheck *order)
{
	BatchRequest *request = palloc0(sizeof(BatchRequest));

	request->lacks = wanted_lacks(o, relid, attnums);
	if (o->job_id != NULL)
		add_key(o, request, BATCH_KEY_ID, -1, list_make1(o->job_id));
	for (int i = 0; i < list_length(states); i++)
	{
		ExprState  *state = list_nth(states, i);
		int			kind = list_nth_int(kinds, 2 * i);
		Oid			type = exprType((Node *) state->expr);
		bool		is_array = kind == BATCH_KEY_IDS || kind == BATCH_KEY_FILTERS ||
		kind == BATCH_KEY_STATES;
		bool		isnull;
		Datum		value = ExecEvalExpr(state, econtext, &isnull);

		if (kind == BATCH_KEY_LIMIT || kind == BATCH_KEY_OFFSET)
		{
			add_limit(request, kind, value, isnull);
			continue;
		}
		if (isnull)
		{
			request->nothing = true;
			return request;
		}
		if (kind == BATCH_KEY_BOUND)
		{
			batch_order_bound(order, value);
			request->bounds = lappend(request->bounds, print_value(value, type));
			continue;
		}
		add_key(o, request, kind, list_nth_int(kinds, 2 * i + 1),
				is_array ? print_elements(value, type) : print_for_api(value, type, kind));
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
batch_keys_equal(const BatchRequest *a, const BatchRequest *b)
{
	return a->nothing == b->nothing && a->by_id == b->by_id &&
		a->filter == b->filter && equal_texts(a->ids, b->ids) &&
		equal_texts(a->words, b->words) && equal_texts(a->bounds, b->bounds);
}
