/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KERNEL=kasan: every load and store of C code is checked (-fsanitize=kernel-address).
 *
 * What it is.  Eight bytes of physical memory have one byte of shadow: 0, all may be
 * touched; 1 to 7, so many of them; else none, and why (kern/kasan.h).  The shadow goes by
 * physical address, so that a page that was freed is forbidden at all its addresses: the
 * direct map, the image, and the kernel pages of kmem.c, which are looked up in the page table.
 *
 * Forbidden are: free pages; free objects of pools without a constructor (what has one may be
 * touched while it is free: that is what type-stable means); the room behind an object
 * or an allocation; the room that the compiler leaves behind a variable.
 *
 * What it does not handle.  Variables on the stack (the stack protector sees to those) and the
 * running LWP's own stack; assembly code, but for the two ends of copyin and copyout in kernel memory;
 * what is handed out again at once after it was freed.
 */
#include <kern/cpu.h>
#include <kern/kasan.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/page.h>
#include <kern/pool.h>
#include <machine/pt.h> /* where the direct map, the kernel pages and the image are */

#define GRAIN 8UL

static uint8_t *kasan_shadow; /* constant */
static paddr_t kasan_end;     /* constant; 0 until the checks begin */

/* What the compiler tells of a variable. */
struct kasan_global {
	uintptr_t kg_start;
	size_t kg_size, kg_room;
	const char *kg_name, *kg_module;
	unsigned long kg_dynamic;
	const void *kg_place;
	uintptr_t kg_odr;
};

/* Bounds of the compiler's own constructors: the linker script's. */
typedef void (*init_t)(void);
extern const init_t __init_array_start[], __init_array_end[];
extern const char __image_end[], __text_start[];

/* The physical address, or kasan_end: not memory that the shadow covers. */
static paddr_t
physical(uintptr_t va)
{
	paddr_t pa = kasan_end;

	if (va - VM_DIRECT_BASE < kasan_end)
		return va - VM_DIRECT_BASE;
	if (va >= (uintptr_t)__text_start && va < (uintptr_t)__image_end)
		return va - VM_IMAGE_BASE;
	if (va - VM_KERNEL_BASE < VM_KERNEL_SIZE && pmap_kextract(trunc_page(va), &pa))
		return pa + (va & PAGE_MASK);
	return kasan_end;
}

/* The shadow of a byte; NULL: it has none. */
static uint8_t *
shadow_of(uintptr_t va)
{
	paddr_t pa = physical(va);

	return pa < kasan_end ? &kasan_shadow[pa / GRAIN] : NULL;
}

static const char *
reason(uint8_t why)
{
	switch (why) {
	case KASAN_FREE_PAGE:
		return "a free page";
	case KASAN_FREE_OBJECT:
		return "a free object";
	case KASAN_GLOBAL:
		return "the end of a variable";
	default:
		return "the end of an object";
	}
}

static void __attribute__((noreturn))
report(uintptr_t va, size_t len, bool write, uint8_t why, uintptr_t pc)
{
	uintptr_t offset = 0;
	const char *name = ksyms_lookup(pc, &offset);

	kasan_end = 0; /* the report reads what it finds */
	panic("KASAN: %s of %zu bytes at %p, in %s, by %s+0x%lx", write ? "write" : "read", len,
	    (void *)va, reason(why), name != NULL ? name : "?", offset);
}

/* The bytes [va, va + len) of one grain. */
static inline bool
grain_good(uint8_t shadow, uintptr_t va, size_t len)
{
	return shadow == 0 || (shadow < GRAIN && va % GRAIN + len <= shadow);
}

static void
check(uintptr_t va, size_t len, bool write, uintptr_t pc)
{
	uintptr_t start = va, end = va + len;

	if (kasan_end == 0 || panicking || va < VM_DIRECT_BASE || va - curlwp->l_kstack < KSTACK_SIZE)
		return;
	while (va < end) {
		size_t n = umin(GRAIN - va % GRAIN, end - va);
		const uint8_t *shadow = shadow_of(va);

		if (shadow == NULL)
			return; /* a device */
		if (predict_false(!grain_good(*shadow, va, n)))
			report(start, len, write, *shadow < GRAIN ? shadow[1] : *shadow, pc);
		va += n;
	}
}

void
kasan_check(const void *p, size_t len, bool write)
{
	check((uintptr_t)p, len, write, (uintptr_t)__builtin_return_address(0));
}

/* A page at a time: those of kernel pages need not lie in a row. */
void
kasan_poison(const void *p, size_t len, uint8_t why)
{
	uintptr_t va = (uintptr_t)p;
	size_t n;

	KASSERT(va % GRAIN == 0);
	for (; kasan_end != 0 && len > 0; va += n, len -= n) {
		uint8_t *shadow = shadow_of(va);

		n = umin(len, PAGE_SIZE - (va & PAGE_MASK));
		if (shadow != NULL)
			memset(shadow, why, (n + GRAIN - 1) / GRAIN);
	}
}

void
kasan_allow(const void *p, size_t size, size_t room)
{
	size_t whole = rounddown2(size, GRAIN);
	uint8_t *shadow;

	kasan_poison((const char *)p + whole, room - whole, KASAN_REDZONE);
	kasan_poison(p, whole, 0);
	if (size == whole || kasan_end == 0)
		return;
	shadow = shadow_of((uintptr_t)p + whole);
	if (shadow != NULL)
		*shadow = (uint8_t)(size - whole);
}

void
kasan_init(void *shadow, paddr_t end)
{
	kasan_shadow = shadow;
	kasan_end = end;
	for (const init_t *f = __init_array_start; f < __init_array_end; f++)
		(*f)();
}

/* The compiler calls these; nobody else does. */
#define ACCESS(name, write, n)                                                  \
	void __asan_##name##n##_noabort(uintptr_t va);                          \
	void __asan_##name##n##_noabort(uintptr_t va)                           \
	{                                                                       \
		check(va, n, write, (uintptr_t)__builtin_return_address(0));    \
	}
#define ACCESSES(name, write)                                                   \
	ACCESS(name, write, 1)                                                  \
	ACCESS(name, write, 2)                                                  \
	ACCESS(name, write, 4)                                                  \
	ACCESS(name, write, 8)                                                  \
	ACCESS(name, write, 16)
ACCESSES(load, false)
ACCESSES(store, true)

void __asan_loadN_noabort(uintptr_t va, size_t len);
void
__asan_loadN_noabort(uintptr_t va, size_t len)
{
	check(va, len, false, (uintptr_t)__builtin_return_address(0));
}

void __asan_storeN_noabort(uintptr_t va, size_t len);
void
__asan_storeN_noabort(uintptr_t va, size_t len)
{
	check(va, len, true, (uintptr_t)__builtin_return_address(0));
}

void __asan_register_globals(const struct kasan_global *kg, size_t n);
void
__asan_register_globals(const struct kasan_global *kg, size_t n)
{
	for (; n > 0; n--, kg++) {
		size_t whole = rounddown2(kg->kg_size, GRAIN);

		kasan_poison((const char *)kg->kg_start + whole, kg->kg_room - whole, KASAN_GLOBAL);
		if (kg->kg_size != whole)
			*shadow_of(kg->kg_start + whole) = (uint8_t)(kg->kg_size - whole);
	}
}

void __asan_unregister_globals(const struct kasan_global *kg, size_t n);
void
__asan_unregister_globals(const struct kasan_global *kg, size_t n)
{
	(void)kg;
	(void)n;
}

void __asan_handle_no_return(void);
void
__asan_handle_no_return(void)
{
	/* The stack has no shadow. */
}
