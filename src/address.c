/*
 * address.c
 *	  Which network addresses are private: a stranger's JSON may not name them.
 *
 * The ranges are those of the IANA special-purpose address registries
 * (RFC 6890); forms that carry an IPv4 address inside are judged by it.
 */
#include "batch_fdw.h"

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
	{{192, 168}, 16},
	{{198, 18}, 15},
	{{224}, 3},
};

static const Range private6[] = {
	{{0}, 127},					/* :: and ::1 */
	{{0xfc}, 7},
	{{0xfe, 0x80}, 10},
	{{0xfe, 0xc0}, 10},
	{{0xff}, 8},
};

static const Range mapped6 = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
static const Range compatible6 = {{0}, 96};
static const Range nat64 = {{0, 0x64, 0xff, 0x9b}, 96};
static const Range nat64_local = {{0, 0x64, 0xff, 0x9b, 0, 1}, 48};
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
	if (is_in(address, &mapped6) || is_in(address, &nat64) ||
		is_in(address, &compatible6))
		return is_private4(address + 12);
	if (is_in(address, &sixtofour))
		return is_private4(address + 2);
	return is_in(address, &nat64_local);
}

/* Tell whether a resolved address is not a public one; allocates nothing. */
bool
batch_address_is_private(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return is_private4((const unsigned char *)
						   &((const struct sockaddr_in *) address)->sin_addr);
	if (address->sa_family == AF_INET6)
		return is_private6((const unsigned char *)
						   &((const struct sockaddr_in6 *) address)->sin6_addr);
	return true;
}
