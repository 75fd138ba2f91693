/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sysctl names by which a test makes a debug kernel misbehave: in a release kernel
 * they are there and give ENOSYS.
 */
#include <kern/condvar.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/sysctl.h>
#include <sys/errno.h>
#include <sys/heddle.h>

#include "sysctl_impl.h"

#ifdef DEBUG

#define BLOCK_MAX 60000000 /* us */

static struct kmutex block_lock;
static struct kcondvar block_cv;   /* block_lock: block_round has changed */
static uint32_t block_round;       /* block_lock: how often all sleepers were let go */

void
sysctl_init(void)
{
	mutex_init(&block_lock, "block");
	cv_init(&block_cv, "block");
}

/* The value that is set: an int of at least 0. */
static int
in_int(const struct sysctl_req *rq, int *n)
{
	int error;

	if (rq->rq_new == NULL || rq->rq_newlen != sizeof(*n))
		return EINVAL;
	error = copyin(rq->rq_new, n, sizeof(*n));
	return error == 0 && *n < 0 ? EINVAL : error;
}

static int
set_failrandom(struct sysctl_req *rq)
{
	struct heddle_failrandom hf;
	int error = copyin(rq->rq_new, &hf, sizeof(hf));

	if (error == 0) {
		rq->rq_lwp->l_failonein = hf.hf_onein;
		rq->rq_lwp->l_failseed = hf.hf_seed;
	}
	return error;
}

/* Set the caller's injected failures: its n-th allocation from now on (0: none), or some at random. */
int
sysctl_failalloc(struct sysctl_req *rq)
{
	int n, error;

	if (rq->rq_new != NULL && rq->rq_newlen == sizeof(struct heddle_failrandom))
		return set_failrandom(rq);
	error = in_int(rq, &n);
	if (error == 0)
		rq->rq_lwp->l_failalloc = (uint32_t)n;
	return error;
}

/*
 * Sleep uninterruptibly for so many microseconds; 0: let all who do so go, whosever
 * they are.  No other call sleeps so for as long as a test wants.
 */
int
sysctl_block(struct sysctl_req *rq)
{
	uint64_t deadline;
	uint32_t round;
	int us, error = in_int(rq, &us);

	if (error == 0 && us > BLOCK_MAX)
		error = EINVAL;
	if (error != 0)
		return error;
	deadline = md_monotonic_ns() + (uint64_t)us * 1000;
	mutex_enter(&block_lock);
	if (us == 0) {
		block_round++;
		cv_broadcast(&block_cv);
	}
	round = block_round;
	while (us != 0 && round == block_round && error == 0)
		error = cv_timedwait(&block_cv, &block_lock, deadline);
	mutex_exit(&block_lock);
	return 0;
}

#else

void
sysctl_init(void)
{
}

int
sysctl_failalloc(struct sysctl_req *rq)
{
	(void)rq;
	return ENOSYS;
}

int
sysctl_block(struct sysctl_req *rq)
{
	(void)rq;
	return ENOSYS;
}

#endif
