/*
 * private_address.c
 *	  Which network addresses are private: a stranger's JSON may not name them.
 *
 * The ranges are those of the IANA special-purpose address registries
 * (RFC 6890); forms that carry an IPv4 address inside are judged by it.
 */
#include "fetch/fetch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* A range of addresses, in network byte order. */
typedef struct Range
{
	unsigned char prefix[16];
	int			bits;
} Range;

static const Range private4[] = {
	{{0}, 8},
	{{10}, 8},
	{{100, 64}, 10},
	{{127}, 8},
	{{169, 254}, 16},
	{{172, 16}, 12},
	{{192, 0, 0}, 24},
	{{192, 0, 2}, 24},
	{{192, 88, 99}, 24},
	{{192, 168}, 16},
	{{198, 18}, 15},
	{{198, 51, 100}, 24},
	{{203, 0, 113}, 24},
	{{224}, 3},
};

static const Range private6[] = {
	{{0}, 96},					/* ::, ::1, and IPv4 in the old form */
	{{0, 0x64, 0xff, 0x9b, 0, 1}, 48},	/* NAT64 of one's own */
	{{0x01, 0x00}, 64},			/* discard */
	{{0x20, 0x01, 0x00}, 23},	/* protocols, Teredo among them */
	{{0x20, 0x01, 0x0d, 0xb8}, 32},
	{{0x3f, 0xff, 0x00}, 20},
	{{0x5f, 0x00}, 16},
	{{0xfc}, 7},
	{{0xfe, 0x80}, 10},
	{{0xfe, 0xc0}, 10},
	{{0xff}, 8},
};

static const Range mapped6 = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
static const Range nat64 = {{0, 0x64, 0xff, 0x9b}, 96};
static const Range sixtofour = {{0x20, 0x02}, 16};

/* Tell whether an address lies in a range. */
static bool
is_in(const unsigned char *address, const Range *range)
{
	int			whole = range->bits / 8,
				rest = range->bits % 8;

	if (memcmp(address, range->prefix, whole) != 0)
		return false;
	return rest == 0 ||
		((address[whole] ^ range->prefix[whole]) >> (8 - rest)) == 0;
}

/* Tell whether four bytes are a private IPv4 address. */
static bool
is_private4(const unsigned char *address)
{
	for (size_t i = 0; i < lengthof(private4); i++)
		if (is_in(address, &private4[i]))
			return true;
	return false;
}

/* Tell whether sixteen bytes are a private IPv6 address. */
static bool
is_private6(const unsigned char *address)
{
	for (size_t i = 0; i < lengthof(private6); i++)
		if (is_in(address, &private6[i]))
			return true;
	if (is_in(address, &mapped6) || is_in(address, &nat64))
		return is_private4(address + 12);
	return is_in(address, &sixtofour) && is_private4(address + 2);
}

/* Tell whether a resolved address is not a public one; allocates nothing. */
bool
batch_private_address_is(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return is_private4((const unsigned char *)
						   &((const struct sockaddr_in *) address)->sin_addr);
	if (address->sa_family == AF_INET6)
		return is_private6((const unsigned char *)
						   &((const struct sockaddr_in6 *) address)->sin6_addr);
	return true;
}

/*
 * Tell whether a URL's host is a literal of a private address, or a name of
 * this machine: what a proxy would be asked for.
 */
bool
batch_private_address_names(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;
	size_t		len = strlen(host);
	char	   *bare = host[0] == '[' ? pnstrdup(host + 1, strcspn(host + 1, "]%")) : NULL;

	if (bare != NULL)
		return inet_pton(AF_INET6, bare, &v6) != 1 || is_private6(v6.s6_addr);
	if (inet_pton(AF_INET, host, &v4) == 1)
		return is_private4((const unsigned char *) &v4);
	return strcmp(host, "localhost") == 0 ||
		(len > 10 && strcmp(host + len - 10, ".localhost") == 0);
}
