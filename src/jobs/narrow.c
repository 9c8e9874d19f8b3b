/*
 * narrow.c
 *	  What is asked for, narrowed by one qual after another.
 *
 * A query begins with all that a table has; what is left at its end are ids of
 * jobs, or the words that one filter of the listing is sent.  It is what is
 * asked for when it is executed, and what EXPLAIN shows.
 */
#include "jobs/jobs.h"

#include "miscadmin.h"

/* Make a set of some strings. */
static BatchStrmap *
make_set(List *texts)
{
	BatchStrmap *set = batch_strmap_open();
	ListCell   *lc;

	foreach(lc, texts)
	{
		CHECK_FOR_INTERRUPTS();
		(void) batch_strmap_add(set, lfirst(lc));
	}
	return set;
}

/* Tell whether a set has a string. */
static bool
has_text(BatchStrmap *set, const char *text)
{
	BatchSlice	value;

	return batch_strmap_find(set, text, &value);
}

/*
 * Keep those of some ids that may be ids, each once, as a column of the type has
 * them; a single one must be.
 */
static List *
check_ids(const BatchOptions *o, List *texts, bool single, Oid type)
{
	List	   *ids = NIL;
	BatchStrmap *seen = batch_strmap_open();
	ListCell   *lc;

	foreach(lc, texts)
	{
		char	   *id = batch_ids_write(type, lfirst(lc));

		CHECK_FOR_INTERRUPTS();
		if (batch_job_is_id(o, id))
		{
			if (batch_strmap_add(seen, id))
				ids = lappend(ids, id);
		}
		else if (single)
			batch_job_refuse_id(id);
	}
	return ids;
}

/*
 * Keep those of a list of strings that are among others too, or begin it with
 * these; they are compared as a column of the type has them.
 */
static List *
intersect(List *have, List *texts, bool begun, Oid type)
{
	BatchStrmap *set;
	List	   *both = NIL;
	ListCell   *lc;

	if (!begun)
		return texts;
	set = make_set(texts);
	foreach(lc, have)
	{
		CHECK_FOR_INTERRUPTS();
		if (has_text(set, batch_ids_write(type, lfirst(lc))))
			both = lappend(both, lfirst(lc));
	}
	return both;
}

/* List the words of a filter that map to one of some states. */
static List *
words_of_states(const BatchOptions *o, const BatchFilter *filter, List *states)
{
	BatchStrmap *set = make_set(states);
	List	   *words = NIL;
	ListCell   *lc;

	foreach(lc, filter->words)
	{
		CHECK_FOR_INTERRUPTS();
		if (has_text(set, batch_states_map(o, lfirst(lc))))
			words = lappend(words, lfirst(lc));
	}
	return words;
}

/* The words of states in the order in which listings are asked for. */
static const char *const ranks[] = {"pending", "processing", "completed"};

/* Rank a word: a job that moves on while listings are read is met twice. */
static int
rank_word(const BatchOptions *o, const char *word)
{
	for (int i = 0; i < (int) lengthof(ranks); i++)
		if (strcmp(batch_states_map(o, word), ranks[i]) == 0)
			return i;
	return lengthof(ranks);
}

/* Order words by rank, each once, without those outside a closed vocabulary. */
static List *
order_words(const BatchOptions *o, const BatchFilter *filter, List *words)
{
	BatchStrmap *vocabulary = make_set(filter->words);
	BatchStrmap *seen = batch_strmap_open();
	List	   *ranked[lengthof(ranks) + 1] = {NIL};
	List	   *ordered = NIL;
	ListCell   *lc;

	foreach(lc, words)
	{
		int			rank;

		CHECK_FOR_INTERRUPTS();
		if ((filter->words != NIL && !has_text(vocabulary, lfirst(lc))) ||
			!batch_strmap_add(seen, lfirst(lc)))
			continue;
		rank = rank_word(o, lfirst(lc));
		ranked[rank] = lappend(ranked[rank], lfirst(lc));
	}
	for (size_t i = 0; i < lengthof(ranked); i++)
		ordered = list_concat(ordered, ranked[i]);
	return ordered;
}

/* Begin a query: for the table's own job, or for all; belongs to the current context. */
BatchQuery *
batch_narrow_open(const BatchOptions *o)
{
	BatchQuery *query = palloc0(sizeof(BatchQuery));

	if (o->job_id != NULL)
		batch_narrow_to_ids(query, o, list_make1(o->job_id), true, InvalidOid);
	return query;
}

/*
 * Narrow a query to some ids that a column of a type is compared with, or to the
 * table's own; a single one must be an id, of others some may be.
 */
void
batch_narrow_to_ids(BatchQuery *query, const BatchOptions *o, List *ids, bool single,
					Oid type)
{
	query->ids = intersect(query->ids, check_ids(o, ids, single, type), query->by_id, type);
	query->by_id = true;
}

/* Narrow a query to some words of a filter; a plan has one filter alone. */
void
batch_narrow_to_words(BatchQuery *query, const BatchOptions *o,
					  const BatchFilter *filter, List *words)
{
	query->words = intersect(query->words, order_words(o, filter, words),
							 query->filter != NULL, InvalidOid);
	query->filter = filter;
}

/*
 * Narrow a query to the words of a filter, a closed vocabulary, that map to some
 * states; not where a job of any word may be in one of them, since its results
 * are gone.
 */
void
batch_narrow_to_states(BatchQuery *query, const BatchOptions *o,
					   const BatchFilter *filter, List *states)
{
	if (o->gone_path != NULL && has_text(make_set(states), "expired"))
		return;
	batch_narrow_to_words(query, o, filter, words_of_states(o, filter, states));
}

/* Tell a query the rows that are wanted, a hint; none is to admit all of them. */
void
batch_narrow_to_limit(BatchQuery *query, int64 limit)
{
	query->limit = Max(limit, 0);
}

/* Add the rows that are passed over to those that are wanted. */
void
batch_narrow_add_offset(BatchQuery *query, int64 offset)
{
	if (query->limit > 0 && offset > 0)
		query->limit = offset > PG_INT32_MAX ? 0 : query->limit + offset;
}

/*
 * Filter a listing whose jobs' results are wanted by the words that have some;
 * where none has, status_map lacks words, and all jobs are looked at.
 */
static void
choose_words(BatchQuery *query, const BatchOptions *o)
{
	ListCell   *lc,
			   *word;

	foreach(lc, o->list_filters)
	{
		BatchFilter *filter = lfirst(lc);

		if (!batch_jsonpath_equal(filter->path, o->status_path) || filter->words == NIL)
			continue;
		foreach(word, filter->words)
			if (batch_states_is_result(o, batch_states_map(o, lfirst(word))))
				query->words = lappend(query->words, lfirst(word));
		query->filter = query->words != NIL ? filter : NULL;
		return;
	}
}

/* End the narrowing of a query, and tell whether it admits anything. */
void
batch_narrow_end(BatchQuery *query, const BatchOptions *o)
{
	if (o->resource == BATCH_RESULTS && o->url == NULL && !query->by_id && query->filter == NULL)
		choose_words(query, o);
	if ((query->by_id && query->ids == NIL) || (query->filter != NULL && query->words == NIL))
		query->nothing = true;
}

/* Tell whether a column has a field of a job, something of it, or a state that is told by it. */
static bool
is_of_field(const BatchOptions *o, const BatchColumnOptions *column, const BatchPath *field)
{
	return batch_jsonpath_touches(column->meta != BATCH_META_STATE ? column->paths :
								  list_make3(o->status_path, o->pending_path, o->total_count_path),
								  field);
}

/* List the fields that columns want and a listed job may lack, as entries of list_lacks. */
List *
batch_narrow_lacks(const BatchOptions *o, Oid relid, List *attnums)
{
	List	   *lacks = NIL;
	ListCell   *column;

	if (o->resource != BATCH_JOBS || o->list_lacks == NIL)
		return NIL;
	foreach(column, attnums)
	{
		const BatchColumnOptions *options = batch_options_load_column(o, relid, lfirst_int(column));
		ListCell   *lc;

		foreach(lc, o->list_lacks)
			if (is_of_field(o, options, ((BatchLack *) lfirst(lc))->path))
				lacks = list_append_unique_ptr(lacks, lfirst(lc));
	}
	return lacks;
}

/* Tell whether what columns give of jobs depends on the jobs' states; lacks are wanted. */
bool
batch_narrow_is_by_state(const BatchOptions *o, Oid relid, List *attnums, List *lacks)
{
	ListCell   *lc;

	foreach(lc, lacks)
		if (((BatchLack *) lfirst(lc))->state != NULL)
			return true;
	foreach(lc, attnums)
		if (batch_options_load_column(o, relid, lfirst_int(lc))->meta == BATCH_META_STATE)
			return true;
	return false;
}
