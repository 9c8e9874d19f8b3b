/*
 * watch.c
 *	  What a download is at --> whoever watches the scan.
 *
 * Both give the flow that they are told of.
 */
#include "fetch/download.h"

/* Tell whoever watches what is waited for. */
BatchFlow
batch_watch_wait(const BatchDownload *d)
{
	BatchWatch *watch = d->network->stats->watch;

	if (watch == NULL)
		return BATCH_WAIT;
	watch->phase = d->transfer == NULL ? BATCH_PHASE_PAUSED :
		d->locator == NULL ? BATCH_PHASE_ASKING :
		d->given > 0 && (!d->begun || d->again > 0) ? BATCH_PHASE_RESUMING : BATCH_PHASE_READING;
	watch->until = batch_retry_time(d);
	return BATCH_WAIT;
}

/* Tell whoever watches what has come. */
BatchFlow
batch_watch_bytes(const BatchDownload *d, const BatchSlice *bytes)
{
	BatchWatch *watch = d->network->stats->watch;

	if (watch == NULL || d->locator == NULL)
		return BATCH_GIVEN;
	watch->phase = BATCH_PHASE_READING;
	watch->given += bytes->len;
	if (d->given == (int64) bytes->len && d->total >= 0)
	{
		watch->lengths++;
		watch->total += d->total;
	}
	return BATCH_GIVEN;
}
