/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saving, loading, making and switching contexts.
 */
#ifndef _UCONTEXT_H_
#define _UCONTEXT_H_

#include <sys/ucontext.h>

__BEGIN_DECLS
int	getcontext(ucontext_t *) __returns_twice;
/* fn is called with the arguments, argc ints, when the context is loaded. */
void	makecontext(ucontext_t *, void (*)(void), int, ...);
int	setcontext(const ucontext_t *);
int	swapcontext(ucontext_t *restrict, const ucontext_t *restrict);
__END_DECLS

#endif /* !_UCONTEXT_H_ */
