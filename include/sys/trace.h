/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace: what the kernel writes when something happens to an LWP, and the names
 * under {CTL_VENDOR} that turn it on and tell its end.  doc/tracing.md has the whole.
 */
#ifndef _SYS_TRACE_H_
#define _SYS_TRACE_H_

#include <sys/types.h>

/*
 * A record, as it lies in memory.  What `code`, `word` and `arg` mean depends on the
 * event; "pair" is pid << 32 | lid.  tools/heddlelib/tracefile.py reads it too.
 */
struct trace_record {
	uint64_t	tr_time;	/* ns, the monotonic clock */
	uint8_t		tr_event;	/* TRACE_* */
	uint8_t		tr_cpu;		/* where it was written */
	uint16_t	tr_code;
	int32_t		tr_pid;		/* the LWP that it is about */
	int32_t		tr_lid;
	uint32_t	tr_word;
	uint64_t	tr_arg;
};

/* tr_event			   code				word		arg */
#define TRACE_BEGIN	1	/* 0				CPUs		records a CPU */
#define TRACE_END	2	/* 0				0		0 */
#define TRACE_NAME	3	/* piece << 8 | TRACE_NAMES_*	4 bytes		8 bytes */
#define TRACE_STATE	4	/* new << 8 | old, 0: snapshot	sleep: message;	sleep: channel
				 *				snapshot: CPU	*/
#define TRACE_SWITCH	5	/* TRACE_SW_*			0		pair of the next LWP */
#define TRACE_WAKE	6	/* 0 or errno			message		pair of the waker */
#define TRACE_TOKEN	7	/* 0				0		pair of the unparker */
#define TRACE_EARLY	8	/* 0				0		0 */
#define TRACE_SYSCALL	9	/* number			2nd argument	1st argument */
#define TRACE_SYSRET	10	/* number			error		result */
#define TRACE_SEND	11	/* signal			0		pair of the sender */
#define TRACE_SIGNAL	12	/* signal			1: handler	0 */
#define TRACE_IPI	13	/* TRACE_INTR_*			target CPU	0 */
#define TRACE_INTR	14	/* TRACE_INTR_*			0		0 */
#define TRACE_INTRRET	15	/* TRACE_INTR_*			0		0 */
#define TRACE_INTROFF	16	/* 0				ns		address where it ended */
#define TRACE_SPIN	17	/* 0				ns		address of the lock */
#define TRACE_MUTEX	18	/* 1: it slept			name		pair of the owner */
#define TRACE_CREATE	19	/* 0				0		pair of the maker */
#define TRACE_EXIT	20	/* 0				0		0 */
#define TRACE_FORK	21	/* 0				0		pair of the parent */
#define TRACE_EXEC	22	/* 0				0		id before */
#define TRACE_PEXIT	23	/* 0				wait status	0 */
#define TRACE_MARK	24	/* piece << 8			4 bytes		8 bytes */
#define TRACE_MARKDATA	25	/* 0				bytes given	the first 8 */
#define TRACE_EVENTS	26

/* What a name is of. */
#define TRACE_NAMES_LWP		0
#define TRACE_NAMES_PROC	1
#define TRACE_PIECE		12	/* bytes of text in a record */
#define TRACE_NAMEMAX		36	/* longest name, or label of a mark, that is kept */

/* Why an LWP left its CPU. */
#define TRACE_SW_SLEEP		0
#define TRACE_SW_PREEMPT	1
#define TRACE_SW_YIELD		2
#define TRACE_SW_EXIT		3
#define TRACE_SW_STOP		4	/* stopped or suspended */
#define TRACE_SW_IDLE		5	/* the idle LWP gives way */
#define TRACE_SW_MIGRATE	6	/* to another CPU */

#define TRACE_INTR_TIMER	0
#define TRACE_INTR_RESCHED	1	/* "choose again" */
#define TRACE_INTR_CALL		2	/* "run this" */
#define TRACE_INTR_DEVICE	3

/* {CTL_VENDOR, HEDDLE_TRACE}: how it stands; setting an int 1 or 0 turns it on (afresh) or off. */
struct heddle_trace {
	int32_t		ht_on;
	int32_t		ht_cpus;	/* that have a ring; 0: never turned on */
	uint64_t	ht_size;	/* records that a ring holds */
	uint64_t	ht_written;	/* records written since it was turned on */
	uint64_t	ht_lost;	/* of these, overwritten */
};

/*
 * {CTL_VENDOR, HEDDLE_TRACELOG, element size, n}: the last n records of all CPUs
 * in the order of time, with their text; no kernel addresses.
 */
#define TRACE_TEXT	88

struct heddle_traceline {
	uint64_t	hl_time;
	int32_t		hl_cpu;
	int32_t		hl_event;
	int32_t		hl_code;
	int32_t		hl_pid;
	int32_t		hl_lid;
	int32_t		hl_pad;
	char		hl_text[TRACE_TEXT];
};

_Static_assert(sizeof(struct trace_record) == 32, "struct trace_record");

/* utrace: a mark.  Labels are cut to what a record keeps. */
#define TRACE_LABELMAX	20	/* with the NUL, as NetBSD's */
#define TRACE_DATAMAX	2048

#ifndef _KERNEL
__BEGIN_DECLS
int	utrace(const char *, const void *, size_t);
__END_DECLS
#endif

#endif /* !_SYS_TRACE_H_ */
