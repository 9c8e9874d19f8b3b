/*
 * mapping.c
 *	  A user mapping --> the key, which lives no longer than it must.
 */
#include "fetch/fetch.h"
#include "options/options.h"

#include <fcntl.h>
#include <unistd.h>

#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#define KEY_SIZE	8192		/* bytes of a key file that are read */

/*
 * Read a key from a file on the server: its first line.
 *
 * Reads without stdio, whose buffer would keep a copy.
 */
static char *
read_key_file(const char *path)
{
	int			fd = OpenTransientFile(path, O_RDONLY | O_NONBLOCK | PG_BINARY);
	char	   *key = palloc(KEY_SIZE);
	ssize_t		len = fd < 0 ? -1 : read(fd, key, KEY_SIZE);
	char	   *end;

	if (len < 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read api_key_file \"%s\": %m", path)));
	CloseTransientFile(fd);
	end = memchr(key, '\n', len);
	if (end == NULL && len == KEY_SIZE)
		len = 0;
	if (end != NULL)
		len = end - key;
	if (len > 0 && key[len - 1] == '\r')
		len--;
	explicit_bzero(key + len, KEY_SIZE - len);
	if (memchr(key, '\0', len) != NULL)
		explicit_bzero(key, len);
	return key;
}

/* Refuse a mapping without a key that can stand in a header. */
static void
check_key(const BatchOptions *o)
{
	bool		visible = o->api_key != NULL && *o->api_key != '\0';

	for (const char *p = o->api_key; visible && *p; p++)
		visible = *p >= ' ' && *p <= '~';
	if (!visible)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("no API key for server \"%s\"", o->server),
				 errhint("Set api_key or api_key_file with ALTER USER MAPPING.")));
}

/* Forget a key when the memory that holds it goes. */
static void
forget_key(void *arg)
{
	BatchOptions *o = arg;

	if (o->api_key != NULL)
		explicit_bzero(o->api_key, strlen(o->api_key));
}

/*
 * Wipe the values that GetUserMapping gave.  The catalog cache keeps them all
 * the same; a key file is not in it.
 */
static void
wipe_values(List *list)
{
	ListCell   *lc;

	foreach(lc, list)
	{
		char	   *value = defGetString(lfirst(lc));

		explicit_bzero(value, strlen(value));
	}
}

/* Refuse to ask an API that the server does not name. */
static void
check_base_url(const BatchOptions *o)
{
	if (o->base_url == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				 errmsg("server \"%s\" has no base_url", o->server),
				 errhint("Set provider, or base_url and the options that describe the API, with ALTER SERVER.")));
}

/* Refuse to go on without a mapping of the user, or of all. */
static void
check_mapping(const BatchOptions *o, Oid userid)
{
	char	   *user;

	if (SearchSysCacheExists2(USERMAPPINGUSERSERVER, ObjectIdGetDatum(userid),
							  ObjectIdGetDatum(o->serverid)) ||
		SearchSysCacheExists2(USERMAPPINGUSERSERVER, ObjectIdGetDatum(InvalidOid),
							  ObjectIdGetDatum(o->serverid)))
		return;
	user = GetUserNameFromId(userid, false);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("user \"%s\" has no key for server \"%s\": there is no user mapping",
					user, o->server),
			 errhint("Give it one: CREATE USER MAPPING FOR %s SERVER %s OPTIONS (api_key '...');",
					 quote_identifier(user), quote_identifier(o->server))));
}

/*
 * Load the key of a user's mapping into o, unless the API takes no key; it is
 * wiped when the current context goes.
 *
 * Raises HV00J where there is no base_url to ask, 42704 where there is no mapping
 * and 28000 where it has no key.
 */
void
batch_mapping_load(BatchOptions *o, Oid userid)
{
	BatchUrl	base;
	MemoryContextCallback *forget;
	List	   *list;

	check_base_url(o);
	if (batch_options_header(o) == NULL && o->auth_param == NULL)
		return;
	forget = palloc0(sizeof(MemoryContextCallback));
	forget->func = forget_key;
	forget->arg = o;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, forget);
	check_mapping(o, userid);
	list = GetUserMapping(userid, o->serverid)->options;
	batch_options_load_mapping(o, list);
	wipe_values(list);
	if (o->api_key == NULL && o->api_key_file != NULL)
		o->api_key = read_key_file(o->api_key_file);
	check_key(o);
	if (o->expected_host &&
		batch_http_parse_url(o->base_url, &base) == NULL &&
		pg_strcasecmp(o->expected_host, base.host) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("the user mapping's key is for host \"%s\", not for \"%s\"",
						o->expected_host, base.host),
				 errhint("It says so by expected_host; check base_url of the server.")));
}
