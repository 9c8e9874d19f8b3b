/*
 * repeats.c
 *	  Which jobs of a listing are given again: the ids on its last pages.
 *
 * Ids are kept in two sets, so that memory is bounded: when the newer one has
 * those of MOST_PAGES pages it becomes the older one, which is dropped.
 *
 * Pages may repeat jobs of those before them, but a page is of one moment: other
 * jobs under an id of its own would be lost, were they taken for repeats.
 */
#include "jobs/jobs.h"

#include "common/hashfn.h"
#include "miscadmin.h"

#define MOST_PAGES	10			/* whose ids are known at the least */
#define HASHED_AT_ONCE	(1024 * 1024)	/* bytes */

/* What is known of an id. */
typedef struct Sighting
{
	int64		page;			/* on which it was first */
	uint64		hash;			/* of the job's text there */
} Sighting;

struct BatchRepeats
{
	MemoryContext cxt;
	BatchStrmap *newer;			/* ids on the current page and those before it */
	BatchStrmap *older;			/* ids on MOST_PAGES pages before these */
	int			npages;			/* in newer */
	int64		page;			/* the current one */
	uint64		hash;			/* of the current page's jobs; 0: none */
	bool		has_new;		/* a job of the current page was not given before */
};

/* Open, before the first page; belongs to the current context. */
BatchRepeats *
batch_repeats_open(void)
{
	BatchRepeats *r = palloc0(sizeof(BatchRepeats));

	r->cxt = CurrentMemoryContext;
	r->newer = batch_strmap_open();
	r->older = batch_strmap_open();
	return r;
}

/* Hash a text, which may be none; 0 is the hash of none. */
static uint64
hash_text(BatchSlice text)
{
	uint64		hash = 0;

	while (text.ptr != NULL && text.len > 0)
	{
		size_t		n = Min(text.len, HASHED_AT_ONCE);

		CHECK_FOR_INTERRUPTS();
		hash = hash_bytes_extended((const unsigned char *) text.ptr, n, hash);
		text.ptr += n;
		text.len -= n;
	}
	return hash;
}

/*
 * Turn to the next page, whose jobs are given, unless there are none; false where they are those of the page before, byte for byte.
 */
bool
batch_repeats_turn(BatchRepeats *r, BatchSlice jobs)
{
	uint64		before = r->hash;
	MemoryContext old = MemoryContextSwitchTo(r->cxt);

	r->hash = hash_text(jobs);
	r->has_new = false;
	r->page++;
	if (r->npages++ == MOST_PAGES)
	{
		batch_strmap_close(r->older);
		r->older = r->newer;
		r->newer = batch_strmap_open();
		r->npages = 1;
	}
	MemoryContextSwitchTo(old);
	return r->hash == 0 || r->hash != before;
}

/* Tell whether a job was added, on one of the last pages. */
bool
batch_repeats_has(const BatchRepeats *r, const char *id)
{
	BatchSlice	none;

	return batch_strmap_find(r->newer, id, &none) || batch_strmap_find(r->older, id, &none);
}

/* Raise that an id does not tell jobs apart. */
static void
refuse_id(const char *id)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROTOCOL_VIOLATION),
			 errmsg("a page of the listing has several jobs \"%s\"",
					batch_redact_text(pnstrdup(id, 80), NULL)),
			 errhint("Check id_path of the server: it must tell jobs apart.")));
}

/*
 * Add a job by its id, or NULL for one without; false where it was added before.
 */
bool
batch_repeats_add(BatchRepeats *r, const char *id, BatchSlice job)
{
	Sighting	now = {r->page, hash_text(job)};
	Sighting	before;
	BatchSlice	value = {(char *) &now, sizeof(now)};

	if (id != NULL && batch_strmap_find(r->newer, id, &value))
	{
		memcpy(&before, value.ptr, sizeof(before));
		if (before.page == now.page && before.hash != now.hash)
			refuse_id(id);
		return false;
	}
	if (id != NULL && batch_strmap_find(r->older, id, &value))
		return false;
	if (id != NULL)
		batch_strmap_put(r->newer, id, value);
	r->has_new = true;
	return true;
}

/* Tell whether a job of the current page was not added before. */
bool
batch_repeats_has_new(const BatchRepeats *r)
{
	return r->has_new;
}
