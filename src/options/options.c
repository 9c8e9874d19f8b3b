/*
 * options.c
 *	  What the user set --> BatchOptions.
 *
 * One table drives validation, defaults, loading and hints: a row says which
 * object carries the option, how its text is parsed and where the value goes.
 * Values are laid over each other: defaults, the provider's row, the server,
 * the table; the user mapping joins them only when a scan starts.
 */
#include "options/parsers.h"

#include "access/reloptions.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#define SERVER	ForeignServerRelationId
#define MAPPING	UserMappingRelationId
#define TABLE	ForeignTableRelationId
#define COLUMN	AttributeRelationId

/* A row; what it leaves out is zero. */
#define ROW(carrier, field, parser, place, ...) \
	{.name = #field, .catalog = carrier, .parse = parser, .offset = place, ##__VA_ARGS__}
#define OPTION(carrier, field, parser, ...) \
	ROW(carrier, field, batch_parsers_parse_##parser, offsetof(BatchOptions, field), ##__VA_ARGS__)
#define LIST_OPTION(carrier, field, parser, ...) \
	ROW(carrier, field, batch_lists_parse_##parser, offsetof(BatchOptions, field), ##__VA_ARGS__)
#define COLUMN_OPTION(carrier, field, parser, ...) \
	ROW(carrier, field, batch_parsers_parse_##parser, offsetof(BatchColumnOptions, field), ##__VA_ARGS__)

static const BatchOption options[] = {

	/* API */
	ROW(SERVER, provider, batch_parsers_parse_provider, 0),
	OPTION(SERVER, base_url, url),
	OPTION(SERVER, auth_header, header, .initial = "Authorization"),
	OPTION(SERVER, auth_prefix, visible, .initial = "Bearer "),
	OPTION(SERVER, headers, headers),
	OPTION(SERVER, proxy, proxy, .who = BATCH_FILE_READER),
	OPTION(SERVER, ca_file, visible, .who = BATCH_FILE_READER),
	OPTION(SERVER, allow_private_hosts, bool, .initial = "false", .who = BATCH_SUPERUSER),

	/* Listing */
	OPTION(SERVER, list_url, list_template),
	OPTION(SERVER, items_path, path, .initial = "$"),
	OPTION(SERVER, list_params, visible),
	OPTION(SERVER, page_style, word, .initial = "none", .words = "none|cursor|page|offset"),
	OPTION(SERVER, page_param, visible),
	OPTION(SERVER, page_start, int, .min = 0, .max = INT_MAX),
	OPTION(SERVER, page_size_param, visible),
	OPTION(SERVER, page_size, int, .initial = "0", .min = 0, .max = 1000000),
	OPTION(SERVER, next_path, path),
	OPTION(SERVER, more_path, path),
	OPTION(SERVER, total_path, path),
	LIST_OPTION(SERVER, list_filters, filters),
	LIST_OPTION(SERVER, list_order, order),
	LIST_OPTION(SERVER, list_lacks, lacks),

	/* Job */
	OPTION(SERVER, job_url, job_template),
	OPTION(SERVER, job_path, path, .initial = "$"),
	OPTION(SERVER, id_path, path, .initial = "$.id"),
	OPTION(SERVER, status_path, path, .initial = "$.status"),
	OPTION(SERVER, error_path, path),
	OPTION(SERVER, count_path, path),
	OPTION(SERVER, job_columns, text, .check = batch_types_check),
	LIST_OPTION(SERVER, status_map, status_map),
	LIST_OPTION(SERVER, result_states, states, .initial = "completed"),

	/* Results */
	LIST_OPTION(SERVER, urls_path, paths),
	OPTION(SERVER, results_url, template),
	OPTION(SERVER, pointer_path, path),
	OPTION(SERVER, inline_path, path),
	OPTION(SERVER, hop_path, path),
	OPTION(SERVER, result_format, word, .initial = "auto", .words = "auto|jsonl|json"),
	OPTION(SERVER, rows_path, path, .initial = "$"),
	OPTION(SERVER, result_auth, word, .initial = "origin", .words = "origin|never"),
	OPTION(SERVER, result_once, bool, .initial = "false"),
	LIST_OPTION(SERVER, result_hosts, hosts, .initial = "*"),
	OPTION(SERVER, result_columns, text, .check = batch_types_check),

	/* Limits */
	OPTION(SERVER, connect_timeout, time, .initial = "10s", .min = 1, .max = INT_MAX),
	OPTION(SERVER, stall_timeout, time, .initial = "60s", .min = 1, .max = INT_MAX),
	OPTION(SERVER, retry_timeout, time, .initial = "5min", .min = 0, .max = INT_MAX),
	OPTION(SERVER, max_retries, int, .initial = "5", .min = 0, .max = 100),
	OPTION(SERVER, max_connections, int, .initial = "4", .min = 1, .max = 32),
	OPTION(SERVER, max_record_size, size, .initial = "64MB", .min = 1024, .max = MaxAllocSize / 2),

	/* User mapping */
	OPTION(MAPPING, api_key, visible),
	OPTION(MAPPING, api_key_file, text, .who = BATCH_FILE_READER),
	OPTION(MAPPING, expected_host, visible),

	/* Table */
	OPTION(TABLE, resource, word, .words = "jobs|results"),
	OPTION(TABLE, job_id, id),
	OPTION(TABLE, url, url),
	OPTION(TABLE, result_format, word, .words = "auto|jsonl|json"),
	OPTION(TABLE, rows_path, path),
	OPTION(TABLE, on_incomplete, word, .initial = "error", .words = "error|skip|wait"),
	OPTION(TABLE, wait_timeout, time, .initial = "1h", .min = 0, .max = INT_MAX),
	OPTION(TABLE, on_error, word, .initial = "error", .words = "error|null|skip"),
	OPTION(TABLE, reject_limit, int, .min = 0, .max = INT_MAX),
	OPTION(TABLE, check_count, word, .initial = "warning", .words = "warning|error|off"),
	OPTION(TABLE, use_remote_estimate, bool, .initial = "false"),
	OPTION(TABLE, rows, int, .min = 0, .max = INT_MAX),

	/* Column */
	COLUMN_OPTION(COLUMN, path, path),
	COLUMN_OPTION(COLUMN, meta, word, .min = BATCH_META_JOB_ID, .words = "job_id|part|line|state"),
};

/* Name the kind of object that carries an option, as DDL calls it. */
static const char *
catalog_name(Oid catalog)
{
	return catalog == SERVER ? "SERVER" : catalog == MAPPING ? "USER MAPPING" :
		catalog == TABLE ? "FOREIGN TABLE" : "a column";
}

/* Find an option of an object by its name, or NULL. */
static const BatchOption *
find_option(const char *name, Oid catalog)
{
	for (size_t i = 0; i < lengthof(options); i++)
		if (options[i].catalog == catalog && strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
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

	for (size_t i = 0; i < lengthof(options); i++)
	{
		if (options[i].catalog == catalog)
			names = lappend(names, (char *) options[i].name);
		else if (strcmp(options[i].name, name) == 0)
			other = options[i].catalog;
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

/* Name the option in the context of whatever its parser raises. */
static void
option_context(void *arg)
{
	errcontext("option \"%s\"", (const char *) arg);
}

/* Parse one option's text into its field; check more where it is being set. */
static void
parse_option(const BatchOption *option, const char *value, void *o, bool is_set)
{
	void	   *field = (char *) o + option->offset;
	ErrorContextCallback context = {
		.previous = error_context_stack,
		.callback = option_context,
		.arg = (void *) option->name
	};

	error_context_stack = &context;
	option->parse(option, pstrdup(value), field);
	if (is_set && option->check != NULL)
		option->check(option, field);
	error_context_stack = context.previous;
}

/* Lay the options of one object over o, a BatchOptions or BatchColumnOptions. */
static void
load_list(void *o, List *list, Oid catalog)
{
	ListCell   *lc;

	foreach(lc, list)
	{
		DefElem    *def = lfirst(lc);
		const BatchOption *option = find_option(def->defname, catalog);

		if (option != NULL)
			parse_option(option, defGetString(def), o, false);
	}
}

/* Lay the options of a user mapping over o. */
void
batch_options_load_mapping(BatchOptions *o, List *list)
{
	load_list(o, list, MAPPING);
}

/* Make options that hold the defaults alone. */
static BatchOptions *
load_defaults(void)
{
	BatchOptions *o = palloc0(sizeof(BatchOptions));

	o->page_start = -1;
	o->resource = BATCH_NO_RESOURCE;
	o->reject_limit = -1;
	o->rows = -1;
	for (size_t i = 0; i < lengthof(options); i++)
		if (options[i].initial != NULL && options[i].catalog != COLUMN)
			parse_option(&options[i], options[i].initial, o, false);
	return o;
}

/*
 * Validate the options of one object, as CREATE and ALTER give them.
 *
 * Sees all options that the object will have, so that ALTER checks again what
 * is kept: who may not set an option may not alter an object that has it.
 */
void
batch_options_validate(List *list, Oid catalog)
{
	BatchOptions *o = palloc0(sizeof(BatchOptions));
	BatchColumnOptions column = {NULL, BATCH_META_NONE};
	ListCell   *lc;

	batch_text_prepare();
	o->resource = BATCH_NO_RESOURCE;
	o->reject_limit = -1;
	foreach(lc, list)
	{
		DefElem    *def = lfirst(lc);
		const BatchOption *option = find_option(def->defname, catalog);

		if (option == NULL)
			refuse_option(def->defname, catalog);
		check_privilege(option);
		parse_option(option, defGetString(def), catalog == COLUMN ? (void *) &column : o, true);
	}
	if (catalog == SERVER)
		batch_checks_server(o);
	if (catalog == TABLE)
		batch_checks_table(o);
	if (catalog == COLUMN)
		batch_checks_column(&column);
}

/* Lay a server's options, its provider's row below them, over the defaults. */
BatchOptions *
batch_options_load_server(Oid serverid)
{
	ForeignServer *server = GetForeignServer(serverid);
	BatchOptions *o;
	ListCell   *lc;

	batch_text_prepare();
	o = load_defaults();
	o->serverid = serverid;
	o->server = server->servername;
	foreach(lc, server->options)
	{
		DefElem    *def = lfirst(lc);

		if (strcmp(def->defname, "provider") != 0)
			continue;
		for (const BatchSetting *s = batch_providers; s->provider; s++)
			if (strcmp(s->provider, defGetString(def)) == 0)
				parse_option(find_option(s->option, SERVER), s->value, o, false);
	}
	load_list(o, server->options, SERVER);
	return o;
}

/*
 * Load the options of a foreign table and of its server, without the mapping.
 *
 * The result belongs to the current context.
 */
BatchOptions *
batch_options_load(Oid relid)
{
	ForeignTable *table = GetForeignTable(relid);
	BatchOptions *o = batch_options_load_server(table->serverid);

	load_list(o, table->options, TABLE);
	batch_checks_table(o);
	return o;
}

/* Tell whether a column, whose path may be NULL, has a member of a job, or something of it. */
bool
batch_options_is_of_field(const BatchPath *column, const BatchPath *field)
{
	return column != NULL &&
		(column->nsteps == 0 ||
		 (column->steps[0].keylen == field->steps[0].keylen &&
		  memcmp(column->steps[0].key, field->steps[0].key, field->steps[0].keylen) == 0));
}

/* Tell whether the records of a table have something to say for a meta. */
static bool
has_meta(const BatchOptions *table, BatchMeta meta)
{
	if (meta == BATCH_META_JOB_ID)
		return table->url == NULL;
	if (meta == BATCH_META_STATE)
		return table->resource == BATCH_JOBS;
	return meta == BATCH_META_NONE || table->resource == BATCH_RESULTS;
}

/* Refuse a column whose meta the table does not have. */
static void
refuse_meta(const BatchOptions *table, Oid relid, AttrNumber attnum)
{
	ereport(ERROR,
			(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
			 errmsg("meta of column \"%s\" does not fit foreign table \"%s\"",
					get_attname(relid, attnum, false), get_rel_name(relid)),
			 table->url != NULL ?
			 errhint("A table with url reads no job: it has part and line.") :
			 table->resource == BATCH_JOBS ?
			 errhint("A table of jobs has job_id and state.") :
			 errhint("A table of results has job_id, part and line; the state of a job is in the table of jobs.")));
}

/*
 * Load the options of one column of a table that has the options table.
 *
 * Without an option its path is the member of its name; in results a member
 * of id_path's name is the job's id instead, unless there is no job, as with
 * url.  Raises where meta does not fit the table.
 */
BatchColumnOptions *
batch_options_load_column(const BatchOptions *table, Oid relid, AttrNumber attnum)
{
	BatchColumnOptions *o = palloc0(sizeof(BatchColumnOptions));

	load_list(o, GetForeignColumnOptions(relid, attnum), COLUMN);
	if (!has_meta(table, o->meta))
		refuse_meta(table, relid, attnum);
	if (o->path == NULL && o->meta == BATCH_META_NONE)
	{
		o->path = batch_jsonpath_make_member(get_attname(relid, attnum, false));
		if (table->resource == BATCH_RESULTS && table->url == NULL &&
			batch_jsonpath_equal(o->path, table->id_path))
			o->meta = BATCH_META_JOB_ID;
	}
	return o;
}
