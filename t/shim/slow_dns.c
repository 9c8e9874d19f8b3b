/*
 * slow_dns.c
 *	  A getaddrinfo() for LD_PRELOAD that takes 20 s for names in slow.invalid.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

/* Hang for names that say so, else do what libc does. */
int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
			struct addrinfo **result)
{
	int			(*real) (const char *, const char *, const struct addrinfo *,
						 struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");

	if (node != NULL && strstr(node, "slow.invalid") != NULL)
	{
		sleep(20);
		return EAI_AGAIN;
	}
	return real(node, service, hints, result);
}
