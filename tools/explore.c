/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin for QEMU 7.2: which virtual CPU executes the next instruction is decided here, by a
 * strategy and a seed; the same seed gives the same run again.  tools/explore starts QEMU with it.
 *
 * What it is.  Under -icount with one host thread QEMU runs the CPUs in turn, and goes on to the
 * next one when the present one halts, pauses, is told to (cpu_exit), or when something happens on the
 * host: that last is what makes runs differ.  Before each instruction (-singlestep: each is a
 * block of its own) we look which CPU would execute it.  If it is not the `current` one, it is sent away without
 * having executed it (cpu_loop_exit_restore), and QEMU goes on to the next CPU.  So only what is decided here
 * counts, from the first instruction of the machine to the last.
 *
 * The current CPU is the `wanted` one.  When that gives way by itself (it halts, or spins with PAUSE), another one
 * is current for GRANT instructions, or until it gives way.
 *
 * Only rounds are disturbed: from an instruction at begin=ADDRESS to one at end=ADDRESS.  Else the CPUs are
 * wanted one after the other, for long.  In a round the wanted CPU is the strategy's:
 *	pct     each CPU has a priority, the best one is wanted; at depth-1 points of the round, chosen
 *	        at random, the one that runs falls below all others (Burckhardt and others,
 *	        ASPLOS 2010)
 *	starve  the wanted CPU changes at random moments, now soon, now late: one is kept from
 *	        running for a long time (as rr's chaos mode does)
 *	bound   all places of one switch, then of two, on a grid of `points` over the round: round
 *	        after round another one
 *
 * Arguments: begin, end, strategy, seed, depth, points; out=FILE, where a line a round goes:
 * number, instructions, switches, a hash of the interleaving.
 *
 * cpu_exit, cpu_loop_exit_restore and qemu_get_cpu are QEMU's own functions, which its binary exports; what is
 * used of the plugin header is declared here, for Debian has no package of it.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CPUS_MAX	8
#define DEPTH_MAX	8
#define GRANT		200	/* instructions for others while the wanted CPU gives way */
#define CALM		500000	/* instructions between rounds, then the next CPU is wanted */
#define SETTLE		3	/* rounds left alone, that the length of a round is known from */

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct plugin_info {
	const char	*target;
	struct {
		int	min, current;
	} version;
	bool		system;
	int		cpus, cpus_max;
};

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int, void *);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
extern const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
extern void cpu_exit(void *);
extern void cpu_loop_exit_restore(void *, uintptr_t) __attribute__((noreturn));
extern void *qemu_get_cpu(int);

__attribute__((__visibility__("default"))) int qemu_plugin_version = 1;
__attribute__((__visibility__("default"))) int qemu_plugin_install(plugin_id, const struct plugin_info *, int, char **);

enum { PCT, STARVE, BOUND };

/* What was asked for. */
static uint64_t		begin_at, end_at;
static int		strategy = PCT;
static uint64_t		seed = 1, points = 40;
static unsigned int	depth = 2, ncpus = 1;
static FILE		*out;

/* The round. */
static bool		inside;
static uint64_t		round_no, executed, length, switches, hash;
static unsigned int	wanted, last;
static int		priority[CPUS_MAX];
static uint64_t		change[DEPTH_MAX];	/* at which instructions; 0: none */
static int		lowest;
/* Who may execute, and how it goes. */
static unsigned int	current, turn;
static uint64_t		grant;		/* instructions left for current, which is not the wanted one */
static bool		gave_way[CPUS_MAX];	/* its last instruction was HLT or PAUSE */
static unsigned int	refused[CPUS_MAX];	/* times that it was sent away since one executed */
static uint64_t		calm;

/* What is known of an instruction when it is translated. */
#define BEGIN		1
#define END		2
#define GIVES_WAY	4

static uint64_t		state;

/* xorshift64 (Marsaglia 2003). */
static uint64_t
rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static unsigned int
best(void)
{
	unsigned int b = 0;

	for (unsigned int i = 1; i < ncpus; i++)
		if (priority[i] > priority[b])
			b = i;
	return b;
}

static void
begin_pct(void)
{
	for (unsigned int i = 0; i < ncpus; i++)
		priority[i] = (int)i + 1;
	for (unsigned int i = ncpus - 1; i > 0; i--) {
		unsigned int j = (unsigned int)(rnd() % (i + 1));
		int p = priority[i];

		priority[i] = priority[j];
		priority[j] = p;
	}
	lowest = 0;
	for (unsigned int i = 0; i + 1 < depth; i++)
		change[i] = 1 + rnd() % length;
	wanted = best();
}

/* Pairs (a, b), a < b, of the grid, after all single points. */
static void
begin_bound(uint64_t n)
{
	uint64_t step = length / points + 1, a = 0;

	wanted = (unsigned int)(n / (points + points * (points - 1) / 2)) % ncpus; /* then from the other side */
	n %= points + points * (points - 1) / 2;
	if (n < points) {
		change[0] = 1 + n * step;
		return;
	}
	n -= points;
	while (n >= points - 1 - a) {
		n -= points - 1 - a;
		a++;
	}
	change[0] = 1 + a * step;
	change[1] = 1 + (a + 1 + n) * step;
}

static void
round_begins(unsigned int cpu)
{
	round_no++;
	state = (seed * 0x9e3779b97f4a7c15u + round_no * 0xd1b54a32d192ed03u) | 1;
	(void)rnd();
	executed = switches = hash = 0;
	memset(change, 0, sizeof(change));
	wanted = last = cpu;
	inside = true;
	if (round_no <= SETTLE)
		return;
	if (strategy == PCT)
		begin_pct();
	else if (strategy == STARVE)
		change[0] = 1 + rnd() % 100;
	else
		begin_bound(round_no - SETTLE - 1);
}

static void
round_ends(void)
{
	inside = false;
	if (round_no <= SETTLE && executed > length)
		length = executed;
	fprintf(out, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %016" PRIx64 "\n", round_no, executed, switches, hash);
	fflush(out);
}

/* The strategy, before instruction number `executed` of the round. */
static void
decide(unsigned int cpu)
{
	for (unsigned int i = 0; i < DEPTH_MAX; i++) {
		if (change[i] != executed)
			continue;
		if (strategy == PCT) {
			priority[cpu] = --lowest;
			wanted = best();
		} else {
			wanted = (wanted + 1 + (unsigned int)(rnd() % (ncpus - 1))) % ncpus;
		}
		if (strategy == STARVE) /* 10 to 10,000 instructions, each order of magnitude as likely */
			change[i] = executed + (10u << rnd() % 11);
	}
}

/* Somebody else than the wanted one, for a while. */
static void
let_run(unsigned int cpu)
{
	current = cpu;
	grant = GRANT;
}

static void
want_again(void)
{
	current = wanted;
	grant = 0;
}

/* The current CPU cannot go on or need not: who may?  Decided by what was executed alone. */
static void
choose(void)
{
	if (current != wanted) {
		if (gave_way[current] || grant == 0)
			want_again();
	} else if (gave_way[wanted]) {
		do /* each of the others in its turn: none is kept out for ever */
			turn = (turn + 1) % ncpus;
		while (turn == wanted);
		let_run(turn);
	}
	gave_way[current] = false;
}

/* `cpu` would execute, and is not the current one.  True: it may all the same. */
static bool
may_run(unsigned int cpu)
{
	/* It has been here before since anybody executed: the current one is not there, it halts. */
	if (++refused[cpu] < 3)
		return false;
	if (cpu == wanted)
		want_again();
	else
		let_run(cpu);
	return true;
}

static void
step(unsigned int cpu)
{
	executed++;
	if (round_no > SETTLE)
		decide(cpu);
	if (cpu != last) {
		switches++;
		hash = (hash ^ (executed << 3 | cpu)) * 0x100000001b3u;
	}
	last = cpu;
}

static void
insn_executed(unsigned int cpu, void *arg)
{
	uintptr_t what = (uintptr_t)arg;

	if (cpu != current && !may_run(cpu)) {
		cpu_exit(qemu_get_cpu((int)cpu));
		cpu_loop_exit_restore(qemu_get_cpu((int)cpu), (uintptr_t)__builtin_return_address(0));
	}
	memset(refused, 0, sizeof(refused));
	if (what == BEGIN && !inside)
		round_begins(cpu);
	else if (what == END && inside)
		round_ends();
	if (inside)
		step(cpu);
	else if (++calm % CALM == 0)
		wanted = (wanted + 1) % ncpus;
	if (grant > 0)
		grant--;
	gave_way[cpu] = what == GIVES_WAY;
	/* What comes next: the present one goes on, unless that has changed now. */
	if (gave_way[cpu] || (current != wanted && grant == 0))
		choose();
}

/* HLT, PAUSE: QEMU goes on to the next CPU by itself. */
static bool
gives_way(const struct qemu_plugin_insn *insn)
{
	const unsigned char *code = qemu_plugin_insn_data(insn);
	size_t size = qemu_plugin_insn_size(insn);

	return (size == 1 && code[0] == 0xf4) || (size == 2 && code[0] == 0xf3 && code[1] == 0x90);
}

static void
block_translated(plugin_id id, struct qemu_plugin_tb *block)
{
	(void)id;
	for (size_t k = 0; k < qemu_plugin_tb_n_insns(block); k++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, k);
		uint64_t address = qemu_plugin_insn_vaddr(insn);
		uintptr_t what = gives_way(insn) ? GIVES_WAY : 0;

		if (address == begin_at || address == end_at)
			what = address == begin_at ? BEGIN : END;

		qemu_plugin_register_vcpu_insn_exec_cb(insn, insn_executed, 0, (void *)what);
	}
}

static void
argument(const char *name, const char *value)
{
	if (strcmp(name, "begin") == 0)
		begin_at = strtoull(value, NULL, 0);
	else if (strcmp(name, "end") == 0)
		end_at = strtoull(value, NULL, 0);
	else if (strcmp(name, "seed") == 0)
		seed = strtoull(value, NULL, 0);
	else if (strcmp(name, "depth") == 0)
		depth = (unsigned int)strtoul(value, NULL, 0);
	else if (strcmp(name, "points") == 0)
		points = strtoull(value, NULL, 0);
	else if (strcmp(name, "strategy") == 0)
		strategy = strcmp(value, "starve") == 0 ? STARVE : strcmp(value, "bound") == 0 ? BOUND : PCT;
	else if (strcmp(name, "out") == 0)
		out = fopen(value, "w");
}

int
qemu_plugin_install(plugin_id id, const struct plugin_info *info, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		char *value = strchr(argv[i], '=');

		if (value == NULL)
			return -1;
		*value++ = '\0';
		argument(argv[i], value);
	}
	ncpus = (unsigned int)info->cpus;
	if (out == NULL || begin_at == 0 || end_at == 0 || ncpus < 2 || ncpus > CPUS_MAX || depth < 1 ||
	    depth > DEPTH_MAX || points < 2)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, block_translated);
	return 0;
}
