/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Times as text in one fixed form.  The functions without _r have one buffer for
 * all threads.
 */
#include <stdio.h>
#include <time.h>

#define TEXT_SIZE	26		/* what a caller of asctime_r provides */

char *
asctime_r(const struct tm *restrict tm, char *restrict text)
{
	char long_text[64];

	(void)strftime(long_text, sizeof(long_text), "%a %b %e %H:%M:%S %Y\n", tm);
	(void)snprintf(text, TEXT_SIZE, "%s", long_text);
	return text;
}

char *
asctime(const struct tm *tm)
{
	static char text[TEXT_SIZE];

	return asctime_r(tm, text);
}

char *
ctime_r(const time_t *t, char *text)
{
	struct tm tm;

	return asctime_r(localtime_r(t, &tm), text);
}

char *
ctime(const time_t *t)
{
	struct tm tm;

	return asctime(localtime_r(t, &tm));
}
