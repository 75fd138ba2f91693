/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Object pools: memory for objects of one size, with a cache on every CPU.
 *
 * What it is.  An object's memory is carved from a slab (a page, or a run of
 * pages for large objects) when it is first needed, given to the constructor
 * once, and from then on goes back and forth between its users and the pool.
 * Slabs are never given back: who holds a stale pointer to an object still
 * points to an object of this kind.
 *
 * Where an object is
 *	fresh    behind p_fresh: not carved yet
 *	raw      on p_raw: carved, but its constructor failed; p_ctor has to run
 *	depot    on p_depot: made and free
 *	cached   on a CPU's list: made and free
 *	in use   its owner's
 *
 * Free objects are linked by a word in their memory.  A pool with a constructor
 * has that word after the object, so that a free object stays as its last user
 * left it.  In debug kernels every pool has: then all of a free object without
 * constructor can be filled with a pattern, that is checked on get, and the word
 * says that the object is in use, which put checks.
 *
 * Locks.  A CPU's list belongs to that CPU with interrupts off.  p_lock covers
 * the rest of the pool.  Its only inner lock is that of the page allocator.
 * Counters are a CPU's own and summed when somebody asks: exact once the
 * pool is quiet.
 *
 * What it does not handle.  Free objects in the caches of other CPUs (at most
 * 2 * POOL_BATCH each) are not taken back when memory runs out.
 */
#include <kern/cpu.h>
#include <kern/kasan.h>
#include <kern/md.h>
#include <kern/pool.h>
#include <kern/spin.h>
#include <sys/heddle.h>

#include "mem_impl.h"

#define POOL_BATCH 16
#define POOL_MAX 48

/* o: only this CPU, interrupts off; the counters are read by anyone. */
struct pool_cache {
	void *pc_free;     /* o: list of made, free objects */
	uint32_t pc_count; /* o: how many */
	uint64_t pc_gets;  /* o: objects ever handed out here */
	uint64_t pc_puts;  /* o: objects ever taken back here */
	uint64_t pc_fails; /* o: times that there was none */
} cacheline_aligned;

/* Lock letters: c = constant; d = p_lock. */
struct pool {
	const char *p_name;        /* c */
	size_t p_size;             /* c: of an object */
	size_t p_stride;           /* c: from one object to the next */
	size_t p_linkoff;          /* c: where the linking word is */
	size_t p_slab;             /* c: pages of a slab */
	int (*p_ctor)(void *);     /* c */
	struct kspin p_lock;
	void *p_depot;             /* d: list of made, free objects */
	void *p_raw;               /* d: list of objects not made */
	char *p_fresh;             /* d: what is left of the newest slab */
	size_t p_nfresh;           /* d: in objects */
	uint64_t p_carved;         /* d: objects ever carved */
	uint64_t p_pages;          /* d: pages held */
	struct pool_cache p_cpu[MAXCPUS];
};

static struct pool pools[POOL_MAX]; /* the first npools are constant */
static size_t npools;               /* boot only */

static inline void **
pool_link(const struct pool *p, void *obj)
{
	return (void **)((char *)obj + p->p_linkoff);
}

static inline void
chain_push(struct pool *p, void **list, void *obj)
{
	*pool_link(p, obj) = *list;
	*list = obj;
}

static inline void *
chain_pop(struct pool *p, void **list)
{
	void *obj = *list;

	if (obj != NULL)
		*list = *pool_link(p, obj);
	return obj;
}

#ifdef DEBUG
#define POOL_PATTERN 0xddddddddddddddddUL
#define POOL_CHECKED 512 /* bytes of an object that carry the pattern */

/* The linking word of an object in use. */
static inline void *
pool_mark(const struct pool *p)
{
	return (void *)((uintptr_t)p | 1);
}

/* An object leaves the pool; `made`: it has been free before. */
static void
pool_check_get(struct pool *p, void *obj, bool made)
{
	uint64_t *word = obj;
	size_t i, n = umin(p->p_size, POOL_CHECKED) / sizeof(*word);

	*pool_link(p, obj) = pool_mark(p);
	if (!made || p->p_ctor != NULL)
		return;
	for (i = 0; i < n; i++) {
		if (word[i] != POOL_PATTERN)
			panic("pool %s: object %p was written to at offset %zu while it was free",
			    p->p_name, obj, i * sizeof(*word));
	}
}

static void
pool_check_put(struct pool *p, void *obj)
{
	uint64_t *word = obj;
	size_t i, n = umin(p->p_size, POOL_CHECKED) / sizeof(*word);

	if (*pool_link(p, obj) != pool_mark(p))
		panic("pool %s: %p is freed, and is not an object in use", p->p_name, obj);
	for (i = 0; p->p_ctor == NULL && i < n; i++)
		word[i] = POOL_PATTERN;
}
#else
#define pool_check_get(p, obj, made) ((void)0)
#define pool_check_put(p, obj) ((void)0)
#endif

/* Where the linking word is, and so how far objects are apart. */
static void
pool_layout(struct pool *p, size_t align)
{
	bool inside = p->p_ctor == NULL;

#ifdef DEBUG
	inside = false;
#endif
	p->p_linkoff = inside ? 0 : roundup2(p->p_size, sizeof(void *));
	p->p_stride = inside ? umax(p->p_size, sizeof(void *)) : p->p_linkoff + sizeof(void *);
	p->p_stride = roundup2(p->p_stride, align);
	p->p_slab = round_page(p->p_stride) >> PAGE_SHIFT;
}

struct pool *
pool_create(const char *name, size_t size, size_t align, int (*ctor)(void *obj))
{
	struct pool *p;

	KASSERT((align & (align - 1)) == 0 && align <= PAGE_SIZE);
	if (npools == POOL_MAX)
		panic("too many pools: no room for %s", name);
	p = &pools[npools++];
	p->p_name = name;
	p->p_size = size;
	p->p_ctor = ctor;
	spin_init(&p->p_lock, name);
	pool_layout(p, align == 0 ? 16 : align);
	return p;
}

/* Memory for objects, cleared; NULL: none. */
static void *
slab_alloc(struct pool *p)
{
	paddr_t pa;

	if (p->p_slab > 1)
		return kva_map_pages(p->p_slab);
	pa = page_take(true);
	return pa == 0 ? NULL : md_direct_map(pa);
}

/* Divide a new slab.  Called with p_lock held. */
static void
slab_add(struct pool *p, char *slab)
{
	size_t i, n = (p->p_slab << PAGE_SHIFT) / p->p_stride;

	/* Another CPU added one at the same time: what is left of it is kept as raw objects. */
	for (; p->p_nfresh > 0; p->p_nfresh--, p->p_fresh += p->p_stride)
		chain_push(p, &p->p_raw, p->p_fresh);
	kasan_poison(slab, p->p_slab << PAGE_SHIFT, KASAN_REDZONE);
	for (i = 0; p->p_ctor != NULL && i < n; i++)
		kasan_allow(slab + i * p->p_stride, p->p_size, p->p_stride);
	p->p_fresh = slab;
	p->p_nfresh = n;
	p->p_carved += n;
	p->p_pages += p->p_slab;
}

/* Take an object that the constructor has not seen; NULL: none.  Called with p_lock held. */
static void *
raw_take(struct pool *p)
{
	void *obj = chain_pop(p, &p->p_raw);

	if (obj == NULL && p->p_nfresh > 0) {
		obj = p->p_fresh;
		p->p_fresh += p->p_stride;
		p->p_nfresh--;
	}
	return obj;
}

/* Memory for one object, not constructed.  NULL: no memory. */
static void *
pool_carve(struct pool *p)
{
	void *obj, *slab;

	spin_enter(&p->p_lock);
	obj = raw_take(p);
	spin_exit(&p->p_lock);
	if (obj != NULL)
		return obj;
	slab = slab_alloc(p);
	if (slab == NULL)
		return NULL;
	spin_enter(&p->p_lock);
	slab_add(p, slab);
	obj = raw_take(p);
	spin_exit(&p->p_lock);
	return obj;
}

static void
pool_count_fail(struct pool *p)
{
	bool on = md_intr_disable();

	p->p_cpu[curcpu()->ci_index].pc_fails++;
	md_intr_restore(on);
}

/* Make an object.  NULL: no memory. */
static void *
pool_make(struct pool *p)
{
	void *obj = pool_carve(p);
	bool on;

	if (obj != NULL && p->p_ctor != NULL && p->p_ctor(obj) != 0) {
		memset(obj, 0, p->p_size);
		spin_enter(&p->p_lock);
		chain_push(p, &p->p_raw, obj);
		spin_exit(&p->p_lock);
		obj = NULL;
	}
	if (obj == NULL) {
		pool_count_fail(p);
		return NULL;
	}
	pool_check_get(p, obj, false);
	kasan_allow(obj, p->p_size, p->p_stride);
	on = md_intr_disable();
	p->p_cpu[curcpu()->ci_index].pc_gets++;
	md_intr_restore(on);
	return obj;
}

/* Bring up to a batch from the depot into the CPU's empty list.  Interrupts off. */
static void
cache_fill(struct pool *p, struct pool_cache *pc)
{
	void *obj;

	if (atomic_load_relaxed(&p->p_depot) == NULL)
		return;
	spin_enter(&p->p_lock);
	while (pc->pc_count < POOL_BATCH && (obj = chain_pop(p, &p->p_depot)) != NULL) {
		chain_push(p, &pc->pc_free, obj);
		pc->pc_count++;
	}
	spin_exit(&p->p_lock);
}

/* Move a batch from the CPU's list to the depot.  Interrupts off. */
static void
cache_drain(struct pool *p, struct pool_cache *pc)
{
	int i;

	spin_enter(&p->p_lock);
	for (i = 0; i < POOL_BATCH; i++)
		chain_push(p, &p->p_depot, chain_pop(p, &pc->pc_free));
	pc->pc_count -= POOL_BATCH;
	spin_exit(&p->p_lock);
}

void *
pool_get(struct pool *p)
{
	struct pool_cache *pc;
	void *obj;
	bool on;

	if (predict_false(fail_alloc())) {
		pool_count_fail(p);
		return NULL;
	}
	on = md_intr_disable();
	pc = &p->p_cpu[curcpu()->ci_index];
	if (predict_false(pc->pc_count == 0))
		cache_fill(p, pc);
	if (predict_false(pc->pc_count == 0)) {
		md_intr_restore(on);
		return pool_make(p);
	}
	obj = chain_pop(p, &pc->pc_free);
	pc->pc_count--;
	pc->pc_gets++;
	md_intr_restore(on);
	pool_check_get(p, obj, true);
	kasan_allow(obj, p->p_size, p->p_stride);
	return obj;
}

void
pool_put(struct pool *p, void *obj)
{
	struct pool_cache *pc;
	bool on;

	pool_check_put(p, obj);
	if (p->p_ctor == NULL)
		kasan_poison(obj, p->p_stride, KASAN_FREE_OBJECT);
	on = md_intr_disable();
	pc = &p->p_cpu[curcpu()->ci_index];
	if (predict_false(pc->pc_count >= 2 * POOL_BATCH))
		cache_drain(p, pc);
	chain_push(p, &pc->pc_free, obj);
	pc->pc_count++;
	pc->pc_puts++;
	md_intr_restore(on);
}

static void
pool_describe(struct pool *p, struct heddle_pool *hl)
{
	uint64_t puts = 0;
	int i;

	memset(hl, 0, sizeof(*hl));
	strlcpy(hl->hl_name, p->p_name, sizeof(hl->hl_name));
	hl->hl_size = p->p_size;
	for (i = 0; i < MAXCPUS; i++) {
		hl->hl_gets += atomic_load_relaxed(&p->p_cpu[i].pc_gets);
		hl->hl_fails += atomic_load_relaxed(&p->p_cpu[i].pc_fails);
		puts += atomic_load_relaxed(&p->p_cpu[i].pc_puts);
	}
	spin_enter(&p->p_lock);
	hl->hl_inuse = hl->hl_gets - puts;
	hl->hl_free = p->p_carved - hl->hl_inuse;
	hl->hl_pages = p->p_pages;
	spin_exit(&p->p_lock);
}

size_t
pool_report(struct heddle_pool *out, size_t n)
{
	size_t i;

	for (i = 0; i < npools && i < n; i++)
		pool_describe(&pools[i], &out[i]);
	return npools;
}

uint64_t
pool_pages(void)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < npools; i++)
		sum += atomic_load_relaxed(&pools[i].p_pages);
	return sum;
}

uint64_t
pool_objects(void)
{
	uint64_t sum = 0;
	size_t i;
	int c;

	for (i = 0; i < npools; i++) {
		for (c = 0; c < MAXCPUS; c++) {
			sum += atomic_load_relaxed(&pools[i].p_cpu[c].pc_gets);
			sum -= atomic_load_relaxed(&pools[i].p_cpu[c].pc_puts);
		}
	}
	return sum;
}
