/*
 * checks.c
 *	  What takes several options of one object to see.
 */
#include "fetch/fetch.h"
#include "options/parsers.h"

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
