/*
 * template.c
 *	  A URL template, and a job --> a URL.
 */
#include "jobs/jobs.h"

/* Find the value of a template's field: the job's id, or a member of the job or of its members. */
static BatchUrlValue
find_field(const BatchJob *job, BatchUrlValue id, const char *name)
{
	BatchUrlValue value = {.text = NULL};

	if (strcmp(name, "id") == 0)
		return id;
	if (job != NULL)
		value.text = batch_envelope_text(job->fields, batch_jsonpath_make_members(name));
	return value;
}

/* List the paths of the fields of templates in a job: of all but its id. */
List *
batch_template_fields(List *templates)
{
	List	   *paths = NIL;
	ListCell   *lc;

	foreach(lc, templates)
	{
		const char *p = lfirst(lc);

		while ((p = strchr(p, '{')) != NULL)
		{
			char	   *name;

			p += 1 + (p[1] == '+');
			name = pnstrdup(p, strcspn(p, "}"));
			if (strcmp(name, "id") != 0)
				paths = lappend(paths, batch_jsonpath_make_members(name));
		}
	}
	return paths;
}

/*
 * Refuse a value that would change the path it is inserted into: a segment of
 * dots, encoded or not, a control character, and raw also what no URL holds.
 */
static void
check_value(const char *value, const char *name, bool raw)
{
	bool		bad = false;

	for (const char *p = value; *p; p++)
	{
		size_t		n = strcspn(p, "/\\?#");

		bad |= (unsigned char) *p < ' ' || (raw && (*p <= ' ' || *p > '~'));
		if (p == value || strchr("/\\", p[-1]) != NULL)
			bad |= n > 0 && n <= 2 && strncmp(p, "..", n) == 0;
	}
	if (bad)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the job's field \"%s\" cannot stand in a URL", name)));
}

/* Begin a URL with base_url, unless the template that follows is absolute. */
void
batch_template_begin(StringInfo url, const BatchOptions *o, const char *template)
{
	size_t		len;

	if (batch_target_is_absolute(template))
		return;
	len = strlen(o->base_url);
	while (len > 0 && o->base_url[len - 1] == '/')
		len--;
	appendBinaryStringInfo(url, o->base_url, len);
	if (*template != '/')
		appendStringInfoChar(url, '/');
}

/* Append a value: percent-encoded, unless it stands in for one that is not known. */
static void
append_value(StringInfo url, BatchUrlValue value)
{
	appendStringInfoString(url, value.is_shown ? value.text : batch_http_escape(value.text));
}

/*
 * Append a template with its fields filled in; false where one has no value,
 * which only a results_url can have: job_url holds nothing but the id, and
 * list_url no field.
 *
 * {field} stands for the percent-encoded value, {+field} for the value as it
 * is.  The field id is the job's id, others are members of the job.
 */
bool
batch_template_fill(StringInfo url, const char *template, const BatchJob *job,
					BatchUrlValue id)
{
	while (*template)
	{
		size_t		len = strcspn(template, "{");
		bool		raw;
		char	   *name;
		BatchUrlValue value;

		appendBinaryStringInfo(url, template, len);
		template += len;
		if (*template == '\0')
			break;
		raw = template[1] == '+';
		template += 1 + raw;
		len = strcspn(template, "}");
		name = pnstrdup(template, len);
		value = find_field(job, id, name);
		if (value.text == NULL || *value.text == '\0')
			return false;
		if (!value.is_shown)
			check_value(value.text, name, raw);
		if (raw)
			appendStringInfoString(url, value.text);
		else
			append_value(url, value);
		template += len + 1;
	}
	return true;
}

/* Fill in the template of a job's results; NULL where a field has no value. */
char *
batch_template_expand(const BatchOptions *o, const char *template, const BatchJob *job)
{
	StringInfoData url;

	initStringInfo(&url);
	batch_template_begin(&url, o, template);
	return batch_template_fill(&url, template, job, (BatchUrlValue) {.text = job->id}) ?
		url.data : NULL;
}

/* Append a query parameter, its value percent-encoded. */
void
batch_template_add_param(StringInfo url, const char *name, BatchUrlValue value)
{
	appendStringInfo(url, "%c%s=", strchr(url->data, '?') ? '&' : '?', name);
	append_value(url, value);
}
