/*
 * plan.h
 *	  What plan.c and paths.c share; only they include it.
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

extern bool batch_plan_is_id(const PlanInfo *plan, Index relid, Expr *expr);
extern bool batch_plan_names_jobs(PlannerInfo *root, const PlanInfo *plan,
								  Index relid, Node *clause);
extern double batch_plan_rows_by_id(const PlanInfo *plan);
extern int64 batch_estimate_results(const PlanInfo *plan, Node *key, Oid userid);

#endif							/* BATCH_PLAN_H */
