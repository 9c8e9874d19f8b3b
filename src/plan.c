/*
 * plan.c
 *	  Quals --> what is asked of the API; estimates; the path; fdw_private.
 *
 * A qual that is pushed only narrows what is asked for: all quals stay with
 * the executor, which checks every row again.  Nothing here asks the network
 * or needs a user mapping.
 */
#include "batch_fdw.h"

#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#define DEFAULT_JOBS	10000	/* in a listing */
#define DEFAULT_RECORDS 100000	/* of a job */
#define REQUEST_ROWS	1000	/* a request costs as much as so many rows */
#define NO_KEY_COST		1e10	/* of asking for what needs a job's id */

/* What planning keeps of a table between its callbacks. */
typedef struct PlanInfo
{
	BatchOptions *o;
	bool		by_id;			/* some qual names jobs */
	List	   *keys;			/* expressions that are pushed */
	List	   *kinds;			/* for each: BatchKeyKind, number of the filter */
} PlanInfo;

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

/* Get the column of the relation that an expression is, or 0. */
static AttrNumber
get_column(Node *expr, Index relid)
{
	while (expr && IsA(expr, RelabelType))
		expr = (Node *) ((RelabelType *) expr)->arg;
	if (expr && IsA(expr, Var) && ((Var *) expr)->varno == (int) relid &&
		((Var *) expr)->varlevelsup == 0)
		return ((Var *) expr)->varattno;
	return 0;
}

/* Tell whether an expression can be evaluated before the scan. */
static bool
is_constant(Node *expr)
{
	return !contain_var_clause(expr) && !contain_volatile_functions(expr);
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
	if (IsA(expr, Param) && ((Param *) expr)->paramkind == PARAM_EXEC)
		return true;
	return expression_tree_walker(expr, is_joined, context);
}

/* Push column = key or column = ANY (key), if the API has a use for it. */
static void
push_key(PlanInfo *state, Oid relid, AttrNumber attnum, Node *key, bool is_array)
{
	ColumnRole	role;
	int			kind;

	if (attnum <= 0 || !is_constant(key))
		return;
	role = tell_role(state->o, relid, attnum);
	if (role.is_id)
		kind = is_array ? BATCH_KEY_IDS :
			is_joined(key, NULL) ? BATCH_KEY_JOINED_ID : BATCH_KEY_ID;
	else if (role.filter < 0)
		return;
	else if (role.is_state)
		kind = is_array ? BATCH_KEY_STATES : BATCH_KEY_STATE;
	else
		kind = is_array ? BATCH_KEY_FILTERS : BATCH_KEY_FILTER;
	state->by_id |= role.is_id;
	state->keys = lappend(state->keys, copyObject(key));
	state->kinds = lappend_int(state->kinds, kind);
	state->kinds = lappend_int(state->kinds, role.filter);
}

/* Look at one qual. */
static void
push_clause(PlanInfo *state, RelOptInfo *rel, Oid relid, Node *clause)
{
	Node	   *left,
			   *right;
	AttrNumber	attnum;

	if (IsA(clause, OpExpr) && list_length(((OpExpr *) clause)->args) == 2)
	{
		OpExpr	   *op = (OpExpr *) clause;

		set_opfuncid(op);
		if (!is_equality(op->opfuncid, op->inputcollid))
			return;
		left = linitial(op->args);
		right = lsecond(op->args);
		attnum = get_column(left, rel->relid);
		if (attnum == 0)
		{
			attnum = get_column(right, rel->relid);
			right = left;
		}
		push_key(state, relid, attnum, right, false);
	}
	else if (IsA(clause, ScalarArrayOpExpr) && ((ScalarArrayOpExpr *) clause)->useOr)
	{
		ScalarArrayOpExpr *op = (ScalarArrayOpExpr *) clause;

		set_sa_opfuncid(op);
		if (is_equality(op->opfuncid, op->inputcollid))
			push_key(state, relid, get_column(linitial(op->args), rel->relid),
					 lsecond(op->args), true);
	}
}

/*
 * Load the options, find what can be pushed, and estimate the rows
 * (GetForeignRelSize).
 */
void
batch_plan_size(PlannerInfo *root, RelOptInfo *rel, Oid relid)
{
	PlanInfo  *state = palloc0(sizeof(PlanInfo));
	ListCell   *lc;
	double		rows;

	state->o = batch_options_load(relid);
	rel->fdw_private = state;
	foreach(lc, rel->baserestrictinfo)
		push_clause(state, rel, relid, (Node *) lfirst_node(RestrictInfo, lc)->clause);
	state->by_id |= state->o->job_id != NULL;
	if (state->o->rows >= 0)
		rows = state->o->rows;
	else if (rel->tuples > 0)
		rows = rel->tuples;
	else
		rows = state->o->resource == BATCH_JOBS ? DEFAULT_JOBS : DEFAULT_RECORDS;
	rel->tuples = rows;
	set_baserel_size_estimates(root, rel);
	if (state->by_id && state->o->resource == BATCH_JOBS)
		rel->rows = 1;
	else if (state->by_id && state->o->rows < 0)
		rel->rows = clamp_row_est(rel->tuples);
}

/* Add the one path there is (GetForeignPaths). */
void
batch_plan_paths(PlannerInfo *root, RelOptInfo *rel)
{
	PlanInfo  *state = rel->fdw_private;
	BatchOptions *o = state->o;
	Cost		request = REQUEST_ROWS * cpu_tuple_cost;
	Cost		startup = request;
	Cost		run = rel->rows * (cpu_tuple_cost + cpu_operator_cost);

	if (o->resource == BATCH_RESULTS)
		startup += request;
	else if (!state->by_id && o->page_size > 0)
		run += rel->tuples / o->page_size * request;
	if (!state->by_id && o->list_url == NULL && o->url == NULL)
		startup += NO_KEY_COST;
	add_path(rel, (Path *) batch_compat_path(root, rel, rel->rows, startup,
											 startup + run, NIL,
											 rel->lateral_relids, NIL));
}

/* List the columns that the query needs, by attribute number. */
static List *
list_wanted(RelOptInfo *rel, Oid relid)
{
	Bitmapset  *used = NULL;
	List	   *wanted = NIL;
	ListCell   *lc;
	bool		whole;

	pull_varattnos((Node *) rel->reltarget->exprs, rel->relid, &used);
	foreach(lc, rel->baserestrictinfo)
		pull_varattnos((Node *) lfirst_node(RestrictInfo, lc)->clause, rel->relid, &used);
	whole = bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, used);
	for (AttrNumber i = 1; i <= rel->max_attr; i++)
		if ((whole || bms_is_member(i - FirstLowInvalidHeapAttributeNumber, used)) &&
			get_attname(relid, i, true) != NULL)
			wanted = lappend_int(wanted, i);
	return wanted;
}

/* Make the plan (GetForeignPlan); every qual is checked again by the executor. */
ForeignScan *
batch_plan_scan(PlannerInfo *root, RelOptInfo *rel, Oid relid,
				ForeignPath *path, List *tlist, List *clauses, Plan *outer)
{
	PlanInfo  *state = rel->fdw_private;
	List	   *private = list_make2(list_wanted(rel, relid), state->kinds);

	(void) root;
	(void) path;
	return make_foreignscan(tlist, extract_actual_clauses(clauses, false),
							rel->relid, state->keys, private, NIL, NIL, outer);
}
