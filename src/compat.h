/*
 * compat.h
 *	  What differs between PostgreSQL 15 and 19, and nowhere else.
 */
#ifndef BATCH_COMPAT_H
#define BATCH_COMPAT_H

#include "postgres.h"

#include "access/stratnum.h"
#include "access/xact.h"
#include "catalog/pg_foreign_server.h"
#include "commands/explain.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/plannodes.h"
#include "optimizer/pathnode.h"
#include "parser/parse_type.h"
#include "parser/parsetree.h"
#include "storage/latch.h"
#include "utils/acl.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/wait_event.h"

#if PG_VERSION_NUM < 150000
#error "batch_fdw needs PostgreSQL 15 or newer"
#endif
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "varatt.h"
#endif
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#include "storage/waiteventset.h"
#endif

/* 18 brought the word that stands before a function that never returns. */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
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

/*
 * Make a wait event set that no resource owner and no context of a query
 * tracks; its maker frees it, in the callback of another context maybe.
 */
static inline WaitEventSet *
batch_compat_wait_set(int nevents)
{
#if PG_VERSION_NUM >= 170000
	return CreateWaitEventSet(NULL, nevents);
#else
	return CreateWaitEventSet(TopMemoryContext, nevents);
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

/* Tell whether a role may use a foreign server; 16 has one function for all objects. */
static inline AclResult
batch_compat_server_aclcheck(Oid serverid, Oid role)
{
#if PG_VERSION_NUM >= 160000
	return object_aclcheck(ForeignServerRelationId, serverid, role, ACL_USAGE);
#else
	return pg_foreign_server_aclcheck(serverid, role, ACL_USAGE);
#endif
}

/* Parse the name of a type; 16 added soft errors. */
static inline TypeName *
batch_compat_parse_type(const char *text)
{
#if PG_VERSION_NUM >= 160000
	return typeStringToTypeName(text, NULL);
#else
	return typeStringToTypeName(text);
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

/*
 * Errors that are kept instead of raised came with 16.  On 15 the same calls
 * raise them, and batch_compat_try catches them in a subtransaction.
 */
#if PG_VERSION_NUM < 160000
#define SOFT_ERROR_OCCURRED(escontext) ((void) (escontext), false)
#define errsave(escontext, ...) \
	do { (void) (escontext); ereport(ERROR, __VA_ARGS__); } while (0)
#define ereturn(escontext, value, ...) \
	do { errsave(escontext, __VA_ARGS__); return value; } while (0)
#endif

/* Call a type's input function. */
static inline Datum
batch_compat_input(FmgrInfo *input, char *text, Oid ioparam, int32 typmod,
				   Node *escontext)
{
#if PG_VERSION_NUM >= 160000
	Datum		value = (Datum) 0;

	(void) InputFunctionCallSafe(input, text, ioparam, typmod, escontext, &value);
	return value;
#else
	(void) escontext;
	return InputFunctionCall(input, text, ioparam, typmod);
#endif
}

/* Call a built-in type's input function, without a typmod. */
static inline Datum
batch_compat_input_directly(PGFunction input, const char *text, Node *escontext)
{
#if PG_VERSION_NUM >= 160000
	Datum		value = (Datum) 0;

	(void) DirectInputFunctionCallSafe(input, unconstify(char *, text), InvalidOid,
									   -1, escontext, &value);
	return value;
#else
	(void) escontext;
	return DirectFunctionCall3(input, CStringGetDatum(text),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
#endif
}

/*
 * Check a value against the constraints of a domain; utils/builtins.h, which
 * declares the checks, and json-c do not go together.
 */
#if PG_VERSION_NUM >= 160000
extern bool domain_check_safe(Datum value, bool isnull, Oid domainType,
							  void **extra, MemoryContext mcxt, Node *escontext);
#else
extern void domain_check(Datum value, bool isnull, Oid domainType, void **extra,
						 MemoryContext mcxt);
#endif

static inline void
batch_compat_domain_check(Datum value, bool isnull, Oid domain, void **extra,
						  MemoryContext cxt, Node *escontext)
{
#if PG_VERSION_NUM >= 160000
	(void) domain_check_safe(value, isnull, domain, extra, cxt, escontext);
#else
	(void) escontext;
	domain_check(value, isnull, domain, extra, cxt);
#endif
}

/* Tell whether batch_compat_try can be called: not so on 15 beside workers. */
static inline bool
batch_compat_can_try(void)
{
#if PG_VERSION_NUM >= 160000
	return true;
#else
	return !IsInParallelMode();
#endif
}

/* Tell whether an error that batch_compat_try keeps is always the data's own. */
static inline bool
batch_compat_keeps_own(void)
{
#if PG_VERSION_NUM >= 160000
	return true;
#else
	return false;
#endif
}

/*
 * Keep workers away from a query whose leader calls batch_compat_try.  What was
 * planned before, a sub-select perhaps, may have them all the same.
 */
static inline void
batch_compat_stay_serial(PlannerInfo *root)
{
#if PG_VERSION_NUM >= 160000
	(void) root;
#else
	root->glob->parallelModeOK = false;
	for (int i = 1; i < root->simple_rel_array_size; i++)
		if (root->simple_rel_array[i] != NULL)
			root->simple_rel_array[i]->consider_parallel = false;
#endif
}

/*
 * Call a function in a subtransaction; returns the error that it raised, in the
 * current context, or NULL.
 *
 * It must open nothing that outlives it and is not of a memory context.  What it
 * changes and is looked at afterwards must not be a local variable.
 */
static inline ErrorData *
batch_compat_catch(void (*function) (void *arg, Node *escontext), void *arg)
{
	MemoryContext cxt = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(cxt);
	PG_TRY();
	{
		function(arg, NULL);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(cxt);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(cxt);
	CurrentResourceOwner = owner;
	return error;
}

/*
 * Call a function that reports errors by escontext; returns the error that it
 * kept, in the current context, or NULL.  On 15 any error can be caught.
 */
static inline ErrorData *
batch_compat_try(void (*function) (void *arg, Node *escontext), void *arg)
{
#if PG_VERSION_NUM >= 160000
	ErrorSaveContext context = {.type = T_ErrorSaveContext, .details_wanted = true};

	function(arg, (Node *) &context);
	return context.error_occurred ? context.error_data : NULL;
#else
	return batch_compat_catch(function, arg);
#endif
}

/* Raise an error that batch_compat_try returned. */
static inline void
batch_compat_rethrow(ErrorData *error)
{
#if PG_VERSION_NUM >= 160000
	ThrowErrorData(error);
#else
	ReThrowError(error);
#endif
}

#endif							/* BATCH_COMPAT_H */
