/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user's registers: contexts in and out, new LWPs, fresh programs.
 *
 * Whoever fills a trap frame here fills all of it, and the LWP then leaves the kernel
 * by iret.  What a program asks for is checked so that iret cannot fault:
 * fixed selectors, addresses in user space, no flag that is not the program's.
 */
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/pool.h>
#include <kern/proc.h>
#include <kern/vm.h>
#include <machine/cpufunc.h>
#include <machine/fpu.h>
#include <machine/frame.h>
#include <machine/machdep.h>
#include <sys/errno.h>
#include <sys/syscall.h>

/* The flags that a program may set as it likes; PSL_I has to be set. */
#define PSL_USER (PSL_C | PSL_PF | PSL_AF | PSL_Z | PSL_N | PSL_T | PSL_D | PSL_V | PSL_AC | PSL_ID)
#define PSL_USERSET (PSL_I | PSL_MBO)

/*
 * The vector image, the last part of a context, is copied only if it is meant; but it has to be readable as
 * the rest.  The context lies in two pages at most, and the first word of it is in the first.
 */
int
md_ucontext_copyin(const ucontext_t *ucp, ucontext_t *uc)
{
	size_t head = offsetof(ucontext_t, uc_mcontext.__fpregs);
	uint64_t last;
	int error;

	_Static_assert(sizeof(ucontext_t) <= PAGE_SIZE, "two pages at most");
	error = copyin(ucp, uc, head);
	if (error != 0)
		return error;
	if ((uc->uc_flags & _UC_FPU) != 0)
		return copyin((const char *)ucp + head, (char *)uc + head, sizeof(*uc) - head);
	return ufetch_64((const char *)(ucp + 1) - sizeof(last), &last);
}

int
md_ucontext_check(const ucontext_t *uc)
{
	const mcontext_t *mc = &uc->uc_mcontext;
	const __greg_t *gr = mc->__gregs;

	if ((uc->uc_flags & _UC_CPU) == 0)
		return EINVAL;
	if (gr[_REG_RIP] >= VM_MAXUSER_ADDRESS || gr[_REG_RSP] >= VM_MAXUSER_ADDRESS)
		return EINVAL;
	if ((gr[_REG_RFLAGS] & ~(uint64_t)(PSL_USER | PSL_USERSET)) != 0 || (gr[_REG_RFLAGS] & PSL_I) == 0)
		return EINVAL;
	if (gr[_REG_CS] != SEL_UCODE || gr[_REG_SS] != SEL_UDATA)
		return EINVAL;
	if ((uc->uc_flags & _UC_TLSBASE) != 0 && mc->_mc_tlsbase >= VM_MAXUSER_ADDRESS)
		return EINVAL;
	if ((uc->uc_flags & _UC_FPU) != 0 && !fpu_valid((const struct fxsave *)mc->__fpregs))
		return EINVAL;
	return 0;
}

static void
frame_set(struct trapframe *tf, const __greg_t *gr)
{
	tf->tf_rdi = gr[_REG_RDI];
	tf->tf_rsi = gr[_REG_RSI];
	tf->tf_rdx = gr[_REG_RDX];
	tf->tf_rcx = gr[_REG_RCX];
	tf->tf_r8 = gr[_REG_R8];
	tf->tf_r9 = gr[_REG_R9];
	tf->tf_r10 = gr[_REG_R10];
	tf->tf_r11 = gr[_REG_R11];
	tf->tf_r12 = gr[_REG_R12];
	tf->tf_r13 = gr[_REG_R13];
	tf->tf_r14 = gr[_REG_R14];
	tf->tf_r15 = gr[_REG_R15];
	tf->tf_rbp = gr[_REG_RBP];
	tf->tf_rbx = gr[_REG_RBX];
	tf->tf_rax = gr[_REG_RAX];
	tf->tf_rip = gr[_REG_RIP];
	tf->tf_rsp = gr[_REG_RSP];
	tf->tf_rflags = gr[_REG_RFLAGS] | PSL_USERSET;
	tf->tf_cs = SEL_UCODE;
	tf->tf_ss = SEL_UDATA;
	tf->tf_trapno = gr[_REG_TRAPNO];
	tf->tf_err = gr[_REG_ERR];
}

static void
frame_get(const struct trapframe *tf, __greg_t *gr)
{
	gr[_REG_RDI] = tf->tf_rdi;
	gr[_REG_RSI] = tf->tf_rsi;
	gr[_REG_RDX] = tf->tf_rdx;
	gr[_REG_RCX] = tf->tf_rcx;
	gr[_REG_R8] = tf->tf_r8;
	gr[_REG_R9] = tf->tf_r9;
	gr[_REG_R10] = tf->tf_r10;
	gr[_REG_R11] = tf->tf_r11;
	gr[_REG_R12] = tf->tf_r12;
	gr[_REG_R13] = tf->tf_r13;
	gr[_REG_R14] = tf->tf_r14;
	gr[_REG_R15] = tf->tf_r15;
	gr[_REG_RBP] = tf->tf_rbp;
	gr[_REG_RBX] = tf->tf_rbx;
	gr[_REG_RAX] = tf->tf_rax;
	gr[_REG_GS] = gr[_REG_FS] = gr[_REG_ES] = gr[_REG_DS] = SEL_UDATA;
	gr[_REG_TRAPNO] = tf->tf_trapno;
	gr[_REG_ERR] = tf->tf_err;
	gr[_REG_RIP] = tf->tf_rip;
	gr[_REG_CS] = tf->tf_cs;
	gr[_REG_RFLAGS] = tf->tf_rflags & ~(uint64_t)(PSL_RF | PSL_NT); /* NT would be refused on the way back */
	gr[_REG_RSP] = tf->tf_rsp;
	gr[_REG_SS] = tf->tf_ss;
}

int
md_ucontext_set(struct lwp *l, const ucontext_t *uc)
{
	const mcontext_t *mc = &uc->uc_mcontext;
	int error;

	if ((uc->uc_flags & _UC_FPU) != 0) {
		error = fpu_set(l, (const struct fxsave *)mc->__fpregs);
		if (error != 0)
			return error;
	}
	if ((uc->uc_flags & _UC_TLSBASE) != 0)
		md_set_private(l, (void *)mc->_mc_tlsbase);
	if ((uc->uc_flags & _UC_CPU) != 0)
		frame_set(l->l_md.md_tf, mc->__gregs);
	return 0;
}

/*
 * The vector image is complete in any case; _UC_FPU says that l has such a state,
 * so that a new LWP made from this context gets one only if there is a reason.
 */
const struct fxsave *
ucontext_get_regs(struct lwp *l, ucontext_t *uc)
{
	mcontext_t *mc = &uc->uc_mcontext;

	frame_get(l->l_md.md_tf, mc->__gregs);
	mc->_mc_tlsbase = (__greg_t)l->l_private;
	uc->uc_flags |= _UC_CPU | _UC_TLSBASE;
	if (l->l_md.md_fp == NULL) {
		fpu_poweron((struct fxsave *)mc->__fpregs);
		return (struct fxsave *)mc->__fpregs;
	}
	uc->uc_flags |= _UC_FPU;
	return fpu_image(l);
}

int
md_ucontext_get(struct lwp *l, ucontext_t *uc)
{
	const struct fxsave *fx = ucontext_get_regs(l, uc);

	if ((uc->uc_flags & _UC_FPU) != 0)
		memcpy(uc->uc_mcontext.__fpregs, fx, sizeof(*fx));
	return 0;
}

void
md_lwp_init(struct lwp *l)
{
	struct trapframe *tf = (struct trapframe *)(l->l_kstack + KSTACK_SIZE) - 1;
	struct switchframe *sf = (struct switchframe *)tf - 1;
	struct vmspace *vm = l->l_proc->p_vmspace;

	sf->sf_r12 = (uint64_t)l;
	sf->sf_rbp = 0;
	sf->sf_rip = (uint64_t)lwp_begin;
	l->l_md.md_rsp = (uint64_t)sf;
	l->l_md.md_tf = tf;
	l->l_md.md_pmap = vm != NULL ? vmspace_pmap(vm) : NULL;
	l->l_md.md_fplive = 0;
	l->l_md.md_fp = NULL;
}

void
md_lwp_free(struct lwp *l)
{
	KASSERT(l != curlwp);
	KASSERT(!l->l_md.md_fplive);
	if (l->l_md.md_fp != NULL)
		fpu_free(l);
}

int
md_lwp_fork(struct lwp *l2, register_t rv0, register_t rv1)
{
	struct lwp *l = curlwp;
	struct trapframe *tf = l2->l_md.md_tf;

	*tf = *l->l_md.md_tf;
	tf->tf_rax = (uint64_t)rv0;
	tf->tf_rdx = (uint64_t)rv1;
	tf->tf_rflags &= ~(uint64_t)PSL_C;
	l2->l_private = l->l_private;
	return fpu_copy(l2, l);
}

void
md_exec_regs(struct lwp *l, vaddr_t entry, vaddr_t sp, vaddr_t ps_strings)
{
	struct trapframe *tf = l->l_md.md_tf;

	memset(tf, 0, sizeof(*tf));
	tf->tf_rip = entry;
	tf->tf_rsp = sp;
	tf->tf_rbx = ps_strings;
	tf->tf_cs = SEL_UCODE;
	tf->tf_ss = SEL_UDATA;
	tf->tf_rflags = PSL_USERSET;
	reset_user_segments();
	md_set_private(l, NULL);
	fpu_free(l);
}

/* The register is loaded with preemption off: a switch in between would load it too. */
void
md_set_private(struct lwp *l, void *ptr)
{
	bool intr = md_intr_disable();

	l->l_private = ptr;
	if (l == curlwp)
		wrmsr(MSR_FSBASE, (uint64_t)ptr);
	md_intr_restore(intr);
}

/* With __syscall all arguments are one further on, behind the number. */
static bool
indirect(const struct lwp *l)
{
	return l->l_md.md_tf->tf_rax == SYS___syscall;
}

register_t
md_syscall_number(const struct lwp *l)
{
	const struct trapframe *tf = l->l_md.md_tf;

	return (register_t)(indirect(l) ? tf->tf_rdi : tf->tf_rax);
}

int
md_syscall_arg(struct lwp *l, int n, register_t *val)
{
	/* Behind the return address of the stub. */
	const uint64_t *args = (const uint64_t *)l->l_md.md_tf->tf_rsp + 1;
	int inregs = indirect(l) ? 5 : 6;

	KASSERT(n >= inregs);
	return ufetch_64(args + (n - inregs), (uint64_t *)val);
}
