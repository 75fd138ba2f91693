/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that the native ABI lists and no other test is about: unlink, readlink, sysarch,
 * _sched_protect, the timers of CPU time, children that leave no zombie, files in memory.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/heddle.h>
#include <sys/sysarch.h>
#include <sys/sysctl.h>
#include <sys/time.h>

#include "test.h"

#define SELF	"/tests/t_calls"

static atomic_int	count;

static void
handler(int signo)
{
	(void)signo;
	atomic_fetch_add(&count, 1);
}

static void
on_signal(int signo, void (*fn)(int), int flags)
{
	struct sigaction sa = { .sa_handler = fn, .sa_flags = flags };

	atomic_store(&count, 0);
	if (sigaction(signo, &sa, NULL) != 0)
		tap_bail("sigaction: %s", strerror(errno));
}

static void
test_names(void)
{
	char buf[16], longest[PATH_MAX + 8];

	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	tap_is_errno(unlink(SELF), EROFS, "unlink: the file system cannot be written");
	tap_is_errno(unlink("/tests"), EPERM, "unlink of a directory");
	tap_is_errno(unlink("/no/such"), ENOENT, "unlink of what is not there");
	tap_is_errno(unlink(SELF "/x"), ENOTDIR, "unlink in a file");
	tap_is_errno(unlink(longest), ENAMETOOLONG, "unlink of a name that is too long");
	tap_is_errno(unlink(BAD_KERNEL), EFAULT, "abi.6 unlink of a bad pointer");
	tap_is_errno(readlink(SELF, buf, sizeof(buf)), EINVAL, "readlink: not a link");
	tap_is_errno(readlink("/no/such", buf, sizeof(buf)), ENOENT, "readlink of what is not there");
	tap_is_errno(readlink(BAD_LOW, buf, sizeof(buf)), EFAULT, "abi.6 readlink of a bad pointer");
}

static void
test_sysarch(void)
{
	void *tcb = _lwp_getprivate(), *got = NULL, *other = &other, *private, *fs;
	void *bad = BAD_END;
	int error;

	tap_ok(sysarch(X86_GET_FSBASE, &got) == 0 && got == tcb, "sysarch gives the base of %%fs");
	error = sysarch(X86_SET_FSBASE, &other);
	private = _lwp_getprivate();
	__asm volatile ("movq %%fs:0, %0" : "=r" (fs));
	_lwp_setprivate(tcb);
	tap_ok(error == 0 && private == other && fs == other, "private.1 sysarch sets it, and the private pointer");
	tap_is_errno(sysarch(X86_SET_FSBASE, &bad), EINVAL, "private.2 not to an address outside user space");
	tap_is_errno(sysarch(X86_SET_FSBASE, BAD_KERNEL), EFAULT, "abi.6 sysarch of a bad pointer");
	tap_is_errno(sysarch(X86_GET_FSBASE, BAD_LOW), EFAULT, "abi.6 sysarch to a bad pointer");
	tap_is_errno(sysarch(0, NULL), EINVAL, "sysarch of what there is not");
}

/* --- _sched_protect --- */

static void
run_when_unparked(void *arg)
{
	(void)arg;
	park();
	atomic_store(&count, 1);
}

static int
my_priority(int *base)
{
	struct kinfo_lwp kl;

	if (lwp_info(_lwp_self(), &kl) != 0)
		tap_bail("lwp_info");
	*base = kl.l_usrpri;
	return kl.l_priority;
}

static void
test_ceiling(void)
{
	int before, during, base;
	lwpid_t id;

	bind_cpu(_lwp_self(), 0);
	id = spawn(run_when_unparked, NULL);
	bind_cpu(id, 0);
	set_class(id, SCHED_FIFO, 20);
	lwp_await_parked(id);
	atomic_store(&count, 0);
	tap_is_errno(_sched_protect(30), 0, "_sched_protect");
	_lwp_unpark(id, NULL);
	before = atomic_load(&count);
	tap_is_int(before, 0, "an LWP below the ceiling does not run before us, though it ranks above");
	during = my_priority(&base);
	tap_ok(during == 128 + 30 && base < 128, "listings show both priorities");
	tap_is_errno(_sched_protect(-1), 0, "the ceiling is taken back");
	tap_is_int(atomic_load(&count), 1, "and then it has run at once");
	join(id);
}

static void
test_protect(void)
{
	struct sched_param sp;
	int policy, base;

	tap_is_errno(_sched_protect(-1), EINVAL, "_sched_protect: no ceiling to take back");
	tap_is_errno(_sched_protect(-2), EINVAL, "-2 is no priority");
	tap_is_errno(_sched_protect(64), EINVAL, "nor is 64");
	tap_is_errno(_sched_protect(PRI_REMAINS | 3), EINVAL, "nothing remains of nothing");
	_sched_protect(50);
	_sched_protect(10);
	tap_is_int(my_priority(&base), 128 + 50, "the highest of two ceilings counts");
	tap_ok(_sched_getparam(0, 0, &policy, &sp) == 0 && policy == SCHED_OTHER, "the class stays as it was");
	set_class(_lwp_self(), SCHED_FIFO, 5);
	tap_is_int(my_priority(&base), 128 + 50, "a change below the ceiling is not felt");
	tap_ok(_sched_getparam(0, 0, &policy, &sp) == 0 && sp.sched_priority == 5, "but it is there");
	_sched_protect(-1);
	tap_is_int(my_priority(&base), 128 + 50, "one of two is taken back");
	_sched_protect(-1);
	tap_ok(my_priority(&base) == 128 + 5 && base == 128 + 5, "and both");
	_sched_protect(50);
	tap_is_errno(_sched_protect(PRI_REMAINS | 10), EINVAL, "nor of one");
	_sched_protect(10);
	tap_is_errno(_sched_protect(PRI_REMAINS | 64), EINVAL, "a ceiling that is no priority");
	tap_ok(_sched_protect(PRI_REMAINS | 10) == 0 && my_priority(&base) == 128 + 10,
	    "the higher of two is taken back");
	tap_ok(_sched_protect(-1) == 0 && my_priority(&base) == 128 + 5, "and the other");
	tap_is_errno(_sched_protect(4), EPERM, "a ceiling below the caller's own priority");
	tap_is_errno(_sched_protect(-1), EINVAL, "which leaves nothing to take back");
	set_class(_lwp_self(), SCHED_OTHER, PRI_NONE);
}

/* --- Timers of CPU time --- */

static int64_t
cpu_ns(void)
{
	struct kinfo_lwp kl;

	if (lwp_info(_lwp_self(), &kl) != 0)
		tap_bail("lwp_info");
	return kl.l_rtime_sec * NSEC + kl.l_rtime_usec * 1000;
}

static void
test_cpu_timer(int which, int signo, const char *name)
{
	struct itimerval it = { { 0, 5000 }, { 0, 20000 } }, left, off = { { 0, 0 }, { 0, 0 } };
	int64_t before;

	on_signal(signo, handler, SA_RESTART);
	before = cpu_ns();
	tap_is_errno(setitimer(which, &it, NULL), 0, "setitimer(%s)", name);
	(void)park_ns(60 * MSEC);
	tap_ok(atomic_load(&count) == 0 && getitimer(which, &left) == 0 && left.it_value.tv_usec > 5000,
	    "%s stands still while the process sleeps", name);
	while (atomic_load(&count) == 0)
		spin(10);
	tap_ok(cpu_ns() - before >= 20 * MSEC - 1000, "%s does not run out before so much CPU time is used", name);
	while (atomic_load(&count) < 3)
		spin(10);
	tap_pass("%s runs out again and again", name);
	tap_ok(setitimer(which, &off, &left) == 0 && left.it_interval.tv_usec == 5000, "%s says its interval", name);
	tap_ok(getitimer(which, &left) == 0 && left.it_value.tv_usec == 0 && left.it_value.tv_sec == 0,
	    "%s is off", name);
	signal(signo, SIG_DFL);
}

static void
burner(void *arg)
{
	(void)arg;
	while (atomic_load(&count) == 0)
		spin(10);
}

static int64_t
process_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * NSEC + ts.tv_nsec;
}

/* LWPs that come after the timer was set use CPU time, too.  (A second on each CPU: the host may be slow.) */
static void
test_cpu_timer_more(void)
{
	int n = heddle_ncpu() < 4 ? heddle_ncpu() : 4;
	struct itimerval it = { { 0, 0 }, { n, 0 } };
	lwpid_t ids[4];
	int64_t before, used;

	on_signal(SIGPROF, handler, SA_RESTART);
	before = process_ns();
	setitimer(ITIMER_PROF, &it, NULL);
	for (int i = 0; i < n; i++)
		ids[i] = spawn(burner, NULL);
	for (int i = 0; i < n; i++)
		join(ids[i]);
	used = process_ns() - before;
	tap_ok(used >= n * NSEC && used < n * NSEC * 7 / 4,
	    "a timer of CPU time is in time for LWPs made after it was set (%d s: %d ms)", n, (int)(used / MSEC));
	signal(SIGPROF, SIG_DFL);
}

/* --- Children --- */

static bool
process_exists(pid_t pid)
{
	static struct heddle_proc procs[64];
	int name[] = { CTL_VENDOR, HEDDLE_PROC, sizeof(procs[0]) };
	size_t len = sizeof(procs);

	if (sysctl(name, 3, procs, &len, NULL, 0) != 0)
		tap_bail("sysctl: %s", strerror(errno));
	for (size_t i = 0; i < len / sizeof(procs[0]); i++) {
		if (procs[i].hp_pid == pid)
			return true;
	}
	return false;
}

static pid_t
start_child(void)
{
	pid_t pid = fork();

	if (pid < 0)
		tap_bail("fork: %s", strerror(errno));
	if (pid == 0) {
		struct timespec ts = { 0, 2 * MSEC };

		nanosleep(&ts, NULL);
		_exit(7);
	}
	return pid;
}

static void
test_children(void (*fn)(int), int flags, const char *how)
{
	pid_t one, two;
	int status;

	on_signal(SIGCHLD, fn, flags);
	fflush(stdout);
	one = start_child();
	tap_is_errno(wait4(one, &status, 0, NULL), ECHILD, "%s: wait4 gives ECHILD when the child has gone", how);
	AWAIT(!process_exists(one));
	tap_pass("%s: and it leaves no zombie", how);
	one = start_child();
	two = start_child();
	tap_is_errno(wait4(WAIT_ANY, &status, 0, NULL), ECHILD, "%s: it waits for the last of them", how);
	AWAIT(!process_exists(one) && !process_exists(two));
	on_signal(SIGCHLD, SIG_DFL, 0);
	one = start_child();
	tap_ok(wait4(one, &status, 0, NULL) == one && status == W_EXITCODE(7, 0),
	    "%s: later children are waited for as ever", how);
}

/* --- The end by abort --- */

static void
abort_blocked(void *arg)
{
	sigset_t set;

	(void)arg;
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	abort();
}

static void
abort_ignored(void *arg)
{
	(void)arg;
	signal(SIGABRT, SIG_IGN);
	abort();
}

static void
abort_caught(void *arg)
{
	(void)arg;
	on_signal(SIGABRT, handler, 0);
	abort();
}

static void
test_abort(void)
{
	static void (*const how[])(void *) = { abort_blocked, abort_ignored, abort_caught };
	static const char *const name[] = { "blocked", "ignored", "caught, and the handler returns" };

	for (size_t i = 0; i < __arraycount(how); i++) {
		int status = in_child(how[i], NULL);

		tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "abort with SIGABRT %s", name[i]);
	}
}

/* --- Files in memory --- */

static char	text[3 * PAGE_SIZE];

static void
write_to(void *arg)
{
	*(char *)arg = 1;
}

static void
change_own(void *arg)
{
	char *p = arg;

	_exit(memcmp(p, text, PAGE_SIZE) != 0 || (p[1]++, p[1] != text[1] + 1));
}

static void
protect_own(void *arg)
{
	_exit(mprotect(arg, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE) != -1 || errno != EACCES);
}

static void
test_map_contents(int fd, size_t size)
{
	size_t whole = (size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	size_t last = whole - PAGE_SIZE, dirt = 0;
	char *p = mmap(NULL, sizeof(text), PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0), *q;
	int status;

	tap_ok(p != MAP_FAILED && memcmp(p, text, sizeof(text)) == 0, "mmap of a file: what is in it");
	tap_is_int(in_child(change_own, p), 0, "a child finds it, and changes what is its own");
	p[0] = (char)~text[0];
	q = mmap(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, PAGE_SIZE);
	tap_ok(q != MAP_FAILED && memcmp(q, text + PAGE_SIZE, PAGE_SIZE) == 0, "from its second page on");
	status = in_child(write_to, q);
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "read-only means read-only");
	tap_ok(mmap(q, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) == q && q[0] == text[0] && q[1] == text[1],
	    "writing changed the mapping, not the file; MAP_FIXED");
	munmap(q, PAGE_SIZE);
	munmap(p, sizeof(text));
	p = mmap(NULL, 2 * PAGE_SIZE, PROT_READ, MAP_SHARED, fd, (off_t)last);
	for (size_t i = size - last; p != MAP_FAILED && i < PAGE_SIZE; i++)
		dirt += p[i] != 0;
	tap_ok(p != MAP_FAILED && dirt == 0, "shared and read-only; zeros fill the last page");
	tap_is_errno(mprotect(p, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE), EACCES, "mprotect does not make it writable");
	tap_is_int(in_child(protect_own, p), 0, "nor in a child");
	tap_is_errno(mprotect(p, PAGE_SIZE, PROT_NONE), 0, "it can be protected");
	tap_is_errno(mprotect(p + PAGE_SIZE, PAGE_SIZE, PROT_WRITE), EACCES, "part by part");
	tap_is_errno(mprotect(p, PAGE_SIZE, PROT_READ), 0, "and back");
	munmap(p, 2 * PAGE_SIZE);
}

static void
test_map_errors(int fd)
{
	int null = open("/dev/null", O_RDONLY), ends[2];

	tap_is_errno((long)mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), EACCES,
	    "not shared and writable");
	tap_is_errno((long)mmap(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, 100), EINVAL, "not from an odd place");
	tap_is_errno((long)mmap(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, -PAGE_SIZE), EINVAL, "nor a negative one");
	tap_is_errno((long)mmap(NULL, 0, PROT_READ, MAP_PRIVATE, fd, 0), EINVAL, "nor nothing");
	tap_is_errno((long)mmap(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, 99, 0), EBADF, "a bad descriptor");
	tap_is_errno((long)mmap(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, null, 0), ENODEV, "no devices");
	(void)!pipe(ends);
	tap_is_errno((long)mmap(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, ends[0], 0), ENODEV, "no pipes");
	close(ends[0]);
	close(ends[1]);
	close(null);
}

static void
test_map_nomem(int fd)
{
	struct heddle_mem before, after;
	void *p;
	int n, lost = 0;

	if (heddle_failalloc(0) != 0) {
		tap_skip(1, "a release kernel");
		return;
	}
	for (n = 1; n < 100; n++) {
		heddle_mem(&before);
		heddle_failalloc(n);
		p = mmap(NULL, sizeof(text), PROT_READ, MAP_PRIVATE, fd, 0);
		heddle_failalloc(0);
		if (p != MAP_FAILED)
			break;
		heddle_mem(&after);
		lost += errno != ENOMEM || before.hm_user != after.hm_user || before.hm_kernel != after.hm_kernel ||
		    before.hm_objects != after.hm_objects;
	}
	tap_ok(n > 3 && n < 100 && lost == 0, "exit.3 out of memory on the way: ENOMEM, and nothing is lost");
	munmap(p, sizeof(text));
}

static void
test_map(void)
{
	int fd = open(SELF, O_RDONLY);
	off_t size = lseek(fd, 0, SEEK_END);

	lseek(fd, 0, SEEK_SET);
	if (fd < 0 || read(fd, text, sizeof(text)) != (ssize_t)sizeof(text))
		tap_bail("%s: %s", SELF, strerror(errno));
	test_map_contents(fd, (size_t)size);
	test_map_errors(fd);
	test_map_nomem(fd);
	close(fd);
}

int
main(void)
{
	test_names();
	test_sysarch();
	test_ceiling();
	test_protect();
	test_cpu_timer(ITIMER_PROF, SIGPROF, "ITIMER_PROF");
	test_cpu_timer(ITIMER_VIRTUAL, SIGVTALRM, "ITIMER_VIRTUAL");
	test_cpu_timer_more();
	test_children(SIG_IGN, 0, "SIGCHLD ignored");
	test_children(handler, SA_NOCLDWAIT, "SA_NOCLDWAIT");
	test_abort();
	test_map();
	return tap_done();
}
