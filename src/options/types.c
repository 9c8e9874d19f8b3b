/*
 * types.c
 *	  Columns of job_columns and result_columns --> types of pg_catalog.
 *
 * A type is looked up where the option is set and by IMPORT, never when options
 * are loaded, and in pg_catalog alone, whatever search_path and the session's
 * temporary schema have by the same name.
 */
#include "compat.h"
#include "options/parsers.h"

#include "access/transam.h"
#include "catalog/pg_type.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* Find the type that a text names in pg_catalog; false where it names another. */
static bool
find_type(const char *text, Oid *type, int32 *typmod)
{
	TypeName   *name = batch_compat_parse_type(text);

	if (list_length(name->names) == 1)
		name->names = lcons(makeString("pg_catalog"), name->names);
	if (name->setof || name->pct_type || list_length(name->names) != 2 ||
		strcmp(strVal(linitial(name->names)), "pg_catalog") != 0)
		return false;
	typenameTypeIdAndMod(NULL, name, type, typmod);
	return *type < FirstGenbkiObjectId && get_typtype(*type) != TYPTYPE_PSEUDO;
}

/* Write the type of a column as it is to stand in a statement. */
char *
batch_types_write(const BatchColumnDef *def)
{
	Oid			type;
	int32		typmod;

	if (!find_type(def->type, &type, &typmod))
		elog(ERROR, "type \"%s\" is not in pg_catalog", def->type);
	return format_type_with_typemod(type, typmod);
}

/* Check the columns of an option that is set: their types, and their paths. */
void
batch_types_check(const BatchOption *option, const void *field)
{
	List	   *columns;
	ListCell   *lc;

	batch_lists_parse_columns(option, pstrdup(*(char *const *) field), &columns);
	foreach(lc, columns)
	{
		const BatchColumnDef *def = lfirst(lc);
		List	   *paths;
		Oid			type;
		int32		typmod;

		if (!find_type(def->type, &type, &typmod))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid value for option \"%s\"", option->name),
					 errhint("It takes column types of pg_catalog only.")));
		if (def->path != NULL)
			batch_lists_parse_paths(option, def->path, &paths);
	}
}

/* List the columns of an option that was set, as BatchColumnDef; none for NULL. */
List *
batch_types_list(const char *columns)
{
	const BatchOption option = {.name = "job_columns"};
	List	   *list = NIL;

	if (columns != NULL)
		batch_lists_parse_columns(&option, pstrdup(columns), &list);
	return list;
}
