/*
 * make.c
 *	  A statement of IMPORT --> a foreign table, with comments that say what it
 *	  and its columns are, and where they come from.
 *
 * Tables are made here and not by PostgreSQL, which takes no statement but CREATE
 * FOREIGN TABLE from ImportForeignSchema, and before which there is nothing to
 * comment on.
 */
#include "options/parsers.h"

#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/defrem.h"
#include "foreign/foreign.h"
#include "nodes/parsenodes.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* What a column of jobs is, by the option whose path it has. */
typedef struct Meaning
{
	const BatchPath *path;
	const char *words;			/* with the path in the place of %s */
} Meaning;

/* Run a statement as a part of IMPORT, as PostgreSQL runs those that it is given. */
static void
run_statement(char *sql)
{
	RawStmt    *raw = linitial_node(RawStmt, pg_parse_query(sql));
	PlannedStmt *planned = makeNode(PlannedStmt);

	planned->commandType = CMD_UTILITY;
	planned->canSetTag = false;
	planned->utilityStmt = raw->stmt;
	planned->stmt_location = raw->stmt_location;
	planned->stmt_len = raw->stmt_len;
	ProcessUtility(planned, sql, false, PROCESS_UTILITY_SUBCOMMAND, NULL, NULL,
				   None_Receiver, NULL);
	CommandCounterIncrement();
}

/* Comment on a column. */
void
batch_make_comment(const char *schema, const char *table, const char *column,
				   const char *comment)
{
	run_statement(psprintf("COMMENT ON COLUMN %s.%s IS %s",
						   quote_qualified_identifier(schema, table),
						   quote_identifier(column), quote_literal_cstr(comment)));
}

/* Find an option of a column, or NULL. */
static char *
find_option(Oid relid, AttrNumber attnum, const char *name)
{
	ListCell   *lc;

	foreach(lc, GetForeignColumnOptions(relid, attnum))
	{
		DefElem    *def = lfirst(lc);

		if (strcmp(def->defname, name) == 0)
			return defGetString(def);
	}
	return NULL;
}

/* Say what a column is that has a meta. */
static const char *
describe_meta(const BatchOptions *o, const char *meta)
{
	if (strcmp(meta, "state") == 0)
		return "State of the job: pending, processing, completed, failed, canceled or expired; else the vendor's own word";
	if (strcmp(meta, "part") == 0)
		return "Number of the part within the job's results, from 1";
	if (strcmp(meta, "line") == 0)
		return "Number of the line within its part, from 1; blank lines count";
	if (strcmp(meta, "file") == 0)
		return "Number of the template of results_url that the record's file is of, from 1";
	if (strcmp(meta, "job_id") != 0)
		return NULL;
	return o->list_url == NULL ? "Id of the job; name it, as there is no listing" :
		"Id of the job; if named, that job alone is asked for";
}

/* Tell whether a path names one of the URLs of results. */
static bool
is_url(const BatchOptions *o, const char *path)
{
	ListCell   *lc;

	foreach(lc, o->urls_path)
	{
		char	   *urls = batch_jsonpath_write(lfirst(lc));
		size_t		len = strlen(path);

		if (strncmp(urls, path, len) == 0 && (urls[len] == '\0' || strcmp(urls + len, "[*]") == 0))
			return true;
	}
	return false;
}

/* Say what a column is that has a path, as it is set. */
static char *
describe_path(const BatchOptions *o, const char *path)
{
	const Meaning meanings[] = {
		{o->id_path, "Id of the job (%s); if named, that job alone is asked for"},
		{o->status_path, "The vendor's word for the state of the job (%s)"},
		{o->list_order ? o->list_order->path : NULL, "%s of the job, by which the listing is ordered"},
		{o->count_path, "Number of results (%s)"},
		{o->error_path, "Why the job failed (%s)"}
	};

	if (strcmp(path, "$") == 0)
		return pstrdup(o->resource == BATCH_JOBS ? "The whole job, as the API tells it" : "The whole record");
	if (o->resource == BATCH_RESULTS)
		return psprintf("%s of the record", path);
	for (size_t i = 0; i < lengthof(meanings); i++)
		if (meanings[i].path != NULL && strcmp(batch_jsonpath_write(meanings[i].path), path) == 0)
			return psprintf(meanings[i].words, path);
	if (is_url(o, path))
		return psprintf("Where results are (%s): who has a signed URL can read them", path);
	return psprintf("%s of the job", path);
}

/* Comment on the columns of a table: on all, or on those alone that have a meta. */
static void
comment_on_columns(const BatchOptions *o, Oid relid, const char *schema, const char *table,
				   bool metas)
{
	Relation	rel = table_open(relid, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(rel);

	for (int i = 0; i < desc->natts; i++)
	{
		const char *name = NameStr(TupleDescAttr(desc, i)->attname);
		const char *meta = find_option(relid, i + 1, "meta");
		const char *path = find_option(relid, i + 1, "path");
		const char *comment;

		if (metas && meta == NULL)
			continue;
		if (path == NULL)
			path = batch_jsonpath_write(batch_jsonpath_make_member(name));
		comment = meta ? describe_meta(o, meta) : describe_path(o, path);
		if (comment != NULL)
			batch_make_comment(schema, table, name, comment);
	}
	table_close(rel, NoLock);
}

/*
 * Make a table by its statement, and comment on it and on its columns; metas tells
 * to leave those alone that have none.
 */
void
batch_make_table(const char *schema, const char *table, char *sql, const char *comment,
				 bool metas)
{
	Oid			relid;

	run_statement(sql);
	relid = get_relname_relid(table, get_namespace_oid(schema, false));
	run_statement(psprintf("COMMENT ON FOREIGN TABLE %s IS %s",
						   quote_qualified_identifier(schema, table), quote_literal_cstr(comment)));
	comment_on_columns(batch_options_load(relid), relid, schema, table, metas);
}
