/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other CPUs: starting them, calling them, stopping them.
 *
 * Start.  All are told to start before any is waited for.  Each finds its struct
 * cpu_info by its APIC's number (boot/trampoline.S), sets itself up, reports
 * (CPU_HERE), and waits.  When all have reported, or the limit has passed, those
 * that have are let go (CPU_GO); one that comes later finds CPU_LEFT_OUT and halts.
 *
 * Calls (md_call_others).  A CPU has one request at a time, in its mc_call.  It sets
 * its bit in the mc_callers of each target, sends the interrupt, and waits with
 * interrupts on, so that two CPUs that call each other both get on.  A target
 * takes all bits at once: a bit that is set when another one was set already
 * needs no further interrupt.
 *
 * What it does not handle: CPUs whose time-stamp counters differ.  They are left out
 * when the difference shows at the start.
 */
#include <kern/cons.h>
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/page.h>
#include <kern/trace.h>
#include <machine/acpi.h>
#include <machine/bootinfo.h>
#include <machine/cpufunc.h>
#include <machine/fpu.h>
#include <machine/intr.h>
#include <machine/machdep.h>

/* mc_state: each is set by one side, in this order. */
enum { CPU_OFF, CPU_HERE, CPU_GO, CPU_LEFT_OUT };

#define MS 1000000UL
#define US 1000UL
#define INIT_WAIT (20 * US)       /* from the reset to the start message */
#define SECOND_START (1 * MS)     /* then another start message to those that are silent */
#define START_LIMIT (1000 * MS)   /* a host may be busy */
#define START_TICK (20 * US)      /* see mp_start */
#define STOP_LIMIT (200 * MS)
#define APICIDS 256

extern const char ap_trampoline[], ap_trampoline_end[];

/* By APIC id: CPUs on their way; boot/trampoline.S reads it. */
extern struct cpu_info *mp_starting[APICIDS];
struct cpu_info *mp_starting[APICIDS];

static uint64_t mp_start_tsc; /* before any of them was told to start */
static volatile bool stopping;

/* Report, and join the scheduler if that is wanted. */
static void __attribute__((noinline))
ap_join(struct cpu_info *ci)
{
	struct md_cpu *mc = &ci->ci_md;
	uint32_t state = CPU_OFF;

	idt_load();
	cpu_setup();
	lapic_init_cpu();
	mc->mc_tsc = rdtsc();
	if (atomic_cas(&mc->mc_state, &state, CPU_HERE)) {
		while ((state = atomic_load_acquire(&mc->mc_state)) == CPU_HERE)
			md_pause();
	}
	if (state == CPU_GO)
		cpu_hatch(ci);
}

/* Apart from the rest: where memory accesses are instrumented, they ask for curcpu(). */
void
ap_main(struct cpu_info *ci)
{
	gdt_init_cpu(ci);
	ap_join(ci);
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* A struct cpu_info with its exception stacks behind it. */
static struct cpu_info *
mp_alloc(uint32_t apicid)
{
	size_t size = round_page(sizeof(struct cpu_info)), total = size + IST_COUNT * IST_SIZE;
	paddr_t pa = page_alloc_contig(total / PAGE_SIZE);
	struct cpu_info *ci;

	if (pa == 0)
		return NULL;
	ci = md_direct_map(pa);
	memset(ci, 0, size);
	ci->ci_self = ci;
	ci->ci_md.mc_apicid = apicid;
	ci->ci_md.mc_stacks = (vaddr_t)ci + size;
	return ci;
}

/* How many CPUs there may be at most. */
static uint32_t
mp_limit(void)
{
	char buf[16];
	const char *p = cmdline_value("maxcpus", buf, sizeof(buf));
	uint32_t n = 0;

	if (p == NULL)
		return MAXCPUS;
	for (; *p >= '0' && *p <= '9' && n < MAXCPUS; p++)
		n = n * 10 + (uint32_t)(*p - '0');
	if (n == 0 || (*p != '\0' && n < MAXCPUS)) {
		kwarn("maxcpus=%s: not a number of CPUs: ignored\n", buf);
		return MAXCPUS;
	}
	return (uint32_t)umin(n, MAXCPUS);
}

/* Make a struct cpu_info for each further processor that is to be started. */
static uint32_t
mp_attach(struct cpu_info **cis)
{
	uint32_t n = 0, limit = mp_limit(), self = lapic_id();

	curcpu()->ci_md.mc_apicid = self;
	curcpu()->ci_md.mc_state = CPU_GO;
	if (bootinfo.bi_trampoline == 0)
		return 0;
	for (size_t i = 0; i < acpi.ac_ncpus && n + 1 < limit; i++) {
		uint32_t apicid = acpi.ac_apicid[i];

		if (apicid == self || mp_starting[apicid] != NULL)
			continue;
		cis[n] = mp_alloc(apicid);
		if (cis[n] == NULL || cpu_attach(cis[n]) != 0) {
			kwarn("no memory for the CPU with APIC id %u and those after it\n", apicid);
			break;
		}
		mp_starting[apicid] = cis[n++];
	}
	return n;
}

static bool
mp_reported(const struct cpu_info *ci)
{
	return atomic_load_acquire(&ci->ci_md.mc_state) != CPU_OFF;
}

/* Wait until all have reported, but not beyond `until`. */
static bool
mp_wait(struct cpu_info *const *cis, uint32_t n, uint64_t until)
{
	uint32_t i = 0;

	while (i < n) {
		if (mp_reported(cis[i])) {
			i++;
			continue;
		}
		if (md_monotonic_ns() >= until)
			return false;
		md_pause();
	}
	return true;
}

/* The messages that start the CPUs.  The second start message is for those that missed the first. */
static void
mp_wake(struct cpu_info *const *cis, uint32_t n)
{
	uint64_t begin = md_monotonic_ns();

	mp_start_tsc = rdtsc();
	for (uint32_t i = 0; i < n; i++)
		lapic_init_ap(cis[i]->ci_md.mc_apicid);
	(void)mp_wait(cis, n, begin + INIT_WAIT);
	for (uint32_t i = 0; i < n; i++)
		lapic_start_ap(cis[i]->ci_md.mc_apicid, bootinfo.bi_trampoline);
	if (mp_wait(cis, n, begin + SECOND_START))
		return;
	for (uint32_t i = 0; i < n; i++)
		if (!mp_reported(cis[i]))
			lapic_start_ap(cis[i]->ci_md.mc_apicid, bootinfo.bi_trampoline);
	(void)mp_wait(cis, n, begin + START_LIMIT);
}

/* Let a CPU go that has reported and shows our time; leave out any other. */
static void
mp_admit(struct cpu_info *ci)
{
	struct md_cpu *mc = &ci->ci_md;
	uint32_t state = CPU_OFF;

	if (atomic_cas(&mc->mc_state, &state, CPU_LEFT_OUT)) {
		kwarn("CPU %u (APIC id %u) does not start: left out\n", ci->ci_index, mc->mc_apicid);
	} else if (mc->mc_tsc < mp_start_tsc || mc->mc_tsc > rdtsc()) {
		kwarn("CPU %u (APIC id %u): its time-stamp counter differs: left out\n", ci->ci_index, mc->mc_apicid);
		atomic_store_release(&mc->mc_state, CPU_LEFT_OUT);
	} else {
		atomic_store_release(&mc->mc_state, CPU_GO);
	}
}

/*
 * A timer ticks meanwhile, for QEMU's instruction-counting mode: a CPU that is
 * reset takes the virtual time until the next timer's deadline with it, and without
 * this the next one is far away.  Nobody takes the interrupts but the last, which
 * finds nothing due; then the timer is set again to what was asked for.
 */
static void
mp_start(struct cpu_info *const *cis, uint32_t n)
{
	bool intr = md_intr_disable();

	memcpy(md_direct_map(bootinfo.bi_trampoline), ap_trampoline, (size_t)(ap_trampoline_end - ap_trampoline));
	lapic_timer_periodic(clock_lapic_ticks(START_TICK));
	mp_wake(cis, n);
	lapic_timer_once();
	md_timer_set(curcpu()->ci_timer);
	md_intr_restore(intr);
}

void
md_start_cpus(void)
{
	struct cpu_info *cis[MAXCPUS];
	uint32_t n;

	fpu_init();
	n = mp_attach(cis);
	if (n == 0)
		return;
	mp_start(cis, n);
	for (uint32_t i = 0; i < n; i++)
		mp_admit(cis[i]);
}

void
md_ipi_resched(struct cpu_info *ci)
{
	TRACE_KEEP(trace_intr, TRACE_IPI, TRACE_INTR_RESCHED | ci->ci_index << 8);
	lapic_ipi(ci, VEC_RESCHED);
}

/* Give the request in `call` to CPU i, if that runs. */
static void
mp_call_one(uint32_t i, struct md_call *call, uint32_t self)
{
	struct cpu_info *ci = cpus[i];

	if (ci == NULL || i == self || atomic_load_acquire(&ci->ci_md.mc_state) != CPU_GO)
		return;
	(void)atomic_inc(&call->mcl_left);
	if (atomic_or(&ci->ci_md.mc_callers, 1U << self) == 0) {
		TRACE_KEEP(trace_intr, TRACE_IPI, TRACE_INTR_CALL | ci->ci_index << 8);
		lapic_ipi(ci, VEC_CALL);
	}
}

void
md_call_others(uint64_t cpumask, void (*fn)(void *), void *arg)
{
	struct md_call *call;
	uint32_t self;

	KASSERT(md_intr_enabled());
	kpreempt_disable();
	self = curcpu()->ci_index;
	call = &curcpu()->ci_md.mc_call;
	call->mcl_func = fn;
	call->mcl_arg = arg;
	for (uint32_t i = 0; cpumask != 0 && i < MAXCPUS; i++, cpumask >>= 1)
		if ((cpumask & 1) != 0)
			mp_call_one(i, call, self);
	while (atomic_load_acquire(&call->mcl_left) != 0)
		md_pause();
	kpreempt_enable();
}

/* What the others do meanwhile. */
struct hold {
	volatile uint32_t h_here; /* a: how many wait */
	volatile bool h_done;     /* a */
	void (*h_each)(void *);
	void *h_arg;
};

static void
mp_held(void *arg)
{
	struct hold *h = arg;

	(void)atomic_inc(&h->h_here);
	while (!atomic_load_acquire(&h->h_done))
		md_pause();
	h->h_each(h->h_arg);
}

/*
 * Not md_call_others, which waits with interrupts on: here nothing may run but `alone`.
 * No deadlock: the others wait for nobody with interrupts off but for holders of spin
 * locks, of which we are none, and one that calls us meanwhile takes our call while it waits.
 */
void
mp_alone(void (*alone)(void *), void (*each)(void *), void *arg)
{
	struct hold h = { .h_each = each, .h_arg = arg };
	struct md_call *call;
	uint32_t self, others;

	KASSERT(md_intr_enabled());
	(void)md_intr_disable();
	self = curcpu()->ci_index;
	call = &curcpu()->ci_md.mc_call;
	call->mcl_func = mp_held;
	call->mcl_arg = &h;
	for (uint32_t i = 0; i < MAXCPUS; i++)
		mp_call_one(i, call, self);
	others = call->mcl_left; /* nobody is done before we are */
	while (atomic_load_acquire(&h.h_here) != others)
		md_pause();
	alone(arg);
	each(arg);
	atomic_store_release(&h.h_done, true);
	while (atomic_load_acquire(&call->mcl_left) != 0)
		md_pause();
	md_intr_enable();
}

void
mp_ipi_call(void)
{
	uint32_t callers = __atomic_exchange_n(&curcpu()->ci_md.mc_callers, 0, __ATOMIC_SEQ_CST);

	for (; callers != 0; callers &= callers - 1) {
		struct md_call *call = &cpus[__builtin_ctz(callers)]->ci_md.mc_call;

		call->mcl_func(call->mcl_arg);
		(void)atomic_dec(&call->mcl_left);
	}
}

bool
mp_stopping(void)
{
	return stopping;
}

void
mp_stop_here(struct trapframe *tf)
{
	curcpu()->ci_md.mc_stopped = tf;
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* Have all others that run stopped? */
static bool
mp_all_stopped(void)
{
	for (uint32_t i = 0; i < MAXCPUS; i++) {
		const struct cpu_info *ci = cpus[i];

		if (ci != NULL && ci != curcpu() && ci->ci_md.mc_state == CPU_GO && ci->ci_md.mc_stopped == NULL)
			return false;
	}
	return true;
}

void
md_stop_others(void)
{
	uint64_t until = md_monotonic_ns() + STOP_LIMIT;

	stopping = true;
	if (mp_all_stopped())
		return; /* there is none */
	lapic_nmi_others();
	while (!mp_all_stopped() && md_monotonic_ns() < until)
		md_pause();
}
