/*
 * record_fuzz.c
 *	  record.c and jsonb.c hold to what PostgreSQL's own parser makes of a text,
 *	  with SSE2 and without, in the way of short texts and in that of long ones.
 *
 * The input is one to sixteen records, 0xFF between them, which one reader and
 * one writer take in turn.
 */
#include "fuzz.h"

#define SEPARATOR	0xFF
#define MOST_TEXTS	16
#define LENGTHOF(a) ((int) (sizeof(a) / sizeof((a)[0])))

#define KEY(name)	{.kind = BATCH_STEP_KEY, .key = (name), .keylen = sizeof(name) - 1}
#define ELEMENT(n)	{.kind = BATCH_STEP_INDEX, .index = (n)}

/* The sources, compiled without SSE2 and with other names. */
extern __typeof__(batch_record_open) twin_batch_record_open;
extern __typeof__(batch_record_next) twin_batch_record_next;
extern __typeof__(batch_record_get_any) twin_batch_record_get_any;
extern __typeof__(batch_record_get) twin_batch_record_get;
extern __typeof__(batch_record_raise) twin_batch_record_raise;
extern __typeof__(batch_jsonb_open) twin_batch_jsonb_open;
extern __typeof__(batch_jsonb_make) twin_batch_jsonb_make;

/* One build of the sources, and what is open of it. */
typedef struct Build
{
	__typeof__(batch_record_open) *open;
	__typeof__(batch_record_next) *next;
	__typeof__(batch_record_get_any) *get_any;
	__typeof__(batch_record_get) *get;
	__typeof__(batch_record_raise) *raise;
	__typeof__(batch_jsonb_open) *open_jsonb;
	__typeof__(batch_jsonb_make) *make;
	BatchRecord *record;
	BatchJsonb *jsonb;
} Build;

/* A call that may raise. */
typedef struct Call
{
	Build	   *build;
	BatchSlice	text;
	char	   *jsonb;
} Call;

static Build builds[] = {
	{batch_record_open, batch_record_next, batch_record_get_any, batch_record_get,
	batch_record_raise, batch_jsonb_open, batch_jsonb_make, NULL, NULL},
	{twin_batch_record_open, twin_batch_record_next, twin_batch_record_get_any, twin_batch_record_get,
	twin_batch_record_raise, twin_batch_jsonb_open, twin_batch_jsonb_make, NULL, NULL}
};

static const struct
{
	int			nsteps;
	BatchStep	steps[3];
}			paths[] = {
	{0, {{0}}},
	{1, {KEY("a")}},
	{2, {KEY("a"), KEY("b")}},
	{2, {KEY("a"), KEY("a")}},
	{2, {KEY("a"), ELEMENT(1)}},
	{1, {KEY("b")}},
	{3, {KEY("data"), KEY("items"), ELEMENT(0)}},
	{2, {KEY("data"), KEY("name")}},
	{1, {KEY("")}},
	{1, {KEY("\xc3\xa9")}},
	{1, {ELEMENT(0)}},
	{2, {ELEMENT(1), KEY("a")}},
	{2, {ELEMENT(1), ELEMENT(0)}}
};

/* Make the paths. */
static List *
make_paths(void)
{
	List	   *list = NIL;

	for (int i = 0; i < LENGTHOF(paths); i++)
		list = lappend(list, fuzz_path_make(paths[i].nsteps, paths[i].steps));
	return list;
}

/* Raise the error of a record that was refused. */
static void
raise_error(void *arg)
{
	Call	   *call = arg;

	call->build->raise(call->build->record, NULL);
}

/* Make jsonb of a text. */
static void
make_jsonb(void *arg)
{
	Call	   *call = arg;

	call->jsonb = DatumGetPointer(call->build->make(call->build->jsonb, call->text, NULL));
}

/* Check that a path names what it has to. */
static void
check_slice(const Build *build, int path, List *list, const Model *m)
{
	BatchSlice	slice = build->get(build->record, path);
	BatchSlice	any = build->get_any(build->record, path);
	ModelNode  *node;

	EXPECT(builds[0].get_any(builds[0].record, path).ptr == any.ptr &&
		   builds[0].get(builds[0].record, path).ptr == slice.ptr &&
		   builds[0].get(builds[0].record, path).len == slice.len,
		   "the builds differ in path %d", path);
	if (m->root == NULL)
		return;
	node = fuzz_model_find(m->root, list_nth(list, path));
	EXPECT((any.ptr != NULL) == (node != NULL), "path %d: there is %d", path, node == NULL);
	if (node == NULL || node->kind == MODEL_NULL)
		EXPECT(slice.ptr == NULL && slice.len == 0, "path %d names what is not there", path);
	else
		EXPECT(slice.ptr == node->slice.ptr && slice.len == node->slice.len,
			   "path %d names another value", path);
}

/* Check one record by one build; gives its jsonb, or NULL. */
static char *
check_text(Build *build, BatchSlice text, List *list, const Model *m)
{
	Call		call = {build, text, NULL};
	bool		accepted = build->next(build->record, text);
	int			state = accepted ? 0 : fuzz_try(raise_error, &call);

	EXPECT(state == m->json_state, "json: SQLSTATE %s, not %s: %s", unpack_sql_state(state),
		   unpack_sql_state(m->json_state), fuzz_message());
	if (!accepted)
		return NULL;
	for (int i = 0; i < LENGTHOF(paths); i++)
		check_slice(build, i, list, m);
	state = fuzz_try(make_jsonb, &call);
	EXPECT(state == m->jsonb_state, "jsonb: SQLSTATE %s, not %s: %s", unpack_sql_state(state),
		   unpack_sql_state(m->jsonb_state), fuzz_message());
	if (call.jsonb != NULL)
		fuzz_jsonb_check(call.jsonb, m->root);
	return call.jsonb;
}

/* Check one record by all builds. */
static void
check_record(const uint8 *bytes, size_t len, List *list)
{
	char	   *copy = palloc(len);
	BatchSlice	text = {copy, len};
	Model		m;
	char	   *first = NULL;

	memcpy(copy, bytes, len);
	m = fuzz_model_read(text);
	for (int i = 0; i < LENGTHOF(builds); i++)
	{
		char	   *jsonb = check_text(&builds[i], text, list, &m);

		if (i == 0)
			first = jsonb;
		else
			EXPECT((jsonb == NULL) == (first == NULL) &&
				   (jsonb == NULL || (VARSIZE(jsonb) == VARSIZE(first) &&
									  memcmp(jsonb, first, VARSIZE(first)) == 0)),
				   "the builds make different jsonb");
	}
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	List	   *list = make_paths();

	for (int i = 0; i < LENGTHOF(builds); i++)
	{
		builds[i].record = builds[i].open(list);
		builds[i].jsonb = builds[i].open_jsonb();
	}
	for (int i = 0; i < MOST_TEXTS; i++)
	{
		const uint8 *end = size > 0 ? memchr(data, SEPARATOR, size) : NULL;
		size_t		len = end ? (size_t) (end - data) : size;

		check_record(data, len, list);
		if (end == NULL)
			break;
		data += len + 1;
		size -= len + 1;
	}
	fuzz_reset();
	return 0;
}
