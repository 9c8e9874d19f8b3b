/*
 * scan.h
 *	  One execution of a plan: what is asked for, read into tuple slots.
 */
#ifndef BATCH_SCAN_H
#define BATCH_SCAN_H

#include "postgres.h"

#include "access/parallel.h"
#include "datatype/timestamp.h"
#include "foreign/fdwapi.h"
#include "nodes/execnodes.h"

#include "common.h"
#include "jobs/jobs.h"
#include "options/options.h"
#include "values/values.h"

/* ---- order_check.c: a listing whose order is relied on ---- */

typedef struct BatchOrderCheck BatchOrderCheck;

extern BatchOrderCheck *batch_order_check_open(Relation rel, AttrNumber attnum,
										 bool descending);
extern void batch_order_check_reset(BatchOrderCheck *c);
extern void batch_order_check_bound(BatchOrderCheck *c, Datum bound);
extern bool batch_order_check_next(BatchOrderCheck *c, TupleTableSlot *slot);

/* ---- query.c: a plan's expressions, evaluated ---- */

extern BatchQuery *batch_query_evaluate(const BatchOptions *o, List *matches,
										 List *states, ExprContext *econtext,
										 BatchOrderCheck *order);
extern bool batch_query_equal(const BatchQuery *a, const BatchQuery *b);

/* ---- rejects.c, lenient.c: records that are bad, and need not be good ---- */

/* Why a record or one of its values, or a job without a record, was rejected. */
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
extern void batch_rejects_add_job(BatchRejects *r, const BatchPlace *place,
								  const BatchTrouble *trouble);
extern void batch_rejects_report(const BatchRejects *r);
extern void batch_rejects_show(ReturnSetInfo *result);
extern int64 batch_rejects_total(void);

typedef struct BatchLenient BatchLenient;

extern BatchLenient *batch_lenient_open(BatchColumns *columns, TupleDesc desc,
										BatchRejects *rejects,
										const BatchOptions *o,
										const BatchPlace *place);
extern void batch_lenient_reset(BatchLenient *b);
extern bool batch_lenient_next(BatchLenient *b, BatchSource *source,
							   TupleTableSlot *slot);
extern const BatchPlace *batch_lenient_place(const BatchLenient *b,
											 const char **column);

/* ---- rows.c: a source, columns and tolerance, to rows ---- */

typedef struct BatchRows BatchRows;

extern BatchRows *batch_rows_open(Relation rel, List *attnums, Oid userid,
								  const BatchOptions *o, BatchStats *stats);
extern void batch_rows_begin(BatchRows *r, const BatchQuery *query,
							 const BatchReuse *reuse, bool is_recheck);
extern void batch_rows_prepare(BatchRows *r);
extern bool batch_rows_next(BatchRows *r, TupleTableSlot *slot);
extern bool batch_rows_ended(const BatchRows *r);
extern void batch_rows_close(BatchRows *r);
extern void batch_rows_reset(BatchRows *r);
extern void batch_rows_report(const BatchRows *r);
extern int64 batch_rows_count(const BatchRows *r);
extern char *batch_rows_write_number(int64 number);
extern char *batch_rows_write_place(const BatchPlace *place, const char *column);
extern void batch_rows_context(void *rows);

/* ---- progress.c: how far a scan is ---- */

typedef struct BatchProgress BatchProgress;

extern BatchProgress *batch_progress_open(Relation rel, BatchStats *stats);
extern void batch_progress_count(BatchProgress *p);
extern void batch_progress_end(BatchProgress *p);

/* ---- statistics.c: what requests came to ---- */

extern void batch_statistics_show(ReturnSetInfo *result);
extern void batch_statistics_log(Relation rel, const BatchStats *stats);

/* ---- scan.c: one execution of a plan ---- */

extern void batch_scan_begin(ForeignScanState *node, int eflags);
extern void batch_scan_next(ForeignScanState *node, TupleTableSlot *slot);
extern void batch_scan_restart(ForeignScanState *node);
extern void batch_scan_end(ForeignScanState *node);
extern const BatchStats *batch_scan_stats(ForeignScanState *node);
extern const BatchOptions *batch_scan_options(ForeignScanState *node);
extern void batch_scan_share(ForeignScanState *node, ParallelContext *pcxt,
							 void *shared);
extern void batch_scan_join(ForeignScanState *node, void *shared);
extern void batch_scan_leave(ForeignScanState *node);

/* ---- analyze.c: ANALYZE ---- */

extern bool batch_analyze_table(Relation rel, AcquireSampleRowsFunc *func,
								BlockNumber *pages);

/* ---- infer.c: records to the columns that hold them ---- */

extern List *batch_infer_import(BatchOptions *o, const BatchSample *sample);
extern void batch_infer_show(ReturnSetInfo *result, Oid relid,
							 const BatchSample *sample);

/* ---- await.c: waiting for jobs without a snapshot ---- */

extern Datum batch_await_wait(Oid relid, List *ids, double timeout);

/* ---- load.c: what batch_fdw_load() asks of C ---- */

extern void batch_load_list(ReturnSetInfo *result, Oid relid, Interval *since,
							List *ids);
extern char *batch_load_write(Oid source_id, Oid target_id, const char *job_id);

#endif							/* BATCH_SCAN_H */
