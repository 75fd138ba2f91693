/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Seconds since 1970 to calendar and back, in UTC.
 *
 * Years are taken to begin in March: then the leap day is the last of the
 * year, and the days before a month follow a plain formula.  400 years are
 * 146097 days.
 */
#include <errno.h>
#include <limits.h>
#include <time.h>

#define DAY		86400L
#define ERA_YEARS	400L
#define ERA_DAYS	146097L
#define EPOCH_DAYS	719468L		/* from 0000-03-01 to 1970-01-01 */

static struct tm	static_tm;

static long
floordiv(long a, long b)
{
	return a / b - (a % b < 0);
}

/* Days from 1970-01-01; month 0 is January, and may be out of range. */
static long
days_from_date(long year, long month, long day)
{
	long era, y, m;

	year += floordiv(month, 12);
	m = month - 12 * floordiv(month, 12);
	m = (m + 10) % 12;			/* 0 is March */
	if (m >= 10)
		year--;
	era = floordiv(year, ERA_YEARS);
	y = year - era * ERA_YEARS;
	return era * ERA_DAYS + y * 365 + y / 4 - y / 100 +
	    (153 * m + 2) / 5 + day - 1 - EPOCH_DAYS;
}

static long
date_from_days(long days, struct tm *tm)
{
	long era, d, y, m, year;

	days += EPOCH_DAYS;
	era = floordiv(days, ERA_DAYS);
	d = days - era * ERA_DAYS;
	y = (d - d / 1460 + d / 36524 - d / 146096) / 365;
	d -= y * 365 + y / 4 - y / 100;
	m = (5 * d + 2) / 153;
	tm->tm_mday = (int)(d - (153 * m + 2) / 5 + 1);
	tm->tm_mon = (int)((m + 2) % 12);
	year = y + era * ERA_YEARS + (m >= 10);
	return year;
}

struct tm *
gmtime_r(const time_t *restrict t, struct tm *restrict tm)
{
	long days = floordiv(*t, DAY), secs = *t - days * DAY, year;

	year = date_from_days(days, tm);
	if (year - 1900 > INT_MAX || year - 1900 < INT_MIN) {
		errno = EOVERFLOW;
		return NULL;
	}
	tm->tm_year = (int)(year - 1900);
	tm->tm_hour = (int)(secs / 3600);
	tm->tm_min = (int)(secs / 60 % 60);
	tm->tm_sec = (int)(secs % 60);
	tm->tm_wday = (int)(days + 4 - 7 * floordiv(days + 4, 7));
	tm->tm_yday = (int)(days - days_from_date(year, 0, 1));
	tm->tm_isdst = 0;
	tm->tm_gmtoff = 0;
	tm->tm_zone = "UTC";
	return tm;
}

struct tm *
gmtime(const time_t *t)
{
	return gmtime_r(t, &static_tm);
}

struct tm *
localtime_r(const time_t *restrict t, struct tm *restrict tm)
{
	return gmtime_r(t, tm);
}

struct tm *
localtime(const time_t *t)
{
	return gmtime_r(t, &static_tm);
}

/* The members may be out of their ranges; they are brought back into them. */
time_t
timegm(struct tm *tm)
{
	time_t t;

	t = days_from_date(tm->tm_year + 1900L, tm->tm_mon, tm->tm_mday) * DAY +
	    tm->tm_hour * 3600L + tm->tm_min * 60L + tm->tm_sec;
	return gmtime_r(&t, tm) != NULL ? t : -1;
}

time_t
mktime(struct tm *tm)
{
	return timegm(tm);
}
