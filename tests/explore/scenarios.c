/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scenarios.  Each oracle says what may come of a round, whatever the interleaving.
 */
#include <heddle/lock.h>
#include <signal.h>

#include "explore.h"

static struct parked	p0, p1;
static int		error1, error2, status;
static lwpid_t		target;
static pid_t		child;

static void
clear(void)
{
	p0 = p1 = (struct parked){ 0 };
	error1 = error2 = status = 0;
}

static void
park0(void)
{
	count_park(&p0, park());
}

static void
unpark0(void)
{
	error1 = error_of(_lwp_unpark(actors[0], NULL));
}

/* --- One park, one unpark --- */

static const char *
one_token(void)
{
	drain(&p0);
	if (error1 != 0)
		return "the unpark failed";
	return p0.tokens == 1 && p0.eintrs + p0.others == 0 ? NULL : "one unpark did not end one park";
}

/* --- Two unparks at once: one token or two, and never none --- */

static void
unpark0_too(void)
{
	error2 = error_of(_lwp_unpark(actors[0], NULL));
}

static const char *
one_or_two(void)
{
	drain(&p0);
	if (error1 != 0 || error2 != 0)
		return "an unpark failed";
	return (p0.tokens == 1 || p0.tokens == 2) && p0.eintrs + p0.others == 0 ? NULL :
	    "two unparks did not end one park or two";
}

/* --- Timeout against unpark --- */

static void
park0_short(void)
{
	count_park(&p0, park_ns(3 * USEC));
}

static const char *
timeout_or_token(void)
{
	struct parked later = { 0 };

	drain(&later);
	if (p0.tokens + p0.timeouts != 1)
		return "the park ended neither by its unpark nor by its deadline";
	return p0.tokens + later.tokens == 1 ? NULL : "the token was lost, or given twice";
}

/* --- _lwp_wakeup against unpark --- */

static void
wake0(void)
{
	error2 = error_of(_lwp_wakeup(actors[0]));
	unpark0();
}

static const char *
token_and_cancel(void)
{
	drain(&p0);
	if (p0.eintrs != 1)
		return "one _lwp_wakeup did not end one sleep";
	return p0.tokens == 1 && p0.others == 0 ? NULL : "the token was lost, or given twice";
}

/* --- A signal against unpark --- */

static atomic_int	handled;

static void
handler(int signo)
{
	(void)signo;
	atomic_fetch_add(&handled, 1);
}

static void
clear_signal(void)
{
	struct sigaction sa = { .sa_handler = handler };

	clear();
	atomic_store(&handled, 0);
	sigaction(SIGUSR1, &sa, NULL);
}

static void
signal0(void)
{
	error2 = error_of(_lwp_kill(actors[0], SIGUSR1));
	unpark0();
}

static const char *
token_and_signal(void)
{
	drain(&p0);
	if (atomic_load(&handled) != 1)
		return "the handler did not run once";
	return p0.tokens == 1 && p0.eintrs <= 1 && p0.others == 0 ? NULL : "the token was lost, or given twice";
}

/* --- Two parkers, one _lwp_unpark_all --- */

static void
park1(void)
{
	count_park(&p1, park());
}

static void
unpark_both(void)
{
	lwpid_t ids[2] = { actors[0], actors[1] };

	error1 = _lwp_unpark_all(ids, 2, NULL) == 2 ? 0 : EINVAL;
}

/* The second's token is not drained here: it has its own. */
static const char *
both_tokens(void)
{
	drain(&p0);
	return p0.tokens == 1 && p1.tokens == 1 ? NULL : "_lwp_unpark_all did not end both parks";
}

/* --- Each parks and unparks the other.  Once: of two unparks before the first park one token is left --- */

static void
swap(lwpid_t other, struct parked *p)
{
	count_park(p, error_of(_lwp_park(CLOCK_MONOTONIC, 0, NULL, other, NULL, NULL)));
}

static void
swap0(void)
{
	swap(actors[1], &p0);
}

static void
swap1(void)
{
	swap(actors[0], &p1);
}

static const char *
swapped(void)
{
	drain(&p0);
	return p0.tokens == 1 && p1.tokens == 1 ? NULL : "a park that unparks lost or doubled a token";
}

/* --- Suspend and continue against park and unpark --- */

static void
suspend0(void)
{
	error2 = error_of(_lwp_suspend(actors[0]));
	if (error2 == 0)
		error2 = error_of(_lwp_continue(actors[0]));
}

static const char *
token_and_suspend(void)
{
	return error2 != 0 ? "suspend or continue failed" : one_token();
}

/* --- Two suspend each other; a third continues them until both are done --- */

static atomic_int	done;

static void
clear_done(void)
{
	clear();
	atomic_store(&done, 0);
}

static void
continue_both(void)
{
	while (atomic_load(&done) != 2) {
		(void)_lwp_continue(actors[1]);
		(void)_lwp_continue(actors[2]);
		sched_yield();
	}
}

static void
suspend2(void)
{
	error1 = error_of(_lwp_suspend(actors[2]));
	atomic_fetch_add(&done, 1);
}

static void
suspend1(void)
{
	error2 = error_of(_lwp_suspend(actors[1]));
	atomic_fetch_add(&done, 1);
}

static const char *
both_suspended(void)
{
	/* A request that came last may be there still. */
	(void)_lwp_continue(actors[1]);
	(void)_lwp_continue(actors[2]);
	return error1 == 0 && error2 == 0 ? NULL : "a suspend of an LWP that lives failed";
}

/* --- Exit, against wait and detach --- */

static void
leave(void *go)
{
	AWAIT(atomic_load((atomic_int *)go) != 0);
	_lwp_exit();
}

static void
clear_target(void)
{
	clear_done();
	target = start(0, leave, &done);
}

static void
wait_target(void)
{
	lwpid_t departed = 0;

	atomic_store(&done, 1);
	error1 = error_of(_lwp_wait(target, &departed));
	if (error1 == 0 && departed != target)
		error1 = EINVAL;
}

static void
detach_target(void)
{
	error2 = error_of(_lwp_detach(target));
}

static const char *
waited(void)
{
	return error1 == 0 ? NULL : "_lwp_wait did not give the LWP that it was asked for";
}

static const char *
waited_or_detached(void)
{
	if (lwp_await_gone(target) != 0)
		return "the LWP is still there";
	return (error1 == 0) != (error2 == 0) ? NULL : "not exactly one of _lwp_wait and _lwp_detach had it";
}

/* --- Creation at the same time --- */

static lwpid_t		made[2];

static void
leave_at_once(void *arg)
{
	(void)arg;
	_lwp_exit();
}

static void
make0(void)
{
	made[0] = start(0, leave_at_once, NULL);
	error1 = error_of(_lwp_wait(made[0], NULL));
}

static void
make1(void)
{
	made[1] = start(1, leave_at_once, NULL);
	error2 = error_of(_lwp_wait(made[1], NULL));
}

static const char *
both_made(void)
{
	if (made[0] == made[1])
		return "two LWPs have the same id";
	return error1 == 0 && error2 == 0 ? NULL : "an LWP could not be waited for";
}

/* --- A process of two LWPs ends: by _exit of one, by a signal --- */

static void
exit_three(void *arg)
{
	(void)arg;
	_exit(3);
}

static void
two_lwps(void (*fn)(void *))
{
	child = fork();
	if (child == 0) {
		lwpid_t other = start(0, fn, NULL);

		for (;;)
			(void)error_of(_lwp_park(CLOCK_MONOTONIC, 0, NULL, other, NULL, NULL));
	}
}

static void
process_exits(void)
{
	two_lwps(exit_three);
	error1 = waitpid(child, &status, 0) == child ? 0 : errno;
}

static const char *
exited(void)
{
	return error1 == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 3 ? NULL : "the exit status is another";
}

static void
process_killed(void)
{
	two_lwps(keep_parking);
	kill(child, SIGKILL);
	error1 = waitpid(child, &status, 0) == child ? 0 : errno;
}

static const char *
killed(void)
{
	return error1 == 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? NULL : "it did not end by SIGKILL";
}

/* --- The library's mutex, made of park and unpark --- */

static struct hmutex	mutex = HMUTEX_INITIALIZER;
static volatile int	sum;

static void
clear_sum(void)
{
	clear();
	sum = 0;
}

static void
add(void)
{
	for (int i = 0; i < 3; i++) {
		int seen;

		hmutex_lock(&mutex);
		seen = sum;
		sum = seen + 1;
		hmutex_unlock(&mutex);
	}
}

static const char *
added(void)
{
	return sum == 3 * ACTORS ? NULL : "an addition under the mutex was lost";
}

const struct scenario scenarios[] = {
	{ "unpark", clear, { park0, unpark0 }, one_token },
	{ "unpark-twice", clear, { park0, unpark0, unpark0_too }, one_or_two },
	{ "timeout", clear, { park0_short, unpark0 }, timeout_or_token },
	{ "wakeup", clear, { park0, wake0 }, token_and_cancel },
	{ "signal", clear_signal, { park0, signal0 }, token_and_signal },
	{ "unpark-all", clear, { park0, park1, unpark_both }, both_tokens },
	{ "swap", clear, { swap0, swap1 }, swapped },
	{ "suspend", clear, { park0, suspend0, unpark0 }, token_and_suspend },
	{ "suspend-each-other", clear_done, { continue_both, suspend2, suspend1 }, both_suspended },
	{ "wait", clear_target, { wait_target }, waited },
	{ "wait-detach", clear_target, { wait_target, detach_target }, waited_or_detached },
	{ "create", clear, { make0, make1 }, both_made },
	{ "process-exit", clear, { process_exits }, exited },
	{ "process-kill", clear, { process_killed }, killed },
	{ "mutex", clear_sum, { add, add, add }, added },
	{ NULL, NULL, { NULL }, NULL },
};
