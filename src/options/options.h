/*
 * options.h
 *	  What the user can set.
 */
#ifndef BATCH_OPTIONS_H
#define BATCH_OPTIONS_H

#include "postgres.h"

#include "access/attnum.h"
#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"

#include "common.h"
#include "fetch/fetch.h"
#include "json/json.h"

/* ---- providers.c: the named sets of server options ---- */

typedef struct BatchSetting
{
	const char *provider;
	const char *option;
	const char *value;
} BatchSetting;

extern const BatchSetting batch_providers[];	/* ends with a NULL provider */

/* ---- options.c ---- */

typedef enum BatchResource
{
	BATCH_NO_RESOURCE = -1,
	BATCH_JOBS = 0,
	BATCH_RESULTS
} BatchResource;

typedef enum BatchPageStyle
{
	BATCH_PAGES_NONE = 0,
	BATCH_PAGES_CURSOR,
	BATCH_PAGES_PAGE,
	BATCH_PAGES_OFFSET,
	BATCH_PAGES_NEXT
} BatchPageStyle;

/* Tell whether pages are told apart by numbers. */
static inline bool
batch_options_is_numbered(BatchPageStyle style)
{
	return style == BATCH_PAGES_PAGE || style == BATCH_PAGES_OFFSET;
}

typedef enum BatchIncomplete
{
	BATCH_INCOMPLETE_ERROR = 0,
	BATCH_INCOMPLETE_SKIP,
	BATCH_INCOMPLETE_WAIT
} BatchIncomplete;

typedef enum BatchErrors
{
	BATCH_ERRORS_RAISE = 0,
	BATCH_ERRORS_NULL,
	BATCH_ERRORS_SKIP
} BatchErrors;

typedef enum BatchCheck
{
	BATCH_CHECK_WARNING = 0,
	BATCH_CHECK_ERROR,
	BATCH_CHECK_OFF
} BatchCheck;

typedef enum BatchAuth
{
	BATCH_AUTH_ORIGIN = 0,
	BATCH_AUTH_NEVER
} BatchAuth;

typedef enum BatchMeta
{
	BATCH_META_NONE = 0,
	BATCH_META_JOB_ID,
	BATCH_META_PART,
	BATCH_META_LINE,
	BATCH_META_STATE,
	BATCH_META_FILE
} BatchMeta;

/* One entry of list_filters. */
typedef struct BatchFilter
{
	char	   *param;			/* the query parameter */
	BatchPath  *path;			/* the job field that it filters */
	List	   *words;			/* closed vocabulary, or NIL: any */
} BatchFilter;

/* One entry of list_lacks. */
typedef struct BatchLack
{
	BatchPath  *path;			/* the job field */
	char	   *state;			/* in which a listed job lacks it; NULL: in all */
} BatchLack;

/* One entry of job_columns or result_columns. */
typedef struct BatchColumnDef
{
	char	   *name;
	char	   *type;			/* as it was set; see types.c */
	char	   *path;			/* or several; NULL: the member of the column's name */
} BatchColumnDef;

/* list_order: the order in which the listing comes. */
typedef struct BatchOrder
{
	BatchPath  *path;
	bool		descending;
} BatchOrder;

/* All options of a server, a user mapping and a table, parsed. */
typedef struct BatchOptions
{
	/* Identity */
	Oid			serverid;
	char	   *server;			/* its name */

	/* API */
	char	   *base_url;
	char	   *auth_header;
	char	   *auth_prefix;
	char	   *auth_param;		/* NULL: none */
	List	   *headers;		/* of BatchPair */
	char	   *proxy;			/* NULL: none */
	char	   *ca_file;
	bool		allow_private_hosts;

	/* Listing */
	char	   *list_url;
	BatchPath  *items_path;
	char	   *list_params;
	BatchPageStyle page_style;
	char	   *page_param;
	char	   *page_start;		/* NULL: not set */
	char	   *page_size_param;
	int			page_size;
	int			page_size_min;
	BatchPath  *next_path;
	BatchPath  *more_path;
	BatchPath  *total_path;
	List	   *list_filters;	/* of BatchFilter */
	BatchOrder *list_order;
	List	   *list_lacks;		/* of BatchLack */

	/* Job */
	char	   *job_url;
	BatchPath  *job_path;
	BatchPath  *id_path;
	BatchPath  *status_path;
	char	   *status_default; /* a state, or NULL */
	BatchPath  *pending_path;
	BatchPath  *total_count_path;
	BatchPath  *error_path;
	BatchPath  *count_path;
	BatchPath  *empty_path;		/* NULL: count_path */
	BatchPath  *gone_path;
	BatchPath  *failed_path;
	List	   *not_ready;		/* of int: HTTP statuses */
	char	   *job_columns;	/* as it was set; see lists.c */
	List	   *status_map;		/* of BatchPair */
	List	   *result_states;	/* of char * */

	/* Results */
	List	   *urls_path;		/* of BatchPath */
	List	   *results_url;	/* of char *, templates */
	BatchPath  *pointer_path;
	BatchPath  *inline_path;
	BatchPath  *hop_path;
	BatchFormat result_format;
	BatchPath  *rows_path;
	BatchPageStyle result_page_style;
	char	   *result_page_param;
	char	   *result_page_start;	/* NULL: not set */
	char	   *result_page_size_param;
	int			result_page_size;
	BatchPath  *result_next_path;
	BatchPath  *result_more_path;
	BatchPath  *result_total_path;
	BatchAuth	result_auth;
	bool		result_once;
	List	   *result_hosts;	/* of char * */
	char	   *result_columns; /* likewise */

	/* Limits */
	int			connect_timeout;	/* ms */
	int			stall_timeout;	/* ms */
	int			retry_timeout;	/* ms */
	int			max_retries;
	int			max_connections;
	int			max_record_size;	/* bytes */

	/* User mapping */
	char	   *api_key;
	char	   *api_key_file;
	char	   *expected_host;
	List	   *auth_hosts;		/* of char *, origins of results */

	/* Table */
	BatchResource resource;
	char	   *job_id;
	char	   *url;
	BatchIncomplete on_incomplete;
	int			wait_timeout;	/* ms */
	BatchErrors on_error;
	int			reject_limit;	/* -1: none */
	BatchCheck	check_count;
	bool		use_remote_estimate;
	int			rows;			/* -1: unknown */
} BatchOptions;

/* Tell which header carries the key; NULL: none. */
static inline const char *
batch_options_header(const BatchOptions *o)
{
	return o->auth_param == NULL && o->auth_header && *o->auth_header ? o->auth_header : NULL;
}

/* What a column is. */
typedef struct BatchColumnOptions
{
	List	   *paths;			/* in the record: the first that names a value counts */
	BatchPath  *path;			/* the one of these, where it is the only one */
	BatchMeta	meta;
} BatchColumnOptions;

extern BatchOptions *batch_options_load_server(Oid serverid);
extern BatchOptions *batch_options_load(Oid relid);
extern BatchColumnOptions *batch_options_load_column(const BatchOptions *table,
													 Oid relid, AttrNumber attnum);
extern void batch_options_load_mapping(BatchOptions *o, List *list);
extern void batch_mapping_load(BatchOptions *o, Oid userid);

/* ---- settings.c: what a session sets ---- */

extern int	batch_settings_progress_interval;

extern void batch_settings_init(void);
extern List *batch_settings_list(void);

/* ---- validate.c: options as they are set ---- */

/* What is odd in options, though it is allowed. */
typedef struct BatchComplaint
{
	char	   *what;
	char	   *hint;			/* or NULL */
} BatchComplaint;

extern List *batch_validate_review(List *options, const BatchOptions *o);
extern void batch_validate_object(List *options, Oid catalog);

/* ---- states.c: a vendor's word to a state ---- */

extern bool batch_states_has(const char *word);
extern const char *batch_states_map(const BatchOptions *o, const char *status);
extern bool batch_states_is_result(const BatchOptions *o, const char *state);

/* ---- ids.c: the ids of jobs ---- */

extern bool batch_ids_is(const char *id, bool is_raw);
extern char *batch_ids_write(Oid type, const char *id);
extern bool batch_ids_are_same(const char *a, const char *b);

/* ---- import.c: IMPORT FOREIGN SCHEMA ---- */

/* Which records columns are inferred from, and how. */
typedef struct BatchSample
{
	char	   *job_id;			/* a text of the database; NULL: the table's, or the newest */
	int			records;		/* at most */
	int			depth;			/* to which members are columns */
} BatchSample;

/* A column that was inferred, as IMPORT writes it. */
typedef struct BatchInferred
{
	BatchColumnDef def;
	char	   *comment;
} BatchInferred;

/* What infers the columns of records, as BatchInferred. */
typedef List *(*BatchInfer) (BatchOptions *o, const BatchSample *sample);

#define BATCH_SAMPLE_RECORDS	1000	/* unless told */
#define BATCH_SAMPLE_DEPTH		2

extern void batch_import_schema(ImportForeignSchemaStmt *stmt, Oid serverid,
								BatchInfer infer);
extern void batch_import_find_id(const BatchOptions *o, const char **name,
								 const char **type);

#endif							/* BATCH_OPTIONS_H */
