/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the benchmark program share; bench.c says what it is.
 */
#ifndef BENCH_H
#define BENCH_H

#include <heddle/testlib.h>
#include <lwp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "samples.h"

#define STACK		2048	/* of an LWP, thread storage included */
#define CROWD_MAX	65536

#define IDLES		0x1	/* is meant to idle, or to be interrupted by the timer */
#define MANY_CPUS	0x2	/* uses other CPUs */
#define LONG		0x4	/* is for the host's clock */

struct row {
	const char	*r_name;
	void		(*r_run)(const struct row *);
	int		r_n;	/* the parameter in its name */
	int		r_flags;
};

/* bench.c */
extern lwpid_t	main_id;

void __dead	die(const char *doing);
void	loop_begin(void);
/* Prints what was counted since loop_begin, in ops operations, and judges it. */
void	loop_end(const struct row *, int ops);
/* n samples of div operations each, after a quarter of that to warm up. */
void	measure(const struct row *, void (*loop)(int), int n, int div);

/* lwps.c */
void	*map(size_t);
void	bind(lwpid_t, cpuid_t);
/* The new LWP inherits class, priority and CPU. */
lwpid_t	spawn(void (*fn)(void *), void *arg, char *stack, unsigned long flags);
void	join(lwpid_t);
char	*stack_of(int i);

/* An LWP that parks until it is told to go, again and again. */
struct sleeper {
	volatile int	s_go;
	lwpid_t		s_id;
} __aligned(64);

extern struct sleeper *sleepers;

extern struct crowd {
	int		n;
	volatile bool	stop;
	atomic_int	left;	/* of those that were told to go */
	volatile int	done;
	uint64_t	last;	/* when the last of them was back */
} crowd;

/* Memory for a crowd of any size. */
void	crowd_init(void);
/* Touches all the memory that a crowd of n will use. */
void	crowd_prepare(int n);
/* Until there are n sleepers, all of them parked. */
void	crowd_grow(int n);
/* Both. */
void	crowd_gather(int n);
/* The main LWP parks until those that were told to go are back. */
void	crowd_await(void);
/* They exit and are waited for. */
void	crowd_dismiss(void);

static inline void
park(const void *hint)
{
	(void)_lwp_park(CLOCK_MONOTONIC, 0, NULL, 0, hint, NULL);
}

static inline void
unpark_main(void)
{
	(void)_lwp_unpark(main_id, &main_id);
}

/* Two LWPs that wake each other and wait for each other. */
struct player {
	volatile int	ball __aligned(64);
	struct player	*other;
	lwpid_t		id;
};

/* Throw the ball, then wait for it. */
static inline void
throw_and_catch(struct player *me, bool fold)
{
	struct player *other = me->other;

	other->ball = 1;
	if (fold)
		(void)_lwp_park(CLOCK_MONOTONIC, 0, NULL, other->id, me, other);
	else
		(void)_lwp_unpark(other->id, other);
	while (!me->ball)
		park(me);
	me->ball = 0;
}

/* The rows. */
void	row_cond(const struct row *);
void	row_create(const struct row *);
void	row_create_among(const struct row *);
void	row_early_park(const struct row *);
void	row_early_unpark(const struct row *);
void	row_fault(const struct row *);
void	row_lock(const struct row *);
void	row_memory(const struct row *);
void	row_mutex(const struct row *);
void	row_null(const struct row *);
void	row_pairs(const struct row *);
void	row_pingpong(const struct row *);
void	row_pingpong1(const struct row *);
void	row_ran(const struct row *);
void	row_signal(const struct row *);
void	row_suspend(const struct row *);
void	row_timedout(const struct row *);
void	row_timer(const struct row *);
void	row_unpark(const struct row *);
void	row_unparkall(const struct row *);
void	row_yield(const struct row *);

#endif /* !BENCH_H */
