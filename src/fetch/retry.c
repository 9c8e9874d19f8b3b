/*
 * retry.c
 *	  A try of a download that failed --> the time of the next one, or an error.
 *
 * A failure that may pass is tried again after a pause that grows, with full
 * jitter; a 429 holds all requests of the scan.  What has not begun is given up
 * after a number of tries.  A file of which bytes were given is worth waiting
 * for: it is not given up before some time has passed, too.
 */
#include "fetch/download.h"

#include <math.h>

#include "common/pg_prng.h"

#define PROGRESS	65536		/* bytes after which failures are forgotten */
#define FIRST_PAUSE 500.0		/* ms; doubles with every try */
#define MAX_PAUSE	20000.0		/* ms */
#define BUSY_PAUSE	60000.0		/* ms, where the server says that it is busy */

/* Tell when a try that has not begun may. */
double
batch_retry_time(const BatchDownload *d)
{
	return Max(d->begin_at, d->network->pace->not_before);
}

/* Tell whether the download, or what it is for, is a file of which bytes were given. */
static bool
is_in_file(const BatchDownload *d)
{
	return d->network->pace->in_file || (d->locator != NULL && d->given > 0);
}

/* Tell whether there were tries enough. */
static bool
is_spent(const BatchDownload *d)
{
	const BatchNetwork *network = d->network;

	if (d->tries < network->max_retries)
		return false;
	return network->max_retries == 0 || !is_in_file(d) ||
		batch_now() - d->failed_at >= network->retry_timeout;
}

/* Write how often and for how long it was tried, and how far that came; or NULL. */
static char *
tell_tries(const BatchDownload *d, const BatchUrl *parts)
{
	StringInfoData text;
	const char *joint = "";

	if (d->tries == 0 && (d->locator == NULL || d->given == 0))
		return NULL;
	initStringInfo(&text);
	if (d->tries > 0)
	{
		appendStringInfo(&text, "%d tries in %.0f s", d->tries + 1,
						 (batch_now() - d->failed_at) / 1000);
		joint = ", ";
	}
	if (d->locator != NULL && d->given > 0 && d->total >= 0)
		appendStringInfo(&text, "%s" INT64_FORMAT " of " INT64_FORMAT " bytes", joint,
						 d->given, d->total);
	else if (d->locator != NULL && d->given > 0)
		appendStringInfo(&text, "%s" INT64_FORMAT " bytes", joint, d->given);
	return psprintf("host \"%s\": %s", batch_redact_text(parts->host, d->network->secret), text.data);
}

/* Describe how a download failed, in the vendor's words where it has any. */
BatchTrouble *
batch_retry_describe(BatchDownload *d, const BatchFailure *failure, const char *what,
					 BatchSlice words)
{
	BatchTrouble *trouble = palloc0(sizeof(BatchTrouble));
	BatchUrl	parts;
	char	   *detail = NULL;
	const BatchHead *head = batch_http_get_head(d->transfer);

	if (head->done && head->status >= 300)
		detail = batch_failure_describe(words, head->content_type, d->network->secret);
	else if (words.len > 0)
		detail = batch_redact_text(words.ptr, d->network->secret);
	if (head->status >= 300 && head->status < 400 &&
		batch_http_parse_url(head->location, &parts) == NULL)
		detail = psprintf("It redirects to host \"%s\".",
						  batch_redact_text(parts.host, d->network->secret));
	(void) batch_http_parse_url(d->target.url, &parts);
	trouble->sqlstate = failure->sqlstate;
	trouble->message = psprintf("could not fetch \"%s\": %s", batch_text_show(parts.display), what);
	trouble->detail = detail;
	trouble->hint = failure->hint;
	trouble->context = tell_tries(d, &parts);
	return trouble;
}

/*
 * Plan the pause before the next try: what the server asks for, and a random
 * part of a limit that grows, so that sessions do not come back together.
 *
 * A 429 that asks for no time is about a minute at most: its pauses add up to
 * more than that.  The pause of a server that is busy holds for all requests
 * of the scan; a try that began before the last such pause was over has shared
 * in it, so that several that were in flight together wait once.
 */
static void
plan_pause(BatchDownload *d)
{
	const BatchHead *head = batch_http_get_head(d->transfer);
	bool		busy = head->status == 429 || head->status == 503 ||
	head->status == 529;
	double		asked = batch_http_head_pause(head);
	double		growth = pow(2, d->tries);
	double		limit = Min(busy ? BUSY_PAUSE : MAX_PAUSE, FIRST_PAUSE * growth);
	double		from = d->began_at < d->network->pace->not_before ? d->began_at : batch_now();
	double		pause;

	if (asked < 0 && head->status == 429)
		asked = Min(BUSY_PAUSE / 2, FIRST_PAUSE * growth * growth);
	pause = Max(asked, 0) + pg_prng_double(&pg_global_prng_state) * limit;
	if (busy)
		d->network->pace->not_before = Max(d->network->pace->not_before, from + pause);
	else
		d->begin_at = batch_now() + pause;
}

/* Tell of the next try whoever listens. */
static void
tell_pause(BatchDownload *d, const BatchFailure *failure, const char *what)
{
	BatchUrl	parts;

	(void) batch_http_parse_url(d->target.url, &parts);
	ereport(DEBUG1,
			(errcode(failure->sqlstate),
			 errmsg_internal("could not fetch \"%s\": %s; trying again in %.3f s",
							 batch_text_show(parts.display), what,
							 Max(batch_retry_time(d) - batch_now(), 0) / 1000)));
}

/* Give the current try up, and plan the next one, unless there were too many. */
void
batch_retry_plan(BatchDownload *d, const BatchFailure *failure, const char *what,
				 BatchSlice words)
{
	if (d->given - d->progress >= PROGRESS)
	{
		d->progress = d->given;
		d->tries = 0;
	}
	if (d->tries == 0)
		d->failed_at = batch_now();
	if (!failure->retry || is_spent(d))
		batch_failure_raise(batch_retry_describe(d, failure, what, words));
	plan_pause(d);
	tell_pause(d, failure, what);
	d->tries++;
	d->network->stats->retries++;
	batch_http_get_tally(d->transfer)->retries++;
	MemoryContextReset(d->cxt);
	d->transfer = NULL;
}
