/*
 * results.c
 *	  A job --> its URLs, or what it holds inside --> its records.
 *
 *	  urls --> part --> [ spool --> ] lines --\
 *		   --> part --> ...     --> lines -----> whichever has a record
 *
 * Parts are opened one after the other; a further one beside those that are
 * open only when none of them has a record at hand, so that a store's limit
 * for one connection is not ours.
 */
#include "jobs/jobs.h"

#include <math.h>

#include "utils/memutils.h"

/* A file that is being read. */
typedef struct Part
{
	MemoryContext cxt;
	int			number;			/* from 1 */
	BatchFile  *file;
	BatchLines *lines;
	int64		line;			/* the last one given */
	int64		records;		/* that were given */
} Part;

struct BatchResults
{
	const BatchApi *api;
	const BatchOptions *o;		/* of it */
	BatchSpool *spool;			/* of single-use files, or NULL */
	BatchClaims *claims;		/* of parts */
	MemoryContext cxt;
	BatchUrls  *urls;
	List	   *files;			/* of each part, its template; NIL: of none */
	char	   *name;			/* of the results, in the spool */
	Part	  **parts;			/* those that are open */
	int			nparts;
	int			current;		/* the one that gave the last record */
	bool		polled;			/* since the last record */
	int64		given;			/* records, of all parts */
	const BatchTrouble *trouble;	/* why there are no results; or NULL */
	bool		is_inline;
	BatchArray	elements;		/* of an inline result */
	int64		line;			/* of it */
	BatchResultPages *pages;	/* NULL: each part is a file, or inside of the job */
	bool		claimed;		/* the pages, all of which are one claim */
};

/* Open the results inside of a job. */
static void
open_inline(BatchResults *r, const BatchJob *job)
{
	BatchSlice	rows = batch_named_inline(r->o, job);

	if (job->links.has_next ||
		!batch_scalar_is_end(batch_envelope_find(job->fields, r->o->result_more_path)))
		batch_document_refuse_more();
	r->is_inline = true;
	batch_array_open(&r->elements, batch_document_find_rows(r->o->rows_path, rows));
}

/*
 * Open the results that a job names or holds, or of the table's url where job is
 * NULL.  Belongs to the current context; asks for nothing yet.
 */
BatchResults *
batch_results_open(const BatchApi *api, BatchSpool *spool, BatchClaims *claims,
				   BatchEnvelope *envelope, const BatchJob *job)
{
	const BatchOptions *o = api->options;
	BatchResults *r = palloc0(sizeof(BatchResults));
	List	   *urls = job ? batch_named_urls(o, job, &r->files) : list_make1(o->url);
	int			nparts = Max(list_length(urls), 1);
	uint32		objects;

	r->api = api;
	r->o = o;
	r->spool = spool;
	r->claims = claims;
	r->cxt = CurrentMemoryContext;
	r->parts = palloc0(sizeof(Part *) * o->max_connections);
	r->urls = batch_locator_open(api, claims, envelope, job ? job->id : NULL, urls, r->files);
	if (o->result_page_style != BATCH_PAGES_NONE)
	{
		r->pages = batch_result_pages_open(api, r->urls, job, urls, r->files);
		nparts = 1;
	}
	else if (urls == NIL)
		open_inline(r, job);
	/* A single file is read whole, by one process; parts must be of one answer. */
	objects = nparts > 1 ? batch_locator_hash(r->urls) : 0;
	r->name = psprintf("%s, %u", job && job->id ? job->id : urls ? (char *) linitial(urls) : "",
					   objects);
	batch_claims_begin(claims, nparts, objects);
	if (api->stats->watch != NULL)
	{
		BatchWatch	fresh = {
			.look = api->stats->watch->look,
			.next = api->stats->watch->next,
			.parts = nparts
		};

		*api->stats->watch = fresh;
	}
	return r;
}

/* ---- The parts ---- */

/*
 * Open the file of a part, by way of the spool where it can be had once only; NULL
 * where there is none.
 */
static BatchFile *
open_file(BatchResults *r, int number)
{
	BatchDownload *download;
	char	   *name = psprintf("%d of %s", number, r->name);

	if (r->spool != NULL && batch_spool_has(r->spool, name))
	{
		batch_locator_pass_part(r->urls);
		return batch_file_open_spooled(r->spool, name);
	}
	download = batch_locator_open_part(r->urls, number, &r->trouble);
	if (download == NULL)
		return NULL;
	if (r->spool == NULL || !batch_spool_add(r->spool, name, download))
		return batch_file_open(download);
	return batch_file_open_spooled(r->spool, name);
}

/* Tell which part is read, and which file it is. */
static void
tell_part(const BatchResults *r, BatchPlace *place, int number)
{
	place->part = number;
	place->file = r->files ? list_nth_int(r->files, number - 1) : 0;
}

/* Open the next part beside those that are open; false where there is none, or no file. */
static bool
open_part(BatchResults *r, BatchPlace *place)
{
	MemoryContext cxt,
				old;
	Part	   *part;
	int			claimed = batch_claims_claim(r->claims);

	if (claimed < 0)
		return false;
	tell_part(r, place, claimed + 1);
	place->line = 0;
	if (r->api->stats->watch != NULL)
		r->api->stats->watch->part = place->part;
	cxt = AllocSetContextCreate(r->cxt, "batch_fdw file", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(cxt);
	part = palloc0(sizeof(Part));
	part->cxt = cxt;
	part->number = claimed + 1;
	part->file = open_file(r, part->number);
	if (part->file != NULL)
		part->lines = batch_lines_open(part->file, &r->api->layout, r->api->stats);
	MemoryContextSwitchTo(old);
	if (part->file == NULL)
		return false;
	r->current = r->nparts;
	r->parts[r->nparts++] = part;
	r->polled = false;
	return true;
}

/* Close the current part, which was read to its end. */
static void
close_part(BatchResults *r)
{
	batch_claims_finish(r->claims, r->parts[r->current]->records);
	MemoryContextDelete(r->parts[r->current]->cxt);
	r->parts[r->current] = r->parts[--r->nparts];
	r->current = 0;
}

/* Give a record of whichever open part has one. */
static BatchFlow
next_of_open(BatchResults *r, BatchPlace *place)
{
	int			waiting = 0;

	while (waiting < r->nparts)
	{
		Part	   *part = r->parts[r->current];
		BatchFlow	flow;

		tell_part(r, place, part->number);
		place->line = part->line;
		flow = batch_lines_next(part->lines, &place->record, &place->line);
		if (flow == BATCH_GIVEN)
		{
			part->line = place->line;
			part->records++;
			place->padded = true;
			place->fault = batch_lines_fault(part->lines);
			r->given++;
			r->polled = false;
			return BATCH_GIVEN;
		}
		if (flow == BATCH_END)
		{
			r->trouble = batch_file_trouble(part->file);
			if (r->trouble != NULL)
				return BATCH_END;
			close_part(r);
			waiting = 0;
			continue;
		}
		waiting++;
		r->current = (r->current + 1) % r->nparts;
	}
	return r->nparts > 0 ? BATCH_WAIT : BATCH_END;
}

/* Tell whether a further part may be opened beside those that have begun. */
static bool
has_room(const BatchResults *r)
{
	if (!batch_claims_has_next(r->claims) ||
		r->nparts >= batch_claims_connections(r->claims, r->o->max_connections))
		return false;
	for (int i = 0; i < r->nparts; i++)
		if (r->parts[i]->line == 0)
			return false;
	return true;
}

/*
 * Do what is to be done where no open part has a record: look whether bytes
 * have come meanwhile, else open another part, else wait.
 */
static void
wait_for_parts(BatchResults *r, BatchPlace *place)
{
	BatchClient *clients[] = {r->api->files, r->api->api};
	int			n = r->api->api ? 2 : 1;
	double		until = r->claims->shared ? batch_now() + BATCH_STOP_WAIT : INFINITY;

	if (has_room(r))
	{
		if (r->polled)
		{
			(void) open_part(r, place);
			return;
		}
		r->polled = true;
		until = 0;
	}
	for (int i = 0; i < r->nparts; i++)
		until = Min(until, batch_file_wake(r->parts[i]->file));
	batch_http_wait(clients, n, until, r->api->stats);
}

/* Give the next record of an inline result, which is one part. */
static bool
next_inline(BatchResults *r, BatchPlace *place)
{
	if (r->line == 0 && batch_claims_claim(r->claims) < 0)
		return false;
	if (!batch_array_next(&r->elements, &place->record))
	{
		batch_claims_finish(r->claims, r->line);
		return false;
	}
	place->padded = false;
	place->fault = NULL;
	tell_part(r, place, 1);
	place->line = ++r->line;
	return true;
}

/* Give the next record of results that come in pages. */
static bool
next_of_pages(BatchResults *r, BatchPlace *place)
{
	if (!r->claimed && batch_claims_claim(r->claims) < 0)
		return false;
	r->claimed = true;
	if (batch_result_pages_next(r->pages, place, &r->trouble))
	{
		r->given++;
		return true;
	}
	if (r->trouble == NULL)
		batch_claims_finish(r->claims, r->given);
	else if (r->given > 0)
		batch_failure_raise(r->trouble);
	return false;
}

/*
 * Give the next record and its place; false after the last part's proven end,
 * or where a file is not there and nothing was given yet.
 *
 * The record stays valid until the next call.
 */
bool
batch_results_next(BatchResults *r, BatchPlace *place)
{
	BatchFlow	flow = BATCH_END;

	if (r->pages != NULL)
		return next_of_pages(r, place);
	if (r->is_inline)
		return next_inline(r, place);
	while (r->trouble == NULL && (flow = next_of_open(r, place)) != BATCH_GIVEN)
	{
		if (batch_claims_is_stopped(r->claims))
			return false;
		if (flow == BATCH_WAIT)
			wait_for_parts(r, place);
		else if (r->trouble != NULL || !open_part(r, place))
			break;
	}
	if (r->trouble != NULL && r->given > 0)
		batch_failure_raise(r->trouble);
	return flow == BATCH_GIVEN && r->trouble == NULL;
}

/* Tell, behind the last record, why there are no results; NULL where there are. */
const BatchTrouble *
batch_results_trouble(const BatchResults *r)
{
	return r->trouble;
}
