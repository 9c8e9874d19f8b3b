/*
 * quals.c
 *	  A qual --> what it is to the API, if anything.
 *
 * A plan carries what was found here.  Options may change after that, by
 * another session or by a function that is called while planning, so an
 * execution looks whether what its plan relies on is still so.
 */
#include "plan/plan.h"

#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
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
	Oid			order_family;	/* of its default operators, if the listing comes in its order */
} ColumnRole;

/* A qual of the query, and what it is to the API. */
typedef struct MatchedQual
{
	RestrictInfo *rinfo;
	BatchMatch *match;			/* NULL: it has no use for it */
} MatchedQual;

/*
 * Find the operator family of the order that list_order speaks of, if it is that
 * of this column, whose values have the one order that every API means; or 0.
 */
static Oid
find_order_family(const BatchOptions *o, const BatchPath *path, Oid type)
{
	if (o->list_order == NULL || !batch_jsonpath_equal(path, o->list_order->path))
		return InvalidOid;
	switch (type)
	{
		case TIMESTAMPTZOID:
		case TIMESTAMPOID:
		case DATEOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case NUMERICOID:
		case FLOAT4OID:
		case FLOAT8OID:
			return get_opclass_family(GetDefaultOpClass(type, BTREE_AM_OID));
		default:
			return InvalidOid;
	}
}

/* Find the filter of the listing that a column's values are sent by, or NULL. */
static BatchFilter *
find_filter(const BatchOptions *o, const BatchPath *path, bool is_state)
{
	BatchFilter *found = NULL;
	ListCell   *lc;

	foreach(lc, o->list_filters)
	{
		BatchFilter *filter = lfirst(lc);

		/* Without a vocabulary the words of a state are not known. */
		if (batch_jsonpath_equal(path, filter->path) && (!is_state || filter->words != NIL))
			found = filter;
	}
	return found;
}

/* Tell what a column is to the API. */
static ColumnRole *
tell_role(const BatchOptions *o, Oid relid, AttrNumber attnum)
{
	BatchColumnOptions *column = batch_options_load_column(o, relid, attnum);
	ColumnRole *role = palloc0(sizeof(ColumnRole));

	role->is_id = column->meta == BATCH_META_JOB_ID;
	if (o->resource != BATCH_JOBS)
		return role;
	role->is_id |= batch_jsonpath_equal(column->path, o->id_path);
	role->is_state = column->meta == BATCH_META_STATE;
	role->filter = find_filter(o, role->is_state ? o->status_path : column->path, role->is_state);
	role->order_family = find_order_family(o, column->path, get_atttype(relid, attnum));
	return role;
}

/* Get the role of a column, which is told once for each planning. */
static const ColumnRole *
get_role(PlanInfo *plan, AttrNumber attnum)
{
	ColumnRole **role = &plan->roles[attnum - 1];

	if (*role == NULL)
		*role = tell_role(plan->o, plan->relid, attnum);
	return *role;
}

/* Find the operator family of the listing's order, if it is that of a column; or 0. */
Oid
batch_quals_find_order(PlanInfo *plan, AttrNumber attnum)
{
	return get_role(plan, attnum)->order_family;
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
batch_quals_is_id(PlanInfo *plan, Index relid, Expr *expr)
{
	AttrNumber	attnum = get_column((Node *) expr, relid);

	return attnum > 0 && get_role(plan, attnum)->is_id;
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

/* List the two sides of column = key or column = ANY (key); NIL for other quals. */
static List *
list_sides(Node *clause)
{
	if (IsA(clause, OpExpr))
	{
		OpExpr	   *op = (OpExpr *) clause;

		set_opfuncid(op);
		if (list_length(op->args) == 2 && is_equality(op->opfuncid, op->inputcollid))
			return op->args;
	}
	else if (IsA(clause, ScalarArrayOpExpr) && ((ScalarArrayOpExpr *) clause)->useOr)
	{
		ScalarArrayOpExpr *op = (ScalarArrayOpExpr *) clause;

		set_sa_opfuncid(op);
		if (is_equality(op->opfuncid, op->inputcollid))
			return op->args;
	}
	return NIL;
}

/* Tell whether an expression is known before a row of this relation is. */
static bool
is_key(PlannerInfo *root, Index relid, Node *expr)
{
	return !contain_volatile_functions(expr) &&
		!bms_is_member(relid, pull_varnos(root, expr));
}

/* Tell what an equality is to the API; false where it has no use for it. */
static bool
match_equality(PlannerInfo *root, PlanInfo *plan, Index relid, Node *clause,
			   BatchMatch *match)
{
	List	   *sides = list_sides(clause);
	bool		is_array = IsA(clause, ScalarArrayOpExpr);
	const ColumnRole *role;

	if (sides == NIL)
		return false;
	match->attnum = get_column(linitial(sides), relid);
	match->key = lsecond(sides);
	if (match->attnum == 0 && !is_array)
	{
		match->attnum = get_column(lsecond(sides), relid);
		match->key = linitial(sides);
	}
	if (match->attnum == 0 || !is_key(root, relid, match->key))
		return false;
	role = get_role(plan, match->attnum);
	if (role->is_id)
	{
		match->kind = is_array ? BATCH_KEY_IDS :
			is_joined(match->key, NULL) ? BATCH_KEY_JOINED_ID : BATCH_KEY_ID;
		return true;
	}
	match->filter = role->filter;
	if (role->is_state)
		match->kind = is_array ? BATCH_KEY_STATES : BATCH_KEY_STATE;
	else
		match->kind = is_array ? BATCH_KEY_FILTERS : BATCH_KEY_FILTER;
	return match->filter != NULL;
}

/* Tell whether a strategy keeps what comes first in the listing's order. */
static bool
is_far_end(int strategy, bool descending)
{
	return descending ?
		strategy == BTGreaterStrategyNumber || strategy == BTGreaterEqualStrategyNumber :
		strategy == BTLessStrategyNumber || strategy == BTLessEqualStrategyNumber;
}

/*
 * Tell whether a qual bounds the column that the listing is ordered by, at the
 * listing's far end.
 */
static bool
match_bound(PlannerInfo *root, PlanInfo *plan, Index relid, Node *clause, BatchMatch *match)
{
	OpExpr	   *op = (OpExpr *) clause;
	Oid			operator;
	Oid			family;

	if (plan->o->list_order == NULL || !IsA(clause, OpExpr) || list_length(op->args) != 2)
		return false;
	operator = op->opno;
	match->attnum = get_column(linitial(op->args), relid);
	match->key = lsecond(op->args);
	if (match->attnum == 0)
	{
		operator = get_commutator(operator);
		match->attnum = get_column(lsecond(op->args), relid);
		match->key = linitial(op->args);
	}
	if (match->attnum == 0 || !OidIsValid(operator) || !is_key(root, relid, match->key) ||
		exprType(match->key) != get_atttype(plan->relid, match->attnum))
		return false;
	family = get_role(plan, match->attnum)->order_family;
	match->kind = BATCH_KEY_BOUND;
	return OidIsValid(family) &&
		is_far_end(get_op_opfamily_strategy(operator, family), plan->o->list_order->descending);
}

/*
 * Tell what a qual is to the API; NULL where it has no use for it.  A qual is
 * matched once for each planning.
 */
BatchMatch *
batch_quals_match(PlannerInfo *root, PlanInfo *plan, Index relid, RestrictInfo *rinfo)
{
	Node	   *clause = (Node *) rinfo->clause;
	MatchedQual *qual;
	BatchMatch	match = {0};
	ListCell   *lc;

	foreach(lc, plan->quals)
	{
		qual = lfirst(lc);
		if (qual->rinfo == rinfo)
			return qual->match;
	}
	qual = palloc0(sizeof(MatchedQual));
	qual->rinfo = rinfo;
	plan->quals = lappend(plan->quals, qual);
	if (!match_equality(root, plan, relid, clause, &match))
	{
		memset(&match, 0, sizeof(match));
		if (!match_bound(root, plan, relid, clause, &match))
			return NULL;
	}
	qual->match = palloc(sizeof(BatchMatch));
	*qual->match = match;
	return qual->match;
}

/* Tell whether a qual names jobs by their ids. */
bool
batch_quals_names_jobs(PlannerInfo *root, PlanInfo *plan, Index relid, RestrictInfo *rinfo)
{
	BatchMatch *match = batch_quals_match(root, plan, relid, rinfo);

	return match != NULL && batch_key_is_id(match->kind);
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
	ColumnRole *role;

	if (match->kind == BATCH_KEY_LIMIT || match->kind == BATCH_KEY_OFFSET)
		return true;
	if (match->kind == BATCH_KEY_BOUND)
		return exprType(match->key) == TupleDescAttr(RelationGetDescr(rel), match->attnum - 1)->atttypid;
	role = tell_role(o, RelationGetRelid(rel), match->attnum);
	if (batch_key_is_id(match->kind))
		return role->is_id;
	return is_same_filter(role->filter, match->filter) &&
		role->is_state == batch_key_is_state(match->kind);
}

/* Tell whether the order that a plan relies on is still declared. */
static bool
is_still_ordered(const BatchOptions *o, Relation rel, const BatchPlan *plan)
{
	return OidIsValid(tell_role(o, RelationGetRelid(rel), plan->order_column)->order_family) &&
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
