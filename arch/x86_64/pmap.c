/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables.
 *
 * What it is.  A pmap is a top-level page table whose upper half is the
 * kernel's, the same in all of them and never changed after boot, and whose lower half
 * belongs to one process.  A table of user pages is there as long as it has an
 * entry that is not 0: the entry that points to it counts them, in bits that the
 * processor ignores there.  An entry of the last level that is not 0 but not
 * present either is a page to which nobody has any right (PROT_NONE).
 *
 * The processor never writes to these tables, so that nothing is lost when we
 * do: accessed and dirty are set from the beginning.
 *
 * Who has it loaded.  pm_cpus has a bit for every CPU whose CR3 points to pm_root.
 * The bit is set before CR3 is loaded and cleared after CR3 is loaded with
 * something else.  A kernel thread keeps what it finds, so a CPU may have a pmap
 * loaded that none of its LWPs uses: at the first shootdown that hits a kernel
 * thread, the CPU drops it.
 *
 * Shootdown.  Whoever takes rights away changes the entries, then reads pm_cpus,
 * with a memory barrier between.  A CPU that loads the pmap sets its bit, with a
 * barrier, before it can read an entry.  So either the one sees the bit, and
 * tells the other CPU; or the other sees the entry as it is now.  Pages and
 * tables are freed after all have answered.  Rights that are added need no
 * message: a CPU that does not know them yet faults, which makes it forget the
 * address, and looks again.
 *
 * Locks.  The entries of user pages belong to vm_lock of their address space.
 * Kernel pages have no lock: their entries belong to who owns the addresses, and a
 * new table is put in by compare-and-swap.  mc_pmap belongs to its CPU with
 * interrupts off.  Functions that "may wait" wait for other CPUs to answer, with
 * interrupts on and no spin lock held; they do not sleep.
 *
 * What it does not handle.  No large pages in user space, no PCIDs.  Tables of
 * kernel pages are kept for ever.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/page.h>
#include <kern/pool.h>
#include <machine/cpufunc.h>
#include <machine/pmap.h>
#include <sys/errno.h>

#define PTE_COUNT_ONE (1UL << 52) /* entries of the table that an entry points to: bits 52 - 61 */
#define PTE_COUNT_MASK (0x3ffUL << 52)
#define PTE_TABLE (PTE_P | PTE_W | PTE_U | PTE_A)
#define PTE_KTABLE (PTE_P | PTE_W | PTE_A)

#define LEVELS 4
#define TLB_SINGLE 16   /* more pages than this: drop the whole TLB */
#define GATHER_PAGES 48 /* unmapped at a time */

static inline int
level_shift(int level)
{
	return PT_SHIFT1 + 9 * (level - 1);
}

static inline pte_t *
pte_table(pte_t entry)
{
	return md_direct_map(entry & PTE_FRAME);
}

static inline pte_t
pte_read(const pte_t *pte)
{
	return atomic_load_relaxed(pte);
}

static inline void
pte_write(pte_t *pte, pte_t v)
{
	atomic_store_relaxed(pte, v);
}

/* The entry for a user page. */
static pte_t
pte_make(paddr_t pa, int prot)
{
	pte_t pte = pa | PTE_U | PTE_A;

	if (prot != 0)
		pte |= PTE_P;
	if ((prot & PMAP_WRITE) != 0)
		pte |= PTE_W | PTE_D;
	if ((prot & PMAP_EXEC) == 0)
		pte |= PTE_NX;
	return pte;
}

static int
pte_prot(pte_t pte)
{
	if ((pte & PTE_P) == 0)
		return 0;
	return PMAP_READ | (pte & PTE_W ? PMAP_WRITE : 0) | (pte & PTE_NX ? 0 : PMAP_EXEC);
}

static inline void
words_zero(void *p, size_t n)
{
	__asm__ volatile("rep stosq" : "+D"(p), "+c"(n) : "a"(0UL) : "memory");
}

static inline void
words_copy(void *d, const void *s, size_t n)
{
	__asm__ volatile("rep movsq" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
}

void
md_page_zero(paddr_t pa)
{
	words_zero(md_direct_map(pa), PAGE_SIZE / 8);
}

void
md_page_copy(paddr_t dst, paddr_t src)
{
	words_copy(md_direct_map(dst), md_direct_map(src), PAGE_SIZE / 8);
}

/* ---- Which address space is loaded ---- */

/* Load pm, NULL = only the kernel's.  Interrupts off. */
static void
load(struct pmap *pm)
{
	struct cpu_info *ci = curcpu();
	struct pmap *old = ci->ci_md.mc_pmap;
	uint64_t bit = 1UL << ci->ci_index;

	KASSERT(!md_intr_enabled());
	if (old == pm)
		return;
	if (pm != NULL)
		atomic_or(&pm->pm_cpus, bit);
	lcr3(pm != NULL ? pm->pm_root : kernel_pml4);
	ci->ci_md.mc_pmap = pm;
	if (old != NULL)
		atomic_and(&old->pm_cpus, ~bit);
}

void
pmap_load(struct pmap *pm)
{
	if (pm != NULL)
		load(pm);
}

void
pmap_activate(struct pmap *pm)
{
	bool on = md_intr_disable();

	curlwp->l_md.md_pmap = pm;
	load(pm);
	md_intr_restore(on);
}

/* ---- Telling other CPUs ---- */

/* Addresses whose entries have lost rights. */
struct shootdown {
	struct pmap *sd_pmap;
	size_t sd_n; /* how many; more than TLB_SINGLE: not all are in sd_va */
	vaddr_t sd_va[TLB_SINGLE];
};

static void
shootdown_add(struct shootdown *sd, vaddr_t va)
{
	if (sd->sd_n < TLB_SINGLE)
		sd->sd_va[sd->sd_n] = va;
	sd->sd_n++;
}

/* On a CPU that may have the pmap loaded: forget the addresses. */
static void
shootdown_here(void *arg)
{
	struct shootdown *sd = arg;
	bool on = md_intr_disable();
	size_t i;

	if (curcpu()->ci_md.mc_pmap == sd->sd_pmap) {
		if (curlwp->l_md.md_pmap == NULL)
			load(NULL);
		else if (sd->sd_n > TLB_SINGLE)
			lcr3(sd->sd_pmap->pm_root);
		else
			for (i = 0; i < sd->sd_n; i++)
				invlpg(sd->sd_va[i]);
	}
	md_intr_restore(on);
}

/* On a CPU that may have the pmap loaded, which nobody needs any more. */
static void
drop_here(void *arg)
{
	bool on = md_intr_disable();

	if (curcpu()->ci_md.mc_pmap == arg)
		load(NULL);
	md_intr_restore(on);
}

/* Call fn(arg) on all CPUs that have pm loaded; returns when they have done it. */
static void
tell(struct pmap *pm, void (*fn)(void *), void *arg)
{
	uint64_t loaded, self;

	KASSERT(md_intr_enabled());
	kpreempt_disable();
	/* The entries were written before pm_cpus is read: see the top of the file. */
	membar_sync();
	self = 1UL << curcpu()->ci_index;
	loaded = atomic_load_relaxed(&pm->pm_cpus);
	if ((loaded & self) != 0)
		fn(arg);
	if ((loaded & ~self) != 0)
		md_call_others(loaded & ~self, fn, arg);
	kpreempt_enable();
}

static void
shootdown_run(struct shootdown *sd)
{
	if (sd->sd_n > 0)
		tell(sd->sd_pmap, shootdown_here, sd);
	sd->sd_n = 0;
}

/* ---- Making and unmaking ---- */

struct pmap *
pmap_create(void)
{
	struct pmap *pm = kmem_alloc(sizeof(*pm));
	pte_t *top, *kernel;

	if (pm == NULL)
		return NULL;
	pm->pm_root = page_alloc(false);
	if (pm->pm_root == 0) {
		kmem_free(pm, sizeof(*pm));
		return NULL;
	}
	pm->pm_top = pm->pm_root;
	top = md_direct_map(pm->pm_root);
	kernel = md_direct_map(kernel_pml4);
	words_zero(top, PT_KERNEL_FIRST);
	words_copy(top + PT_KERNEL_FIRST, kernel + PT_KERNEL_FIRST, PT_ENTRIES - PT_KERNEL_FIRST);
	return pm;
}

void
pmap_destroy(struct pmap *pm)
{
	KASSERT((pm->pm_top & PTE_COUNT_MASK) == 0);
	KASSERT(curlwp->l_md.md_pmap != pm);
	tell(pm, drop_here, pm);
	KASSERT(pm->pm_cpus == 0);
	page_free(pm->pm_root);
	kmem_free(pm, sizeof(*pm));
}

/* ---- Finding entries ---- */

/* The entry for va, NULL if there is no table for it. */
static pte_t *
pte_find(struct pmap *pm, vaddr_t va)
{
	pte_t *entry = &pm->pm_top;
	int level;

#pragma GCC unroll 4
	for (level = LEVELS; level > 0; level--) {
		entry = &pte_table(*entry)[PT_INDEX(va, level_shift(level))];
		if (level > 1 && *entry == 0)
			return NULL;
	}
	return entry;
}

/*
 * The entry for va, with tables made as needed; *up is the entry that counts it.
 * NULL: no memory; empty tables may be left.
 */
static pte_t *
pte_need(struct pmap *pm, vaddr_t va, pte_t **up)
{
	pte_t *entry = &pm->pm_top;
	paddr_t pa;
	int level;

#pragma GCC unroll 4
	for (level = LEVELS; level > 0; level--) {
		*up = entry;
		entry = &pte_table(**up)[PT_INDEX(va, level_shift(level))];
		if (level > 1 && *entry == 0) {
			pa = page_alloc(true);
			if (pa == 0)
				return NULL;
			pte_write(entry, pa | PTE_TABLE);
			pte_write(*up, **up + PTE_COUNT_ONE);
		}
	}
	return entry;
}

/*
 * A walk over the entries of a range of addresses: w_leaf is called for every
 * page, and may set its entry to 0; a table without entries is taken out and
 * handed to w_table.
 */
struct walk {
	void (*w_leaf)(struct walk *w, vaddr_t va, pte_t *pte, pte_t *up);
	void (*w_table)(struct walk *w, vaddr_t va, paddr_t table);
	void *w_arg;
};

static void
entry_clear(pte_t *entry, pte_t *up)
{
	pte_write(entry, 0);
	pte_write(up, *up - PTE_COUNT_ONE);
}

static void walk_table(struct walk *w, pte_t *up, int level, vaddr_t start, vaddr_t end);

/* Visit an entry, not 0, of the table that `up` points to; it maps [start, end) and perhaps more. */
static inline void
walk_entry(struct walk *w, pte_t *up, pte_t *entry, int level, vaddr_t start, vaddr_t end)
{
	pte_t old;

	if (level == 1) {
		w->w_leaf(w, start, entry, up);
		return;
	}
	walk_table(w, entry, level - 1, start, end);
	old = *entry;
	if ((old & PTE_COUNT_MASK) == 0) {
		entry_clear(entry, up);
		w->w_table(w, start, old & PTE_FRAME);
	}
}

/* Walk [start, end), all of it in the table that `up`, an entry of level + 1, points to. */
static void
walk_table(struct walk *w, pte_t *up, int level, vaddr_t start, vaddr_t end)
{
	int shift = level_shift(level);
	pte_t *table = pte_table(*up);
	pte_t *entry = &table[PT_INDEX(start, shift)], *last = &table[PT_INDEX(end - 1, shift)];
	vaddr_t va, base = rounddown2(start, (vaddr_t)PT_ENTRIES << shift);
	size_t left = (*up & PTE_COUNT_MASK) / PTE_COUNT_ONE;

	/* Most tables are nearly empty: no more than the entries that are there is looked for. */
	for (; left > 0; left--, entry++) {
		while (entry <= last && *entry == 0)
			entry++;
		if (entry > last)
			break;
		va = base + ((vaddr_t)(entry - table) << shift);
		walk_entry(w, up, entry, level, umax(va, start), umin(va + (1UL << shift), end));
	}
}

static void
walk_range(struct walk *w, struct pmap *pm, vaddr_t start, vaddr_t end)
{
	walk_table(w, &pm->pm_top, LEVELS, start, end);
}

/* ---- Removing ---- */

/* Pages and tables that were unmapped and wait until all CPUs know it. */
struct gather {
	struct shootdown g_shootdown;
	void (*g_fn)(paddr_t pa, void *arg); /* gets the pages; tables are freed */
	void *g_arg;
	size_t g_n;
	paddr_t g_page[GATHER_PAGES]; /* bit 0: a table */
};

static void
gather_run(struct gather *g)
{
	size_t i;

	shootdown_run(&g->g_shootdown);
	for (i = 0; i < g->g_n; i++) {
		if ((g->g_page[i] & 1) != 0)
			page_free(g->g_page[i] & PTE_FRAME);
		else
			g->g_fn(g->g_page[i], g->g_arg);
	}
	g->g_n = 0;
}

static void
gather_add(struct gather *g, vaddr_t va, paddr_t page)
{
	if (g->g_n == GATHER_PAGES)
		gather_run(g);
	shootdown_add(&g->g_shootdown, va);
	g->g_page[g->g_n++] = page;
}

static void
remove_leaf(struct walk *w, vaddr_t va, pte_t *pte, pte_t *up)
{
	paddr_t pa = *pte & PTE_FRAME;

	entry_clear(pte, up);
	gather_add(w->w_arg, va, pa);
}

static void
remove_table(struct walk *w, vaddr_t va, paddr_t table)
{
	gather_add(w->w_arg, va, table | 1);
}

void
pmap_remove(struct pmap *pm, vaddr_t start, vaddr_t end, void (*fn)(paddr_t pa, void *arg), void *arg)
{
	struct gather g;
	struct walk w = { .w_leaf = remove_leaf, .w_table = remove_table, .w_arg = &g };

	g.g_shootdown.sd_pmap = pm;
	g.g_shootdown.sd_n = 0;
	g.g_fn = fn;
	g.g_arg = arg;
	g.g_n = 0;
	walk_range(&w, pm, start, end);
	gather_run(&g);
}

/* ---- Entering, changing, looking ---- */

/* Take away the rights that an entry gave before it changes into another page. */
static void
pte_withdraw(struct pmap *pm, vaddr_t va, pte_t *pte)
{
	struct shootdown sd = { .sd_pmap = pm };

	pte_write(pte, 0);
	shootdown_add(&sd, va);
	shootdown_run(&sd);
}

int
pmap_enter(struct pmap *pm, vaddr_t va, paddr_t pa, int prot)
{
	pte_t *up, *pte, old;

	pte = pte_need(pm, va, &up);
	if (pte == NULL) {
		/* Tables that were made for nothing go again. */
		pmap_remove(pm, va, va + PAGE_SIZE, NULL, NULL);
		return ENOMEM;
	}
	old = pte_read(pte);
	if (old == 0)
		pte_write(up, *up + PTE_COUNT_ONE);
	else if ((old & PTE_FRAME) != pa || (pte_prot(old) & ~prot) != 0)
		pte_withdraw(pm, va, pte);
	pte_write(pte, pte_make(pa, prot));
	return 0;
}

bool
pmap_extract(struct pmap *pm, vaddr_t va, paddr_t *pa, int *prot)
{
	pte_t *pte = pte_find(pm, va);

	if (pte == NULL || *pte == 0)
		return false;
	*pa = *pte & PTE_FRAME;
	*prot = pte_prot(*pte);
	return true;
}

struct protect {
	struct shootdown pr_shootdown;
	int pr_prot; /* rights that are left */
	void (*pr_fn)(vaddr_t va, paddr_t pa, int prot, void *arg); /* gets each page; may be NULL */
	void *pr_arg;
};

static void
protect_leaf(struct walk *w, vaddr_t va, pte_t *pte, pte_t *up)
{
	struct protect *pr = w->w_arg;
	int had = pte_prot(*pte), prot = had & pr->pr_prot;
	paddr_t pa = *pte & PTE_FRAME;

	(void)up;
	if (prot != had) {
		pte_write(pte, pte_make(pa, prot));
		shootdown_add(&pr->pr_shootdown, va);
	}
	if (pr->pr_fn != NULL)
		pr->pr_fn(va, pa, prot, pr->pr_arg);
}

void
pmap_protect(struct pmap *pm, vaddr_t start, vaddr_t end, int prot)
{
	struct protect pr = { .pr_shootdown.sd_pmap = pm, .pr_prot = prot };
	struct walk w = { .w_leaf = protect_leaf, .w_arg = &pr };

	walk_range(&w, pm, start, end);
	shootdown_run(&pr.pr_shootdown);
}

void
pmap_share(struct pmap *pm, vaddr_t start, vaddr_t end,
    void (*fn)(vaddr_t va, paddr_t pa, int prot, void *arg), void *arg)
{
	struct protect pr = { .pr_shootdown.sd_pmap = pm, .pr_prot = ~PMAP_WRITE, .pr_fn = fn,
		.pr_arg = arg };
	struct walk w = { .w_leaf = protect_leaf, .w_arg = &pr };

	walk_range(&w, pm, start, end);
	shootdown_run(&pr.pr_shootdown);
}

/* ---- Kernel pages ---- */

static volatile uint64_t nktables; /* a: tables of kernel addresses, made after boot */

/* The table that a kernel entry points to; made if `make`.  NULL: none, no memory. */
static pte_t *
ktable(pte_t *entry, bool make)
{
	pte_t none = 0;
	paddr_t pa;

	if (atomic_load_acquire(entry) == 0) {
		pa = make ? page_alloc(true) : 0;
		if (pa == 0)
			return NULL;
		/* Another CPU may have put one in meanwhile: then that one is used. */
		if (atomic_cas(entry, &none, pa | PTE_KTABLE))
			atomic_inc(&nktables);
		else
			page_free(pa);
	}
	return pte_table(atomic_load_acquire(entry));
}

uint64_t
pmap_ktables(void)
{
	return atomic_load_relaxed(&nktables);
}

/* The entry of a kernel page, NULL: none, no memory. */
static pte_t *
kpte(vaddr_t va, bool make)
{
	pte_t *table = md_direct_map(kernel_pml4);
	int level;

	KASSERT(va >= VM_KERNEL_BASE && va - VM_KERNEL_BASE < VM_KERNEL_SIZE);
	for (level = LEVELS; level > 1 && table != NULL; level--)
		table = ktable(&table[PT_INDEX(va, level_shift(level))], make);
	return table == NULL ? NULL : &table[PT_INDEX(va, PT_SHIFT1)];
}

int
pmap_kenter(vaddr_t va, paddr_t pa, int prot)
{
	pte_t *pte = kpte(va, true);
	pte_t new = pa | PTE_P | PTE_A | PTE_G;

	if (pte == NULL)
		return ENOMEM;
	KASSERT(*pte == 0);
	if ((prot & PMAP_WRITE) != 0)
		new |= PTE_W | PTE_D;
	if ((prot & PMAP_EXEC) == 0)
		new |= PTE_NX;
	pte_write(pte, new);
	return 0;
}

struct krange {
	vaddr_t kr_start, kr_end;
};

/* Forget the addresses of a range of kernel pages on this CPU. */
static void
kforget(void *arg)
{
	struct krange *kr = arg;
	vaddr_t va;

	for (va = kr->kr_start; va < kr->kr_end; va += PAGE_SIZE)
		invlpg(va);
}

void
pmap_kremove(vaddr_t va, size_t len)
{
	struct krange kr = { .kr_start = va, .kr_end = va + len };
	uint64_t others = 0;
	uint32_t i;

	for (; va < kr.kr_end; va += PAGE_SIZE)
		pte_write(kpte(va, false), 0);
	kpreempt_disable();
	membar_sync();
	kforget(&kr);
	for (i = 0; i < ncpu; i++) {
		if (i != curcpu()->ci_index && cpus[i]->ci_online)
			others |= 1UL << i;
	}
	if (others != 0)
		md_call_others(others, kforget, &kr);
	kpreempt_enable();
}

bool
pmap_kextract(vaddr_t va, paddr_t *pa)
{
	pte_t *pte = kpte(va, false);

	if (pte == NULL || *pte == 0)
		return false;
	*pa = *pte & PTE_FRAME;
	return true;
}
