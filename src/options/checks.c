/*
 * checks.c
 *	  What takes several options of one object to see.
 */
#include "fetch/fetch.h"
#include "options/parsers.h"

/* Demand what a style of paging is told by, of options whose names begin with a prefix. */
static void
check_style(const char *prefix, BatchPageStyle style, const char *param, const char *first,
			const BatchPath *next_path)
{
	static const char *const styles[] = {"none", "cursor", "page", "offset", "next"};
	bool		by_cursor = style == BATCH_PAGES_CURSOR;
	BatchSlice	start = {first, first ? strlen(first) : 0};
	int64		number;

	if (style != BATCH_PAGES_NONE && style != BATCH_PAGES_NEXT &&
		(param == NULL || (by_cursor && next_path == NULL)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 by_cursor ?
				 errmsg("%spage_style '%s' needs %spage_param and %snext_path", prefix, styles[style], prefix, prefix) :
				 errmsg("%spage_style '%s' needs %spage_param", prefix, styles[style], prefix),
				 by_cursor ?
				 errhint("%spage_param is the query parameter that asks for a page, %snext_path the place of its value in the answer before.", prefix, prefix) :
				 errhint("%spage_param is the query parameter that asks for a page.", prefix)));
	if (first != NULL && batch_options_is_numbered(style) &&
		(!batch_scalar_count(start, &number) || number > PG_INT32_MAX))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%spage_start\": \"%s\"", prefix, first),
				 errhint("It takes 0 to %d, unless %spage_style is cursor.", PG_INT32_MAX, prefix)));
}

/* Refuse what results in pages cannot be: each page is a document, of one answer. */
static void
check_result_pages(const BatchOptions *o)
{
	const char *other = o->result_once ? "result_once" : o->hop_path ? "hop_path" :
		o->result_format == BATCH_FORMAT_JSONL ? "result_format 'jsonl'" :
		o->result_format == BATCH_FORMAT_CSV ? "result_format 'csv'" : NULL;

	if (o->result_page_style != BATCH_PAGES_NONE && other != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("result_page_style and %s exclude each other", other),
				 errhint("Pages of results are JSON documents, each of which is asked for as its records are wanted.")));
}

/*
 * Demand what the styles of paging are told by, by all options of a server, those
 * of the provider among them.
 */
void
batch_checks_paging(const BatchOptions *o)
{
	check_style("", o->page_style, o->page_param, o->page_start, o->next_path);
	check_style("result_", o->result_page_style, o->result_page_param, o->result_page_start,
				o->result_next_path);
	check_result_pages(o);
	if (o->page_size_min > Max(o->page_size, 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"page_size_min\" is above \"page_size\""),
				 errhint("page_size is the largest size of a page, and asked for unless a LIMIT wants fewer.")));
}

/* Add to a list of complaints. */
List *
batch_checks_complain(List *complaints, char *what, char *hint)
{
	BatchComplaint *complaint = palloc(sizeof(BatchComplaint));

	complaint->what = what;
	complaint->hint = hint;
	return lappend(complaints, complaint);
}

/* Warn of all that there is to complain about. */
void
batch_checks_warn(List *complaints)
{
	ListCell   *lc;

	foreach(lc, complaints)
	{
		BatchComplaint *complaint = lfirst(lc);

		ereport(WARNING,
				(errcode(ERRCODE_WARNING),
				 errmsg("%s", complaint->what),
				 complaint->hint ? errhint("%s", complaint->hint) : 0));
	}
}

/* List what is odd in the states of a server: they leave out what everybody expects. */
List *
batch_checks_review(const BatchOptions *o)
{
	List	   *complaints = NIL;
	ListCell   *lc,
			   *word;

	if (!batch_states_is_result(o, "completed"))
		complaints = batch_checks_complain(complaints, "option \"result_states\" does not have completed",
										   "The results of completed jobs are not read.");
	foreach(lc, o->list_filters)
	{
		BatchFilter *filter = lfirst(lc);

		if (!batch_jsonpath_equal(filter->path, o->status_path))
			continue;
		foreach(word, filter->words)
			if (!batch_states_has(batch_states_map(o, lfirst(word))))
				complaints = batch_checks_complain(complaints,
												   psprintf("option \"list_filters\" has a status that is no state: %s",
															batch_text_show(lfirst(word))),
												   "Map it to a state by status_map.");
	}
	return complaints;
}

/* Check how the key is sent, by what a server itself sets. */
void
batch_checks_key(const BatchOptions *o)
{
	if (o->auth_param == NULL)
		return;
	if (o->auth_header != NULL && *o->auth_header != '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options \"auth_param\" and \"auth_header\" exclude each other")));
	if (o->auth_prefix != NULL)
		ereport(WARNING,
				(errcode(ERRCODE_WARNING),
				 errmsg("option \"auth_prefix\" has no effect beside auth_param")));
}

/*
 * Check what takes several options of one server to see, those of its provider
 * and the defaults among them.
 */
void
batch_checks_server(const BatchOptions *o)
{
	ListCell   *lc;
	BatchUrl	base;

	foreach(lc, o->headers)
	{
		BatchPair  *pair = lfirst(lc);

		if (o->auth_header && pg_strcasecmp(pair->key, o->auth_header) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"headers\" names the header that carries the key"),
					 errhint("The key is set by CREATE USER MAPPING.")));
	}
	if (o->pending_path != NULL && o->status_default == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"pending_path\" needs status_default"),
				 errhint("It is the state of a job of which nothing is pending, such as completed.")));
	batch_checks_paging(o);
	batch_checks_warn(batch_checks_review(o));
	if (o->base_url && !o->allow_private_hosts &&
		batch_http_parse_url(o->base_url, &base) == NULL &&
		strcmp(base.scheme, "https") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"base_url\" must be an https URL"),
				 errhint("A superuser may set allow_private_hosts for a private host that speaks plain http.")));
}

/* Warn of a key's file beside a key. */
void
batch_checks_mapping(const BatchOptions *o)
{
	if (o->api_key && o->api_key_file)
		ereport(WARNING,
				(errcode(ERRCODE_WARNING),
				 errmsg("option \"api_key_file\" has no effect beside api_key")));
}

/* Check what takes several options of one table to see, and those of its server where they are known. */
void
batch_checks_table(const BatchOptions *o)
{
	check_result_pages(o);
	if (o->resource == BATCH_NO_RESOURCE)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				 errmsg("option \"resource\" is required"),
				 errhint("Set it to jobs or to results.")));
	if (o->url && o->resource != BATCH_RESULTS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"url\" needs resource 'results'")));
	if (o->reject_limit >= 0 && o->on_error == BATCH_ERRORS_RAISE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"reject_limit\" needs on_error 'null' or 'skip'")));
	if (o->url && o->job_id)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options \"url\" and \"job_id\" exclude each other")));
	if (o->rows_path && o->rows_path->nsteps > 0 &&
		(o->result_format == BATCH_FORMAT_JSONL || o->result_format == BATCH_FORMAT_CSV))
		ereport(WARNING,
				(errcode(ERRCODE_WARNING),
				 errmsg("option \"rows_path\" has no effect without result_format 'auto' or 'json'")));
}

/* Check what takes both options of a column to see. */
void
batch_checks_column(const BatchColumnOptions *o)
{
	if (o->paths != NIL && o->meta != BATCH_META_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options \"path\" and \"meta\" exclude each other")));
}
