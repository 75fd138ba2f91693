/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every file of the kernel uses: assertions, messages, small helpers.
 */
#ifndef _KERN_KERN_H_
#define _KERN_KERN_H_

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A named end of the machine: prints what, where, every CPU and every LWP. */
void panic(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
extern bool panicking;

void kprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void kvprintf(const char *fmt, va_list ap);
int ksnprintf(char *buf, size_t len, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * KASSERT: checked in debug kernels, and believed by the reader in all.
 * The expression must have no side effects.
 */
#ifdef DEBUG
#define KASSERT(e)                                                              \
	((e) ? (void)0 : panic("assertion \"%s\" failed: %s:%d", #e, __FILE__, __LINE__))
#else
#define KASSERT(e) ((void)sizeof((e) ? 1 : 0))
#endif

#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
#define nitems(a) (sizeof(a) / sizeof((a)[0]))
#define roundup2(x, m) (((x) + (m) - 1) & ~((__typeof__(x))(m) - 1))
#define rounddown2(x, m) ((x) & ~((__typeof__(x))(m) - 1))
#define predict_true(e) __builtin_expect((e) != 0, 1)
#define predict_false(e) __builtin_expect((e) != 0, 0)
/* From hot code, which is laid out for the other case. */
#define rarely_called __attribute__((noinline, cold))
/* What it needs registers and arguments for, its caller needs none for. */
#if __has_attribute(noipa)
#define not_inline __attribute__((noipa))
#else
#define not_inline __attribute__((noinline))
#endif

static inline uint64_t
umin(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t
umax(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* One copy a cache line: for what different CPUs write. */
#define CACHELINE 64
#define cacheline_aligned __attribute__((aligned(CACHELINE)))

/*
 * Memory that several CPUs look at without a lock goes through these, so that
 * every such place can be found.  The ordering is written at each use.
 */
#define atomic_load_relaxed(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define atomic_load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define atomic_store_relaxed(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define atomic_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define atomic_cas(p, oldp, v) \
	__atomic_compare_exchange_n((p), (oldp), (v), false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)
#define atomic_or(p, v) __atomic_fetch_or((p), (v), __ATOMIC_SEQ_CST)
#define atomic_and(p, v) __atomic_fetch_and((p), (v), __ATOMIC_SEQ_CST)
#define atomic_inc(p) __atomic_fetch_add((p), 1, __ATOMIC_SEQ_CST)
#define atomic_dec(p) __atomic_fetch_sub((p), 1, __ATOMIC_SEQ_CST)
#define membar_sync() __atomic_thread_fence(__ATOMIC_SEQ_CST)

void *memcpy(void *dst, const void *src, size_t len);
void *memmove(void *dst, const void *src, size_t len);
void *memset(void *dst, int c, size_t len);
int memcmp(const void *a, const void *b, size_t len);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t len);
char *strchr(const char *s, int c);
size_t strlcpy(char *dst, const char *src, size_t len);

/* The name of the function that holds `addr`, and the offset into it; NULL if none. */
const char *ksyms_lookup(uintptr_t addr, uintptr_t *offset);

/* Kernel command line: words before "--" are the kernel's, those after it process 1's. */
void cmdline_init(const char *line);
bool cmdline_flag(const char *name);
const char *cmdline_value(const char *name, char *buf, size_t len);
const char *cmdline_init_args(void);
/* Take the next word off *at, without its quotes, cut to len.  False: there is none. */
bool cmdline_word(const char **at, char *buf, size_t len);

#endif
