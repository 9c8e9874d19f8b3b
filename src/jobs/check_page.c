/*
 * check_page.c
 *	  The first pages of a server's listing --> what its options make of them.
 */
#include "jobs/check.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define MOST_WORDS	10			/* that are told of */

/* A status, and how many jobs of a page have it. */
typedef struct Tally
{
	char	   *status;
	const char *state;
	int			jobs;
} Tally;

/* What a page has. */
typedef struct CheckedPage
{
	int64		number;
	int64		jobs;
	int64		with_id;
	int64		new;			/* jobs whose ids were not listed before */
	int64		with_order;		/* jobs that have what list_order names */
	int64		uncounted;		/* jobs with results but without a count */
	char	   *first_id;
	BatchSlice	first;			/* the text of the first job */
	List	   *tallies;
	int64		mute;			/* jobs without a status */
} CheckedPage;

/* Count a job by its status. */
static void
count_status(CheckedPage *page, const BatchJob *job)
{
	Tally	   *tally;
	ListCell   *lc;

	page->mute += job->status == NULL;
	if (job->status == NULL)
		return;
	foreach(lc, page->tallies)
	{
		tally = lfirst(lc);
		if (strcmp(tally->status, job->status) == 0)
		{
			tally->jobs++;
			return;
		}
	}
	if (list_length(page->tallies) == MOST_WORDS)
		return;
	tally = palloc(sizeof(Tally));
	*tally = (Tally) {pstrdup(job->status), pstrdup(job->state), 1};
	page->tallies = lappend(page->tallies, tally);
}

/* Choose the job to look at: the one that is named, else the first with results, else the first. */
static void
choose_job(BatchCheckup *c, const BatchJob *job)
{
	bool		is_ready = batch_job_has_results(c->o, job) && !job->empty;

	if (job->id == NULL ||
		(c->is_named ? !batch_ids_are_same(job->id, c->id) : c->id != NULL && (c->is_ready || !is_ready)))
		return;
	c->id = pstrdup(job->id);
	c->is_ready = is_ready;
	c->listed.ptr = pnstrdup(job->text.ptr, job->text.len);
	c->listed.len = job->text.len;
}

/* Count a job of a page. */
static void
count_job(BatchCheckup *c, CheckedPage *page, const BatchJob *job)
{
	const BatchOptions *o = c->o;

	page->jobs++;
	if (page->first.ptr == NULL)
		page->first = job->text;
	if (job->id != NULL)
	{
		page->with_id++;
		if (page->first_id == NULL)
			page->first_id = pstrdup(job->id);
		page->new += batch_strmap_add(c->ids, job->id);
	}
	(void) batch_listing_add(c->listing, job->id, job->text);
	count_status(page, job);
	page->with_order += o->list_order != NULL && batch_record_find(o->list_order->path, job->text).ptr != NULL;
	page->uncounted += batch_check_lacks_count(c, job);
	choose_job(c, job);
}

/* Tell whether all jobs of the current page were given. */
static bool
is_over(const BatchCheckup *c)
{
	BatchArray	rest = batch_listing_rest(c->listing);
	BatchSlice	job;

	return !batch_array_next(&rest, &job);
}

/* Read the jobs of the next page that has any. */
static CheckedPage *
read_page(BatchCheckup *c)
{
	CheckedPage	   *page = palloc0(sizeof(CheckedPage));
	BatchSlice	text;

	while (batch_listing_next(c->listing, &text))
	{
		CHECK_FOR_INTERRUPTS();
		count_job(c, page, batch_job_open(c->o, c->envelope, text, NULL));
		if (is_over(c))
			break;
	}
	page->number = batch_listing_page(c->listing);
	return page;
}

/* Write how many jobs have which status. */
static char *
write_statuses(const BatchCheckup *c, const CheckedPage *page)
{
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	foreach(lc, page->tallies)
	{
		const Tally *tally = lfirst(lc);

		appendStringInfo(&text, "%s%d %s", text.len ? ", " : "", tally->jobs, batch_check_show(c, tally->status));
		if (strcmp(tally->state, tally->status) != 0)
			appendStringInfo(&text, " (%s)", tally->state);
	}
	if (page->mute > 0)
		appendStringInfo(&text, "%s" INT64_FORMAT " without a status", text.len ? ", " : "", page->mute);
	return text.data;
}

/* Tell what a page has. */
static void
say_page(BatchCheckup *c, const CheckedPage *page)
{
	StringInfoData text;
	int			asked = c->o->page_size_param ? c->o->page_size : 0;
	bool		more = batch_listing_has_more(c->listing);
	bool		is_short = asked > 0 && page->jobs < asked && more;

	initStringInfo(&text);
	appendStringInfoString(&text, page->jobs > 0 ? batch_check_plural(page->jobs, "job", "jobs") : "no jobs");
	if (asked > 0)
		appendStringInfo(&text, " of %d asked for", asked);
	if (page->first_id != NULL)
		appendStringInfo(&text, ", the first with the id %s", batch_check_show(c, page->first_id));
	if (page->jobs > 0)
		appendStringInfo(&text, "; %s", write_statuses(c, page));
	appendStringInfoString(&text, more ? "; there are more" : "; there are no more");
	batch_check_say(c, text.data, is_short ?
					psprintf("If the API gives no larger pages, set page_size to " INT64_FORMAT "; else check page_size_param.", page->jobs) : NULL);
}

/* Find fault with the words that tell the jobs' states. */
static void
blame_statuses(BatchCheckup *c, const CheckedPage *page)
{
	const BatchFilter *filter = NULL;
	ListCell   *lc,
			   *word;

	foreach(lc, c->o->list_filters)
		if (batch_jsonpath_equal(((BatchFilter *) lfirst(lc))->path, c->o->status_path))
			filter = lfirst(lc);
	foreach(lc, page->tallies)
	{
		const Tally *tally = lfirst(lc);
		bool		listed = filter == NULL || filter->words == NIL;

		if (!batch_states_has(tally->state))
			batch_check_blame(c, psprintf("no state has the word %s", batch_check_show(c, tally->status)),
							  "Map it by status_map, or check status_path.");
		foreach(word, filter ? filter->words : NIL)
			listed |= strcmp(lfirst(word), tally->status) == 0;
		if (!listed)
			batch_check_blame(c, psprintf("list_filters does not have the word %s", batch_check_show(c, tally->status)),
							  "Add it to list_filters if the API filters by it, else leave the words out.");
	}
}

/* Find fault with what is read of each job of a page. */
static void
blame_jobs(BatchCheckup *c, const CheckedPage *page)
{
	bool		lacks_status = false;
	ListCell   *lc;

	foreach(lc, c->o->list_lacks)
		lacks_status |= batch_jsonpath_equal(((BatchLack *) lfirst(lc))->path, c->o->status_path);
	if (page->with_id < page->jobs)
		batch_check_blame(c, psprintf("%s without an id", batch_check_plural(page->jobs - page->with_id, "job is", "jobs are")),
						  batch_check_hint(c, "id_path", page->first, BATCH_SOUGHT_SCALARS));
	else if (page->number == 1 && page->new < page->jobs)
		batch_check_blame(c, "several jobs have the same id",
						  batch_check_hint(c, "id_path", page->first, BATCH_SOUGHT_SCALARS));
	if (page->mute == page->jobs && !lacks_status)
		batch_check_mute(c, "no job tells its status", page->first);
	blame_statuses(c, page);
	if (c->o->list_order != NULL && page->with_order == 0)
		batch_check_blame(c, "no job has what list_order names",
						  batch_check_hint(c, "list_order", page->first, BATCH_SOUGHT_SCALARS));
	if (page->uncounted > 0)
		batch_check_blame(c, psprintf("%s a whole number at count_path",
									  batch_check_plural(page->uncounted, "job with results is without", "jobs with results are without")),
						  batch_check_hint(c, "count_path", page->first, BATCH_SOUGHT_NUMBERS));
}

/* Find fault with how the next page is told, and how large this one is. */
static void
blame_paging(BatchCheckup *c, const CheckedPage *page, BatchSlice text)
{
	const BatchOptions *o = c->o;
	BatchFields *fields = batch_envelope_read(batch_envelope_open(list_make3(o->next_path, o->more_path, o->total_path)), text);
	char	   *more = batch_check_find(text, BATCH_SOUGHT_MORE);
	int64		total;

	if (o->more_path != NULL && !batch_envelope_has(fields, o->more_path))
		batch_check_blame(c, "nothing is at more_path", batch_check_hint(c, "more_path", text, BATCH_SOUGHT_MORE));
	if (o->total_path != NULL && !batch_scalar_count(batch_envelope_find(fields, o->total_path), &total))
		batch_check_blame(c, "no whole number is at total_path", batch_check_hint(c, "total_path", text, BATCH_SOUGHT_NUMBERS));
	if (o->page_size > 0 && o->page_size_param != NULL && page->jobs > o->page_size)
		batch_check_blame(c, psprintf("the page has more jobs than the %d that were asked for", o->page_size),
						  "Check page_size_param: the API may not know the parameter.");
	if (batch_listing_has_more(c->listing) || more == NULL ||
		batch_scalar_is(batch_envelope_find(fields, o->more_path), false))
		return;
	batch_check_blame(c, psprintf("the listing ends here, but the answer has %s", batch_check_show(c, more)),
					  o->page_style == BATCH_PAGES_NONE ?
					  "If that tells of another page, set page_style, page_param and next_path." :
					  "If that tells of another page, check page_style, next_path, more_path and total_path.");
}

/* Tell of the arrays in an answer that has no jobs where items_path says. */
void
batch_check_arrays(BatchCheckup *c)
{
	BatchSlice	text = {NULL, 0};
	char	   *arrays;

	(void) batch_listing_answer(c->listing, &text);
	arrays = batch_check_find(text, BATCH_SOUGHT_ARRAYS);
	if (arrays != NULL && strcmp(arrays, batch_jsonpath_write(c->o->items_path)) != 0)
		batch_check_blame(c, "the answer has an array elsewhere than items_path says",
						  batch_check_hint(c, "items_path", text, BATCH_SOUGHT_ARRAYS));
}

/* Look at the first page of the listing. */
void
batch_check_first_page(void *checkup, Node *escontext)
{
	BatchCheckup *c = checkup;
	BatchSlice	text = {NULL, 0};
	CheckedPage	   *page;

	(void) escontext;
	c->listing = batch_listing_open(c->api, NULL, NULL, 0);
	page = read_page(c);
	(void) batch_listing_answer(c->listing, &text);
	say_page(c, page);
	if (page->jobs == 0)
		batch_check_arrays(c);
	else
	{
		blame_jobs(c, page);
		blame_paging(c, page, text);
	}
}

/* Look at the next page of the listing: it must be another one. */
void
batch_check_next_page(void *checkup, Node *escontext)
{
	BatchCheckup *c = checkup;
	CheckedPage	   *page;

	(void) escontext;
	page = read_page(c);
	say_page(c, page);
	if (page->with_id > 0 && page->new == 0)
		batch_check_blame(c, "it has the same jobs as the page before",
						  "Check page_style and page_param: the API may not know the parameter.");
}
