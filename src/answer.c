/*
 * answer.c
 *	  An API request --> the text of its JSON answer, validated.
 */
#include "batch_fdw.h"

/* Name the request in the context of what its answer raises. */
static void
answer_context(void *arg)
{
	BatchUrl	parts;

	if (batch_http_parse_url(arg, &parts) == NULL)
		errcontext("answer of \"%s\"", parts.display);
}

/*
 * Ask the API for a URL on base_url's origin; the text is valid JSON and
 * belongs to the current context.  Returns false for a 404 where missing_ok.
 */
bool
batch_answer_fetch(const BatchOptions *o, BatchClient *api, BatchStats *stats,
				   const char *url, bool missing_ok, BatchSlice *text)
{
	ErrorContextCallback context;
	StringInfoData body;
	BatchTarget target;
	BatchRecord *check;

	batch_url_check_api(o, url, &target);
	initStringInfo(&body);
	if (!batch_download_fetch(api, &target, o, stats, missing_ok, &body))
		return false;
	text->ptr = body.data;
	text->len = body.len;
	context.previous = error_context_stack;
	context.callback = answer_context;
	context.arg = unconstify(char *, url);
	error_context_stack = &context;
	if (body.data[strspn(body.data, " \t\r\n")] == '<')
		batch_failure_refuse_markup("the answer", ERRCODE_INVALID_TEXT_REPRESENTATION,
									*text, NULL, o->api_key);
	check = batch_record_open(NIL);
	if (!batch_record_next(check, *text))
		batch_record_raise(check);
	error_context_stack = context.previous;
	return true;
}
