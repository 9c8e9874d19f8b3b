/*
 * times.c
 *	  A JSON value --> a date or a time: ISO 8601 or Unix time, and no words.
 *
 * PostgreSQL's input functions read the text, once its shape has been checked:
 * they would also take words such as now, and the session's TimeZone where the
 * text has no zone.
 */
#include "compat.h"
#include "values/values.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#define SECONDS_FROM "100000000"	/* 10^8, in March 1973; what is less is a year, or a count */
#define MILLISECONDS_FROM "100000000000"	/* 10^11 */
#define MILLISECONDS_TO "9223372036854775"	/* in microseconds the last of int64 */

/* What a text of ISO 8601 holds. */
typedef struct IsoShape
{
	bool		date;
	bool		time;
	bool		zone;
} IsoShape;

/* Skip exactly n digits; NULL where there are not. */
static const char *
skip_digits(const char *p, int n)
{
	for (int i = 0; i < n; i++)
		if (!isdigit((unsigned char) p[i]))
			return NULL;
	return p + n;
}

/* Skip pairs of digits, separated by a character or, in basic form, by none. */
static const char *
skip_pairs(const char *p, int pairs, char separator, bool basic)
{
	for (int i = 0; i < pairs && p; i++)
	{
		if (i > 0 && !basic && *p++ != separator)
			return NULL;
		p = skip_digits(p, 2);
	}
	return p;
}

/* Skip a date: YYYY-MM-DD or YYYYMMDD. */
static const char *
skip_date(const char *p)
{
	p = skip_digits(p, 4);
	if (p == NULL)
		return NULL;
	return *p == '-' ? skip_pairs(p + 1, 2, '-', false) : skip_pairs(p, 2, '-', true);
}

/* Skip a time: hh:mm[:ss[.fraction]] or hhmmss[.fraction]. */
static const char *
skip_time(const char *p)
{
	bool		basic = p[0] && p[1] && p[2] != ':';

	p = skip_pairs(p, basic ? 3 : 2, ':', basic);
	if (p == NULL)
		return NULL;
	if (!basic && *p == ':' && (p = skip_digits(p + 1, 2)) == NULL)
		return NULL;
	if (*p == '.' || *p == ',')
	{
		if (!isdigit((unsigned char) p[1]))
			return NULL;
		p += 1 + strspn(p + 1, "0123456789");
	}
	return p;
}

/* Skip a zone: Z, ±hh, ±hh:mm or ±hhmm. */
static const char *
skip_zone(const char *p)
{
	if (*p == 'Z' || *p == 'z')
		return p + 1;
	p = skip_digits(p + 1, 2);
	if (p == NULL || *p == '\0')
		return p;
	return skip_digits(*p == ':' ? p + 1 : p, 2);
}

/* Tell what a text holds; false where it is not of ISO 8601. */
static bool
tell_shape(const char *text, IsoShape *shape)
{
	const char *p = text;

	memset(shape, 0, sizeof(*shape));
	if (strlen(text) > 2 && text[2] != ':')
	{
		if ((p = skip_date(p)) == NULL)
			return false;
		shape->date = true;
		if (*p == '\0')
			return true;
		if (*p != 'T' && *p != 't' && *p != ' ')
			return false;
		p++;
	}
	if ((p = skip_time(p)) == NULL)
		return false;
	shape->time = true;
	if (*p == 'Z' || *p == 'z' || *p == '+' || *p == '-')
	{
		if ((p = skip_zone(p)) == NULL)
			return false;
		shape->zone = true;
	}
	return *p == '\0';
}

/* Tell whether a type is one of dates and times. */
bool
batch_times_is(Oid type)
{
	return type == DATEOID || type == TIMEOID || type == TIMETZOID ||
		type == TIMESTAMPOID || type == TIMESTAMPTZOID;
}

/* Parse n digits; -1 where there are not. */
static inline int
parse_digits(const char *p, int n)
{
	int			value = 0;

	for (int i = 0; i < n; i++)
	{
		if (!isdigit((unsigned char) p[i]))
			return -1;
		value = value * 10 + (p[i] - '0');
	}
	return value;
}

/* Parse YYYY-MM-DD into days since 2000; false for all else. */
static bool
parse_date(const char *p, int *days)
{
	int			year = parse_digits(p, 4);
	int			month = parse_digits(p + 5, 2);
	int			day = parse_digits(p + 8, 2);

	if (p[4] != '-' || p[7] != '-' || year < 1 || month < 1 || month > 12 ||
		day < 1 || day > day_tab[isleap(year)][month - 1])
		return false;
	*days = date2j(year, month, day) - POSTGRES_EPOCH_JDATE;
	return true;
}

/*
 * Parse hh:mm:ss[.ffffff] into microseconds and go behind it; false for all
 * else, such as a leap second.
 */
static bool
parse_clock(const char **place, const char *end, int64 *us)
{
	const char *p = *place;
	int			hour = parse_digits(p, 2);
	int			minute = parse_digits(p + 3, 2);
	int			second = parse_digits(p + 6, 2);
	int64		unit = USECS_PER_SEC;

	if (p[2] != ':' || p[5] != ':' || hour < 0 || hour > 23 ||
		minute < 0 || minute > 59 || second < 0 || second > 59)
		return false;
	*us = ((hour * INT64CONST(60) + minute) * 60 + second) * USECS_PER_SEC;
	p += 8;
	if (p < end && *p == '.')
	{
		while (++p < end && isdigit((unsigned char) *p) && unit > 1)
			*us += (*p - '0') * (unit /= 10);
		if (unit == USECS_PER_SEC || (p < end && isdigit((unsigned char) *p)))
			return false;
	}
	*place = p;
	return true;
}

/* Parse Z, ±hh:mm or nothing, which is UTC, up to the end, into microseconds. */
static bool
parse_offset(const char *p, const char *end, int64 *us)
{
	int			hours,
				minutes;

	*us = 0;
	if (p == end || (end - p == 1 && *p == 'Z'))
		return true;
	if (end - p != 6 || (*p != '+' && *p != '-') || p[3] != ':')
		return false;
	hours = parse_digits(p + 1, 2);
	minutes = parse_digits(p + 4, 2);
	if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
		return false;
	*us = (hours * INT64CONST(60) + minutes) * 60 * USECS_PER_SEC;
	if (*p == '-')
		*us = -*us;
	return true;
}

/*
 * Make a date or a timestamp of a string in its usual form, as RFC 3339 has
 * it; false for all else, which batch_times_convert reads.
 */
bool
batch_times_parse(const BatchType *t, BatchSlice v, Datum *value)
{
	const char *p = v.ptr + 1;
	const char *end = v.ptr + v.len - 1;
	int			days;
	int64		clock,
				offset;

	if (*v.ptr != '"' || end - p < 10 || t->typmod >= 0 || !parse_date(p, &days))
		return false;
	if (t->base == DATEOID)
	{
		*value = DateADTGetDatum(days);
		return end - p == 10;
	}
	p += 11;
	if (end - p < 8 || (p[-1] != 'T' && p[-1] != ' ') || !parse_clock(&p, end, &clock) ||
		!parse_offset(p, end, &offset))
		return false;
	clock += days * USECS_PER_DAY;
	*value = t->base == TIMESTAMPOID ? TimestampGetDatum(clock) :
		TimestampTzGetDatum(clock - offset);
	return true;
}

/* Tell whether a number is, without its sign, at least another. */
static bool
reaches(Datum number, const char *other)
{
	return DatumGetBool(DirectFunctionCall2(numeric_ge,
											DirectFunctionCall1(numeric_abs, number),
											batch_compat_input_directly(numeric_in, other, NULL)));
}

/* Convert Unix time to a timestamp, which is not valid where it is none. */
static Timestamp
convert_unix(Datum number)
{
	Datum		scale;
	int64		us;
	Timestamp	stamp = DT_NOEND;

	if (reaches(number, SECONDS_FROM) && !reaches(number, MILLISECONDS_TO))
	{
		scale = NumericGetDatum(int64_to_numeric(reaches(number, MILLISECONDS_FROM) ? 1000 : 1000000));
		us = DatumGetInt64(DirectFunctionCall1(numeric_int8,
											   DirectFunctionCall2(numeric_mul, number, scale)));
		if (pg_sub_s64_overflow(us, (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY,
								&stamp))
			stamp = DT_NOEND;
	}
	return stamp;
}

/*
 * Convert a number: Unix time in seconds, from 10^11 on in milliseconds.  One
 * that is near 0 is no time that an API tells, and would pass for a day in 1970.
 */
static Datum
convert_number(BatchType *t, const char *text, Node *escontext)
{
	Datum		number = batch_compat_input_directly(numeric_in, text, escontext);
	Timestamp	stamp;

	if (SOFT_ERROR_OCCURRED(escontext))
		return (Datum) 0;
	stamp = convert_unix(number);
	if (!IS_VALID_TIMESTAMP(stamp))
		ereturn(escontext, (Datum) 0,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("Unix time out of range: \"%s\"", text),
				 reaches(number, SECONDS_FROM) ? 0 :
				 errhint("A number below 10^8 is a year or a count: make the column an integer, and compute the date in a view.")));
	if (t->base == DATEOID)
		return DirectFunctionCall1(timestamp_date, TimestampGetDatum(stamp));
	if (t->base == TIMEOID)
		return DirectFunctionCall1(timestamp_time, TimestampGetDatum(stamp));
	if (t->base == TIMESTAMPTZOID)
		return DirectFunctionCall2(timestamptz_scale, TimestampTzGetDatum(stamp),
								   Int32GetDatum(t->typmod));
	return DirectFunctionCall2(timestamp_scale, TimestampGetDatum(stamp),
							   Int32GetDatum(t->typmod));
}

/*
 * Convert the text of a JSON string or number; 22007 where it is not of
 * ISO 8601 or lacks what the type needs.  Errors as in batch_convert_value.
 */
Datum
batch_times_convert(BatchType *t, char *text, bool is_number, Node *escontext)
{
	IsoShape	shape;
	bool		is_time = t->base == TIMEOID || t->base == TIMETZOID;

	if (is_number && t->base != TIMETZOID)
		return convert_number(t, text, escontext);
	if (is_number || !tell_shape(text, &shape) ||
		(is_time ? !shape.time : !shape.date))
		ereturn(escontext, (Datum) 0,
				(errcode(ERRCODE_INVALID_DATETIME_FORMAT),
				 errmsg("invalid input syntax for type %s: \"%s\"",
						format_type_be(t->base), text),
				 errhint("Dates and times are written as in ISO 8601, or as Unix time.")));
	if (strchr(text, ',') != NULL)
		*strchr(text, ',') = '.';
	if (!shape.zone && (t->base == TIMESTAMPTZOID || t->base == TIMETZOID))
		text = psprintf("%s%s+00", text, shape.time ? "" : " 00:00");
	return batch_compat_input(&t->input, text, t->ioparam, t->typmod, escontext);
}
