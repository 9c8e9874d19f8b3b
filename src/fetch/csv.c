/*
 * csv.c
 *	  A row of CSV (RFC 4180) --> a record: an object whose members the header names.
 *
 *	  a,b\n1,"x ""y"""\n  -->  {"a":"1","b":"x \"y\""}
 *
 * So what reads records reads rows, by the same paths; an object is written as fast
 * as it is read.  Values are strings, for columns to make of them what they can; an
 * unquoted empty one is null.
 *
 * A row that is none, or of another length than the header, is a bad record; where
 * the header is none no row has a meaning, and that is an error.
 */
#include "fetch/fetch.h"
#include "json/simd.h"

#include "mb/pg_wchar.h"
#include "port/pg_bitutils.h"

#define CHUNK		16			/* bytes that may be written beyond what is used */
#define MOST_ESCAPE	6			/* bytes of a character that is escaped */
#define MOST_SHOWN	60			/* bytes of a name in a message */

struct BatchCsv
{
	MemoryContext cxt;
	int			ncolumns;		/* -1: the header is not read yet */
	BatchSlice *keys;			/* of each what stands before its value, with a quote */
	size_t		fixed;			/* bytes of a record beside its values */
	const char *fault;			/* of the row that was taken last, or NULL */
	char	   *out;
	size_t		size;
};

/* Where a record is being written. */
typedef struct Writer
{
	char	   *out;
	ptrdiff_t	spare;			/* bytes that nothing needs yet */
} Writer;

/* Open a reader of rows, in the current context. */
BatchCsv *
batch_csv_open(void)
{
	BatchCsv   *c = palloc0(sizeof(BatchCsv));

	c->cxt = CurrentMemoryContext;
	c->ncolumns = -1;
	c->size = 1024;
	c->out = palloc(c->size);
	return c;
}

/* ---- A row ---- */

/* Make room for what is escaped. */
static pg_noinline void
grow(BatchCsv *c, Writer *w)
{
	size_t		used = w->out - c->out;

	c->out = repalloc_huge(c->out, 2 * c->size);
	w->spare += c->size;
	c->size *= 2;
	w->out = c->out + used;
}

/* Write a character as JSON has it in a string: one that must be escaped. */
static pg_noinline void
escape(BatchCsv *c, Writer *w, char ch)
{
	static const char hex[] = "0123456789abcdef";
	static const char controls[] = "\b\f\n\r\t";
	const char *control = ch ? strchr(controls, ch) : NULL;

	w->spare -= MOST_ESCAPE - 1;
	if (w->spare < 0)
		grow(c, w);
	*w->out++ = '\\';
	if (ch == '"' || ch == '\\')
		*w->out++ = ch;
	else if (control != NULL)
		*w->out++ = "bfnrt"[control - controls];
	else
	{
		memcpy(w->out, "u00", 3);
		w->out[3] = hex[(unsigned char) ch >> 4];
		w->out[4] = hex[(unsigned char) ch & 0x0f];
		w->out += 5;
	}
}

/*
 * Copy characters up to one that must be looked at: a control, a quote, a backslash,
 * or a comma where one ends the value.  Behind the row is a control.
 */
static pg_attribute_always_inline const char *
copy_plain(Writer *w, const char *p, const char *end, const bool quoted)
{
#ifdef BATCH_SIMD
	(void) end;
	for (;;)
	{
		BatchVector v = batch_simd_load(p);
		BatchVector marks = batch_simd_either(batch_simd_equal(v, batch_simd_fill('"')),
											  batch_simd_equal(v, batch_simd_fill('\\')));
		uint32		found;

		batch_simd_store(w->out, v);
		if (!quoted)
			marks = batch_simd_either(marks, batch_simd_equal(v, batch_simd_fill(',')));
		/* Bytes from 128 on are below blanks too, and have their highest bit. */
		found = batch_simd_mask(marks) |
			(batch_simd_mask(batch_simd_below(v, batch_simd_fill(' '))) & ~batch_simd_mask(v));
		if (found != 0)
		{
			w->out += pg_rightmost_one_pos32(found);
			return p + pg_rightmost_one_pos32(found);
		}
		p += sizeof(BatchVector);
		w->out += sizeof(BatchVector);
	}
#else
	while (p < end && (unsigned char) *p >= ' ' && *p != '"' && *p != '\\' && (quoted || *p != ','))
		*w->out++ = *p++;
	return p;
#endif
}

/* Write a value that is not quoted; gives the place behind it. */
static pg_attribute_always_inline const char *
write_plain(BatchCsv *c, Writer *w, const char *p, const char *end)
{
	while ((p = copy_plain(w, p, end, false)) < end && *p != ',')
	{
		if (*p == '"')
			c->fault = "a quote is in a value that does not begin with one";
		else if (*p == '\r')
			c->fault = "a carriage return is not followed by a line feed";
		if (c->fault != NULL)
			return p;
		escape(c, w, *p++);
	}
	return p;
}

/* Write a value that is quoted, p behind its quote; gives the place behind it. */
static pg_attribute_always_inline const char *
write_quoted(BatchCsv *c, Writer *w, const char *p, const char *end)
{
	while ((p = copy_plain(w, p, end, true)) < end)
	{
		if (*p != '"')
			escape(c, w, *p++);
		else if (p + 1 < end && p[1] == '"')
		{
			escape(c, w, '"');
			p += 2;
		}
		else
		{
			if (++p < end && *p != ',')
				c->fault = "something follows the closing quote of a value";
			return p;
		}
	}
	c->fault = "a quoted value does not end";
	return p;
}

/* Begin to write what a row becomes: so many bytes beside its values. */
static Writer
begin_writing(BatchCsv *c, BatchSlice row, size_t fixed)
{
	size_t		needed = fixed + row.len + CHUNK + MOST_ESCAPE + BATCH_PADDING;
	Writer		w;

	if (c->size < needed)
	{
		c->out = repalloc_huge(c->out, needed + needed / 4);
		c->size = needed + needed / 4;
	}
	w.out = c->out;
	w.spare = c->size - needed;
	return w;
}

/* Write a row as an object; false where it is bad, and fault tells why. */
static bool
write_row(BatchCsv *c, BatchSlice row, BatchSlice *record)
{
	Writer		w = begin_writing(c, row, c->fixed);
	const char *p = row.ptr;
	const char *end = p + row.len;
	int			n = 0;

	for (;; p++)
	{
		const BatchSlice *key = &c->keys[n];

		if (n++ == c->ncolumns)
			c->fault = "a row has more values than the header has names";
		if (c->fault != NULL)
			return false;
		memcpy(w.out, key->ptr, key->len);
		w.out += key->len;
		if (p == end || *p == ',')
		{
			memcpy(w.out - 1, "null", 4);
			w.out += 3;
		}
		else
		{
			p = *p == '"' ? write_quoted(c, &w, p + 1, end) : write_plain(c, &w, p, end);
			*w.out++ = '"';
		}
		if (p == end || c->fault != NULL)
			break;
	}
	if (c->fault == NULL && n < c->ncolumns)
		c->fault = "a row has fewer values than the header has names";
	*w.out++ = '}';
	record->ptr = c->out;
	record->len = w.out - c->out;
	return c->fault == NULL;
}

/* ---- The header ---- */

/* Refuse a header. */
static void
refuse_header(const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_BAD_COPY_FILE_FORMAT),
			 errmsg("the first row of the results file names no columns"),
			 errdetail("%s.", detail),
			 hint ? errhint("%s", hint) : 0));
}

/* Compare two names for qsort. */
static int
compare_names(const void *a, const void *b)
{
	const BatchSlice *x = a,
			   *y = b;

	return x->len != y->len ? (x->len < y->len ? -1 : 1) : memcmp(x->ptr, y->ptr, x->len);
}

/* Refuse a header that repeats a name: which value it has could not be told. */
static void
check_names(const BatchCsv *c)
{
	BatchSlice *names = palloc(c->ncolumns * sizeof(BatchSlice));

	for (int i = 0; i < c->ncolumns; i++)
	{
		names[i].ptr = c->keys[i].ptr + 1;
		names[i].len = c->keys[i].len - 1;
	}
	qsort(names, c->ncolumns, sizeof(BatchSlice), compare_names);
	for (int i = 1; i < c->ncolumns; i++)
		if (compare_names(&names[i - 1], &names[i]) == 0)
			refuse_header(psprintf("It has a name twice: %s",
								   batch_redact_start(pnstrdup(names[i].ptr, names[i].len - 2), NULL, MOST_SHOWN)),
						  NULL);
	pfree(names);
}

/* Refuse a header of one name that other separators part, and text that is not UTF-8. */
static void
check_header(BatchSlice row)
{
	if (memchr(row.ptr, ',', row.len) == NULL && *row.ptr != '"')
		for (const char *s = ";\t|"; *s; s++)
			if (memchr(row.ptr, *s, row.len) != NULL)
				refuse_header("Its names are not parted by commas", "Ask the API for commas, if it can.");
	if ((size_t) pg_encoding_verifymbstr(PG_UTF8, row.ptr, row.len) < row.len)
		ereport(ERROR,
				(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
				 errmsg("the first row of the results file is not UTF-8")));
}

/* Read the header: of each name what stands before its value in a record. */
static void
read_header(BatchCsv *c, BatchSlice row)
{
	MemoryContext old = MemoryContextSwitchTo(c->cxt);
	const char *p = row.ptr;
	const char *end = p + row.len;
	int			room = 16;

	check_header(row);
	c->keys = palloc(room * sizeof(BatchSlice));
	c->ncolumns = 0;
	c->fixed = 0;
	for (;; p++)
	{
		Writer		w = begin_writing(c, row, 0);
		BatchSlice *key;

		if (c->ncolumns == room)
			c->keys = repalloc(c->keys, (room *= 2) * sizeof(BatchSlice));
		key = &c->keys[c->ncolumns];
		if (p < end && *p == '"')
			p = write_quoted(c, &w, p + 1, end);
		else
			p = write_plain(c, &w, p, end);
		if (c->fault != NULL)
			refuse_header(psprintf("In it %s", c->fault), "Its values are parted by commas, and quoted as RFC 4180 says.");
		key->ptr = psprintf("%c\"%.*s\":\"", c->ncolumns++ > 0 ? ',' : '{', (int) (w.out - c->out), c->out);
		key->len = strlen(key->ptr);
		c->fixed += key->len + 4;
		if (p == end)
			break;
	}
	check_names(c);
	MemoryContextSwitchTo(old);
}

/*
 * Take a row, without its line feed: the first is the header.  Gives a record, or
 * the row itself where it is bad, as batch_csv_fault tells, or has more bytes than
 * may be; false where there is none: of the header, and of an empty line where a
 * row has several values.
 */
bool
batch_csv_take(BatchCsv *c, BatchSlice row, size_t most, BatchSlice *record)
{
	*record = row;
	c->fault = NULL;
	if (row.len > most && c->ncolumns < 0)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the first row of the results file is longer than %zu bytes", most),
				 errhint("Raise max_record_size of the server.")));
	if (row.len > most)
		return true;
	if (row.len > 0 && row.ptr[row.len - 1] == '\r')
		row.len--;
	if (row.len == 0 && c->ncolumns != 1)
		return false;
	if (c->ncolumns < 0)
	{
		read_header(c, row);
		return false;
	}
	if (!write_row(c, row, record))
		*record = row;
	return true;
}

/* Tell why the row that was taken last is bad; NULL where it is not. */
const char *
batch_csv_fault(const BatchCsv *c)
{
	return c->fault;
}
