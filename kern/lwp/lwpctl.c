/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _lwp_ctl: the block by which a program sees, without a system call, whether an LWP runs,
 * where, and whether it has lost its CPU since it last looked.
 *
 * What it is.  The block of LWP n is slot n % LWPCTL_PAGE of page n / LWPCTL_PAGE of its
 * process; pages are made when the first LWP asks that has its block there, and stay until the
 * process ends or execs.  So a block is used again when its id is, which is not soon: until then
 * an LWP that has gone is seen as LWPCTL_CPU_EXITED.  A process has a page for each
 * LWPCTL_PAGE ids at most.
 *
 * Who writes it.  The kernel alone has an opinion; it never reads what it wrote, but for the
 * counter, whose value does not matter to it.  lc_curcpu and lc_pctr are written by the switch
 * (lwpctl_off, lwpctl_on) with the LWP locked, and by the LWP itself while it cannot be
 * preempted: one writer at a time.
 *
 * Why the switch cannot fault.  It goes through the direct map, to a page that the kernel holds a
 * reference to.  The program's mapping of the same page is another one, and the program may
 * unmap it, protect it or map something else there: it then sees less, and that is all.
 *
 * Why nobody writes to a page that is gone.  A page goes when the process has one LWP left, which takes
 * its own block away first (lwpctl_free_all).  All others have passed lwpctl_exited.
 *
 * fork.  The child has no blocks, nor the pages that held those of its parent, as in NetBSD: a
 * library that wants one in the child asks for it there.
 *
 * lc_pctr changes whenever the LWP leaves a CPU, be it preempted or asleep (a page fault may
 * sleep): a program that finds it unchanged has been on its CPU all the time.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/page.h>
#include <kern/pool.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/vm.h>
#include <sys/errno.h>
#include <sys/lwpctl.h>

#include "lwp_impl.h"

#define LWPCTL_PAGE (PAGE_SIZE / sizeof(struct lwpctl))
#define LWPCTL_PAGES ((LID_MAX + LWPCTL_PAGE - 1) / LWPCTL_PAGE)

struct lwpctl_page {
	paddr_t lp_pa;   /* 0: not made */
	vaddr_t lp_addr; /* where the program has it, or had */
};

struct lwpctl_table {
	struct lwpctl_page lt_page[LWPCTL_PAGES]; /* p */
};

static int
page_make(struct proc *p, struct lwpctl_page *lp)
{
	paddr_t pa = page_alloc(true);
	int error;

	if (pa == 0)
		return ENOMEM;
	user_page_count();
	error = vm_map_kernel_page(p->p_vmspace, pa, &lp->lp_addr);
	if (error != 0)
		user_page_free(pa);
	else
		lp->lp_pa = pa;
	return error;
}

static void
page_unmake(struct proc *p, struct lwpctl_page *lp)
{
	/* For want of memory it may stay mapped; it is the program's then, and nobody's block. */
	vm_unmap_kernel_page(p->p_vmspace, lp->lp_addr, lp->lp_pa);
	user_page_free(lp->lp_pa);
	lp->lp_pa = 0;
}

/* From here on the switch writes to it. */
static void
block_use(struct lwpctl *lc)
{
	kpreempt_disable();
	lc->lc_pctr = 0;
	lc->lc_curcpu = (int)curcpu()->ci_index;
	curlwp->l_lwpctl = lc;
	kpreempt_enable();
}

/* Give curlwp its block, in a page that is made if it is the first there.  ENOMEM, EFAULT.  p_lock held. */
static int
block_give(struct proc *p, struct lwpctl_page *lp, struct lwpctl **uaddr)
{
	size_t slot = (size_t)curlwp->l_lid % LWPCTL_PAGE;
	vaddr_t addr;
	bool made = lp->lp_pa == 0;
	int error;

	if (made && (error = page_make(p, lp)) != 0)
		return error;
	addr = lp->lp_addr + slot * sizeof(struct lwpctl);
	error = copyout(&addr, uaddr, sizeof(addr));
	if (error == 0 && curlwp->l_lwpctl == NULL)
		block_use((struct lwpctl *)md_direct_map(lp->lp_pa) + slot);
	else if (error != 0 && made)
		page_unmake(p, lp);
	return error;
}

int
lwpctl_attach(struct lwpctl **uaddr)
{
	struct proc *p = curproc;
	struct lwpctl_table *lt;
	int error = ENOMEM;

	mutex_enter(&p->p_lock);
	lt = p->p_lwpctl;
	if (lt == NULL)
		lt = kmem_alloc(sizeof(*lt));
	if (lt != NULL)
		error = block_give(p, &lt->lt_page[(size_t)curlwp->l_lid / LWPCTL_PAGE], uaddr);
	if (error == 0)
		p->p_lwpctl = lt;
	else if (lt != p->p_lwpctl)
		kmem_free(lt, sizeof(*lt));
	proc_unlock(p);
	return error;
}

void
lwpctl_exited(void)
{
	struct lwpctl *lc = curlwp->l_lwpctl;

	KASSERT(mutex_owned(&curproc->p_lock));
	if (lc == NULL)
		return;
	kpreempt_disable();
	curlwp->l_lwpctl = NULL;
	lc->lc_curcpu = LWPCTL_CPU_EXITED;
	kpreempt_enable();
}

void
lwpctl_free_all(void)
{
	struct proc *p = curproc;
	struct lwpctl_table *lt;

	mutex_enter(&p->p_lock);
	KASSERT(p->p_nlwps == 1);
	lwpctl_exited();
	lt = p->p_lwpctl;
	p->p_lwpctl = NULL;
	proc_unlock(p);
	if (lt == NULL)
		return;
	for (size_t i = 0; i < LWPCTL_PAGES; i++) {
		if (lt->lt_page[i].lp_pa != 0)
			user_page_free(lt->lt_page[i].lp_pa);
	}
	kmem_free(lt, sizeof(*lt));
}

void
lwpctl_off(struct lwp *l)
{
	struct lwpctl *lc = l->l_lwpctl;

	KASSERT(lwp_locked(l));
	/* Unsigned: it goes round. */
	lc->lc_pctr = (int)((unsigned int)lc->lc_pctr + 1);
	lc->lc_curcpu = LWPCTL_CPU_NONE;
}

void
lwpctl_on(struct lwp *l, const struct cpu_info *ci)
{
	KASSERT(lwp_locked(l));
	l->l_lwpctl->lc_curcpu = (int)ci->ci_index;
}
