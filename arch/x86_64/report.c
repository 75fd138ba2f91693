/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is printed of a CPU's registers, and the walk along a kernel stack.
 *
 * The walk follows frame pointers.  Nothing is read that is not inside a stack known
 * to belong to the LWP or CPU in question, and a frame must lie above the one
 * before: a damaged stack ends the walk.  Assembly code has no frame, so the two
 * return addresses that lead into it are known here: behind trap_return's lies the
 * interrupted code's trapframe, behind syscall_return's begins the user program.
 */
#include <kern/cons.h>
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/page.h>
#include <kern/pool.h>
#include <machine/cpufunc.h>
#include <machine/frame.h>
#include <machine/machdep.h>
#include <machine/trap.h>

static const char *
trap_name(uint64_t trapno)
{
	static const char *const names[T_EXCEPTIONS] = {
		[T_DIVIDE] = "divide error",
		[T_DEBUG] = "debug exception",
		[T_NMI] = "non-maskable interrupt",
		[T_BPTFLT] = "breakpoint",
		[T_OFLOW] = "overflow trap",
		[T_BOUND] = "bound check",
		[T_ILLEGAL] = "invalid opcode",
		[T_DNA] = "vector instruction",
		[T_DOUBLEFLT] = "double fault",
		[T_TSSFLT] = "invalid task state",
		[T_SEGNPFLT] = "segment not present",
		[T_STKFLT] = "stack fault",
		[T_PROTFLT] = "general protection fault",
		[T_PAGEFLT] = "page fault",
		[T_ARITHTRAP] = "x87 error",
		[T_ALIGNFLT] = "alignment check",
		[T_MCHK] = "machine check",
		[T_XMM] = "SIMD error",
	};

	if (trapno < T_EXCEPTIONS && names[trapno] != NULL)
		return names[trapno];
	return trapno < T_EXCEPTIONS ? "reserved exception" : "interrupt";
}

/* "name+0x12" for an address in the kernel's text. */
static void
print_symbol(uint64_t pc)
{
	uintptr_t offset;
	const char *name = ksyms_lookup(pc, &offset);

	if (name != NULL)
		kprintf(" %s+0x%lx", name, offset);
}

static void
print_registers(const struct trapframe *tf)
{
	kprintf("rip %016lx cs %lx rflags %lx err %lx", tf->tf_rip, tf->tf_cs, tf->tf_rflags, tf->tf_err);
	print_symbol(tf->tf_rip);
	kprintf("\nrax %016lx rbx %016lx rcx %016lx\n", tf->tf_rax, tf->tf_rbx, tf->tf_rcx);
	kprintf("rdx %016lx rsi %016lx rdi %016lx\n", tf->tf_rdx, tf->tf_rsi, tf->tf_rdi);
	kprintf("rbp %016lx rsp %016lx r8  %016lx\n", tf->tf_rbp, tf->tf_rsp, tf->tf_r8);
	kprintf("r9  %016lx r10 %016lx r11 %016lx\n", tf->tf_r9, tf->tf_r10, tf->tf_r11);
	kprintf("r12 %016lx r13 %016lx r14 %016lx\n", tf->tf_r12, tf->tf_r13, tf->tf_r14);
	kprintf("r15 %016lx ss %lx\n", tf->tf_r15, tf->tf_ss);
}

/* Is this a fault in the unmapped page below the running LWP's kernel stack? */
static bool
is_stack_overflow(const struct trapframe *tf, uint64_t cr2)
{
	const struct lwp *l = curlwp;

	if (l == NULL || (tf->tf_trapno != T_PAGEFLT && tf->tf_trapno != T_DOUBLEFLT))
		return false;
	return cr2 < l->l_kstack && cr2 >= l->l_kstack - PAGE_SIZE;
}

static void
trap_report(const struct trapframe *tf)
{
	uint64_t cr2 = rcr2();

	kprintf("\nCPU %u: %s", curcpu()->ci_index, trap_name(tf->tf_trapno));
	if (tf->tf_trapno == T_PAGEFLT)
		kprintf(" at address 0x%lx (%s%s%s)", cr2, (tf->tf_err & PGEX_P) ? "protected, " : "not mapped, ",
		    (tf->tf_err & PGEX_W) ? "write" : "read", (tf->tf_err & PGEX_I) ? " of an instruction" : "");
	kprintf("\n");
	print_registers(tf);
	kprintf("cr0 %lx cr2 %lx cr3 %lx cr4 %lx\n", rcr0(), cr2, rcr3(), rcr4());
	if (is_stack_overflow(tf, cr2))
		kprintf("This is the guard page of the kernel stack: the stack was not large enough.\n");
}

/*
 * Called in whatever state the kernel was when it failed.  The console is taken away
 * from who has it: that may be the code that failed.
 */
void
trap_fatal(const struct trapframe *tf, const char *what)
{
	if (!panicking)
		cons_seize();
	trap_report(tf);
	panic("%s (trap %lu)%s", trap_name(tf->tf_trapno), tf->tf_trapno, what);
}

static bool
inside(uint64_t addr, size_t len, uint64_t stack, size_t size)
{
	return addr >= stack && addr <= stack + size - len;
}

/* Does [addr, addr + len) lie in a stack of l or of ci, or in the one that boot began on? */
static bool
on_stack(const struct cpu_info *ci, const struct lwp *l, uint64_t addr, size_t len)
{
	if (addr % sizeof(uint64_t) != 0)
		return false;
	if (l != NULL && l->l_kstack != 0 && inside(addr, len, l->l_kstack, KSTACK_SIZE))
		return true;
	if (ci != NULL && inside(addr, len, ci->ci_md.mc_stacks, IST_COUNT * IST_SIZE))
		return true;
	return inside(addr, len, (uint64_t)boot_kstack, KSTACK_SIZE);
}

static bool
is_trap_frame(uint64_t pc)
{
	return pc == (uint64_t)trap_return || pc == (uint64_t)trap_paranoid_return;
}

/* Call fn for the return addresses from the frame at `fp` on. */
static void
walk(const struct cpu_info *ci, const struct lwp *l, uint64_t fp, void (*fn)(uintptr_t, void *), void *arg)
{
	while (on_stack(ci, l, fp, 16)) {
		const uint64_t *frame = (const uint64_t *)fp;
		const struct trapframe *tf = (const struct trapframe *)(frame + 2);
		uint64_t next = frame[0];

		if (frame[1] == 0)
			return;
		fn(frame[1], arg);
		if (frame[1] == (uint64_t)syscall_return || frame[1] == (uint64_t)syscall_traced_return)
			return;
		if (is_trap_frame(frame[1])) {
			if (!on_stack(ci, l, (uint64_t)tf, sizeof(*tf)) || (tf->tf_cs & SEL_RPL) != 0)
				return;
			fn(tf->tf_rip, arg);
			next = tf->tf_rbp;
			/* From an exception's own stack to the LWP's, which may lie below it. */
			if (on_stack(NULL, l, next, 16) && !on_stack(NULL, l, fp, 16))
				fp = 0;
		}
		if (next <= fp)
			return;
		fp = next;
	}
}

void
md_backtrace(struct lwp *l, void (*fn)(uintptr_t pc, void *arg), void *arg)
{
	const struct switchframe *sf;

	if (l == curlwp) {
		walk(curcpu(), l, (uint64_t)__builtin_frame_address(0), fn, arg);
		return;
	}
	sf = (const struct switchframe *)l->l_md.md_rsp;
	if (!on_stack(NULL, l, (uint64_t)sf, sizeof(*sf)))
		return;
	fn(sf->sf_rip, arg);
	walk(NULL, l, sf->sf_rbp, fn, arg);
}

void
md_backtrace_cpu(struct cpu_info *ci, void (*fn)(uintptr_t pc, void *arg), void *arg)
{
	const struct trapframe *tf = ci->ci_md.mc_stopped;

	if (tf == NULL) {
		kprintf("    (it did not stop)\n");
		return;
	}
	print_registers(tf);
	if ((tf->tf_cs & SEL_RPL) != 0)
		return;
	fn(tf->tf_rip, arg);
	walk(ci, ci->ci_curlwp, tf->tf_rbp, fn, arg);
}
