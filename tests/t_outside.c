/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operations on LWPs of another process, as the prompt has them (HEDDLE_LWPOP): they do what
 * the calls of their names do, and races with the end of the target leave nothing behind.
 */
#include "test_child.h"

#include <signal.h>

#define ROUNDS	150

static atomic_uint	*laps;		/* by LWP id: advanced in user mode; children share them */

static pid_t
start(void (*fn)(void))
{
	pid_t pid;

	fflush(stdout);
	if (pipe(to_parent) != 0 || (pid = fork()) < 0)
		tap_bail("start: %s", strerror(errno));
	if (pid == 0) {
		fn();
		_exit(0);
	}
	return pid;
}

/* Wait for a child that ends; the signal that it was ended by. */
static int
reap(pid_t pid)
{
	int status = status_of(pid, 0);

	close(to_parent[0]);
	close(to_parent[1]);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

static int
end(pid_t pid)
{
	kill(pid, SIGKILL);
	return reap(pid);
}

static int
suspend(pid_t pid, lwpid_t lid)
{
	return heddle_lwpop(pid, lid, HEDDLE_LWP_SUSPEND, 0);
}

static int
resume(pid_t pid, lwpid_t lid)
{
	return heddle_lwpop(pid, lid, HEDDLE_LWP_CONTINUE, 0);
}

static int
wakeup(pid_t pid, lwpid_t lid)
{
	return heddle_lwpop(pid, lid, HEDDLE_LWP_WAKEUP, 0);
}

static int
unpark(pid_t pid, lwpid_t lid)
{
	return heddle_lwpop(pid, lid, HEDDLE_LWP_UNPARK, 0);
}

static int
signal_to(pid_t pid, lwpid_t lid, int signo)
{
	return heddle_lwpop(pid, lid, HEDDLE_LWP_SIGNAL, signo);
}

static struct kinfo_lwp
info(pid_t pid, lwpid_t lid)
{
	struct kinfo_lwp found, *list;
	size_t n = 0;

	memset(&found, 0, sizeof(found));
	list = lwp_list(pid, &n);
	for (size_t i = 0; list != NULL && i < n; i++) {
		if (list[i].l_lid == lid)
			found = list[i];
	}
	free(list);
	return found;
}

static void
await_asleep(pid_t pid, lwpid_t lid, const char *wmesg)
{
	AWAIT(strcmp(info(pid, lid).l_wmesg, wmesg) == 0);
}

static void
spinner(void *arg)
{
	atomic_uint *own = &laps[_lwp_self()];

	(void)arg;
	for (;;)
		atomic_fetch_add(own, 1);
}

/* Says how each of its parks has ended. */
static void
parker(void *arg)
{
	(void)arg;
	for (;;) {
		int error = park();

		say(error == 0 ? '0' : error == EINTR ? 'i' : error == EALREADY ? 'a' : '?');
	}
}

static void
on_usr1(int signo)
{
	(void)signo;
	say((char)('0' + _lwp_self()));
}

/* LWP 1 waits, 2 and 3 compute, 4 parks. */
static void
some(void)
{
	signal(SIGUSR1, on_usr1);
	spawn(spinner, NULL);
	spawn(spinner, NULL);
	spawn(parker, NULL);
	say('r');
	for (;;)
		pause();
}

/* Until a spinner has executed user instructions. */
static void
await_progress(lwpid_t lid)
{
	unsigned before = atomic_load(&laps[lid]);

	AWAIT(atomic_load(&laps[lid]) != before);
}

/*
 * Is LWP 2 suspended, from the moment that the call has returned?  LWP 3, which does the same, has run meanwhile.
 */
static bool
does_not_run(void)
{
	unsigned before = atomic_load(&laps[2]);

	await_progress(3);
	return atomic_load(&laps[2]) == before;
}

static void
test_suspend_again(pid_t pid)
{
	int moved = 0;

	for (int i = 0; i < ROUNDS; i++) {
		spin((unsigned)i * 20);
		if (suspend(pid, 2) != 0 || !does_not_run())
			moved++;
		resume(pid, 2);
		await_progress(2);
	}
	tap_is_int(moved, 0, "again and again: it never runs when the call has returned");
}

static void
test_suspend(void)
{
	struct kinfo_lwp after;
	pid_t pid = start(some);

	hear();
	await_asleep(pid, 4, "parked");
	tap_is_int(suspend(pid, 2), 0, "suspend one that computes");
	tap_ok(does_not_run(), "and does not run while another one does");
	tap_is_int(info(pid, 2).l_stat, LSSUSPENDED, "it is suspended");
	tap_is_int(suspend(pid, 2), 0, "suspend it again");
	tap_is_int(resume(pid, 2), 0, "continue it");
	await_progress(2);
	tap_pass("it runs");
	tap_is_int(resume(pid, 2), 0, "continue one that is not suspended");
	test_suspend_again(pid);

	tap_is_int(suspend(pid, 4), 0, "suspend one that is parked");
	after = info(pid, 4);
	tap_ok(after.l_stat == LSSLEEP && (after.l_flag & L_WSUSPEND) != 0, "it sleeps on, and is marked");
	tap_is_int(unpark(pid, 4), 0, "unpark it");
	AWAIT(info(pid, 4).l_stat == LSSUSPENDED);
	tap_pass("its sleep is over, and it is suspended");
	tap_is_int(resume(pid, 4), 0, "continue it");
	tap_is_int(hear(), '0', "its park returns 0");
	end(pid);
}

static void
test_wakeup(void)
{
	pid_t pid = start(some);

	hear();
	await_asleep(pid, 4, "parked");
	tap_is_int(wakeup(pid, 4), 0, "wakeup one that is parked");
	tap_is_int(hear(), 'i', "its park returns EINTR");
	await_asleep(pid, 4, "parked");
	tap_is_int(unpark(pid, 4), 0, "unpark it");
	tap_is_int(hear(), '0', "its park returns 0");
	tap_is_int(wakeup(pid, 2), ENODEV, "wakeup one that is not asleep");
	tap_is_int(signal_to(pid, 3, SIGUSR1), 0, "signal one that computes");
	tap_is_int(hear(), '3', "its handler runs");
	tap_is_int(signal_to(pid, 1, SIGUSR1), 0, "signal one that sleeps");
	tap_is_int(hear(), '1', "its handler runs");
	tap_is_int(suspend(pid, 3), 0, "suspend one");
	tap_is_int(signal_to(pid, 3, SIGUSR1), 0, "signal it");
	tap_is_int(signal_to(pid, 2, SIGUSR1), 0, "and another");
	tap_is_int(hear(), '2', "the other's handler runs");
	tap_is_int(resume(pid, 3), 0, "continue the one");
	tap_is_int(hear(), '3', "now its handler runs");
	tap_is_int(signal_to(pid, 3, SIGTERM), 0, "SIGTERM to one of them");
	tap_is_int(reap(pid), SIGTERM, "ends them all");
}

static void
test_all(void)
{
	pid_t pid = start(some);

	hear();
	for (lwpid_t lid = 1; lid <= 4; lid++)
		tap_is_int(suspend(pid, lid), 0, "suspend LWP %d of 4", lid);
	tap_is_int(resume(pid, 2), 0, "continue one");
	tap_is_int(suspend(pid, 2), 0, "suspend it again");
	tap_is_int(end(pid), SIGKILL, "suspend.9 SIGKILL ends it all the same");

	tap_is_int(suspend(getpid(), 1), EDEADLK, "suspend.5 one's own only LWP: EDEADLK");
}

static void
bad(void)
{
	static const int name[] = { CTL_VENDOR, HEDDLE_LWPOP };
	struct heddle_lwpop ho = { .ho_pid = getpid(), .ho_lid = 1, .ho_op = HEDDLE_LWP_CONTINUE };
	size_t len = sizeof(ho);

	tap_is_int(suspend(getpid(), NO_SUCH_LWP), ESRCH, "no such LWP");
	tap_is_int(suspend(getpid(), -1), ESRCH, "LWP -1");
	tap_is_int(suspend(29999, 1), ESRCH, "no such process");
	tap_is_int(suspend(-1, 1), ESRCH, "process -1");
	tap_is_int(suspend(0, 1), EPERM, "an LWP of the kernel's");
	tap_is_int(heddle_lwpop(getpid(), 1, 0, 0), EINVAL, "operation 0");
	tap_is_int(heddle_lwpop(getpid(), 1, 99, 0), EINVAL, "operation 99");
	tap_is_int(signal_to(getpid(), 1, NSIG), EINVAL, "signal 64");
	tap_is_int(signal_to(getpid(), 1, -1), EINVAL, "signal -1");
	tap_is_int(signal_to(getpid(), 1, 0), 0, "signal 0 looks only");
	tap_is_errno(sysctl(name, 2, NULL, NULL, &ho, sizeof(ho)), 0, "the call itself");
	tap_is_errno(sysctl(name, 2, NULL, NULL, &ho, sizeof(ho) - 1), EINVAL, "a wrong length");
	tap_is_errno(sysctl(name, 2, NULL, NULL, BAD_KERNEL, sizeof(ho)), EFAULT, "a bad address");
	tap_is_errno(sysctl(name, 2, &ho, &len, NULL, 0), EINVAL, "there is nothing to read");
}

/* --- Races --- */

static void
brief(void *arg)
{
	uintptr_t n = (uintptr_t)arg;

	if (n % 2 != 0)
		usleep((useconds_t)n);
	spin((unsigned)n);
}

static void
comes_and_goes(void)
{
	say('r');
	for (uintptr_t n = 0;; n = (n + 37) % 1000) {
		join(spawn(brief, (void *)n));
		usleep(1); /* else it keeps everybody from the one CPU that there may be */
	}
}

/* One of its LWPs but the first; it may be gone by now. */
static lwpid_t
another(pid_t pid)
{
	struct kinfo_lwp *list;
	lwpid_t lid = 2;
	size_t n = 0;

	list = lwp_list(pid, &n);
	for (size_t i = 0; list != NULL && i < n; i++) {
		if (list[i].l_lid != 1)
			lid = list[i].l_lid;
	}
	free(list);
	return lid;
}

/* Operations on LWPs that come and go: they are done, or there is no such LWP; nothing hangs. */
static void
test_come_and_go(void)
{
	pid_t pid = start(comes_and_goes);
	int done = 0, wrong = 0;

	hear();
	for (int i = 0; i < ROUNDS * 4; i++) {
		lwpid_t lid = another(pid);
		int error = suspend(pid, lid);

		done += error == 0;
		wrong += error != 0 && error != ESRCH;
		error = resume(pid, lid);
		wrong += error != 0 && error != ESRCH;
		error = unpark(pid, lid);
		wrong += error != 0 && error != ESRCH;
		error = signal_to(pid, lid, SIGCHLD);
		wrong += error != 0 && error != ESRCH;
	}
	tap_is_int(wrong, 0, "LWPs that come and go");
	tap_diag("%d of %d were suspended", done, ROUNDS * 4);
	tap_is_int(end(pid), SIGKILL, "their process is whole");
}

static unsigned	delay;

static void
leaves(void)
{
	spawn(spinner, NULL);
	say('r');
	spin(delay);
}

static void
becomes_another(void)
{
	char *const argv[] = { __UNCONST("true"), NULL };

	spawn(spinner, NULL);
	say('r');
	spin(delay);
	execv("/bin/true", argv);
	_exit(1);
}

static atomic_int	reaped;

static void
reaper(void *arg)
{
	atomic_store(&reaped, 1 + status_of(*(pid_t *)arg, 0));
}

/*
 * The process ends, or becomes another program, and is reaped by another LWP, while ours asks for its LWPs to
 * be suspended and continued.
 */
static void
test_end(void (*fn)(void), const char *how)
{
	int wrong = 0;

	for (int i = 0; i < ROUNDS; i++) {
		lwpid_t id;
		pid_t pid;

		delay = (unsigned)i * 40;
		pid = start(fn);
		atomic_store(&reaped, 0);
		hear();
		id = spawn(reaper, &pid);
		/* Not for ever: one that is suspended again as soon as it is continued never gets to its end. */
		for (int k = 0; k < 5 && atomic_load(&reaped) == 0; k++) {
			int error = suspend(pid, 2);

			wrong += error != 0 && error != ESRCH;
			error = suspend(pid, 1);
			wrong += error != 0 && error != ESRCH;
			resume(pid, 1);
			resume(pid, 2);
			spin(delay / 8);
		}
		join(id);
		wrong += atomic_load(&reaped) != 1;
		close(to_parent[0]);
		close(to_parent[1]);
	}
	tap_is_int(wrong, 0, "a process that %s meanwhile", how);
}

static void
figures(uint64_t *objects, uint64_t *user)
{
	struct heddle_mem hm;

	heddle_mem(&hm);
	*objects = hm.hm_objects;
	*user = hm.hm_user;
}

/* After everything the kernel has what it had.  (The first rounds may leave caches fuller.) */
static void
test_leak(void)
{
	uint64_t objects, user, objects2 = 0, user2 = 0;
	int tries = 0;

	do {
		pid_t pid;

		figures(&objects, &user);
		delay = 100;
		pid = start(leaves);
		hear();
		while (suspend(pid, 2) != ESRCH && info(pid, 1).l_stat != LSZOMB)
			resume(pid, 2);
		end(pid);
		figures(&objects2, &user2);
	} while (++tries < 30 && (objects != objects2 || user != user2));
	tap_ok(objects == objects2 && user == user2, "nothing is left behind");
}

int
main(void)
{
	laps = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_SHARED, -1, 0);
	if (laps == MAP_FAILED)
		tap_bail("mmap: %s", strerror(errno));
	test_suspend();
	test_wakeup();
	test_all();
	bad();
	test_come_and_go();
	test_end(leaves, "ends");
	test_end(becomes_another, "calls execve");
	test_leak();
	return tap_done();
}
