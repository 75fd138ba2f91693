/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LWP ids: a table a process, from id to LWP in constant time.
 *
 * What it is.  A directory of pages of slots; the id is the slot's number, so ids
 * are small, positive, and begin with 1.  A slot holds
 *	0                      never used
 *	LID_RESERVED           an id given to an LWP that is not yet published
 *	address of a struct lwp (even)
 *	a link of the free list (odd): next id, and the count of creations when it was freed
 *
 * Reuse.  Free ids form a queue, oldest first, and the oldest is taken again only
 * after LID_QUIET other ids have been given out since it was freed.  Until then fresh
 * ones are used.  So whoever holds an id of an LWP that has gone has time to notice.
 *
 * Locks.  Changes are made with p_lock held.  lid_find_locked reads without: pages of
 * slots are never freed before the process is (no LWP of it runs then), a slot is
 * one word, and what it leads to is type-stable memory.  The LWP found is locked and
 * then asked whether it is the one that was meant.
 */
#include <kern/lwp.h>
#include <kern/pool.h>
#include <kern/proc.h>
#include <sys/errno.h>

#include "lwp_impl.h"

#define LID_PAGE 512   /* slots a page of 4 KiB */
#define LID_PAGES 256
_Static_assert(LID_MAX == LID_PAGE * LID_PAGES, "ids");
#define LID_QUIET 256
#define LID_RESERVED 1UL

struct lidtab {
	uint64_t *volatile lt_page[LID_PAGES]; /* p to change */
	uint32_t lt_fresh;    /* p: the lowest id never used */
	uint32_t lt_head;     /* p: free queue, 0 = empty */
	uint32_t lt_tail;     /* p */
	uint32_t lt_created;  /* p: ids given out so far */
};

/* A free slot: bit 0 set, next id in bits 1..31, lt_created at that time in bits 32..63. */
static uint64_t
link_make(uint32_t next, uint32_t created)
{
	return (uint64_t)created << 32 | (uint64_t)next << 1 | 1;
}

static uint32_t
link_next(uint64_t link)
{
	return (uint32_t)link >> 1;
}

static uint32_t
link_created(uint64_t link)
{
	return (uint32_t)(link >> 32);
}

/* The slot of an id; NULL if there is none yet.  Needs no lock. */
static volatile uint64_t *
lid_slot(const struct lidtab *lt, lwpid_t lid)
{
	uint64_t *page;

	if (lid <= 0 || lid >= LID_MAX)
		return NULL;
	page = atomic_load_acquire(&lt->lt_page[lid / LID_PAGE]);
	return page != NULL ? &page[lid % LID_PAGE] : NULL;
}

int
lid_init(struct proc *p)
{
	p->p_lidtab = kmem_alloc(sizeof(struct lidtab));
	if (p->p_lidtab == NULL)
		return ENOMEM;
	p->p_lidtab->lt_fresh = 1;
	return 0;
}

void
lid_destroy(struct proc *p)
{
	struct lidtab *lt = p->p_lidtab;

	for (int i = 0; i < LID_PAGES; i++) {
		if (lt->lt_page[i] != NULL)
			kmem_free(lt->lt_page[i], LID_PAGE * sizeof(uint64_t));
	}
	kmem_free(lt, sizeof(*lt));
	p->p_lidtab = NULL;
}

/* Take the oldest free id if it has rested long enough; 0 if not. */
static uint32_t
lid_reuse(struct lidtab *lt)
{
	uint32_t lid = lt->lt_head;
	uint64_t link;

	if (lid == 0)
		return 0;
	link = *lid_slot(lt, (lwpid_t)lid);
	if (lt->lt_created - link_created(link) < LID_QUIET)
		return 0;
	lt->lt_head = link_next(link);
	if (lt->lt_head == 0)
		lt->lt_tail = 0;
	return lid;
}

int
lid_alloc(struct proc *p, struct lwp *l)
{
	struct lidtab *lt = p->p_lidtab;
	uint32_t lid = lid_reuse(lt);
	uint64_t *page;

	KASSERT(mutex_owned(&p->p_lock));
	if (lid == 0) {
		lid = lt->lt_fresh;
		if (lid >= LID_MAX)
			return EAGAIN;
		if (lt->lt_page[lid / LID_PAGE] == NULL) {
			page = kmem_alloc(LID_PAGE * sizeof(uint64_t));
			if (page == NULL)
				return ENOMEM;
			atomic_store_release(&lt->lt_page[lid / LID_PAGE], page);
		}
		lt->lt_fresh++;
	}
	lt->lt_created++;
	*lid_slot(lt, (lwpid_t)lid) = LID_RESERVED;
	l->l_lid = (lwpid_t)lid;
	return 0;
}

void
lid_publish(struct proc *p, struct lwp *l)
{
	KASSERT(mutex_owned(&p->p_lock));
	atomic_store_release(lid_slot(p->p_lidtab, l->l_lid), (uint64_t)l);
}

void
lid_free(struct proc *p, lwpid_t lid)
{
	struct lidtab *lt = p->p_lidtab;

	KASSERT(mutex_owned(&p->p_lock));
	atomic_store_release(lid_slot(lt, lid), link_make(0, lt->lt_created));
	if (lt->lt_tail != 0) {
		volatile uint64_t *tail = lid_slot(lt, (lwpid_t)lt->lt_tail);

		*tail = link_make((uint32_t)lid, link_created(*tail));
	} else {
		lt->lt_head = (uint32_t)lid;
	}
	lt->lt_tail = (uint32_t)lid;
}

/* After execve the process is like new: its LWP is number 1 and the next one 2. */
void
lid_reset(struct proc *p, struct lwp *l)
{
	struct lidtab *lt = p->p_lidtab;

	KASSERT(mutex_owned(&p->p_lock));
	KASSERT(p->p_nlwps == 1);
	for (uint32_t i = 0; i < LID_PAGES && lt->lt_page[i] != NULL; i++)
		memset(lt->lt_page[i], 0, LID_PAGE * sizeof(uint64_t));
	lt->lt_fresh = 2;
	lt->lt_head = lt->lt_tail = 0;
	lt->lt_created = 1;
	lwp_lock(l);
	l->l_lid = 1;
	lwp_unlock(l);
	lid_publish(p, l);
}

static struct lwp *
slot_lwp(uint64_t slot)
{
	return (slot & 1) == 0 ? (struct lwp *)slot : NULL;
}

struct lwp *
lid_find(struct proc *p, lwpid_t lid)
{
	volatile uint64_t *slot = lid_slot(p->p_lidtab, lid);

	KASSERT(mutex_owned(&p->p_lock));
	return slot != NULL ? slot_lwp(*slot) : NULL;
}

struct lwp *
lid_peek(const struct proc *p, lwpid_t lid)
{
	volatile uint64_t *slot = lid_slot(p->p_lidtab, lid);

	return slot != NULL ? slot_lwp(atomic_load_acquire(slot)) : NULL;
}

/* It is another LWP by now, or none. */
static rarely_called struct lwp *
lid_not_found(struct lwp *l)
{
	lwp_unlock(l);
	return NULL;
}

struct lwp *
lid_find_locked(struct proc *p, lwpid_t lid)
{
	struct lwp *l = lid_peek(p, lid);

	KASSERT(p == curproc || mutex_owned(&p->p_lock));
	if (l == NULL)
		return NULL;
	lwp_lock(l);
	if (predict_true(l->l_lid == lid && l->l_proc == p && l->l_stat != LSIDL &&
	        (l->l_flag & LW_EXITING) == 0))
		return l;
	return lid_not_found(l);
}
