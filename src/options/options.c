/*
 * options.c
 *	  What the user set --> BatchOptions.
 *
 * One table drives validation, defaults, loading and hints: a row says which
 * object carries the option, how its text is parsed and where the value goes, and
 * without which other it has no effect.
 * Values are laid over each other: defaults, the provider's row, the server,
 * the table, the session's settings; the user mapping joins them only when a
 * scan starts.
 */
#include "options/parsers.h"

#include <limits.h>

#include "catalog/pg_attribute.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "foreign/foreign.h"
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

const BatchOption batch_options_table[] = {

	/* API */
	ROW(SERVER, provider, batch_parsers_parse_provider, 0),
	OPTION(SERVER, base_url, url),
	OPTION(SERVER, auth_header, header, .initial = "Authorization"),
	OPTION(SERVER, auth_prefix, visible, .initial = "Bearer ", .needs = "auth_header"),
	OPTION(SERVER, auth_param, param),
	OPTION(SERVER, headers, headers),
	OPTION(SERVER, proxy, proxy, .who = BATCH_FILE_READER),
	OPTION(SERVER, ca_file, visible, .who = BATCH_FILE_READER),
	OPTION(SERVER, allow_private_hosts, bool, .initial = "false", .who = BATCH_SUPERUSER),

	/* Listing */
	OPTION(SERVER, list_url, list_template),
	OPTION(SERVER, items_path, path, .initial = "$", .needs = "list_url"),
	OPTION(SERVER, list_params, visible, .needs = "list_url"),
	OPTION(SERVER, page_style, word, .initial = "none", .words = "none|cursor|page|offset|next", .needs = "list_url"),
	OPTION(SERVER, page_param, visible, .needs = "page_style=cursor|page_style=page|page_style=offset"),
	OPTION(SERVER, page_start, visible, .needs = "page_style=cursor|page_style=page|page_style=offset"),
	OPTION(SERVER, page_size_param, visible, .needs = "list_url"),
	OPTION(SERVER, page_size, int, .initial = "0", .min = 0, .max = 1000000),
	OPTION(SERVER, page_size_min, int, .initial = "1", .min = 1, .max = 1000000),
	OPTION(SERVER, next_path, last_path, .needs = "page_style"),
	OPTION(SERVER, more_path, path, .needs = "list_url"),
	OPTION(SERVER, total_path, path, .needs = "page_style=page|page_style=offset"),
	LIST_OPTION(SERVER, list_filters, filters, .needs = "list_url"),
	LIST_OPTION(SERVER, list_order, order, .needs = "list_url"),
	LIST_OPTION(SERVER, list_lacks, lacks),

	/* Job */
	OPTION(SERVER, job_url, job_template),
	OPTION(SERVER, job_path, path, .initial = "$", .needs = "job_url"),
	LIST_OPTION(SERVER, not_ready, statuses, .initial = "202"),
	OPTION(SERVER, id_path, path, .initial = "$.id"),
	OPTION(SERVER, status_path, path, .initial = "$.status"),
	LIST_OPTION(SERVER, status_default, state),
	OPTION(SERVER, pending_path, path),
	OPTION(SERVER, total_count_path, path, .needs = "pending_path"),
	OPTION(SERVER, error_path, path),
	OPTION(SERVER, count_path, path),
	OPTION(SERVER, empty_path, path),
	OPTION(SERVER, gone_path, path),
	OPTION(SERVER, failed_path, path),
	OPTION(SERVER, job_columns, text, .check = batch_types_check),
	LIST_OPTION(SERVER, status_map, status_map),
	LIST_OPTION(SERVER, result_states, states, .initial = "completed"),

	/* Results */
	LIST_OPTION(SERVER, urls_path, paths),
	LIST_OPTION(SERVER, results_url, templates),
	OPTION(SERVER, pointer_path, path, .needs = "urls_path|results_url|inline_path"),
	OPTION(SERVER, inline_path, path),
	OPTION(SERVER, hop_path, path, .needs = "urls_path|results_url"),
	OPTION(SERVER, result_format, word, .initial = "auto", .words = "auto|jsonl|json|csv"),
	OPTION(SERVER, rows_path, path, .initial = "$", .needs = "result_format=auto|result_format=json"),
	OPTION(SERVER, result_page_style, word, .initial = "none", .words = "none|cursor|page|offset|next"),
	OPTION(SERVER, result_page_param, visible,
		   .needs = "result_page_style=cursor|result_page_style=page|result_page_style=offset"),
	OPTION(SERVER, result_page_start, visible,
		   .needs = "result_page_style=cursor|result_page_style=page|result_page_style=offset"),
	OPTION(SERVER, result_page_size_param, visible, .needs = "result_page_style"),
	OPTION(SERVER, result_page_size, int, .initial = "0", .min = 0, .max = 1000000, .needs = "result_page_style"),
	OPTION(SERVER, result_next_path, last_path, .needs = "result_page_style"),
	OPTION(SERVER, result_more_path, path),
	OPTION(SERVER, result_total_path, path, .needs = "result_page_style=page|result_page_style=offset"),
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
	OPTION(MAPPING, api_key_file, file, .who = BATCH_FILE_READER),
	OPTION(MAPPING, expected_host, visible),
	LIST_OPTION(MAPPING, auth_hosts, origins),

	/* Table */
	OPTION(TABLE, resource, word, .words = "jobs|results"),
	OPTION(TABLE, job_id, id),
	OPTION(TABLE, url, url),
	OPTION(TABLE, result_format, word, .words = "auto|jsonl|json|csv", .needs = "resource=results"),
	OPTION(TABLE, rows_path, path, .needs = "resource=results"),
	OPTION(TABLE, on_incomplete, word, .initial = "error", .words = "error|skip|wait", .needs = "resource=results"),
	OPTION(TABLE, wait_timeout, time, .initial = "1h", .min = 0, .max = INT_MAX, .needs = "on_incomplete=wait"),
	OPTION(TABLE, on_error, word, .initial = "error", .words = "error|null|skip"),
	OPTION(TABLE, reject_limit, int, .min = 0, .max = INT_MAX),
	OPTION(TABLE, check_count, word, .initial = "warning", .words = "warning|error|off", .needs = "resource=results"),
	OPTION(TABLE, use_remote_estimate, bool, .initial = "false", .needs = "resource=results"),
	OPTION(TABLE, rows, int, .min = 0, .max = INT_MAX),

	/* Column */
	ROW(COLUMN, path, batch_lists_parse_paths, offsetof(BatchColumnOptions, paths)),
	COLUMN_OPTION(COLUMN, meta, word, .min = BATCH_META_JOB_ID, .words = "job_id|part|line|state|file"),
};

const int	batch_options_count = lengthof(batch_options_table);

/* Find an option of an object by its name, or NULL. */
const BatchOption *
batch_options_find(const char *name, Oid catalog)
{
	for (int i = 0; i < batch_options_count; i++)
		if (batch_options_table[i].catalog == catalog && strcmp(batch_options_table[i].name, name) == 0)
			return &batch_options_table[i];
	return NULL;
}

/* Name the option in the context of whatever its parser raises. */
static void
option_context(void *arg)
{
	errcontext("option \"%s\"", (const char *) arg);
}

/* Parse one option's text into its field; check more where it is being set. */
void
batch_options_parse(const BatchOption *option, const char *value, void *o, bool is_set)
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
		const BatchOption *option = batch_options_find(def->defname, catalog);

		if (option != NULL)
			batch_options_parse(option, defGetString(def), o, false);
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

	o->resource = BATCH_NO_RESOURCE;
	o->reject_limit = -1;
	o->rows = -1;
	for (int i = 0; i < batch_options_count; i++)
		if (batch_options_table[i].initial != NULL && batch_options_table[i].catalog != COLUMN)
			batch_options_parse(&batch_options_table[i], batch_options_table[i].initial, o, false);
	return o;
}

/* Lay the row of the provider that a server's options name, if any, over o. */
static void
load_provider(BatchOptions *o, List *list)
{
	ListCell   *lc;

	foreach(lc, list)
	{
		DefElem    *def = lfirst(lc);

		if (strcmp(def->defname, "provider") != 0)
			continue;
		for (const BatchSetting *s = batch_providers; s->provider; s++)
			if (strcmp(s->provider, defGetString(def)) == 0)
				batch_options_parse(batch_options_find(s->option, SERVER), s->value, o, false);
	}
}

/* Make options of the defaults, a provider's row over them, and a server's over both. */
BatchOptions *
batch_options_lay_server(List *list)
{
	BatchOptions *o = load_defaults();

	load_provider(o, list);
	load_list(o, list, SERVER);
	return o;
}

/* Load the options of a server. */
BatchOptions *
batch_options_load_server(Oid serverid)
{
	ForeignServer *server = GetForeignServer(serverid);
	BatchOptions *o;

	batch_text_prepare();
	o = batch_options_lay_server(server->options);
	o->serverid = serverid;
	o->server = server->servername;
	batch_checks_paging(o);
	return o;
}

/*
 * Load the options of a foreign table and of its server, and what the session
 * sets instead, without the mapping.
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
	load_list(o, batch_settings_list(), TABLE);
	return o;
}

/* Tell whether the records of a table have something to say for a meta. */
static bool
has_meta(const BatchOptions *table, BatchMeta meta)
{
	if (meta == BATCH_META_JOB_ID)
		return table->url == NULL;
	if (meta == BATCH_META_FILE)
		return table->url == NULL && table->resource == BATCH_RESULTS;
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
			 errhint("A table of results has job_id, part, line and file; the state of a job is in the table of jobs.")));
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
	if (o->paths == NIL && o->meta == BATCH_META_NONE)
	{
		o->paths = list_make1(batch_jsonpath_make_member(get_attname(relid, attnum, false)));
		if (table->resource == BATCH_RESULTS && table->url == NULL &&
			batch_jsonpath_equal(linitial(o->paths), table->id_path))
			o->meta = BATCH_META_JOB_ID;
	}
	if (list_length(o->paths) == 1)
		o->path = linitial(o->paths);
	return o;
}
