/*
 * jsonpath.c
 *	  A path option's text --> PostgreSQL's jsonpath --> steps.
 *
 * jsonpath_in parses; of what it accepts only $, .key, [n] and [*] are kept.
 * A step that does not fit gives nothing, and arrays are never unwrapped, so
 * the words lax and strict would promise what is not done: they are refused.
 */
#include "json/json.h"

#include "utils/fmgrprotos.h"
#include "utils/jsonpath.h"
#include "utils/numeric.h"

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

/* Fill a step from an array accessor of one constant subscript. */
static void
fill_index(BatchStep *step, JsonPathItem *item, const char *text)
{
	JsonPathItem from,
				to,
				after;
	Numeric		number;
	Datum		whole;

	if (item->content.array.nelems != 1 ||
		jspGetArraySubscript(item, &from, &to, 0) ||
		from.type != jpiNumeric || jspGetNext(&from, &after))
		refuse_path(text, "A subscript is one number that is not negative.");
	number = jspGetNumeric(&from);
	whole = DirectFunctionCall2(numeric_trunc, NumericGetDatum(number),
								Int32GetDatum(0));
	if (!DatumGetBool(DirectFunctionCall2(numeric_eq, whole,
										  NumericGetDatum(number))))
		refuse_path(text, "A subscript is a whole number.");
	step->kind = BATCH_STEP_INDEX;
	step->index = DatumGetInt32(DirectFunctionCall1(numeric_int4, whole));
	if (step->index < 0)
		refuse_path(text, "A subscript is not negative.");
}

/* Fill a step from one item of the jsonpath. */
static void
fill_step(BatchStep *step, JsonPathItem *item, const char *text)
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
			fill_index(step, item, text);
			break;
		case jpiAnyArray:
			step->kind = BATCH_STEP_ALL;
			break;
		default:
			refuse_path(text, "It has a filter, a method, a wildcard or an expression.");
	}
}

/*
 * Parse a path; the result belongs to the current context.
 *
 * Raises 42601 or 22P02 where jsonpath itself does, else 22023.
 */
BatchPath *
batch_jsonpath_parse(const char *text)
{
	JsonPath   *jp;
	JsonPathItem item,
				next;
	BatchPath  *path;

	refuse_mode(text);
	jp = DatumGetJsonPathP(DirectFunctionCall1(jsonpath_in,
											   CStringGetDatum(text)));
	jspInit(&item, jp);
	if (item.type != jpiRoot)
		refuse_path(text, "It does not begin with $, or a key in it needs double quotes.");
	path = palloc0(offsetof(BatchPath, steps) +
				   BATCH_MAX_STEPS * sizeof(BatchStep));
	while (jspGetNext(&item, &next))
	{
		if (path->nsteps == BATCH_MAX_STEPS)
			refuse_path(text, psprintf("It has more than %d steps.",
									   BATCH_MAX_STEPS));
		fill_step(&path->steps[path->nsteps], &next, text);
		path->has_all |= path->steps[path->nsteps].kind == BATCH_STEP_ALL;
		path->nsteps++;
		item = next;
	}
	return path;
}

/* Make the path to one member of the outermost object. */
BatchPath *
batch_jsonpath_make_member(const char *key)
{
	BatchPath  *path = palloc0(offsetof(BatchPath, steps) + sizeof(BatchStep));

	path->nsteps = 1;
	path->steps[0].kind = BATCH_STEP_KEY;
	path->steps[0].key = batch_text_load(key);
	path->steps[0].keylen = strlen(path->steps[0].key);
	return path;
}

/* Tell whether two steps are the same. */
bool
batch_jsonpath_equal_step(const BatchStep *a, const BatchStep *b)
{
	return a->kind == b->kind && a->index == b->index && a->keylen == b->keylen &&
		memcmp(a->key, b->key, a->keylen) == 0;
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

/* Tell whether a path, which may be NULL, names a member of a record, or something of it, or it all. */
bool
batch_jsonpath_touches(const BatchPath *path, const BatchPath *member)
{
	return path != NULL &&
		(path->nsteps == 0 ||
		 (path->steps[0].keylen == member->steps[0].keylen &&
		  memcmp(path->steps[0].key, member->steps[0].key, member->steps[0].keylen) == 0));
}
