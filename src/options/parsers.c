/*
 * parsers.c
 *	  The grammar of option values: text --> field of BatchOptions.
 *
 * Lists are separated by commas, words by |, pairs written key=value;
 * separators within double quotes or parentheses do not count.  Every parser
 * has the signature of BatchParser, raises 22023 and changes its argument.
 */
#include "fetch/fetch.h"
#include "options/options.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/jsonb.h"

/* Raise that an option's value is not what it takes. */
static void
refuse_value(const BatchOption *option, const char *takes)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for option \"%s\"", option->name),
			 errhint("It takes %s.", takes)));
}

/* Cut leading and trailing white space off. */
static char *
trim(char *s)
{
	char	   *end;

	s += strspn(s, " \t\r\n");
	end = s + strlen(s);
	while (end > s && strchr(" \t\r\n", end[-1]) != NULL)
		end--;
	*end = '\0';
	return s;
}

/* Take the double quotes off a name that is quoted whole; \ escapes in it. */
static char *
unquote(char *s)
{
	size_t		len = strlen(s);
	char	   *out = s;

	if (len < 2 || s[0] != '"' || s[len - 1] != '"')
		return s;
	s[len - 1] = '\0';
	for (char *in = s + 1; *in; in++)
	{
		if (*in == '\\' && in[1])
			in++;
		*out++ = *in;
	}
	*out = '\0';
	return s;
}

/* Find a separator outside of double quotes and parentheses, or NULL. */
static char *
find_separator(char *s, char separator)
{
	bool		quoted = false;
	int			parens = 0;

	for (; *s; s++)
	{
		if (quoted && *s == '\\' && s[1])
			s++;
		else if (*s == '"')
			quoted = !quoted;
		else if (!quoted && *s == '(')
			parens++;
		else if (!quoted && *s == ')')
			parens--;
		else if (!quoted && parens == 0 && *s == separator)
			return s;
	}
	return NULL;
}

/* Split at a separator into trimmed pieces, none of them empty. */
static List *
split(const BatchOption *option, char *value, char separator)
{
	List	   *pieces = NIL;

	while (value != NULL)
	{
		char	   *end = find_separator(value, separator);
		char	   *piece;

		if (end != NULL)
			*end++ = '\0';
		piece = trim(value);
		if (*piece == '\0')
			refuse_value(option, "a list without empty entries");
		pieces = lappend(pieces, piece);
		value = end;
	}
	return pieces;
}

/* Cut s in two at a separator; return the second half, or NULL. */
static char *
cut(char *s, char separator)
{
	char	   *end = find_separator(s, separator);

	if (end == NULL)
		return NULL;
	*end = '\0';
	trim(s);
	return trim(end + 1);
}

/* Give the text as it is. */
void
batch_parsers_parse_text(const BatchOption *option, char *value, void *field)
{
	(void) option;
	*(char **) field = value;
}

/* Give text of visible ASCII and blanks: it goes into a header or a URL. */
void
batch_parsers_parse_visible(const BatchOption *option, char *value, void *field)
{
	for (const char *p = value; *p; p++)
		if (*p < ' ' || *p > '~')
			refuse_value(option, "visible ASCII characters only");
	*(char **) field = value;
}

/* Give an absolute URL of http or https, without user or password. */
void
batch_parsers_parse_url(const BatchOption *option, char *value, void *field)
{
	BatchUrl	parts;

	batch_parsers_parse_visible(option, value, field);
	if (batch_http_parse_url(value, &parts) != NULL)
		refuse_value(option, "an absolute http or https URL without user and password");
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
		refuse_value(option, "a proxy such as http://proxy.example:3128, without user and password");
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
		size_t		len = strspn(name, BATCH_ALNUM "_-");

		if (*p != '{' || len == 0 || name[len] != '}')
			refuse_value(option, "a URL in which {field} or {+field} stands for a value");
		p = name + len + 1;
	}
	if (batch_target_is_absolute(value) &&
		batch_http_parse_url(value, &parts) != NULL)
		refuse_value(option, "a path below base_url, or an absolute http or https URL");
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
		refuse_value(option, "a URL in which {id} or {+id}, and no other field, stands for the job's id");
}

/* Give list_url, a template without a field: there is no job to fill one in. */
void
batch_parsers_parse_list_template(const BatchOption *option, char *value, void *field)
{
	batch_parsers_parse_template(option, value, field);
	if (strchr(value, '{') != NULL)
		refuse_value(option, "a URL without a field: a listing is of no single job");
}

/* Give a Boolean, in the words of PostgreSQL. */
void
batch_parsers_parse_bool(const BatchOption *option, char *value, void *field)
{
	if (!parse_bool(value, (bool *) field))
		refuse_value(option, "true or false");
}

/* Give the number of one of the option's words. */
void
batch_parsers_parse_word(const BatchOption *option, char *value, void *field)
{
	char	   *word = pstrdup(option->words);
	List	   *names = split(option, word, '|');

	for (int i = 0; i < list_length(names); i++)
	{
		if (strcmp(value, list_nth(names, i)) == 0)
		{
			*(int *) field = i;
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

/* Parse a path that names one value. */
static BatchPath *
parse_single_path(const BatchOption *option, const char *value)
{
	BatchPath  *path = batch_jsonpath_parse(value);

	if (path->has_all)
		refuse_value(option, "a path that names one value, without [*]");
	return path;
}

/* Give a path that names one value. */
void
batch_parsers_parse_path(const BatchOption *option, char *value, void *field)
{
	*(BatchPath **) field = parse_single_path(option, value);
}

/* Give a list of paths, which may name several values. */
void
batch_parsers_parse_paths(const BatchOption *option, char *value, void *field)
{
	List	   *paths = NIL;
	ListCell   *lc;

	foreach(lc, split(option, value, ','))
		paths = lappend(paths, batch_jsonpath_parse(lfirst(lc)));
	*(List **) field = paths;
}

/* Give a list of names, in UTF-8. */
void
batch_parsers_parse_names(const BatchOption *option, char *value, void *field)
{
	List	   *names = split(option, value, ',');
	ListCell   *lc;

	foreach(lc, names)
		lfirst(lc) = batch_text_load(lfirst(lc));
	*(List **) field = names;
}

/* Give a list of hosts: *, *.suffix or a name, each maybe with a port. */
void
batch_parsers_parse_hosts(const BatchOption *option, char *value, void *field)
{
	if (value[strspn(value, BATCH_ALNUM "*.-_:[], ")] != '\0')
		refuse_value(option, "hosts such as files.example.com, *.example.com, or *");
	batch_parsers_parse_names(option, value, field);
}

/* Give a list of pairs key=value, in UTF-8. */
void
batch_parsers_parse_pairs(const BatchOption *option, char *value, void *field)
{
	List	   *pairs = NIL;
	ListCell   *lc;

	foreach(lc, split(option, value, ','))
	{
		BatchPair  *pair = palloc(sizeof(BatchPair));

		pair->key = lfirst(lc);
		pair->value = cut(pair->key, '=');
		if (pair->value == NULL || *pair->value == '\0' || *pair->key == '\0')
			refuse_value(option, "pairs such as cancelled=canceled");
		pair->key = batch_text_load(unquote(pair->key));
		pair->value = batch_text_load(unquote(pair->value));
		pairs = lappend(pairs, pair);
	}
	*(List **) field = pairs;
}

/* Give list_filters: [param:]field[=word|word...], separated by commas; in UTF-8. */
void
batch_parsers_parse_filters(const BatchOption *option, char *value, void *field)
{
	List	   *filters = NIL;
	ListCell   *lc,
			   *word;

	foreach(lc, split(option, value, ','))
	{
		BatchFilter *filter = palloc0(sizeof(BatchFilter));
		char	   *name = lfirst(lc);
		char	   *words = cut(name, '=');
		char	   *member = cut(name, ':');

		batch_parsers_parse_visible(option, name, &filter->param);
		filter->path = batch_jsonpath_make_member(member ? member : name);
		foreach(word, words ? split(option, words, '|') : NIL)
			filter->words = lappend(filter->words, batch_text_load(lfirst(word)));
		filters = lappend(filters, filter);
	}
	*(List **) field = filters;
}

/* Give list_lacks: field[@state], separated by commas; in UTF-8. */
void
batch_parsers_parse_lacks(const BatchOption *option, char *value, void *field)
{
	List	   *lacks = NIL;
	ListCell   *lc;

	foreach(lc, split(option, value, ','))
	{
		BatchLack  *lack = palloc0(sizeof(BatchLack));
		char	   *name = lfirst(lc);

		lack->state = cut(name, '@');
		if (lack->state != NULL)
			lack->state = batch_text_load(lack->state);
		lack->path = batch_jsonpath_make_member(name);
		lacks = lappend(lacks, lack);
	}
	*(List **) field = lacks;
}

/* Give list_order: a field and asc or desc. */
void
batch_parsers_parse_order(const BatchOption *option, char *value, void *field)
{
	BatchOrder *order = palloc0(sizeof(BatchOrder));
	char	   *name = trim(value);
	char	   *direction = cut(name, ' ');

	if (direction == NULL || (strcmp(direction, "asc") != 0 &&
							  strcmp(direction, "desc") != 0))
		refuse_value(option, "a field and asc or desc, such as created_at desc");
	order->path = batch_jsonpath_make_member(name);
	order->descending = strcmp(direction, "desc") == 0;
	*(BatchOrder **) field = order;
}

/* Give job_columns or result_columns: name type [= path], ...; see types.c. */
void
batch_parsers_parse_columns(const BatchOption *option, char *value, void *field)
{
	List	   *columns = NIL;
	ListCell   *lc;

	foreach(lc, split(option, value, ','))
	{
		BatchColumnDef *def = palloc0(sizeof(BatchColumnDef));
		char	   *type;

		def->name = lfirst(lc);
		def->path = cut(def->name, '=');
		type = cut(def->name, ' ');
		if (type == NULL || *type == '\0')
			refuse_value(option, "columns such as batch_id uuid, city text = $.hq.city");
		def->name = unquote(def->name);
		def->type = type;
		columns = lappend(columns, def);
	}
	*(List **) field = columns;
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
		refuse_value(option, "the name of a header, or the empty text");
	*(char **) field = value;
}

/* Refuse what is no object of headers. */
static void
refuse_headers(const BatchOption *option)
{
	refuse_value(option, "a JSON object of strings, whose names are "
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
		refuse_value(option, "a JSON object of strings");
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

/* Give the name of a provider that providers.c has. */
void
batch_parsers_parse_provider(const BatchOption *option, char *value, void *field)
{
	List	   *names = NIL;
	char	   *near;

	(void) option;
	for (const BatchSetting *s = batch_providers; s->provider; s++)
	{
		if (strcmp(s->provider, value) == 0)
		{
			*(char **) field = value;
			return;
		}
		if (names == NIL || strcmp(llast(names), s->provider) != 0)
			names = lappend(names, (char *) s->provider);
	}
	near = batch_parsers_find_nearest(value, names);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown provider \"%s\"", value),
			 near ? errhint("Perhaps you meant %s.", near) :
			 errhint("Leave provider out and describe the API by options.")));
}

/* Give a job id; its grammar is checked against job_url at the first scan. */
void
batch_parsers_parse_id(const BatchOption *option, char *value, void *field)
{
	size_t		len = strlen(value);

	if (len == 0 || len > BATCH_MAX_ID)
		refuse_value(option, "a job id");
	batch_parsers_parse_visible(option, value, field);
}
