/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace, as programs see it: utrace makes a mark in it, sysctl turns it on and off and tells its end.
 */
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/pool.h>
#include <kern/syscallargs.h>
#include <kern/trace.h>
#include <sys/errno.h>

#include "sysctl_impl.h"

#define TRACELOG_MAX 4096 /* records that one call tells */

/* The arguments are checked whether tracing is on or not. */
int
sys_utrace(struct lwp *l, const struct sys_utrace_args *uap, register_t *retval)
{
	char label[TRACE_LABELMAX];
	uint64_t data = 0;
	int error;

	(void)l;
	(void)retval;
	if (uap->len > TRACE_DATAMAX)
		return ENOSPC;
	error = copyinstr(uap->label, label, sizeof(label), NULL);
	if (error == 0 && uap->len != 0)
		error = copyin(uap->addr, &data, umin(uap->len, sizeof(data)));
	if (error == 0)
		TRACE(trace_mark(label, &data, uap->len));
	return error;
}

/* {CTL_VENDOR, HEDDLE_TRACE} */
int
sysctl_trace(struct sysctl_req *rq)
{
	struct heddle_trace ht;
	int on, error = 0;

	if (rq->rq_new != NULL) {
		if (rq->rq_newlen != sizeof(on))
			return EINVAL;
		error = copyin(rq->rq_new, &on, sizeof(on));
		if (error == 0 && on != 0 && on != 1)
			error = EINVAL;
		if (error == 0)
			error = trace_set(on != 0);
	}
	if (error != 0)
		return error;
	trace_stat(&ht);
	return sysctl_out(rq, &ht, sizeof(ht));
}

static void
fill_line(struct heddle_traceline *hl, const struct trace_record *tr)
{
	memset(hl, 0, sizeof(*hl));
	hl->hl_time = tr->tr_time;
	hl->hl_cpu = tr->tr_cpu;
	hl->hl_event = tr->tr_event;
	hl->hl_code = tr->tr_code;
	hl->hl_pid = tr->tr_pid;
	hl->hl_lid = tr->tr_lid;
	trace_text(tr, hl->hl_text, sizeof(hl->hl_text));
}

/* Copy out up to n lines, oldest first; *done: how many there were. */
static int
tell_lines(struct sysctl_req *rq, size_t stride, size_t n, size_t *done)
{
	struct heddle_traceline line;
	struct trace_cursor tc;
	struct trace_record tr;
	char *to = rq->rq_old;
	int error = 0;

	trace_hold();
	(void)trace_cursor_back(&tc, n);
	for (*done = 0; error == 0 && *done < n && trace_next(&tc, &tr); ++*done) {
		fill_line(&line, &tr);
		error = copyout(&line, to, umin(stride, sizeof(line)));
		to += stride;
	}
	trace_release();
	return error;
}

/* {CTL_VENDOR, HEDDLE_TRACELOG, element size, most elements} */
int
sysctl_tracelog(struct sysctl_req *rq)
{
	size_t stride, n, done = 0;
	int error = 0;

	if (rq->rq_namelen != 4 || rq->rq_name[2] <= 0 || rq->rq_name[3] < 0 || rq->rq_new != NULL)
		return EINVAL;
	stride = umin((size_t)rq->rq_name[2], sizeof(struct heddle_traceline));
	n = umin((size_t)rq->rq_name[3], TRACELOG_MAX);
	if (rq->rq_old != NULL) {
		n = umin(n, rq->rq_room / stride);
		error = tell_lines(rq, stride, n, &done);
		n = done;
	}
	rq->rq_len = n * stride;
	return error;
}
