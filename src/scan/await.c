/*
 * await.c
 *	  Waiting for jobs without a snapshot: batch_fdw_await().
 *
 *	  look --> all ended: their states
 *	   ^  \--> commit --> pause --.
 *	   '--------------------------'
 *
 * What waits within a statement holds a snapshot for as long, and VACUUM removes
 * nothing that was deleted meanwhile.  Here each look has a snapshot and a
 * transaction of its own, and the pause after it has neither.
 */
#include "scan/scan.h"

#include "catalog/objectaddress.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* Look at the jobs with a snapshot, and end the transaction; true where all have ended. */
static bool
look(BatchAwait *w)
{
	bool		ended;

	PushActiveSnapshot(GetTransactionSnapshot());
	ended = batch_job_wait_look(w);
	PopActiveSnapshot();
	SPI_commit();
	return ended;
}

/* Open what is looked at, in a context that outlives the transactions. */
static BatchAwait *
open_await(MemoryContext cxt, Oid relid, List *ids, double timeout)
{
	MemoryContext old = MemoryContextSwitchTo(cxt);
	BatchAwait *w;

	PushActiveSnapshot(GetTransactionSnapshot());
	w = batch_job_wait_open(relid, ids, timeout);
	PopActiveSnapshot();
	MemoryContextSwitchTo(old);
	return w;
}

/*
 * Wait until all jobs of some ids, texts of the database, have ended; give their
 * states by their ids, as jsonb in the current context.  Commits.
 */
Datum
batch_await_wait(Oid relid, List *ids, double timeout)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext cxt = AllocSetContextCreate(caller, "batch_fdw await", ALLOCSET_DEFAULT_SIZES);
	BatchAwait *w;
	Datum		states;

	SPI_connect_ext(SPI_OPT_NONATOMIC);
	SPI_commit();				/* a snapshot of the transaction's would be held for good */
	w = open_await(cxt, relid, ids, timeout);
	while (!look(w))
	{
		InvalidateCatalogSnapshot();
		batch_job_wait_pause(w);
	}
	SPI_finish();
	MemoryContextSwitchTo(caller);
	states = DirectFunctionCall1(jsonb_object,
								 PointerGetDatum(strlist_to_textarray(batch_job_wait_list(w))));
	MemoryContextDelete(cxt);
	return states;
}
