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
	BatchPasser passer;			/* pass is NULL: there is none */
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
				  const BatchReuse *reuse, const BatchPasser *passer, BatchStats *stats,
				  BatchPlace *place)
{
	BatchSource *s = palloc0(sizeof(BatchSource));
	MemoryContext old;

	s->o = o;
	s->query = query;
	s->told = reuse->told;
	s->passer = *passer;
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
	return batch_named_urls(s->o, s->job, NULL) != NIL ||
		batch_named_inline(s->o, s->job).ptr != NULL;
}

/*
 * Tell whether a listed job lacks what its results take: where they are inside of
 * it, in pages, its own answer is the first one.
 */
static bool
lacks_results(BatchSource *s)
{
	if (s->o->result_page_style != BATCH_PAGES_NONE && batch_named_urls(s->o, s->job, NULL) == NIL)
		return true;
	return !names_results(s);
}

/*
 * Pass over the current job, which has nothing to give, with a warning; or raise,
 * unless on_incomplete is skip.  A table's url is of no job.
 */
static void
pass_over(BatchSource *s, const BatchTrouble *trouble)
{
	if (s->job == NULL || s->o->on_incomplete != BATCH_INCOMPLETE_SKIP)
		batch_failure_raise(trouble);
	s->place->part = 0;
	s->place->line = 0;
	ereport(WARNING,
			(errcode(trouble->sqlstate),
			 errmsg("%s is passed over", batch_job_describe(s->job)),
			 trouble->detail ? errdetail_internal("%s\n%s", trouble->message, trouble->detail) :
			 errdetail_internal("%s", trouble->message),
			 trouble->hint ? errhint("%s", trouble->hint) : 0));
	if (s->passer.pass != NULL)
		s->passer.pass(s->passer.arg, s->place, trouble);
}

/* Tell of requests of the current job that failed, and are not among its results. */
static void
tell_failed(BatchSource *s)
{
	bool		strict = s->o->check_count == BATCH_CHECK_ERROR;

	if (s->job->failed == 0 || s->o->check_count == BATCH_CHECK_OFF)
		return;
	ereport(strict ? ERROR : WARNING,
			(errcode(strict ? ERRCODE_DATA_CORRUPTED : ERRCODE_WARNING),
			 errmsg("%s has %s, which %s not among its results", batch_job_describe(s->job),
					s->job->failed == 1 ? "1 failed request" :
					psprintf(INT64_FORMAT " failed requests", s->job->failed),
					s->job->failed == 1 ? "is" : "are"),
			 errhint("What failed is in another file: name that one in results_url too.")));
}

/*
 * Complete the current job, which was listed without what its results take; false
 * where there is no such job any more, which is passed over.
 */
static bool
complete(BatchSource *s)
{
	BatchJob   *whole = batch_jobs_complete(s->jobs, s->job);

	if (whole == NULL)
		pass_over(s, batch_job_missing(s->job->id));
	else
		s->job = whole;
	return whole != NULL;
}

/* Append where nothing is, with the option that says so. */
static void
add_place(StringInfo text, const char *option, const char *place)
{
	appendStringInfo(text, "%s%s (%s)", text->len ? ", " : "", batch_text_show(place), option);
}

/* Say where a job's results were looked for, in a sentence; NULL: nowhere. */
static char *
write_places(const BatchOptions *o, const BatchJob *job)
{
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	if (o->pointer_path && !batch_scalar_is(batch_envelope_find(job->fields, o->pointer_path), true))
		add_place(&text, "pointer_path", batch_jsonpath_write(o->pointer_path));
	else
	{
		foreach(lc, o->urls_path)
			add_place(&text, "urls_path", batch_jsonpath_write(lfirst(lc)));
		foreach(lc, batch_template_fields(o->results_url))
			if (batch_envelope_text(job->fields, lfirst(lc)) == NULL)
				add_place(&text, "results_url", batch_jsonpath_write(lfirst(lc)));
	}
	if (o->inline_path)
		add_place(&text, "inline_path", batch_jsonpath_write(o->inline_path));
	return text.len > 0 ? psprintf("Nothing is at %s.", text.data) : NULL;
}

/* Tell whether a job whose results may be read names any, as one that is completed must. */
static bool
check_names(BatchSource *s)
{
	BatchTrouble trouble = {
		.sqlstate = ERRCODE_UNDEFINED_FILE,
		.hint = "Check urls_path, results_url or inline_path of the server."
	};

	if (names_results(s))
		return true;
	if (strcmp(s->job->state, "completed") != 0)
		return false;
	trouble.detail = write_places(s->o, s->job);
	if (trouble.detail == NULL)
		trouble.hint = "Set urls_path, results_url or inline_path of the server.";
	trouble.message = psprintf("%s is %s but names no results", batch_job_describe(s->job),
							   batch_redact_text(s->job->status, s->o->api_key));
	pass_over(s, &trouble);
	return false;
}

/*
 * Tell whether the current job has results to read; raise as it says.
 *
 * A listed job without a status is asked for, and has to tell it then.  A
 * completed job that names none is an error; one that is expired or canceled may
 * have none.
 */
static bool
has_results(BatchSource *s)
{
	if (s->query->by_id && s->o->on_incomplete == BATCH_INCOMPLETE_WAIT)
		s->job = batch_job_wait_until_settled(s->api, s->envelope, s->job, s->told,
											  s->o->wait_timeout);
	if (!s->query->by_id && s->job->state == NULL && s->job->id != NULL && !complete(s))
		return false;
	if (s->query->by_id && s->job->gone)
	{
		pass_over(s, batch_job_gone(s->job));
		return false;
	}
	if ((s->query->by_id || s->job->state == NULL) && !batch_job_is_ready(s->o, s->job))
		return false;
	batch_job_warn(s->o, s->job, s->told);
	if (!batch_job_has_results(s->o, s->job))
		return false;
	if (!s->job->empty && !s->query->by_id && lacks_results(s) &&
		(!complete(s) || !batch_job_has_results(s->o, s->job)))
		return false;
	if (s->job->empty)
		tell_failed(s);
	return !s->job->empty && check_names(s);
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

	if (!s->claims->last || s->job == NULL)
		return;
	s->place->part = 0;
	s->place->line = 0;
	tell_failed(s);
	if (s->job->count < 0 ||
		s->job->count == records || s->o->check_count == BATCH_CHECK_OFF)
		return;
	ereport(s->o->check_count == BATCH_CHECK_ERROR ? ERROR : WARNING,
			(errcode(s->o->check_count == BATCH_CHECK_ERROR ?
					 ERRCODE_DATA_CORRUPTED : ERRCODE_WARNING),
			 s->job->id == NULL ?
			 errmsg("a job tells of " INT64_FORMAT " results, but " INT64_FORMAT " were read",
					s->job->count, records) :
			 errmsg("job \"%s\" tells of " INT64_FORMAT " results, but " INT64_FORMAT " were read",
					batch_redact_text(s->job->id, NULL), s->job->count, records),
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
	const BatchTrouble *trouble;

	if (s->o->resource == BATCH_JOBS)
		return next_job(s);
	for (;;)
	{
		if (s->results == NULL && !open_results(s))
			return false;
		if (batch_results_next(s->results, s->place))
			return true;
		trouble = batch_results_trouble(s->results);
		s->results = NULL;
		if (trouble != NULL)
			pass_over(s, trouble);
		else
			check_count(s);
		s->api->stats->skipped += trouble != NULL;
		if (s->query->one_job && trouble == NULL)
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
