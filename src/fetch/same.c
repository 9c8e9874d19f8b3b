/*
 * same.c
 *	  The bytes of a try --> those that are new, of a file that is still the one
 *	  that was begun.
 *
 * A results file goes on where it broke off by Range and If-Match where it has a
 * strong ETag; else, and where its URL names another object than before, it is
 * read again up to there, and goes on only if the CRC of those bytes is the one
 * of the bytes given out before.
 */
#include "fetch/download.h"

/* Raise that a file is not the one that was begun. */
void
batch_same_refuse(const char *how)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("results file changed while it was read"),
			 errdetail("%s", how),
			 errhint("Rows read before this are of the old file; ask again.")));
}

/*
 * Remember the strong ETag of a file, which stands for all that was given out:
 * not before that is proven to be of this file.
 */
static void
take_etag(BatchDownload *d)
{
	const BatchHead *head = batch_http_get_head(d->transfer);

	if (d->locator != NULL && head->etag[0] == '"')
		d->etag = MemoryContextStrdup(d->owner, head->etag);
}

/* Look at the head of a try whose body begins: is the file still the same? */
void
batch_same_begin(BatchDownload *d)
{
	const BatchHead *head = batch_http_get_head(d->transfer);
	int64		total = head->status == 206 ? head->total : head->length;

	d->begun = true;
	if (d->locator == NULL)
		return;
	if (d->given > 0 && d->total >= 0 && total >= 0 && total != d->total)
		batch_same_refuse("Its length is another.");
	if (head->status == 206)
	{
		if (head->range_start != d->given || total < 0)
			batch_same_refuse("The results host gave another part of it than was asked for.");
		if (head->etag[0] && strcmp(head->etag, d->etag) != 0)
			batch_same_refuse("Its ETag is another.");
		d->again = 0;
		d->total = total;
		return;
	}
	if (d->given > 0 && d->moved && d->etag != NULL && head->etag[0] == '"' &&
		strcmp(head->etag, d->etag) != 0)
		batch_same_refuse("Its ETag is another.");
	d->again = d->given;
	d->total = total;
	d->etag = NULL;
	d->moved = false;
	if (d->again == 0)
		take_etag(d);
}

/* Take bytes off that were given out before, once they prove to be the same. */
static void
read_again(BatchDownload *d, BatchSlice *bytes)
{
	size_t		n = Min((int64) bytes->len, d->again);

	COMP_CRC32C(d->crc_again, bytes->ptr, n);
	bytes->ptr += n;
	bytes->len -= n;
	d->again -= n;
	if (d->again > 0)
		return;
	if (!EQ_CRC32C(d->crc_again, d->crc))
		batch_same_refuse("What was read before is no longer the same.");
	take_etag(d);
}

/* Take the next bytes of the current try; what is new of them may be none. */
void
batch_same_take(BatchDownload *d, BatchSlice *bytes)
{
	if (!d->begun)
		batch_same_begin(d);
	if (d->again > 0)
		read_again(d, bytes);
	if (d->locator != NULL)
		COMP_CRC32C(d->crc, bytes->ptr, bytes->len);
	d->given += bytes->len;
}
