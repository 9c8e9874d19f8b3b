/*
 * job_wait.c
 *	  Pauses; and a job that is not finished --> the same job, once it is.
 *
 * A job is looked at again after pauses that grow from 1 s to 30 s, with
 * jitter, and never before the API wants it.  Each change is told as a NOTICE.
 * That the API does not know it may pass, soon after its creation or while the
 * API's own servers differ: it is a failure that is tried again as others are.
 */
#include "jobs/jobs.h"

#include <math.h>

#include "common/pg_prng.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define FIRST_LOOK	1000.0		/* ms before the second look at a job */
#define LAST_LOOK	24000.0		/* ms, to which this grows */
#define GROWTH		1.5			/* from one look to the next */
#define JITTER		0.25		/* of the pause, on top of it */

/* Sleep until a time of batch_now(), unless interrupted. */
static void
sleep_until(double when, BatchStats *stats)
{
	if (stats->watch != NULL)
	{
		stats->watch->phase = BATCH_PHASE_JOB;
		stats->watch->until = when;
	}
	while (batch_now() < when)
		batch_http_wait(NULL, 0, when, stats);
}

/* Tell whether there is nothing to wait for: the job is finished, or mute. */
static bool
is_settled(const BatchOptions *o, const BatchJob *job)
{
	return !job->unknown &&
		(job->status == NULL || batch_job_is_terminal(job) || batch_job_has_results(o, job));
}

/* Say how far a job is. */
static char *
describe(const BatchOptions *o, const BatchJob *job)
{
	char	   *status;

	if (job->unknown)
		return pstrdup("unknown to the API");
	status = batch_redact_text(job->status, o->api_key);
	if (job->count <= 0 || is_settled(o, job))
		return status;
	return psprintf("%s, results so far: " INT64_FORMAT, status, job->count);
}

/*
 * Tell how far a job is, unless that was told last; return what is told now.  Of
 * a word that is no state there is a warning first: it may be waited for in vain.
 */
static char *
tell_change(const BatchOptions *o, const BatchJob *job, char *told, BatchStrmap *words)
{
	char	   *now = describe(o, job);

	if (!job->unknown)
		batch_job_warn(o, job, words);
	if (told == NULL || strcmp(told, now) != 0)
		ereport(NOTICE,
				(errcode(ERRCODE_SUCCESSFUL_COMPLETION),
				 is_settled(o, job) ? errmsg("job \"%s\" is %s", batch_redact_text(job->id, NULL), now) :
				 errmsg("waiting for job \"%s\": it is %s", batch_redact_text(job->id, NULL), now)));
	if (told != NULL)
		pfree(told);
	return now;
}

/* Raise that a job took longer than may be waited. */
static void
refuse_late(const BatchOptions *o, const BatchJob *job, double timeout)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("job \"%s\" is not finished after %.12g s", batch_redact_text(job->id, NULL),
					timeout / 1000),
			 errdetail("It is %s.", describe(o, job)),
			 errhint("Ask again later, or wait longer.")));
}

/* Ask for a job, which the API may not know as yet. */
static BatchJob *
look(const BatchApi *api, BatchEnvelope *envelope, const char *id)
{
	BatchJob   *job = batch_job_take(api, envelope, batch_job_ask(api, id), id);

	return job ? job : batch_job_unknown(api->options, envelope, id);
}

/*
 * Ask for a job until it is finished, for some milliseconds at most.
 *
 * Gives the job as it is then, which belongs to the current context; it may
 * have failed.  The last look is at the end of the time, unless the API wants
 * to be left alone for longer.
 */
BatchJob *
batch_job_wait_until_settled(const BatchApi *api, BatchEnvelope *envelope, BatchJob *job,
							 BatchStrmap *words, double timeout)
{
	const BatchOptions *o = api->options;
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext, "batch_fdw look",
											  ALLOCSET_DEFAULT_SIZES);
	const char *id = pstrdup(job->id);
	double		deadline = batch_now() + timeout;
	double		grown = FIRST_LOOK;
	char	   *told = NULL;
	int			misses = 0;

	while (!is_settled(o, job))
	{
		double		now = batch_now();
		double		pause = grown * (1 + JITTER * pg_prng_double(&pg_global_prng_state));
		MemoryContext old;

		misses = job->unknown ? misses + 1 : 0;
		if (job->unknown && (misses > o->max_retries || now >= deadline))
			batch_job_refuse_missing(id);
		told = tell_change(o, job, told, words);
		sleep_until(Min(now + Max(pause, job->pause), deadline), api->stats);
		if (now >= deadline || now + job->pause > deadline)
			refuse_late(o, job, timeout);
		MemoryContextReset(cxt);
		old = MemoryContextSwitchTo(cxt);
		job = look(api, envelope, id);
		MemoryContextSwitchTo(old);
		grown = Min(grown * GROWTH, LAST_LOOK);
	}
	if (told != NULL && job->status != NULL)
		(void) tell_change(o, job, told, words);
	return job;
}

/*
 * Wait for a job of a table's server, with the current user's key; give the
 * state in which it ended, in the current context.  Both are texts of the
 * database.
 */
char *
batch_job_wait_by_id(Oid relid, const char *own_id, double timeout)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext cxt = AllocSetContextCreate(caller, "batch_fdw wait",
											  ALLOCSET_DEFAULT_SIZES);
	BatchStats	stats = {0};
	BatchPace	pace = {0};
	BatchOptions *o;
	BatchEnvelope *envelope;
	BatchApi   *api;
	BatchJob   *job;
	char	   *id;
	char	   *state;

	MemoryContextSwitchTo(cxt);
	o = batch_options_load(relid);
	o->on_incomplete = BATCH_INCOMPLETE_ERROR;
	o->url = NULL;				/* the job's, whatever the table reads */
	id = batch_text_leave(own_id);
	if (id == NULL)
		batch_job_refuse_id(own_id);
	batch_mapping_load(o, GetUserId());
	envelope = batch_job_envelope(o);
	api = batch_api_open(o, &stats, &pace);
	job = look(api, envelope, id);
	job = batch_job_wait_until_settled(api, envelope, job, batch_strmap_open(), timeout);
	if (job->state == NULL)
		(void) batch_job_is_ready(o, job);
	state = batch_text_enter(unconstify(char *, job->state), strlen(job->state), NULL);
	state = MemoryContextStrdup(caller, state);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(cxt);
	return state;
}

/* One of the jobs that are waited for together. */
typedef struct Awaited
{
	char	   *id;
	char	   *told;			/* what was told of it last; NULL: nothing */
	char	   *state;			/* in which it ended; NULL: it has not */
	int			misses;			/* looks in a row at which the API did not know it */
} Awaited;

struct BatchAwait
{
	BatchOptions *o;
	BatchApi   *api;
	BatchStats	stats;
	BatchPace	pace;
	BatchEnvelope *envelope;
	BatchStrmap *words;			/* that were warned of */
	List	   *jobs;			/* of Awaited */
	MemoryContext cxt;
	MemoryContext look_cxt;		/* of one look */
	double		timeout;
	double		deadline;
	double		grown;			/* the pause before the next look */
	double		least;			/* how long the API wants to be left alone; or -1 */
	BatchJob   *late;			/* the first job that is not finished */
};

/* List the jobs of some ids, texts of the database, each once. */
static List *
list_awaited(List *own_ids)
{
	BatchStrmap *seen = batch_strmap_open();
	List	   *jobs = NIL;
	ListCell   *lc;

	foreach(lc, own_ids)
	{
		Awaited    *job = palloc0(sizeof(Awaited));

		job->id = batch_text_leave(lfirst(lc));
		if (job->id == NULL)
			batch_job_refuse_id(lfirst(lc));
		if (batch_strmap_add(seen, job->id))
			jobs = lappend(jobs, job);
	}
	return jobs;
}

/*
 * Begin to wait for jobs of a table's server together, with the current user's
 * key; asks for nothing yet.  Belongs to the current context.
 */
BatchAwait *
batch_job_wait_open(Oid relid, List *own_ids, double timeout)
{
	BatchAwait *w = palloc0(sizeof(BatchAwait));

	w->o = batch_options_load(relid);
	w->o->on_incomplete = BATCH_INCOMPLETE_ERROR;
	w->o->url = NULL;
	w->jobs = list_awaited(own_ids);
	batch_mapping_load(w->o, GetUserId());
	w->api = batch_api_open(w->o, &w->stats, &w->pace);
	w->envelope = batch_job_envelope(w->o);
	w->words = batch_strmap_open();
	w->cxt = CurrentMemoryContext;
	w->look_cxt = AllocSetContextCreate(w->cxt, "batch_fdw look", ALLOCSET_DEFAULT_SIZES);
	w->timeout = timeout;
	w->deadline = batch_now() + timeout;
	w->grown = FIRST_LOOK;
	return w;
}

/* Take what is answered for a job, in the context of the look. */
static void
look_at(BatchAwait *w, BatchJobAhead *ahead, Awaited *awaited)
{
	BatchJob   *job = batch_job_ahead_next(ahead, awaited->id);
	bool		settled;

	awaited->misses = job ? 0 : awaited->misses + 1;
	if (job == NULL && (awaited->misses > w->o->max_retries || batch_now() >= w->deadline))
		batch_job_refuse_missing(awaited->id);
	if (job == NULL)
		job = batch_job_unknown(w->o, w->envelope, awaited->id);
	settled = is_settled(w->o, job);
	if (job->state == NULL && settled)
		(void) batch_job_is_ready(w->o, job);
	MemoryContextSwitchTo(w->cxt);
	if (!settled || awaited->told != NULL)
		awaited->told = tell_change(w->o, job, awaited->told, w->words);
	if (settled)
		awaited->state = batch_text_enter(pstrdup(job->state), strlen(job->state), NULL);
	MemoryContextSwitchTo(w->look_cxt);
	if (settled)
		return;
	w->least = Max(w->least, job->pause);
	if (w->late == NULL)
		w->late = job;
}

/*
 * Look at all jobs that have not ended, several in flight together; true where
 * now all have.
 */
bool
batch_job_wait_look(BatchAwait *w)
{
	MemoryContext old = MemoryContextSwitchTo(w->look_cxt);
	BatchJobAhead *ahead;
	int			asked = 0;

	MemoryContextReset(w->look_cxt);
	ahead = batch_job_ahead_open(w->api, w->envelope, w->o->max_connections);
	w->late = NULL;
	w->least = -1;
	for (int i = 0; i < list_length(w->jobs); i++)
	{
		Awaited    *awaited = list_nth(w->jobs, i);

		for (; asked < list_length(w->jobs); asked++)
		{
			const Awaited *next = list_nth(w->jobs, asked);

			if (next->state == NULL && !batch_job_ahead_ask(ahead, next->id))
				break;
		}
		if (awaited->state == NULL)
			look_at(w, ahead, awaited);
	}
	MemoryContextSwitchTo(old);
	return w->late == NULL;
}

/*
 * Pause until the next look is due; raises 55000 where the last look was at the
 * end of the time, or the API wants to be left alone for longer.
 */
void
batch_job_wait_pause(BatchAwait *w)
{
	double		now = batch_now();
	double		pause = w->grown * (1 + JITTER * pg_prng_double(&pg_global_prng_state));

	sleep_until(Min(now + Max(pause, w->least), w->deadline), &w->stats);
	if (now >= w->deadline || now + w->least > w->deadline)
		refuse_late(w->o, w->late, w->timeout);
	w->grown = Min(w->grown * GROWTH, LAST_LOOK);
}

/* List ids and states by turns, as texts of the database. */
List *
batch_job_wait_list(const BatchAwait *w)
{
	List	   *texts = NIL;
	ListCell   *lc;

	foreach(lc, w->jobs)
	{
		const Awaited *job = lfirst(lc);

		texts = lappend(texts, batch_text_enter(pstrdup(job->id), strlen(job->id), NULL));
		texts = lappend(texts, job->state);
	}
	return texts;
}
