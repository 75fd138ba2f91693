/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The battery-backed clock: what day it is when we boot.
 */
#include <kern/md.h>
#include <machine/cpufunc.h>
#include <machine/machdep.h>

#define RTC_INDEX 0x70
#define RTC_DATA 0x71

#define RTC_SECOND 0x00
#define RTC_MINUTE 0x02
#define RTC_HOUR 0x04
#define RTC_DAY 0x07
#define RTC_MONTH 0x08
#define RTC_YEAR 0x09
#define RTC_STATUS_A 0x0a
#define RTC_STATUS_B 0x0b

#define A_UPDATING 0x80
#define B_24HOURS 0x02
#define B_BINARY 0x04
#define HOUR_PM 0x80

#define RTC_TRIES 1000000 /* reads of a clock that says it is updating: there is none */
#define EPOCH_YEAR 1970
#define CENTURY 2000
#define NS_PER_S 1000000000UL

struct rtc_time {
	unsigned int second, minute, hour, day, month, year;
};

static unsigned int
rtc_read(uint8_t reg)
{
	outb(RTC_INDEX, reg);
	return inb(RTC_DATA);
}

static unsigned int
from_bcd(unsigned int v)
{
	return (v >> 4) * 10 + (v & 15);
}

/* As the registers are.  false: it never stands still. */
static bool
rtc_snapshot(struct rtc_time *t)
{
	for (unsigned int i = 0; i < RTC_TRIES; i++) {
		if ((rtc_read(RTC_STATUS_A) & A_UPDATING) != 0)
			continue;
		t->second = rtc_read(RTC_SECOND);
		t->minute = rtc_read(RTC_MINUTE);
		t->hour = rtc_read(RTC_HOUR);
		t->day = rtc_read(RTC_DAY);
		t->month = rtc_read(RTC_MONTH);
		t->year = rtc_read(RTC_YEAR);
		/* Nothing has changed under our hands if no update began since. */
		if ((rtc_read(RTC_STATUS_A) & A_UPDATING) == 0 && rtc_read(RTC_SECOND) == t->second)
			return true;
	}
	return false;
}

static void
rtc_convert(struct rtc_time *t)
{
	unsigned int status = rtc_read(RTC_STATUS_B), pm = t->hour & HOUR_PM;

	t->hour &= ~HOUR_PM;
	if ((status & B_BINARY) == 0) {
		t->second = from_bcd(t->second);
		t->minute = from_bcd(t->minute);
		t->hour = from_bcd(t->hour);
		t->day = from_bcd(t->day);
		t->month = from_bcd(t->month);
		t->year = from_bcd(t->year);
	}
	if ((status & B_24HOURS) == 0)
		t->hour = t->hour % 12 + (pm != 0 ? 12 : 0);
	t->year += CENTURY;
}

static bool
is_leap(unsigned int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from the epoch to the date. */
static uint64_t
days_to(const struct rtc_time *t)
{
	static const uint16_t before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	uint64_t days = 0;

	for (unsigned int y = EPOCH_YEAR; y < t->year; y++)
		days += is_leap(y) ? 366 : 365;
	days += before[t->month - 1] + t->day - 1;
	return days + (t->month > 2 && is_leap(t->year));
}

/* 0 if there is no clock, or no sense in what it says. */
static uint64_t
rtc_seconds(void)
{
	struct rtc_time t;

	if (!rtc_snapshot(&t))
		return 0;
	rtc_convert(&t);
	if (t.month < 1 || t.month > 12 || t.day < 1 || t.day > 31 || t.hour > 23 || t.minute > 59 || t.second > 60)
		return 0;
	return ((days_to(&t) * 24 + t.hour) * 60 + t.minute) * 60 + t.second;
}

uint64_t
md_realtime_base_ns(void)
{
	static uint64_t base;

	if (base == 0)
		base = rtc_seconds() * NS_PER_S - md_monotonic_ns();
	return base;
}
