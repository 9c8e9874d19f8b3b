/*
 * array.c
 *	  The text of a JSON array --> the texts of its elements.
 *
 * Only structure is followed here: strings, brackets and the commas between
 * elements.  Whether an element is valid JSON is for record.c to say.
 */
#include "json/json.h"

#include "miscadmin.h"

#define LOOK_EVERY	(1024 * 1024)	/* bytes between looks for interrupts */

/*
 * Find the comma or bracket that ends the current element; NULL where it does
 * not end before the text does, and the search goes on with more text.
 *
 * The splitter begins as zeros, and again after each element.
 */
const char *
batch_array_find_end(BatchSplitter *s, const char *p, const char *end)
{
	for (; p < end; p++)
	{
		if (s->in_string)
		{
			if (s->escaped)
				s->escaped = false;
			else if (*p == '\\')
				s->escaped = true;
			else if (*p == '"')
				s->in_string = false;
		}
		else if (*p == '"')
			s->in_string = true;
		else if (*p == '{' || *p == '[')
			s->depth++;
		else if (s->depth == 0 && (*p == ',' || *p == ']' || *p == '}'))
			return p;
		else if (*p == '}' || *p == ']')
			s->depth--;
	}
	return NULL;
}

/* Cut white space (RFC 8259, 2) off both ends of a text. */
BatchSlice
batch_array_trim(const char *p, const char *end)
{
	BatchSlice	slice;

	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	while (end > p && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\n' || end[-1] == '\r'))
		end--;
	slice.ptr = p;
	slice.len = end - p;
	return slice;
}

/*
 * Open the elements of a valid JSON text: of an array its elements, of any
 * other value that value itself, of nothing none.
 */
void
batch_array_open(BatchArray *e, BatchSlice text)
{
	memset(e, 0, sizeof(*e));
	e->rest = text;
	if (text.ptr != NULL)
		e->rest = batch_array_trim(text.ptr, text.ptr + text.len);
	e->is_array = e->rest.len > 0 && *e->rest.ptr == '[';
	e->done = e->rest.len == 0;
	if (e->is_array)
	{
		e->rest.ptr++;
		e->rest.len--;
	}
}

/* Find the end of an element, which may be a long way off; NULL for none. */
static const char *
find_far_end(const char *p, const char *limit)
{
	BatchSplitter splitter = {0};
	const char *end = NULL;

	while (p < limit && end == NULL)
	{
		const char *stop = p + Min(limit - p, LOOK_EVERY);

		CHECK_FOR_INTERRUPTS();
		end = batch_array_find_end(&splitter, p, stop);
		p = stop;
	}
	return end;
}

/* Give the next element; false at the end. */
bool
batch_array_next(BatchArray *e, BatchSlice *element)
{
	const char *start = e->rest.ptr;
	const char *limit = start + e->rest.len;
	const char *end;

	if (e->done)
		return false;
	if (e->items != NULL)
	{
		element->ptr = e->text + e->items->place;
		element->len = e->items->len;
		e->items++;
		e->done = --e->nitems == 0;
		return true;
	}
	if (!e->is_array)
	{
		*element = e->rest;
		e->done = true;
		return true;
	}
	end = find_far_end(start, limit);
	e->done = end == NULL || *end != ',';
	*element = batch_array_trim(start, end ? end : limit);
	if (!e->done)
	{
		e->rest.ptr = end + 1;
		e->rest.len = limit - e->rest.ptr;
	}
	return element->len > 0;
}

/* Tell whether a valid JSON text is an object without any member. */
bool
batch_array_is_empty_object(BatchSlice value)
{
	value = batch_array_trim(value.ptr, value.ptr + value.len);
	return value.len > 0 && *value.ptr == '{' &&
		batch_array_trim(value.ptr + 1, value.ptr + value.len - 1).len == 0;
}

/* Count the elements of an array; 0 for a text that is NULL. */
int64
batch_array_count(BatchSlice text)
{
	BatchArray	e;
	BatchSlice	element;
	int64		n = 0;

	batch_array_open(&e, text);
	while (batch_array_next(&e, &element))
	{
		CHECK_FOR_INTERRUPTS();
		n++;
	}
	return n;
}
