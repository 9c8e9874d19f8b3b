/*
 * http_url.c
 *	  URLs taken apart by libcurl's own parser: what is judged is what is asked.
 */
#include "fetch/http.h"

#define MAX_SHOWN	256			/* bytes of a path that messages show */
#define MAX_URL		65536		/* bytes of a URL: libcurl sends no head of 1 MB */

/* Copy a part of a parsed URL, or give NULL where it has none. */
static char *
get_part(CURLU *u, CURLUPart part, unsigned int flags)
{
	char	   *text;
	char	   *copy;

	if (curl_url_get(u, part, &text, flags) != CURLUE_OK)
		return NULL;
	copy = pstrdup(text);
	curl_free(text);
	return copy;
}

/* Shorten a path for messages, and percent-encode what is not ASCII in it. */
static char *
show_path(const char *path)
{
	StringInfoData shown;

	initStringInfo(&shown);
	for (; *path && shown.len < MAX_SHOWN; path++)
		appendStringInfo(&shown, *path > ' ' && *path <= '~' ? "%c" : "%%%02X",
						 (unsigned char) *path);
	if (*path)
		appendStringInfoString(&shown, "...");
	return shown.data;
}

/* Fill in the parts of a URL that libcurl has taken apart. */
static const char *
fill_parts(CURLU *u, BatchUrl *parts)
{
	char	   *port = get_part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	char	   *path = get_part(u, CURLUPART_PATH, 0);
	char	   *shown = get_part(u, CURLUPART_PORT, 0);
	int64		number;
	size_t		len;

	parts->scheme = get_part(u, CURLUPART_SCHEME, 0);
	parts->host = get_part(u, CURLUPART_HOST, 0);
	if (parts->scheme == NULL || parts->host == NULL || port == NULL || path == NULL ||
		!batch_scalar_count((BatchSlice) {port, strlen(port)}, &number))
		return "The URL is not complete.";
	if (strcmp(parts->scheme, "https") != 0 && strcmp(parts->scheme, "http") != 0)
		return "The URL is neither https nor http.";
	for (const char *p = parts->host; *p; p++)
		if (*p <= ' ' || *p > '~')
			return "The URL's host is not in ASCII.";
	parts->port = (int) number;
	parts->display = psprintf("%s://%s%s%s%s", parts->scheme, parts->host,
							  shown ? ":" : "", shown ? shown : "", show_path(path));
	len = strlen(parts->host);
	for (size_t i = 0; i < len; i++)
		parts->host[i] = pg_tolower((unsigned char) parts->host[i]);
	if (len > 1 && parts->host[len - 1] == '.')
		parts->host[len - 1] = '\0';
	return NULL;
}

/*
 * Take a URL apart; the parts are palloc'd.
 *
 * Returns NULL, or a sentence that says why the URL is not one to ask for:
 * longer than 64 kB, not absolute, not http(s), with userinfo, with blanks or controls, or with a
 * host whose name would be mapped to another one.
 */
const char *
batch_http_parse_url(const char *url, BatchUrl *parts)
{
	CURLU	   *u = curl_url();
	CURLUcode	code = CURLUE_OUT_OF_MEMORY;
	const char *why;

	memset(parts, 0, sizeof(*parts));
	if (strlen(url) > MAX_URL)
	{
		curl_url_cleanup(u);
		return "The URL is too long.";
	}
	if (u != NULL)
		code = curl_url_set(u, CURLUPART_URL, url,
							CURLU_DISALLOW_USER | CURLU_PATH_AS_IS);
	why = code == CURLUE_OK ? fill_parts(u, parts) :
		code == CURLUE_USER_NOT_ALLOWED ? "The URL has a user or a password." :
		"The URL is malformed.";
	curl_url_cleanup(u);
	return why;
}

/*
 * Tell whether a text is a proxy's URL as libcurl itself takes it apart, and has
 * neither a user nor a password.
 */
bool
batch_http_is_proxy(const char *url)
{
	CURLU	   *u = curl_url();
	bool		good = u != NULL &&
	curl_url_set(u, CURLUPART_URL, url, CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME |
				 CURLU_DISALLOW_USER) == CURLUE_OK;

	curl_url_cleanup(u);
	return good;
}

/* Resolve a Location against the URL that answered it; NULL: malformed. */
char *
batch_http_resolve(const char *base, const char *location)
{
	CURLU	   *u = curl_url();
	char	   *url = NULL;

	if (u != NULL &&
		curl_url_set(u, CURLUPART_URL, base, CURLU_PATH_AS_IS) == CURLUE_OK &&
		curl_url_set(u, CURLUPART_URL, location,
					 batch_target_is_absolute(location) ? CURLU_PATH_AS_IS : 0) == CURLUE_OK)
		url = get_part(u, CURLUPART_URL, 0);
	curl_url_cleanup(u);
	return url;
}

/* Percent-encode a value (RFC 3986, 2.1); the result is palloc'd. */
char *
batch_http_escape(const char *value)
{
	char	   *escaped = curl_easy_escape(NULL, value, strlen(value));
	char	   *copy;

	if (escaped == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	copy = pstrdup(escaped);
	curl_free(escaped);
	return copy;
}

/* Find a parameter of a query, which ends before end; NULL where it is not there. */
static const char *
find_param(const char *query, const char *end, const char *param)
{
	size_t		len = strlen(param);

	for (const char *p = query; p < end; p++)
		if ((*p == '?' || *p == '&') && (size_t) (end - p - 1) > len &&
			strncmp(p + 1, param, len) == 0 && p[len + 1] == '=')
			return p + 1;
	return NULL;
}

/*
 * Add the key to a URL's query, percent-encoded, unless the parameter is there: the
 * API told it itself, then.  The result is palloc'd in one piece, to be wiped.
 */
char *
batch_http_add_key(const char *url, const char *param, const char *key)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t		len = strcspn(url, "#");
	const char *query = memchr(url, '?', len);
	char	   *out;
	char	   *p;

	if (query != NULL && find_param(query, url + len, param) != NULL)
		return pstrdup(url);
	out = palloc(strlen(url) + strlen(param) + 3 * strlen(key) + 3);
	memcpy(out, url, len);
	p = out + len;
	p += sprintf(p, "%c%s=", query ? '&' : '?', param);
	for (; *key; key++)
	{
		if (strchr(BATCH_ALNUM "-._~", *key) != NULL)
			*p++ = *key;
		else
		{
			*p++ = '%';
			*p++ = digits[(unsigned char) *key >> 4];
			*p++ = digits[*key & 15];
		}
	}
	strcpy(p, url + len);
	return out;
}
