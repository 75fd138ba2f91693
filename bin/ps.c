/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * List processes and their LWPs: what each is doing, what it waits for, on
 * which CPU, and for how long it has run.  HINT is what one that is parked gave to
 * _lwp_park; other sleeps wait for something in the kernel, which WAIT names.
 */
#include <errno.h>
#include <lwp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/cdefs.h>
#include <sys/heddle.h>
#include <sys/sysctl.h>
#include <unistd.h>

static const char what[] __used = "@(#)ps [-s | -p] [PID]: list LWPs (-s, as without), or processes (-p)";

/* An array that the kernel gives under a name, in memory of our own; NULL with errno. */
static void *
fetch(int *name, u_int namelen, size_t *lenp)
{
	size_t len = 0;
	void *buf = NULL;

	/* It may grow between the question how long it is and the answer. */
	do {
		free(buf);
		buf = NULL;
		if (sysctl(name, namelen, NULL, &len, NULL, 0) != 0)
			return NULL;
		len += len / 8 + 256;
		name[namelen - 1] = name[0] == CTL_KERN ? (int)(len / sizeof(struct kinfo_lwp)) :
		    name[namelen - 1];
		if ((buf = malloc(len)) == NULL)
			return NULL;
	} while (sysctl(name, namelen, buf, &len, NULL, 0) != 0 && errno == ENOMEM);
	*lenp = len;
	return buf;
}

/* One that is suspended where it sleeps is suspended to who looks: what ends its sleep is kept. */
static const char *
lwp_state(const struct kinfo_lwp *kl)
{
	int stat = kl->l_stat == LSSLEEP && (kl->l_flag & L_WSUSPEND) != 0 ? LSSUSPENDED : kl->l_stat;
	static const char *const names[] = {
		[LSIDL] = "idl", [LSRUN] = "run", [LSSLEEP] = "sleep", [LSSTOP] = "stop",
		[LSZOMB] = "zomb", [LSONPROC] = "onproc", [LSSUSPENDED] = "suspnd"
	};

	if (stat == LSIDL && (kl->l_flag & L_SYSTEM) != 0)
		return "idle"; /* a CPU's idle LWP while another one runs there */
	if (stat < 0 || (size_t)stat >= __arraycount(names) || names[stat] == NULL)
		return "?";
	return names[stat];
}

static void
print_lwp(const struct heddle_proc *hp, const struct kinfo_lwp *kl)
{
	char cpu[8] = "-", hint[20] = "";

	if (kl->l_cpuid != KI_NOCPU)
		snprintf(cpu, sizeof(cpu), "%u", (unsigned)kl->l_cpuid);
	if (kl->l_wchan != 0)
		snprintf(hint, sizeof(hint), "%#lx", (unsigned long)kl->l_wchan);
	printf("%5d %5d %-6s %-8.8s %-14s %3s %3u %5u.%03u %s%s%s\n", hp->hp_pid, kl->l_lid,
	    lwp_state(kl), kl->l_wmesg, hint, cpu, kl->l_priority, kl->l_rtime_sec,
	    kl->l_rtime_usec / 1000, hp->hp_comm, kl->l_name[0] != '\0' ? ": " : "", kl->l_name);
}

static int
print_lwps(const struct heddle_proc *hp)
{
	int name[] = { CTL_KERN, KERN_LWP, hp->hp_pid, sizeof(struct kinfo_lwp), 0 };
	size_t len;
	struct kinfo_lwp *kl = fetch(name, __arraycount(name), &len);

	/* It may be gone by now. */
	if (kl == NULL)
		return errno == ESRCH ? 0 : -1;
	for (size_t i = 0; i < len / sizeof(*kl); i++)
		print_lwp(hp, &kl[i]);
	free(kl);
	return 0;
}

static void
print_proc(const struct heddle_proc *hp)
{
	static const char *const states[] = {
		[SIDL] = "idl", [SACTIVE] = "active", [SDYING] = "dying", [SSTOP] = "stop",
		[SZOMB] = "zombie"
	};
	const char *state = "?";

	if (hp->hp_stat > 0 && (size_t)hp->hp_stat < __arraycount(states))
		state = states[hp->hp_stat];
	printf("%5d %5d %-6s %5d %8lluK %8lluK %5llu.%03llu %s\n", hp->hp_pid, hp->hp_ppid, state,
	    hp->hp_nlwps, (unsigned long long)hp->hp_vsize / 1024,
	    (unsigned long long)hp->hp_rsspages * 4,
	    (unsigned long long)(hp->hp_rtime_ns / 1000000000),
	    (unsigned long long)(hp->hp_rtime_ns / 1000000 % 1000), hp->hp_comm);
}

static int
usage(void)
{
	fprintf(stderr, "usage: ps [-s | -p] [PID]\n"
			"  -s  a line an LWP, as without an option   -p  a line a process\n");
	return 2;
}

int
main(int argc, char **argv)
{
	int name[] = { CTL_VENDOR, HEDDLE_PROC, sizeof(struct heddle_proc) };
	int only_procs = 0, found = 0, c;
	long pid = -1;
	size_t len;
	struct heddle_proc *hp;
	char *end;

	while ((c = getopt(argc, argv, "sp")) != -1) {
		if (c == '?')
			return usage();
		only_procs = c == 'p';
	}
	if (optind < argc) {
		pid = strtol(argv[optind], &end, 10);
		if (*argv[optind] == '\0' || *end != '\0' || pid < 0 || optind + 1 != argc)
			return usage();
	}
	hp = fetch(name, __arraycount(name), &len);

	if (hp == NULL) {
		perror("ps");
		return EXIT_FAILURE;
	}
	if (only_procs)
		printf("  PID  PPID STATE   LWPS     VSIZE       RSS      TIME COMMAND\n");
	else
		printf("  PID   LID STATE  WAIT     HINT           CPU PRI      TIME COMMAND: NAME\n");
	for (size_t i = 0; i < len / sizeof(*hp); i++) {
		if (pid != -1 && pid != hp[i].hp_pid)
			continue;
		found = 1;
		if (only_procs) {
			print_proc(&hp[i]);
		} else if (print_lwps(&hp[i]) != 0) {
			perror("ps");
			return EXIT_FAILURE;
		}
	}
	free(hp);
	if (!found)
		fprintf(stderr, "ps: there is no process %ld\n", pid);
	return found ? EXIT_SUCCESS : EXIT_FAILURE;
}
