/*
 * common.h
 *	  What all stages share: a piece of text, what a stage has to give, where a
 *	  record is, and what a scan did.
 */
#ifndef BATCH_COMMON_H
#define BATCH_COMMON_H

#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/nodes.h"
#include "portability/instr_time.h"

#define BATCH_VERSION	"1.0"
#define BATCH_MAX_DEPTH 6400	/* nesting of a JSON text */
#define BATCH_MAX_STEPS 64		/* steps of a path */
#define BATCH_MAX_ID	512		/* bytes of a job id */
#define BATCH_PADDING	64		/* bytes after a record that can be read, whatever they are */
#define BATCH_MAX_SHOWN 1000	/* bytes of a rejected record, or message */
#define BATCH_ALNUM		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* A piece of somebody else's text; ptr is NULL where there is none. */
typedef struct BatchSlice
{
	const char *ptr;
	size_t		len;
} BatchSlice;

/* A key and its value: word and state of status_map, name and value of headers. */
typedef struct BatchPair
{
	char	   *key;
	char	   *value;
} BatchPair;

/* What a stage has to give. */
typedef enum BatchFlow
{
	BATCH_END,					/* nothing more: the end is proven */
	BATCH_GIVEN,
	BATCH_WAIT					/* nothing before batch_http_wait */
} BatchFlow;

/* A record and where it came from. */
typedef struct BatchPlace
{
	BatchSlice	record;
	bool		padded;			/* BATCH_PADDING bytes after it can be read */
	const char *fault;			/* why it is none, whatever its text; or NULL */
	const char *job_id;			/* NULL: none */
	const char *state;			/* NULL: none */
	int			file;			/* the template of results_url that names it; 0: none */
	int			part;			/* 0: none */
	int64		line;			/* 0: none */
} BatchPlace;

/* What a scan is at, in the order of the words of batch_fdw_progress. */
typedef enum BatchPhase
{
	BATCH_PHASE_ASKING = 1,		/* the API */
	BATCH_PHASE_JOB,			/* waiting for a job */
	BATCH_PHASE_PAUSED,			/* before another try */
	BATCH_PHASE_READING,		/* results */
	BATCH_PHASE_RESUMING		/* where they broke off */
} BatchPhase;

/*
 * How far a scan is with the results of a job, for whoever watches it: look is
 * called before each wait, and may raise nothing but what is told.
 */
typedef struct BatchWatch
{
	BatchPhase	phase;
	double		until;			/* it waits, in the time of batch_now() */
	int			part;			/* the last one that was opened; 0: none */
	int			parts;
	int			lengths;		/* files whose length is known */
	int64		total;			/* these lengths together */
	int64		given;			/* bytes of files */
	double		next;			/* no wait is longer than to this time; 0: any is */
	void		(*look) (struct BatchWatch *watch);
} BatchWatch;

/* What a scan did, for EXPLAIN ANALYZE. */
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
	BatchWatch *watch;			/* NULL: nobody watches */
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
extern bool batch_text_has(const char *text);
extern char *batch_text_enter(char *text, size_t len, Node *escontext);
extern char *batch_text_leave(const char *text);
extern char *batch_text_load(const char *text);
extern size_t batch_text_append(StringInfo out, BatchSlice text, bool send);
extern char *batch_text_show(const char *text);
extern char *batch_text_show_own(const char *text);
extern int	batch_text_decode_percent(const char *p);

#endif							/* BATCH_COMMON_H */
