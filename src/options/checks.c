/*
 * checks.c
 *	  What takes several options of one object to see.
 */
#include "fetch/fetch.h"
#include "options/parsers.h"

/* Refuse a page_style without an option that it needs. */
static void
refuse_style(const char *style, const char *needs)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("page_style \"%s\" needs option \"%s\"", style, needs),
			 errhint("Without it only the first page of a listing could be asked for.")));
}

/*
 * Check that the pages of a listing can be asked for, by all options of its
 * server, those of the provider among them.
 */
void
batch_checks_paging(const BatchOptions *o)
{
	bool		by_cursor = o->page_style == BATCH_PAGES_CURSOR;
	BatchSlice	start = {o->page_start, o->page_start ? strlen(o->page_start) : 0};
	int64		number;

	if (by_cursor && o->next_path == NULL)
		refuse_style("cursor", "next_path");
	if (o->page_style != BATCH_PAGES_NONE && o->page_param == NULL)
		refuse_style(by_cursor ? "cursor" : o->page_style == BATCH_PAGES_PAGE ? "page" : "offset",
					 "page_param");
	if (o->page_start != NULL && o->page_style >= BATCH_PAGES_PAGE &&
		(!batch_scalar_count(start, &number) || number > PG_INT32_MAX))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"page_start\": \"%s\"", o->page_start),
				 errhint("It takes 0 to %d, unless page_style is cursor.", PG_INT32_MAX)));
	if (o->page_size_min > Max(o->page_size, 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"page_size_min\" is above \"page_size\""),
				 errhint("page_size is the largest size of a page, and asked for unless a LIMIT wants fewer.")));
}

/* Check what takes several options of one server to see. */
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
	if (o->base_url && !o->allow_private_hosts &&
		batch_http_parse_url(o->base_url, &base) == NULL &&
		strcmp(base.scheme, "https") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"base_url\" must be an https URL"),
				 errhint("A superuser may set allow_private_hosts for a private host that speaks plain http.")));
	batch_checks_paging(o);
}

/* Check what takes several options of one table to see. */
void
batch_checks_table(const BatchOptions *o)
{
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
}

/* Check what takes both options of a column to see. */
void
batch_checks_column(const BatchColumnOptions *o)
{
	if (o->path && o->meta != BATCH_META_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options \"path\" and \"meta\" exclude each other")));
}
