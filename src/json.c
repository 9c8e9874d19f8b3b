/*
 * json.c
 *	  The envelope of an answer, by json-c: cursors, flags, statuses, counts,
 *	  URLs and errors; never a column's value.
 *
 * json-c and PostgreSQL's utils/builtins.h both declare json_object, so this
 * file alone includes json-c and must not include builtins.h.  A text was
 * validated by record.c before it comes here.
 */
#include "batch_fdw.h"

#include <json-c/json.h>

#include "utils/memutils.h"

struct BatchJson
{
	MemoryContextCallback release;
	json_object *root;
};

/* Release a document when its memory context goes, or before. */
static void
release_json(void *arg)
{
	BatchJson  *json = arg;

	json_object_put(json->root);
	json->root = NULL;
}

/* Parse a text; NULL where json-c does not. */
static json_object *
parse(const char *text, size_t len)
{
	json_tokener *tokener = json_tokener_new_ex(BATCH_MAX_DEPTH + 2);
	json_object *root;

	if (tokener == NULL || len > INT_MAX)
		return NULL;
	root = json_tokener_parse_ex(tokener, text, len);
	if (root == NULL && json_tokener_get_error(tokener) == json_tokener_continue)
		root = json_tokener_parse_ex(tokener, "", -1);
	json_tokener_free(tokener);
	return root;
}

/* Open a valid JSON text; belongs to the current context. */
BatchJson *
batch_json_open(BatchSlice text)
{
	BatchJson  *json = palloc0(sizeof(BatchJson));

	json->release.func = release_json;
	json->release.arg = json;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &json->release);
	json->root = parse(text.ptr, text.len);
	return json;
}

/* Follow a path from one of its steps on; collect what it names. */
static List *
collect(List *found, json_object *value, const BatchPath *path, int step)
{
	const BatchStep *s = &path->steps[step];
	json_object *child = NULL;

	if (value == NULL)
		return found;
	if (step == path->nsteps)
		return lappend(found, value);
	if (s->kind == BATCH_STEP_KEY && json_object_is_type(value, json_type_object))
		json_object_object_get_ex(value, s->key, &child);
	else if (!json_object_is_type(value, json_type_array))
		return found;
	else if (s->kind == BATCH_STEP_INDEX)
		child = json_object_array_get_idx(value, s->index);
	else if (s->kind == BATCH_STEP_ALL)
		for (size_t i = 0; i < json_object_array_length(value); i++)
			found = collect(found, json_object_array_get_idx(value, i), path, step + 1);
	return collect(found, child, path, step + 1);
}

/* Find the first value that a path names; NULL for none, or null. */
static json_object *
find(BatchJson *json, const BatchPath *path)
{
	List	   *found = path ? collect(NIL, json->root, path, 0) : NIL;

	return found ? linitial(found) : NULL;
}

/*
 * Copy a string or a number or a Boolean as text; NULL for others, and "".
 *
 * A NUL becomes another control character: no id and no URL may hold it, while
 * what stands before it might be one.
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

/* Find a scalar as text, palloc'd; NULL for nothing, null, and "". */
char *
batch_json_find_text(BatchJson *json, const BatchPath *path)
{
	return copy_text(find(json, path));
}

/* Find all scalars that a path names, as a list of palloc'd texts. */
List *
batch_json_find_texts(BatchJson *json, const BatchPath *path)
{
	List	   *texts = NIL;
	ListCell   *lc;

	foreach(lc, collect(NIL, json->root, path, 0))
	{
		char	   *text = copy_text(lfirst(lc));

		if (text != NULL)
			texts = lappend(texts, text);
	}
	return texts;
}

/* Tell whether a path names the value true, or the value false. */
bool
batch_json_is(BatchJson *json, const BatchPath *path, bool expected)
{
	json_object *value = find(json, path);

	return value != NULL && json_object_is_type(value, json_type_boolean) &&
		json_object_get_boolean(value) == expected;
}

/* Tell whether a path names a value other than null. */
bool
batch_json_exists(BatchJson *json, const BatchPath *path)
{
	return find(json, path) != NULL;
}

/* List the members of an object as pairs; value is NULL where it is no string. */
List *
batch_json_find_pairs(BatchJson *json)
{
	List	   *pairs = NIL;
	struct json_object_iter member;

	if (!json_object_is_type(json->root, json_type_object))
		return NIL;
	json_object_object_foreachC(json->root, member)
	{
		BatchPair  *pair = palloc(sizeof(BatchPair));

		pair->key = pstrdup(member.key);
		pair->value = json_object_is_type(member.val, json_type_string) ?
			pstrdup(json_object_get_string(member.val)) : NULL;
		pairs = lappend(pairs, pair);
	}
	return pairs;
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
batch_json_find_message(const char *text, size_t len)
{
	BatchSlice	slice = {text, len};
	BatchJson  *json = batch_json_open(slice);
	char	   *message = find_message(json->root);

	batch_json_close(json);
	return message;
}

/* Close a document before its context goes. */
void
batch_json_close(BatchJson *json)
{
	release_json(json);
}

/* Name the library that parses envelopes, and its version. */
const char *
batch_json_library(void)
{
	return psprintf("json-c %s", json_c_version());
}
