/*
 * plan.c
 *	  Quals --> what is asked of the API; estimates.
 *
 * A qual that is pushed only narrows what is asked for: all quals stay with
 * the executor, which checks every row again.  Nothing here asks the network
 * or needs a user mapping.  quals.c tells what a qual is to the API, costs.c
 * has the ways to read a table, private.c writes a plan down.
 */
#include "compat.h"
#include "plan/plan.h"

#include "access/sysattr.h"
#include "catalog/pg_am.h"
#include "commands/defrem.h"
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

/* Find the column that list_order speaks of, among the columns of a table. */
static void
find_order(PlannerInfo *root, PlanInfo *plan, RelOptInfo *rel)
{
	ListCell   *lc;

	if (plan->o->resource != BATCH_JOBS || plan->o->list_order == NULL || plan->by_id)
		return;
	foreach(lc, rel->baserestrictinfo)
	{
		BatchMatch *match = batch_quals_clause(root, plan, rel->relid,
											   (Node *) lfirst_node(RestrictInfo, lc)->clause);

		if (match != NULL && match->kind != BATCH_KEY_FILTER)
			return;				/* several listings, one after another */
	}
	for (AttrNumber i = 1; i <= rel->max_attr; i++)
	{
		Oid			type = get_atttype(plan->relid, i);

		if (!OidIsValid(type) || !batch_quals_is_ordered(plan->o, plan->relid, i, type))
			continue;
		plan->order_column = i;
		plan->order_family = get_opclass_family(GetDefaultOpClass(type, BTREE_AM_OID));
		return;
	}
}

/* Find a qual that names jobs by their ids, and its key if that is one id. */
static bool
find_id(PlannerInfo *root, const PlanInfo *plan, RelOptInfo *rel, Node **key)
{
	ListCell   *lc;

	*key = NULL;
	foreach(lc, rel->baserestrictinfo)
	{
		BatchMatch *match = batch_quals_clause(root, plan, rel->relid,
											   (Node *) lfirst_node(RestrictInfo, lc)->clause);

		if (match == NULL || !batch_key_is_id(match->kind))
			continue;
		if (match->kind == BATCH_KEY_ID)
			*key = match->key;
		return true;
	}
	return false;
}

/*
 * Tell whether the processes of a parallel query may share the parts of a job:
 * not where bad records are passed over, since what is rejected is told by one
 * process, nor where there is one file that only one process may have.
 */
bool
batch_plan_is_parallel(const BatchOptions *o)
{
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

/* List the columns that the query needs, by attribute number; dropped ones have no type. */
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
limit_reaches(PlannerInfo *root, RelOptInfo *rel, Path *path, int nlocal)
{
	PlanInfo   *plan = rel->fdw_private;
	Query	   *query = root->parse;

	return plan->o->resource == BATCH_JOBS &&
		query->limitCount != NULL && nlocal == 0 &&
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
 * Sort the quals of a plan into those that the API is sent, those that end a
 * listing (jobs named by id come in any order), and those that stay local, by
 * number.
 */
static List *
sort_clauses(PlannerInfo *root, PlanInfo *plan, Index relid, List *clauses,
			 List **matches, bool *bounded)
{
	List	   *local = NIL;
	bool		by_id = plan->by_id;
	BatchMatch *match;
	ListCell   *lc;
	int			n = 0;

	foreach(lc, clauses)
		by_id |= batch_quals_names_jobs(root, plan, relid,
										(Node *) lfirst_node(RestrictInfo, lc)->clause);
	foreach(lc, clauses)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);

		if (rinfo->pseudoconstant)
			continue;
		match = batch_quals_clause(root, plan, relid, (Node *) rinfo->clause);
		if (match != NULL)
			*matches = lappend(*matches, match);
		else
			local = lappend_int(local, n);
		if (!by_id)
			match = batch_quals_bound(root, plan, relid, (Node *) rinfo->clause);
		if (!by_id && match != NULL)
		{
			*matches = lappend(*matches, match);
			*bounded = true;
		}
		n++;
	}
	return local;
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

/* Make the plan (GetForeignPlan); every qual is checked again by the executor. */
ForeignScan *
batch_plan_scan(PlannerInfo *root, RelOptInfo *rel, Path *path, List *tlist,
				List *clauses, Plan *outer)
{
	PlanInfo   *plan = rel->fdw_private;
	BatchPlan	result = {.natts = rel->max_attr};
	bool		ordered = path->pathkeys != NIL;

	result.attnums = list_wanted(rel, plan->relid, clauses);
	result.local = sort_clauses(root, plan, rel->relid, clauses, &result.matches, &ordered);
	if (limit_reaches(root, rel, path, list_length(result.local)))
	{
		result.matches = add_limit(result.matches, BATCH_KEY_LIMIT, root->parse->limitCount);
		result.matches = add_limit(result.matches, BATCH_KEY_OFFSET, root->parse->limitOffset);
	}
	if (ordered)
	{
		result.order_column = plan->order_column;
		result.descending = plan->o->list_order->descending;
		result.attnums = list_append_unique_int(result.attnums, plan->order_column);
	}
	return make_foreignscan(tlist, extract_actual_clauses(clauses, false), rel->relid,
							batch_private_keys(&result), batch_private_write(&result),
							NIL, NIL, outer);
}
