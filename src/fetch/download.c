/*
 * download.c
 *	  A URL --> the bytes of its body, in as many tries as it takes.
 *
 * A try is a transfer of http.c in a context of its own: beginning again
 * deletes it, so that nothing of a failed try reaches the next one.  When the
 * next one begins is told by retry.c; an answer of the API begins again from its
 * first byte, a results file goes on where it broke off (same.c).  A redirect of
 * a results host is followed here, and a URL that is refused is renewed, since
 * the reader must not notice either.
 *
 * Nothing here waits but batch_download_wait and batch_download_collect.
 */
#include "fetch/download.h"

#include <math.h>

#define MAX_HOPS	3			/* redirects of a results host, from one URL */
#define MAX_MOVES	64			/* of one file, of all kinds */

/*
 * Ask for another URL, by renew or refresh.  What that takes is part of the file:
 * where bytes of it were given, an outage of the API is waited for as long as one
 * of the store.
 */
static const char *
ask_locator(BatchDownload *d, const char *(*ask) (void *arg, const char *url, int64 given))
{
	bool	   *in_file = &d->network->pace->in_file;
	bool		old = *in_file;
	const char *url;

	*in_file = d->given > 0;
	url = ask(d->locator->arg, d->target.url, d->given);
	*in_file = old;
	return url;
}

/* Turn to a URL, at once. */
static void
go_to(BatchDownload *d, const char *url, bool redirected)
{
	MemoryContext old = MemoryContextSwitchTo(d->owner);

	url = pstrdup(url);
	d->hops = redirected ? d->hops + 1 : 0;
	if (!redirected)
		d->url = url;
	d->client = d->locator->aim(d->locator->arg, url, redirected, &d->target);
	MemoryContextSwitchTo(old);
	MemoryContextReset(d->cxt);
	d->transfer = NULL;
}

/*
 * Turn to another URL than before, redirected to it or told of it.
 *
 * One of another object is read from its first byte, and held against what was
 * given: no ETag proves two objects the same, being of one alone (RFC 9110,
 * 8.8.3), though another ETag tells that they are not.
 */
static void
move(BatchDownload *d, const char *url, bool redirected)
{
	if (++d->moves > MAX_MOVES)
		ereport(ERROR,
				(errcode(ERRCODE_CONNECTION_FAILURE),
				 errmsg("results have moved more than %d times", MAX_MOVES)));
	d->moved |= !redirected && !batch_target_same_object(d->url, url);
	go_to(d, url, redirected);
}

/*
 * Begin a try, by a fresher URL where the one that is known is about to expire.
 * A redirect's own may expire as soon as it likes: it was made for this try.
 */
static void
begin_try(BatchDownload *d)
{
	MemoryContext old;
	const char *fresh = NULL;

	if (d->locator != NULL && d->hops == 0)
		fresh = ask_locator(d, d->locator->refresh);
	if (fresh != NULL)
		move(d, fresh, false);
	d->begun = false;
	d->began_at = batch_now();
	if (d->locator == NULL)
		d->given = 0;
	d->target.offset = d->etag && !d->moved ? d->given : 0;
	d->target.etag = d->etag;
	INIT_CRC32C(d->crc_again);
	old = MemoryContextSwitchTo(d->cxt);
	d->transfer = batch_http_open(d->client, &d->target);
	MemoryContextSwitchTo(old);
}

/* Make a download that has not begun; it belongs to the current context. */
static BatchDownload *
make_download(const BatchNetwork *network)
{
	BatchDownload *d = palloc0(sizeof(BatchDownload));

	d->network = network;
	d->total = -1;
	INIT_CRC32C(d->crc);
	d->owner = CurrentMemoryContext;
	d->cxt = AllocSetContextCreate(d->owner, "batch_fdw transfer", ALLOCSET_DEFAULT_SIZES);
	return d;
}

/* Begin to download an answer of the API.  Belongs to the current context. */
BatchDownload *
batch_download_open(BatchClient *client, const BatchTarget *target,
					const BatchNetwork *network)
{
	BatchDownload *d = make_download(network);

	d->client = client;
	d->target = *target;
	if (batch_retry_time(d) <= batch_now())
		begin_try(d);
	return d;
}

/*
 * Begin to download a results file.  Belongs to the current context, in which
 * the locator must live.
 */
BatchDownload *
batch_download_open_file(const BatchLocator *locator, const char *url,
						 const BatchNetwork *network)
{
	BatchDownload *d = make_download(network);

	d->locator = locator;
	go_to(d, url, false);
	if (batch_retry_time(d) <= batch_now())
		begin_try(d);
	return d;
}

/* Turn to where a results host says that the file is. */
static void
follow_redirect(BatchDownload *d)
{
	char	   *url;
	BatchUrl	parts;

	if (d->hops == MAX_HOPS)
		ereport(ERROR,
				(errcode(ERRCODE_CONNECTION_FAILURE),
				 errmsg("results are redirected more than %d times", MAX_HOPS)));
	url = batch_http_resolve(d->target.url, batch_http_get_head(d->transfer)->location);
	(void) batch_http_parse_url(d->target.url, &parts);
	if (url == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_CONNECTION_FAILURE),
				 errmsg("could not fetch \"%s\": it redirects to a malformed URL", parts.display)));
	move(d, url, true);
}

/* Tell whether a results host says that it will not give the file. */
static bool
is_refused(const BatchHead *head)
{
	return head->status == 400 || head->status == 401 || head->status == 403 ||
		head->status == 404 || head->status == 410;
}

/*
 * Find another way to a results file whose host does not give it.
 *
 * A redirect is of its own time (RFC 9110, 15.4.3): where it leads nowhere any
 * more, though bytes came from there, it is followed anew from its beginning.
 */
static bool
find_way(BatchDownload *d)
{
	const BatchHead *head = batch_http_get_head(d->transfer);
	const char *url = NULL;

	if (d->locator == NULL || !head->done)
		return false;
	if (head->status >= 300 && head->status <= 399 && head->location[0])
	{
		follow_redirect(d);
		return true;
	}
	if (!is_refused(head))
		return false;
	if (d->hops > 0 && d->given > d->returned_at)
	{
		d->returned_at = d->given;
		url = d->url;
	}
	else
		url = ask_locator(d, d->locator->renew);
	if (url != NULL)
		move(d, url, false);
	return url != NULL;
}

/* Tell whether an ended try that did not fail gave the whole file. */
static bool
is_whole(BatchDownload *d)
{
	static const BatchFailure broken = {ERRCODE_CONNECTION_FAILURE, true, NULL};

	if (!d->begun)
		batch_same_begin(d);
	if (d->again > 0)
		batch_same_refuse("It is shorter than what was read before.");
	if (batch_http_get_head(d->transfer)->status != 206 || d->total < 0 ||
		d->given >= d->total)
		return true;
	batch_retry_plan(d, &broken, "the transfer broke off", (BatchSlice) {NULL, 0});
	return false;
}

/*
 * Judge an ended try: true where all was given, or that there is nothing is an
 * answer; false where another try is to begin; else raise.
 */
static bool
judge(BatchDownload *d)
{
	BatchFailure failure;
	const char *what;
	BatchSlice	words;
	const BatchHead *head = batch_http_get_head(d->transfer);

	if (!batch_http_failure_fill(d->transfer, &failure, &what, &words))
		return is_whole(d);
	d->missing = d->missing_ok && head->status == 404;
	if (d->missing)
		return true;
	if (d->given > 0 && d->locator != NULL && head->done)
	{
		if (head->status == 416 && head->total == d->given)
			return true;
		if (head->status == 412 || head->status == 416)
			batch_same_refuse("The results host says so.");
	}
	if (find_way(d))
		return false;
	if (d->locator != NULL && d->locator->missing_ok && d->given == 0 && head->done && is_refused(head))
	{
		MemoryContext old = MemoryContextSwitchTo(d->owner);

		d->trouble = batch_retry_describe(d, &failure, what, words);
		MemoryContextSwitchTo(old);
		return true;
	}
	batch_retry_plan(d, &failure, what, words);
	return false;
}

/*
 * Give the next bytes of the body, without waiting; its end is proven.
 *
 * The bytes stay valid until the next call.
 */
BatchFlow
batch_download_next(BatchDownload *d, BatchSlice *bytes)
{
	while (d->trouble == NULL)
	{
		BatchFlow	flow;

		if (d->transfer == NULL)
		{
			if (batch_now() < batch_retry_time(d))
				return batch_watch_wait(d);
			begin_try(d);
		}
		flow = batch_http_next(d->transfer, bytes);
		if (flow == BATCH_WAIT)
			return batch_watch_wait(d);
		if (flow == BATCH_GIVEN)
		{
			batch_same_take(d, bytes);
			if (bytes->len > 0)
				return batch_watch_bytes(d, bytes);
		}
		else if (judge(d))
			break;
	}
	return BATCH_END;
}

/* Tell when to call again, in the time of batch_now(), if nothing comes before. */
double
batch_download_wake(const BatchDownload *d)
{
	return d->transfer ? INFINITY : batch_retry_time(d);
}

/* Wait until there may be more. */
void
batch_download_wait(const BatchDownload *d)
{
	BatchClient *client = d->client;

	batch_http_wait(&client, 1, batch_download_wake(d), d->network->stats);
}

/* Give the head of the answer, which is complete once there are bytes. */
const BatchHead *
batch_download_head(const BatchDownload *d)
{
	return batch_http_get_head(d->transfer);
}

/* Tell the URL that is asked for, which may be a secret, and the last answer's status; 0: none. */
const char *
batch_download_url(const BatchDownload *d, int *status)
{
	*status = d->transfer ? batch_http_get_head(d->transfer)->status : 0;
	return d->target.url;
}

/* Tell, at the end, why there is no file; NULL where there is. */
const BatchTrouble *
batch_download_trouble(const BatchDownload *d)
{
	return d->trouble;
}

/* Raise that an answer is longer than may be. */
void
batch_download_refuse_long(int most)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("the answer is longer than %d bytes", most),
			 errhint("Raise max_record_size.")));
}

/*
 * Collect a whole body of so many bytes at most, replacing what the StringInfo
 * held.  Returns false for a 404 where missing_ok.
 */
bool
batch_download_collect(BatchDownload *d, bool missing_ok, int most, StringInfo body)
{
	BatchSlice	bytes;
	BatchFlow	flow;

	d->missing_ok = missing_ok;
	resetStringInfo(body);
	while ((flow = batch_download_next(d, &bytes)) != BATCH_END)
	{
		if (flow == BATCH_WAIT)
		{
			batch_download_wait(d);
			continue;
		}
		if (d->given == (int64) bytes.len)
			resetStringInfo(body);
		if (body->len + bytes.len > (size_t) most)
			batch_download_refuse_long(most);
		appendBinaryStringInfo(body, bytes.ptr, bytes.len);
	}
	return !d->missing;
}
