/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Results of a test in the Test Anything Protocol.
 *
 * The counters belong to whoever holds stdout's lock, and each line is written
 * out at once, so that what was printed before a crash is seen.
 */
#include <errno.h>
#include <heddle/tap.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/heddle.h>
#include <sys/sysctl.h>

static int	nresults;
static int	nfailed;

static void vdiag(const char *, va_list) __printflike(1, 0);
static int vresult(int, const char *, va_list) __printflike(2, 0);

static int
vresult(int good, const char *fmt, va_list ap)
{
	flockfile(stdout);
	nresults++;
	if (!good)
		nfailed++;
	(void)printf("%sok %d - ", good ? "" : "not ", nresults);
	(void)vprintf(fmt, ap);
	(void)printf("\n");
	(void)fflush(stdout);
	funlockfile(stdout);
	return good;
}

static void
vdiag(const char *fmt, va_list ap)
{
	flockfile(stdout);
	(void)printf("# ");
	(void)vprintf(fmt, ap);
	(void)printf("\n");
	(void)fflush(stdout);
	funlockfile(stdout);
}

void
tap_diag(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vdiag(fmt, ap);
	va_end(ap);
}

int
tap_ok(int good, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vresult(good != 0, fmt, ap);
	va_end(ap);
	return good != 0;
}

int
tap_pass(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vresult(1, fmt, ap);
	va_end(ap);
	return 1;
}

int
tap_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vresult(0, fmt, ap);
	va_end(ap);
	return 0;
}

int
tap_is_int(long got, long want, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vresult(got == want, fmt, ap);
	va_end(ap);
	if (got != want)
		tap_diag("got %ld, want %ld", got, want);
	return got == want;
}

int
tap_is_str(const char *got, const char *want, const char *fmt, ...)
{
	int good = got != NULL && strcmp(got, want) == 0;
	va_list ap;

	va_start(ap, fmt);
	(void)vresult(good, fmt, ap);
	va_end(ap);
	if (!good)
		tap_diag("got \"%s\", want \"%s\"", got, want);
	return good;
}

int
tap_is_errno(long result, int error, const char *fmt, ...)
{
	int got = result == -1 ? errno : 0;
	va_list ap;

	va_start(ap, fmt);
	(void)vresult(got == error, fmt, ap);
	va_end(ap);
	if (got != error)
		tap_diag("got %d (%s), want %d, result %ld", got,
		    strerror(got), error, result);
	return got == error;
}

void
tap_skip(int n, const char *fmt, ...)
{
	char reason[128];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	while (n-- > 0)
		(void)tap_pass("# SKIP %s", reason);
}

__dead void
tap_bail(const char *fmt, ...)
{
	va_list ap;

	flockfile(stdout);
	(void)printf("Bail out!  ");
	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)printf("\n");
	(void)fflush(stdout);
	exit(255);
}

/* A debug kernel looks whether what must always be true still is; what is not, it has printed. */
static void
check_kernel(void)
{
	static const int name[] = { CTL_VENDOR, HEDDLE_INVARIANTS };
	size_t len = sizeof(int);
	int broken = 0;

	if (sysctl(name, 2, &broken, &len, NULL, 0) == 0 && broken != 0)
		(void)tap_fail("%d of the kernel's invariants are broken", broken);
}

int
tap_done(void)
{
	int status;

	check_kernel();

	flockfile(stdout);
	(void)printf("1..%d\n", nresults);
	if (nfailed > 0)
		(void)printf("# %d of %d failed\n", nfailed, nresults);
	(void)fflush(stdout);
	status = nfailed > 0;
	funlockfile(stdout);
	return status;
}
