/*
 * http_client.c
 *	  A scan's pool of connections, and the file descriptors that it takes.
 *
 * The API and the results hosts have a client each, so that the key and its
 * connections never meet a results host, but those that are asked as the API is.  What a client holds is freed by a
 * reset callback of the memory context that was current when it was made.
 *
 * PostgreSQL allows a process a part of its descriptors for what fd.c does not
 * open.  Of that a client reserves what libcurl may open: its sockets, those
 * that idle in the pool included, and for each transfer that has no connection
 * yet what looking its host up takes.  Where it is short, clients that have
 * nothing under way give way: they close their connections, which are opened
 * again when they are wanted.
 */
#include "fetch/http.h"

#include <sys/socket.h>
#include <unistd.h>

#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/memutils.h"

#define FDS_PER_POOL 2			/* that wake libcurl's multi handle */
#define FDS_PER_CONNECT 3		/* a socket, and two of the resolver */

static BatchClient *all_clients = NULL; /* of this process */

/* ---- Callbacks: no allocation, no ereport ---- */

/* Open a socket of a client. */
curl_socket_t
batch_http_open_socket(BatchClient *c, const struct curl_sockaddr *address)
{
	int			fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
							address->protocol);

	if (fd < 0)
		return CURL_SOCKET_BAD;
	c->open++;
	return fd;
}

/* Close a socket of a client, that of a connection of its pool maybe. */
int
batch_http_close_socket(void *arg, curl_socket_t fd)
{
	((BatchClient *) arg)->open--;
	return close(fd);
}

/* ---- File descriptors ---- */

/*
 * Tell how many descriptors libcurl may have open for a client.
 *
 * It closes a socket whose connection it gave up without the callback (7.87 and
 * later), so that those that count as open may be too many; but never does its
 * pool grow beyond max_connections.
 */
static int
count_fds(const BatchClient *c)
{
	int			live = 0,
				connecting = 0;

	if (c->multi == NULL)
		return 0;
	for (BatchTransfer *t = c->transfers; t; t = t->next)
	{
		live++;
		connecting += !t->opened && t->received == 0;
	}
	return FDS_PER_POOL + Min(c->open, Max(live, c->network->max_connections)) +
		connecting * FDS_PER_CONNECT;
}

/* Hold as many descriptors for a client as it has use for now. */
void
batch_http_settle_fds(BatchClient *c)
{
	int			n = count_fds(c);

	for (; c->fds < n; c->fds++)
		ReserveExternalFD();
	for (; c->fds > n; c->fds--)
		ReleaseExternalFD();
}

/* Close the connections of a client that has nothing under way. */
static void
close_pool(BatchClient *c)
{
	sigset_t	old;

	if (c->multi == NULL)
		return;
	old = batch_http_block_signals();
	curl_multi_cleanup(c->multi);
	batch_http_restore_signals(old);
	c->multi = NULL;
	c->open = 0;
	c->nsockets = 0;
	c->timer = 0;
	batch_http_settle_fds(c);
}

/* Let an idle client other than one give way; false where there is none. */
static bool
close_idle(const BatchClient *except)
{
	for (BatchClient *c = all_clients; c; c = c->next)
	{
		if (c == except || c->multi == NULL || c->transfers != NULL)
			continue;
		close_pool(c);
		return true;
	}
	return false;
}

/* Acquire one more descriptor, or raise. */
static void
acquire_fd(const BatchClient *c)
{
	while (!AcquireExternalFD())
		if (!close_idle(c))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
					 errmsg("could not open a connection: too many file descriptors are in use"),
					 errhint("Lower max_connections, or raise max_files_per_process.")));
}

/* Make sure that a descriptor can be had: a wait takes one. */
void
batch_http_spare_fd(const BatchClient *c)
{
	acquire_fd(c);
	ReleaseExternalFD();
}

/* ---- Clients ---- */

/* Free headers, of which one may be the key. */
void
batch_http_free_headers(struct curl_slist *headers)
{
	for (struct curl_slist *h = headers; h; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(headers);
}

/* Release a client when its memory context goes; its transfers are gone. */
static void
release_client(void *arg)
{
	BatchClient *c = arg;
	BatchClient **link = &all_clients;

	while (*link != c)
		link = &(*link)->next;
	*link = c->next;
	if (c->set != NULL)
		FreeWaitEventSet(c->set);
	close_pool(c);
	batch_http_settle_fds(c);
	batch_http_free_headers(c->headers);
}

/* Initialize libcurl once a process, and not before it is needed. */
static void
initialize_curl(void)
{
	static int	initialized = 0;	/* the process that did */

	if (initialized != MyProcPid && curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("could not initialize libcurl")));
	initialized = MyProcPid;
}

/* Append a line to a list of headers, which a reset callback frees. */
void
batch_http_add_line(struct curl_slist **list, const char *line)
{
	struct curl_slist *headers = curl_slist_append(*list, line);

	if (headers == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	*list = headers;
}

/*
 * Append a header that is sent with every request of a client.
 *
 * The line is wiped, and made in one piece: psprintf would leave another copy
 * of a long key behind.
 */
static void
add_header(BatchClient *c, const char *name, const char *prefix, const char *value)
{
	size_t		size = strlen(name) + strlen(prefix) + strlen(value) + 3;
	char	   *line = palloc(size);

	snprintf(line, size, "%s: %s%s", name, prefix, value);
	batch_http_add_line(&c->headers, line);
	explicit_bzero(line, size);
	pfree(line);
}

/*
 * Add the headers of a role; the key is among the API's only, and so are those
 * that the user sets, which may tell another encoding.
 */
static void
add_headers(BatchClient *c)
{
	const BatchNetwork *network = c->network;
	bool		encoding = false;
	ListCell   *lc;

	foreach(lc, c->role == BATCH_ROLE_API ? network->headers : NIL)
		encoding |= pg_strcasecmp(((BatchPair *) lfirst(lc))->key, "Accept-Encoding") == 0;
	if (!encoding)
		add_header(c, "Accept-Encoding", "", "gzip");
	if (c->role == BATCH_ROLE_FILE)
		return;
	if (network->auth_header != NULL && network->secret != NULL)
		add_header(c, network->auth_header, network->auth_prefix, network->secret);
	foreach(lc, network->headers)
	{
		BatchPair  *pair = lfirst(lc);

		add_header(c, pair->key, "", pair->value);
	}
}

/*
 * Make the client of one role for one scan.
 *
 * Belongs to the current memory context, as does the network, which must live
 * as long; opens nothing yet.
 */
BatchClient *
batch_http_client(BatchRole role, const BatchNetwork *network)
{
	BatchClient *c = palloc0(sizeof(BatchClient));

	initialize_curl();
	c->role = role;
	c->network = network;
	c->next = all_clients;
	all_clients = c;
	c->release.func = release_client;
	c->release.arg = c;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &c->release);
	add_headers(c);
	return c;
}

/* Open the pool of connections of a client, unless it is open. */
static void
open_pool(BatchClient *c)
{
	if (c->multi != NULL)
		return;
	c->multi = curl_multi_init();
	if (c->multi == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, batch_http_watch_socket);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, batch_http_watch_timer);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long) c->network->max_connections);
	batch_http_close_quickly(c->multi);
}

/*
 * Make a client ready for one more transfer, its descriptors reserved, and one
 * to wait with; or raise.
 */
void
batch_http_prepare(BatchClient *c)
{
	int			n = (c->multi ? count_fds(c) : FDS_PER_POOL) + FDS_PER_CONNECT;

	for (; c->fds < n; c->fds++)
		acquire_fd(c);
	batch_http_spare_fd(c);
	open_pool(c);
}
