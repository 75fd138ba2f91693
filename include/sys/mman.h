/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory mappings.
 */
#ifndef _SYS_MMAN_H_
#define _SYS_MMAN_H_

#include <sys/types.h>

#define PROT_NONE	0x00
#define PROT_READ	0x01
#define PROT_WRITE	0x02
#define PROT_EXEC	0x04

#define MAP_SHARED	0x0001
#define MAP_PRIVATE	0x0002		/* also if neither is given */
#define MAP_FIXED	0x0010		/* exactly at the address */
#define MAP_NORESERVE	0x0040
#define MAP_INHERIT	0x0080
#define MAP_TRYFIXED	0x0400
#define MAP_WIRED	0x0800
#define MAP_FILE	0x0000
#define MAP_ANONYMOUS	0x1000		/* zeroed memory, no file */
#define MAP_ANON	MAP_ANONYMOUS
#define MAP_STACK	0x2000

/* Flag bits 24 to 31 hold the base-2 logarithm of the alignment wanted. */
#define MAP_ALIGNMENT_SHIFT	24
#define MAP_ALIGNED(n)		((int)((unsigned int)(n) << MAP_ALIGNMENT_SHIFT))
#define MAP_ALIGNMENT_MASK	MAP_ALIGNED(0xff)

#define MAP_FAILED	((void *)-1)

#ifndef _KERNEL
__BEGIN_DECLS
void	*mmap(void *, size_t, int, int, int, off_t);
int	mprotect(void *, size_t, int);
int	munmap(void *, size_t);
__END_DECLS
#endif

#endif /* !_SYS_MMAN_H_ */
