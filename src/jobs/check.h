/*
 * check.h
 *	  What check.c, check_page.c, check_job.c and check_find.c share; only they
 *	  include it.
 */
#ifndef BATCH_CHECK_H
#define BATCH_CHECK_H

#include "postgres.h"

#include "jobs/jobs.h"

/* What a server's options make of its API, as far as that was looked at. */
typedef struct BatchCheckup
{
	BatchOptions *o;
	List	   *list;			/* the server's own, as they are set */
	BatchStats	stats;
	BatchPace	pace;
	BatchClaims claims;
	BatchApi   *api;
	BatchEnvelope *envelope;	/* of a job */
	List	   *findings;		/* of BatchFinding */

	/* The current step: where its findings were made */
	const char *step;
	BatchResponse *answer;		/* of a job; or */
	BatchListing *listing;		/* of its current page; or */
	BatchDownload *download;	/* of a file */

	/* What steps found */
	BatchStrmap *ids;			/* listed */
	const char *id;				/* of the job to look at; NULL: none */
	bool		is_named;		/* by the caller */
	bool		is_ready;		/* it is listed as one with results */
	BatchSlice	listed;			/* its text there */
	BatchJob   *job;
	List	   *urls;
	List	   *files;			/* numbers of their templates, or NIL */
} BatchCheckup;

/* What is sought in a text. */
typedef enum BatchSought
{
	BATCH_SOUGHT_ARRAYS,		/* of objects, in objects */
	BATCH_SOUGHT_SCALARS,		/* that are no URLs, in objects */
	BATCH_SOUGHT_NUMBERS,		/* whole ones, in objects */
	BATCH_SOUGHT_URLS,			/* in objects and arrays */
	BATCH_SOUGHT_MORE			/* what may tell of another page, in objects */
} BatchSought;

/* ---- check.c: the steps, and what is found at each ---- */

extern void batch_check_say(BatchCheckup *c, char *found, char *hint);
extern void batch_check_blame(BatchCheckup *c, char *found, char *hint);
extern void batch_check_mute(BatchCheckup *c, char *found, BatchSlice job);
extern bool batch_check_lacks_count(const BatchCheckup *c, const BatchJob *job);
extern void batch_check_pass(BatchCheckup *c, char *found, char *hint);
extern char *batch_check_show(const BatchCheckup *c, const char *text);
extern char *batch_check_hint(const BatchCheckup *c, const char *option, BatchSlice text,
							  BatchSought sought);
extern char *batch_check_plural(int64 n, const char *one, const char *many);

/* ---- check_page.c: the pages of the listing ---- */

extern void batch_check_first_page(void *checkup, Node *escontext);
extern void batch_check_next_page(void *checkup, Node *escontext);
extern void batch_check_arrays(BatchCheckup *c);

/* ---- check_job.c: one job, and its results ---- */

extern void batch_check_job(void *checkup, Node *escontext);
extern void batch_check_results(void *checkup, Node *escontext);
extern void batch_check_file(void *checkup, Node *escontext);

/* ---- check_find.c: where a text has what an option may name ---- */

extern char *batch_check_find(BatchSlice text, BatchSought sought);
extern char *batch_check_members(BatchSlice object);

#endif							/* BATCH_CHECK_H */
