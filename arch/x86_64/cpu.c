/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the processor can do, and its control registers.
 *
 * Needed: 64-bit mode and no-execute pages (boot.S has looked), and syscall.  The
 * rest is used where it is there.
 */
#include <kern/md.h>
#include <machine/cpufunc.h>
#include <machine/fpu.h>
#include <machine/machdep.h>

#define CPUID_FEATURES 1
#define CPUID1_ECX_TSCDEADLINE (1U << 24)
#define CPUID1_ECX_XSAVE (1U << 26)
#define CPUID1_ECX_AVX (1U << 28)
#define CPUID1_ECX_RDRAND (1U << 30)
#define CPUID1_EDX_TSC (1U << 4)
#define CPUID1_EDX_APIC (1U << 9)
#define CPUID_STRUCTURED 7
#define CPUID7_EBX_SMEP (1U << 7)
#define CPUID7_EBX_SMAP (1U << 20)
#define CPUID7_ECX_UMIP (1U << 2)
#define CPUID_EXT_FEATURES 0x80000001
#define CPUIDX_EDX_SYSCALL (1U << 11)
#define CPUIDX_EDX_GBPAGES (1U << 26)

/* A system call begins with these flags clear. */
#define SYSCALL_MASK (PSL_I | PSL_T | PSL_D | PSL_AC | PSL_NT)

struct cpu_features cpu_features;

/* A place in the kernel's text where stac or clac belongs; see <machine/asm.h>. */
struct smap_site {
	uint8_t *ss_addr;
	uint64_t ss_opcode; /* last byte of the instruction */
};
extern const struct smap_site __smap_sites_start[], __smap_sites_end[];

/* Find the features.  Ends with a message if a needed one is missing. */
void
cpu_identify(void)
{
	struct cpu_features *cf = &cpu_features;
	struct cpuid c = cpuid(CPUID_FEATURES, 0);

	if ((c.edx & CPUID1_EDX_TSC) == 0 || (c.edx & CPUID1_EDX_APIC) == 0)
		boot_fail("this processor cannot run it: no time-stamp counter or no local APIC");
	cf->cf_tscdeadline = (c.ecx & CPUID1_ECX_TSCDEADLINE) != 0;
	cf->cf_xsave = (c.ecx & CPUID1_ECX_XSAVE) != 0;
	cf->cf_avx = cf->cf_xsave && (c.ecx & CPUID1_ECX_AVX) != 0;
	cf->cf_rdrand = (c.ecx & CPUID1_ECX_RDRAND) != 0;
	if (cpuid(0, 0).eax >= CPUID_STRUCTURED) {
		c = cpuid(CPUID_STRUCTURED, 0);
		cf->cf_smep = (c.ebx & CPUID7_EBX_SMEP) != 0;
		cf->cf_smap = (c.ebx & CPUID7_EBX_SMAP) != 0;
		cf->cf_umip = (c.ecx & CPUID7_ECX_UMIP) != 0;
	}
	c = cpuid(CPUID_EXT_FEATURES, 0);
	if ((c.edx & CPUIDX_EDX_SYSCALL) == 0)
		boot_fail("this processor cannot run it: no syscall instruction");
	cf->cf_gbpages = (c.edx & CPUIDX_EDX_GBPAGES) != 0;
}

/*
 * Put stac and clac into their places.  Called while the kernel's text is still
 * writable, before anything has used them.
 */
void
smap_patch(void)
{
	const struct smap_site *site;

	if (!cpu_features.cf_smap)
		return;
	for (site = __smap_sites_start; site < __smap_sites_end; site++) {
		site->ss_addr[0] = 0x0f;
		site->ss_addr[1] = 0x01;
		site->ss_addr[2] = (uint8_t)site->ss_opcode;
	}
}

/* Whatever firmware or reset left there: a CPU comes out of reset with its caches off. */
static void
cpu_setup_control(void)
{
	const struct cpu_features *cf = &cpu_features;
	uint64_t cr4 = CR4_PAE | CR4_MCE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT;

	if (cf->cf_xsave)
		cr4 |= CR4_OSXSAVE;
	if (cf->cf_smep)
		cr4 |= CR4_SMEP;
	if (cf->cf_smap)
		cr4 |= CR4_SMAP;
	if (cf->cf_umip)
		cr4 |= CR4_UMIP;
	lcr4(cr4);
	lcr0(CR0_PG | CR0_AM | CR0_WP | CR0_NE | CR0_ET | CR0_TS | CR0_MP | CR0_PE);
}

void
cpu_setup(void)
{
	cpu_setup_control();
	fpu_init_cpu();
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE | EFER_NXE);
	wrmsr(MSR_STAR, (uint64_t)SEL_KCODE << 32 | (uint64_t)SEL_SYSRET_BASE << 48);
	wrmsr(MSR_LSTAR, (uint64_t)syscall_entry);
	wrmsr(MSR_CSTAR, (uint64_t)syscall_entry32);
	wrmsr(MSR_SFMASK, SYSCALL_MASK);
	wrmsr(MSR_SYSENTER_CS, 0); /* sysenter faults */
}

bool
md_entropy(void *buf, size_t len)
{
	uint8_t *p = buf;
	unsigned int tries = 0;

	if (!cpu_features.cf_rdrand)
		return false;
	while (len > 0) {
		uint64_t v;
		bool ok;
		size_t n = umin(len, sizeof(v));

		__asm__ volatile("rdrand %0; setc %1" : "=r"(v), "=qm"(ok) : : "cc");
		if (!ok && ++tries > 100)
			return false;
		if (!ok)
			continue;
		memcpy(p, &v, n);
		p += n;
		len -= n;
	}
	return true;
}
