/*
 * check.c
 *	  A server --> what its options make of its API, step by step.
 *
 *	  options --> key --> page --> next page --> job --> results --> file
 *
 * Each step asks what a scan would ask, by the same code, once: nothing is tried
 * again.  What it raises is a finding, so that it runs in a subtransaction, as a
 * block of PL/pgSQL with an EXCEPTION clause does: no other way lets go of what
 * PostgreSQL's own functions held when they raised.  What the steps themselves
 * hold, connections above all, belongs to the memory context of the whole, and
 * is let go of when that is deleted.
 */
#include "jobs/check.h"

#include "compat.h"

#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* Tell the URL of the current step as anyone may see it, and the status of its answer. */
static void
fill_answer(const BatchCheckup *c, BatchFinding *finding)
{
	BatchSlice	text;
	const BatchResponse *answer = c->answer;
	const char *url = NULL;
	BatchUrl	parts;

	if (answer == NULL && c->listing != NULL)
		answer = batch_listing_answer(c->listing, &text);
	if (answer != NULL)
		url = batch_response_url(answer, &finding->status);
	if (c->download != NULL)
		url = batch_download_url(c->download, &finding->status);
	if (url == NULL || batch_http_parse_url(url, &parts) != NULL)
		return;
	finding->url = batch_check_show(c, parts.display);
	/* The first page's query is of options alone; any other may hold a secret of the vendor's. */
	if (strchr(url, '?') != NULL)
		finding->url = psprintf("%s?%s", finding->url,
								c->listing != NULL && batch_listing_page(c->listing) <= 1 ?
								batch_check_show(c, strchr(url, '?') + 1) : "[redacted]");
}

/* Add a finding of the current step. */
static BatchFinding *
add_finding(BatchCheckup *c, char *found, char *hint)
{
	BatchFinding *finding = palloc0(sizeof(BatchFinding));

	finding->step = c->step;
	finding->found = found;
	finding->hint = hint;
	fill_answer(c, finding);
	c->findings = lappend(c->findings, finding);
	return finding;
}

/* Tell of what is as it should be. */
void
batch_check_say(BatchCheckup *c, char *found, char *hint)
{
	add_finding(c, found, hint)->verdict = BATCH_FOUND_RIGHT;
}

/* Tell of what is wrong, with what would make it right. */
void
batch_check_blame(BatchCheckup *c, char *found, char *hint)
{
	add_finding(c, found, hint)->verdict = BATCH_FOUND_WRONG;
}

/* Tell of what could not be looked at. */
void
batch_check_pass(BatchCheckup *c, char *found, char *hint)
{
	add_finding(c, found, hint)->verdict = BATCH_FOUND_NOTHING;
}

/* Make a text of the API's fit to be shown, without the key. */
char *
batch_check_show(const BatchCheckup *c, const char *text)
{
	return batch_redact_text(text, c->o->api_key);
}

/* Write a hint, with what the first job has where its option may be meant to lead. */
char *
batch_check_hint(const BatchCheckup *c, const char *option, BatchSlice text, BatchSought sought)
{
	char	   *found = batch_check_find(text, sought);

	return found ? psprintf("Set %s; there is %s.", option, batch_check_show(c, found)) :
		psprintf("Check %s.", option);
}

/* Find fault with a job that does not tell its status. */
void
batch_check_mute(BatchCheckup *c, char *found, BatchSlice job)
{
	batch_check_blame(c, found, c->o->pending_path ?
					  batch_check_hint(c, "pending_path", job, BATCH_SOUGHT_NUMBERS) :
					  psprintf("%s If the API tells none, set status_default.",
							   batch_check_hint(c, "status_path", job, BATCH_SOUGHT_SCALARS)));
}

/* Tell whether a job with results has something else than a number, or null, at count_path. */
bool
batch_check_lacks_count(const BatchCheckup *c, const BatchJob *job)
{
	const BatchPath *path = c->o->count_path;

	return path != NULL && job->count < 0 && batch_states_is_result(c->o, job->state) &&
		(!batch_envelope_has(job->fields, path) || batch_envelope_find(job->fields, path).ptr != NULL);
}

/* Count something. */
char *
batch_check_plural(int64 n, const char *one, const char *many)
{
	return psprintf(INT64_FORMAT " %s", n, n == 1 ? one : many);
}

/* ---- The options ---- */

/* Hold a server's options against each other. */
static void
check_options(void *checkup, Node *escontext)
{
	BatchCheckup *c = checkup;
	const BatchOptions *o = c->o;
	static const char *const styles[] = {"in one page", "by cursor", "by page", "by offset", "by URL"};
	ListCell   *lc;

	(void) escontext;
	batch_check_say(c, psprintf("%s, %s, %s",
								o->list_url ? psprintf("a listing %s", styles[o->page_style]) : "no listing",
								o->job_url ? "jobs by id" : "no jobs by id",
								o->urls_path || o->results_url ? "results by URL" :
								o->inline_path ? "results inside of jobs" : "no results"), NULL);
	foreach(lc, batch_validate_review(c->list, o))
	{
		BatchComplaint *complaint = lfirst(lc);

		batch_check_blame(c, complaint->what, complaint->hint);
	}
	if (o->list_url == NULL && o->job_url == NULL)
		batch_check_blame(c, "there is nothing to ask for", "Set list_url and job_url.");
	if (o->list_url != NULL && o->job_url == NULL)
		batch_check_say(c, "no job can be asked for by its id, and no URL be renewed",
						"Set job_url if the API has a single job.");
	if (o->urls_path == NIL && o->results_url == NULL && o->inline_path == NULL)
		batch_check_blame(c, "no option says where a job's results are",
						  "Set urls_path, results_url or inline_path.");
	if (o->page_size > 0 && o->page_size_param == NULL && o->page_style != BATCH_PAGES_OFFSET)
		batch_check_blame(c, "option \"page_size\" has no effect without page_size_param", NULL);
	if (o->list_lacks != NIL && o->job_url == NULL)
		batch_check_blame(c, "option \"list_lacks\" has no effect without job_url", NULL);
}

/* Load the key, and open what the API is asked with. */
static void
check_key(void *checkup, Node *escontext)
{
	BatchCheckup *c = checkup;
	BatchOptions *o = c->o;
	BatchUrl	base;

	(void) escontext;
	batch_mapping_load(o, GetUserId());
	c->envelope = batch_job_envelope(o);
	c->api = batch_api_open(o, &c->stats, &c->pace);
	(void) batch_http_parse_url(o->base_url, &base);
	if (o->api_key == NULL)
		batch_check_say(c, "no key is sent", "If the API wants one, set auth_header or auth_param.");
	else
		batch_check_say(c, psprintf("a key is sent to %s://%s:%d, in the %s %s%s", base.scheme,
									batch_check_show(c, base.host), base.port,
									o->auth_param ? "query parameter" : "header",
									o->auth_param ? o->auth_param : o->auth_header,
									o->auth_hosts == NIL || o->auth_param ? "" : "; with requests for results also to auth_hosts"), NULL);
}

/* ---- The steps ---- */

/* Tell whether an error is not of the API's making. */
static bool
is_own(int sqlstate)
{
	return ERRCODE_TO_CATEGORY(sqlstate) == ERRCODE_OPERATOR_INTERVENTION ||
		sqlstate == ERRCODE_INTERNAL_ERROR || sqlstate == ERRCODE_OUT_OF_MEMORY;
}

/* Say what to do about an error that does not say it itself; NULL: nothing. */
static char *
find_hint(const BatchCheckup *c, const ErrorData *error)
{
	if (error->hint != NULL || c->urls == NIL || ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_DATA_EXCEPTION)
		return error->hint;
	return c->download != NULL ? "Check result_format and rows_path." : "Check hop_path, and urls_path.";
}

/* Run a step; false where it raised, which is a finding then. */
static bool
run_step(BatchCheckup *c, const char *step, void (*function) (void *arg, Node *escontext))
{
	ErrorData  *error;

	c->step = step;
	error = batch_compat_catch(function, c);
	if (error == NULL)
		return true;
	if (is_own(error->sqlerrcode))
		ReThrowError(error);
	batch_check_blame(c, error->detail ? psprintf("%s (%s)", error->message, error->detail) : error->message,
					  find_hint(c, error));
	return false;
}

/* Look at the listing, and choose one of its jobs unless one is named. */
static void
check_listing(BatchCheckup *c)
{
	if (c->o->list_url == NULL)
	{
		c->step = "listing";
		batch_check_pass(c, "there is no listing",
						 c->id ? NULL : "Name a job: batch_fdw_check(server, job_id).");
		return;
	}
	if (!run_step(c, "listing", batch_check_first_page))
		batch_check_arrays(c);
	else if (batch_listing_has_more(c->listing))
		(void) run_step(c, "next page", batch_check_next_page);
	c->listing = NULL;
}

/* Look at a job and its results. */
static void
check_results(BatchCheckup *c)
{
	bool		has_job;

	if (c->id == NULL)
		return;
	has_job = run_step(c, "job", batch_check_job) && c->job != NULL;
	c->answer = NULL;
	if (!has_job || !run_step(c, "results", batch_check_results) || c->urls == NIL)
		return;
	(void) run_step(c, "file", batch_check_file);
}

/*
 * Check the options of a server against its API, by the listing and by a job,
 * which is one that is listed where none is named; its id is a text of the
 * database.  Gives what is found, as BatchFinding, and belongs to the current
 * context, which holds connections until it is deleted.
 */
List *
batch_check_server(Oid serverid, const char *job_id)
{
	BatchCheckup *c = palloc0(sizeof(BatchCheckup));

	c->o = batch_options_load_server(serverid);
	c->o->resource = BATCH_RESULTS;
	c->o->max_retries = 0;
	c->o->retry_timeout = 0;
	c->o->on_incomplete = BATCH_INCOMPLETE_ERROR;
	c->list = GetForeignServer(serverid)->options;
	c->ids = batch_strmap_open();
	if (job_id != NULL)
	{
		c->id = batch_text_leave(job_id);
		if (c->id == NULL)
			batch_job_refuse_id(job_id);
		c->is_named = true;
	}
	(void) run_step(c, "options", check_options);
	if (!run_step(c, "key", check_key))
		return c->findings;
	check_listing(c);
	check_results(c);
	return c->findings;
}
