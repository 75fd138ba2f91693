/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace: a ring of records a CPU.
 *
 * What it is.  When something happens to an LWP, the place in the kernel where it
 * happens (TRACE(...)) calls one of the functions below, which writes a record
 * of 32 bytes into the ring of its CPU.  A full ring loses its oldest records: r_head counts all
 * that were ever written, so what is lost is known.  Nothing is copied out of the kernel one by one:
 * the host finds trace_info and the rings in the memory of the machine, gdb too, and
 * {CTL_VENDOR, HEDDLE_TRACELOG} tells the end of it to programs.
 *
 * What it costs.  Off: one no-op a trace point; system calls, nothing (md_trace_patch).
 *
 * Which lock covers what.  A ring is written by its own CPU only, with interrupts off.  Readers on other
 * CPUs stop no writer; see trace_next.  trace_lock covers turning on and off: who reads while the machine
 * runs holds it (trace_hold), else a ring that starts anew would give a cursor records that are half written.
 *
 * The order of records.  By time, which is the same clock on all CPUs.  A change of an LWP's state is
 * recorded with its lock held, so the changes of one LWP are in order.
 *
 * What is known from the start.  When tracing is turned on, the state and names of all LWPs are
 * recorded, after the patch: each under its LWP's lock, so that no change falls between.
 *
 * What it does not handle: rings of another size without a boot (tracesize=).
 */
#include <kern/cons.h>
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/page.h>
#include <kern/proc.h>
#include <kern/sleepq.h>
#include <kern/trace.h>
#include <sys/errno.h>

#include "trace_impl.h"

#define TRACE_DEFAULT_KB 1024UL   /* a CPU's ring */
#define TRACE_MIN_KB 4UL
#define TRACE_MAX_KB (1UL << 20)
#define INTROFF_MIN_NS 2000UL     /* shorter sections are recorded only if they are a CPU's longest */

struct trace_info trace_info;
const char trace_base[1];
static struct kmutex trace_lock;
static bool trace_on; /* (trace_lock) */
static size_t ring_pages; /* (trace_lock) of all rings; read without it */

/* pid << 32 | lid */
static uint64_t
pair(const struct lwp *l)
{
	return (uint64_t)(uint32_t)l->l_proc->p_pid << 32 | (uint32_t)l->l_lid;
}

/* The next record of this CPU's ring; NULL: it has none.  Interrupts off. */
static struct trace_record *
record_next(struct trace_ring **rp)
{
	struct trace_ring *r = &trace_info.ti_ring[curcpu()->ci_index];

	*rp = r;
	if (predict_false(r->r_rec == NULL))
		return NULL;
	return &r->r_rec[r->r_head & (trace_info.ti_nrecs - 1)];
}

/*
 * A second copy of a name, in a ring of its own that all CPUs write: what has happened since would
 * soon have overwritten the first, and then nobody knew who it happened to.
 */
static void
keep_name(const struct trace_record *tr)
{
	struct trace_ring *r = &trace_info.ti_names;

	r->r_rec[__atomic_fetch_add(&r->r_head, 1, __ATOMIC_RELAXED) & (TRACE_NAMES - 1)] = *tr;
}

static void
put_id(int event, unsigned int code, pid_t pid, lwpid_t lid, uint32_t word, uint64_t arg)
{
	bool intr = md_intr_disable();
	struct trace_ring *r;
	struct trace_record *tr = record_next(&r);

	if (tr != NULL) {
		*tr = (struct trace_record){
			.tr_time = md_monotonic_ns(),
			.tr_event = (uint8_t)event,
			.tr_cpu = (uint8_t)curcpu()->ci_index,
			.tr_code = (uint16_t)code,
			.tr_pid = pid,
			.tr_lid = lid,
			.tr_word = word,
			.tr_arg = arg,
		};
		if (event == TRACE_NAME)
			keep_name(tr);
		/* After the record: a reader believes what lies before r_head. */
		atomic_store_release(&r->r_head, r->r_head + 1);
	}
	md_intr_restore(intr);
}

static void
put(int event, unsigned int code, const struct lwp *l, uint32_t word, uint64_t arg)
{
	put_id(event, code, l->l_proc->p_pid, l->l_lid, word, arg);
}

/* A string constant of the kernel, as a record names it: how far it lies from trace_base. */
static uint32_t
message(const char *s)
{
	return s != NULL ? (uint32_t)(s - trace_base) : 0;
}

/* Text of up to TRACE_NAMEMAX bytes, in as many records as it takes, one behind the other. */
static void
put_text(int event, unsigned int kind, const struct lwp *l, const char *s)
{
	size_t len = strnlen(s, TRACE_NAMEMAX), n;
	struct {
		uint32_t word;
		uint64_t arg;
	} __attribute__((packed)) piece;
	bool intr = md_intr_disable();

	_Static_assert(sizeof(piece) == TRACE_PIECE, "piece");
	for (size_t at = 0; at == 0 || at < len; at += TRACE_PIECE) {
		n = umin(len - at, TRACE_PIECE);
		memset(&piece, 0, sizeof(piece));
		memcpy(&piece, s + at, n);
		put(event, (unsigned int)(at / TRACE_PIECE) << 8 | kind, l, piece.word, piece.arg);
	}
	md_intr_restore(intr);
}

/* --- States and switches --- */

void
trace_switch_reason(int why, int unused)
{
	(void)unused;
	trace_info.ti_ring[curcpu()->ci_index].r_why = (uint8_t)why;
}

static unsigned int
switch_reason(struct trace_ring *r, const struct lwp *l)
{
	unsigned int why = r->r_why;

	r->r_why = TRACE_SW_PREEMPT;
	switch (l->l_stat) {
	case LSSLEEP:
		return TRACE_SW_SLEEP;
	case LSZOMB:
		return TRACE_SW_EXIT;
	case LSSTOP:
	case LSSUSPENDED:
		return TRACE_SW_STOP;
	case LSIDL:
		return TRACE_SW_IDLE;
	default:
		return why;
	}
}

/* In mi_switch, before ci_curlwp changes: `l` is next. */
static void
trace_switch(const struct lwp *l)
{
	struct cpu_info *ci = curcpu();
	struct lwp *old = ci->ci_curlwp;

	if (old != l)
		put(TRACE_SWITCH, switch_reason(&trace_info.ti_ring[ci->ci_index], old), old, 0, pair(l));
}

void
trace_state(const struct lwp *l, int stat)
{
	unsigned int code = (unsigned int)stat << 8 | l->l_stat;
	uintptr_t chan = 0;

	if (stat == LSONPROC)
		trace_switch(l);
	if (stat == LSSLEEP) {
		chan = l->l_syncobj == &syncobj_park ? l->l_wchan ^ (uintptr_t)l->l_proc : l->l_wchan;
		put(TRACE_STATE, code, l, message(l->l_wmesg), chan);
	} else if (l->l_lid != 0) {
		put(TRACE_STATE, code, l, 0, 0);
	}
}

void
trace_wake(const struct lwp *l, int reason)
{
	put(TRACE_WAKE, (uint16_t)reason, l, message(l->l_wmesg), pair(curlwp));
}

/* --- The life of LWPs and processes --- */

void
trace_lwp(const struct lwp *l, int event)
{
	put(event, 0, l, 0, pair(curlwp));
}

void
trace_published(const struct lwp *l, int unused)
{
	bool first = l->l_proc != curproc && (curlwp->l_flag & LW_SYSTEM) == 0;

	(void)unused;
	if (l->l_proc != curproc)
		trace_name(l, TRACE_NAMES_PROC);
	put(first ? TRACE_FORK : TRACE_CREATE, 0, l, 0, pair(curlwp));
	if (l->l_name[0] != '\0')
		trace_name(l, TRACE_NAMES_LWP);
}

void
trace_exec(const struct lwp *l, lwpid_t before)
{
	put(TRACE_EXEC, 0, l, 0, (uint32_t)before);
}

void
trace_proc_exit(const struct lwp *l, int status)
{
	put(TRACE_PEXIT, 0, l, (uint32_t)status, 0);
}

void
trace_name(const struct lwp *l, int kind)
{
	put_text(TRACE_NAME, (unsigned int)kind, l, kind == TRACE_NAMES_LWP ? l->l_name : l->l_proc->p_comm);
}

/* --- What a program does --- */

void
trace_syscall(uint64_t code, uint64_t arg0, uint64_t arg1)
{
	put(TRACE_SYSCALL, (uint16_t)umin(code, UINT16_MAX), curlwp, (uint32_t)arg1, arg0);
}

void
trace_sysret(uint64_t code, int error, uint64_t result)
{
	put(TRACE_SYSRET, (uint16_t)umin(code, UINT16_MAX), curlwp, (uint32_t)error, result);
}

void
trace_send(const struct proc *p, const struct lwp *l, int signo)
{
	put_id(TRACE_SEND, (unsigned int)signo, p->p_pid, l != NULL ? l->l_lid : 0, 0, pair(curlwp));
}

void
trace_signal(int signo, bool handler)
{
	put(TRACE_SIGNAL, (unsigned int)signo, curlwp, handler, 0);
}

void
trace_mark(const char *label, const void *data, size_t len)
{
	bool intr = md_intr_disable(); /* one behind the other */
	uint64_t first = 0;

	memcpy(&first, data, umin(len, sizeof(first)));
	put_text(TRACE_MARK, 0, curlwp, label);
	put(TRACE_MARKDATA, 0, curlwp, (uint32_t)len, first);
	md_intr_restore(intr);
}

/* --- Interrupts and contention --- */

void
trace_intr(int event, uint32_t code)
{
	if (event == TRACE_INTR)
		trace_info.ti_ring[curcpu()->ci_index].r_intr = (uint8_t)code;
	put(event, code & 0xff, curlwp, code >> 8, 0);
}

void
trace_intr_end(int unused1, int unused2)
{
	(void)unused1;
	(void)unused2;
	put(TRACE_INTRRET, trace_info.ti_ring[curcpu()->ci_index].r_intr, curlwp, 0, 0);
}

void
trace_intr_off(int unused1, int unused2)
{
	(void)unused1;
	(void)unused2;
	trace_info.ti_ring[curcpu()->ci_index].r_off_since = md_monotonic_ns();
}

void
trace_intr_on(uintptr_t pc, int unused)
{
	struct trace_ring *r = &trace_info.ti_ring[curcpu()->ci_index];
	uint64_t len;

	(void)unused;
	if (r->r_off_since == 0)
		return; /* it began before tracing was turned on */
	len = umin(md_monotonic_ns() - r->r_off_since, UINT32_MAX);
	r->r_off_since = 0;
	if (len < INTROFF_MIN_NS && len <= r->r_off_max)
		return;
	r->r_off_max = umax(len, r->r_off_max);
	put(TRACE_INTROFF, 0, curlwp, (uint32_t)len, pc);
}

void
trace_spin(const struct kspin *m, uint64_t since)
{
	put(TRACE_SPIN, 0, curlwp, (uint32_t)umin(md_monotonic_ns() - since, UINT32_MAX), (uintptr_t)m);
}

void
trace_mutex(const struct kmutex *m, uintptr_t owner, bool slept)
{
	const struct lwp *l = (const struct lwp *)(owner & ~KMUTEX_WAITERS);

	/* A struct lwp is never unmapped, but its process may be gone. */
	put(TRACE_MUTEX, slept, curlwp, message(m->km_name), l != NULL && l->l_lid != 0 ? pair(l) : 0);
}

/* --- On and off --- */

static size_t
ring_bytes(void)
{
	char buf[16];
	const char *p = cmdline_value("tracesize", buf, sizeof(buf));
	uint64_t kb = 0, size = TRACE_MIN_KB;

	for (; p != NULL && *p >= '0' && *p <= '9' && kb <= TRACE_MAX_KB; p++)
		kb = kb * 10 + (uint64_t)(*p - '0');
	if (p == NULL) {
		kb = TRACE_DEFAULT_KB;
	} else if (*p != '\0' || kb < TRACE_MIN_KB || kb > TRACE_MAX_KB) {
		kwarn("tracesize=%s: not a number of KiB from %lu to %lu: %lu is taken\n", buf, TRACE_MIN_KB,
		    TRACE_MAX_KB, TRACE_DEFAULT_KB);
		kb = TRACE_DEFAULT_KB;
	}
	while (size * 2 <= kb)
		size *= 2;
	return size * 1024;
}

static int
ring_alloc(struct trace_ring *r, size_t bytes)
{
	if (r->r_rec != NULL)
		return 0;
	r->r_pa = page_alloc_contig(bytes / PAGE_SIZE);
	if (r->r_pa == 0)
		return ENOMEM;
	r->r_rec = md_direct_map(r->r_pa);
	atomic_store_relaxed(&ring_pages, ring_pages + bytes / PAGE_SIZE);
	return 0;
}

void
trace_hold(void)
{
	mutex_enter(&trace_lock);
}

void
trace_release(void)
{
	mutex_exit(&trace_lock);
}

size_t
trace_pages(void)
{
	return atomic_load_relaxed(&ring_pages);
}

/* All the rings, the first time.  (trace_lock) */
static int
rings_alloc(void)
{
	size_t bytes = ring_bytes();
	int error = 0;

	if (trace_info.ti_nrecs == 0)
		trace_info.ti_nrecs = (uint32_t)(bytes / sizeof(struct trace_record));
	for (uint32_t i = 0; error == 0 && i < ncpu; i++)
		error = ring_alloc(&trace_info.ti_ring[i], bytes);
	if (error == 0)
		error = ring_alloc(&trace_info.ti_names, TRACE_NAMES * sizeof(struct trace_record));
	if (error != 0)
		return error; /* what there is already is there for the next attempt */
	trace_info.ti_ncpu = ncpu;
	trace_info.ti_recsize = sizeof(struct trace_record);
	trace_info.ti_ringsize = sizeof(struct trace_ring);
	trace_info.ti_base = (uintptr_t)trace_base;
	memcpy(trace_info.ti_magic, TRACE_MAGIC, sizeof(trace_info.ti_magic));
	return 0;
}

static void
snapshot_proc(struct proc *p)
{
	struct lwp *l;

	mutex_enter(&p->p_lock);
	TAILQ_FOREACH(l, &p->p_lwps, l_sibling) {
		if (l == TAILQ_FIRST(&p->p_lwps))
			trace_name(l, TRACE_NAMES_PROC);
		if (l->l_name[0] != '\0')
			trace_name(l, TRACE_NAMES_LWP);
		lwp_lock(l);
		put(TRACE_STATE, (unsigned int)l->l_stat << 8, l,
		    l->l_stat == LSSLEEP ? message(l->l_wmesg) : l->l_cpu->ci_index, 0);
		lwp_unlock(l);
	}
	mutex_exit(&p->p_lock);
}

static void
snapshot(void)
{
	struct proc *p;

	mutex_enter(&proclist_lock);
	LIST_FOREACH(p, &allproc, p_list)
		snapshot_proc(p);
	mutex_exit(&proclist_lock);
}

static int
trace_start(void)
{
	int error = rings_alloc();

	if (error != 0)
		return error;
	/* Nobody writes: tracing is off. */
	for (uint32_t i = 0; i < trace_info.ti_ncpu; i++) {
		trace_info.ti_ring[i].r_head = 0;
		trace_info.ti_ring[i].r_off_since = 0;
		trace_info.ti_ring[i].r_off_max = 0;
		trace_info.ti_ring[i].r_why = TRACE_SW_PREEMPT;
	}
	trace_info.ti_names.r_head = 0;
	put(TRACE_BEGIN, 0, curlwp, trace_info.ti_ncpu, trace_info.ti_nrecs);
	md_trace_patch(true);
	snapshot();
	return 0;
}

int
trace_set(bool on)
{
	int error = 0;

	mutex_enter(&trace_lock);
	if (on && !trace_on) {
		error = trace_start();
	} else if (!on && trace_on) {
		md_trace_patch(false);
		put(TRACE_END, 0, curlwp, 0, 0);
	}
	if (error == 0)
		trace_on = on;
	trace_info.ti_on = trace_on;
	mutex_exit(&trace_lock);
	return error;
}

void
trace_boot(void)
{
	mutex_init(&trace_lock, "trace");
	if (cmdline_flag("trace") && trace_set(true) != 0)
		kwarn("trace: no memory for the rings (tracesize=)\n");
}

void
trace_stat(struct heddle_trace *ht)
{
	memset(ht, 0, sizeof(*ht));
	mutex_enter(&trace_lock);
	ht->ht_on = trace_on;
	ht->ht_cpus = (int32_t)trace_info.ti_ncpu;
	ht->ht_size = trace_info.ti_nrecs;
	for (uint32_t i = 0; i < trace_info.ti_ncpu; i++) {
		uint64_t head = atomic_load_acquire(&trace_info.ti_ring[i].r_head);

		ht->ht_written += head;
		ht->ht_lost += head > ht->ht_size ? head - ht->ht_size : 0;
	}
	mutex_exit(&trace_lock);
}
