/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one way to user memory: copyin, copyout, copyinstr, a single word, and a time.
 *
 * The range is checked first.  Each instruction that touches user memory is in
 * the exception table: when a fault cannot be resolved, trap() goes on at the
 * fixup, which returns EFAULT.
 *
 * A copy of 64 bytes and more is by rep movsq; less is by loads and stores, which
 * cost less than the start of a rep on real processors.
 */
#include <machine/asm.h>
#include "assym.h"

	.cfi_sections .debug_frame
	.text

	/* EFAULT unless [\addr, \addr + \len) is user space.  Destroys r8 and r9. */
	.macro CHECK_RANGE addr, len
	movabsq $VM_MAXUSER_ADDRESS, %r8
	movq \addr, %r9
	addq \len, %r9
	jc copy_efault
	cmpq %r8, %r9
	ja copy_efault
	.endm

	/* Debug kernels: user memory is never touched under a spin lock. */
	.macro ASSERT_MAY_SLEEP
#ifdef DEBUG
	cmpl $0, %gs:CI_SPIN_DEPTH
	jne copy_under_spin
#endif
	.endm

/* int copyout(const void *kaddr, void *uaddr, size_t len) */
ENTRY(copyout)
	ASSERT_MAY_SLEEP
	CHECK_RANGE %rsi, %rdx
	jmp copy_bytes
END(copyout)

/* int copyin(const void *uaddr, void *kaddr, size_t len) */
ENTRY(copyin)
	ASSERT_MAY_SLEEP
	CHECK_RANGE %rdi, %rdx
END(copyin)

/* rdx bytes from rdi to rsi. */
ENTRY(copy_bytes)
	STAC
	cmpq $64, %rdx
	jae 6f
	subq $16, %rdx
	jb 2f
1:	movq (%rdi), %rax
11:	movq 8(%rdi), %rcx
12:	movq %rax, (%rsi)
13:	movq %rcx, 8(%rsi)
	jz 7f
	addq $16, %rdi
	addq $16, %rsi
	subq $16, %rdx
	jae 1b
2:	andl $15, %edx
	jz 7f
	testb $8, %dl
	jz 3f
14:	movq (%rdi), %rax
15:	movq %rax, (%rsi)
	addq $8, %rdi
	addq $8, %rsi
3:	testb $4, %dl
	jz 4f
16:	movl (%rdi), %eax
17:	movl %eax, (%rsi)
	addq $4, %rdi
	addq $4, %rsi
4:	andl $3, %edx
	jz 7f
5:
18:	movb (%rdi), %al
19:	movb %al, (%rsi)
	incq %rdi
	incq %rsi
	decl %edx
	jnz 5b
	jmp 7f

6:	xchgq %rdi, %rsi
	movq %rdx, %rcx
	shrq $3, %rcx
20:	rep movsq
	movl %edx, %ecx
	andl $7, %ecx
21:	rep movsb
7:	CLAC
	xorl %eax, %eax
	ret
	EX_TABLE(1b, copy_fault)
	EX_TABLE(11b, copy_fault)
	EX_TABLE(12b, copy_fault)
	EX_TABLE(13b, copy_fault)
	EX_TABLE(14b, copy_fault)
	EX_TABLE(15b, copy_fault)
	EX_TABLE(16b, copy_fault)
	EX_TABLE(17b, copy_fault)
	EX_TABLE(18b, copy_fault)
	EX_TABLE(19b, copy_fault)
	EX_TABLE(20b, copy_fault)
	EX_TABLE(21b, copy_fault)
END(copy_bytes)

/* int copyinstr(const void *uaddr, char *kaddr, size_t len, size_t *done) */
ENTRY(copyinstr)
	ASSERT_MAY_SLEEP
	movabsq $VM_MAXUSER_ADDRESS, %r8
	movq %rdi, %r9
	xorl %eax, %eax
	STAC
1:	testq %rdx, %rdx
	jz 3f
	cmpq %r8, %rdi
	jae copy_fault
2:	movb (%rdi), %al
	movb %al, (%rsi)
	incq %rdi
	incq %rsi
	decq %rdx
	testb %al, %al
	jnz 1b
	jmp 4f
3:	movl $ENAMETOOLONG, %eax
4:	CLAC
	testq %rcx, %rcx
	jz 5f
	subq %r9, %rdi
	movq %rdi, (%rcx)
5:	ret
	EX_TABLE(2b, copy_fault)
END(copyinstr)

/* int ufetch_64(const void *uaddr, uint64_t *val) */
ENTRY(ufetch_64)
	ASSERT_MAY_SLEEP
	movabsq $(VM_MAXUSER_ADDRESS - 8), %r8
	cmpq %r8, %rdi
	ja copy_efault
	STAC
1:	movq (%rdi), %rax
	CLAC
	movq %rax, (%rsi)
	xorl %eax, %eax
	ret
	EX_TABLE(1b, copy_fault)
END(ufetch_64)

/* struct timespec ufetch_timespec(const struct timespec *uts): in rax and rdx */
ENTRY(ufetch_timespec)
	ASSERT_MAY_SLEEP
	movabsq $(VM_MAXUSER_ADDRESS - 16), %r8
	cmpq %r8, %rdi
	ja 4f
	STAC
1:	movq (%rdi), %rax
2:	movq 8(%rdi), %rdx
	CLAC
	ret
3:	CLAC
4:	movq $-1, %rdx
	ret
	EX_TABLE(1b, 3b)
	EX_TABLE(2b, 3b)
END(ufetch_timespec)

ENTRY(copy_fault)
	CLAC
copy_efault:
	movl $EFAULT, %eax
	ret
END(copy_fault)

#ifdef DEBUG
/* The frame makes the caller visible in the backtrace. */
ENTRY(copy_under_spin)
	pushq %rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbp, 0
	movq %rsp, %rbp
	.cfi_def_cfa_register rbp
	andq $~15, %rsp
	movq $copy_under_spin_message, %rdi
	xorl %eax, %eax
	call panic
	ud2
END(copy_under_spin)

	.section .rodata
copy_under_spin_message:
	.asciz "user memory touched with a spin lock held"
#endif

	.section .note.GNU-stack, "", @progbits
