/*
 * values.h
 *	  From slices of JSON to Datums: a record to the columns of a tuple slot.
 */
#ifndef BATCH_VALUES_H
#define BATCH_VALUES_H

#include "postgres.h"

#include "executor/tuptable.h"
#include "fmgr.h"
#include "nodes/nodes.h"
#include "nodes/pg_list.h"
#include "utils/rel.h"

#include "common.h"
#include "json/json.h"
#include "json/tape.h"
#include "options/options.h"

/* ---- number.c: a JSON number to a numeric ---- */

#define BATCH_NUMBER_NEAR 16	/* bytes before and behind a number, to be read */
#define BATCH_NUMBER_ROOM 54	/* bytes to be written */

extern const char *batch_number_measure(const char *p, const char *end,
										uint32 *whole);
extern uint32 batch_number_write(char *out, BatchSlice number, uint32 whole);
extern uint32 batch_number_write_near(char *out, BatchSlice number, uint32 whole);
extern bool batch_number_check(BatchSlice number, Node *escontext);
extern Datum batch_number_make(BatchSlice number, Node *escontext);

/* ---- tape.c: a JSON text to its keys and values in a flat array ---- */

extern void batch_tape_open(BatchTape *t);
extern bool batch_tape_read(BatchTape *t, BatchSlice json, Node *escontext);
extern bool batch_tape_settle(BatchTape *t, uint32 first, Node *escontext);
extern void batch_tape_release(BatchTape *t);

/* ---- jsonb.c: a JSON text to jsonb ---- */

typedef struct BatchJsonb BatchJsonb;

extern BatchJsonb *batch_jsonb_open(void);
extern void batch_jsonb_follow(BatchJsonb *w, BatchRecord *record, int path, int npaths);
extern Datum batch_jsonb_make(BatchJsonb *w, BatchSlice json, Node *escontext);

/* ---- columns.c, convert.c, arrays.c, times.c: slices to Datums ---- */

typedef struct BatchColumns BatchColumns;

extern BatchColumns *batch_columns_open(Relation rel, List *attnums,
										const BatchOptions *o);
extern bool batch_columns_scan(BatchColumns *c, const BatchPlace *place,
							   Node *escontext);
extern bool batch_columns_convert(BatchColumns *c, const BatchPlace *place,
								  int *next, Datum *values, bool *isnull,
								  Node *escontext);
extern void batch_columns_fill(BatchColumns *c, const BatchPlace *place,
							   TupleTableSlot *slot);
extern int64 batch_columns_converted(const BatchColumns *c);
extern List *batch_columns_missing(const BatchColumns *c);
extern const char *batch_columns_current(const BatchColumns *c);
extern bool batch_columns_own_error(BatchColumns *c, const BatchPlace *place,
									int next, const ErrorData *error);

/* How a value of one type is made. */
typedef struct BatchType
{
	Oid			type;			/* the column's, or its element's */
	Oid			base;			/* below domains */
	int32		typmod;
	FmgrInfo	input;
	Oid			ioparam;
	struct BatchType *element;	/* of an array, or NULL */
	int16		length;			/* for an array of it: pg_type's */
	bool		byval;
	char		align;
	void	   *domain;			/* domain_check's own */
	struct BatchJsonb *jsonb;	/* writes jsonb */
	MemoryContext cxt;			/* that lives as long as this */
} BatchType;

extern void batch_convert_prepare(BatchType *t, Oid type, int32 typmod);
/* What does not fit goes to ereturn(escontext, ...): raised where that is NULL
 * or on 15 (see compat.h), else kept, as SOFT_ERROR_OCCURRED(escontext) tells. */
extern Datum batch_convert_value(BatchType *t, BatchSlice value, bool *isnull,
						   Node *escontext);
extern Datum batch_arrays_make(BatchType *t, BatchArray *elements, Node *escontext);
extern Datum batch_convert_all(BatchType *t, BatchArray *values, Node *escontext);
typedef struct BatchDomains BatchDomains;

extern BatchDomains *batch_domains_open(const BatchType *t);
extern bool batch_domains_are_violated(const BatchDomains *d, const ErrorData *error);
extern BatchType *batch_domains_bare(BatchDomains *d);
extern bool batch_times_is(Oid type);
extern bool batch_times_parse(const BatchType *t, BatchSlice v, Datum *value);
extern Datum batch_times_convert(BatchType *t, char *text, bool is_number,
								 Node *escontext);

/* ---- kinds.c: the values of a member to the type that holds them ---- */

/* What a value looks like. */
typedef enum BatchKind
{
	BATCH_KIND_BOOLEAN = 1 << 0,
	BATCH_KIND_BIGINT = 1 << 1, /* a whole number within its range */
	BATCH_KIND_NUMERIC = 1 << 2,	/* another number without an exponent */
	BATCH_KIND_FLOAT = 1 << 3,	/* one with an exponent */
	BATCH_KIND_DATE = 1 << 4,
	BATCH_KIND_STAMP = 1 << 5,	/* a date and a time */
	BATCH_KIND_UUID = 1 << 6,
	BATCH_KIND_TEXT = 1 << 7,	/* another string */
	BATCH_KIND_HUGE = 1 << 8,	/* a number that may be too large for numeric */
	BATCH_KIND_ODD = 1 << 9,	/* a string that text cannot hold */
	BATCH_KIND_ARRAY = 1 << 10,
	BATCH_KIND_OBJECT = 1 << 11
} BatchKind;

/* What values came. */
typedef struct BatchKinds
{
	int			seen;			/* of BatchKind */
	bool		precise;		/* a number that double precision may not hold */
} BatchKinds;

extern void batch_kinds_add(BatchKinds *k, BatchSlice v);
extern bool batch_kinds_fit_jsonb(BatchSlice text);
extern Oid	batch_kinds_choose(const BatchKinds *k, const BatchKinds *elements,
							   bool fits_jsonb);
extern List *batch_kinds_list(const BatchKinds *k, const BatchKinds *elements);

/* ---- shape.c, names.c: records to the columns that hold them ---- */

/* A column that was inferred. */
typedef struct BatchMember
{
	List	   *keys;			/* of char *, from the record's own on, in UTF-8 */
	char	   *name;			/* of the column */
	char	   *path;			/* as an option has it */
	Oid			type;
	int64		present;		/* records that have the member */
	int64		nulls;			/* of these, those in which it is null */
	List	   *kinds;			/* of char *, what it was */
	char	   *example;		/* the beginning of its first value, in UTF-8; NULL: none */
} BatchMember;

typedef struct BatchShape BatchShape;

extern BatchShape *batch_shape_open(int depth);
extern void batch_shape_add(BatchShape *s, BatchSlice record);
extern List *batch_shape_list(const BatchShape *s);
extern char *batch_names_path(const char *parent, const char *key);
extern void batch_names_choose(List *members, List *reserved);

#endif							/* BATCH_VALUES_H */
