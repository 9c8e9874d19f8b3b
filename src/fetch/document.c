/*
 * document.c
 *	  A JSON document --> the records in it, all of them.
 */
#include "fetch/fetch.h"

/* Raise that results are one page of several. */
void
batch_document_refuse_more(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROTOCOL_VIOLATION),
			 errmsg("the results go on in another document"),
			 errdetail("It is named by a header Link or told of at result_more_path, and is not followed."),
			 errhint("Ask the API for all results in one, if it can.")));
}

/*
 * Find the records in a document: an array, or a single one; ptr is NULL where
 * there are none.  As in a listing, null there or {} means none, but nothing
 * there is an error.
 */
BatchSlice
batch_document_find_rows(BatchPath *rows_path, BatchSlice document)
{
	BatchFields *fields;
	BatchSlice	rows;

	fields = batch_envelope_read(batch_envelope_open(list_make1(rows_path)), document);
	if (rows_path->nsteps == 0)
		return document;
	rows = batch_envelope_find(fields, rows_path);
	if (!batch_envelope_has(fields, rows_path) && !batch_array_is_empty_object(document))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
				 errmsg("the results have nothing at rows_path"),
				 errhint("Check rows_path of the server and of the table.")));
	return rows;
}
