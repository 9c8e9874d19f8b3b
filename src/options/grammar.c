/*
 * grammar.c
 *	  A list that an option holds --> its pieces.
 *
 * Lists are separated by commas, words by |, pairs written key=value;
 * separators within double quotes or parentheses do not count.  The texts are
 * cut in their place.
 */
#include "options/parsers.h"

/* Raise that an option's value is not what it takes. */
void
batch_grammar_refuse(const BatchOption *option, const char *takes)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for option \"%s\"", option->name),
			 errhint("It takes %s.", takes)));
}

/* Cut leading and trailing white space off. */
char *
batch_grammar_trim(char *s)
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
char *
batch_grammar_unquote(char *s)
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
List *
batch_grammar_split(const BatchOption *option, char *value, char separator)
{
	List	   *pieces = NIL;

	while (value != NULL)
	{
		char	   *end = find_separator(value, separator);
		char	   *piece;

		if (end != NULL)
			*end++ = '\0';
		piece = batch_grammar_trim(value);
		if (*piece == '\0')
			batch_grammar_refuse(option, "a list without empty entries");
		pieces = lappend(pieces, piece);
		value = end;
	}
	return pieces;
}

/* Cut s in two at a separator; return the second half, or NULL. */
char *
batch_grammar_cut(char *s, char separator)
{
	char	   *end = find_separator(s, separator);

	if (end == NULL)
		return NULL;
	*end = '\0';
	batch_grammar_trim(s);
	return batch_grammar_trim(end + 1);
}

/* Join texts by commas. */
char *
batch_grammar_join(List *texts)
{
	StringInfoData joined;
	ListCell   *lc;

	initStringInfo(&joined);
	foreach(lc, texts)
		appendStringInfo(&joined, "%s%s", joined.len ? ", " : "", (char *) lfirst(lc));
	return joined.data;
}
