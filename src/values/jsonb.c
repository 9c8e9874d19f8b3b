/*
 * jsonb.c
 *	  A JSON text --> jsonb, byte for byte what jsonb_in makes of it.
 *
 *	  fast.c, while it scans a record \
 *										--> tape --> containers.c --> jsonb
 *	  tape.c, of any other text		  /
 */
#include "compat.h"
#include "values/containers.h"
#include "values/values.h"

#include "utils/memutils.h"

struct BatchJsonb
{
	BatchRecord *record;		/* whose tape may have the value, or NULL */
	int			path;			/* of it there: the first, and one behind the last */
	int			last_path;
	BatchTape	tape;			/* of any other text */
	BatchWriting writing;
	Size		size;			/* of its buffer */
	BatchRoom	buffer_room;
	BatchRoom	keys_room;
	BatchRoom	frames_room;
};

/* Open a writer, in the current context. */
BatchJsonb *
batch_jsonb_open(void)
{
	BatchJsonb *w = palloc0(sizeof(BatchJsonb));

	batch_tape_open(&w->tape);
	w->writing.forms = batch_forms_open();
	return w;
}

/*
 * Have all values come from paths of a record, neighbours by their numbers; in
 * another encoding than UTF-8 each is read again, to be converted.
 */
void
batch_jsonb_follow(BatchJsonb *w, BatchRecord *record, int path, int npaths)
{
	if (w->tape.converts)
		return;
	for (int i = path; i < path + npaths; i++)
		if (!batch_items_are_of(record, i))
			batch_record_tape(record, i);
	w->record = record;
	w->path = path;
	w->last_path = path + npaths;
}

/*
 * Make room for what the tape can become.  What becomes of a long text is written
 * where it stays, in the current context.
 */
static void
reserve_rooms(BatchJsonb *w, Size len, Size ntokens)
{
	BatchWriting *to = &w->writing;
	MemoryContext cxt = w->tape.cxt;

	/*
	 * A child takes an entry, padding, and the header of a container or of a
	 * numeric (19 bytes, and less than a byte for each of its digits), or the
	 * bytes of a string, which are fewer than those of its text, unless they
	 * have grown.
	 */
	w->size = len + 20 * (ntokens + 2) + BATCH_SLACK;
	to->buffer = len > BATCH_LONG_TEXT ? MemoryContextAllocHuge(CurrentMemoryContext, w->size) :
		batch_room_reserve(&w->buffer_room, cxt, w->size);
	to->keys = batch_room_reserve(&w->keys_room, cxt, (ntokens / 2 + 1) * sizeof(uint64));
	to->frames = batch_room_reserve(&w->frames_room, cxt, (to->from->depth + 1) * sizeof(BatchFrame));
}

/* Free what is not kept for the next text. */
static void
release_rooms(BatchJsonb *w)
{
	batch_tape_release(&w->tape);
	batch_forms_release(w->writing.forms);
	batch_room_release(&w->buffer_room);
	batch_room_release(&w->keys_room);
}

/* Find or make the tape of a text, and its first token; NULL where escontext keeps an error. */
static const BatchTape *
find_tape(BatchJsonb *w, BatchSlice json, uint32 *first, Node *escontext)
{
	BatchTape  *tape = NULL;

	for (int i = w->path; i < w->last_path && tape == NULL; i++)
		if (batch_record_get_any(w->record, i).ptr == json.ptr)
			tape = batch_record_find_tape(w->record, i, first);

	if (tape != NULL)
		return batch_tape_settle(tape, *first, escontext) ? tape : NULL;
	*first = 0;
	return batch_tape_read(&w->tape, json, escontext) ? &w->tape : NULL;
}

/*
 * Make jsonb of a valid JSON text in UTF-8, in the current context.  What jsonb
 * cannot hold goes to escontext, with the SQLSTATE of jsonb_in.
 *
 * Beside the jsonb this takes the text again, eight bytes for each token and two
 * for each member: five times a text that is dense, and less of others.
 */
Datum
batch_jsonb_make(BatchJsonb *w, BatchSlice json, Node *escontext)
{
	BatchWriting *to = &w->writing;
	char	   *result = NULL;
	uint32		first;
	Size		size;

	to->from = find_tape(w, json, &first, escontext);
	if (to->from != NULL)
	{
		reserve_rooms(w, json.len + to->from->grown, batch_tape_skip(to->from, first) - first);
		to->out = to->buffer + VARHDRSZ;
		to->nkeys = 0;
		to->escontext = escontext;
		to->failed = false;
		batch_containers_write(to, &to->from->tokens[first]);
		size = to->out - to->buffer;
		Assert(size + BATCH_SLACK <= w->size);
		if (!to->failed)
			result = to->buffer == w->buffer_room.ptr ? memcpy(palloc(size), to->buffer, size) :
				repalloc_huge(to->buffer, size);
		else if (to->buffer != w->buffer_room.ptr)
			pfree(to->buffer);
		if (result != NULL)
			SET_VARSIZE(result, size);
	}
	release_rooms(w);
	return PointerGetDatum(result);
}
