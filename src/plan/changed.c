/*
 * changed.c
 *	  Options that changed after a plan was made, which relies on them.
 *
 * They may change by another session, or by a function that is called while
 * planning, so an execution looks whether what its plan relies on is still so.
 */
#include "plan/plan.h"

#include "nodes/nodeFuncs.h"

/* Tell whether two filters send the same words by the same parameter. */
static bool
is_same_filter(const BatchFilter *a, const BatchFilter *b)
{
	ListCell   *x,
			   *y;

	if (a == NULL || b == NULL || strcmp(a->param, b->param) != 0 ||
		list_length(a->words) != list_length(b->words))
		return false;
	forboth(x, a->words, y, b->words)
		if (strcmp(lfirst(x), lfirst(y)) != 0)
			return false;
	return true;
}

/* Tell whether a column is still what a plan took it for. */
static bool
is_still_so(const BatchOptions *o, Relation rel, const BatchMatch *match)
{
	BatchColumnRole *role;

	if (match->kind == BATCH_KEY_LIMIT || match->kind == BATCH_KEY_OFFSET)
		return true;
	if (match->kind == BATCH_KEY_BOUND)
		return exprType(match->key) == TupleDescAttr(RelationGetDescr(rel), match->attnum - 1)->atttypid;
	role = batch_roles_tell(o, RelationGetRelid(rel), match->attnum);
	if (batch_key_is_id(match->kind))
		return role->is_id;
	return is_same_filter(role->filter, match->filter) &&
		role->is_state == batch_key_is_state(match->kind);
}

/* Tell whether the order that a plan relies on is still declared. */
static bool
is_still_ordered(const BatchOptions *o, Relation rel, const BatchPlan *plan)
{
	return OidIsValid(batch_roles_tell(o, RelationGetRelid(rel), plan->order_column)->order_family) &&
		o->list_order->descending == plan->descending;
}

/* Tell whether the processes of a plan may still share the parts of one job. */
static bool
is_still_parallel(const BatchOptions *o, const BatchPlan *plan)
{
	bool		by_id = o->job_id != NULL;
	ListCell   *lc;

	foreach(lc, plan->matches)
		by_id |= batch_key_is_id(((BatchMatch *) lfirst(lc))->kind);
	return by_id && batch_plan_is_parallel(o);
}

/*
 * Refuse to execute a plan that relies on what the options say no more, as its
 * request would leave out rows.  What a plan does not rely on may have changed.
 */
void
batch_changed_check(const BatchOptions *o, Relation rel, const BatchPlan *plan,
				  bool is_parallel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	bool		holds = plan->natts == desc->natts;
	ListCell   *lc;

	foreach(lc, plan->attnums)
		holds = holds && !TupleDescAttr(desc, lfirst_int(lc) - 1)->attisdropped;
	foreach(lc, plan->matches)
		holds = holds && is_still_so(o, rel, lfirst(lc));
	if (plan->order_column != 0)
		holds = holds && is_still_ordered(o, rel, plan);
	if (is_parallel)
		holds = holds && is_still_parallel(o, plan);
	if (!holds)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("foreign table \"%s\" or its server changed after the query was planned",
						RelationGetRelationName(rel)),
				 errhint("Run the query again.")));
}
