/*
 * named.c
 *	  A job --> where it says that its results are: URLs, or inside of it.
 */
#include "jobs/jobs.h"

/* Tell whether the results are elsewhere, by the flag that says so. */
static bool
has_pointer(const BatchOptions *o, const BatchJob *job)
{
	return o->pointer_path == NULL ||
		batch_scalar_is(batch_envelope_find(job->fields, o->pointer_path), true);
}

/*
 * Resolve a URL that a job names against the job's own, as of a document that is
 * there (RFC 3986, 5), wherever it was listed.
 */
static char *
resolve(const BatchOptions *o, const BatchJob *job, char *url)
{
	const char *base = o->base_url;
	char	   *absolute = NULL;

	if (batch_target_is_absolute(url))
		return url;
	if (o->job_url != NULL && job->id != NULL && batch_job_is_id(o, job->id))
		base = batch_request_job_url(o, job->id);
	if (base != NULL)
		absolute = batch_http_resolve(base, url);
	return absolute ? absolute : url;
}

/*
 * List the URLs of a job's results, in order; NIL where it has none.  Unless files
 * is NULL, it is the list of the numbers of the templates that they are of, if any.
 *
 * The first of urls_path that gives any wins; next is each template of results_url
 * whose fields are all there.
 */
List *
batch_named_urls(const BatchOptions *o, const BatchJob *job, List **files)
{
	List	   *urls = NIL;
	ListCell   *lc;

	if (files != NULL)
		*files = NIL;
	if (!has_pointer(o, job))
		return NIL;
	foreach(lc, o->urls_path)
	{
		urls = batch_envelope_texts(job->fields, lfirst(lc));
		if (urls != NIL)
			break;
	}
	foreach(lc, urls)
		lfirst(lc) = resolve(o, job, lfirst(lc));
	if (urls != NIL)
		return urls;
	foreach(lc, o->results_url)
	{
		char	   *url = batch_template_expand(o, lfirst(lc), job);

		if (url == NULL)
			continue;
		urls = lappend(urls, url);
		if (files != NULL)
			*files = lappend_int(*files, foreach_current_index(lc) + 1);
	}
	return urls;
}

/* Find the results inside of a job; ptr is NULL where they are elsewhere. */
BatchSlice
batch_named_inline(const BatchOptions *o, const BatchJob *job)
{
	BatchSlice	none = {NULL, 0};

	if (o->inline_path == NULL || (o->pointer_path && has_pointer(o, job)))
		return none;
	return batch_envelope_find(job->fields, o->inline_path);
}
