/*
 * settings.c
 *	  What a session sets --> options that are laid over those of its tables.
 *
 * A setting that is empty leaves each table its own.  None of them loosens what
 * protects keys, hosts or files.
 */
#include "options/parsers.h"

#include "nodes/makefuncs.h"
#include "nodes/value.h"
#include "utils/guc.h"
#include "utils/plancache.h"

/* Milliseconds between two NOTICEs of a scan; 0: none. */
int			batch_settings_progress_interval;

/* What the settings hold; never NULL once they are defined. */
static char *on_incomplete;
static char *wait_timeout;
static char *on_error;
static char *reject_limit;

/* A setting that stands for the table option of its name. */
typedef struct Setting
{
	const char *option;
	char	  **value;
	const char *words;			/* that it takes; NULL: a number of units */
	int			units;			/* of a GUC */
	const char *takes;			/* what it takes, in words */
	GucStringCheckHook check;
	GucStringAssignHook assign;
	const char *what;
} Setting;

static bool check_on_incomplete(char **value, void **extra, GucSource source);
static bool check_wait_timeout(char **value, void **extra, GucSource source);
static bool check_on_error(char **value, void **extra, GucSource source);
static bool check_reject_limit(char **value, void **extra, GucSource source);
static void assign_on_error(const char *value, void *extra);

static const Setting settings[] = {
	{"on_incomplete", &on_incomplete, "error|skip|wait", 0, "error, skip or wait",
		check_on_incomplete, NULL, "What a job without results is: an error, skipped, or waited for."},
	{"wait_timeout", &wait_timeout, NULL, GUC_UNIT_MS, "a time such as 2h",
		check_wait_timeout, NULL, "The longest wait for a job."},
	{"on_error", &on_error, "error|null|skip", 0, "error, null or skip",
		check_on_error, assign_on_error, "What a bad record or value is: an error, NULL, or left out."},
	{"reject_limit", &reject_limit, NULL, 0, "a whole number from 0 on",
		check_reject_limit, NULL, "How many records and values may be bad."},
};

/* Tell whether a text is one of some words, which | separates. */
static bool
is_word(const char *text, const char *words)
{
	size_t		len = strcspn(text, "|");

	if (text[len] != '\0')
		return false;
	for (const char *p = words; p != NULL; p = strchr(p, '|'))
	{
		p += *p == '|';
		if (strncmp(p, text, len) == 0 && (p[len] == '|' || p[len] == '\0'))
			return true;
	}
	return false;
}

/* Check the value of a setting: it is empty, or one of the option. */
static bool
check(const Setting *setting, const char *value)
{
	int			number;

	if (*value == '\0')
		return true;
	if (setting->words != NULL ? is_word(value, setting->words) :
		parse_int(value, &number, setting->units, NULL) && number >= 0)
		return true;
	GUC_check_errhint("It takes %s, or nothing: then the table option counts.", setting->takes);
	return false;
}

/* Check batch_fdw.on_incomplete. */
static bool
check_on_incomplete(char **value, void **extra, GucSource source)
{
	(void) extra;
	(void) source;
	return check(&settings[0], *value);
}

/* Check batch_fdw.wait_timeout. */
static bool
check_wait_timeout(char **value, void **extra, GucSource source)
{
	(void) extra;
	(void) source;
	return check(&settings[1], *value);
}

/* Check batch_fdw.on_error. */
static bool
check_on_error(char **value, void **extra, GucSource source)
{
	(void) extra;
	(void) source;
	return check(&settings[2], *value);
}

/* Check batch_fdw.reject_limit. */
static bool
check_reject_limit(char **value, void **extra, GucSource source)
{
	(void) extra;
	(void) source;
	return check(&settings[3], *value);
}

/* Plan anew what was planned: whether workers may read depends on it. */
static void
assign_on_error(const char *value, void *extra)
{
	(void) extra;
	if (on_error != NULL && strcmp(on_error, value) != 0)
		ResetPlanCache();
}

/* Define the settings; no others may begin with batch_fdw from now on. */
void
batch_settings_init(void)
{
	for (size_t i = 0; i < lengthof(settings); i++)
		DefineCustomStringVariable(psprintf("batch_fdw.%s", settings[i].option),
								   settings[i].what,
								   "Empty: the option of each foreign table counts.",
								   settings[i].value, "", PGC_USERSET, 0,
								   settings[i].check, settings[i].assign, NULL);
	DefineCustomIntVariable("batch_fdw.progress_interval",
							"Time between messages of how far a scan is.",
							"0: none.", &batch_settings_progress_interval, 0, 0, INT_MAX,
							PGC_USERSET, GUC_UNIT_MS, NULL, NULL, NULL);
	MarkGUCPrefixReserved("batch_fdw");
}

/* List the table options that the session has set, as DefElem. */
List *
batch_settings_list(void)
{
	List	   *list = NIL;

	for (size_t i = 0; i < lengthof(settings); i++)
		if (**settings[i].value != '\0')
			list = lappend(list, makeDefElem(pstrdup(settings[i].option),
											 (Node *) makeString(*settings[i].value), -1));
	return list;
}
