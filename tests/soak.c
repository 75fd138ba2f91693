/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mixed stress for as long as is wanted (make soak).
 *
 *	soak [-t seconds] [-s seed]
 *	soak -r seconds -s seed		a round of its own
 *
 * What it is.  Round after round, each under leakcheck, until time is up.  Two rounds of three: a few slots, each of
 * which runs one test program after the other, drawn from the seed, beside the others.  The third: random system
 * calls, alone, for they send signals to whomever they find.
 *
 * What can fail.  A program of a round; anything left in the kernel after it; the machine: it panics, or is quiet for
 * so long that the launcher calls it a hang, and reports.
 */
#include <getopt.h>
#include <heddle/lock.h>

#include "test.h"

#define SECONDS		3600
#define ROUND		60	/* seconds of a round, and what the last programs of it still take */
#define SLOTS		4
#define NARGS		8
#define TAIL		20	/* lines kept of a program that fails */
#define FUZZ_CALLS	"60000"
#define FAILED		1

#define nitems(a)	(sizeof(a) / sizeof((a)[0]))

/* Not those that want the CPUs for themselves, to bring about an order of events, or look at all of the machine. */
static const char *const programs[][NARGS] = {
	{ "t_storm", "-r", "4", "-s" },		/* the seed comes after the -s */
	{ "t_pthread_cancel" },
	{ "t_pthread_cond" },
	{ "t_fork_memory" },
	{ "t_sigraces" },
	{ "t_signal" },
	{ "t_sigstop" },
	{ "t_stress" },
	{ "t_park_races" },
	{ "t_wakeup" },
	{ "t_unparkall" },
	{ "t_wait" },
	{ "t_proc" },
};

static unsigned		seed = 1;
static int64_t		end_ns;
static struct hmutex	start = HMUTEX_INITIALIZER;	/* from pipe to close: no child of another slot has the pipe */
static atomic_int	runs[nitems(programs)], failed;

/* The last lines of what a program has printed, but for good results. */
struct tail {
	char		*line[TAIL];
	unsigned	n;
};

static void
read_results(FILE *file, struct tail *tail)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, file) > 0) {
		if (strncmp(line, "ok ", 3) == 0)
			continue;
		free(tail->line[tail->n % TAIL]);
		tail->line[tail->n++ % TAIL] = line;
		line = NULL;
		size = 0;
	}
	free(line);
}

/* Print them if they are wanted. */
static void
end_results(struct tail *tail, bool wanted)
{
	for (unsigned i = 0; i < TAIL; i++) {
		char *line = tail->line[(tail->n + i) % TAIL];

		if (wanted && line != NULL)
			printf("#   %s", line);
		free(line);
	}
}

/* Run a program to its end; its wait status. */
static int
run(const char *const *words, unsigned its_seed, struct tail *tail)
{
	char path[64], number[16], *argv[NARGS + 1] = { path };
	int ends[2], status, n = 1;
	FILE *file;
	pid_t pid;

	snprintf(path, sizeof(path), "/tests/%s", words[0]);
	snprintf(number, sizeof(number), "%u", its_seed);
	for (; words[n] != NULL; n++)
		argv[n] = __UNCONST(words[n]);
	if (n > 1)
		argv[n] = number;
	hmutex_lock(&start);
	pid = pipe(ends) == 0 ? fork() : -1;
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		execv(path, argv);
		_exit(FAILED);
	}
	close(ends[1]);
	hmutex_unlock(&start);
	if (pid < 0 || (file = fdopen(ends[0], "r")) == NULL)
		tap_bail("soak: %s: %s", words[0], strerror(errno));
	read_results(file, tail);
	fclose(file);
	while (wait4(pid, &status, 0, NULL) != pid)
		continue;
	return status;
}

static void
slot(void *arg)
{
	unsigned random = seed * 1000 + (unsigned)(intptr_t)arg;

	while (now_ns() < end_ns) {
		unsigned which = ((unsigned)rand_r(&random) >> 4) % nitems(programs);
		unsigned its_seed = (unsigned)rand_r(&random) % 1000000;
		struct tail tail = { 0 };
		int status = run(programs[which], its_seed, &tail);

		atomic_fetch_add(&runs[which], 1);
		if (status != 0) {
			atomic_fetch_add(&failed, 1);
			printf("not ok - %s, seed %u: status %#x\n", programs[which][0], its_seed, status);
		}
		end_results(&tail, status != 0);
	}
}

/* A round, in a process of its own; its exit status. */
static int
round_main(int seconds)
{
	lwpid_t ids[SLOTS];
	int total = 0;

	end_ns = now_ns() + seconds * NSEC;
	for (int i = 0; i < SLOTS; i++)
		ids[i] = spawn(slot, (void *)(intptr_t)i);
	for (int i = 0; i < SLOTS; i++)
		join(ids[i]);
	for (unsigned i = 0; i < nitems(programs); i++)
		total += atomic_load(&runs[i]);
	printf("# round %u: %d programs, %d failed\n", seed, total, atomic_load(&failed));
	return atomic_load(&failed) != 0 ? FAILED : 0;
}

/* Round number n: under leakcheck. */
static int
round_of(unsigned n, int seconds)
{
	char length[16], number[16];
	char *const mixed[] = { "leakcheck", "/tests/soak", "-r", length, "-s", number, NULL };
	char *const fuzz[] = { "leakcheck", "/tests/t_fuzz", "-n", FUZZ_CALLS, "-s", number, NULL };
	int status;
	pid_t pid;

	snprintf(length, sizeof(length), "%d", seconds);
	snprintf(number, sizeof(number), "%u", n);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execv("/bin/leakcheck", n % 3 == 2 ? fuzz : mixed);
		_exit(FAILED);
	}
	if (pid < 0 || wait4(pid, &status, 0, NULL) != pid)
		tap_bail("soak: %s", strerror(errno));
	return status;
}

/* What the machine has done since the beginning. */
static void
tell(int64_t ns, int rounds, int bad)
{
	struct heddle_evcnt ev;

	if (heddle_evcnt(&ev) != 0)
		return;
	printf("soak: %lld s, %d rounds, %d failed; %lu switches, %lu parks, %lu unparks, %lu found awake\n",
	    (long long)(ns / NSEC), rounds, bad, (unsigned long)ev.he_switches, (unsigned long)ev.he_parked,
	    (unsigned long)(ev.he_unparked_targeted + ev.he_unparked_broadcast), (unsigned long)ev.he_missed);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	int64_t begin = now_ns(), now = begin;
	int opt, seconds = SECONDS, one = 0, rounds = 0, bad = 0;

	while ((opt = getopt(argc, argv, "t:s:r:")) != -1) {
		if (opt == 't')
			seconds = atoi(optarg);
		else if (opt == 's')
			seed = (unsigned)atoi(optarg);
		else if (opt == 'r')
			one = atoi(optarg);
		else
			tap_bail("usage: soak [-t seconds] [-s seed]");
	}
	if (one != 0)
		return round_main(one);
	for (; now < begin + seconds * NSEC; now = now_ns()) {
		int left = (int)((begin + seconds * NSEC - now) / NSEC) + 1;
		int status = round_of(seed + (unsigned)rounds, MIN(ROUND, left));

		rounds++;
		bad += status != 0;
		if (status != 0)
			printf("not ok - round %u: status %#x\n", seed + (unsigned)rounds - 1, status);
		tell(now_ns() - begin, rounds, bad);
	}
	return bad != 0 ? FAILED : 0;
}
