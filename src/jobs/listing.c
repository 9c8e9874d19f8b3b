/*
 * listing.c
 *	  The listing of jobs, page by page --> the texts of its jobs.
 *
 * A page is asked for only when its first job is wanted; paging.c tells which.
 * Pages may overlap, as jobs come and go meanwhile; but one that has the jobs of
 * the one before, or a numbered one without any job that is new, is of an API that
 * does not know the parameter, and would never end.
 */
#include "jobs/jobs.h"

#include "utils/memutils.h"

struct BatchListing
{
	const BatchApi *api;
	const BatchOptions *o;		/* of it */
	const BatchFilter *filter;
	const char *word;
	BatchEnvelope *envelope;	/* of a page */
	BatchPath  *root;			/* all of it */
	MemoryContext cxt;			/* of the listing */
	MemoryContext page_cxt;		/* of the current page */
	BatchResponse *answer;		/* that it came in; NULL before the first */
	BatchSlice	text;			/* of it */
	BatchArray	elements;
	bool		begun;
	int64		page;			/* the current one, from 1 */
	int64		items;			/* on it */
	bool		more;			/* there is another one */
	BatchPaging *paging;		/* to it */
	BatchRepeats *repeats;		/* ids on the last pages */
};

/*
 * Open the listing, filtered by one word of a filter, or not at all.
 *
 * So many jobs are wanted, where limit is above 0.  Belongs to the current context;
 * asks for nothing yet.
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
	l->root = batch_jsonpath_parse("$");
	l->envelope = batch_envelope_open(list_make5(l->root, o->items_path, o->next_path, o->more_path,
												 o->total_path));
	l->cxt = cxt;
	l->page_cxt = AllocSetContextCreate(cxt, "batch_fdw page",
										ALLOCSET_DEFAULT_SIZES);
	l->paging = batch_paging_open(batch_request_rules(o, false), batch_request_page_size(o, limit),
								  o->api_key);
	l->repeats = batch_repeats_open();
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
	BatchPage	page = {.filter = l->filter, .word.text = l->word};

	batch_paging_fill(l->paging, &page);
	return batch_request_page_url(l->o, &page);
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
	return batch_options_is_numbered(l->o->page_style);
}

/* Demand of the current page, which was read to its end, that it had new jobs. */
static void
check_new(const BatchListing *l)
{
	if (l->begun && l->items > 0 && is_numbered(l) && !batch_repeats_has_new(l->repeats))
		refuse_repeat(l);
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
	BatchSlice	whole = batch_envelope_find(page, l->root);

	if (whole.ptr != NULL && batch_array_is_empty_object(whole))
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

	check_new(l);
	if (l->begun && !l->more)
		return false;
	l->answer = NULL;
	l->text.ptr = NULL;
	MemoryContextReset(l->page_cxt);
	old = MemoryContextSwitchTo(l->page_cxt);
	l->answer = batch_response_open(l->api, page_url(l), NIL);
	page = batch_response_next(l->answer, false, l->envelope);
	l->text = batch_envelope_find(page, l->root);
	l->begun = true;
	l->page++;
	l->api->stats->pages++;
	items = find_items(l, page);
	l->items = batch_array_count(items);
	batch_array_open(&l->elements, items);
	if (l->items == 0)
		items.ptr = NULL;
	if (!batch_repeats_turn(l->repeats, items))
		refuse_repeat(l);
	l->more = batch_paging_turn(l->paging, page, l->items, batch_response_links(l->answer));
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
