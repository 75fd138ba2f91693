/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _lwp_create: what a new LWP starts with, and what is refused.
 */
#include <heddle/tls.h>
#include <signal.h>

#include "test.h"

#define STACK_SIZE	16384
#define XMM_OFFSET	160
#define MXCSR_OFFSET	24
#define POWER_ON_MXCSR	0x1f80
#define POWER_ON_FCW	0x037f

static char	stack[STACK_SIZE] __aligned(16);

/* A context that calls fn(arg) on `stack'. */
static void
make(ucontext_t *uc, void (*fn)(void *), void *arg)
{
	_lwp_makecontext(uc, fn, arg, NULL, stack, sizeof(stack));
}

static lwpid_t
create(const ucontext_t *uc, unsigned long flags)
{
	lwpid_t id;

	if (_lwp_create(uc, flags, &id) != 0)
		tap_bail("_lwp_create: %s", strerror(errno));
	return id;
}

/* create.1 */

static volatile lwpid_t	stored_id;
static atomic_int	mismatches;

static void
compare_id(void *arg)
{
	(void)arg;
	if (stored_id != _lwp_self())
		atomic_fetch_add(&mismatches, 1);
}

static void
test_id_first(void)
{
	ucontext_t uc;
	lwpid_t gone;
	int bad = 0;

	for (int i = 0; i < 300; i++) {
		stored_id = 0;
		make(&uc, compare_id, NULL);
		bad += _lwp_create(&uc, 0, (lwpid_t *)__UNVOLATILE(&stored_id)) != 0;
		bad += _lwp_wait(stored_id, &gone) != 0 || gone != stored_id;
	}
	tap_is_int(bad, 0, "create.1 success gives 0");
	tap_is_int(atomic_load(&mismatches), 0, "create.1 the id is stored before the new LWP runs");
}

/* create.2: the registers.  The new LWP stores them all and exits. */

extern const char landing[];
extern unsigned long landed[17], landed_flags;
extern unsigned char landed_fx[512];
unsigned long landed[17], landed_flags;
unsigned char landed_fx[512] __aligned(16);
__asm(".text\n"
    "landing:\n"
    "	mov %rdi, landed(%rip); mov %rsi, landed+8(%rip); mov %rdx, landed+16(%rip)\n"
    "	mov %rcx, landed+24(%rip); mov %r8, landed+32(%rip); mov %r9, landed+40(%rip)\n"
    "	mov %r10, landed+48(%rip); mov %r11, landed+56(%rip); mov %r12, landed+64(%rip)\n"
    "	mov %r13, landed+72(%rip); mov %r14, landed+80(%rip); mov %r15, landed+88(%rip)\n"
    "	mov %rbp, landed+96(%rip); mov %rbx, landed+104(%rip); mov %rax, landed+112(%rip)\n"
    "	mov %rsp, landed+120(%rip)\n"
    "	pushf; pop %rax; mov %rax, landed_flags(%rip)\n"
    "	mov %fs:0, %rax; mov %rax, landed+128(%rip)\n"
    "	fxsave landed_fx(%rip)\n"
    "	mov $310, %eax\n"
    "	syscall\n"
    "	ud2\n");

/* A context in which every register has a value of its own. */
static void
make_landing(ucontext_t *uc, const void *tls)
{
	__greg_t *r = uc->uc_mcontext.__gregs;

	make(uc, compare_id, NULL);
	for (int i = _REG_RDI; i <= _REG_RAX; i++)
		r[i] = 0xfedcba9876543210UL * (unsigned long)(2 * i + 1);
	r[_REG_RIP] = (unsigned long)landing;
	r[_REG_RSP] = (unsigned long)stack + 8192 + 3;
	r[_REG_RFLAGS] = 0x202 | 0x8d5;
	uc->uc_mcontext._mc_tlsbase = (unsigned long)tls;
	uc->uc_flags |= _UC_TLSBASE | _UC_CPU;
	memset(landed, 0, sizeof(landed));
	memset(landed_fx, 0, sizeof(landed_fx));
}

static void
test_registers(void)
{
	static unsigned long tls[2];
	static ucontext_t uc;
	volatile int wrong = 0;
	lwpid_t id;

	tls[0] = 0x1234567887654321UL;
	make_landing(&uc, tls);
	/* Ours are dirty; that must not be seen. */
	__asm volatile ("pcmpeqd %%xmm2, %%xmm2; movdqa %%xmm2, %%xmm13" ::: "xmm2", "xmm13");
	id = create(&uc, 0);
	tap_is_errno(_lwp_wait(id, NULL), 0, "create.2 a context made by hand runs");
	for (int i = _REG_RDI; i <= _REG_RAX; i++)
		wrong += landed[i] != uc.uc_mcontext.__gregs[i];
	tap_is_int(wrong, 0, "create.2 it starts with the general registers given");
	tap_is_int((long)landed[15], (long)stack + 8192 + 3, "create.2 with the stack pointer given, aligned or not");
	tap_is_int((long)(landed_flags & 0x8d5), 0x8d5, "create.2 with the flags given");
	tap_is_int((long)landed[16], (long)tls[0], "create.2 _UC_TLSBASE sets %%fs");
	wrong = 0;
	for (int i = XMM_OFFSET; i < XMM_OFFSET + 256; i++)
		wrong += landed_fx[i] != 0;
	tap_is_int(wrong, 0, "create.2 without _UC_FPU the vector registers are zero");
	tap_ok(*(uint32_t *)(void *)(landed_fx + MXCSR_OFFSET) == POWER_ON_MXCSR &&
	    *(uint16_t *)(void *)landed_fx == POWER_ON_FCW, "create.2 and the control words as at power-on");
}

static void
test_vector(void)
{
	static unsigned long tls[2];
	static ucontext_t uc;
	unsigned char *fx = (unsigned char *)uc.uc_mcontext.__fpregs;
	volatile int wrong = 0;
	lwpid_t id;

	make_landing(&uc, tls);
	memset(fx, 0, 512);
	*(uint16_t *)(void *)fx = 0x0b7f;
	*(uint32_t *)(void *)(fx + MXCSR_OFFSET) = POWER_ON_MXCSR | 0x2000;
	for (int i = XMM_OFFSET; i < XMM_OFFSET + 256; i++)
		fx[i] = (unsigned char)(i * 3);
	uc.uc_flags |= _UC_FPU;
	id = create(&uc, 0);
	_lwp_wait(id, NULL);
	for (int i = XMM_OFFSET; i < XMM_OFFSET + 256; i++)
		wrong += landed_fx[i] != (unsigned char)(i * 3);
	tap_is_int(wrong, 0, "create.2 _UC_FPU sets the vector registers");
	tap_ok(*(uint32_t *)(void *)(landed_fx + MXCSR_OFFSET) == (POWER_ON_MXCSR | 0x2000) &&
	    *(uint16_t *)(void *)landed_fx == 0x0b7f, "create.2 and the control words");
	/* Reserved bits of mxcsr: loading them would fault in the kernel. */
	*(uint32_t *)(void *)(fx + MXCSR_OFFSET) = 0xffffffff;
	if (_lwp_create(&uc, 0, &id) == 0)
		tap_is_errno(_lwp_wait(id, NULL), 0, "create.2 reserved bits of mxcsr are masked");
	else
		tap_is_int(errno, EINVAL, "create.2 reserved bits of mxcsr are refused");
}

static void * volatile	private_seen;

static void
get_private(void *arg)
{
	(void)arg;
	private_seen = _lwp_getprivate();
}

static void
test_private(void)
{
	struct tls_tcb *tcb = _rtld_tls_allocate();
	static ucontext_t uc;

	_lwp_makecontext(&uc, get_private, NULL, tcb, stack, sizeof(stack));
	_lwp_wait(create(&uc, 0), NULL);
	tap_ok(private_seen == tcb, "create.2 _UC_TLSBASE sets the private pointer");
	_rtld_tls_free(tcb);
}

/* create.3, create.4, create.5: failures leave nothing behind. */

static atomic_bool	has_run;

static void
run(void *arg)
{
	(void)arg;
	atomic_store(&has_run, true);
}

/* _lwp_create that should fail; errno, or -1 if it left an LWP. */
static int
refused(const ucontext_t *uc, unsigned long flags, lwpid_t *idp)
{
	int error;

	atomic_store(&has_run, false);
	error = error_of(_lwp_create(uc, flags, idp));
	if (count_lwps() != 1 || atomic_load(&has_run)) {
		tap_diag("there is an LWP although _lwp_create gave %d", error);
		return -1;
	}
	return error;
}

static void
test_fault(void)
{
	static void *const bad[] = { BAD_NULL, BAD_LOW, BAD_NONCANON, BAD_END, BAD_KERNEL, BAD_TOP };
	char *edge = map_edge(1, PROT_READ | PROT_WRITE) + PAGE_SIZE;
	char *readonly = map_edge(1, PROT_READ);
	static ucontext_t uc;
	lwpid_t id = 77;
	int wrong = 0;

	for (size_t i = 0; i < __arraycount(bad); i++)
		wrong += refused(bad[i], 0, &id) != EFAULT;
	make(&uc, run, NULL);
	memcpy(edge - sizeof(uc) + 8, &uc, sizeof(uc) - 8);
	wrong += refused((ucontext_t *)(void *)(edge - sizeof(uc) + 8), 0, &id) != EFAULT;
	tap_is_int(wrong, 0, "create.3 an unreadable context gives EFAULT and no LWP");
	tap_is_int(id, 77, "create.3 and stores no id");
	wrong = 0;
	for (size_t i = 0; i < __arraycount(bad); i++)
		wrong += refused(&uc, 0, bad[i]) != EFAULT;
	wrong += refused(&uc, 0, (lwpid_t *)(void *)readonly) != EFAULT;
	wrong += refused(&uc, 0, (lwpid_t *)(void *)(edge - 2)) != EFAULT;
	wrong += refused(&uc, LWP_DETACHED, (lwpid_t *)(void *)readonly) != EFAULT;
	tap_is_int(wrong, 0, "create.3 an unwritable id gives EFAULT, and no LWP exists or has run");
	memcpy(edge - sizeof(uc), &uc, sizeof(uc));
	_lwp_wait(create((ucontext_t *)(void *)(edge - sizeof(uc)), 0), NULL);
	tap_ok(atomic_load(&has_run), "create.3 a context at the end of a mapping is read");
}

static void
test_bad_registers(void)
{
	static const struct {
		int reg;
		unsigned long value;
		const char *text;
	} bad[] = {
		{ _REG_RIP, 0x0000800000000000UL, "rip that is not canonical" },
		{ _REG_RIP, 0xffffffff80000000UL, "rip in the kernel" },
		{ _REG_RIP, VM_MAXUSER_ADDRESS, "rip at the end of user space" },
		{ _REG_RSP, 0x0000800000000000UL, "rsp that is not canonical" },
		{ _REG_RSP, 0xffffffff80000000UL, "rsp in the kernel" },
		{ _REG_RSP, ~7UL, "rsp at the top" },
		{ _REG_RFLAGS, 0x002, "interrupts off" },
		{ _REG_RFLAGS, 0x1202, "IOPL 1" },
		{ _REG_RFLAGS, 0x3202, "IOPL 3" },
		{ _REG_RFLAGS, 0x4202, "NT" },
		{ _REG_RFLAGS, 0x20202, "VM" },
		{ _REG_RFLAGS, 0x80202, "VIF" },
		{ _REG_RFLAGS, 0x100202, "VIP" },
		{ _REG_RFLAGS, 0x20a, "reserved bit 3" },
		{ _REG_RFLAGS, 0x8202, "reserved bit 15" },
		{ _REG_RFLAGS, 0x400202, "reserved bit 22" },
		{ _REG_RFLAGS, 0x100000202UL, "reserved bit 32" },
		{ _REG_CS, 0, "cs 0" },
		{ _REG_CS, 8, "the kernel's cs" },
		{ _REG_CS, 0x10, "cs 0x10" },
		{ _REG_CS, 0xffff, "cs 0xffff" },
		{ _REG_SS, 0, "ss 0" },
		{ _REG_SS, 0x10, "the kernel's ss" },
	};
	static ucontext_t uc;
	lwpid_t id;

	for (size_t i = 0; i < __arraycount(bad); i++) {
		make(&uc, run, NULL);
		uc.uc_mcontext.__gregs[bad[i].reg] = bad[i].value;
		tap_is_int(refused(&uc, 0, &id), EINVAL, "create.4 %s gives EINVAL", bad[i].text);
	}
}

static void
test_bad_context(void)
{
	static const unsigned long tls[] = { 0x0000800000000000UL, VM_MAXUSER_ADDRESS, 0xffffffff80000000UL, ~0UL };
	static const unsigned long flags[] = { 1, 0x20, 0x100, 0xc1, 0x40000000, 0x80000000, 1UL << 32, ~0UL };
	static ucontext_t uc;
	int wrong = 0;
	lwpid_t id;

	make(&uc, run, NULL);
	uc.uc_flags &= ~(unsigned)_UC_CPU;
	tap_is_int(refused(&uc, 0, &id), EINVAL, "create.4 a context without _UC_CPU gives EINVAL");
	for (size_t i = 0; i < __arraycount(tls); i++) {
		make(&uc, run, NULL);
		uc.uc_mcontext._mc_tlsbase = tls[i];
		wrong += refused(&uc, 0, &id) != EINVAL;
	}
	tap_is_int(wrong, 0, "create.4 a TLS base outside user space gives EINVAL");
	make(&uc, run, NULL);
	wrong = 0;
	for (size_t i = 0; i < __arraycount(flags); i++)
		wrong += refused(&uc, flags[i], &id) != EINVAL;
	tap_is_int(wrong, 0, "create.5 unknown flags give EINVAL");
}

static atomic_bool	may_go;

static void
wait_to_go(void *arg)
{
	(void)arg;
	while (!atomic_load(&may_go))
		park();
}

static void
test_detached(void)
{
	static ucontext_t uc;
	struct kinfo_lwp kl;
	lwpid_t id;

	atomic_store(&may_go, false);
	make(&uc, wait_to_go, NULL);
	id = create(&uc, LWP_DETACHED);
	lwp_await_parked(id);
	tap_is_errno(_lwp_wait(id, NULL), EINVAL, "create.8 LWP_DETACHED: it cannot be waited for");
	tap_is_errno(_lwp_detach(id), EINVAL, "create.8 nor be detached again");
	tap_ok(lwp_info(id, &kl) == 0 && (kl.l_flag & L_DETACHED) != 0, "create.8 it is listed as detached");
	atomic_store(&may_go, true);
	_lwp_unpark(id, NULL);
	tap_is_int(lwp_await_gone(id), 0, "create.8 and vanishes when it exits");
	tap_is_errno(_lwp_wait(id, NULL), ESRCH, "create.8 its id is then unknown");
}

/* create.11 */

static struct {
	int		policy, priority, token;
	char		name[LWP_NAMELEN];
	cpuset_t	cpus;
	sigset_t	mask;
} seen;

static void
look(void *arg)
{
	struct sched_param sp;

	(void)arg;
	seen.token = park_ns(MSEC);
	_lwp_getname(0, seen.name, sizeof(seen.name));
	_sched_getparam(0, _lwp_self(), &seen.policy, &sp);
	seen.priority = sp.sched_priority;
	_sched_getaffinity(0, _lwp_self(), sizeof(seen.cpus), &seen.cpus);
	sigprocmask(SIG_BLOCK, NULL, &seen.mask);
}

static void
test_inherits(void)
{
	static ucontext_t uc;
	sigset_t mask = { { 0 } };

	memset(&seen, 0xff, sizeof(seen));
	bind_cpu(0, heddle_ncpu() - 1);
	set_class(_lwp_self(), SCHED_RR, 17);
	_lwp_setname(0, "creator");
	_lwp_unpark(_lwp_self(), NULL);
	mask.__bits[0] = 1U << (SIGUSR1 - 1);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	make(&uc, look, NULL);
	uc.uc_flags &= ~(unsigned)_UC_SIGMASK;
	_lwp_wait(create(&uc, 0), NULL);
	tap_ok(seen.policy == SCHED_RR && seen.priority == 17, "create.11 inherits class and priority");
	tap_is_int(seen.cpus.bits[0], 1L << (heddle_ncpu() - 1), "create.11 inherits the affinity");
	tap_is_int(seen.mask.__bits[0], mask.__bits[0], "create.11 inherits the signal mask");
	tap_is_str(seen.name, "", "create.11 does not inherit the name");
	tap_is_int(seen.token, ETIMEDOUT, "create.11 does not inherit the unpark token");
	tap_ok(token_full(), "create.11 the creator still has its own");
	make(&uc, look, NULL);
	uc.uc_flags |= _UC_SIGMASK;
	memset(&uc.uc_sigmask, 0, sizeof(uc.uc_sigmask));
	uc.uc_sigmask.__bits[0] = 1U << (SIGUSR2 - 1);
	uc.uc_sigmask.__bits[1] = 1;
	_lwp_wait(create(&uc, 0), NULL);
	tap_ok(seen.mask.__bits[0] == 1U << (SIGUSR2 - 1) && seen.mask.__bits[1] == 1,
	    "create.11 _UC_SIGMASK overrides the mask");
}

/* create.12 */

static void
test_ids(void)
{
	enum { N = 900, DISTANCE = 256 };
	static lwpid_t ids[N];
	static ucontext_t uc;
	int out_of_range = 0, reused = 0;

	make(&uc, do_nothing, NULL);
	for (int i = 0; i < N; i++) {
		/* The context is used up, stack and thread storage too. */
		make(&uc, do_nothing, NULL);
		ids[i] = create(&uc, 0);
		_lwp_wait(ids[i], NULL);
		out_of_range += ids[i] <= 1 || ids[i] >= LWP_LID_LIMIT;
		for (int j = i > DISTANCE ? i - DISTANCE : 0; j < i; j++)
			reused += ids[i] == ids[j];
	}
	tap_is_int(out_of_range, 0, "create.12 ids are positive, below 2^30, and 1 is the first LWP's");
	tap_is_int(reused, 0, "create.12 no id comes again within 256 creations");
}

static void
fill_and_exit(void *unused)
{
	(void)unused;
	_lwp_unpark(_lwp_self(), NULL);
}

static void
count_token(void *tokens)
{
	*(int *)tokens += park_ns(100 * USEC) != ETIMEDOUT;
}

/* The kernel gives the memory of one that is gone to the next. */
static void
test_token_left(void)
{
	int tokens = 0;

	for (int i = 0; i < 20; i++) {
		join(spawn(fill_and_exit, NULL));
		join(spawn(count_token, &tokens));
	}
	tap_is_int(tokens, 0, "create.11 a token that an LWP left at its exit is no later one's");
}

int
main(void)
{
	tap_is_int(_lwp_self(), 1, "create.12 the first LWP of a process is 1");
	test_id_first();
	test_registers();
	test_vector();
	test_private();
	test_fault();
	test_bad_registers();
	test_bad_context();
	test_detached();
	test_inherits();
	test_token_left();
	test_ids();
	return tap_done();
}
