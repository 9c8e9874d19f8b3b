/*
 * lines.c
 *	  Plain bytes --> the records of JSONL, of a JSON array, of a document or of CSV.
 *
 *	  inflate --> buffer --> a line | an element of the array | the document | a row
 *
 * One buffer grows to the longest record; records are slices of it.  Lines
 * end at \n alone, since U+2028 and its like may stand within strings; blank
 * lines count but give no record.
 */
#include "fetch/fetch.h"

#include "miscadmin.h"

#define BUFFER_SIZE (256 * 1024)	/* bytes at first */
#define PEEK_SIZE	(64 * 1024) /* bytes that the format is told from */

typedef enum LayoutKind
{
	LAYOUT_UNKNOWN,
	LAYOUT_LINES,
	LAYOUT_ARRAY,
	LAYOUT_DOCUMENT
} LayoutKind;

struct BatchLines
{
	BatchFile  *file;
	BatchInflate *from;
	const BatchLayout *layout;
	MemoryContext cxt;
	BatchStats *stats;
	LayoutKind	kind;
	char	   *buffer;
	size_t		size;
	size_t		start;			/* of what is not yet given */
	size_t		end;			/* of what was read */
	size_t		searched;		/* up to here no end was found */
	bool		eof;
	bool		discard;		/* the rest of a line that was too long */
	int64		line;
	BatchSplitter splitter;		/* of an array */
	bool		closed;			/* the array's bracket was seen */
	bool		document_read;
	BatchArray	elements;		/* of a document */
	BatchCsvRows rows;			/* of CSV */
	BatchCsv   *csv;			/* what makes records of them; NULL: it is none */
};

/* Open the stage on a file; both belong to the current context, where the layout must live. */
BatchLines *
batch_lines_open(BatchFile *from, const BatchLayout *layout, BatchStats *stats)
{
	BatchLines *l = palloc0(sizeof(BatchLines));

	l->file = from;
	l->from = batch_inflate_open(from, stats);
	l->layout = layout;
	l->stats = stats;
	l->cxt = CurrentMemoryContext;
	l->size = BUFFER_SIZE;
	l->buffer = palloc(l->size);
	if (layout->format == BATCH_FORMAT_CSV)
		l->csv = batch_csv_open();
	return l;
}

/* Tell whether what is in the buffer and not yet given is too long a record. */
static bool
is_too_long(const BatchLines *l)
{
	return l->end - l->start > (size_t) l->layout->max_record_size;
}

/* Refuse a document, or an element of an array, that is too long. */
static void
check_length(const BatchLines *l, size_t len)
{
	if (len > (size_t) l->layout->max_record_size)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("record is longer than %d bytes", l->layout->max_record_size),
				 errhint("Raise max_record_size of the server.")));
}

/* Make room after what is in the buffer, which is moved to its start. */
static void
make_room(BatchLines *l)
{
	if (l->start > 0)
	{
		memmove(l->buffer, l->buffer + l->start, l->end - l->start);
		l->end -= l->start;
		l->searched -= Min(l->searched, l->start);
		l->start = 0;
	}
	if (l->size - l->end < BATCH_PADDING + l->size / 4)
	{
		l->size *= 2;
		l->buffer = repalloc_huge(l->buffer, l->size);
	}
}

/* Read more after what is in the buffer; false where that must wait. */
static bool
read_more(BatchLines *l)
{
	size_t		n;
	BatchFlow	flow;

	make_room(l);
	flow = batch_inflate_next(l->from, l->buffer + l->end,
							  l->size - l->end - BATCH_PADDING, &n);
	if (flow == BATCH_GIVEN)
		l->end += n;
	if (flow != BATCH_WAIT)
		memset(l->buffer + l->end, 0, BATCH_PADDING);
	l->eof = flow == BATCH_END;
	CHECK_FOR_INTERRUPTS();
	return flow != BATCH_WAIT;
}

/* Tell whether a text is blank. */
static bool
is_blank(const char *p, const char *end)
{
	return batch_array_trim(p, end).len == 0;
}

/*
 * Tell the layout of a text that begins with a bracket: an object or array
 * that spans lines is a document; one that ends within the first line begins
 * JSONL, but an array with nothing after it is the array of records.
 */
static LayoutKind
tell_brackets(const char *p, const char *end)
{
	BatchSplitter splitter = {.depth = 0};
	bool		is_array = *p == '[';
	const char *newline = memchr(p, '\n', end - p);
	const char *close = batch_array_find_end(&splitter, p + 1, end);

	while (close != NULL && *close == ',')
		close = batch_array_find_end(&splitter, close + 1, end);
	if (close == NULL)
		return is_array ? LAYOUT_ARRAY :
			newline ? LAYOUT_DOCUMENT : LAYOUT_LINES;
	if (newline != NULL && newline < close)
		return is_array ? LAYOUT_ARRAY : LAYOUT_DOCUMENT;
	if (is_array && (newline == NULL || is_blank(newline, end) ||
					 !is_blank(close + 1, newline)))
		return LAYOUT_ARRAY;
	return LAYOUT_LINES;
}

/*
 * Tell the layout from the options and the first 64 kB, however much more has
 * come; false where they must be waited for.
 */
static bool
begin(BatchLines *l)
{
	BatchSlice	text;

	while (!l->eof && l->end < PEEK_SIZE)
		if (!read_more(l))
			return false;
	if (l->end >= 3 && memcmp(l->buffer, "\xef\xbb\xbf", 3) == 0)
		l->start = l->searched = 3;
	text.ptr = l->buffer + l->start;
	text.len = Min(l->end, PEEK_SIZE) - l->start;
	batch_magic_check(text, l->eof && l->end <= PEEK_SIZE, l->csv != NULL,
					  batch_file_head(l->file), l->layout->secret);
	text = batch_array_trim(text.ptr, text.ptr + text.len);
	if (!l->layout->is_page && batch_file_trouble(l->file) == NULL && batch_file_head(l->file)->has_next)
		batch_document_refuse_more();
	if (l->csv != NULL || l->layout->format == BATCH_FORMAT_JSONL || text.len == 0)
		l->kind = LAYOUT_LINES;
	else if (l->layout->rows_path->nsteps > 0 || l->layout->is_record)
		l->kind = LAYOUT_DOCUMENT;
	else if (l->layout->format == BATCH_FORMAT_JSON)
		l->kind = *text.ptr == '[' ? LAYOUT_ARRAY : LAYOUT_DOCUMENT;
	else if (*text.ptr == '[' || *text.ptr == '{')
		l->kind = tell_brackets(text.ptr, text.ptr + text.len);
	else
		l->kind = LAYOUT_LINES;
	if (l->kind == LAYOUT_ARRAY)
		l->start = l->searched = text.ptr + 1 - l->buffer;
	return true;
}

/* Find the line feed that ends a line, or a row of CSV, in what was not yet searched; or NULL. */
static const char *
find_newline(BatchLines *l)
{
	const char *start = l->buffer + l->searched;
	const char *end = l->buffer + l->end;

	return l->csv ? batch_csv_rows_find_end(&l->rows, start, end, l->eof) :
		memchr(start, '\n', end - start);
}

/*
 * Give the next line that is not blank, or is too long even so; of CSV the next row.
 *
 * Of a line that is too long only the beginning is given, which is too long
 * as well, for the reader to refuse; if he goes on, the rest is discarded.
 */
static BatchFlow
next_line(BatchLines *l, BatchSlice *record)
{
	for (;;)
	{
		const char *newline = find_newline(l);
		size_t		stop = newline ? (size_t) (newline - l->buffer) : l->end;
		size_t		start = l->start;
		bool		whole = newline != NULL || l->eof;
		bool		discard = l->discard;

		if (!whole && (discard || !is_too_long(l)))
		{
			l->searched = l->end;
			l->start = discard ? l->end : l->start;
			if (!read_more(l))
				return BATCH_WAIT;
			continue;
		}
		if (newline == NULL && start == l->end)
			return BATCH_END;
		l->start = l->searched = newline ? stop + 1 : stop;
		l->discard = !whole;
		if (discard)
			continue;
		record->ptr = l->buffer + start;
		record->len = stop - start;
		if (l->csv != NULL && !batch_csv_take(l->csv, *record, l->layout->max_record_size, record))
			continue;
		l->line++;
		if (l->csv != NULL || record->len > (size_t) l->layout->max_record_size ||
			!is_blank(record->ptr, l->buffer + stop))
			return BATCH_GIVEN;
		l->stats->skipped++;
	}
}

/* Raise that an array does not end as arrays do. */
static void
refuse_array(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid JSON array in results file"),
			 errdetail("%s", what),
			 errhint("If it is JSONL, set result_format to jsonl.")));
}

/* Demand that nothing but white space follows the array. */
static BatchFlow
finish_array(BatchLines *l)
{
	while (is_blank(l->buffer + l->start, l->buffer + l->end))
	{
		l->start = l->searched = l->end;
		if (l->eof)
			return BATCH_END;
		if (!read_more(l))
			return BATCH_WAIT;
	}
	refuse_array("There is something after its closing bracket.");
	return BATCH_END;
}

/*
 * Give the next element of an array that is the whole file.  White space around
 * it counts for its length, as it does where the end is not yet seen.
 */
static BatchFlow
next_element(BatchLines *l, BatchSlice *record)
{
	const char *end;

	if (l->closed)
		return finish_array(l);
	while ((end = batch_array_find_end(&l->splitter, l->buffer + l->searched,
										  l->buffer + l->end)) == NULL)
	{
		l->searched = l->end;
		if (l->eof)
			refuse_array("It ends before its closing bracket.");
		check_length(l, l->end - l->start);
		if (!read_more(l))
			return BATCH_WAIT;
	}
	check_length(l, end - (l->buffer + l->start));
	if (*end == '}')
		refuse_array("It is closed by a brace.");
	*record = batch_array_trim(l->buffer + l->start, end);
	l->closed = *end == ']';
	l->start = l->searched = end + 1 - l->buffer;
	memset(&l->splitter, 0, sizeof(l->splitter));
	if (l->closed && record->len == 0 && l->line == 0)
		return finish_array(l);
	l->line++;
	return BATCH_GIVEN;
}

/*
 * Read the whole file, and find the array of records in it; false where more
 * of it must be waited for.
 */
static bool
read_document(BatchLines *l)
{
	const BatchLayout *layout = l->layout;
	MemoryContext old;
	BatchSlice	text;

	while (!l->eof)
	{
		check_length(l, l->end);
		if (!read_more(l))
			return false;
	}
	old = MemoryContextSwitchTo(l->cxt);
	text = batch_array_trim(l->buffer + l->start, l->buffer + l->end);
	if (layout->more_path != NULL &&
		!batch_scalar_is_end(batch_record_find(layout->more_path, text)))
		batch_document_refuse_more();
	if (layout->is_record)
		l->elements.rest = text;
	else
		batch_array_open(&l->elements, batch_document_find_rows(layout->rows_path, text));
	l->document_read = true;
	MemoryContextSwitchTo(old);
	return true;
}

/* Give the next element of a document. */
static BatchFlow
next_of_document(BatchLines *l, BatchSlice *record)
{
	if (!l->document_read && !read_document(l))
		return BATCH_WAIT;
	if (!batch_array_next(&l->elements, record))
		return BATCH_END;
	l->line++;
	return BATCH_GIVEN;
}

/* Tell why the record that was given last is none, whatever its text; or NULL. */
const char *
batch_lines_fault(const BatchLines *l)
{
	return l->csv ? batch_csv_fault(l->csv) : NULL;
}

/*
 * Give the next record and its number, from 1, without waiting.
 *
 * The record is a slice of the buffer, after which BATCH_PADDING bytes can be
 * read; it stays valid until the next call.  A line may be longer than
 * max_record_size, for columns.c to refuse.
 */
BatchFlow
batch_lines_next(BatchLines *l, BatchSlice *record, int64 *line)
{
	BatchFlow	flow;

	CHECK_FOR_INTERRUPTS();
	if (l->kind == LAYOUT_UNKNOWN && !begin(l))
		return BATCH_WAIT;
	flow = l->kind == LAYOUT_DOCUMENT ? next_of_document(l, record) :
		l->kind == LAYOUT_ARRAY ? next_element(l, record) :
		next_line(l, record);
	*line = l->line;
	if (flow == BATCH_GIVEN && l->kind != LAYOUT_LINES)
		check_length(l, record->len);
	return flow;
}

/* Tell how a file is compressed and laid out, once a record was asked for. */
char *
batch_lines_describe(const BatchLines *l)
{
	static const char *const kinds[] = {"unknown", "JSONL", "a JSON array", "a JSON document"};

	return psprintf("%s, %s", batch_inflate_describe(l->from), l->csv ? "CSV" : kinds[l->kind]);
}
