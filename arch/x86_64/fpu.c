/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Vector state (x87, SSE, AVX) of user programs: saved eagerly, loaded lazily.
 *
 * What it is.  The kernel uses no vector register.  An LWP begins each turn on a CPU
 * with CR0.TS set.  The first vector instruction of the turn traps (T_DNA); its
 * state is loaded, or made if it never had any, and is then *live* (md_fplive) until
 * the LWP leaves the CPU, when md_switchto saves it and sets TS again.
 *
 * Consequences.  An LWP that uses no vectors pays one test a switch, and has no
 * memory for them.  A state that is not live is in memory, so an LWP may go on
 * on any CPU.  md_fplive belongs to the LWP itself: only curlwp, or the
 * switch away from it, changes it, with interrupts off.
 */
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/pool.h>
#include <machine/cpufunc.h>
#include <machine/fpu.h>
#include <machine/machdep.h>
#include <sys/errno.h>
#include <sys/signal.h>

#define XCR0_X87 1
#define XCR0_SSE 2
#define XCR0_AVX 4
#define CPUID_XSTATE 13

#define FCW_POWERON 0x037f   /* all exceptions masked, 64-bit precision */
#define MXCSR_POWERON 0x1f80 /* all exceptions masked */
#define MXCSR_MASK_DEFAULT 0xffbf

static struct pool *fpu_pool;
static uint64_t fpu_xcr0;      /* what xsave saves; 0: there is only fxsave */
static uint32_t fpu_mxcsr_mask; /* bits of mxcsr that exist */

static void
fpu_store(struct fpstate *fp)
{
	if (fpu_xcr0 != 0)
		__asm__ volatile("xsave64 %0" : "=m"(*fp) : "a"((uint32_t)fpu_xcr0), "d"(0) : "memory");
	else
		__asm__ volatile("fxsave64 %0" : "=m"(*fp) : : "memory");
}

static void
fpu_load(const struct fpstate *fp)
{
	if (fpu_xcr0 != 0)
		__asm__ volatile("xrstor64 %0" : : "m"(*fp), "a"((uint32_t)fpu_xcr0), "d"(0) : "memory");
	else
		__asm__ volatile("fxrstor64 %0" : : "m"(*fp) : "memory");
}

/* Which bits of mxcsr exist is read from a saved state. */
static void
fpu_probe_mxcsr(void)
{
	static struct fxsave fx __attribute__((aligned(16)));

	clts();
	__asm__ volatile("fninit; fxsave64 %0" : "=m"(fx) : : "memory");
	lcr0(rcr0() | CR0_TS);
	fpu_mxcsr_mask = fx.fx_mxcsr_mask != 0 ? fx.fx_mxcsr_mask : MXCSR_MASK_DEFAULT;
}

void
fpu_init_cpu(void)
{
	if (cpu_features.cf_xsave) {
		fpu_xcr0 = XCR0_X87 | XCR0_SSE | (cpu_features.cf_avx ? XCR0_AVX : 0);
		__asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)fpu_xcr0), "d"(0));
	}
	if (fpu_mxcsr_mask == 0)
		fpu_probe_mxcsr();
}

void
fpu_init(void)
{
	size_t size = sizeof(struct fxsave);

	/* xsave's size depends on what XCR0 has enabled. */
	if (fpu_xcr0 != 0)
		size = umax(cpuid(CPUID_XSTATE, 0).ebx, sizeof(struct fpstate));
	fpu_pool = pool_create("fpstate", size, 64, NULL);
}

void
fpu_poweron(struct fxsave *fx)
{
	memset(fx, 0, sizeof(*fx));
	fx->fx_fcw = FCW_POWERON;
	fx->fx_mxcsr = MXCSR_POWERON;
	fx->fx_mxcsr_mask = fpu_mxcsr_mask;
}

int
fpu_alloc(struct lwp *l)
{
	struct fpstate *fp;

	if (l->l_md.md_fp != NULL)
		return 0;
	fp = pool_get(fpu_pool);
	if (fp == NULL)
		return ENOMEM;
	fpu_poweron(&fp->fp_fx);
	if (fpu_xcr0 != 0) {
		/* All in its initial state: xrstor does not look further. */
		fp->fp_xstate = 0;
		memset(fp->fp_reserved, 0, sizeof(fp->fp_reserved));
	}
	l->l_md.md_fp = fp;
	return 0;
}

bool
fpu_use(void)
{
	struct lwp *l = curlwp;

	if (fpu_alloc(l) != 0)
		return false;
	(void)md_intr_disable();
	clts();
	fpu_load(l->l_md.md_fp);
	l->l_md.md_fplive = 1;
	md_intr_enable();
	return true;
}

void
fpu_leave(struct lwp *l)
{
	KASSERT(!md_intr_enabled());
	fpu_store(l->l_md.md_fp);
	l->l_md.md_fplive = 0;
	lcr0(rcr0() | CR0_TS);
}

void
fpu_sync(struct lwp *l)
{
	bool intr;

	/* Live it becomes by its own doing alone; saved at any moment. */
	if (!l->l_md.md_fplive)
		return;
	intr = md_intr_disable();
	if (l->l_md.md_fplive)
		fpu_store(l->l_md.md_fp);
	md_intr_restore(intr);
}

/* The memory copy becomes the truth again, to be changed. */
static void
fpu_unload(struct lwp *l)
{
	bool intr;

	if (!l->l_md.md_fplive)
		return;
	intr = md_intr_disable();
	if (l->l_md.md_fplive)
		fpu_leave(l);
	md_intr_restore(intr);
}

void
fpu_free(struct lwp *l)
{
	fpu_unload(l);
	if (l->l_md.md_fp != NULL)
		pool_put(fpu_pool, l->l_md.md_fp);
	l->l_md.md_fp = NULL;
}

const struct fxsave *
fpu_image(struct lwp *l)
{
	fpu_sync(l);
	return &l->l_md.md_fp->fp_fx;
}

/*
 * What lies beyond the image (the upper halves of AVX registers) stays as it was:
 * the image cannot carry it, and a signal handler's return should not lose it.
 */
int
fpu_set(struct lwp *l, const struct fxsave *fx)
{
	struct fpstate *fp;
	int error = fpu_alloc(l);

	if (error != 0)
		return error;
	fpu_unload(l);
	fp = l->l_md.md_fp;
	memcpy(&fp->fp_fx, fx, sizeof(*fx));
	if (fpu_xcr0 != 0)
		fp->fp_xstate |= XCR0_X87 | XCR0_SSE;
	return 0;
}

int
fpu_copy(struct lwp *to, struct lwp *from)
{
	size_t size = fpu_xcr0 != 0 ? cpuid(CPUID_XSTATE, 0).ebx : sizeof(struct fxsave);

	if (from->l_md.md_fp == NULL)
		return 0;
	if (fpu_alloc(to) != 0)
		return ENOMEM;
	fpu_sync(from);
	memcpy(to->l_md.md_fp, from->l_md.md_fp, size);
	return 0;
}

bool
fpu_valid(const struct fxsave *fx)
{
	return (fx->fx_mxcsr & ~fpu_mxcsr_mask) == 0;
}

/* The first error that has happened and is not masked. */
static int
fpu_code(unsigned int errors)
{
	static const struct {
		uint8_t bits, code;
	} codes[] = {
		{ 0x01, FPE_FLTINV }, /* invalid operation */
		{ 0x04, FPE_FLTDIV },
		{ 0x02, FPE_FLTUND }, /* denormal operand */
		{ 0x08, FPE_FLTOVF },
		{ 0x10, FPE_FLTUND },
		{ 0x20, FPE_FLTRES },
	};

	for (size_t i = 0; i < nitems(codes); i++)
		if ((errors & codes[i].bits) != 0)
			return codes[i].code;
	return FPE_FLTINV;
}

int
fpu_error_code(bool simd)
{
	struct lwp *l = curlwp;
	const struct fxsave *fx = &l->l_md.md_fp->fp_fx;

	fpu_sync(l);
	if (simd)
		return fpu_code(fx->fx_mxcsr & ~(fx->fx_mxcsr >> 7));
	return fpu_code(fx->fx_fsw & ~fx->fx_fcw);
}
