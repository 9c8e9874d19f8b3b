/*
 * forms.h
 *	  What jsonb.c and forms.c share: the members of an object.
 */
#ifndef BATCH_FORMS_H
#define BATCH_FORMS_H

#include "postgres.h"

#include "json/tape.h"

/* What a harness sets so that short texts are written as long ones are. */
#ifndef BATCH_MANY_PAIRS
#define BATCH_MANY_PAIRS 65536	/* of an object, sorted without more memory */
#endif

typedef struct BatchForms BatchForms;

/* What all objects with the same known keys in the same order begin with. */
typedef struct BatchForm
{
	uint32		npairs;
	uint32		len;			/* bytes of all keys */
	uint32		hash;
	uint32	   *heads;			/* of the keys' tokens, in the order of the text */
	uint8	   *ranks;			/* of the keys, in the order of jsonb */
	JEntry	   *entries;		/* of the keys, sorted; BATCH_SLACK bytes behind it */
	char	   *keys;			/* their characters, sorted; BATCH_SLACK bytes behind it */
} BatchForm;

/* forms.c */
extern BatchForms *batch_forms_open(void);
extern uint32 batch_forms_sort(BatchForms *m, const BatchTape *tape,
								 uint32 key, uint32 npairs, uint32 *keys);
extern const BatchForm *batch_forms_find(BatchForms *m, const BatchTape *tape,
												uint32 key, uint32 npairs, uint32 *keys);
extern void batch_forms_release(BatchForms *m);

/* many.c */
extern uint32 batch_many_sort(const BatchTape *tape, uint32 key, uint32 npairs,
							  uint32 *keys);

/* Give the bytes of a key. */
static inline uint32
batch_forms_len(const BatchToken *key)
{
	return BATCH_TOKEN_TYPE(key) == BATCH_TOKEN_IS_KEY ? key->head & 0xFF : BATCH_TOKEN_LEN(key);
}

#endif							/* BATCH_FORMS_H */
