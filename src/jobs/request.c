/*
 * request.c
 *	  What is asked of the API --> its URL.
 *
 * The one writer of these URLs serves what is sent and what EXPLAIN shows.
 */
#include "jobs/jobs.h"

/* Choose of the options how the listing, or the results, come in pages. */
BatchPageRules
batch_request_rules(const BatchOptions *o, bool of_results)
{
	BatchPageRules listing = {
		.style = o->page_style,
		.param = o->page_param,
		.start = o->page_start,
		.size_param = o->page_size_param,
		.size = o->page_size,
		.next_path = o->next_path,
		.more_path = o->more_path,
		.total_path = o->total_path
	};
	BatchPageRules results = {
		.of_results = true,
		.style = o->result_page_style,
		.param = o->result_page_param,
		.start = o->result_page_start,
		.size_param = o->result_page_size_param,
		.size = o->result_page_size,
		.next_path = o->result_next_path,
		.more_path = o->result_more_path,
		.total_path = o->result_total_path
	};

	return of_results ? results : listing;
}

/* Tell the number of the first page, or the first offset. */
int64
batch_request_first_number(const BatchPageRules *rules)
{
	int64		number = rules->style == BATCH_PAGES_PAGE ? 1 : 0;

	if (rules->start != NULL && batch_options_is_numbered(rules->style))
		(void) batch_scalar_count((BatchSlice) {rules->start, strlen(rules->start)}, &number);
	return number;
}

/* Tell the cursor of the first page; NULL: it is asked for without one. */
const char *
batch_request_first_cursor(const BatchPageRules *rules)
{
	return rules->style == BATCH_PAGES_CURSOR ? rules->start : NULL;
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

/* Append the query parameters that ask for a page. */
static void
add_page(StringInfo url, const BatchPageRules *rules, const BatchPage *page)
{
	BatchUrlValue from = {.text = page->cursor};

	if (rules->size_param && page->size.text)
		batch_template_add_param(url, rules->size_param, page->size);
	if (from.text == NULL && batch_options_is_numbered(rules->style))
		from.text = psprintf(INT64_FORMAT, page->number);
	if (rules->param && from.text)
		batch_template_add_param(url, rules->param, from);
}

/* Append the URL of a page of the listing, after base_url. */
void
batch_request_write_page(StringInfo url, const BatchOptions *o, const BatchPage *page)
{
	BatchPageRules rules = batch_request_rules(o, false);

	(void) batch_template_fill(url, o->list_url, NULL, (BatchUrlValue) {.text = NULL});
	if (o->list_params)
		appendStringInfo(url, "%c%s", strchr(url->data, '?') ? '&' : '?', o->list_params);
	if (page->filter)
		batch_template_add_param(url, page->filter->param, page->word);
	add_page(url, &rules, page);
}

/* Write the URL of a page of results, of which the first is at a URL. */
char *
batch_request_result_page_url(const BatchOptions *o, const char *first, const BatchPage *page)
{
	BatchPageRules rules = batch_request_rules(o, true);
	StringInfoData url;

	if (page->url != NULL)
		return pstrdup(page->url);
	initStringInfo(&url);
	appendStringInfoString(&url, first);
	add_page(&url, &rules, page);
	return url.data;
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
