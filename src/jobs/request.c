/*
 * request.c
 *	  What is asked of the API --> its URL.
 *
 * The one writer of these URLs serves what is sent and what EXPLAIN shows.
 */
#include "jobs/jobs.h"

/* Tell the number of the first page, or the first offset. */
int64
batch_request_first_number(const BatchOptions *o)
{
	int64		number = o->page_style == BATCH_PAGES_PAGE ? 1 : 0;

	if (o->page_start != NULL && batch_options_is_numbered(o->page_style))
		(void) batch_scalar_count((BatchSlice) {o->page_start, strlen(o->page_start)}, &number);
	return number;
}

/* Tell the cursor of the first page; NULL: it is asked for without one. */
char *
batch_request_first_cursor(const BatchOptions *o)
{
	return o->page_style == BATCH_PAGES_CURSOR ? o->page_start : NULL;
}

/*
 * Tell how many jobs a page is asked to have, where so many are wanted, no fewer
 * than the API gives; 0: as many as the API likes.
 */
int
batch_request_page_size(const BatchOptions *o, int64 limit)
{
	if (limit <= 0 || limit >= o->page_size)
		return o->page_size;
	return Max(limit, o->page_size_min);
}

/* Append the URL of a page of the listing, after base_url. */
void
batch_request_write_page(StringInfo url, const BatchOptions *o, const BatchPage *page)
{
	BatchUrlValue from = {.text = page->cursor};

	(void) batch_template_fill(url, o->list_url, NULL, (BatchUrlValue) {.text = NULL});
	if (o->list_params)
		appendStringInfo(url, "%c%s", strchr(url->data, '?') ? '&' : '?', o->list_params);
	if (page->filter)
		batch_template_add_param(url, page->filter->param, page->word);
	if (o->page_size_param && page->size.text)
		batch_template_add_param(url, o->page_size_param, page->size);
	if (from.text == NULL && batch_options_is_numbered(o->page_style))
		from.text = psprintf(INT64_FORMAT, page->number);
	if (o->page_param && from.text)
		batch_template_add_param(url, o->page_param, from);
}

/* Write the URL of a page of the listing. */
char *
batch_request_page_url(const BatchOptions *o, const BatchPage *page)
{
	StringInfoData url;

	if (page->url != NULL)
		return pstrdup(page->url);
	initStringInfo(&url);
	batch_template_begin(&url, o, o->list_url);
	batch_request_write_page(&url, o, page);
	return url.data;
}

/* Append the URL of a job, after base_url. */
void
batch_request_write_job(StringInfo url, const BatchOptions *o, BatchUrlValue id)
{
	(void) batch_template_fill(url, o->job_url, NULL, id);
}

/* Write the URL of a job. */
char *
batch_request_job_url(const BatchOptions *o, const char *id)
{
	StringInfoData url;

	initStringInfo(&url);
	batch_template_begin(&url, o, o->job_url);
	batch_request_write_job(&url, o, (BatchUrlValue) {.text = id});
	return url.data;
}
