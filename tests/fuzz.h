/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arguments for t_fuzz: from the text of a parameter in syscalls.master, a value that the call may
 * like; and values that no call likes.
 *
 * Memory that calls write to is the arena alone, never the stacks or the program's own variables:
 * else the LWPs would soon run wild, and what they then do could not be repeated from the seed.
 */
#ifndef _FUZZ_H_
#define _FUZZ_H_

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <termios.h>

#include "test.h"

#define nitems(a)	(sizeof(a) / sizeof((a)[0]))

#define ARENA_PAGES	64
#define ARENA_SIZE	(ARENA_PAGES * PAGE_SIZE)
#define FUZZ_FDS	12
#define FUZZ_STACK	16384

/* What a parameter is, as its text tells. */
enum kind {
	K_NUMBER, K_FD, K_PID, K_LID, K_SIGNAL, K_CLOCK, K_SMALL, K_SIZE, K_ADDRESS, K_FLAGS, K_OUT,
	K_PATH, K_STRINGS, K_TIMESPEC, K_UCONTEXT, K_SIGSET, K_SIGACTION, K_IOVEC, K_LIDS, K_ITIMER,
	K_NAME, K_IOCTL, K_HANDLERCODE, K_RLIMIT, K_STACK,
	K_CPUSET, K_PARAM, K_NAMELEN, K_LENGTH, K_NULL, K_ZERO
};

/* The first that fits counts. */
static const struct {
	const char	*text;
	enum kind	kind;
} kinds[] = {
	{ "const char *path", K_PATH }, { "const char *name", K_PATH }, { "char *const *", K_STRINGS },
	{ "struct timespec *", K_TIMESPEC }, { "const ucontext_t *", K_UCONTEXT },
	{ "const sigset_t *", K_SIGSET }, { "const struct sigaction *", K_SIGACTION },
	{ "const struct iovec *", K_IOVEC }, { "const lwpid_t *", K_LIDS },
	{ "const struct itimerval *", K_ITIMER }, { "const int *name", K_NAME },
	{ "const struct rlimit *", K_RLIMIT }, { "const stack_t *", K_STACK },
	{ "const cpuset_t *", K_CPUSET }, { "const struct sched_param *", K_PARAM },
	{ "size_t *oldlenp", K_LENGTH }, { "const void *newp", K_NULL }, { "size_t newlen", K_ZERO },
	{ "namelen", K_NAMELEN }, { "const void *tramp", K_HANDLERCODE },
	{ "void *addr", K_ADDRESS }, { "*", K_OUT },
	{ "pid_t pid", K_PID }, { "lwpid_t ", K_LID }, { "pid_t ", K_PID },
	{ "int signo", K_SIGNAL }, { "clockid_t", K_CLOCK },
	{ "int fd", K_FD }, { "int from", K_FD }, { "int to", K_FD }, { "unsigned long cmd", K_IOCTL },
	{ "size_t ", K_SIZE }, { "len", K_SIZE }, { "flags", K_FLAGS }, { "options", K_FLAGS },
	{ "int ", K_SMALL }
};

/* What the arguments of one LWP are made from. */
struct chooser {
	unsigned	seed;
	char		*arena;
};

/* The context of an LWP that is not there yet, each given once; NULL: all are used. */
static ucontext_t	*claim_context(void);

static const char	*paths[] = {
	"/bin/true", "/bin/false", "/", "/bin", "/dev/null", "/dev/zero", "/dev/console", "/no/such/file",
	"/tests/../bin/./echo", "bin/true", "", "/bin/true/x", "/dev"
};
static char		*const strings[] = { __UNCONST("word"), __UNCONST(""), __UNCONST("A=b"), NULL };
static const unsigned long commands[] = {
	TIOCGETA, TIOCSETA, TIOCSETAW, TIOCSETAF, TIOCGWINSZ, TIOCSWINSZ, TIOCGPGRP, TIOCSPGRP, FIONREAD,
	TIOCOUTQ, TIOCFLUSH, TIOCDRAIN, TIOCSCTTY
};

static const unsigned long flags[] = {
	0, MAP_ANON | MAP_PRIVATE, 1, MAP_ANON | MAP_SHARED, 2, MAP_ANON | MAP_PRIVATE | MAP_FIXED, LWP_SUSPENDED, 4,
	LWP_DETACHED, 8
};

static unsigned
pick(struct chooser *c, unsigned n)
{
	return ((unsigned)rand_r(&c->seed) >> 3) % n;
}

static unsigned long
random_long(struct chooser *c)
{
	return (unsigned long)rand_r(&c->seed) << 42 ^ (unsigned long)rand_r(&c->seed) << 21 ^
	    (unsigned long)rand_r(&c->seed);
}

/* A place in the arena, sometimes at the edge of a page or of all. */
static unsigned long
in_arena(struct chooser *c)
{
	unsigned long base = (unsigned long)c->arena;

	switch (pick(c, 8)) {
	case 0:
		return base + ARENA_SIZE - pick(c, 64);
	case 1:
		return base + pick(c, ARENA_PAGES) * PAGE_SIZE - pick(c, 32);
	case 2:
		return base + pick(c, ARENA_SIZE);
	default:
		return base + pick(c, ARENA_SIZE / 64) * 64;
	}
}

/* Values that are an edge of something. */
static unsigned long
any_value(struct chooser *c)
{
	switch (pick(c, 9)) {
	case 0:
		return 0;
	case 1:
		return -1UL - pick(c, 4);
	case 2:
		return pick(c, 16);
	case 3:
		return (1UL << pick(c, 64)) + pick(c, 3) - 1;
	case 4:
		return random_long(c);
	case 5:
		return VM_MAXUSER_ADDRESS + pick(c, 32) - 16;
	case 6:
		return (unsigned long)BAD_NONCANON + pick(c, 32) - 16;
	case 7:
		return (unsigned long)BAD_KERNEL + pick(c, 1U << 20);
	default:
		return in_arena(c);
	}
}

static struct timespec
some_time(struct chooser *c)
{
	static const struct timespec times[] = {
		{ 0, 0 }, { 0, 1 }, { 0, 1000 }, { 0, 20000 }, { 0, 300000 }, { 0, 999999999 }, { 0, 1000000000 },
		{ -1, 0 }, { 1000000, 0 }, { INT64_MAX, 0 }, { 0, -1 }
	};

	return times[pick(c, nitems(times))];
}

static sigset_t
some_signals(struct chooser *c)
{
	sigset_t set;

	for (size_t i = 0; i < nitems(set.__bits); i++)
		set.__bits[i] = (uint32_t)(random_long(c) & random_long(c) & random_long(c));
	return set;
}

static void
fuzz_handler(int signo)
{
	(void)signo;
}

void __sigtramp_siginfo_2(void);

/* Structures that a call reads, written to the arena before it: another call may change them meanwhile. */
union fuzz_data {
	struct timespec		ts;
	sigset_t		set;
	struct sigaction	sa;
	struct iovec		iov[4];
	lwpid_t			lids[8];
	struct itimerval	it;
	int			name[4];
	struct rlimit		rl;
	stack_t			stack;
	cpuset_t		cpus;
	struct sched_param	param;
	size_t			length;
};

static void
fill(struct chooser *c, enum kind kind, union fuzz_data *d)
{
	memset(d, 0, sizeof(*d));
	switch (kind) {
	case K_TIMESPEC:
		d->ts = some_time(c);
		break;
	case K_SIGSET:
		d->set = some_signals(c);
		break;
	case K_SIGACTION:
		d->sa.sa_handler = pick(c, 4) != 0 ? fuzz_handler : pick(c, 2) != 0 ? SIG_IGN : SIG_DFL;
		d->sa.sa_mask = some_signals(c);
		d->sa.sa_flags = (int)pick(c, 0x80);
		break;
	case K_IOVEC:
		for (size_t i = 0; i < nitems(d->iov); i++)
			d->iov[i] = (struct iovec){ (void *)in_arena(c), pick(c, 600) };
		break;
	case K_LIDS:
		for (size_t i = 0; i < nitems(d->lids); i++)
			d->lids[i] = (lwpid_t)pick(c, 12);
		break;
	case K_ITIMER:
		d->it.it_value.tv_usec = pick(c, 2000);
		d->it.it_interval.tv_usec = pick(c, 2) * (500 + pick(c, 5000));
		break;
	case K_NAME:
		d->name[0] = pick(c, 4) != 0 ? CTL_VENDOR : (int)pick(c, 15);
		d->name[1] = (int)pick(c, pick(c, 4) != 0 ? 12 : 90);
		d->name[2] = pick(c, 2) != 0 ? (int)sizeof(struct heddle_proc) : getpid();
		d->name[3] = (int)pick(c, 200);
		break;
	case K_RLIMIT:
		d->rl.rlim_cur = pick(c, 4) != 0 ? RLIM_INFINITY : any_value(c);
		d->rl.rlim_max = RLIM_INFINITY;
		break;
	case K_CPUSET:
		d->cpus.bits[0] = 1 + pick(c, (1U << heddle_ncpu()) - 1);
		break;
	case K_PARAM:
		d->param.sched_priority = (int)pick(c, 70) - 1;
		break;
	case K_LENGTH:
		d->length = pick(c, ARENA_SIZE);
		break;
	default:
		d->stack = (stack_t){ (void *)in_arena(c), pick(c, 2) * MINSIGSTKSZ, (int)pick(c, 8) };
		break;
	}
}

/* A pointer to such a structure.  The arena may have been unmapped: a call that fills it finds out. */
static unsigned long
structure(struct chooser *c, enum kind kind)
{
	static union fuzz_data data[64];
	static atomic_uint next;
	union fuzz_data *d = &data[atomic_fetch_add(&next, 1) % nitems(data)];

	fill(c, kind, d);
	return (unsigned long)d;
}

static unsigned long
a_size(struct chooser *c)
{
	static const unsigned long sizes[] = { 0, 1, 8, 16, sizeof(cpuset_t), 100, 128, 512, 4095, 4096, 4097, 65536 };

	return sizes[pick(c, nitems(sizes))];
}

/* A value of this kind that makes sense. */
static unsigned long
good_value(struct chooser *c, enum kind kind)
{
	switch (kind) {
	case K_FD:
		return pick(c, FUZZ_FDS + 2) - 2UL;
	case K_PID:
		return pick(c, 3) == 0 ? 0 : (unsigned long)getpid() + pick(c, 2) * pick(c, 4);
	case K_LID:
		return pick(c, 12);
	case K_SIGNAL:
		return pick(c, NSIG + 2);
	case K_CLOCK:
		return pick(c, 2) * 3;
	case K_SIZE:
		return a_size(c);
	case K_ADDRESS:
		return in_arena(c) & ~(PAGE_SIZE - 1);
	case K_FLAGS:
		return flags[pick(c, nitems(flags))] + (pick(c, 4) == 0 ? pick(c, 0x4000) : 0);
	case K_OUT:
		return in_arena(c);
	case K_PATH:
		return (unsigned long)paths[pick(c, nitems(paths))];
	case K_STRINGS:
		return (unsigned long)strings;
	case K_UCONTEXT:
		return (unsigned long)claim_context();
	case K_IOCTL:
		return commands[pick(c, nitems(commands))];
	case K_HANDLERCODE:
		return (unsigned long)__sigtramp_siginfo_2;
	case K_NAMELEN:
		return 2 + pick(c, 4);
	case K_NULL:
		return pick(c, 4) == 0 ? in_arena(c) : 0;
	case K_ZERO:
		return pick(c, 2) * 4;
	case K_NUMBER:
	case K_SMALL:
		return pick(c, pick(c, 2) == 0 ? 3 : 10);
	default:
		return structure(c, kind);
	}
}

static enum kind
kind_of(const char *text, size_t len)
{
	char param[80];

	(void)strlcpy(param, text, MIN(sizeof(param), len + 1));
	for (size_t i = 0; i < nitems(kinds); i++) {
		if (strstr(param, kinds[i].text) != NULL)
			return kinds[i].kind;
	}
	return K_NUMBER;
}

/* Most often something good; bad arguments alone would never come far. */
static unsigned long
some_value(struct chooser *c, enum kind kind)
{
	return pick(c, 8) == 0 ? any_value(c) : good_value(c, kind);
}

#endif /* !_FUZZ_H_ */
