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

#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define SHORT_FORMAT	0x8000
#define SHORT_NEGATIVE	0x2000
#define SHORT_SCALE		7		/* where the display scale begins */
#define SHORT_WEIGHT	0x7F	/* the bits of the weight */
#define MOST_SCALE		63		/* that fits in */
#define MOST_WHOLE		256		/* digits before the point for weight 63 */
#define SURE_MANTISSA	1000	/* bytes; with the next one, far within numeric */
#define SURE_EXPONENT	5		/* bytes, with its e */
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

#ifdef __SSE2__

/* Make numbers below 10,000 of 16 digits, those that a mask leaves out being 0. */
static pg_attribute_always_inline __m128i
read_groups(const char *p, const uint8 *mask)
{
	__m128i		v = _mm_and_si128(_mm_sub_epi8(_mm_loadu_si128((const __m128i *) p), _mm_set1_epi8('0')),
								  _mm_loadu_si128((const __m128i *) mask));
	__m128i		first = _mm_madd_epi16(_mm_and_si128(v, _mm_set1_epi16(0xFF)),
									   _mm_set1_epi32(10 << 16 | 1000));
	__m128i		second = _mm_madd_epi16(_mm_srli_epi16(v, 8), _mm_set1_epi32(1 << 16 | 100));

	return _mm_add_epi32(first, second);
}

#define SET8	0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF
#define CLEAR8	0, 0, 0, 0, 0, 0, 0, 0

/*
 * Write the numeric of a plain decimal as batch_number_write does, where
 * BATCH_NUMBER_NEAR bytes can be read before it and behind it, and
 * BATCH_NUMBER_ROOM be written: 16 digits on either side of the point are eight
 * groups, which are made at once.
 */
uint32
batch_number_write_near(char *out, BatchSlice number, uint32 whole)
{
	static const uint8 masks[48] = {CLEAR8, CLEAR8, SET8, SET8, CLEAR8, CLEAR8};
	uint32		negative = *number.ptr == '-';
	const char *point = number.ptr + negative + whole;
	uint32		scale = number.ptr + number.len - point;
	uint32		header;
	uint32		found;
	uint32		n = 0;
	__m128i		groups;

	scale -= scale > 0;
	if (unlikely(whole > 16 || scale > 16))
		return batch_number_write(out, number, whole);
	header = SHORT_FORMAT | scale << SHORT_SCALE;
	groups = _mm_packs_epi32(read_groups(point - 16, masks + whole),
							 read_groups(point + 1, masks + 32 - scale));
	found = 0xFFFF ^ _mm_movemask_epi8(_mm_cmpeq_epi16(groups, _mm_setzero_si128()));
	if (likely(found != 0))
	{
		uint32		first = (uint32) pg_rightmost_one_pos32(found) / 2;
		char	   *aside = out + HEADER + sizeof(groups);

		n = (uint32) pg_leftmost_one_pos32(found) / 2 - first + 1;
		header |= negative * SHORT_NEGATIVE | ((3 - first) & SHORT_WEIGHT);
		_mm_storeu_si128((__m128i *) aside, groups);
		memmove(out + HEADER, aside + first * sizeof(int16), sizeof(groups));
	}
	SET_VARSIZE(out, HEADER + n * sizeof(int16));
	*(uint16 *) (out + VARHDRSZ) = header;
	return HEADER + n * sizeof(int16);
}

#else

/* Do the same without reading anything else. */
uint32
batch_number_write_near(char *out, BatchSlice number, uint32 whole)
{
	return batch_number_write(out, number, whole);
}

#endif

/* Make the numeric of a number that batch_number_write cannot write. */
static Datum
make_unplain(BatchSlice number, Node *escontext)
{
	char	   *text = pnstrdup(number.ptr, number.len);
	Datum		value = batch_compat_input_directly(numeric_in, text, escontext);

	pfree(text);
	return value;
}

/*
 * Tell whether a valid number that batch_number_write cannot write can be made a
 * numeric; if not, 22003 goes to escontext.
 */
bool
batch_number_check(BatchSlice number, Node *escontext)
{
	size_t		mantissa = 0;
	Datum		value;

	while (mantissa < number.len && (number.ptr[mantissa] | 0x20) != 'e')
		mantissa++;
	if (mantissa <= SURE_MANTISSA && number.len - mantissa <= SURE_EXPONENT)
		return true;
	value = make_unplain(number, escontext);
	if (SOFT_ERROR_OCCURRED(escontext))
		return false;
	pfree(DatumGetPointer(value));
	return true;
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
		return make_unplain(number, escontext);
	out = palloc(MOST_BYTES(number.len));
	batch_number_write(out, number, whole);
	return PointerGetDatum(out);
}
