/*
 * validate.c
 *	  The options of one object, as CREATE and ALTER give them --> an error, a
 *	  warning, or nothing.
 */
#include "options/parsers.h"

#include "catalog/pg_attribute.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "utils/acl.h"

#define SERVER	ForeignServerRelationId
#define MAPPING	UserMappingRelationId
#define TABLE	ForeignTableRelationId
#define COLUMN	AttributeRelationId

/* Name the kind of object that carries an option, as DDL calls it. */
static const char *
catalog_name(Oid catalog)
{
	return catalog == SERVER ? "SERVER" : catalog == MAPPING ? "USER MAPPING" :
		catalog == TABLE ? "FOREIGN TABLE" : "a column";
}

/*
 * Raise HV00D, with the names that are near, or the object that takes it, or all
 * that this one takes.
 */
static void
refuse_option(const char *name, Oid catalog)
{
	List	   *names = NIL;
	Oid			other = InvalidOid;
	char	   *near;

	for (int i = 0; i < batch_options_count; i++)
	{
		if (batch_options_table[i].catalog == catalog)
			names = lappend(names, (char *) batch_options_table[i].name);
		else if (strcmp(batch_options_table[i].name, name) == 0)
			other = batch_options_table[i].catalog;
	}
	near = batch_parsers_find_nearest(name, names);
	ereport(ERROR,
			(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
			 errmsg("invalid option \"%s\"", name),
			 OidIsValid(other) ?
			 errhint("\"%s\" is an option of %s.", name, catalog_name(other)) :
			 near ? errhint("Perhaps you meant %s.", near) :
			 names ? errhint("The options of %s are %s.", catalog_name(catalog),
							 batch_grammar_join(names)) :
			 errhint("There are no options for this object.")));
}

/* Refuse an option that the current user may not set. */
static void
check_privilege(const BatchOption *option)
{
	if (option->who == BATCH_ANYONE || superuser())
		return;
	if (option->who == BATCH_FILE_READER &&
		has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to set option \"%s\"", option->name),
			 option->who == BATCH_SUPERUSER ?
			 errhint("Only a superuser may set it.") :
			 errhint("Only a superuser or a member of pg_read_server_files may set it.")));
}

/* Find what an option is set to: by the user, by the provider or by default; or NULL. */
static const char *
find_value(List *list, const char *name, Oid catalog)
{
	const BatchOption *option = batch_options_find(name, catalog);
	const char *provider = NULL;
	ListCell   *lc;

	foreach(lc, list)
	{
		DefElem    *def = lfirst(lc);

		if (strcmp(def->defname, name) == 0)
			return defGetString(def);
		if (strcmp(def->defname, "provider") == 0)
			provider = defGetString(def);
	}
	for (const BatchSetting *s = batch_providers; provider && s->provider; s++)
		if (strcmp(s->provider, provider) == 0 && strcmp(s->option, name) == 0)
			return s->value;
	return option ? option->initial : NULL;
}

/* Tell whether an option's partner is set: name, or name=value. */
static bool
is_met(List *list, char *need, Oid catalog)
{
	const char *wanted = batch_grammar_cut(need, '=');
	const char *value = find_value(list, need, catalog);

	if (value == NULL || *value == '\0')
		return false;
	return wanted ? strcmp(value, wanted) == 0 : strcmp(value, "none") != 0;
}

/* Write the partners that an option needs one of, as a user would set them. */
static char *
write_needs(const BatchOption *option)
{
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	foreach(lc, batch_grammar_split(option, pstrdup(option->needs), '|'))
	{
		char	   *value = batch_grammar_cut(lfirst(lc), '=');

		appendStringInfo(&text, value ? "%s%s '%s'" : "%s%s", text.len ? " or " : "",
						 (char *) lfirst(lc), value);
	}
	return text.data;
}

/* List options that have no effect, as none of their partners is set, as BatchComplaint. */
static List *
list_idle(List *list, Oid catalog)
{
	List	   *complaints = NIL;
	ListCell   *lc,
			   *need;

	foreach(lc, list)
	{
		const BatchOption *option = batch_options_find(((DefElem *) lfirst(lc))->defname, catalog);
		bool		met = option->needs == NULL;

		foreach(need, met ? NIL : batch_grammar_split(option, pstrdup(option->needs), '|'))
			met |= is_met(list, lfirst(need), catalog);
		if (!met)
			complaints = batch_checks_complain(complaints,
											   psprintf("option \"%s\" has no effect without %s",
														option->name, write_needs(option)), NULL);
	}
	return complaints;
}

/* List what is odd in the options of a server, though it is allowed, as BatchComplaint. */
List *
batch_validate_review(List *list, const BatchOptions *o)
{
	return list_concat(batch_checks_review(o), list_idle(list, SERVER));
}

/*
 * Validate the options of one object, as CREATE and ALTER give them.
 *
 * Sees all options that the object will have, so that ALTER checks again what
 * is kept: who may not set an option may not alter an object that has it.
 */
void
batch_validate_object(List *list, Oid catalog)
{
	BatchOptions *o = palloc0(sizeof(BatchOptions));
	BatchColumnOptions column = {.meta = BATCH_META_NONE};
	ListCell   *lc;

	batch_text_prepare();
	o->resource = BATCH_NO_RESOURCE;
	o->reject_limit = -1;
	foreach(lc, list)
	{
		DefElem    *def = lfirst(lc);
		const BatchOption *option = batch_options_find(def->defname, catalog);

		if (option == NULL)
			refuse_option(def->defname, catalog);
		check_privilege(option);
		batch_options_parse(option, defGetString(def), catalog == COLUMN ? (void *) &column : o, true);
	}
	batch_checks_key(o);
	if (catalog == SERVER)
		batch_checks_server(batch_options_lay_server(list));
	if (catalog == MAPPING)
		batch_checks_mapping(o);
	if (catalog == TABLE)
		batch_checks_table(o);
	if (catalog == COLUMN)
		batch_checks_column(&column);
	batch_checks_warn(list_idle(list, catalog));
}
