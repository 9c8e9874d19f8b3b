/*
 * csv.c
 *	  What is expected of CSV: a character at a time, by RFC 4180 and what the manual
 *	  says beside it.
 */
#include "fuzz.h"

#include "mb/pg_wchar.h"

/* A text that grows, in malloc'd memory. */
typedef struct Text
{
	char	   *bytes;
	size_t		len;
} Text;

/* Append characters. */
static void
add(Text *t, const char *bytes, size_t len)
{
	t->bytes = realloc(t->bytes, t->len + len + 1);
	memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
}

/* Append a character as JSON has it in a string. */
static void
add_escaped(Text *t, char c)
{
	char		escape[8];

	if (c == '"' || c == '\\')
		snprintf(escape, sizeof(escape), "\\%c", c);
	else if (c != 0 && strchr("\b\f\n\r\t", c) != NULL)
		snprintf(escape, sizeof(escape), "\\%c", c == '\b' ? 'b' : c == '\f' ? 'f' : c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
	else if ((unsigned char) c < ' ')
		snprintf(escape, sizeof(escape), "\\u%04x", (unsigned char) c);
	else
		snprintf(escape, sizeof(escape), "%c", c);
	add(t, escape, strlen(escape));
}

/* Find where a row ends that begins at p: a line feed outside of quotes; NULL within them. */
static const char *
find_end(const char *p, const char *end)
{
	const char *start = p;
	bool		quoted = false;

	for (; p < end; p++)
	{
		if (quoted && *p == '"' && p + 1 < end && p[1] == '"')
			p++;
		else if (quoted && *p == '"')
			quoted = false;
		else if (!quoted && *p == '"')
			quoted = p == start || p[-1] == ',';
		else if (!quoted && *p == '\n')
			return p;
	}
	return quoted ? NULL : end;
}

/* Read a value at *p as JSON, quotes and all, or null; false where it is none. */
static bool
read_value(const char **p, const char *end, Text *value)
{
	bool		quoted = *p < end && **p == '"';

	if (*p == end || **p == ',')
	{
		add(value, "null", 4);
		return true;
	}
	add(value, "\"", 1);
	for (*p += quoted; *p < end; (*p)++)
	{
		if (quoted && **p == '"' && *p + 1 < end && (*p)[1] == '"')
			(*p)++;
		else if (quoted && **p == '"')
			break;
		else if (!quoted && **p == ',')
			break;
		else if (!quoted && (**p == '"' || **p == '\r'))
			return false;
		add_escaped(value, **p);
	}
	add(value, "\"", 1);
	*p += quoted;
	return *p == end || **p == ',';
}

/* Read the header; gives a SQLSTATE, or 0. */
static int
read_header(FuzzCsv *c, BatchSlice row)
{
	const char *end = row.ptr + row.len;

	if (memchr(row.ptr, ',', row.len) == NULL && *row.ptr != '"')
		for (size_t i = 0; i < row.len; i++)
			if (row.ptr[i] != 0 && strchr(";\t|", row.ptr[i]) != NULL)
				return ERRCODE_BAD_COPY_FILE_FORMAT;
	if ((size_t) pg_encoding_verifymbstr(PG_UTF8, row.ptr, row.len) < row.len)
		return ERRCODE_CHARACTER_NOT_IN_REPERTOIRE;
	for (const char *p = row.ptr;; p++)
	{
		Text		name = {0};

		if (!read_value(&p, end, &name) || c->ncolumns == 1024)
		{
			free(name.bytes);
			return ERRCODE_BAD_COPY_FILE_FORMAT;
		}
		if (name.bytes[0] == 'n')
			memcpy(name.bytes, "\"\"", name.len = 2);
		c->names[c->ncolumns].ptr = name.bytes;
		c->names[c->ncolumns++].len = name.len;
		for (int i = 0; i < c->ncolumns - 1; i++)
			if (c->names[i].len == name.len && memcmp(c->names[i].ptr, name.bytes, name.len) == 0)
				return ERRCODE_BAD_COPY_FILE_FORMAT;
		if (p == end)
			return 0;
	}
}

/* Read a row as a record; false where it is bad. */
static bool
read_row(const FuzzCsv *c, BatchSlice row, Text *record)
{
	const char *end = row.ptr + row.len;
	int			n = 0;

	for (const char *p = row.ptr;; p++)
	{
		if (n == c->ncolumns)
			return false;
		add(record, n > 0 ? "," : "{", 1);
		add(record, c->names[n].ptr, c->names[n].len);
		add(record, ":", 1);
		if (!read_value(&p, end, record))
			return false;
		n++;
		if (p == end)
			break;
	}
	add(record, "}", 1);
	return n == c->ncolumns;
}

/*
 * Read the next row, the header before the first; raw is NULL at the end.  Gives the
 * SQLSTATE of what ends the file, or 0.
 */
int
fuzz_csv_next(FuzzCsv *c, FuzzRow *row, size_t most)
{
	memset(row, 0, sizeof(*row));
	while (c->p < c->end)
	{
		const char *end = find_end(c->p, c->end);
		BatchSlice	raw = {c->p, 0};
		BatchSlice	text = raw;
		Text		record = {0};
		int			state;

		if (end == NULL)
			return ERRCODE_DATA_CORRUPTED;
		raw.len = text.len = end - c->p;
		c->p = end < c->end ? end + 1 : end;
		if (raw.len > most && c->ncolumns == 0)
			return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
		if (text.len > 0 && text.ptr[text.len - 1] == '\r' && raw.len <= most)
			text.len--;
		if (text.len == 0 && c->ncolumns != 1)
			continue;
		if (c->ncolumns == 0)
		{
			if ((state = read_header(c, text)) != 0)
				return state;
			continue;
		}
		row->raw = row->record = raw;
		if (raw.len > most)
			return 0;
		row->bad = !read_row(c, text, &record);
		if (row->bad)
			free(record.bytes);
		else
		{
			row->record.ptr = record.bytes;
			row->record.len = record.len;
		}
		return 0;
	}
	return 0;
}
