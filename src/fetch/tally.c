/*
 * tally.c
 *	  What the requests of this session came to, by server and host.
 *
 * A transfer counts into its tally from its beginning to its end, which may be
 * that of a memory context: so a tally is never freed, but only emptied.
 */
#include "fetch/fetch.h"

#include "utils/memutils.h"

#define MOST_TALLIES 1000		/* further hosts are counted together */
#define OTHERS		"(others)"

static BatchTally *tallies;
static int	ntallies;

/* Find the tally of a server and a host; NULL where there is none. */
static BatchTally *
find_tally(const char *server, const char *host)
{
	for (BatchTally *t = tallies; t != NULL; t = t->next)
		if (strcmp(t->server, server) == 0 && strcmp(t->host, host) == 0)
			return t;
	return NULL;
}

/* Get the tally of a server and the host of a URL, which is valid. */
BatchTally *
batch_tally_get(const char *server, const char *url)
{
	BatchUrl	parts;
	BatchTally *t;
	bool		is_known = batch_http_parse_url(url, &parts) == NULL;
	const char *host = is_known ? parts.host : OTHERS;

	t = find_tally(server, host);
	if (t == NULL && ntallies >= MOST_TALLIES)
	{
		host = OTHERS;
		t = find_tally(server, host);
	}
	if (t != NULL)
		return t;
	t = MemoryContextAllocZero(TopMemoryContext, sizeof(BatchTally));
	t->server = MemoryContextStrdup(TopMemoryContext, server);
	t->host = MemoryContextStrdup(TopMemoryContext, host);
	t->next = tallies;
	tallies = t;
	ntallies++;
	return t;
}

/* Count an answer by its status; 0: none came. */
void
batch_tally_count(BatchTally *t, int status)
{
	if (status >= 200 && status < 600)
		t->answers[status / 100 - 2]++;
	else
		t->unanswered++;
	t->limited += status == 429;
}

/* Give the first of the tallies, which are linked. */
const BatchTally *
batch_tally_first(void)
{
	return tallies;
}

/* Empty all tallies, as the session is handed on. */
void
batch_tally_forget(void)
{
	for (BatchTally *t = tallies; t != NULL; t = t->next)
	{
		BatchTally	fresh = {.next = t->next, .server = t->server, .host = t->host};

		*t = fresh;
	}
}
