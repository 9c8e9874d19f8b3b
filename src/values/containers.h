/*
 * containers.h
 *	  What jsonb.c and containers.c share: jsonb that is being written.
 */
#ifndef BATCH_CONTAINERS_H
#define BATCH_CONTAINERS_H

#include "postgres.h"

#include "json/tape.h"
#include "values/forms.h"

/* An array or object that is being written. */
typedef struct BatchFrame
{
	char	   *start;			/* where its padding begins */
	JEntry	   *entry;			/* of the next child */
	JEntry	   *stride;			/* that comes next of those with an offset */
	char	   *data;			/* behind its entries */
	const BatchToken *child;	/* of an array: the next element */
	const uint32 *key;			/* of an object: the next value's key; else NULL */
	uint32		npairs;			/* of an object */
} BatchFrame;

/* What is being written, with room for all of it. */
typedef struct BatchWriting
{
	const BatchTape *from;
	BatchForms *forms;
	char	   *buffer;
	char	   *out;			/* where to go on */
	uint32	   *keys;			/* the sorted keys of the open objects: tokens */
	uint32		nkeys;
	BatchFrame *frames;			/* the open containers */
	Node	   *escontext;
	bool		failed;			/* it does not fit; escontext keeps why */
} BatchWriting;

extern void batch_containers_write(BatchWriting *w, const BatchToken *token);

#endif							/* BATCH_CONTAINERS_H */
