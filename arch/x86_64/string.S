/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memcpy and memset, in place of those of kern/subr/string.c.
 *
 * 64 bytes and more go by a rep instruction; less by loads and stores, which cost less
 * than the start of a rep on real processors.
 */
#include <machine/asm.h>

	.cfi_sections .debug_frame
	.text

/* void *memcpy(void *dst, const void *src, size_t len) */
ENTRY(memcpy)
	movq %rdi, %rax
	movq %rdx, %rcx
	cmpq $64, %rdx
	jae 4f
	subq $8, %rdx
	jb 2f
	/* The last eight bytes overlap what comes before, if there are odd ones. */
	movq (%rsi, %rdx), %r8
	leaq (%rdi, %rdx), %r9
1:	movq (%rsi), %rcx
	movq %rcx, (%rdi)
	addq $8, %rsi
	addq $8, %rdi
	subq $8, %rdx
	jae 1b
	movq %r8, (%r9)
	ret

2:	addl $8, %edx
	jz 5f
3:	movb (%rsi), %cl
	movb %cl, (%rdi)
	incq %rsi
	incq %rdi
	decl %edx
	jnz 3b
	ret

4:	shrq $3, %rcx
	rep movsq
	movl %edx, %ecx
	andl $7, %ecx
	rep movsb
5:	ret
END(memcpy)

/* void *memset(void *dst, int c, size_t len) */
ENTRY(memset)
	movq %rdi, %r8
	movzbl %sil, %esi
	movabsq $0x0101010101010101, %rax
	imulq %rsi, %rax
	movq %rdx, %rcx
	cmpq $64, %rdx
	jae 4f
	subq $8, %rdx
	jb 2f
1:	movq %rax, (%rdi)
	addq $8, %rdi
	subq $8, %rdx
	jae 1b
2:	addl $8, %edx
	jz 5f
3:	movb %al, (%rdi)
	incq %rdi
	decl %edx
	jnz 3b
	jmp 5f

4:	shrq $3, %rcx
	rep stosq
	movl %edx, %ecx
	andl $7, %ecx
	rep stosb
5:	movq %r8, %rax
	ret
END(memset)

	.section .note.GNU-stack, "", @progbits
