/*
 * http_loop.c
 *	  Waiting: libcurl's sockets and timer, and the process latch, in one wait.
 *
 * libcurl says through two callbacks which sockets it watches and when it
 * wants to be called; batch_http_wait() waits for those and for the latch, so
 * that a cancel acts at once, and lets libcurl act on what happened.  The
 * callbacks copy into fixed fields; nothing in them may raise.
 */
#include "compat.h"
#include "fetch/http.h"

#include <math.h>

#include "miscadmin.h"

#define MAX_WAIT	1000		/* ms between looks at the clock */
#define MAX_CLIENTS 2			/* that are waited for together */
#define MAX_EVENTS	(MAX_CLIENTS * MAX_SOCKETS + 2)

/* Remember which socket libcurl waits for, and for what. */
int
batch_http_watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *data)
{
	BatchClient *c = arg;
	int			i = 0;

	(void) easy;
	(void) data;
	while (i < c->nsockets && c->sockets[i].fd != fd)
		i++;
	if (what == CURL_POLL_REMOVE || what == CURL_POLL_NONE)
	{
		if (i < c->nsockets)
			c->sockets[i] = c->sockets[--c->nsockets];
		return 0;
	}
	if (i == MAX_SOCKETS)
		return -1;
	if (i == c->nsockets)
		c->nsockets++;
	c->sockets[i].fd = fd;
	c->sockets[i].what = what;
	return 0;
}

/* Remember when libcurl wants to be called. */
int
batch_http_watch_timer(CURLM *multi, long ms, void *arg)
{
	(void) multi;
	((BatchClient *) arg)->timer = ms < 0 ? 0 : batch_now() + ms;
	return 0;
}

/* Let libcurl act on a socket, or on its timer. */
static void
act(BatchClient *c, curl_socket_t fd, int what)
{
	sigset_t	old = batch_http_block_signals();
	int			running;

	curl_multi_socket_action(c->multi, fd, what, &running);
	batch_http_restore_signals(old);
}

/* Take note of the transfers that libcurl has ended. */
static void
collect_ended(BatchClient *c)
{
	CURLMsg    *message;
	int			left;

	if (c->multi == NULL)
		return;
	while ((message = curl_multi_info_read(c->multi, &left)) != NULL)
	{
		BatchTransfer *t = NULL;

		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **) &t);
		t->result = message->data.result;
		batch_http_end_transfer(t);
	}
	batch_http_settle_fds(c);
}

/* Add the sockets that libcurl watches for a client to a set. */
static void
add_sockets(WaitEventSet *set, BatchClient *c)
{
	for (int i = 0; i < c->nsockets; i++)
		AddWaitEventToSet(set,
						  (c->sockets[i].what & CURL_POLL_IN ? WL_SOCKET_READABLE : 0) |
						  (c->sockets[i].what & CURL_POLL_OUT ? WL_SOCKET_WRITEABLE : 0),
						  c->sockets[i].fd, NULL, c);
}

/*
 * Wait for a socket, the latch or a time; give the events.  The set is known
 * to the first client, so that an error in between does not leak it.
 */
static int
wait_events(BatchClient **clients, int n, double ms, WaitEvent *events)
{
	WaitEventSet *set;
	int			nevents;

	batch_http_spare_fd(NULL);
	set = batch_compat_wait_set(MAX_EVENTS);
	if (n > 0)
		clients[0]->set = set;
	AddWaitEventToSet(set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
	if (IsUnderPostmaster)
		AddWaitEventToSet(set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL, NULL);
	for (int i = 0; i < n; i++)
		add_sockets(set, clients[i]);
	nevents = WaitEventSetWait(set, (long) ceil(ms), events, MAX_EVENTS,
							   batch_compat_wait_event());
	FreeWaitEventSet(set);
	if (n > 0)
		clients[0]->set = NULL;
	return nevents;
}

/* Let libcurl act on what a wait gave, and on the timers. */
static void
act_on_events(BatchClient **clients, int n, WaitEvent *events, int nevents)
{
	for (int i = 0; i < nevents; i++)
	{
		int			what = 0;

		if (events[i].events & WL_SOCKET_READABLE)
			what |= CURL_CSELECT_IN;
		if (events[i].events & WL_SOCKET_WRITEABLE)
			what |= CURL_CSELECT_OUT;
		if (what != 0)
			act(events[i].user_data, events[i].fd, what);
	}
	for (int i = 0; i < n; i++)
	{
		if (clients[i]->timer != 0 && clients[i]->timer <= batch_now())
		{
			clients[i]->timer = 0;
			act(clients[i], CURL_SOCKET_TIMEOUT, 0);
		}
		collect_ended(clients[i]);
	}
}

/*
 * Add a wait to the stall clock of a client's transfers, and end those that
 * have stalled.
 *
 * The clock counts only time spent waiting, so that a slow consumer is never
 * taken for a stalled server; and goes on while there is less than a byte for
 * each second of stall_timeout, so that a drip does not keep a scan for ever.
 */
static void
count_stalls(BatchClient *c, double waited)
{
	int			least = Max(c->network->stall_timeout / 1000, 1);

	for (BatchTransfer *t = c->transfers, *next; t; t = next)
	{
		next = t->next;
		t->stalled += waited;
		t->tally->waited += waited;
		if (t->paused || t->received - t->counted >= least)
		{
			t->stalled = 0;
			t->counted = t->received;
		}
		if (t->stalled < c->network->stall_timeout)
			continue;
		t->result = CURLE_OPERATION_TIMEDOUT;
		batch_http_end_transfer(t);
		snprintf(t->words, sizeof(t->words), "%d bytes came in %d ms",
				 (int) (t->received - t->counted), c->network->stall_timeout);
	}
}

/* Tell how long a client lets others wait at most, in ms. */
static double
longest_wait(const BatchClient *c, double now)
{
	double		ms = MAX_WAIT;

	if (c->timer != 0)
		ms = Min(ms, c->timer - now);
	for (BatchTransfer *t = c->transfers; t; t = t->next)
		ms = Min(ms, c->network->stall_timeout - t->stalled);
	return ms;
}

/*
 * Wait until something happens to a transfer of some clients, or until a time
 * of batch_now(), and let libcurl act on it.  Without clients it is a sleep.
 */
void
batch_http_wait(BatchClient **clients, int n, double until, BatchStats *stats)
{
	double		start = batch_now();
	double		ms = Min(MAX_WAIT, until - start);
	WaitEvent	events[MAX_EVENTS];
	int			nevents;

	Assert(n <= MAX_CLIENTS);
	if (stats->watch != NULL)
	{
		stats->watch->look(stats->watch);
		if (stats->watch->next > 0)
			ms = Min(ms, stats->watch->next - start);
	}
	for (int i = 0; i < n; i++)
		ms = Min(ms, longest_wait(clients[i], start));
	nevents = wait_events(clients, n, Max(ms, 0), events);
	for (int i = 0; i < nevents; i++)
		if (events[i].events & WL_LATCH_SET)
			ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
	act_on_events(clients, n, events, nevents);
	for (int i = 0; i < n; i++)
		count_stalls(clients[i], batch_now() - start);
	if (n > 0)
		clients[0]->network->pace->waits++;
	stats->waited += batch_now() - start;
}
