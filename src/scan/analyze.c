/*
 * analyze.c
 *	  ANALYZE: a sample of the listing, or of the newest job with results.
 *
 * Reads what a scan would, and stops at a bound of bytes.  What may be
 * downloaded once only is never read for statistics.
 */
#include "scan/scan.h"

#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/sampling.h"

#define MOST_BYTES	INT64CONST(268435456)	/* inflated, read for a sample */

/* What is sampled. */
typedef struct Sampler
{
	BatchOptions *o;
	BatchRows  *rows;
	BatchQuery *query;
	BatchStats	stats;
	BatchClaims claims;
	BatchPace	pace;
	TupleTableSlot *slot;
	MemoryContext row_cxt;
} Sampler;

/* List all columns of a table. */
static List *
list_columns(TupleDesc desc)
{
	List	   *attnums = NIL;

	for (int i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped)
			attnums = lappend_int(attnums, i + 1);
	return attnums;
}

/* Open what is to be sampled, without waiting for a job; belongs to the current context. */
static Sampler *
open_sampler(Relation rel)
{
	Sampler    *s = palloc0(sizeof(Sampler));
	BatchReuse	reuse = {.claims = &s->claims, .pace = &s->pace};

	s->o = batch_options_load(RelationGetRelid(rel));
	if (s->o->on_incomplete == BATCH_INCOMPLETE_WAIT)
		s->o->on_incomplete = BATCH_INCOMPLETE_SKIP;
	if (s->o->url == NULL)
		batch_mapping_load(s->o, GetUserId());
	s->query = batch_narrow_open(s->o);
	batch_narrow_end(s->query, s->o);
	s->query->one_job = s->o->resource == BATCH_RESULTS;
	s->rows = batch_rows_open(rel, list_columns(RelationGetDescr(rel)), GetUserId(), s->o, &s->stats);
	batch_rows_begin(s->rows, s->query, &reuse, false);
	s->slot = MakeSingleTupleTableSlot(RelationGetDescr(rel), &TTSOpsVirtual);
	s->row_cxt = AllocSetContextCreate(CurrentMemoryContext, "batch_fdw sample",
									   ALLOCSET_DEFAULT_SIZES);
	return s;
}

/* Go to the next row and fill the slot; false at the end, or at the bound. */
static bool
next_row(Sampler *s)
{
	MemoryContext old;
	bool		found;

	CHECK_FOR_INTERRUPTS();
	if (s->stats.inflated > MOST_BYTES)
		return false;
	MemoryContextReset(s->row_cxt);
	old = MemoryContextSwitchTo(s->row_cxt);
	found = batch_rows_next(s->rows, s->slot);
	MemoryContextSwitchTo(old);
	return found;
}

/*
 * Take a random sample of the rows (AcquireSampleRowsFunc): the first fill it,
 * and each later one replaces another with falling odds.
 */
static int
acquire_rows(Relation rel, int elevel, HeapTuple *rows, int most,
			 double *total, double *dead)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext cxt = AllocSetContextCreate(caller, "batch_fdw analyze",
											  ALLOCSET_DEFAULT_SIZES);
	Sampler    *s;
	ReservoirStateData reservoir;
	double		seen = 0,
				skip = -1;
	int			n = 0;

	(void) elevel;
	MemoryContextSwitchTo(cxt);
	s = open_sampler(rel);
	reservoir_init_selection_state(&reservoir, most);
	for (; next_row(s); seen++)
	{
		int			place = n;

		if (n == most)
		{
			if (skip < 0)
				skip = reservoir_get_next_S(&reservoir, seen, most);
			if (skip-- >= 1)
				continue;
			place = (int) (most * sampler_random_fract(&reservoir.randstate));
			heap_freetuple(rows[place]);
		}
		else
			n++;
		MemoryContextSwitchTo(caller);
		rows[place] = heap_form_tuple(RelationGetDescr(rel), s->slot->tts_values,
									  s->slot->tts_isnull);
		MemoryContextSwitchTo(cxt);
	}
	batch_rows_report(s->rows);
	*total = Max(seen, (double) batch_rows_count(s->rows));
	*dead = 0;
	ExecDropSingleTupleTableSlot(s->slot);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(cxt);
	return n;
}

/*
 * Tell whether a table can be analyzed (AnalyzeForeignTable): PostgreSQL warns
 * and skips one that is not, which is one that can be read once only, or whose
 * job nobody names.
 */
bool
batch_analyze_table(Relation rel, AcquireSampleRowsFunc *func, BlockNumber *pages)
{
	BatchOptions *o = batch_options_load(RelationGetRelid(rel));

	if ((o->resource == BATCH_RESULTS && o->result_once) ||
		(o->list_url == NULL && o->job_id == NULL && o->url == NULL))
		return false;
	*func = acquire_rows;
	*pages = 1;
	return true;
}
