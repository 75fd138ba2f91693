/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assert: may be included again after NDEBUG has changed.
 */
#include <sys/cdefs.h>

#undef assert
#ifdef NDEBUG
#define assert(e)	((void)0)
#else
#define assert(e)							\
	((e) ? (void)0 : __assert_fail(#e, __FILE__, __LINE__, __func__))
#endif

#ifndef _ASSERT_H_
#define _ASSERT_H_

#define static_assert	_Static_assert

__BEGIN_DECLS
__dead void	__assert_fail(const char *, const char *, int, const char *);
__END_DECLS

#endif /* !_ASSERT_H_ */
