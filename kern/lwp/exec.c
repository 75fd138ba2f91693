/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * execve, and the start of process 1.
 *
 * The new program is built in an address space of its own while the old one is
 * still whole (image_load): every error up to there leaves the caller as it was.
 * Then the other LWPs are made to leave, and the image is swapped.  From the swap on
 * nothing can fail.
 *
 * Two LWPs of a process that call execve at once: the first sets PS_EXEC under p_lock
 * and the second, which is then to leave, is told EINTR and goes.
 */
#include <kern/cpu.h>
#include <kern/file.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/pool.h>
#include <kern/proc.h>
#include <kern/trace.h>
#include <kern/vm.h>
#include <sys/errno.h>
#include <sys/syslimits.h>

#include "lwp_impl.h"

/* Load the program `path` into a new address space. */
static int
image_load(const char *path, const struct exec_args *ea, struct image *im)
{
	struct elf_info info;
	vaddr_t stack = VM_MAXUSER_ADDRESS - USER_STACK_SIZE;
	const void *file;
	size_t len;
	int error;

	error = ramdisk_lookup(path, &file, &len);
	if (error != 0)
		return error;
	im->im_emul = &emul_native; /* elf_load knows no other programs */
	im->im_vm = vmspace_alloc();
	if (im->im_vm == NULL)
		return ENOMEM;
	error = elf_load(im->im_vm, file, len, &info);
	if (error == 0)
		error = vm_map(im->im_vm, &stack, USER_STACK_SIZE, PROT_READ | PROT_WRITE,
		    MAP_ANON | MAP_PRIVATE | MAP_FIXED);
	if (error == 0)
		error = im->im_emul->e_stack(ea, &info, im);
	if (error != 0) {
		vmspace_free(im->im_vm);
		return error;
	}
	im->im_entry = info.ei_entry;
	return 0;
}

/* The last component of a path, for listings.  p_lock held, or p is not published. */
static void
set_comm(struct proc *p, const char *path)
{
	const char *name = path;

	for (const char *s = path; *s != '\0'; s++) {
		if (*s == '/' && s[1] != '\0')
			name = s + 1;
	}
	strlcpy(p->p_comm, name, sizeof(p->p_comm));
	if (curproc == p)
		TRACE(trace_name(curlwp, TRACE_NAMES_PROC));
}

/* Be the only LWP of the process.  EINTR: the process ends, or another LWP was first. */
static int
exec_single(struct proc *p)
{
	mutex_enter(&p->p_lock);
	if ((p->p_sflag & (PS_WEXIT | PS_EXEC)) != 0) {
		proc_unlock(p);
		return EINTR;
	}
	p->p_sflag |= PS_EXEC;
	exit_lwps(p);
	p->p_sflag &= ~PS_EXEC;
	lwp_become_first(curlwp);
	proc_unlock(p);
	return 0;
}

static void
exec_swap(struct proc *p, const struct image *im, const char *path)
{
	struct vmspace *old = p->p_vmspace;
	struct lwp *l = curlwp;

	lwpctl_free_all();
	mutex_enter(&p->p_lock); /* listings look at it */
	p->p_vmspace = im->im_vm;
	vm_set_limit(im->im_vm, p->p_rlimit[RLIMIT_AS].rlim_cur);
	p->p_sflag |= PS_EXECED;
	set_comm(p, path);
	proc_unlock(p);
	pmap_activate(vmspace_pmap(im->im_vm));
	vmspace_free(old);
	p->p_psstrings = im->im_psstrings;
	p->p_emul = im->im_emul;
	l->l_sysent = im->im_emul->e_sysent;
	l->l_private = NULL;
	im->im_emul->e_setregs(l, im->im_entry, im->im_sp, im->im_psstrings);
	md_set_private(l, NULL);
	sig_exec(l);
	fd_close_exec(p->p_fd);
}

static int
exec_load_user(const char *upath, char *path, char *const *uargv, char *const *uenvp,
    struct image *im)
{
	struct exec_args ea;
	int error;

	error = copyinstr(upath, path, PATH_MAX, NULL);
	if (error != 0)
		return error;
	error = args_alloc(&ea);
	if (error != 0)
		return error;
	error = args_copyin(&ea, uargv, false);
	if (error == 0)
		error = args_copyin(&ea, uenvp, true);
	if (error == 0)
		error = image_load(path, &ea, im);
	args_free(&ea);
	return error;
}

int
exec_user(const char *upath, char *const *uargv, char *const *uenvp)
{
	struct proc *p = curproc;
	struct image im;
	char *path = kmem_alloc(PATH_MAX);
	int error;

	if (path == NULL)
		return ENOMEM;
	error = exec_load_user(upath, path, uargv, uenvp, &im);
	if (error == 0) {
		error = exec_single(p);
		if (error == 0)
			exec_swap(p, &im, path);
		else
			vmspace_free(im.im_vm);
	}
	kmem_free(path, PATH_MAX);
	return error;
}

/* argv[0] and the words behind "--" on the command line. */
static int
init_args(struct exec_args *ea, const char *path)
{
	const char *at = cmdline_init_args();
	static char word[512];
	int error;

	error = args_add(ea, path, false);
	while (error == 0 && at != NULL && cmdline_word(&at, word, sizeof(word)))
		error = args_add(ea, word, false);
	if (error == 0)
		error = args_add(ea, "PATH=/bin:/tests", true);
	return error;
}

/* Everything of process 1 but its running. */
static int
init_build(const char *path, struct proc **pp, struct lwp **lp)
{
	struct exec_args ea;
	struct image im;
	struct proc *p;
	int error;

	error = args_alloc(&ea);
	if (error == 0)
		error = init_args(&ea, path);
	if (error == 0)
		error = image_load(path, &ea, &im);
	if (error == 0)
		error = proc_alloc(&proc0, &p);
	if (error != 0)
		return error;
	args_free(&ea);
	set_comm(p, path);
	p->p_vmspace = im.im_vm;
	p->p_psstrings = im.im_psstrings;
	p->p_emul = im.im_emul;
	p->p_fd = fd_alloc_table();
	if (p->p_fd == NULL)
		return ENOMEM;
	error = fd_open_console(p->p_fd);
	if (error == 0)
		error = lwp_create(curlwp, p, 0, lp);
	if (error == 0)
		im.im_emul->e_setregs(*lp, im.im_entry, im.im_sp, im.im_psstrings);
	*pp = p;
	return error;
}

/*
 * Called once, at boot.  Nothing is undone on an error: there is nobody to go on.
 */
void
start_init(void)
{
	char path[64];
	struct lwp *l;
	int error;

	if (cmdline_value("init", path, sizeof(path)) == NULL)
		strlcpy(path, "/bin/init", sizeof(path));
	error = init_build(path, &initproc, &l);
	if (error != 0)
		panic("cannot start %s: error %d%s", path, error,
		    error == ENOENT ? " (no such file in the ramdisk)" :
		    error == ENOEXEC ? " (not a program)" : "");
	mutex_enter(&proclist_lock);
	initproc->p_sid = initproc->p_pgid = initproc->p_pid;
	initproc->p_pgorphan = true;
	error = lwp_publish(l, false);
	mutex_exit(&proclist_lock);
	KASSERT(error == 0);
}
