/*
 * parse.h
 *	  From bytes to lines, records and values: the part of batch_fdw.h on
 *	  elements.c to json.c.
 */
#ifndef BATCH_PARSE_H
#define BATCH_PARSE_H

/* ---- elements.c: the elements of a JSON array ---- */

/* Where a text is split at the commas of its outermost array. */
typedef struct BatchSplitter
{
	int			depth;
	bool		in_string;
	bool		escaped;
} BatchSplitter;

typedef struct BatchElements
{
	BatchSlice	rest;			/* what is not yet given */
	bool		is_array;
	bool		done;
} BatchElements;

extern const char *batch_elements_find_end(BatchSplitter *s, const char *p,
										   const char *end);
extern BatchSlice batch_elements_trim(const char *p, const char *end);
extern void batch_elements_open(BatchElements *e, BatchSlice text);
extern bool batch_elements_next(BatchElements *e, BatchSlice *element);

/* ---- lines.c: bytes to records of JSONL, of an array, or of a document ---- */

typedef struct BatchLines BatchLines;

extern BatchLines *batch_lines_open(BatchDownload *from, const BatchOptions *o,
									BatchStats *stats);
extern BatchFlow batch_lines_next(BatchLines *l, BatchSlice *record, int64 *line);

/* ---- record.c: a record to the slices that paths name ---- */

typedef struct BatchRecord BatchRecord;

extern BatchRecord *batch_record_open(List *paths);
extern bool batch_record_next(BatchRecord *r, BatchSlice text);
extern BatchSlice batch_record_get_any(const BatchRecord *r, int path);
extern BatchSlice batch_record_get(const BatchRecord *r, int path);
extern void batch_record_raise(const BatchRecord *r, Node *escontext);
extern BatchSlice batch_record_find(BatchPath *path, BatchSlice text);

/* ---- strings.c: a JSON string to its characters ---- */

extern const char *batch_string_unescape(BatchSlice string, StringInfo out,
										 int *sqlstate);
extern void batch_string_unescape_leniently(BatchSlice string, StringInfo out);

/* ---- number.c: a JSON number to a numeric ---- */

extern const char *batch_number_measure(const char *p, const char *end,
										uint32 *whole);
extern uint32 batch_number_write(char *out, BatchSlice number, uint32 whole);
extern bool batch_number_check(BatchSlice number, Node *escontext);
extern Datum batch_number_make(BatchSlice number, Node *escontext);

/* ---- tape.c: a JSON text to its keys and values in a flat array ---- */

#define BATCH_SLACK 16			/* bytes that may be read behind a text */

/* Memory that is used again and again. */
typedef struct BatchRoom
{
	void	   *ptr;
	Size		size;
} BatchRoom;

/*
 * A token: eight bytes, since a dense text has one in two bytes.  Its head is
 * made as a JEntry is, of a type and a length (utils/jsonb.h).
 */
typedef struct BatchToken
{
	uint32		head;			/* JENTRY_IS..., BATCH_TOKEN_OBJECT, and bytes of a
								 * string, tokens directly in a container, or
								 * BATCH_TOKEN_NUMBER */
	uint32		place;			/* of a string's characters or a number in the text;
								 * of a container the token behind all in it */
} BatchToken;

#define BATCH_TOKEN_OBJECT JENTRY_HAS_OFF	/* a container is an object */
#define BATCH_TOKEN_TYPE(token) ((token)->head & JENTRY_TYPEMASK)
#define BATCH_TOKEN_LEN(token) ((token)->head & JENTRY_OFFLENMASK)

/*
 * Of a plain decimal, its bytes and its digits before the point (number.c); 0 of
 * any other number.
 */
#define BATCH_TOKEN_NUMBER(len, whole) ((len) | (whole) << 12)
#define BATCH_TOKEN_BYTES(token) ((token)->head & 0xFFF)
#define BATCH_TOKEN_WHOLE(token) (BATCH_TOKEN_LEN(token) >> 12)

typedef struct BatchTape
{
	MemoryContext cxt;
	char	   *text;			/* a copy, whose strings are unescaped */
	const char *end;			/* of the text */
	char	   *spare;			/* behind it, for strings that grow as they are converted */
	BatchToken *tokens;
	uint32		ntokens;
	uint32		max_tokens;		/* up to which there is no look for interrupts */
	uint32		depth;			/* of the deepest container */
	Size		grown;			/* bytes that strings have more than in the text */
	bool		converts;		/* strings, to another encoding */
	Node	   *escontext;
	bool		failed;			/* jsonb cannot hold it; escontext keeps why */
	BatchRoom	text_room;
	BatchRoom	tokens_room;
} BatchTape;

extern void batch_tape_open(BatchTape *t);
extern bool batch_tape_read(BatchTape *t, BatchSlice json, Node *escontext);
extern void batch_tape_release(BatchTape *t);
extern void *batch_tape_reserve(BatchRoom *room, MemoryContext cxt, Size size);
extern void batch_tape_free(BatchRoom *room);

/* ---- jsonb.c: a JSON text to jsonb ---- */

typedef struct BatchJsonb BatchJsonb;

extern BatchJsonb *batch_jsonb_open(void);
extern Datum batch_jsonb_make(BatchJsonb *w, BatchSlice json, Node *escontext);

/* ---- scalar.c: a vendor's word, number or flag ---- */

extern char *batch_scalar_text(BatchSlice v);
extern bool batch_scalar_count(BatchSlice v, int64 *count);
extern bool batch_scalar_is(BatchSlice v, bool expected);

/* ---- envelope.c: an answer, or a job, to the values that are read of it ---- */

typedef struct BatchEnvelope BatchEnvelope;
typedef struct BatchFields BatchFields;

extern BatchEnvelope *batch_envelope_open(List *paths);
extern BatchFields *batch_envelope_read(BatchEnvelope *e, BatchSlice text);
extern bool batch_envelope_has(const BatchFields *f, const BatchPath *path);
extern BatchSlice batch_envelope_find(const BatchFields *f, const BatchPath *path);
extern char *batch_envelope_text(const BatchFields *f, const BatchPath *path);
extern List *batch_envelope_texts(const BatchFields *f, const BatchPath *path);

/* ---- json.c: a failed answer to the vendor's words ---- */

extern const char *batch_json_library(void);
extern char *batch_json_find_message(const char *text, size_t len);

#endif							/* BATCH_PARSE_H */
