/*
 * response.c
 *	  An API request --> the values that are read of its JSON answer.
 */
#include "jobs/jobs.h"

struct BatchResponse
{
	const BatchApi *api;
	const char *url;
	const List *unready;		/* of int: statuses that say that it is not ready */
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
 * as the answer; it belongs to the current context.  Statuses may say that what is
 * asked for is not ready.
 */
BatchResponse *
batch_response_open(const BatchApi *api, const char *url, const List *unready)
{
	BatchResponse *a = palloc0(sizeof(BatchResponse));
	BatchTarget target;

	batch_target_check_api(&api->network, url, &target);
	a->api = api;
	a->url = url;
	a->unready = target.answers = unready;
	a->download = batch_download_open(api->api, &target, &api->network);
	return a;
}

/*
 * Find the text of a body: gzip is told by its first byte, as of a file, and a mark
 * of the byte order passed over.
 */
static BatchSlice
find_text(StringInfo body, int most)
{
	BatchSlice	text = {body->data, body->len};

	if (text.len > 0 && *text.ptr == BATCH_GZIP_FIRST)
	{
		StringInfoData plain;

		initStringInfo(&plain);
		batch_inflate_answer(text, most, &plain);
		text.ptr = plain.data;
		text.len = plain.len;
	}
	if (text.len >= 3 && memcmp(text.ptr, "\xef\xbb\xbf", 3) == 0)
	{
		text.ptr += 3;
		text.len -= 3;
	}
	return text;
}

/* Read a body as JSON; one that says that it is not ready need not be any. */
static BatchFields *
read_body(BatchResponse *a, StringInfo body, BatchEnvelope *envelope)
{
	const BatchOptions *o = a->api->options;
	BatchSlice	text = find_text(body, o->max_record_size);
	const char *start = text.ptr + strspn(text.ptr, " \t\r\n");

	if (batch_response_is_unready(a) && !batch_record_next(batch_record_open(NIL), text))
		return batch_envelope_read(envelope, (BatchSlice) {"{}", 2});
	if (*start == '<')
		batch_failure_refuse_markup("the answer", ERRCODE_INVALID_TEXT_REPRESENTATION,
									text, NULL, o->api_key);
	return batch_envelope_read(envelope, text);
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
	BatchFields *fields;

	initStringInfo(&body);
	if (!batch_download_collect(a->download, missing_ok, a->api->options->max_record_size,
								&body))
		return NULL;
	context.previous = error_context_stack;
	context.callback = answer_context;
	context.arg = unconstify(char *, a->url);
	error_context_stack = &context;
	fields = read_body(a, &body, envelope);
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

/* Tell the URL that was asked for, and the status of its answer; 0: none came. */
const char *
batch_response_url(const BatchResponse *a, int *status)
{
	return batch_download_url(a->download, status);
}

/* Tell where an answer that has come is from, and where its link to what follows leads. */
BatchLinks
batch_response_links(BatchResponse *a)
{
	return batch_paging_links(a->url, batch_download_head(a->download));
}

/* Tell whether an answer that has come says that what is asked for is not ready. */
bool
batch_response_is_unready(BatchResponse *a)
{
	return list_member_int(a->unready, batch_download_head(a->download)->status);
}
