/*
 * redact.c
 *	  Foreign text --> what may be shown of it: no secret, no user and password
 *	  of a URL, and none of its query, which may hold a signature.
 */
#include "fetch/fetch.h"

#define MESSAGE_SIZE 500		/* bytes of a vendor's message that are shown */

/* Tell the length of a URL's query at p, which begins with '?'. */
static size_t
query_length(const char *p)
{
	return strcspn(p, " \t\r\n\"'<>\\)");
}

/* Tell the length of a URL's user and password, @ included, after "://". */
static size_t
userinfo_length(const char *p)
{
	size_t		len = strcspn(p, "/?# \t\r\n\"'<>");

	while (len > 0 && p[len - 1] != '@')
		len--;
	return len;
}

/* Tell whether a query begins at p, which is '?', though no URL was seen: a name and a value. */
static bool
is_query(const char *p)
{
	size_t		n = strspn(p + 1, BATCH_ALNUM "_-.%[]~");

	return n > 0 && p[n + 1] == '=';
}

/*
 * Tell the length of the secret at p, be it as it is or, wholly or in part, as a
 * query has it (RFC 3986, 2.1, or a form's); 0: it is not there.
 */
static size_t
secret_length(const char *p, const char *secret)
{
	const char *start = p;
	size_t		len = secret ? strlen(secret) : 0;

	if (len == 0 || strncmp(p, secret, len) == 0)
		return len;
	for (; *secret; secret++)
	{
		if (batch_text_decode_percent(p) == (unsigned char) *secret)
			p += 3;
		else if (*p == *secret || (*p == '+' && *secret == ' '))
			p++;
		else
			return 0;
	}
	return p - start;
}

/*
 * Append what a secret, a user and password or a query is shown as, if one of
 * them is next; gives its length, or 0.
 */
static size_t
append_redacted(StringInfo out, const char *text, const char *secret, bool in_url)
{
	size_t		secret_len = secret_length(text, secret);

	if (secret_len > 0)
	{
		appendStringInfoString(out, "[redacted]");
		return secret_len;
	}
	if (strncmp(text, "://", 3) == 0)
	{
		size_t		len = userinfo_length(text + 3);

		appendStringInfo(out, "://%s", len > 0 ? "[redacted]@" : "");
		return 3 + len;
	}
	if (*text == '?' && (in_url || is_query(text)))
	{
		appendStringInfoString(out, "?[redacted]");
		return query_length(text);
	}
	return 0;
}

/* Make the start of a text fit to be shown, cut after so many bytes. */
char *
batch_redact_start(const char *text, const char *secret, int most)
{
	StringInfoData out;
	const char *end = text + strlen(text);
	bool		in_url = false;

	initStringInfo(&out);
	while (text < end && out.len < most)
	{
		size_t		len = append_redacted(&out, text, secret, in_url);

		in_url = strncmp(text, "://", 3) == 0 ||
			(in_url && strchr(" \t\r\n\"'<>", *text) == NULL);
		if (len == 0)
		{
			BatchSlice	rest = {text, end - text};

			len = batch_text_append(&out, rest, true);
		}
		text += len;
	}
	return out.data;
}

/*
 * Make foreign text fit to be shown, as batch_text_show does.
 *
 * The secret, and of URLs the users, passwords and queries, which hold
 * signatures, are replaced.
 */
char *
batch_redact_text(const char *text, const char *secret)
{
	return batch_redact_start(text, secret, MESSAGE_SIZE);
}
