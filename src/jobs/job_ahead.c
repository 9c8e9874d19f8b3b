/*
 * job_ahead.c
 *	  Jobs that are asked for before their turn, several in flight together.
 *
 * Waiting for one drives the others too; a failure is raised only when it is
 * that job's turn.
 */
#include "jobs/jobs.h"

#include "utils/memutils.h"

/* A request in flight; id is NULL where there is none. */
typedef struct Flight
{
	char	   *id;
	MemoryContext cxt;
	BatchResponse *answer;
} Flight;

struct BatchJobAhead
{
	const BatchApi *api;
	BatchEnvelope *envelope;	/* of a job */
	int			most;
	Flight		flights[FLEXIBLE_ARRAY_MEMBER];
};

/*
 * Open with no request in flight, and at most so many; belongs to the current
 * context, and so do the requests.
 */
BatchJobAhead *
batch_job_ahead_open(const BatchApi *api, BatchEnvelope *envelope, int most)
{
	BatchJobAhead *a = palloc0(offsetof(BatchJobAhead, flights) + most * sizeof(Flight));

	a->api = api;
	a->envelope = envelope;
	a->most = most;
	for (int i = 0; i < most; i++)
		a->flights[i].cxt = AllocSetContextCreate(CurrentMemoryContext, "batch_fdw flight",
												  ALLOCSET_SMALL_SIZES);
	return a;
}

/* Find the flight of a job; of NULL a free one; NULL where there is none. */
static Flight *
find_flight(BatchJobAhead *a, const char *id)
{
	for (int i = 0; i < a->most; i++)
		if (id == NULL ? a->flights[i].id == NULL :
			a->flights[i].id != NULL && strcmp(a->flights[i].id, id) == 0)
			return &a->flights[i];
	return NULL;
}

/*
 * Begin to ask for a job, unless that was done before; false where as many as
 * may be are in flight.
 */
bool
batch_job_ahead_ask(BatchJobAhead *a, const char *id)
{
	Flight	   *flight;
	MemoryContext old;

	if (find_flight(a, id) != NULL)
		return true;
	flight = find_flight(a, NULL);
	if (flight == NULL)
		return false;
	old = MemoryContextSwitchTo(flight->cxt);
	flight->answer = batch_job_ask(a->api, id);
	flight->id = pstrdup(id);
	MemoryContextSwitchTo(old);
	return true;
}

/*
 * Give a job, asking for it now if that was not done before; NULL where the API
 * does not know it.  The job belongs to the current context.
 */
BatchJob *
batch_job_ahead_next(BatchJobAhead *a, const char *id)
{
	Flight	   *flight = find_flight(a, id);
	BatchJob   *job;

	if (flight == NULL)
		return batch_job_take(a->api, a->envelope, batch_job_ask(a->api, id), id);
	job = batch_job_take(a->api, a->envelope, flight->answer, id);
	flight->id = NULL;
	MemoryContextReset(flight->cxt);
	return job;
}
