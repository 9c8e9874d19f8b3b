/*
 * order_check.c
 *	  A scan that relies on the declared order of the listing.
 *
 * Where the plan leaves out a Sort, or ends the paging at a bound, a row that
 * comes out of order would make the result wrong without a word: so each row
 * is held against the one before it.
 */
#include "scan/scan.h"

#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

struct BatchOrderCheck
{
	MemoryContext cxt;
	AttrNumber	attnum;
	char	   *name;			/* of the column */
	bool		descending;
	Oid			collation;
	int16		length;
	bool		byval;
	FmgrInfo   *compare;
	bool		has_last;
	Datum		last;			/* of the row before; a copy, as is bound */
	bool		has_bound;
	Datum		bound;			/* rows beyond it are not wanted */
};

/*
 * Watch the order of a column; belongs to the current context.
 */
BatchOrderCheck *
batch_order_check_open(Relation rel, AttrNumber attnum, bool descending)
{
	BatchOrderCheck *c = palloc0(sizeof(BatchOrderCheck));
	Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(rel), attnum - 1);
	TypeCacheEntry *type = lookup_type_cache(attribute->atttypid, TYPECACHE_CMP_PROC_FINFO);

	c->cxt = CurrentMemoryContext;
	c->attnum = attnum;
	c->name = pstrdup(NameStr(attribute->attname));
	c->descending = descending;
	c->collation = attribute->attcollation;
	c->length = attribute->attlen;
	c->byval = attribute->attbyval;
	c->compare = &type->cmp_proc_finfo;
	return c;
}

/* Compare two values in the direction of the listing: > 0 for disorder. */
static int
compare(BatchOrderCheck *c, Datum before, Datum after)
{
	int			result = DatumGetInt32(FunctionCall2Coll(c->compare, c->collation, before, after));

	return c->descending ? -result : result;
}

/* Copy a value over the one that was kept before, which begins as zero. */
static void
keep_value(BatchOrderCheck *c, Datum *kept, Datum value)
{
	MemoryContext old = MemoryContextSwitchTo(c->cxt);

	if (!c->byval && DatumGetPointer(*kept) != NULL)
		pfree(DatumGetPointer(*kept));
	*kept = datumCopy(value, c->byval, c->length);
	MemoryContextSwitchTo(old);
}

/* Begin again; no bound. */
void
batch_order_check_reset(BatchOrderCheck *c)
{
	c->has_last = false;
	c->has_bound = false;
}

/* Set a bound beyond which no row is wanted; of several the nearest counts. */
void
batch_order_check_bound(BatchOrderCheck *c, Datum bound)
{
	if (c->has_bound && compare(c, c->bound, bound) <= 0)
		return;
	keep_value(c, &c->bound, bound);
	c->has_bound = true;
}

/* Raise that the listing does not keep to its order. */
static void
refuse_row(BatchOrderCheck *c, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROTOCOL_VIOLATION),
			 errmsg("the listing is not in the order that list_order declares"),
			 errdetail("A job %s in column \"%s\".", what, c->name),
			 errhint("Drop list_order from the server, or ask without ORDER BY and bounds.")));
}

/*
 * Hold a row against the one before it; false where it lies beyond the bound,
 * and so do all that follow.  Raises where it is out of order.
 */
bool
batch_order_check_next(BatchOrderCheck *c, TupleTableSlot *slot)
{
	Datum		value = slot->tts_values[c->attnum - 1];

	if (slot->tts_isnull[c->attnum - 1])
		refuse_row(c, "has no value");
	if (c->has_last && compare(c, c->last, value) > 0)
		refuse_row(c, "comes after one that it should come before");
	if (c->has_bound && compare(c, c->bound, value) < 0)
		return false;
	keep_value(c, &c->last, value);
	c->has_last = true;
	return true;
}
