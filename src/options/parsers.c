/*
 * parsers.c
 *	  The values of options: text --> field.
 *
 * Every parser has the signature of BatchParser, raises 22023 and changes its
 * argument; those of lists are in lists.c.
 */
#include "fetch/fetch.h"
#include "options/parsers.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/varlena.h"

/* Give the text as it is. */
void
batch_parsers_parse_text(const BatchOption *option, char *value, void *field)
{
	(void) option;
	*(char **) field = value;
}

/* Give the name of a file. */
void
batch_parsers_parse_file(const BatchOption *option, char *value, void *field)
{
	if (*value == '\0')
		batch_grammar_refuse(option, "the name of a file on the server");
	*(char **) field = value;
}

/* Give text of visible ASCII and blanks: it goes into a header or a URL. */
void
batch_parsers_parse_visible(const BatchOption *option, char *value, void *field)
{
	for (const char *p = value; *p; p++)
		if (*p < ' ' || *p > '~')
			batch_grammar_refuse(option, "visible ASCII characters only");
	*(char **) field = value;
}

/* Give an absolute URL of http or https, without user or password. */
void
batch_parsers_parse_url(const BatchOption *option, char *value, void *field)
{
	BatchUrl	parts;

	batch_parsers_parse_visible(option, value, field);
	if (batch_http_parse_url(value, &parts) != NULL)
		batch_grammar_refuse(option, "an absolute http or https URL without user and password");
}

/*
 * Give a proxy; the empty text is none.  All may read a server's options, so a
 * password does not stand there.
 */
void
batch_parsers_parse_proxy(const BatchOption *option, char *value, void *field)
{
	batch_parsers_parse_visible(option, value, field);
	if (*value == '\0')
		*(char **) field = NULL;
	else if (!batch_http_is_proxy(value))
		batch_grammar_refuse(option, "a proxy such as http://proxy.example:3128, without user and password");
}

/* Measure the name of a template's field: members of members, with dots between; or 0. */
static size_t
measure_field(const char *name)
{
	size_t		len = strspn(name, BATCH_ALNUM "_-.");
	int			dots = 0;

	for (size_t i = 0; i < len; i++)
		if (name[i] == '.' && (i == 0 || i + 1 == len || name[i - 1] == '.' || ++dots == BATCH_MAX_STEPS))
			return 0;
	return len;
}

/* Give a URL template: absolute or relative, {field} and {+field} in it. */
void
batch_parsers_parse_template(const BatchOption *option, char *value, void *field)
{
	BatchUrl	parts;

	batch_parsers_parse_visible(option, value, field);
	for (const char *p = value; (p = strpbrk(p, "{} ")) != NULL;)
	{
		const char *name = p + 1 + (p[0] == '{' && p[1] == '+');
		size_t		len = measure_field(name);

		if (*p != '{' || len == 0 || name[len] != '}')
			batch_grammar_refuse(option, "a URL in which {field} or {+field} stands for a value");
		p = name + len + 1;
	}
	if (batch_target_is_absolute(value) &&
		batch_http_parse_url(value, &parts) != NULL)
		batch_grammar_refuse(option, "a path below base_url, or an absolute http or https URL");
}

/* Give job_url, a template: the job's id must stand in it, and nothing else. */
void
batch_parsers_parse_job_template(const BatchOption *option, char *value, void *field)
{
	bool		has_id = false,
				has_other = false;

	batch_parsers_parse_template(option, value, field);
	for (const char *p = value; (p = strchr(p, '{')) != NULL; p++)
	{
		if (strncmp(p, "{id}", 4) == 0 || strncmp(p, "{+id}", 5) == 0)
			has_id = true;
		else
			has_other = true;
	}
	if (!has_id || has_other)
		batch_grammar_refuse(option, "a URL in which {id} or {+id}, and no other field, stands for the job's id");
}

/* Give list_url, a template without a field: there is no job to fill one in. */
void
batch_parsers_parse_list_template(const BatchOption *option, char *value, void *field)
{
	batch_parsers_parse_template(option, value, field);
	if (strchr(value, '{') != NULL)
		batch_grammar_refuse(option, "a URL without a field: a listing is of no single job");
}

/* Give a Boolean, in the words of PostgreSQL. */
void
batch_parsers_parse_bool(const BatchOption *option, char *value, void *field)
{
	if (!parse_bool(value, (bool *) field))
		batch_grammar_refuse(option, "true or false");
}

/* Give the number of one of the option's words, the first of which is its least. */
void
batch_parsers_parse_word(const BatchOption *option, char *value, void *field)
{
	char	   *word = pstrdup(option->words);
	List	   *names = batch_grammar_split(option, word, '|');

	for (int i = 0; i < list_length(names); i++)
	{
		if (strcmp(value, list_nth(names, i)) == 0)
		{
			*(int *) field = option->min + i;
			return;
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for option \"%s\": \"%s\"",
					option->name, value),
			 errhint("It takes one of: %s.", option->words)));
}

/* Parse a number with the units of a GUC, within the option's range. */
static void
parse_number(const BatchOption *option, const char *value, void *field,
			 int units)
{
	const char *hint = NULL;
	int			number;

	if (!parse_int(value, &number, units, &hint))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"",
						option->name, value),
				 hint ? errhint("%s", _(hint)) :
				 errhint("It takes a whole number.")));
	if (number < option->min || number > option->max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value \"%s\" is out of range for option \"%s\"",
						value, option->name),
				 errhint("It takes %d to %d%s.", option->min, option->max,
						 units == GUC_UNIT_MS ? " ms" :
						 units == GUC_UNIT_BYTE ? " bytes" : "")));
	*(int *) field = number;
}

/* Give a whole number. */
void
batch_parsers_parse_int(const BatchOption *option, char *value, void *field)
{
	parse_number(option, value, field, 0);
}

/* Give a duration in milliseconds. */
void
batch_parsers_parse_time(const BatchOption *option, char *value, void *field)
{
	parse_number(option, value, field, GUC_UNIT_MS);
}

/* Give a size in bytes. */
void
batch_parsers_parse_size(const BatchOption *option, char *value, void *field)
{
	parse_number(option, value, field, GUC_UNIT_BYTE);
}

/* Demand of a path that it names one value. */
static BatchPath *
check_single_path(const BatchOption *option, BatchPath *path)
{
	if (path->has_all)
		batch_grammar_refuse(option, "a path that names one value, without [*]");
	return path;
}

/* Give a path that names one value. */
void
batch_parsers_parse_path(const BatchOption *option, char *value, void *field)
{
	*(BatchPath **) field = check_single_path(option, batch_jsonpath_parse(value));
}

/* Give a path that names one value, of the last element of an array too. */
void
batch_parsers_parse_last_path(const BatchOption *option, char *value, void *field)
{
	*(BatchPath **) field = check_single_path(option, batch_jsonpath_parse_last(value));
}

/* Tell whether a text is a header's name (RFC 9110, 5.6.2) that may be set. */
static bool
is_header(const char *name, bool is_secret)
{
	static const char *const ours[] = {"authorization", "proxy-authorization",
		"cookie", "host", "connection", "content-length", "transfer-encoding",
	NULL};

	for (int i = is_secret ? 3 : 0; ours[i]; i++)
		if (pg_strcasecmp(name, ours[i]) == 0)
			return false;
	return *name != '\0' &&
		name[strspn(name, BATCH_ALNUM "!#$%&'*+-.^_`|~")] == '\0';
}

/* Give the name of the header that carries the key, or the empty text. */
void
batch_parsers_parse_header(const BatchOption *option, char *value, void *field)
{
	if (*value != '\0' && !is_header(value, true))
		batch_grammar_refuse(option, "the name of a header, or the empty text");
	*(char **) field = value;
}

/* Give the name of the query parameter that carries the key; the empty text is none. */
void
batch_parsers_parse_param(const BatchOption *option, char *value, void *field)
{
	if (value[strspn(value, BATCH_ALNUM "-._~")] != '\0')
		batch_grammar_refuse(option, "the name of a query parameter, or the empty text");
	*(char **) field = *value != '\0' ? value : NULL;
}

/* Refuse what is no object of headers. */
static void
refuse_headers(const BatchOption *option)
{
	batch_grammar_refuse(option, "a JSON object of strings, whose names are "
				 "header names other than Authorization, "
				 "Proxy-Authorization, Cookie, Host and those of framing");
}

/* Give further headers: a JSON object of strings. */
void
batch_parsers_parse_headers(const BatchOption *option, char *value, void *field)
{
	BatchSlice	text = {value, strlen(value)};
	List	   *pairs = NIL;
	BatchPair  *pair = NULL;
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	v;
	char	   *ignored;

	if (value[strspn(value, " \t\r\n")] != '{' ||
		!batch_record_next(batch_record_open(NIL), text))
		batch_grammar_refuse(option, "a JSON object of strings");
	it = JsonbIteratorInit(&DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(value)))->root);
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			pair = palloc0(sizeof(BatchPair));
			pair->key = pnstrdup(v.val.string.val, v.val.string.len);
			if (!is_header(pair->key, false))
				refuse_headers(option);
		}
		if (token != WJB_VALUE)
			continue;
		if (v.type != jbvString)
			refuse_headers(option);
		pair->value = pnstrdup(v.val.string.val, v.val.string.len);
		batch_parsers_parse_visible(option, pair->value, &ignored);
		pairs = lappend(pairs, pair);
	}
	*(List **) field = pairs;
}

/* List the names nearest to one, quoted and joined by "or"; NULL: none near. */
char *
batch_parsers_find_nearest(const char *name, List *names)
{
	int			best = Max(2, (int) strlen(name) / 2);
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	if (strlen(name) > 64)
		return NULL;
	foreach(lc, names)
	{
		const char *other = lfirst(lc);
		int			distance = varstr_levenshtein(name, strlen(name), other,
												  strlen(other), 1, 1, 1, true);

		if (distance > best)
			continue;
		if (distance < best)
			resetStringInfo(&text);
		best = distance;
		appendStringInfo(&text, "%s\"%s\"", text.len ? " or " : "", other);
	}
	return text.len ? text.data : NULL;
}

/* Check the name of a provider: one that providers.c has. */
void
batch_parsers_parse_provider(const BatchOption *option, char *value, void *field)
{
	List	   *names = NIL;
	char	   *near;

	(void) option;
	(void) field;
	for (const BatchSetting *s = batch_providers; s->provider; s++)
	{
		if (strcmp(s->provider, value) == 0)
			return;
		if (names == NIL || strcmp(llast(names), s->provider) != 0)
			names = lappend(names, (char *) s->provider);
	}
	near = batch_parsers_find_nearest(value, names);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown provider \"%s\"", value),
			 near ? errhint("Perhaps you meant %s.", near) :
			 errhint("The providers are %s; without one, describe the API by options.",
					 batch_grammar_join(names))));
}

/* Give a job id, in UTF-8; whether it can stand raw in job_url the first scan tells. */
void
batch_parsers_parse_id(const BatchOption *option, char *value, void *field)
{
	char	   *id = batch_text_load(value);

	if (!batch_ids_is(id, false))
		batch_grammar_refuse(option, psprintf("a job id: 1 to %d bytes, without control characters and segments of dots",
											  BATCH_MAX_ID));
	*(char **) field = id;
}
