/*
 * json.h
 *	  From JSON text to the slices and scalars that are wanted of it.
 */
#ifndef BATCH_JSON_H
#define BATCH_JSON_H

#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/nodes.h"
#include "nodes/pg_list.h"

#include "common.h"

/* ---- jsonpath.c: a path of members, elements and [*] ---- */

typedef enum BatchStepKind
{
	BATCH_STEP_KEY,
	BATCH_STEP_INDEX,
	BATCH_STEP_LAST,
	BATCH_STEP_ALL
} BatchStepKind;

typedef struct BatchStep
{
	BatchStepKind kind;
	char	   *key;			/* of a member, in UTF-8 */
	int			keylen;
	int			index;			/* of an element, from 0 */
} BatchStep;

typedef struct BatchPath
{
	int			nsteps;
	bool		has_all;		/* some step is [*] */
	bool		has_last;		/* some step is [last] */
	BatchStep	steps[FLEXIBLE_ARRAY_MEMBER];
} BatchPath;

extern BatchPath *batch_jsonpath_parse(const char *text);
extern BatchPath *batch_jsonpath_parse_last(const char *text);
extern char *batch_jsonpath_write(const BatchPath *path);
extern BatchPath *batch_jsonpath_make_member(const char *key);
extern BatchPath *batch_jsonpath_make_members(const char *keys);
extern bool batch_jsonpath_equal(const BatchPath *a, const BatchPath *b);
extern bool batch_jsonpath_touches(List *paths, const BatchPath *member);

/* Tell whether two steps are the same. */
static inline bool
batch_jsonpath_equal_step(const BatchStep *a, const BatchStep *b)
{
	return a->kind == b->kind && a->index == b->index && a->keylen == b->keylen &&
		(a->keylen == 0 || memcmp(a->key, b->key, a->keylen) == 0);
}

/* ---- array.c: the elements of a JSON array ---- */

/* Where a text is split at the commas of its outermost array. */
typedef struct BatchSplitter
{
	int			depth;
	bool		in_string;
	bool		escaped;
} BatchSplitter;

/* Where a value is in a text: eight bytes, since a dense array has one in two. */
typedef struct BatchItem
{
	uint32		place;
	uint32		len;
} BatchItem;

typedef struct BatchArray
{
	BatchSlice	rest;			/* what is not yet given */
	bool		is_array;
	bool		done;
	const BatchItem *items;		/* of a path with [*], instead; or NULL */
	int			nitems;			/* that are not yet given */
	const char *text;			/* they are in */
} BatchArray;

extern const char *batch_array_find_end(BatchSplitter *s, const char *p,
										   const char *end);
extern BatchSlice batch_array_trim(const char *p, const char *end);
extern void batch_array_open(BatchArray *e, BatchSlice text);
extern bool batch_array_next(BatchArray *e, BatchSlice *element);
extern int64 batch_array_count(BatchSlice text);
extern bool batch_array_is_empty_object(BatchSlice value);

/* ---- members.c: the members of a JSON object ---- */

extern void batch_members_open(BatchArray *m, BatchSlice object);
extern bool batch_members_next(BatchArray *m, BatchSlice *key, BatchSlice *value);

/* ---- record.c: a record to the slices that paths name ---- */

typedef struct BatchRecord BatchRecord;

extern BatchRecord *batch_record_open(List *paths);
extern bool batch_record_next(BatchRecord *r, BatchSlice text);
extern bool batch_record_next_padded(BatchRecord *r, BatchSlice text);
extern BatchSlice batch_record_get_any(const BatchRecord *r, int path);
extern BatchSlice batch_record_get(const BatchRecord *r, int path);
extern void batch_record_tape(BatchRecord *r, int path);
extern struct BatchTape *batch_record_find_tape(BatchRecord *r, int path, uint32 *token);
extern void batch_record_release(BatchRecord *r);
extern void batch_record_raise(const BatchRecord *r, Node *escontext);
extern BatchSlice batch_record_find(BatchPath *path, BatchSlice text);

/* ---- items.c: what paths with [*] name in a record ---- */

extern bool batch_items_are_of(const BatchRecord *r, int path);
extern bool batch_items_find(const BatchRecord *r, int path, BatchArray *e);

/* ---- unescape.c: a JSON string to its characters ---- */

extern const char *batch_unescape_string(BatchSlice string, StringInfo out,
										 int *sqlstate);
extern void batch_string_unescape_leniently(BatchSlice string, StringInfo out);

/* ---- scalar.c: a vendor's word, number or flag ---- */

extern char *batch_scalar_text(BatchSlice v);
extern bool batch_scalar_count(BatchSlice v, int64 *count);
extern bool batch_scalar_is(BatchSlice v, bool expected);
extern bool batch_scalar_is_end(BatchSlice v);

/* ---- envelope.c: an answer, or a job, to the values that are read of it ---- */

typedef struct BatchEnvelope BatchEnvelope;
typedef struct BatchFields BatchFields;

extern BatchEnvelope *batch_envelope_open(List *paths);
extern BatchFields *batch_envelope_read(BatchEnvelope *e, BatchSlice text);
extern bool batch_envelope_has(const BatchFields *f, const BatchPath *path);
extern BatchSlice batch_envelope_find(const BatchFields *f, const BatchPath *path);
extern char *batch_envelope_text(const BatchFields *f, const BatchPath *path);
extern List *batch_envelope_texts(const BatchFields *f, const BatchPath *path);

/* ---- message.c: a failed answer to the vendor's words ---- */

extern const char *batch_message_library(void);
extern char *batch_message_find_message(const char *text, size_t len);

#endif							/* BATCH_JSON_H */
