/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's files among themselves: start, processor set-up, clock, console, traps.
 */
#ifndef _MACHINE_MACHDEP_H_
#define _MACHINE_MACHDEP_H_

#include <kern/md.h>

struct md_cpu;
struct trapframe;

/* What the processor offers; cpu.c. */
struct cpu_features {
	bool cf_smep, cf_smap, cf_umip, cf_xsave, cf_avx;
	bool cf_gbpages;     /* 1 GiB pages */
	bool cf_tscdeadline; /* the LAPIC timer takes a TSC value */
	bool cf_rdrand;
};
extern struct cpu_features cpu_features;
void cpu_identify(void);
/* Control registers and system-call entry of this CPU. */
void cpu_setup(void);
void smap_patch(void);

/* machdep.c: first C function, on the boot CPU. */
void machine_main(uint32_t magic, uint32_t info) __attribute__((noreturn));
/* Print "heddle: ..." and end; for errors before there is a kernel that could panic. */
void boot_fail(const char *why) __attribute__((noreturn));

/* gdt.c: segments, task state and GS base of the CPU this runs on. */
void gdt_init_cpu(struct cpu_info *ci);

/* boot.S: the boot CPU's idle LWP's stack. */
extern char boot_kstack[];

/*
 * ucontext.c: md_ucontext_get, but for the copy of the vector image: where that is.  It may be in uc.
 */
struct fxsave;
const struct fxsave *ucontext_get_regs(struct lwp *l, ucontext_t *uc);

/* Entry points and the like, in assembly. */
void reset_user_segments(void);
void syscall_entry(void);
void syscall_entry32(void);
void syscall_entry_traced(void);
void lwp_begin(void);
void trap_return(void);
void trap_paranoid_return(void);
void syscall_return(void);
void syscall_traced_return(void);
extern char trap_stubs[]; /* TRAP_STUB_SIZE bytes a vector */
#define TRAP_STUB_SIZE 16

/* systrace.c: called by systrace.S. */
void systrace_in(const struct trapframe *tf);
void systrace_out(struct trapframe *tf, int error, const register_t *retval, uint64_t code);

/*
 * mp.c: while all other CPUs that run wait with interrupts off, run alone(arg) here; then
 * each(arg) on every CPU, with interrupts off.  Called with interrupts on and no lock that
 * a CPU might spin for; one caller at a time.
 */
void mp_alone(void (*alone)(void *), void (*each)(void *), void *arg);

/* pt.c: the kernel's page tables. */
void pt_init(void);
void pt_load(void);
static inline volatile void *
pt_fixed(unsigned int page)
{
	return (volatile void *)(VM_FIXED_BASE + page * 4096UL);
}

/* trap.c, report.c */
void trap(struct trapframe *tf);
void trap_paranoid(struct trapframe *tf) __attribute__((noreturn));
/* Report the registers and panic; `what` follows the trap's name. */
void trap_fatal(const struct trapframe *tf, const char *what) __attribute__((noreturn));

/* clock.c */
void clock_init(void);
/* Ticks of the LAPIC's timer in so many ns, rounded up. */
uint32_t clock_lapic_ticks(uint64_t ns);

/* uart.c, vga.c */
void uart_init(void);
void uart_putc(int c);
void uart_intr(void);
void vga_init(void);
void vga_putc(int c);

/* Of boot/link.ld. */
extern char __text_start[], __text_end[], __rodata_start[], __rodata_end[], __data_start[], __image_end[];
extern char __boot_start[], __boot_end[];
#define IMAGE_PA(sym) ((paddr_t)(sym) - VM_IMAGE_BASE)

#endif
