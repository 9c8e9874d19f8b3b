/*
 * items.c
 *	  What paths with [*] name in a record: not one slice but items, in the order
 *	  of the text.
 *
 * They are added as the scan meets them.  Where a key comes again in an element,
 * what was added since the element began is dropped: the last wins.
 */
#include "json/record.h"

#define FIRST_ITEMS	16

/* Give each [*] a mark for each of its slots. */
static void
open_marks(BatchNode *node)
{
	ListCell   *lc;

	if (!node->many)
		return;
	if (node->step.kind == BATCH_STEP_ALL)
		node->marks = palloc((node->last_slot - node->first_slot) * sizeof(int));
	foreach(lc, node->keys)
		open_marks(lfirst(lc));
	foreach(lc, node->elements)
		open_marks(lfirst(lc));
}

/* Prepare for the items of a record, in the current context. */
void
batch_items_open(BatchRecord *r)
{
	r->items = palloc0(r->nslots * sizeof(BatchItems));
	open_marks(&r->root);
}

/*
 * Begin a value: an element of [*] keeps what the ones before it had, any other
 * forgets what it had before.  In an array that [*] goes into there may be items.
 */
void
batch_items_begin(BatchRecord *r, const BatchNode *node, bool is_array)
{
	const BatchNode *around = node->around;

	for (int i = node->first_slot; i < node->last_slot; i++)
	{
		if (node == around)
			around->marks[i - around->first_slot] = r->items[i].count;
		else
			r->items[i].count = around ? around->marks[i - around->first_slot] : -1;
	}
	if (is_array && node->all != NULL)
		for (int i = node->all->first_slot; i < node->all->last_slot; i++)
			r->items[i].count = Max(r->items[i].count, 0);
}

/* Add an item, unless it was added last: a value may be scanned again. */
void
batch_items_add(BatchRecord *r, const BatchNode *node, BatchSlice value)
{
	BatchItems *items = &r->items[node->slot];
	BatchItem  *item = items->room.ptr;
	uint32		place = value.ptr - r->t.text;

	if (items->count > 0 && item[items->count - 1].place == place)
		return;
	if (items->room.ptr == NULL)
		item = batch_room_reserve(&items->room, r->cxt, FIRST_ITEMS * sizeof(BatchItem));
	else if ((Size) items->count >= items->room.size / sizeof(BatchItem))
		item = batch_room_double(&items->room);
	item[items->count].place = place;
	item[items->count++].len = value.len;
}

/* Tell whether a path, by its number, names many values. */
bool
batch_items_are_of(const BatchRecord *r, int path)
{
	return r->nodes[path]->around != NULL;
}

/* Open what a path with [*] names, to be given by batch_array_next; false for no array. */
bool
batch_items_find(const BatchRecord *r, int path, BatchArray *e)
{
	const BatchItems *items = &r->items[r->nodes[path]->slot];

	memset(e, 0, sizeof(*e));
	e->is_array = items->count >= 0;
	e->text = r->t.text;
	e->items = items->room.ptr;
	e->nitems = items->count;
	e->done = items->count <= 0;
	return e->is_array;
}

/* Free what the items of a long record needed. */
void
batch_items_release(BatchRecord *r)
{
	for (int i = 0; i < r->nslots; i++)
		if (r->items[i].room.ptr != NULL)
			batch_room_release(&r->items[i].room);
}
