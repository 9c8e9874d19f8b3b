/*
 * download.c
 *	  A URL --> the bytes of its body, in as many tries as it takes.
 *
 * A try is a transfer of http.c in a context of its own: beginning again
 * deletes it, so that nothing of a failed try reaches the next one.  A failure
 * that may pass is tried again after a pause that grows, with full jitter; a
 * 429 holds all requests of the scan.
 */
#include "batch_fdw.h"

#include <math.h>

#include "common/pg_prng.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define FIRST_PAUSE 500.0		/* ms; doubles with every try */
#define MAX_PAUSE	20000.0		/* ms */
#define BUSY_PAUSE	60000.0		/* ms, where the server says that it is busy */

struct BatchDownload
{
	BatchClient *client;
	BatchTarget target;
	const BatchOptions *o;
	BatchStats *stats;
	MemoryContext cxt;			/* of the current try */
	BatchTransfer *transfer;
	int			tries;			/* failures since the last success */
	int64		delivered;		/* bytes given out by the current try */
	bool		restartable;	/* whoever reads can begin again */
	bool		missing_ok;		/* 404 is an answer */
};

/* Sleep until a time of batch_now(), unless interrupted. */
static void
sleep_until(double when, BatchStats *stats)
{
	double		start = batch_now();
	double		left;

	while ((left = when - batch_now()) > 0)
	{
		int			events = WaitLatch(MyLatch,
									   WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
									   (long) left + 1,
									   batch_compat_wait_event());

		if (events & WL_LATCH_SET)
			ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
	stats->waited += batch_now() - start;
}

/* Begin a try, once no server asks to be left alone. */
static void
begin_try(BatchDownload *d)
{
	MemoryContext old;

	MemoryContextReset(d->cxt);
	d->transfer = NULL;
	d->delivered = 0;
	sleep_until(d->stats->not_before, d->stats);
	old = MemoryContextSwitchTo(d->cxt);
	d->transfer = batch_http_open(d->client, &d->target);
	MemoryContextSwitchTo(old);
}

/*
 * Begin to download a URL.  The download belongs to the current context.
 */
BatchDownload *
batch_download_open(BatchClient *client, const BatchTarget *target,
					const BatchOptions *o, BatchStats *stats)
{
	BatchDownload *d = palloc0(sizeof(BatchDownload));

	d->client = client;
	d->target = *target;
	d->o = o;
	d->stats = stats;
	d->cxt = AllocSetContextCreate(CurrentMemoryContext, "batch_fdw transfer",
								   ALLOCSET_DEFAULT_SIZES);
	begin_try(d);
	return d;
}

/* Raise that a download failed, in the vendor's words where it has any. */
static void
raise_failure(BatchDownload *d, const BatchFailure *failure, const char *what,
			  BatchSlice words)
{
	BatchUrl	parts;
	char	   *detail = NULL;
	const BatchHead *head = batch_http_head(d->transfer);

	if (head->done && head->status != 200)
		detail = batch_failure_message(words.ptr, words.len, d->o->api_key);
	else if (words.len > 0)
		detail = batch_failure_redact(words.ptr, d->o->api_key);
	if (head->status >= 300 && head->status < 400 &&
		batch_http_parse_url(head->location, &parts) == NULL)
		detail = psprintf("It redirects to host \"%s\".", parts.host);
	(void) batch_http_parse_url(d->target.url, &parts);
	ereport(ERROR,
			(errcode(failure->sqlstate),
			 errmsg("could not fetch \"%s\": %s", parts.display, what),
			 detail ? errdetail("%s", detail) : 0,
			 failure->hint ? errhint("%s", failure->hint) : 0));
}

/* Plan the pause before the next try. */
static void
plan_pause(BatchDownload *d)
{
	const BatchHead *head = batch_http_head(d->transfer);
	bool		busy = head->status == 429 || head->status == 503 ||
	head->status == 529;
	double		asked = batch_head_pause(head);
	double		limit = Min(busy ? BUSY_PAUSE : MAX_PAUSE,
							FIRST_PAUSE * pow(2, d->tries));
	double		pause = Max(asked, 0);

	if (asked < 0 || head->status != 429)
		pause = Max(pause, pg_prng_double(&pg_global_prng_state) * limit);
	d->stats->not_before = Max(d->stats->not_before, batch_now() + pause);
}

/*
 * Judge an ended try: true where it succeeded, or a 404 is an answer; false
 * where another try was begun; else raise.
 */
static bool
judge(BatchDownload *d)
{
	BatchFailure failure;
	const char *what;
	BatchSlice	words;

	if (!batch_http_failure(d->transfer, &failure, &what, &words))
		return true;
	if (d->missing_ok && batch_http_head(d->transfer)->status == 404)
		return true;
	if (!failure.retry || d->tries >= d->o->max_retries ||
		(d->delivered > 0 && !d->restartable))
		raise_failure(d, &failure, what, words);
	plan_pause(d);
	d->tries++;
	d->stats->retries++;
	begin_try(d);
	return false;
}

/*
 * Give the next bytes of the body; false at its proven end.
 *
 * The bytes stay valid until the next call.
 */
bool
batch_download_next(BatchDownload *d, BatchSlice *bytes)
{
	do
	{
		if (batch_http_next(d->transfer, bytes))
		{
			d->delivered += bytes->len;
			return true;
		}
	} while (!judge(d));
	return false;
}

/* Give the head of the answer, complete where the transfer did not fail. */
const BatchHead *
batch_download_head(BatchDownload *d)
{
	return batch_http_head(d->transfer);
}

/*
 * Give the absolute URL to which the answer redirects, or NULL where it is
 * the file; a status that is neither is tried again or raised.
 */
const char *
batch_download_redirect(BatchDownload *d)
{
	const BatchHead *head;
	BatchSlice	none;

	while ((head = batch_http_head(d->transfer))->status != 200)
	{
		if (head->status >= 300 && head->status <= 399 && head->location[0])
			return batch_http_resolve(d->target.url, head->location);
		(void) batch_http_next(d->transfer, &none);
		if (judge(d))
			break;
	}
	return NULL;
}

/*
 * Collect a whole body, up to max_record_size, replacing what the StringInfo
 * held.  Returns false for a 404 where missing_ok.
 */
bool
batch_download_collect(BatchDownload *d, bool missing_ok, StringInfo body)
{
	BatchSlice	bytes;

	d->restartable = true;
	d->missing_ok = missing_ok;
	resetStringInfo(body);
	while (batch_download_next(d, &bytes))
	{
		if (d->delivered == (int64) bytes.len)
			resetStringInfo(body);
		if (body->len + bytes.len > (size_t) d->o->max_record_size)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("the answer is longer than %d bytes", d->o->max_record_size),
					 errhint("Raise max_record_size.")));
		appendBinaryStringInfo(body, bytes.ptr, bytes.len);
	}
	return batch_http_head(d->transfer)->status != 404;
}
