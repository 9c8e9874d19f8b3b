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

/* ---- text.c: texts on their way into and out of the database's encoding ---- */

extern void batch_text_prepare(void);
extern bool batch_text_is_utf8(void);
extern char *batch_text_enter(char *text, size_t len, Node *escontext);
extern char *batch_text_leave(const char *text);
extern char *batch_text_load(const char *text);
extern size_t batch_text_append(StringInfo out, BatchSlice text, bool send);
extern char *batch_text_show(const char *text);
extern char *batch_text_show_own(const char *text);

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

/* ---- match.c, plan.c, paths.c, private.c: quals to requests ---- */

/* What an expression that is compared with a column is to the API. */
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

/* Tell whether a key names jobs by their ids. */
static inline bool
batch_key_is_id(BatchKeyKind kind)
{
	return kind == BATCH_KEY_ID || kind == BATCH_KEY_IDS || kind == BATCH_KEY_JOINED_ID;
}

/* Tell whether a key is an array. */
static inline bool
batch_key_is_array(BatchKeyKind kind)
{
	return kind == BATCH_KEY_IDS || kind == BATCH_KEY_FILTERS || kind == BATCH_KEY_STATES;
}

/* A qual that the API is sent, or LIMIT or OFFSET. */
typedef struct BatchMatch
{
	BatchKeyKind kind;
	AttrNumber	attnum;			/* the column, or 0 */
	Node	   *key;			/* what it is compared with */
	BatchFilter *filter;		/* of the listing, or NULL; its path is not kept */
} BatchMatch;

/* What a plan tells its execution. */
typedef struct BatchPlan
{
	List	   *attnums;		/* columns wanted, in order */
	List	   *matches;		/* of BatchMatch */
	List	   *local;			/* numbers of the quals that are not sent */
	int			natts;			/* columns of the table, dropped ones too */
	AttrNumber	order_column;	/* whose order is relied on, or 0 */
	bool		descending;		/* that order */
} BatchPlan;

extern void batch_plan_size(PlannerInfo *root, RelOptInfo *rel, Oid relid);
extern bool batch_plan_is_parallel(const BatchOptions *o);
extern void batch_paths_add(PlannerInfo *root, RelOptInfo *rel);
extern ForeignScan *batch_plan_scan(PlannerInfo *root, RelOptInfo *rel,
									Path *path, List *tlist, List *clauses,
									Plan *outer);
extern BatchPlan *batch_private_read(const ForeignScan *scan);
extern void batch_match_check(const BatchOptions *o, Relation rel,
							  const BatchPlan *plan, bool is_parallel);

/* ---- scan.c: one execution of a plan ---- */

extern void batch_scan_begin(ForeignScanState *node, int eflags);
extern void batch_scan_next(ForeignScanState *node, TupleTableSlot *slot);
extern void batch_scan_restart(ForeignScanState *node);
extern void batch_scan_end(ForeignScanState *node);
extern const BatchStats *batch_scan_stats(ForeignScanState *node);
extern const BatchOptions *batch_scan_options(ForeignScanState *node);
extern void batch_scan_share(ForeignScanState *node, ParallelContext *pcxt,
							 void *shared);
extern void batch_scan_join(ForeignScanState *node, void *shared);
extern void batch_scan_leave(ForeignScanState *node);

/* ---- head.c to inflate.c: URLs to bytes ---- */

#include "fetch.h"

/* ---- elements.c to json.c: bytes to lines, records and values ---- */

#include "parse.h"

/* ---- answer.c: an API request to the values that are read of its answer ---- */

typedef struct BatchAnswer BatchAnswer;

extern BatchAnswer *batch_answer_open(const BatchOptions *o, BatchClient *api,
									  BatchStats *stats, const char *url);
extern BatchFields *batch_answer_next(BatchAnswer *a, bool missing_ok,
									  BatchEnvelope *envelope);
extern double batch_answer_pause(BatchAnswer *a);

/* ---- seen.c: a set of strings ---- */

typedef struct BatchSeen BatchSeen;

extern BatchSeen *batch_seen_open(void);
extern bool batch_seen_add(BatchSeen *seen, const char *text);
extern void batch_seen_put(BatchSeen *seen, const char *text, BatchSlice value);
extern void batch_seen_close(BatchSeen *seen);
extern Size batch_seen_size(const BatchSeen *seen);
extern bool batch_seen_find(BatchSeen *seen, const char *text, BatchSlice *value);

/* ---- job.c: one job, listed or fetched ---- */

struct BatchJob
{
	BatchSlice	text;			/* the job object, in its answer */
	BatchFields *fields;		/* of it: those of batch_job_envelope */
	char	   *id;
	char	   *status;			/* the vendor's word, or NULL */
	const char *state;			/* by status_map, or NULL */
	int64		count;			/* of its results; -1: unknown */
	double		pause;			/* ms before it may be asked for again, or -1 */
};

extern bool batch_job_is_id(const BatchOptions *o, const char *id);
extern void batch_job_refuse_id(const char *id);
extern void batch_job_refuse_missing(const char *id);
extern BatchEnvelope *batch_job_envelope(const BatchOptions *o);
extern BatchJob *batch_job_open(const BatchOptions *o, BatchEnvelope *envelope,
								BatchSlice text, const char *id);
extern BatchAnswer *batch_job_ask(const BatchOptions *o, BatchClient *api,
								  BatchStats *stats, const char *id);
extern BatchJob *batch_job_take(const BatchOptions *o, BatchEnvelope *envelope,
								BatchAnswer *answer, const char *id);
extern bool batch_job_is_terminal(const BatchJob *job);
extern bool batch_job_is_ready(const BatchOptions *o, const BatchJob *job);
extern List *batch_job_urls(const BatchOptions *o, const BatchJob *job);
extern BatchSlice batch_job_inline(const BatchOptions *o, const BatchJob *job);

/* ---- wait.c: pauses, and jobs that are not finished ---- */

extern BatchJob *batch_wait_for_job(const BatchOptions *o, BatchEnvelope *envelope,
									BatchClient *api, BatchStats *stats,
									BatchJob *job, double timeout);
extern char *batch_wait_by_id(Oid relid, const char *id, double timeout);

/* ---- ahead.c: jobs that are asked for before their turn ---- */

typedef struct BatchAhead BatchAhead;

extern BatchAhead *batch_ahead_open(const BatchOptions *o, BatchEnvelope *envelope,
									BatchClient *api, BatchStats *stats, int most);
extern bool batch_ahead_ask(BatchAhead *a, const char *id);
extern BatchJob *batch_ahead_next(BatchAhead *a, const char *id);

/* ---- repeats.c: the ids on the last pages of a listing ---- */

typedef struct BatchRepeats BatchRepeats;

extern BatchRepeats *batch_repeats_open(void);
extern bool batch_repeats_turn(BatchRepeats *r, BatchSlice jobs);
extern bool batch_repeats_has(const BatchRepeats *r, const char *id);
extern bool batch_repeats_add(BatchRepeats *r, const char *id, BatchSlice job);
extern bool batch_repeats_has_new(const BatchRepeats *r);

/* ---- listing.c: the pages of a listing ---- */

typedef struct BatchListing BatchListing;

extern BatchListing *batch_listing_open(const BatchOptions *o, BatchClient *api,
										BatchStats *stats,
										const BatchFilter *filter,
										const char *word, int64 limit);
extern bool batch_listing_next(BatchListing *l, BatchSlice *job);
extern bool batch_listing_add(BatchListing *l, const char *id, BatchSlice job);
extern bool batch_listing_has(const BatchListing *l, const char *id);
extern void batch_listing_close(BatchListing *l);
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

extern List *batch_keys_lacks(const BatchOptions *o, Oid relid, List *attnums);
extern BatchRequest *batch_keys_evaluate(const BatchOptions *o, List *matches,
										 List *states, ExprContext *econtext,
										 BatchOrderCheck *order);
extern bool batch_keys_equal(const BatchRequest *a, const BatchRequest *b);

typedef struct BatchSource BatchSource;
typedef struct BatchClaims BatchClaims;

extern BatchSource *batch_source_open(const BatchOptions *o,
									  const BatchRequest *request,
									  BatchSeen *answered, BatchSpool *spool,
									  BatchClaims *claims, BatchStats *stats,
									  BatchPlace *place);
extern void batch_source_prepare(BatchSource *s);
extern bool batch_source_next(BatchSource *s);
extern void batch_source_close(BatchSource *s);
extern int64 batch_source_count(const BatchSource *s);

/* ---- parallel.c: the parts of a job, dealt out ---- */

typedef struct BatchShared BatchShared;

#define BATCH_STOP_WAIT 50.0	/* ms, before a worker looks whether it is to stop */

/* What a process has of the parts of a job. */
struct BatchClaims
{
	BatchShared *shared;		/* NULL: it reads all of them, and has */
	int			nparts;
	int			next;			/* the next part, from 0 */
	int			done;			/* those that were read to their end */
	uint32		objects;		/* a hash of what the parts are */
	bool		unproven;		/* its answer names others than the leader's */
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
extern int	batch_parallel_claim(BatchClaims *claims);
extern bool batch_parallel_has_next(const BatchClaims *claims);
extern int	batch_parallel_connections(const BatchClaims *claims, int max_connections);
extern void batch_parallel_finish(BatchClaims *claims, int64 records);
extern void batch_parallel_await(const BatchClaims *claims, BatchStats *stats);

/* ---- locator.c: where the parts of a job's results are ---- */

typedef struct BatchUrls BatchUrls;

extern BatchUrls *batch_locator_open(const BatchOptions *o, BatchClient *api,
									 BatchClient *files, BatchStats *stats,
									 const BatchClaims *claims,
									 BatchEnvelope *envelope,
									 const char *job_id, List *urls);
extern BatchDownload *batch_locator_open_part(BatchUrls *u, int number);
extern void batch_locator_pass_part(BatchUrls *u);
extern uint32 batch_locator_hash(const BatchUrls *u);

/* ---- results.c: the results of one job, part by part ---- */

typedef struct BatchResults BatchResults;

extern BatchResults *batch_results_open(const BatchOptions *o, BatchClient *api,
										BatchClient *files, BatchStats *stats,
										BatchSpool *spool, BatchClaims *claims,
										BatchEnvelope *envelope, const BatchJob *job);
extern bool batch_results_next(BatchResults *r, BatchPlace *place);

/* ---- columns.c, convert.c, times.c, domains.c: slices to Datums ---- */

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
extern bool batch_columns_own_error(BatchColumns *c, const BatchPlace *place,
									int next, const ErrorData *error);

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
	struct BatchJsonb *jsonb;	/* writes jsonb */
	MemoryContext cxt;			/* that lives as long as this */
} BatchType;

extern void batch_convert_prepare(BatchType *t, Oid type, int32 typmod);
/* What does not fit goes to ereturn(escontext, ...): raised where that is NULL
 * or on 15 (see compat.h), else kept, as SOFT_ERROR_OCCURRED(escontext) tells. */
extern Datum batch_convert(BatchType *t, BatchSlice value, bool *isnull,
						   Node *escontext);
typedef struct BatchDomains BatchDomains;

extern BatchDomains *batch_domains_open(const BatchType *t);
extern bool batch_domains_are_violated(const BatchDomains *d, const ErrorData *error);
extern BatchType *batch_domains_bare(BatchDomains *d);
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
