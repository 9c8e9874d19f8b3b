/*
 * response.c
 *	  An API request --> the values that are read of its JSON answer.
 */
#include "jobs/jobs.h"

struct BatchResponse
{
	const BatchApi *api;
	const char *url;
	BatchDownload *download;
};

/* Name the request in the context of what its answer raises. */
static void
answer_context(void *arg)
{
	BatchUrl	parts;

	if (batch_http_parse_url(arg, &parts) == NULL)
		errcontext("answer of \"%s\"", batch_text_show(parts.display));
}

/*
 * Begin to ask the API for a URL on base_url's origin, which must live as long
 * as the answer; it belongs to the current context.
 */
BatchResponse *
batch_response_open(const BatchApi *api, const char *url)
{
	BatchResponse *a = palloc0(sizeof(BatchResponse));
	BatchTarget target;

	batch_target_check_api(&api->network, url, &target);
	a->api = api;
	a->url = url;
	a->download = batch_download_open(api->api, &target, &api->network);
	return a;
}

/*
 * Wait for an answer, and read the values of an envelope of it; both belong to
 * the current context.  Returns NULL for a 404 where missing_ok.
 */
BatchFields *
batch_response_next(BatchResponse *a, bool missing_ok, BatchEnvelope *envelope)
{
	ErrorContextCallback context;
	StringInfoData body;
	BatchSlice	text;
	BatchFields *fields;

	initStringInfo(&body);
	if (!batch_download_collect(a->download, missing_ok, a->api->options->max_record_size,
								&body))
		return NULL;
	text.ptr = body.data;
	text.len = body.len;
	context.previous = error_context_stack;
	context.callback = answer_context;
	context.arg = unconstify(char *, a->url);
	error_context_stack = &context;
	if (body.data[strspn(body.data, " \t\r\n")] == '<')
		batch_failure_refuse_markup("the answer", ERRCODE_INVALID_TEXT_REPRESENTATION,
									text, NULL, a->api->options->api_key);
	fields = batch_envelope_read(envelope, text);
	error_context_stack = context.previous;
	return fields;
}

/*
 * Tell for how many milliseconds an answer that has come asks not to be asked
 * for again; -1 where it does not say.
 */
double
batch_response_pause(BatchResponse *a)
{
	return batch_http_head_retry_after(batch_download_head(a->download));
}

/* Tell the URL that was asked for. */
const char *
batch_response_url(const BatchResponse *a)
{
	return a->url;
}

/* Tell the status of an answer; 0: none came. */
int
batch_response_status(const BatchResponse *a)
{
	return batch_download_status(a->download);
}
