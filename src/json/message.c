/*
 * message.c
 *	  The body of a failed answer --> the vendor's words, by json-c.
 *
 * What decides on rows is read by envelope.c instead.  json-c and PostgreSQL's
 * utils/builtins.h both declare json_object, so this file alone includes json-c
 * and must not include builtins.h.
 */
#include "json/json.h"

#include <limits.h>

#include <json-c/json.h>

#include "utils/memutils.h"

/* A document, which goes with its memory context. */
typedef struct Document
{
	MemoryContextCallback release;
	json_object *root;			/* NULL where json-c made nothing of the text */
} Document;

/* Release a document. */
static void
release_document(void *arg)
{
	Document   *d = arg;

	json_object_put(d->root);
	d->root = NULL;
}

/* Parse a text; belongs to the current context. */
static Document *
open_document(const char *text, size_t len)
{
	Document   *d = palloc0(sizeof(Document));
	json_tokener *tokener;

	d->release.func = release_document;
	d->release.arg = d;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &d->release);
	tokener = json_tokener_new_ex(BATCH_MAX_DEPTH + 2);
	if (tokener == NULL)
		return d;
	d->root = json_tokener_parse_ex(tokener, text, Min(len, INT_MAX));
	json_tokener_free(tokener);
	return d;
}

/*
 * Copy a string or a number or a Boolean as text; NULL for others, and "".  A
 * NUL becomes another control character.
 */
static char *
copy_text(json_object *value)
{
	const char *text;
	char	   *copy;
	size_t		len;

	if (value == NULL || json_object_is_type(value, json_type_object) ||
		json_object_is_type(value, json_type_array))
		return NULL;
	text = json_object_get_string(value);
	if (text == NULL)
		return NULL;
	len = json_object_is_type(value, json_type_string) ?
		(size_t) json_object_get_string_len(value) : strlen(text);
	if (len == 0)
		return NULL;
	copy = palloc(len + 1);
	for (size_t i = 0; i < len; i++)
		copy[i] = text[i] ? text[i] : '\1';
	copy[len] = '\0';
	return copy;
}

/* Get a member of an object, or NULL. */
static json_object *
get_member(json_object *object, const char *key)
{
	json_object *member = NULL;

	if (object != NULL && json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, key, &member);
	return member;
}

/* Join a code and a message, either of which may be NULL. */
static char *
join(char *code, char *message)
{
	if (code && message)
		return psprintf("%s: %s", code, message);
	return message ? message : code;
}

/* Shape the first entry of problem+json's errors (RFC 9457), name and text. */
static char *
first_problem(json_object *errors)
{
	struct json_object_iter member;

	if (errors == NULL || !json_object_is_type(errors, json_type_object))
		return NULL;
	json_object_object_foreachC(errors, member)
	{
		if (json_object_is_type(member.val, json_type_array))
			member.val = json_object_array_get_idx(member.val, 0);
		return join(pstrdup(member.key), copy_text(member.val));
	}
	return NULL;
}

/* Shape the words of an error document whose root is known. */
static char *
find_message(json_object *root)
{
	json_object *error = get_member(root, "error");
	json_object *errors = get_member(root, "errors");
	char	   *code,
			   *message;

	if (error != NULL && json_object_is_type(error, json_type_object))
	{
		code = copy_text(get_member(error, "type"));
		if (code == NULL)
			code = copy_text(get_member(error, "code"));
		return join(code, copy_text(get_member(error, "message")));
	}
	if (errors != NULL && json_object_is_type(errors, json_type_array))
		return copy_text(get_member(json_object_array_get_idx(errors, 0), "message"));
	code = copy_text(get_member(root, "title"));
	message = copy_text(get_member(root, "detail"));
	if (message == NULL)
		message = first_problem(errors);
	if (code != NULL || message != NULL)
		return join(code, message);
	message = copy_text(get_member(root, "message"));
	return message ? message : copy_text(error);
}

/*
 * Find a vendor's words in the body of a failed answer; NULL where it is no
 * JSON or of no known shape: {error: {type|code, message}}, {error},
 * {message}, {errors: [{message}]}, and problem+json.
 */
char *
batch_message_find_message(const char *text, size_t len)
{
	Document   *d = open_document(text, len);
	char	   *message = find_message(d->root);

	release_document(d);
	return message;
}

/* Name the library that parses envelopes, and its version. */
const char *
batch_message_library(void)
{
	return psprintf("json-c %s", json_c_version());
}
