/*
 * simd.h
 *	  Sixteen bytes at a time: the few operations that the scanners share.
 *
 * SSE2 is in every x86-64, NEON in every 64-bit ARM.  Where neither is,
 * BATCH_SIMD is not defined, and callers do without.
 */
#ifndef BATCH_SIMD_H
#define BATCH_SIMD_H

#include "postgres.h"

#if defined(__SSE2__)

#include <emmintrin.h>

#define BATCH_SIMD 1
typedef __m128i BatchVector;

/* Load 16 bytes from anywhere. */
static pg_attribute_always_inline BatchVector
batch_simd_load(const char *p)
{
	return _mm_loadu_si128((const __m128i *) p);
}

/* Store 16 bytes anywhere. */
static pg_attribute_always_inline void
batch_simd_store(char *p, BatchVector v)
{
	_mm_storeu_si128((__m128i *) p, v);
}

/* Fill all bytes with one. */
static pg_attribute_always_inline BatchVector
batch_simd_fill(char c)
{
	return _mm_set1_epi8(c);
}

/* Set the bytes that are equal, all their bits. */
static pg_attribute_always_inline BatchVector
batch_simd_equal(BatchVector a, BatchVector b)
{
	return _mm_cmpeq_epi8(a, b);
}

/* Set the highest bit where a is below b; bytes from 128 on are negative. */
static pg_attribute_always_inline BatchVector
batch_simd_below(BatchVector a, BatchVector b)
{
	return _mm_subs_epi8(a, b);
}

/* Set what is set in either. */
static pg_attribute_always_inline BatchVector
batch_simd_either(BatchVector a, BatchVector b)
{
	return _mm_or_si128(a, b);
}

/* Give a bit for each byte: its highest. */
static pg_attribute_always_inline uint32
batch_simd_mask(BatchVector v)
{
	return (uint32) _mm_movemask_epi8(v);
}

#elif defined(__aarch64__) && defined(__ARM_NEON) && !defined(WORDS_BIGENDIAN)

#include <arm_neon.h>

#define BATCH_SIMD 1
typedef uint8x16_t BatchVector;

/* Load 16 bytes from anywhere. */
static pg_attribute_always_inline BatchVector
batch_simd_load(const char *p)
{
	return vld1q_u8((const uint8 *) p);
}

/* Store 16 bytes anywhere. */
static pg_attribute_always_inline void
batch_simd_store(char *p, BatchVector v)
{
	vst1q_u8((uint8 *) p, v);
}

/* Fill all bytes with one. */
static pg_attribute_always_inline BatchVector
batch_simd_fill(char c)
{
	return vdupq_n_u8((uint8) c);
}

/* Set the bytes that are equal, all their bits. */
static pg_attribute_always_inline BatchVector
batch_simd_equal(BatchVector a, BatchVector b)
{
	return vceqq_u8(a, b);
}

/* Set the highest bit where a is below b; bytes from 128 on are negative. */
static pg_attribute_always_inline BatchVector
batch_simd_below(BatchVector a, BatchVector b)
{
	return vreinterpretq_u8_s8(vqsubq_s8(vreinterpretq_s8_u8(a), vreinterpretq_s8_u8(b)));
}

/* Set what is set in either. */
static pg_attribute_always_inline BatchVector
batch_simd_either(BatchVector a, BatchVector b)
{
	return vorrq_u8(a, b);
}

/* Give a bit for each byte: its highest. */
static pg_attribute_always_inline uint32
batch_simd_mask(BatchVector v)
{
	const uint8x16_t bits = vreinterpretq_u8_u64(vdupq_n_u64(UINT64CONST(0x8040201008040201)));
	uint8x16_t	sums = vandq_u8(vreinterpretq_u8_s8(vshrq_n_s8(vreinterpretq_s8_u8(v), 7)), bits);

	sums = vpaddq_u8(sums, sums);
	sums = vpaddq_u8(sums, sums);
	sums = vpaddq_u8(sums, sums);
	return vgetq_lane_u16(vreinterpretq_u16_u8(sums), 0);
}

#endif

#endif							/* BATCH_SIMD_H */
