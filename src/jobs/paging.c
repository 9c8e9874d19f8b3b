/*
 * paging.c
 *	  An answer of a listing --> which page of it is to be asked for next.
 *
 * The next page is named by a cursor in the answer, by a page's number, by an
 * offset, or by its URL, in the answer or in a header Link.  What does not tell the end of a listing as the options say is an
 * error: it might be cut short.
 */
#include "jobs/jobs.h"

#include "utils/memutils.h"

#define MAX_EMPTY_PAGES 100		/* in a row, that say that there is more */

struct BatchPaging
{
	const BatchOptions *o;
	MemoryContext cxt;
	int			page_size;		/* to ask for; 0: the API's own */
	int64		page;			/* the current one, from 1 */
	int64		items;			/* on it */
	BatchLinks	links;			/* of it */
	bool		more;			/* there is a next one */
	const char *cursor;			/* of the next page, or its URL; or NULL */
	BatchStrmap *cursors;		/* asked for so far, or URLs */
	bool		told;			/* some answer had a cursor or a flag, be it null */
	int64		number;			/* of the next page, or its offset */
	int			empty_pages;	/* in a row */
};

/*
 * Begin at the first page, where so many jobs are wanted; belongs to the current
 * context.
 *
 * A limit makes the pages small where few rows are wanted: the first one with
 * cursors, all of them with numbers and offsets, which count in pages.
 */
BatchPaging *
batch_paging_open(const BatchOptions *o, int64 limit)
{
	BatchPaging *p = palloc0(sizeof(BatchPaging));

	p->o = o;
	p->cxt = CurrentMemoryContext;
	p->page_size = batch_request_page_size(o, limit);
	p->cursors = batch_strmap_open();
	p->number = batch_request_first_number(o);
	p->cursor = batch_request_first_cursor(o);
	if (p->cursor != NULL)
		(void) batch_strmap_add(p->cursors, p->cursor);
	return p;
}

/* Fill in which page is to be asked for; what is not known of a size is left out. */
void
batch_paging_fill(const BatchPaging *p, BatchPage *page)
{
	if (p->page_size > 0)
		page->size.text = psprintf("%d", p->page_size);
	if (p->o->page_style == BATCH_PAGES_NEXT)
		page->url = p->cursor;
	else
		page->cursor = p->cursor;
	page->number = p->number;
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
find_cursor(BatchPaging *p, const BatchFields *page)
{
	BatchSlice	next = batch_envelope_find(page, p->o->next_path);
	BatchSlice	more = batch_envelope_find(page, p->o->more_path);

	if (batch_scalar_is(more, false))
		return NULL;
	if (next.ptr != NULL && (*next.ptr == '{' || *next.ptr == '['))
		refuse_next("gives a cursor that is no text");
	if (!batch_scalar_is_end(next))
		return batch_scalar_text(next);
	if (batch_scalar_is(more, true) || p->links.has_next)
		refuse_next("says that there is more, but gives no cursor");
	if (p->items > 0 && p->o->next_path->has_last)
		refuse_next("has no cursor in its last job");
	return NULL;
}

/*
 * Remember a cursor, and tell whether it leads on: an API may end its listing by
 * an empty page that gives its own cursor again.  Any other that comes again
 * would lead nowhere.
 */
static bool
leads_on(BatchPaging *p, const BatchFields *page, const char *cursor)
{
	if (batch_strmap_add(p->cursors, cursor))
		return true;
	if (p->items == 0 && p->cursor != NULL && strcmp(p->cursor, cursor) == 0 &&
		!batch_scalar_is(batch_envelope_find(page, p->o->more_path), true))
		return false;
	ereport(ERROR,
			(errcode(ERRCODE_PROTOCOL_VIOLATION),
			 errmsg("the listing gives the same %s again",
					p->o->page_style == BATCH_PAGES_NEXT ? "URL" : "cursor"),
			 errdetail("After page " INT64_FORMAT ".", p->page),
			 p->o->page_style == BATCH_PAGES_NEXT ?
			 errhint("Check next_path of the server.") :
			 errhint("Check next_path and page_param of the server.")));
}

/*
 * Resolve the URL of the next page against the page's own (RFC 3986, 5), and
 * demand that it is on the same origin.
 */
static char *
resolve(const BatchPaging *p, char *next)
{
	char	   *url = batch_target_is_absolute(next) ? next : batch_http_resolve(p->links.url, next);

	if (url == NULL || !batch_target_same_origin(url, p->links.url))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("refused to fetch \"%s\"",
						batch_redact_text(pnstrdup(next, batch_target_object_length(next)),
										  p->o->api_key)),
				 errdetail("The listing names it as its next page, which is not on base_url's origin, and the key goes nowhere else."),
				 errhint("Check base_url and next_path of the server.")));
	return url;
}

/*
 * Find the URL of the next page: at next_path or, without one, in the header Link.
 * NULL where there is none, as with cursors.
 */
static char *
find_url(const BatchPaging *p, const BatchFields *page)
{
	BatchSlice	next = batch_envelope_find(page, p->o->next_path);
	BatchSlice	more = batch_envelope_find(page, p->o->more_path);

	if (batch_scalar_is(more, false))
		return NULL;
	if (!batch_scalar_is_end(next) && *next.ptr != '"')
		refuse_next("names a next page that is no URL");
	if (!batch_scalar_is_end(next))
		return resolve(p, batch_scalar_text(next));
	if (p->o->next_path == NULL && p->links.next != NULL)
		return resolve(p, pstrdup(p->links.next));
	if (batch_scalar_is(more, true) || p->links.has_next)
		refuse_next("says that there is more, but gives no URL");
	return NULL;
}

/*
 * Take the next cursor, or URL, from an answer.  The end of a listing that has a
 * flag by its options and never told of what comes next is an error.
 */
static void
take_cursor(BatchPaging *p, const BatchFields *page)
{
	bool		by_url = p->o->page_style == BATCH_PAGES_NEXT;
	char	   *cursor = by_url ? find_url(p, page) : find_cursor(p, page);

	if (by_url && p->page == 1)
	{
		p->cursor = MemoryContextStrdup(p->cxt, p->links.url);
		(void) batch_strmap_add(p->cursors, p->cursor);
	}
	p->told |= cursor != NULL || batch_envelope_has(page, p->o->next_path) || batch_envelope_has(page, p->o->more_path);
	if (cursor == NULL && p->items > 0 && p->o->more_path != NULL && !p->told)
		refuse_next("does not tell whether there is more");
	p->more = cursor != NULL && leads_on(p, page, cursor);
	p->cursor = p->more ? MemoryContextStrdup(p->cxt, cursor) : NULL;
}

/*
 * Tell from an answer whether a numbered page is followed by another.
 *
 * Where the API does not say, only an empty page is the end: one that is
 * shorter than asked for may be an API's own, smaller limit.  A total that is
 * less than what was given already says nothing either.
 */
static bool
has_next_number(BatchPaging *p, const BatchFields *page)
{
	const BatchOptions *o = p->o;
	BatchSlice	more = batch_envelope_find(page, o->more_path);
	int64		done = p->number - batch_request_first_number(o);
	int64		total;

	if (batch_scalar_is(more, true) || batch_scalar_is(more, false))
		return batch_scalar_is(more, true);
	if (p->links.has_next)
		return true;
	if (batch_scalar_count(batch_envelope_find(page, o->total_path), &total) &&
		(done <= total || p->items == 0))
		return done < total;
	return p->items > 0;
}

/* Demand that a listing of a single page does not tell of another. */
static void
check_single(BatchPaging *p, const BatchFields *page)
{
	BatchSlice	more = batch_envelope_find(page, p->o->more_path);

	if (batch_scalar_is(more, true) ||
		(!batch_scalar_is(more, false) &&
		 (p->links.has_next || !batch_scalar_is_end(batch_envelope_find(page, p->o->next_path)))))
		refuse_next("says that there is more, but page_style is none");
}

/* Learn from an answer what the next page is. */
static void
take_next(BatchPaging *p, const BatchFields *page)
{
	switch ((BatchPageStyle) p->o->page_style)
	{
		case BATCH_PAGES_NONE:
			check_single(p, page);
			p->more = false;
			break;
		case BATCH_PAGES_CURSOR:
		case BATCH_PAGES_NEXT:
			take_cursor(p, page);
			p->page_size = p->o->page_size;
			break;
		case BATCH_PAGES_PAGE:
			p->number++;
			p->more = has_next_number(p, page);
			break;
		case BATCH_PAGES_OFFSET:
			p->number += p->items > 0 ? p->items : p->page_size;
			p->more = has_next_number(p, page);
			break;
	}
}

/*
 * Bound how many empty pages in a row may say that there is more; without a size
 * no offset leads past an empty one.
 */
static void
check_empty(BatchPaging *p)
{
	p->empty_pages = p->items > 0 ? 0 : p->empty_pages + 1;
	if (p->more && p->empty_pages > 0 && p->page_size == 0 &&
		p->o->page_style == BATCH_PAGES_OFFSET)
		ereport(ERROR,
				(errcode(ERRCODE_PROTOCOL_VIOLATION),
				 errmsg("the listing gives an empty page and says that there is more"),
				 errhint("Set page_size of the server, by which the paging can go on.")));
	if (p->more && p->empty_pages >= MAX_EMPTY_PAGES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the listing gives %d empty pages in a row",
						MAX_EMPTY_PAGES)));
}

/* Tell where an answer with a head is from, and where it goes on; in the current context. */
BatchLinks
batch_paging_links(const char *url, const BatchHead *head)
{
	BatchLinks	links = {.url = url, .has_next = head->has_next};

	if (head->has_next && *head->next != '\0')
		links.next = pstrdup(head->next);
	return links;
}

/*
 * Turn from a page, which has so many jobs and came with such links, to the next
 * one; false where there is none.
 */
bool
batch_paging_turn(BatchPaging *p, const BatchFields *page, int64 items, BatchLinks links)
{
	p->page++;
	p->items = items;
	p->links = links;
	take_next(p, page);
	check_empty(p);
	return p->more;
}
