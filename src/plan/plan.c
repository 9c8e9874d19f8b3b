/*
 * plan.c
 *	  Quals --> what is asked of the API; estimates.
 *
 * A qual that is pushed only narrows what is asked for: all quals stay with
 * the executor, which checks every row again.  Nothing here asks the network
 * or needs a user mapping.  roles.c tells what a column is to the API and
 * quals.c what a qual is, costs.c has the ways to read a table, private.c writes
 * a plan down.
 */
#include "compat.h"
#include "plan/plan.h"

#include "access/sysattr.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
#include "utils/lsyscache.h"

/*
 * What is guessed where nobody has told: jobs in a listing, those of them whose
 * results are still kept, and records of one.  Results of all jobs together
 * then cost half of jit_above_cost: a query that mostly waits for the network
 * is not compiled on a mere guess.
 */
#define DEFAULT_JOBS	10000
#define DEFAULT_RESULTS 100
#define DEFAULT_RECORDS 1000

/* Find the column in whose order one listing comes, among the columns of a table; or 0. */
static AttrNumber
find_order(PlannerInfo *root, PlanInfo *plan, RelOptInfo *rel)
{
	ListCell   *lc;

	if (plan->o->resource != BATCH_JOBS || plan->o->list_order == NULL || plan->by_id)
		return 0;
	foreach(lc, rel->baserestrictinfo)
	{
		BatchMatch *match = batch_quals_match(root, plan, rel->relid, lfirst(lc));

		if (match != NULL && match->kind != BATCH_KEY_FILTER && match->kind != BATCH_KEY_BOUND)
			return 0;			/* several listings, one after another */
	}
	for (AttrNumber i = 1; i <= rel->max_attr; i++)
		if (OidIsValid(get_atttype(plan->relid, i)) &&
			OidIsValid(batch_roles_get(plan, i)->order_family))
			return i;
	return 0;
}

/* Find a qual that names jobs by their ids, and its key if that is one id. */
static bool
find_named_job(PlannerInfo *root, PlanInfo *plan, RelOptInfo *rel, Node **key)
{
	ListCell   *lc;

	foreach(lc, rel->baserestrictinfo)
	{
		BatchMatch *match = batch_quals_match(root, plan, rel->relid, lfirst(lc));

		if (match == NULL || !batch_key_is_id(match->kind))
			continue;
		*key = match->kind == BATCH_KEY_ID ? match->key : NULL;
		return true;
	}
	return false;
}

/*
 * Tell whether the processes of a parallel query may share the parts of a job:
 * not where bad records or jobs are passed over, since what is rejected is told by
 * one process, nor where there is one file that only one process may have, or pages
 * that are not known beforehand.
 */
bool
batch_plan_is_parallel(const BatchOptions *o)
{
	return o->resource == BATCH_RESULTS && o->url == NULL && !o->result_once &&
		o->result_page_style == BATCH_PAGES_NONE &&
		o->on_error == BATCH_ERRORS_RAISE && o->on_incomplete == BATCH_INCOMPLETE_ERROR;
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
	plan->roles = palloc0(rel->max_attr * sizeof(*plan->roles));
	plan->by_id |= find_named_job(root, plan, rel, &key);
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
	plan->order_column = find_order(root, plan, rel);
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

/*
 * List the columns that the query needs, by attribute number.  A whole row has
 * none that was dropped, which has no type; any other that has been dropped by
 * now is found when the plan is executed.
 */
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
		if (bms_is_member(i - FirstLowInvalidHeapAttributeNumber, used) ||
			(whole && OidIsValid(get_atttype(relid, i))))
			wanted = lappend_int(wanted, i);
	return wanted;
}

/*
 * Tell whether LIMIT may set the size of a page of a listing: nothing stands
 * between this scan and the LIMIT, so that it gives no more rows than are
 * wanted.  It is a hint and never a bound.
 *
 * Results have no use for it, and their workers may not evaluate it.
 */
static bool
limit_reaches(PlannerInfo *root, RelOptInfo *rel, Path *path, const BatchPlan *plan)
{
	PlanInfo   *info = rel->fdw_private;
	Query	   *query = root->parse;

	return info->o->resource == BATCH_JOBS &&
		query->limitCount != NULL && plan->local == NIL && plan->ends == NIL &&
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

/*
 * Tell whether what a qual is to the API narrows what a plan asks for: a bound
 * ends the one listing alone (jobs named by id come in any order), and a listing
 * has one filter, though more than one qual may have its parameter.
 */
static bool
narrows(const BatchMatch *match, AttrNumber order_column, const BatchFilter *filter)
{
	if (match->kind == BATCH_KEY_BOUND)
		return match->attnum == order_column;
	return match->filter == NULL || filter == NULL ||
		strcmp(match->filter->param, filter->param) == 0;
}

/*
 * Sort the quals of a plan into those that narrow what is asked for, those of
 * them that end a listing, and those that stay local.
 */
static void
sort_quals(PlannerInfo *root, PlanInfo *info, Index relid, List *clauses, BatchPlan *plan)
{
	const BatchFilter *filter = NULL;
	AttrNumber	order_column = info->order_column;
	ListCell   *lc;
	int			n = -1;

	foreach(lc, clauses)
		if (batch_quals_names_jobs(root, info, relid, lfirst(lc)))
			order_column = 0;
	foreach(lc, clauses)
	{
		BatchMatch *match;

		if (lfirst_node(RestrictInfo, lc)->pseudoconstant)
			continue;
		n++;
		match = batch_quals_match(root, info, relid, lfirst(lc));
		if (match == NULL || !narrows(match, order_column, filter))
		{
			plan->local = lappend_int(plan->local, n);
			continue;
		}
		plan->matches = lappend(plan->matches, match);
		if (match->kind == BATCH_KEY_BOUND)
			plan->ends = lappend_int(plan->ends, n);
		if (match->filter != NULL)
			filter = match->filter;
	}
}

/* Add LIMIT or OFFSET to what is evaluated when the scan starts. */
static List *
add_limit(List *matches, BatchKeyKind kind, Node *key)
{
	BatchMatch *match = palloc0(sizeof(BatchMatch));

	if (key == NULL)
		return matches;
	match->kind = kind;
	match->key = key;
	return lappend(matches, match);
}

/* Tell whether an expression has the column of a job's id. */
static bool
has_id(PlanInfo *plan, Index relid, Node *node)
{
	ListCell   *lc;

	foreach(lc, pull_var_clause(node, PVC_RECURSE_AGGREGATES | PVC_RECURSE_WINDOWFUNCS | PVC_RECURSE_PLACEHOLDERS))
		if (((Var *) lfirst(lc))->varno == (int) relid &&
			batch_quals_is_id(plan, relid, lfirst(lc)))
			return true;
	return false;
}

/*
 * Tell whether the results of jobs are read that an anti join (NOT EXISTS, LEFT
 * JOIN with IS NULL) or a sub-select (NOT IN) leaves out by their ids afterwards.
 */
static bool
leaves_out(PlannerInfo *root, RelOptInfo *rel, PlanInfo *plan, List *clauses)
{
	ListCell   *lc,
			   *clause;

	if (plan->o->resource != BATCH_RESULTS || plan->o->url != NULL)
		return false;
	foreach(lc, root->join_info_list)
	{
		SpecialJoinInfo *join = lfirst(lc);

		if (join->jointype != JOIN_ANTI || !bms_is_member(rel->relid, join->syn_lefthand))
			continue;
		foreach(clause, rel->joininfo)
		{
			RestrictInfo *rinfo = lfirst(clause);

			if (bms_overlap(rinfo->clause_relids, join->syn_righthand) &&
				has_id(plan, rel->relid, (Node *) rinfo->clause))
				return true;
		}
	}
	foreach(lc, clauses)
	{
		Node	   *qual = (Node *) lfirst_node(RestrictInfo, lc)->clause;

		if (contain_subplans(qual) && has_id(plan, rel->relid, qual))
			return true;
	}
	return false;
}

/* Make the plan (GetForeignPlan); every qual is checked again by the executor. */
ForeignScan *
batch_plan_scan(PlannerInfo *root, RelOptInfo *rel, Path *path, List *tlist,
				List *clauses, Plan *outer)
{
	PlanInfo   *info = rel->fdw_private;
	BatchPlan	plan = {.natts = rel->max_attr};

	plan.attnums = list_wanted(rel, info->relid, clauses);
	sort_quals(root, info, rel->relid, clauses, &plan);
	if (limit_reaches(root, rel, path, &plan))
	{
		plan.matches = add_limit(plan.matches, BATCH_KEY_LIMIT, root->parse->limitCount);
		plan.matches = add_limit(plan.matches, BATCH_KEY_OFFSET, root->parse->limitOffset);
	}
	if (path->pathkeys != NIL || plan.ends != NIL)
	{
		plan.order_column = info->order_column;
		plan.descending = info->o->list_order->descending;
		plan.attnums = list_append_unique_int(plan.attnums, info->order_column);
	}
	plan.leaves_out = !info->by_id && path->param_info == NULL &&
		leaves_out(root, rel, info, clauses);
	return make_foreignscan(tlist, extract_actual_clauses(clauses, false), rel->relid,
							batch_private_keys(&plan), batch_private_write(&plan),
							NIL, NIL, outer);
}
