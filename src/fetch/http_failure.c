/*
 * http_failure.c
 *	  A transfer that ended --> whether it failed, and what that means.
 *
 * What a status means is told by failure.c.
 */
#include "fetch/http.h"

#define NO_CONNECTION ERRCODE_SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION

/* What libcurl's own failures mean, in words that do not change with it. */
static const struct
{
	CURLcode	code;
	const char *what;
	int			sqlstate;
	bool		retry;
	const char *hint;
}			curl_failures[] =
{
	{CURLE_COULDNT_RESOLVE_PROXY, "the proxy's name could not be resolved",
	NO_CONNECTION, true, "Check the proxy option."},
	{CURLE_COULDNT_RESOLVE_HOST, "the host's name could not be resolved",
	NO_CONNECTION, true, "Check the name, and the DNS of the database server."},
	{CURLE_COULDNT_CONNECT, "no connection",
	NO_CONNECTION, true, "Check that the host can be reached from the database server."},
	{CURLE_SSL_CONNECT_ERROR, "the TLS handshake failed", NO_CONNECTION, true,
	"The host may speak neither TLS 1.2 nor TLS 1.3, or HTTP/2 only, or no TLS at all."},
	{CURLE_PEER_FAILED_VERIFICATION, "the host's certificate is not trusted",
	NO_CONNECTION, false, "The option ca_file names further authorities."},
	{CURLE_SSL_CACERT_BADFILE, "the file of authorities could not be read",
	NO_CONNECTION, false, "Check ca_file."},
	{CURLE_OPERATION_TIMEDOUT, "no answer in time",
	ERRCODE_CONNECTION_FAILURE, true, "See connect_timeout and stall_timeout."},
	{CURLE_HTTP2, "the transfer broke off", ERRCODE_CONNECTION_FAILURE, true, NULL},
	{CURLE_PARTIAL_FILE, "the transfer broke off", ERRCODE_CONNECTION_FAILURE, true, NULL},
	{CURLE_GOT_NOTHING, "the answer is empty", ERRCODE_CONNECTION_FAILURE, true, NULL},
	{CURLE_SEND_ERROR, "the request broke off", ERRCODE_CONNECTION_FAILURE, true, NULL},
	{CURLE_RECV_ERROR, "the transfer broke off", ERRCODE_CONNECTION_FAILURE, true, NULL},
	{CURLE_WRITE_ERROR, "the head of the answer is too long",
	ERRCODE_PROTOCOL_VIOLATION, false, NULL},
	{CURLE_TOO_LARGE, "the head of the answer is too long",
	ERRCODE_PROTOCOL_VIOLATION, false, NULL},
	{CURLE_UNSUPPORTED_PROTOCOL, "the answer is not HTTP", ERRCODE_PROTOCOL_VIOLATION, false, BATCH_HTTP_HINT},
	{CURLE_OUT_OF_MEMORY, "out of memory", ERRCODE_OUT_OF_MEMORY, false, NULL},
};

/* Tell what libcurl's code for a failed transfer means, and in words. */
static const char *
describe_failure(const BatchTransfer *t, BatchFailure *failure)
{
	CURLcode	code = t->result;

	failure->sqlstate = ERRCODE_CONNECTION_FAILURE;
	failure->retry = false;
	failure->hint = NULL;
	if (t->refused)
	{
		failure->sqlstate = ERRCODE_INVALID_PARAMETER_VALUE;
		failure->hint = t->plain ? "Plain http is for private hosts only." :
			"A private host needs allow_private_hosts.";
		return "the host's address is not allowed";
	}
	if (code == CURLE_OK)
		code = CURLE_PARTIAL_FILE;
	/* of a line that is too long for itself libcurl says CURLE_OUT_OF_MEMORY */
	if (t->result == CURLE_OUT_OF_MEMORY && t->head.status != 0 && !t->head.done)
		code = CURLE_WRITE_ERROR;
	for (size_t i = 0; i < lengthof(curl_failures); i++)
	{
		if (curl_failures[i].code != code)
			continue;
		failure->sqlstate = curl_failures[i].sqlstate;
		failure->retry = curl_failures[i].retry;
		failure->hint = curl_failures[i].hint;
		if (code == CURLE_SSL_CACERT_BADFILE && t->client->network->ca_file == NULL)
			failure->hint = "Install ca-certificates, or set ca_file.";
		return curl_failures[i].what;
	}
	return curl_easy_strerror(t->result);
}

/* Tell as what a transfer's status is read: the API may keep the results itself. */
static BatchRole
choose_role(const BatchTransfer *t)
{
	const char *base_url = t->client->network->base_url;

	if (t->target.role == BATCH_ROLE_FILE && base_url != NULL &&
		batch_target_same_origin(t->target.url, base_url))
		return BATCH_ROLE_OWN_FILE;
	return t->target.role;
}

/*
 * Tell whether an ended transfer failed, and how.
 *
 * A status other than the body's is a failure, and goes before libcurl's own;
 * the words are libcurl's, or the start of the answer's body.  So is a head that
 * ends with the connection: libcurl takes it for an answer without a body.
 */
bool
batch_http_failure_fill(const BatchTransfer *t, BatchFailure *failure,
						const char **what, BatchSlice *words)
{
	if (t->head.done && !batch_http_has_body(t))
	{
		*failure = batch_failure_status(choose_role(t), t->head.status);
		*what = psprintf("HTTP status %d%s", t->head.status,
						 batch_failure_reason(t->head.status));
		words->ptr = t->error_body;
		words->len = t->error_len;
		return true;
	}
	if (t->result == CURLE_OK && t->head.done)
		return false;
	*what = describe_failure(t, failure);
	words->ptr = t->words;
	words->len = strlen(t->words);
	return true;
}
