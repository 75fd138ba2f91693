/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages about errors: "program: text: error".
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void message(const char *, const char *, va_list) __printflike(2, 0);

/* `reason' may be NULL.  The message is not torn apart by other LWPs'. */
static void
message(const char *reason, const char *fmt, va_list ap)
{
	(void)fflush(stdout);
	flockfile(stderr);
	(void)fprintf(stderr, "%s: ", getprogname());
	if (fmt != NULL)
		(void)vfprintf(stderr, fmt, ap);
	if (fmt != NULL && reason != NULL)
		(void)fputs(": ", stderr);
	(void)fprintf(stderr, "%s\n", reason != NULL ? reason : "");
	funlockfile(stderr);
}

void
vwarnc(int error, const char *fmt, va_list ap)
{
	message(strerror(error), fmt, ap);
}

void
vwarn(const char *fmt, va_list ap)
{
	vwarnc(errno, fmt, ap);
}

void
vwarnx(const char *fmt, va_list ap)
{
	message(NULL, fmt, ap);
}

__dead void
verrc(int status, int error, const char *fmt, va_list ap)
{
	vwarnc(error, fmt, ap);
	exit(status);
}

__dead void
verr(int status, const char *fmt, va_list ap)
{
	verrc(status, errno, fmt, ap);
}

__dead void
verrx(int status, const char *fmt, va_list ap)
{
	vwarnx(fmt, ap);
	exit(status);
}

void
warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarn(fmt, ap);
	va_end(ap);
}

void
warnc(int error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarnc(error, fmt, ap);
	va_end(ap);
}

void
warnx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarnx(fmt, ap);
	va_end(ap);
}

__dead void
err(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	verr(status, fmt, ap);
}

__dead void
errc(int status, int error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	verrc(status, error, fmt, ap);
}

__dead void
errx(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	verrx(status, fmt, ap);
}
