/*
 * locator.c
 *	  Where the parts of a job's results are: the URLs that the job told, asked
 *	  for again where they are refused or about to expire.
 *
 *	  job --> urls --> [ the document at it --> ] url --> download
 *
 * A scan must not go on in other results than it began with.  URLs that are the
 * same but for their queries name the same objects; those of parts that only
 * their queries tell apart, the same but for a signature.  Where a path is
 * another one, that may be a token of each answer's own, or the job was run
 * again: nothing in the answer tells which, neither the names of files nor the
 * job's other fields, of which a vendor may change any, or none.
 *
 * What tells is the file: a download that turns to another path reads it from
 * its first byte, and holds it against all that it gave before (download.c).  So
 * a part of which bytes were given may turn, and all parts may before anything
 * was read; a part that has not begun, beside others that have, has nothing to
 * prove itself by.  It stays with the URL that it has while that is good.
 */
#include "jobs/jobs.h"

#include "common/hashfn.h"
#include "nodes/nodes.h"
#include "utils/memutils.h"

#define MAX_RENEWALS 3			/* of refused URLs of one part */
#define MAX_REFRESHES 10		/* of URLs of one part that would expire */
#define FRESH		1000.0		/* ms for which a job's URLs are not asked for again */
#define EXPIRES_SOON 60.0		/* seconds */

struct BatchUrls
{
	const BatchApi *api;
	const BatchOptions *o;		/* of it */
	const BatchClaims *claims;	/* of parts: others may read them too */
	BatchEnvelope *envelope;	/* of the job */
	MemoryContext cxt;
	const char *job_id;			/* NULL: the table's url */
	List	   *urls;			/* of each part */
	List	   *files;			/* of each, its template; NIL: of none */
	bool		regrouped;		/* the job told of other templates' files, last */
	bool		by_query;		/* their paths do not tell them apart */
	double		told_at;		/* when the job told them */
	int			opened;			/* parts that were ever asked for */
};

/* A part, and how its URL came to be the one it is. */
typedef struct Part
{
	BatchLocator locator;
	BatchUrls  *urls;
	int			number;			/* from 1 */
	const char *url;			/* of the job, that was turned to last */
	bool		hopping;		/* the document that names the file is being read */
	int			renewals;
	int			refreshes;
	int64		renewed_at;		/* bytes given when the job told the same again; or -1 */
} Part;

/* Tell whether some URLs are the same but for their queries. */
static bool
share_path(List *urls)
{
	BatchStrmap *seen = list_length(urls) > 1 ? batch_strmap_open() : NULL;
	ListCell   *lc;

	foreach(lc, urls)
		if (seen != NULL &&
			!batch_strmap_add(seen, pnstrdup(lfirst(lc), batch_target_object_length(lfirst(lc)))))
			return true;
	return false;
}

/*
 * Open on the URLs of a job's results, or on a table's url where job_id is
 * NULL.  Belongs to the current context; asks for nothing.
 */
BatchUrls *
batch_locator_open(const BatchApi *api, const BatchClaims *claims, BatchEnvelope *envelope,
				   const char *job_id, List *urls, List *files)
{
	BatchUrls  *u = palloc0(sizeof(BatchUrls));

	u->api = api;
	u->o = api->options;
	u->claims = claims;
	u->envelope = envelope;
	u->cxt = CurrentMemoryContext;
	u->job_id = job_id;
	u->urls = urls;
	u->files = files;
	u->by_query = share_path(urls);
	u->told_at = batch_now();
	return u;
}

/* Tell whether a results URL is on base_url's origin, or on one that the key's owner named. */
static bool
may_have_key(const BatchOptions *o, const char *url)
{
	ListCell   *lc;

	if (o->result_auth != BATCH_AUTH_ORIGIN)
		return false;
	/* A query is logged by many: it has the key on the API's own origin alone. */
	foreach(lc, o->auth_param ? NIL : o->auth_hosts)
		if (batch_target_same_origin(url, lfirst(lc)))
			return true;
	return batch_target_same_origin(url, o->base_url);
}

/*
 * Choose the client for a results URL: the key goes where it may only, and never
 * along with a redirect.
 */
static BatchClient *
aim(void *arg, const char *url, bool redirected, BatchTarget *target)
{
	BatchUrls  *u = ((Part *) arg)->urls;

	batch_target_check_result(&u->api->network, url, target);
	if (!redirected && u->api->api != NULL && may_have_key(u->o, url))
		return u->api->api;
	return u->api->files;
}

/* Read the URL that the document at a part's URL names, as batch_hop_read does. */
static char *
hop(Part *part, const char *url, const BatchTrouble **trouble)
{
	char	   *found;

	part->hopping = true;
	found = batch_hop_read(part->urls->api, &part->locator, url, trouble);
	part->hopping = false;
	return found;
}

/* Tell whether a list of as many URLs names the objects that are known. */
static bool
name_same(const BatchUrls *u, List *urls)
{
	ListCell   *a,
			   *b;

	forboth(a, u->urls, b, urls)
		if (strcmp(batch_target_object(lfirst(a), u->by_query),
				   batch_target_object(lfirst(b), u->by_query)) != 0)
			return false;
	return true;
}

/* Tell whether nothing of the results was read, by this process or another. */
static bool
is_untouched(const BatchUrls *u, int64 given)
{
	return given == 0 && u->opened == 1 &&
		(u->claims->shared == NULL || list_length(u->urls) == 1);
}

/*
 * Take over what the job told, for the part alone where that is all that can be
 * proven; false where nothing can be.
 */
static bool
adopt(Part *part, List *urls, int64 given, bool may_move)
{
	BatchUrls  *u = part->urls;

	if (list_length(u->urls) != list_length(urls) || u->regrouped)
		return false;
	if (name_same(u, urls) || is_untouched(u, given))
		u->urls = urls;
	else if (given > 0 && may_move)
		lfirst(list_nth_cell(u->urls, part->number - 1)) = list_nth(urls, part->number - 1);
	else
		return false;
	u->told_at = batch_now();
	return true;
}

/* Turn to the URL that the job told last; NULL where it is the one that is known. */
static const char *
turn(Part *part, const char *url, int64 given)
{
	BatchUrls  *u = part->urls;
	const char *found = list_nth(u->urls, part->number - 1);
	const BatchTrouble *trouble;

	part->renewed_at = strcmp(found, part->url) == 0 ? given : -1;
	part->url = found;
	if (u->o->hop_path && !part->hopping)
		found = hop(part, found, &trouble);
	if (found == NULL)
		batch_failure_raise(trouble);
	return strcmp(found, url) != 0 ? found : NULL;
}

/* Tell whether the job told another URL meanwhile, to another part. */
static bool
is_outdated(const Part *part)
{
	return strcmp(part->url, list_nth(part->urls->urls, part->number - 1)) != 0;
}

/* Tell whether the job can be asked for URLs. */
static bool
is_renewable(const BatchUrls *u)
{
	return u->job_id != NULL && u->o->job_url != NULL;
}

/* Ask for the job again; NIL where it names no results. */
static List *
ask_again(BatchUrls *u)
{
	BatchJob   *job = batch_job_take(u->api, u->envelope, batch_job_ask(u->api, u->job_id),
									 u->job_id);
	List	   *urls;
	List	   *files;

	if (job == NULL || !batch_job_has_results(u->o, job))
		return NIL;
	urls = batch_named_urls(u->o, job, &files);
	u->regrouped = !equal(files, u->files);
	return urls;
}

/*
 * Find a new URL for one that a results host refuses, or NULL.
 *
 * The same URL may redirect to another place than before, but is tried again
 * only once where that gives nothing.
 */
static const char *
renew(void *arg, const char *url, int64 given)
{
	Part	   *part = arg;
	BatchUrls  *u = part->urls;
	MemoryContext old;
	List	   *urls;
	const char *found = NULL;

	if (is_outdated(part))
		return turn(part, url, given);
	if (!is_renewable(u) || part->renewals == MAX_RENEWALS || part->renewed_at == given)
		return NULL;
	part->renewals++;
	old = MemoryContextSwitchTo(u->cxt);
	urls = ask_again(u);
	if (urls != NIL && !adopt(part, urls, given, true))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the job names other results than before"),
				 errhint("Rows read before this are of the old results; ask again.")));
	if (urls != NIL)
		found = turn(part, url, given);
	MemoryContextSwitchTo(old);
	return found;
}

/*
 * Find a new URL for one that will expire before long, or NULL.
 *
 * It is not expired yet: a new one is no use where it costs to read again what
 * was given, or cannot be proven to name the same.
 */
static const char *
refresh(void *arg, const char *url, int64 given)
{
	Part	   *part = arg;
	BatchUrls  *u = part->urls;
	MemoryContext old;
	List	   *urls;
	const char *found = NULL;

	if (is_outdated(part))
		return turn(part, url, given);
	if (!is_renewable(u) || batch_now() - u->told_at < FRESH ||
		batch_target_lifetime(url) > EXPIRES_SOON || part->refreshes == MAX_REFRESHES)
		return NULL;
	part->refreshes++;
	old = MemoryContextSwitchTo(u->cxt);
	urls = ask_again(u);
	if (urls != NIL && adopt(part, urls, given, false))
		found = turn(part, url, given);
	MemoryContextSwitchTo(old);
	return found;
}

/* Tell of a part that is read without being asked for: it is kept. */
void
batch_locator_pass_part(BatchUrls *u)
{
	u->opened++;
}

/* Prepare to ask for a part, by its number from 1. */
static Part *
open_part(BatchUrls *u, int number)
{
	Part	   *part = palloc0(sizeof(Part));

	part->urls = u;
	part->number = number;
	part->renewed_at = -1;
	part->locator.aim = aim;
	part->locator.renew = renew;
	part->locator.refresh = refresh;
	part->locator.arg = part;
	part->locator.missing_ok = u->job_id != NULL && u->claims->shared == NULL &&
		u->o->on_incomplete == BATCH_INCOMPLETE_SKIP;
	u->opened++;
	return part;
}

/*
 * Begin to download the file of a part, by its number from 1; belongs to the
 * current context.  Gives NULL where there is none, and why.
 *
 * Where jobs that have nothing to give are passed over, a file that is not there
 * is not raised, but told; not where other processes may have read another part.
 */
BatchDownload *
batch_locator_open_part(BatchUrls *u, int number, const BatchTrouble **trouble)
{
	Part	   *part = open_part(u, number);
	const char *url;

	url = part->url = list_nth(u->urls, number - 1);
	if (u->o->hop_path)
		url = hop(part, url, trouble);
	if (url == NULL)
		return NULL;
	return batch_download_open_file(&part->locator, url, &u->api->network);
}

/* Find no other URL: a page has none but that by which the one before led to it. */
static const char *
keep(void *arg, const char *url, int64 given)
{
	(void) arg;
	(void) url;
	(void) given;
	return NULL;
}

/*
 * Begin to download a page of the results, of which a file that is not there is
 * told as above; belongs to the current context.
 */
BatchDownload *
batch_locator_open_page(BatchUrls *u, const char *url)
{
	Part	   *part = open_part(u, 1);

	part->url = url;
	part->locator.renew = part->locator.refresh = keep;
	return batch_download_open_file(&part->locator, url, &u->api->network);
}

/* Hash what the URLs name: it is the same where they name the same objects. */
uint32
batch_locator_hash(const BatchUrls *u)
{
	uint32		hash = 0;
	ListCell   *lc;

	foreach(lc, u->urls)
	{
		char	   *object = batch_target_object(lfirst(lc), u->by_query);

		hash = hash_combine(hash, hash_bytes((unsigned char *) object, strlen(object)));
	}
	return hash;
}
