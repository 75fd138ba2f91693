/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals: dispositions, delivery, masks, the calls that wait for them, and what they do
 * to calls that sleep.
 */
#include "test.h"

#include <signal.h>
#include <sys/time.h>

#define EXCHANGES	20000

static atomic_int	count;
static siginfo_t	info;
static ucontext_t	context;
static uintptr_t	handler_sp;
static sigset_t		handler_mask;
static atomic_int	result;

static void
handler(int signo, siginfo_t *si, void *uc)
{
	(void)signo;
	info = *si;
	context = *(ucontext_t *)uc;
	handler_sp = (uintptr_t)__builtin_frame_address(0);
	sigprocmask(SIG_BLOCK, NULL, &handler_mask);
	atomic_fetch_add(&count, 1);
}

static void
on_signal(int signo, int flags)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = handler;
	sa.sa_flags = SA_SIGINFO | flags;
	sigaddset(&sa.sa_mask, SIGUSR2);
	if (sigaction(signo, &sa, NULL) != 0)
		tap_bail("sigaction: %s", strerror(errno));
	atomic_store(&count, 0);
}

static sigset_t
set_of(int signo)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signo);
	return set;
}

static void
mask(int how, int signo)
{
	sigset_t set = set_of(signo);

	sigprocmask(how, &set, NULL);
}

static void
test_sigaction(void)
{
	struct sigaction sa, old;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_IGN;
	tap_is_errno(sigaction(0, &sa, NULL), EINVAL, "sigaction of signal 0");
	tap_is_errno(sigaction(NSIG, &sa, NULL), EINVAL, "of signal 64");
	tap_is_errno(sigaction(SIGKILL, &sa, NULL), EINVAL, "of SIGKILL");
	tap_is_errno(sigaction(SIGSTOP, &sa, NULL), EINVAL, "of SIGSTOP");
	tap_is_errno(sigaction(SIGKILL, NULL, &old), 0, "SIGKILL can be asked for");
	on_signal(SIGUSR1, SA_RESTART);
	sigaction(SIGUSR1, NULL, &old);
	tap_ok(old.sa_sigaction == handler && old.sa_flags == (SA_SIGINFO | SA_RESTART) &&
	    sigismember(&old.sa_mask, SIGUSR2) == 1, "what was set is found");
	tap_is_errno(sigaction(SIGUSR1, BAD_KERNEL, NULL), EFAULT, "abi.6 sigaction of a bad pointer");
}

static void
test_delivery(void)
{
	sigset_t set;

	on_signal(SIGUSR1, 0);
	tap_is_errno(kill(getpid(), SIGUSR1), 0, "kill");
	tap_is_int(atomic_load(&count), 1, "the handler has run before kill returns");
	tap_ok(info.si_signo == SIGUSR1 && info.si_code == SI_USER && info.si_pid == getpid(),
	    "siginfo says who sent it");
	tap_ok(sigismember(&handler_mask, SIGUSR1) == 1 && sigismember(&handler_mask, SIGUSR2) == 1,
	    "the mask in the handler: the signal and sa_mask");
	sigprocmask(SIG_BLOCK, NULL, &set);
	tap_ok(sigismember(&set, SIGUSR1) == 0 && sigismember(&set, SIGUSR2) == 0,
	    "the mask is back after it");
	tap_ok(sigismember(&context.uc_sigmask, SIGUSR1) == 0 &&
	    (context.uc_flags & _UC_SIGMASK) != 0, "the context has the old mask");
	on_signal(SIGUSR1, SA_NODEFER);
	raise(SIGUSR1);
	tap_ok(sigismember(&handler_mask, SIGUSR1) == 0, "SA_NODEFER: the signal is not masked");
	on_signal(SIGUSR1, SA_RESETHAND);
	raise(SIGUSR1);
	tap_ok(signal(SIGUSR1, SIG_IGN) == SIG_DFL, "SA_RESETHAND");
	tap_is_errno(kill(getpid(), SIGUSR1), 0, "an ignored signal");
}

static void
test_errors(void)
{
	tap_is_errno(kill(getpid(), -1), EINVAL, "kill with signal -1");
	tap_is_errno(kill(getpid(), NSIG), EINVAL, "with signal 64");
	tap_is_errno(kill(29999, SIGTERM), ESRCH, "of a process that is not there");
	tap_is_errno(kill(getpid(), 0), 0, "signal 0");
	tap_is_errno(sigpending(BAD_KERNEL), EFAULT, "abi.6 sigpending to a bad pointer");
	tap_is_errno(sigsuspend(BAD_KERNEL), EFAULT, "abi.6 sigsuspend of a bad pointer");
}

/* Every register but those of the call itself survives a handler. */
static uint64_t	regs_in[16], regs_out[16];

static void
test_registers(void)
{
	double d = 1.5, e = 0;
	bool same = true;
	long rax = 37;

	on_signal(SIGUSR1, 0);
	for (int i = 0; i < 16; i++)
		regs_in[i] = 0x1111111111111111UL * (unsigned)i;
	__asm volatile (
	    "movsd %[d], %%xmm7\n\t"
	    "movq 8+%[in], %%rbx; movq 16+%[in], %%r8; movq 24+%[in], %%r9; movq 32+%[in], %%r10\n\t"
	    "movq 40+%[in], %%r12; movq 48+%[in], %%r13; movq 56+%[in], %%r14; movq 64+%[in], %%r15\n\t"
	    "syscall\n\t"
	    "movq %%rbx, 8+%[out]; movq %%r8, 16+%[out]; movq %%r9, 24+%[out]; movq %%r10, 32+%[out]\n\t"
	    "movq %%r12, 40+%[out]; movq %%r13, 48+%[out]; movq %%r14, 56+%[out]; movq %%r15, 64+%[out]\n\t"
	    "movsd %%xmm7, %[e]"
	    : "+a" (rax), [out] "=m" (regs_out), [e] "=m" (e)
	    : "D" ((long)getpid()), "S" ((long)SIGUSR1), [in] "m" (regs_in), [d] "m" (d)
	    : "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm7",
	      "memory", "cc");
	for (int i = 1; i <= 8; i++)
		same = same && regs_in[i] == regs_out[i];
	tap_ok(atomic_load(&count) == 1 && rax == 0, "a signal on the way out of a call: its result is kept");
	tap_ok(same, "abi.3 the registers are as before the handler");
	tap_ok(e == d, "abi.3 vector registers too");
}

static atomic_bool	stop_spinning;

/* Interrupted at any instruction, it must find its red zone and flags as they were. */
static void
counter(void *arg)
{
	uint64_t n = 0, ok = 1;

	(void)arg;
	while (!atomic_load_explicit(&stop_spinning, memory_order_relaxed)) {
		__asm volatile (
		    "movq %0, -8(%%rsp)\n\t"
		    "movq %0, -120(%%rsp)\n\t"
		    "stc\n\t"
		    "pause\n\t"
		    "movq -8(%%rsp), %%rax\n\t"
		    "jnc 1f\n\t"
		    "cmpq %0, %%rax\n\t"
		    "jne 1f\n\t"
		    "cmpq -120(%%rsp), %%rax\n\t"
		    "je 2f\n"
		    "1:	movq $0, %1\n"
		    "2:" : "+r" (n), "+r" (ok) : : "rax", "memory", "cc");
		n++;
	}
	atomic_store(&result, (int)ok);
}

static void
test_anywhere(void)
{
	lwpid_t id;

	on_signal(SIGUSR1, 0);
	atomic_store(&stop_spinning, false);
	id = spawn(counter, NULL);
	for (int i = 1; i <= 500; i++) {
		_lwp_kill(id, SIGUSR1);
		AWAIT(atomic_load(&count) == i);
		if (i % 100 == 0)
			tap_diag("%d signals", i); /* the launcher sees that it goes on */
		spin((unsigned)i);
	}
	atomic_store(&stop_spinning, true);
	join(id);
	tap_is_int(atomic_load(&result), 1, "interrupted 500 times anywhere: flags, registers, red zone");
}

static char	altstack[SIGSTKSZ] __attribute__((aligned(16)));

static void
test_altstack(void)
{
	stack_t ss = { .ss_sp = altstack, .ss_size = sizeof(altstack) }, old;
	uintptr_t base = (uintptr_t)altstack;

	tap_is_errno(sigaltstack(NULL, &old), 0, "sigaltstack asks");
	tap_ok((old.ss_flags & SS_DISABLE) != 0, "there is none at first");
	tap_is_errno(sigaltstack(&ss, NULL), 0, "sigaltstack sets");
	on_signal(SIGUSR1, SA_ONSTACK);
	raise(SIGUSR1);
	tap_ok(handler_sp - base < sizeof(altstack), "the handler runs on it");
	tap_is_int((long)(handler_sp % 16), 0, "abi: the stack is aligned in the handler");
	on_signal(SIGUSR1, 0);
	raise(SIGUSR1);
	tap_ok(handler_sp - base >= sizeof(altstack), "without SA_ONSTACK it does not");
	tap_is_int((long)(handler_sp % 16), 0, "abi: the stack is aligned there, too");
	ss.ss_size = MINSIGSTKSZ - 1;
	tap_is_errno(sigaltstack(&ss, NULL), ENOMEM, "too small a stack");
	ss.ss_flags = 0x100;
	tap_is_errno(sigaltstack(&ss, NULL), EINVAL, "unknown flags");
	ss.ss_flags = SS_DISABLE;
	tap_is_errno(sigaltstack(&ss, NULL), 0, "switched off");
}

/* A fault, whose handler steps over the instruction. */
static void
skip_handler(int signo, siginfo_t *si, void *arg)
{
	ucontext_t *uc = arg;

	(void)signo;
	info = *si;
	atomic_fetch_add(&count, 1);
	uc->uc_mcontext.__gregs[_REG_RIP] += 2; /* the length of what faults below */
}

static void
on_fault(int signo)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = skip_handler;
	sa.sa_flags = SA_SIGINFO;
	sigaction(signo, &sa, NULL);
	atomic_store(&count, 0);
}

static void
fault_read(void)
{
	__asm volatile ("movl (%%rax), %%eax" : : "a" (8L) : "memory");
}

static void
fault_masked(void *arg)
{
	(void)arg;
	on_fault(SIGSEGV);
	mask(SIG_BLOCK, SIGSEGV);
	fault_read();
}

static void
fault_ignored(void *arg)
{
	(void)arg;
	signal(SIGSEGV, SIG_IGN);
	fault_read();
}

static void
test_faults(void)
{
	int status;

	on_fault(SIGSEGV);
	fault_read();
	tap_is_int(atomic_load(&count), 1, "a fault is caught");
	tap_ok(info.si_signo == SIGSEGV && info.si_code == SEGV_MAPERR && info.si_addr == (void *)8,
	    "siginfo says where");
	on_fault(SIGILL);
	__asm volatile ("ud2");
	tap_ok(atomic_load(&count) == 1 && info.si_code == ILL_ILLOPC, "an illegal instruction too");
	on_fault(SIGFPE);
	__asm volatile ("divl %%ecx" : : "a" (1), "d" (0), "c" (0) : "cc");
	tap_ok(atomic_load(&count) == 1 && info.si_code == FPE_INTDIV, "and a division by 0");
	status = in_child(fault_masked, NULL);
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "a masked fault kills");
	status = in_child(fault_ignored, NULL);
	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "an ignored fault kills");
}

static void
no_stack(void *arg)
{
	(void)arg;
	on_signal(SIGUSR1, 0);
	on_signal(SIGSEGV, 0);
	__asm volatile ("movq $64, %%rsp\n\tsyscall\n\tud2"
	    : : "a" (37L), "D" ((long)getpid()), "S" ((long)SIGUSR1) : "memory");
}

static void
handler_nowhere(void *arg)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = (void (*)(int))(uintptr_t)arg;
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
}

static void
test_bad_frame(void)
{
	int status = in_child(no_stack, NULL);

	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGILL,
	    "a frame that cannot be written kills with SIGILL");
	status = in_child(handler_nowhere, BAD_NONCANON);
	tap_ok(WIFSIGNALED(status), "a handler outside user space kills");
	status = in_child(handler_nowhere, BAD_KERNEL);
	tap_ok(WIFSIGNALED(status), "one in the kernel too");
}

static int	ends[2];

static void
reader(void *arg)
{
	char c;

	(void)arg;
	atomic_store(&result, error_of(read(ends[0], &c, 1)));
}

static void
test_restart(void)
{
	lwpid_t id;

	pipe(ends);
	on_signal(SIGUSR1, 0);
	id = spawn(reader, NULL);
	lwp_await_asleep(id, "piperd");
	_lwp_kill(id, SIGUSR1);
	join(id);
	tap_is_int(atomic_load(&result), EINTR, "a read is interrupted: EINTR");
	on_signal(SIGUSR1, SA_RESTART);
	id = spawn(reader, NULL);
	lwp_await_asleep(id, "piperd");
	_lwp_kill(id, SIGUSR1);
	AWAIT(atomic_load(&count) == 1);
	tap_is_int(lwp_await_asleep(id, "piperd"), 0, "abi.4 with SA_RESTART it reads again");
	write(ends[1], "x", 1);
	join(id);
	tap_is_int(atomic_load(&result), 0, "abi.4 with its arguments");
	close(ends[0]);
	close(ends[1]);
}

static void
sleeper(void *arg)
{
	struct timespec ts = { 100, 0 }, left = { 0, 0 };

	(void)arg;
	atomic_store(&result, error_of(nanosleep(&ts, &left)));
	if (left.tv_sec < 50 || left.tv_sec >= 100)
		atomic_store(&result, -1);
}

static void
test_nanosleep(void)
{
	lwpid_t id;

	on_signal(SIGUSR1, SA_RESTART);
	id = spawn(sleeper, NULL);
	lwp_await_asleep(id, "nanoslp");
	_lwp_kill(id, SIGUSR1);
	join(id);
	tap_is_int(atomic_load(&result), EINTR, "nanosleep: EINTR, and what was left");
}

static void
suspender(void *arg)
{
	sigset_t none, now;

	sigemptyset(&none);
	mask(SIG_BLOCK, SIGUSR1);
	atomic_store((atomic_bool *)arg, true);
	atomic_store(&result, error_of(sigsuspend(&none)));
	sigprocmask(SIG_BLOCK, NULL, &now);
	if (sigismember(&now, SIGUSR1) != 1)
		atomic_store(&result, -1);
}

static void
test_sigsuspend(void)
{
	atomic_bool blocked = false;
	lwpid_t id;

	on_signal(SIGUSR1, SA_RESTART);
	id = spawn(suspender, &blocked);
	AWAIT(atomic_load(&blocked));
	_lwp_kill(id, SIGUSR1);
	join(id);
	tap_is_int(atomic_load(&count), 1, "sigsuspend opens the mask");
	tap_is_int(atomic_load(&result), EINTR, "gives EINTR, and the mask is back");
}

static void
wait_for_usr1(void *arg)
{
	sigset_t set = set_of(SIGUSR1);
	siginfo_t *si = arg;

	mask(SIG_BLOCK, SIGUSR1);
	atomic_store(&result, sigwaitinfo(&set, si));
}

static void
test_sigwait(void)
{
	sigset_t set = set_of(SIGUSR1);
	struct timespec zero = { 0, 0 }, little = { 0, MSEC };
	siginfo_t si = { .si_signo = 0 };
	lwpid_t id;
	int signo;

	on_signal(SIGUSR1, 0);
	mask(SIG_BLOCK, SIGUSR1);
	tap_is_errno(sigtimedwait(&set, &si, &zero), EAGAIN, "sigtimedwait: nothing there");
	tap_is_errno(sigtimedwait(&set, &si, &little), EAGAIN, "nothing comes");
	kill(getpid(), SIGUSR1);
	tap_is_int(sigtimedwait(&set, &si, &zero), SIGUSR1, "one that is pending is taken");
	tap_ok(si.si_signo == SIGUSR1 && si.si_code == SI_USER && si.si_pid == getpid(), "with its siginfo");
	tap_is_errno(sigtimedwait(&set, &si, &zero), EAGAIN, "once");
	id = spawn(wait_for_usr1, &si);
	lwp_await_asleep(id, "sigwait");
	kill(getpid(), SIGUSR1);
	join(id);
	tap_is_int(atomic_load(&result), SIGUSR1, "one that is sent to the process is waited for");
	id = spawn(wait_for_usr1, &si);
	lwp_await_asleep(id, "sigwait");
	_lwp_kill(id, SIGUSR1);
	join(id);
	tap_ok(atomic_load(&result) == SIGUSR1 && si.si_code == SI_LWP, "one that is sent to the LWP");
	kill(getpid(), SIGUSR1);
	tap_ok(sigwait(&set, &signo) == 0 && signo == SIGUSR1, "sigwait");
	mask(SIG_UNBLOCK, SIGUSR1);
	tap_is_int(atomic_load(&count), 0, "the handler never runs");
}

/* create.11: what a new LWP has of the creator's signals. */
static void
born(void *arg)
{
	sigset_t pending, now;
	stack_t ss;

	(void)arg;
	sigpending(&pending);
	sigprocmask(SIG_BLOCK, NULL, &now);
	sigaltstack(NULL, &ss);
	atomic_store(&result, (sigismember(&pending, SIGUSR1) == 1) | (sigismember(&now, SIGUSR1) != 1) << 1 |
	    ((ss.ss_flags & SS_DISABLE) == 0) << 2);
}

static void
test_inherit(void)
{
	stack_t ss = { .ss_sp = altstack, .ss_size = sizeof(altstack) };

	on_signal(SIGUSR1, 0);
	sigaltstack(&ss, NULL);
	mask(SIG_BLOCK, SIGUSR1);
	_lwp_kill(_lwp_self(), SIGUSR1);
	join(spawn(born, NULL));
	tap_is_int(atomic_load(&result), 0, "create.11 mask yes; pending signals and alternate stack no");
	mask(SIG_UNBLOCK, SIGUSR1);
	tap_is_int(atomic_load(&count), 1, "create.11 the signal stays with its LWP");
	ss.ss_flags = SS_DISABLE;
	sigaltstack(&ss, NULL);
}

/* exit.4: the only LWP with an open mask exits at the moment when the signal is sent. */
static atomic_bool	chosen_ready;

static void
chosen(void *arg)
{
	(void)arg;
	atomic_store(&chosen_ready, true);
	spin((unsigned)(uintptr_t)arg);
}

static void
test_exit_passes_on(void)
{
	lwpid_t id;
	int n;

	on_signal(SIGUSR1, 0);
	for (n = 0; n < 300; n++) {
		atomic_store(&chosen_ready, false);
		id = spawn(chosen, (void *)(uintptr_t)(n * 3));
		mask(SIG_BLOCK, SIGUSR1);
		AWAIT(atomic_load(&chosen_ready));
		kill(getpid(), SIGUSR1); /* to the other one, if it still lives */
		mask(SIG_UNBLOCK, SIGUSR1);
		join(id);
		if (atomic_load(&count) != n + 1)
			break;
	}
	tap_is_int(n, 300, "exit.4 300 signals sent to an LWP that exits: none is lost");
}

static void
child_exits(void *arg)
{
	(void)arg;
	_exit(7);
}

static void
test_sigchld(void)
{
	on_signal(SIGCHLD, SA_RESTART);
	in_child(child_exits, NULL);
	tap_is_int(atomic_load(&count), 1, "SIGCHLD when a child exits");
	tap_ok(info.si_code == CLD_EXITED && info.si_status == 7, "siginfo says how");
	signal(SIGCHLD, SIG_DFL);
}

static void
child_pipe(void *arg)
{
	(void)arg;
	signal(SIGPIPE, SIG_DFL);
	pipe(ends);
	close(ends[0]);
	write(ends[1], "x", 1);
}

static void
child_pending(void *arg)
{
	sigset_t set;

	(void)arg;
	sigpending(&set);
	_exit(sigismember(&set, SIGUSR1) + 2 * (signal(SIGUSR2, SIG_DFL) != SIG_IGN));
}

static void
test_processes(void)
{
	int status = in_child(child_pipe, NULL);

	tap_ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE, "SIGPIPE");
	signal(SIGUSR2, SIG_IGN);
	on_signal(SIGUSR1, 0);
	mask(SIG_BLOCK, SIGUSR1);
	kill(getpid(), SIGUSR1);
	status = in_child(child_pending, NULL);
	tap_is_int(status, 0, "fork: dispositions are copied, pending signals are not");
	mask(SIG_UNBLOCK, SIGUSR1);
	signal(SIGUSR2, SIG_DFL);
}

static void
test_itimer(void)
{
	struct itimerval it = { { 0, 1000 }, { 0, 2000 } }, now;
	int64_t before = now_ns();

	on_signal(SIGALRM, 0);
	tap_is_errno(setitimer(ITIMER_REAL, &it, NULL), 0, "setitimer");
	AWAIT(atomic_load(&count) >= 5);
	tap_ok(now_ns() - before >= 2 * MSEC + 4 * MSEC - MSEC / 2, "SIGALRM five times, and not too early");
	tap_is_int(info.si_code, SI_TIMER, "si_code");
	it.it_value.tv_usec = 0;
	it.it_interval.tv_usec = 0;
	tap_is_errno(setitimer(ITIMER_REAL, &it, &now), 0, "switched off");
	tap_ok(now.it_interval.tv_usec == 1000 && now.it_value.tv_usec <= 1000, "it says what was left");
	tap_ok(getitimer(ITIMER_REAL, &now) == 0 && now.it_value.tv_sec == 0 && now.it_value.tv_usec == 0,
	    "and that it is off");
	tap_is_errno(setitimer(3, &it, NULL), EINVAL, "there are three timers");
	tap_is_errno(setitimer(-1, &it, NULL), EINVAL, "and none before the first");
	tap_is_errno(setitimer(ITIMER_REAL, BAD_KERNEL, NULL), EFAULT, "abi.6 setitimer of a bad pointer");
}

/*
 * Each LWP sets timers of its own intervals and adds up what it is told was set before: in the end everybody's sum of
 * what was found, and what is left, is the sum of what was set.
 */
static atomic_long	timers_set, timers_found;

static void
exchange_timers(void *arg)
{
	struct itimerval it = { .it_value.tv_sec = 10000 }, old;
	long set = 0, found = 0;

	for (int i = 0; i < EXCHANGES; i++) {
		it.it_interval.tv_sec = 1 + i * 4 + (int)(uintptr_t)arg;
		setitimer(ITIMER_REAL, &it, &old);
		set += it.it_interval.tv_sec;
		found += old.it_interval.tv_sec;
	}
	atomic_fetch_add(&timers_set, set);
	atomic_fetch_add(&timers_found, found);
}

static void
test_exchange(void)
{
	struct itimerval off = { { 0, 0 }, { 0, 0 } }, last;
	lwpid_t id[4];

	for (uintptr_t i = 0; i < 4; i++)
		id[i] = spawn(exchange_timers, (void *)i);
	for (int i = 0; i < 4; i++)
		join(id[i]);
	setitimer(ITIMER_REAL, &off, &last);
	tap_ok(atomic_load(&timers_found) + last.it_interval.tv_sec == atomic_load(&timers_set),
	    "of several that set a timer at once, each is told what another has set");
}

/* However sigsuspend ends, the mask that was in force before is in force after it. */
static void
test_cancelled_sigsuspend(void)
{
	sigset_t none, before, after, stop;
	struct timespec now = { 0, 0 };

	sigemptyset(&none);
	sigemptyset(&before);
	sigaddset(&before, SIGUSR2);
	sigprocmask(SIG_SETMASK, &before, NULL);
	(void)_lwp_wakeup(_lwp_self());
	tap_is_errno(sigsuspend(&none), EINTR, "wakeup.3 a pending cancel ends sigsuspend");
	sigprocmask(SIG_BLOCK, NULL, &after);
	tap_ok(sigismember(&after, SIGUSR2) == 1, "and the mask is as it was before");
	sigprocmask(SIG_SETMASK, &none, NULL);
	sigemptyset(&stop);
	sigaddset(&stop, SIGSTOP);
	tap_is_errno(sigtimedwait(&stop, NULL, &now), EAGAIN, "SIGSTOP cannot be waited for");
}

int
main(void)
{
	test_cancelled_sigsuspend();
	test_sigaction();
	test_delivery();
	test_errors();
	test_registers();
	test_anywhere();
	test_altstack();
	test_faults();
	test_bad_frame();
	test_restart();
	test_nanosleep();
	test_sigsuspend();
	test_sigwait();
	test_inherit();
	test_exit_passes_on();
	test_sigchld();
	test_processes();
	test_itimer();
	test_exchange();
	return tap_done();
}
