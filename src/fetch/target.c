/*
 * target.c
 *	  A URL --> where a request may go: origins, hosts, and how long it lasts.
 *
 * URLs are taken apart by libcurl's own parser (http_url.c), so that what is
 * judged here is what is asked there.
 */
#include "fetch/fetch.h"

#include <math.h>

#include "utils/datetime.h"
#include "utils/timestamp.h"

/*
 * Tell whether a URL, or a template of one, begins with a scheme (RFC 3986, 3.1
 * and 4.2); what does not is relative, whatever its query holds.
 */
bool
batch_target_is_absolute(const char *url)
{
	return isalpha((unsigned char) *url) &&
		url[strspn(url, BATCH_ALNUM "+-.")] == ':';
}

/* Tell whether two URLs have the same scheme, host and port. */
bool
batch_target_same_origin(const char *a, const char *b)
{
	BatchUrl	x,
				y;

	return a != NULL && b != NULL &&
		batch_http_parse_url(a, &x) == NULL &&
		batch_http_parse_url(b, &y) == NULL &&
		strcmp(x.scheme, y.scheme) == 0 && strcmp(x.host, y.host) == 0 &&
		x.port == y.port;
}

/* Tell how much of a URL names an object: all but its query. */
size_t
batch_target_object_length(const char *url)
{
	return strcspn(url, "?#");
}

/* Tell whether a query parameter is known to be of a signature. */
static bool
is_signature(const char *param, size_t len)
{
	static const char *const prefixes[] = {"X-Amz-", "X-Goog-"};
	static const char *const names[] = {
		"AWSAccessKeyId", "GoogleAccessId", "Expires", "Signature", "Policy", "Key-Pair-Id",
		"se", "sig", "ske", "skoid", "sks", "skt", "sktid", "skv", "sp", "spr", "sr", "st", "sv"
	};

	for (size_t i = 0; i < lengthof(prefixes); i++)
		if (len > strlen(prefixes[i]) && pg_strncasecmp(param, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	for (size_t i = 0; i < lengthof(names); i++)
		if (len == strlen(names[i]) && strncmp(param, names[i], len) == 0)
			return true;
	return false;
}

/*
 * Write what a URL names: all but its query, or with it but without what is known
 * to be a signature there, by AWS, Google, CloudFront or Azure.
 */
char *
batch_target_object(const char *url, bool by_query)
{
	StringInfoData object;
	const char *p = url + batch_target_object_length(url);

	initStringInfo(&object);
	appendBinaryStringInfo(&object, url, p - url);
	while (by_query && (*p == '?' || *p == '&'))
	{
		size_t		len = strcspn(p + 1, "&#");

		if (!is_signature(p + 1, strcspn(p + 1, "=&#")))
			appendBinaryStringInfo(&object, p, len + 1);
		p += len + 1;
	}
	return object.data;
}

/* Tell whether two URLs name the same object, their paths being all that tells. */
bool
batch_target_same_object(const char *a, const char *b)
{
	size_t		n = batch_target_object_length(a);

	return n == batch_target_object_length(b) && strncmp(a, b, n) == 0;
}

/* Raise that a URL, as it can be told, is not to be followed; why is a sentence for DETAIL. */
static void
refuse_url(const char *display, const char *why, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("refused to fetch \"%s\"", display),
			 errdetail("%s", why),
			 hint ? errhint("%s", hint) : 0));
}

/*
 * Take a URL apart, or raise without showing more than its kind of fault: of
 * one that is malformed what stands before the query, be it relative or not.
 */
static void
parse_or_refuse(const char *url, BatchUrl *parts)
{
	const char *why = batch_http_parse_url(url, parts);

	if (why != NULL)
		refuse_url(batch_redact_text(pnstrdup(url, batch_target_object_length(url)), NULL), why, NULL);
}

/* Tell whether a host is one that an entry of result_hosts names. */
static bool
matches_host(const char *entry, const BatchUrl *parts)
{
	const char *bracket = strrchr(entry, ']');
	const char *colon = strchr(bracket ? bracket : entry, ':');
	size_t		entry_len = colon ? (size_t) (colon - entry) : strlen(entry);
	size_t		host_len = strlen(parts->host);
	int64		port;

	if (colon && (!batch_scalar_count((BatchSlice) {colon + 1, strlen(colon + 1)}, &port) ||
				  port != parts->port))
		return false;
	if (entry_len > 2 && entry[0] == '*' && entry[1] == '.')
		return host_len > entry_len - 1 &&
			pg_strncasecmp(parts->host + host_len - (entry_len - 1),
						   entry + 1, entry_len - 1) == 0;
	return entry_len == host_len &&
		pg_strncasecmp(parts->host, entry, entry_len) == 0;
}

/* Tell whether a host is base_url's own. */
static bool
is_base_host(const BatchNetwork *network, const BatchUrl *parts)
{
	BatchUrl	base;

	return network->base_url != NULL &&
		batch_http_parse_url(network->base_url, &base) == NULL &&
		strcmp(base.host, parts->host) == 0;
}

/*
 * Refuse plain http but to a host that may be private, and to ask a proxy for
 * a private one: without a proxy the resolved address is judged (http.c).
 */
static void
check_host(const BatchNetwork *network, const BatchUrl *parts, bool private_ok)
{
	if (strcmp(parts->scheme, "https") != 0 && !private_ok)
		refuse_url(batch_text_show(parts->display), "The URL is not https.",
				   "A superuser may set allow_private_hosts for base_url's own host, and name further ones in result_hosts.");
	if (network->proxy != NULL && !private_ok && batch_private_address_names(parts->host))
		refuse_url(batch_text_show(parts->display), "The host is private.",
				   "A private host needs allow_private_hosts.");
}

/*
 * Fill in where an API request goes; the key goes along.
 *
 * Raises where the URL leaves base_url's origin.
 */
void
batch_target_check_api(const BatchNetwork *network, const char *url, BatchTarget *target)
{
	BatchUrl	parts;

	parse_or_refuse(url, &parts);
	if (!batch_target_same_origin(url, network->base_url))
		refuse_url(batch_text_show(parts.display), "The URL is not on base_url's origin, and the key goes nowhere else.",
				   "Check list_url and job_url.");
	target->url = url;
	target->role = BATCH_ROLE_API;
	target->private_ok = network->allow_private_hosts;
	check_host(network, &parts, target->private_ok);
}

/*
 * Fill in where a request for results goes; no key goes along.
 *
 * "*" in result_hosts covers any public host; private ones must be base_url's
 * own or be named, and allowed by allow_private_hosts.
 */
void
batch_target_check_result(const BatchNetwork *network, const char *url,
						  BatchTarget *target)
{
	BatchUrl	parts;
	bool		allowed = false,
				named = false;
	ListCell   *lc;

	parse_or_refuse(url, &parts);
	foreach(lc, network->result_hosts)
	{
		allowed |= strcmp(lfirst(lc), "*") == 0;
		named |= matches_host(lfirst(lc), &parts);
	}
	if (!allowed && !named)
		refuse_url(batch_text_show(parts.display), "The host is not among result_hosts.",
				   "The server's owner may add it to result_hosts.");
	target->url = url;
	target->role = BATCH_ROLE_FILE;
	target->private_ok = network->allow_private_hosts &&
		(named || (allowed && is_base_host(network, &parts)));
	check_host(network, &parts, target->private_ok);
}

/* Find the value of a query parameter, or NULL. */
static const char *
find_param(const char *url, const char *name)
{
	size_t		n = strlen(name);

	for (const char *p = strchr(url, '?'); p != NULL; p = strchr(p + 1, '&'))
		if (strncmp(p + 1, name, n) == 0 && p[n + 1] == '=')
			return p + n + 2;
	return NULL;
}

/*
 * Tell for how many seconds a URL signed as AWS does it (Signature Version 4,
 * query parameters) is still valid; infinitely where that is not known.
 */
double
batch_target_lifetime(const char *url)
{
	const char *date = find_param(url, "X-Amz-Date");
	const char *expires = find_param(url, "X-Amz-Expires");
	int			year,
				month,
				day,
				hour,
				minute,
				second;
	int64		seconds;
	double		signed_at;

	if (date == NULL || expires == NULL ||
		sscanf(date, "%4d%2d%2dT%2d%2d%2dZ", &year, &month, &day, &hour, &minute,
			   &second) != 6 ||
		!batch_scalar_count((BatchSlice) {expires, strcspn(expires, "&#")}, &seconds))
		return INFINITY;
	signed_at = (date2j(year, month, day) - POSTGRES_EPOCH_JDATE) * (double) SECS_PER_DAY +
		hour * 3600 + minute * 60 + second;
	return signed_at + seconds - GetCurrentTimestamp() / 1e6;
}
