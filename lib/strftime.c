/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * strftime, in the C locale.  It has no %g, %G and %V (weeks of ISO 8601).
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NITEM		48		/* room for the longest item */

static const char *const days[] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
	"Saturday",
};

static const char *const months[] = {
	"January", "February", "March", "April", "May", "June", "July",
	"August", "September", "October", "November", "December",
};

static const char *
day_name(const struct tm *tm)
{
	return tm->tm_wday >= 0 && tm->tm_wday < 7 ? days[tm->tm_wday] : "?";
}

static const char *
month_name(const struct tm *tm)
{
	return tm->tm_mon >= 0 && tm->tm_mon < 12 ? months[tm->tm_mon] : "?";
}

/* The week of the year, of which the first begins on weekday `first'. */
static int
week(const struct tm *tm, int first)
{
	return (tm->tm_yday + 7 - (tm->tm_wday + 7 - first) % 7) / 7;
}

static int
hour12(const struct tm *tm)
{
	return (tm->tm_hour + 11) % 12 + 1;
}

/* The number that an item prints, and the printf format for it; or NULL. */
static const char *
number_item(char c, const struct tm *tm, long *value)
{
	long year = tm->tm_year + 1900L;

	switch (c) {
	case 'C':	*value = year / 100;		return "%02ld";
	case 'd':	*value = tm->tm_mday;		return "%02ld";
	case 'e':	*value = tm->tm_mday;		return "%2ld";
	case 'H':	*value = tm->tm_hour;		return "%02ld";
	case 'I':	*value = hour12(tm);		return "%02ld";
	case 'j':	*value = tm->tm_yday + 1;	return "%03ld";
	case 'k':	*value = tm->tm_hour;		return "%2ld";
	case 'l':	*value = hour12(tm);		return "%2ld";
	case 'M':	*value = tm->tm_min;		return "%02ld";
	case 'm':	*value = tm->tm_mon + 1;	return "%02ld";
	case 'S':	*value = tm->tm_sec;		return "%02ld";
	case 'U':	*value = week(tm, 0);		return "%02ld";
	case 'u':	*value = (tm->tm_wday + 6) % 7 + 1; return "%ld";
	case 'W':	*value = week(tm, 1);		return "%02ld";
	case 'w':	*value = tm->tm_wday;		return "%ld";
	case 'Y':	*value = year;			return "%ld";
	case 'y':	*value = year % 100;		return "%02ld";
	default:	return NULL;
	}
}

/* Items that stand for several others. */
static const char *
composed_item(char c)
{
	switch (c) {
	case 'c':	return "%a %b %e %H:%M:%S %Y";
	case 'D':
	case 'x':	return "%m/%d/%y";
	case 'F':	return "%Y-%m-%d";
	case 'R':	return "%H:%M";
	case 'r':	return "%I:%M:%S %p";
	case 'T':
	case 'X':	return "%H:%M:%S";
	default:	return NULL;
	}
}

static void
text_item(char *item, char c, const struct tm *tm)
{
	struct tm copy = *tm;

	switch (c) {
	case 'A':	(void)strlcpy(item, day_name(tm), NITEM);	break;
	case 'a':	(void)strlcpy(item, day_name(tm), 4);		break;
	case 'B':	(void)strlcpy(item, month_name(tm), NITEM);	break;
	case 'b':
	case 'h':	(void)strlcpy(item, month_name(tm), 4);		break;
	case 'n':	(void)strlcpy(item, "\n", NITEM);		break;
	case 'p':
		(void)strlcpy(item, tm->tm_hour < 12 ? "AM" : "PM", NITEM);
		break;
	case 's':
		(void)snprintf(item, NITEM, "%ld", (long)timegm(&copy));
		break;
	case 't':	(void)strlcpy(item, "\t", NITEM);		break;
	case 'Z':	(void)strlcpy(item, "UTC", NITEM);		break;
	case 'z':	(void)strlcpy(item, "+0000", NITEM);		break;
	case '%':	(void)strlcpy(item, "%", NITEM);		break;
	default:	(void)snprintf(item, NITEM, "%%%c", c);		break;
	}
}

static void
expand(char *item, char c, const struct tm *tm)
{
	const char *fmt;
	long value;

	if ((fmt = composed_item(c)) != NULL)
		(void)strftime(item, NITEM, fmt, tm);
	else if ((fmt = number_item(c, tm, &value)) != NULL)
		(void)snprintf(item, NITEM, fmt, value);
	else
		text_item(item, c, tm);
}

size_t
strftime(char *restrict s, size_t size, const char *restrict fmt,
    const struct tm *restrict tm)
{
	char item[NITEM];
	size_t n = 0, len;

	for (; *fmt != '\0'; fmt++) {
		item[0] = *fmt;
		item[1] = '\0';
		if (*fmt == '%' && fmt[1] != '\0')
			expand(item, *++fmt, tm);
		len = strlen(item);
		if (len >= size - n)
			return 0;
		memcpy(s + n, item, len);
		n += len;
	}
	if (n >= size)
		return 0;
	s[n] = '\0';
	return n;
}
