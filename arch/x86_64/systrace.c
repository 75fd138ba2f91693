/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls while tracing is on: what systrace.S calls before and after the handler.
 */
#include <kern/md.h>
#include <kern/trace.h>
#include <machine/cpufunc.h>
#include <machine/frame.h>
#include <machine/machdep.h>
#include <sys/errno.h>

void
systrace_in(const struct trapframe *tf)
{
	TRACE(trace_syscall(tf->tf_rax, tf->tf_rdi, tf->tf_rsi));
}

/* The handler of call `code` has returned: put into the frame what the program is to see. */
void
systrace_out(struct trapframe *tf, int error, const register_t *retval, uint64_t code)
{
	TRACE(trace_sysret(code, error, (uint64_t)retval[0]));
	switch (error) {
	case 0:
		tf->tf_rax = (uint64_t)retval[0];
		tf->tf_rdx = (uint64_t)retval[1];
		tf->tf_rflags &= ~(uint64_t)PSL_C;
		break;
	case EJUSTRETURN:
		break;
	case ERESTART:
		tf->tf_rip -= SYSCALL_LENGTH;
		tf->tf_trapno = TRAPNO_RESTART;
		break;
	case ERESTARTALWAYS:
		tf->tf_rip -= SYSCALL_LENGTH;
		break;
	default:
		tf->tf_rax = (uint64_t)error;
		tf->tf_rflags |= PSL_C;
		break;
	}
}
