/*
 * lists.c
 *	  The values of options that are lists: text --> field.
 *
 * Every parser has the signature of BatchParser, raises 22023 and changes its
 * argument.
 */
#include "options/parsers.h"

#include "utils/guc.h"

/* Give a list of paths, which may name several values. */
void
batch_lists_parse_paths(const BatchOption *option, char *value, void *field)
{
	List	   *paths = NIL;
	ListCell   *lc;

	foreach(lc, batch_grammar_split(option, value, ','))
		paths = lappend(paths, batch_jsonpath_parse(lfirst(lc)));
	*(List **) field = paths;
}

/* Give a list of URL templates; one that has a comma is quoted. */
void
batch_lists_parse_templates(const BatchOption *option, char *value, void *field)
{
	List	   *templates = batch_grammar_split(option, value, ',');
	ListCell   *lc;

	foreach(lc, templates)
	{
		char	   *template = batch_grammar_unquote(lfirst(lc));

		batch_parsers_parse_template(option, template, &template);
		lfirst(lc) = template;
	}
	*(List **) field = templates;
}

/* Give a list of names, in UTF-8. */
void
batch_lists_parse_names(const BatchOption *option, char *value, void *field)
{
	List	   *names = batch_grammar_split(option, value, ',');
	ListCell   *lc;

	foreach(lc, names)
		lfirst(lc) = batch_text_load(lfirst(lc));
	*(List **) field = names;
}

/* Refuse a word, in UTF-8, that is no state. */
static void
check_state(const BatchOption *option, const char *word)
{
	if (!batch_states_has(word))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\" is no state",
						option->name, batch_text_show(word)),
				 errhint("The states are pending, processing, completed, failed, canceled and expired.")));
}

/* Give one state. */
void
batch_lists_parse_state(const BatchOption *option, char *value, void *field)
{
	check_state(option, batch_text_load(value));
	*(char **) field = value;
}

/* Give a list of states. */
void
batch_lists_parse_states(const BatchOption *option, char *value, void *field)
{
	ListCell   *lc;

	batch_lists_parse_names(option, value, field);
	foreach(lc, *(List **) field)
		check_state(option, lfirst(lc));
}

/* Give a list of HTTP statuses that are no plain success; the empty text is none. */
void
batch_lists_parse_statuses(const BatchOption *option, char *value, void *field)
{
	List	   *statuses = NIL;
	ListCell   *lc;

	foreach(lc, *value ? batch_grammar_split(option, value, ',') : NIL)
	{
		int			status;

		if (!parse_int(lfirst(lc), &status, 0, NULL) || status <= 200 || status > 599)
			batch_grammar_refuse(option, "HTTP statuses from 201 to 599, such as 202, 425");
		statuses = lappend_int(statuses, status);
	}
	*(List **) field = statuses;
}

/* Give a list of hosts: *, *.suffix or a name, each maybe with a port. */
void
batch_lists_parse_hosts(const BatchOption *option, char *value, void *field)
{
	if (value[strspn(value, BATCH_ALNUM "*.-_:[], ")] != '\0')
		batch_grammar_refuse(option, "hosts such as files.example.com, *.example.com, or *");
	batch_lists_parse_names(option, value, field);
}

/* Tell whether a text is an origin of https: a URL that ends with its host and port. */
static bool
is_origin(const char *text)
{
	BatchUrl	parts;
	const char *path = strstr(text, "://");

	path = path ? strpbrk(path + 3, "/?#") : NULL;
	return (path == NULL || strcmp(path, "/") == 0) &&
		batch_http_parse_url(text, &parts) == NULL && strcmp(parts.scheme, "https") == 0;
}

/* Give a list of origins that may be sent the key. */
void
batch_lists_parse_origins(const BatchOption *option, char *value, void *field)
{
	ListCell   *lc;

	batch_lists_parse_names(option, value, field);
	foreach(lc, *(List **) field)
		if (!is_origin(lfirst(lc)))
			batch_grammar_refuse(option, "https origins such as https://files.example.com");
}

/* Give a list of pairs word=state, in UTF-8. */
void
batch_lists_parse_status_map(const BatchOption *option, char *value, void *field)
{
	List	   *pairs = NIL;
	ListCell   *lc;

	foreach(lc, batch_grammar_split(option, value, ','))
	{
		BatchPair  *pair = palloc(sizeof(BatchPair));

		pair->key = lfirst(lc);
		pair->value = batch_grammar_cut(pair->key, '=');
		if (pair->value == NULL || *pair->value == '\0' || *pair->key == '\0')
			batch_grammar_refuse(option, "pairs such as cancelled=canceled");
		pair->key = batch_text_load(batch_grammar_unquote(pair->key));
		pair->value = batch_text_load(batch_grammar_unquote(pair->value));
		check_state(option, pair->value);
		pairs = lappend(pairs, pair);
	}
	*(List **) field = pairs;
}

/* Give list_filters: [param:]field[=word|word...], separated by commas; in UTF-8. */
void
batch_lists_parse_filters(const BatchOption *option, char *value, void *field)
{
	List	   *filters = NIL;
	ListCell   *lc,
			   *word;

	foreach(lc, batch_grammar_split(option, value, ','))
	{
		BatchFilter *filter = palloc0(sizeof(BatchFilter));
		char	   *name = lfirst(lc);
		char	   *words = batch_grammar_cut(name, '=');
		char	   *member = batch_grammar_cut(name, ':');

		batch_parsers_parse_visible(option, name, &filter->param);
		filter->path = batch_jsonpath_make_member(member ? member : name);
		foreach(word, words ? batch_grammar_split(option, words, '|') : NIL)
			filter->words = lappend(filter->words, batch_text_load(lfirst(word)));
		filters = lappend(filters, filter);
	}
	*(List **) field = filters;
}

/* Give list_lacks: field[@state], separated by commas; in UTF-8. */
void
batch_lists_parse_lacks(const BatchOption *option, char *value, void *field)
{
	List	   *lacks = NIL;
	ListCell   *lc;

	foreach(lc, batch_grammar_split(option, value, ','))
	{
		BatchLack  *lack = palloc0(sizeof(BatchLack));
		char	   *name = lfirst(lc);

		lack->state = batch_grammar_cut(name, '@');
		if (lack->state != NULL)
		{
			lack->state = batch_text_load(lack->state);
			check_state(option, lack->state);
		}
		lack->path = batch_jsonpath_make_member(name);
		lacks = lappend(lacks, lack);
	}
	*(List **) field = lacks;
}

/* Give list_order: a field and asc or desc. */
void
batch_lists_parse_order(const BatchOption *option, char *value, void *field)
{
	BatchOrder *order = palloc0(sizeof(BatchOrder));
	char	   *name = batch_grammar_trim(value);
	char	   *direction = batch_grammar_cut(name, ' ');

	if (direction == NULL || (strcmp(direction, "asc") != 0 &&
							  strcmp(direction, "desc") != 0))
		batch_grammar_refuse(option, "a field and asc or desc, such as created_at desc");
	order->path = batch_jsonpath_make_member(name);
	order->descending = strcmp(direction, "desc") == 0;
	*(BatchOrder **) field = order;
}

/* Take the parentheses off several paths; in the text's place. */
static char *
unwrap(const BatchOption *option, char *paths)
{
	size_t		len = paths ? strlen(paths) : 0;

	if (len == 0 || paths[0] != '(')
		return paths;
	if (len < 2 || paths[len - 1] != ')')
		batch_grammar_refuse(option, "several paths of a column in parentheses: city text = ($.hq.city, $.city)");
	paths[len - 1] = '\0';
	return batch_grammar_trim(paths + 1);
}

/* Give job_columns or result_columns: name type [= path | (paths)], ...; see types.c. */
void
batch_lists_parse_columns(const BatchOption *option, char *value, void *field)
{
	List	   *columns = NIL;
	ListCell   *lc;

	foreach(lc, batch_grammar_split(option, value, ','))
	{
		BatchColumnDef *def = palloc0(sizeof(BatchColumnDef));
		char	   *type;

		def->name = lfirst(lc);
		def->path = unwrap(option, batch_grammar_cut(def->name, '='));
		type = batch_grammar_cut(def->name, ' ');
		if (type == NULL || *type == '\0')
			batch_grammar_refuse(option, "columns such as batch_id uuid, city text = $.hq.city");
		def->name = batch_grammar_unquote(def->name);
		def->type = type;
		columns = lappend(columns, def);
	}
	*(List **) field = columns;
}
