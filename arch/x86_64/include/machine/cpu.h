/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's part of a CPU, and what <kern/md.h> wants inline.
 *
 * In the kernel the GS base points to the CPU's struct cpu_info, whose first two
 * fields are ci_self and ci_curlwp; genassym.c asserts their places.
 */
#ifndef _MACHINE_CPU_H_
#define _MACHINE_CPU_H_

#include <machine/pt.h>
#include <machine/segments.h>
#include <stdbool.h>
#include <sys/types.h>

struct cpu_info;
struct lwp;
struct pmap;
struct trapframe;

/* A request of md_call_others; see mp.c. */
struct md_call {
	void (*mcl_func)(void *);
	void *mcl_arg;
	volatile uint32_t mcl_left; /* a: CPUs that have not done it yet */
};

/*
 * Lock letters: c = constant once the CPU runs; o = this CPU with interrupts
 * off; a = atomic.
 */
struct md_cpu {
	/* Known to assembly. */
	uint64_t mc_tf;               /* o: 8 + where a system call of curlwp saves its registers */
	uint64_t mc_scratch;          /* o: the user's rdi during system call entry */
	struct pmap *mc_pmap;         /* o: the address space loaded; NULL = the kernel's */
	uint32_t mc_pad;              /* brings the stack pointers of the next to 8 bytes */
	struct tss mc_tss;            /* o */

	uint64_t mc_gdt[GDT_COUNT];   /* c */
	uint32_t mc_apicid;           /* c */
	vaddr_t mc_stacks;            /* c: IST_COUNT stacks of IST_SIZE bytes each */
	volatile uint32_t mc_state;   /* a: CPU_* of mp.c while it starts */
	uint64_t mc_tsc;              /* c: its time-stamp counter when it reported */
	struct md_call mc_call;       /* o: this CPU's request to others */
	volatile uint32_t mc_callers; /* a: bit i: CPU i has a request for this one */
	struct trapframe *volatile mc_stopped; /* o: where it stood when it was stopped; NULL = it runs */
};

/* The LWP that asks.  It never changes for the code that asks: the compiler may keep it. */
static inline struct lwp *
md_curlwp(void)
{
	struct lwp *l;

	__asm__("movq %%gs:8, %0" : "=r"(l));
	return l;
}
#define curlwp md_curlwp()

/* The CPU that asks: with preemption on it may be another one right after. */
static inline struct cpu_info *
curcpu(void)
{
	struct cpu_info *ci;

	__asm__ volatile("movq %%gs:0, %0" : "=r"(ci));
	return ci;
}

static inline __attribute__((always_inline)) void
md_count(size_t offset)
{
	__asm__ volatile("incq %%gs:%c0" : : "i"(offset) : "memory", "cc");
}

static inline bool
md_intr_enabled(void)
{
	uint64_t flags;

	__asm__ volatile("pushfq; popq %0" : "=r"(flags));
	return (flags & 0x200) != 0;
}

static inline void
md_intr_enable(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline bool
md_intr_disable(void)
{
	bool on = md_intr_enabled();

	__asm__ volatile("cli" : : : "memory");
	return on;
}

static inline void
md_intr_off(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static inline void
md_intr_restore(bool on)
{
	if (on)
		md_intr_enable();
}

/* The stubs are in systrace.S. */
#define MD_CALL_KEEP(fn, arg) __asm__ volatile("call " #fn "_keep" : : "D"(arg) : "memory", "cc")

/* Where this stands. */
static inline __attribute__((always_inline)) uintptr_t
md_pc(void)
{
	uintptr_t pc;

	__asm__ volatile("leaq 0(%%rip), %0" : "=r"(pc));
	return pc;
}

static inline void
md_pause(void)
{
	__asm__ volatile("pause" : : : "memory");
}

/* An interrupt cannot come between the two: sti takes effect after the next instruction. */
static inline void
md_idle(void)
{
	__asm__ volatile("sti; hlt" : : : "memory");
}

/*
 * Run fn(arg) on the CPUs of `cpumask` (bit i = cpus[i]; the caller's own is left
 * out) and return when all have done it.  Called with interrupts on and no spin
 * lock held; fn runs with interrupts off.
 */
void md_call_others(uint64_t cpumask, void (*fn)(void *), void *arg);

#endif
