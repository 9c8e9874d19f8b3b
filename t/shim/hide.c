/*
 * hide.c
 *	  An fopen() for LD_PRELOAD that does not find the file $BATCH_HIDDEN.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Open a file by the function of a name, unless it is hidden. */
static FILE *
open_unless_hidden(const char *function, const char *path, const char *mode)
{
	const char *hidden = getenv("BATCH_HIDDEN");
	FILE	   *(*next) (const char *, const char *) = (FILE *(*) (const char *, const char *)) dlsym(RTLD_NEXT, function);

	if (hidden != NULL && strcmp(path, hidden) == 0)
	{
		errno = ENOENT;
		return NULL;
	}
	return next(path, mode);
}

FILE *
fopen(const char *path, const char *mode)
{
	return open_unless_hidden("fopen", path, mode);
}

FILE *
fopen64(const char *path, const char *mode)
{
	return open_unless_hidden("fopen64", path, mode);
}
