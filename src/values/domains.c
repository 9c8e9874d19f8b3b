/*
 * domains.c
 *	  Whether an error that was caught is the value's own.
 *
 * A value that a domain does not admit is bad; an error that a domain's own
 * function raises is not the value's, whatever its SQLSTATE.  From 16 on only
 * the former is kept.  On 15 all are caught, and told apart here: the value's
 * own are the violations that name a domain of the column's type, and those
 * that its type raises without the constraints of its domains as well.
 */
#include "values/values.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

struct BatchDomains
{
	List	   *domains;		/* of Oid: all in the type, whatever holds them */
	bool		complete;		/* bare has none of them */
	BatchType	bare;			/* reads what the type does, without constraints */
};

static Oid	strip(BatchDomains *d, Oid type, int32 *typmod);

/* Make the row type whose fields are those of a composite type, stripped. */
static Oid
strip_fields(BatchDomains *d, Oid type, int32 *typmod)
{
	TupleDesc	desc = lookup_rowtype_tupdesc_copy(type, *typmod);
	TupleDesc	bare;
	int			n = 0;

	for (int i = 0; i < desc->natts; i++)
		n += !TupleDescAttr(desc, i)->attisdropped;
	bare = CreateTemplateTupleDesc(n);
	n = 0;
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		int32		field_typmod = attribute->atttypmod;

		if (!attribute->attisdropped)
		{
			Oid			field = strip(d, attribute->atttypid, &field_typmod);

			TupleDescInitEntry(bare, ++n, NameStr(attribute->attname), field, field_typmod, 0);
		}
	}
	*typmod = BlessTupleDesc(bare)->tdtypmod;
	return RECORDOID;
}

/* Note the domains in a range or multirange, which cannot be without them. */
static void
note_in_range(BatchDomains *d, Oid type)
{
	Oid			inner = get_range_subtype(type);
	int			before = list_length(d->domains);
	int32		typmod = -1;

	if (!OidIsValid(inner))
		inner = get_multirange_range(type);
	if (OidIsValid(inner))
		(void) strip(d, inner, &typmod);
	d->complete &= list_length(d->domains) == before;
}

/*
 * Give the type that reads the same texts as another, but without the
 * constraints of domains, and note those.
 */
static Oid
strip(BatchDomains *d, Oid type, int32 *typmod)
{
	Oid			base = getBaseTypeAndTypmod(type, typmod);
	Oid			element = get_element_type(base);
	int			before;

	if (base != type)
		d->domains = lappend_oid(d->domains, type);
	before = list_length(d->domains);
	if (OidIsValid(element))
	{
		element = strip(d, element, typmod);
		return list_length(d->domains) > before ? get_array_type(element) : base;
	}
	if (get_typtype(base) == TYPTYPE_COMPOSITE)
	{
		int32		row_typmod = *typmod;
		Oid			row = strip_fields(d, base, &row_typmod);

		if (list_length(d->domains) > before)
		{
			*typmod = row_typmod;
			return row;
		}
	}
	note_in_range(d, base);
	return base;
}

/* Prepare to tell the errors of a type apart, in the current context. */
BatchDomains *
batch_domains_open(const BatchType *t)
{
	BatchDomains *d = palloc0(sizeof(BatchDomains));
	int32		typmod = t->type == t->base ? t->typmod : -1;
	Oid			bare;

	d->complete = true;
	bare = strip(d, t->type, &typmod);
	batch_convert_prepare(&d->bare, bare, typmod);
	return d;
}

/* Tell whether an error names a domain, as its violations do. */
static bool
names_domain(const ErrorData *error, Oid domain)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(domain));
	Form_pg_type type;
	bool		same;

	if (!HeapTupleIsValid(tuple))
		return false;
	type = (Form_pg_type) GETSTRUCT(tuple);
	same = error->datatype_name != NULL && error->schema_name != NULL &&
		strcmp(error->datatype_name, NameStr(type->typname)) == 0 &&
		strcmp(error->schema_name, get_namespace_name(type->typnamespace)) == 0;
	ReleaseSysCache(tuple);
	return same;
}

/* Tell whether an error is the violation of a domain in the type. */
bool
batch_domains_are_violated(const BatchDomains *d, const ErrorData *error)
{
	ListCell   *lc;

	if (error->sqlerrcode == ERRCODE_CHECK_VIOLATION ||
		error->sqlerrcode == ERRCODE_NOT_NULL_VIOLATION)
		foreach(lc, d->domains)
			if (names_domain(error, lfirst_oid(lc)))
				return true;
	return false;
}

/*
 * Give what reads the values of the type without constraints; NULL where there
 * is no such thing, for a range of a domain.
 */
BatchType *
batch_domains_bare(BatchDomains *d)
{
	return d->complete ? &d->bare : NULL;
}
