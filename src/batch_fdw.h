/*
 * batch_fdw.h
 *	  The one internal header, in the order in which a record travels.
 *
 *	options --> plan --> source <-- record <-- lines <-- inflate <-- http
 *						   |
 *						columns --> tuple slot
 *
 * Every stage has the verbs open, next and close.  What a stage acquires
 * belongs to the memory context that was current when it was opened; deleting
 * that context is a complete close, and the only one that an error performs.
 */
#ifndef BATCH_FDW_H
#define BATCH_FDW_H

#include "postgres.h"

#include "access/parallel.h"
#include "access/tupdesc.h"
#include "fmgr.h"
#include "foreign/fdwapi.h"
#include "lib/stringinfo.h"
#include "nodes/execnodes.h"
#include "nodes/pathnodes.h"
#include "portability/instr_time.h"
#include "utils/rel.h"

#include "compat.h"

#define BATCH_VERSION	"1.0"
#define BATCH_MAX_DEPTH 6400	/* nesting of a JSON text */
#define BATCH_MAX_STEPS 64		/* steps of a path */
#define BATCH_MAX_ID	256		/* bytes of a job id */
#define BATCH_MAX_SHOWN 1000	/* bytes of a rejected record, or message */
#define BATCH_ALNUM		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* ---- Shared by all stages ---- */

/* A piece of somebody else's text; ptr is NULL where there is none. */
typedef struct BatchSlice
{
	const char *ptr;
	size_t		len;
} BatchSlice;

/* What a stage has to give. */
typedef enum BatchFlow
{
	BATCH_END,					/* nothing more: the end is proven */
	BATCH_GIVEN,
	BATCH_WAIT					/* nothing before batch_http_wait */
} BatchFlow;

/* What a scan did, for EXPLAIN ANALYZE, and what all its requests obey. */
typedef struct BatchStats
{
	int64		requests;		/* requests sent, tries included */
	int64		pages;			/* pages of a listing */
	int64		retries;		/* requests sent again */
	int64		received;		/* bytes of answers' bodies */
	int64		inflated;		/* bytes after inflating */
	int64		records;		/* records read */
	int64		rejected;		/* bad records and values that on_error passed over */
	int64		skipped;		/* blank lines, repeated jobs, jobs without results */
	double		waited;			/* milliseconds spent waiting */
	double		not_before;		/* no request may start before this time */
	int			renewals;		/* of URLs that were refused */
} BatchStats;

/* Add what was done elsewhere to what was done here. */
static inline void
batch_stats_add(BatchStats *sum, const BatchStats *stats)
{
	sum->requests += stats->requests;
	sum->pages += stats->pages;
	sum->retries += stats->retries;
	sum->received += stats->received;
	sum->inflated += stats->inflated;
	sum->records += stats->records;
	sum->rejected += stats->rejected;
	sum->skipped += stats->skipped;
	sum->waited += stats->waited;
}

/* Tell the time of a clock that never jumps, in milliseconds. */
static inline double
batch_now(void)
{
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	return INSTR_TIME_GET_MILLISEC(now);
}

/* ---- path.c: a jsonpath of members, elements and [*] ---- */

typedef enum BatchStepKind
{
	BATCH_STEP_KEY,
	BATCH_STEP_INDEX,
	BATCH_STEP_ALL
} BatchStepKind;

typedef struct BatchStep
{
	BatchStepKind kind;
	char	   *key;			/* of a member, in UTF-8 */
	int			keylen;
	int			index;			/* of an element, from 0 */
} BatchStep;

typedef struct BatchPath
{
	int			nsteps;
	bool		has_all;		/* some step is [*] */
	BatchStep	steps[FLEXIBLE_ARRAY_MEMBER];
} BatchPath;

extern BatchPath *batch_path_parse(const char *text);
extern BatchPath *batch_path_member(const char *key);
extern bool batch_path_equal(const BatchPath *a, const BatchPath *b);

#include "options.h"

/* ---- providers.c: the named sets of server options ---- */

typedef struct BatchSetting
{
	const char *provider;
	const char *option;
	const char *value;
} BatchSetting;

extern const BatchSetting batch_providers[];	/* ends with a NULL provider */

/* ---- plan.c, paths.c: quals to requests ---- */

/* What an expression of fdw_exprs stands for. */
typedef enum BatchKeyKind
{
	BATCH_KEY_ID,				/* one job id, which must be one */
	BATCH_KEY_IDS,				/* an array of ids; what is none matches nothing */
	BATCH_KEY_JOINED_ID,		/* one id of a join or a sub-select, likewise */
	BATCH_KEY_FILTER,			/* one word of a filter */
	BATCH_KEY_FILTERS,			/* an array of them */
	BATCH_KEY_STATE,			/* one state, to be mapped back to words */
	BATCH_KEY_STATES,			/* an array of them */
	BATCH_KEY_LIMIT,			/* the query's LIMIT: sets the size of a page */
	BATCH_KEY_OFFSET,			/* and its OFFSET */
	BATCH_KEY_BOUND				/* where an ordered listing may end */
} BatchKeyKind;

/* The lists of ForeignScan.fdw_private. */
typedef enum BatchPrivate
{
	BATCH_PRIVATE_COLUMNS,		/* attribute numbers wanted, in order */
	BATCH_PRIVATE_KEYS,			/* BatchKeyKind, filter number, per fdw_expr */
	BATCH_PRIVATE_LOCAL,		/* numbers of the quals that are not pushed */
	BATCH_PRIVATE_ORDER			/* the column whose order is relied on, or 0 */
} BatchPrivate;

extern void batch_plan_size(PlannerInfo *root, RelOptInfo *rel, Oid relid);
extern bool batch_plan_is_parallel(Oid relid);
extern void batch_paths_add(PlannerInfo *root, RelOptInfo *rel);
extern ForeignScan *batch_plan_scan(PlannerInfo *root, RelOptInfo *rel,
									Path *path, List *tlist, List *clauses,
									Plan *outer);

/* ---- scan.c: one execution of a plan ---- */

extern void batch_scan_begin(ForeignScanState *node, int eflags);
extern void batch_scan_next(ForeignScanState *node, TupleTableSlot *slot);
extern void batch_scan_restart(ForeignScanState *node);
extern void batch_scan_end(ForeignScanState *node);
extern const BatchStats *batch_scan_stats(ForeignScanState *node);
extern void batch_scan_share(ForeignScanState *node, ParallelContext *pcxt,
							 void *shared);
extern void batch_scan_join(ForeignScanState *node, void *shared);
extern void batch_scan_leave(ForeignScanState *node);

/* ---- head.c: the head of an answer ---- */

typedef struct BatchHead
{
	bool		done;			/* it is complete */
	int			status;			/* 0: none yet */
	bool		framed;			/* the body's length or its chunks are announced */
	int64		length;			/* of the body; -1: unknown */
	int64		range_start;	/* of a part of the file; -1: unknown */
	int64		total;			/* of the whole file, told with a part; -1: unknown */
	size_t		bytes;
	char		content_type[128];
	char		retry_after[64];
	char		rate_reset[64];
	char		etag[256];
	char		date[64];
	char		location[8192];
} BatchHead;

extern bool batch_head_add(BatchHead *head, const char *line, size_t len);
extern double batch_head_retry_after(const BatchHead *head);
extern double batch_head_pause(const BatchHead *head);

/* ---- http.c, http_loop.c, http_url.c: one request, by libcurl ---- */

typedef enum BatchRole
{
	BATCH_ROLE_API,				/* asked for with the key */
	BATCH_ROLE_FILE				/* results: statuses mean other things */
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
} BatchTarget;

/* What a failure means. */
typedef struct BatchFailure
{
	int			sqlstate;
	bool		retry;			/* it may pass by itself */
	const char *hint;
} BatchFailure;

extern const char *batch_http_parse_url(const char *url, BatchUrl *parts);
extern char *batch_http_resolve(const char *base, const char *location);
extern char *batch_http_escape(const char *value);
extern BatchClient *batch_http_client(BatchRole role, const BatchOptions *o,
									  BatchStats *stats);
extern BatchTransfer *batch_http_open(BatchClient *client,
									  const BatchTarget *target);
extern const BatchHead *batch_http_head(const BatchTransfer *t);
extern BatchFlow batch_http_next(BatchTransfer *t, BatchSlice *bytes);
extern void batch_http_wait(BatchClient **clients, int n, double until,
							BatchStats *stats);
extern const char *batch_http_library(void);
extern bool batch_http_failure(const BatchTransfer *t, BatchFailure *failure,
							   const char **what, BatchSlice *words);

/* ---- download.c: a URL to bytes, in as many tries as it takes ---- */

typedef struct BatchDownload BatchDownload;

/* Whoever knows where a results file is, and to which client that goes. */
typedef struct BatchLocator
{
	BatchClient *(*aim) (void *arg, const char *url, bool redirected,
						 BatchTarget *target);
	const char *(*renew) (void *arg, const char *url);	/* that was refused; may give NULL */
	const char *(*refresh) (void *arg, const char *url);	/* that will expire; likewise */
	void	   *arg;
} BatchLocator;

typedef struct BatchSpool BatchSpool;

extern BatchDownload *batch_download_open(BatchClient *client,
										  const BatchTarget *target,
										  const BatchOptions *o,
										  BatchStats *stats);
extern BatchDownload *batch_download_open_file(const BatchLocator *locator,
											   const char *url,
											   const BatchOptions *o,
											   BatchStats *stats);
extern BatchDownload *batch_download_replay(BatchSpool *spool, const char *name);
extern BatchFlow batch_download_next(BatchDownload *d, BatchSlice *bytes);
extern double batch_download_wake(const BatchDownload *d);
extern void batch_download_wait(const BatchDownload *d);
extern const BatchHead *batch_download_head(const BatchDownload *d);
extern bool batch_download_collect(BatchDownload *d, bool missing_ok,
								   StringInfo body);

/* ---- spool.c: single-use results files ---- */

extern BatchSpool *batch_spool_open(void);
extern bool batch_spool_has(BatchSpool *s, const char *name);
extern void batch_spool_add(BatchSpool *s, const char *name, BatchDownload *d);
extern void batch_spool_rewind(BatchSpool *s, const char *name);
extern size_t batch_spool_read(BatchSpool *s, const char *name, char *out,
							   size_t size);
extern void batch_spool_close(BatchSpool *s);

/* ---- failure.c: what a failed answer means, and how it is told ---- */

extern BatchFailure batch_failure_status(BatchRole role, int status);
extern const char *batch_failure_reason(int status);
extern char *batch_failure_message(const char *body, size_t len,
								   const char *secret);
extern char *batch_failure_redact(const char *text, const char *secret);
extern void batch_failure_refuse_markup(const char *what, int sqlstate,
										BatchSlice text, const char *type,
										const char *secret);

/* ---- address.c: which addresses are private ---- */

struct sockaddr;
extern bool batch_address_is_private(const struct sockaddr *address);
extern bool batch_address_names_private(const char *host);

/* ---- url.c: templates, origins, allowed hosts ---- */

typedef struct BatchJob BatchJob;
extern char *batch_url_expand(const BatchOptions *o, const char *template,
							  const BatchJob *job, const char *id);
extern void batch_url_add_param(StringInfo url, const char *name,
								const char *value);
extern bool batch_url_same_origin(const char *a, const char *b);
extern void batch_url_check_api(const BatchOptions *o, const char *url,
								BatchTarget *target);
extern double batch_url_lifetime(const char *url);
extern void batch_url_check_result(const BatchOptions *o, const char *url,
								   BatchTarget *target);

/* ---- inflate.c: gzip of many members, or plain, to bytes ---- */

typedef struct BatchInflate BatchInflate;

extern BatchInflate *batch_inflate_open(BatchDownload *from, BatchStats *stats);
extern BatchFlow batch_inflate_next(BatchInflate *z, char *out, size_t size,
									size_t *n);
extern const char *batch_inflate_library(void);

/* ---- elements.c: the elements of a JSON array ---- */

/* Where a text is split at the commas of its outermost array. */
typedef struct BatchSplitter
{
	int			depth;
	bool		in_string;
	bool		escaped;
} BatchSplitter;

typedef struct BatchElements
{
	BatchSlice	rest;			/* what is not yet given */
	bool		is_array;
	bool		done;
} BatchElements;

extern const char *batch_elements_find_end(BatchSplitter *s, const char *p,
										   const char *end);
extern BatchSlice batch_elements_trim(const char *p, const char *end);
extern void batch_elements_open(BatchElements *e, BatchSlice text);
extern bool batch_elements_next(BatchElements *e, BatchSlice *element);

/* ---- lines.c: bytes to records of JSONL, of an array, or of a document ---- */

typedef struct BatchLines BatchLines;

extern BatchLines *batch_lines_open(BatchDownload *from, const BatchOptions *o,
									BatchStats *stats);
extern BatchFlow batch_lines_next(BatchLines *l, BatchSlice *record, int64 *line);

/* ---- record.c: a record to the slices that paths name ---- */

typedef struct BatchRecord BatchRecord;

extern BatchRecord *batch_record_open(List *paths);
extern bool batch_record_next(BatchRecord *r, BatchSlice text);
extern bool batch_record_has(const BatchRecord *r, int path);
extern BatchSlice batch_record_get(const BatchRecord *r, int path);
extern void batch_record_raise(const BatchRecord *r, Node *escontext);
extern BatchSlice batch_record_find(BatchPath *path, BatchSlice text);

/* ---- strings.c: a JSON string to its characters ---- */

extern const char *batch_string_unescape(BatchSlice string, StringInfo out,
										 int *sqlstate);

/* ---- number.c: a JSON number to a numeric ---- */

extern const char *batch_number_measure(const char *p, const char *end,
										uint32 *whole);
extern uint32 batch_number_write(char *out, BatchSlice number, uint32 whole);
extern Datum batch_number_make(BatchSlice number, Node *escontext);

/* ---- tape.c: a JSON text to its keys and values in a flat array ---- */

#define BATCH_SLACK 16			/* bytes that may be read behind a text */

/* Memory that is used again and again. */
typedef struct BatchRoom
{
	void	   *ptr;
	Size		size;
} BatchRoom;

typedef struct BatchToken
{
	const char *ptr;			/* a string's characters, a number's text or numeric */
	uint32		type;			/* one of JENTRY_IS... */
	uint32		len;			/* bytes at ptr; tokens directly in a container */
	uint32		next;			/* the token behind this one and all in it */
	uint32		detail;			/* a container's JB_F...; a number's digits before
								 * the point, 0: ptr is its numeric */
} BatchToken;

typedef struct BatchTape
{
	MemoryContext cxt;
	const char *end;			/* of the text */
	BatchToken *tokens;
	uint32		ntokens;
	uint32		max_tokens;
	uint32		depth;			/* of the deepest container */
	Node	   *escontext;
	bool		failed;			/* jsonb cannot hold it; escontext keeps why */
	BatchRoom	text_room;
	BatchRoom	tokens_room;
} BatchTape;

extern void batch_tape_open(BatchTape *t);
extern bool batch_tape_read(BatchTape *t, BatchSlice json, Node *escontext);
extern void *batch_tape_reserve(BatchRoom *room, MemoryContext cxt, Size size);

/* ---- jsonb.c: a JSON text to jsonb ---- */

typedef struct BatchJsonb BatchJsonb;

extern BatchJsonb *batch_jsonb_open(void);
extern Datum batch_jsonb_make(BatchJsonb *w, BatchSlice json, Node *escontext);

/* ---- json.c: the envelope of an answer ---- */

typedef struct BatchJson BatchJson;

extern const char *batch_json_library(void);
extern BatchJson *batch_json_open(BatchSlice text);
extern void batch_json_close(BatchJson *json);
extern char *batch_json_find_text(BatchJson *json, const BatchPath *path);
extern List *batch_json_find_texts(BatchJson *json, const BatchPath *path);
extern bool batch_json_is(BatchJson *json, const BatchPath *path, bool expected);
extern bool batch_json_exists(BatchJson *json, const BatchPath *path);
extern List *batch_json_find_pairs(BatchJson *json);
extern char *batch_json_find_message(const char *text, size_t len);

/* ---- answer.c: an API request to the JSON value that matters ---- */

typedef struct BatchAnswer BatchAnswer;

extern BatchAnswer *batch_answer_open(const BatchOptions *o, BatchClient *api,
									  BatchStats *stats, const char *url);
extern bool batch_answer_next(BatchAnswer *a, bool missing_ok, BatchSlice *text);
extern double batch_answer_pause(BatchAnswer *a);

/* ---- seen.c: a set of strings ---- */

typedef struct BatchSeen BatchSeen;

extern BatchSeen *batch_seen_open(void);
extern bool batch_seen_add(BatchSeen *seen, const char *text);
extern void batch_seen_put(BatchSeen *seen, const char *text, BatchSlice value);
extern Size batch_seen_size(const BatchSeen *seen);
extern bool batch_seen_find(BatchSeen *seen, const char *text, BatchSlice *value);

/* ---- job.c: one job, listed or fetched ---- */

struct BatchJob
{
	BatchSlice	text;			/* the job object, in its answer */
	BatchJson  *json;
	char	   *id;
	char	   *status;			/* the vendor's word, or NULL */
	const char *state;			/* by status_map, or NULL */
	int64		count;			/* of its results; -1: unknown */
	double		pause;			/* ms before it may be asked for again, or -1 */
};

extern bool batch_job_is_id(const BatchOptions *o, const char *id);
extern void batch_job_refuse_id(const char *id);
extern void batch_job_refuse_missing(const char *id);
extern BatchJob *batch_job_open(const BatchOptions *o, BatchSlice text,
								const char *id);
extern BatchAnswer *batch_job_ask(const BatchOptions *o, BatchClient *api,
								  BatchStats *stats, const char *id);
extern BatchJob *batch_job_take(const BatchOptions *o, BatchAnswer *answer,
								const char *id);
extern bool batch_job_is_terminal(const BatchJob *job);
extern bool batch_job_is_ready(const BatchOptions *o, const BatchJob *job);
extern List *batch_job_urls(const BatchOptions *o, const BatchJob *job);
extern BatchSlice batch_job_inline(const BatchOptions *o, const BatchJob *job);

/* ---- wait.c: pauses, and jobs that are not finished ---- */

extern void batch_wait_until(double when, BatchStats *stats);
extern BatchJob *batch_wait_for_job(const BatchOptions *o, BatchClient *api,
									BatchStats *stats, BatchJob *job,
									double timeout);
extern char *batch_wait_by_id(Oid relid, const char *id, double timeout);

/* ---- ahead.c: jobs that are asked for before their turn ---- */

typedef struct BatchAhead BatchAhead;

extern BatchAhead *batch_ahead_open(const BatchOptions *o, BatchClient *api,
									BatchStats *stats, int most);
extern bool batch_ahead_ask(BatchAhead *a, const char *id);
extern BatchJob *batch_ahead_next(BatchAhead *a, const char *id);

/* ---- listing.c: the pages of a listing ---- */

typedef struct BatchListing BatchListing;

extern BatchListing *batch_listing_open(const BatchOptions *o, BatchClient *api,
										BatchStats *stats,
										const BatchFilter *filter,
										const char *word, int64 limit);
extern bool batch_listing_next(BatchListing *l, BatchSlice *job);
extern BatchElements batch_listing_rest(const BatchListing *l);

/* ---- source.c: a plan and its parameters to a sequence of records ---- */

/* What is asked for: the parameters of a plan, evaluated. */
typedef struct BatchRequest
{
	bool		nothing;		/* the quals admit no row */
	bool		by_id;			/* ids hold what is asked for */
	List	   *ids;			/* of char *, distinct */
	const BatchFilter *filter;	/* of the listing, or NULL */
	List	   *words;			/* of char *, its values */
	List	   *lacks;			/* of BatchLack: wanted, and not in a listing */
	int64		limit;			/* rows that are wanted, for a hint; 0: unknown */
	bool		one_job;		/* the first job with results is enough */
	List	   *bounds;			/* of char *, what ends an ordered listing */
} BatchRequest;

/* A record and where it came from. */
typedef struct BatchPlace
{
	BatchSlice	record;
	const char *job_id;			/* NULL: none */
	const char *state;			/* NULL: none */
	int			part;			/* 0: none */
	int64		line;			/* 0: none */
} BatchPlace;

/* keys.c: a plan's expressions, evaluated */

typedef struct BatchOrderCheck BatchOrderCheck;

extern bool batch_keys_equal(const BatchRequest *a, const BatchRequest *b);
extern BatchRequest *batch_keys_evaluate(const BatchOptions *o, Oid relid,
										 List *attnums, List *states,
										 List *kinds, ExprContext *econtext,
										 BatchOrderCheck *order);

typedef struct BatchSource BatchSource;
typedef struct BatchClaims BatchClaims;

extern BatchSource *batch_source_open(const BatchOptions *o,
									  const BatchRequest *request,
									  BatchSeen *answered, BatchSpool *spool,
									  BatchClaims *claims, BatchStats *stats,
									  BatchPlace *place);
extern void batch_source_prepare(BatchSource *s);
extern bool batch_source_next(BatchSource *s);
extern int64 batch_source_count(const BatchSource *s);

/* ---- parallel.c: the parts of a job, dealt out ---- */

typedef struct BatchShared BatchShared;

/* What a process has of the parts of a job. */
struct BatchClaims
{
	BatchShared *shared;		/* NULL: it reads all of them, and has */
	int			nparts;
	int			next;			/* the next part, from 0 */
	int			done;			/* those that were read to their end */
	uint32		objects;		/* a hash of what the parts are */
	int			held;			/* a part claimed before the job was asked for, from 1 */
	int64		records;		/* in all parts, once this process finished the last */
	bool		last;			/* it did */
};

extern Size batch_parallel_size(void);
extern void batch_parallel_share(BatchShared *shared, BatchClaims *claims,
								 int max_connections, int processes);
extern void batch_parallel_join(BatchShared *shared, BatchClaims *claims);
extern void batch_parallel_add(BatchShared *shared, const BatchStats *stats);
extern void batch_parallel_stop(BatchShared *shared, BatchStats *stats);
extern bool batch_parallel_is_stopped(const BatchClaims *claims);
extern void batch_parallel_begin(BatchClaims *claims, int nparts, uint32 objects);
extern bool batch_parallel_hold(BatchClaims *claims);
extern int	batch_parallel_claim(BatchClaims *claims);
extern bool batch_parallel_has_next(const BatchClaims *claims);
extern int	batch_parallel_connections(const BatchClaims *claims, int max_connections);
extern void batch_parallel_finish(BatchClaims *claims, int64 records);

/* ---- results.c: the results of one job, part by part ---- */

typedef struct BatchResults BatchResults;

extern BatchResults *batch_results_open(const BatchOptions *o, BatchClient *api,
										BatchClient *files, BatchStats *stats,
										BatchSpool *spool, BatchClaims *claims,
										const BatchJob *job);
extern bool batch_results_next(BatchResults *r, BatchPlace *place);

/* ---- columns.c, convert.c, times.c: slices to Datums ---- */

typedef struct BatchColumns BatchColumns;

extern BatchColumns *batch_columns_open(Relation rel, List *attnums,
										const BatchOptions *o);
extern bool batch_columns_scan(BatchColumns *c, BatchSlice record,
							   Node *escontext);
extern bool batch_columns_convert(BatchColumns *c, const BatchPlace *place,
								  int *next, Datum *values, bool *isnull,
								  Node *escontext);
extern void batch_columns_fill(BatchColumns *c, const BatchPlace *place,
							   TupleTableSlot *slot);
extern const char *batch_columns_current(const BatchColumns *c);

/* How a value of one type is made. */
typedef struct BatchType
{
	Oid			type;			/* the column's, or its element's */
	Oid			base;			/* below domains */
	int32		typmod;
	FmgrInfo	input;
	Oid			ioparam;
	struct BatchType *element;	/* of an array, or NULL */
	int16		length;			/* for an array of it: pg_type's */
	bool		byval;
	char		align;
	void	   *domain;			/* domain_check's own */
	struct BatchJsonb *jsonb;	/* writes jsonb, or NULL */
	MemoryContext cxt;			/* that lives as long as this */
} BatchType;

extern void batch_convert_prepare(BatchType *t, Oid type, int32 typmod);
/* What does not fit goes to ereturn(escontext, ...): raised where that is NULL
 * or on 15 (see compat.h), else kept, as SOFT_ERROR_OCCURRED(escontext) tells. */
extern Datum batch_convert(BatchType *t, BatchSlice value, bool *isnull,
						   Node *escontext);
extern bool batch_times_is(Oid type);
extern bool batch_times_parse(const BatchType *t, BatchSlice v, Datum *value);
extern Datum batch_times_convert(BatchType *t, char *text, bool is_number,
								 Node *escontext);

#include "rejects.h"

/* ---- order.c: a listing whose order is relied on ---- */

extern BatchOrderCheck *batch_order_open(Relation rel, AttrNumber attnum,
										 bool descending);
extern void batch_order_reset(BatchOrderCheck *c);
extern void batch_order_bound(BatchOrderCheck *c, Datum bound);
extern bool batch_order_next(BatchOrderCheck *c, TupleTableSlot *slot);

/* ---- import.c, explain.c, analyze.c ---- */

extern List *batch_import_schema(ImportForeignSchemaStmt *stmt, Oid serverid);
extern void batch_explain_scan(ForeignScanState *node, ExplainState *es);
extern bool batch_analyze_table(Relation rel, AcquireSampleRowsFunc *func,
								BlockNumber *pages);

#endif							/* BATCH_FDW_H */
