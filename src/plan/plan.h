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
#include "jobs/jobs.h"
#include "options/options.h"

struct ExplainState;

/* ---- what a plan carries ---- */

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

/* Tell whether a key is a state, or an array of them. */
static inline bool
batch_key_is_state(BatchKeyKind kind)
{
	return kind == BATCH_KEY_STATE || kind == BATCH_KEY_STATES;
}

/* A qual that narrows what is asked for, or LIMIT or OFFSET. */
typedef struct BatchMatch
{
	BatchKeyKind kind;
	AttrNumber	attnum;			/* the column, or 0 */
	Oid			type;			/* of the column, below domains; or 0 */
	Node	   *key;			/* what it is compared with */
	BatchFilter *filter;		/* of the listing, or NULL; its path is not kept */
} BatchMatch;

/* What a plan tells its execution. */
typedef struct BatchPlan
{
	List	   *attnums;		/* columns wanted, in order */
	List	   *matches;		/* of BatchMatch */
	List	   *local;			/* numbers of the quals that are not sent */
	List	   *ends;			/* numbers of those that end the listing */
	int			natts;			/* columns of the table, dropped ones too */
	AttrNumber	order_column;	/* whose order is relied on, or 0 */
	bool		descending;		/* that order */
	bool		leaves_out;		/* jobs are read that another table leaves out then */
} BatchPlan;

/* What a column is to the API. */
typedef struct BatchColumnRole
{
	bool		is_id;
	bool		is_state;
	BatchFilter *filter;		/* of the listing, or NULL */
	Oid			order_family;	/* of its default operators, if the listing comes in its order */
} BatchColumnRole;

/* ---- plan.c, costs.c: what the planner is told ---- */

/* What planning keeps of a table between its callbacks. */
typedef struct PlanInfo
{
	Oid			relid;
	BatchOptions *o;
	BatchColumnRole **roles;	/* by column; NULL where not told yet */
	List	   *quals;			/* that were matched, with their matches */
	bool		by_id;			/* the table or a qual names jobs */
	bool		one_job;		/* it is one, and known before the scan */
	bool		rows_known;		/* rows is no guess */
	double		rows;			/* jobs in the listing, or records of a job */
	AttrNumber	order_column;	/* in whose order one listing comes, or 0 */
} PlanInfo;

extern void batch_plan_size(PlannerInfo *root, RelOptInfo *rel, Oid relid);
extern double batch_plan_rows_by_id(const PlanInfo *plan);
extern bool batch_plan_is_parallel(const BatchOptions *o);
extern void batch_costs_add_paths(PlannerInfo *root, RelOptInfo *rel);
extern ForeignScan *batch_plan_scan(PlannerInfo *root, RelOptInfo *rel,
									Path *path, List *tlist, List *clauses,
									Plan *outer);

/* ---- roles.c: a column to what it is to the API ---- */

extern BatchColumnRole *batch_roles_tell(const BatchOptions *o, Oid relid, AttrNumber attnum);
extern const BatchColumnRole *batch_roles_get(PlanInfo *plan, AttrNumber attnum);

/* ---- quals.c: a qual to what it is to the API ---- */

extern bool batch_quals_is_id(PlanInfo *plan, Index relid, Expr *expr);
extern BatchMatch *batch_quals_match(PlannerInfo *root, PlanInfo *plan,
									 Index relid, RestrictInfo *rinfo);
extern bool batch_quals_names_jobs(PlannerInfo *root, PlanInfo *plan,
								   Index relid, RestrictInfo *rinfo);

/* ---- changed.c: options that changed after a plan was made ---- */

extern void batch_changed_check(const BatchOptions *o, Relation rel,
								const BatchPlan *plan, bool is_parallel);

/* ---- match.c: the value of a match's key to what is asked for ---- */

extern void batch_match_apply(const BatchMatch *match, const BatchOptions *o,
							  BatchQuery *query, Datum value, bool isnull);

/* ---- estimate.c: use_remote_estimate ---- */

extern int64 batch_estimate_results(const PlanInfo *plan, Node *key, Oid userid);

/* ---- private.c: a plan to fdw_private, and back ---- */

extern List *batch_private_keys(const BatchPlan *plan);
extern List *batch_private_write(const BatchPlan *plan);
extern BatchPlan *batch_private_read(const ForeignScan *scan);

/* ---- explain.c: EXPLAIN ---- */

extern void batch_explain_scan(ForeignScanState *node, const BatchOptions *o,
							   const BatchStats *stats, struct ExplainState *es);

#endif							/* BATCH_PLAN_H */
