/*
 * listing.c
 *	  The listing of jobs, page by page --> the texts of its jobs.
 *
 * A page is asked for only when its first job is wanted.  The next page is
 * named by a cursor in the answer, by a page's number or by an offset.  Pages
 * may overlap, as jobs come and go meanwhile; but a numbered one without any job
 * that is new, or a cursor that comes again, is of an API that does not know the
 * parameter, and would never end.
 */
#include "jobs/jobs.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define MAX_EMPTY_PAGES 100		/* in a row, that say that there is more */

struct BatchListing
{
	const BatchApi *api;
	const BatchOptions *o;		/* of it */
	const BatchFilter *filter;
	const char *word;
	int			page_size;		/* to ask for; 0: the API's own */
	BatchEnvelope *envelope;	/* of a page */
	BatchPath  *root;			/* all of it */
	MemoryContext cxt;			/* of the listing */
	MemoryContext page_cxt;		/* of the current page */
	BatchResponse *answer;		/* that it came in; NULL before the first */
	BatchSlice	text;			/* of it */
	BatchArray	elements;
	bool		begun;
	int64		page;			/* the current one, from 1 */
	bool		more;			/* there is another page */
	char	   *cursor;			/* of the next page, or NULL */
	BatchStrmap *cursors;		/* given so far */
	bool		told;			/* some answer had a cursor or a flag, be it null */
	int64		number;			/* of the next page, or its offset */
	int64		items;			/* on the current page */
	int			empty_pages;	/* in a row */
	BatchRepeats *repeats;		/* ids on the last pages */
};

/*
 * Open the listing, filtered by one word of a filter, or not at all.
 *
 * A limit makes the pages small where few rows are wanted: the first one with
 * cursors, all of them with numbers and offsets, which count in pages.
 * Belongs to the current context; asks for nothing yet.
 */
BatchListing *
batch_listing_open(const BatchApi *api, const BatchFilter *filter, const char *word,
				   int64 limit)
{
	const BatchOptions *o = api->options;
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
	l->api = api;
	l->o = o;
	l->filter = filter;
	l->word = word;
	l->page_size = batch_request_page_size(o, limit);
	l->root = batch_jsonpath_parse("$");
	l->envelope = batch_envelope_open(list_make5(l->root, o->items_path, o->next_path, o->more_path,
												 o->total_path));
	l->cxt = cxt;
	l->page_cxt = AllocSetContextCreate(cxt, "batch_fdw page",
										ALLOCSET_DEFAULT_SIZES);
	l->cursors = batch_strmap_open();
	l->repeats = batch_repeats_open();
	l->number = batch_request_first_number(o);
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
	BatchPage	page = {
		.filter = l->filter,
		.word.text = l->word,
		.size.text = l->page_size > 0 ? psprintf("%d", l->page_size) : NULL,
		.cursor = l->cursor,
		.number = l->number
	};

	return batch_request_page_url(l->o, &page);
}

/* Count the elements of a page. */
static int64
count_items(BatchSlice items)
{
	BatchArray	e;
	BatchSlice	item;
	int64		n = 0;

	batch_array_open(&e, items);
	while (batch_array_next(&e, &item))
	{
		CHECK_FOR_INTERRUPTS();
		n++;
	}
	return n;
}

/* Raise that a numbered page tells of nothing that earlier ones did not. */
static void
refuse_repeat(const BatchListing *l)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROTOCOL_VIOLATION),
			 errmsg("the listing gives the same jobs again"),
			 errdetail("Page " INT64_FORMAT " has none that is new.", l->page),
			 errhint("Check page_style and page_param of the server: the API may not know the parameter.")));
}

/* Tell whether pages are told apart by numbers. */
static bool
is_numbered(const BatchListing *l)
{
	return l->o->page_style >= BATCH_PAGES_PAGE;
}

/* Demand of the current page, which was read to its end, that it had new jobs. */
static void
check_new(const BatchListing *l)
{
	if (l->begun && l->items > 0 && is_numbered(l) && !batch_repeats_has_new(l->repeats))
		refuse_repeat(l);
}

/* Raise that an answer does not tell what comes next as the options say. */
static void
refuse_next(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROTOCOL_VIOLATION),
			 errmsg("the listing %s", what),
			 errhint("Check page_style, next_path and more_path of the server.")));
}

/*
 * Find the next cursor in an answer; NULL where there is none: it is missing,
 * null, false, 0 or "", or the flag says that there is no more.
 */
static char *
find_cursor(BatchListing *l, const BatchFields *page)
{
	BatchSlice	next = batch_envelope_find(page, l->o->next_path);
	BatchSlice	more = batch_envelope_find(page, l->o->more_path);
	char	   *cursor = batch_scalar_text(next);

	if (batch_scalar_is(more, false))
		return NULL;
	if (next.ptr != NULL && (*next.ptr == '{' || *next.ptr == '['))
		refuse_next("gives a cursor that is no text");
	if (batch_scalar_is(next, false) || (cursor != NULL && *next.ptr != '"' && strcmp(cursor, "0") == 0))
		cursor = NULL;
	if (cursor == NULL && batch_scalar_is(more, true))
		refuse_next("says that there is more, but gives no cursor");
	return cursor;
}

/*
 * Take the next cursor from an answer; one that comes again is an error.  So is
 * the end of a listing that has a flag by its options and never told of what
 * comes next.
 */
static void
take_cursor(BatchListing *l, const BatchFields *page)
{
	char	   *cursor = find_cursor(l, page);

	if (l->cursor)
		pfree(l->cursor);
	l->cursor = NULL;
	l->more = cursor != NULL;
	l->told |= batch_envelope_has(page, l->o->next_path) || batch_envelope_has(page, l->o->more_path);
	if (!l->more && l->items > 0 && l->o->more_path != NULL && !l->told)
		refuse_next("does not tell whether there is more");
	if (!l->more)
		return;
	if (!batch_strmap_add(l->cursors, cursor))
		ereport(ERROR,
				(errcode(ERRCODE_PROTOCOL_VIOLATION),
				 errmsg("the listing gives the same cursor again"),
				 errdetail("After page " INT64_FORMAT ".", l->page),
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
has_next_number(BatchListing *l, const BatchFields *page)
{
	const BatchOptions *o = l->o;
	BatchSlice	more = batch_envelope_find(page, o->more_path);
	int64		total;

	if (batch_scalar_is(more, true) || batch_scalar_is(more, false))
		return batch_scalar_is(more, true);
	if (batch_scalar_count(batch_envelope_find(page, o->total_path), &total))
		return l->number - batch_request_first_number(o) < total;
	return l->items > 0;
}

/* Learn from an answer what the next page is. */
static void
take_next(BatchListing *l, const BatchFields *page)
{
	switch ((BatchPageStyle) l->o->page_style)
	{
		case BATCH_PAGES_NONE:
			if (batch_scalar_is(batch_envelope_find(page, l->o->more_path), true))
				refuse_next("says that there is more, but page_style is none");
			l->more = false;
			break;
		case BATCH_PAGES_CURSOR:
			take_cursor(l, page);
			l->page_size = l->o->page_size;
			break;
		case BATCH_PAGES_PAGE:
			l->number++;
			l->more = has_next_number(l, page);
			break;
		case BATCH_PAGES_OFFSET:
			l->number += l->items > 0 ? l->items : l->page_size;
			l->more = has_next_number(l, page);
			break;
	}
}

/*
 * Bound how many empty pages in a row may say that there is more; without a size
 * no offset leads past an empty one.
 */
static void
check_empty(BatchListing *l)
{
	l->empty_pages = l->items > 0 ? 0 : l->empty_pages + 1;
	if (l->more && l->empty_pages > 0 && l->page_size == 0 &&
		l->o->page_style == BATCH_PAGES_OFFSET)
		ereport(ERROR,
				(errcode(ERRCODE_PROTOCOL_VIOLATION),
				 errmsg("the listing gives an empty page and says that there is more"),
				 errhint("Set page_size of the server, by which the paging can go on.")));
	if (l->more && l->empty_pages >= MAX_EMPTY_PAGES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the listing gives %d empty pages in a row",
						MAX_EMPTY_PAGES)));
}

/* Tell whether a value is an object without any member. */
static bool
is_empty_object(BatchSlice value)
{
	return value.ptr != NULL && *value.ptr == '{' &&
		batch_array_trim(value.ptr + 1, value.ptr + value.len - 1).len == 0;
}

/*
 * Find the items of an answer; ptr is NULL where they are null or the answer is
 * {}, which some APIs mean for none.  Any other answer without an array where
 * items_path says is an error.
 */
static BatchSlice
find_items(BatchListing *l, const BatchFields *page)
{
	BatchSlice	items = batch_envelope_find(page, l->o->items_path);
	BatchSlice	none = {NULL, 0};

	if (is_empty_object(batch_envelope_find(page, l->root)))
		return none;
	if (items.ptr ? *items.ptr != '[' : !batch_envelope_has(page, l->o->items_path))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
				 errmsg("the listing's answer has no array of jobs"),
				 errhint("Check items_path of the server.")));
	return items;
}

/* Go to the next page; false after the last. */
static bool
next_page(BatchListing *l)
{
	MemoryContext old;
	BatchFields *page;
	BatchSlice	items;
	BatchSlice	none = {NULL, 0};

	check_new(l);
	if (l->begun && !l->more)
		return false;
	l->answer = NULL;
	l->text.ptr = NULL;
	MemoryContextReset(l->page_cxt);
	old = MemoryContextSwitchTo(l->page_cxt);
	l->answer = batch_response_open(l->api, page_url(l));
	page = batch_response_next(l->answer, false, l->envelope);
	l->text = batch_envelope_find(page, l->root);
	l->begun = true;
	l->page++;
	l->api->stats->pages++;
	items = find_items(l, page);
	l->items = count_items(items);
	batch_array_open(&l->elements, items);
	if (!batch_repeats_turn(l->repeats, is_numbered(l) && l->items > 0 ? items : none))
		refuse_repeat(l);
	take_next(l, page);
	check_empty(l);
	MemoryContextSwitchTo(old);
	return true;
}

/*
 * Give the text of the next job; false at the end of the listing.
 *
 * The text stays valid until the next call, before which the job's id is to be
 * told to batch_listing_add.
 */
bool
batch_listing_next(BatchListing *l, BatchSlice *job)
{
	while (!l->begun || !batch_array_next(&l->elements, job))
		if (!next_page(l))
			return false;
	return true;
}

/* Tell whether a job was added before, on one of the last pages. */
bool
batch_listing_has(const BatchListing *l, const char *id)
{
	return batch_repeats_has(l->repeats, id);
}

/*
 * Add the current job by its id, or NULL where it has none; false where it was
 * added before.  A listing of one page is taken as it is.
 */
bool
batch_listing_add(BatchListing *l, const char *id, BatchSlice job)
{
	return l->o->page_style == BATCH_PAGES_NONE || batch_repeats_add(l->repeats, id, job);
}

/* Tell the number of the current page, from 1. */
int64
batch_listing_page(const BatchListing *l)
{
	return l->page;
}

/* Give the jobs of the current page that are still to come. */
BatchArray
batch_listing_rest(const BatchListing *l)
{
	return l->elements;
}

/* Tell whether there is another page. */
bool
batch_listing_has_more(const BatchListing *l)
{
	return l->more;
}

/* Give the answer that the current page came in, and its text; NULL: none came. */
const BatchResponse *
batch_listing_answer(const BatchListing *l, BatchSlice *text)
{
	*text = l->text;
	return l->answer;
}
