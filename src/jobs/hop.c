/*
 * hop.c
 *	  A document that names where the results are --> the URL that it names.
 *
 *	  url --> document --hop_path--> url
 *
 * It is one document, however it is laid out and whatever the layout of the
 * results is.
 */
#include "jobs/jobs.h"

#include "utils/memutils.h"

/* Why there is no file where a document should name it. */
static const BatchTrouble names_nothing = {
	.sqlstate = ERRCODE_UNDEFINED_FILE,
	.message = "the document that should name the results does not",
	.hint = "Check hop_path of the server."
};

/* Make of a path one that names the same of all elements of arrays. */
static BatchPath *
generalize(const BatchPath *path)
{
	size_t		size = offsetof(BatchPath, steps) + path->nsteps * sizeof(BatchStep);
	BatchPath  *all = palloc(size);

	memcpy(all, path, size);
	for (int i = 0; i < all->nsteps; i++)
		if (all->steps[i].kind == BATCH_STEP_INDEX)
		{
			all->steps[i].kind = BATCH_STEP_ALL;
			all->has_all = true;
		}
	return all;
}

/*
 * Find the URL that a document names, or NULL.  hop_path names one; where it
 * chooses that among the elements of an array, others would be passed over.
 */
static char *
find_named(BatchPath *path, BatchSlice document)
{
	BatchPath  *all = generalize(path);
	BatchFields *fields = batch_envelope_read(batch_envelope_open(list_make2(path, all)), document);
	char	   *found = batch_envelope_text(fields, path);
	List	   *texts = all->has_all ? batch_envelope_texts(fields, all) : NIL;
	ListCell   *lc;

	foreach(lc, texts)
		if (found != NULL && strcmp(lfirst(lc), found) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
					 errmsg("the document that should name the results names several files"),
					 errdetail("hop_path takes one of %d.", list_length(texts)),
					 errhint("Check hop_path of the server: files that are named together are not read.")));
	return found;
}

/* Read a document as it comes, into the current context; ptr is NULL where there is none. */
BatchSlice
batch_hop_read_document(const BatchApi *api, BatchFile *file)
{
	BatchLayout *layout = palloc0(sizeof(BatchLayout));
	BatchLines *lines;
	BatchSlice	document;
	BatchFlow	flow;
	int64		line;

	layout->format = BATCH_FORMAT_JSON;
	layout->rows_path = api->layout.rows_path;
	layout->is_record = true;
	layout->is_page = api->layout.is_page;
	layout->max_record_size = api->layout.max_record_size;
	layout->secret = api->layout.secret;
	lines = batch_lines_open(file, layout, api->stats);
	while ((flow = batch_lines_next(lines, &document, &line)) == BATCH_WAIT)
		batch_file_wait(file);
	if (flow == BATCH_END)
		document.ptr = NULL;
	return document;
}

/*
 * Read the URL that the document at a URL names, into the current context; NULL
 * where it names none, or is not there, and why.
 */
char *
batch_hop_read(const BatchApi *api, const BatchLocator *locator, const char *url,
			   const BatchTrouble **trouble)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext, "batch_fdw hop",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);
	BatchFile  *file = batch_file_open(batch_download_open_file(locator, url, &api->network));
	BatchSlice	document = batch_hop_read_document(api, file);
	char	   *found = NULL;
	char	   *absolute;

	if (document.ptr != NULL)
		found = find_named(api->options->hop_path, document);
	if (found == NULL)
	{
		*trouble = batch_file_trouble(file) ? batch_file_trouble(file) : &names_nothing;
		MemoryContextSwitchTo(old);
		return NULL;
	}
	absolute = batch_target_is_absolute(found) ? NULL : batch_http_resolve(url, found);
	MemoryContextSwitchTo(old);
	found = pstrdup(absolute ? absolute : found);
	MemoryContextDelete(cxt);
	return found;
}
