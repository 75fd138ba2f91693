/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arguments of a program: from the caller's memory to the new program's stack.
 *
 * The first stack, from its top (VM_MAXUSER_ADDRESS) down: struct ps_strings, the
 * strings, then at the stack pointer, 16-byte aligned: argc, argv[], NULL, envp[],
 * NULL, the auxiliary vector.  (NetBSD/amd64; see sys/exec.h.)
 */
#include <kern/emul.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/page.h>
#include <kern/pool.h>
#include <kern/vm.h>
#include <sys/errno.h>
#include <sys/exec.h>

#include "lwp_impl.h"

#define NAUX 7

int
args_alloc(struct exec_args *ea)
{
	memset(ea, 0, sizeof(*ea));
	ea->ea_buf = kmem_alloc(EXEC_ARGS_MAX);
	return ea->ea_buf != NULL ? 0 : ENOMEM;
}

void
args_free(struct exec_args *ea)
{
	kmem_free(ea->ea_buf, EXEC_ARGS_MAX);
}

static int
args_count(struct exec_args *ea, size_t len, bool env)
{
	if (ea->ea_argc + ea->ea_envc >= EXEC_ARGS_COUNT)
		return E2BIG;
	ea->ea_len += len;
	if (env)
		ea->ea_envc++;
	else
		ea->ea_argc++;
	return 0;
}

int
args_add(struct exec_args *ea, const char *s, bool env)
{
	size_t len = strlen(s) + 1;

	KASSERT(env || ea->ea_envc == 0);
	if (len > EXEC_ARGS_MAX - ea->ea_len)
		return E2BIG;
	memcpy(ea->ea_buf + ea->ea_len, s, len);
	return args_count(ea, len, env);
}

/* Append the strings of a NULL-terminated vector in user memory; NULL: an empty one. */
int
args_copyin(struct exec_args *ea, char *const *uvec, bool env)
{
	uint64_t s;
	size_t len;
	int error;

	if (uvec == NULL)
		return 0;
	for (;; uvec++) {
		error = ufetch_64(uvec, &s);
		if (error != 0 || s == 0)
			return error;
		error = copyinstr((const char *)s, ea->ea_buf + ea->ea_len,
		    EXEC_ARGS_MAX - ea->ea_len, &len);
		if (error == 0)
			error = args_count(ea, len, env);
		if (error != 0)
			return error == ENAMETOOLONG ? E2BIG : error;
	}
}

/* The words at the stack pointer: argc, the two vectors, the auxiliary vector. */
static size_t
stack_words(const struct exec_args *ea, const struct elf_info *info, vaddr_t strings, uint64_t *w)
{
	const AuxInfo aux[NAUX] = {
		{ AT_PHDR, info->ei_phdr },
		{ AT_PHENT, 56 }, /* sizeof(Elf64_Phdr) */
		{ AT_PHNUM, info->ei_phnum },
		{ AT_PAGESZ, PAGE_SIZE },
		{ AT_ENTRY, info->ei_entry },
		{ AT_STACKBASE, VM_MAXUSER_ADDRESS },
		{ AT_NULL, 0 },
	};
	const char *s = ea->ea_buf;
	size_t n = 0;

	w[n++] = ea->ea_argc;
	for (uint32_t i = 0; i < ea->ea_argc + ea->ea_envc; i++) {
		if (i == ea->ea_argc)
			w[n++] = 0;
		w[n++] = strings + (size_t)(s - ea->ea_buf);
		s += strlen(s) + 1;
	}
	if (ea->ea_envc == 0)
		w[n++] = 0;
	w[n++] = 0;
	for (int i = 0; i < NAUX; i++) {
		w[n++] = aux[i].a_type;
		w[n++] = aux[i].a_v;
	}
	return n;
}

int
args_stack(const struct exec_args *ea, const struct elf_info *info, struct image *im)
{
	size_t max = (ea->ea_argc + ea->ea_envc + 3 + 2 * NAUX) * sizeof(uint64_t), n;
	vaddr_t strings, pss = VM_MAXUSER_ADDRESS - sizeof(struct ps_strings);
	struct ps_strings ps;
	uint64_t *w = kmem_alloc(max);
	int error;

	if (w == NULL)
		return ENOMEM;
	strings = rounddown2(pss - ea->ea_len, 16);
	n = stack_words(ea, info, strings, w);
	im->im_sp = rounddown2(strings - n * sizeof(uint64_t), 16);
	im->im_psstrings = pss;
	memset(&ps, 0, sizeof(ps));
	ps.ps_argvstr = (char **)(im->im_sp + 8);
	ps.ps_nargvstr = (int)ea->ea_argc;
	ps.ps_envstr = (char **)(im->im_sp + 8 * (ea->ea_argc + 2));
	ps.ps_nenvstr = (int)ea->ea_envc;

	error = vm_write(im->im_vm, im->im_sp, w, n * sizeof(uint64_t));
	if (error == 0)
		error = vm_write(im->im_vm, strings, ea->ea_buf, ea->ea_len);
	if (error == 0)
		error = vm_write(im->im_vm, pss, &ps, sizeof(ps));
	kmem_free(w, max);
	return error;
}
