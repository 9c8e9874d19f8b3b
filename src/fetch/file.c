/*
 * file.c
 *	  A results file --> its bytes, wherever they come from.
 *
 *	  download --\
 *	  spool ------> file --> inflate --> lines
 *	  bytes -----/
 *
 * A file belongs to the context that was current when it was opened, as does
 * what it reads: deleting that context closes it.
 */
#include "fetch/fetch.h"

#include <math.h>

#define BUFFER_SIZE 65536		/* bytes read of the spool at a time */

struct BatchFile
{
	BatchDownload *download;	/* NULL: it is in the spool, */
	BatchSpool *spool;			/* NULL: it is in memory */
	BatchSlice	bytes;			/* there, not yet given */
	const char *name;			/* there */
	char	   *buffer;			/* of what was read there */
};

/* Open a file that is downloaded; both belong to the current context. */
BatchFile *
batch_file_open(BatchDownload *download)
{
	BatchFile  *f = palloc0(sizeof(BatchFile));

	f->download = download;
	return f;
}

/* Open a file whose bytes are all there. */
BatchFile *
batch_file_open_bytes(BatchSlice bytes)
{
	BatchFile  *f = palloc0(sizeof(BatchFile));

	f->bytes = bytes;
	return f;
}

/* Open a file that is in the spool, at its first byte. */
BatchFile *
batch_file_open_spooled(BatchSpool *spool, const char *name)
{
	BatchFile  *f = palloc0(sizeof(BatchFile));

	f->spool = spool;
	f->name = name;
	f->buffer = palloc(BUFFER_SIZE);
	batch_spool_rewind(spool, name);
	return f;
}

/*
 * Give the next bytes of the file as it is stored, without waiting; its end is
 * proven.
 *
 * The bytes stay valid until the next call.
 */
BatchFlow
batch_file_next(BatchFile *f, BatchSlice *bytes)
{
	if (f->download != NULL)
		return batch_download_next(f->download, bytes);
	if (f->spool == NULL)
	{
		*bytes = f->bytes;
		f->bytes.len = 0;
		return bytes->len > 0 ? BATCH_GIVEN : BATCH_END;
	}
	bytes->ptr = f->buffer;
	bytes->len = batch_spool_read(f->spool, f->name, f->buffer, BUFFER_SIZE);
	return bytes->len > 0 ? BATCH_GIVEN : BATCH_END;
}

/*
 * Give the head of the answer, which is complete once there are bytes; of what
 * is spooled, that of the answer that ended it.
 */
const BatchHead *
batch_file_head(const BatchFile *f)
{
	return f->download ? batch_download_head(f->download) : batch_spool_head(f->spool, f->name);
}

/*
 * Tell whether the end of the file was announced, and thereby proven; one that is
 * not there has none.
 */
bool
batch_file_is_framed(const BatchFile *f)
{
	return batch_file_trouble(f) != NULL || batch_http_head_is_framed(batch_file_head(f));
}

/* Tell, at its end, why there is no such file; NULL where there is. */
const BatchTrouble *
batch_file_trouble(const BatchFile *f)
{
	return f->download ? batch_download_trouble(f->download) : NULL;
}

/* Tell when to call again, in the time of batch_now(), if nothing comes before. */
double
batch_file_wake(const BatchFile *f)
{
	return f->download ? batch_download_wake(f->download) : INFINITY;
}

/* Wait until there may be more, after BATCH_WAIT. */
void
batch_file_wait(const BatchFile *f)
{
	batch_download_wait(f->download);
}
