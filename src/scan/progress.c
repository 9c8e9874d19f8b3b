/*
 * progress.c
 *	  How far a scan is --> batch_fdw_progress, and NOTICEs.
 *
 *	  stages --> BatchWatch --> PostgreSQL's slot of COPY --> the view
 *								\--> every progress_interval a line
 *
 * A backend has one slot for the progress of its command.  It is taken while it
 * is free and left alone while it is another's: a COPY around the scan begins
 * after the scan has, and another scan of the query may have it; so each look
 * asks whose it is.  An error clears the slot, and that of a subtransaction does
 * so for a scan that goes on.
 */
#include "scan/scan.h"

#include "access/parallel.h"
#include "commands/progress.h"
#include "utils/backend_progress.h"
#include "utils/backend_status.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

/* Places in the slot that COPY does not use; the view has them plus one. */
#define PHASE		10
#define PART		11
#define PARTS		12
#define REQUESTS	13
#define RETRIES		14
#define UNTIL		15
#define BEGUN		16

#define MB			(1024.0 * 1024.0)

struct BatchProgress
{
	BatchWatch	watch;			/* first, so that it is this */
	const BatchStats *stats;
	Oid			relid;
	TimestampTz begun;
	double		told_at;		/* when a line was last told, by batch_now() */
	int64		told_bytes;		/* how many there were then */
};

static const BatchProgress *owner;	/* of the slot; it may be gone */

/* Tell whether the slot is ours, or take it where it is free. */
static bool
has_slot(const BatchProgress *p)
{
	if (MyBEEntry == NULL)
		return false;
	if (MyBEEntry->st_progress_command == PROGRESS_COMMAND_INVALID)
	{
		pgstat_progress_start_command(PROGRESS_COMMAND_COPY, p->relid);
		owner = p;
	}
	return owner == p && MyBEEntry->st_progress_command == PROGRESS_COMMAND_COPY &&
		MyBEEntry->st_progress_command_target == p->relid;
}

/* Tell how many bytes the files have; 0 where not all of them are known. */
static int64
tell_total(const BatchWatch *w)
{
	return w->lengths > 0 && w->lengths >= w->parts ? w->total : 0;
}

/* Turn a time of batch_now() into one of the calendar. */
static TimestampTz
to_timestamp(double when)
{
	return GetCurrentTimestamp() + (int64) ((when - batch_now()) * 1000);
}

/* Show how far a scan is in the slot. */
static void
show(const BatchProgress *p)
{
	const BatchWatch *w = &p->watch;
	bool		waits = w->phase == BATCH_PHASE_JOB || w->phase == BATCH_PHASE_PAUSED;
	const int	places[] = {PROGRESS_COPY_BYTES_PROCESSED, PROGRESS_COPY_BYTES_TOTAL,
		PROGRESS_COPY_TUPLES_PROCESSED, PROGRESS_COPY_TUPLES_EXCLUDED, PHASE, PART, PARTS,
	REQUESTS, RETRIES, UNTIL, BEGUN};
	const int64 values[] = {w->given, tell_total(w), p->stats->records, p->stats->rejected,
		w->phase, w->part, w->parts, p->stats->requests, p->stats->retries,
	waits ? to_timestamp(w->until) : 0, p->begun};

	pgstat_progress_update_multi_param(lengthof(places), places, values);
}

/* Write what a scan waits for, where that is not the results. */
static char *
write_phase(const BatchWatch *w)
{
	int			seconds = (int) ((Max(w->until - batch_now(), 0) + 999) / 1000);

	switch (w->phase)
	{
		case BATCH_PHASE_JOB:
			return psprintf("waiting for the job, next look in %d s", seconds);
		case BATCH_PHASE_PAUSED:
			return psprintf("paused for %d s", seconds);
		case BATCH_PHASE_RESUMING:
			return pstrdup("resuming");
		case BATCH_PHASE_READING:
			return pstrdup("reading");
		case BATCH_PHASE_ASKING:
			break;
	}
	return pstrdup("asking the API");
}

/* Write how fast the bytes came since the last line, and when all will have. */
static void
write_speed(StringInfo line, const BatchProgress *p, double now)
{
	const BatchWatch *w = &p->watch;
	double		speed = (w->given - p->told_bytes) / Max(now - p->told_at, 1) * 1000;
	int64		total = tell_total(w);

	if (speed <= 0)
		return;
	appendStringInfo(line, ", %.1f MB/s", speed / MB);
	if (total > w->given)
		appendStringInfo(line, ", about %.0f s left", (total - w->given) / speed);
}

/* Tell in a line how far a scan is. */
static void
tell(BatchProgress *p, double now)
{
	const BatchWatch *w = &p->watch;
	StringInfoData line;

	initStringInfo(&line);
	if (w->parts == 0 || w->phase != BATCH_PHASE_READING)
		appendStringInfoString(&line, write_phase(w));
	if (w->parts > 1)
		appendStringInfo(&line, "%spart %d of %d", line.len ? ", " : "", w->part, w->parts);
	if (w->parts > 0 && tell_total(w) > 0)
		appendStringInfo(&line, "%s%.0f of %.0f MB", line.len ? ", " : "", w->given / MB,
						 tell_total(w) / MB);
	else if (w->parts > 0)
		appendStringInfo(&line, "%s%.0f MB", line.len ? ", " : "", w->given / MB);
	appendStringInfo(&line, ", %s records", batch_rows_write_number(p->stats->records));
	write_speed(&line, p, now);
	ereport(NOTICE,
			(errcode(ERRCODE_SUCCESSFUL_COMPLETION),
			 errmsg("%s", line.data)));
	pfree(line.data);
	p->told_at = now;
	p->told_bytes = w->given;
}

/* Look how far a scan is, before a wait and now and then while there is none. */
static void
look(BatchWatch *watch)
{
	BatchProgress *p = (BatchProgress *) watch;
	double		now;

	if (has_slot(p))
		show(p);
	watch->next = 0;
	if (batch_settings_progress_interval == 0 || IsParallelWorker())
		return;
	now = batch_now();
	if (now - p->told_at >= batch_settings_progress_interval)
		tell(p, now);
	watch->next = p->told_at + batch_settings_progress_interval;
}

/*
 * Let a scan of a table be watched, by its stats; belongs to the current
 * context.
 */
BatchProgress *
batch_progress_open(Relation rel, BatchStats *stats)
{
	BatchProgress *p = palloc0(sizeof(BatchProgress));

	p->watch.look = look;
	p->watch.phase = BATCH_PHASE_ASKING;
	p->stats = stats;
	p->relid = RelationGetRelid(rel);
	p->begun = GetCurrentTimestamp();
	p->told_at = batch_now();
	stats->watch = &p->watch;
	return p;
}

/* Look after the first record and each so many, as there may be no wait. */
void
batch_progress_count(BatchProgress *p)
{
	if (p->stats->records % 1024 == 1)
		look(&p->watch);
}

/* Free the slot, as there are no more rows. */
void
batch_progress_end(BatchProgress *p)
{
	if (owner != p)
		return;
	if (has_slot(p))
		pgstat_progress_end_command();
	owner = NULL;
}
