/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Segments, task state and GS base of a CPU.
 */
#include <kern/cpu.h>
#include <machine/cpufunc.h>
#include <machine/machdep.h>

/* Access bytes and flags of descriptors, all of them marked as accessed. */
#define DESC_KCODE 0x00209b0000000000 /* 64-bit code, ring 0 */
#define DESC_KDATA 0x0000930000000000
#define DESC_UCODE 0x0020fb0000000000 /* the same for ring 3 */
#define DESC_UDATA 0x0000f30000000000
#define DESC_TYPE_LDT 0x82
#define DESC_TYPE_TSS 0x89

struct table_register {
	uint16_t tr_limit;
	uint64_t tr_base;
} __attribute__((packed));

static const uint64_t ldt[LDT_COUNT] = {
	[LDT_UDATA] = DESC_UDATA,
	[LDT_UCODE] = DESC_UCODE,
};

/* A descriptor of a table or task state takes two entries. */
static void
gdt_system(uint64_t *desc, const void *base, size_t len, uint8_t type)
{
	uint64_t addr = (uint64_t)base;

	desc[0] = (len - 1) | (addr & 0xffffff) << 16 | (uint64_t)type << 40 | (addr >> 24 & 0xff) << 56;
	desc[1] = addr >> 32;
}

static void
gdt_fill(struct md_cpu *mc)
{
	mc->mc_gdt[GDT_KCODE] = DESC_KCODE;
	mc->mc_gdt[GDT_KDATA] = DESC_KDATA;
	gdt_system(&mc->mc_gdt[GDT_LDT], ldt, sizeof(ldt), DESC_TYPE_LDT);
	gdt_system(&mc->mc_gdt[GDT_TSS], &mc->mc_tss, sizeof(mc->mc_tss), DESC_TYPE_TSS);
	for (unsigned int i = 0; i < IST_COUNT; i++)
		mc->mc_tss.tss_ist[1 + i] = mc->mc_stacks + (i + 1) * IST_SIZE;
	mc->mc_tss.tss_iobase = sizeof(mc->mc_tss);
}

/* The far return loads cs; the data segments only have to be harmless. */
static void
gdt_load(const struct md_cpu *mc)
{
	struct table_register tr = { sizeof(mc->mc_gdt) - 1, (uint64_t)mc->mc_gdt };

	__asm__ volatile("lgdt %0\n\t"
	                 "pushq %1\n\t"
	                 "leaq 1f(%%rip), %%rax\n\t"
	                 "pushq %%rax\n\t"
	                 "lretq\n"
	                 "1:\tmovl %2, %%eax\n\t"
	                 "movl %%eax, %%ss\n\t"
	                 "movl %3, %%eax\n\t"
	                 "movl %%eax, %%ds\n\t"
	                 "movl %%eax, %%es\n\t"
	                 "movl %%eax, %%fs\n\t"
	                 "movl %%eax, %%gs\n\t"
	                 "lldt %w4\n\t"
	                 "ltr %w5"
	                 :
	                 : "m"(tr), "i"(SEL_KCODE), "i"(SEL_KDATA), "i"(0), "r"(SEL_LDT), "r"(SEL_TSS)
	                 : "rax", "memory");
}

void
gdt_init_cpu(struct cpu_info *ci)
{
	ci->ci_self = ci;
	gdt_fill(&ci->ci_md);
	gdt_load(&ci->ci_md);
	wrmsr(MSR_FSBASE, 0);
	wrmsr(MSR_GSBASE, (uint64_t)ci);
	wrmsr(MSR_KERNELGSBASE, 0);
}
