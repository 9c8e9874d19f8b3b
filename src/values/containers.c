/*
 * containers.c
 *	  A tape --> the bytes of jsonb: its arrays and objects, one in the other.
 *
 * They are written one by one: a header, an entry for each child, the children's
 * data (utils/jsonb.h).  An object's members are in the order that forms.c gives;
 * of a form that it knows all that is of keys is copied at once.
 */
#include "compat.h"
#include "values/containers.h"
#include "values/values.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define MOST_ELEMENTS	Min(MaxAllocSize / sizeof(JsonbValue), JB_CMASK)
#define MOST_PAIRS		Min(MaxAllocSize / sizeof(JsonbPair), JB_CMASK)

/* Append zeros up to a multiple of four bytes; gives where. */
static pg_attribute_always_inline char *
pad_out(const BatchWriting *w, char *out)
{
	memset(out, 0, 4);
	return out + ((w->buffer - out) & 3);
}

/* Copy bytes in whole vectors, for which there is slack on both sides. */
static pg_attribute_always_inline void
copy_bytes(char *out, const char *from, uint32 len)
{
	memcpy(out, from, BATCH_SLACK);
	if (unlikely(len > BATCH_SLACK))
		memcpy(out + BATCH_SLACK, from + BATCH_SLACK, len - BATCH_SLACK);
}

/* Write the numeric of a number that is no plain decimal; gives its bytes. */
static pg_noinline uint32
write_unplain(const BatchWriting *w, char *out, const char *number)
{
	uint32		whole;
	BatchSlice	slice = {number, batch_number_measure(number, w->from->end, &whole) - number};
	char	   *numeric = DatumGetPointer(batch_number_make(slice, NULL));
	uint32		len = VARSIZE(numeric);

	memcpy(out, numeric, len);
	pfree(numeric);
	return len;
}

/* Write a numeric; gives the place behind it. */
static pg_attribute_always_inline char *
write_number(const BatchWriting *w, char *out, const BatchToken *token)
{
	BatchSlice	number = {w->from->text + token->place, BATCH_TOKEN_BYTES(token)};
	uint32		whole = BATCH_TOKEN_WHOLE(token);

	if (unlikely(whole == 0))
		return out + write_unplain(w, out, number.ptr);
	if (likely(token->place >= BATCH_NUMBER_NEAR))
		return out + batch_number_write_near(out, number, whole);
	return out + batch_number_write(out, number, whole);
}

/* Keep the first error, that a container is too large for an entry. */
static pg_noinline void
refuse_size(BatchWriting *w)
{
	if (!w->failed)
		errsave(w->escontext,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("an array or object is too large for jsonb"),
				 errdetail("It takes more than %d bytes.", JENTRY_OFFLENMASK)));
	w->failed = true;
}

/* Keep the first error, that a container has too many children. */
static pg_noinline void
refuse_count(BatchWriting *w, uint32 count, Size most)
{
	if (!w->failed)
		errsave(w->escontext,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("an array or object is too large for jsonb"),
				 errdetail("It has %u elements, and at most %zu are possible.",
						   count, most)));
	w->failed = true;
}

/*
 * Fill in the entry of the next child: its length, or at each stride where it
 * ends, which is at out.
 */
static pg_attribute_always_inline void
add_entry(BatchFrame *f, uint32 type, uint32 len, const char *out)
{
	if (unlikely(f->entry == f->stride))
	{
		CHECK_FOR_INTERRUPTS();
		f->stride += JB_OFFSET_STRIDE;
		len = (uint32) (out - f->data) | JENTRY_HAS_OFF;
	}
	*f->entry++ = type | len;
}

/* Append a header with room for so many entries of a frame. */
static pg_attribute_always_inline void
write_header(BatchWriting *w, BatchFrame *f, uint32 header, uint32 nentries)
{
	memcpy(w->out, &header, sizeof(header));
	f->entry = f->stride = (JEntry *) (w->out + sizeof(header));
	w->out = f->data = (char *) (f->entry + nentries);
}

/* Begin an array of children, the first of which is given. */
static inline void
begin_array(BatchWriting *w, BatchFrame *f, const BatchToken *child, uint32 count, uint32 flags)
{
	if (unlikely(count > MOST_ELEMENTS))
	{
		refuse_count(w, count, MOST_ELEMENTS);
		return;
	}
	f->child = child;
	f->key = NULL;
	f->npairs = 0;
	write_header(w, f, count | flags, count);
}

/* Append the keys of an object, one by one, as they are sorted. */
static void
write_keys(BatchWriting *w, BatchFrame *f)
{
	for (uint32 i = 0; i < f->npairs; i++)
	{
		const BatchToken *key = &w->from->tokens[f->key[i]];
		uint32		len = batch_forms_len(key);

		copy_bytes(w->out, batch_tape_text(w->from, key), len);
		w->out += len;
		add_entry(f, JENTRY_ISSTRING, len, w->out);
	}
}

/* Append the keys of an object at once. */
static pg_attribute_always_inline void
copy_keys(BatchWriting *w, BatchFrame *f, const BatchForm *form)
{
	uint32		npairs = form->npairs;
	uint32		len = form->len;
	JEntry	   *entries = f->entry;

	copy_bytes((char *) entries, (const char *) form->entries, npairs * sizeof(JEntry));
	copy_bytes(f->data, form->keys, len);
	f->entry = entries + npairs;
	f->stride = entries + TYPEALIGN(JB_OFFSET_STRIDE, npairs);
	w->out = f->data + len;
}

/* Begin an object: its keys are written, its values are left to be. */
static inline void
begin_object(BatchWriting *w, BatchFrame *f, uint32 child, uint32 count)
{
	uint32	   *keys = w->keys + w->nkeys;
	const BatchForm *form = NULL;

	if (unlikely(count > MOST_PAIRS))
	{
		refuse_count(w, count, MOST_PAIRS);
		return;
	}
	if (likely(count > 0))
	{
		form = batch_forms_find(w->forms, w->from, child, count, keys);
		if (unlikely(form == NULL))
			count = batch_forms_sort(w->forms, w->from, child, count, keys);
	}
	f->key = keys;
	f->npairs = count;
	w->nkeys += count;
	write_header(w, f, count | JB_FOBJECT, 2 * count);
	if (likely(form != NULL))
		copy_keys(w, f, form);
	else
		write_keys(w, f);
}

/* Begin an array or object. */
static inline void
begin_container(BatchWriting *w, BatchFrame *f, const BatchToken *token)
{
	f->start = w->out;
	w->out = pad_out(w, w->out);
	if (token->head & BATCH_TOKEN_OBJECT)
		begin_object(w, f, token + 1 - w->from->tokens, BATCH_TOKEN_LEN(token) / 2);
	else
		begin_array(w, f, token + 1, BATCH_TOKEN_LEN(token), JB_FARRAY);
}

/* End an array or object; gives its bytes, padding included. */
static inline uint32
end_container(BatchWriting *w, BatchFrame *f)
{
	if (w->out - f->start > JENTRY_OFFLENMASK)
		refuse_size(w);
	w->nkeys -= f->npairs;
	return w->out - f->start;
}

/*
 * Append children up to the next one that is an array or object, and give that;
 * or NULL where none is left.
 */
static pg_attribute_always_inline const BatchToken *
write_children(BatchWriting *w, BatchFrame *frame, const bool is_object)
{
	const BatchTape *from = w->from;
	const BatchToken *container = NULL;
	BatchFrame	f = *frame;
	char	   *out = w->out;

	while (f.entry < (JEntry *) f.data)
	{
		const BatchToken *token = is_object ? &from->tokens[*f.key++ + 1] : f.child++;
		uint32		type = BATCH_TOKEN_TYPE(token);
		char	   *start = out;

		if (type == JENTRY_ISSTRING)
		{
			copy_bytes(out, batch_tape_text(from, token), BATCH_TOKEN_LEN(token));
			out += BATCH_TOKEN_LEN(token);
		}
		else if (type == JENTRY_ISNUMERIC)
			out = write_number(w, pad_out(w, out), token);
		else if (type == JENTRY_ISCONTAINER)
		{
			container = token;
			break;
		}
		add_entry(&f, type, out - start, out);
	}
	w->out = out;
	frame->entry = f.entry;
	frame->stride = f.stride;
	if (is_object)
		frame->key = f.key;
	else if (container != NULL)
		frame->child = &from->tokens[container->place];
	return container;
}

/*
 * Append the arrays and objects of the tape from a token on, without recursion, up
 * to one that does not fit: there is room for them all.
 */
void
batch_containers_write(BatchWriting *w, const BatchToken *token)
{
	BatchFrame *f = w->frames;

	f->start = w->out;
	if (BATCH_TOKEN_TYPE(token) == JENTRY_ISCONTAINER)
		begin_container(w, f, token);
	else
		begin_array(w, f, token, 1, JB_FARRAY | JB_FSCALAR);
	while (!w->failed)
	{
		uint32		len;

		token = f->key != NULL ? write_children(w, f, true) : write_children(w, f, false);
		if (token != NULL)
		{
			begin_container(w, ++f, token);
			continue;
		}
		len = end_container(w, f);
		if (f == w->frames)
			break;
		add_entry(--f, JENTRY_ISCONTAINER, len, w->out);
	}
}
