/*
 * failure.c
 *	  What a failed answer means, and how it is told without telling secrets.
 *
 * One table maps a status to SQLSTATE, retry and hint, for the API and for
 * results hosts.  All text of a vendor passes batch_redact_text on its way
 * into a message, ids too; URLs without their secrets batch_text_show.
 */
#include "fetch/fetch.h"

#define START_SIZE	60			/* bytes of what is not what it should be */
#define START_READ	(64 * 1024) /* bytes of it that are looked at for secrets */

typedef struct StatusRow
{
	int			first;			/* status, or a range of them */
	int			last;
	BatchRole	role;
	int			sqlstate;
	bool		retry;
	const char *hint;
} StatusRow;

static const StatusRow statuses[] = {
	{300, 399, BATCH_ROLE_API, ERRCODE_CONNECTION_FAILURE, false,
	"Redirects of the API are not followed; check base_url."},
	{401, 401, BATCH_ROLE_API, ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION, false,
	"Check the api_key of the user mapping, and auth_header, auth_prefix and auth_param of the server."},
	{402, 402, BATCH_ROLE_API, ERRCODE_CONFIGURATION_LIMIT_EXCEEDED, false,
	"The account has no credit left."},
	{403, 403, BATCH_ROLE_API, ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION, false,
	"The key may not do this; check the api_key of the user mapping."},
	{400, 400, BATCH_ROLE_API, ERRCODE_INVALID_PARAMETER_VALUE, false,
	"The API does not accept the request; check the job id, and list_params, list_filters, page_style, page_param, page_start and page_size of the server."},
	{422, 422, BATCH_ROLE_API, ERRCODE_INVALID_PARAMETER_VALUE, false,
	"The API does not accept the request; check the job id, and list_params, list_filters, page_style, page_param, page_start and page_size of the server."},
	{404, 404, BATCH_ROLE_API, ERRCODE_UNDEFINED_OBJECT, false,
	"Check base_url, and list_url, job_url and results_url, of the server."},
	{410, 410, BATCH_ROLE_API, ERRCODE_UNDEFINED_OBJECT, false,
	"The job or its results are no longer kept by the vendor."},
	{400, 401, BATCH_ROLE_FILE, ERRCODE_UNDEFINED_FILE, false,
	"The signed URL may have expired; ask again."},
	{403, 403, BATCH_ROLE_FILE, ERRCODE_UNDEFINED_FILE, false,
	"The signed URL may have expired; ask again."},
	{401, 401, BATCH_ROLE_OWN_FILE, ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION, false,
	"Check the api_key of the user mapping, and that result_auth lets it go along."},
	{403, 403, BATCH_ROLE_OWN_FILE, ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION, false,
	"The key may not read these results, or their URL has expired."},
	{404, 404, BATCH_ROLE_FILE, ERRCODE_UNDEFINED_FILE, false,
	"The results file does not exist, though the job has results."},
	{410, 410, BATCH_ROLE_FILE, ERRCODE_UNDEFINED_FILE, false,
	"The results file is no longer kept, or was downloaded before."},
	{429, 429, BATCH_ROLE_API, ERRCODE_CONFIGURATION_LIMIT_EXCEEDED, true,
	"The API limits the rate of requests; try again later."},
	{429, 429, BATCH_ROLE_FILE, ERRCODE_CONFIGURATION_LIMIT_EXCEEDED, true,
	"The results host limits the rate of requests; try again later."},
	{426, 426, BATCH_ROLE_API, ERRCODE_CONNECTION_FAILURE, false, BATCH_HTTP_HINT},
	{426, 426, BATCH_ROLE_FILE, ERRCODE_CONNECTION_FAILURE, false, BATCH_HTTP_HINT},
	{505, 505, BATCH_ROLE_API, ERRCODE_CONNECTION_FAILURE, false, BATCH_HTTP_HINT},
	{505, 505, BATCH_ROLE_FILE, ERRCODE_CONNECTION_FAILURE, false, BATCH_HTTP_HINT},
};

/* Statuses that may pass by themselves, for either role. */
static const int passing[] = {408, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529};

/* Tell what a status other than 200 means. */
BatchFailure
batch_failure_status(BatchRole role, int status)
{
	BatchFailure failure = {ERRCODE_CONNECTION_FAILURE, false, NULL};

	for (size_t i = 0; i < lengthof(statuses); i++)
	{
		const StatusRow *row = &statuses[i];

		if (row->role == role && status >= row->first && status <= row->last)
		{
			failure.sqlstate = row->sqlstate;
			failure.retry = row->retry;
			failure.hint = row->hint;
			return failure;
		}
	}
	if (role == BATCH_ROLE_OWN_FILE)
		return batch_failure_status(BATCH_ROLE_FILE, status);
	for (size_t i = 0; i < lengthof(passing); i++)
		failure.retry |= passing[i] == status;
	return failure;
}

/* Name a status (RFC 9110, 15), or give "". */
const char *
batch_failure_reason(int status)
{
	static const struct
	{
		int			status;
		const char *reason;
	}			reasons[] =
	{
		{301, " (Moved Permanently)"}, {302, " (Found)"}, {303, " (See Other)"},
		{307, " (Temporary Redirect)"}, {308, " (Permanent Redirect)"},
		{400, " (Bad Request)"}, {401, " (Unauthorized)"},
		{402, " (Payment Required)"}, {403, " (Forbidden)"},
		{404, " (Not Found)"}, {408, " (Request Timeout)"},
		{409, " (Conflict)"}, {410, " (Gone)"}, {422, " (Unprocessable Content)"},
		{426, " (Upgrade Required)"}, {429, " (Too Many Requests)"}, {500, " (Internal Server Error)"},
		{502, " (Bad Gateway)"}, {503, " (Service Unavailable)"},
		{504, " (Gateway Timeout)"}, {505, " (HTTP Version Not Supported)"},
	};

	for (size_t i = 0; i < lengthof(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

/* Copy what stands between two tags of an XML answer, or give NULL. */
static char *
find_xml(const char *body, const char *tag)
{
	char	   *open = psprintf("<%s>", tag);
	const char *start = strstr(body, open);
	const char *end = start ? strstr(start, "</") : NULL;

	if (end == NULL)
		return NULL;
	start += strlen(open);
	return pnstrdup(start, end - start);
}

/* Shape the message of S3's XML errors: code and message, nothing else. */
static char *
find_xml_message(const char *body)
{
	char	   *code = find_xml(body, "Code");
	char	   *message = find_xml(body, "Message");

	if (code && message)
		return psprintf("%s: %s", code, message);
	return message ? message : code;
}

/*
 * Find the vendor's own words in a text that is no answer: those of the JSON
 * shapes of message.c and of S3's XML; NULL where there are none.
 */
static char *
find_message(char *text)
{
	if (text[strspn(text, " \t\r\n")] == '<')
		return find_xml_message(text);
	return batch_message_find_message(text, strlen(text));
}

/*
 * Describe what came instead of what was asked for, whatever the status: by the
 * vendor's own words, else by its first characters and, where it is known, its
 * type; NULL where nothing came.  The result is redacted.
 */
char *
batch_failure_describe(BatchSlice body, const char *type, const char *secret)
{
	char	   *text;
	char	   *message;

	if (body.len > 0 && *body.ptr == BATCH_GZIP_FIRST)
		body = batch_inflate_start(body, START_READ);
	text = pnstrdup(body.ptr, Min(START_READ, body.len));
	message = find_message(text);
	if (message != NULL && *message != '\0')
		return batch_redact_text(message, secret);
	text += strspn(text, " \t\r\n");
	if (*text == '\0')
		return NULL;
	return psprintf("It begins with \"%s\"%s%s.", batch_redact_start(text, secret, START_SIZE),
					type && *type ? ", and its type is " : "",
					type ? batch_redact_text(type, secret) : "");
}

/* Raise that a text that begins with '<' is not the JSON it should be. */
void
batch_failure_refuse_markup(const char *what, int sqlstate, BatchSlice text,
							const char *type, const char *secret)
{
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("%s is not JSON", what),
			 errdetail("%s", batch_failure_describe(text, type, secret)),
			 errhint("A page like this often stands in for a file that is expired or forbidden, or comes from a proxy.")));
}

/* Raise that there is nothing to read, and why. */
void
batch_failure_raise(const BatchTrouble *trouble)
{
	ereport(ERROR,
			(errcode(trouble->sqlstate),
			 errmsg_internal("%s", trouble->message),
			 trouble->detail ? errdetail_internal("%s", trouble->detail) : 0,
			 trouble->hint ? errhint("%s", trouble->hint) : 0,
			 trouble->context ? errcontext("%s", trouble->context) : 0));
}
