/*
 * fuzz.h
 *	  What the harnesses share: a server's stand-in, a file's stand-in, and
 *	  what is expected of a JSON text.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "postgres.h"

#include "compat.h"
#include "fetch/fetch.h"
#include "json/json.h"
#include "options/options.h"
#include "json/tape.h"
#include "values/values.h"

/* ---- server.c: what the sources need of a backend ---- */

extern int	fuzz_try(void (*function) (void *arg), void *arg);
extern const char *fuzz_message(void);
extern const char *fuzz_detail(void);
extern void fuzz_reset(void);
extern void fuzz_fail(const char *format,...)
			__attribute__((format(printf, 1, 2), noreturn));

/* Stop with a finding where something does not hold. */
#define EXPECT(condition, ...) \
	do { if (!(condition)) fuzz_fail(__VA_ARGS__); } while (0)

/* ---- numeric.c: the bytes of a numeric, from its definition ---- */

extern char *fuzz_numeric_make(const char *text, size_t len);

/* ---- model.c: a JSON text, as PostgreSQL's own parser sees it ---- */

typedef enum ModelKind
{
	MODEL_NULL,
	MODEL_TRUE,
	MODEL_FALSE,
	MODEL_NUMBER,
	MODEL_STRING,
	MODEL_ARRAY,
	MODEL_OBJECT
} ModelKind;

/* A value of the text. */
typedef struct ModelNode
{
	ModelKind	kind;
	BatchSlice	slice;
	BatchSlice	key;			/* of a member, unescaped */
	BatchSlice	string;			/* of a string, unescaped */
	int			nchildren;
	struct ModelNode *parent;
	struct ModelNode *first;
	struct ModelNode *last;
	struct ModelNode *next;
} ModelNode;

/* What is expected of a text. */
typedef struct Model
{
	int			json_state;		/* SQLSTATE of the type json, or 0 */
	int			jsonb_state;	/* SQLSTATE of the type jsonb, or 0 */
	ModelNode  *root;			/* NULL where a string cannot be unescaped */
} Model;

extern Model fuzz_model_read(BatchSlice text);
extern ModelNode *fuzz_model_find(ModelNode *node, const BatchPath *path);
extern List *fuzz_model_find_all(ModelNode *node, const BatchPath *path, bool *is_array);
extern BatchPath *fuzz_path_make(int nsteps, const BatchStep *steps);
extern void fuzz_jsonb_check(const char *jsonb, ModelNode *root);

/* ---- csv.c: what is expected of CSV, one character after another ---- */

/* A row: a record, or what is none. */
typedef struct FuzzRow
{
	BatchSlice	raw;			/* without its line feed */
	BatchSlice	record;			/* malloc'd; of a bad row the row itself */
	bool		bad;
} FuzzRow;

typedef struct FuzzCsv
{
	const char *p;
	const char *end;
	int			ncolumns;		/* 0: the header is not read yet */
	BatchSlice	names[1024];	/* as JSON has them, in quotes */
} FuzzCsv;

extern int	fuzz_csv_next(FuzzCsv *c, FuzzRow *row, size_t most);

/* ---- file.c: the fuzzer's bytes, whole or in pieces ---- */

#define FUZZ_CUTS	6			/* bytes of the input that say where to cut */

extern BatchFile *fuzz_file_open(const uint8 *bytes, size_t len,
										 const uint8 *cuts, bool framed);
extern void fuzz_file_close(BatchFile *f);
extern uint8 *fuzz_gzip(const uint8 *bytes, size_t len, size_t *size);
extern bool fuzz_is_packed(const uint8 *bytes, size_t len);

extern int	LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

#endif							/* FUZZ_H */
