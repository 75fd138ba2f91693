/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of kern/lwp share with each other only.
 */
#ifndef _LWP_IMPL_H_
#define _LWP_IMPL_H_

#include <kern/lwp.h>
#include <sys/syslimits.h>

struct proc;
struct vmspace;

#define LID_MAX 131072 /* lwpid.c: ids are below this */

/* lwp_life.c */
void lwp_unlink(struct lwp *l);
void lwp_set_exiting(struct lwp *l);
void lwp_become_first(struct lwp *l);
void lwp_kick_all(struct proc *p, struct lwp *except);

/* lwp_suspend.c */
void lwp_resume(struct lwp *l);

/*
 * lwp_wait.c: `gone` (NULL: a detached LWP) has stopped being live: wake those in _lwp_wait
 * who have to look again.  p_lock held.
 */
void lwp_wait_wake(struct proc *p, struct lwp *gone);
/* `l` is being freed: those who were woken by its end have nothing to do with it any more. */
void lwp_forget_waiters(struct proc *p, struct lwp *l);

/* elf.c: put a program into `vm`.  ENOEXEC: not one that we run; ENOMEM. */
struct elf_info {
	vaddr_t ei_entry;
	vaddr_t ei_phdr; /* the program headers in its memory; 0: not there */
	uint16_t ei_phnum;
};
int elf_load(struct vmspace *vm, const void *file, size_t len, struct elf_info *info);

/* exec_args.c: the strings of argv and envp, one after the other, in kernel memory. */
#define EXEC_ARGS_MAX ARG_MAX     /* bytes, with the NULs */
#define EXEC_ARGS_COUNT 8192      /* strings */

struct exec_args {
	char *ea_buf;     /* EXEC_ARGS_MAX bytes */
	size_t ea_len;
	uint32_t ea_argc;
	uint32_t ea_envc;
};

int args_alloc(struct exec_args *ea);
void args_free(struct exec_args *ea);
/* Append a string; before args_end_argv it is an argument, after it an environment string.  E2BIG. */
int args_add(struct exec_args *ea, const char *s, bool env);
int args_copyin(struct exec_args *ea, char *const *uvec, bool env);

/* exec.c: a loaded program that is nobody's yet. */
struct image {
	const struct emul *im_emul; /* what kind of program it is */
	struct vmspace *im_vm;
	vaddr_t im_entry;
	vaddr_t im_sp;
	vaddr_t im_psstrings;
};

#endif
