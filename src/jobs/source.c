/*
 * source.c
 *	  What is asked for --> a sequence of records.
 *
 *	  jobs --> [ results --> ] record
 *
 * A table of jobs gives each job; a table of results gives the records of
 * each job whose results may be read.
 */
#include "jobs/jobs.h"

#include "utils/memutils.h"

struct BatchSource
{
	const BatchOptions *o;
	const BatchQuery *query;
	BatchApi   *api;
	BatchPace  *pace;
	BatchPlace *place;			/* of the current record */
	MemoryContext cxt;
	MemoryContext job_cxt;		/* of the current job and its results */
	BatchEnvelope *envelope;	/* of a job; NULL where there is no API */
	BatchJobs  *jobs;			/* likewise */
	BatchStrmap *told;			/* words that were warned of, from one rescan to the next */
	BatchSpool *spool;			/* of single-use results, or NULL */
	BatchClaims *claims;		/* of parts of results */
	BatchJob   *job;			/* the current one */
	BatchResults *results;		/* of the current job */
	bool		url_read;
	int64		count;			/* of results, that the last job told of; -1 */
	bool		closed;			/* no more records, and nothing is held */
};

/*
 * Open the sequence of records of a query; asks for nothing yet.
 *
 * Belongs to the current context, in which o, query, stats and place must
 * live; place tells at any time what is being read.
 */
BatchSource *
batch_source_open(const BatchOptions *o, const BatchQuery *query,
				  const BatchReuse *reuse, BatchStats *stats, BatchPlace *place)
{
	BatchSource *s = palloc0(sizeof(BatchSource));
	MemoryContext old;

	s->o = o;
	s->query = query;
	s->told = reuse->told;
	s->spool = reuse->spool;
	s->claims = reuse->claims;
	s->pace = reuse->pace;
	s->place = place;
	s->count = -1;
	s->cxt = AllocSetContextCreate(CurrentMemoryContext, "batch_fdw records",
								   ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(s->cxt);
	s->job_cxt = AllocSetContextCreate(s->cxt, "batch_fdw job",
									   ALLOCSET_DEFAULT_SIZES);
	if (s->told == NULL)
		s->told = batch_strmap_open();
	s->api = batch_api_open(o, stats, s->pace);
	if (s->api->api != NULL)
	{
		s->envelope = batch_job_envelope(o);
		s->jobs = batch_jobs_open(s->api, s->envelope, query, reuse->answered,
								  s->job_cxt, place);
	}
	MemoryContextSwitchTo(old);
	return s;
}

/* Tell whether an answer by id has neither an id nor a status: it may be no job. */
static bool
is_bare(const BatchSource *s)
{
	return s->query->by_id && !s->job->has_id && s->job->status == NULL;
}

/* Go to the next job; false after the last. */
static bool
next_job(BatchSource *s)
{
	s->job = batch_jobs_next(s->jobs);
	if (s->job != NULL && s->o->resource == BATCH_JOBS && (s->query->by_state || is_bare(s)))
		batch_job_warn(s->o, s->job, s->told);
	return s->job != NULL;
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
 * A listed job without a status is asked for, and has to tell it then.  A
 * completed job that names none is an error, raised when they are opened; one
 * that is expired or canceled may have none.
 */
static bool
has_results(BatchSource *s)
{
	if (s->query->by_id && s->o->on_incomplete == BATCH_INCOMPLETE_WAIT)
		s->job = batch_job_wait_until_settled(s->api, s->envelope, s->job, s->told,
											  s->o->wait_timeout);
	if (!s->query->by_id && s->job->state == NULL && s->job->id != NULL)
		s->job = batch_jobs_complete(s->jobs, s->job);
	if ((s->query->by_id || s->job->state == NULL) && !batch_job_is_ready(s->o, s->job))
		return false;
	batch_job_warn(s->o, s->job, s->told);
	if (!batch_states_is_result(s->o, s->job->state) || s->job->count == 0)
		return false;
	if (!s->query->by_id && !names_results(s))
	{
		s->job = batch_jobs_complete(s->jobs, s->job);
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
					batch_text_show(s->job->id), s->job->count, records),
			 errhint("Check count_path of the server, or set check_count of the table.")));
}

/* Ask for the first job with results, so that its parts are known. */
void
batch_source_prepare(BatchSource *s)
{
	if (!s->query->nothing && s->results == NULL)
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
		if (s->query->one_job)
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
	if (s->query->nothing || !next_record(s))
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

/* Tell how often requests were waited for, by this source and those before it. */
int64
batch_source_waits(const BatchSource *s)
{
	return s->pace->waits;
}
