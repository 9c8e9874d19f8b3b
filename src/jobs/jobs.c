/*
 * jobs.c
 *	  What is asked for --> jobs, one after the other.
 *
 *	  ids, or the listings --> job --> [ the whole job ]
 *
 * Jobs are asked for ahead of their turn: those that are named by id, and of a
 * listing those that lack something there that is wanted.
 */
#include "jobs/jobs.h"

#include "miscadmin.h"
#include "utils/memutils.h"

struct BatchJobs
{
	const BatchApi *api;
	const BatchOptions *o;		/* of it */
	const BatchQuery *query;
	BatchEnvelope *envelope;	/* of a job */
	BatchStrmap *answered;		/* jobs by id, from one rescan to the next; or NULL */
	BatchPlace *place;			/* of the current job, or of what is asked for */
	MemoryContext cxt;
	MemoryContext job_cxt;		/* of the current job; the caller's too */
	BatchJobAhead *ahead;		/* jobs in flight */
	int			next_id;
	int			asked_ids;		/* those before it were asked for */
	int			next_listing;
	BatchListing *listing;		/* the current one */
	int64		peeked_page;	/* of the listing, that peek is of; 0: none */
	BatchArray	peek;			/* its jobs whose lacks were not looked at */
	MemoryContext peek_cxt;		/* of one of them */
	BatchStrmap *seen;			/* ids given by several listings; NULL: there is one */
	bool		told_gone;		/* a listed job that is unknown was warned of */
};

/*
 * Tell how many jobs may be in flight together: no more than rows are wanted,
 * and one at a time where the results of each are read before the next.
 */
static int
count_flights(const BatchJobs *j)
{
	int			most = j->o->max_connections;

	if (j->o->resource == BATCH_RESULTS)
		return 1;
	if (j->query->limit > 0 && j->query->limit < most)
		most = j->query->limit;
	return most;
}

/*
 * Open the sequence of jobs of a query, each of which is made in job_cxt, reset
 * before; asks for nothing yet.  Belongs to the current context, in which all
 * that is given must live.
 */
BatchJobs *
batch_jobs_open(const BatchApi *api, BatchEnvelope *envelope, const BatchQuery *query,
				BatchStrmap *answered, MemoryContext job_cxt, BatchPlace *place)
{
	BatchJobs  *j = palloc0(sizeof(BatchJobs));

	j->api = api;
	j->o = api->options;
	j->query = query;
	j->envelope = envelope;
	j->answered = answered;
	j->place = place;
	j->cxt = CurrentMemoryContext;
	j->job_cxt = job_cxt;
	j->peek_cxt = AllocSetContextCreate(j->cxt, "batch_fdw peek", ALLOCSET_SMALL_SIZES);
	j->ahead = batch_job_ahead_open(api, envelope, count_flights(j));
	if (list_length(query->words) > 1)
		j->seen = batch_strmap_open();
	return j;
}

/* Get a job by its id: as it was answered before, or by asking; or NULL. */
static BatchJob *
get_job(BatchJobs *j, const char *id)
{
	BatchSlice	text = {NULL, 0};
	BatchJob   *job;

	if (j->answered != NULL && batch_strmap_find(j->answered, id, &text))
		return text.ptr ? batch_job_open(j->o, j->envelope, text, id) : NULL;
	job = batch_job_ahead_next(j->ahead, id);
	if (job != NULL)
		text = job->text;
	if (j->answered != NULL && !(job && job->unready) &&
		batch_strmap_size(j->answered) + text.len < work_mem * (Size) 1024)
		batch_strmap_put(j->answered, id, text);
	return job;
}

/* Ask ahead for the jobs that are next, as many as may be in flight. */
static void
ask_next(BatchJobs *j)
{
	List	   *ids = j->query->ids;
	BatchSlice	text;

	for (; j->asked_ids < list_length(ids); j->asked_ids++)
	{
		const char *id = list_nth(ids, j->asked_ids);

		if (j->answered != NULL && batch_strmap_find(j->answered, id, &text))
			continue;
		if (!batch_job_ahead_ask(j->ahead, id))
			return;
	}
}

/* Fetch the next job that was asked for by id; NULL after the last. */
static BatchJob *
next_by_id(BatchJobs *j)
{
	while (j->next_id < list_length(j->query->ids))
	{
		const char *id = list_nth(j->query->ids, j->next_id);
		BatchJob   *job;

		j->place->job_id = id;
		ask_next(j);
		j->next_id++;
		job = get_job(j, id);
		if (job != NULL)
			return job;
		if (j->o->resource == BATCH_RESULTS && j->o->on_incomplete == BATCH_INCOMPLETE_WAIT)
			return batch_job_unknown(j->o, j->envelope, id);
		if (j->o->resource == BATCH_RESULTS)
			batch_job_refuse_missing(id);
	}
	return NULL;
}

/* Open the next of the listings to ask for; false after the last. */
static bool
open_listing(BatchJobs *j)
{
	const BatchFilter *filter = j->query->filter;
	List	   *words = j->query->words;
	MemoryContext old;

	if (j->next_listing >= (filter ? list_length(words) : 1))
		return false;
	old = MemoryContextSwitchTo(j->cxt);
	j->listing = batch_listing_open(j->api, filter,
									filter ? list_nth(words, j->next_listing) : NULL,
									j->query->limit);
	j->next_listing++;
	j->peeked_page = 0;
	MemoryContextSwitchTo(old);
	return true;
}

/* Tell whether a job was given before, by its listing or by another one. */
static bool
was_given(BatchJobs *j, const char *id)
{
	BatchSlice	none;

	return batch_listing_has(j->listing, id) ||
		(j->seen != NULL && batch_strmap_find(j->seen, id, &none));
}

/* Remember that a job is given, unless it has no id; false where it was before. */
static bool
add_given(BatchJobs *j, const BatchJob *job)
{
	bool		added = batch_listing_add(j->listing, job->id, job->text);

	if (job->id != NULL && j->seen != NULL && !batch_strmap_add(j->seen, job->id))
		added = false;
	return added;
}

/*
 * Take the next job of the listings, in job_cxt; NULL after the last.  Of one
 * that was given before nothing is kept.
 */
static BatchJob *
next_listed(BatchJobs *j)
{
	BatchSlice	text;

	for (;;)
	{
		BatchJob   *job;

		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(j->job_cxt);
		j->place->job_id = NULL;
		if (j->listing == NULL && !open_listing(j))
			return NULL;
		if (!batch_listing_next(j->listing, &text))
		{
			batch_listing_close(j->listing);
			j->listing = NULL;
			continue;
		}
		job = batch_job_open(j->o, j->envelope, text, NULL);
		if (add_given(j, job))
			return job;
		j->api->stats->skipped++;
	}
}

/*
 * Fetch a listed job by its id, into the current context; NULL where the API does
 * not know it.  One that cannot be asked for stays as it was listed.
 */
BatchJob *
batch_jobs_complete(BatchJobs *j, BatchJob *job)
{
	j->place->job_id = job->id;
	if (j->o->job_url == NULL)
		return job;
	if (job->id == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
				 errmsg("a listed job has no id by which the rest of it can be asked for"),
				 errhint("Check id_path and items_path of the server.")));
	return batch_job_ahead_next(j->ahead, job->id);
}

/* Tell whether a listed job lacks something that is wanted. */
static bool
lacks_wanted(const BatchJobs *j, const BatchJob *job)
{
	ListCell   *lc;

	foreach(lc, j->query->lacks)
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
ask_if_lacking(BatchJobs *j, BatchSlice text)
{
	BatchJob   *job = batch_job_open(j->o, j->envelope, text, NULL);

	if (job->id == NULL || !batch_job_is_id(j->o, job->id) ||
		!lacks_wanted(j, job) || was_given(j, job->id))
		return true;
	return batch_job_ahead_ask(j->ahead, job->id);
}

/*
 * Ask ahead for a job, which lacks something, and for those of the
 * rest of its page that do.
 */
static void
ask_lacking(BatchJobs *j, const BatchJob *job)
{
	BatchArray	rest;
	BatchSlice	text;
	bool		room = batch_job_ahead_ask(j->ahead, job->id);
	MemoryContext old;

	if (j->peeked_page != batch_listing_page(j->listing))
	{
		j->peeked_page = batch_listing_page(j->listing);
		j->peek = batch_listing_rest(j->listing);
	}
	old = MemoryContextSwitchTo(j->peek_cxt);
	rest = j->peek;
	while (room && batch_array_next(&rest, &text))
	{
		CHECK_FOR_INTERRUPTS();
		room = ask_if_lacking(j, text);
		if (room)
			j->peek = rest;
		MemoryContextReset(j->peek_cxt);
	}
	MemoryContextSwitchTo(old);
}

/* Warn, once, of a listed job that stays as it was listed, as its id is unknown. */
static void
tell_gone(BatchJobs *j, const BatchJob *job)
{
	if (!j->told_gone)
		ereport(WARNING,
				(errcode(ERRCODE_WARNING),
				 errmsg("job \"%s\" is listed, but unknown by its id", batch_redact_text(job->id, NULL)),
				 errhint("It may be deleted meanwhile; else check job_url of the server.")));
	j->told_gone = true;
}

/*
 * Go to the next job, which is made in job_cxt, and tell its place; NULL after
 * the last.
 */
BatchJob *
batch_jobs_next(BatchJobs *j)
{
	MemoryContext old;
	BatchJob   *job,
			   *whole;

	memset(j->place, 0, sizeof(*j->place));
	MemoryContextReset(j->job_cxt);
	old = MemoryContextSwitchTo(j->job_cxt);
	job = j->query->by_id ? next_by_id(j) : next_listed(j);
	if (job != NULL && !j->query->by_id && lacks_wanted(j, job))
	{
		if (job->id != NULL && j->o->job_url != NULL)
			ask_lacking(j, job);
		whole = batch_jobs_complete(j, job);
		if (whole == NULL)
			tell_gone(j, job);
		else
			job = whole;
	}
	if (job != NULL)
	{
		j->place->record = job->text;
		j->place->job_id = job->id;
		j->place->state = job->state;
	}
	MemoryContextSwitchTo(old);
	return job;
}
