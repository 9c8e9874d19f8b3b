/*
 * plan.h
 *	  Quals to requests: what a plan carries, and what the planner is told.
 */
#ifndef BATCH_PLAN_H
#define BATCH_PLAN_H

#include "postgres.h"

#include "nodes/execnodes.h"
#include "nodes/pathnodes.h"
#include "nodes/plannodes.h"
#include "utils/rel.h"

#include "common.h"
#include "options/options.h"

struct ExplainState;

/* ---- quals.c, plan.c, costs.c, private.c, explain.c ---- */

/* What an expression that is compared with a column is to the API. */
typedef enum BatchKeyKind
{
	BATCH_KEY_ID,				/* one job id, which must be one */
	BATCH_KEY_IDS,				/* an array of ids; what is none matches nothing */
	BATCH_KEY_JOINED_ID,		/* one id of a join or a sub-select, likewise */
	BATCH_KEY_FILTER,			/* one word of a filter */
	BATCH_KEY_FILTERS,			/* an array of them */
	BATCH_KEY_STATE,			/* one state, to be mapped back to words */
	BATCH_KEY_STATES,			/* an array of them */
	BATCH_KEY_LIMIT,			/* the query's LIMIT: sets the size of a page */
	BATCH_KEY_OFFSET,			/* and its OFFSET */
	BATCH_KEY_BOUND				/* where an ordered listing may end */
} BatchKeyKind;

/* Tell whether a key names jobs by their ids. */
static inline bool
batch_key_is_id(BatchKeyKind kind)
{
	return kind == BATCH_KEY_ID || kind == BATCH_KEY_IDS || kind == BATCH_KEY_JOINED_ID;
}

/* Tell whether a key is an array. */
static inline bool
batch_key_is_array(BatchKeyKind kind)
{
	return kind == BATCH_KEY_IDS || kind == BATCH_KEY_FILTERS || kind == BATCH_KEY_STATES;
}

/* A qual that the API is sent, or LIMIT or OFFSET. */
typedef struct BatchMatch
{
	BatchKeyKind kind;
	AttrNumber	attnum;			/* the column, or 0 */
	Node	   *key;			/* what it is compared with */
	BatchFilter *filter;		/* of the listing, or NULL; its path is not kept */
} BatchMatch;

/* What a plan tells its execution. */
typedef struct BatchPlan
{
	List	   *attnums;		/* columns wanted, in order */
	List	   *matches;		/* of BatchMatch */
	List	   *local;			/* numbers of the quals that are not sent */
	int			natts;			/* columns of the table, dropped ones too */
	AttrNumber	order_column;	/* whose order is relied on, or 0 */
	bool		descending;		/* that order */
} BatchPlan;

extern void batch_plan_size(PlannerInfo *root, RelOptInfo *rel, Oid relid);
extern bool batch_plan_is_parallel(const BatchOptions *o);
extern void batch_costs_add_paths(PlannerInfo *root, RelOptInfo *rel);
extern ForeignScan *batch_plan_scan(PlannerInfo *root, RelOptInfo *rel,
									Path *path, List *tlist, List *clauses,
									Plan *outer);
extern BatchPlan *batch_private_read(const ForeignScan *scan);
extern void batch_quals_check(const BatchOptions *o, Relation rel,
							  const BatchPlan *plan, bool is_parallel);
extern void batch_explain_scan(ForeignScanState *node, const BatchOptions *o,
							   const BatchStats *stats, struct ExplainState *es);

/* What planning keeps of a table between its callbacks. */
typedef struct PlanInfo
{
	Oid			relid;
	BatchOptions *o;
	bool		by_id;			/* the table or a qual names jobs */
	bool		one_job;		/* it is one, and known before the scan */
	bool		rows_known;		/* rows is no guess */
	double		rows;			/* jobs in the listing, or records of a job */
	AttrNumber	order_column;	/* in whose order one listing comes, or 0 */
	Oid			order_family;	/* of its type's default operators */
} PlanInfo;

/* plan.c, estimate.c */
extern double batch_plan_rows_by_id(const PlanInfo *plan);
extern int64 batch_estimate_results(const PlanInfo *plan, Node *key, Oid userid);

/* quals.c */
extern bool batch_quals_is_id(const PlanInfo *plan, Index relid, Expr *expr);
extern BatchMatch *batch_quals_clause(PlannerInfo *root, const PlanInfo *plan,
									  Index relid, Node *clause);
extern bool batch_quals_names_jobs(PlannerInfo *root, const PlanInfo *plan,
								   Index relid, Node *clause);
extern bool batch_quals_is_ordered(const BatchOptions *o, Oid relid,
								   AttrNumber attnum, Oid type);
extern BatchMatch *batch_quals_bound(PlannerInfo *root, const PlanInfo *plan,
									 Index relid, Node *clause);

/* private.c */
extern List *batch_private_keys(const BatchPlan *plan);
extern List *batch_private_write(const BatchPlan *plan);

#endif							/* BATCH_PLAN_H */
