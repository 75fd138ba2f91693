/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's trace: turn it on and off, look at its end, make a mark in it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/cdefs.h>
#include <sys/heddle.h>
#include <sys/sysctl.h>
#include <sys/trace.h>

#define SHOWN	20	/* records, unless the user says how many */
#define MOST	4096

static const char what[] __used = "@(#)trace [on|off|show [N]|mark LABEL [NUMBER]]: record what the kernel does";

static int
usage(void)
{
	fprintf(stderr, "usage: trace [on | off | show [N] | mark LABEL [NUMBER]]\n");
	return 2;
}

static int
fail(const char *text)
{
	fprintf(stderr, "trace: %s: %s\n", text, strerror(errno));
	return EXIT_FAILURE;
}

/* A number of the command line; false: it is none. */
static int
number(const char *text, unsigned long long *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return *text != '\0' && *end == '\0' && errno == 0;
}

static int
turn(int on)
{
	const int name[] = { CTL_VENDOR, HEDDLE_TRACE };

	if (sysctl(name, __arraycount(name), NULL, NULL, &on, sizeof(on)) != 0)
		return fail(on ? "cannot be turned on" : "cannot be turned off");
	return EXIT_SUCCESS;
}

static int
status(void)
{
	const int name[] = { CTL_VENDOR, HEDDLE_TRACE };
	struct heddle_trace ht;
	size_t len = sizeof(ht);

	if (sysctl(name, __arraycount(name), &ht, &len, NULL, 0) != 0)
		return fail("no trace");
	printf("tracing is %s\n", ht.ht_on ? "on" : "off");
	if (ht.ht_cpus != 0)
		printf("%llu records written, %llu of them lost; %d rings of %llu records\n",
		    (unsigned long long)ht.ht_written, (unsigned long long)ht.ht_lost, ht.ht_cpus,
		    (unsigned long long)ht.ht_size);
	return EXIT_SUCCESS;
}

static int
show(unsigned long long n)
{
	struct heddle_traceline *lines;
	int name[] = { CTL_VENDOR, HEDDLE_TRACELOG, sizeof(*lines), 0 };
	size_t len;

	if (n > MOST)
		n = MOST;
	name[3] = (int)n;
	len = (size_t)n * sizeof(*lines);
	lines = malloc(len);
	if (lines == NULL)
		return fail("no memory");
	if (sysctl(name, __arraycount(name), lines, &len, NULL, 0) != 0) {
		free(lines);
		return fail("no trace");
	}
	for (size_t i = 0; i < len / sizeof(*lines); i++) {
		printf("%llu.%06llu CPU %d %d.%d %s\n", (unsigned long long)(lines[i].hl_time / 1000000000),
		    (unsigned long long)(lines[i].hl_time / 1000 % 1000000), lines[i].hl_cpu, lines[i].hl_pid,
		    lines[i].hl_lid, lines[i].hl_text);
	}
	free(lines);
	return EXIT_SUCCESS;
}

static int
mark(int argc, char **argv)
{
	unsigned long long value = 0;

	if (argc == 2 && !number(argv[1], &value))
		return usage();
	if (utrace(argv[0], &value, argc == 2 ? sizeof(value) : 0) != 0)
		return fail(argv[0]);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	unsigned long long n = SHOWN;

	if (argc == 1)
		return status();
	if (argc == 2 && strcmp(argv[1], "on") == 0)
		return turn(1);
	if (argc == 2 && strcmp(argv[1], "off") == 0)
		return turn(0);
	if (argc <= 3 && strcmp(argv[1], "show") == 0)
		return argc == 2 || number(argv[2], &n) ? show(n) : usage();
	if ((argc == 3 || argc == 4) && strcmp(argv[1], "mark") == 0)
		return mark(argc - 2, argv + 2);
	return usage();
}
