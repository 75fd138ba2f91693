/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Thread storage: what %fs points to (variant II).  The __thread variables
 * lie below the control block, whose beginning has NetBSD's layout.
 */
#ifndef _HEDDLE_TLS_H_
#define _HEDDLE_TLS_H_

#include <sys/types.h>

struct tls_tcb {
	void		*tcb_self;	/* this block: %fs:0 */
	void		**tcb_dtv;	/* of no use in a static program */
	void		*tcb_pthread;	/* for a thread library */
	void		*tcb_memory;	/* what to free */
};

__BEGIN_DECLS
/* A block for an LWP that does not run yet; NULL if there is no memory. */
struct tls_tcb	*_rtld_tls_allocate(void);
/* Frees it when the LWP has exited. */
void	_rtld_tls_free(struct tls_tcb *);

/* Bytes that a block takes, and a block made of as many bytes anywhere. */
size_t	__tls_size(void);
struct tls_tcb	*__tls_make(void *);
__END_DECLS

/* The block of the calling LWP. */
static inline void *
__lwp_getprivate_fast(void)
{
	void *tcb;

	__asm volatile ("movq %%fs:0, %0" : "=r" (tcb));
	return tcb;
}

#endif /* !_HEDDLE_TLS_H_ */
