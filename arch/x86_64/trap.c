/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions and interrupts, after entry.S.
 *
 * A user program's fault is its own affair: the memory system resolves it, or
 * the program gets a signal.  The kernel may fault in two cases only: it copies to
 * or from user memory by an instruction of the exception table, or never.  All
 * else is a report and the end.
 *
 * Interrupts are off on entry.  They go on before anything that may wait or take
 * long is called for a program, and stay as they were for the kernel.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/trace.h>
#include <kern/vm.h>
#include <machine/cpufunc.h>
#include <machine/fpu.h>
#include <machine/frame.h>
#include <machine/intr.h>
#include <machine/machdep.h>
#include <machine/trap.h>
#include <sys/errno.h>
#include <sys/signal.h>

/* An instruction that may fault on user memory, and where to go on then. */
struct ex_entry {
	uint64_t ex_insn, ex_fixup;
};
extern const struct ex_entry __ex_table_start[], __ex_table_end[];

/* What a program gets for an exception that is not resolved. */
static const struct {
	uint8_t signo, code;
} trap_signals[T_EXCEPTIONS] = {
	[T_DIVIDE] = { SIGFPE, FPE_INTDIV },
	[T_DEBUG] = { SIGTRAP, TRAP_TRACE },
	[T_BPTFLT] = { SIGTRAP, TRAP_BRKPT },
	[T_OFLOW] = { SIGFPE, FPE_INTOVF },
	[T_BOUND] = { SIGFPE, FPE_FLTSUB },
	[T_ILLEGAL] = { SIGILL, ILL_ILLOPC },
	[T_TSSFLT] = { SIGBUS, BUS_ADRERR },
	[T_SEGNPFLT] = { SIGBUS, BUS_ADRERR },
	[T_STKFLT] = { SIGBUS, BUS_ADRERR },
	[T_PROTFLT] = { SIGSEGV, SEGV_ACCERR },
	[T_ALIGNFLT] = { SIGBUS, BUS_ADRALN },
};

static int
fault_access(const struct trapframe *tf)
{
	if ((tf->tf_err & PGEX_I) != 0)
		return PMAP_EXEC;
	return (tf->tf_err & PGEX_W) != 0 ? PMAP_WRITE : PMAP_READ;
}

/*
 * Called with interrupts on.  A program's access that the processor made as a
 * supervisor (PGEX_U is clear) would fault again whatever vm_fault did: QEMU 7.2
 * reads the stack so in a far return, which then fails by SMAP.
 */
static void
user_page_fault(const struct trapframe *tf, vaddr_t va)
{
	int error = EFAULT;

	if (va < VM_MAXUSER_ADDRESS && (tf->tf_err & PGEX_U) != 0)
		error = vm_fault(curlwp->l_proc, va, fault_access(tf));
	if (error == 0)
		return;
	if (error == ENOMEM)
		trap_signal(SIGKILL, 0, va);
	else if (error == EACCES || (va < VM_MAXUSER_ADDRESS && (tf->tf_err & PGEX_P) != 0))
		trap_signal(SIGSEGV, SEGV_ACCERR, va);
	else
		trap_signal(SIGSEGV, SEGV_MAPERR, va);
}

/* Called with interrupts on. */
static void
user_trap(const struct trapframe *tf)
{
	unsigned int trapno = (unsigned int)tf->tf_trapno;

	switch (trapno) {
	case T_DNA:
		if (!fpu_use())
			trap_signal(SIGKILL, 0, tf->tf_rip);
		break;
	case T_ARITHTRAP:
	case T_XMM:
		trap_signal(SIGFPE, fpu_error_code(trapno == T_XMM), tf->tf_rip);
		break;
	default:
		if (trap_signals[trapno].signo == 0)
			trap_signal(SIGILL, ILL_ILLTRP, tf->tf_rip);
		else
			trap_signal(trap_signals[trapno].signo, trap_signals[trapno].code, tf->tf_rip);
		break;
	}
}

/* Where to go on if the instruction at `rip` faults on user memory; 0: nowhere. */
static uint64_t
ex_fixup(uint64_t rip)
{
	const struct ex_entry *ex;

	for (ex = __ex_table_start; ex < __ex_table_end; ex++)
		if (ex->ex_insn == rip)
			return ex->ex_fixup;
	return 0;
}

/* True: copyin and its like can go on. */
static bool
kernel_page_fault(struct trapframe *tf, vaddr_t va)
{
	uint64_t fixup = ex_fixup(tf->tf_rip);
	int error = EFAULT;

	if (fixup == 0 || va >= VM_MAXUSER_ADDRESS || (tf->tf_err & PGEX_RSVD) != 0)
		return false;
	if ((tf->tf_rflags & PSL_I) != 0) {
		md_intr_enable();
		error = vm_fault(curlwp->l_proc, va, fault_access(tf));
		(void)md_intr_disable();
	}
	if (error != 0)
		tf->tf_rip = fixup;
	return true;
}

static void
exception(struct trapframe *tf)
{
	vaddr_t va = tf->tf_trapno == T_PAGEFLT ? rcr2() : 0;

	if ((tf->tf_cs & SEL_RPL) != 0) {
		md_intr_enable();
		if (tf->tf_trapno != T_PAGEFLT)
			user_trap(tf);
		else if ((tf->tf_err & PGEX_RSVD) == 0)
			user_page_fault(tf, va);
		else
			trap_fatal(tf, " by a reserved bit in the page tables");
	} else if (tf->tf_trapno != T_PAGEFLT || !kernel_page_fault(tf, va)) {
		trap_fatal(tf, " in the kernel");
	}
}

static uint32_t
interrupt_kind(const struct trapframe *tf)
{
	switch (tf->tf_trapno) {
	case VEC_TIMER:
		return TRACE_INTR_TIMER;
	case VEC_RESCHED:
		return TRACE_INTR_RESCHED;
	case VEC_CALL:
		return TRACE_INTR_CALL;
	default:
		return TRACE_INTR_DEVICE;
	}
}

static void
interrupt(const struct trapframe *tf)
{
	TRACE_KEEP(trace_intr, TRACE_INTR, interrupt_kind(tf));
	switch (tf->tf_trapno) {
	case VEC_TIMER:
		lapic_eoi();
		callout_expire();
		break;
	case VEC_RESCHED:
		lapic_eoi();
		sched_ipi();
		break;
	case VEC_CALL:
		lapic_eoi();
		mp_ipi_call();
		break;
	case VEC_COM1:
		lapic_eoi();
		uart_intr();
		break;
	case VEC_PIC + 7:
	case VEC_PIC + 15:
	case VEC_SPURIOUS:
		break;
	default:
		trap_fatal(tf, " that nobody asked for");
	}
	TRACE_KEEP(trace_intr_end, 0, 0);
}

void
trap(struct trapframe *tf)
{
	if (tf->tf_trapno < VEC_EXCEPTIONS)
		exception(tf);
	else
		interrupt(tf);
}

/*
 * NMI, double fault, machine check: on stacks of their own, whatever was going on.
 *
 * An NMI comes from a CPU that panics (md_stop_others) or from outside; QEMU sends
 * the latter to all CPUs at once, and the first of them makes the report.
 */
void
trap_paranoid(struct trapframe *tf)
{
	static volatile bool reporting;
	bool expected = false;

	if (tf->tf_trapno == T_NMI) {
		if (mp_stopping() || !atomic_cas(&reporting, &expected, true))
			mp_stop_here(tf);
		hang_report();
	}
	trap_fatal(tf, "");
}
