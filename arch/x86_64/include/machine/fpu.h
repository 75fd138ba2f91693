/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Vector state of LWPs; see fpu.c.
 */
#ifndef _MACHINE_FPU_H_
#define _MACHINE_FPU_H_

#include <kern/md.h>

/* The first 512 bytes of the save area, as fxsave and xsave write them. */
struct fxsave {
	uint16_t fx_fcw, fx_fsw;
	uint8_t fx_ftw, fx_zero;
	uint16_t fx_fop;
	uint64_t fx_fip, fx_fdp;
	uint32_t fx_mxcsr, fx_mxcsr_mask;
	uint8_t fx_regs[480];
};

/* xsave continues with a header, and with what XCR0 has beyond SSE. */
struct fpstate {
	struct fxsave fp_fx;
	uint64_t fp_xstate; /* components that are not in their initial state */
	uint64_t fp_reserved[7];
	uint8_t fp_extended[];
};

void fpu_init_cpu(void);
/* Once, when pools can be made. */
void fpu_init(void);
/* The running program touched a vector register.  Called with interrupts on; false: no memory. */
bool fpu_use(void);
/* Save l's live registers and have the next use trap.  Interrupts off; l == curlwp, or is leaving. */
void fpu_leave(struct lwp *l);
/* Bring the memory copy up to date; the state stays live. */
void fpu_sync(struct lwp *l);
/* A state of l's own, at power-on if it had none.  ENOMEM. */
int fpu_alloc(struct lwp *l);
/* Forget l's state: it is at power-on again. */
void fpu_free(struct lwp *l);
/* The image of l's state, which it must have. */
const struct fxsave *fpu_image(struct lwp *l);
/* Replace l's state by a valid image.  ENOMEM. */
int fpu_set(struct lwp *l, const struct fxsave *fx);
/* Give `to` what `from` has.  ENOMEM. */
int fpu_copy(struct lwp *to, struct lwp *from);
/* May this image be loaded? */
bool fpu_valid(const struct fxsave *fx);
/* The image of a program that has not used any vector register. */
void fpu_poweron(struct fxsave *fx);
/* The si_code of the error that the running program's vector unit has just reported.  Interrupts on. */
int fpu_error_code(bool simd);

#endif
