/*
 * http.c
 *	  One request --> the bytes of its answer, by libcurl run inside a backend.
 *
 *	  libcurl --write_bytes()--> buffer of a transfer --batch_http_next()-->
 *
 * libcurl is driven by curl_multi_socket_action(); all waiting happens in
 * http_loop.c.  The callbacks copy into fixed buffers or pause; nothing in
 * them may raise, since that would longjmp through libcurl.  Signals are
 * blocked around libcurl's calls: its resolver thread inherits the mask.
 *
 * A client is one pool of connections of one scan (http_client.c).  What a
 * transfer holds is freed at its end, and else by a reset callback of the memory
 * context that was current when it was opened.
 */
#include "fetch/http.h"

#include "utils/memutils.h"

/* ---- Callbacks: no allocation, no ereport ---- */

/* Take a piece of a body; pause while the buffer is full. */
static size_t
write_bytes(char *data, size_t size, size_t n, void *arg)
{
	BatchTransfer *t = arg;

	n *= size;
	if (!batch_http_has_body(t))
	{
		size_t		room = Min(n, ERROR_LIMIT - t->error_len);

		memcpy(t->error_body + t->error_len, data, room);
		t->error_len += room;
		t->received += n;
		return room;
	}
	if (t->given || t->fill >= HIGH_WATER || t->fill + n > BUFFER_SIZE)
	{
		t->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	memcpy(t->buffer + t->fill, data, n);
	t->fill += n;
	t->received += n;
	t->client->network->stats->received += n;
	return n;
}

/* Take a line of a head; one that is too long ends the transfer. */
static size_t
write_header(char *data, size_t size, size_t n, void *arg)
{
	BatchTransfer *t = arg;

	n *= size;
	t->received += n;
	return batch_http_head_add(&t->head, data, n) ? n : 0;
}

/* Open a socket, unless the resolved address is not one to connect to. */
static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	BatchTransfer *t = arg;
	bool		is_private = batch_private_address_is(&address->addr);

	(void) purpose;
	if (t->client->network->proxy == NULL &&
		((is_private && !t->target.private_ok) || (!is_private && t->plain)))
	{
		t->refused = true;
		return CURL_SOCKET_BAD;
	}
	t->opened = true;
	return batch_http_open_socket(t->client, address);
}

/* Let a paused transfer go on. */
static void
unpause(BatchTransfer *t)
{
	sigset_t	old = batch_http_block_signals();

	t->paused = false;
	curl_easy_pause(t->easy, CURLPAUSE_CONT);
	batch_http_restore_signals(old);
}

/* Count what a transfer came to. */
static void
count_transfer(BatchTransfer *t)
{
	double		connected = 0;

	curl_easy_getinfo(t->easy, CURLINFO_CONNECT_TIME, &connected);
	batch_tally_count(t->tally, t->head.status);
	t->tally->received += t->received;
	t->tally->connections += t->opened && connected > 0;
	t->tally->reused += !t->opened && t->head.status != 0;
}

/*
 * End a transfer, complete or not: it holds nothing of libcurl's from now on,
 * and its connection is the client's, for the next one.
 */
void
batch_http_end_transfer(BatchTransfer *t)
{
	BatchTransfer **link = &t->client->transfers;
	sigset_t	old;

	t->done = true;
	if (t->easy == NULL)
		return;
	count_transfer(t);
	old = batch_http_block_signals();
	while (*link != t)
		link = &(*link)->next;
	*link = t->next;
	curl_multi_remove_handle(t->client->multi, t->easy);
	curl_easy_cleanup(t->easy);
	t->easy = NULL;
	batch_http_free_headers(t->headers);
	t->headers = NULL;
	batch_http_restore_signals(old);
	batch_http_settle_fds(t->client);
}

/* Release a transfer when its memory context goes. */
static void
release_transfer(void *arg)
{
	batch_http_end_transfer(arg);
}

/*
 * Set what protects: protocols, redirects, TLS, addresses.
 *
 * Where a proxy is set, addresses are its affair, so that all must go through
 * it; and none but that one is used.  An empty text for either keeps libcurl
 * from asking the environment (http_proxy, ALL_PROXY, NO_PROXY and the like),
 * as CURLOPT_NETRC does for NETRC and HOME.  What libcurl heeds besides is for
 * whoever starts the server to set: CURL_SSL_BACKEND and SSLKEYLOGFILE.
 */
static void
set_security(BatchTransfer *t)
{
	const BatchNetwork *network = t->client->network;

	batch_http_allow_protocol(t->easy, t->plain);
	curl_easy_setopt(t->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(t->easy, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
	curl_easy_setopt(t->easy, CURLOPT_PROXY, network->proxy ? network->proxy : "");
	curl_easy_setopt(t->easy, CURLOPT_NOPROXY, "");
	curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(t->easy, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
	if (network->ca_file)
		curl_easy_setopt(t->easy, CURLOPT_CAINFO, network->ca_file);
	curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_CLOSESOCKETFUNCTION, batch_http_close_socket);
	curl_easy_setopt(t->easy, CURLOPT_CLOSESOCKETDATA, t->client);
}

/*
 * Ask for the bytes from the offset on, if the file is still the one that the
 * ETag tells (RFC 9110, 13.1.1 and 14.2).
 */
static void
set_range(BatchTransfer *t)
{
	for (struct curl_slist *h = t->client->headers; h; h = h->next)
		batch_http_add_line(&t->headers, h->data);
	batch_http_add_line(&t->headers, psprintf("If-Match: %s", t->target.etag));
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(t->easy, CURLOPT_RANGE, psprintf(INT64_FORMAT "-", t->target.offset));
}

/*
 * Set the URL, to which a client of the API adds the key where a query has it.  No
 * one but libcurl sees that URL.
 */
static void
set_url(BatchTransfer *t)
{
	const BatchNetwork *network = t->client->network;
	char	   *url;

	if (t->client->role != BATCH_ROLE_API || network->auth_param == NULL || network->secret == NULL)
	{
		curl_easy_setopt(t->easy, CURLOPT_URL, t->target.url);
		return;
	}
	url = batch_http_add_key(t->target.url, network->auth_param, network->secret);
	curl_easy_setopt(t->easy, CURLOPT_URL, url);
	explicit_bzero(url, strlen(url));
	pfree(url);
}

/* Set what is asked for and where the answer goes. */
static void
set_request(BatchTransfer *t)
{
	BatchClient *c = t->client;

	set_url(t);
	curl_easy_setopt(t->easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, c->headers);
	curl_easy_setopt(t->easy, CURLOPT_USERAGENT, "batch_fdw/" BATCH_VERSION);
	curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(t->easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
	curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, (long) c->network->connect_timeout);
	curl_easy_setopt(t->easy, CURLOPT_BUFFERSIZE, 65536L);
	curl_easy_setopt(t->easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
	batch_http_exit_quickly(t->easy);
	curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->words);
	curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, write_bytes);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, write_header);
	curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
}

/*
 * Begin a GET.  The transfer, its connection and its buffer of 272 kB belong
 * to the current memory context; deleting it breaks the transfer off.  One that
 * has ended gives both back before.
 */
BatchTransfer *
batch_http_open(BatchClient *c, const BatchTarget *target)
{
	BatchTransfer *t = palloc0(sizeof(BatchTransfer));
	CURLMcode	code;
	sigset_t	old;

	batch_http_prepare(c);
	t->client = c;
	t->target = *target;
	t->tally = batch_tally_get(c->network->server, target->url);
	t->plain = pg_strncasecmp(target->url, "https:", 6) != 0;
	t->buffer = palloc(BUFFER_SIZE);
	t->easy = curl_easy_init();
	if (t->easy == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	t->next = c->transfers;
	c->transfers = t;
	t->release.func = release_transfer;
	t->release.arg = t;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &t->release);
	set_security(t);
	set_request(t);
	if (t->target.offset > 0)
		set_range(t);
	c->network->stats->requests++;
	t->tally->requests++;
	old = batch_http_block_signals();
	code = curl_multi_add_handle(c->multi, t->easy);
	batch_http_restore_signals(old);
	if (code != CURLM_OK)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("could not begin a request: %s", curl_multi_strerror(code))));
	return t;
}

/*
 * Give the next bytes of the body that was asked for, without waiting; at its
 * end, or where the transfer failed or has another status, see
 * batch_http_failure_fill.
 *
 * The bytes stay valid until the next call.
 */
BatchFlow
batch_http_next(BatchTransfer *t, BatchSlice *bytes)
{
	if (t->given)
		t->fill = 0;
	t->given = false;
	if (t->fill == 0 && !t->done && t->paused)
		unpause(t);
	if (t->fill == 0 && t->done && t->buffer != NULL)
	{
		pfree(t->buffer);
		t->buffer = NULL;
	}
	if (t->fill == 0)
		return t->done ? BATCH_END : BATCH_WAIT;
	bytes->ptr = t->buffer;
	bytes->len = t->fill;
	t->given = true;
	return BATCH_GIVEN;
}

/* Give the head of the answer, as far as it has come. */
const BatchHead *
batch_http_get_head(const BatchTransfer *t)
{
	return &t->head;
}

/* Give where a transfer counts. */
BatchTally *
batch_http_get_tally(const BatchTransfer *t)
{
	return t->tally;
}

/* Name the library that fetches, and its version. */
const char *
batch_http_library(void)
{
	return psprintf("libcurl %s", curl_version_info(CURLVERSION_NOW)->version);
}
