/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compiler attributes under their BSD names.
 */
#ifndef _SYS_CDEFS_H_
#define _SYS_CDEFS_H_

#ifdef __cplusplus
#define __BEGIN_DECLS	extern "C" {
#define __END_DECLS	}
#else
#define __BEGIN_DECLS
#define __END_DECLS
#endif

#define ___CONCAT(x, y)		x ## y
#define __CONCAT(x, y)		___CONCAT(x, y)
#define ___STRING(x)		#x
#define __STRING(x)		___STRING(x)

#define __dead			__attribute__((__noreturn__))
#define __unused		__attribute__((__unused__))
#define __used			__attribute__((__used__))
#define __packed		__attribute__((__packed__))
#define __aligned(n)		__attribute__((__aligned__(n)))
#define __section(name)		__attribute__((__section__(name)))
#define __weak			__attribute__((__weak__))
#define __noinline		__attribute__((__noinline__))
#define __always_inline		inline __attribute__((__always_inline__))
#define __warn_unused		__attribute__((__warn_unused_result__))
#define __returns_twice		__attribute__((__returns_twice__))
#define __malloc_like		__attribute__((__malloc__))
#define __printflike(fmt, arg)	\
	__attribute__((__format__(__printf__, fmt, arg)))
#define __scanflike(fmt, arg)	\
	__attribute__((__format__(__scanf__, fmt, arg)))

/* Gives a function another name in the object file than in C. */
#define __RENAME(name)		__asm(__STRING(name))

#define __predict_true(e)	__builtin_expect((e) != 0, 1)
#define __predict_false(e)	__builtin_expect((e) != 0, 0)

#define __arraycount(a)		(sizeof(a) / sizeof((a)[0]))
#define __UNCONST(p)		((void *)(unsigned long)(const void *)(p))
#define __UNVOLATILE(p)		((void *)(unsigned long)(volatile void *)(p))

#endif /* !_SYS_CDEFS_H_ */
