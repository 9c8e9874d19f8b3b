/*
 * check_job.c
 *	  One job and the first of its results --> what a server's options make of
 *	  them.
 *
 * Of a file no more is read than its first records, those of the first 64 kB;
 * but a document, of which nothing can be told before its end, is read whole.
 * What can be had once only is left alone.
 */
#include "jobs/check.h"

#include "miscadmin.h"

#define MOST_BYTES	(64 * 1024) /* of a file, inflated */
#define MOST_SHOWN	60			/* bytes of a record that is bad */

/* Find fault with what is read of a job. */
static void
blame_job(BatchCheckup *c)
{
	const BatchJob *job = c->job;
	int64		total;

	if (!job->has_id)
		batch_check_say(c, "the answer has no id, and stands for the one that was asked for",
						batch_check_hint(c, "id_path", job->text, BATCH_SOUGHT_SCALARS));
	if (job->status == NULL)
		batch_check_mute(c, "the job does not tell its status", job->text);
	else if (!batch_states_has(job->state))
		batch_check_blame(c, psprintf("no state has the word %s", batch_check_show(c, job->status)),
						  "Map it by status_map, or check status_path.");
	if (c->o->total_count_path != NULL && !batch_scalar_count(batch_envelope_find(job->fields, c->o->total_count_path), &total))
		batch_check_blame(c, "no whole number is at total_count_path: the job is pending until there is one",
						  batch_check_hint(c, "total_count_path", job->text, BATCH_SOUGHT_NUMBERS));
	if (batch_check_lacks_count(c, job))
		batch_check_blame(c, "no whole number is at count_path",
						  batch_check_hint(c, "count_path", job->text, BATCH_SOUGHT_NUMBERS));
}

/* Tell what the job says of itself. */
static void
say_job(BatchCheckup *c)
{
	const BatchJob *job = c->job;
	char	   *why = batch_envelope_text(job->fields, c->o->error_path);
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfo(&text, "job %s is %s", batch_check_show(c, c->id),
					 job->status ? batch_check_show(c, job->status) : "without a status");
	if (job->state != NULL && strcmp(job->state, job->status) != 0)
		appendStringInfo(&text, " (%s)", job->state);
	if (job->count >= 0)
		appendStringInfo(&text, ", %s", batch_check_plural(job->count, "result", "results"));
	if (why != NULL)
		appendStringInfo(&text, ": %s", batch_check_show(c, why));
	batch_check_say(c, text.data, NULL);
}

/* Ask for the job, or take it as it was listed. */
void
batch_check_job(void *checkup, Node *escontext)
{
	BatchCheckup *c = checkup;

	(void) escontext;
	if (c->o->job_url == NULL && c->listed.ptr == NULL)
	{
		batch_check_pass(c, "there is no job_url to ask for it", "Set job_url.");
		return;
	}
	if (c->o->job_url != NULL)
	{
		c->answer = batch_job_ask(c->api, c->id);
		c->job = batch_job_take(c->api, c->envelope, c->answer, c->id);
	}
	else
		c->job = batch_job_open(c->o, c->envelope, c->listed, c->id);
	if (c->job == NULL)
	{
		batch_check_blame(c, psprintf("the API does not know job %s", batch_check_show(c, c->id)),
						  c->listed.ptr ? "It is listed: check job_url and id_path." : "Check job_url, and the id.");
		return;
	}
	say_job(c);
	blame_job(c);
}

/* ---- The results ---- */

/* Say what a single record may be instead of one; NULL: nothing else. */
static char *
doubt_record(const BatchCheckup *c, BatchSlice record)
{
	char	   *arrays = batch_check_find(record, BATCH_SOUGHT_ARRAYS);
	char	   *urls = c->urls && c->o->hop_path == NULL ? batch_check_find(record, BATCH_SOUGHT_URLS) : NULL;

	if (arrays != NULL)
		return psprintf("If the records are inside of this one, set rows_path; there is %s.", batch_check_show(c, arrays));
	return urls ? psprintf("If the results are at a URL that it names, set hop_path; there is %s.", batch_check_show(c, urls)) : NULL;
}

/* Tell what records there are, and what the first one has. */
static void
say_records(BatchCheckup *c, const char *what, int64 records, bool whole, BatchSlice first)
{
	char	   *members = first.ptr ? batch_check_members(first) : NULL;

	batch_check_say(c, psprintf("%s, %s%s%s%s", what, batch_check_plural(records, "record", "records"),
								whole ? "" : " at its beginning",
								members ? "; the first has " : "", members ? batch_check_show(c, members) : ""),
					whole && records == 1 && first.ptr ? doubt_record(c, first) : NULL);
}

/* Look at results inside of the job. */
static void
check_inline(BatchCheckup *c, BatchSlice rows)
{
	BatchArray	elements;
	BatchSlice	record,
				first = {NULL, 0};
	int64		records = 0;

	if (!c->api->layout.is_page &&
		(c->job->links.has_next ||
		 !batch_scalar_is_end(batch_envelope_find(c->job->fields, c->o->result_more_path))))
		batch_document_refuse_more();
	rows = batch_document_find_rows(c->o->rows_path, rows);
	batch_array_open(&elements, rows);
	while (batch_array_next(&elements, &record))
	{
		CHECK_FOR_INTERRUPTS();
		if (records++ == 0)
			first = record;
	}
	say_records(c, "inside of the job", records, !c->api->layout.is_page, first);
}

/* Find fault with a job that names no results. */
static void
blame_missing(BatchCheckup *c)
{
	char	   *urls = batch_check_find(c->job->text, BATCH_SOUGHT_URLS);
	char	   *members = batch_check_members(c->job->text);
	BatchSlice	pointer = batch_envelope_find(c->job->fields, c->o->pointer_path);

	if (c->o->pointer_path != NULL && !batch_scalar_is(pointer, true) && !batch_scalar_is(pointer, false))
		batch_check_blame(c, "no flag is at pointer_path", "Check pointer_path.");
	if (c->o->job_url == NULL)
		batch_check_say(c, "the job is as it was listed", "If only a single job names its results, set job_url.");
	batch_check_blame(c, "the job names no results",
					  urls ? psprintf("Set urls_path; there is %s.", batch_check_show(c, urls)) :
					  psprintf("Set urls_path, results_url or inline_path; the job has %s.",
							   members ? batch_check_show(c, members) : "nothing"));
}

/* Look where the results of the job are. */
void
batch_check_results(void *checkup, Node *escontext)
{
	BatchCheckup *c = checkup;
	BatchSlice	rows;
	BatchUrl	parts;

	(void) escontext;
	if (!batch_job_has_results(c->o, c->job))
	{
		batch_check_pass(c, "the job has no results to look at", "Name one that is completed; or check result_states and status_map.");
		return;
	}
	if (c->job->empty)
	{
		batch_check_pass(c, "the job has 0 results by count_path or empty_path", "Name a job that has some.");
		return;
	}
	c->urls = batch_named_urls(c->o, c->job, &c->files);
	rows = batch_named_inline(c->o, c->job);
	if (c->urls == NIL)
	{
		if (rows.ptr != NULL)
			check_inline(c, rows);
		else
			blame_missing(c);
		return;
	}
	if (batch_http_parse_url(linitial(c->urls), &parts) == NULL)
		batch_check_say(c, psprintf("%s, the first on %s", batch_check_plural(list_length(c->urls), "URL", "URLs"),
									batch_check_show(c, parts.host)), NULL);
	else
		batch_check_say(c, batch_check_plural(list_length(c->urls), "URL", "URLs"), NULL);
}

/* ---- The first file ---- */

/* What was read of a file. */
typedef struct Sample
{
	bool		whole;
	int64		records;
	int64		bad;			/* of them, that are no JSON or too long */
	BatchSlice	first;			/* that is good */
	char	   *first_bad;		/* its beginning */
} Sample;

/* Take a record into a sample. */
static void
add_record(const BatchCheckup *c, Sample *s, BatchRecord *parser, BatchSlice record)
{
	bool		good = record.len <= (size_t) c->o->max_record_size && batch_record_next(parser, record);

	s->records++;
	if (good && s->first.ptr == NULL)
	{
		s->first.ptr = pnstrdup(record.ptr, record.len);
		s->first.len = record.len;
	}
	if (!good && s->bad++ == 0)
		s->first_bad = batch_redact_start(pnstrdup(record.ptr, Min(record.len, MOST_BYTES)), c->o->api_key, MOST_SHOWN);
}

/* Find fault with the records of a file. */
static void
blame_records(BatchCheckup *c, const Sample *s)
{
	int64		count = c->job->count;

	if (s->bad > 0)
		batch_check_blame(c, psprintf("%s; the first begins with \"%s\"",
									  batch_check_plural(s->bad, "record is no JSON", "records are no JSON"), s->first_bad),
						  "Check result_format; or set on_error of the table.");
	if (s->whole && list_length(c->urls) == 1 && count >= 0 && count != s->records)
		batch_check_blame(c, psprintf("the job tells of %s, the file has " INT64_FORMAT,
									  batch_check_plural(count, "result", "results"), s->records),
						  "Check count_path: it must be the number of records.");
}

/* Read the beginning of a file. */
static void
read_file(BatchCheckup *c, BatchFile *file)
{
	BatchLines *lines = batch_lines_open(file, &c->api->layout, &c->stats);
	BatchRecord *parser = batch_record_open(NIL);
	Sample		s = {0};
	BatchSlice	record;
	BatchFlow	flow;
	size_t		bytes = 0;
	int64		line;

	while ((flow = batch_lines_next(lines, &record, &line)) != BATCH_END && bytes < MOST_BYTES)
	{
		if (flow == BATCH_WAIT)
		{
			batch_file_wait(file);
			continue;
		}
		add_record(c, &s, parser, record);
		bytes += record.len + 1;
	}
	s.whole = flow == BATCH_END && !c->api->layout.is_page;
	say_records(c, batch_lines_describe(lines), s.records, s.whole, s.first);
	blame_records(c, &s);
}

/* Look at the first file of the results. */
void
batch_check_file(void *checkup, Node *escontext)
{
	BatchCheckup *c = checkup;
	BatchUrls  *urls;
	const BatchTrouble *trouble = NULL;

	(void) escontext;
	if (c->o->result_once)
	{
		batch_check_pass(c, "it is not read, as it can be had once only", NULL);
		return;
	}
	urls = batch_locator_open(c->api, &c->claims, c->envelope, c->id, c->urls, c->files);
	c->download = batch_locator_open_part(urls, 1, &trouble);
	if (c->download == NULL)
		batch_failure_raise(trouble);
	read_file(c, batch_file_open(c->download));
}
