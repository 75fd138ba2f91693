/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of the trace, in words: for the report of a panic or hang, and for programs.
 *
 * Reading while others write.  A cursor is at a position of each ring, and gives the oldest of
 * the records there.  A record may be overwritten while it is copied: if afterwards the ring's
 * head has come round to it, what was read is thrown away.
 *
 * What it does not handle: names.  LWPs are told by their numbers.
 */
#include <kern/cpu.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/trace.h>
#include <sys/errno.h>

#include "trace_impl.h"

_Static_assert(nitems(((struct trace_cursor *)NULL)->tc_next) == MAXCPUS, "struct trace_cursor");

/* Copy record number `at` of a ring; false: it is gone. */
static bool
ring_read(const struct trace_ring *r, uint64_t at, struct trace_record *tr)
{
	*tr = r->r_rec[at & (trace_info.ti_nrecs - 1)];
	membar_sync();
	/* The one that r_head names may be half written already. */
	return atomic_load_acquire(&r->r_head) < at + trace_info.ti_nrecs;
}

/* The CPU whose next record is the oldest, and that record; -1: there is none. */
static int
cursor_oldest(struct trace_cursor *tc, struct trace_record *best)
{
	struct trace_record tr;
	int found = -1;

	for (uint32_t i = 0; i < trace_info.ti_ncpu; i++) {
		while (tc->tc_next[i] < tc->tc_end[i] && !ring_read(&trace_info.ti_ring[i], tc->tc_next[i], &tr))
			tc->tc_next[i]++;
		if (tc->tc_next[i] >= tc->tc_end[i])
			continue;
		if (found < 0 || tr.tr_time < best->tr_time) {
			*best = tr;
			found = (int)i;
		}
	}
	return found;
}

bool
trace_next(struct trace_cursor *tc, struct trace_record *tr)
{
	int cpu = cursor_oldest(tc, tr);

	if (cpu < 0)
		return false;
	tc->tc_next[cpu]++;
	return true;
}

/* The CPU whose last record before the cursor is the newest; -1: all are at their beginnings. */
static int
cursor_newest(const struct trace_cursor *tc)
{
	uint64_t time = 0;
	struct trace_record tr;
	int found = -1;

	for (uint32_t i = 0; i < trace_info.ti_ncpu; i++) {
		if (tc->tc_next[i] == 0 || !ring_read(&trace_info.ti_ring[i], tc->tc_next[i] - 1, &tr))
			continue;
		if (found < 0 || tr.tr_time >= time) {
			time = tr.tr_time;
			found = (int)i;
		}
	}
	return found;
}

size_t
trace_cursor_back(struct trace_cursor *tc, size_t n)
{
	size_t done;
	int cpu;

	memset(tc, 0, sizeof(*tc));
	for (uint32_t i = 0; i < trace_info.ti_ncpu; i++)
		tc->tc_next[i] = tc->tc_end[i] = atomic_load_acquire(&trace_info.ti_ring[i].r_head);
	for (done = 0; done < n && (cpu = cursor_newest(tc)) >= 0; done++)
		tc->tc_next[cpu]--;
	return done;
}

/* --- Words --- */

static const char *
message(const struct trace_record *tr)
{
	return tr->tr_word != 0 ? trace_base + (int32_t)tr->tr_word : "?";
}

static const char *
name_of(const char *const *names, size_t n, unsigned int i)
{
	return i < n && names[i] != NULL ? names[i] : "?";
}

static const char *
state_name(unsigned int stat)
{
	static const char *const names[] = {
		[LSIDL] = "idl",
		[LSRUN] = "run",
		[LSSLEEP] = "sleep",
		[LSSTOP] = "stop",
		[LSZOMB] = "zombie",
		[LSONPROC] = "onproc",
		[LSSUSPENDED] = "suspended",
	};

	return name_of(names, nitems(names), stat);
}

static const char *
intr_name(unsigned int code)
{
	static const char *const names[] = { "timer", "choose-again", "call", "device" };

	return name_of(names, nitems(names), code);
}

static void
text_state(const struct trace_record *tr, char *buf, size_t len)
{
	unsigned int old = tr->tr_code & 0xff, new = tr->tr_code >> 8;

	if (new == LSSLEEP)
		ksnprintf(buf, len, "%s -> sleep \"%s\"", old == 0 ? "was" : state_name(old), message(tr));
	else
		ksnprintf(buf, len, "%s -> %s", old == 0 ? "was" : state_name(old), state_name(new));
}

static void
text_wake(const struct trace_record *tr, char *buf, size_t len)
{
	int reason = (int16_t)tr->tr_code;

	ksnprintf(buf, len, "woken from \"%s\" by %u.%u, %s", message(tr), (unsigned int)(tr->tr_arg >> 32),
	    (unsigned int)tr->tr_arg,
	    reason == 0 ? "done" : reason == ETIMEDOUT ? "timeout" : "interrupted");
}

static void
text_switch(const struct trace_record *tr, char *buf, size_t len)
{
	static const char *const why[] = { "sleeps", "is preempted", "yields", "exits", "stops", "was idle",
		"moves to another CPU" };

	ksnprintf(buf, len, "%s; next is %u.%u", name_of(why, nitems(why), tr->tr_code),
	    (unsigned int)(tr->tr_arg >> 32), (unsigned int)tr->tr_arg);
}

/* A piece of a name or label. */
static void
text_piece(const struct trace_record *tr, char *buf, size_t len)
{
	char piece[TRACE_PIECE + 1] = "";

	memcpy(piece, &tr->tr_word, sizeof(tr->tr_word));
	memcpy(piece + sizeof(tr->tr_word), &tr->tr_arg, sizeof(tr->tr_arg));
	ksnprintf(buf, len, "%s%s \"%s\"", tr->tr_code >> 8 != 0 ? "... " : "",
	    tr->tr_event == TRACE_MARK ? "mark" :
	    (tr->tr_code & 0xff) == TRACE_NAMES_LWP ? "is named" : "its process is", piece);
}

static void
text_introff(const struct trace_record *tr, char *buf, size_t len)
{
	uintptr_t offset;
	const char *name = ksyms_lookup(tr->tr_arg, &offset);

	ksnprintf(buf, len, "interrupts were off for %u ns, until %s", tr->tr_word, name != NULL ? name : "?");
}

/* Those of one format: a text with up to two numbers. */
static void
text_plain(const struct trace_record *tr, char *buf, size_t len)
{
	unsigned int code = tr->tr_code, word = tr->tr_word;
	unsigned int pid = (unsigned int)(tr->tr_arg >> 32), lid = (unsigned int)tr->tr_arg;

	switch (tr->tr_event) {
	case TRACE_BEGIN:
		ksnprintf(buf, len, "tracing begins, %u CPUs", word);
		break;
	case TRACE_END:
		ksnprintf(buf, len, "tracing ends");
		break;
	case TRACE_TOKEN:
		ksnprintf(buf, len, "token is filled by %u.%u", pid, lid);
		break;
	case TRACE_EARLY:
		ksnprintf(buf, len, "park finds the token");
		break;
	case TRACE_SEND:
		ksnprintf(buf, len, "signal %u is sent by %u.%u", code, pid, lid);
		break;
	case TRACE_SIGNAL:
		ksnprintf(buf, len, "signal %u: %s", code, word != 0 ? "to its handler" : "ends the process");
		break;
	case TRACE_SPIN:
		ksnprintf(buf, len, "spun %u ns for a spin mutex", word);
		break;
	case TRACE_MUTEX:
		ksnprintf(buf, len, "%s for mutex \"%s\" of %u.%u", code != 0 ? "slept" : "spun", message(tr), pid,
		    lid);
		break;
	case TRACE_CREATE:
		ksnprintf(buf, len, "created by %u.%u", pid, lid);
		break;
	case TRACE_EXIT:
		ksnprintf(buf, len, "exits");
		break;
	case TRACE_FORK:
		ksnprintf(buf, len, "forked by %u.%u", pid, lid);
		break;
	case TRACE_EXEC:
		ksnprintf(buf, len, "new program; was LWP %u", lid);
		break;
	case TRACE_PEXIT:
		ksnprintf(buf, len, "process exits, wait status 0x%x", word);
		break;
	case TRACE_MARKDATA:
		ksnprintf(buf, len, "mark: %u bytes, %lu", word, tr->tr_arg);
		break;
	default:
		ksnprintf(buf, len, "event %u", tr->tr_event);
		break;
	}
}

static void
text_syscall(const struct trace_record *tr, char *buf, size_t len)
{
	const char *name = tr->tr_code < SYS_TABLE_SIZE ? syscallnames[tr->tr_code] : NULL;

	if (tr->tr_event == TRACE_SYSCALL)
		ksnprintf(buf, len, "calls %s(0x%lx, 0x%x, ...)", name != NULL ? name : "?", tr->tr_arg, tr->tr_word);
	else if ((int)tr->tr_word < 0)
		ksnprintf(buf, len, "%s %s", name != NULL ? name : "?",
		    (int)tr->tr_word != EJUSTRETURN ? "is to be executed again" : "returns to another context");
	else if (tr->tr_word != 0)
		ksnprintf(buf, len, "%s: error %d", name != NULL ? name : "?", (int)tr->tr_word);
	else
		ksnprintf(buf, len, "%s gives 0x%lx", name != NULL ? name : "?", tr->tr_arg);
}

void
trace_text(const struct trace_record *tr, char *buf, size_t len)
{
	switch (tr->tr_event) {
	case TRACE_STATE:
		text_state(tr, buf, len);
		break;
	case TRACE_SWITCH:
		text_switch(tr, buf, len);
		break;
	case TRACE_WAKE:
		text_wake(tr, buf, len);
		break;
	case TRACE_NAME:
	case TRACE_MARK:
		text_piece(tr, buf, len);
		break;
	case TRACE_SYSCALL:
	case TRACE_SYSRET:
		text_syscall(tr, buf, len);
		break;
	case TRACE_IPI:
		ksnprintf(buf, len, "sends %s to CPU %u", intr_name(tr->tr_code), tr->tr_word);
		break;
	case TRACE_INTR:
		ksnprintf(buf, len, "interrupt: %s", intr_name(tr->tr_code));
		break;
	case TRACE_INTRRET:
		ksnprintf(buf, len, "end of interrupt: %s", intr_name(tr->tr_code));
		break;
	case TRACE_INTROFF:
		text_introff(tr, buf, len);
		break;
	default:
		text_plain(tr, buf, len);
		break;
	}
}

void
trace_report(size_t n)
{
	struct trace_cursor tc;
	struct trace_record tr;
	char text[TRACE_TEXT];

	if (trace_info.ti_on == 0)
		return;
	kprintf("the last %zu records of the trace\n", trace_cursor_back(&tc, n));
	while (trace_next(&tc, &tr)) {
		trace_text(&tr, text, sizeof(text));
		kprintf("  %lu.%06lu CPU %u %d.%d %s\n", tr.tr_time / 1000000000, tr.tr_time / 1000 % 1000000,
		    tr.tr_cpu, tr.tr_pid, tr.tr_lid, text);
	}
}
