/*
 * quals.c
 *	  A qual --> what it is to the API, if anything.
 *
 * A plan carries what was found here.  Options may change after that, by
 * another session or by a function that is called while planning, so an
 * execution looks whether what its plan relies on is still so.
 */
#include "plan/plan.h"

#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

/* What a column is to the API. */
typedef struct ColumnRole
{
	bool		is_id;
	bool		is_state;
	BatchFilter *filter;		/* of the listing, or NULL */
} ColumnRole;

/* Tell what a column is to the API. */
static ColumnRole
tell_role(const BatchOptions *o, Oid relid, AttrNumber attnum)
{
	BatchColumnOptions *column = batch_options_load_column(o, relid, attnum);
	ColumnRole	role = {.filter = NULL};
	ListCell   *lc;

	role.is_id = column->meta == BATCH_META_JOB_ID;
	if (o->resource != BATCH_JOBS)
		return role;
	role.is_id |= batch_jsonpath_equal(column->path, o->id_path);
	role.is_state = column->meta == BATCH_META_STATE;
	foreach(lc, o->list_filters)
	{
		BatchFilter *filter = lfirst(lc);

		if (batch_jsonpath_equal(role.is_state ? o->status_path : column->path, filter->path))
			role.filter = filter;
	}
	return role;
}

/*
 * Get the column of a relation that an expression is, or 0; looks through
 * relabels, and through the cast of a uuid to text, which keeps its equality.
 */
static AttrNumber
get_column(const Node *expr, Index relid)
{
	for (;;)
	{
		if (expr && IsA(expr, RelabelType))
			expr = (const Node *) ((const RelabelType *) expr)->arg;
		else if (expr && IsA(expr, CoerceViaIO) &&
				 ((const CoerceViaIO *) expr)->resulttype == TEXTOID &&
				 exprType((const Node *) ((const CoerceViaIO *) expr)->arg) == UUIDOID)
			expr = (const Node *) ((const CoerceViaIO *) expr)->arg;
		else
			break;
	}
	if (expr && IsA(expr, Var) && ((const Var *) expr)->varno == (int) relid &&
		((const Var *) expr)->varlevelsup == 0 && ((const Var *) expr)->varattno > 0)
		return ((const Var *) expr)->varattno;
	return 0;
}

/* Tell whether an expression is the column of the job's id. */
bool
batch_quals_is_id(const PlanInfo *plan, Index relid, Expr *expr)
{
	AttrNumber	attnum = get_column((Node *) expr, relid);

	return attnum > 0 && tell_role(plan->o, plan->relid, attnum).is_id;
}

/* Tell whether a function is an equality whose values the API can be sent. */
static bool
is_equality(Oid function, Oid collation)
{
	return (function == F_UUID_EQ || function == F_TEXTEQ) &&
		(!OidIsValid(collation) || get_collation_isdeterministic(collation));
}

/* Tell whether an expression takes its value from elsewhere in the query. */
static bool
is_joined(Node *expr, void *context)
{
	if (expr == NULL)
		return false;
	if (IsA(expr, Var) ||
		(IsA(expr, Param) && ((Param *) expr)->paramkind == PARAM_EXEC))
		return true;
	return expression_tree_walker(expr, is_joined, context);
}

/*
 * Take column = key or column = ANY (key) apart; false for other quals.
 *
 * Either side may be the column; the key has nothing of this relation and is
 * not volatile.
 */
static bool
match_equality(PlannerInfo *root, Index relid, Node *clause, BatchMatch *match,
			   bool *is_array)
{
	List	   *args = NIL;

	*is_array = IsA(clause, ScalarArrayOpExpr);
	if (IsA(clause, OpExpr))
	{
		OpExpr	   *op = (OpExpr *) clause;

		set_opfuncid(op);
		if (list_length(op->args) == 2 && is_equality(op->opfuncid, op->inputcollid))
			args = op->args;
	}
	else if (*is_array && ((ScalarArrayOpExpr *) clause)->useOr)
	{
		ScalarArrayOpExpr *op = (ScalarArrayOpExpr *) clause;

		set_sa_opfuncid(op);
		if (is_equality(op->opfuncid, op->inputcollid))
			args = op->args;
	}
	if (args == NIL)
		return false;
	match->attnum = get_column(linitial(args), relid);
	match->key = lsecond(args);
	if (match->attnum == 0 && !*is_array)
	{
		match->attnum = get_column(lsecond(args), relid);
		match->key = linitial(args);
	}
	return match->attnum > 0 && !contain_volatile_functions(match->key) &&
		!bms_is_member(relid, pull_varnos(root, match->key));
}

/* Tell what a qual is to the API; NULL where it has no use for it. */
BatchMatch *
batch_quals_clause(PlannerInfo *root, const PlanInfo *plan, Index relid, Node *clause)
{
	BatchMatch *match = palloc0(sizeof(BatchMatch));
	bool		is_array;
	ColumnRole	role;

	if (!match_equality(root, relid, clause, match, &is_array))
		return NULL;
	role = tell_role(plan->o, plan->relid, match->attnum);
	if (role.is_id)
	{
		match->kind = is_array ? BATCH_KEY_IDS :
			is_joined(match->key, NULL) ? BATCH_KEY_JOINED_ID : BATCH_KEY_ID;
		return match;
	}
	match->filter = role.filter;
	if (role.is_state)
		match->kind = is_array ? BATCH_KEY_STATES : BATCH_KEY_STATE;
	else
		match->kind = is_array ? BATCH_KEY_FILTERS : BATCH_KEY_FILTER;
	return match->filter ? match : NULL;
}

/* Tell whether a qual names jobs by their ids. */
bool
batch_quals_names_jobs(PlannerInfo *root, const PlanInfo *plan, Index relid,
					   Node *clause)
{
	BatchMatch *match = batch_quals_clause(root, plan, relid, clause);

	return match != NULL && batch_key_is_id(match->kind);
}

/*
 * Tell whether list_order speaks of a column, whose values have the one order
 * that every API means.
 */
bool
batch_quals_is_ordered(const BatchOptions *o, Oid relid, AttrNumber attnum, Oid type)
{
	return o->resource == BATCH_JOBS && o->list_order != NULL &&
		(type == TIMESTAMPTZOID || type == TIMESTAMPOID || type == DATEOID ||
		 type == INT2OID || type == INT4OID || type == INT8OID ||
		 type == NUMERICOID || type == FLOAT4OID || type == FLOAT8OID) &&
		batch_jsonpath_equal(batch_options_load_column(o, relid, attnum)->path,
						 o->list_order->path);
}

/* Tell whether a strategy keeps what comes first in the listing's order. */
static bool
is_far_end(int strategy, bool descending)
{
	return descending ?
		strategy == BTGreaterStrategyNumber || strategy == BTGreaterEqualStrategyNumber :
		strategy == BTLessStrategyNumber || strategy == BTLessEqualStrategyNumber;
}

/* Take a bound of the ordered column at the listing's far end; NULL: it is none. */
BatchMatch *
batch_quals_bound(PlannerInfo *root, const PlanInfo *plan, Index relid, Node *clause)
{
	OpExpr	   *op = (OpExpr *) clause;
	BatchMatch *match;
	Oid			operator;
	Node	   *key;

	if (plan->order_column == 0 || !IsA(clause, OpExpr) || list_length(op->args) != 2)
		return NULL;
	operator = op->opno;
	key = lsecond(op->args);
	if (get_column(linitial(op->args), relid) != plan->order_column)
	{
		if (get_column(lsecond(op->args), relid) != plan->order_column)
			return NULL;
		operator = get_commutator(operator);
		key = linitial(op->args);
	}
	if (!OidIsValid(operator) || contain_volatile_functions(key) ||
		bms_is_member(relid, pull_varnos(root, key)) ||
		exprType(key) != get_atttype(plan->relid, plan->order_column) ||
		!is_far_end(get_op_opfamily_strategy(operator, plan->order_family),
					plan->o->list_order->descending))
		return NULL;
	match = palloc0(sizeof(BatchMatch));
	match->kind = BATCH_KEY_BOUND;
	match->attnum = plan->order_column;
	match->key = key;
	return match;
}

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
	ColumnRole	role;

	if (match->kind == BATCH_KEY_LIMIT || match->kind == BATCH_KEY_OFFSET)
		return true;
	if (match->kind == BATCH_KEY_BOUND)
		return exprType(match->key) == TupleDescAttr(RelationGetDescr(rel), match->attnum - 1)->atttypid;
	role = tell_role(o, RelationGetRelid(rel), match->attnum);
	if (batch_key_is_id(match->kind))
		return role.is_id;
	return is_same_filter(role.filter, match->filter) &&
		role.is_state == (match->kind == BATCH_KEY_STATE || match->kind == BATCH_KEY_STATES);
}

/* Tell whether the order that a plan relies on is still declared. */
static bool
is_still_ordered(const BatchOptions *o, Relation rel, const BatchPlan *plan)
{
	AttrNumber	attnum = plan->order_column;

	return batch_quals_is_ordered(o, RelationGetRelid(rel), attnum,
								  TupleDescAttr(RelationGetDescr(rel), attnum - 1)->atttypid) &&
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
batch_quals_check(const BatchOptions *o, Relation rel, const BatchPlan *plan,
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
