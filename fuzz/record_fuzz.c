/*
 * record_fuzz.c
 *	  record.c, fast.c and jsonb.c hold to what PostgreSQL's own parser makes of a
 *	  text, with SSE2 and without, in the way of short texts and in that of long ones.
 *
 * The input is one to sixteen records, 0xFF between them, which a reader and a
 * writer take in turn, twice: what was learnt the first time is foretold then.
 * The scan of fast.c has BATCH_PADDING bytes behind the record, which go on as
 * the record begins; that of record.c alone has none.
 */
#include "fuzz.h"

#define SEPARATOR	0xFF
#define MOST_TEXTS	16
#define LENGTHOF(a) ((int) (sizeof(a) / sizeof((a)[0])))

#define KEY(name)	{.kind = BATCH_STEP_KEY, .key = (name), .keylen = sizeof(name) - 1}
#define ELEMENT(n)	{.kind = BATCH_STEP_INDEX, .index = (n)}
#define ALL			{.kind = BATCH_STEP_ALL}

/* The sources, compiled without SSE2 and with other names. */
extern __typeof__(batch_record_open) twin_batch_record_open;
extern __typeof__(batch_record_next) twin_batch_record_next;
extern __typeof__(batch_record_next_padded) twin_batch_record_next_padded;
extern __typeof__(batch_record_get_any) twin_batch_record_get_any;
extern __typeof__(batch_record_get) twin_batch_record_get;
extern __typeof__(batch_record_raise) twin_batch_record_raise;
extern __typeof__(batch_record_release) twin_batch_record_release;
extern __typeof__(batch_items_find) twin_batch_items_find;
extern __typeof__(batch_jsonb_open) twin_batch_jsonb_open;
extern __typeof__(batch_jsonb_follow) twin_batch_jsonb_follow;
extern __typeof__(batch_jsonb_make) twin_batch_jsonb_make;

/* One build of the sources, and what is open of it. */
typedef struct Build
{
	__typeof__(batch_record_open) *open;
	__typeof__(batch_record_next) *next;
	__typeof__(batch_record_get_any) *get_any;
	__typeof__(batch_record_get) *get;
	__typeof__(batch_record_raise) *raise;
	__typeof__(batch_record_release) *release;
	__typeof__(batch_items_find) *find_items;
	__typeof__(batch_jsonb_open) *open_jsonb;
	__typeof__(batch_jsonb_follow) *follow;
	__typeof__(batch_jsonb_make) *make;
	size_t		padding;
	BatchSlice	text;			/* its own copy of the record */
	BatchRecord *record;
	BatchJsonb *jsonb;
} Build;

/* A call that may raise. */
typedef struct Call
{
	Build	   *build;
	BatchSlice	value;
	char	   *jsonb;
} Call;

/* How the records are read: in one of several ways, by the size of the input. */
typedef struct Round
{
	int			npaths;
	int			followed;		/* the path of which jsonb is made */
} Round;

#define BUILD(twin, next_one, more) { \
	.open = twin ## batch_record_open, .next = twin ## next_one, \
	.get_any = twin ## batch_record_get_any, .get = twin ## batch_record_get, \
	.raise = twin ## batch_record_raise, .release = twin ## batch_record_release, \
	.find_items = twin ## batch_items_find, .open_jsonb = twin ## batch_jsonb_open, .follow = twin ## batch_jsonb_follow, \
	.make = twin ## batch_jsonb_make, .padding = more \
}

static Build builds[] = {
	BUILD(, batch_record_next, 0),
	BUILD(, batch_record_next_padded, BATCH_PADDING),
	BUILD(twin_, batch_record_next, 0),
	BUILD(twin_, batch_record_next_padded, BATCH_PADDING)
};

#define AT_ROOT	5				/* the last ones, for which fast.c leaves all to record.c */

static const struct
{
	int			nsteps;
	BatchStep	steps[4];
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
	{2, {KEY("b"), ALL}},
	{3, {KEY("b"), ALL, KEY("a")}},
	{3, {KEY("a"), ALL, KEY("a")}},
	{4, {KEY("data"), KEY("items"), ALL, ALL}},
	{4, {KEY("b"), ALL, KEY("b"), ALL}},
	{3, {KEY("b"), ALL, ELEMENT(1)}},
	{1, {ELEMENT(0)}},
	{2, {ELEMENT(1), KEY("a")}},
	{2, {ELEMENT(1), ELEMENT(0)}},
	{1, {ALL}},
	{3, {ALL, ALL, KEY("a")}}
};

/* Make so many of the paths. */
static List *
make_paths(int n)
{
	List	   *list = NIL;

	for (int i = 0; i < n; i++)
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

/* Make jsonb of a value. */
static void
make_jsonb(void *arg)
{
	Call	   *call = arg;

	call->jsonb = DatumGetPointer(call->build->make(call->build->jsonb, call->value, NULL));
}

/* Get the slice of a path as it is in the text of the first build. */
static BatchSlice
get_slice(const Build *build, int path)
{
	BatchSlice	slice = build->get(build->record, path);

	if (slice.ptr != NULL)
		slice.ptr = builds[0].text.ptr + (slice.ptr - build->text.ptr);
	return slice;
}

/* Check that a path with [*] names what it has to. */
static void
check_items(const Build *build, int path, List *list, const Model *m)
{
	bool		is_array;
	List	   *nodes = fuzz_model_find_all(m->root, list_nth(list, path), &is_array);
	BatchArray	values;
	BatchSlice	value;
	ListCell   *lc;

	EXPECT(build->find_items(build->record, path, &values) == is_array,
		   "path %d: there is %d", path, !is_array);
	foreach(lc, nodes)
	{
		ModelNode  *node = lfirst(lc);

		EXPECT(batch_array_next(&values, &value), "path %d names too few", path);
		EXPECT(value.ptr - build->text.ptr == node->slice.ptr - builds[0].text.ptr &&
			   value.len == node->slice.len, "path %d names another value", path);
	}
	EXPECT(!batch_array_next(&values, &value), "path %d names too many", path);
}

/* Check that a path names what it has to. */
static void
check_slice(const Build *build, int path, List *list, const Model *m)
{
	BatchSlice	slice = get_slice(build, path);
	BatchSlice	first = get_slice(&builds[0], path);
	bool		there = build->get_any(build->record, path).ptr != NULL;
	ModelNode  *node;

	EXPECT((builds[0].get_any(builds[0].record, path).ptr != NULL) == there &&
		   first.ptr == slice.ptr && (slice.ptr == NULL || first.len == slice.len),
		   "the builds differ in path %d", path);
	if (m->root == NULL)
		return;
	node = fuzz_model_find(m->root, list_nth(list, path));
	EXPECT(there == (node != NULL), "path %d: there is %d", path, node == NULL);
	if (node == NULL || node->kind == MODEL_NULL)
		EXPECT(slice.ptr == NULL && slice.len == 0, "path %d names what is not there", path);
	else
		EXPECT(slice.ptr == node->slice.ptr && slice.len == node->slice.len,
			   "path %d names another value", path);
}

/*
 * Make jsonb of a path of a record by one build, and check it; NULL where there
 * is none.
 */
static char *
check_jsonb(Build *build, List *list, int followed, const Model *m)
{
	static int	first;
	Call		call = {build, followed == 0 ? build->text : build->get(build->record, followed), NULL};
	int			state;

	if (call.value.ptr == NULL)
		return NULL;
	state = fuzz_try(make_jsonb, &call);
	if (build == builds)
		first = followed == 0 ? m->jsonb_state : state;
	EXPECT(state == first, "jsonb: SQLSTATE %s, not %s: %s", unpack_sql_state(state),
		   unpack_sql_state(first), fuzz_message());
	if (call.jsonb != NULL && m->root != NULL)
		fuzz_jsonb_check(call.jsonb, fuzz_model_find(m->root, list_nth(list, followed)));
	return call.jsonb;
}

/*
 * Check one record by one build; gives the jsonb of a path, or NULL.  An error is
 * where the first build says that it is.
 */
static char *
check_text(Build *build, List *list, int followed, const Model *m)
{
	static char first[1024];
	Call		call = {.build = build};
	bool		accepted = build->next(build->record, build->text);
	int			state = accepted ? 0 : fuzz_try(raise_error, &call);

	if (build == builds)
		strlcpy(first, fuzz_detail(), sizeof(first));
	EXPECT(accepted || strcmp(first, fuzz_detail()) == 0, "the builds differ: %s %s", first,
		   fuzz_detail());
	EXPECT(state == m->json_state, "json: SQLSTATE %s, not %s: %s", unpack_sql_state(state),
		   unpack_sql_state(m->json_state), fuzz_message());
	if (!accepted)
		return NULL;
	for (int i = 0; i < list_length(list); i++)
	{
		if (!((BatchPath *) list_nth(list, i))->has_all)
			check_slice(build, i, list, m);
		else if (m->root != NULL)
			check_items(build, i, list, m);
	}
	return check_jsonb(build, list, followed, m);
}

/* Copy a record for a build, with its padding, to memory of just that size. */
static void
copy_text(Build *build, const uint8 *bytes, size_t len)
{
	char	   *copy = palloc(len + build->padding);

	memcpy(copy, bytes, len);
	for (size_t i = 0; i < build->padding; i++)
		copy[len + i] = len > 0 ? copy[i] : '"';
	build->text.ptr = copy;
	build->text.len = len;
}

/* Check one record by all builds. */
static void
check_record(const uint8 *bytes, size_t len, List *list, int followed)
{
	Model		m;
	char	   *first = NULL;

	for (int i = 0; i < LENGTHOF(builds); i++)
		copy_text(&builds[i], bytes, len);
	m = fuzz_model_read(builds[0].text);
	for (int i = 0; i < LENGTHOF(builds); i++)
	{
		char	   *jsonb = check_text(&builds[i], list, followed, &m);

		if (i == 0)
			first = jsonb;
		else
			EXPECT((jsonb == NULL) == (first == NULL) &&
				   (jsonb == NULL || (VARSIZE(jsonb) == VARSIZE(first) &&
									  memcmp(jsonb, first, VARSIZE(first)) == 0)),
				   "the builds make different jsonb");
		builds[i].release(builds[i].record);
	}
}

/* Check all records of an input. */
static void
check_records(const uint8 *data, size_t size, Round round)
{
	List	   *list = make_paths(round.npaths);

	for (int i = 0; i < LENGTHOF(builds); i++)
	{
		builds[i].record = builds[i].open(list);
		builds[i].jsonb = builds[i].open_jsonb();
		builds[i].follow(builds[i].jsonb, builds[i].record, round.followed, 1);
	}
	for (int twice = 0; twice < 2; twice++)
	{
		const uint8 *p = data;
		const uint8 *limit = data + size;

		for (int i = 0; i < MOST_TEXTS && p <= limit; i++)
		{
			const uint8 *end = p < limit ? memchr(p, SEPARATOR, limit - p) : NULL;

			if (end == NULL)
				end = limit;
			check_record(p, end - p, list, round.followed);
			p = end + 1;
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	static const Round rounds[] = {{LENGTHOF(paths) - AT_ROOT, 0}, {LENGTHOF(paths) - AT_ROOT, 1},
	{LENGTHOF(paths), 0}};

	check_records(data, size, rounds[size % LENGTHOF(rounds)]);
	fuzz_reset();
	return 0;
}
