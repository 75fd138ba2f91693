/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trace points.  TRACE(trace_x(...)) costs one no-op instruction while tracing is off:
 * md_trace_on is an instruction that md_trace_patch makes a jump (kern/subr/trace.c).
 * None of the functions sleeps or takes a lock; any context.
 */
#ifndef _KERN_TRACE_H_
#define _KERN_TRACE_H_

#include <kern/kern.h>
#include <machine/trace.h> /* md_trace_on() */
#include <sys/trace.h>

struct cpu_info;
struct kmutex;
struct kspin;
struct lwp;
struct proc;

#define TRACE(call)                \
	do {                       \
		if (md_trace_on()) \
			call;      \
	} while (0)
/*
 * The same for the hottest code: fn(a, b), called in such a way that all registers survive, so that the code
 * around has none to save for a call that is hardly ever made.  (The call that is never made checks types.)
 */
#define TRACE_KEEP(fn, a, b)                   \
	do {                                   \
		if (md_trace_on()) {           \
			MD_TRACE_KEEP(fn, a, b); \
			if (false)             \
				fn(a, b);      \
		}                              \
	} while (0)

/* --- By TRACE_KEEP (arch/x86_64/systrace.S names them) --- */

/* l (locked) goes from l_stat to `stat`; records the switch too, if it gets the CPU. */
void trace_state(const struct lwp *l, int stat);
/* l, still in its sleep, is woken for `reason` (errno). */
void trace_wake(const struct lwp *l, int reason);
/* The CPU's next switch is for this reason (TRACE_SW_*), unless the LWP goes to sleep. */
void trace_switch_reason(int why, int unused);
/* Events that need nothing but the LWP, and curlwp: TRACE_TOKEN, _EARLY, _EXIT. */
void trace_lwp(const struct lwp *l, int event);
/* Interrupts: TRACE_INTR or TRACE_IPI, code TRACE_INTR_* | target CPU << 8; the end of the handler. */
void trace_intr(int event, uint32_t code);
void trace_intr_end(int unused1, int unused2);
/* This CPU turned interrupts off; is about to turn them on again. */
void trace_intr_off(int unused1, int unused2);
void trace_intr_on(uintptr_t pc, int unused);
/* Contention for a spin mutex, which began at `since` (ns). */
void trace_spin(const struct kspin *m, uint64_t since);
/* l becomes known to its process: made, or the first LWP of a fork. */
void trace_published(const struct lwp *l, int unused);

/* --- By TRACE --- */

void trace_exec(const struct lwp *l, lwpid_t before);
void trace_proc_exit(const struct lwp *l, int status);
/* The name of l, or that of its process. */
void trace_name(const struct lwp *l, int kind);
/* By curlwp. */
void trace_syscall(uint64_t code, uint64_t arg0, uint64_t arg1);
void trace_sysret(uint64_t code, int error, uint64_t result);
void trace_send(const struct proc *p, const struct lwp *l, int signo); /* l NULL: to the process */
void trace_signal(int signo, bool handler);
void trace_mark(const char *label, const void *data, size_t len); /* data: the first 8 bytes are read */
/* Waited for a mutex that `owner` (km_owner) had. */
void trace_mutex(const struct kmutex *m, uintptr_t owner, bool slept);

/* Turn it on, with empty rings, or off.  ENOMEM.  May sleep. */
int trace_set(bool on);
/* As the kernel's command line wants it.  Called once, when all CPUs are up; may sleep. */
void trace_boot(void);
/* Between the two tracing is not turned on or off: for readers.  Before p_lock and the vm locks; may sleep. */
void trace_hold(void);
void trace_release(void);
/* Pages of the rings, which stay once tracing has been on. */
size_t trace_pages(void);
/* What is recorded; how much. */
void trace_stat(struct heddle_trace *ht);

/* --- kern/subr/trace_text.c --- */
/*
 * The newest records, of all CPUs, oldest first.  trace_cursor_back steps back over n at most
 * and returns over how many; each trace_next gives one (false: no more).
 * While tracing is on, records may be overwritten in between: those are skipped.
 */
struct trace_cursor {
	uint64_t tc_next[32];
	uint64_t tc_end[32];
};
size_t trace_cursor_back(struct trace_cursor *tc, size_t n);
bool trace_next(struct trace_cursor *tc, struct trace_record *tr);
/* What happened, in words, without time and CPU.  buf always ends in a NUL. */
void trace_text(const struct trace_record *tr, char *buf, size_t len);
/* Print the last n records: part of the report of a panic. */
void trace_report(size_t n);

#endif
