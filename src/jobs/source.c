/*
 * source.c
 *	  What is asked for --> a sequence of records.
 *
 *	  ids | listing --> job --> [ results --> ] record
 *
 * A table of jobs gives each job; a table of results gives the records of
 * each job whose results may be read.
 */
#include "jobs/jobs.h"

#include "miscadmin.h"
#include "utils/memutils.h"

struct BatchSource
{
	const BatchOptions *o;
	const BatchQuery *request;
	BatchApi   *api;
	BatchPlace *place;			/* of the current record */
	MemoryContext cxt;
	MemoryContext job_cxt;		/* of the current job and its results */
	BatchEnvelope *envelope;	/* of a job */
	BatchJobAhead *ahead;		/* jobs in flight; NULL where there is no API */
	int			next_id;
	int			asked_ids;		/* those before it were asked for */
	int			next_listing;
	BatchListing *listing;		/* the current one */
	int64		peeked_page;	/* the page of peek */
	BatchArray peek;			/* its jobs whose lacks were not looked at */
	MemoryContext peek_cxt;		/* of one of them */
	BatchStrmap  *seen;			/* ids given by several listings; NULL: there is one */
	BatchStrmap  *answered;		/* jobs by id, from one rescan to the next */
	BatchSpool *spool;			/* of single-use results, or NULL */
	BatchClaims *claims;		/* of parts of results */
	BatchJob   *job;			/* the current one */
	BatchResults *results;		/* of the current job */
	bool		url_read;
	int64		count;			/* of results, that the last job told of; -1 */
	bool		closed;			/* no more records, and nothing is held */
};

/*
 * Tell how many jobs may be in flight together: no more than rows are wanted,
 * and one at a time where the results of each are read before the next.
 */
static int
count_flights(BatchSource *s)
{
	int			most = s->o->max_connections;

	if (s->o->resource == BATCH_RESULTS)
		return 1;
	if (s->request->limit > 0 && s->request->limit < most)
		most = s->request->limit;
	return most;
}

/*
 * Open the sequence of records of a request; asks for nothing yet.
 *
 * Belongs to the current context, in which o, request, stats and place must
 * live; place tells at any time what is being read.
 */
BatchSource *
batch_source_open(const BatchOptions *o, const BatchQuery *request,
				  const BatchReuse *reuse, BatchStats *stats, BatchPlace *place)
{
	BatchSource *s = palloc0(sizeof(BatchSource));
	MemoryContext old;

	s->o = o;
	s->request = request;
	s->answered = reuse->answered;
	s->spool = reuse->spool;
	s->claims = reuse->claims;
	s->place = place;
	s->count = -1;
	s->cxt = AllocSetContextCreate(CurrentMemoryContext, "batch_fdw records",
								   ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(s->cxt);
	s->job_cxt = AllocSetContextCreate(s->cxt, "batch_fdw job",
									   ALLOCSET_DEFAULT_SIZES);
	s->peek_cxt = AllocSetContextCreate(s->cxt, "batch_fdw peek",
										ALLOCSET_SMALL_SIZES);
	s->api = batch_api_open(o, stats);
	if (s->api->api != NULL)
	{
		s->envelope = batch_job_envelope(o);
		s->ahead = batch_job_ahead_open(s->api, s->envelope, count_flights(s));
	}
	if (list_length(request->words) > 1)
		s->seen = batch_strmap_open();
	MemoryContextSwitchTo(old);
	return s;
}

/* Get a job by its id: as it was answered before, or by asking; or NULL. */
static BatchJob *
get_job(BatchSource *s, const char *id)
{
	BatchSlice	text = {NULL, 0};
	BatchJob   *job;

	if (s->answered != NULL && batch_strmap_find(s->answered, id, &text))
		return text.ptr ? batch_job_open(s->o, s->envelope, text, id) : NULL;
	job = batch_job_ahead_next(s->ahead, id);
	if (job != NULL)
		text = job->text;
	if (s->answered != NULL &&
		batch_strmap_size(s->answered) + text.len < work_mem * (Size) 1024)
		batch_strmap_put(s->answered, id, text);
	return job;
}

/* Ask ahead for the jobs that are next, as many as may be in flight. */
static void
ask_next(BatchSource *s)
{
	List	   *ids = s->request->ids;
	BatchSlice	text;

	for (; s->asked_ids < list_length(ids); s->asked_ids++)
	{
		const char *id = list_nth(ids, s->asked_ids);

		if (s->answered != NULL && batch_strmap_find(s->answered, id, &text))
			continue;
		if (!batch_job_ahead_ask(s->ahead, id))
			return;
	}
}

/* Fetch the next job that was asked for by id; false after the last. */
static bool
next_by_id(BatchSource *s)
{
	while (s->next_id < list_length(s->request->ids))
	{
		const char *id = list_nth(s->request->ids, s->next_id);

		s->place->job_id = id;
		ask_next(s);
		s->next_id++;
		s->job = get_job(s, id);
		if (s->job != NULL)
			return true;
		if (s->o->resource == BATCH_RESULTS)
			batch_job_refuse_missing(id);
	}
	return false;
}

/* Open the next of the listings to ask for; false after the last. */
static bool
open_listing(BatchSource *s)
{
	const BatchFilter *filter = s->request->filter;
	List	   *words = s->request->words;
	MemoryContext old;

	if (s->next_listing >= (filter ? list_length(words) : 1))
		return false;
	old = MemoryContextSwitchTo(s->cxt);
	s->listing = batch_listing_open(s->api, filter,
									filter ? list_nth(words, s->next_listing) : NULL,
									s->request->limit);
	s->next_listing++;
	MemoryContextSwitchTo(old);
	return true;
}

/* Tell whether a job was given before, by its listing or by another one. */
static bool
was_given(BatchSource *s, const char *id)
{
	BatchSlice	none;

	return batch_listing_has(s->listing, id) ||
		(s->seen != NULL && batch_strmap_find(s->seen, id, &none));
}

/* Remember that a job is given, unless it has no id; false where it was before. */
static bool
add_given(BatchSource *s, const BatchJob *job)
{
	bool		added = batch_listing_add(s->listing, job->id, job->text);

	if (job->id != NULL && s->seen != NULL && !batch_strmap_add(s->seen, job->id))
		added = false;
	return added;
}

/*
 * Take the next job of the listings, in job_cxt; false after the last.  Of one
 * that was given before nothing is kept.
 */
static bool
next_listed(BatchSource *s)
{
	BatchSlice	text;

	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(s->job_cxt);
		s->job = NULL;
		s->place->job_id = NULL;
		if (s->listing == NULL && !open_listing(s))
			return false;
		if (!batch_listing_next(s->listing, &text))
		{
			batch_listing_close(s->listing);
			s->listing = NULL;
			continue;
		}
		s->job = batch_job_open(s->o, s->envelope, text, NULL);
		if (add_given(s, s->job))
			return true;
		s->api->stats->skipped++;
	}
}

/* Fetch a listed job by its id; one that is gone stays as it was listed. */
static void
complete_job(BatchSource *s)
{
	BatchJob   *job = NULL;

	s->place->job_id = s->job->id;
	if (s->job->id != NULL && s->o->job_url != NULL)
		job = batch_job_ahead_next(s->ahead, s->job->id);
	if (job != NULL)
		s->job = job;
}

/* Tell whether a listed job lacks something that is wanted. */
static bool
lacks_wanted(BatchSource *s, BatchJob *job)
{
	ListCell   *lc;

	foreach(lc, s->request->lacks)
	{
		BatchLack  *lack = lfirst(lc);

		if ((lack->state == NULL ||
			 (job->state && strcmp(lack->state, job->state) == 0)) &&
			batch_envelope_find(job->fields, lack->path).ptr == NULL)
			return true;
	}
	return false;
}

/*
 * Ask ahead for a listed job, if it will be given, and completed before; false
 * where none more can be in flight.
 */
static bool
ask_if_lacking(BatchSource *s, BatchSlice text)
{
	BatchJob   *job = batch_job_open(s->o, s->envelope, text, NULL);

	if (job->id == NULL || !batch_job_is_id(s->o, job->id) ||
		!lacks_wanted(s, job) || was_given(s, job->id))
		return true;
	return batch_job_ahead_ask(s->ahead, job->id);
}

/*
 * Ask ahead for the current job, which lacks something, and for those of the
 * rest of its page that do.
 */
static void
ask_lacking(BatchSource *s)
{
	BatchArray rest;
	BatchSlice	text;
	bool		room = batch_job_ahead_ask(s->ahead, s->job->id);
	MemoryContext old;

	if (s->peeked_page != s->api->stats->pages)
	{
		s->peeked_page = s->api->stats->pages;
		s->peek = batch_listing_rest(s->listing);
	}
	old = MemoryContextSwitchTo(s->peek_cxt);
	rest = s->peek;
	while (room && batch_array_next(&rest, &text))
	{
		CHECK_FOR_INTERRUPTS();
		room = ask_if_lacking(s, text);
		if (room)
			s->peek = rest;
		MemoryContextReset(s->peek_cxt);
	}
	MemoryContextSwitchTo(old);
}

/* Go to the next job; false after the last. */
static bool
next_job(BatchSource *s)
{
	MemoryContext old;
	bool		found;

	s->job = NULL;
	memset(s->place, 0, sizeof(*s->place));
	MemoryContextReset(s->job_cxt);
	old = MemoryContextSwitchTo(s->job_cxt);
	found = s->request->by_id ? next_by_id(s) : next_listed(s);
	if (found && !s->request->by_id && lacks_wanted(s, s->job))
	{
		if (s->job->id != NULL && s->o->job_url != NULL)
			ask_lacking(s);
		complete_job(s);
	}
	if (found)
	{
		s->place->record = s->job->text;
		s->place->job_id = s->job->id;
		s->place->state = s->job->state;
	}
	MemoryContextSwitchTo(old);
	return found;
}

/* Tell whether the current job names results or holds them. */
static bool
names_results(BatchSource *s)
{
	return batch_job_urls(s->o, s->job) != NIL ||
		batch_job_inline(s->o, s->job).ptr != NULL;
}

/*
 * Tell whether the current job has results to read; raise as it says.
 *
 * A completed job that names none is an error, raised when they are opened;
 * one that is expired or canceled may have none.
 */
static bool
has_results(BatchSource *s)
{
	if (s->request->by_id && s->o->on_incomplete == BATCH_INCOMPLETE_WAIT)
		s->job = batch_job_wait_until_settled(s->api, s->envelope, s->job, s->o->wait_timeout);
	if (s->request->by_id && !batch_job_is_ready(s->o, s->job))
		return false;
	if (!batch_states_is_result(s->o, s->job->state) || s->job->count == 0)
		return false;
	if (!s->request->by_id && !names_results(s))
	{
		complete_job(s);
		if (!batch_states_is_result(s->o, s->job->state) || s->job->count == 0)
			return false;
	}
	return strcmp(s->job->state, "completed") == 0 || names_results(s);
}

/* Open the results of the next job that has any; false after the last. */
static bool
open_results(BatchSource *s)
{
	MemoryContext old;
	bool		found;

	if (s->o->url != NULL)
	{
		found = !s->url_read;
		s->url_read = true;
		memset(s->place, 0, sizeof(*s->place));
	}
	else
	{
		do
		{
			if (!next_job(s))
				return false;
			old = MemoryContextSwitchTo(s->job_cxt);
			found = has_results(s);
			s->api->stats->skipped += !found;
			MemoryContextSwitchTo(old);
		} while (!found);
	}
	if (!found)
		return false;
	old = MemoryContextSwitchTo(s->job_cxt);
	s->results = batch_results_open(s->api, s->spool, s->claims, s->envelope, s->job);
	MemoryContextSwitchTo(old);
	return true;
}

/*
 * Hold the records that were read against the count that the job tells, once
 * all of its parts were.
 */
static void
check_count(BatchSource *s)
{
	int64		records = s->claims->records;

	if (!s->claims->last || s->job == NULL || s->job->count < 0 ||
		s->job->count == records || s->o->check_count == BATCH_CHECK_OFF)
		return;
	s->place->part = 0;
	s->place->line = 0;
	ereport(s->o->check_count == BATCH_CHECK_ERROR ? ERROR : WARNING,
			(errcode(s->o->check_count == BATCH_CHECK_ERROR ?
					 ERRCODE_DATA_CORRUPTED : ERRCODE_WARNING),
			 s->job->id == NULL ?
			 errmsg("a job tells of " INT64_FORMAT " results, but " INT64_FORMAT " were read",
					s->job->count, records) :
			 errmsg("job \"%s\" tells of " INT64_FORMAT " results, but " INT64_FORMAT " were read",
					batch_text_show(s->job->id), s->job->count, records)));
}

/* Ask for the first job with results, so that its parts are known. */
void
batch_source_prepare(BatchSource *s)
{
	if (!s->request->nothing && s->results == NULL)
		(void) open_results(s);
}

/* Go to the next record; false after the last. */
static bool
next_record(BatchSource *s)
{
	if (s->o->resource == BATCH_JOBS)
		return next_job(s);
	for (;;)
	{
		if (s->results == NULL && !open_results(s))
			return false;
		if (batch_results_next(s->results, s->place))
			return true;
		s->results = NULL;
		check_count(s);
		if (s->request->one_job)
			return false;
	}
}

/* Release all that a source holds: there are no more records. */
void
batch_source_close(BatchSource *s)
{
	if (s->closed)
		return;
	s->closed = true;
	s->count = batch_source_count(s);
	s->job = NULL;
	memset(s->place, 0, sizeof(*s->place));
	MemoryContextReset(s->cxt);
}

/*
 * Go to the next record, and to its place; false after the last, when the
 * source is closed.
 *
 * The record stays valid until the next call.
 */
bool
batch_source_next(BatchSource *s)
{
	if (s->closed)
		return false;
	if (s->request->nothing || !next_record(s))
	{
		batch_source_close(s);
		return false;
	}
	s->api->stats->records++;
	return true;
}

/* Tell how many results the current job tells of; -1 where it does not. */
int64
batch_source_count(const BatchSource *s)
{
	return s->o->resource == BATCH_RESULTS && s->job ? s->job->count : s->count;
}
