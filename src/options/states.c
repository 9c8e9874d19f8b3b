/*
 * states.c
 *	  A vendor's word for a job's status --> one of the states.
 */
#include "options/options.h"

static const char *const states[] = {"pending", "processing", "completed",
	"failed", "canceled", "expired"};

/* Tell whether a word is one of the six states. */
bool
batch_states_has(const char *word)
{
	for (size_t i = 0; i < lengthof(states); i++)
		if (strcmp(states[i], word) == 0)
			return true;
	return false;
}

/* Map a vendor's status word to a state; a word without an entry is its own. */
const char *
batch_states_map(const BatchOptions *o, const char *status)
{
	ListCell   *lc;

	if (status == NULL)
		return NULL;
	foreach(lc, o->status_map)
	{
		BatchPair  *pair = lfirst(lc);

		if (strcmp(pair->key, status) == 0)
			return pair->value;
	}
	return status;
}

/* Tell whether the results of a job in this state may be read. */
bool
batch_states_is_result(const BatchOptions *o, const char *state)
{
	ListCell   *lc;

	foreach(lc, o->result_states)
		if (state != NULL && strcmp(lfirst(lc), state) == 0)
			return true;
	return false;
}
