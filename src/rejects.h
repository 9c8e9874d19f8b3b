/*
 * rejects.h
 *	  Records that are bad, and need not be good: the part of batch_fdw.h on
 *	  batches.c and rejects.c.
 */
#ifndef BATCH_REJECTS_H
#define BATCH_REJECTS_H

/* Why a record or one of its values was rejected. */
typedef struct BatchReject
{
	const BatchPlace *place;
	const char *column;			/* NULL: it is the record that is bad */
	int			sqlstate;
	const char *message;
} BatchReject;

typedef struct BatchRejects BatchRejects;

extern void batch_rejects_init(void);
extern BatchRejects *batch_rejects_open(Relation rel, Oid userid,
										const BatchOptions *o, BatchStats *stats);
extern void batch_rejects_begin(BatchRejects *r, bool is_recheck);
extern void batch_rejects_add(BatchRejects *r, const BatchReject *reject);
extern void batch_rejects_report(const BatchRejects *r);
extern void batch_rejects_show(ReturnSetInfo *result);

typedef struct BatchBatches BatchBatches;

extern BatchBatches *batch_batches_open(BatchColumns *columns, TupleDesc desc,
										BatchRejects *rejects,
										const BatchOptions *o, BatchStats *stats,
										const BatchPlace *place);
extern void batch_batches_reset(BatchBatches *b);
extern bool batch_batches_next(BatchBatches *b, BatchSource *source,
							   TupleTableSlot *slot);
extern const BatchPlace *batch_batches_place(const BatchBatches *b,
											 const char **column);
extern char *batch_place_write(const BatchPlace *place, const char *column);

#endif							/* BATCH_REJECTS_H */
