/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin for QEMU 7.2: counts the instructions of all CPUs together, stops the machine after instruction N, or looks
 * for the first or the last place where one of some points is hit.  tools/gdb/rerun.py starts QEMU with it, one
 * instruction a block (-singlestep), under the deterministic clock, in which one host thread runs all CPUs.
 *
 * Arguments: out=FILE, a struct result, which is kept up to date in it; and stop=N, or
 *	from=N, until=N, first=on	where to look, and whether for the first hit or the last
 *	point=ADDRESS			executed
 *	read=, write=, access=ADDRESS:LENGTH	accessed
 *	any=CPU				every instruction of this CPU is a hit
 * Points can be given any number of times.  When it has looked, QEMU ends.
 *
 * A machine that was stopped is no longer deterministic: to stop it moves its clock.  So it is looked at, and
 * never goes on.  Looking for points does not stop it.
 *
 * Debian has no package of QEMU's plugin header, so what is used of it is declared here; and of QEMU itself, what a
 * plugin can see in the binary.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define POINTS_MAX	256
#define RING		65536
#define READ		1
#define WRITE		2
#define RUN_STATE_DEBUG	0
#define NEAR		200000		/* more than QEMU executes without looking for another block */
#define NOWHERE		UINT64_MAX

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int, void *);
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, void (*)(unsigned, uint32_t, uint64_t, void *),
    int, int, void *);
extern unsigned int qemu_plugin_mem_size_shift(uint32_t);
extern bool qemu_plugin_mem_is_store(uint32_t);
/* QEMU's own. */
extern int vm_stop(int);
extern bool runstate_is_running(void);
extern void *qemu_get_cpu(int);
extern void gdb_set_stop_cpu(void *);
extern int singlestep;		/* as -singlestep: blocks of one instruction */

__attribute__((__visibility__("default"))) int qemu_plugin_version = 1;
__attribute__((__visibility__("default"))) int qemu_plugin_install(plugin_id, const void *, int, char **);

struct result {
	uint64_t	count;		/* instructions begun so far */
	uint64_t	hit;		/* number of the instruction that hits, or NOWHERE */
	uint64_t	cpu;
	uint64_t	address;	/* of the memory that was accessed, 0 for an instruction */
	uint8_t		ring[RING];	/* the CPU of the last instructions, each at its number */
};

struct range {
	uint64_t	begin, end;
	int		how;		/* READ | WRITE */
};

static struct result	*result;
static uint64_t		points[POINTS_MAX];
static struct range	ranges[POINTS_MAX];
static int		npoints, nranges;
static uint64_t		stop = NOWHERE, from, until = NOWHERE;
static bool		first;
static int		any = -1;

static void
found(unsigned int cpu, uint64_t number, uint64_t address)
{
	if (number < from || number >= until)
		return;
	result->hit = number;
	result->cpu = cpu;
	result->address = address;
	if (first)
		_exit(0);
}

/* Stop behind the instruction that begins: the block is left when it has ended. */
static void
stop_machine(unsigned int cpu)
{
	gdb_set_stop_cpu(qemu_get_cpu((int)cpu));
	vm_stop(RUN_STATE_DEBUG);
	while (runstate_is_running())
		usleep(200);
}

static void
insn_executed(unsigned int cpu, void *is_point)
{
	uint64_t number = result->count;

	if (number >= until)
		_exit(0);
	result->ring[number % RING] = (uint8_t)cpu;
	result->count = number + 1;
	if (is_point != NULL || any == (int)cpu)
		found(cpu, number, 0);
	if (number + NEAR >= stop) {
		singlestep = 1;
		if (number + 1 == stop)
			stop_machine(cpu);
	}
}

static void
memory_accessed(unsigned int cpu, uint32_t info, uint64_t address, void *arg)
{
	uint64_t end = address + (1U << qemu_plugin_mem_size_shift(info));
	int how = qemu_plugin_mem_is_store(info) ? WRITE : READ;

	(void)arg;
	for (int i = 0; i < nranges; i++) {
		if ((ranges[i].how & how) != 0 && address < ranges[i].end && ranges[i].begin < end)
			found(cpu, result->count - 1, ranges[i].begin);
	}
}

static bool
is_point(uint64_t address)
{
	for (int i = 0; i < npoints; i++) {
		if (points[i] == address)
			return true;
	}
	return false;
}

static void
block_translated(plugin_id id, struct qemu_plugin_tb *block)
{
	size_t n = qemu_plugin_tb_n_insns(block);

	(void)id;
	for (size_t k = 0; k < n; k++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, k);
		void *arg = is_point(qemu_plugin_insn_vaddr(insn)) ? result : NULL;

		qemu_plugin_register_vcpu_insn_exec_cb(insn, insn_executed, 0, arg);
		if (nranges > 0)
			qemu_plugin_register_vcpu_mem_cb(insn, memory_accessed, 0, READ | WRITE, NULL);
	}
}

static void
add_range(const char *value, int how)
{
	char *end;

	if (nranges == POINTS_MAX)
		return;
	ranges[nranges].begin = strtoull(value, &end, 0);
	ranges[nranges].end = ranges[nranges].begin + (*end == ':' ? strtoull(end + 1, NULL, 0) : 1);
	ranges[nranges++].how = how;
}

static bool
open_result(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	if (fd < 0 || ftruncate(fd, sizeof(*result)) != 0)
		return false;
	result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (result == MAP_FAILED)
		return false;
	result->count = 0;
	result->hit = NOWHERE;
	return true;
}

static bool
take_argument(const char *name, const char *value)
{
	if (strcmp(name, "out") == 0)
		return open_result(value);
	if (strcmp(name, "stop") == 0)
		stop = strtoull(value, NULL, 0);
	else if (strcmp(name, "from") == 0)
		from = strtoull(value, NULL, 0);
	else if (strcmp(name, "until") == 0)
		until = strtoull(value, NULL, 0);
	else if (strcmp(name, "first") == 0)
		first = strcmp(value, "on") == 0;
	else if (strcmp(name, "any") == 0)
		any = atoi(value);
	else if (strcmp(name, "point") == 0 && npoints < POINTS_MAX)
		points[npoints++] = strtoull(value, NULL, 0);
	else if (strcmp(name, "read") == 0)
		add_range(value, READ);
	else if (strcmp(name, "write") == 0)
		add_range(value, WRITE);
	else if (strcmp(name, "access") == 0)
		add_range(value, READ | WRITE);
	else
		return false;
	return true;
}

int
qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		char *value = strchr(argv[i], '=');

		if (value == NULL)
			return -1;
		*value++ = '\0';
		if (!take_argument(argv[i], value))
			return -1;
	}
	if (result == NULL)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, block_translated);
	return 0;
}
