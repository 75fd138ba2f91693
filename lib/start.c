/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the entry point to main.
 */
#include <lwp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <heddle/tls.h>

#include "private.h"

/* The program header of ELF64, as far as it matters here. */
struct phdr {
	uint32_t	p_type;
	uint32_t	p_flags;
	uint64_t	p_offset;
	uint64_t	p_vaddr;
	uint64_t	p_paddr;
	uint64_t	p_filesz;
	uint64_t	p_memsz;
	uint64_t	p_align;
};
#define PT_TLS		7

typedef void		initfn(void);

/* The linker's: functions to call before main, and after. */
extern initfn *const	__preinit_array_start[] __weak;
extern initfn *const	__preinit_array_end[] __weak;
extern initfn *const	__init_array_start[] __weak;
extern initfn *const	__init_array_end[] __weak;
extern initfn *const	__fini_array_start[] __weak;
extern initfn *const	__fini_array_end[] __weak;

int	main(int, char **, char **);

char		**environ;
static const char *progname = "";

const char *
getprogname(void)
{
	return progname;
}

void
setprogname(const char *path)
{
	const char *slash = strrchr(path, '/');

	progname = slash != NULL ? slash + 1 : path;
}

/* The auxiliary vector begins where the environment ends. */
static const AuxInfo *
find_auxv(char **envp)
{
	while (*envp != NULL)
		envp++;
	return (const AuxInfo *)(envp + 1);
}

static void
find_tls(const AuxInfo *aux)
{
	const char *ph = NULL;
	size_t entsize = 0, n = 0;

	for (; aux->a_type != AT_NULL; aux++) {
		if (aux->a_type == AT_PHDR)
			ph = (const char *)aux->a_v;
		else if (aux->a_type == AT_PHENT)
			entsize = aux->a_v;
		else if (aux->a_type == AT_PHNUM)
			n = aux->a_v;
	}
	for (; ph != NULL && n > 0; n--, ph += entsize) {
		const struct phdr *p = (const struct phdr *)ph;

		if (p->p_type == PT_TLS)
			__tls_init((const void *)p->p_vaddr, p->p_filesz,
			    p->p_memsz, p->p_align);
	}
}

static void
call_all(initfn *const *fn, initfn *const *end)
{
	for (; fn < end; fn++)
		(*fn)();
}

static void
call_fini(void)
{
	initfn *const *fn = __fini_array_end;

	while (fn > __fini_array_start)
		(*--fn)();
}

/*
 * Thread storage comes first, as every system call that fails writes errno.
 * The first LWP's lies on its stack, in this frame, which is never left: so
 * there is nothing that could fail before there is an errno to say so.
 */
__dead void
___start(struct ps_strings *ps)
{
	void *tls;

	environ = ps->ps_envstr;
	find_tls(find_auxv(environ));
	tls = __builtin_alloca(__tls_size());
	_lwp_setprivate(__tls_make(tls));
	if (ps->ps_nargvstr > 0)
		setprogname(ps->ps_argvstr[0]);

	call_all(__preinit_array_start, __preinit_array_end);
	call_all(__init_array_start, __init_array_end);
	(void)atexit(call_fini);
	exit(main(ps->ps_nargvstr, ps->ps_argvstr, environ));
}
