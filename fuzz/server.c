/*
 * server.c
 *	  What the sources under test need of a backend, and no more.
 *
 * Every palloc is a malloc of its own, so that ASan sees what is read or
 * written beside it; what is left of them is freed after each input.  New
 * memory is filled with a byte that differs from run to run: what is read
 * before it is written makes two runs differ.  An error jumps to fuzz_try.
 */
#include "fuzz.h"

#include <setjmp.h>

#include "nodes/pg_list.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#define MOST_FILLED	4096		/* bytes of a chunk, for speed */
#define POISON(p, n)	__asan_poison_memory_region(p, n)
#define UNPOISON(p, n)	__asan_unpoison_memory_region(p, n)

extern void __asan_poison_memory_region(void const volatile *p, size_t n);
extern void __asan_unpoison_memory_region(void const volatile *p, size_t n);

/* What stands, poisoned, before each chunk. */
typedef struct Chunk
{
	struct Chunk *next;
	struct Chunk *previous;
	size_t		size;
	size_t		unused;			/* keeps what follows aligned */
} Chunk;

static MemoryContextCallback *callbacks;	/* of the one context */
static Chunk chunks = {&chunks, &chunks, 0, 0};
static unsigned char filling;
static jmp_buf *handler;
static int	sqlstate;
static char message[1024];
static char detail[1024];

MemoryContext CurrentMemoryContext;
volatile sig_atomic_t InterruptPending;

/* ---- Errors ---- */

/* Call a function; gives the SQLSTATE of its error, or 0. */
int
fuzz_try(void (*function) (void *arg), void *arg)
{
	jmp_buf		here;

	handler = &here;
	sqlstate = 0;
	message[0] = detail[0] = '\0';
	if (setjmp(here) == 0)
		function(arg);
	handler = NULL;
	return sqlstate;
}

/* Tell the message of the last error. */
const char *
fuzz_message(void)
{
	return message;
}

/* Tell the detail of the last error. */
const char *
fuzz_detail(void)
{
	return detail;
}

/* Say what does not hold, and stop as a sanitizer would. */
void
fuzz_fail(const char *format,...)
{
	va_list		args;

	va_start(args, format);
	fprintf(stderr, "FINDING: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	abort();
}

/* Write a SQLSTATE as users know it. */
char *
unpack_sql_state(int state)
{
	char	   *text = palloc0(6);

	for (int i = 0; i < 5; i++)
		text[i] = PGUNSIXBIT(state >> 6 * i);
	return text;
}

bool
errstart(int elevel, const char *domain)
{
	(void) domain;
	sqlstate = elevel >= ERROR ? ERRCODE_INTERNAL_ERROR : sqlstate;
	return elevel >= ERROR;
}

bool
errstart_cold(int elevel, const char *domain)
{
	return errstart(elevel, domain);
}

void
errfinish(const char *filename, int lineno, const char *funcname)
{
	EXPECT(handler != NULL, "error outside of fuzz_try: %s (%s, %d, %s)", message, filename,
		   lineno, funcname);
	longjmp(*handler, 1);
}

int
errcode(int code)
{
	sqlstate = code;
	return 0;
}

/* Format a text as errmsg and its like do; the sanitizer reads its arguments. */
static void
format_text(char *out, size_t size, const char *format, va_list args)
{
	vsnprintf(out, size, format, args);
}

int
errmsg(const char *format,...)
{
	va_list		args;

	va_start(args, format);
	format_text(message, sizeof(message), format, args);
	va_end(args);
	return 0;
}

int
errmsg_internal(const char *format,...)
{
	va_list		args;

	va_start(args, format);
	format_text(message, sizeof(message), format, args);
	va_end(args);
	return 0;
}

int
errdetail(const char *format,...)
{
	va_list		args;

	va_start(args, format);
	format_text(detail, sizeof(detail), format, args);
	va_end(args);
	return 0;
}

int
errhint(const char *format,...)
{
	(void) format;
	return 0;
}

#if PG_VERSION_NUM >= 160000

bool
errsave_start(struct Node *context, const char *domain)
{
	EXPECT(context == NULL, "no harness keeps errors");
	return errstart(ERROR, domain);
}

void
errsave_finish(struct Node *context, const char *filename, int lineno, const char *funcname)
{
	(void) context;
	errfinish(filename, lineno, funcname);
}

void
ExceptionalCondition(const char *condition, const char *filename, int line)
{
	fuzz_fail("Assert(%s) at %s:%d", condition, filename, line);
}

#else

void
ExceptionalCondition(const char *condition, const char *type, const char *filename, int line)
{
	fuzz_fail("%s: Assert(%s) at %s:%d", type, condition, filename, line);
}

#endif

void
ProcessInterrupts(void)
{
}

/* ---- Memory ---- */

/* Give the chunk of a pointer, to look at. */
static Chunk *
open_chunk(void *p)
{
	Chunk	   *chunk = (Chunk *) p - 1;

	UNPOISON(chunk, sizeof(Chunk));
	return chunk;
}

void *
palloc(Size size)
{
	Chunk	   *chunk = malloc(sizeof(Chunk) + size);

	EXPECT(chunk != NULL, "no memory for %zu bytes", size);
	chunk->size = size;
	chunk->next = chunks.next;
	chunk->previous = &chunks;
	if (chunk->next != &chunks)
		UNPOISON(chunk->next, sizeof(Chunk));
	chunk->next->previous = chunk;
	if (chunk->next != &chunks)
		POISON(chunk->next, sizeof(Chunk));
	chunks.next = chunk;
	memset(chunk + 1, filling, Min(size, MOST_FILLED));
	POISON(chunk, sizeof(Chunk));
	return chunk + 1;
}

void
pfree(void *p)
{
	Chunk	   *chunk = open_chunk(p);
	Chunk	   *next = chunk->next;
	Chunk	   *previous = chunk->previous;

	if (next != &chunks)
		UNPOISON(next, sizeof(Chunk));
	next->previous = previous;
	if (next != &chunks)
		POISON(next, sizeof(Chunk));
	if (previous != &chunks)
		UNPOISON(previous, sizeof(Chunk));
	previous->next = next;
	if (previous != &chunks)
		POISON(previous, sizeof(Chunk));
	free(chunk);
}

void
MemoryContextRegisterResetCallback(MemoryContext cxt, MemoryContextCallback *callback)
{
	(void) cxt;
	callback->next = callbacks;
	callbacks = callback;
}

/* Free all that was allocated, and fill what will be with another byte. */
void
fuzz_reset(void)
{
	for (; callbacks != NULL; callbacks = callbacks->next)
		callbacks->func(callbacks->arg);
	while (chunks.next != &chunks)
		pfree(chunks.next + 1);
	filling = filling * 5 + 0x5b;
}

void *
repalloc(void *p, Size size)
{
	size_t		old = open_chunk(p)->size;
	void	   *moved;

	POISON((Chunk *) p - 1, sizeof(Chunk));
	moved = palloc(size);
	memcpy(moved, p, Min(old, size));
	pfree(p);
	return moved;
}

void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

void *
palloc_extended(Size size, int flags)
{
	return (flags & MCXT_ALLOC_ZERO) ? palloc0(size) : palloc(size);
}

void *
MemoryContextAllocExtended(MemoryContext cxt, Size size, int flags)
{
	(void) cxt;
	return palloc_extended(size, flags);
}

void *
MemoryContextAllocZero(MemoryContext cxt, Size size)
{
	(void) cxt;
	return palloc0(size);
}

void *
MemoryContextAllocHuge(MemoryContext cxt, Size size)
{
	(void) cxt;
	return palloc(size);
}

void *
repalloc_huge(void *p, Size size)
{
	return repalloc(p, size);
}

char *
pnstrdup(const char *text, Size len)
{
	char	   *copy;

	len = strnlen(text, len);
	copy = palloc(len + 1);
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *
pstrdup(const char *text)
{
	return pnstrdup(text, strlen(text));
}

/*
 * Give memory of exactly a size: jsonb.c is compiled to call this instead of
 * batch_room_reserve, whose rooms are larger than what was asked for.
 */
void *
fuzz_room_reserve(BatchRoom *room, MemoryContext cxt, Size size)
{
	(void) cxt;
	if (room->ptr != NULL)
		pfree(room->ptr);
	room->ptr = palloc(size);
	room->size = size;
	return room->ptr;
}

/* ---- Lists ---- */

List *
lappend(List *list, void *datum)
{
	int			n = list_length(list);
	List	   *longer = palloc(sizeof(List));

	longer->type = T_List;
	longer->length = longer->max_length = n + 1;
	longer->elements = palloc((n + 1) * sizeof(ListCell));
	if (n > 0)
		memcpy(longer->elements, list->elements, n * sizeof(ListCell));
	longer->elements[n].ptr_value = datum;
	return longer;
}

/* Lists are never changed in place here. */
List *
list_copy(const List *list)
{
	return unconstify(List *, list);
}

List *
list_make1_impl(NodeTag type, ListCell datum)
{
	(void) type;
	return lappend(NIL, datum.ptr_value);
}

/* ---- Functions ---- */

Datum
numeric_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	char	   *numeric = fuzz_numeric_make(text, strlen(text));

	if (numeric == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value overflows numeric format")));
	return PointerGetDatum(numeric);
}

#if PG_VERSION_NUM >= 160000

bool
DirectInputFunctionCallSafe(PGFunction function, char *text, Oid ioparam, int32 typmod,
							Node *escontext, Datum *result)
{
	LOCAL_FCINFO(fcinfo, 3);

	(void) escontext;
	InitFunctionCallInfoData(*fcinfo, NULL, 3, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = CStringGetDatum(text);
	fcinfo->args[1].value = ObjectIdGetDatum(ioparam);
	fcinfo->args[2].value = Int32GetDatum(typmod);
	*result = function(fcinfo);
	return true;
}

#else

Datum
DirectFunctionCall3Coll(PGFunction function, Oid collation, Datum a, Datum b, Datum c)
{
	LOCAL_FCINFO(fcinfo, 3);

	InitFunctionCallInfoData(*fcinfo, NULL, 3, collation, NULL, NULL);
	fcinfo->args[0].value = a;
	fcinfo->args[1].value = b;
	fcinfo->args[2].value = c;
	return function(fcinfo);
}

#endif

/* ---- Encodings ---- */

/* Say by turns that strings stay as they are and that they do not. */
bool
batch_text_is_utf8(void)
{
	static bool is = false;

	is = !is;
	return is;
}

/* Stand in for a conversion that gives the same characters, elsewhere. */
char *
batch_text_enter(char *text, size_t len, Node *escontext)
{
	(void) escontext;
	for (size_t i = 0; i < len; i++)
		if (IS_HIGHBIT_SET(text[i]))
			return memcpy(palloc(len + 1), text, len + 1);
	return text;
}
