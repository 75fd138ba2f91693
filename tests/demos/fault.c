/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault NAME: have a debug kernel do something wrong, to see it noticed.
 * Without a name: which there are.
 */
#include <err.h>
#include <heddle/thread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/cdefs.h>
#include <sys/heddle.h>
#include <sys/sysctl.h>

static const char what[] __used =
    "@(#)fault [NAME]: a fault of the kernel's on purpose (debug kernels); without a name, which there are";

static const struct {
	const char *name;
	int number;
	int lwps; /* that do it at a time */
} faults[] = {
	{ "shift", HEDDLE_FAULT_SHIFT, 1 },
	{ "index", HEDDLE_FAULT_INDEX, 1 },
	{ "after-free", HEDDLE_FAULT_AFTER_FREE, 1 },
	{ "beyond", HEDDLE_FAULT_BEYOND, 1 },
	{ "variable", HEDDLE_FAULT_VARIABLE, 1 },
	{ "free-twice", HEDDLE_FAULT_FREE_TWICE, 1 },
	{ "race", HEDDLE_FAULT_RACE, 2 },
	{ "stack", HEDDLE_FAULT_STACK, 1 },
	{ "order", HEDDLE_FAULT_ORDER, 1 },
	{ "order3", HEDDLE_FAULT_ORDER3, 1 },
	{ "twice", HEDDLE_FAULT_TWICE, 1 },
	{ "twice-mutex", HEDDLE_FAULT_TWICE_M, 1 },
	{ "not-held", HEDDLE_FAULT_NOT_HELD, 1 },
	{ "not-held-mutex", HEDDLE_FAULT_NOT_HELD_M, 1 },
	{ "mutex-spin", HEDDLE_FAULT_MUTEX_SPIN, 1 },
	{ "sleep-spin", HEDDLE_FAULT_SLEEP_SPIN, 1 },
	{ "copy-spin", HEDDLE_FAULT_COPY_SPIN, 1 },
	{ "intr-spin", HEDDLE_FAULT_INTR_SPIN, 1 },
	{ "kept", HEDDLE_FAULT_KEPT, 1 },
	{ "counter", HEDDLE_FAULT_COUNTER, 1 },
	{ "runq", HEDDLE_FAULT_RUNQ, 1 },
	{ "flag", HEDDLE_FAULT_FLAG, 1 },
	{ "deadlock", HEDDLE_FAULT_DEADLOCK, 2 },
	{ "lists", HEDDLE_FAULT_LISTS, 1 },
};

static int
ask(int number)
{
	static const int name[] = { CTL_VENDOR, HEDDLE_SELFTEST };

	return sysctl(name, 2, NULL, NULL, &number, sizeof(number));
}

static void
companion(void *number)
{
	if (ask(*(const int *)number) == -1)
		warn("the other LWP");
}

int
main(int argc, char **argv)
{
	const size_t n = sizeof(faults) / sizeof(faults[0]);
	lwpid_t other = 0;
	int number;
	size_t i;

	for (i = 0; i < n && (argc != 2 || strcmp(argv[1], faults[i].name) != 0); i++)
		if (argc != 2)
			puts(faults[i].name);
	if (i == n && argc == 1)
		return 0;
	if (i == n)
		errx(2, "usage: fault NAME");
	number = faults[i].number;
	if (faults[i].lwps == 2 && thread_spawn(&other, companion, &number, 0) != 0)
		errx(1, "no second LWP");
	if (ask(number) == -1)
		err(1, "%s", argv[1]);
	if (other != 0)
		(void)thread_join(other);
	puts("nobody noticed");
	return 0;
}
