/*
 * rejects.c
 *	  What was rejected, counted --> a NOTICE at the scan's end, and rows of
 *	  batch_fdw_rejects().
 *
 * A scan counts by SQLSTATE.  The first rejects of the session's last scan are
 * kept until the next one, so that they can be looked at, after an error too;
 * they outlive the transaction and belong to the role that read the table.
 * DISCARD ALL and RESET ALL forget them: by these a pool hands a session on.
 */
#include "scan/scan.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#define MOST_SHOWN	1000		/* rows of batch_fdw_rejects() */

/* How often an SQLSTATE came, and where first. */
typedef struct Kind
{
	int			sqlstate;
	int64		count;
	char	   *first;
} Kind;

struct BatchRejects
{
	MemoryContext cxt;
	uint64		scan;			/* its number in this session; 0: not begun */
	Oid			userid;
	Oid			relid;
	const char *table;			/* its name, as a message can tell it */
	const BatchOptions *o;
	BatchStats *stats;
	List	   *kinds;			/* of Kind */
	int64		rejected;		/* by this process */
};

/* A row of batch_fdw_rejects(); texts in the database's encoding. */
typedef struct Shown
{
	char	   *job_id;
	int			part;
	int64		line;
	char	   *column;
	int			sqlstate;
	char	   *message;
	char	   *record;
} Shown;

/* The last scan of this session that passes over what is bad. */
static struct
{
	uint64		scan;
	MemoryContext cxt;			/* of shown */
	Oid			userid;
	Oid			relid;
	List	   *shown;			/* of Shown */
} last;

static ProcessUtility_hook_type next_utility;
static int64 total;				/* rejects of all scans of this session */

/* Show no rejects any more. */
static void
forget(void)
{
	last.shown = NIL;
	if (last.cxt != NULL)
		MemoryContextReset(last.cxt);
}

/* Run a utility statement; forget what is kept with all else of the session. */
static void
run_utility(PlannedStmt *statement, const char *text, bool is_read_only,
			ProcessUtilityContext context, ParamListInfo params,
			QueryEnvironment *environment, DestReceiver *receiver,
			QueryCompletion *completion)
{
	Node	   *node = statement->utilityStmt;
	bool		forgets = (IsA(node, DiscardStmt) && ((DiscardStmt *) node)->target == DISCARD_ALL) ||
		(IsA(node, VariableSetStmt) && ((VariableSetStmt *) node)->kind == VAR_RESET_ALL);

	(next_utility ? next_utility : standard_ProcessUtility)
		(statement, text, is_read_only, context, params, environment, receiver, completion);
	if (forgets)
	{
		forget();
		batch_tally_forget();
	}
}

/* Learn of the statements that end what a session has kept. */
void
batch_rejects_init(void)
{
	next_utility = ProcessUtility_hook;
	ProcessUtility_hook = run_utility;
}

/*
 * Count the rejects of a scan that reads a table as a user; belongs to the
 * current context.
 */
BatchRejects *
batch_rejects_open(Relation rel, Oid userid, const BatchOptions *o, BatchStats *stats)
{
	BatchRejects *r = palloc0(sizeof(BatchRejects));

	r->cxt = CurrentMemoryContext;
	r->userid = userid;
	r->relid = RelationGetRelid(rel);
	r->table = batch_text_show_own(RelationGetRelationName(rel));
	r->o = o;
	r->stats = stats;
	return r;
}

/*
 * Be the scan whose rejects are shown, from its first row on.  One that checks
 * a row again, which was locked, adds to those of the scan that gave the row.
 */
void
batch_rejects_begin(BatchRejects *r, bool is_recheck)
{
	if (r->scan == 0 && is_recheck && last.relid == r->relid && last.userid == r->userid)
		r->scan = last.scan;
	if (r->scan != 0)
		return;
	forget();
	if (last.cxt == NULL)
		last.cxt = AllocSetContextCreate(TopMemoryContext, "batch_fdw rejects",
										 ALLOCSET_DEFAULT_SIZES);
	r->scan = ++last.scan;
	last.userid = r->userid;
	last.relid = r->relid;
}

/*
 * Write the beginning of a text of the outside so that the database can hold
 * it: what is not UTF-8 as \xNN, what its encoding lacks as \uNNNN.
 */
static char *
write_head(BatchSlice text)
{
	bool		whole = text.len <= BATCH_MAX_SHOWN;
	StringInfoData out;

	initStringInfo(&out);
	text.len = Min(text.len, BATCH_MAX_SHOWN);
	while (text.len > 0 &&
		   (whole || pg_encoding_mblen(PG_UTF8, text.ptr) <= (int) text.len))
	{
		size_t		len = batch_text_append(&out, text, false);

		text.ptr += len;
		text.len -= len;
	}
	return out.data;
}

/* Write an id likewise. */
static char *
write_id(const char *id)
{
	BatchSlice	text = {id, strlen(id)};

	return write_head(text);
}

/* Copy a message, cut where it is long. */
static char *
clip(const char *message)
{
	int			len = strlen(message);

	return pnstrdup(message, pg_mbcliplen(message, len, BATCH_MAX_SHOWN));
}

/* Keep a reject of the last scan for batch_fdw_rejects(). */
static void
keep(const BatchReject *reject)
{
	MemoryContext old = MemoryContextSwitchTo(last.cxt);
	Shown	   *shown = palloc0(sizeof(Shown));

	shown->job_id = reject->place->job_id ? write_id(reject->place->job_id) : NULL;
	shown->part = reject->place->part;
	shown->line = reject->place->line;
	shown->column = reject->column ? pstrdup(reject->column) : NULL;
	shown->sqlstate = reject->sqlstate;
	shown->message = clip(reject->message);
	shown->record = reject->place->record.ptr ? write_head(reject->place->record) : NULL;
	last.shown = lappend(last.shown, shown);
	MemoryContextSwitchTo(old);
}

/* Count a reject under its SQLSTATE. */
static void
add_count(BatchRejects *r, const BatchReject *reject)
{
	MemoryContext old = MemoryContextSwitchTo(r->cxt);
	Kind	   *kind;
	ListCell   *lc;

	r->stats->rejected++;
	r->rejected++;
	total++;
	foreach(lc, r->kinds)
	{
		kind = lfirst(lc);
		if (kind->sqlstate == reject->sqlstate)
			break;
	}
	if (lc == NULL)
	{
		kind = palloc0(sizeof(Kind));
		kind->sqlstate = reject->sqlstate;
		kind->first = psprintf("%s: %s", batch_rows_write_place(reject->place, reject->column),
							   batch_text_show_own(clip(reject->message)));
		r->kinds = lappend(r->kinds, kind);
	}
	kind->count++;
	MemoryContextSwitchTo(old);
}

/* Write a line for each SQLSTATE: how often it came, and where first. */
static char *
describe(const BatchRejects *r)
{
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	foreach(lc, r->kinds)
	{
		Kind	   *kind = lfirst(lc);

		appendStringInfo(&text, "%s%s: " INT64_FORMAT ", first in %s", text.len ? "\n" : "",
						 unpack_sql_state(kind->sqlstate), kind->count, kind->first);
	}
	return text.data;
}

/* Show a reject, if there are not too many, in the last scan that was begun. */
static void
show(const BatchRejects *r, const BatchReject *reject)
{
	if (r->scan != 0 && r->scan == last.scan && list_length(last.shown) < MOST_SHOWN)
		keep(reject);
}

/* Show a job that was passed over; it is no bad record, and was told of. */
void
batch_rejects_add_job(BatchRejects *r, const BatchPlace *place, const BatchTrouble *trouble)
{
	BatchPlace	job = {.job_id = place->job_id};
	BatchReject reject = {
		.place = &job,
		.sqlstate = trouble->sqlstate,
		.message = trouble->detail == NULL ? trouble->message :
		psprintf("%s (%s)", trouble->message, trouble->detail)
	};

	show(r, &reject);
}

/* Count a reject; raises its SQLSTATE where there are more than reject_limit. */
void
batch_rejects_add(BatchRejects *r, const BatchReject *reject)
{
	add_count(r, reject);
	show(r, reject);
	if (r->o->reject_limit >= 0 && r->rejected > r->o->reject_limit)
		ereport(ERROR,
				(errcode(reject->sqlstate),
				 errmsg("foreign table \"%s\" has more bad records or values than its reject_limit of %d",
						r->table, r->o->reject_limit),
				 errdetail_internal("%s", describe(r)),
				 errhint("batch_fdw_rejects() shows them.")));
}

/* Tell the user once what a scan rejected, if anything. */
void
batch_rejects_report(const BatchRejects *r)
{
	if (r->stats->rejected == 0)
		return;
	ereport(NOTICE,
			(errcode(ERRCODE_SUCCESSFUL_COMPLETION),
			 r->o->on_error == BATCH_ERRORS_SKIP ?
			 errmsg_plural("skipped " INT64_FORMAT " bad record of foreign table \"%s\"",
						   "skipped " INT64_FORMAT " bad records of foreign table \"%s\"",
						   r->stats->rejected, r->stats->rejected, r->table) :
			 errmsg_plural("read " INT64_FORMAT " bad record or value of foreign table \"%s\" as NULL",
						   "read " INT64_FORMAT " bad records or values of foreign table \"%s\" as NULL",
						   r->stats->rejected, r->stats->rejected, r->table),
			 errdetail_internal("%s", describe(r)),
			 errhint("batch_fdw_rejects() shows them.")));
}

/* Make a text, or NULL where there is none. */
static Datum
text_or_null(const char *text, bool *isnull)
{
	*isnull = text == NULL;
	return text ? CStringGetTextDatum(text) : (Datum) 0;
}

/*
 * Give the rejects of the last scan, to the role that read the table; the
 * records only where it may read all their columns.
 */
void
batch_rejects_show(ReturnSetInfo *result)
{
	bool		missing = false;
	bool		whole;
	ListCell   *lc;

	if (last.shown == NIL || last.userid != GetUserId())
		return;
	whole = pg_class_aclcheck_ext(last.relid, GetUserId(), ACL_SELECT,
								  &missing) == ACLCHECK_OK && !missing;
	foreach(lc, last.shown)
	{
		Shown	   *shown = lfirst(lc);
		Datum		values[8];
		bool		nulls[8] = {false};

		values[0] = ObjectIdGetDatum(last.relid);
		values[1] = text_or_null(shown->job_id, &nulls[1]);
		values[2] = Int32GetDatum(shown->part);
		nulls[2] = shown->part == 0;
		values[3] = Int64GetDatum(shown->line);
		nulls[3] = shown->line == 0;
		values[4] = text_or_null(shown->column, &nulls[4]);
		values[5] = CStringGetTextDatum(unpack_sql_state(shown->sqlstate));
		values[6] = CStringGetTextDatum(shown->message);
		values[7] = text_or_null(whole ? shown->record : NULL, &nulls[7]);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

/* Tell how much this session has rejected, in all of its scans. */
int64
batch_rejects_total(void)
{
	return total;
}
