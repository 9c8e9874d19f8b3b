/*
 * compat.h
 *	  What differs between PostgreSQL 15 and 18, and nowhere else.
 */
#ifndef BATCH_COMPAT_H
#define BATCH_COMPAT_H

#include "access/stratnum.h"
#include "commands/explain.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/plannodes.h"
#include "optimizer/pathnode.h"
#include "parser/parse_type.h"
#include "parser/parsetree.h"
#include "storage/latch.h"
#include "utils/resowner.h"
#include "utils/wait_event.h"

#if PG_VERSION_NUM < 150000
#error "batch_fdw needs PostgreSQL 15 or newer"
#endif
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#include "storage/waiteventset.h"
#endif

/* Make a foreign scan path; 17 added fdw_restrictinfo, 18 disabled_nodes. */
static inline ForeignPath *
batch_compat_path(PlannerInfo *root, RelOptInfo *rel, double rows,
				  Cost startup, Cost total, List *pathkeys,
				  Relids required_outer, List *private)
{
#if PG_VERSION_NUM >= 180000
	return create_foreignscan_path(root, rel, NULL, rows, 0, startup, total,
								   pathkeys, required_outer, NULL, NIL, private);
#elif PG_VERSION_NUM >= 170000
	return create_foreignscan_path(root, rel, NULL, rows, startup, total,
								   pathkeys, required_outer, NULL, NIL, private);
#else
	return create_foreignscan_path(root, rel, NULL, rows, startup, total,
								   pathkeys, required_outer, NULL, private);
#endif
}

/* Make a wait event set that no resource owner tracks; its maker frees it. */
static inline WaitEventSet *
batch_compat_wait_set(int nevents)
{
#if PG_VERSION_NUM >= 170000
	return CreateWaitEventSet(NULL, nevents);
#else
	return CreateWaitEventSet(CurrentMemoryContext, nevents);
#endif
}

/* Return the wait event that pg_stat_activity shows during a transfer. */
static inline uint32
batch_compat_wait_event(void)
{
#if PG_VERSION_NUM >= 170000
	static uint32 event = 0;

	if (event == 0)
		event = WaitEventExtensionNew("BatchFdwTransfer");
	return event;
#else
	return PG_WAIT_EXTENSION;
#endif
}

/* Return the role whose user mapping a scan uses: a view's owner, or the user. */
static inline Oid
batch_compat_scan_user(ForeignScan *plan, EState *estate)
{
#if PG_VERSION_NUM >= 160000
	(void) estate;
	return OidIsValid(plan->checkAsUser) ? plan->checkAsUser : GetUserId();
#else
	RangeTblEntry *rte = exec_rt_fetch(plan->scan.scanrelid, estate);

	return OidIsValid(rte->checkAsUser) ? rte->checkAsUser : GetUserId();
#endif
}

/* Find the type that a text names, or raise; 16 added soft errors. */
static inline void
batch_compat_parse_type(const char *name, Oid *type, int32 *typmod)
{
#if PG_VERSION_NUM >= 160000
	(void) parseTypeString(name, type, typmod, NULL);
#else
	parseTypeString(name, type, typmod, false);
#endif
}

/* Return the role as which a relation is planned to be read. */
static inline Oid
batch_compat_plan_user(PlannerInfo *root, RelOptInfo *rel)
{
#if PG_VERSION_NUM >= 160000
	(void) root;
	return OidIsValid(rel->userid) ? rel->userid : GetUserId();
#else
	RangeTblEntry *rte = planner_rt_fetch(rel->relid, root);

	return OidIsValid(rte->checkAsUser) ? rte->checkAsUser : GetUserId();
#endif
}

/* Tell whether a pathkey sorts downwards; 18 changed how it says so. */
static inline bool
batch_compat_is_descending(const PathKey *key)
{
#if PG_VERSION_NUM >= 180000
	return key->pk_cmptype == COMPARE_GT;
#else
	return key->pk_strategy == BTGreaterStrategyNumber;
#endif
}

#endif							/* BATCH_COMPAT_H */
