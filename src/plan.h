/*
 * plan.h
 *	  What the files that plan share; only they include it.
 */
#ifndef BATCH_PLAN_H
#define BATCH_PLAN_H

#include "batch_fdw.h"

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

/* match.c */
extern bool batch_match_is_id(const PlanInfo *plan, Index relid, Expr *expr);
extern BatchMatch *batch_match_clause(PlannerInfo *root, const PlanInfo *plan,
									  Index relid, Node *clause);
extern bool batch_match_names_jobs(PlannerInfo *root, const PlanInfo *plan,
								   Index relid, Node *clause);
extern bool batch_match_is_ordered(const BatchOptions *o, Oid relid,
								   AttrNumber attnum, Oid type);
extern BatchMatch *batch_match_bound(PlannerInfo *root, const PlanInfo *plan,
									 Index relid, Node *clause);

/* private.c */
extern List *batch_private_keys(const BatchPlan *plan);
extern List *batch_private_write(const BatchPlan *plan);

#endif							/* BATCH_PLAN_H */
