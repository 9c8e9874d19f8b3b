/*
 * quals.c
 *	  A qual --> what it is to the API, if anything.
 *
 * A plan carries what was found here.
 */
#include "plan/plan.h"

#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

/* A qual of the query, and what it is to the API. */
typedef struct MatchedQual
{
	RestrictInfo *rinfo;
	BatchMatch *match;			/* NULL: it has no use for it */
} MatchedQual;

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

	return attnum > 0 && batch_roles_get(plan, attnum)->is_id;
}

/* Tell whether a function is an equality of texts, or of what is sent as one. */
static bool
is_text_equality(Oid function, Oid collation)
{
	return (function == F_UUID_EQ || function == F_TEXTEQ) &&
		(!OidIsValid(collation) || get_collation_isdeterministic(collation));
}

/* Tell whether a function is an equality of whole numbers, which ids may be. */
static bool
is_number_equality(Oid function)
{
	switch (function)
	{
		case F_INT2EQ:
		case F_INT24EQ:
		case F_INT28EQ:
		case F_INT42EQ:
		case F_INT4EQ:
		case F_INT48EQ:
		case F_INT82EQ:
		case F_INT84EQ:
		case F_INT8EQ:
			return true;
		default:
			return false;
	}
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
 * List the two sides of column = key or column = ANY (key); NIL for other quals.
 * Tells whether they are numbers.
 */
static List *
list_sides(Node *clause, bool *are_numbers)
{
	Oid			function = InvalidOid,
				collation = InvalidOid;
	List	   *sides = NIL;

	if (IsA(clause, OpExpr))
	{
		OpExpr	   *op = (OpExpr *) clause;

		set_opfuncid(op);
		function = op->opfuncid;
		collation = op->inputcollid;
		sides = op->args;
	}
	else if (IsA(clause, ScalarArrayOpExpr) && ((ScalarArrayOpExpr *) clause)->useOr)
	{
		ScalarArrayOpExpr *op = (ScalarArrayOpExpr *) clause;

		set_sa_opfuncid(op);
		function = op->opfuncid;
		collation = op->inputcollid;
		sides = op->args;
	}
	*are_numbers = is_number_equality(function);
	if (list_length(sides) != 2 || (!*are_numbers && !is_text_equality(function, collation)))
		return NIL;
	return sides;
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
	bool		are_numbers;
	List	   *sides = list_sides(clause, &are_numbers);
	bool		is_array = IsA(clause, ScalarArrayOpExpr);
	const BatchColumnRole *role;

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
	role = batch_roles_get(plan, match->attnum);
	match->type = getBaseType(get_atttype(plan->relid, match->attnum));
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
	return match->filter != NULL && !are_numbers;
}

/* List the elements of a constant array as constants; NIL where there are none. */
static List *
list_elements(const Const *array)
{
	Oid			type = get_base_element_type(array->consttype);
	int16		length;
	bool		byval;
	char		align;
	Datum	   *values;
	bool	   *nulls;
	int			n;
	List	   *elements = NIL;

	get_typlenbyvalalign(type, &length, &byval, &align);
	deconstruct_array(DatumGetArrayTypeP(array->constvalue), type, length, byval, align,
					  &values, &nulls, &n);
	for (int i = 0; i < n; i++)
		elements = lappend(elements, makeConst(type, -1, array->constcollid, length,
											   values[i], nulls[i], byval));
	return elements;
}

/* List the keys of one arm of an OR, which may be an array of them; NIL where it cannot. */
static List *
list_keys(const BatchMatch *arm)
{
	if (!batch_key_is_array(arm->kind))
		return list_make1(arm->key);
	if (IsA(arm->key, ArrayExpr) && !((ArrayExpr *) arm->key)->multidims)
		return ((ArrayExpr *) arm->key)->elements;
	if (IsA(arm->key, Const) && !((Const *) arm->key)->constisnull)
		return list_elements((Const *) arm->key);
	return NIL;
}

/* Make an array of keys of one type; NULL where they are not. */
static Node *
make_array(PlannerInfo *root, List *keys)
{
	ArrayExpr  *array = makeNode(ArrayExpr);
	ListCell   *lc;

	array->elements = keys;
	array->element_typeid = exprType(linitial(keys));
	array->array_typeid = get_array_type(array->element_typeid);
	array->array_collid = exprCollation(linitial(keys));
	array->location = -1;
	foreach(lc, keys)
		if (exprType(lfirst(lc)) != array->element_typeid)
			return NULL;
	return OidIsValid(array->array_typeid) ?
		eval_const_expressions(root, (Node *) array) : NULL;
}

/*
 * Tell what equalities of one column are to the API that OR joins: what an IN
 * of all their keys is.
 */
static bool
match_either(PlannerInfo *root, PlanInfo *plan, Index relid, Node *clause, BatchMatch *match)
{
	List	   *keys = NIL;
	ListCell   *lc;

	if (!is_orclause(clause))
		return false;
	foreach(lc, ((BoolExpr *) clause)->args)
	{
		BatchMatch	arm = {0};
		List	   *more;

		if (!match_equality(root, plan, relid, lfirst(lc), &arm) ||
			(keys != NIL && arm.attnum != match->attnum) ||
			(more = list_keys(&arm)) == NIL)
			return false;
		keys = list_concat(keys, more);
		*match = arm;
	}
	match->kind = batch_key_is_id(match->kind) ? BATCH_KEY_IDS :
		batch_key_is_state(match->kind) ? BATCH_KEY_STATES : BATCH_KEY_FILTERS;
	match->key = make_array(root, keys);
	return match->key != NULL;
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
	family = batch_roles_get(plan, match->attnum)->order_family;
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
	if (!match_equality(root, plan, relid, clause, &match) &&
		!match_either(root, plan, relid, clause, &match))
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
