/*
 * claims.c
 *	  The parts of one job's results, dealt out one by one.
 *
 * A process claims a part when it is about to read it, never ahead, and tells
 * when it has read it to its end.  In a serial scan both happen in its own
 * BatchClaims; in a parallel one in shared memory, which holds counters, the
 * number of parts and the next one, but no URL and no key: each process asks
 * for the job itself, while there are parts to claim.
 *
 * Parts of two answers may go together only where they are the same, which the
 * paths of their URLs prove (locator.c).  A worker that is told other paths, or
 * of no results, claims nothing, and leaves the parts to the leader, whose answer
 * counts.  It does not end before they are all claimed: the end of one process
 * tells a parallel Append that the others need not begin with this scan.
 */
#include "jobs/jobs.h"

#include "optimizer/optimizer.h"
#include "port/atomics.h"
#include "storage/spin.h"

struct BatchShared
{
	uint32		nparts;
	uint32		objects;		/* a hash of what the parts are */
	int			connections;	/* that each process may have open */
	pg_atomic_uint32 next;		/* the next part, from 0 */
	pg_atomic_uint32 done;		/* parts that were read to their end */
	pg_atomic_uint64 records;	/* in them */
	pg_atomic_uint32 stop;		/* no more rows are wanted */
	slock_t		lock;			/* of stats */
	BatchStats	stats;			/* of the workers that have ended */
};

/* Tell the bytes of shared memory that a scan wants. */
Size
batch_claims_size(void)
{
	return sizeof(BatchShared);
}

/*
 * Prepare shared memory for so many processes, from the claims of the leader,
 * who has asked for the job.  No process may have claimed anything.
 */
void
batch_claims_share(BatchShared *shared, BatchClaims *claims, int max_connections,
				   int processes)
{
	memset(shared, 0, sizeof(*shared));
	shared->nparts = claims->nparts;
	shared->objects = claims->objects;
	shared->connections = Max(max_connections / processes, 1);
	pg_atomic_init_u32(&shared->next, 0);
	pg_atomic_init_u32(&shared->done, 0);
	pg_atomic_init_u64(&shared->records, 0);
	pg_atomic_init_u32(&shared->stop, 0);
	SpinLockInit(&shared->lock);
	claims->shared = shared;
}

/* Take part in what the leader has prepared. */
void
batch_claims_join(BatchShared *shared, BatchClaims *claims)
{
	claims->shared = shared;
	claims->joined = true;
}

/*
 * Have no more to do with shared memory: a worker leaves there what it did, and
 * the leader tells the workers to stop, and takes over what they did.
 */
void
batch_claims_leave(BatchClaims *claims, BatchStats *stats)
{
	BatchShared *shared = claims->shared;

	if (!claims->joined)
		pg_atomic_write_u32(&shared->stop, 1);
	SpinLockAcquire(&shared->lock);
	if (claims->joined)
		batch_stats_add(&shared->stats, stats);
	else
		batch_stats_add(stats, &shared->stats);
	SpinLockRelease(&shared->lock);
	claims->shared = NULL;
}

/* Tell whether no more rows are wanted. */
bool
batch_claims_is_stopped(const BatchClaims *claims)
{
	return claims->shared != NULL && pg_atomic_read_u32(&claims->shared->stop) != 0;
}

/*
 * Begin with the parts of a job.  In a parallel scan they may be claimed if they
 * are those that the leader saw; objects is a hash of what they are.
 */
void
batch_claims_begin(BatchClaims *claims, int nparts, uint32 objects)
{
	BatchShared *shared = claims->shared;

	claims->unproven = shared != NULL &&
		(shared->nparts != (uint32) nparts || shared->objects != objects);
	claims->nparts = nparts;
	claims->objects = objects;
	claims->next = 0;
	claims->done = 0;
	claims->records = 0;
	claims->last = false;
}

/* Claim the next part; gives its number from 0, or -1. */
int
batch_claims_claim(BatchClaims *claims)
{
	BatchShared *shared = claims->shared;
	int			part;

	if (shared == NULL)
		return claims->next < claims->nparts ? claims->next++ : -1;
	if (claims->unproven || pg_atomic_read_u32(&shared->next) >= shared->nparts)
		return -1;
	part = pg_atomic_fetch_add_u32(&shared->next, 1);
	return part < (int) shared->nparts ? part : -1;
}

/* Tell whether there may be a part to claim. */
bool
batch_claims_has_next(const BatchClaims *claims)
{
	if (claims->shared != NULL)
		return pg_atomic_read_u32(&claims->shared->next) < claims->shared->nparts;
	return claims->next < claims->nparts;
}

/* Tell how many connections this process may have open at once. */
int
batch_claims_connections(const BatchClaims *claims, int max_connections)
{
	return claims->shared ? claims->shared->connections : max_connections;
}

/*
 * Tell that a part was read to its end, and how many records it had.  The one
 * who finishes the last part learns of all of them.
 */
void
batch_claims_finish(BatchClaims *claims, int64 records)
{
	BatchShared *shared = claims->shared;

	if (shared == NULL)
	{
		claims->records += records;
		claims->last = ++claims->done == claims->nparts;
		return;
	}
	pg_atomic_fetch_add_u64(&shared->records, records);
	if (pg_atomic_fetch_add_u32(&shared->done, 1) + 1 == shared->nparts)
	{
		claims->records = pg_atomic_read_u64(&shared->records);
		claims->last = true;
	}
}

/*
 * Wait, in a worker that has no more to read, until the others have claimed all
 * parts: there are some where its answer was not the leader's.
 */
void
batch_claims_await(const BatchClaims *claims, BatchStats *stats)
{
	while (claims->shared != NULL && batch_claims_has_next(claims) &&
		   !batch_claims_is_stopped(claims))
	{
		if (!parallel_leader_participation)
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("the job names other results than before"),
					 errdetail("A parallel worker was told of others than the leader."),
					 errhint("Set parallel_leader_participation to on, so that the leader can read them.")));
		batch_http_wait(NULL, 0, batch_now() + BATCH_STOP_WAIT, stats);
	}
}
