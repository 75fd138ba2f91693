/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process's address space: a map of regions; the page tables are the truth
 * about single pages.  Theory: kern/mem/vm_map.c.
 *
 * All functions may sleep, and are called with no spin lock held.  vm_lock is
 * the innermost of the adaptive mutexes: copyin and copyout may take it, so
 * nothing else is taken under it.
 */
#ifndef _KERN_VM_H_
#define _KERN_VM_H_

#include <kern/mutex.h>
#include <kern/page.h>
#include <sys/mman.h>

struct pmap;
struct vmspace;

#define VM_MIN_ADDRESS 0x1000UL
#define VM_MAXUSER_ADDRESS 0x00007f8000000000UL
#define USER_STACK_SIZE (8UL << 20)
#define USER_STACK_BASE (VM_MAXUSER_ADDRESS - USER_STACK_SIZE)

/* After pool_subsystem_init. */
void vm_init(void);
/* NULL: no memory. */
struct vmspace *vmspace_alloc(void);
/* Drop everything.  The caller no longer has it loaded (pmap_activate(NULL) first).  May wait. */
void vmspace_free(struct vmspace *vm);
/* A copy for a child: private pages are shared copy-on-write.  NULL: no memory. */
struct vmspace *vmspace_fork(struct vmspace *vm);
struct pmap *vmspace_pmap(struct vmspace *vm);

/*
 * Reserve zero-filled memory.  *addr: hint in, address out.  flags: MAP_FIXED,
 * MAP_SHARED, alignment bits; other bits mean nothing here.  len is rounded up
 * to pages.  EINVAL: length 0, a fixed range that is unaligned or not in user
 * space, a bad alignment; EACCES: writable and executable; ENOMEM.  After an
 * error nothing has changed.
 */
int vm_map(struct vmspace *vm, vaddr_t *addr, size_t len, int prot, int flags);
/*
 * The same, filled with the first datalen bytes of `data`, or less if len is less.  MAP_SHARED: not to be written to,
 * now or later.  With MAP_FIXED what was there may be gone after ENOMEM.
 */
int vm_map_data(struct vmspace *vm, vaddr_t *addr, size_t len, int prot, int flags, const void *data, size_t datalen);
/*
 * Let the program read a page of the kernel's, at an address of our choice, until it unmaps it.  Takes a
 * reference of its own.  ENOMEM: nothing has changed.
 */
int vm_map_kernel_page(struct vmspace *vm, paddr_t pa, vaddr_t *addr);
/* Take it back, if the program has not put something else there, and there is memory to cut a region in two. */
void vm_unmap_kernel_page(struct vmspace *vm, vaddr_t addr, paddr_t pa);
/* EINVAL: as above; ENOMEM: a region had to be cut in two and there is no memory. */
int vm_unmap(struct vmspace *vm, vaddr_t addr, size_t len);
/*
 * EINVAL, EACCES: as above; EACCES: so too, if a file is mapped shared there and it is to be writable;
 * ENOMEM: as above, or part of the range is not mapped.
 */
int vm_protect(struct vmspace *vm, vaddr_t addr, size_t len, int prot);
/* Put bytes into mapped memory whatever its protection (program loading). vm need not be loaded. ENOMEM, EFAULT. */
int vm_write(struct vmspace *vm, vaddr_t addr, const void *src, size_t len);
/* vm_map and vm_map_data give ENOMEM rather than let it become larger than so many bytes. */
void vm_set_limit(struct vmspace *vm, uint64_t limit);
/* Pages that vm has, and bytes of its regions.  A hint, as no lock is taken. */
uint64_t vm_resident(struct vmspace *vm);
uint64_t vm_size(struct vmspace *vm);
/* Pages that user programs have, each counted once. */
uint64_t vm_user_pages(void);
/* Count a page of user memory that was allocated, and drop a reference to one. */
void user_page_count(void);
void user_page_free(paddr_t pa);

#endif
