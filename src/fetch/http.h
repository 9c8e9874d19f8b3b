/*
 * http.h
 *	  What http.c, http_client.c, http_failure.c, http_loop.c and http_url.c
 *	  share; only they include it, and only here does libcurl's header appear.
 */
#ifndef BATCH_HTTP_H
#define BATCH_HTTP_H

#include "postgres.h"

#include "compat.h"
#include "fetch/fetch.h"

#include <curl/curl.h>
#include <signal.h>

#define HIGH_WATER	(256 * 1024)	/* bytes buffered before a pause */
#define BUFFER_SIZE (HIGH_WATER + CURL_MAX_WRITE_SIZE)
#define ERROR_LIMIT 8192		/* bytes kept of a failed answer's body */
#define MAX_SOCKETS 128

typedef struct Socket
{
	curl_socket_t fd;
	int			what;			/* CURL_POLL_IN, OUT, INOUT */
} Socket;

struct BatchClient
{
	MemoryContextCallback release;
	BatchRole	role;
	const BatchNetwork *network;
	BatchClient *next;			/* of this process */
	CURLM	   *multi;			/* the pool; NULL: there is no connection */
	struct curl_slist *headers;
	Socket		sockets[MAX_SOCKETS];
	int			nsockets;
	double		timer;			/* when libcurl wants to be called; 0: never */
	WaitEventSet *set;			/* while waiting */
	BatchTransfer *transfers;	/* those that have not ended */
	int			open;			/* sockets, those that idle included; at most */
	int			fds;			/* external file descriptors reserved */
};

struct BatchTransfer
{
	MemoryContextCallback release;
	BatchClient *client;
	BatchTransfer *next;		/* of the client */
	BatchTarget target;
	BatchTally *tally;
	struct curl_slist *headers; /* of this request; NULL: the client's */
	bool		plain;			/* http, not https */
	CURL	   *easy;			/* NULL: it has ended */
	bool		opened;			/* a socket was opened for it */
	bool		done;
	CURLcode	result;
	bool		refused;		/* the address was not allowed */
	bool		paused;
	bool		given;			/* the buffer's bytes were given out */
	char	   *buffer;			/* NULL: it has ended, and all were */
	size_t		fill;			/* bytes in the buffer */
	int64		received;		/* bytes of head and body */
	int64		counted;		/* of them, when the stall clock began to count */
	double		stalled;		/* ms waited since then */
	BatchHead	head;
	size_t		error_len;
	char		error_body[ERROR_LIMIT];
	char		words[CURL_ERROR_SIZE];
};

/*
 * Tell whether the status is the one of the bytes that were asked for; of an
 * answer of the API, whether it is one that is read.
 */
static inline bool
batch_http_has_body(const BatchTransfer *t)
{
	if (t->target.role == BATCH_ROLE_API)
		return (t->head.status >= 200 && t->head.status <= 299) ||
			list_member_int(t->target.answers, t->head.status);
	return t->head.status == 200 || (t->head.status == 206 && t->target.offset > 0);
}

/* ---- What differs between versions of libcurl ---- */

#if LIBCURL_VERSION_NUM < 0x080600
#define CURLE_TOO_LARGE CURLE_WRITE_ERROR	/* as it was told before */
#endif

/* Allow one protocol only: http, or https. */
static inline void
batch_http_allow_protocol(CURL *easy, bool plain)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
#else
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
					 (long) (plain ? CURLPROTO_HTTP : CURLPROTO_HTTPS));
#endif
}

/* Do not wait for the resolver's thread where a transfer ends before it does. */
static inline void
batch_http_exit_quickly(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075700
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#else
	(void) easy;
#endif
}

/* Likewise where a pool is closed. */
static inline void
batch_http_close_quickly(CURLM *multi)
{
#if LIBCURL_VERSION_NUM >= 0x081400
	curl_multi_setopt(multi, CURLMOPT_QUICK_EXIT, 1L);
#else
	(void) multi;
#endif
}

/* ---- Signals ---- */

/* Block all signals around a call of libcurl; return the mask to restore. */
static inline sigset_t
batch_http_block_signals(void)
{
	sigset_t	all,
				old;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	return old;
}

/* Restore the mask that batch_http_block_signals returned. */
static inline void
batch_http_restore_signals(sigset_t old)
{
	sigprocmask(SIG_SETMASK, &old, NULL);
}

/* ---- http.c, http_client.c, http_loop.c ---- */

extern int	batch_http_watch_socket(CURL *easy, curl_socket_t fd, int what,
									void *arg, void *data);
extern int	batch_http_watch_timer(CURLM *multi, long ms, void *arg);
extern curl_socket_t batch_http_open_socket(BatchClient *c,
											const struct curl_sockaddr *address);
extern int	batch_http_close_socket(void *arg, curl_socket_t fd);
extern void batch_http_prepare(BatchClient *c);
extern void batch_http_settle_fds(BatchClient *c);
extern void batch_http_spare_fd(const BatchClient *c);
extern void batch_http_add_line(struct curl_slist **list, const char *line);
extern void batch_http_free_headers(struct curl_slist *headers);
extern void batch_http_end_transfer(BatchTransfer *t);
extern char *batch_http_add_key(const char *url, const char *param, const char *key);

#endif							/* BATCH_HTTP_H */
