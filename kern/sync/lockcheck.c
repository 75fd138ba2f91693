/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lock checker: debug kernels only.
 *
 * What it is.  Locks of one name are a class.  Each CPU has a list of the spin mutexes that it
 * holds, each LWP one of its adaptive mutexes.  Whoever enters a lock with others held has shown an
 * order: each of those before this one.  The orders seen since boot are a graph of classes; an
 * edge keeps the backtrace of its first sighting.  A new edge that closes a circle is a possible
 * deadlock, though nobody waits yet: it is reported with both backtraces, the one kept and the present one.
 *
 * So one run along each path is enough: the two that would have to meet never need to.
 *
 * Also noticed: a lock that is entered twice, or left by who does not hold it; an adaptive mutex
 * wanted, or the CPU given up, with a spin mutex held; interrupts on with a spin mutex held; a
 * system call that ends with a mutex held.  (User memory under a spin mutex: copy.S.)
 *
 * Locks.  A CPU's list belongs to it with interrupts off, an LWP's to the LWP.  A class and an edge are made
 * under a lock of their own, which is none of the checked ones; edges are only added.  A spin mutex that is
 * handed over in a switch stays on the list of its CPU.
 *
 * What it does not handle.  Spin mutexes are not ordered against adaptive ones: who holds a
 * spin mutex cannot wait for an adaptive one, whatever the order.  Two of one class at a time are wrong but
 * for the locks of CPUs, which have an order by number.
 */
#include <kern/cpu.h>
#include <kern/lockcheck.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/mutex.h>

#ifdef DEBUG
#define CLASSES 64
#define EDGES 256
#define FRAMES 12

struct edge {
	uint8_t e_from, e_to;
	uint8_t e_frames;
	uintptr_t e_pc[FRAMES];
};

static const char *class_name[CLASSES];    /* class_lock to add; 0 is for locks that were never made ready */
static uint32_t nclasses = 1;              /* a */
static uint64_t class_after[CLASSES];      /* a: [i] bit j: j was entered with i held */
static struct edge edges[EDGES];           /* class_lock to add */
static uint32_t nedges;                    /* a */
static volatile bool class_lock;           /* a */
static struct lockheld_list cpu_held[MAXCPUS]; /* [i]: only CPU i, with interrupts off */
static const struct kspin *cpu_wants[MAXCPUS]; /* a: [i]: what CPU i spins for */

static bool
class_enter(void)
{
	bool intr = md_intr_disable();

	while (__atomic_exchange_n(&class_lock, true, __ATOMIC_ACQUIRE))
		md_pause();
	return intr;
}

static void
class_exit(bool intr)
{
	atomic_store_release(&class_lock, false);
	md_intr_restore(intr);
}

uint8_t
lockcheck_class(const char *name)
{
	bool intr = class_enter();
	uint32_t i;

	for (i = 1; i < nclasses && strcmp(class_name[i], name) != 0; i++)
		continue;
	if (i == nclasses && i < CLASSES) {
		class_name[i] = name;
		atomic_store_release(&nclasses, i + 1);
	}
	class_exit(intr);
	if (i == CLASSES)
		panic("lock checker: no room for the class %s", name);
	return (uint8_t)i;
}

/* ---- Reports ---- */

static void
print_frame(uintptr_t pc)
{
	uintptr_t offset = 0;
	const char *name = ksyms_lookup(pc - 1, &offset);

	kprintf("    %p %s+0x%lx\n", (void *)pc, name != NULL ? name : "?", offset + 1);
}

static void
print_held(const struct lockheld_list *hl)
{
	for (uint32_t i = 0; i < hl->hl_count; i++) {
		kprintf("  held: \"%s\" %p, entered at\n", class_name[hl->hl_held[i].lh_class], hl->hl_held[i].lh_lock);
		print_frame(hl->hl_held[i].lh_pc);
	}
}

/* The way from one class to another in the graph, the backtrace of each step with it. */
static void
print_way(uint8_t from, uint8_t to, uint64_t *seen)
{
	const struct edge *e;

	for (uint32_t i = 0; i < nedges; i++) {
		e = &edges[i];
		if (e->e_from != from || (*seen >> e->e_to & 1) != 0)
			continue;
		*seen |= 1UL << e->e_to;
		if (e->e_to != to && (class_after[e->e_to] & ~*seen) == 0)
			continue;
		kprintf("lock order: \"%s\", then \"%s\" was entered at\n", class_name[from], class_name[e->e_to]);
		for (uint32_t f = 0; f < e->e_frames; f++)
			print_frame(e->e_pc[f]);
		if (e->e_to == to)
			return;
		print_way(e->e_to, to, seen);
		return;
	}
}

/* ---- The graph ---- */

/* All classes that can come after `from`. */
static uint64_t
reachable(uint8_t from)
{
	uint64_t all = 1UL << from, done = 0, left;

	while ((left = all & ~done) != 0) {
		int i = __builtin_ctzl(left);

		done |= 1UL << i;
		all |= atomic_load_relaxed(&class_after[i]);
	}
	return all;
}

static void
edge_frame(uintptr_t pc, void *arg)
{
	struct edge *e = arg;

	if (e->e_frames < FRAMES)
		e->e_pc[e->e_frames++] = pc;
}

/*
 * False: the edge would close a circle.  Looked at under class_lock: of two CPUs that show the two orders at one
 * moment, each for the first time, the second finds the edge of the first.
 */
static bool
edge_add(uint8_t from, uint8_t to)
{
	bool intr = class_enter(), circle = (reachable(to) >> from & 1) != 0;
	struct edge *e = &edges[nedges];

	if (circle) {
		class_exit(intr);
		return false;
	}
	if ((class_after[from] >> to & 1) == 0 && nedges < EDGES) {
		e->e_from = from;
		e->e_to = to;
		md_backtrace(curlwp, edge_frame, e);
		atomic_store_release(&nedges, nedges + 1);
	}
	(void)atomic_or(&class_after[from], 1UL << to);
	class_exit(intr);
	return true;
}

/* `to` is wanted with `h` held. */
static void
order(const struct lockheld *h, const void *lock, uint8_t to)
{
	uint8_t from = h->lh_class;
	uint64_t seen = 1UL << to;

	if (predict_true((atomic_load_relaxed(&class_after[from]) >> to & 1) != 0) || from == 0 || to == 0)
		return;
	if (edge_add(from, to))
		return;
	kprintf("\n");
	print_way(to, from, &seen);
	panic("possible deadlock: \"%s\" (%p) is entered with \"%s\" held; the order was the other way round before",
	    class_name[to], lock, class_name[from]);
}

/* Two of one class: right only for CPUs, by their number. */
static void
same_class(const struct lockheld *h, const void *lock, uint8_t class)
{
	const struct cpu_info *a = container_of((const struct kspin *)h->lh_lock, const struct cpu_info, ci_lock);
	const struct cpu_info *b = container_of((const struct kspin *)lock, const struct cpu_info, ci_lock);

	if (strcmp(class_name[class], "cpu") == 0 && a->ci_index < b->ci_index)
		return;
	panic("lock order: two of \"%s\", %p and then %p", class_name[class], h->lh_lock, lock);
}

/* ---- The lists ---- */

static void
note(struct lockheld_list *hl, const void *lock, uint8_t class, uintptr_t pc)
{
	if (hl->hl_count == LOCKCHECK_HELD)
		panic("lock checker: more than %d locks held", LOCKCHECK_HELD);
	hl->hl_held[hl->hl_count++] = (struct lockheld){ lock, pc, class };
}

static void
enter(struct lockheld_list *hl, const void *lock, uint8_t class, uintptr_t pc)
{
	for (uint32_t i = 0; i < hl->hl_count; i++) {
		const struct lockheld *h = &hl->hl_held[i];

		if (h->lh_lock == lock) {
			kprintf("\n");
			print_held(hl);
			panic("\"%s\" %p is entered twice", class_name[class], lock);
		}
		if (h->lh_class == class && class != 0)
			same_class(h, lock, class);
		else
			order(h, lock, class);
	}
	note(hl, lock, class, pc);
}

static bool
leave(struct lockheld_list *hl, const void *lock)
{
	uint32_t i = hl->hl_count;

	while (i > 0 && hl->hl_held[i - 1].lh_lock != lock)
		i--;
	if (i == 0)
		return false;
	hl->hl_count--;
	for (i--; i < hl->hl_count; i++)
		hl->hl_held[i] = hl->hl_held[i + 1];
	return true;
}

/* In a panic locks are passed over; then nothing is as it says. */
#define CALLER (uintptr_t)__builtin_return_address(0)

void
lockcheck_spin_enter(const struct kspin *m)
{
	if (!panicking)
		enter(&cpu_held[curcpu()->ci_index], m, m->ks_class, CALLER);
}

void
lockcheck_spin_tried(const struct kspin *m)
{
	if (!panicking)
		note(&cpu_held[curcpu()->ci_index], m, m->ks_class, CALLER);
}

void
lockcheck_spin_wait(const struct kspin *m)
{
	atomic_store_relaxed(&cpu_wants[curcpu()->ci_index], m);
}

struct lwp *
lockcheck_spins_for(const struct cpu_info *ci)
{
	const struct kspin *m = atomic_load_relaxed(&cpu_wants[ci->ci_index]);
	uint32_t cpu = m != NULL ? atomic_load_relaxed(&m->ks_cpu) : 0;

	return cpu != 0 && cpu <= ncpu ? cpus[cpu - 1]->ci_curlwp : NULL;
}

const struct lockheld_list *
lockcheck_spins(const struct cpu_info *ci)
{
	return &cpu_held[ci->ci_index];
}

void
lockcheck_spin_exit(const struct kspin *m)
{
	if (panicking)
		return;
	if (spin_owned(m) && md_intr_enabled())
		panic("interrupts are on with the spin mutex \"%s\" held", m->ks_name);
	if (!spin_owned(m) || !leave(&cpu_held[curcpu()->ci_index], m))
		panic("the spin mutex \"%s\" %p is left by CPU %u, which does not hold it", m->ks_name,
		    (const void *)m, curcpu()->ci_index);
}

/* Nothing spins while `what` may sleep. */
static void
no_spin(const char *what, const char *name, uint32_t allowed)
{
	const struct lockheld_list *hl = &cpu_held[curcpu()->ci_index];

	/* Without a spin mutex interrupts may be on, and the CPU another one in a moment: but its count is 0, too. */
	if (predict_true(curcpu()->ci_spin_depth <= allowed) || panicking)
		return;
	kprintf("\n");
	print_held(hl);
	panic("%s%s with a spin mutex held", what, name);
}

void
lockcheck_mutex_enter(const struct kmutex *m)
{
	if (panicking)
		return;
	no_spin("the mutex ", m->km_name, 0);
	enter(&curlwp->l_held, m, m->km_class, CALLER);
}

void
lockcheck_mutex_exit(const struct kmutex *m)
{
	if (!panicking && !(mutex_owned(m) && leave(&curlwp->l_held, m)))
		panic("the mutex \"%s\" %p is left by an LWP that does not hold it", m->km_name, (const void *)m);
}

void
lockcheck_switch(const struct lwp *l)
{
	no_spin("the CPU is given up", "", l->l_mutex == &curcpu()->ci_lock ? 1 : 2);
}

void
lockcheck_idle(const struct lwp *l)
{
	if (l->l_held.hl_count == 0 || panicking)
		return;
	kprintf("\n");
	print_held(&l->l_held);
	panic("an LWP goes to its program with a mutex held");
}
#endif
