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

/*
 * lwpid.c: the id table of a process.  In line is what an unpark needs of it: theory there.
 */
#define LID_PAGE 512   /* slots a page of 4 KiB */
#define LID_PAGES 258 /* more than lwp_limit by those that rest: lwpid.c */
#define LID_MAX (LID_PAGE * LID_PAGES) /* ids are below this */
#define LID_NOBODY 1UL /* this bit in a slot: it leads to no LWP */

struct lidtab {
	uint64_t *volatile lt_page[LID_PAGES]; /* p to change */
	uint64_t lt_key;      /* constant from the first id on: lid_key of 0 */
	uint32_t lt_fresh;    /* p to change: the lowest id never used; all below it have a slot */
	uint32_t lt_head;     /* p: free queue, 0 = empty */
	uint32_t lt_tail;     /* p */
	uint32_t lt_created;  /* p: ids given out so far */
};

/* The slot of an id that has been given out, or of 0, which leads to nobody. */
static inline volatile uint64_t *
lid_slot(const struct lidtab *lt, uint32_t lid)
{
	return &lt->lt_page[lid / LID_PAGE][lid % LID_PAGE];
}

/* The LWP that the id led to a moment ago; false: to none.  Ask it who it is: l_park. */
static inline bool
lid_peek(const struct lidtab *lt, lwpid_t lid, struct lwp **lp)
{
	uint64_t slot;

	if (predict_false((uint32_t)lid >= atomic_load_acquire(&lt->lt_fresh)))
		return false;
	slot = atomic_load_acquire(lid_slot(lt, (uint32_t)lid));
	*lp = (struct lwp *)slot;
	return predict_true((slot & LID_NOBODY) == 0);
}

/*
 * Process and id in one word: what l_park says, but for its two bits, of the live LWP that has this id, and
 * of no other in the system.
 */
static inline uint64_t
lid_key(const struct lidtab *lt, lwpid_t lid)
{
	return lt->lt_key | (uint32_t)lid << 2;
}

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
