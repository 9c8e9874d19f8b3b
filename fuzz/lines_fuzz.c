/*
 * lines_fuzz.c
 *	  The records of lines.c do not depend on how a file is cut into pieces, and
 *	  are those that its layout says.
 *
 * The input is a byte of options, FUZZ_CUTS bytes of cuts, and content, some
 * bytes of which, none of them of UTF-8, stand for a long run of one character.
 */
#include "fuzz.h"

#include <zlib.h>

#define HEAD		(FUZZ_CUTS + 1)
#define MOST_LONG	4			/* runs of a content that are long */
#define PEEKED		65000		/* bytes in which lines.c looks for the format */

/* The byte of options. */
#define FORMAT(b)	((b) & 3)
#define HAS_PATH	0x04
#define SMALL		0x08		/* max_record_size is its smallest */
#define PACKED		0x10		/* the file is gzip */
#define UNFRAMED	0x20

/* One run: the options, and what came of it. */
typedef struct Run
{
	const BatchLayout *layout;
	BatchFile  *file;
	int			n;
	size_t		used;
	size_t		size;
	char	   *out;			/* line, length and bytes of each record */
	int64		skipped;
	int			state;
	char		message[128];
} Run;

/* What stands before each record's bytes. */
typedef struct Head
{
	int64		line;
	size_t		len;
	bool		too_long;
	bool		bad;			/* a row of CSV that is none */
} Head;

/* ---- What lines.c needs beside what is under test ---- */

void
batch_failure_refuse_markup(const char *what, int sqlstate, BatchSlice text, const char *type,
							const char *secret)
{
	(void) text;
	(void) type;
	(void) secret;
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("%s is not JSON", what)));
}

char *
batch_redact_start(const char *text, const char *secret, int most)
{
	(void) secret;
	return pnstrdup(text, most);
}

char *
batch_redact_text(const char *text, const char *secret)
{
	(void) secret;
	return pstrdup(text);
}

/* Paths are one and the same here, or differ. */
bool
batch_jsonpath_equal(const BatchPath *a, const BatchPath *b)
{
	return a == b;
}

/* ---- The content ---- */

/* Write out the runs; in malloc'd memory. */
static uint8 *
expand(const uint8 *bytes, size_t len, size_t *size)
{
	static const struct
	{
		size_t		len;
		uint8		c;
	}			longs[] = {{700, ' '}, {40000, ' '}, {700, 'a'}, {40000, 'a'}};
	uint8	   *out = malloc(len + MOST_LONG * 40000 + 1);
	int			nlongs = 0;

	*size = 0;
	for (size_t i = 0; i < len; i++)
	{
		if (bytes[i] >= 0xfb && bytes[i] <= 0xfe && nlongs++ < MOST_LONG)
		{
			memset(out + *size, longs[bytes[i] - 0xfb].c, longs[bytes[i] - 0xfb].len);
			*size += longs[bytes[i] - 0xfb].len;
		}
		else
			out[(*size)++] = bytes[i];
	}
	return out;
}

/* ---- The runs ---- */

/* Append bytes to what a run has given. */
static void
keep(Run *run, const void *bytes, size_t len)
{
	if (run->used + len > run->size)
	{
		run->size = 2 * run->size + len;
		run->out = realloc(run->out, run->size);
	}
	if (len > 0)
		memcpy(run->out + run->used, bytes, len);
	run->used += len;
}

/*
 * Check that the two scans of a record say the same: where it lies, by whatever
 * stands behind it, and alone.
 */
static void
check_scans(BatchRecord *padded, BatchRecord *alone, BatchSlice record)
{
	char	   *copy = palloc(record.len);
	BatchSlice	text = {copy, record.len};
	BatchSlice	found;
	bool		accepted;

	memcpy(copy, record.ptr, record.len);
	accepted = batch_record_next(alone, text);
	EXPECT(batch_record_next_padded(padded, record) == accepted, "the scans differ");
	found = accepted ? batch_record_get(alone, 0) : text;
	if (accepted && found.ptr != NULL)
		EXPECT(batch_record_get(padded, 0).ptr - record.ptr == found.ptr - text.ptr &&
			   batch_record_get(padded, 0).len == found.len, "the scans find other values");
	pfree(copy);
}

/* Read all records. */
static void
read_all(void *arg)
{
	Run		   *run = arg;
	List	   *paths = list_make1(run->layout->rows_path);
	BatchRecord *padded = batch_record_open(paths);
	BatchRecord *alone = batch_record_open(paths);
	BatchStats	stats = {0};
	BatchLines *l = batch_lines_open(run->file, run->layout, &stats);
	BatchSlice	record;
	BatchFlow	flow;
	Head		head;

	memset(&head, 0, sizeof(head));
	while ((flow = batch_lines_next(l, &record, &head.line)) != BATCH_END)
	{
		run->skipped = stats.skipped;
		if (flow == BATCH_WAIT)
			continue;

		/* Of a line that is too long any beginning may come that is, too. */
		head.too_long = record.len > (size_t) run->layout->max_record_size;
		head.len = head.too_long ? 0 : record.len;
		head.bad = batch_lines_fault(l) != NULL;
		keep(run, &head, sizeof(head));
		keep(run, record.ptr, head.len);
		run->n++;

		for (int i = 0; i < BATCH_PADDING; i++)
			(void) *(const volatile char *) (record.ptr + record.len + i);
		if (!head.too_long)
			check_scans(padded, alone, record);
	}
	EXPECT(batch_lines_next(l, &record, &head.line) == BATCH_END, "it goes on after its end");
	run->skipped = stats.skipped;
}

/* Run over a file, whole or in pieces. */
static Run
start(const BatchLayout *layout, const uint8 *file, size_t size, const uint8 *cuts, bool framed)
{
	Run			run = {.layout = layout};

	run.file = fuzz_file_open(file, size, cuts, framed);
	run.state = fuzz_try(read_all, &run);
	strlcpy(run.message, fuzz_message(), sizeof(run.message));
	fuzz_file_close(run.file);
	return run;
}

/*
 * Check that two runs agree.  Of a damaged file one may have given more than
 * the other before the damage was met, or have met another error in that.
 */
static void
compare(const Run *a, const Run *b)
{
	size_t		both = Min(a->used, b->used);

	EXPECT(both == 0 || memcmp(a->out, b->out, both) == 0, "in pieces there are other records");
	if (a->state == ERRCODE_DATA_CORRUPTED || b->state == ERRCODE_DATA_CORRUPTED)
		return;
	EXPECT(a->state == b->state && strcmp(a->message, b->message) == 0,
		   "whole \"%s\", in pieces \"%s\"", a->message, b->message);
	EXPECT(a->n == b->n, "whole %d records, in pieces %d", a->n, b->n);
	EXPECT(a->used == b->used, "in pieces there are %zu bytes, not %zu", b->used, a->used);
	EXPECT(a->skipped == b->skipped, "whole %zd lines are skipped, in pieces %zd",
		   (ssize_t) a->skipped, (ssize_t) b->skipped);
}

/* ---- What is expected ---- */

/* Note a record that is expected, or a row that is bad. */
static void
expect_record(Run *run, const char *p, size_t len, int64 line, bool bad)
{
	Head		head;

	memset(&head, 0, sizeof(head));
	head.line = line;
	head.too_long = len > (size_t) run->layout->max_record_size;
	head.len = head.too_long ? 0 : len;
	head.bad = bad;
	keep(run, &head, sizeof(head));
	keep(run, p, head.len);
	run->n++;
}

/* Split a text at its line feeds. */
static void
expect_lines(Run *run, BatchSlice text)
{
	const char *end = text.ptr + text.len;
	int64		line = 0;

	for (const char *p = text.ptr; p < end;)
	{
		const char *newline = memchr(p, '\n', end - p);
		const char *stop = newline ? newline : end;

		line++;
		if (batch_array_trim(p, stop).len > 0 || stop - p > run->layout->max_record_size)
			expect_record(run, p, stop - p, line, false);
		else
			run->skipped++;
		p = newline ? newline + 1 : end;
	}
}

/* Read a text as CSV; what it raises is then the state. */
static void
expect_rows(Run *run, BatchSlice text)
{
	FuzzCsv		csv = {.p = text.ptr, .end = text.ptr + text.len};
	FuzzRow		row;
	int64		line = 0;

	while ((run->state = fuzz_csv_next(&csv, &row, run->layout->max_record_size)) == 0 && row.raw.ptr != NULL)
	{
		expect_record(run, row.record.ptr, row.record.len, ++line, row.bad);
		if (row.record.ptr != row.raw.ptr)
			free(unconstify(char *, row.record.ptr));
	}
	for (int i = 0; i < csv.ncolumns; i++)
		free(unconstify(char *, csv.names[i].ptr));
}

/* List the elements of what a path names in a document, or that itself. */
static void
expect_elements(Run *run, const Model *m)
{
	ModelNode  *node = fuzz_model_find(m->root, run->layout->rows_path);
	int64		line = 0;

	if (run->layout->rows_path->nsteps > 0 && (node == NULL || node->kind == MODEL_NULL))
		return;
	if (node->kind != MODEL_ARRAY)
		expect_record(run, node->slice.ptr, node->slice.len, 1, false);
	else
		for (ModelNode *child = node->first; child != NULL; child = child->next)
			expect_record(run, child->slice.ptr, child->slice.len, ++line, false);
}

/* Tell whether a document has nothing where its records should be, and is not {}. */
static bool
lacks_rows(const Run *run, const Model *m)
{
	return m->root != NULL && fuzz_model_find(m->root, run->layout->rows_path) == NULL &&
		(m->root->kind != MODEL_OBJECT || m->root->nchildren > 0);
}

/* Check that of a text that is no JSON some record is none. */
static void
expect_refusal(const Run *run)
{
	Head		head;

	if (run->state != 0)
		return;
	for (size_t i = 0; i < run->used; i += sizeof(head) + head.len)
	{
		BatchSlice	record = {run->out + i + sizeof(head), 0};

		memcpy(&head, run->out + i, sizeof(head));
		record.len = head.len;
		if (fuzz_model_read(record).json_state != 0)
			return;
	}
	fuzz_fail("all records of what is no JSON are JSON");
}

/* Check that no file is refused as a whole that is JSON, or begins with a line that is. */
static void
check_refusal(const Run *run, const uint8 *file, size_t size)
{
	BatchSlice	text = {(const char *) file, size};
	const char *newline = size > 0 ? memchr(file, '\n', size) : NULL;
	BatchSlice	first = {text.ptr, newline ? (size_t) (newline - text.ptr) : size};

	if (run->state != ERRCODE_DATA_CORRUPTED || strcmp(run->message, "results file is not JSON") != 0)
		return;
	EXPECT(fuzz_model_read(text).json_state != 0, "JSON is refused");
	EXPECT(first.len > PEEKED || fuzz_model_read(first).json_state != 0, "a file whose first line is JSON is refused");
}

/* Check a run against what its layout says, where that is known. */
static void
check_layout(const Run *run, const uint8 *file, size_t size)
{
	BatchSlice	text = {(const char *) file, size};
	Run			expected = {.layout = run->layout};
	Model		m;
	size_t		blank;			/* white space before all else */

	if (size >= 3 && memcmp(file, "\xef\xbb\xbf", 3) == 0)
	{
		text.ptr += 3;
		text.len -= 3;
	}
	if (run->layout->format == BATCH_FORMAT_CSV)
	{
		expect_rows(&expected, text);
		EXPECT(run->state == expected.state, "CSV: SQLSTATE %s, not %s: %s", unpack_sql_state(run->state),
			   unpack_sql_state(expected.state), run->message);
		strlcpy(expected.message, run->message, sizeof(expected.message));
		compare(&expected, run);
		free(expected.out);
		return;
	}
	m = fuzz_model_read(text);
	blank = batch_array_trim(text.ptr, text.ptr + text.len).ptr - text.ptr;
	if (blank == text.len || run->layout->format == BATCH_FORMAT_JSONL)
	{
		expect_lines(&expected, text);
		EXPECT(run->state == 0, "lines: \"%s\"", run->message);
	}
	else if (blank < PEEKED &&
			 (run->layout->format == BATCH_FORMAT_JSON || run->layout->rows_path->nsteps > 0))
	{
		if (run->state == ERRCODE_PROGRAM_LIMIT_EXCEEDED || (m.json_state == 0 && m.root == NULL))
			return;
		if (lacks_rows(run, &m))
			m.json_state = ERRCODE_FDW_INVALID_DATA_TYPE;
		EXPECT(run->layout->rows_path->nsteps == 0 || run->state == m.json_state, "a document: \"%s\"",
			   run->message);
		if (m.json_state == ERRCODE_FDW_INVALID_DATA_TYPE)
			return;
		if (m.json_state != 0)
		{
			if (m.json_state != ERRCODE_STATEMENT_TOO_COMPLEX)
				expect_refusal(run);
			return;
		}
		EXPECT(run->state == 0, "valid JSON: \"%s\"", run->message);
		expect_elements(&expected, &m);
	}
	else
		return;
	compare(&expected, run);
	free(expected.out);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	static const BatchStep steps[] = {
		{.kind = BATCH_STEP_KEY, .key = "data", .keylen = 4},
		{.kind = BATCH_STEP_KEY, .key = "items", .keylen = 5}
	};
	BatchLayout layout = {0};
	uint8	   *content;
	uint8	   *file;
	size_t		len;
	Run			whole;
	Run			pieces;

	if (size < HEAD)
		return 0;
	layout.format = FORMAT(data[0]);
	layout.rows_path = fuzz_path_make((data[0] & HAS_PATH) ? 2 : 0, steps);
	layout.max_record_size = (data[0] & SMALL) ? 1024 : 64 * 1024 * 1024;
	content = expand(data + HEAD, size - HEAD, &len);
	file = (data[0] & PACKED) ? fuzz_gzip(content, len, &size) : content;
	size = (data[0] & PACKED) ? size : len;
	whole = start(&layout, file, size, NULL, (data[0] & UNFRAMED) == 0);
	pieces = start(&layout, file, size, data + 1, (data[0] & UNFRAMED) == 0);
	compare(&whole, &pieces);
	if ((data[0] & UNFRAMED) == 0)
		check_refusal(&whole, content, len);
	if ((data[0] & UNFRAMED) == 0 && whole.state != ERRCODE_DATA_CORRUPTED &&
		!fuzz_is_packed(content, len))
		check_layout(&whole, content, len);
	free(whole.out);
	free(pieces.out);
	if (file != content)
		free(file);
	free(content);
	fuzz_reset();
	return 0;
}
