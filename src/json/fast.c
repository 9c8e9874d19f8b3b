/*
 * fast.c
 *	  A record that is like the last one --> its slices, and the tape of some.
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
#define FIRST_SPECIALS	64		/* tokens */

/* An array or object that is open. */
typedef struct Frame
{
	BatchKey   *key;			/* whose value it is */
	BatchKey   *place;			/* of what is in it */
	const char *start;			/* where the innermost wanted value around it begins */
	bool		is_object;
	uint32		count;			/* values so far */
	BatchToken *token;			/* where it is taped */
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
	turn.p = likely(turn.key != NULL) ? p : NULL;
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

/* ---- The tape ---- */

/* List the token that is added next as one that is not done yet. */
static pg_noinline void
tape_special(BatchTape *t)
{
	if (t->nspecials == t->specials_room.size / sizeof(uint32))
		t->specials = t->nspecials > 0 ? batch_room_double(&t->specials_room) :
			batch_room_reserve(&t->specials_room, t->cxt, FIRST_SPECIALS * sizeof(uint32));
	t->specials[t->nspecials++] = t->next - t->tokens;
}

/* Add the token of a value that is no array or object. */
static pg_attribute_always_inline void
tape_scalar(BatchRecord *r, BatchToken token)
{
	if (unlikely(r->t.escaped) || unlikely(token.head == JENTRY_ISNUMERIC))
		tape_special(&r->tape);
	r->t.escaped = false;
	*r->tape.next++ = token;
}

/* Skip a value that has no brackets, adding its token; or NULL. */
static pg_attribute_always_inline const char *
skip_taping(BatchRecord *r, const char *p, const bool taping)
{
	BatchToken	token;

	p = skip_plain_value(&r->t, p, &token);
	if (taping)
		tape_scalar(r, token);
	return p;
}

/* Add the key that was read last, which has no number. */
static pg_noinline void
tape_name(BatchRecord *r)
{
	BatchSlice	name = r->keys->name;
	BatchToken	token = {JENTRY_ISSTRING | (name.len - 2), name.ptr + 1 - r->t.text};

	tape_scalar(r, token);
}

/* Add a key whose value is at p. */
static pg_attribute_always_inline void
tape_key(BatchRecord *r, const BatchKey *key, const char *p)
{
	BatchToken *token;

	if (unlikely(key->name == 0))
	{
		tape_name(r);
		return;
	}
	token = r->tape.next++;
	token->head = key->head;
	token->place = p - r->t.text - key->name;
}

/* Fill in the token of an array or object that ends. */
static pg_attribute_always_inline void
tape_end(const BatchTape *t, const Frame *f)
{
	f->token->head = JENTRY_ISCONTAINER |
		(f->is_object ? BATCH_TOKEN_OBJECT | 2 * f->count : f->count);
	f->token->place = t->next - t->tokens;
}

/* Begin the tape of a record. */
static void
begin_tape(BatchRecord *r)
{
	BatchTape  *t = &r->tape;
	Size		most = (r->t.end - r->t.text + BATCH_PADDING) / 2;

	/* A token, with what parts it from the next one, takes two bytes or more. */
	t->next = t->tokens = batch_room_reserve(&t->tokens_room, t->cxt, most * sizeof(BatchToken));
	t->text = r->t.text;
	t->end = r->t.end;
	t->near = t->end - t->text;
	t->nspecials = 0;
	t->depth = MOST_DEPTH;
	t->aside.len = 0;
}

/* ---- The scan ---- */

static const char *follow_taped(BatchRecord *r, BatchKey *key, const char *p);

/*
 * Begin a value on which wanted paths end or go on; gives p, or the place behind
 * it where all of it was scanned, or NULL.
 */
static pg_attribute_always_inline const char *
begin_wanted(BatchRecord *r, BatchKey *key, const char *p, const bool taping)
{
	const BatchNode *node = key->node;

	if (!taping && node->taped && r->taping)
		return follow_taped(r, key, p);
	batch_record_begin(r, node, p);
	if (node->elements != NIL && !batch_record_has_all(node))
	{
		const char *end = p < r->t.end ? batch_record_scan(r, node, p) : NULL;

		if (!taping || end == NULL)
			return end;
	}
	if (node->taped)
		r->tokens[node->slot] = taping ? r->tape.next - r->tape.tokens : BATCH_NOT_TAPED;
	return p;
}

/* Push the frame of an array or object that is the value of a key. */
static pg_attribute_always_inline void
push_frame(BatchRecord *r, Frame *f, BatchKey *key, const char *start, bool is_object,
		   const bool taping)
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
	if (taping)
		f->token = r->tape.next++;
}

/* Pop the frame of an array or object that ends; gives the one around it. */
static pg_attribute_always_inline Frame *
pop_frame(BatchRecord *r, Frame *f, BatchKey **key, const char **start, const bool taping)
{
	if (taping)
		tape_end(&r->tape, f);
	f->place->reads += f->count;
	*key = f->key;
	*start = f->start;
	return f - 1;
}

/* Open an array or object, p on its bracket: finds what is first in it. */
static pg_attribute_always_inline BatchTurn
open_frame(BatchRecord *r, Frame **f, BatchKey **key, const char **start, const char *p,
		   const bool taping)
{
	bool		is_object = *p == '{';
	BatchTurn	turn;

	push_frame(r, ++*f, *key, *start, is_object, taping);
	turn = is_object ? turn_to_first(r, (*f)->place, p) : turn_to_element(r, (*f)->place, p);
	if (turn.key == NULL)
		*f = pop_frame(r, *f, key, start, taping);
	return turn;
}

/*
 * Scan the value of a key, p on it; gives the place behind it, or NULL to give
 * up.  It is compiled twice: with the writing of the tape, and without.
 */
static pg_attribute_always_inline const char *
follow(BatchRecord *r, BatchKey *key, const char *p, const bool taping)
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
			turn.p = p = begin_wanted(r, key, start = p, taping);
		if (p == value && (*p == '{' || *p == '['))
		{
			if (f == &frames[MOST_DEPTH - 1] || p >= r->t.end)
				return NULL;
			turn = open_frame(r, &f, &key, &start, p, taping);
		}
		else if (p == value)
			turn.p = skip_taping(r, p, taping);
		while (turn.key == NULL)
		{
			if ((p = turn.p) == NULL)
				return NULL;
			if (unlikely(key->node != NULL))
				batch_record_keep(r, key->node, start, p);
			if (f == frames)
				return p;
			if (!is_within(&r->t, p))
				return NULL;
			turn = f->is_object ? turn_to_member(r, f->place, key, p) : turn_to_next(r, key, p);
			if (turn.key == NULL)
				f = pop_frame(r, f, &key, &start, taping);
		}
		key = turn.key;
		p = turn.p;
		if (taping && f->is_object)
			tape_key(r, key, p);
	}
}

/* Scan the value of a key, writing it to the tape. */
static pg_noinline const char *
follow_taped(BatchRecord *r, BatchKey *key, const char *p)
{
	r->t.escaped = false;
	return follow(r, key, p, true);
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
	r->taping = r->taped && t->end - t->text <= JENTRY_OFFLENMASK;
	if (r->taping)
		begin_tape(r);
	t->limit = t->text + Min(t->end - t->text, LOOK_EVERY);
	p = follow(r, &r->keys->keys[0], t->text, false);
	return p != NULL && skip_blank(t, p) == t->end;
}
