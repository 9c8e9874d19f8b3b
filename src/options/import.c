/*
 * import.c
 *	  IMPORT FOREIGN SCHEMA batch --> the tables jobs and results, or one table
 *	  whose columns are inferred from records.
 *
 * The columns are those of job_columns and result_columns.  jobs leaves out
 * what list_lacks names for completed jobs, unless all_columns is set, so that
 * SELECT * FROM jobs is one request a page; and the URLs of results, which are
 * secrets while they live.
 */
#include "options/parsers.h"

#include "catalog/namespace.h"
#include "commands/defrem.h"
#include "foreign/fdwapi.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* The options of the statement. */
typedef struct ImportOptions
{
	bool		all_columns;
	char	   *url;			/* of a file to infer the columns from; or */
	BatchSample sample;			/* with the id of such a job */
	const char *given;			/* the last option that wants either */
} ImportOptions;

/* Types by names that nothing else can have. */
#define TEXT	"pg_catalog.text"
#define JSONB	"pg_catalog.jsonb"

/* Refuse an option that IMPORT does not have. */
static void
refuse_option(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
			 errmsg("invalid option \"%s\"", name),
			 errhint("The options of IMPORT FOREIGN SCHEMA are all_columns, job_id, url, records and depth.")));
}

/* Read the options of the statement. */
static ImportOptions
read_options(ImportForeignSchemaStmt *stmt)
{
	ImportOptions io = {.sample = {NULL, BATCH_SAMPLE_RECORDS, BATCH_SAMPLE_DEPTH}};
	ListCell   *lc;

	foreach(lc, stmt->options)
	{
		DefElem    *def = lfirst(lc);

		if (strcmp(def->defname, "all_columns") == 0)
		{
			io.all_columns = defGetBoolean(def);
			continue;
		}
		io.given = def->defname;
		if (strcmp(def->defname, "job_id") == 0)
			io.sample.job_id = defGetString(def);
		else if (strcmp(def->defname, "url") == 0)
			io.url = defGetString(def);
		else if (strcmp(def->defname, "records") == 0)
			io.sample.records = pg_strtoint32(defGetString(def));
		else if (strcmp(def->defname, "depth") == 0)
			io.sample.depth = pg_strtoint32(defGetString(def));
		else
			refuse_option(def->defname);
	}
	return io;
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

/* Make the paths of a column that job_columns or result_columns defines. */
static List *
paths_of(const BatchColumnDef *def)
{
	const BatchOption option = {.name = "job_columns"};
	List	   *paths = NIL;

	if (def->path == NULL)
		return list_make1(batch_jsonpath_make_member(def->name));
	batch_lists_parse_paths(&option, pstrdup(def->path), &paths);
	return paths;
}

/* Tell whether a listed job lacks a column once it is completed. */
static bool
is_lacking(const BatchOptions *o, const BatchColumnDef *def)
{
	ListCell   *lc;

	foreach(lc, o->list_lacks)
	{
		BatchLack  *lack = lfirst(lc);

		if (batch_jsonpath_touches(paths_of(def), lack->path) &&
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
	List	   *paths = paths_of(def);
	ListCell   *lc,
			   *path;

	foreach(lc, o->urls_path)
		foreach(path, paths)
			if (is_at(lfirst(path), lfirst(lc)))
				return true;
	return false;
}

/* Begin a statement. */
static void
begin_table(StringInfo sql, ImportForeignSchemaStmt *stmt, const char *name)
{
	initStringInfo(sql);
	appendStringInfo(sql, "CREATE FOREIGN TABLE %s (",
					 quote_qualified_identifier(stmt->local_schema, name));
}

/* End a statement. */
static char *
end_table(StringInfo sql, const BatchOptions *o, const char *resource)
{
	appendStringInfo(sql, "\n) SERVER %s OPTIONS (resource '%s'",
					 quote_identifier(o->server), resource);
	if (o->url != NULL)
		appendStringInfo(sql, ", url %s", quote_literal_cstr(o->url));
	appendStringInfoChar(sql, ')');
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

/* Find the name and type that the id of a job has in jobs, and so in results. */
void
batch_import_find_id(const BatchOptions *o, const char **name, const char **type)
{
	ListCell   *lc;

	*name = "job_id";
	*type = TEXT;
	foreach(lc, batch_types_list(o->job_columns))
	{
		BatchColumnDef *def = lfirst(lc);
		List	   *paths = paths_of(def);

		if (list_length(paths) == 1 && batch_jsonpath_equal(linitial(paths), o->id_path))
		{
			*name = def->name;
			*type = batch_types_write(def);
		}
	}
}

/* Begin the statement of a table of results: the columns before those of a record. */
static void
begin_results(StringInfo sql, const BatchOptions *o, ImportForeignSchemaStmt *stmt,
			  const char *table)
{
	const char *id;
	const char *type;

	begin_table(sql, stmt, table);
	batch_import_find_id(o, &id, &type);
	if (o->url == NULL)
		add_column(sql, id, type, NULL, "job_id");
	add_column(sql, "part", "integer", NULL, "part");
	add_column(sql, "line", "bigint", NULL, "line");
	if (o->url == NULL && list_length(o->results_url) > 1)
		add_column(sql, "file", "integer", NULL, "file");
}

/* Write the table of results. */
static char *
write_results(const BatchOptions *o, ImportForeignSchemaStmt *stmt)
{
	List	   *columns = batch_types_list(o->result_columns);
	StringInfoData sql;
	ListCell   *lc;

	begin_results(&sql, o, stmt, "results");
	foreach(lc, columns)
	{
		BatchColumnDef *def = lfirst(lc);

		add_column(&sql, def->name, batch_types_write(def), def->path, NULL);
	}
	if (columns == NIL)
		add_column(&sql, "record", JSONB, "$", NULL);
	return end_table(&sql, o, "results");
}

/* Tell the one table that IMPORT is to make; it is not there yet. */
static const char *
find_table(ImportForeignSchemaStmt *stmt)
{
	const char *table;

	if (stmt->list_type != FDW_IMPORT_SCHEMA_LIMIT_TO || list_length(stmt->table_list) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("one table is made of a job's or a file's records"),
				 errhint("Name it: LIMIT TO (name).")));
	table = linitial_node(RangeVar, stmt->table_list)->relname;
	if (OidIsValid(get_relname_relid(table, get_namespace_oid(stmt->local_schema, false))))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_TABLE),
				 errmsg("relation \"%s\" already exists", table)));
	return table;
}

/* Make the table whose columns are inferred; their comments tell of how many records. */
static void
make_inferred(BatchOptions *o, ImportForeignSchemaStmt *stmt, const ImportOptions *io,
			  BatchInfer infer)
{
	const char *table = find_table(stmt);
	List	   *columns;
	StringInfoData sql;
	ListCell   *lc;

	o->resource = BATCH_RESULTS;
	o->url = io->url;
	columns = infer(o, &io->sample);
	if (columns == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA),
				 errmsg("there is no record to infer columns from"),
				 errhint("Name another job or file.")));
	begin_results(&sql, o, stmt, table);
	foreach(lc, columns)
	{
		const BatchColumnDef *def = &((BatchInferred *) lfirst(lc))->def;

		add_column(&sql, def->name, def->type, def->path, NULL);
	}
	batch_make_table(stmt->local_schema, table, end_table(&sql, o, "results"),
					 io->url ? "Records of a file, whose columns they were inferred from" :
					 psprintf("Results of the jobs of server \"%s\", with the columns of job \"%s\"",
							  o->server, io->sample.job_id), true);
	foreach(lc, columns)
	{
		const BatchInferred *column = lfirst(lc);

		batch_make_comment(stmt->local_schema, table, column->def.name, column->comment);
	}
}

/* Make the tables of a server, but those that LIMIT TO or EXCEPT exclude. */
static void
make_tables(BatchOptions *o, ImportForeignSchemaStmt *stmt, bool all)
{
	if (IsImportableForeignTable("jobs", stmt))
		batch_make_table(stmt->local_schema, "jobs", write_jobs(o, stmt, all),
						 psprintf("Jobs of server \"%s\"", o->server), false);
	if (IsImportableForeignTable("results", stmt))
		batch_make_table(stmt->local_schema, "results", write_results(o, stmt),
						 psprintf("Results of the jobs of server \"%s\", a row for each record", o->server),
						 false);
}

/* Refuse options of inference that do not go together. */
static void
check_options(const ImportOptions *io)
{
	bool		infers = io->sample.job_id != NULL || io->url != NULL;

	if (io->given != NULL && !infers)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				 errmsg("option \"%s\" wants job_id or url", io->given)));
	if (infers && (io->all_columns || (io->sample.job_id != NULL && io->url != NULL)))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
				 errmsg("options job_id, url and all_columns exclude each other")));
}

/*
 * Make the tables of IMPORT FOREIGN SCHEMA.  Raises HV00Q for a schema but batch,
 * and HV00R for a table that there is not.
 */
void
batch_import_schema(ImportForeignSchemaStmt *stmt, Oid serverid, BatchInfer infer)
{
	BatchOptions *o = batch_options_load_server(serverid);
	ImportOptions io = read_options(stmt);

	if (strcmp(stmt->remote_schema, "batch") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_SCHEMA_NOT_FOUND),
				 errmsg("schema \"%s\" is not present on server \"%s\"",
						stmt->remote_schema, o->server),
				 errhint("The only schema is batch.")));
	check_options(&io);
	if (io.given != NULL)
	{
		make_inferred(o, stmt, &io, infer);
		return;
	}
	check_tables(stmt);
	make_tables(o, stmt, io.all_columns);
}
