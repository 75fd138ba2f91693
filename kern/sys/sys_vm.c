/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls on memory: mmap, munmap, mprotect.
 *
 * A file is mapped by copying it: those of the ramdisk never change, so a program cannot tell,
 * unless by the time it takes.  What cannot be written to is not mapped shared and writable, nor made so later.
 *
 * What it does not handle: behind the page that holds the last byte of the file there are zeros,
 * not SIGBUS; devices are not mapped (ENODEV); the position is a multiple of the page size.
 */
#include <kern/file.h>
#include <kern/md.h>
#include <kern/proc.h>
#include <kern/syscallargs.h>
#include <kern/vm.h>
#include <sys/errno.h>

/* The flags of mmap that say what is mapped and how, checked as NetBSD does. */
static int
mmap_check(const struct sys_mmap_args *uap, off_t pos)
{
	if ((uap->flags & (MAP_SHARED | MAP_PRIVATE)) == (MAP_SHARED | MAP_PRIVATE))
		return EINVAL;
	if ((uap->flags & MAP_ANON) != 0)
		return uap->fd == -1 ? 0 : EINVAL;
	return pos < 0 || (pos & PAGE_MASK) != 0 ? EINVAL : 0;
}

static int
mmap_file(struct lwp *l, const struct sys_mmap_args *uap, off_t pos, vaddr_t *addr)
{
	struct file *f = fd_get(l->l_proc->p_fd, uap->fd);
	const void *data;
	size_t len;
	int error;

	if (f == NULL)
		return EBADF;
	if (f->f_ops->fo_map == NULL) {
		error = ENODEV;
	} else if ((f->f_flag & FREAD) == 0 ||
	    ((uap->flags & MAP_SHARED) != 0 && (uap->prot & PROT_WRITE) != 0)) {
		error = EACCES;
	} else {
		f->f_ops->fo_map(f, pos, &data, &len);
		error = vm_map_data(l->l_proc->p_vmspace, addr, uap->len, uap->prot, uap->flags, data, len);
	}
	file_rele(f);
	return error;
}

int
sys_mmap(struct lwp *l, const struct sys_mmap_args *uap, register_t *retval)
{
	vaddr_t addr = (vaddr_t)uap->addr;
	register_t pos;
	int error;

	error = md_syscall_arg(l, 6, &pos);
	if (error == 0)
		error = mmap_check(uap, pos);
	if (error != 0)
		return error;
	if ((uap->flags & MAP_ANON) != 0)
		error = vm_map(l->l_proc->p_vmspace, &addr, uap->len, uap->prot, uap->flags);
	else
		error = mmap_file(l, uap, pos, &addr);
	if (error == 0)
		*retval = (register_t)addr;
	return error;
}

int
sys_munmap(struct lwp *l, const struct sys_munmap_args *uap, register_t *retval)
{
	(void)retval;
	return vm_unmap(l->l_proc->p_vmspace, (vaddr_t)uap->addr, uap->len);
}

int
sys_mprotect(struct lwp *l, const struct sys_mprotect_args *uap, register_t *retval)
{
	(void)retval;
	return vm_protect(l->l_proc->p_vmspace, (vaddr_t)uap->addr, uap->len, uap->prot);
}
