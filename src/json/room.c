/*
 * room.c
 *	  Memory that is used again and again.
 */
#include "json/tape.h"

#include "utils/memutils.h"

#define MOST_KEPT	(1024 * 1024)	/* bytes of a room, from one text to the next */

/* Give memory of at least a size, with any content; it is kept for the next time. */
void *
batch_room_reserve(BatchRoom *room, MemoryContext cxt, Size size)
{
	if (room->size >= size)
		return room->ptr;
	if (room->ptr != NULL)
		pfree(room->ptr);
	room->ptr = NULL;
	room->size = 0;
	size += size / 4;
	room->ptr = MemoryContextAllocHuge(cxt, size);
	room->size = size;
	return room->ptr;
}

/* Make a room that is not empty twice as large, keeping its content. */
void *
batch_room_double(BatchRoom *room)
{
	room->ptr = repalloc_huge(room->ptr, 2 * room->size);
	room->size *= 2;
	return room->ptr;
}

/* Free what one long text needed: it is not kept for short ones. */
void
batch_room_release(BatchRoom *room)
{
	if (room->size <= MOST_KEPT)
		return;
	pfree(room->ptr);
	room->ptr = NULL;
	room->size = 0;
}
