/*
 * fast.c
 *	  A record that is like the last one --> its slices.
 *
 *	  value --> ,"key": as foretold --> value --> ... --> }
 *				  \--> keys.c, which reads the key and foretells it from then on
 *
 * What bounds a scan is that each token must be read before it is known where
 * the next one begins.  Here a key is not read but compared with the one that
 * is expected, so that its length is known beforehand.
 *
 * This pass only ever says yes.  Where it gives up, for whatever reason, the
 * scan of record.c begins again, and words the error.  It validates all that
 * it goes over, as that one does, by the same functions wherever a token is
 * not of the plainest kind.
 *
 * It looks behind the end, where BATCH_PADDING bytes can be read, whatever
 * they are: it need not look where the end is before each byte, since a token
 * that goes beyond the end is refused when it is behind it.
 */
#include "compat.h"
#include "json/padded.h"
#include "json/record.h"

#define MOST_DEPTH		64		/* of nested values; deeper ones are not for here */

/* An array or object that is open. */
typedef struct Frame
{
	BatchKey   *key;			/* whose value it is */
	BatchKey   *place;			/* of what is in it */
	const char *start;			/* where the innermost wanted value around it begins */
	bool		is_object;
	uint32		count;			/* values so far */
} Frame;

/* ---- What follows ---- */

/*
 * Read a key of a place that is wild, p behind the value before: as
 * batch_keys_turn, to which all but a short name without blanks is left.
 */
static pg_noinline BatchTurn
turn_to_any(BatchRecord *r, BatchKey *place, BatchKey *before, const char *p)
{
	BatchTurn	turn = {NULL, place->other};
	const char *name = p + 1;
	const char *end;

	if (unlikely(*name == ' '))
		name++;
	end = skip_short_name(name);
	if (*p != ',' || *name != '"' || turn.key == NULL || end == NULL || *end != ':' ||
		(place->node != NULL && batch_record_has_length(place->node, name, end)))
		return batch_keys_turn(r, place, before, p);
	r->t.escaped = false;
	r->keys->name.ptr = name;
	r->keys->name.len = end - name;
	turn.p = end + 1;
	return turn;
}

/* Find the key that follows the value of another, p behind that. */
static pg_attribute_always_inline BatchTurn
turn_to_member(BatchRecord *r, BatchKey *place, BatchKey *before, const char *p)
{
	BatchKey   *key = before->next;
	BatchTurn	turn;

	turn.key = key;
	turn.p = p + key->len;
	if (likely(batch_keys_match(key, p, r->t.end)))
		return turn;
	turn.key = NULL;
	turn.p = p + 1;
	if (*p == '}')
		return turn;
	if (place->wild)
		return turn_to_any(r, place, before, p);

	/* Where keys are left out, as some do for null, the next but one follows. */
	turn.key = key->next;
	turn.p = p + key->next->len;
	if (batch_keys_match(turn.key, p, r->t.end))
		return turn;
	return batch_keys_turn(r, place, before, p);
}

/* Find the first key of an object, p on its brace. */
static pg_attribute_always_inline BatchTurn
turn_to_first(BatchRecord *r, BatchKey *place, const char *p)
{
	BatchTurn	turn = {p + place->first->len, place->first};

	if (likely(batch_keys_match(place->first, p, r->t.end)))
		return turn;
	return batch_keys_turn(r, place, NULL, p);
}

/* Find the first element of an array, p on its bracket. */
static pg_attribute_always_inline BatchTurn
turn_to_element(BatchRecord *r, BatchKey *place, const char *p)
{
	BatchTurn	turn;

	p = skip_blank(&r->t, p + 1);
	turn.key = NULL;
	turn.p = p + 1;
	if (*p == ']')
		return turn;
	turn.key = likely(place->element != NULL) ? place->element : batch_keys_get_element(r, place);
	turn.p = p;
	return turn;
}

/* Find the next element of an array, p behind the one before. */
static pg_attribute_always_inline BatchTurn
turn_to_next(BatchRecord *r, BatchKey *element, const char *p)
{
	BatchTurn	turn = {p + 1, element};

	if (likely(*p == ','))
		return turn;
	p = skip_blank(&r->t, p);
	turn.p = *p == ',' || *p == ']' ? p + 1 : NULL;
	if (*p != ',')
		turn.key = NULL;
	return turn;
}

/* ---- The scan ---- */

/*
 * Begin a value on which wanted paths end or go on; gives p, or the place behind
 * it where all of it was scanned, or NULL.
 */
static pg_attribute_always_inline const char *
begin_wanted(BatchRecord *r, const BatchNode *node, const char *p)
{
	for (int i = node->first_slot; i < node->last_slot; i++)
		r->slices[i].ptr = NULL;
	if (node->elements == NIL)
		return p;
	return p < r->t.end ? batch_record_scan(r, node, p) : NULL;
}

/* Keep the slice of a wanted value. */
static pg_attribute_always_inline void
keep_slice(BatchRecord *r, const BatchNode *node, const char *start, const char *end)
{
	if (node->slot >= 0)
	{
		r->slices[node->slot].ptr = start;
		r->slices[node->slot].len = end - start;
	}
}

/* Push the frame of an array or object that is the value of a key. */
static pg_attribute_always_inline void
push_frame(BatchRecord *r, Frame *f, BatchKey *key, const char *start, bool is_object)
{
	f->key = key;
	f->place = key;
	if (unlikely(!key->opened) && key->name != 0 && key->node == NULL)
	{
		key->opened = true;
		f->place = batch_keys_get_other(r, key);
	}
	f->start = start;
	f->is_object = is_object;
	f->count = 0;
}

/* Pop the frame of an array or object that ends; gives the one around it. */
static pg_attribute_always_inline Frame *
pop_frame(Frame *f, BatchKey **key, const char **start)
{
	f->place->reads += f->count;
	*key = f->key;
	*start = f->start;
	return f - 1;
}

/*
 * Scan the value of a key, p on it; gives the place behind it, or NULL to give
 * up.
 */
static const char *
follow(BatchRecord *r, BatchKey *key, const char *p)
{
	Frame		frames[MOST_DEPTH];
	Frame	   *f = frames;
	const char *start = p;

	f->count = 0;
	for (;;)
	{
		BatchTurn	turn = {NULL, NULL};
		const char *value;

		if (unlikely((unsigned char) *p <= ' '))
			p = skip_blank(&r->t, p);
		value = p;
		f->count++;
		if (unlikely(key->node != NULL))
			turn.p = p = begin_wanted(r, key->node, start = p);
		if (p == value && (*p == '{' || *p == '['))
		{
			bool		is_object = *p == '{';

			if (f == &frames[MOST_DEPTH - 1] || p >= r->t.end)
				return NULL;
			push_frame(r, ++f, key, start, is_object);
			turn = is_object ? turn_to_first(r, f->place, p) : turn_to_element(r, f->place, p);
			if (turn.key == NULL)
				f = pop_frame(f, &key, &start);
		}
		else if (p == value)
			turn.p = skip_plain_value(&r->t, p);
		while (turn.key == NULL)
		{
			if ((p = turn.p) == NULL)
				return NULL;
			if (unlikely(key->node != NULL))
				keep_slice(r, key->node, start, p);
			if (f == frames)
				return p;
			if (!is_within(&r->t, p))
				return NULL;
			turn = f->is_object ? turn_to_member(r, f->place, key, p) : turn_to_next(r, key, p);
			if (turn.key == NULL)
				f = pop_frame(f, &key, &start);
		}
		key = turn.key;
		p = turn.p;
	}
}

/*
 * Scan the text of a record; false where it is no JSON, or record.c has to say.
 */
bool
batch_fast_scan(BatchRecord *r)
{
	BatchText  *t = &r->t;
	const char *p;

	if (r->keys == NULL)
		r->keys = batch_keys_open(r);
	t->limit = t->text + Min(t->end - t->text, LOOK_EVERY);
	p = follow(r, &r->keys->keys[0], t->text);
	return p != NULL && skip_blank(t, p) == t->end;
}
