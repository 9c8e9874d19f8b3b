/*
 * estimate.c
 *	  use_remote_estimate: a job's own count of its results, asked while planning.
 *
 * The one request that planning may make, and only where the table permits it.
 */
#include "jobs/jobs.h"
#include "plan/plan.h"

#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* Ask for a job's count; -1 where it has none, or there is no such job. */
static int64
ask_count(BatchOptions *o, const char *id, Oid userid)
{
	BatchStats	stats = {0};
	BatchApi   *api;
	BatchJob   *job;

	o->url = NULL;				/* the job's, whatever the table reads */
	batch_mapping_load(o, userid);
	api = batch_api_open(o, &stats);
	job = batch_job_take(api, batch_job_envelope(o), batch_job_ask(api, id), id);
	return job ? job->count : -1;
}

/*
 * Ask how many results a job has, for the role that would read them; -1 where
 * the table does not permit it, the job is not a constant, or it does not tell.
 */
int64
batch_estimate_results(const PlanInfo *plan, Node *key, Oid userid)
{
	MemoryContext cxt,
				old;
	BatchOptions *o;
	const char *id = plan->o->job_id;
	Oid			output;
	bool		varlena;
	int64		count;

	if (!plan->o->use_remote_estimate || plan->o->resource != BATCH_RESULTS ||
		plan->o->count_path == NULL)
		return -1;
	if (id == NULL && key != NULL && IsA(key, Const) && !((Const *) key)->constisnull)
	{
		getTypeOutputInfo(((Const *) key)->consttype, &output, &varlena);
		id = batch_text_leave(OidOutputFunctionCall(output, ((Const *) key)->constvalue));
	}
	if (id == NULL || !batch_job_is_id(plan->o, id))
		return -1;
	cxt = AllocSetContextCreate(CurrentMemoryContext, "batch_fdw estimate",
								ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(cxt);
	o = batch_options_load(plan->relid);
	count = ask_count(o, id, userid);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
	return count;
}
