/*
 * result_pages.c
 *	  The results of one job, page by page --> their records.
 *
 *	  url, or job --> page --> rows --> a record
 *				       \--> paging.c --> the next page, or none
 *
 * A page is a document, and a part of its own.  It is asked for only when its first
 * record is wanted; paging.c tells which.  Records have no ids, so that nothing is
 * dropped: a numbered page that has the records of the one before is an error.
 */
#include "jobs/jobs.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

struct BatchResultPages
{
	const BatchApi *api;
	const BatchOptions *o;		/* of it */
	BatchPageRules rules;
	BatchUrls  *urls;
	BatchEnvelope *envelope;	/* of a page */
	MemoryContext cxt;
	MemoryContext page_cxt;		/* of the current page */
	const BatchJob *job;		/* whose answer is the first page; NULL: it has URLs */
	List	   *firsts;			/* URLs of first pages */
	List	   *files;			/* of each, its template; NIL: of none */
	int			nfirst;			/* the current one of them, from 1 */
	int			part;			/* the current page, from 1 */
	BatchPaging *paging;		/* to the next page */
	bool		more;			/* there is one, of the same first page */
	BatchArray	rows;			/* of the current page */
	int64		line;
	uint64		hash;			/* of its records */
};

/*
 * Open the pages of results, of which the first are at URLs or, where there are
 * none, a job's answer.  Belongs to the current context; asks for nothing yet.
 */
BatchResultPages *
batch_result_pages_open(const BatchApi *api, BatchUrls *urls, const BatchJob *job,
						List *firsts, List *files)
{
	BatchResultPages *p = palloc0(sizeof(BatchResultPages));
	const BatchOptions *o = api->options;

	p->api = api;
	p->o = o;
	p->rules = batch_request_rules(o, true);
	p->urls = urls;
	p->cxt = CurrentMemoryContext;
	p->page_cxt = AllocSetContextCreate(p->cxt, "batch_fdw page of results", ALLOCSET_DEFAULT_SIZES);
	p->envelope = batch_envelope_open(list_make4(o->result_next_path, o->result_more_path,
												 o->result_total_path, firsts ? NULL : o->inline_path));
	p->job = firsts ? NULL : job;
	p->firsts = firsts;
	p->files = files;
	p->rows.done = true;
	return p;
}

/* Give the URL at which the pages begin, on the API where the first is a job's answer. */
static const char *
first_url(const BatchResultPages *p)
{
	if (p->job == NULL)
		return list_nth(p->firsts, p->nfirst - 1);
	if (p->o->job_url == NULL || p->job->id == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PROTOCOL_VIOLATION),
				 errmsg("%s has results in pages, and cannot be asked for by its id", batch_job_describe(p->job)),
				 errhint("Set job_url of the server.")));
	return batch_request_job_url(p->o, p->job->id);
}

/* Read the page that is a job's answer, or one behind it, which is asked for as that was. */
static BatchSlice
read_answer(BatchResultPages *p, const BatchPage *page, BatchLinks *links)
{
	BatchResponse *answer;
	BatchFields *fields;
	BatchSlice	document;

	if (p->part == 1)
	{
		*links = p->job->links;
		if (links->url == NULL)
			links->url = first_url(p);
		return p->job->text;
	}
	answer = batch_response_open(p->api, batch_request_result_page_url(p->o, first_url(p), page), NIL);
	fields = batch_response_next(answer, false, batch_envelope_open(list_make1(p->o->job_path)));
	*links = batch_response_links(answer);
	document = batch_envelope_find(fields, p->o->job_path);
	if (document.ptr == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
				 errmsg("a page of the result has no job"),
				 errhint("Check job_path of the server.")));
	return document;
}

/* Read the page at a URL; ptr is NULL where it is not there, and why. */
static BatchSlice
read_file(BatchResultPages *p, const BatchPage *page, BatchLinks *links, const BatchTrouble **trouble)
{
	char	   *url = batch_request_result_page_url(p->o, first_url(p), page);
	BatchFile  *file = batch_file_open(batch_locator_open_page(p->urls, url));
	BatchSlice	document = batch_hop_read_document(p->api, file);

	*trouble = batch_file_trouble(file);
	if (*trouble == NULL)
		*links = batch_paging_links(url, batch_file_head(file));
	if (*trouble == NULL && document.ptr == NULL)
		document = (BatchSlice) {"", 0};
	return document;
}

/*
 * Find the array of records in a page; ptr is NULL where null is there, or the page
 * is {}.  Any other page without an array there is an error.
 */
static BatchSlice
find_rows(const BatchResultPages *p, BatchSlice document, const BatchFields *fields)
{
	BatchSlice	none = {NULL, 0};
	BatchSlice	rows = document;
	bool		found = true;

	if (batch_array_is_empty_object(document))
		return none;
	if (p->job != NULL)
	{
		rows = batch_envelope_find(fields, p->o->inline_path);
		found = batch_envelope_has(fields, p->o->inline_path);
	}
	if (rows.ptr != NULL)
		rows = batch_document_find_rows(p->o->rows_path, rows);
	if (!found || (rows.ptr != NULL && *rows.ptr != '['))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
				 errmsg("a page of the result has no array of records"),
				 p->job != NULL ? errhint("Check inline_path and rows_path of the server.") :
				 errhint("Check rows_path of the server and of the table.")));
	return rows;
}

/* Refuse a numbered page that has the records of the one before. */
static void
check_new(BatchResultPages *p, BatchSlice rows, int64 items)
{
	uint64		hash = items > 0 ? hash_bytes_extended((const unsigned char *) rows.ptr, rows.len, 1) : 0;

	if (items > 0 && batch_options_is_numbered(p->rules.style) && hash == p->hash)
		ereport(ERROR,
				(errcode(ERRCODE_PROTOCOL_VIOLATION),
				 errmsg("a page of the result has the records of the one before"),
				 errhint("Check result_page_style and result_page_param of the server: the API may not know the parameter.")));
	p->hash = hash;
}

/* Begin with the next of the first pages; false after the last. */
static bool
begin(BatchResultPages *p)
{
	MemoryContext old;

	if (p->nfirst == Max(list_length(p->firsts), 1))
		return false;
	p->nfirst++;
	p->hash = 0;
	old = MemoryContextSwitchTo(p->cxt);
	p->paging = batch_paging_open(p->rules, p->rules.size, p->o->api_key);
	MemoryContextSwitchTo(old);
	return true;
}

/* Take the next page from its text, and how it is linked. */
static void
take(BatchResultPages *p, BatchSlice document, BatchLinks links)
{
	BatchFields *fields = batch_envelope_read(p->envelope, document);
	BatchSlice	rows = find_rows(p, document, fields);
	int64		items = batch_array_count(rows);

	check_new(p, rows, items);
	p->more = batch_paging_turn(p->paging, fields, items, links);
	batch_array_open(&p->rows, rows);
	p->api->stats->pages++;
}

/* Go to the next page; false after the last, or where it is not there, and why. */
static bool
next_page(BatchResultPages *p, BatchPlace *place, const BatchTrouble **trouble)
{
	BatchPage	page = {.number = 0};
	BatchLinks	links = {.url = NULL};
	BatchSlice	document;
	MemoryContext old;

	if (!p->more && !begin(p))
		return false;
	MemoryContextReset(p->page_cxt);
	old = MemoryContextSwitchTo(p->page_cxt);
	place->part = ++p->part;
	place->file = p->files ? list_nth_int(p->files, p->nfirst - 1) : 0;
	place->line = p->line = 0;
	if (p->api->stats->watch != NULL)
		p->api->stats->watch->part = p->part;
	batch_paging_fill(p->paging, &page);
	document = p->job ? read_answer(p, &page, &links) : read_file(p, &page, &links, trouble);
	if (document.ptr != NULL)
		take(p, document, links);
	MemoryContextSwitchTo(old);
	return document.ptr != NULL;
}

/*
 * Give the next record and its place; false after the last one, or where a page is
 * not there, and why.  The record stays valid until the next call.
 */
bool
batch_result_pages_next(BatchResultPages *p, BatchPlace *place, const BatchTrouble **trouble)
{
	while (!batch_array_next(&p->rows, &place->record))
		if (!next_page(p, place, trouble))
			return false;
	place->padded = false;
	place->part = p->part;
	place->file = p->files ? list_nth_int(p->files, p->nfirst - 1) : 0;
	place->line = ++p->line;
	return true;
}
