/*
 * magic.c
 *	  The beginning of a file --> an error that says what it is, where it holds no
 *	  record that could be read.
 *
 * A file that is not what the reader takes it for is no file of bad records: to
 * pass over them would give no rows and no error.  What is no JSON at all is told
 * by the bytes that other formats begin with, or else by there being no record
 * among its first lines.
 */
#include "fetch/fetch.h"

#include "mb/pg_wchar.h"

#define START_SIZE	60			/* bytes of a text that are shown */
#define START_BYTES 8			/* bytes of what is no text */
#define LOOKED_AT	512			/* bytes in which those that are no text are counted */
#define MOST_ODD	8			/* of them that a broken text may have */

#ifdef BATCH_WITH_ZSTD
#define ZSTD_HINT "Two levels of compression are read, no more."
#else
#define ZSTD_HINT "This build reads no zstd; build batch_fdw where libzstd is installed, or ask the vendor for gzip."
#endif

/* What becomes of a file of some kind. */
typedef enum MagicKind
{
	MAGIC_PACKED,
	MAGIC_ZSTD,
	MAGIC_FORMAT,
	MAGIC_ENCODING,
	MAGIC_CSV
} MagicKind;

typedef struct Magic
{
	const char *bytes;
	size_t		len;
	MagicKind	kind;
	const char *name;
} Magic;

#define MAGIC(bytes, kind, name) {bytes, sizeof(bytes) - 1, kind, name}

static const Magic magics[] = {
	MAGIC("PK\003\004", MAGIC_PACKED, "a zip archive"),
	MAGIC("PK\005\006", MAGIC_PACKED, "a zip archive"),
	MAGIC("PK\007\010", MAGIC_PACKED, "a zip archive"),
	MAGIC("BZh", MAGIC_PACKED, "compressed by bzip2"),
	MAGIC("\xfd" "7zXZ\0", MAGIC_PACKED, "compressed by xz"),
	MAGIC("\x28\xb5\x2f\xfd", MAGIC_ZSTD, "compressed by zstd"),
	MAGIC("\x04\x22\x4d\x18", MAGIC_PACKED, "compressed by lz4"),
	MAGIC("\xff\x06\0\0sNaPpY", MAGIC_PACKED, "compressed by snappy"),
	MAGIC("LZIP", MAGIC_PACKED, "compressed by lzip"),
	MAGIC("7z\xbc\xaf\x27\x1c", MAGIC_PACKED, "a 7z archive"),
	MAGIC("Rar!\x1a\x07", MAGIC_PACKED, "a rar archive"),
	MAGIC("PAR1", MAGIC_FORMAT, "a Parquet file"),
	MAGIC("PARE", MAGIC_FORMAT, "a Parquet file"),
	MAGIC("Obj\x01", MAGIC_FORMAT, "an Avro file"),
	MAGIC("ORC", MAGIC_FORMAT, "an ORC file"),
	MAGIC("ARROW1", MAGIC_FORMAT, "an Arrow file"),
	MAGIC("%PDF-", MAGIC_FORMAT, "a PDF document"),
	MAGIC("SQLite format 3\0", MAGIC_FORMAT, "an SQLite database"),
	MAGIC("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", MAGIC_FORMAT, "an Office document"),
	MAGIC("\x1e", MAGIC_FORMAT, "a JSON text sequence"),
	MAGIC("\xff\xfe\0\0", MAGIC_ENCODING, "in UTF-32"),
	MAGIC("\0\0\xfe\xff", MAGIC_ENCODING, "in UTF-32"),
	MAGIC("\xff\xfe", MAGIC_ENCODING, "in UTF-16"),
	MAGIC("\xfe\xff", MAGIC_ENCODING, "in UTF-16"),
};

/* Tell whether a text begins with a zlib stream (RFC 1950, 2.2). */
static bool
is_zlib(BatchSlice text)
{
	const unsigned char *p = (const unsigned char *) text.ptr;

	return text.len > 2 && (p[0] & 0x0f) == 8 && p[0] <= 0x78 && (p[1] & 0x20) == 0 &&
		(p[0] * 256 + p[1]) % 31 == 0 &&
		(p[0] == 0x78 || p[1] < ' ' || p[1] > '~');
}

/*
 * Find what a file is by its first bytes, or NULL.  JSON begins with characters of
 * ASCII, of which UTF-16 and UTF-32 without a mark are told (RFC 4627, 3).
 */
static const Magic *
find_magic(BatchSlice text)
{
	static const Magic zlib = MAGIC("", MAGIC_PACKED, "a zlib stream");
	static const Magic skippable = MAGIC("", MAGIC_ZSTD, "compressed by zstd or lz4");
	static const Magic utf16 = MAGIC("", MAGIC_ENCODING, "in UTF-16");
	static const Magic utf32 = MAGIC("", MAGIC_ENCODING, "in UTF-32");
	const char *p = text.ptr;

	for (size_t i = 0; i < lengthof(magics); i++)
		if (text.len >= magics[i].len && memcmp(p, magics[i].bytes, magics[i].len) == 0)
			return &magics[i];
	if (is_zlib(text))
		return &zlib;
	if (text.len >= 4 && (p[0] & 0xf0) == 0x50 && memcmp(p + 1, "\x2a\x4d\x18", 3) == 0)
		return &skippable;
	if (text.len < 4)
		return NULL;
	if (p[1] == 0 && p[2] == 0)
		return (p[0] == 0) != (p[3] == 0) ? &utf32 : NULL;
	if ((p[0] == 0 && p[2] == 0) || (p[1] == 0 && p[3] == 0))
		return &utf16;
	return NULL;
}

/* Tell whether a file's first bytes are no text: bad UTF-8, and characters that JSON has not. */
static bool
is_binary(BatchSlice text)
{
	const char *p = text.ptr;
	const char *end = p + Min(text.len, LOOKED_AT);
	size_t		odd = 0;

	while (p < end)
	{
		int			len = pg_utf_mblen((const unsigned char *) p);

		if (len == 1 || end - p < len || !pg_utf8_islegal((const unsigned char *) p, len))
		{
			odd += (unsigned char) *p > '~' || (*p < ' ' && *p != '\t' && *p != '\n' && *p != '\r');
			len = 1;
		}
		p += len;
	}
	return odd > MOST_ODD && odd > Min(text.len, LOOKED_AT) / 8;
}

/*
 * Tell whether some line is JSON, or might be: the last one may go on behind the
 * text, unless that is whole.
 */
static bool
has_record(BatchSlice text, bool whole)
{
	BatchRecord *record = batch_record_open(NIL);
	const char *end = text.ptr + text.len;

	for (const char *p = text.ptr; p < end;)
	{
		const char *newline = memchr(p, '\n', end - p);
		const char *stop = newline ? newline : end;
		BatchSlice	line = batch_array_trim(p, stop);

		if (newline == NULL && !whole)
			return p == text.ptr;
		if (line.len > 0 && batch_record_next(record, line))
			return true;
		p = newline ? newline + 1 : end;
	}
	return false;
}

/* Count the characters in a line that separate its values, those within quotes aside. */
static int
count_separators(const char *p, const char *end, char separator)
{
	int			n = 0;
	bool		quoted = false;

	for (; p < end; p++)
	{
		quoted ^= *p == '"';
		n += !quoted && *p == separator;
	}
	return n;
}

/* Tell whether a text looks like CSV: two lines of as many values, more than one, and no JSON. */
static bool
is_csv(BatchSlice text)
{
	const char *end = text.ptr + text.len;
	const char *stop = memchr(text.ptr, '\n', text.len);
	const char *next = stop ? memchr(stop + 1, '\n', end - stop - 1) : NULL;

	if (stop == NULL || memchr(text.ptr, '{', stop - text.ptr) != NULL)
		return false;
	for (const char *s = ",;\t|"; *s; s++)
	{
		int			n = count_separators(text.ptr, stop, *s);

		if (n > 0 && n == count_separators(stop + 1, next ? next : end, *s))
			return true;
	}
	return false;
}

/* Describe what is told by nothing but its first bytes. */
static char *
show_bytes(BatchSlice text)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoString(&out, "It begins with the bytes");
	for (size_t i = 0; i < Min(text.len, START_BYTES); i++)
		appendStringInfo(&out, " %02x", (unsigned char) text.ptr[i]);
	return out.data;
}

/* Describe a text by its first line. */
static char *
show_text(BatchSlice text, bool csv, const char *secret)
{
	char	   *start = pnstrdup(text.ptr, text.len);

	start[strcspn(start, "\r\n")] = '\0';
	return psprintf("%s with \"%s\"", csv ? "It looks like CSV, and begins" : "It begins",
					batch_redact_start(start, secret, START_SIZE));
}

/* Raise that a file is not what is wanted, saying what it is instead. */
static void
refuse(MagicKind kind, const char *wanted, char *detail, const BatchHead *head, const char *secret)
{
	static const char *const hints[] = {
		[MAGIC_PACKED] = "Ask the vendor for gzip, or for plain text.",
		[MAGIC_ZSTD] = ZSTD_HINT,
		[MAGIC_FORMAT] = "Results are read as JSON: lines, an array or a document.",
		[MAGIC_ENCODING] = "Results are read in UTF-8; ask the vendor for that.",
		[MAGIC_CSV] = "Where commas part its values, set result_format to csv."
	};

	if (head->content_encoding[0] && pg_strcasecmp(head->content_encoding, "identity") != 0)
		detail = psprintf("%s, and its content-encoding is %s", detail,
						  batch_redact_text(head->content_encoding, secret));
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("results file is not %s", wanted),
			 errdetail("%s.", detail),
			 errhint("%s", hints[kind])));
}

/*
 * Refuse a file that is no JSON, or no CSV: text is its beginning, which may be all.
 *
 * What begins as an object or an array does may still be one with bad records,
 * unless its bytes are no text; and what is no CSV its own reader tells.
 */
void
batch_magic_check(BatchSlice text, bool whole, bool want_csv, const BatchHead *head,
				  const char *secret)
{
	const char *wanted = want_csv ? "CSV" : "JSON";
	const Magic *magic = find_magic(text);
	BatchSlice	trimmed = batch_array_trim(text.ptr, text.ptr + text.len);
	bool		binary,
				csv;

	if (magic != NULL)
		refuse(magic->kind, wanted, psprintf("It is %s", magic->name), head, secret);
	if (trimmed.len == 0)
		return;
	if (*trimmed.ptr == '<')
		batch_failure_refuse_markup("results file", ERRCODE_DATA_CORRUPTED, trimmed,
									head->content_type, secret);
	binary = is_binary(trimmed);
	if (!binary && (want_csv || *trimmed.ptr == '{' || *trimmed.ptr == '['))
		return;
	if (!want_csv && has_record(trimmed, whole))
		return;
	if (binary)
		refuse(MAGIC_PACKED, wanted, show_bytes(trimmed), head, secret);
	csv = is_csv(trimmed);
	refuse(csv ? MAGIC_CSV : MAGIC_FORMAT, wanted, show_text(trimmed, csv, secret), head, secret);
}
