/*
 * parsers.h
 *	  What the files that read options share; only this folder includes it.
 */
#ifndef BATCH_PARSERS_H
#define BATCH_PARSERS_H

#include "compat.h"
#include "options/options.h"

/* A row of the table of options. */
typedef struct BatchOption BatchOption;
typedef void (*BatchParser) (const BatchOption *option, char *value,
							 void *field);
struct BatchOption
{
	const char *name;
	Oid			catalog;		/* of the object that carries it */
	BatchParser parse;			/* text to field, or an error */
	size_t		offset;			/* of the field in BatchOptions */
	const char *initial;		/* default, or NULL */
	int			min;			/* of a number, a duration or a size */
	int			max;
	const char *words;			/* allowed words, in the order of their enum */
	void		(*check) (const BatchOption *option, const void *field);	/* when it is set */
	const char *needs;			/* without which it has no effect: name or name=value, by | */
	enum
	{
		BATCH_ANYONE,
		BATCH_FILE_READER,		/* superuser or pg_read_server_files */
		BATCH_SUPERUSER
	}			who;
};

/* ---- options.c: the table of options ---- */

extern const BatchOption batch_options_table[];
extern const int batch_options_count;
extern const BatchOption *batch_options_find(const char *name, Oid catalog);
extern void batch_options_parse(const BatchOption *option, const char *value, void *o,
								bool is_set);
extern BatchOptions *batch_options_lay_server(List *list);

/* ---- parsers.c: single values ---- */

extern void batch_parsers_parse_text(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_file(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_visible(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_template(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_job_template(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_list_template(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_url(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_proxy(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_bool(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_word(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_int(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_time(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_size(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_path(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_last_path(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_header(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_param(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_headers(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_provider(const BatchOption *option, char *value, void *field);
extern void batch_parsers_parse_id(const BatchOption *option, char *value, void *field);
extern char *batch_parsers_find_nearest(const char *name, List *names);

/* ---- lists.c: lists ---- */

extern void batch_lists_parse_paths(const BatchOption *option, char *value, void *field);
extern void batch_lists_parse_templates(const BatchOption *option, char *value, void *field);
extern void batch_lists_parse_hosts(const BatchOption *option, char *value, void *field);
extern void batch_lists_parse_origins(const BatchOption *option, char *value, void *field);
extern void batch_lists_parse_names(const BatchOption *option, char *value, void *field);
extern void batch_lists_parse_statuses(const BatchOption *option, char *value, void *field);
extern void batch_lists_parse_state(const BatchOption *option, char *value, void *field);
extern void batch_lists_parse_states(const BatchOption *option, char *value, void *field);
extern void batch_lists_parse_status_map(const BatchOption *option, char *value, void *field);
extern void batch_lists_parse_filters(const BatchOption *option, char *value, void *field);
extern void batch_lists_parse_lacks(const BatchOption *option, char *value, void *field);
extern void batch_lists_parse_order(const BatchOption *option, char *value, void *field);
extern void batch_lists_parse_columns(const BatchOption *option, char *value, void *field);

/* ---- checks.c: what takes several options to see ---- */

extern List *batch_checks_complain(List *complaints, char *what, char *hint);
extern void batch_checks_warn(List *complaints);
extern List *batch_checks_review(const BatchOptions *o);
extern void batch_checks_key(const BatchOptions *o);
extern void batch_checks_server(const BatchOptions *o);
extern void batch_checks_mapping(const BatchOptions *o);
extern void batch_checks_paging(const BatchOptions *o);
extern void batch_checks_table(const BatchOptions *o);
extern void batch_checks_column(const BatchColumnOptions *o);

/* ---- grammar.c: a list to its pieces ---- */

extern pg_noreturn void batch_grammar_refuse(const BatchOption *option, const char *takes);
extern char *batch_grammar_trim(char *s);
extern char *batch_grammar_unquote(char *s);
extern List *batch_grammar_split(const BatchOption *option, char *value, char separator);
extern char *batch_grammar_join(List *texts);
extern char *batch_grammar_cut(char *s, char separator);

/* ---- make.c: the tables of IMPORT ---- */

extern void batch_make_table(const char *schema, const char *table, char *sql,
							 const char *comment, bool metas);
extern void batch_make_comment(const char *schema, const char *table, const char *column,
							   const char *comment);

/* ---- types.c: the types of columns that IMPORT gives ---- */

extern void batch_types_check(const BatchOption *option, const void *field);
extern List *batch_types_list(const char *columns);
extern char *batch_types_write(const BatchColumnDef *def);

#endif							/* BATCH_PARSERS_H */
