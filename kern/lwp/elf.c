/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ELF: check a program file and put it into an address space.
 *
 * The file is a stranger's: every offset and size is checked against the length of
 * the file, every address against user space, before it is used.  Anything that is not
 * a static 64-bit x86-64 executable with separate writable and executable parts is ENOEXEC.
 *
 * What it does not handle: dynamic linking, ET_DYN, pages shared between processes: each gets
 * its own copy of the program.
 */
#include <elf.h>
#include <kern/lwp.h>
#include <kern/page.h>
#include <kern/vm.h>
#include <machine/elf.h>
#include <sys/errno.h>

#include "lwp_impl.h"

#define ELF_MAXPHNUM 64

/* The ramdisk puts a file anywhere. */
typedef Elf64_Ehdr ehdr_t __attribute__((aligned(1)));
typedef Elf64_Phdr phdr_t __attribute__((aligned(1)));

/* [off, off + size) lies within `len` bytes. */
static bool
within(uint64_t off, uint64_t size, uint64_t len)
{
	return off <= len && size <= len - off;
}

static const ehdr_t *
elf_header(const void *file, size_t len)
{
	const ehdr_t *eh = file;

	if (len < sizeof(*eh) || memcmp(eh->e_ident, ELFMAG, SELFMAG) != 0)
		return NULL;
	if (eh->e_ident[EI_CLASS] != ELFCLASS64 || eh->e_ident[EI_DATA] != ELFDATA2LSB ||
	    eh->e_ident[EI_VERSION] != EV_CURRENT || eh->e_type != ET_EXEC ||
	    eh->e_machine != MD_ELF_MACHINE || eh->e_version != EV_CURRENT)
		return NULL;
	if (eh->e_phentsize != sizeof(Elf64_Phdr) || eh->e_phnum == 0 ||
	    eh->e_phnum > ELF_MAXPHNUM || eh->e_phoff % sizeof(uint64_t) != 0 ||
	    !within(eh->e_phoff, (uint64_t)eh->e_phnum * sizeof(Elf64_Phdr), len))
		return NULL;
	return eh;
}

static bool
segment_ok(const phdr_t *ph, size_t len)
{
	if (!within(ph->p_offset, ph->p_filesz, len) || ph->p_filesz > ph->p_memsz)
		return false;
	if (ph->p_vaddr < VM_MIN_ADDRESS ||
	    !within(ph->p_vaddr, ph->p_memsz, VM_MAXUSER_ADDRESS - USER_STACK_SIZE - PAGE_SIZE))
		return false;
	return (ph->p_flags & (PF_W | PF_X)) != (PF_W | PF_X);
}

static int
segment_prot(const phdr_t *ph)
{
	return ((ph->p_flags & PF_R) != 0 ? PROT_READ : 0) |
	    ((ph->p_flags & PF_W) != 0 ? PROT_WRITE : 0) |
	    ((ph->p_flags & PF_X) != 0 ? PROT_EXEC : 0);
}

/*
 * Map one segment.  Two segments in one page overlap as mappings: that is refused, because
 * the second would replace the first (and could make code writable).
 */
static int
segment_load(struct vmspace *vm, const phdr_t *ph, const char *file, vaddr_t *top)
{
	vaddr_t start = trunc_page(ph->p_vaddr);
	size_t len = round_page(ph->p_vaddr + ph->p_memsz) - start;
	int error;

	if (ph->p_memsz == 0)
		return 0;
	if (start < *top)
		return ENOEXEC;
	error = vm_map(vm, &start, len, segment_prot(ph), MAP_ANON | MAP_PRIVATE | MAP_FIXED);
	if (error == 0)
		error = vm_write(vm, ph->p_vaddr, file + ph->p_offset, ph->p_filesz);
	*top = start + len;
	return error;
}

/* Where the program headers are in the program's memory; 0: nowhere. */
static vaddr_t
elf_phdr_address(const ehdr_t *eh, const phdr_t *ph)
{
	for (int i = 0; i < eh->e_phnum; i++) {
		if (ph[i].p_type == PT_LOAD && eh->e_phoff >= ph[i].p_offset &&
		    within(eh->e_phoff - ph[i].p_offset, eh->e_phnum * sizeof(*ph), ph[i].p_filesz))
			return ph[i].p_vaddr + (eh->e_phoff - ph[i].p_offset);
	}
	return 0;
}

int
elf_load(struct vmspace *vm, const void *file, size_t len, struct elf_info *info)
{
	const ehdr_t *eh = elf_header(file, len);
	const phdr_t *ph;
	bool entry_ok = false;
	vaddr_t top = 0;
	int error;

	if (eh == NULL)
		return ENOEXEC;
	ph = (const phdr_t *)((const char *)file + eh->e_phoff);
	for (int i = 0; i < eh->e_phnum; i++) {
		if (ph[i].p_type == PT_INTERP || ph[i].p_type == PT_DYNAMIC)
			return ENOEXEC;
		if (ph[i].p_type != PT_LOAD)
			continue;
		if (!segment_ok(&ph[i], len))
			return ENOEXEC;
		error = segment_load(vm, &ph[i], file, &top);
		if (error != 0)
			return error;
		if ((ph[i].p_flags & PF_X) != 0 && eh->e_entry >= ph[i].p_vaddr &&
		    eh->e_entry - ph[i].p_vaddr < ph[i].p_memsz)
			entry_ok = true;
	}
	if (!entry_ok)
		return ENOEXEC;
	info->ei_entry = eh->e_entry;
	info->ei_phdr = elf_phdr_address(eh, ph);
	info->ei_phnum = eh->e_phnum;
	return 0;
}
