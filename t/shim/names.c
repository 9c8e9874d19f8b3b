/*
 * names.c
 *	  A getaddrinfo() and a connect() for LD_PRELOAD that write down what they
 *	  are asked for, and never leave the machine.
 *
 * $BATCH_SHIM/hosts has lines "name address...": the n-th look-up of a name
 * gives its n-th address, later ones the last; all other names are unknown.
 * $BATCH_SHIM/log gets a line "name X" for each look-up and "connect ADDRESS
 * PORT" for each connection; those to other machines fail.  libcurl may look a
 * name's two families of addresses up at the same time, in two threads.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Name a file of the shim's directory, or give NULL where it is not in use. */
static const char *
name_file(char *path, size_t size, const char *name)
{
	const char *dir = getenv("BATCH_SHIM");

	if (dir == NULL)
		return NULL;
	snprintf(path, size, "%s/%s", dir, name);
	return path;
}

/* Append a line to the log, and count the like of it that stood there. */
static int
write_line(const char *word, const char *text)
{
	char		path[1024],
				line[512],
				read[512];
	FILE	   *file;
	int			n = 0;

	if (name_file(path, sizeof(path), "log") == NULL)
		return 0;
	snprintf(line, sizeof(line), "%s %s\n", word, text);
	pthread_mutex_lock(&lock);
	if ((file = fopen(path, "a+")) != NULL)
	{
		while (fgets(read, sizeof(read), file))
			n += strcmp(read, line) == 0;
		fputs(line, file);
		fclose(file);
	}
	pthread_mutex_unlock(&lock);
	return n;
}

/* Find the n-th address of a name in the hosts file; false where there is none. */
static int
find_address(const char *name, int n, char *address, size_t size)
{
	char		path[1024],
				line[512],
			   *rest;
	FILE	   *file = fopen(name_file(path, sizeof(path), "hosts"), "r");
	int			found = 0;

	while (file && !found && fgets(line, sizeof(line), file))
	{
		char	   *word = strtok_r(line, " \n", &rest);

		if (word == NULL || strcasecmp(word, name) != 0)
			continue;
		for (int i = 0; i <= n && (word = strtok_r(NULL, " \n", &rest)) != NULL; i++)
		{
			snprintf(address, size, "%s", word);
			found = 1;
		}
	}
	if (file)
		fclose(file);
	return found;
}

/* Resolve by the hosts file alone, where the shim is in use. */
int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
			struct addrinfo **result)
{
	int			(*real) (const char *, const char *, const struct addrinfo *,
						 struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
	struct addrinfo numeric = {0};
	char		address[64];

	if (getenv("BATCH_SHIM") == NULL || node == NULL || node[0] == '/' ||
		(hints && (hints->ai_flags & AI_NUMERICHOST)))
		return real(node, service, hints, result);
	if (!find_address(node, write_line("name", node), address, sizeof(address)))
		return EAI_NONAME;
	if (hints)
		numeric = *hints;
	numeric.ai_family = AF_UNSPEC;
	numeric.ai_flags = AI_NUMERICHOST;
	return real(address, service, &numeric, result);
}

/* Connect, but only to this machine. */
int
connect(int fd, const struct sockaddr *to, socklen_t len)
{
	int			(*real) (int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
	char		text[INET6_ADDRSTRLEN] = "",
				line[INET6_ADDRSTRLEN + 16];
	int			here;

	if (getenv("BATCH_SHIM") == NULL || (to->sa_family != AF_INET && to->sa_family != AF_INET6))
		return real(fd, to, len);
	if (to->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *) to)->sin_addr, text, sizeof(text));
	else
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *) to)->sin6_addr, text, sizeof(text));
	snprintf(line, sizeof(line), "%s %d", text, ntohs(((const struct sockaddr_in *) to)->sin_port));
	write_line("connect", line);
	here = strncmp(text, "127.", 4) == 0 || strcmp(text, "::1") == 0;
	if (here)
		return real(fd, to, len);
	errno = ENETUNREACH;
	return -1;
}
