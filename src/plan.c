/*
 * plan.c
 *	  Quals --> what is asked of the API; estimates; fdw_private.
 *
 * A qual that is pushed only narrows what is asked for: all quals stay with
 * the executor, which checks every row again.  Nothing here asks the network
 * or needs a user mapping.  paths.c has the ways to read a table.
 */
#include "plan.h"

#include "access/sysattr.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#define DEFAULT_JOBS	10000	/* in a listing */
#define DEFAULT_RECORDS 100000	/* of a job */
#define DEFAULT_RESULTS 100		/* jobs that have results */

/* What a column is to the API. */
typedef struct ColumnRole
{
	bool		is_id;
	bool		is_state;
	int			filter;			/* its number in list_filters, or -1 */
} ColumnRole;

/* Tell what a column is to the API. */
static ColumnRole
tell_role(const BatchOptions *o, Oid relid, AttrNumber attnum)
{
	BatchOptions *column = batch_options_load_column(o, relid, attnum);
	ColumnRole	role = {.filter = -1};
	bool		is_jobs = o->resource == BATCH_JOBS;

	role.is_id = column->meta == BATCH_META_JOB_ID ||
		(is_jobs && batch_path_equal(column->path, o->id_path));
	role.is_state = is_jobs && column->meta == BATCH_META_STATE;
	for (int i = 0; is_jobs && i < list_length(o->list_filters); i++)
	{
		BatchFilter *filter = list_nth(o->list_filters, i);

		if (batch_path_equal(role.is_state ? o->status_path : column->path, filter->path))
			role.filter = i;
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
batch_plan_is_id(const PlanInfo *plan, Index relid, Expr *expr)
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
match_equality(PlannerInfo *root, Index relid, Node *clause, AttrNumber *attnum,
			   Node **key, bool *is_array)
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
	*attnum = get_column(linitial(args), relid);
	*key = lsecond(args);
	if (*attnum == 0 && !*is_array)
	{
		*attnum = get_column(lsecond(args), relid);
		*key = linitial(args);
	}
	return *attnum > 0 && !contain_volatile_functions(*key) &&
		!bms_is_member(relid, pull_varnos(root, *key));
}

/* Tell what a qual is to the API; false where it has no use for it. */
static bool
match_clause(PlannerInfo *root, const PlanInfo *plan, Index relid, Node *clause,
			 Node **key, BatchKeyKind *kind, int *filter)
{
	AttrNumber	attnum;
	bool		is_array;
	ColumnRole	role;

	if (!match_equality(root, relid, clause, &attnum, key, &is_array))
		return false;
	role = tell_role(plan->o, plan->relid, attnum);
	*filter = role.filter;
	if (role.is_id)
		*kind = is_array ? BATCH_KEY_IDS :
			is_joined(*key, NULL) ? BATCH_KEY_JOINED_ID : BATCH_KEY_ID;
	else if (role.filter < 0)
		return false;
	else if (role.is_state)
		*kind = is_array ? BATCH_KEY_STATES : BATCH_KEY_STATE;
	else
		*kind = is_array ? BATCH_KEY_FILTERS : BATCH_KEY_FILTER;
	return true;
}

/* Tell whether a qual names jobs by their ids. */
bool
batch_plan_names_jobs(PlannerInfo *root, const PlanInfo *plan, Index relid,
					  Node *clause)
{
	Node	   *key;
	BatchKeyKind kind;
	int			filter;

	return match_clause(root, plan, relid, clause, &key, &kind, &filter) &&
		(kind == BATCH_KEY_ID || kind == BATCH_KEY_IDS || kind == BATCH_KEY_JOINED_ID);
}

/* Tell whether the values of a type have the one order that every API means. */
static bool
is_orderly(Oid type)
{
	return type == TIMESTAMPTZOID || type == TIMESTAMPOID || type == DATEOID ||
		type == INT2OID || type == INT4OID || type == INT8OID ||
		type == NUMERICOID || type == FLOAT4OID || type == FLOAT8OID;
}

/* Find the column that list_order speaks of, among the columns of a table. */
static void
find_order(PlannerInfo *root, PlanInfo *plan, RelOptInfo *rel)
{
	const BatchOptions *o = plan->o;
	Node	   *key;
	BatchKeyKind kind;
	int			filter;
	ListCell   *lc;

	if (o->resource != BATCH_JOBS || o->list_order == NULL || plan->by_id)
		return;
	foreach(lc, rel->baserestrictinfo)
		if (match_clause(root, plan, rel->relid, (Node *) lfirst_node(RestrictInfo, lc)->clause,
						 &key, &kind, &filter) && kind != BATCH_KEY_FILTER)
			return;				/* several listings, one after another */
	for (AttrNumber i = 1; i <= rel->max_attr; i++)
	{
		Oid			type = get_atttype(plan->relid, i);

		if (!OidIsValid(type) || !is_orderly(type) ||
			!batch_path_equal(batch_options_load_column(o, plan->relid, i)->path, o->list_order->path))
			continue;
		plan->order_column = i;
		plan->order_family = get_opclass_family(GetDefaultOpClass(type, BTREE_AM_OID));
		return;
	}
}

/* Tell whether a qual bounds the ordered column at the listing's far end. */
static bool
match_bound(PlannerInfo *root, const PlanInfo *plan, Index relid, Node *clause,
			Node **key)
{
	OpExpr	   *op = (OpExpr *) clause;
	Oid			operator;
	int			strategy;

	if (plan->order_column == 0 || !IsA(clause, OpExpr) || list_length(op->args) != 2)
		return false;
	operator = op->opno;
	*key = lsecond(op->args);
	if (get_column(linitial(op->args), relid) != plan->order_column)
	{
		if (get_column(lsecond(op->args), relid) != plan->order_column)
			return false;
		operator = get_commutator(operator);
		*key = linitial(op->args);
	}
	if (!OidIsValid(operator) || contain_volatile_functions(*key) ||
		bms_is_member(relid, pull_varnos(root, *key)) ||
		exprType(*key) != get_atttype(plan->relid, plan->order_column))
		return false;
	strategy = get_op_opfamily_strategy(operator, plan->order_family);
	return plan->o->list_order->descending ?
		strategy == BTGreaterStrategyNumber || strategy == BTGreaterEqualStrategyNumber :
		strategy == BTLessStrategyNumber || strategy == BTLessEqualStrategyNumber;
}

/* Find a qual that names jobs by their ids, and its key. */
static bool
find_id(PlannerInfo *root, const PlanInfo *plan, RelOptInfo *rel, Node **key)
{
	ListCell   *lc;
	BatchKeyKind kind;
	int			filter;

	foreach(lc, rel->baserestrictinfo)
		if (match_clause(root, plan, rel->relid, (Node *) lfirst_node(RestrictInfo, lc)->clause,
						 key, &kind, &filter) &&
			(kind == BATCH_KEY_ID || kind == BATCH_KEY_IDS || kind == BATCH_KEY_JOINED_ID))
		{
			if (kind != BATCH_KEY_ID)
				*key = NULL;
			return true;
		}
	*key = NULL;
	return false;
}

/*
 * Tell whether the processes of a parallel query may share the parts of a job:
 * not where bad records are passed over, since what is rejected is told by one
 * process, nor where there is one file that only one process may have.
 */
bool
batch_plan_is_parallel(Oid relid)
{
	const BatchOptions *o = batch_options_load(relid);

	return o->resource == BATCH_RESULTS && o->url == NULL && !o->result_once &&
		o->on_error == BATCH_ERRORS_RAISE && o->on_incomplete != BATCH_INCOMPLETE_WAIT;
}

/*
 * Load the options, and estimate the rows (GetForeignRelSize).
 */
void
batch_plan_size(PlannerInfo *root, RelOptInfo *rel, Oid relid)
{
	PlanInfo   *plan = palloc0(sizeof(PlanInfo));
	Node	   *key = NULL;
	int64		count;

	plan->relid = relid;
	plan->o = batch_options_load(relid);
	plan->by_id = plan->o->job_id != NULL;
	rel->fdw_private = plan;
	plan->by_id |= find_id(root, plan, rel, &key);
	plan->one_job = plan->o->job_id != NULL || key != NULL;
	count = batch_estimate_results(plan, key, batch_compat_plan_user(root, rel));
	if (count >= 0)
		plan->rows = count;
	else if (plan->o->rows >= 0)
		plan->rows = plan->o->rows;
	else if (rel->tuples > 0)
		plan->rows = rel->tuples;
	else
		plan->rows = plan->o->resource == BATCH_JOBS ? DEFAULT_JOBS : DEFAULT_RECORDS;
	plan->rows_known = count >= 0 || plan->o->rows >= 0 || rel->tuples > 0;
	rel->tuples = plan->rows;
	if (plan->o->resource == BATCH_RESULTS && !plan->by_id && plan->o->url == NULL)
		rel->tuples *= DEFAULT_RESULTS;
	set_baserel_size_estimates(root, rel);
	find_order(root, plan, rel);
	if (plan->o->on_error != BATCH_ERRORS_RAISE)
		batch_compat_stay_serial(root);
	if (plan->by_id)
		rel->rows = batch_plan_rows_by_id(plan);
}

/* Estimate the rows where a job is known. */
double
batch_plan_rows_by_id(const PlanInfo *plan)
{
	return plan->o->resource == BATCH_JOBS ? 1 : clamp_row_est(plan->rows);
}

/* List the columns that the query needs, by attribute number. */
static List *
list_wanted(RelOptInfo *rel, Oid relid, List *clauses)
{
	Bitmapset  *used = NULL;
	List	   *wanted = NIL;
	ListCell   *lc;
	bool		whole;

	pull_varattnos((Node *) rel->reltarget->exprs, rel->relid, &used);
	foreach(lc, clauses)
		pull_varattnos((Node *) lfirst_node(RestrictInfo, lc)->clause, rel->relid, &used);
	whole = bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, used);
	for (AttrNumber i = 1; i <= rel->max_attr; i++)
		if ((whole || bms_is_member(i - FirstLowInvalidHeapAttributeNumber, used)) &&
			get_attname(relid, i, true) != NULL)
			wanted = lappend_int(wanted, i);
	return wanted;
}

/*
 * Tell whether LIMIT may set the size of a page: nothing stands between this
 * scan and the LIMIT, so that it gives no more rows than are wanted.  It is a
 * hint and never a bound.
 */
static bool
limit_reaches(PlannerInfo *root, RelOptInfo *rel, Path *path, int nlocal)
{
	Query	   *query = root->parse;

	return query->limitCount != NULL && nlocal == 0 &&
		rel->reloptkind == RELOPT_BASEREL &&
		bms_membership(root->all_baserels) == BMS_SINGLETON &&
		pathkeys_contained_in(root->query_pathkeys, path->pathkeys) &&
		query->setOperations == NULL &&
		!query->groupClause && !query->groupingSets && !query->distinctClause &&
		!query->hasAggs && !query->hasWindowFuncs && !query->hasTargetSRFs &&
		!root->hasHavingQual &&
		!contain_volatile_functions(query->limitCount) &&
		!contain_volatile_functions(query->limitOffset);
}

/* Add an expression to be evaluated when the scan starts. */
static void
add_key(List **keys, List **kinds, Node *key, BatchKeyKind kind, int filter)
{
	*keys = lappend(*keys, copyObject(key));
	*kinds = lappend_int(*kinds, kind);
	*kinds = lappend_int(*kinds, filter);
}

/*
 * Sort the quals of a plan into those that the API is sent, those that end a
 * listing (jobs named by id come in any order), and those that stay local, by
 * number.
 */
static List *
sort_clauses(PlannerInfo *root, PlanInfo *plan, Index relid, List *clauses,
			 List **keys, List **kinds, bool *bounded)
{
	List	   *local = NIL;
	bool		by_id = plan->by_id;
	ListCell   *lc;
	int			n = 0;

	foreach(lc, clauses)
		by_id |= batch_plan_names_jobs(root, plan, relid,
									   (Node *) lfirst_node(RestrictInfo, lc)->clause);
	foreach(lc, clauses)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);
		Node	   *key;
		BatchKeyKind kind;
		int			filter;

		if (rinfo->pseudoconstant)
			continue;
		if (match_clause(root, plan, relid, (Node *) rinfo->clause, &key, &kind, &filter))
			add_key(keys, kinds, key, kind, filter);
		else
			local = lappend_int(local, n);
		if (!by_id && match_bound(root, plan, relid, (Node *) rinfo->clause, &key))
		{
			add_key(keys, kinds, key, BATCH_KEY_BOUND, -1);
			*bounded = true;
		}
		n++;
	}
	return local;
}

/* Make the plan (GetForeignPlan); every qual is checked again by the executor. */
ForeignScan *
batch_plan_scan(PlannerInfo *root, RelOptInfo *rel, Path *path, List *tlist,
				List *clauses, Plan *outer)
{
	PlanInfo   *plan = rel->fdw_private;
	List	   *keys = NIL,
			   *kinds = NIL;
	bool		ordered = path->pathkeys != NIL;
	List	   *local = sort_clauses(root, plan, rel->relid, clauses, &keys, &kinds, &ordered);
	List	   *wanted = list_wanted(rel, plan->relid, clauses);

	if (limit_reaches(root, rel, path, list_length(local)))
	{
		add_key(&keys, &kinds, root->parse->limitCount, BATCH_KEY_LIMIT, -1);
		if (root->parse->limitOffset)
			add_key(&keys, &kinds, root->parse->limitOffset, BATCH_KEY_OFFSET, -1);
	}
	if (ordered && !list_member_int(wanted, plan->order_column))
		wanted = lappend_int(wanted, plan->order_column);
	return make_foreignscan(tlist, extract_actual_clauses(clauses, false), rel->relid, keys,
							list_make4(wanted, kinds, local,
									   list_make1_int(ordered ? plan->order_column : 0)),
							NIL, NIL, outer);
}
