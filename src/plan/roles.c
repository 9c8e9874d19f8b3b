/*
 * roles.c
 *	  A column --> what it is to the API: the job's id, its state, what a filter of
 *	  the listing takes, what the listing is ordered by.
 */
#include "plan/plan.h"

#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "utils/lsyscache.h"

/*
 * Find the operator family of the order that list_order speaks of, if it is that
 * of this column, whose values have the one order that every API means; or 0.
 */
static Oid
find_order_family(const BatchOptions *o, const BatchPath *path, Oid type)
{
	if (o->list_order == NULL || !batch_jsonpath_equal(path, o->list_order->path))
		return InvalidOid;
	switch (type)
	{
		case TIMESTAMPTZOID:
		case TIMESTAMPOID:
		case DATEOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case NUMERICOID:
		case FLOAT4OID:
		case FLOAT8OID:
			return get_opclass_family(GetDefaultOpClass(type, BTREE_AM_OID));
		default:
			return InvalidOid;
	}
}

/* Find the filter of the listing that a column's values are sent by, or NULL. */
static BatchFilter *
find_filter(const BatchOptions *o, const BatchPath *path, bool is_state)
{
	BatchFilter *found = NULL;
	ListCell   *lc;

	foreach(lc, o->list_filters)
	{
		BatchFilter *filter = lfirst(lc);

		/* Without a vocabulary the words of a state are not known. */
		if (batch_jsonpath_equal(path, filter->path) && (!is_state || filter->words != NIL))
			found = filter;
	}
	return found;
}

/* Tell what a column is to the API. */
BatchColumnRole *
batch_roles_tell(const BatchOptions *o, Oid relid, AttrNumber attnum)
{
	BatchColumnOptions *column = batch_options_load_column(o, relid, attnum);
	BatchColumnRole *role = palloc0(sizeof(BatchColumnRole));

	role->is_id = column->meta == BATCH_META_JOB_ID;
	if (o->resource != BATCH_JOBS)
		return role;
	role->is_id |= batch_jsonpath_equal(column->path, o->id_path);
	role->is_state = column->meta == BATCH_META_STATE;
	role->filter = find_filter(o, role->is_state ? o->status_path : column->path, role->is_state);
	role->order_family = find_order_family(o, column->path, get_atttype(relid, attnum));
	return role;
}

/* Get the role of a column, which is told once for each planning. */
const BatchColumnRole *
batch_roles_get(PlanInfo *plan, AttrNumber attnum)
{
	BatchColumnRole **role = &plan->roles[attnum - 1];

	if (*role == NULL)
		*role = batch_roles_tell(plan->o, plan->relid, attnum);
	return *role;
}
