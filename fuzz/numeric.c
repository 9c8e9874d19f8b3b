/*
 * numeric.c
 *	  A JSON number --> the bytes of a numeric, from the definition of the format
 *	  and with no regard to speed: what number.c and numeric_in have to make.
 */
#include "fuzz.h"

#define MOST_SCALE		16383
#define MOST_EXPONENT	1000000

/* A decimal: its digits, without a point, and where the point belongs. */
typedef struct Decimal
{
	bool		negative;
	char	   *digits;
	int			ndigits;
	int			weight;			/* exponent of the first digit */
	int			scale;			/* digits after the point that are shown */
} Decimal;

/* Read a valid JSON number. */
static Decimal
read_decimal(const char *p, const char *end)
{
	Decimal		d = {.digits = palloc(end - p), .weight = -1};
	bool		point = false;
	bool		below = false;
	int			exponent = 0;

	d.negative = *p == '-';
	for (p += d.negative; p < end && *p != 'e' && *p != 'E'; p++)
	{
		if (*p == '.')
		{
			point = true;
			continue;
		}
		d.digits[d.ndigits++] = *p - '0';
		d.weight += !point;
		d.scale += point;
	}
	if (p < end)
	{
		below = *++p == '-';
		for (p += *p == '-' || *p == '+'; p < end; p++)
			exponent = Min(exponent * 10 + (*p - '0'), MOST_EXPONENT);
		exponent = below ? -exponent : exponent;
	}
	d.weight += exponent;
	d.scale = Max(d.scale - exponent, 0);
	return d;
}

/* Give the digit with an exponent of ten. */
static int
digit_at(const Decimal *d, int exponent)
{
	int			i = d->weight - exponent;

	return i >= 0 && i < d->ndigits ? d->digits[i] : 0;
}

/* Make a numeric, or NULL where the format has no room for it. */
char *
fuzz_numeric_make(const char *text, size_t len)
{
	Decimal		d = read_decimal(text, text + len);
	int			first = (d.weight + 4 * MOST_EXPONENT) / 4 - MOST_EXPONENT;
	int			last = (d.weight - d.ndigits + 1 + 4 * MOST_EXPONENT) / 4 - MOST_EXPONENT;
	int16	   *groups = palloc(sizeof(int16) * (first - last + 1));
	int			n = 0;
	int			weight = 0;
	bool		is_short;
	uint16		header[2];
	Size		size;
	char	   *out;

	for (int group = first; group >= last; group--)
	{
		int16		value = 0;

		for (int i = 3; i >= 0; i--)
			value = value * 10 + digit_at(&d, 4 * group + i);
		if (n == 0)
			weight = group;
		if (n > 0 || value != 0)
			groups[n++] = value;
	}
	while (n > 0 && groups[n - 1] == 0)
		n--;
	if (n == 0)
	{
		weight = 0;
		d.negative = false;
	}
	if (d.scale > MOST_SCALE || weight > PG_INT16_MAX || weight < PG_INT16_MIN)
		return NULL;
	is_short = d.scale <= 63 && weight <= 63 && weight >= -64;
	header[0] = is_short ? 0x8000 | (d.negative ? 0x2000 : 0) | d.scale << 7 | (weight & 0x7f) :
		(d.negative ? 0x4000 : 0) | d.scale;
	header[1] = (uint16) weight;
	size = VARHDRSZ + (is_short ? 2 : 4) + n * sizeof(int16);
	out = palloc(size);
	SET_VARSIZE(out, size);
	memcpy(out + VARHDRSZ, header, is_short ? 2 : 4);
	memcpy(out + size - n * sizeof(int16), groups, n * sizeof(int16));
	return out;
}
