/*
 * import.c
 *	  IMPORT FOREIGN SCHEMA batch --> the tables jobs and results.
 *
 * The columns are those of job_columns and result_columns.  jobs leaves out
 * what list_lacks names for completed jobs, unless all_columns is set, so that
 * SELECT * FROM jobs is one request a page; and the URLs of results, which are
 * secrets while they live.
 */
#include "options/parsers.h"

#include "commands/defrem.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"

/* Types by names that nothing else can have. */
#define TEXT	"pg_catalog.text"
#define JSONB	"pg_catalog.jsonb"

/* Read the options of the statement. */
static bool
wants_all_columns(ImportForeignSchemaStmt *stmt)
{
	bool		all = false;
	ListCell   *lc;

	foreach(lc, stmt->options)
	{
		DefElem    *def = lfirst(lc);

		if (strcmp(def->defname, "all_columns") != 0)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
					 errmsg("invalid option \"%s\"", def->defname),
					 errhint("The option of IMPORT FOREIGN SCHEMA is all_columns.")));
		all = defGetBoolean(def);
	}
	return all;
}

/* Refuse a LIMIT TO that names a table which is not there. */
static void
check_tables(ImportForeignSchemaStmt *stmt)
{
	ListCell   *lc;

	if (stmt->list_type != FDW_IMPORT_SCHEMA_LIMIT_TO)
		return;
	foreach(lc, stmt->table_list)
	{
		const char *name = lfirst_node(RangeVar, lc)->relname;

		if (strcmp(name, "jobs") != 0 && strcmp(name, "results") != 0)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
					 errmsg("there is no table \"%s\" to import", name),
					 errhint("The tables are jobs and results.")));
	}
}

/* Append a column; path and meta may be NULL. */
static void
add_column(StringInfo sql, const char *name, const char *type, const char *path,
		   const char *meta)
{
	appendStringInfo(sql, "%s\n  %s %s", sql->data[sql->len - 1] == '(' ? "" : ",",
					 quote_identifier(name), type);
	if (path)
		appendStringInfo(sql, " OPTIONS (path %s)", quote_literal_cstr(path));
	if (meta)
		appendStringInfo(sql, " OPTIONS (meta %s)", quote_literal_cstr(meta));
}

/* Make the path of a column that job_columns or result_columns defines. */
static BatchPath *
path_of(const BatchColumnDef *def)
{
	return def->path ? batch_jsonpath_parse(def->path) : batch_jsonpath_make_member(def->name);
}

/* Tell whether a listed job lacks a column once it is completed. */
static bool
is_lacking(const BatchOptions *o, const BatchColumnDef *def)
{
	ListCell   *lc;

	foreach(lc, o->list_lacks)
	{
		BatchLack  *lack = lfirst(lc);

		if (batch_jsonpath_equal(lack->path, path_of(def)) &&
			(lack->state == NULL || strcmp(lack->state, "completed") == 0))
			return true;
	}
	return false;
}

/* Tell whether a column is one of the URLs that a path names, or an array of them. */
static bool
is_at(const BatchPath *column, const BatchPath *urls)
{
	if (column->nsteps != urls->nsteps &&
		(column->nsteps != urls->nsteps - 1 ||
		 urls->steps[column->nsteps].kind != BATCH_STEP_ALL))
		return false;
	for (int i = 0; i < column->nsteps; i++)
		if (urls->steps[i].kind == BATCH_STEP_ALL ? column->steps[i].kind == BATCH_STEP_KEY :
			!batch_jsonpath_equal_step(&column->steps[i], &urls->steps[i]))
			return false;
	return true;
}

/* Tell whether a column holds URLs of results. */
static bool
is_url(const BatchOptions *o, const BatchColumnDef *def)
{
	ListCell   *lc;

	foreach(lc, o->urls_path)
		if (is_at(path_of(def), lfirst(lc)))
			return true;
	return false;
}

/* Begin a statement. */
static void
begin_table(StringInfo sql, ImportForeignSchemaStmt *stmt, const char *name)
{
	initStringInfo(sql);
	appendStringInfo(sql, "CREATE FOREIGN TABLE %s.%s (",
					 quote_identifier(stmt->local_schema), name);
}

/* End a statement. */
static char *
end_table(StringInfo sql, const BatchOptions *o, const char *resource)
{
	appendStringInfo(sql, "\n) SERVER %s OPTIONS (resource '%s')",
					 quote_identifier(o->server), resource);
	return sql->data;
}

/* Write the table of jobs. */
static char *
write_jobs(const BatchOptions *o, ImportForeignSchemaStmt *stmt, bool all)
{
	List	   *columns = batch_types_list(o->job_columns);
	StringInfoData sql;
	ListCell   *lc;

	begin_table(&sql, stmt, "jobs");
	foreach(lc, columns)
	{
		BatchColumnDef *def = lfirst(lc);

		if (all || (!is_lacking(o, def) && !is_url(o, def)))
			add_column(&sql, def->name, batch_types_write(def), def->path, NULL);
	}
	if (columns == NIL)
		add_column(&sql, "job_id", TEXT, NULL, "job_id");
	add_column(&sql, "state", TEXT, NULL, "state");
	if (all || columns == NIL)
		add_column(&sql, "doc", JSONB, "$", NULL);
	return end_table(&sql, o, "jobs");
}

/* Write the table of results; the job's id has its name and type in jobs. */
static char *
write_results(const BatchOptions *o, ImportForeignSchemaStmt *stmt)
{
	StringInfoData sql;
	const char *id = "job_id";
	const char *type = TEXT;
	List	   *columns = batch_types_list(o->result_columns);
	ListCell   *lc;

	foreach(lc, batch_types_list(o->job_columns))
	{
		BatchColumnDef *def = lfirst(lc);

		if (batch_jsonpath_equal(path_of(def), o->id_path))
		{
			id = def->name;
			type = batch_types_write(def);
		}
	}
	begin_table(&sql, stmt, "results");
	add_column(&sql, id, type, NULL, "job_id");
	add_column(&sql, "part", "integer", NULL, "part");
	add_column(&sql, "line", "bigint", NULL, "line");
	foreach(lc, columns)
	{
		BatchColumnDef *def = lfirst(lc);

		add_column(&sql, def->name, batch_types_write(def), def->path, NULL);
	}
	if (columns == NIL)
		add_column(&sql, "record", JSONB, "$", NULL);
	return end_table(&sql, o, "results");
}

/*
 * Write the statements of IMPORT FOREIGN SCHEMA; PostgreSQL itself leaves out
 * what LIMIT TO and EXCEPT exclude.  Raises HV00Q for a schema but batch,
 * and HV00R for a table that there is not.
 */
List *
batch_import_schema(ImportForeignSchemaStmt *stmt, Oid serverid)
{
	BatchOptions *o = batch_options_load_server(serverid);
	bool		all = wants_all_columns(stmt);

	if (strcmp(stmt->remote_schema, "batch") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_SCHEMA_NOT_FOUND),
				 errmsg("schema \"%s\" is not present on server \"%s\"",
						stmt->remote_schema, o->server),
				 errhint("The only schema is batch.")));
	check_tables(stmt);
	return list_make2(write_jobs(o, stmt, all), write_results(o, stmt));
}
