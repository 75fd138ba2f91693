/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel counts: park and unpark, switches, CPUs, memory, pools.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/cdefs.h>
#include <sys/heddle.h>
#include <sys/sysctl.h>
#include <time.h>

#define MAX_CPUS	256
#define MAX_POOLS	64

static const char what[] __used =
    "@(#)lwpstat [events|cpus|memory|pools|missed [SECONDS [TIMES]]]: what the kernel has counted";

/* Bytes got under {CTL_VENDOR, which, elemsize (unless 0)}; exits with a message if there are none. */
static size_t
get(int which, size_t elemsize, void *buf, size_t len)
{
	int name[] = { CTL_VENDOR, which, (int)elemsize };

	if (sysctl(name, elemsize == 0 ? 2 : 3, buf, &len, NULL, 0) != 0) {
		fprintf(stderr, "lwpstat: sysctl {%d, %d}: %s\n", CTL_VENDOR, which, strerror(errno));
		exit(EXIT_FAILURE);
	}
	return len;
}

static void
line(uint64_t value, const char *text)
{
	printf("%12llu  %s\n", (unsigned long long)value, text);
}

/* Since the last time this was asked. */
static void
events(void)
{
	static struct heddle_evcnt last;
	struct heddle_evcnt he;

	get(HEDDLE_EVCNT, 0, &he, sizeof(he));
	line(he.he_parked - last.he_parked, "parks that slept");
	line(he.he_parked_early - last.he_parked_early, "parks that found the token");
	line(he.he_unparked_targeted - last.he_unparked_targeted, "sleepers woken by _lwp_unpark or a folded unpark");
	line(he.he_unparked_broadcast - last.he_unparked_broadcast, "sleepers woken by _lwp_unpark_all");
	line(he.he_missed - last.he_missed, "unparks that found no sleeper and left the token");
	line(he.he_raced - last.he_raced, "unparks that met their target on its way");
	line(he.he_switches - last.he_switches, "context switches");
	line(he.he_ipis - last.he_ipis, "interprocessor interrupts");
	line(he.he_timer_intrs - last.he_timer_intrs, "timer interrupts");
	last = he;
}

static void
cpus(void)
{
	static struct heddle_cpu hc[MAX_CPUS];
	size_t n = get(HEDDLE_SCHED, sizeof(hc[0]), hc, sizeof(hc)) / sizeof(hc[0]);

	printf("CPU runnable   switches  preempted     stolen       ipis     timers  idle ms\n");
	for (size_t i = 0; i < n; i++) {
		printf("%3d %8llu %10llu %10llu %10llu %10llu %10llu %8llu\n", hc[i].hc_id,
		    (unsigned long long)hc[i].hc_runnable, (unsigned long long)hc[i].hc_switches,
		    (unsigned long long)hc[i].hc_preempted, (unsigned long long)hc[i].hc_stolen,
		    (unsigned long long)hc[i].hc_ipis, (unsigned long long)hc[i].hc_timer_intrs,
		    (unsigned long long)(hc[i].hc_idle_ns / 1000000));
	}
}

static void
memory(void)
{
	struct heddle_mem hm;

	get(HEDDLE_MEM, 0, &hm, sizeof(hm));
	line(hm.hm_total, "pages of memory");
	line(hm.hm_free, "free");
	line(hm.hm_pool, "in pools");
	line(hm.hm_kstack, "in kernel stacks and their like, kept");
	line(hm.hm_kernel, "page tables and other kernel use");
	line(hm.hm_user, "in processes");
	line(hm.hm_objects, "objects in use");
	line(hm.hm_nprocs, "processes");
	line(hm.hm_nlwps, "LWPs");
}

static void
pools(void)
{
	static struct heddle_pool hl[MAX_POOLS];
	size_t n = get(HEDDLE_POOL, sizeof(hl[0]), hl, sizeof(hl)) / sizeof(hl[0]);

	printf("%-24s %8s %8s %8s %8s %10s %6s\n", "POOL", "SIZE", "IN USE", "FREE", "PAGES", "GETS",
	    "FAILS");
	for (size_t i = 0; i < n; i++) {
		printf("%-24.24s %8llu %8llu %8llu %8llu %10llu %6llu\n", hl[i].hl_name,
		    (unsigned long long)hl[i].hl_size, (unsigned long long)hl[i].hl_inuse,
		    (unsigned long long)hl[i].hl_free, (unsigned long long)hl[i].hl_pages,
		    (unsigned long long)hl[i].hl_gets, (unsigned long long)hl[i].hl_fails);
	}
}

static void
missed(void)
{
	static uint64_t count[HEDDLE_NNOSYS];

	get(HEDDLE_NOSYS, 0, count, sizeof(count));
	for (int i = 0; i < HEDDLE_NNOSYS - 1; i++) {
		if (count[i] != 0)
			printf("%12llu  calls of number %d, which is none\n", (unsigned long long)count[i], i);
	}
	line(count[HEDDLE_NNOSYS - 1], "calls of numbers that are no table's");
}

static int
usage(void)
{
	fprintf(stderr, "usage: lwpstat [events | cpus | memory | pools | missed [SECONDS [TIMES]]]\n"
			"  events, again after so many seconds: those since then; the others: how it stands\n");
	return 2;
}

/* Print a part again and again; times 0: until it is stopped. */
static int
repeat(void (*print)(void), double seconds, long times)
{
	struct timespec ts = { (time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9) };

	for (long i = 0; times == 0 || i < times; i++) {
		if (i > 0) {
			nanosleep(&ts, NULL);
			putchar('\n');
		}
		print();
		fflush(stdout);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} parts[] = {
		{ "events", events }, { "cpus", cpus }, { "memory", memory }, { "pools", pools },
		{ "missed", missed }
	};
	double seconds = 0;
	long times = argc > 2 ? 0 : 1;
	char *end = NULL;

	if (argc > 2) {
		seconds = strtod(argv[2], &end);
		if (*argv[2] == '\0' || *end != '\0' || !(seconds > 0 && seconds < 1e6))
			return usage();
	}
	if (argc > 3) {
		times = strtol(argv[3], &end, 10);
		if (*argv[3] == '\0' || *end != '\0' || times <= 0 || argc > 4)
			return usage();
	}
	for (size_t i = 0; argc > 1 && i < __arraycount(parts); i++) {
		if (strcmp(argv[1], parts[i].name) == 0)
			return repeat(parts[i].print, seconds, times);
	}
	if (argc > 1)
		return usage();
	for (size_t i = 0; i < __arraycount(parts); i++) {
		if (i > 0)
			putchar('\n');
		parts[i].print();
	}
	return 0;
}
