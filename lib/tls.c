/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Thread storage, variant II: an LWP's __thread variables end where its
 * control block begins, and %fs points to the control block.
 *
 *	| slack | .tdata copied, .tbss zero | struct tls_tcb |
 *	                                    ^ %fs, aligned as PT_TLS asks
 *
 * The linker has counted the offsets of the variables downwards from %fs,
 * from a block whose size is rounded up to the alignment of PT_TLS; so must we.
 */
#include <heddle/tls.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "private.h"

#define TCB_ALIGN	16

static const void	*image;			/* .tdata */
static size_t		image_size;
static size_t		block_size;		/* .tdata and .tbss, rounded */
static size_t		tcb_align = TCB_ALIGN;

void
__tls_init(const void *addr, size_t filesz, size_t memsz, size_t align)
{
	image = addr;
	image_size = filesz;
	align = MAX(align, (size_t)1);
	block_size = roundup2(memsz, align);
	tcb_align = MAX(align, (size_t)TCB_ALIGN);
}

/* Enough, however the memory is aligned. */
size_t
__tls_size(void)
{
	return roundup2(block_size + tcb_align - 1 + sizeof(struct tls_tcb),
	    (size_t)TCB_ALIGN);
}

struct tls_tcb *
__tls_make(void *memory)
{
	struct tls_tcb *tcb;
	char *block;

	tcb = (struct tls_tcb *)roundup2((uintptr_t)memory + block_size,
	    tcb_align);
	block = (char *)tcb - block_size;
	(void)memset(block, 0, block_size + sizeof(*tcb));
	if (image_size > 0)
		(void)memcpy(block, image, image_size);
	tcb->tcb_self = tcb;
	tcb->tcb_memory = memory;
	return tcb;
}

struct tls_tcb *
_rtld_tls_allocate(void)
{
	void *memory = malloc(__tls_size());

	return memory != NULL ? __tls_make(memory) : NULL;
}

void
_rtld_tls_free(struct tls_tcb *tcb)
{
	free(tcb->tcb_memory);
}
