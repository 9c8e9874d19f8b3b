/*
 * members.c
 *	  The text of a JSON object --> its members, in the order of the text.
 *
 * The text was validated.  A key that comes again is given again: which of its
 * values counts is the caller's to say.
 */
#include "json/json.h"

/* Open the members of a valid JSON text that is an object. */
void
batch_members_open(BatchArray *m, BatchSlice object)
{
	memset(m, 0, sizeof(*m));
	object = batch_array_trim(object.ptr, object.ptr + object.len);
	Assert(object.len >= 2 && *object.ptr == '{');
	m->rest.ptr = object.ptr + 1;
	m->rest.len = object.len - 1;
	m->is_array = true;			/* commas end what it has, a bracket the last */
}

/* Give the next member: its key, quotes included, and its value; false at the end. */
bool
batch_members_next(BatchArray *m, BatchSlice *key, BatchSlice *value)
{
	BatchSlice	member;
	const char *p;

	if (!batch_array_next(m, &member))
		return false;
	p = member.ptr + 1;
	while (*p != '"')
		p += *p == '\\' ? 2 : 1;
	key->ptr = member.ptr;
	key->len = ++p - member.ptr;
	while (*p != ':')
		p++;
	*value = batch_array_trim(p + 1, member.ptr + member.len);
	return true;
}
