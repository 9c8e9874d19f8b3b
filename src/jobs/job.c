/*
 * job.c
 *	  One job, listed or fetched: its id, its status, its count, and whether its
 *	  results can be read.
 */
#include "jobs/jobs.h"

#include "mb/pg_wchar.h"

#define MOST_TOLD	10			/* words that are warned of */

/* Tell whether a text may be the id of a job of this API. */
bool
batch_job_is_id(const BatchOptions *o, const char *id)
{
	return batch_ids_is(id, o->job_url && strstr(o->job_url, "{+id}") != NULL);
}

/* Raise 22023 for a text that is not a job's id; nothing is asked for. */
void
batch_job_refuse_id(const char *id)
{
	int			shown = pg_encoding_mbcliplen(PG_UTF8, id, strlen(id), 80);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"%s\" is not a job id",
					batch_redact_text(pnstrdup(id, shown), NULL)),
			 errhint("An id has 1 to %d bytes, and no control characters or segments of dots; one that {+id} inserts is part of a URL as it is.",
					 BATCH_MAX_ID)));
}

/* Name a job in a message. */
char *
batch_job_describe(const BatchJob *job)
{
	return job->id ? psprintf("job \"%s\"", batch_redact_text(job->id, NULL)) : "a job";
}

/* Tell that the API does not know a job: 42704. */
BatchTrouble *
batch_job_missing(const char *id)
{
	BatchTrouble *trouble = palloc0(sizeof(BatchTrouble));

	trouble->sqlstate = ERRCODE_UNDEFINED_OBJECT;
	trouble->message = psprintf("job \"%s\" does not exist", batch_redact_text(id, NULL));
	trouble->hint = "The vendor may have deleted it; if no job is found, check job_url of the server.";
	return trouble;
}

/* Raise that the API does not know a job. */
void
batch_job_refuse_missing(const char *id)
{
	batch_failure_raise(batch_job_missing(id));
}

/* Compile the paths to all that is read of a job; belongs to the current context. */
BatchEnvelope *
batch_job_envelope(const BatchOptions *o)
{
	List	   *paths = list_make5(o->id_path, o->status_path, o->count_path, o->error_path,
								   o->pointer_path);
	ListCell   *lc;

	paths = lappend(lappend(paths, o->inline_path), o->result_more_path);
	paths = lappend(lappend(lappend(paths, o->empty_path), o->gone_path), o->failed_path);
	paths = lappend(lappend(paths, o->pending_path), o->total_count_path);
	paths = list_concat(paths, o->urls_path);
	paths = list_concat(paths, batch_template_fields(o->results_url));
	foreach(lc, o->list_lacks)
		paths = lappend(paths, ((BatchLack *) lfirst(lc))->path);
	return batch_envelope_open(paths);
}

/*
 * Refuse an answer of another job than the one that was asked for; one that has
 * no id stands for it, and one and the same may be spelt in several ways.
 */
static void
check_id(const char *found, const char *asked)
{
	if (found != NULL && !batch_ids_are_same(found, asked))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the API answers with job \"%s\" for job \"%s\"",
						batch_redact_text(pnstrdup(found, pg_encoding_mbcliplen(PG_UTF8, found, strlen(found), 80)), NULL),
						batch_redact_text(asked, NULL)),
				 errhint("Check job_url, job_path and id_path of the server.")));
}

/*
 * Tell the state of a job without a status: by how many of its requests are
 * pending, where the API counts them, else by default.  NULL where that is not
 * told either; of a listed job that may be asked for by its id, where the listing
 * does not have what tells it.
 */
static const char *
find_state(const BatchOptions *o, const BatchJob *job, bool is_final)
{
	int64		pending = -1;
	int64		total = -1;

	if (o->pending_path == NULL)
		return is_final ? o->status_default : NULL;
	(void) batch_scalar_count(batch_envelope_find(job->fields, o->pending_path), &pending);
	(void) batch_scalar_count(batch_envelope_find(job->fields, o->total_count_path), &total);
	if (!is_final && pending < 0 && total < 0)
		return NULL;
	if (o->total_count_path != NULL && total <= 0)
		return "pending";
	return pending < 0 ? NULL : pending > 0 ? "processing" : o->status_default;
}

/* Read what a job says of its status, or what stands for it. */
static void
read_status(const BatchOptions *o, BatchJob *job, bool is_final)
{
	job->status = batch_envelope_text(job->fields, o->status_path);
	job->state = batch_states_map(o, job->status);
	if (job->status != NULL)
		return;
	job->state = find_state(o, job, is_final);
	job->status = job->state ? pstrdup(job->state) : NULL;
}

/* Read what a job says of how many results it has, and whether they are there. */
static void
read_extent(const BatchOptions *o, BatchJob *job)
{
	BatchSlice	gone = batch_envelope_find(job->fields, o->gone_path);
	int64		readable;

	if (!batch_scalar_count(batch_envelope_find(job->fields, o->count_path), &job->count))
		job->count = -1;
	if (!batch_scalar_count(batch_envelope_find(job->fields, o->empty_path), &readable))
		readable = job->count;
	if (!batch_scalar_count(batch_envelope_find(job->fields, o->failed_path), &job->failed))
		job->failed = 0;
	job->empty = job->count == 0 || readable == 0;
	job->gone = gone.ptr != NULL && !batch_scalar_is(gone, false);
	if (job->gone)
		job->state = "expired";
}

/*
 * Open a job on its text, which is valid JSON.
 *
 * The id is the one asked for, or NULL to take it from the job.  Belongs to
 * the current context; the text and the envelope must live as long.
 */
BatchJob *
batch_job_open(const BatchOptions *o, BatchEnvelope *envelope, BatchSlice text,
			   const char *id)
{
	BatchJob   *job = palloc0(sizeof(BatchJob));

	job->text = text;
	job->fields = batch_envelope_read(envelope, text);
	job->id = batch_envelope_text(job->fields, o->id_path);
	job->has_id = job->id != NULL;
	if (id != NULL)
	{
		check_id(job->id, id);
		job->id = pstrdup(id);
	}
	read_status(o, job, id != NULL || o->job_url == NULL);
	read_extent(o, job);
	job->pause = -1;
	return job;
}

/*
 * Open a job that the API says is not ready, on what its answer tells, unless that
 * is of something else; it has the id that was asked for, and is processing.
 */
static BatchJob *
open_unready(const BatchOptions *o, BatchEnvelope *envelope, BatchSlice text, const char *id)
{
	BatchSlice	nothing = {"{}", 2};
	BatchJob   *job;

	job = batch_job_open(o, envelope, text.ptr && *text.ptr == '{' ? text : nothing, NULL);
	if (job->id != NULL && pg_strcasecmp(job->id, id) != 0)
		job = batch_job_open(o, envelope, nothing, NULL);
	job->unready = true;
	job->id = pstrdup(id);
	job->state = "processing";
	job->status = pstrdup(job->state);
	job->gone = false;
	return job;
}

/* Make a job of an id that the API does not know as yet. */
BatchJob *
batch_job_unknown(const BatchOptions *o, BatchEnvelope *envelope, const char *id)
{
	BatchJob   *job = batch_job_open(o, envelope, (BatchSlice) {"{}", 2}, id);

	job->unknown = true;
	return job;
}

/* Begin to ask for one job by its id; belongs to the current context. */
BatchResponse *
batch_job_ask(const BatchApi *api, const char *id)
{
	const BatchOptions *o = api->options;

	if (o->job_url == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				 errmsg("server \"%s\" has no job_url", o->server),
				 errhint("Set job_url, or a provider, with ALTER SERVER.")));
	if (!batch_job_is_id(o, id))
		batch_job_refuse_id(id);
	return batch_response_open(api, batch_request_job_url(o, id), o->not_ready);
}

/*
 * Wait for a job that was asked for; NULL where the API does not know it.
 */
BatchJob *
batch_job_take(const BatchApi *api, BatchEnvelope *envelope, BatchResponse *answer,
			   const char *id)
{
	const BatchOptions *o = api->options;
	BatchFields *fields;
	BatchSlice	text;
	BatchJob   *job;

	fields = batch_response_next(answer, true, batch_envelope_open(list_make1(o->job_path)));
	if (fields == NULL)
		return NULL;
	text = batch_envelope_find(fields, o->job_path);
	if (batch_response_is_unready(answer))
	{
		job = open_unready(o, envelope, text, id);
		job->pause = batch_response_pause(answer);
		return job;
	}
	if (text.ptr == NULL || *text.ptr != '{')
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
				 errmsg("the answer has no job"),
				 errhint("Check job_url and job_path of the server.")));
	job = batch_job_open(o, envelope, text, id);
	job->pause = batch_response_pause(answer);
	job->links = batch_response_links(answer);
	return job;
}

/* Tell whether a job will not change any more. */
bool
batch_job_is_terminal(const BatchJob *job)
{
	static const char *const words[] = {"completed", "failed", "canceled", "expired"};

	for (size_t i = 0; i < lengthof(words); i++)
		if (job->state && strcmp(job->state, words[i]) == 0)
			return true;
	return false;
}

/* Tell that a job's results are not kept any more: 55000. */
BatchTrouble *
batch_job_gone(const BatchJob *job)
{
	BatchTrouble *trouble = palloc0(sizeof(BatchTrouble));

	trouble->sqlstate = ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
	trouble->message = psprintf("%s has no results: it is %s", batch_job_describe(job), job->state);
	trouble->hint = "The API says at gone_path that they are not kept any more.";
	return trouble;
}

/* Tell whether a job is in a state in which its results may be read, and has not lost them. */
bool
batch_job_has_results(const BatchOptions *o, const BatchJob *job)
{
	return batch_states_is_result(o, job->state) && !job->gone;
}

/* Say what to do about jobs that do not say how they are. */
static const char *
mute_hint(const BatchOptions *o)
{
	return o->pending_path ? "Check pending_path, job_path and items_path of the server." :
		o->status_default ? "If the listing has no status, name it in list_lacks of the server." :
		"Check status_path, job_path and items_path of the server.";
}

/* Raise or warn that a job does not say how it is; why is its own words, or NULL. */
static void
refuse_mute(int level, const BatchOptions *o, const BatchJob *job, const char *why)
{
	ereport(level,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("%s does not tell its status", batch_job_describe(job)),
			 why ? errdetail("%s", why) : 0,
			 errhint("%s", mute_hint(o))));
}

/* Raise or warn that a job has ended without results. */
static void
refuse_terminal(int level, const BatchJob *job, const char *status, const char *why)
{
	ereport(level,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("%s has no results: it is %s", batch_job_describe(job), status),
			 why ? errdetail("%s", why) : 0,
			 strcmp(job->state, "completed") == 0 ?
			 errhint("Check result_states of the server.") :
			 strcmp(job->state, job->status) != 0 ?
			 errhint("It is %s by status_map of the server.", job->state) : 0));
}

/* Raise or warn that a job has no results yet. */
static void
refuse_unfinished(int level, const BatchJob *job, const char *status, const char *why)
{
	ereport(level,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("%s is not finished: it is %s", batch_job_describe(job), status),
			 why ? errdetail("%s", why) : 0,
			 !batch_states_has(job->state) ?
			 errhint("No state has this word: map it by status_map of the server, or check status_path.") :
			 errhint("Ask again later, or set the table option on_incomplete to wait.")));
}

/*
 * Warn of a job whose status says nothing: a word that is none of the states, or
 * no status at all.  Each word is told of once, and no more than MOST_TOLD: a
 * path to another field may give as many as there are jobs.
 */
void
batch_job_warn(const BatchOptions *o, const BatchJob *job, BatchStrmap *told)
{
	const char *word = job->status ? job->status : "";

	if ((job->state != NULL && batch_states_has(job->state)) ||
		batch_strmap_count(told) >= MOST_TOLD || !batch_strmap_add(told, word))
		return;
	ereport(WARNING,
			(errcode(ERRCODE_WARNING),
			 job->status == NULL ?
			 errmsg("%s does not tell its status", batch_job_describe(job)) :
			 errmsg("%s has a status that is no state: %s", batch_job_describe(job),
					batch_redact_text(job->status, o->api_key)),
			 job->status == NULL ?
			 errhint("%s", mute_hint(o)) :
			 errhint("Map it to a state by status_map of the server, or check status_path.")));
}

/*
 * Tell whether the results of a job can be read; if not,
 * raise 55000, or warn where on_incomplete is skip.
 */
bool
batch_job_is_ready(const BatchOptions *o, const BatchJob *job)
{
	int			level = o->on_incomplete == BATCH_INCOMPLETE_SKIP ? WARNING : ERROR;
	char	   *why;
	char	   *status;

	if (batch_job_has_results(o, job))
		return true;
	why = batch_envelope_text(job->fields, o->error_path);
	if (why != NULL)
		why = batch_redact_text(why, o->api_key);
	status = job->status ? batch_redact_text(job->status, o->api_key) : NULL;
	if (status == NULL)
		refuse_mute(level, o, job, why);
	else if (batch_job_is_terminal(job))
		refuse_terminal(level, job, status, why);
	else
		refuse_unfinished(level, job, status, why);
	return false;
}
