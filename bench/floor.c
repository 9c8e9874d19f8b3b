/*
 * floor.c
 *	  Inflate a gzip file and do nothing else: what no reader of it can beat.
 *
 * floor zlib|isal FILE prints a line of JSON: seconds, cpu, and the number of
 * bytes as the answer.  Without -DWITH_ISAL there is zlib only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>
#ifdef WITH_ISAL
#include <isa-l/igzip_lib.h>
#endif

#define INPUT 65536
#define OUTPUT 65536
#define ISAL_OUTPUT 262144

static unsigned char input[INPUT];
static unsigned char output[ISAL_OUTPUT];

/* Give up with a message. */
static void
fail(const char *message)
{
	fprintf(stderr, "floor: %s\n", message);
	exit(1);
}

/* Read a clock, in seconds. */
static double
read_clock(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Inflate by zlib; give the number of bytes. */
static unsigned long
inflate_zlib(FILE *file)
{
	z_stream	z;
	unsigned long total = 0;
	int			status = Z_OK;

	memset(&z, 0, sizeof(z));
	if (inflateInit2(&z, 15 + 16) != Z_OK)
		fail("no memory");
	while (status != Z_STREAM_END)
	{
		if (z.avail_in == 0)
		{
			z.avail_in = fread(input, 1, INPUT, file);
			z.next_in = input;
			if (z.avail_in == 0)
				fail("the file is truncated");
		}
		z.next_out = output;
		z.avail_out = OUTPUT;
		status = inflate(&z, Z_NO_FLUSH);
		if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
			fail("the file is corrupt");
		total += OUTPUT - z.avail_out;
	}
	return total;
}

#ifdef WITH_ISAL
/* Inflate by ISA-L; give the number of bytes. */
static unsigned long
inflate_isal(FILE *file)
{
	struct inflate_state *z = malloc(sizeof(struct inflate_state));
	unsigned long total = 0;

	if (z == NULL)
		fail("no memory");
	isal_inflate_init(z);
	z->crc_flag = ISAL_GZIP;
	while (z->block_state != ISAL_BLOCK_FINISH)
	{
		if (z->avail_in == 0)
		{
			z->avail_in = fread(input, 1, INPUT, file);
			z->next_in = input;
			if (z->avail_in == 0)
				fail("the file is truncated");
		}
		z->next_out = output;
		z->avail_out = ISAL_OUTPUT;
		if (isal_inflate(z) != ISAL_DECOMP_OK)
			fail("the file is corrupt");
		total += ISAL_OUTPUT - z->avail_out;
	}
	return total;
}
#endif

/* Time one library on one file. */
int
main(int argc, char **argv)
{
	unsigned long (*run) (FILE *) = inflate_zlib;
	unsigned long total;
	double		start;
	double		cpu;
	FILE	   *file;

	if (argc != 3)
		fail("usage: floor zlib|isal FILE");
	if (strcmp(argv[1], "isal") == 0)
#ifdef WITH_ISAL
		run = inflate_isal;
#else
		fail("built without ISA-L");
#endif
	file = fopen(argv[2], "rb");
	if (file == NULL)
		fail("cannot open the file");
	start = read_clock(CLOCK_MONOTONIC);
	cpu = read_clock(CLOCK_PROCESS_CPUTIME_ID);
	total = run(file);
	printf("{\"seconds\": %.4f, \"cpu\": %.4f, \"answer\": \"%lu\"}\n",
		   read_clock(CLOCK_MONOTONIC) - start, read_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu, total);
	return 0;
}
