/*
 * paging.c
 *	  An answer of a listing, or of results --> which page of it is to be asked for next.
 *
 * The next page is named by a cursor in the answer, by a page's number, by an
 * offset, or by its URL, in the answer or in a header Link.  What does not tell the
 * end as the options say is an error: it might be cut short.
 */
#include "jobs/jobs.h"

#include "utils/memutils.h"

#define MAX_EMPTY_PAGES 100		/* in a row, that say that there is more */

struct BatchPaging
{
	BatchPageRules rules;
	const char *secret;			/* that no message shows, or NULL */
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
 * Begin at the first page, of a size that is to be asked for, or 0; belongs to the
 * current context.
 *
 * A limit makes the pages small where few rows are wanted: the first one with
 * cursors, all of them with numbers and offsets, which count in pages.
 */
BatchPaging *
batch_paging_open(BatchPageRules rules, int page_size, const char *secret)
{
	BatchPaging *p = palloc0(sizeof(BatchPaging));

	p->rules = rules;
	p->secret = secret;
	p->cxt = CurrentMemoryContext;
	p->page_size = page_size;
	p->cursors = batch_strmap_open();
	p->number = batch_request_first_number(&p->rules);
	p->cursor = batch_request_first_cursor(&p->rules);
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
	if (p->rules.style == BATCH_PAGES_NEXT)
		page->url = p->cursor;
	else
		page->cursor = p->cursor;
	page->number = p->number;
}

/* Name what comes in pages. */
static const char *
write_name(const BatchPaging *p)
{
	return p->rules.of_results ? "result" : "listing";
}

/* Give what the names of its options begin with. */
static const char *
write_prefix(const BatchPaging *p)
{
	return p->rules.of_results ? "result_" : "";
}

/* Raise that an answer does not tell what comes next as the options say. */
static void
refuse_next(const BatchPaging *p, const char *what)
{
	const char *prefix = write_prefix(p);

	ereport(ERROR,
			(errcode(ERRCODE_PROTOCOL_VIOLATION),
			 errmsg("the %s %s", write_name(p), what),
			 errhint("Check %spage_style, %snext_path and %smore_path of the server.", prefix, prefix, prefix)));
}

/*
 * Find the next cursor in an answer; NULL where there is none: it is missing,
 * null, false, 0 or "", or the flag says that there is no more.
 */
static char *
find_cursor(BatchPaging *p, const BatchFields *page)
{
	BatchSlice	next = batch_envelope_find(page, p->rules.next_path);
	BatchSlice	more = batch_envelope_find(page, p->rules.more_path);

	if (batch_scalar_is(more, false))
		return NULL;
	if (next.ptr != NULL && (*next.ptr == '{' || *next.ptr == '['))
		refuse_next(p, "gives a cursor that is no text");
	if (!batch_scalar_is_end(next))
		return batch_scalar_text(next);
	if (batch_scalar_is(more, true) || p->links.has_next)
		refuse_next(p, "says that there is more, but gives no cursor");
	if (p->items > 0 && p->rules.next_path->has_last)
		refuse_next(p, "has no cursor in the last element of a page");
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
		!batch_scalar_is(batch_envelope_find(page, p->rules.more_path), true))
		return false;
	ereport(ERROR,
			(errcode(ERRCODE_PROTOCOL_VIOLATION),
			 errmsg("the %s gives the same %s again", write_name(p),
					p->rules.style == BATCH_PAGES_NEXT ? "URL" : "cursor"),
			 errdetail("After page " INT64_FORMAT ".", p->page),
			 p->rules.style == BATCH_PAGES_NEXT ?
			 errhint("Check %snext_path of the server.", write_prefix(p)) :
			 errhint("Check %snext_path and %spage_param of the server.", write_prefix(p), write_prefix(p))));
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
										  p->secret)),
				 p->rules.of_results ?
				 errdetail("The result names it as its next page, which is on another origin than the one before.") :
				 errdetail("The listing names it as its next page, which is not on base_url's origin, and the key goes nowhere else."),
				 errhint("Check %s%snext_path of the server.",
						 p->rules.of_results ? "" : "base_url and ", write_prefix(p))));
	return url;
}

/*
 * Find the URL of the next page: at next_path or, without one, in the header Link.
 * NULL where there is none, as with cursors.
 */
static char *
find_url(const BatchPaging *p, const BatchFields *page)
{
	BatchSlice	next = batch_envelope_find(page, p->rules.next_path);
	BatchSlice	more = batch_envelope_find(page, p->rules.more_path);

	if (batch_scalar_is(more, false))
		return NULL;
	if (!batch_scalar_is_end(next) && *next.ptr != '"')
		refuse_next(p, "names a next page that is no URL");
	if (!batch_scalar_is_end(next))
		return resolve(p, batch_scalar_text(next));
	if (p->rules.next_path == NULL && p->links.next != NULL)
		return resolve(p, pstrdup(p->links.next));
	if (batch_scalar_is(more, true) || p->links.has_next)
		refuse_next(p, "says that there is more, but gives no URL");
	return NULL;
}

/*
 * Take the next cursor, or URL, from an answer.  The end of a listing that has a
 * flag by its options and never told of what comes next is an error.
 */
static void
take_cursor(BatchPaging *p, const BatchFields *page)
{
	bool		by_url = p->rules.style == BATCH_PAGES_NEXT;
	char	   *cursor = by_url ? find_url(p, page) : find_cursor(p, page);

	if (by_url && p->page == 1)
	{
		p->cursor = MemoryContextStrdup(p->cxt, p->links.url);
		(void) batch_strmap_add(p->cursors, p->cursor);
	}
	p->told |= cursor != NULL || batch_envelope_has(page, p->rules.next_path) || batch_envelope_has(page, p->rules.more_path);
	if (cursor == NULL && p->items > 0 && p->rules.more_path != NULL && !p->told)
		refuse_next(p, "does not tell whether there is more");
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
	BatchSlice	more = batch_envelope_find(page, p->rules.more_path);
	int64		done = p->number - batch_request_first_number(&p->rules);
	int64		total;

	if (batch_scalar_is(more, true) || batch_scalar_is(more, false))
		return batch_scalar_is(more, true);
	if (p->links.has_next)
		return true;
	if (batch_scalar_count(batch_envelope_find(page, p->rules.total_path), &total) &&
		(done <= total || p->items == 0))
		return done < total;
	return p->items > 0;
}

/* Demand that a listing of a single page does not tell of another. */
static void
check_single(BatchPaging *p, const BatchFields *page)
{
	BatchSlice	more = batch_envelope_find(page, p->rules.more_path);

	if (batch_scalar_is(more, true) ||
		(!batch_scalar_is(more, false) &&
		 (p->links.has_next || !batch_scalar_is_end(batch_envelope_find(page, p->rules.next_path)))))
		refuse_next(p, "says that there is more, but page_style is none");
}

/*
 * Refuse a page of results by offset that is shorter than asked for, where more are
 * told of: whether the next one begins behind what came or behind what was asked
 * for is not known, and records have no ids by which repeats could be dropped.
 */
static void
check_short(const BatchPaging *p, const BatchFields *page)
{
	if (p->rules.of_results && p->more && p->page_size > 0 && p->items < p->page_size &&
		(p->items == 0 || p->links.has_next || batch_envelope_has(page, p->rules.more_path) ||
		 batch_envelope_has(page, p->rules.total_path)))
		ereport(ERROR,
				(errcode(ERRCODE_PROTOCOL_VIOLATION),
				 errmsg("a page of the result is shorter than asked for, and there are more"),
				 errdetail("It has " INT64_FORMAT " of %d records.", p->items, p->page_size),
				 errhint("Set result_page_size of the server to what the API gives at most.")));
}

/* Learn from an answer what the next page is. */
static void
take_next(BatchPaging *p, const BatchFields *page)
{
	switch ((BatchPageStyle) p->rules.style)
	{
		case BATCH_PAGES_NONE:
			check_single(p, page);
			p->more = false;
			break;
		case BATCH_PAGES_CURSOR:
		case BATCH_PAGES_NEXT:
			take_cursor(p, page);
			p->page_size = p->rules.size;
			break;
		case BATCH_PAGES_PAGE:
			p->number++;
			p->more = has_next_number(p, page);
			break;
		case BATCH_PAGES_OFFSET:
			p->number += p->items > 0 ? p->items : p->page_size;
			p->more = has_next_number(p, page);
			check_short(p, page);
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
		p->rules.style == BATCH_PAGES_OFFSET)
		ereport(ERROR,
				(errcode(ERRCODE_PROTOCOL_VIOLATION),
				 errmsg("the %s gives an empty page and says that there is more", write_name(p)),
				 errhint("Set page_size of the server, by which the paging can go on.")));
	if (p->more && p->empty_pages >= MAX_EMPTY_PAGES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the %s gives %d empty pages in a row", write_name(p),
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
