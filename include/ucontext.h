/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saving and loading contexts.
 */
#ifndef _UCONTEXT_H_
#define _UCONTEXT_H_

#include <sys/ucontext.h>

__BEGIN_DECLS
int	getcontext(ucontext_t *) __returns_twice;
int	setcontext(const ucontext_t *);
__END_DECLS

#endif /* !_UCONTEXT_H_ */
