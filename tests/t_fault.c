/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs that do what the processor refuses: they end with the right
 * status, and nobody else notices.  (Vector exceptions and alignment
 * checks are not among them, because the emulator does not raise any.)
 */
#include <signal.h>

#include "test.h"

/* A fault, made by the code of a function; each runs in a child. */
#define FAULT(name, code)			\
	static void				\
	name(void *arg)				\
	{					\
		(void)arg;			\
		__asm volatile (code ::: "memory", "cc", "rax", "rcx", "rdx", "rdi", "rbx"); \
	}

FAULT(divide, "xor %%eax, %%eax; xor %%edx, %%edx; xor %%ecx, %%ecx; div %%ecx")
FAULT(overflow, "mov $0x80000000, %%eax; cltd; mov $-1, %%ecx; idiv %%ecx")
FAULT(undefined, "ud2")
FAULT(halt, "hlt")
FAULT(interrupts_off, "cli")
FAULT(port_in, "inb $0x80, %%al")
FAULT(port_out, "outb %%al, $0xf4")
FAULT(read_cr3, "mov %%cr3, %%rax")
FAULT(write_cr0, "mov %%rax, %%cr0")
FAULT(read_msr, "mov $0xc0000080, %%ecx; rdmsr")
FAULT(write_msr, "mov $0xc0000082, %%ecx; wrmsr")
FAULT(swap_gs, "swapgs")
FAULT(sys_return, "mov $0, %%ecx; sysretq")
FAULT(store_gdt, "sub $16, %%rsp; sgdt (%%rsp); add $16, %%rsp")
FAULT(load_idt, "lidt (%%rsp)")
FAULT(breakpoint, "int3")
FAULT(call_gate, "int $0x20")
FAULT(double_fault_vector, "int $8")
FAULT(page_fault_vector, "int $14")
FAULT(trap_flag, "pushf; orq $0x100, (%%rsp); popf; nop; nop")
FAULT(jump_kernel, "mov $0xffffffff80100000, %%rax; jmp *%%rax")
FAULT(jump_noncanonical, "mov $0x0000800000000000, %%rax; jmp *%%rax")
FAULT(return_noncanonical, "mov $0x8000000000000000, %%rax; push %%rax; ret")
FAULT(jump_null, "xor %%eax, %%eax; jmp *%%rax")
FAULT(jump_stack, "movq $0xc3, -8(%%rsp); lea -8(%%rsp), %%rax; jmp *%%rax")
FAULT(stack_gone, "mov $0x1000, %%rsp; push %%rax")
FAULT(stack_kernel, "mov $0xffffffff80200000, %%rsp; push %%rax")
FAULT(stack_noncanonical, "mov $0x0000900000000000, %%rsp; push %%rax")
FAULT(read_noncanonical, "mov $0x0000800000000000, %%rax; mov (%%rax), %%rax")
FAULT(load_segment, "mov $0x8, %%eax; mov %%eax, %%ds; mov %%eax, %%ss")
FAULT(far_jump_kernel, "pushq $0x8; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:")
FAULT(iret_kernel, "mov %%rsp, %%rax; pushq $0x10; push %%rax; pushf; pushq $0x8; "
    "lea 1f(%%rip), %%rax; push %%rax; iretq; 1:")
FAULT(long_instruction, ".byte 0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x90")

static void
write_null(void *arg)
{
	*(volatile int *)arg = 1;
}

/* A syscall instruction that returns to where the stack is gone: the kernel must not need it. */
static void
syscall_without_stack(void *arg)
{
	(void)arg;
	__asm volatile ("mov $0xffffffff80000000, %%rsp; mov $20, %%eax; syscall; "
	    "mov $1, %%eax; mov $42, %%edi; syscall" ::: "memory");
}

/* arguments of mmap are taken from the stack: there is none. */
static void
mmap_without_stack(void *arg)
{
	(void)arg;
	__asm volatile ("mov $0xffffffff80000000, %%rsp; mov $197, %%eax; syscall; "
	    "mov %%eax, %%edi; mov $1, %%eax; syscall" ::: "memory");
}

static const struct {
	void		(*fn)(void *);
	int		signal;
	const char	*text;
} faults[] = {
	{ divide, SIGFPE, "division by zero" },
	{ overflow, SIGFPE, "division that overflows" },
	{ undefined, SIGILL, "undefined instruction" },
	{ halt, SIGSEGV, "hlt" },
	{ interrupts_off, SIGSEGV, "cli" },
	{ port_in, SIGSEGV, "in" },
	{ port_out, SIGSEGV, "out" },
	{ read_cr3, SIGSEGV, "read of cr3" },
	{ write_cr0, SIGSEGV, "write of cr0" },
	{ read_msr, SIGSEGV, "rdmsr" },
	{ write_msr, SIGSEGV, "wrmsr" },
	{ swap_gs, SIGSEGV, "swapgs" },
	{ sys_return, SIGSEGV, "sysret" },
	{ store_gdt, SIGSEGV, "sgdt" },
	{ load_idt, SIGSEGV, "lidt" },
	{ call_gate, SIGSEGV, "int 0x20" },
	{ double_fault_vector, SIGSEGV, "int 8" },
	{ page_fault_vector, SIGSEGV, "int 14" },
	{ breakpoint, SIGTRAP, "int3" },
	{ trap_flag, SIGTRAP, "single step" },
	{ jump_kernel, SIGSEGV, "jump into the kernel" },
	{ jump_noncanonical, SIGSEGV, "jump to a non-canonical address" },
	{ return_noncanonical, SIGSEGV, "return to one" },
	{ jump_null, SIGSEGV, "jump to 0" },
	{ jump_stack, SIGSEGV, "jump into the stack" },
	{ stack_gone, SIGSEGV, "push without a stack" },
	{ stack_kernel, SIGSEGV, "push into the kernel" },
	{ stack_noncanonical, SIGBUS, "push to a non-canonical address" },
	{ read_noncanonical, SIGSEGV, "read of a non-canonical address" },
	{ load_segment, SIGSEGV, "a kernel segment" },
	{ far_jump_kernel, SIGSEGV, "far return to the kernel's segment" },
	{ iret_kernel, SIGSEGV, "iret to the kernel's segment" },
	{ long_instruction, SIGSEGV, "an instruction that is too long" },
	{ write_null, SIGSEGV, "write to address 0" },
};

/* Where two signals are both right: the processor reports one thing for several causes. */
static bool
fits(int status, int sig)
{
	if (!WIFSIGNALED(status))
		return false;
	if (WTERMSIG(status) == sig)
		return true;
	return (sig == SIGSEGV || sig == SIGBUS) && (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS ||
	    WTERMSIG(status) == SIGILL);
}

static void
test_faults(void)
{
	for (size_t i = 0; i < __arraycount(faults); i++) {
		int status = in_child(faults[i].fn, NULL);

		tap_ok(fits(status, faults[i].signal), "%s ends the program (status %#x)", faults[i].text, status);
	}
}

/* One LWP's fault ends the process with all its LWPs. */
static void
fault_in_company(void *arg)
{
	(void)arg;
	for (int i = 0; i < 5; i++)
		lwp_await_parked(spawn(keep_parking, NULL));
	spawn(undefined, NULL);
	keep_parking(NULL);
}

static void
all_fault(void *arg)
{
	(void)arg;
	for (int i = 0; i < 8; i++)
		spawn(write_null, NULL);
	write_null(NULL);
}

static void
test_company(void)
{
	int bad = 0;

	tap_is_int(in_child(fault_in_company, NULL), W_EXITCODE(0, SIGILL), "a fault of one LWP ends all");
	for (int i = 0; i < 10; i++)
		bad += in_child(all_fault, NULL) != W_EXITCODE(0, SIGSEGV);
	tap_is_int(bad, 0, "all LWPs can fault at once");
}

static void
test_stackless(void)
{
	tap_is_int(in_child(syscall_without_stack, NULL), W_EXITCODE(42, 0), "a system call needs no user stack");
	tap_is_int(in_child(mmap_without_stack, NULL), W_EXITCODE(EFAULT, 0),
	    "abi.6 one that has an argument there gives EFAULT without");
}

/* The registers of a new LWP may be anything that is allowed; what it does then is its affair. */
static void
wild_lwp(void *arg)
{
	static char stack[4096];
	static ucontext_t uc;
	lwpid_t id;

	_lwp_makecontext(&uc, write_null, NULL, NULL, stack, sizeof(stack));
	uc.uc_mcontext.__gregs[_REG_RIP] = (unsigned long)arg;
	if (_lwp_create(&uc, 0, &id) != 0)
		_exit(1);
	keep_parking(NULL);
}

static void
test_wild(void)
{
	static char data[16] = { '\xc3' };

	tap_is_int(in_child(wild_lwp, NULL), W_EXITCODE(0, SIGSEGV),
	    "create.2 an LWP that starts at 0 faults in its own context");
	tap_is_int(in_child(wild_lwp, data), W_EXITCODE(0, SIGSEGV), "create.2 so does one that starts in data");
	tap_is_int(in_child(wild_lwp, (void *)(VM_MAXUSER_ADDRESS - 16)), W_EXITCODE(0, SIGSEGV),
	    "create.2 and one at the end of user space");
}

int
main(void)
{
	test_faults();
	test_company();
	test_stackless();
	test_wild();
	tap_is_int(count_lwps(), 1, "the parent is as before");
	return tap_done();
}
