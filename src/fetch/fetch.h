/*
 * fetch.h
 *	  From URLs to bytes, and on to the lines of a file.
 */
#ifndef BATCH_FETCH_H
#define BATCH_FETCH_H

#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

#include "common.h"
#include "compat.h"
#include "json/json.h"

/* How the requests of a scan come along, from its first to its last. */
typedef struct BatchPace
{
	double		not_before;		/* none may start before this time */
	int64		waits;			/* for any of them, so far */
	bool		in_file;		/* one is for a file of which bytes were given */
} BatchPace;

/* What all requests of a scan have in common: as the user set it, and as it goes. */
typedef struct BatchNetwork
{
	const char *server;			/* its name */
	const char *proxy;			/* NULL: none */
	const char *ca_file;		/* NULL: libcurl's own */
	int			connect_timeout;	/* ms */
	int			stall_timeout;	/* ms */
	int			retry_timeout;	/* ms; of a file of which bytes were given */
	int			max_connections;	/* to the API, and to results hosts */
	int			max_retries;	/* of a request, without progress */
	const char *base_url;		/* whose origin alone is asked as the API, or NULL */
	bool		allow_private_hosts;
	List	   *result_hosts;	/* of char * */
	const char *auth_header;	/* NULL: no header has the secret */
	const char *auth_prefix;	/* of the secret in it */
	const char *auth_param;		/* NULL: no query has the secret */
	const char *secret;			/* NULL: there is none; no message shows it */
	List	   *headers;		/* of BatchPair, for the API */
	BatchStats *stats;
	BatchPace  *pace;
} BatchNetwork;

/* ---- tally.c: what requests came to ---- */

/* What the requests of a server to a host came to, in this session. */
typedef struct BatchTally
{
	struct BatchTally *next;
	const char *server;
	const char *host;
	int64		requests;
	int64		answers[4];		/* with 2xx, 3xx, 4xx and 5xx */
	int64		unanswered;
	int64		limited;		/* answers with 429 */
	int64		retries;
	int64		received;		/* bytes of heads and bodies */
	int64		connections;	/* that were made */
	int64		reused;			/* requests that needed none */
	double		waited;			/* ms, of all requests together */
} BatchTally;

extern BatchTally *batch_tally_get(const char *server, const char *url);
extern void batch_tally_count(BatchTally *t, int status);
extern const BatchTally *batch_tally_first(void);
extern void batch_tally_forget(void);

/* ---- http_head.c: the head of an answer ---- */

typedef struct BatchHead
{
	bool		done;			/* it is complete */
	int			status;			/* 0: none yet */
	bool		coded;			/* there is a transfer-encoding */
	bool		chunked;		/* and its last coding is chunks */
	bool		garbled;		/* a content-length is none, or another one */
	bool		has_next;		/* a link says that what follows is elsewhere */
	int64		length;			/* of the body; -1: unknown */
	int64		range_start;	/* of a part of the file; -1: unknown */
	int64		total;			/* of the whole file, told with a part; -1: unknown */
	size_t		bytes;
	char		content_type[128];
	char		content_encoding[32];
	char		retry_after[64];
	char		rate_reset[64];
	char		etag[256];
	char		date[64];
	char		location[8192];
	char		next[8192];		/* where that is; "": it is not told, or too long */
} BatchHead;

extern bool batch_http_head_add(BatchHead *head, const char *line, size_t len);
extern bool batch_http_head_is_framed(const BatchHead *head);
extern double batch_http_head_retry_after(const BatchHead *head);
extern double batch_http_head_pause(const BatchHead *head);

/* ---- http.c, http_client.c, http_failure.c, http_loop.c, http_url.c: one request ---- */

typedef enum BatchRole
{
	BATCH_ROLE_API,				/* asked for with the key */
	BATCH_ROLE_FILE,			/* results: statuses mean other things */
	BATCH_ROLE_OWN_FILE			/* so they do where the API itself keeps results */
} BatchRole;

typedef struct BatchClient BatchClient;
typedef struct BatchTransfer BatchTransfer;

/* The parts of a URL that rules speak of. */
typedef struct BatchUrl
{
	char	   *scheme;
	char	   *host;			/* lower case, no trailing dot */
	int			port;
	char	   *display;		/* without query, fragment and userinfo */
} BatchUrl;

/* Where a request may go, and what it asks for. */
typedef struct BatchTarget
{
	const char *url;
	BatchRole	role;
	bool		private_ok;		/* its host may be loopback or private */
	int64		offset;			/* the first byte that is wanted */
	const char *etag;			/* that the file must have, where offset > 0 */
	const List *answers;		/* of int: further statuses of an API whose body is read */
} BatchTarget;

/* What a failure means. */
typedef struct BatchFailure
{
	int			sqlstate;
	bool		retry;			/* it may pass by itself */
	const char *hint;
} BatchFailure;

extern const char *batch_http_parse_url(const char *url, BatchUrl *parts);
extern bool batch_http_is_proxy(const char *url);
extern char *batch_http_resolve(const char *base, const char *location);
extern char *batch_http_escape(const char *value);
extern BatchClient *batch_http_client(BatchRole role, const BatchNetwork *network);
extern BatchTransfer *batch_http_open(BatchClient *client,
									  const BatchTarget *target);
extern const BatchHead *batch_http_get_head(const BatchTransfer *t);
extern BatchTally *batch_http_get_tally(const BatchTransfer *t);
extern BatchFlow batch_http_next(BatchTransfer *t, BatchSlice *bytes);
extern void batch_http_wait(BatchClient **clients, int n, double until,
							BatchStats *stats);
extern const char *batch_http_library(void);
extern bool batch_http_failure_fill(const BatchTransfer *t, BatchFailure *failure,
									const char **what, BatchSlice *words);

/* ---- failure.c: why there is nothing to read ---- */

typedef struct BatchTrouble
{
	int			sqlstate;
	const char *message;
	const char *detail;			/* or NULL */
	const char *hint;			/* likewise */
	const char *context;		/* likewise */
} BatchTrouble;

extern pg_noreturn void batch_failure_raise(const BatchTrouble *trouble);

/* ---- download.c: a URL to bytes, in as many tries as it takes ---- */

typedef struct BatchDownload BatchDownload;

/*
 * Whoever knows where a results file is, and to which client that goes: renew
 * gives another URL for one that was refused, refresh for one that will expire
 * before long, or NULL; given tells how many bytes were given out.
 */
typedef struct BatchLocator
{
	BatchClient *(*aim) (void *arg, const char *url, bool redirected,
						 BatchTarget *target);
	const char *(*renew) (void *arg, const char *url, int64 given);
	const char *(*refresh) (void *arg, const char *url, int64 given);
	void	   *arg;
	bool		missing_ok;		/* that there is no file is told, not raised */
} BatchLocator;

extern BatchDownload *batch_download_open(BatchClient *client,
										  const BatchTarget *target,
										  const BatchNetwork *network);
extern BatchDownload *batch_download_open_file(const BatchLocator *locator,
											   const char *url,
											   const BatchNetwork *network);
extern BatchFlow batch_download_next(BatchDownload *d, BatchSlice *bytes);
extern double batch_download_wake(const BatchDownload *d);
extern void batch_download_wait(const BatchDownload *d);
extern const BatchHead *batch_download_head(const BatchDownload *d);
extern const char *batch_download_url(const BatchDownload *d, int *status);
extern const BatchTrouble *batch_download_trouble(const BatchDownload *d);
extern void batch_download_refuse_long(int most);
extern bool batch_download_collect(BatchDownload *d, bool missing_ok,
								   int most, StringInfo body);

/* ---- spool.c: single-use results files ---- */

typedef struct BatchSpool BatchSpool;

extern BatchSpool *batch_spool_open(void);
extern bool batch_spool_has(BatchSpool *s, const char *name);
extern bool batch_spool_add(BatchSpool *s, const char *name, BatchDownload *d);
extern const BatchHead *batch_spool_head(BatchSpool *s, const char *name);
extern void batch_spool_rewind(BatchSpool *s, const char *name);
extern size_t batch_spool_read(BatchSpool *s, const char *name, char *out,
							   size_t size);
extern void batch_spool_close(BatchSpool *s);

/* ---- file.c: a results file to its bytes, downloaded or spooled ---- */

typedef struct BatchFile BatchFile;

extern BatchFile *batch_file_open(BatchDownload *download);
extern BatchFile *batch_file_open_bytes(BatchSlice bytes);
extern BatchFile *batch_file_open_spooled(BatchSpool *spool, const char *name);
extern BatchFlow batch_file_next(BatchFile *f, BatchSlice *bytes);
extern const BatchHead *batch_file_head(const BatchFile *f);
extern bool batch_file_is_framed(const BatchFile *f);
extern const BatchTrouble *batch_file_trouble(const BatchFile *f);
extern double batch_file_wake(const BatchFile *f);
extern void batch_file_wait(const BatchFile *f);

/* ---- failure.c: what a failed answer means, and how it is told ---- */

#define BATCH_HTTP_HINT "HTTP/1.1 is spoken; the host may speak HTTP/2 only."

extern BatchFailure batch_failure_status(BatchRole role, int status);
extern const char *batch_failure_reason(int status);
extern char *batch_failure_describe(BatchSlice body, const char *type,
									const char *secret);
extern void batch_failure_refuse_markup(const char *what, int sqlstate,
										BatchSlice text, const char *type,
										const char *secret);

/* ---- redact.c: foreign text, without secrets ---- */

extern char *batch_redact_start(const char *text, const char *secret, int most);
extern char *batch_redact_text(const char *text, const char *secret);

/* ---- private_address.c: which addresses are private ---- */

struct sockaddr;
extern bool batch_private_address_is(const struct sockaddr *address);
extern bool batch_private_address_names(const char *host);

/* ---- target.c: origins, and the hosts that a request may go to ---- */

extern bool batch_target_is_absolute(const char *url);
extern size_t batch_target_object_length(const char *url);
extern char *batch_target_object(const char *url, bool by_query);
extern bool batch_target_same_object(const char *a, const char *b);
extern bool batch_target_same_origin(const char *a, const char *b);
extern void batch_target_check_api(const BatchNetwork *network, const char *url,
								   BatchTarget *target);
extern double batch_target_lifetime(const char *url);
extern void batch_target_check_result(const BatchNetwork *network, const char *url,
									  BatchTarget *target);

/* ---- inflate.c: gzip or zstd of many members, or plain, to bytes ---- */

#define BATCH_GZIP_FIRST 0x1f	/* the byte that a gzip begins with, and no JSON */

typedef struct BatchInflate BatchInflate;

extern BatchInflate *batch_inflate_open(BatchFile *from, BatchStats *stats);
extern BatchFlow batch_inflate_next(BatchInflate *z, char *out, size_t size,
									size_t *n);
extern const char *batch_inflate_describe(const BatchInflate *z);
extern void batch_inflate_answer(BatchSlice gzip, int most, StringInfo out);
extern BatchSlice batch_inflate_start(BatchSlice gzip, size_t most);
extern const char *batch_inflate_library(void);

/* ---- magic.c: what a file is that is no JSON ---- */

extern void batch_magic_check(BatchSlice text, bool whole, bool want_csv,
							  const BatchHead *head, const char *secret);

/* ---- csv_rows.c, csv.c: CSV to rows, and rows to records ---- */

/* Where in a row the search for its end is. */
typedef struct BatchCsvRows
{
	enum
	{
		BATCH_CSV_OUTSIDE,
		BATCH_CSV_QUOTED,		/* in a quoted value */
		BATCH_CSV_QUOTE			/* behind a quote there: its end, or half of one */
	}			state;
	bool		begun;			/* bytes of the row were searched */
	char		last;			/* of them */
} BatchCsvRows;

typedef struct BatchCsv BatchCsv;

extern const char *batch_csv_rows_find_end(BatchCsvRows *r, const char *start,
										   const char *end, bool eof);
extern BatchCsv *batch_csv_open(void);
extern bool batch_csv_take(BatchCsv *c, BatchSlice row, size_t most, BatchSlice *record);
extern const char *batch_csv_fault(const BatchCsv *c);

/* ---- document.c: a document to its records ---- */

extern BatchSlice batch_document_find_rows(BatchPath *rows_path, BatchSlice document);
extern void batch_document_refuse_more(void);

/* ---- lines.c: bytes to records of JSONL, of an array, of a document, or of CSV ---- */

typedef enum BatchFormat
{
	BATCH_FORMAT_AUTO = 0,
	BATCH_FORMAT_JSONL,
	BATCH_FORMAT_JSON,
	BATCH_FORMAT_CSV
} BatchFormat;

/* How a file is laid out, as the user set it. */
typedef struct BatchLayout
{
	BatchFormat format;
	BatchPath  *rows_path;		/* of a document, to the array of its records */
	BatchPath  *more_path;		/* of it, to what says that there is more; or NULL */
	bool		is_page;		/* whose next one the caller asks for */
	bool		is_record;		/* it is a record as a whole, whatever it is */
	int			max_record_size;	/* bytes */
	const char *secret;			/* that no message shows, or NULL */
} BatchLayout;

typedef struct BatchLines BatchLines;

extern BatchLines *batch_lines_open(BatchFile *from, const BatchLayout *layout,
									BatchStats *stats);
extern BatchFlow batch_lines_next(BatchLines *l, BatchSlice *record, int64 *line);
extern char *batch_lines_describe(const BatchLines *l);
extern const char *batch_lines_fault(const BatchLines *l);

#endif							/* BATCH_FETCH_H */
