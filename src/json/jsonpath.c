/*
 * jsonpath.c
 *	  A path option's text --> PostgreSQL's jsonpath --> steps.
 *
 * jsonpath_in parses; of what it accepts only $, .key, [n] and [*] are kept, and
 * [last] where it may stand.
 * A step that does not fit gives nothing, and arrays are never unwrapped, so
 * the words lax and strict would promise what is not done: they are refused.
 */
#include "json/json.h"

#include <ctype.h>

#include "utils/fmgrprotos.h"
#include "utils/jsonpath.h"
#include "utils/numeric.h"

/* Skip a name in double quotes; NULL where it does not end. */
static const char *
skip_quoted(const char *p)
{
	for (p++; *p && *p != '"'; p++)
		if (*p == '\\' && p[1])
			p++;
	return *p ? p + 1 : NULL;
}

/* Skip a step behind a dot or within brackets; NULL where there is no plain one. */
static const char *
skip_step(const char *p)
{
	const char *start = p + 1 + strspn(p + 1, " \t\r\n");
	const char *end = start;

	if (*p == '[')
		return strchr(start, ']') ? strchr(start, ']') + 1 : NULL;
	if (*start == '"')
		return skip_quoted(start);
	while (isalnum((unsigned char) *end) || *end == '_' || IS_HIGHBIT_SET(*end))
		end++;
	return end > start && !isdigit((unsigned char) *start) ? end : NULL;
}

/*
 * Explain what is wrong with a path that is none, to those who know other ways
 * to write one.  jsonpath_in decides whether it is; this only words it.
 */
static const char *
explain_fault(const char *text)
{
	const char *p = text + strspn(text, " \t\r\n");

	if (*p != '$')
		return "A path begins with $, which is the record: $.data.name.";
	if (skip_step(p) != NULL)
		return "A name in a path follows a dot: $.data.name.";
	for (p++; p != NULL && *(p += strspn(p, " \t\r\n")) != '\0'; p = skip_step(p))
	{
		const char *inside = p + 1 + strspn(p + 1, " ");

		if (*p == '[' && (*inside == '"' || *inside == '\''))
			return "A member is written .\"name\", and not in brackets.";
		if (*p != '.' && *p != '[')
			break;
	}
	return "A name that has other characters than letters, digits and _ needs double quotes: $.\"first-name\".";
}

/* Name the path, and explain it, in an error that jsonpath_in raises. */
static void
path_context(void *text)
{
	errcontext("path \"%s\"", batch_text_show_own(text));
	errhint("%s", explain_fault(text));
}

/* Parse a path by PostgreSQL's own function. */
static JsonPath *
parse_jsonpath(const char *text)
{
	ErrorContextCallback context = {
		.previous = error_context_stack,
		.callback = path_context,
		.arg = unconstify(char *, text)
	};
	Datum		path;

	error_context_stack = &context;
	path = DirectFunctionCall1(jsonpath_in, CStringGetDatum(text));
	error_context_stack = context.previous;
	return DatumGetJsonPathP(path);
}

/* Refuse a path that jsonpath accepts but that is no plain path. */
static void
refuse_path(const char *text, const char *why)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("path \"%s\" is not supported", text),
			 errdetail("%s", why),
			 errhint("A path is made of $, .key, .\"quoted key\", [n] and [*].")));
}

/* Refuse the mode words, which jsonpath keeps only as a bit. */
static void
refuse_mode(const char *text)
{
	const char *p = text + strspn(text, " \t\r\n");

	if (pg_strncasecmp(p, "lax", 3) == 0 || pg_strncasecmp(p, "strict", 6) == 0)
		refuse_path(text, "The words lax and strict have no meaning here.");
}

/* Fill a step from an array accessor of one constant subscript, or of last. */
static void
fill_index(BatchStep *step, JsonPathItem *item, const char *text, bool last_ok)
{
	JsonPathItem from,
				to,
				after;
	Numeric		number;
	Datum		whole;

	if (item->content.array.nelems != 1 ||
		jspGetArraySubscript(item, &from, &to, 0) ||
		(from.type != jpiNumeric && !(last_ok && from.type == jpiLast)) ||
		jspGetNext(&from, &after))
		refuse_path(text, strpbrk(text, "'\"") ? explain_fault(text) :
					"A subscript is one number that is not negative.");
	step->kind = from.type == jpiLast ? BATCH_STEP_LAST : BATCH_STEP_INDEX;
	if (step->kind == BATCH_STEP_LAST)
		return;
	number = jspGetNumeric(&from);
	whole = DirectFunctionCall2(numeric_trunc, NumericGetDatum(number),
								Int32GetDatum(0));
	if (!DatumGetBool(DirectFunctionCall2(numeric_eq, whole,
										  NumericGetDatum(number))))
		refuse_path(text, "A subscript is a whole number.");
	step->index = DatumGetInt32(DirectFunctionCall1(numeric_int4, whole));
	if (step->index < 0)
		refuse_path(text, "A subscript is not negative.");
}

/* Fill a step from one item of the jsonpath. */
static void
fill_step(BatchStep *step, JsonPathItem *item, const char *text, bool last_ok)
{
	int32		len;
	char	   *key;

	switch ((int) item->type)
	{
		case jpiKey:
			key = jspGetString(item, &len);
			key = pnstrdup(key, len);
			step->kind = BATCH_STEP_KEY;
			step->key = batch_text_load(key);
			step->keylen = strlen(step->key);
			break;
		case jpiIndexArray:
			fill_index(step, item, text, last_ok);
			break;
		case jpiAnyArray:
			step->kind = BATCH_STEP_ALL;
			break;
		default:
			refuse_path(text, "It has a filter, a method, a wildcard or an expression.");
	}
}

/* Parse a path, in which [last] may stand or not. */
static BatchPath *
parse_path(const char *text, bool last_ok)
{
	JsonPath   *jp;
	JsonPathItem item,
				next;
	BatchPath  *path;

	refuse_mode(text);
	jp = parse_jsonpath(text);
	jspInit(&item, jp);
	if (item.type != jpiRoot)
		refuse_path(text, explain_fault(text));
	path = palloc0(offsetof(BatchPath, steps) +
				   BATCH_MAX_STEPS * sizeof(BatchStep));
	while (jspGetNext(&item, &next))
	{
		if (path->nsteps == BATCH_MAX_STEPS)
			refuse_path(text, psprintf("It has more than %d steps.",
									   BATCH_MAX_STEPS));
		fill_step(&path->steps[path->nsteps], &next, text, last_ok);
		path->has_all |= path->steps[path->nsteps].kind == BATCH_STEP_ALL;
		path->has_last |= path->steps[path->nsteps].kind == BATCH_STEP_LAST;
		path->nsteps++;
		item = next;
	}
	return path;
}

/*
 * Parse a path; the result belongs to the current context.
 *
 * Raises 42601 or 22P02 where jsonpath itself does, else 22023.
 */
BatchPath *
batch_jsonpath_parse(const char *text)
{
	return parse_path(text, false);
}

/* Parse a path as above, in which [last] may stand too: for envelopes alone. */
BatchPath *
batch_jsonpath_parse_last(const char *text)
{
	return parse_path(text, true);
}

/* Tell whether a key can stand in a path without quotes. */
static bool
is_plain(const char *key)
{
	const char *end = skip_step(psprintf(".%s", key));

	return end != NULL && *end == '\0' && *key != '"';
}

/* Write a path for a message. */
char *
batch_jsonpath_write(const BatchPath *path)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoChar(&text, '$');
	for (int i = 0; i < path->nsteps; i++)
	{
		const BatchStep *step = &path->steps[i];

		if (step->kind == BATCH_STEP_ALL)
			appendStringInfoString(&text, "[*]");
		else if (step->kind == BATCH_STEP_LAST)
			appendStringInfoString(&text, "[last]");
		else if (step->kind == BATCH_STEP_INDEX)
			appendStringInfo(&text, "[%d]", step->index);
		else
			appendStringInfo(&text, is_plain(step->key) ? ".%s" : ".\"%s\"", step->key);
	}
	return text.data;
}

/* Fill a step to a member. */
static void
fill_member(BatchStep *step, const char *key)
{
	step->kind = BATCH_STEP_KEY;
	step->key = batch_text_load(key);
	step->keylen = strlen(step->key);
}

/* Make the path to one member of the outermost object. */
BatchPath *
batch_jsonpath_make_member(const char *key)
{
	BatchPath  *path = palloc0(offsetof(BatchPath, steps) + sizeof(BatchStep));

	path->nsteps = 1;
	fill_member(&path->steps[0], key);
	return path;
}

/* Make the path to a member of members, at most BATCH_MAX_STEPS, with dots between them. */
BatchPath *
batch_jsonpath_make_members(const char *keys)
{
	BatchPath  *path = palloc0(offsetof(BatchPath, steps) + BATCH_MAX_STEPS * sizeof(BatchStep));

	for (;;)
	{
		size_t		len = strcspn(keys, ".");

		fill_member(&path->steps[path->nsteps++], pnstrdup(keys, len));
		if (keys[len] == '\0' || path->nsteps == BATCH_MAX_STEPS)
			return path;
		keys += len + 1;
	}
}

/* Tell whether two paths are the same. */
bool
batch_jsonpath_equal(const BatchPath *a, const BatchPath *b)
{
	if (a == NULL || b == NULL || a->nsteps != b->nsteps)
		return false;
	for (int i = 0; i < a->nsteps; i++)
		if (!batch_jsonpath_equal_step(&a->steps[i], &b->steps[i]))
			return false;
	return true;
}

/* Tell whether some path names a member of a record, or something of it, or it all. */
bool
batch_jsonpath_touches(List *paths, const BatchPath *member)
{
	ListCell   *lc;

	foreach(lc, paths)
	{
		const BatchPath *path = lfirst(lc);

		if (path != NULL &&
			(path->nsteps == 0 || batch_jsonpath_equal_step(&path->steps[0], &member->steps[0])))
			return true;
	}
	return false;
}
