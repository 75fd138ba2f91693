/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls on memory: mmap, munmap, mprotect.
 *
 * What it does not handle: files are not mapped (ENODEV).  The pages of a ramdisk
 * file could be copied when it is mapped, but nothing needs that yet.
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
	struct file *f;

	if ((uap->flags & (MAP_SHARED | MAP_PRIVATE)) == (MAP_SHARED | MAP_PRIVATE))
		return EINVAL;
	if ((uap->flags & MAP_ANON) != 0)
		return uap->fd == -1 ? 0 : EINVAL;
	if (pos < 0)
		return EINVAL;
	f = fd_get(curproc->p_fd, uap->fd);
	if (f == NULL)
		return EBADF;
	file_rele(f);
	return ENODEV;
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
	if (error == 0)
		error = vm_map(l->l_proc->p_vmspace, &addr, uap->len, uap->prot, uap->flags);
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
