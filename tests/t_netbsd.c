/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A static NetBSD/amd64 program: nothing of this tree's library, start-up code or headers is in it,
 * and it is linked as NetBSD's linker does it (mk/user.mk).  All that it knows of the kernel is
 * written down here, from NetBSD's ABI: numbers, offsets, values.
 *
 * It asks for what a crt0, a libc and a libpthread ask for when they start, and then checks that
 * it has asked for no call that is not there.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t	u64;

struct outcome {
	u64	rax, rdx;
	bool	carry;
};

struct ps {
	char	**argv;
	int	argc;
	char	**envp;
	int	envc;
};

struct timespec {
	int64_t	sec, nsec;
};

struct phdr {
	uint32_t	type, flags;
	u64		offset, vaddr, paddr, filesz, memsz, align;
};

#define ENOENT		2
#define ENODEV		19
#define EINVAL		22
#define ETIMEDOUT	60
#define ENOSYS		78

#define SIGUSR1		30
#define SI_LWP		(-5)
#define MAP_PRIVATE	0x2
#define MAP_ANON	0x1000
#define PROT_RW		3
#define PAGE		4096UL
#define USER_END	0x00007f8000000000UL

/* Offsets in a ucontext of 784 bytes. */
#define UC_SIGMASK	16
#define UC_GREGS	56
#define UC_TLSBASE	264
#define REG_RDI		0
#define REG_R15		11
#define REG_RBP		12
#define REG_RIP		21
#define REG_RSP		24

/* The notes by which NetBSD knows its own: version 10.0, and no change of protection asked for. */
__asm(".section .note.netbsd.ident, \"a\", @note\n"
    "	.p2align 2\n"
    "	.long 7, 4, 1\n"
    "	.ascii \"NetBSD\\0\\0\"\n"
    "	.long 1000000000\n"
    ".section .note.netbsd.pax, \"a\", @note\n"
    "	.p2align 2\n"
    "	.long 4, 4, 3\n"
    "	.ascii \"PaX\\0\"\n"
    "	.long 0\n"
    ".text\n");

/* As NetBSD's crt0: what the kernel left in registers goes to a function in C. */
__asm(".globl _start\n"
    "_start:\n"
    "	movq %rbx, %rdi\n"
    "	movq %rdx, %rsi\n"
    "	movq %rsp, %rdx\n"
    "	xorl %ebp, %ebp\n"
    "	call start\n"
    "	hlt\n");
extern const char _start[];
__attribute__((noreturn, used)) void start(struct ps *, u64, u64 *);

/*
 * raw(number, args, out): six arguments in registers, two more on the stack, as if the stub of a
 * system call had been called.
 */
void raw(u64, const u64 *, struct outcome *);
__asm(".globl raw\n"
    "raw:\n"
    "	pushq %rbx\n"
    "	movq %rdx, %rbx\n"
    "	movq %rdi, %rax\n"
    "	movq %rsi, %r11\n"
    "	pushq 56(%r11)\n"
    "	pushq 48(%r11)\n"
    "	pushq $0\n"
    "	movq 0(%r11), %rdi; movq 8(%r11), %rsi; movq 16(%r11), %rdx\n"
    "	movq 24(%r11), %r10; movq 32(%r11), %r8; movq 40(%r11), %r9\n"
    "	syscall\n"
    "	setc 16(%rbx)\n"
    "	movq %rax, 0(%rbx)\n"
    "	movq %rdx, 8(%rbx)\n"
    "	addq $24, %rsp\n"
    "	popq %rbx\n"
    "	ret\n");

#define CALL(nr, ...)	call(nr, (const u64[8]) { __VA_ARGS__ })
#define P(x)		((u64)(uintptr_t)(x))
#define FAILS(r, e)	((r).carry && (r).rax == (e))

static struct outcome
call(u64 number, const u64 *args)
{
	struct outcome out;

	raw(number, args, &out);
	return out;
}

/* --- What a program without a library needs --- */

static int	checks, failures;

void *memset(void *, int, size_t);
void *memcpy(void *, const void *, size_t);

void *
memset(void *p, int c, size_t n)
{
	for (volatile char *s = p; n > 0; n--)
		*s++ = (char)c;
	return p;
}

void *
memcpy(void *to, const void *from, size_t n)
{
	volatile char *t = to;

	for (const char *f = from; n > 0; n--)
		*t++ = *f++;
	return to;
}

static size_t
length(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0')
		n++;
	return n;
}

static bool
same(const char *a, const char *b)
{
	while (*a == *b && *a != '\0')
		a++, b++;
	return *a == *b;
}

static void
put(const char *s)
{
	CALL(4, 1, P(s), length(s));
}

static void
put_int(int n)
{
	char buf[12], *p = buf + sizeof(buf) - 1;

	*p = '\0';
	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	put(p);
}

static void
check(bool good, const char *what)
{
	put(good ? "ok " : "not ok ");
	put_int(++checks);
	put(" - ");
	put(what);
	put("\n");
	failures += !good;
}

/* --- The start --- */

static u64	aux[32];	/* by type */

static void
test_entry(struct ps *ps, u64 rdx, u64 *sp)
{
	u64 *p = sp + 1;
	int n = 0;

	check(rdx == 0, "rdx is 0 at entry");
	check(((u64)sp & 15) == 0, "the stack pointer is a multiple of 16");
	check((int)sp[0] == 1 && ps->argc == 1 && ps->argv == (char **)p, "rbx points to the ps_strings: arguments");
	check(same(ps->argv[0], "/tests/t_netbsd") && ps->argv[1] == NULL, "the name of the program");
	p += ps->argc + 1;
	check(ps->envp == (char **)p, "ps_strings: environment");
	while (p[n] != 0)
		n++;
	check(ps->envc == n, "as many strings as it says");
	for (p += n + 1; p[0] != 0; p += 2) {
		if (p[0] < 32)
			aux[p[0]] = p[1];
	}
	check(aux[6] == PAGE, "AT_PAGESZ");
	check(aux[9] == P(_start), "AT_ENTRY");
	check(aux[13] == USER_END && (u64)sp < aux[13], "AT_STACKBASE");
	check(aux[3] != 0 && aux[4] == sizeof(struct phdr) && aux[5] > 2, "AT_PHDR, AT_PHENT, AT_PHNUM");
}

static int		zeros[2000];
static __thread int	tls_data = 17;
static __thread int	tls_zero;
static volatile int	data = 99;

/* The thread storage of variant II: the block below, the pointer to itself where %fs points. */
static void *
tls_make(void)
{
	const struct phdr *ph = (const struct phdr *)aux[3];
	char *block;
	u64 size;

	for (u64 i = 0; i < aux[5]; i++) {
		if (ph[i].type != 7)
			continue;
		size = (ph[i].memsz + ph[i].align - 1) & ~(ph[i].align - 1);
		block = (char *)CALL(197, 0, PAGE, PROT_RW, MAP_ANON | MAP_PRIVATE, (u64)-1, 0, 0).rax;
		memcpy(block + 2048 - size, (const void *)ph[i].vaddr, ph[i].filesz);
		*(void **)(block + 2048) = block + 2048;
		return block + 2048;
	}
	return NULL;
}

static void
test_image(void)
{
	int sum = 0;
	void *tcb = tls_make(), *got = NULL;

	for (int i = 0; i < 2000; i++)
		sum += zeros[i];
	check(data == 99 && sum == 0, "the data are there, and zeros behind them");
	check(tcb != NULL, "the program headers tell of the thread storage");
	check(!CALL(317, P(tcb)).carry && tls_data == 17 && tls_zero == 0, "_lwp_setprivate: thread variables");
	check(CALL(316).rax == P(tcb), "_lwp_getprivate");
	check(!CALL(165, 15, P(&got)).carry && got == tcb, "sysarch: the base of %fs");
}

/* --- What libc asks --- */

static u64
sysctl2(int a, int b, void *buf, size_t len)
{
	int name[2] = { a, b };

	return CALL(202, P(name), 2, P(buf), P(&len), 0, 0).carry ? 0 : len;
}

static void
test_sysctl(void)
{
	unsigned char random[32];
	char text[256];
	int value = 0, bits = 0;

	check(sysctl2(6, 7, &value, 4) == 4 && value == PAGE, "hw.pagesize");
	check(sysctl2(6, 3, &value, 4) == 4 && value >= 1, "hw.ncpu");
	check(sysctl2(1, 1, text, sizeof(text)) > 1, "kern.ostype");
	check(sysctl2(1, 2, text, sizeof(text)) > 1, "kern.osrelease");
	check(sysctl2(1, 3, &value, 4) == 4 && value > 0, "kern.osrevision");
	check(sysctl2(1, 4, text, sizeof(text)) > 1, "kern.version");
	memset(random, 0, sizeof(random));
	check(sysctl2(1, 81, random, sizeof(random)) == sizeof(random), "kern.arandom");
	for (size_t i = 0; i < sizeof(random); i++)
		bits |= random[i];
	check(bits != 0, "and it is random");
}

static void
test_libc(u64 sp)
{
	u64 limit[2] = { 0, 0 };
	char buf[148];
	struct timespec ts = { -1, -1 };
	const struct { const char *s; u64 len; } iov[2] = { { "# wri", 5 }, { "tev\n", 4 } };

	check(!CALL(194, 3, P(limit)).carry && limit[0] <= limit[1], "getrlimit of the stack");
	check(sp < aux[13] && sp >= aux[13] - limit[0], "the stack is where the limit says");
	check(CALL(305).rax == 0, "issetugid");
	check(CALL(20).rax > 1 && CALL(24).rax == 0, "getpid, getuid");
	check(FAILS(CALL(58, P("/etc/malloc.conf"), P(buf), 100), ENOENT), "readlink, as malloc does");
	check(!CALL(440, 1, P(buf)).carry, "fstat, as stdio does");
	check(!CALL(54, 1, 0x402c7413, P(buf)).carry, "ioctl TIOCGETA: a terminal");
	check(CALL(121, 1, P(iov), 2).rax == 9, "writev");
	check(!CALL(427, 3, P(&ts)).carry && ts.sec >= 0 && ts.nsec >= 0, "clock_gettime");
	ts = (struct timespec) { 0, 1000 };
	check(!CALL(430, P(&ts), 0).carry, "nanosleep");
	check(CALL(92, 1, 3, 0).rax == 2, "fcntl F_GETFL: open for both");
	check(CALL(198, 20).rax == CALL(20).rax, "__syscall");
}

/* mmap as malloc and libpthread use it: alignment in bits 24 to 31 of the flags, a guard page. */
static char *
stack_make(void)
{
	u64 flags = MAP_ANON | MAP_PRIVATE | 18UL << 24;
	struct outcome r = CALL(197, 0, 1 << 18, PROT_RW, flags, (u64)-1, 0, 0);

	check(!r.carry && (r.rax & ((1 << 18) - 1)) == 0, "mmap aligned to its size");
	check(!CALL(74, r.rax, PAGE, 0).carry, "mprotect: a guard page");
	return (char *)r.rax;
}

/* --- Signals --- */

static volatile int	caught, caught_code;
static volatile u64	caught_mask;

static void
handler(int signo, const int *info, const char *uc)
{
	caught = signo;
	caught_code = info[1];
	caught_mask = *(const uint32_t *)(uc + UC_SIGMASK);
	if (info[0] != signo || ((u64)__builtin_frame_address(0) & 15) != 0)
		caught = -1;
}

void trampoline(void);
__asm(".globl trampoline\n"
    "trampoline:\n"
    "	movq %r15, %rdi\n"
    "	movl $308, %eax\n"
    "	syscall\n"
    "	hlt\n");

struct sigaction {
	void		(*handler)(int, const int *, const char *);
	uint32_t	mask[4];
	int		flags;
};

static void
test_signals(void)
{
	struct sigaction sa = { handler, { 0 }, 0x40 }, old;
	uint32_t set[4] = { 1U << (SIGUSR1 - 1) }, was[4] = { 1, 1, 1, 1 };
	u64 self = CALL(311).rax;

	check(!CALL(340, SIGUSR1, P(&sa), P(&old), P(trampoline), 2).carry && old.handler == NULL,
	    "__sigaction_sigtramp, version 2");
	check(!CALL(293, 1, P(set), P(was)).carry && was[0] == 0 && was[3] == 0, "sigprocmask: block");
	check(!CALL(318, self, SIGUSR1).carry && caught == 0, "_lwp_kill of what is blocked");
	check(!CALL(293, 2, P(set), P(was)).carry && was[0] == set[0], "sigprocmask: unblock");
	check(caught == SIGUSR1 && caught_code == SI_LWP && caught_mask == 0,
	    "the handler: number, siginfo, context; and back through the trampoline");
}

/* --- LWPs --- */

static volatile int	*block;		/* {lc_curcpu, lc_pctr} */
static volatile int	thread_ran, thread_tls;

static void
thread(const char *name)
{
	char buf[16];

	tls_data++;
	thread_tls = tls_data;
	CALL(325, 3, P(&block));
	CALL(324, 0, P(buf), sizeof(buf));
	thread_ran = same(buf, name) ? 1 : -1;
	CALL(478, 3, 0, 0, 0, P(&block), 0);
	thread_ran++;
	CALL(310);
}

static void
test_lwps(char *stack)
{
	static char uc[784] __attribute__((aligned(16)));
	u64 *greg = (u64 *)(uc + UC_GREGS);
	struct timespec ts = { 0, 1000 };
	int32_t id = 0, departed = 0;

	check(!CALL(307, P(uc)).carry, "getcontext");
	*(uint32_t *)uc = 4 | 0x80000;
	*(void **)(uc + UC_TLSBASE) = tls_make();
	greg[REG_RIP] = P(thread);
	greg[REG_RDI] = P("thread");
	greg[REG_RSP] = P(stack + (1 << 18)) - 8;
	greg[REG_RBP] = 0;
	check(!CALL(309, P(uc), 0x80, P(&id)).carry && id == 2, "_lwp_create, suspended");
	check(!CALL(323, (u64)id, P("thread")).carry, "_lwp_setname");
	check(!CALL(314, (u64)id).carry, "_lwp_continue");
	while (thread_ran == 0)
		CALL(350);
	check(thread_ran == 1, "it runs, and has its name");
	check(thread_tls == 18 && tls_data == 17, "it has its own thread variables");
	check(FAILS(CALL(478, 3, 0, P(&ts), 0, 0, 0), ETIMEDOUT), "___lwp_park60 with a time");
	while (*block != -1)
		CALL(350);
	check(true, "_lwp_ctl: its block says that it is on no CPU");
	check(!CALL(321, (u64)id, 0).carry, "_lwp_unpark");
	check(!CALL(312, (u64)id, P(&departed)).carry && departed == id && thread_ran == 2, "_lwp_wait");
	check(*block == -2, "_lwp_ctl: its block says that it has exited");
	check(CALL(322, 0, 0, 0).rax == 1024, "_lwp_unpark_all: how many at once");
}

static void
test_sched(void)
{
	int policy = -1, priority = 0;
	uint32_t cpus[8] = { 0 };

	check(!CALL(347, 0, 1, P(&policy), P(&priority)).carry && policy == 0, "_sched_getparam");
	check(!CALL(349, 0, 1, sizeof(cpus), P(cpus)).carry && cpus[0] != 0, "_sched_getaffinity");
	check(!CALL(351, 10).carry && !CALL(351, (u64)-1).carry, "_sched_protect");
}

static void
test_processes(void)
{
	struct outcome r = CALL(2);
	int status = 0;

	if (!r.carry && r.rdx == 1)
		CALL(1, 5);
	check(!r.carry && r.rdx == 0 && r.rax > 1, "fork: rdx tells the parent from the child");
	check(CALL(449, r.rax, P(&status), 0, 0).rax == r.rax && status == 5 << 8, "wait4");
}

void
start(struct ps *ps, u64 rdx, u64 *sp)
{
	static u64 missed[2][513];
	int news = 0;
	char *stack;

	sysctl2(11, 9, missed[0], sizeof(missed[0]));
	test_entry(ps, rdx, sp);
	test_image();
	test_sysctl();
	test_libc(P(sp));
	test_signals();
	stack = stack_make();
	test_lwps(stack);
	check(!CALL(73, P(stack), 1 << 18).carry, "munmap");
	test_sched();
	test_processes();
	check(sysctl2(11, 9, missed[1], sizeof(missed[1])) == sizeof(missed[1]), "the kernel counts what is missed");
	for (int i = 0; i < 513; i++)
		news += missed[0][i] != missed[1][i];
	check(news == 0, "and nothing was");
	put("1..");
	put_int(checks);
	put("\n");
	CALL(1, failures != 0);
	__builtin_trap();
}
