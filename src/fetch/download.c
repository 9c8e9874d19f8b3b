/*
 * download.c
 *	  A URL --> the bytes of its body, in as many tries as it takes.
 *
 * A try is a transfer of http.c in a context of its own: beginning again
 * deletes it, so that nothing of a failed try reaches the next one.  A failure
 * that may pass is tried again after a pause that grows, with full jitter; a
 * 429 holds all requests of the scan.
 *
 * An answer of the API begins again from its first byte.  A results file goes
 * on where it broke off: by Range and If-Match where it has a strong ETag; else
 * it is read again up to there, and goes on only if the CRC of those bytes is
 * the one of the bytes given out before.  A redirect of a results host is
 * followed here, and a URL that is refused is renewed, since the reader must
 * not notice either.
 *
 * Nothing here waits but batch_download_wait and batch_download_collect.
 */
#include "fetch/fetch.h"

#include <math.h>

#include "common/pg_prng.h"
#include "port/pg_crc32c.h"
#include "utils/memutils.h"

#define FIRST_PAUSE 500.0		/* ms; doubles with every try */
#define MAX_PAUSE	20000.0		/* ms */
#define BUSY_PAUSE	60000.0		/* ms, where the server says that it is busy */
#define PROGRESS	65536		/* bytes after which failures are forgotten */
#define MAX_HOPS	3			/* redirects of a results host, from one URL */
#define MAX_MOVES	64			/* of one file, of all kinds */

struct BatchDownload
{
	BatchClient *client;
	BatchTarget target;
	const BatchLocator *locator;	/* of a results file; NULL: an API's answer */
	const BatchOptions *o;
	BatchStats *stats;
	MemoryContext owner;		/* of the download */
	MemoryContext cxt;			/* of the current try */
	BatchTransfer *transfer;	/* NULL before a try has begun */
	double		begin_at;		/* the next try may not begin before */
	double		began_at;		/* when the current one did */
	bool		begun;			/* the body of the current try has begun */
	int			tries;			/* failures since the last progress */
	int64		progress;		/* the offset when that was */
	const char *url;			/* that the locator told; redirects begin there */
	int			hops;			/* redirects that were followed from there */
	int			moves;			/* to another URL, redirects included */
	int64		returned_at;	/* the offset when a redirect was last begun again */
	int64		given;			/* bytes given out, by all tries */
	pg_crc32c	crc;			/* of them */
	int64		again;			/* bytes to read again before there are new ones */
	pg_crc32c	crc_again;
	char	   *etag;			/* a strong one, or NULL */
	bool		moved;			/* the next try is of another object, to be proven the same */
	int64		total;			/* bytes of the file; -1: unknown */
	bool		missing_ok;		/* 404 is an answer */
	BatchSpool *spool;			/* that is read instead, or NULL */
	const char *name;			/* in the spool */
	char	   *buffer;			/* of what was read from it */
};

/* Turn to a URL, at once. */
static void
aim(BatchDownload *d, const char *url, bool redirected)
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
	aim(d, url, redirected);
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
		fresh = d->locator->refresh(d->locator->arg, d->target.url, d->given);
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
make_download(const BatchOptions *o, BatchStats *stats)
{
	BatchDownload *d = palloc0(sizeof(BatchDownload));

	d->o = o;
	d->stats = stats;
	d->total = -1;
	INIT_CRC32C(d->crc);
	d->owner = CurrentMemoryContext;
	d->cxt = AllocSetContextCreate(CurrentMemoryContext, "batch_fdw transfer",
								   ALLOCSET_DEFAULT_SIZES);
	return d;
}

/* Tell when a try that has not begun may. */
static double
begin_time(const BatchDownload *d)
{
	return Max(d->begin_at, d->stats->not_before);
}

/*
 * Begin to download an answer of the API.  Belongs to the current context.
 */
BatchDownload *
batch_download_open(BatchClient *client, const BatchTarget *target,
					const BatchOptions *o, BatchStats *stats)
{
	BatchDownload *d = make_download(o, stats);

	d->client = client;
	d->target = *target;
	if (begin_time(d) <= batch_now())
		begin_try(d);
	return d;
}

/*
 * Begin to download a results file.  Belongs to the current context, in which
 * the locator must live.
 */
BatchDownload *
batch_download_open_file(const BatchLocator *locator, const char *url,
						 const BatchOptions *o, BatchStats *stats)
{
	BatchDownload *d = make_download(o, stats);

	d->locator = locator;
	aim(d, url, false);
	if (begin_time(d) <= batch_now())
		begin_try(d);
	return d;
}

/* Read a results file from the spool.  Belongs to the current context. */
BatchDownload *
batch_download_replay(BatchSpool *spool, const char *name)
{
	BatchDownload *d = palloc0(sizeof(BatchDownload));

	d->spool = spool;
	d->name = name;
	d->buffer = palloc(PROGRESS);
	batch_spool_rewind(spool, name);
	return d;
}

/* Raise that a download failed, in the vendor's words where it has any. */
static void
raise_failure(BatchDownload *d, const BatchFailure *failure, const char *what,
			  BatchSlice words)
{
	BatchUrl	parts;
	char	   *detail = NULL;
	const BatchHead *head = batch_http_get_head(d->transfer);

	if (head->done && head->status >= 300)
		detail = batch_failure_message(words.ptr, words.len, d->o->api_key);
	else if (words.len > 0)
		detail = batch_redact_text(words.ptr, d->o->api_key);
	if (head->status >= 300 && head->status < 400 &&
		batch_http_parse_url(head->location, &parts) == NULL)
		detail = psprintf("It redirects to host \"%s\".",
						  batch_redact_text(parts.host, d->o->api_key));
	(void) batch_http_parse_url(d->target.url, &parts);
	ereport(ERROR,
			(errcode(failure->sqlstate),
			 errmsg("could not fetch \"%s\": %s", batch_text_show(parts.display), what),
			 detail ? errdetail("%s", detail) : 0,
			 failure->hint ? errhint("%s", failure->hint) : 0));
}

/* Raise that a file is not the one that was begun. */
static void
raise_changed(const char *how)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("results file changed while it was read"),
			 errdetail("%s", how),
			 errhint("Rows read before this are of the old file; ask again.")));
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
	double		from = d->began_at < d->stats->not_before ? d->began_at : batch_now();
	double		pause;

	if (asked < 0 && head->status == 429)
		asked = Min(BUSY_PAUSE / 2, FIRST_PAUSE * growth * growth);
	pause = Max(asked, 0) + pg_prng_double(&pg_global_prng_state) * limit;
	if (busy)
		d->stats->not_before = Max(d->stats->not_before, from + pause);
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
							 Max(begin_time(d) - batch_now(), 0) / 1000)));
}

/* Give the current try up, and plan the next one, unless there were too many. */
static void
try_again(BatchDownload *d, const BatchFailure *failure, const char *what,
		  BatchSlice words)
{
	if (d->given - d->progress >= PROGRESS)
	{
		d->progress = d->given;
		d->tries = 0;
	}
	if (!failure->retry || d->tries >= d->o->max_retries)
		raise_failure(d, failure, what, words);
	plan_pause(d);
	tell_pause(d, failure, what);
	d->tries++;
	d->stats->retries++;
	MemoryContextReset(d->cxt);
	d->transfer = NULL;
}

/*
 * Remember the strong ETag of a file, which stands for all that was given out:
 * not before that is proven to be of this file.
 */
static void
take_etag(BatchDownload *d)
{
	const BatchHead *head = batch_http_get_head(d->transfer);

	if (d->locator != NULL && head->etag[0] == '"')
		d->etag = MemoryContextStrdup(d->owner, head->etag);
}

/* Look at the head of a try whose body begins: is the file still the same? */
static void
begin_body(BatchDownload *d)
{
	const BatchHead *head = batch_http_get_head(d->transfer);
	int64		total = head->status == 206 ? head->total : head->length;

	d->begun = true;
	if (d->given > 0 && d->total >= 0 && total >= 0 && total != d->total)
		raise_changed("Its length is another.");
	if (head->status == 206)
	{
		if (head->range_start != d->given || total < 0)
			raise_changed("The results host gave another part of it than was asked for.");
		if (head->etag[0] && strcmp(head->etag, d->etag) != 0)
			raise_changed("Its ETag is another.");
		d->again = 0;
		d->total = total;
		return;
	}
	if (d->given > 0 && d->moved && d->etag != NULL && head->etag[0] == '"' &&
		strcmp(head->etag, d->etag) != 0)
		raise_changed("Its ETag is another.");
	d->again = d->given;
	d->total = total;
	d->etag = NULL;
	d->moved = false;
	if (d->again == 0)
		take_etag(d);
}

/* Take bytes off that were given out before, once they prove to be the same. */
static void
read_again(BatchDownload *d, BatchSlice *bytes)
{
	size_t		n = Min((int64) bytes->len, d->again);

	COMP_CRC32C(d->crc_again, bytes->ptr, n);
	bytes->ptr += n;
	bytes->len -= n;
	d->again -= n;
	if (d->again > 0)
		return;
	if (!EQ_CRC32C(d->crc_again, d->crc))
		raise_changed("What was read before is no longer the same.");
	take_etag(d);
}

/* Take the next bytes of the current try; what is new of them may be none. */
static void
take_bytes(BatchDownload *d, BatchSlice *bytes)
{
	if (!d->begun)
		begin_body(d);
	if (d->again > 0)
		read_again(d, bytes);
	if (d->locator != NULL)
		COMP_CRC32C(d->crc, bytes->ptr, bytes->len);
	d->given += bytes->len;
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
				 errmsg("could not fetch \"%s\": it redirects to a malformed URL",
						parts.display)));
	move(d, url, true);
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
	if (head->status != 400 && head->status != 401 && head->status != 403 &&
		head->status != 404 && head->status != 410)
		return false;
	if (d->hops > 0 && d->given > d->returned_at)
	{
		d->returned_at = d->given;
		url = d->url;
	}
	else
		url = d->locator->renew(d->locator->arg, d->target.url, d->given);
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
		begin_body(d);
	if (d->again > 0)
		raise_changed("It is shorter than what was read before.");
	if (batch_http_get_head(d->transfer)->status != 206 || d->total < 0 ||
		d->given >= d->total)
		return true;
	try_again(d, &broken, "the transfer broke off", (BatchSlice) {NULL, 0});
	return false;
}

/*
 * Judge an ended try: true where all was given, or a 404 is an answer; false
 * where another try is to begin; else raise.
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
	if (d->missing_ok && head->status == 404)
		return true;
	if (d->given > 0 && d->locator != NULL && head->done)
	{
		if (head->status == 416 && head->total == d->given)
			return true;
		if (head->status == 412 || head->status == 416)
			raise_changed("The results host says so.");
	}
	if (!find_way(d))
		try_again(d, &failure, what, words);
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
	if (d->spool != NULL)
	{
		bytes->ptr = d->buffer;
		bytes->len = batch_spool_read(d->spool, d->name, d->buffer, PROGRESS);
		return bytes->len > 0 ? BATCH_GIVEN : BATCH_END;
	}
	for (;;)
	{
		BatchFlow	flow;

		if (d->transfer == NULL)
		{
			if (batch_now() < begin_time(d))
				return BATCH_WAIT;
			begin_try(d);
		}
		flow = batch_http_next(d->transfer, bytes);
		if (flow == BATCH_WAIT)
			return BATCH_WAIT;
		if (flow == BATCH_GIVEN)
		{
			take_bytes(d, bytes);
			if (bytes->len > 0)
				return BATCH_GIVEN;
		}
		else if (judge(d))
			return BATCH_END;
	}
}

/* Tell when to call again, in the time of batch_now(), if nothing comes before. */
double
batch_download_wake(const BatchDownload *d)
{
	return d->transfer ? INFINITY : begin_time(d);
}

/* Wait until there may be more. */
void
batch_download_wait(const BatchDownload *d)
{
	BatchClient *client = d->client;

	batch_http_wait(&client, 1, batch_download_wake(d), d->stats);
}

/*
 * Give the head of the answer, which is complete once there are bytes; of what
 * is spooled, that of the answer that ended it.
 */
const BatchHead *
batch_download_head(const BatchDownload *d)
{
	return d->spool ? batch_spool_head(d->spool, d->name) : batch_http_get_head(d->transfer);
}

/*
 * Collect a whole body, up to max_record_size, replacing what the StringInfo
 * held.  Returns false for a 404 where missing_ok.
 */
bool
batch_download_collect(BatchDownload *d, bool missing_ok, StringInfo body)
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
		if (body->len + bytes.len > (size_t) d->o->max_record_size)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("the answer is longer than %d bytes", d->o->max_record_size),
					 errhint("Raise max_record_size.")));
		appendBinaryStringInfo(body, bytes.ptr, bytes.len);
	}
	return batch_http_get_head(d->transfer)->status != 404;
}
