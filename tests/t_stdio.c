/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatted output and input, and streams.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>

#include "test.h"

static int	failures;

/* Format, and compare the text and the length. */
static void __printflike(2, 3)
expect(const char *want, const char *fmt, ...)
{
	char buf[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (strcmp(buf, want) != 0 || n != (int)strlen(want)) {
		tap_diag("\"%s\" gives \"%s\" (%d), not \"%s\"", fmt, buf, n, want);
		failures++;
	}
}

static void
report(const char *what)
{
	tap_is_int(failures, 0, "%s", what);
	failures = 0;
}

static void
test_integers(void)
{
	expect("42", "%d", 42);
	expect("-42", "%i", -42);
	expect("0", "%d", 0);
	expect("2147483647 -2147483648", "%d %d", INT_MAX, INT_MIN);
	expect("9223372036854775807", "%ld", LONG_MAX);
	expect("-9223372036854775808", "%lld", LLONG_MIN);
	expect("18446744073709551615", "%lu", ULONG_MAX);
	expect("ff FF 377", "%x %X %o", 255, 255, 255);
	expect("0xff 0XFF 0377 0", "%#x %#X %#o %#x", 255, 255, 255, 0);
	expect("   42|42   |00042|+42| 42|+0042", "%5d|%-5d|%05d|%+d|% d|%+05d", 42, 42, 42, 42, 42, 42);
	expect("00042|  042|-0042|", "%.5d|%5.3d|%.4d|%.0d", 42, 42, -42, 0);
	expect("   7|8   ", "%*d|%*d", 4, 7, -4, 8);
	expect("-1 255 -1 65535", "%hhd %hhu %hd %hu", (signed char)-1, (unsigned char)255, (short)-1,
	    (unsigned short)65535);
	expect("5 -5 7 9", "%zu %zd %td %jd", (size_t)5, (ssize_t)-5, (ptrdiff_t)7, (intmax_t)9);
	report("printf: integers");
}

static void
test_strings(void)
{
	char cut[10];
	volatile size_t size = 5;
	int n;

	expect("hello|  hi|hi  |hel", "%s|%4s|%-4s|%.3s", "hello", "hi", "hi", "hello");
	expect("x|  x|%", "%c|%3c|%%", 'x', 'x');
	expect("0x1234", "%p", (void *)0x1234);
	expect("abc", "%.*s", 3, "abcdef");
	report("printf: strings, characters, pointers");
	n = snprintf(cut, size, "%s", "longer");
	tap_ok(n == 6 && strcmp(cut, "long") == 0, "snprintf cuts, ends with NUL and gives the whole length");
	n = snprintf(NULL, 0, "%d", 12345);
	tap_is_int(n, 5, "snprintf without room counts");
}

static void
test_floats(void)
{
	expect("3.141593", "%f", 3.14159265358979);
	expect("3.14|  3.14|3.14  |003.14", "%.2f|%6.2f|%-6.2f|%06.2f", 3.14159, 3.14159, 3.14159, 3.14159);
	expect("0.5 1 2 2 4", "%.1f %.0f %.0f %.0f %.0f", 0.5, 0.6, 1.5, 2.5, 3.5);
	expect("1.000000e+10 1.5e-05", "%e %.1e", 1e10, 1.5e-5);
	expect("100000 1e+06 0.0001 1e-05", "%g %g %g %g", 1e5, 1e6, 1e-4, 1e-5);
	expect("inf -inf nan INF", "%f %f %f %F", __builtin_inf(), -__builtin_inf(), __builtin_nan(""),
	    __builtin_inf());
	expect("-0.000000 +1.0", "%f %+.1f", -0.0, 1.0);
	expect("123456789012345680", "%.0f", 1.2345678901234568e17);
	expect("0.1000000000000000055511151231257827", "%.34f", 0.1);
	expect("1.7976931348623157e+308", "%.16e", 1.7976931348623157e308);
	expect("4.9406564584124654e-324", "%.16e", 4.9406564584124654e-324);
	report("printf: floating point");
}

static void
test_reading(void)
{
	int a = 0, b = 0, n;
	unsigned x = 0;
	char word[20] = "";
	double d = 0;

	n = sscanf("12 -7 0x1f word 2.5", "%d %d %x %19s %lf", &a, &b, &x, word, &d);
	tap_ok(n == 5 && a == 12 && b == -7 && x == 0x1f && strcmp(word, "word") == 0 && d == 2.5, "sscanf");
	tap_ok(strtol("  -123abc", NULL, 10) == -123 && strtoul("0xff", NULL, 0) == 255 && strtol("077", NULL, 0) == 63,
	    "strtol and strtoul");
	errno = 0;
	tap_ok(strtol("99999999999999999999", NULL, 10) == LONG_MAX && errno == ERANGE, "strtol out of range");
	tap_ok(strtod("1e3", NULL) == 1000 && strtod("-.5x", NULL) == -0.5 && strtod("0x1p4", NULL) == 16, "strtod");
}

/* Where others do otherwise than C17 says, tests/host/format.t does not look. */
static void
test_scanf_edges(void)
{
	static char zeros[400];
	char three[4] = "";
	double d = 0;
	int n = 7;

	tap_is_int(sscanf("", "%d", &n), EOF, "sscanf: no input: EOF");
	tap_is_int(sscanf("x", "%d", &n), 0, "sscanf: other input than is wanted: 0");
	tap_is_int(sscanf("5", "%*d %d", &n), 0, "sscanf: the end after a conversion that is not stored: 0");
	tap_is_int(sscanf("100ergs", "%lf", &d), 0, "sscanf: 100e is no number");
	tap_is_int(sscanf("0xg", "%x", (unsigned *)&n), 0, "sscanf: nor is 0x");
	tap_is_int(sscanf("ab", "%3c", three), 0, "sscanf: two characters are not three");
	tap_ok(sscanf("-Infinity nan(7) inf", "%lf%*f%lf", &d, &d) == 2 && d > 1e308, "sscanf: infinity and NaN");
	tap_is_int(sscanf("infinit", "%lf", &d), 0, "sscanf: half an infinity is a mismatch");
	memset(zeros, '0', sizeof(zeros) - 3);
	strcpy(zeros + sizeof(zeros) - 3, "12");
	tap_ok(sscanf(zeros, "%d", &n) == 1 && n == 12, "sscanf: a number of 400 digits");
	memset(zeros, '9', sizeof(zeros) - 3);
	tap_ok(sscanf(zeros, "%*300[9]%lf", &d) == 1 && d > 9e98 && d < 1e101, "sscanf: and one of 100");
}

static void
test_streams(void)
{
	int ends[2];
	char line[64];
	FILE *in, *out;

	if (pipe(ends) != 0)
		tap_bail("pipe: %s", strerror(errno));
	in = fdopen(ends[0], "r");
	out = fdopen(ends[1], "w");
	fprintf(out, "one line\nanother %d\nlast", 2);
	fclose(out);
	tap_ok(fgets(line, sizeof(line), in) == line && strcmp(line, "one line\n") == 0, "fgets reads a line");
	tap_ok(fgets(line, sizeof(line), in) == line && strcmp(line, "another 2\n") == 0, "and the next");
	tap_ok(ungetc('X', in) == 'X' && fgetc(in) == 'X' && fgetc(in) == 'l', "ungetc gives a character back");
	tap_ok(fread(line, 1, 10, in) == 3 && memcmp(line, "ast", 3) == 0, "fread reads up to the end");
	tap_ok(feof(in) && !ferror(in) && fgetc(in) == EOF, "the end of the file is the end");
	fclose(in);
	tap_ok(fopen("/no/such/file", "r") == NULL && errno == ENOENT, "fopen of nothing");
}

/* Lines of several LWPs do not mix. */
static FILE	*out;

static void
write_lines(void *arg)
{
	for (int i = 0; i < 100; i++)
		fprintf(out, "%c%c%c%c%c%c%c%c\n", *(char *)arg, *(char *)arg, *(char *)arg, *(char *)arg, *(char *)arg,
		    *(char *)arg, *(char *)arg, *(char *)arg);
}

static void
test_lwps(void)
{
	char letters[] = "abcd", line[64];
	int ends[2], lines = 0, mixed = 0;
	lwpid_t ids[4];
	FILE *in;

	if (pipe(ends) != 0)
		tap_bail("pipe: %s", strerror(errno));
	in = fdopen(ends[0], "r");
	out = fdopen(ends[1], "w");
	for (int i = 0; i < 4; i++)
		ids[i] = spawn(write_lines, &letters[i]);
	/* All of it fits into the pipe. */
	for (int i = 0; i < 4; i++)
		join(ids[i]);
	fclose(out);
	for (; fgets(line, sizeof(line), in) != NULL; lines++) {
		for (int i = 1; i < 8; i++)
			mixed += line[i] != line[0];
		mixed += strlen(line) != 9;
	}
	tap_ok(lines == 400 && mixed == 0, "lines of 4 LWPs come whole (%d lines, %d mixed)", lines, mixed);
	fclose(in);
}

/* --- All are flushed, while others use them --- */

static FILE		*shared;
static atomic_int	held, opened;

static void
read_one(void *arg)
{
	(void)getc(arg);
}

/* Locks a FILE, and opens another when `arg' waits for the first. */
static void
open_with_lock(void *arg)
{
	FILE *f;

	flockfile(shared);
	atomic_store(&held, 1);
	lwp_await(*(lwpid_t *)arg, LSSLEEP, "nanoslp");
	f = fopen("/dev/null", "r");
	atomic_store(&opened, f != NULL);
	fclose(f);
	funlockfile(shared);
}

static void
test_flush_all(void)
{
	lwpid_t self = _lwp_self(), id;
	int ends[2];
	FILE *in;

	if (pipe(ends) != 0 || (in = fdopen(ends[0], "r")) == NULL || (shared = fopen("/dev/null", "w")) == NULL)
		tap_bail("open: %s", strerror(errno));
	id = spawn(read_one, in);
	lwp_await(id, LSSLEEP, "piperd");
	tap_is_int(fflush(NULL), 0, "fflush(NULL) does not wait for who waits for input");
	write(ends[1], "x", 1);
	join(id);
	fputc('x', shared);
	id = spawn(open_with_lock, &self);
	AWAIT(atomic_load(&held));
	tap_is_int(fflush(NULL), 0, "and waits for who has locked another");
	tap_is_int(atomic_load(&opened), 1, "who can open one meanwhile");
	join(id);
	fclose(shared);
	fclose(in);
	close(ends[1]);
}

int
main(void)
{
	test_integers();
	test_strings();
	test_floats();
	test_reading();
	test_scanf_edges();
	test_streams();
	test_lwps();
	test_flush_all();
	return tap_done();
}
