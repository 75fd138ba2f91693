/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system call convention: results, registers, unknown numbers, contexts,
 * bad pointers.
 */
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "test.h"

#define NREGS		15
#define NXMM		16
#define XMM_OFFSET	160		/* of xmm0 in an fxsave image */
#define MXCSR_OFFSET	24
#define CPUID_AVX	(1U << 28 | 1U << 27)	/* in ecx: AVX, and the system saves it */

/*
 * regs_call(nr, in, out): load rdi rsi rdx rbx rbp r8 r9 r10 r12 r13 r14 r15
 * from `in', make system call nr, store the same and rax, rcx and flags in `out'.
 */
long regs_call(long nr, const unsigned long *in, unsigned long *out);
__asm(".text\n"
    ".type regs_call, @function\n"
    "regs_call:\n"
    "	push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
    "	push %rdx\n"
    "	mov %rdi, %rax\n"
    "	mov %rsi, %r11\n"
    "	mov 0(%r11), %rdi; mov 8(%r11), %rsi; mov 16(%r11), %rdx; mov 24(%r11), %rbx\n"
    "	mov 32(%r11), %rbp; mov 40(%r11), %r8; mov 48(%r11), %r9; mov 56(%r11), %r10\n"
    "	mov 64(%r11), %r12; mov 72(%r11), %r13; mov 80(%r11), %r14; mov 88(%r11), %r15\n"
    "	syscall\n"
    "	pushf\n"
    "	mov 8(%rsp), %r11\n"
    "	mov %rdi, 0(%r11); mov %rsi, 8(%r11); mov %rdx, 16(%r11); mov %rbx, 24(%r11)\n"
    "	mov %rbp, 32(%r11); mov %r8, 40(%r11); mov %r9, 48(%r11); mov %r10, 56(%r11)\n"
    "	mov %r12, 64(%r11); mov %r13, 72(%r11); mov %r14, 80(%r11); mov %r15, 88(%r11)\n"
    "	mov %rax, 96(%r11); mov %rcx, 104(%r11)\n"
    "	pop %rax\n"
    "	mov %rax, 112(%r11)\n"
    "	add $8, %rsp\n"
    "	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
    "	ret\n"
    ".size regs_call, . - regs_call\n");

/* Where the registers of regs_call are. */
enum { RDI, RSI, RDX, RBX, RBP, R8, R9, R10, R12, R13, R14, R15, RAX, RCX, FLAGS };
#define CARRY	1UL

static void
test_results(void)
{
	struct raw r;
	unsigned long found;
	lwpid_t self = _lwp_self();

	r = raw_syscall(SYS_getpid, 0, 0, 99, 0, 0, 0);
	tap_ok(!r.carry && r.rax == (unsigned long)getpid(), "abi.2 success: carry clear, value in rax");
	tap_is_int((long)r.rdx, 0, "abi.2 rdx is 0 where there is no second value");
	r = raw_syscall(SYS__lwp_unpark_all, (unsigned long)&self, 1, 0, 0, 0, 0);
	found = r.rdx;
	tap_ok(!r.carry && r.rax == 0 && found == 1, "abi.2 the second value is in rdx");
	(void)token_full();
	r = raw_syscall(SYS_close, (unsigned long)-1, 0, 0, 0, 0, 0);
	tap_ok(r.carry && r.rax == EBADF, "abi.2 failure: carry set, errno in rax");
	r = raw_syscall(SYS____lwp_park60, CLOCK_MONOTONIC, 0, 0, NO_SUCH_LWP, 0, 0);
	tap_ok(r.carry && r.rax == ESRCH, "abi.1 the fourth argument is in r10");
	r = raw_syscall(SYS_write, 1, (unsigned long)"", 0, 0, 0, 0);
	tap_ok(!r.carry && r.rax == 0, "abi.2 a result of 0 has the carry clear");
}

static void
fill(unsigned long *in)
{
	for (int i = 0; i < NREGS; i++)
		in[i] = 0x1111111111111111UL * (unsigned long)(i + 1) ^ 0x8000000000000000UL;
}

/* Registers that differ, not counting rdx. */
static int
changed(const unsigned long *in, const unsigned long *out)
{
	int n = 0;

	for (int i = RDI; i <= R15; i++)
		n += i != RDX && in[i] != out[i];
	return n;
}

static void
test_registers(void)
{
	unsigned long in[NREGS], out[NREGS];
	struct timespec ts;

	fill(in);
	regs_call(SYS_getpid, in, out);
	tap_is_int(changed(in, out), 0, "abi.3 getpid changes no register");
	tap_ok(out[RCX] < VM_MAXUSER_ADDRESS, "abi.3 rcx tells nothing of the kernel");
	regs_call(SYS_sched_yield, in, out);
	tap_is_int(changed(in, out), 0, "abi.3 sched_yield changes no register");
	in[RDI] = (unsigned long)-1;
	regs_call(SYS_close, in, out);
	tap_ok(changed(in, out) == 0 && out[RDX] == in[RDX] && (out[FLAGS] & CARRY) != 0,
	    "abi.3 a failure changes no register, rdx neither");
	regs_call(511, in, out);
	tap_ok(changed(in, out) == 0 && out[RDX] == in[RDX], "abi.3 an unknown number changes no register");
	ts = (struct timespec){ 0, 1000000 };
	in[RDI] = (unsigned long)&ts;
	in[RSI] = 0;
	regs_call(SYS_nanosleep, in, out);
	tap_ok(changed(in, out) == 0 && (out[FLAGS] & CARRY) == 0, "abi.3 a sleep changes no register");
}

/* An LWP that fills the vector registers with something else, on the same CPU. */
static atomic_bool	stop;

static void
scribbler(void *arg)
{
	(void)arg;
	while (!atomic_load(&stop)) {
		__asm volatile ("pcmpeqd %%xmm0, %%xmm0; movdqa %%xmm0, %%xmm5; movdqa %%xmm0, %%xmm15" :::
		    "xmm0", "xmm5", "xmm15");
		sched_yield();
	}
}

/* Load all sixteen, let go of the CPU in the kernel, store them; how many bytes differ. */
static int
vector_round(unsigned char seed, struct timespec *ts)
{
	unsigned char in[NXMM][16] __aligned(16), out[NXMM][16] __aligned(16);
	long nr = ts != NULL ? SYS_nanosleep : SYS_sched_yield;
	int wrong = 0;

	for (int i = 0; i < NXMM * 16; i++)
		in[i / 16][i % 16] = (unsigned char)(seed + i * 7);
	__asm volatile (
	    "movdqa (%1), %%xmm0; movdqa 16(%1), %%xmm1; movdqa 32(%1), %%xmm2; movdqa 48(%1), %%xmm3\n"
	    "movdqa 64(%1), %%xmm4; movdqa 80(%1), %%xmm5; movdqa 96(%1), %%xmm6; movdqa 112(%1), %%xmm7\n"
	    "movdqa 128(%1), %%xmm8; movdqa 144(%1), %%xmm9; movdqa 160(%1), %%xmm10\n"
	    "movdqa 176(%1), %%xmm11; movdqa 192(%1), %%xmm12; movdqa 208(%1), %%xmm13\n"
	    "movdqa 224(%1), %%xmm14; movdqa 240(%1), %%xmm15\n"
	    "syscall\n"
	    "movdqa %%xmm0, (%2); movdqa %%xmm1, 16(%2); movdqa %%xmm2, 32(%2); movdqa %%xmm3, 48(%2)\n"
	    "movdqa %%xmm4, 64(%2); movdqa %%xmm5, 80(%2); movdqa %%xmm6, 96(%2); movdqa %%xmm7, 112(%2)\n"
	    "movdqa %%xmm8, 128(%2); movdqa %%xmm9, 144(%2); movdqa %%xmm10, 160(%2)\n"
	    "movdqa %%xmm11, 176(%2); movdqa %%xmm12, 192(%2); movdqa %%xmm13, 208(%2)\n"
	    "movdqa %%xmm14, 224(%2); movdqa %%xmm15, 240(%2)\n"
	    : "+a" (nr) : "r" (in), "r" (out), "D" (ts), "S" (0) : "rcx", "r11", "rdx", "memory", "cc", "xmm0",
	    "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
	    "xmm12", "xmm13", "xmm14", "xmm15");
	for (int i = 0; i < NXMM * 16; i++)
		wrong += in[i / 16][i % 16] != out[i / 16][i % 16];
	return wrong;
}

static void
test_vector_state(void)
{
	struct timespec ts = { 0, 200000 };
	unsigned control = 0x1f80 | 0x6000, control_after;	/* round towards zero */
	unsigned short fcw = 0x0f7f, fcw_after;
	lwpid_t id;
	int wrong = 0;

	bind_cpu(0, 0);
	atomic_store(&stop, false);
	id = spawn(scribbler, NULL);
	__asm volatile ("ldmxcsr %0; fldcw %1" :: "m" (control), "m" (fcw));
	for (int i = 0; i < 200; i++)
		wrong += vector_round((unsigned char)i, i % 10 == 0 ? &ts : NULL);
	__asm volatile ("stmxcsr %0; fnstcw %1" : "=m" (control_after), "=m" (fcw_after));
	control = 0x1f80;
	__asm volatile ("ldmxcsr %0; fninit" :: "m" (control));
	atomic_store(&stop, true);
	join(id);
	tap_is_int(wrong, 0, "abi.3 xmm0 to xmm15 survive switches to an LWP that uses them");
	tap_ok(control_after == (0x1f80 | 0x6000) && fcw_after == 0x0f7f,
	    "abi.3 the control words of the vector and the old unit survive");
}

static bool
have_avx(void)
{
	unsigned eax = 1, ebx, ecx = 0, edx, xcr0;

	__asm volatile ("cpuid" : "+a" (eax), "=b" (ebx), "+c" (ecx), "=d" (edx));
	if ((ecx & CPUID_AVX) != CPUID_AVX)
		return false;
	__asm volatile ("xgetbv" : "=a" (xcr0), "=d" (edx) : "c" (0));
	return (xcr0 & 6) == 6;
}

static void
avx_scribbler(void *arg)
{
	(void)arg;
	while (!atomic_load(&stop)) {
		__asm volatile ("vxorps %%ymm7, %%ymm7, %%ymm7" ::: "xmm7");
		sched_yield();
	}
}

static void
test_avx(void)
{
	static unsigned char in[32] __aligned(32), out[32] __aligned(32);
	int wrong = 0;
	lwpid_t id;

	if (!have_avx()) {
		tap_skip(1, "the kernel does not offer AVX");
		return;
	}
	atomic_store(&stop, false);
	id = spawn(avx_scribbler, NULL);
	for (int round = 0; round < 100; round++) {
		long nr = SYS_sched_yield;

		for (int i = 0; i < 32; i++)
			in[i] = (unsigned char)(round + 5 * i);
		__asm volatile ("vmovaps (%1), %%ymm7; syscall; vmovaps %%ymm7, (%2); vzeroupper" : "+a" (nr) :
		    "r" (in), "r" (out) : "rcx", "r11", "rdx", "memory", "cc", "xmm7");
		wrong += memcmp(in, out, sizeof(in)) != 0;
	}
	atomic_store(&stop, true);
	join(id);
	tap_is_int(wrong, 0, "abi.3 the upper halves of the ymm registers survive switches");
}

static void
test_flags(void)
{
	static struct timespec ts;
	struct raw r;
	unsigned long flags, nr = SYS_clock_gettime;
	unsigned char carry;

	/* Direction backwards: the kernel must not copy backwards. */
	ts.tv_sec = -1;
	__asm volatile ("std; syscall; setc %1; pushf; pop %2; cld" : "+a" (nr), "=&r" (carry), "=&r" (flags) :
	    "D" (CLOCK_MONOTONIC), "S" (&ts) : "rcx", "r11", "rdx", "memory", "cc");
	tap_ok(!carry && ts.tv_sec >= 0 && ts.tv_nsec < NSEC, "abi.6 a call with the direction flag set works");
	tap_ok((flags & 0x400) != 0, "abi.3 the direction flag is as it was");
	/* Nested task: an iret in the kernel would fault. */
	__asm volatile ("pushf; orq $0x4000, (%%rsp); popf" ::: "memory", "cc");
	r = raw_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);
	sched_yield();
	__asm volatile ("pushf; andq $~0x4000, (%%rsp); popf" ::: "memory", "cc");
	tap_is_int((long)r.rax, getpid(), "abi.3 a call with the nested-task flag set works");
	/* Alignment check means, in the kernel, "user memory may be touched". */
	__asm volatile ("pushf; orq $0x40000, (%%rsp); popf" ::: "memory", "cc");
	r = raw_syscall(SYS_write, 1, (unsigned long)BAD_KERNEL, 1, 0, 0, 0);
	__asm volatile ("pushf; andq $~0x40000, (%%rsp); popf" ::: "memory", "cc");
	tap_ok(r.carry && r.rax == EFAULT, "abi.6 the alignment-check flag opens nothing");
}

static void
test_unknown(void)
{
	static const long numbers[] = { 150, 432, 511, 512, 513, 100000, 0x7fffffff, -1 };
	unsigned bad = 0;

	for (size_t i = 0; i < __arraycount(numbers); i++) {
		struct raw r = raw_syscall(numbers[i], 1, 2, 3, 4, 5, 6);

		if (!r.carry || r.rax != ENOSYS) {
			tap_diag("number %ld: carry %d rax %lu", numbers[i], r.carry, r.rax);
			bad++;
		}
	}
	tap_is_int(bad, 0, "abi.4 unknown numbers give ENOSYS");
}

static void
test_getcontext(void)
{
	static ucontext_t uc;
	static unsigned char xmm[16] __aligned(16) = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	unsigned long in[NREGS], out[NREGS];
	static const int order[] = { [RDI] = 0, [RSI] = 1, [RBX] = 13, [RBP] = 12, [R8] = 4, [R9] = 5, [R10] = 6,
	    [R12] = 8, [R13] = 9, [R14] = 10, [R15] = 11 };
	const unsigned long *greg = (const unsigned long *)((const char *)&uc + 56);
	int wrong = 0;

	memset(&uc, 0x5a, sizeof(uc));
	fill(in);
	in[RDI] = (unsigned long)&uc;
	__asm volatile ("movdqa %0, %%xmm9" :: "m" (xmm) : "xmm9");
	regs_call(SYS_getcontext, in, out);
	for (int i = RDI; i <= R15; i++)
		wrong += i != RDX && greg[order[i]] != in[i];
	tap_is_int(wrong, 0, "abi.5 the general registers are in their order from offset 56");
	tap_is_int((long)greg[21], (long)out[RCX], "abi.5 RIP, number 21, is behind the syscall instruction");
	tap_ok(greg[24] < (unsigned long)out && greg[24] > (unsigned long)out - 4096,
	    "abi.5 RSP, number 24, is on this stack");
	tap_ok((greg[22] & 3) == 3 && (greg[25] & 3) == 3, "abi.5 CS, 22, and SS, 25, are the user's");
	tap_ok((greg[23] & 0x202) == 0x202 && (greg[23] & 0x3000) == 0, "abi.5 RFLAGS, 23, has interrupts on");
	tap_ok((uc.uc_flags & (_UC_CPU | _UC_SIGMASK)) == (_UC_CPU | _UC_SIGMASK),
	    "abi.5 uc_flags names the parts that are there");
	tap_ok((uc.uc_flags & _UC_TLSBASE) == 0 ||
	    *(unsigned long *)((char *)&uc + 264) == (unsigned long)_lwp_getprivate(),
	    "abi.5 _mc_tlsbase is at 264");
	tap_ok((uc.uc_flags & _UC_FPU) != 0 &&
	    memcmp((char *)&uc + 272 + XMM_OFFSET + 9 * 16, xmm, sizeof(xmm)) == 0,
	    "abi.5 the fxsave image is at 272");
	tap_is_int(uc.uc_sigmask.__bits[0], 0, "abi.5 the signal mask is at 16");
}

/* all_regs_land stores what setcontext has loaded, and goes back to all_regs_load's caller. */
void all_regs_load(const ucontext_t *);
extern const char all_regs_land[];
extern unsigned long loaded[16], loaded_flags, saved_rsp;
unsigned long loaded[16], loaded_flags, saved_rsp;
__asm(".text\n"
    ".type all_regs_load, @function\n"
    "all_regs_load:\n"
    "	push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
    "	mov %rsp, saved_rsp(%rip)\n"
    "	mov $308, %eax\n"
    "	syscall\n"
    "	ud2\n"
    "all_regs_land:\n"
    "	pushf\n"
    "	mov %rdi, loaded(%rip); mov %rsi, loaded+8(%rip); mov %rdx, loaded+16(%rip)\n"
    "	mov %rcx, loaded+24(%rip); mov %r8, loaded+32(%rip); mov %r9, loaded+40(%rip)\n"
    "	mov %r10, loaded+48(%rip); mov %r11, loaded+56(%rip); mov %r12, loaded+64(%rip)\n"
    "	mov %r13, loaded+72(%rip); mov %r14, loaded+80(%rip); mov %r15, loaded+88(%rip)\n"
    "	mov %rbp, loaded+96(%rip); mov %rbx, loaded+104(%rip); mov %rax, loaded+112(%rip)\n"
    "	pop %rax\n"
    "	mov %rax, loaded_flags(%rip)\n"
    "	mov %rsp, loaded+120(%rip)\n"
    "	cld\n"
    "	mov saved_rsp(%rip), %rsp\n"
    "	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
    "	ret\n"
    ".size all_regs_load, . - all_regs_load\n");

static void
test_setcontext_all(void)
{
	static ucontext_t uc;
	static char stack[4096] __aligned(16);
	__greg_t *r = uc.uc_mcontext.__gregs;
	volatile int wrong = 0;

	getcontext(&uc);
	uc.uc_flags &= ~(unsigned)(_UC_FPU | _UC_TLSBASE);
	for (int i = _REG_RDI; i <= _REG_RAX; i++)
		r[i] = 0x0123456789abcdefUL * (unsigned long)(i + 3);
	r[_REG_RIP] = (unsigned long)all_regs_land;
	r[_REG_RSP] = (unsigned long)stack + 2048;
	r[_REG_RFLAGS] = 0x202 | 0x8d5 | 0x400;
	all_regs_load(&uc);
	for (int i = _REG_RDI; i <= _REG_RAX; i++)
		wrong += loaded[i] != r[i];
	tap_is_int(wrong, 0, "abi.5 setcontext loads all general registers, rcx and r11 too");
	tap_is_int((long)loaded[15], (long)stack + 2048, "abi.5 setcontext loads the stack pointer");
	tap_is_int((long)(loaded_flags & 0xcd5), 0xcd5, "abi.5 setcontext loads the flags");
}

static void
test_setcontext_again(void)
{
	static ucontext_t uc;
	static volatile int times;
	static unsigned char xmm[16] __aligned(16);

	times = 0;
	memset(xmm, 0x77, sizeof(xmm));
	__asm volatile ("movdqa %0, %%xmm3" :: "m" (xmm) : "xmm3");
	if (getcontext(&uc) != 0)
		tap_bail("getcontext");
	times++;
	__asm volatile ("movdqa %%xmm3, %0; pxor %%xmm3, %%xmm3" : "=m" (xmm) :: "xmm3");
	if (times < 4)
		setcontext(&uc);
	tap_is_int(times, 4, "abi.5 getcontext returns once more for each setcontext");
	tap_ok(xmm[0] == 0x77 && xmm[15] == 0x77, "abi.5 setcontext loads the vector registers");
}

/* setcontext with one thing wrong; its errno. */
static int
setcontext_with(int reg, unsigned long value)
{
	static ucontext_t uc;
	static volatile bool back;

	back = false;
	getcontext(&uc);
	if (back)
		return 0;
	back = true;
	uc.uc_mcontext.__gregs[reg] = value;
	return error_of(setcontext(&uc));
}

static void
test_setcontext_errors(void)
{
	char *edge = map_edge(1, PROT_READ | PROT_WRITE) + PAGE_SIZE;
	int wrong = 0;

	tap_is_errno(setcontext(BAD_NULL), EFAULT, "abi.6 setcontext from NULL");
	tap_is_errno(setcontext(BAD_KERNEL), EFAULT, "abi.6 setcontext from a kernel address");
	tap_is_errno(setcontext((ucontext_t *)(void *)(edge - 400)), EFAULT,
	    "abi.6 setcontext from a context whose end is not mapped");
	tap_is_errno(getcontext((ucontext_t *)(void *)(edge - 400)), EFAULT,
	    "abi.6 getcontext to the end of a mapping");
	tap_is_int(setcontext_with(_REG_RIP, 0x0000800000000000UL), EINVAL,
	    "create.4 setcontext to a non-canonical rip");
	tap_is_int(setcontext_with(_REG_RIP, (unsigned long)BAD_KERNEL), EINVAL, "create.4 setcontext to the kernel");
	tap_is_int(setcontext_with(_REG_CS, 8), EINVAL, "create.4 setcontext with the kernel's cs");
	for (unsigned bit = 12; bit <= 20; bit++) {
		if (bit != 15 && bit != 16 && bit != 18)
			wrong += setcontext_with(_REG_RFLAGS, 0x202 | 1UL << bit) != EINVAL;
	}
	tap_is_int(wrong, 0, "create.4 setcontext refuses IOPL, NT, VM, VIF, VIP");
	tap_is_int(setcontext_with(_REG_RFLAGS, 2), EINVAL, "create.4 setcontext refuses to turn interrupts off");
}

/* A structure put so that its end is at the end of a mapping, and `off' bytes further. */
static int
gettime_at(char *edge, size_t off)
{
	return error_of(clock_gettime(CLOCK_MONOTONIC,
	    (struct timespec *)(void *)(edge - sizeof(struct timespec) + off)));
}

static void
test_edges(void)
{
	char *edge = map_edge(2, PROT_READ | PROT_WRITE) + 2 * PAGE_SIZE;
	char *readonly = map_edge(1, PROT_READ);
	int wrong = 0;

	tap_is_int(gettime_at(edge, 0), 0, "abi.6 the last 16 bytes of a mapping are written");
	for (size_t off = 1; off <= 16; off++)
		wrong += gettime_at(edge, off) != EFAULT;
	tap_is_int(wrong, 0, "abi.6 a structure that reaches beyond the mapping gives EFAULT");
	tap_is_int(gettime_at(edge, 0) + gettime_at(edge - PAGE_SIZE, 8), 0, "abi.6 one that crosses pages is written");
	tap_is_int(gettime_at(readonly, sizeof(struct timespec)), EFAULT, "abi.6 read-only memory is not written");
	strcpy(edge - 5, "/bin");
	tap_ok(open(edge - 5, O_RDONLY) >= 0, "abi.6 a string may end where its mapping does");
	memset(edge - 16, '/', 16);
	tap_is_errno(open(edge - 16, O_RDONLY), EFAULT, "abi.6 a string that runs out of its mapping");
	tap_is_errno(write(STDOUT_FILENO, edge, 1), EFAULT, "abi.6 write from beyond a mapping");
}

static void
test_bad_addresses(void)
{
	static void *const bad[] = { BAD_NULL, BAD_LOW, BAD_NONCANON, BAD_END, BAD_KERNEL, BAD_TOP,
	    (void *)0xffff800000000000UL, (void *)0x00007ffffffffff8UL };
	int wrong = 0;

	for (size_t i = 0; i < __arraycount(bad); i++) {
		struct iovec iov = { bad[i], 16 };

		wrong += error_of(clock_gettime(CLOCK_MONOTONIC, bad[i])) != EFAULT;
		wrong += error_of(open(bad[i], O_RDONLY)) != EFAULT;
		wrong += error_of(write(STDOUT_FILENO, bad[i], 16)) != EFAULT;
		wrong += error_of(writev(STDOUT_FILENO, &iov, 1)) != EFAULT;
	}
	/* The stack ends there, and its last bytes are ours, but not the ones behind. */
	wrong += error_of(clock_gettime(CLOCK_MONOTONIC, (struct timespec *)(VM_MAXUSER_ADDRESS - 8))) != EFAULT;
	tap_is_int(wrong, 0, "abi.6 addresses that are not ours give EFAULT");
	wrong = error_of(write(STDOUT_FILENO, BAD_KERNEL, (size_t)-1));
	tap_ok(wrong == EINVAL || wrong == EFAULT, "abi.6 a length beyond the address space: error %d", wrong);
}

int
main(void)
{
	test_results();
	test_registers();
	test_vector_state();
	test_avx();
	test_flags();
	test_unknown();
	test_getcontext();
	test_setcontext_all();
	test_setcontext_again();
	test_setcontext_errors();
	test_edges();
	test_bad_addresses();
	return tap_done();
}
