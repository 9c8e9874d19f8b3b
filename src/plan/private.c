/*
 * private.c
 *	  A plan --> fdw_private, and back at execution and EXPLAIN.
 *
 * Plans are copied, kept and sent to workers, so what is written are nodes.  It
 * is all that an execution knows of the planning, and no number in it counts
 * into options, which may have changed since.  Nothing in it is secret.
 */
#include "plan/plan.h"

#include "nodes/makefuncs.h"

/* The lists of ForeignScan.fdw_private. */
enum
{
	ATTNUMS,					/* of integers */
	MATCHES,					/* of lists, one per fdw_expr */
	LOCAL,						/* of integers */
	ENDS,						/* of integers */
	FIELDS						/* of integers */
};

/* List the expressions of a plan, which are to be evaluated when it starts. */
List *
batch_private_keys(const BatchPlan *plan)
{
	List	   *keys = NIL;
	ListCell   *lc;

	foreach(lc, plan->matches)
		keys = lappend(keys, copyObject(((BatchMatch *) lfirst(lc))->key));
	return keys;
}

/* Write a match but for its key: kind, column, its type, and the filter's texts. */
static List *
write_match(const BatchMatch *match)
{
	List	   *list = list_make3(makeInteger(match->kind), makeInteger(match->attnum),
								  makeInteger((int) match->type));
	ListCell   *lc;

	if (match->filter == NULL)
		return list;
	list = lappend(list, makeString(match->filter->param));
	foreach(lc, match->filter->words)
		list = lappend(list, makeString(lfirst(lc)));
	return list;
}

/* Read a match. */
static BatchMatch *
read_match(const List *list, Node *key)
{
	BatchMatch *match = palloc0(sizeof(BatchMatch));

	match->kind = intVal(linitial(list));
	match->attnum = intVal(lsecond(list));
	match->type = (Oid) intVal(lthird(list));
	match->key = key;
	if (list_length(list) == 3)
		return match;
	match->filter = palloc0(sizeof(BatchFilter));
	match->filter->param = strVal(lfourth(list));
	for (int i = 4; i < list_length(list); i++)
		match->filter->words = lappend(match->filter->words, strVal(list_nth(list, i)));
	return match;
}

/* Write a plan but for its expressions. */
List *
batch_private_write(const BatchPlan *plan)
{
	List	   *matches = NIL;
	ListCell   *lc;

	foreach(lc, plan->matches)
		matches = lappend(matches, write_match(lfirst(lc)));
	return list_make5(plan->attnums, matches, plan->local, plan->ends,
					  list_make4_int(plan->natts, plan->order_column, plan->descending,
									 plan->leaves_out));
}

/* Read a plan; belongs to the current context, but for what is the plan's own. */
BatchPlan *
batch_private_read(const ForeignScan *scan)
{
	BatchPlan  *plan = palloc0(sizeof(BatchPlan));
	List	   *fields = list_nth(scan->fdw_private, FIELDS);
	ListCell   *match,
			   *key;

	plan->attnums = list_nth(scan->fdw_private, ATTNUMS);
	forboth(match, (List *) list_nth(scan->fdw_private, MATCHES), key, scan->fdw_exprs)
		plan->matches = lappend(plan->matches, read_match(lfirst(match), lfirst(key)));
	plan->local = list_nth(scan->fdw_private, LOCAL);
	plan->ends = list_nth(scan->fdw_private, ENDS);
	plan->natts = linitial_int(fields);
	plan->order_column = lsecond_int(fields);
	plan->descending = lthird_int(fields) != 0;
	plan->leaves_out = lfourth_int(fields) != 0;
	return plan;
}
