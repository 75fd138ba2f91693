/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A variable of one's own: __thread.
 *
 * The processor has a register (%fs base) that the kernel keeps for each LWP,
 * and that a program sets with _lwp_setprivate or through the context that a
 * new LWP starts from.  It points to a block of the LWP's own, and the compiler
 * reaches __thread variables at fixed distances below that: a read of one is a
 * single instruction, `mov %fs:-8,%rax' for instance, and no two LWPs ever see
 * the same bytes.  errno is such a variable.
 *
 * What it proves: a __thread variable starts with its initial value in each
 * LWP and keeps what that LWP puts in, on whatever CPU it runs; and a failed
 * call in one LWP does not change another's errno.
 */
#include <errno.h>
#include <heddle/thread.h>
#include <heddle/tls.h>
#include <lwp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define NLWPS	6
#define ROUNDS	500
#define INITIAL	4711

static const char what[] __used = "@(#)tls: __thread variables and errno belong to one LWP";

static __thread long	initialised = INITIAL;
static __thread long	zero;
static __thread char	big[1000];

static atomic_int	wrong;
static void		*blocks[NLWPS];

static void
check(int ok)
{
	if (!ok)
		atomic_fetch_add(&wrong, 1);
}

static void
worker(void *arg)
{
	int me = (int)(long)arg;

	check(initialised == INITIAL && zero == 0 && big[sizeof(big) - 1] == 0);
	check(__lwp_getprivate_fast() == _lwp_getprivate());
	blocks[me] = _lwp_getprivate();
	for (long i = 0; i < ROUNDS; i++) {
		initialised = me * ROUNDS + i;
		zero = -i;
		big[i % (long)sizeof(big)] = (char)me;
		errno = 100 + me;
		sched_yield();
		check(initialised == me * ROUNDS + i && zero == -i && errno == 100 + me);
		check(big[i % (long)sizeof(big)] == (char)me);
		/* Fails, in this LWP only. */
		check(_lwp_unpark(LWP_LID_LIMIT - 1, NULL) == -1 && errno == ESRCH);
	}
}

int
main(void)
{
	lwpid_t ids[NLWPS];

	errno = 0;
	for (long i = 0; i < NLWPS; i++) {
		if (thread_spawn(&ids[i], worker, (void *)i, 0) != 0)
			return EXIT_FAILURE;
	}
	for (int i = 0; i < NLWPS; i++)
		thread_join(ids[i]);
	for (int i = 0; i < NLWPS; i++) {
		printf("  LWP %d: control block at %p\n", ids[i], blocks[i]);
		for (int j = 0; j < i; j++)
			check(blocks[i] != blocks[j]);
	}
	check(initialised == INITIAL && zero == 0 && errno == 0);
	printf("%d LWPs, %d rounds: %d times a variable was not its owner's\n", NLWPS, ROUNDS,
	    atomic_load(&wrong));
	printf(atomic_load(&wrong) != 0 ? "NOT as promised.\n" : "Proved: to each LWP its own.\n");
	return atomic_load(&wrong) != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
