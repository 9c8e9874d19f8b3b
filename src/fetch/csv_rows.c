/*
 * csv_rows.c
 *	  The bytes of CSV (RFC 4180) --> where its rows end.
 *
 * A line feed ends a row unless it is within quotes, and a quote opens a value only
 * where that begins, at the start of a row or behind a comma: what is not so is
 * csv.c's to refuse, and the row ends with its line all the same.
 */
#include "fetch/fetch.h"
#include "json/simd.h"

#include "port/pg_bitutils.h"

/* Find a quote or a line feed; or the end. */
static inline const char *
find_mark(const char *p, const char *end)
{
#ifdef BATCH_SIMD
	BatchVector quote = batch_simd_fill('"');
	BatchVector feed = batch_simd_fill('\n');

	for (; end - p >= (ptrdiff_t) sizeof(BatchVector); p += sizeof(BatchVector))
	{
		BatchVector v = batch_simd_load(p);
		uint32		found = batch_simd_mask(batch_simd_either(batch_simd_equal(v, quote),
															  batch_simd_equal(v, feed)));

		if (found != 0)
			return p + pg_rightmost_one_pos32(found);
	}
#endif
	while (p < end && *p != '"' && *p != '\n')
		p++;
	return p;
}

/* Tell whether a value begins at p: at the start of its row, or behind a comma. */
static inline bool
is_start(const BatchCsvRows *r, const char *start, const char *p)
{
	return p > start ? p[-1] == ',' : !r->begun || r->last == ',';
}

/* Refuse a file that ends within a quoted value. */
static void
refuse_end(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("results file ends within a quoted value"),
			 errdetail("A double quote opens it that no other closes."),
			 errhint("The file is cut off, or is no CSV of RFC 4180, in which a quote within a quoted value is doubled.")));
}

/*
 * Find the line feed that ends a row in what follows of it, up to the end that is
 * known; NULL where there is none, and the search goes on with more, unless that
 * is the end of the file.
 *
 * The search begins as zeros, and again after each row.
 */
const char *
batch_csv_rows_find_end(BatchCsvRows *r, const char *start, const char *end, bool eof)
{
	const char *p = start;

	while (p < end)
	{
		if (r->state == BATCH_CSV_QUOTED)
		{
			p = memchr(p, '"', end - p);
			if (p == NULL)
				break;
			p++;
			r->state = BATCH_CSV_QUOTE;
			continue;
		}
		if (r->state == BATCH_CSV_QUOTE)
		{
			r->state = *p == '"' ? BATCH_CSV_QUOTED : BATCH_CSV_OUTSIDE;
			p += *p == '"';
			continue;
		}
		p = find_mark(p, end);
		if (p < end && *p == '\n')
		{
			memset(r, 0, sizeof(*r));
			return p;
		}
		if (p < end && is_start(r, start, p))
			r->state = BATCH_CSV_QUOTED;
		p++;
	}
	if (end > start)
	{
		r->begun = true;
		r->last = end[-1];
	}
	if (eof && r->state == BATCH_CSV_QUOTED)
		refuse_end();
	return NULL;
}
