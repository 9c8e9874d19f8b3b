/*
 * spool.c
 *	  Results files that can be downloaded once only, in temporary files.
 *
 *	  download --> spool --> file, as often as the scan is begun again
 *
 * The raw bytes are kept, and the head that came with the last of them: to be
 * here proves no file complete.  The files are BufFiles: temp_file_limit and
 * temp_tablespaces hold for them, and the resource owner that was current when
 * they were made closes them after an error.
 */
#include "fetch/fetch.h"

#include "storage/buffile.h"

/* A file and what it is called. */
typedef struct SpoolFile
{
	const char *name;
	BufFile    *file;
	BatchHead	head;			/* of the answer that ended it */
} SpoolFile;

struct BatchSpool
{
	MemoryContext cxt;
	List	   *files;			/* of SpoolFile: those that were read to their end */
};

/* Open a spool without files; belongs to the current context. */
BatchSpool *
batch_spool_open(void)
{
	BatchSpool *s = palloc0(sizeof(BatchSpool));

	s->cxt = CurrentMemoryContext;
	return s;
}

/* Find a file by its name, or NULL. */
static SpoolFile *
find_file(BatchSpool *s, const char *name)
{
	ListCell   *lc;

	foreach(lc, s->files)
		if (strcmp(((SpoolFile *) lfirst(lc))->name, name) == 0)
			return lfirst(lc);
	return NULL;
}

/* Tell whether a file is there, from its first byte to its last. */
bool
batch_spool_has(BatchSpool *s, const char *name)
{
	return find_file(s, name) != NULL;
}

/* Download a file to its end; false where there is none. */
bool
batch_spool_add(BatchSpool *s, const char *name, BatchDownload *d)
{
	MemoryContext old = MemoryContextSwitchTo(s->cxt);
	SpoolFile  *spooled = palloc0(sizeof(SpoolFile));
	BatchSlice	bytes;
	BatchFlow	flow;

	spooled->name = pstrdup(name);
	spooled->file = BufFileCreateTemp(false);
	while ((flow = batch_download_next(d, &bytes)) != BATCH_END)
	{
		if (flow == BATCH_WAIT)
			batch_download_wait(d);
		else
			BufFileWrite(spooled->file, unconstify(char *, bytes.ptr), bytes.len);
	}
	spooled->head = *batch_download_head(d);
	if (batch_download_trouble(d) == NULL)
		s->files = lappend(s->files, spooled);
	else
		BufFileClose(spooled->file);
	MemoryContextSwitchTo(old);
	return batch_download_trouble(d) == NULL;
}

/* Give the head of a file that is there. */
const BatchHead *
batch_spool_head(BatchSpool *s, const char *name)
{
	return &find_file(s, name)->head;
}

/* Go to the first byte of a file that is there. */
void
batch_spool_rewind(BatchSpool *s, const char *name)
{
	if (BufFileSeek(find_file(s, name)->file, 0, 0, SEEK_SET) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read the spooled results: %m")));
}

/* Read on in a file that is there; 0 at its end. */
size_t
batch_spool_read(BatchSpool *s, const char *name, char *out, size_t size)
{
	return BufFileRead(find_file(s, name)->file, out, size);
}

/* Close the files; not after an error, when their resource owner did. */
void
batch_spool_close(BatchSpool *s)
{
	ListCell   *lc;

	foreach(lc, s->files)
		BufFileClose(((SpoolFile *) lfirst(lc))->file);
	s->files = NIL;
}
