/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Personality is data: all that differs between kinds of programs is in the struct emul of their
 * process, and nothing else in the kernel asks what kind a program is.
 *
 * A second one brings a struct emul of its own, and the loader that knows its programs names it in the
 * image (im_emul, kern/lwp/exec.c).  An LWP has the table in l_sysent too: the way into a
 * system call is the same for all.
 */
#ifndef _KERN_EMUL_H_
#define _KERN_EMUL_H_

#include <kern/kern.h>
#include <kern/signal.h>
#include <sys/ucontext.h>

struct elf_info;
struct exec_args;
struct image;
struct lwp;

#define SYS_TABLE_SIZE 512

/* One number. */
struct sysent {
	/* uap: the arguments, one a word.  0, an errno or an E... below 0; retval: two results. */
	int (*sy_call)(struct lwp *, const void *uap, register_t *retval);
};

struct emul {
	const char *e_name;
	/* System calls: SYS_TABLE_SIZE of them, with sys_nosys at the numbers that are none. */
	const struct sysent *e_sysent;
	/* curlwp has called a number that is none: give an errno. */
	int (*e_nosys)(struct lwp *l, register_t number);
	/* A context that a program gives: as md_ucontext_copyin. */
	int (*e_copyin_context)(const ucontext_t *ucp, ucontext_t *uc);
	/* Send curlwp to a signal handler: as md_sendsig. */
	int (*e_sendsig)(struct lwp *l, const struct sigact *act, const struct ksiginfo *ksi,
	    const sigset_t *saved);
	/* Build the first stack of a program, auxiliary vector and all, and set im_sp and im_psstrings.  ENOMEM. */
	int (*e_stack)(const struct exec_args *ea, const struct elf_info *info, struct image *im);
	/* The first registers of a program: as md_exec_regs. */
	void (*e_setregs)(struct lwp *l, vaddr_t entry, vaddr_t sp, vaddr_t ps_strings);
};

/* NetBSD/amd64: kern/sys/emul_native.c. */
extern const struct emul emul_native;

/* Generated (tools/gensyscalls). */
extern const struct sysent sysent[SYS_TABLE_SIZE];
/* The same calls without the code that completes the frame: for a caller whose frame is complete. */
extern const struct sysent sysent_plain[SYS_TABLE_SIZE];
extern const char *const syscallnames[SYS_TABLE_SIZE];

/* What e_stack may be: the stack as NetBSD/amd64 has it (kern/lwp/exec_args.c). */
int args_stack(const struct exec_args *ea, const struct elf_info *info, struct image *im);

#endif
