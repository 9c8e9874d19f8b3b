/*
 * query.c
 *	  A plan's expressions, evaluated --> what is asked for.
 */
#include "plan/plan.h"
#include "scan/scan.h"

#include "executor/executor.h"

/*
 * Evaluate the keys of a plan, given as BatchMatch and as ExprState.  Bounds go
 * to order, all else into the result, which belongs to the current context.
 */
BatchQuery *
batch_query_evaluate(const BatchOptions *o, List *matches, List *states,
					 ExprContext *econtext, BatchOrderCheck *order)
{
	BatchQuery *query = batch_narrow_open(o);
	ListCell   *lc,
			   *state;

	forboth(lc, matches, state, states)
	{
		const BatchMatch *match = lfirst(lc);
		bool		isnull;
		Datum		value = ExecEvalExpr((ExprState *) lfirst(state), econtext, &isnull);

		batch_match_apply(match, o, query, value, isnull);
		if (query->nothing)
			return query;
		if (match->kind == BATCH_KEY_BOUND)
			batch_order_check_bound(order, value);
	}
	batch_narrow_end(query, o);
	return query;
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
