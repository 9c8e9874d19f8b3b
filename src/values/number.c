/*
 * number.c
 *	  A JSON number --> the bytes of a numeric.
 *
 * A plain decimal is written straight into numeric's short format, which is
 * private to PostgreSQL's numeric.c and has been the same on disk since 9.1:
 * a length word; a header of 16 bits, from the top: 10, the sign, six bits of
 * display scale, seven bits of weight in two's complement; then digits to the
 * base of 10,000 without zeros at either end.  The weight is the exponent of
 * the first digit.  Zero has no digits, no sign and no weight.
 *
 * All others go through numeric_in.
 */
#include "compat.h"
#include "values/values.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#define SHORT_FORMAT	0x8000
#define SHORT_NEGATIVE	0x2000
#define SHORT_SCALE		7		/* where the display scale begins */
#define SHORT_WEIGHT	0x7F	/* the bits of the weight */
#define MOST_SCALE		63		/* that fits in */
#define MOST_WHOLE		256		/* digits before the point for weight 63 */
#define HEADER			(VARHDRSZ + sizeof(uint16))
#define MOST_BYTES(len) (HEADER + 2 * ((len) / 4 + 2))

/* Skip digits. */
static inline const char *
skip_digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/*
 * Find the end of a valid number and, for batch_number_write, how many digits
 * it has before the point; 0 of them where it cannot be written so.
 */
const char *
batch_number_measure(const char *p, const char *end, uint32 *whole)
{
	const char *start = p + (*p == '-');
	const char *point = p = skip_digits(start, end);

	if (p < end && *p == '.')
		p = skip_digits(p + 1, end);
	*whole = point - start <= MOST_WHOLE && p - point <= MOST_SCALE + 1 ? point - start : 0;
	if (p < end && (*p == 'e' || *p == 'E'))
	{
		*whole = 0;
		p = skip_digits(p + 2, end);
	}
	return p;
}

/* Read up to four digits as the first ones of four. */
static inline int16
read_group(const char *p, size_t len)
{
	int16		group = 0;

	if (len >= 4)
		return (p[0] - '0') * 1000 + (p[1] - '0') * 100 + (p[2] - '0') * 10 + (p[3] - '0');
	for (size_t i = 0; i < 4; i++)
		group = group * 10 + (i < len ? p[i] - '0' : 0);
	return group;
}

/* Write the digits before the point, in groups of four; gives the end. */
static inline int16 *
write_whole(int16 *next, const char *p, uint32 whole)
{
	int16		group = 0;

	for (uint32 left = whole; left > 0; left--)
	{
		group = group * 10 + (*p++ - '0');
		if (left % 4 == 1)
		{
			*next++ = group;
			group = 0;
		}
	}
	return next;
}

/*
 * Write the numeric of a plain decimal with so many digits before the point,
 * into 10 bytes and half of its length at most; gives the bytes written.
 */
uint32
batch_number_write(char *out, BatchSlice number, uint32 whole)
{
	const char *end = number.ptr + number.len;
	const char *p = number.ptr + (*number.ptr == '-');
	int16	   *digits = (int16 *) (out + HEADER);
	int16	   *next = write_whole(digits, p, whole);
	uint16		header = SHORT_FORMAT | (*number.ptr == '-' ? SHORT_NEGATIVE : 0);
	int			weight = ((int) whole - 1) / 4;

	p += whole;
	if (p < end)
		header |= (end - ++p) << SHORT_SCALE;
	if (digits[0] == 0)			/* only a whole part of 0 begins so */
	{
		next--;
		weight--;
	}
	for (; p < end; p += 4)
	{
		int16		group = read_group(p, end - p);

		if (group == 0 && next == digits)
			weight--;
		else
			*next++ = group;
	}
	while (next > digits && next[-1] == 0)
		next--;
	if (next > digits)
		header |= weight & SHORT_WEIGHT;
	else
		header &= ~SHORT_NEGATIVE;
	SET_VARSIZE(out, (char *) next - out);
	memcpy(out + VARHDRSZ, &header, sizeof(header));
	return (char *) next - out;
}

/*
 * Make the numeric of a valid number, of any size; beyond that 22003 goes to
 * escontext.
 */
Datum
batch_number_make(BatchSlice number, Node *escontext)
{
	uint32		whole;
	char	   *out;

	batch_number_measure(number.ptr, number.ptr + number.len, &whole);
	if (whole == 0)
		return batch_compat_input_directly(numeric_in, pnstrdup(number.ptr, number.len),
										   escontext);
	out = palloc(MOST_BYTES(number.len));
	batch_number_write(out, number, whole);
	return PointerGetDatum(out);
}
