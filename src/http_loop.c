/*
 * http_loop.c
 *	  Waiting: libcurl's sockets and timer, and the process latch, in one wait.
 *
 * libcurl says through two callbacks which sockets it watches and when it
 * wants to be called; batch_http_wait() waits for those and for the latch, so
 * that a cancel acts at once, and lets libcurl act on what happened.  The
 * callbacks copy into fixed fields; nothing in them may raise.
 */
#include "http.h"

#include <math.h>

#include "miscadmin.h"

#define MAX_WAIT	1000		/* ms between looks at the clock */

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

	while ((message = curl_multi_info_read(c->multi, &left)) != NULL)
	{
		BatchTransfer *t = NULL;

		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **) &t);
		t->done = true;
		t->result = message->data.result;
	}
}

/* Wait for a socket, the latch or a time; give the sockets that are ready. */
static int
wait_events(BatchClient *c, double ms, WaitEvent *events, int nevents)
{
	int			n;

	c->set = batch_compat_wait_set(c->nsockets + 2);
	AddWaitEventToSet(c->set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
	if (IsUnderPostmaster)
		AddWaitEventToSet(c->set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL, NULL);
	for (int i = 0; i < c->nsockets; i++)
		AddWaitEventToSet(c->set,
						  (c->sockets[i].what & CURL_POLL_IN ? WL_SOCKET_READABLE : 0) |
						  (c->sockets[i].what & CURL_POLL_OUT ? WL_SOCKET_WRITEABLE : 0),
						  c->sockets[i].fd, NULL, NULL);
	n = WaitEventSetWait(c->set, (long) ceil(ms), events, nevents,
						 batch_compat_wait_event());
	FreeWaitEventSet(c->set);
	c->set = NULL;
	return n;
}

/* Let libcurl act on what a wait gave, and on its timer. */
static void
act_on_events(BatchClient *c, WaitEvent *events, int n)
{
	for (int i = 0; i < n; i++)
	{
		int			what = 0;

		if (events[i].events & WL_SOCKET_READABLE)
			what |= CURL_CSELECT_IN;
		if (events[i].events & WL_SOCKET_WRITEABLE)
			what |= CURL_CSELECT_OUT;
		if (what != 0)
			act(c, events[i].fd, what);
	}
	if (c->timer != 0 && c->timer <= batch_now())
	{
		c->timer = 0;
		act(c, CURL_SOCKET_TIMEOUT, 0);
	}
	collect_ended(c);
}

/*
 * Wait until something happens to a transfer, and let libcurl act on it.
 *
 * The stall clock counts only time spent here without a byte, so that a slow
 * consumer is never taken for a stalled server.
 */
void
batch_http_wait(BatchTransfer *t)
{
	BatchClient *c = t->client;
	WaitEvent	events[MAX_SOCKETS + 2];
	double		start = batch_now();
	double		ms = Min(MAX_WAIT, c->o->stall_timeout - t->stalled);
	int64		received = t->received;
	int			n;

	if (c->timer != 0)
		ms = Min(ms, c->timer - start);
	n = wait_events(c, Max(ms, 0), events, lengthof(events));
	for (int i = 0; i < n; i++)
		if (events[i].events & WL_LATCH_SET)
			ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
	act_on_events(c, events, n);
	c->stats->waited += batch_now() - start;
	t->stalled = received == t->received ? t->stalled + batch_now() - start : 0;
	if (!t->done && t->stalled >= c->o->stall_timeout)
	{
		t->done = true;
		t->result = CURLE_OPERATION_TIMEDOUT;
		snprintf(t->words, sizeof(t->words), "no byte came for %d ms",
				 c->o->stall_timeout);
	}
}
