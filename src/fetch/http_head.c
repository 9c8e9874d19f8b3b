/*
 * http_head.c
 *	  The lines of an answer's head --> the few fields that matter.
 *
 * batch_http_head_add runs inside a callback of libcurl: it neither allocates nor
 * raises.
 */
#include "fetch/fetch.h"

#include <math.h>

#include "utils/datetime.h"
#include "utils/timestamp.h"

#define HEAD_LIMIT	(64 * 1024) /* bytes */
#define EPOCH_FROM	1e9			/* x-ratelimit-reset above this is a time */
#define LONGEST_PAUSE 600000.0	/* ms that a server may make us wait */

/* Tell whether a line is the header of a name. */
static bool
is_named(const char *line, size_t len, const char *name)
{
	size_t		n = strlen(name);

	return len > n && line[n] == ':' && pg_strncasecmp(line, name, n) == 0;
}

/* Copy a header's value into a field of a fixed size; too long gives "". */
static void
copy_value(char *field, size_t size, const char *line, size_t len)
{
	const char *value = (const char *) memchr(line, ':', len) + 1;
	const char *end = line + len;

	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && strchr(" \t\r\n", end[-1]) != NULL)
		end--;
	if ((size_t) (end - value) >= size)
		end = value;
	memcpy(field, value, end - value);
	field[end - value] = '\0';
}

/* Read a number of bytes in decimal digits at p; -1 where there is none. */
static int64
read_bytes(const char **p, const char *end)
{
	int64		n = -1;

	while (*p < end && (**p == ' ' || **p == '\t'))
		(*p)++;
	for (; *p < end && isdigit((unsigned char) **p); (*p)++)
	{
		n = Max(n, 0);
		if (n > PG_INT64_MAX / 10 - 1)
			return -1;
		n = n * 10 + (**p - '0');
	}
	return n;
}

/* Pass over blanks and the end of a line. */
static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && memchr(" \t\r\n", *p, 4) != NULL)
		p++;
	return p;
}

/*
 * Read the value of content-length.  One that is not digits alone, or that
 * another contradicts, announces nothing (RFC 9112, 6.3), whatever libcurl
 * makes of it; and none counts beside a transfer-encoding.
 */
static void
read_length(BatchHead *head, const char *line, size_t len)
{
	const char *p = (const char *) memchr(line, ':', len) + 1;
	const char *end = line + len;
	int64		length = read_bytes(&p, end);

	if (length < 0 || skip_blanks(p, end) < end ||
		(head->length >= 0 && head->length != length))
		head->garbled = true;
	head->length = head->garbled || head->coded ? -1 : length;
}

/*
 * Read the value of transfer-encoding, or of one more of it: chunks tell their
 * end where they are the last coding; else it is that of the connection
 * (RFC 9112, 6.3).
 */
static void
read_coding(BatchHead *head, const char *line, size_t len)
{
	static const char chunked[] = "chunked";
	const char *end = line + len;
	const char *last = end;

	while (last[-1] != ':' && last[-1] != ',')
		last--;
	last = skip_blanks(last, end);
	head->coded = true;
	head->length = -1;
	head->chunked = end - last >= (ptrdiff_t) strlen(chunked) &&
		pg_strncasecmp(last, chunked, strlen(chunked)) == 0 &&
		skip_blanks(last + strlen(chunked), end) == end;
}

/* Read the value of content-range: bytes FIRST-LAST/TOTAL (RFC 9110, 14.4). */
static void
read_range(BatchHead *head, const char *line, size_t len)
{
	const char *end = line + len;
	const char *p = memchr(line, ':', len);

	head->range_start = head->total = -1;
	while (p < end && !isdigit((unsigned char) *p) && *p != '*')
		p++;
	head->range_start = read_bytes(&p, end);
	p = memchr(p, '/', end - p);
	if (p != NULL && ++p < end)
		head->total = read_bytes(&p, end);
}

/* Tell whether a word is among those of a text that blanks separate. */
static bool
has_word(const char *p, const char *end, const char *word)
{
	size_t		n = strlen(word);

	while ((p = skip_blanks(p, end)) < end)
	{
		const char *start = p;

		while (p < end && memchr(" \t\r\n", *p, 4) == NULL)
			p++;
		if ((size_t) (p - start) == n && pg_strncasecmp(start, word, n) == 0)
			return true;
	}
	return false;
}

/* Find the end of what stands between two marks, p behind the first of them. */
static const char *
find_mark(const char *p, const char *end, char mark)
{
	while (p < end && *p != mark)
		p += *p == '\\' && mark == '"' ? 2 : 1;
	return Min(p, end);
}

/*
 * Read a parameter of a link, p behind its semicolon; gives its end, and tells
 * whether it is a relation of the name "next".
 */
static const char *
read_parameter(const char *p, const char *end, bool *is_next)
{
	const char *name = skip_blanks(p, end);
	bool		is_rel;

	p = name;
	while (p < end && strchr("=;,<\" \t\r\n", *p) == NULL)
		p++;
	is_rel = p - name == 3 && pg_strncasecmp(name, "rel", 3) == 0;
	name = skip_blanks(p, end);
	if (name >= end || *name != '=')
		return p;
	p = name = skip_blanks(name + 1, end);
	if (p < end && *p == '"')
		p = find_mark(++name, end, '"');
	else
		while (p < end && strchr(";, \t\r\n", *p) == NULL)
			p++;
	*is_next |= is_rel && has_word(name, p, "next");
	return p < end && *p == '"' ? p + 1 : p;
}

/*
 * Keep the target of a link to what follows.  Two of them lead nowhere: which one
 * is meant is not known.
 */
static void
keep_next(BatchHead *head, const char *target, size_t len)
{
	bool		is_other = head->has_next &&
		(strlen(head->next) != len || memcmp(head->next, target, len) != 0);

	if (is_other || len >= sizeof(head->next))
		len = 0;
	memcpy(head->next, target, len);
	head->next[len] = '\0';
	head->has_next = true;
}

/* Read the links of a header (RFC 8288, 3): the page that follows may be one. */
static void
read_links(BatchHead *head, const char *line, size_t len)
{
	const char *end = line + len;
	const char *p = (const char *) memchr(line, ':', len) + 1;
	const char *target = p;

	len = 0;
	while (p < end)
	{
		bool		is_next = false;

		if (*p == '<')
		{
			target = p + 1;
			p = find_mark(p, end, '>');
			len = p - target;
		}
		else if (*p == ';')
			p = read_parameter(p + 1, end, &is_next);
		else
			len = *p++ == ',' ? 0 : len;
		if (is_next)
			keep_next(head, target, len);
	}
}

/* Begin the head of a status line; those of 1xx are followed by another. */
static void
begin_head(BatchHead *head, const char *line, size_t len)
{
	const char *blank = memchr(line, ' ', len);
	size_t		bytes = head->bytes;

	memset(head, 0, sizeof(*head));
	head->bytes = bytes;
	head->length = head->range_start = head->total = -1;
	if (blank != NULL && blank + 3 < line + len)
		head->status = (blank[1] - '0') * 100 + (blank[2] - '0') * 10 +
			(blank[3] - '0');
}

/* Take one line of a head, its end included; false once it is too long. */
bool
batch_http_head_add(BatchHead *head, const char *line, size_t len)
{
	head->bytes += len;
	if (head->bytes > HEAD_LIMIT)
		return false;
	if (len > 5 && strncmp(line, "HTTP/", 5) == 0)
		begin_head(head, line, len);
	else if (is_named(line, len, "content-type"))
		copy_value(head->content_type, sizeof(head->content_type), line, len);
	else if (is_named(line, len, "content-encoding"))
		copy_value(head->content_encoding, sizeof(head->content_encoding), line, len);
	else if (is_named(line, len, "retry-after"))
		copy_value(head->retry_after, sizeof(head->retry_after), line, len);
	else if (is_named(line, len, "x-ratelimit-reset"))
		copy_value(head->rate_reset, sizeof(head->rate_reset), line, len);
	else if (is_named(line, len, "date"))
		copy_value(head->date, sizeof(head->date), line, len);
	else if (is_named(line, len, "location"))
		copy_value(head->location, sizeof(head->location), line, len);
	else if (is_named(line, len, "etag"))
		copy_value(head->etag, sizeof(head->etag), line, len);
	else if (is_named(line, len, "transfer-encoding"))
		read_coding(head, line, len);
	else if (is_named(line, len, "link"))
		read_links(head, line, len);
	else if (is_named(line, len, "content-length"))
		read_length(head, line, len);
	else if (is_named(line, len, "content-range"))
		read_range(head, line, len);
	else if (len > 0 && (*line == '\r' || *line == '\n'))
		head->done = head->status >= 200;
	return true;
}

/* Tell whether an answer announces where its body ends. */
bool
batch_http_head_is_framed(const BatchHead *head)
{
	return head->coded ? head->chunked : head->length >= 0;
}

/* Parse an HTTP date (RFC 9110, 5.6.7) to an epoch in seconds, or give -1. */
static double
parse_date(const char *text)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char		month[4] = "";
	const char *found;
	int			day,
				year,
				hour,
				minute,
				second;

	if (sscanf(text, "%*3s, %d %3s %d %d:%d:%d GMT", &day, month, &year, &hour,
			   &minute, &second) != 6 ||
		strlen(month) != 3 || (found = strstr(months, month)) == NULL)
		return -1;
	return (date2j(year, (found - months) / 3 + 1, day) - UNIX_EPOCH_JDATE) *
		(double) SECS_PER_DAY + hour * 3600 + minute * 60 + second;
}

/*
 * Tell the milliseconds until an epoch, in seconds; by the server's own clock
 * where the answer tells it, since ours may differ.
 */
static double
ms_until_epoch(const BatchHead *head, double epoch)
{
	double		now = parse_date(head->date);

	if (now < 0)
		now = (double) GetCurrentTimestamp() / 1e6 +
			(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (double) SECS_PER_DAY;
	return (epoch - now) * 1000;
}

/* Parse a number, or give NaN. */
static double
parse_number(const char *text)
{
	char	   *end;
	double		number = strtod(text, &end);

	return end > text && *end == '\0' && isfinite(number) ? number : NAN;
}

/* Bound a pause to what is obeyed, 600,000 ms at most; NaN gives -1. */
static double
bound_pause(double ms)
{
	return isnan(ms) ? -1 : Min(Max(ms, 0), LONGEST_PAUSE);
}

/*
 * Tell for how many milliseconds Retry-After, which is seconds or a date
 * (RFC 9110, 10.2.3), asks to be left alone; -1 where it does not.
 */
double
batch_http_head_retry_after(const BatchHead *head)
{
	double		ms = parse_number(head->retry_after) * 1000;
	double		epoch = parse_date(head->retry_after);

	return bound_pause(epoch >= 0 ? ms_until_epoch(head, epoch) : ms);
}

/*
 * Tell for how many milliseconds a server that refuses asks to be left alone:
 * by Retry-After, else by x-ratelimit-reset, which is seconds, or an epoch
 * where it is above 10^9; -1 where it does not say.
 */
double
batch_http_head_pause(const BatchHead *head)
{
	double		ms = batch_http_head_retry_after(head);
	double		reset = parse_number(head->rate_reset);

	if (ms >= 0)
		return ms;
	return bound_pause(reset > EPOCH_FROM ? ms_until_epoch(head, reset) : reset * 1000);
}
