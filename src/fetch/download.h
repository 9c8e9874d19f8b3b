/*
 * download.h
 *	  What download.c, retry.c and same.c share; only they include it.
 */
#ifndef BATCH_DOWNLOAD_H
#define BATCH_DOWNLOAD_H

#include "postgres.h"

#include "fetch/fetch.h"

#include "port/pg_crc32c.h"
#include "utils/memutils.h"

struct BatchDownload
{
	BatchClient *client;
	BatchTarget target;
	const BatchLocator *locator;	/* of a results file; NULL: an API's answer */
	const BatchNetwork *network;
	MemoryContext owner;		/* of the download */
	MemoryContext cxt;			/* of the current try */
	BatchTransfer *transfer;	/* NULL before a try has begun */
	double		begin_at;		/* the next try may not begin before */
	double		began_at;		/* when the current one did */
	double		failed_at;		/* when the first failure since the last progress was */
	bool		begun;			/* the body of the current try has begun */
	int			tries;			/* failures since the last progress */
	int64		progress;		/* the offset when that was */
	const char *url;			/* that the locator told; redirects begin there */
	int			hops;			/* redirects that were followed from there */
	int			moves;			/* to another URL, redirects included */
	int64		returned_at;	/* the offset when a redirect was last begun again */
	int64		given;			/* bytes given out, by all tries */
	pg_crc32c	crc;			/* of them */
	int64		again;			/* bytes to read again before there are new ones */
	pg_crc32c	crc_again;
	char	   *etag;			/* a strong one, or NULL */
	bool		moved;			/* the next try is of another object, to be proven the same */
	int64		total;			/* bytes of the file; -1: unknown */
	bool		missing_ok;		/* 404 is an answer, */
	bool		missing;		/* and is the one that came */
	const BatchTrouble *trouble;	/* why there is no file, where that is told; or NULL */
};

/* ---- retry.c: when to try again ---- */

extern double batch_retry_time(const BatchDownload *d);
extern BatchTrouble *batch_retry_describe(BatchDownload *d, const BatchFailure *failure,
										  const char *what, BatchSlice words);
extern void batch_retry_plan(BatchDownload *d, const BatchFailure *failure,
							 const char *what, BatchSlice words);

/* ---- watch.c: what a download is at ---- */

extern BatchFlow batch_watch_wait(const BatchDownload *d);
extern BatchFlow batch_watch_bytes(const BatchDownload *d, const BatchSlice *bytes);

/* ---- same.c: is it still the same file ---- */

extern void batch_same_refuse(const char *how);
extern void batch_same_begin(BatchDownload *d);
extern void batch_same_take(BatchDownload *d, BatchSlice *bytes);

#endif							/* BATCH_DOWNLOAD_H */
