/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the boot loader to C.
 *
 * GRUB comes in at _start (multiboot2), QEMU's -kernel at pvh_start (PVH): both
 * in 32-bit protected mode without paging, with the address of what they have to
 * tell in ebx.  Here the boot page tables are made, the processor is brought
 * into 64-bit mode, and machine_main(magic, info) is called in the upper half.
 *
 * The boot page tables map the first 4 GiB of physical addresses three times: at
 * 0, for this code and for the other CPUs on their way; at VM_DIRECT_BASE, so that
 * boot information and ACPI tables can be read; and the first of them at
 * VM_IMAGE_BASE.  machine_main soon leaves them (arch/x86_64/pt.c).
 */
#include <machine/asm.h>
#include <machine/cpufunc.h>
#include <machine/pt.h>
#include <machine/segments.h>
#include "assym.h"

#define MB2_HEADER_MAGIC 0xe85250d6
#define MB2_TAG_END 0
#define MB2_TAG_MODULE_ALIGN 6
#define XEN_NOTE_PHYS32_ENTRY 18
#define PVH_START_MAGIC 0x336ec578

#define CPUID_EXT 0x80000000
#define CPUID_EXT_FEATURES 0x80000001
#define CPUID_NX (1 << 20)
#define CPUID_LM (1 << 29)

#define COM1_DATA 0x3f8
#define COM1_STATUS 0x3fd
#define COM1_READY 0x20
#define DEBUG_EXIT_PORT 0xf4
#define DEBUG_EXIT_PANIC 127

	.cfi_sections .debug_frame

	.section .boot.header, "a"
	.balign 8
mb2_header:
	.long MB2_HEADER_MAGIC
	.long 0                                 /* i386, protected mode */
	.long mb2_end - mb2_header
	.long -(MB2_HEADER_MAGIC + (mb2_end - mb2_header))
	.balign 8
	.short MB2_TAG_MODULE_ALIGN, 0          /* modules begin on a page */
	.long 8
	.balign 8
	.short MB2_TAG_END, 0
	.long 8
mb2_end:

	.section .note.Xen, "a", @note
	.balign 4
	.long 4, 4, XEN_NOTE_PHYS32_ENTRY
	.asciz "Xen"
	.long pvh_start
	.balign 4

	.section .boot.text, "ax"
	.code32
	.globl _start
	.globl pvh_start
pvh_start:
	movl $PVH_START_MAGIC, %eax
_start:
	cli
	cld
	movl $boot_stack_top, %esp
	movl %eax, %edi                         /* magic and info wait in edi and esi */
	movl %ebx, %esi
	call check_cpu
	call make_tables
	movl $boot_enter64, %ebp
	jmp to_long_mode

/* The least that 64-bit C needs: 64-bit mode and no-execute pages. */
check_cpu:
	movl $CPUID_EXT, %eax
	cpuid
	cmpl $CPUID_EXT_FEATURES, %eax
	jb 1f
	movl $CPUID_EXT_FEATURES, %eax
	cpuid
	andl $(CPUID_LM | CPUID_NX), %edx
	cmpl $(CPUID_LM | CPUID_NX), %edx
	jne 1f
	ret
1:	movl $no64_message, %esi
2:	movw $COM1_STATUS, %dx
3:	inb %dx, %al
	testb $COM1_READY, %al
	jz 3b
	movw $COM1_DATA, %dx
	lodsb
	testb %al, %al
	jz 4f
	outb %al, %dx
	jmp 2b
4:	movb $DEBUG_EXIT_PANIC, %al
	outb %al, $DEBUG_EXIT_PORT
5:	hlt
	jmp 5b

/* Four page directories of 2 MiB pages for 4 GiB, and the three ways to them. */
make_tables:
	movl $boot_pd, %ebx
	movl $(PTE_P | PTE_W | PTE_PS), %eax
1:	movl %eax, (%ebx)
	addl $8, %ebx
	addl $0x200000, %eax
	jnc 1b
	movl $(boot_pd + PTE_P + PTE_W), %eax
	movl %eax, boot_pdpt_image + PT_INDEX(VM_IMAGE_BASE, PT_SHIFT3) * 8
	movl $boot_pdpt_low, %ebx
	movl $4, %ecx
2:	movl %eax, (%ebx)
	addl $8, %ebx
	addl $4096, %eax
	decl %ecx
	jnz 2b
	movl $(boot_pdpt_low + PTE_P + PTE_W), %eax
	movl %eax, boot_pml4
	movl %eax, boot_pml4 + PT_INDEX(VM_DIRECT_BASE, PT_SHIFT4) * 8
	movl $(boot_pdpt_image + PTE_P + PTE_W), %eax
	movl %eax, boot_pml4 + PT_INDEX(VM_IMAGE_BASE, PT_SHIFT4) * 8
	ret

/*
 * Into 64-bit mode, then to the address in ebp.  esi and edi are kept.
 * The other CPUs come here too.
 */
	.globl to_long_mode
to_long_mode:
	movl %cr4, %eax
	orl $(CR4_PAE | CR4_PGE), %eax
	movl %eax, %cr4
	movl $boot_pml4, %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $(EFER_LME | EFER_NXE), %eax
	wrmsr
	movl %cr0, %eax
	orl $(CR0_PG | CR0_WP | CR0_PE), %eax
	movl %eax, %cr0
	lgdt boot_gdtr
	ljmp $BOOT_SEL_CODE64, $1f
	.code64
1:	movl $BOOT_SEL_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	movl %ebp, %ebp
	jmpq *%rbp

/* The upper half is out of reach of a 32-bit jump. */
boot_enter64:
	movabsq $boot_upper, %rax
	jmpq *%rax

	.section .boot.rodata, "a"
no64_message:
	.asciz "heddle: this processor cannot run it: no 64-bit mode or no no-execute pages\r\n"
	.balign 8
	.globl boot_gdt
boot_gdt:
	.quad 0
	.quad 0x00af9b000000ffff                /* 64-bit code */
	.quad 0x00cf93000000ffff                /* data */
	.quad 0x00cf9b000000ffff                /* 32-bit code */
boot_gdtr:
	.short BOOT_GDT_SIZE - 1
	.long boot_gdt
	.long 0

	.section .boot.bss, "aw", @nobits
	.balign 4096
	.globl boot_pml4
boot_pml4:
	.skip 4096
boot_pdpt_low:
	.skip 4096
boot_pdpt_image:
	.skip 4096
boot_pd:
	.skip 4096 * 4
	.skip 256
boot_stack_top:

	.text
	.code64
/* On the stack of the boot CPU's idle LWP. */
ENTRY(boot_upper)
	.cfi_undefined rip
	movq $(boot_kstack + KSTACK_SIZE), %rsp
	xorl %ebp, %ebp
	movl %edi, %edi                         /* clears the upper halves */
	movl %esi, %esi
	call machine_main
	ud2
END(boot_upper)

	.bss
	.balign 4096
	.globl boot_kstack
	.type boot_kstack, @object
	.size boot_kstack, KSTACK_SIZE
boot_kstack:
	.skip KSTACK_SIZE

	.section .note.GNU-stack, "", @progbits
