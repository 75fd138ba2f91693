/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The LWP calls that are more than a stub.
 */
#include <heddle/tls.h>
#include <lwp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/param.h>
#include <ucontext.h>

#include "private.h"

/* The image of the vector state, and its control words at power-on. */
#define FX_MXCSR	24
#define FCW_POWERON	0x037f
#define MXCSR_POWERON	0x1f80
#define MXCSR_FLAGS	0x3f		/* what has happened so far */

/* Smallest stack that is worth having beside thread storage. */
#define MINSTACK	1024

struct pair	__sys__lwp_unpark_all(const lwpid_t *, size_t, const void *);

ssize_t
_lwp_unpark_all(const lwpid_t *targets, size_t n, const void *hint)
{
	return __sys__lwp_unpark_all(targets, n, hint).first;
}

ssize_t
_lwp_unpark_all_found(const lwpid_t *targets, size_t n, const void *hint,
    size_t *found)
{
	struct pair r = __sys__lwp_unpark_all(targets, n, hint);

	*found = (size_t)r.second;
	return r.first;
}

/*
 * Thread storage at the top of the stack, for a caller who gave none: then
 * errno works in every LWP, and freeing the stack frees all.  NULL if the
 * stack is too small for both.
 */
static void *
carve_tls(caddr_t stack, size_t *size)
{
	size_t need = __tls_size();

	if (*size < need + MINSTACK)
		return NULL;
	*size -= need;
	return __tls_make(stack + *size);
}

/* In a function of its own: the compiler takes getcontext for a setjmp. */
static __noinline void
own_context(ucontext_t *u)
{
	(void)getcontext(u);
}

/*
 * Rounding, precision and masks of the caller are the new LWP's too, the registers not.
 * Whether they are other than at power-on: only then a state is needed at all.
 */
static bool
keep_fp_control(mcontext_t *mc)
{
	char *image = mc->__fpregs;
	uint32_t mxcsr;
	uint16_t fcw;

	(void)memcpy(&fcw, image, sizeof(fcw));
	(void)memcpy(&mxcsr, image + FX_MXCSR, sizeof(mxcsr));
	mxcsr &= ~(uint32_t)MXCSR_FLAGS;
	if (fcw == FCW_POWERON && mxcsr == MXCSR_POWERON)
		return false;
	(void)memset(image, 0, sizeof(mc->__fpregs));
	(void)memcpy(image, &fcw, sizeof(fcw));
	(void)memcpy(image + FX_MXCSR, &mxcsr, sizeof(mxcsr));
	return true;
}

/*
 * The context of the caller gives the selectors and flags that the kernel
 * accepts.  Its vector state is left out: the new LWP starts with a fresh one,
 * and needs no memory for it until it uses it.
 */
void
_lwp_makecontext(ucontext_t *u, void (*start)(void *), void *arg,
    void *private, caddr_t stack, size_t size)
{
	__greg_t *r = u->uc_mcontext.__gregs;
	uintptr_t *sp;

	own_context(u);
	if (private == NULL)
		private = carve_tls(stack, &size);
	u->uc_flags &= ~(unsigned int)_UC_STACK;
	if ((u->uc_flags & _UC_FPU) && !keep_fp_control(&u->uc_mcontext))
		u->uc_flags &= ~(unsigned int)_UC_FPU;
	u->uc_flags |= _UC_CPU | _UC_TLSBASE;
	u->uc_link = NULL;
	u->uc_stack.ss_sp = stack;
	u->uc_stack.ss_size = size;
	u->uc_stack.ss_flags = 0;
	u->uc_mcontext._mc_tlsbase = (__greg_t)private;

	/* When start returns, the LWP ends. */
	sp = (uintptr_t *)rounddown((uintptr_t)(stack + size), (uintptr_t)16);
	*--sp = (uintptr_t)__lwp_return;
	r[_REG_RSP] = (__greg_t)sp;
	r[_REG_RIP] = (__greg_t)start;
	r[_REG_RDI] = (__greg_t)arg;
	r[_REG_RBP] = 0;
}
