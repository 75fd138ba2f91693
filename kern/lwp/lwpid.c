/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LWP ids: a table a process, from id to LWP in constant time.
 *
 * What it is.  A directory of pages of slots; the id is the slot's number, so ids
 * are small, positive, and begin with 1.  The slot of an id that has been given out holds
 *	LID_NOBODY             the LWP is not yet published; or id 0
 *	address of a struct lwp (even)
 *	a link of the free list (odd): next id, and the count of creations when it was freed
 *
 * Identity.  While an LWP is live its l_park holds lid_key(): process and id in one word, which
 * no other live LWP has.  It is written when the LWP is published and cleared, under the
 * LWP's lock, when it begins to exit.
 *
 * Reuse.  Free ids form a queue, oldest first, and the oldest is taken again only
 * after LID_QUIET other ids have been given out since it was freed.  Until then fresh
 * ones are used.  So whoever holds an id of an LWP that has gone has time to notice.
 *
 * Locks.  Changes are made with p_lock held.  lid_peek reads without: pages of
 * slots are never freed before the process is (no LWP of it runs then), lt_fresh grows when
 * the slot below it is there, a slot is one word, and what it leads to is type-stable memory.  The
 * LWP found is then asked, by l_park, whether it is the one that was meant: under its lock, or by
 * the very step that changes l_park.
 */
#include <kern/lwp.h>
#include <kern/pool.h>
#include <kern/proc.h>
#include <sys/errno.h>

#include "lwp_impl.h"

#define LID_QUIET 256
/* Else a process that has had all LWPs there can be could have no new one: all its ids would rest for ever. */
_Static_assert(LID_MAX >= LWP_LIMIT + LID_QUIET + 2, "ids are left when all have been used and none may be again");
_Static_assert((uint64_t)LID_MAX << 2 <= 1UL << 32, "an id and two bits are half a word");

/* A free slot: bit 0 set, next id in bits 1..31, lt_created at that time in bits 32..63. */
static uint64_t
link_make(uint32_t next, uint32_t created)
{
	return (uint64_t)created << 32 | (uint64_t)next << 1 | LID_NOBODY;
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

int
lid_init(struct proc *p)
{
	struct lidtab *lt = kmem_alloc(sizeof(struct lidtab));

	if (lt == NULL)
		return ENOMEM;
	p->p_lidtab = lt;
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
	link = *lid_slot(lt, lid);
	if (lt->lt_created - link_created(link) < LID_QUIET)
		return 0;
	lt->lt_head = link_next(link);
	if (lt->lt_head == 0)
		lt->lt_tail = 0;
	return lid;
}

/* An id that was never used.  The first time, two: 0 is nobody's for ever. */
static int
lid_new(const struct proc *p, uint32_t *lid)
{
	struct lidtab *lt = p->p_lidtab;
	uint32_t fresh = lt->lt_fresh;

	if (fresh >= LID_MAX)
		return EAGAIN;
	if (lt->lt_page[fresh / LID_PAGE] == NULL) {
		lt->lt_page[fresh / LID_PAGE] = kmem_alloc(LID_PAGE * sizeof(uint64_t));
		if (lt->lt_page[fresh / LID_PAGE] == NULL)
			return ENOMEM;
	}
	if (fresh == 0) {
		lt->lt_key = (uint64_t)p->p_pid << 32;
		*lid_slot(lt, fresh++) = LID_NOBODY;
	}
	*lid = fresh;
	*lid_slot(lt, fresh) = LID_NOBODY;
	atomic_store_release(&lt->lt_fresh, fresh + 1);
	return 0;
}

int
lid_alloc(struct proc *p, struct lwp *l)
{
	struct lidtab *lt = p->p_lidtab;
	uint32_t lid = lid_reuse(lt);
	int error;

	KASSERT(mutex_owned(&p->p_lock));
	if (lid == 0) {
		error = lid_new(p, &lid);
		if (error != 0)
			return error;
	}
	lt->lt_created++;
	*lid_slot(lt, lid) = LID_NOBODY;
	l->l_lid = (lwpid_t)lid;
	return 0;
}

void
lid_publish(struct proc *p, struct lwp *l)
{
	KASSERT(mutex_owned(&p->p_lock));
	atomic_store_relaxed(&l->l_park, lid_key(p->p_lidtab, l->l_lid));
	atomic_store_release(lid_slot(p->p_lidtab, (uint32_t)l->l_lid), (uint64_t)l);
}

void
lid_free(struct proc *p, lwpid_t lid)
{
	struct lidtab *lt = p->p_lidtab;

	KASSERT(mutex_owned(&p->p_lock));
	atomic_store_release(lid_slot(lt, (uint32_t)lid), link_make(0, lt->lt_created));
	if (lt->lt_tail != 0) {
		volatile uint64_t *tail = lid_slot(lt, lt->lt_tail);

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
	lt->lt_page[0][0] = LID_NOBODY;
	lt->lt_fresh = 2;
	lt->lt_head = lt->lt_tail = 0;
	lt->lt_created = 1;
	lwp_lock(l);
	l->l_lid = 1;
	lid_publish(p, l); /* with an empty token */
	lwp_unlock(l);
}

struct lwp *
lid_find(struct proc *p, lwpid_t lid)
{
	struct lwp *l;

	KASSERT(mutex_owned(&p->p_lock));
	return lid_peek(p->p_lidtab, lid, &l) ? l : NULL;
}

struct lwp *
lid_find_locked(struct proc *p, lwpid_t lid)
{
	struct lwp *l;

	KASSERT(p == curproc || mutex_owned(&p->p_lock));
	if (!lid_peek(p->p_lidtab, lid, &l))
		return NULL;
	lwp_lock_first(l);
	if (predict_true((l->l_park & ~LWP_PARKBITS) == lid_key(p->p_lidtab, lid)))
		return l;
	/* It is another LWP by now, or none. */
	lwp_unlock_last(l);
	return NULL;
}
