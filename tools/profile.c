/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin for QEMU (7.2 or newer): how often each instruction is executed in one
 * window, from one of the instructions at begin=ADDRESS to one at end=ADDRESS, the
 * latter not included.  tools/profile starts QEMU with it and reads what it writes.
 *
 * Arguments: begin and end, each any number of times; skip=N, the windows to let
 * pass; length=N, only a window of so many instructions is taken; out=FILE, where
 * "ADDRESS COUNT" lines go.
 *
 * Works for one host thread (icount).  Debian has no package of QEMU's plugin
 * header, so what is used of it is declared here.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARKS_MAX	256
#define BEGIN		1
#define END		2

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int, void *);

__attribute__((__visibility__("default"))) int qemu_plugin_version = 1;
__attribute__((__visibility__("default"))) int qemu_plugin_install(plugin_id, const void *, int, char **);

/* An instruction, each time that it was translated. */
struct insn {
	struct insn	*next;
	uint64_t	address;
	uint64_t	count;		/* in window number `window' */
	uint64_t	window;
	int		mark;		/* BEGIN, END or 0 */
};

static struct {
	uint64_t	address;
	int		mark;
} marks[MARKS_MAX];
static int		nmarks;
static struct insn	*insns;
static uint64_t		window;		/* number of the last one that has begun */
static uint64_t		executed;	/* instructions in it */
static bool		inside, done;
static uint64_t		skip, length;
static const char	*out;

static void
write_counts(void)
{
	FILE *file = fopen(out, "w");

	if (file == NULL)
		return;
	for (struct insn *i = insns; i != NULL; i = i->next) {
		if (i->window == window && i->count != 0)
			fprintf(file, "%" PRIx64 " %" PRIu64 "\n", i->address, i->count);
	}
	fclose(file);
}

static void
window_ends(void)
{
	inside = false;
	if (window > skip && (length == 0 || executed == length)) {
		done = true;
		write_counts();
	}
}

static void
insn_executed(unsigned int cpu, void *arg)
{
	struct insn *i = arg;

	(void)cpu;
	if (i->mark == BEGIN && !done) {
		window++;
		executed = 0;
		inside = true;
	} else if (i->mark == END && inside) {
		window_ends();
	}
	if (!inside)
		return;
	if (i->window != window) {
		i->window = window;
		i->count = 0;
	}
	i->count++;
	executed++;
}

static int
mark_at(uint64_t address)
{
	for (int m = 0; m < nmarks; m++) {
		if (marks[m].address == address)
			return marks[m].mark;
	}
	return 0;
}

static void
block_translated(plugin_id id, struct qemu_plugin_tb *block)
{
	size_t n = qemu_plugin_tb_n_insns(block);

	(void)id;
	for (size_t k = 0; k < n; k++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, k);
		struct insn *i = calloc(1, sizeof(*i));

		if (i == NULL)
			abort();
		i->address = qemu_plugin_insn_vaddr(insn);
		i->mark = mark_at(i->address);
		i->next = insns;
		insns = i;
		qemu_plugin_register_vcpu_insn_exec_cb(insn, insn_executed, 0, i);
	}
}

static void
add_mark(int mark, const char *address)
{
	if (nmarks < MARKS_MAX) {
		marks[nmarks].mark = mark;
		marks[nmarks++].address = strtoull(address, NULL, 0);
	}
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
		if (strcmp(argv[i], "begin") == 0)
			add_mark(BEGIN, value);
		else if (strcmp(argv[i], "end") == 0)
			add_mark(END, value);
		else if (strcmp(argv[i], "skip") == 0)
			skip = strtoull(value, NULL, 0);
		else if (strcmp(argv[i], "length") == 0)
			length = strtoull(value, NULL, 0);
		else if (strcmp(argv[i], "out") == 0)
			out = strdup(value);
	}
	if (out == NULL)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, block_translated);
	return 0;
}
