/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KERNEL=kasan: which bytes of kernel memory may be touched (kern/san/kasan.c).
 * In all other kernels these do nothing.
 */
#ifndef _KERN_KASAN_H_
#define _KERN_KASAN_H_

#include <kern/kern.h>

/* Why a byte must not be touched. */
#define KASAN_FREE_PAGE 0xff   /* a page that nobody holds */
#define KASAN_FREE_OBJECT 0xfd /* an object that is in its pool */
#define KASAN_REDZONE 0xfc     /* behind the end of an object */
#define KASAN_GLOBAL 0xf9      /* behind the end of a variable */

#ifdef KASAN
/* The checks begin; `shadow` describes physical memory [0, end), a byte for eight bytes, and is clear. */
void kasan_init(void *shadow, paddr_t end);
/* Memory, at its address in the direct map or in kernel pages, becomes forbidden for this reason. */
void kasan_poison(const void *p, size_t len, uint8_t why);
/* Its first `size` bytes of `room` may be touched; the rest is a redzone.  p is aligned to 8 bytes. */
void kasan_allow(const void *p, size_t size, size_t room);
/* What the instrumentation does before an access: assembly code's callers do it by hand. */
void kasan_check(const void *p, size_t len, bool write) __attribute__((access(none, 1)));
#else
#define kasan_init(shadow, end) ((void)0)
#define kasan_poison(p, len, why) ((void)0)
#define kasan_allow(p, size, room) ((void)0)
#define kasan_check(p, len, write) ((void)0)
#endif

#endif
