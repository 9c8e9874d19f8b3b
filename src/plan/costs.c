/*
 * costs.c
 *	  The ways to read a table, and what they cost.
 *
 * The plain path asks for what the quals name, or for all of it.  Where a join
 * supplies the job's id, a parameterised path asks for one job at a time; it
 * is the only affordable one where the API has no listing.
 */
#include "compat.h"
#include "plan/plan.h"

#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"

#define REQUEST_ROWS	1000	/* a request costs as much as so many rows */
#define RECORD_ROWS		50		/* and so does fetching and parsing a record */
#define RECORD_BYTES	1024	/* of a record, for the number of workers */
#define NO_KEY_COST		1e10	/* of asking for what needs a job's id */

/* Tell what a request costs. */
static Cost
request_cost(void)
{
	return REQUEST_ROWS * cpu_tuple_cost;
}

/* Tell what a row costs: a job of a listing, or a record of results. */
static Cost
record_cost(const BatchOptions *o)
{
	return cpu_operator_cost + cpu_tuple_cost * (o->resource == BATCH_RESULTS ? RECORD_ROWS : 1);
}

/*
 * List the first key of the order that the query wants, if the listing comes
 * in it.  Where a NULL would sort does not matter: it is an error.
 */
static List *
list_pathkeys(PlannerInfo *root, RelOptInfo *rel, PlanInfo *plan)
{
	PathKey    *key;
	ListCell   *lc;

	if (plan->order_column == 0 || root->query_pathkeys == NIL)
		return NIL;
	key = linitial(root->query_pathkeys);
	if (key->pk_eclass->ec_has_volatile ||
		key->pk_opfamily != batch_roles_get(plan, plan->order_column)->order_family ||
		batch_compat_is_descending(key) != plan->o->list_order->descending)
		return NIL;
	foreach(lc, key->pk_eclass->ec_members)
	{
		Var		   *var = (Var *) ((EquivalenceMember *) lfirst(lc))->em_expr;

		if (IsA(var, Var) && var->varno == (int) rel->relid && var->varlevelsup == 0 &&
			var->varattno == plan->order_column)
			return list_make1(key);
	}
	return NIL;
}

/* Add a path that one process takes alone, lest each worker asks for all of it. */
static void
add_serial(RelOptInfo *rel, ForeignPath *path)
{
	path->path.parallel_safe = false;
	add_path(rel, (Path *) path);
}

/* Add the paths that need no join: as it comes, and in the order it comes. */
static void
add_plain_paths(PlannerInfo *root, RelOptInfo *rel, PlanInfo *plan)
{
	List	   *pathkeys = list_pathkeys(root, rel, plan);
	const BatchOptions *o = plan->o;
	Cost		startup = request_cost();
	Cost		run = rel->rows * record_cost(o);

	if (o->resource == BATCH_RESULTS)
		startup += request_cost() * Max(rel->tuples / Max(plan->rows, 1), 1);
	else if (!plan->by_id && o->page_size > 0)
		run += rel->tuples / o->page_size * request_cost();
	if (!plan->by_id && o->list_url == NULL && o->url == NULL)
		startup += NO_KEY_COST;
	add_serial(rel, batch_compat_path(root, rel, rel->rows, startup,
									  startup + run, NIL,
									  rel->lateral_relids, NIL));
	if (pathkeys != NIL)
		add_serial(rel, batch_compat_path(root, rel, rel->rows, startup,
										  startup + run * 1.0001, pathkeys,
										  rel->lateral_relids, NIL));
}

/* Tell how much of the work each process does, workers and leader. */
static double
parallel_divisor(int workers)
{
	double		leader = parallel_leader_participation ? Max(1.0 - 0.3 * workers, 0) : 0;

	return workers + leader;
}

/*
 * Add the path that deals the parts of one job out to the processes of a
 * parallel query.
 */
static void
add_partial(RelOptInfo *rel, PlannerInfo *root, const PlanInfo *plan)
{
	int			workers = 0;
	double		divisor;
	Cost		startup = 2 * request_cost();
	ForeignPath *path;

	if (rel->consider_parallel && plan->one_job && plan->rows_known &&
		bms_is_empty(rel->lateral_relids))
		workers = compute_parallel_worker(rel, plan->rows * RECORD_BYTES / BLCKSZ, -1,
										   max_parallel_workers_per_gather);
	if (workers == 0)
		return;
	divisor = parallel_divisor(workers);
	path = batch_compat_path(root, rel, clamp_row_est(rel->rows / divisor), startup,
							 startup + record_cost(plan->o) * rel->rows / divisor,
							 NIL, NULL, NIL);
	path->path.parallel_aware = true;
	path->path.parallel_safe = true;
	path->path.parallel_workers = workers;
	add_partial_path(rel, (Path *) path);
}

/* Tell whether a member of an equivalence class is the job's id. */
static bool
is_id_member(PlannerInfo *root, RelOptInfo *rel, EquivalenceClass *ec,
			 EquivalenceMember *em, void *arg)
{
	(void) root;
	(void) ec;
	return batch_quals_is_id(arg, rel->relid, em->em_expr);
}

/* List the join clauses that supply the job's id. */
static List *
list_id_clauses(PlannerInfo *root, RelOptInfo *rel, PlanInfo *plan)
{
	List	   *clauses = NIL;
	ListCell   *lc;

	if (rel->has_eclass_joins)
		clauses = generate_implied_equalities_for_column(root, rel, is_id_member,
														 plan, rel->lateral_referencers);
	foreach(lc, rel->joininfo)
	{
		RestrictInfo *rinfo = lfirst(lc);

		if (join_clause_is_movable_to(rinfo, rel))
			clauses = lappend(clauses, rinfo);
	}
	return clauses;
}

/* Add a path for each set of relations that supplies the job's id. */
static void
add_joined_paths(PlannerInfo *root, RelOptInfo *rel, PlanInfo *plan)
{
	List	   *done = NIL;
	ListCell   *lc;
	double		rows = batch_plan_rows_by_id(plan);
	Cost		startup = request_cost() * (plan->o->resource == BATCH_RESULTS ? 2 : 1);

	foreach(lc, list_id_clauses(root, rel, plan))
	{
		RestrictInfo *rinfo = lfirst(lc);
		Relids		outer;
		ParamPathInfo *info;

		if (!batch_quals_names_jobs(root, plan, rel->relid, rinfo))
			continue;
		outer = bms_union(rinfo->clause_relids, rel->lateral_relids);
		outer = bms_del_member(outer, rel->relid);
		if (bms_is_empty(outer))
			continue;
		info = get_baserel_parampathinfo(root, rel, outer);
		if (list_member_ptr(done, info))
			continue;
		done = lappend(done, info);
		add_serial(rel, batch_compat_path(root, rel, Min(rows, info->ppi_rows), startup,
										  startup + rows * record_cost(plan->o),
										  NIL, outer, NIL));
	}
}

/* Offer the ways to read a table (GetForeignPaths). */
void
batch_costs_add_paths(PlannerInfo *root, RelOptInfo *rel)
{
	PlanInfo   *plan = rel->fdw_private;

	add_plain_paths(root, rel, plan);
	add_partial(rel, root, plan);
	if (!plan->by_id && plan->o->url == NULL)
		add_joined_paths(root, rel, plan);
}
