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

#include "common/hashfn.h"
#include "utils/memutils.h"

#define MAX_RENEWALS 3			/* of refused URLs in one scan */
#define FRESH		1000.0		/* ms for which a job's URLs are not asked for again */
#define STOP_WAIT	50.0		/* ms, before a worker looks whether it is to stop */
#define EXPIRES_SOON 60.0		/* seconds */

/* A file that is being read. */
typedef struct Part
{
	BatchResults *results;
	MemoryContext cxt;
	int			number;			/* from 1 */
	const char *url;			/* of the job, that was turned to last */
	BatchLocator locator;
	BatchDownload *download;
	BatchLines *lines;
	int64		line;			/* the last one given */
	int64		records;		/* that were given */
	bool		hopping;		/* the document that names the file is being read */
	int64		renewed_at;		/* the line when the job told the same again; or -1 */
} Part;

struct BatchResults
{
	const BatchOptions *o;
	BatchClient *api;
	BatchClient *files;
	BatchStats *stats;
	BatchSpool *spool;			/* of single-use files, or NULL */
	BatchClaims *claims;		/* of parts */
	BatchEnvelope *envelope;	/* of the job */
	MemoryContext cxt;
	const char *job_id;			/* NULL: the table's url */
	List	   *urls;
	double		told_at;		/* when the job told them */
	Part	  **parts;			/* those that are open */
	int			nparts;
	int			current;		/* the one that gave the last record */
	bool		polled;			/* since the last record */
	bool		is_inline;
	BatchArray elements;		/* of an inline result */
	int64		line;			/* of it */
};

/* Raise that a job is completed but has nothing to read. */
static void
refuse_missing(const BatchOptions *o, const BatchJob *job)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_FILE),
			 errmsg("job \"%s\" is %s but names no results", batch_text_show(job->id),
					batch_redact_text(job->status, o->api_key)),
			 errhint("Check urls_path, results_url and inline_path of the server.")));
}

/* Open the results inside of a job. */
static void
open_inline(BatchResults *r, const BatchJob *job)
{
	BatchSlice	rows = batch_job_inline(r->o, job);

	if (rows.ptr == NULL)
		refuse_missing(r->o, job);
	r->is_inline = true;
	if (r->o->rows_path->nsteps > 0)
	{
		BatchSlice	inner = batch_record_find(r->o->rows_path, rows);

		rows = inner.ptr ? inner : rows;
	}
	batch_array_open(&r->elements, rows);
}

/* Hash what URLs name: all but their queries. */
static uint32
hash_objects(List *urls)
{
	uint32		hash = 0;
	ListCell   *lc;

	foreach(lc, urls)
	{
		BatchUrl	url;

		if (batch_http_parse_url(lfirst(lc), &url) == NULL)
			hash = hash_combine(hash, hash_bytes((unsigned char *) url.display,
												 strlen(url.display)));
	}
	return hash;
}

/*
 * Open the results of a job that is ready, or of the table's url where job is
 * NULL.  Belongs to the current context; asks for nothing yet.
 */
BatchResults *
batch_results_open(const BatchOptions *o, BatchClient *api, BatchClient *files,
				   BatchStats *stats, BatchSpool *spool, BatchClaims *claims,
				   BatchEnvelope *envelope, const BatchJob *job)
{
	BatchResults *r = palloc0(sizeof(BatchResults));

	r->o = o;
	r->api = api;
	r->files = files;
	r->stats = stats;
	r->spool = spool;
	r->claims = claims;
	r->envelope = envelope;
	r->cxt = CurrentMemoryContext;
	r->parts = palloc0(sizeof(Part *) * o->max_connections);
	r->job_id = job ? job->id : NULL;
	r->urls = job ? batch_job_urls(o, job) : list_make1(o->url);
	r->told_at = batch_now();
	if (r->urls == NIL)
		open_inline(r, job);
	batch_claims_begin(claims, Max(list_length(r->urls), 1), hash_objects(r->urls));
	return r;
}

/* ---- Where a part is ---- */

/*
 * Choose the client for a results URL: the key goes to base_url's origin only,
 * and never along with a redirect.
 */
static BatchClient *
aim(void *arg, const char *url, bool redirected, BatchTarget *target)
{
	BatchResults *r = ((Part *) arg)->results;

	batch_target_check_result(r->o, url, target);
	if (!redirected && r->api != NULL && r->o->result_auth == BATCH_AUTH_ORIGIN &&
		batch_target_same_origin(url, r->o->base_url))
		return r->api;
	return r->files;
}

/* Read the URL that the document at the first URL names. */
static char *
hop(Part *part, const char *url)
{
	BatchResults *r = part->results;
	BatchDownload *d;
	BatchLines *lines;
	BatchEnvelope *envelope = batch_envelope_open(list_make1(r->o->hop_path));
	BatchSlice	document;
	BatchFlow	flow;
	int64		line;
	char	   *found = NULL;

	part->hopping = true;
	d = batch_download_open_file(&part->locator, url, r->o, r->stats);
	lines = batch_lines_open(d, r->o, r->stats);
	while ((flow = batch_lines_next(lines, &document, &line)) == BATCH_WAIT)
		batch_download_wait(d);
	part->hopping = false;
	if (flow == BATCH_GIVEN)
		found = batch_envelope_text(batch_envelope_read(envelope, document), r->o->hop_path);
	if (found == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FILE),
				 errmsg("the document that should name the results does not"),
				 errhint("Check hop_path of the server.")));
	return found;
}

/* Raise unless two lists of URLs name the same objects: all but the queries. */
static void
check_same_objects(List *before, List *now)
{
	bool		same = list_length(before) == list_length(now);
	ListCell   *a,
			   *b;

	forboth(a, before, b, now)
	{
		BatchUrl	was,
					is;

		same = same && batch_http_parse_url(lfirst(a), &was) == NULL &&
			batch_http_parse_url(lfirst(b), &is) == NULL &&
			strcmp(was.display, is.display) == 0;
	}
	if (!same)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the job names other results than before"),
				 errhint("Rows read before this are of the old results; ask again.")));
}

/* Turn to the URL that the job told last; NULL where it is the one that is known. */
static const char *
turn(Part *part, const char *url)
{
	BatchResults *r = part->results;
	const char *found = list_nth(r->urls, part->number - 1);

	part->renewed_at = strcmp(found, part->url) == 0 ? part->line : -1;
	part->url = found;
	if (r->o->hop_path && !part->hopping)
		found = hop(part, found);
	return strcmp(found, url) != 0 ? found : NULL;
}

/* Tell whether the job told another URL meanwhile, to another part. */
static bool
is_outdated(const Part *part)
{
	return strcmp(part->url, list_nth(part->results->urls, part->number - 1)) != 0;
}

/*
 * Ask for the job again, for new URLs of the same files; NULL where it gives
 * none but the one that is known.
 */
static const char *
ask_again(Part *part, const char *url)
{
	BatchResults *r = part->results;
	MemoryContext old = MemoryContextSwitchTo(r->cxt);
	BatchJob   *job = batch_job_take(r->o, r->envelope,
									 batch_job_ask(r->o, r->api, r->stats, r->job_id), r->job_id);
	List	   *urls = NIL;
	const char *found = NULL;

	if (job != NULL && batch_options_is_result_state(r->o, job->state))
		urls = batch_job_urls(r->o, job);
	if (urls != NIL)
	{
		check_same_objects(r->urls, urls);
		r->urls = urls;
		r->told_at = batch_now();
		found = turn(part, url);
	}
	MemoryContextSwitchTo(old);
	return found;
}

/* Tell whether the job can be asked for URLs. */
static bool
is_renewable(const BatchResults *r)
{
	return r->job_id != NULL && r->o->job_url != NULL;
}

/*
 * Find a new URL for one that a results host refuses, or NULL.
 *
 * The same URL may redirect to another place than before, but is tried again
 * only once where that gives nothing.
 */
static const char *
renew(void *arg, const char *url)
{
	Part	   *part = arg;
	BatchResults *r = part->results;

	if (is_outdated(part))
		return turn(part, url);
	if (!is_renewable(r) || r->stats->renewals == MAX_RENEWALS ||
		part->renewed_at == part->line)
		return NULL;
	r->stats->renewals++;
	return ask_again(part, url);
}

/* Find a new URL for one that will expire before long, or NULL. */
static const char *
refresh(void *arg, const char *url)
{
	BatchResults *r = ((Part *) arg)->results;

	if (is_outdated(arg))
		return turn(arg, url);
	if (!is_renewable(r) || batch_now() - r->told_at < FRESH ||
		batch_target_lifetime(url) > EXPIRES_SOON)
		return NULL;
	return ask_again(arg, url);
}

/* ---- The parts ---- */

/* Open the file of a part, by way of the spool where it can be had once only. */
static BatchDownload *
open_file(Part *part)
{
	BatchResults *r = part->results;
	const char *url = part->url = list_nth(r->urls, part->number - 1);
	char	   *name = psprintf("%d of %s", part->number, r->job_id ? r->job_id : url);

	if (r->spool != NULL && batch_spool_has(r->spool, name))
		return batch_download_replay(r->spool, name);
	if (r->o->hop_path)
		url = hop(part, url);
	part->download = batch_download_open_file(&part->locator, url, r->o, r->stats);
	if (r->spool == NULL)
		return part->download;
	batch_spool_add(r->spool, name, part->download);
	return batch_download_replay(r->spool, name);
}

/* Open the next part beside those that are open; false where there is none. */
static bool
open_part(BatchResults *r, BatchPlace *place)
{
	MemoryContext cxt,
				old;
	Part	   *part;
	int			claimed = batch_claims_claim(r->claims);

	if (claimed < 0)
		return false;
	place->part = claimed + 1;
	place->line = 0;
	cxt = AllocSetContextCreate(r->cxt, "batch_fdw file", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(cxt);
	part = palloc0(sizeof(Part));
	part->results = r;
	part->cxt = cxt;
	part->number = claimed + 1;
	part->renewed_at = -1;
	part->locator.aim = aim;
	part->locator.renew = renew;
	part->locator.refresh = refresh;
	part->locator.arg = part;
	part->download = open_file(part);
	part->lines = batch_lines_open(part->download, r->o, r->stats);
	MemoryContextSwitchTo(old);
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

		place->part = part->number;
		place->line = part->line;
		flow = batch_lines_next(part->lines, &place->record, &place->line);
		if (flow == BATCH_GIVEN)
		{
			part->line = place->line;
			part->records++;
			r->polled = false;
			return BATCH_GIVEN;
		}
		if (flow == BATCH_END)
		{
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
	BatchClient *clients[] = {r->files, r->api};
	int			n = r->api ? 2 : 1;
	double		until = r->claims->shared ? batch_now() + STOP_WAIT : INFINITY;

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
		until = Min(until, batch_download_wake(r->parts[i]->download));
	batch_http_wait(clients, n, until, r->stats);
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
	place->part = 1;
	place->line = ++r->line;
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
	BatchFlow	flow;

	if (r->is_inline)
		return next_inline(r, place);
	while ((flow = next_of_open(r, place)) != BATCH_GIVEN)
	{
		if (batch_claims_is_stopped(r->claims))
			return false;
		if (flow == BATCH_WAIT)
			wait_for_parts(r, place);
		else if (!open_part(r, place))
			return false;
	}
	return true;
}
