/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KERNEL=kcsan: finds data races, by looking (-fsanitize=thread calls us before each access).
 *
 * What it is.  Now and then a plain access of a CPU becomes a watch: its address stands in a slot,
 * and the CPU waits a moment with interrupts off.  Every access of every CPU first looks at the slot
 * that its own address hashes to.  One that finds a watch of another CPU that it conflicts with has
 * found a race: two CPUs in the same place, at the same time, with nothing between them.  Both are
 * named, and the machine ends with the report of a panic while the watcher still stands there.
 *
 * What conflicts.  Two accesses to the same byte, one of them a write, and
 *	- both plain; or
 *	- a plain one, and a marked write (an atomic function, or volatile).
 * A plain write and a marked read do not: an aligned word is written in one piece, and
 * the reader has said that it knows (a hint that is read without the writer's lock).
 *
 * So every meant race is an atomic_load or atomic_store, or a volatile field, where it is read at least; beside it
 * stands why it is harmless.
 *
 * What it does not handle.  Races that nobody runs into while somebody watches.  One CPU:
 * an interrupt's access is never seen.  Assembly code.  Accesses across eight bytes,
 * beyond the first eight.  Missing barriers: it knows no order.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/pool.h>

#define SLOTS 256
#define EVERY 2048 /* accesses of a CPU between two watches */
#define WATCH 64   /* pauses that a watch lasts */
#define HIT_WAIT 10000000

#define ADDR_MASK ((1UL << 48) - 1)
#define SIZE_SHIFT 48
#define CPU_SHIFT 54
#define WRITE_BIT (1UL << 62)
#define HIT_BIT (1UL << 63)

enum kind { READ, WRITE, MARKED_READ, MARKED_WRITE };

static struct watch {
	volatile uint64_t w_what; /* a: address, size, CPU, write, hit; 0 = free */
	volatile uintptr_t w_pc;  /* of the watcher, while w_what is not 0 */
} cacheline_aligned watches[SLOTS];

static uint32_t skipped[MAXCPUS][16]; /* [i][0]: CPU i's own, a line each */

static inline struct watch *
slot_of(uintptr_t va)
{
	return &watches[((va >> 3) * 0x9e3779b97f4a7c15UL) >> 56];
}

static inline bool
overlaps(uint64_t what, uintptr_t va, size_t len)
{
	uintptr_t start = what & ADDR_MASK, size = what >> SIZE_SHIFT & 31;

	va &= ADDR_MASK;
	return va < start + size && start < va + len;
}

/* The watcher is plain. */
static inline bool
conflicts(uint64_t what, enum kind kind)
{
	if ((what & WRITE_BIT) != 0)
		return kind != MARKED_READ;
	return kind == WRITE || kind == MARKED_WRITE;
}

static void
print_side(const char *who, uint32_t cpu, const char *how, uintptr_t pc)
{
	uintptr_t offset = 0;
	const char *name = ksyms_lookup(pc, &offset);

	kprintf("KCSAN: %s CPU %u %s by %s+0x%lx\n", who, cpu, how, name != NULL ? name : "?", offset);
}

static void __attribute__((noreturn))
race(struct watch *w, uint64_t what, uintptr_t va, size_t len, enum kind kind, uintptr_t pc)
{
	static const char *const names[] = { "reads", "writes", "reads (marked)", "writes (marked)" };
	uintptr_t other = w->w_pc;

	/* Hold the watcher where it is: its backtrace is the other half of the report. */
	(void)atomic_cas(&w->w_what, &what, what | HIT_BIT);
	print_side("the watching", what >> CPU_SHIFT & 63, (what & WRITE_BIT) != 0 ? "writes" : "reads", other);
	print_side("this", curcpu()->ci_index, names[kind], pc);
	panic("KCSAN: race for %zu bytes at %p", len, (void *)va);
}

/* Stay here for a moment, as one who reads or writes these bytes. */
static void
watch(struct watch *w, uintptr_t va, size_t len, enum kind kind, uintptr_t pc)
{
	bool intr = md_intr_disable();
	uint64_t none = 0, what = (va & ADDR_MASK) | umin(len, 8) << SIZE_SHIFT |
	    (uint64_t)curcpu()->ci_index << CPU_SHIFT | (kind == WRITE ? WRITE_BIT : 0);
	uint32_t left = WATCH;

	if (atomic_cas(&w->w_what, &none, what)) {
		w->w_pc = pc;
		while (left-- > 0)
			md_pause();
		if (__atomic_exchange_n(&w->w_what, 0, __ATOMIC_SEQ_CST) != what) {
			for (left = HIT_WAIT; left > 0; left--)
				md_pause();
		}
	}
	md_intr_restore(intr);
}

static inline void
saw(uintptr_t va, size_t len, enum kind kind, uintptr_t pc)
{
	struct watch *w = slot_of(va);
	uint64_t what = w->w_what;
	uint32_t *skip;

	if (predict_false(what != 0) && overlaps(what, va, len) && conflicts(what, kind) &&
	    (what >> CPU_SHIFT & 63) != curcpu()->ci_index && (what & HIT_BIT) == 0 && !panicking)
		race(w, what, va, len, kind, pc);
	if (kind >= MARKED_READ || ncpu == 1)
		return;
	skip = &skipped[curcpu()->ci_index][0];
	if (predict_true(++*skip < EVERY))
		return;
	/* Not always the same place of a loop. */
	*skip = (uint32_t)(pc ^ va >> 3 ^ what) % (EVERY / 4);
	if (va - curlwp->l_kstack >= KSTACK_SIZE && !panicking)
		watch(w, va, len, kind, pc);
}

static inline bool
awake(void)
{
	/* Before the second CPU is there curcpu() may not be, either. */
	return ncpu > 1;
}

/* The compiler calls these; nobody else does. */
#define PC (uintptr_t)__builtin_return_address(0)
#define ACCESS(name, kind, n)                                                   \
	void __tsan_##name##n(uintptr_t va);                                    \
	void __tsan_##name##n(uintptr_t va)                                     \
	{                                                                       \
		if (awake())                                                    \
			saw(va, n, kind, PC);                                   \
	}
#define ACCESSES(name, kind)                                                    \
	ACCESS(name, kind, 1)                                                   \
	ACCESS(name, kind, 2)                                                   \
	ACCESS(name, kind, 4)                                                   \
	ACCESS(name, kind, 8)                                                   \
	ACCESS(name, kind, 16)
ACCESSES(read, READ)
ACCESSES(write, WRITE)
ACCESSES(unaligned_read, READ)
ACCESSES(unaligned_write, WRITE)
ACCESSES(volatile_read, MARKED_READ)
ACCESSES(volatile_write, MARKED_WRITE)
ACCESSES(unaligned_volatile_read, MARKED_READ)
ACCESSES(unaligned_volatile_write, MARKED_WRITE)

static void
range(uintptr_t va, size_t len, enum kind kind, uintptr_t pc)
{
	for (size_t n; awake() && len > 0; va += n, len -= n) {
		n = umin(len, 8);
		saw(va, n, kind, pc);
	}
}

void __tsan_read_range(uintptr_t va, size_t len);
void
__tsan_read_range(uintptr_t va, size_t len)
{
	range(va, len, READ, PC);
}

void __tsan_write_range(uintptr_t va, size_t len);
void
__tsan_write_range(uintptr_t va, size_t len)
{
	range(va, len, WRITE, PC);
}

void __tsan_init(void);
void
__tsan_init(void)
{
	/* Nothing waits for it. */
}

/* Atomic functions: whatever order is asked for, they get the strongest. */
#define RMW(bits, op)                                                           \
	uint##bits##_t __tsan_atomic##bits##_fetch_##op(volatile uint##bits##_t *p, uint##bits##_t v, int order); \
	uint##bits##_t __tsan_atomic##bits##_fetch_##op(volatile uint##bits##_t *p, uint##bits##_t v, int order)  \
	{                                                                       \
		(void)order;                                                    \
		if (awake())                                                    \
			saw((uintptr_t)p, bits / 8, MARKED_WRITE, PC);          \
		return __atomic_fetch_##op(p, v, __ATOMIC_SEQ_CST);             \
	}
#define CAS(bits, strength)                                                     \
	int __tsan_atomic##bits##_compare_exchange_##strength(volatile uint##bits##_t *p,                        \
	    uint##bits##_t *old, uint##bits##_t v, int good, int bad);          \
	int __tsan_atomic##bits##_compare_exchange_##strength(volatile uint##bits##_t *p,                        \
	    uint##bits##_t *old, uint##bits##_t v, int good, int bad)           \
	{                                                                       \
		(void)good;                                                     \
		(void)bad;                                                      \
		if (awake())                                                    \
			saw((uintptr_t)p, bits / 8, MARKED_WRITE, PC);          \
		return __atomic_compare_exchange_n(p, old, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);        \
	}
#define ATOMICS(bits)                                                           \
	uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *p, int order);                  \
	uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *p, int order)                   \
	{                                                                       \
		(void)order;                                                    \
		if (awake())                                                    \
			saw((uintptr_t)p, bits / 8, MARKED_READ, PC);           \
		return __atomic_load_n(p, __ATOMIC_SEQ_CST);                    \
	}                                                                       \
	void __tsan_atomic##bits##_store(volatile uint##bits##_t *p, uint##bits##_t v, int order);               \
	void __tsan_atomic##bits##_store(volatile uint##bits##_t *p, uint##bits##_t v, int order)                \
	{                                                                       \
		(void)order;                                                    \
		if (awake())                                                    \
			saw((uintptr_t)p, bits / 8, MARKED_WRITE, PC);          \
		__atomic_store_n(p, v, __ATOMIC_SEQ_CST);                       \
	}                                                                       \
	uint##bits##_t __tsan_atomic##bits##_exchange(volatile uint##bits##_t *p, uint##bits##_t v, int order);  \
	uint##bits##_t __tsan_atomic##bits##_exchange(volatile uint##bits##_t *p, uint##bits##_t v, int order)   \
	{                                                                       \
		(void)order;                                                    \
		if (awake())                                                    \
			saw((uintptr_t)p, bits / 8, MARKED_WRITE, PC);          \
		return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);             \
	}                                                                       \
	RMW(bits, add)                                                          \
	RMW(bits, sub)                                                          \
	RMW(bits, and)                                                          \
	RMW(bits, or)                                                           \
	RMW(bits, xor)                                                          \
	CAS(bits, strong)                                                       \
	CAS(bits, weak)
ATOMICS(8)
ATOMICS(16)
ATOMICS(32)
ATOMICS(64)

void __tsan_atomic_thread_fence(int order);
void
__tsan_atomic_thread_fence(int order)
{
	(void)order;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void __tsan_atomic_signal_fence(int order);
void
__tsan_atomic_signal_fence(int order)
{
	(void)order;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}
