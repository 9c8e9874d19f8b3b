/*
 * jobs.h
 *	  From what is asked for to records: jobs by id or listed, and their results.
 */
#ifndef BATCH_JOBS_H
#define BATCH_JOBS_H

#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

#include "common.h"
#include "fetch/fetch.h"
#include "json/json.h"
#include "options/options.h"

/* ---- api.c: what a scan asks the API with ---- */

typedef struct BatchApi
{
	const BatchOptions *options;
	BatchStats *stats;
	BatchNetwork network;		/* what its requests obey */
	BatchLayout layout;			/* how results files are read */
	BatchClient *api;			/* NULL: the table has a url */
	BatchClient *files;			/* NULL: no results are read */
} BatchApi;

extern BatchApi *batch_api_open(const BatchOptions *o, BatchStats *stats,
								BatchPace *pace);

/* Where an answer is from, and where it goes on by its header Link. */
typedef struct BatchLinks
{
	const char *url;			/* that was asked for; NULL: it is of no answer */
	bool		has_next;		/* there is such a link */
	const char *next;			/* its target, as it was written; or NULL */
} BatchLinks;

/* ---- response.c: an API request to the values that are read of its answer ---- */

typedef struct BatchResponse BatchResponse;

extern BatchResponse *batch_response_open(const BatchApi *api, const char *url,
										  const List *unready);
extern BatchFields *batch_response_next(BatchResponse *a, bool missing_ok,
										BatchEnvelope *envelope);
extern double batch_response_pause(BatchResponse *a);
extern const char *batch_response_url(const BatchResponse *a, int *status);
extern BatchLinks batch_response_links(BatchResponse *a);
extern bool batch_response_is_unready(BatchResponse *a);

/* ---- strmap.c: a set of strings, which may carry a text each ---- */

typedef struct BatchStrmap BatchStrmap;

extern BatchStrmap *batch_strmap_open(void);
extern bool batch_strmap_add(BatchStrmap *seen, const char *text);
extern void batch_strmap_put(BatchStrmap *seen, const char *text, BatchSlice value);
extern void batch_strmap_close(BatchStrmap *seen);
extern long batch_strmap_count(const BatchStrmap *seen);
extern Size batch_strmap_size(const BatchStrmap *seen);
extern bool batch_strmap_find(BatchStrmap *seen, const char *text, BatchSlice *value);

/* ---- job.c: one job, listed or fetched ---- */

typedef struct BatchJob
{
	BatchSlice	text;			/* the job object, in its answer */
	BatchFields *fields;		/* of it: those of batch_job_envelope */
	char	   *id;
	bool		has_id;			/* it tells one itself */
	char	   *status;			/* the vendor's word, or the state without one; or NULL */
	const char *state;			/* by status_map, or what stands for it; or NULL */
	int64		count;			/* of its results; -1: unknown */
	int64		failed;			/* requests whose failures are in another file */
	bool		empty;			/* it says that there are none */
	bool		gone;			/* or no more */
	double		pause;			/* ms before it may be asked for again, or -1 */
	BatchLinks	links;			/* of its answer */
	bool		unready;		/* it is what the status of its answer says */
	bool		unknown;		/* to the API, as yet: it has an id alone */
} BatchJob;

extern bool batch_job_is_id(const BatchOptions *o, const char *id);
extern void batch_job_refuse_id(const char *id);
extern void batch_job_refuse_missing(const char *id);
extern BatchEnvelope *batch_job_envelope(const BatchOptions *o);
extern BatchJob *batch_job_open(const BatchOptions *o, BatchEnvelope *envelope,
								BatchSlice text, const char *id);
extern BatchJob *batch_job_unknown(const BatchOptions *o, BatchEnvelope *envelope,
								   const char *id);
extern BatchResponse *batch_job_ask(const BatchApi *api, const char *id);
extern BatchJob *batch_job_take(const BatchApi *api, BatchEnvelope *envelope,
								BatchResponse *answer, const char *id);
extern char *batch_job_describe(const BatchJob *job);
extern BatchTrouble *batch_job_missing(const char *id);
extern BatchTrouble *batch_job_gone(const BatchJob *job);
extern bool batch_job_is_terminal(const BatchJob *job);
extern bool batch_job_has_results(const BatchOptions *o, const BatchJob *job);
extern void batch_job_warn(const BatchOptions *o, const BatchJob *job, BatchStrmap *told);
extern bool batch_job_is_ready(const BatchOptions *o, const BatchJob *job);

/* ---- named.c: where a job says that its results are ---- */

extern List *batch_named_urls(const BatchOptions *o, const BatchJob *job, List **files);
extern BatchSlice batch_named_inline(const BatchOptions *o, const BatchJob *job);

/* ---- template.c: URL templates ---- */

/* A value in a URL: what is sent, or what EXPLAIN shows where that is not known. */
typedef struct BatchUrlValue
{
	const char *text;			/* NULL: there is none */
	bool		is_shown;		/* it stands in for a value, and is not encoded */
} BatchUrlValue;

extern void batch_template_begin(StringInfo url, const BatchOptions *o,
								 const char *template);
extern bool batch_template_fill(StringInfo url, const char *template,
								const BatchJob *job, BatchUrlValue id);
extern char *batch_template_expand(const BatchOptions *o, const char *template,
								   const BatchJob *job);
extern List *batch_template_fields(List *templates);
extern void batch_template_add_param(StringInfo url, const char *name,
									 BatchUrlValue value);

/* ---- request.c: the requests of the API, as they are sent and as EXPLAIN shows them ---- */

/* A page of a listing. */
typedef struct BatchPage
{
	const BatchFilter *filter;	/* NULL: of all jobs */
	BatchUrlValue word;			/* of the filter */
	BatchUrlValue size;			/* without: the API's own */
	const char *cursor;			/* NULL: it is told by its number, or is the first */
	int64		number;			/* or its offset */
	const char *url;			/* of all of it, that the answer before named; or NULL */
} BatchPage;

/* How a listing, or the results of a job, come in pages. */
typedef struct BatchPageRules
{
	bool		of_results;
	BatchPageStyle style;
	const char *param;			/* NULL: none */
	const char *start;			/* likewise */
	const char *size_param;		/* likewise */
	int			size;			/* 0: the API's own */
	const BatchPath *next_path; /* NULL: none */
	const BatchPath *more_path; /* likewise */
	const BatchPath *total_path;	/* likewise */
} BatchPageRules;

extern BatchPageRules batch_request_rules(const BatchOptions *o, bool of_results);
extern int64 batch_request_first_number(const BatchPageRules *rules);
extern const char *batch_request_first_cursor(const BatchPageRules *rules);
extern char *batch_request_result_page_url(const BatchOptions *o, const char *first,
										   const BatchPage *page);
extern int	batch_request_page_size(const BatchOptions *o, int64 limit);
extern void batch_request_write_page(StringInfo url, const BatchOptions *o,
									 const BatchPage *page);
extern char *batch_request_page_url(const BatchOptions *o, const BatchPage *page);
extern void batch_request_write_job(StringInfo url, const BatchOptions *o,
									BatchUrlValue id);
extern char *batch_request_job_url(const BatchOptions *o, const char *id);

/* ---- job_wait.c: pauses, and jobs that are not finished ---- */

extern BatchJob *batch_job_wait_until_settled(const BatchApi *api, BatchEnvelope *envelope,
											  BatchJob *job, BatchStrmap *words,
											  double timeout);
extern char *batch_job_wait_by_id(Oid relid, const char *id, double timeout);

typedef struct BatchAwait BatchAwait;

extern BatchAwait *batch_job_wait_open(Oid relid, List *own_ids, double timeout);
extern bool batch_job_wait_look(BatchAwait *w);
extern void batch_job_wait_pause(BatchAwait *w);
extern List *batch_job_wait_list(const BatchAwait *w);

/* ---- job_ahead.c: jobs that are asked for before their turn ---- */

typedef struct BatchJobAhead BatchJobAhead;

extern BatchJobAhead *batch_job_ahead_open(const BatchApi *api, BatchEnvelope *envelope,
										   int most);
extern bool batch_job_ahead_ask(BatchJobAhead *a, const char *id);
extern BatchJob *batch_job_ahead_next(BatchJobAhead *a, const char *id);

/* ---- paging.c: an answer of a listing to its next page ---- */

typedef struct BatchPaging BatchPaging;

extern BatchPaging *batch_paging_open(BatchPageRules rules, int page_size, const char *secret);
extern void batch_paging_fill(const BatchPaging *p, BatchPage *page);
extern bool batch_paging_turn(BatchPaging *p, const BatchFields *page, int64 items,
							  BatchLinks links);
extern BatchLinks batch_paging_links(const char *url, const BatchHead *head);

/* ---- listing.c: the pages of a listing ---- */

typedef struct BatchListing BatchListing;

extern BatchListing *batch_listing_open(const BatchApi *api, const BatchFilter *filter,
										const char *word, int64 limit);
extern bool batch_listing_next(BatchListing *l, BatchSlice *job);
extern bool batch_listing_add(BatchListing *l, const char *id, BatchSlice job);
extern bool batch_listing_has(const BatchListing *l, const char *id);
extern void batch_listing_close(BatchListing *l);
extern int64 batch_listing_page(const BatchListing *l);
extern BatchArray batch_listing_rest(const BatchListing *l);
extern bool batch_listing_has_more(const BatchListing *l);
extern const BatchResponse *batch_listing_answer(const BatchListing *l, BatchSlice *text);

/* ---- repeats.c: which jobs of a listing are given again ---- */

typedef struct BatchRepeats BatchRepeats;

extern BatchRepeats *batch_repeats_open(void);
extern bool batch_repeats_turn(BatchRepeats *r, BatchSlice jobs);
extern bool batch_repeats_has(const BatchRepeats *r, const char *id);
extern bool batch_repeats_add(BatchRepeats *r, const char *id, BatchSlice job);
extern bool batch_repeats_has_new(const BatchRepeats *r);

/* ---- claims.c: the parts of a job, dealt out ---- */

typedef struct BatchShared BatchShared;

#define BATCH_STOP_WAIT 50.0	/* ms, before a worker looks whether it is to stop */

/* What a process has of the parts of a job. */
typedef struct BatchClaims
{
	BatchShared *shared;		/* NULL: it reads all of them, and has */
	int			nparts;
	int			next;			/* the next part, from 0 */
	int			done;			/* those that were read to their end */
	uint32		objects;		/* a hash of what the parts are */
	bool		unproven;		/* its answer names others than the leader's */
	int64		records;		/* in all parts, once this process finished the last */
	bool		last;			/* it did */
	bool		joined;			/* it is a worker */
} BatchClaims;

extern Size batch_claims_size(void);
extern void batch_claims_share(BatchShared *shared, BatchClaims *claims,
							   int max_connections, int processes);
extern void batch_claims_join(BatchShared *shared, BatchClaims *claims);
extern void batch_claims_leave(BatchClaims *claims, BatchStats *stats);
extern bool batch_claims_is_stopped(const BatchClaims *claims);
extern void batch_claims_begin(BatchClaims *claims, int nparts, uint32 objects);
extern int	batch_claims_claim(BatchClaims *claims);
extern bool batch_claims_has_next(const BatchClaims *claims);
extern int	batch_claims_connections(const BatchClaims *claims, int max_connections);
extern void batch_claims_finish(BatchClaims *claims, int64 records);
extern void batch_claims_await(const BatchClaims *claims, BatchStats *stats);

/* ---- hop.c: a document to the URL that it names ---- */

extern char *batch_hop_read(const BatchApi *api, const BatchLocator *locator,
							const char *url, const BatchTrouble **trouble);
extern BatchSlice batch_hop_read_document(const BatchApi *api, BatchFile *file);

/* ---- locator.c: where the parts of a job's results are ---- */

typedef struct BatchUrls BatchUrls;

extern BatchUrls *batch_locator_open(const BatchApi *api, const BatchClaims *claims,
									 BatchEnvelope *envelope,
									 const char *job_id, List *urls, List *files);
extern BatchDownload *batch_locator_open_part(BatchUrls *u, int number,
											  const BatchTrouble **trouble);
extern BatchDownload *batch_locator_open_page(BatchUrls *u, const char *url);
extern void batch_locator_pass_part(BatchUrls *u);
extern uint32 batch_locator_hash(const BatchUrls *u);

/* ---- result_pages.c: the results of one job, page by page ---- */

typedef struct BatchResultPages BatchResultPages;

extern BatchResultPages *batch_result_pages_open(const BatchApi *api, BatchUrls *urls,
												 const BatchJob *job, List *firsts, List *files);
extern bool batch_result_pages_next(BatchResultPages *p, BatchPlace *place,
									const BatchTrouble **trouble);

/* ---- results.c: the results of one job, part by part ---- */

typedef struct BatchResults BatchResults;

extern BatchResults *batch_results_open(const BatchApi *api, BatchSpool *spool,
										BatchClaims *claims, BatchEnvelope *envelope,
										const BatchJob *job);
extern bool batch_results_next(BatchResults *r, BatchPlace *place);
extern const BatchTrouble *batch_results_trouble(const BatchResults *r);

/* ---- narrow.c: what is asked for, narrowed by one qual after another ---- */

/* What is asked for: the parameters of a plan, evaluated. */
typedef struct BatchQuery
{
	bool		nothing;		/* the quals admit no row */
	bool		by_id;			/* ids hold what is asked for */
	List	   *ids;			/* of char *, distinct */
	const BatchFilter *filter;	/* of the listing, or NULL */
	List	   *words;			/* of char *, its values */
	List	   *lacks;			/* of BatchLack: wanted, and not in a listing */
	bool		by_state;		/* what is given depends on jobs' states */
	int64		limit;			/* rows that are wanted, for a hint; 0: unknown */
	bool		one_job;		/* the first job with results is enough */
	List	   *bounds;			/* of char *, what ends an ordered listing */
} BatchQuery;

extern BatchQuery *batch_narrow_open(const BatchOptions *o);
extern void batch_narrow_to_ids(BatchQuery *query, const BatchOptions *o,
								List *ids, bool single, Oid type);
extern void batch_narrow_to_words(BatchQuery *query, const BatchOptions *o,
								  const BatchFilter *filter, List *words);
extern void batch_narrow_to_states(BatchQuery *query, const BatchOptions *o,
								   const BatchFilter *filter, List *states);
extern void batch_narrow_to_limit(BatchQuery *query, int64 limit);
extern void batch_narrow_add_offset(BatchQuery *query, int64 offset);
extern void batch_narrow_end(BatchQuery *query, const BatchOptions *o);
extern List *batch_narrow_lacks(const BatchOptions *o, Oid relid, List *attnums);
extern bool batch_narrow_is_by_state(const BatchOptions *o, Oid relid, List *attnums,
									 List *lacks);

/* ---- jobs.c: what is asked for to jobs ---- */

typedef struct BatchJobs BatchJobs;

extern BatchJobs *batch_jobs_open(const BatchApi *api, BatchEnvelope *envelope,
								  const BatchQuery *query, BatchStrmap *answered,
								  MemoryContext job_cxt, BatchPlace *place);
extern BatchJob *batch_jobs_next(BatchJobs *j);
extern BatchJob *batch_jobs_complete(BatchJobs *j, BatchJob *job);

/* ---- source.c: what is asked for to a sequence of records ---- */

typedef struct BatchSource BatchSource;

/* What goes on from one query of a scan to the next; what is NULL does not. */
typedef struct BatchReuse
{
	BatchStrmap *answered;		/* jobs by id */
	BatchStrmap *told;			/* words of jobs that were warned of */
	BatchSpool *spool;			/* single-use results */
	BatchClaims *claims;		/* parts of results; never NULL */
	BatchPace  *pace;			/* of requests; never NULL */
} BatchReuse;

/* Whoever keeps account of jobs that are passed over, at whose place it is. */
typedef struct BatchPasser
{
	void		(*pass) (void *arg, const BatchPlace *place, const BatchTrouble *trouble);
	void	   *arg;
} BatchPasser;

extern BatchSource *batch_source_open(const BatchOptions *o, const BatchQuery *query,
									  const BatchReuse *reuse, const BatchPasser *passer,
									  BatchStats *stats, BatchPlace *place);
extern void batch_source_prepare(BatchSource *s);
extern bool batch_source_next(BatchSource *s);
extern void batch_source_close(BatchSource *s);
extern int64 batch_source_count(const BatchSource *s);
extern int64 batch_source_waits(const BatchSource *s);

/* ---- check.c: a server to what its options make of its API ---- */

typedef enum BatchVerdict
{
	BATCH_FOUND_NOTHING,		/* it could not be looked at */
	BATCH_FOUND_RIGHT,
	BATCH_FOUND_WRONG
} BatchVerdict;

/* What was found at a step; texts that anyone may see. */
typedef struct BatchFinding
{
	const char *step;
	char	   *url;			/* or NULL */
	int			status;			/* of the answer; 0: none */
	BatchVerdict verdict;
	char	   *found;
	char	   *hint;			/* or NULL */
} BatchFinding;

extern List *batch_check_server(Oid serverid, const char *job_id);

#endif							/* BATCH_JOBS_H */
