/*
 * results.c
 *	  A job --> its URLs, or what it holds inside --> its records, part by part.
 */
#include "batch_fdw.h"

#include "utils/memutils.h"

#define MAX_HOPS 3				/* redirects of a results host */

struct BatchResults
{
	const BatchOptions *o;
	BatchClient *api;
	BatchClient *files;
	BatchStats *stats;
	const char *name;			/* the job's id, or the table's url */
	List	   *urls;
	MemoryContext file_cxt;		/* of the current file */
	BatchLines *lines;			/* of the current file, or NULL */
	bool		is_inline;
	BatchElements elements;		/* of an inline result */
	int			part;
	int64		line;
};

/* Raise that a job is completed but has nothing to read. */
static void
refuse_missing(const BatchJob *job)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_FILE),
			 errmsg("job \"%s\" is %s but names no results", job->id, job->status),
			 errhint("Check urls_path, results_url and inline_path of the server.")));
}

/*
 * Open the results of a job that is ready, or of the table's url where job is
 * NULL.  Belongs to the current context; asks for nothing yet.
 */
BatchResults *
batch_results_open(const BatchOptions *o, BatchClient *api, BatchClient *files,
				   BatchStats *stats, const BatchJob *job)
{
	BatchResults *r = palloc0(sizeof(BatchResults));
	BatchSlice	rows;

	r->o = o;
	r->api = api;
	r->files = files;
	r->stats = stats;
	r->file_cxt = AllocSetContextCreate(CurrentMemoryContext, "batch_fdw file",
										ALLOCSET_DEFAULT_SIZES);
	r->name = job ? job->id : o->url;
	r->urls = job ? batch_job_urls(o, job) : list_make1(o->url);
	if (r->urls != NIL)
		return r;
	Assert(job != NULL);
	rows = batch_job_inline(o, job);
	if (rows.ptr == NULL)
		refuse_missing(job);
	r->is_inline = true;
	r->part = 1;
	if (o->rows_path->nsteps > 0)
	{
		BatchSlice	inner = batch_record_find(o->rows_path, rows);

		rows = inner.ptr ? inner : rows;
	}
	batch_elements_open(&r->elements, rows);
	return r;
}

/* Choose the client for a results URL: the key goes to base_url's origin only. */
static BatchClient *
choose_client(BatchResults *r, const char *url)
{
	if (r->api != NULL && r->o->result_auth == BATCH_AUTH_ORIGIN &&
		batch_url_same_origin(url, r->o->base_url))
		return r->api;
	return r->files;
}

/* Begin a download, following redirects by hand and without the key. */
static BatchDownload *
open_download(BatchResults *r, const char *url)
{
	BatchClient *client = choose_client(r, url);

	for (int hop = 0;; hop++)
	{
		BatchTarget target;
		BatchDownload *d;
		const char *next;

		batch_url_check_result(r->o, url, &target);
		d = batch_download_open(client, &target, r->o, r->stats);
		next = batch_download_redirect(d);
		if (next == NULL)
			return d;
		if (hop == MAX_HOPS)
			ereport(ERROR,
					(errcode(ERRCODE_CONNECTION_FAILURE),
					 errmsg("results are redirected more than %d times", MAX_HOPS)));
		url = next;
		client = r->files;
	}
}

/* Read the URL that the document at the first URL names. */
static char *
hop(BatchResults *r, const char *url)
{
	BatchLines *lines = batch_lines_open(open_download(r, url), r->o, r->stats);
	BatchSlice	document;
	int64		line;
	BatchRecord *check = batch_record_open(NIL);
	char	   *found = NULL;

	if (batch_lines_next(lines, &document, &line))
	{
		if (!batch_record_next(check, document))
			batch_record_raise(check);
		found = batch_json_find_text(batch_json_open(document), r->o->hop_path);
	}
	if (found == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FILE),
				 errmsg("the document that should name the results does not"),
				 errhint("Check hop_path of the server.")));
	return found;
}

/* Refuse to fetch a single-use file twice in one execution. */
static void
check_once(BatchResults *r)
{
	if (r->stats->downloaded != NULL &&
		!batch_seen_add(r->stats->downloaded, psprintf("%d of %s", r->part, r->name)))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("results that can be downloaded once only are wanted twice"),
				 errhint("Load them into a table first, with CREATE TABLE AS.")));
}

/* Open the next part; false where there is none. */
static bool
open_part(BatchResults *r)
{
	MemoryContext old;
	const char *url;

	MemoryContextReset(r->file_cxt);
	r->lines = NULL;
	if (r->part == list_length(r->urls))
		return false;
	url = list_nth(r->urls, r->part++);
	old = MemoryContextSwitchTo(r->file_cxt);
	check_once(r);
	if (r->o->hop_path)
		url = hop(r, url);
	r->lines = batch_lines_open(open_download(r, url), r->o, r->stats);
	r->line = 0;
	MemoryContextSwitchTo(old);
	return true;
}

/*
 * Give the next record and its place; false behind the last part's proven end.
 *
 * The record stays valid until the next call.
 */
bool
batch_results_next(BatchResults *r, BatchPlace *place)
{
	if (r->is_inline)
	{
		if (!batch_elements_next(&r->elements, &place->record))
			return false;
		place->part = r->part;
		place->line = ++r->line;
		return true;
	}
	for (;;)
	{
		if (r->lines == NULL)
		{
			place->part = r->part + 1;
			place->line = 0;
			if (!open_part(r))
				return false;
		}
		place->part = r->part;
		if (batch_lines_next(r->lines, &place->record, &place->line))
			return true;
		r->lines = NULL;
	}
}
