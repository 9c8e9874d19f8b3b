/*
 * text.c
 *	  Texts on their way into and out of the database's encoding.
 *
 *	  outside --enter--> values
 *	  outside --show--> messages
 *	  ids, filters --leave, options --load--> outside
 *
 * Outside all is UTF-8, and so is within the extension what is compared with
 * it: ids, statuses, words, keys of paths.  What enters as a value must have
 * an equivalent.  What goes into a message must not stand in the message's
 * way, so there a character is escaped that the database's encoding or the
 * client's does not have: PostgreSQL would report that instead of the message.
 *
 * A database in SQL_ASCII holds what enters as it is, in UTF-8.
 */
#include "common.h"
#include "compat.h"

#include "access/parallel.h"
#include "catalog/namespace.h"
#include "mb/pg_wchar.h"
#include "utils/guc.h"

#define CHARACTER_SIZE	(4 * MAX_CONVERSION_GROWTH + 1)	/* bytes of any character */

/* A conversion of texts; function.fn_oid is invalid where there is none. */
typedef struct Conversion
{
	int			from;
	int			to;
	FmgrInfo	function;
} Conversion;

/* What batch_text_prepare looked up: messages must do without catalogs. */
static struct
{
	bool		done;
	int			client;			/* the encoding that messages go out in */
	Conversion	enter;			/* UTF-8 to the database's encoding */
	Conversion	leave;			/* and back */
	Conversion	send;			/* the database's encoding to the client's */
} prepared;

/* Tell the client's encoding: that of the leader's, which a worker speaks to. */
static int
client_encoding(void)
{
	if (IsParallelWorker())
		return pg_char_to_encoding(GetConfigOption("client_encoding", false, false));
	return pg_get_client_encoding();
}

/* Look up how texts of one encoding become those of another. */
static void
find_conversion(Conversion *c, int from, int to)
{
	Oid			function = InvalidOid;

	if (from != to && from != PG_SQL_ASCII && to != PG_SQL_ASCII)
		function = FindDefaultConversionProc(from, to);
	c->from = from;
	c->to = to;
	c->function.fn_oid = InvalidOid;
	if (OidIsValid(function))
		fmgr_info_cxt(function, &c->function, TopMemoryContext);
}

/* Look up the conversions, once and when the client's encoding has changed. */
void
batch_text_prepare(void)
{
	int			client = client_encoding();

	if (prepared.done && prepared.client == client)
		return;
	prepared.done = false;
	find_conversion(&prepared.enter, PG_UTF8, GetDatabaseEncoding());
	find_conversion(&prepared.leave, GetDatabaseEncoding(), PG_UTF8);
	find_conversion(&prepared.send, GetDatabaseEncoding(), client);
	prepared.client = client;
	prepared.done = true;
}

/* Tell whether the database holds UTF-8 as it is. */
bool
batch_text_is_utf8(void)
{
	Assert(prepared.done);
	return prepared.enter.to == PG_UTF8 || prepared.enter.to == PG_SQL_ASCII;
}

/* Tell whether a text is the same in every encoding. */
static bool
is_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (IS_HIGHBIT_SET(text[i]))
			return false;
	return true;
}

/* Tell whether a text is valid in an encoding. */
static bool
is_valid(int encoding, const char *text, size_t len)
{
	return pg_encoding_verifymbstr(encoding, text, len) == (int) len;
}

/*
 * Convert a text into out, which has MAX_CONVERSION_GROWTH times its bytes and
 * one; false where a character has no equivalent.
 *
 * Between SQL_ASCII and others nothing is converted, and all must be valid.
 * Some conversions make what is not valid itself, so that is looked at too.
 */
static bool
convert(Conversion *c, const char *text, size_t len, char *out)
{
	size_t		done;

	if (c->from == c->to || c->from == PG_SQL_ASCII || c->to == PG_SQL_ASCII)
	{
		memcpy(out, text, len);
		out[len] = '\0';
		return c->from != PG_SQL_ASCII || is_valid(c->to, text, len);
	}
	if (!OidIsValid(c->function.fn_oid))
		return false;
	done = DatumGetInt32(FunctionCall6(&c->function, Int32GetDatum(c->from), Int32GetDatum(c->to),
									   CStringGetDatum(text), CStringGetDatum(out),
									   Int32GetDatum((int) len), BoolGetDatum(true)));
	return done == len && is_valid(c->to, out, strlen(out));
}

/* Find the first character of valid UTF-8 that the database's encoding lacks. */
static const char *
find_missing(const char *p)
{
	char		out[CHARACTER_SIZE];

	while (*p && convert(&prepared.enter, p, pg_encoding_mblen(PG_UTF8, p), out))
		p += pg_encoding_mblen(PG_UTF8, p);
	return p;
}

/* Tell whether the database's encoding has all characters of valid UTF-8. */
bool
batch_text_has(const char *text)
{
	return batch_text_is_utf8() || *find_missing(text) == '\0';
}

/*
 * Bring valid UTF-8 into the database's encoding; where that lacks a character,
 * 22P05 goes to escontext and the result is NULL.
 *
 * The text ends with a NUL, and may be given back as it is.
 */
char *
batch_text_enter(char *text, size_t len, Node *escontext)
{
	char	   *out;

	if (batch_text_is_utf8() || is_ascii(text, len))
		return text;
	out = palloc_extended(len * MAX_CONVERSION_GROWTH + 1, MCXT_ALLOC_HUGE);
	if (convert(&prepared.enter, text, len, out))
		return repalloc_huge(out, strlen(out) + 1);
	pfree(out);
	ereturn(escontext, NULL,
			(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
			 errmsg("a character has no equivalent in encoding \"%s\"", GetDatabaseEncodingName()),
			 errdetail("It is U+%04X.", utf8_to_unicode((const unsigned char *) find_missing(text)))));
}

/*
 * Bring a text of the database into UTF-8; NULL where that lacks a character,
 * so that no text of the outside is equal to it.
 */
char *
batch_text_leave(const char *text)
{
	size_t		len = strlen(text);
	char	   *out;

	Assert(prepared.done);
	if (prepared.leave.from == PG_UTF8 || is_ascii(text, len))
		return pstrdup(text);
	out = palloc(len * MAX_CONVERSION_GROWTH + 1);
	return convert(&prepared.leave, text, len, out) ? out : NULL;
}

/* Bring a text of an option into UTF-8, or raise 22P05. */
char *
batch_text_load(const char *text)
{
	char	   *out = batch_text_leave(text);

	if (out == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
				 errmsg("a text cannot be converted to encoding \"UTF8\"")));
	return out;
}

/* Tell whether the client can be told a character of the database's encoding. */
static bool
can_send(const char *p, size_t len)
{
	char		out[CHARACTER_SIZE * MAX_CONVERSION_GROWTH];

	return prepared.client == client_encoding() && convert(&prepared.send, p, len, out);
}

/* Append a valid character of UTF-8 that is none of ASCII, or its number. */
static void
append_character(StringInfo out, const char *p, size_t len, bool send)
{
	char		entered[CHARACTER_SIZE];
	pg_wchar	number = utf8_to_unicode((const unsigned char *) p);

	if (send && number < 0xA0)
		appendStringInfoChar(out, ' ');
	else if (convert(&prepared.enter, p, len, entered) && (!send || can_send(entered, strlen(entered))))
		appendStringInfoString(out, entered);
	else
		appendStringInfo(out, number > 0xFFFF ? "\\U%08x" : "\\u%04x", number);
}

/*
 * Append the first character of a text of any bytes, as the database can hold
 * it or, to be sent in a message, as the client can too; gives its length.
 *
 * What is no UTF-8 becomes \xNN, what there is no equivalent of \uNNNN, and in
 * a message control characters become blanks.
 */
size_t
batch_text_append(StringInfo out, BatchSlice text, bool send)
{
	size_t		len = pg_encoding_mblen(PG_UTF8, text.ptr);

	if (*text.ptr != '\0' && !IS_HIGHBIT_SET(*text.ptr))
		appendStringInfoChar(out, send && (*text.ptr < ' ' || *text.ptr == 0x7f) ? ' ' : *text.ptr);
	else if (*text.ptr != '\0' && len <= text.len && is_valid(PG_UTF8, text.ptr, len))
		append_character(out, text.ptr, len, send);
	else
	{
		appendStringInfo(out, "\\x%02x", (unsigned char) *text.ptr);
		return 1;
	}
	return len;
}

/* Make a text of the outside, or NULL, fit to be told in a message; palloc'd. */
char *
batch_text_show(const char *text)
{
	StringInfoData out;
	BatchSlice	rest = {text, text ? strlen(text) : 0};

	initStringInfo(&out);
	while (rest.len > 0 && out.len < BATCH_MAX_SHOWN)
	{
		size_t		len = batch_text_append(&out, rest, true);

		rest.ptr += len;
		rest.len -= len;
	}
	return out.data;
}

/* Make a text of the database, a name or a message, fit to be told likewise. */
char *
batch_text_show_own(const char *text)
{
	char	   *out = is_ascii(text, strlen(text)) ? NULL : batch_text_leave(text);

	return batch_text_show(out ? out : text);
}

/* Give the value of a hexadecimal digit, or -1. */
static int
parse_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = pg_ascii_tolower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decode the three characters at p where they are a percent-encoded byte (RFC 3986, 2.1), or give -1. */
int
batch_text_decode_percent(const char *p)
{
	if (*p != '%' || parse_digit(p[1]) < 0 || parse_digit(p[2]) < 0)
		return -1;
	return parse_digit(p[1]) * 16 + parse_digit(p[2]);
}
