/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the entry code saves of the code that was interrupted.
 *
 * The frame of a user program lies at the very top of its LWP's kernel stack,
 * always at the same place.  A system call fills only what the call needs (see
 * syscall.S): the callee-saved registers rbx, rbp, r12 - r15, and rcx, r11, cs,
 * ss, are filled in when a handler or userret() asks for the full frame.
 */
#ifndef _MACHINE_FRAME_H_
#define _MACHINE_FRAME_H_

#include <stdint.h>

struct trapframe {
	/* Arguments of a system call: the handlers' uap points here. */
	uint64_t tf_rdi;
	uint64_t tf_rsi;
	uint64_t tf_rdx;
	uint64_t tf_r10;
	uint64_t tf_r8;
	uint64_t tf_r9;
	uint64_t tf_rax;
	uint64_t tf_rcx;
	uint64_t tf_r11;
	/* Callee-saved. */
	uint64_t tf_rbx;
	uint64_t tf_rbp;
	uint64_t tf_r12;
	uint64_t tf_r13;
	uint64_t tf_r14;
	uint64_t tf_r15;
	uint64_t tf_trapno;
	/* The processor's own part. */
	uint64_t tf_err;
	uint64_t tf_rip;
	uint64_t tf_cs;
	uint64_t tf_rflags;
	uint64_t tf_rsp;
	uint64_t tf_ss;
};

/* So that the stack is aligned as the C calling convention wants it. */
_Static_assert(sizeof(struct trapframe) % 16 == 0, "struct trapframe");

/* tf_trapno of a system call. */
#define TRAPNO_SYSCALL 0x100
/* Of one that is to be executed again: tf_rip is at the instruction. */
#define TRAPNO_RESTART 0x101
#define SYSCALL_LENGTH 2 /* bytes of the instruction */

/* What md_switchto leaves on the stack of an LWP that is not running. */
struct switchframe {
	uint64_t sf_r15;
	uint64_t sf_r14;
	uint64_t sf_r13;
	uint64_t sf_r12;
	uint64_t sf_rbx;
	uint64_t sf_rbp;
	uint64_t sf_rip;
};

#endif
