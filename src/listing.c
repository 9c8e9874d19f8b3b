/*
 * listing.c
 *	  The listing of jobs, page by page --> the texts of its jobs.
 *
 * A page is asked for only when its first job is wanted.  The next page is
 * named by a cursor in the answer, by a page's number or by an offset.
 */
#include "batch_fdw.h"

#include "utils/memutils.h"

#define MAX_EMPTY_PAGES 100		/* in a row, that say that there is more */

struct BatchListing
{
	const BatchOptions *o;
	BatchClient *api;
	BatchStats *stats;
	const BatchFilter *filter;
	const char *word;
	int			page_size;		/* to ask for; 0: the API's own */
	MemoryContext cxt;			/* of the listing */
	MemoryContext page_cxt;		/* of the current page */
	BatchElements elements;
	bool		begun;
	bool		more;			/* there is another page */
	char	   *cursor;			/* of the next page, or NULL */
	BatchSeen  *cursors;		/* given so far */
	int64		number;			/* of the next page, or its offset */
	int64		items;			/* on the current page */
	int			empty_pages;	/* in a row */
};

/* Tell the number of the first page, or the first offset. */
static int
first_number(const BatchOptions *o)
{
	return o->page_start >= 0 ? o->page_start :
		o->page_style == BATCH_PAGES_PAGE ? 1 : 0;
}

/*
 * Open the listing, filtered by one word of a filter, or not at all.
 *
 * A limit makes the pages small where few rows are wanted: the first one with
 * cursors, all of them with numbers and offsets, which count in pages.
 * Belongs to the current context; asks for nothing yet.
 */
BatchListing *
batch_listing_open(const BatchOptions *o, BatchClient *api, BatchStats *stats,
				   const BatchFilter *filter, const char *word, int64 limit)
{
	MemoryContext cxt,
				old;
	BatchListing *l;

	if (o->list_url == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_EXECUTION),
				 errmsg("server \"%s\" has no listing of jobs", o->server),
				 errhint("Name a job: compare the job's id with =, or set the table option job_id.")));
	cxt = AllocSetContextCreate(CurrentMemoryContext, "batch_fdw listing",
								ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(cxt);
	l = palloc0(sizeof(BatchListing));
	l->o = o;
	l->api = api;
	l->stats = stats;
	l->filter = filter;
	l->word = word;
	l->page_size = limit > 0 && limit < o->page_size ? limit : o->page_size;
	l->cxt = cxt;
	l->page_cxt = AllocSetContextCreate(cxt, "batch_fdw page",
										ALLOCSET_DEFAULT_SIZES);
	l->cursors = batch_seen_open();
	l->number = first_number(o);
	MemoryContextSwitchTo(old);
	return l;
}

/* Close a listing, at its end or before; its texts are no longer valid. */
void
batch_listing_close(BatchListing *l)
{
	MemoryContextDelete(l->cxt);
}

/* Write the URL of the next page. */
static char *
page_url(BatchListing *l)
{
	const BatchOptions *o = l->o;
	StringInfoData url;

	initStringInfo(&url);
	appendStringInfoString(&url, batch_url_expand(o, o->list_url, NULL, NULL));
	if (o->list_params)
		appendStringInfo(&url, "%c%s", strchr(url.data, '?') ? '&' : '?', o->list_params);
	if (l->filter)
		batch_url_add_param(&url, l->filter->param, l->word);
	if (o->page_size_param && l->page_size > 0)
		batch_url_add_param(&url, o->page_size_param, psprintf("%d", l->page_size));
	if (o->page_param && l->cursor)
		batch_url_add_param(&url, o->page_param, l->cursor);
	else if (o->page_param && o->page_style >= BATCH_PAGES_PAGE)
		batch_url_add_param(&url, o->page_param, psprintf(INT64_FORMAT, l->number));
	return url.data;
}

/* Count the elements of a page. */
static int64
count_items(BatchSlice items)
{
	BatchElements e;
	BatchSlice	item;
	int64		n = 0;

	batch_elements_open(&e, items);
	while (batch_elements_next(&e, &item))
		n++;
	return n;
}

/* Take the next cursor from an answer; one that comes again is an error. */
static void
take_cursor(BatchListing *l, BatchJson *answer)
{
	char	   *cursor = batch_json_find_text(answer, l->o->next_path);

	if (l->cursor)
		pfree(l->cursor);
	l->cursor = NULL;
	if (batch_json_is(answer, l->o->more_path, false))
		cursor = NULL;
	l->more = cursor != NULL;
	if (!l->more)
		return;
	if (!batch_seen_add(l->cursors, cursor))
		ereport(ERROR,
				(errcode(ERRCODE_PROTOCOL_VIOLATION),
				 errmsg("the listing gives the same cursor again"),
				 errdetail("After page " INT64_FORMAT ".", l->stats->pages),
				 errhint("Check next_path and page_param of the server.")));
	l->cursor = MemoryContextStrdup(l->cxt, cursor);
}

/*
 * Tell from an answer whether a numbered page is followed by another.
 *
 * Where the API does not say, only an empty page is the end: one that is
 * shorter than asked for may be an API's own, smaller limit.
 */
static bool
has_next_number(BatchListing *l, BatchJson *answer)
{
	const BatchOptions *o = l->o;
	char	   *total;

	if (batch_json_is(answer, o->more_path, true))
		return true;
	if (batch_json_is(answer, o->more_path, false))
		return false;
	total = batch_json_find_text(answer, o->total_path);
	if (total != NULL && o->page_style == BATCH_PAGES_PAGE)
		return l->number - first_number(o) < strtoll(total, NULL, 10);
	if (total != NULL)
		return l->number < strtoll(total, NULL, 10);
	return l->items > 0;
}

/* Learn from an answer what the next page is. */
static void
take_next(BatchListing *l, BatchJson *answer)
{
	switch ((BatchPageStyle) l->o->page_style)
	{
		case BATCH_PAGES_NONE:
			l->more = false;
			break;
		case BATCH_PAGES_CURSOR:
			take_cursor(l, answer);
			l->page_size = l->o->page_size;
			break;
		case BATCH_PAGES_PAGE:
			l->number++;
			l->more = has_next_number(l, answer);
			break;
		case BATCH_PAGES_OFFSET:
			l->number += l->items;
			l->more = l->items > 0 && has_next_number(l, answer);
			break;
	}
}

/* Bound how many empty pages in a row may say that there is more. */
static void
check_empty(BatchListing *l)
{
	l->empty_pages = l->items > 0 ? 0 : l->empty_pages + 1;
	if (l->more && l->empty_pages >= MAX_EMPTY_PAGES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the listing gives %d empty pages in a row",
						MAX_EMPTY_PAGES)));
}

/*
 * Find the items of an answer; an answer without any is an error, unless they
 * are null or the answer is {}, which some APIs mean for none.
 */
static BatchSlice
find_items(BatchListing *l, BatchSlice text)
{
	BatchRecord *r = batch_record_open(list_make2(l->o->items_path, batch_path_parse("$")));
	BatchSlice	items,
				all;

	if (!batch_record_next(r, text))
		batch_record_raise(r, NULL);
	items = batch_record_get(r, 0);
	all = batch_record_get(r, 1);
	if (items.ptr ? *items.ptr != '[' : !batch_record_has(r, 0) &&
		batch_elements_trim(all.ptr + 1, all.ptr + all.len - 1).len > 0)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
				 errmsg("the listing's answer has no array of jobs"),
				 errhint("Check items_path of the server.")));
	if (items.ptr == NULL)
		items.len = 0;
	return items;
}

/* Ask for the next page. */
static void
next_page(BatchListing *l)
{
	MemoryContext old;
	BatchSlice	text;
	BatchSlice	items;
	BatchJson  *answer;

	MemoryContextReset(l->page_cxt);
	old = MemoryContextSwitchTo(l->page_cxt);
	(void) batch_answer_next(batch_answer_open(l->o, l->api, l->stats, page_url(l)),
							 false, &text);
	l->begun = true;
	l->stats->pages++;
	items = find_items(l, text);
	l->items = count_items(items);
	batch_elements_open(&l->elements, items);
	answer = batch_json_open(text);
	take_next(l, answer);
	batch_json_close(answer);
	check_empty(l);
	MemoryContextSwitchTo(old);
}

/*
 * Give the text of the next job; false at the end of the listing.
 *
 * The text stays valid until the next call.
 */
bool
batch_listing_next(BatchListing *l, BatchSlice *job)
{
	while (!l->begun || !batch_elements_next(&l->elements, job))
	{
		if (l->begun && !l->more)
			return false;
		next_page(l);
	}
	return true;
}

/* Give the jobs of the current page that are still to come. */
BatchElements
batch_listing_rest(const BatchListing *l)
{
	return l->elements;
}
