/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole contract between the kernel (kern/) and a machine (arch/).
 *
 * An architecture provides every function below and the types of
 * <machine/cpu.h> (struct md_cpu, curlwp, curcpu) and <machine/lwp.h> (struct
 * md_lwp).  It calls up only what the section "called by the machine" names.
 */
#ifndef _KERN_MD_H_
#define _KERN_MD_H_

#include <kern/kasan.h>
#include <kern/kern.h>
#include <kern/signal.h>
#include <machine/cpu.h> /* curlwp, curcpu(), and the inline functions marked (inline) */
#include <sys/time.h>
#include <sys/ucontext.h>

struct cpu_info;
struct lwp;
struct pmap;
struct proc;

/* ---- Processor: interrupts ---- */

bool md_intr_disable(void);          /* (inline) returns whether they were on */
void md_intr_off(void);              /* (inline) the same, by who knows that they were */
void md_intr_restore(bool on);       /* (inline) */
void md_intr_enable(void);           /* (inline) */
bool md_intr_enabled(void);          /* (inline) */
uintptr_t md_pc(void);               /* (inline) the address of the code that asks */
void md_pause(void);                 /* (inline) in every loop that waits for another CPU */
/* Called with interrupts off: turn them on and halt until one comes, in one step. Returns with them on. */
void md_idle(void);                  /* (inline) */

/*
 * (inline) Add one to the 64-bit word at `offset` in this CPU's struct cpu_info, in one step: neither an
 * interrupt nor a move to another CPU comes between.
 */
void md_count(size_t offset);

/*
 * MD_CALL_KEEP(fn, arg): a macro that calls void fn(pointer) in such a way that all registers survive; the code
 * around has none to save then for a call that is hardly ever made.  The architecture lists the functions.
 */

/* ---- Processor: context ---- */

/*
 * Leave `old` and continue `new`.  Called with interrupts off and old's lock
 * held.  Returns, on old's stack again, the LWP that was left to come back
 * here.  Loads new's address space (unless new is a kernel thread: then the
 * present one stays loaded), kernel stack and thread pointer; saves old's vector state if it
 * used it.  The caller has set ci_curlwp.
 */
struct lwp *md_switchto(struct lwp *old, struct lwp *new);

/*
 * Machine state of a new LWP.  Its kernel stack is at l_kstack.  The first switch
 * to it calls lwp_startup(prev, l), then for a kernel thread l->l_func(l->l_arg)
 * with interrupts on (that never returns), otherwise goes to user mode by way of userret().
 */
void md_lwp_init(struct lwp *l);
void md_lwp_free(struct lwp *l);     /* drop vector state and the like; never sleeps */

/* ---- User context.  l is curlwp, or an LWP that has not run yet. ---- */

/* A program's context: all that its flags say is in it.  EFAULT, also if another part cannot be read. */
int md_ucontext_copyin(const ucontext_t *ucp, ucontext_t *uc);
/* 0, or EINVAL when the context asks for what a program may not have (create.4). */
int md_ucontext_check(const ucontext_t *uc);
/* Load the user registers of l from a checked context: _UC_CPU, _UC_FPU, _UC_TLSBASE parts.  ENOMEM. */
int md_ucontext_set(struct lwp *l, const ucontext_t *uc);
/* Fill the machine part of uc from curlwp (full frame).  ENOMEM. */
int md_ucontext_get(struct lwp *l, ucontext_t *uc);
/* l2 will return from the same system call as curlwp does, with these two values. */
int md_lwp_fork(struct lwp *l2, register_t rv0, register_t rv1);
/* curlwp will start a fresh program: all registers cleared, vector state at power-on. */
void md_exec_regs(struct lwp *l, vaddr_t entry, vaddr_t sp, vaddr_t ps_strings);
/*
 * Make curlwp go to a signal handler: a frame with *si and its context (mask: *saved) below its stack pointer or
 * on l_sigstk, registers as the ABI says.  A system call that was to be executed again (ERESTART) becomes EINTR
 * in that context unless SA_RESTART.  EFAULT: the frame cannot be written; the registers are unchanged.
 */
int md_sendsig(struct lwp *l, const struct sigact *act, const struct ksiginfo *ksi,
    const sigset_t *saved);
/* Stack pointer of curlwp's program, in a system call. */
vaddr_t md_user_sp(const struct lwp *l);
/* Thread pointer register of curlwp. */
void md_set_private(struct lwp *l, void *ptr);
/* The number of curlwp's system call; if that is __syscall, of the one that it names. */
register_t md_syscall_number(const struct lwp *l);
/* An argument of that call, from the user stack: number n, from 6, or through __syscall from 5.  EFAULT. */
int md_syscall_arg(struct lwp *l, int n, register_t *val);

/* ---- User memory: the one fault-safe path.  May sleep; no spin lock held. ---- */

int copyin(const void *uaddr, void *kaddr, size_t len);   /* 0 or EFAULT */
int copyout(const void *kaddr, void *uaddr, size_t len);  /* 0 or EFAULT */
/* Copies a string with its NUL; *done (may be NULL) counts it.  EFAULT, ENAMETOOLONG. */
int copyinstr(const void *uaddr, char *kaddr, size_t len, size_t *done);
int ufetch_64(const void *uaddr, uint64_t *val);          /* one word; 0 or EFAULT */
struct timespec ufetch_timespec(const struct timespec *uts); /* tv_nsec -1: it cannot be read */

#ifdef KASAN
/* They are assembly, which checks nothing. */
#define copyin(uaddr, kaddr, len) (kasan_check((kaddr), (len), true), copyin((uaddr), (kaddr), (len)))
#define copyout(kaddr, uaddr, len) (kasan_check((kaddr), (len), false), copyout((kaddr), (uaddr), (len)))
#endif

/* ---- Other processors ---- */

void md_ipi_resched(struct cpu_info *ci); /* it will call sched_ipi() */
/* Start all other CPUs; each calls cpu_hatch(ci).  Sets ncpu, cpus[]. */
void md_start_cpus(void);
/* Stop every other CPU for good, where it stands; used by panic. */
void md_stop_others(void);

/*
 * Make md_trace_on() (<machine/trace.h>, inline: a branch that costs next to nothing) true or false
 * on all CPUs, and system calls tell trace_syscall and trace_sysret.  May wait; one caller at a time.
 */
void md_trace_patch(bool on);

/* ---- Time ---- */

uint64_t md_monotonic_ns(void);       /* ns since boot, the same on all CPUs, never goes back */
uint64_t md_realtime_base_ns(void);   /* CLOCK_REALTIME at monotonic 0 */
/* Interrupt this CPU at `deadline` (monotonic ns; at once if past); 0 = never.  Interrupts off. */
void md_timer_set(uint64_t deadline);

/* ---- Console, end ---- */

void md_console_putc(int c);          /* polled; any context */
void md_console_intr_enable(void);    /* from now on received bytes go to console_input() */
void md_poweroff(int status) __attribute__((noreturn)); /* see doc: isa-debug-exit, else ACPI */
void md_panic_exit(void) __attribute__((noreturn));
/* Call fn for every return address of curlwp's (l == curlwp) or a sleeping l's kernel stack. */
void md_backtrace(struct lwp *l, void (*fn)(uintptr_t pc, void *arg), void *arg);
/* As above for the user frames of curlwp's or l's user stack: not needed in reports, may do nothing. */
/* In a panic: print the registers and stack of a CPU stopped by md_stop_others. */
void md_backtrace_cpu(struct cpu_info *ci, void (*fn)(uintptr_t pc, void *arg), void *arg);
bool md_entropy(void *buf, size_t len); /* random bytes from the processor; false: there are none */

/* ---- Memory: what the boot loader left ---- */

struct md_memrange {
	paddr_t mr_start, mr_end; /* usable RAM, page aligned, without kernel and ramdisk */
};
const struct md_memrange *md_memory(size_t *n);
const void *md_ramdisk(size_t *len);  /* through the direct map; NULL: none */
const char *md_cmdline(void);
const char *md_bootloader(void);
void *md_direct_map(paddr_t pa);      /* (inline) */
paddr_t md_direct_unmap(const void *va); /* (inline) */

/* ---- Memory: address spaces (arch/.../pmap.c) ---- */

#define PMAP_READ 1
#define PMAP_WRITE 2
#define PMAP_EXEC 4

/* NULL: no memory. */
struct pmap *pmap_create(void);
/* Nothing of it is used any more by an LWP; other CPUs may still have it loaded and are told.  May wait. */
void pmap_destroy(struct pmap *pm);
/* Map one user page.  Replaces what was there (caller owns the old page).  ENOMEM.  vm_lock held. */
int pmap_enter(struct pmap *pm, vaddr_t va, paddr_t pa, int prot);
/* false: not mapped.  *prot: what the page table allows now. */
bool pmap_extract(struct pmap *pm, vaddr_t va, paddr_t *pa, int *prot);
/* Unmap [start, end) and call fn for each page that was there, after no CPU can reach it. May wait. */
void pmap_remove(struct pmap *pm, vaddr_t start, vaddr_t end, void (*fn)(paddr_t pa, void *arg), void *arg);
/* Give mapped pages of [start, end) no more than `prot`.  May wait. */
void pmap_protect(struct pmap *pm, vaddr_t start, vaddr_t end, int prot);
/*
 * Take the right to write from all pages of [start, end), and call fn for every page there with the rights that are
 * left (before other CPUs know of the loss; they do when this returns).  May wait.
 */
void pmap_share(struct pmap *pm, vaddr_t start, vaddr_t end,
    void (*fn)(vaddr_t va, paddr_t pa, int prot, void *arg), void *arg);
/* Make curlwp's process use pm now on this CPU (exec, exit: NULL = kernel only). */
void pmap_activate(struct pmap *pm);
/*
 * Kernel pages, in [VM_KERNEL_BASE, VM_KERNEL_BASE + VM_KERNEL_SIZE).  kenter: ENOMEM; what was there before was
 * removed.  kremove: returns after no CPU has them in its TLB; may wait.
 */
int pmap_kenter(vaddr_t va, paddr_t pa, int prot);
void pmap_kremove(vaddr_t va, size_t len);
/* Pages that pmap_kenter has taken for tables; they are kept. */
uint64_t pmap_ktables(void);
bool pmap_kextract(vaddr_t va, paddr_t *pa);
/* Clear and copy a whole page of RAM, the quickest way. */
void md_page_zero(paddr_t pa);
void md_page_copy(paddr_t dst, paddr_t src);

/* ---- Called by the machine ---- */

/*
 * kern_main: once, on the boot CPU, interrupts off, on the boot stack, with curcpu()
 * working (GS base = its struct cpu_info, ci_self set) and ci_index 0; kern_main itself
 * sets cpus[0], ci_curlwp (the boot CPU's idle LWP) and the rest.
 */
void kern_main(void) __attribute__((noreturn));
/*
 * For each further CPU before it is started: gives it an index, its locks, queues and an idle
 * LWP (ci_idlelwp == ci_curlwp) whose kernel stack (l_kstack .. + KSTACK_SIZE) it starts on,
 * and puts it into cpus[].  ENOMEM.  A CPU that never reports simply stays !ci_online.
 */
int cpu_attach(struct cpu_info *ci);
void cpu_hatch(struct cpu_info *ci) __attribute__((noreturn)); /* on every other CPU, on its idle LWP's stack */
/* A page fault: access is PMAP_*.  user: from user mode.  0: retry; else errno (EFAULT...).  Interrupts on. */
int vm_fault(struct proc *p, vaddr_t va, int access);
/* A user program did what the processor refuses; ends or signals it.  Interrupts on. */
void trap_signal(int signo, int code, vaddr_t addr);
void console_input(int c);            /* a byte from the console; interrupts off */
int sys_nosys(struct lwp *l, const void *uap, register_t *retval);
/* The NMI that a person or the launcher sends: report and end. */
void hang_report(void) __attribute__((noreturn));

#endif
