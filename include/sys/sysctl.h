/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names and structures of the sysctl call.  Heddle's own are in
 * <sys/heddle.h>.
 */
#ifndef _SYS_SYSCTL_H_
#define _SYS_SYSCTL_H_

#include <sys/types.h>

#define CTL_MAXNAME	12		/* most components of a name */

#define CTL_UNSPEC	0
#define CTL_KERN	1
#define CTL_VM		2
#define CTL_VFS		3
#define CTL_NET		4
#define CTL_DEBUG	5
#define CTL_HW		6
#define CTL_MACHDEP	7
#define CTL_USER	8
#define CTL_DDB		9
#define CTL_PROC	10
#define CTL_VENDOR	11
#define CTL_EMUL	12
#define CTL_SECURITY	13

/* CTL_KERN */
#define KERN_OSTYPE	1		/* string */
#define KERN_OSRELEASE	2		/* string */
#define KERN_OSREV	3		/* int */
#define KERN_VERSION	4		/* string */
#define KERN_MAXPROC	6		/* int */
#define KERN_MAXFILES	7		/* int */
#define KERN_ARGMAX	8		/* int */
#define KERN_HOSTNAME	10		/* string */
#define KERN_POSIX1	17		/* int */
#define KERN_JOB_CONTROL 19		/* int */
#define KERN_BOOTTIME	21		/* struct timeval */
#define KERN_IOV_MAX	38		/* int */
#define KERN_MONOTONIC_CLOCK 60		/* int */
#define KERN_URND	61		/* int: random */
#define KERN_LWP	64		/* struct kinfo_lwp[] */
#define KERN_POSIX_THREADS 66		/* int */
#define KERN_ARND	81		/* random bytes, up to 256 */

/* CTL_HW */
#define HW_MACHINE	1		/* string */
#define HW_MODEL	2		/* string */
#define HW_NCPU		3		/* int */
#define HW_BYTEORDER	4		/* int */
#define HW_PHYSMEM	5		/* int: bytes, saturated */
#define HW_USERMEM	6		/* int: bytes, saturated */
#define HW_PAGESIZE	7		/* int */
#define HW_MACHINE_ARCH	10		/* string */
#define HW_PHYSMEM64	13		/* int64_t: bytes */
#define HW_USERMEM64	14		/* int64_t: bytes */
#define HW_NCPUONLINE	16		/* int */

/*
 * One LWP, as {CTL_KERN, KERN_LWP, pid, element size, count} reports it.
 * Addresses of the kernel read as 0.
 */
#define KI_WMESGLEN	8
#define KI_LNAMELEN	20
#define KI_NOCPU	(~(uint64_t)0)	/* l_cpuid of one that never ran */

struct kinfo_lwp {
	uint64_t	l_forw;		/* 0 */
	uint64_t	l_back;		/* 0 */
	uint64_t	l_laddr;	/* 0 */
	uint64_t	l_addr;		/* 0 */
	int32_t		l_lid;		/* id */
	int32_t		l_flag;		/* L_* */
	uint32_t	l_swtime;	/* 0 */
	uint32_t	l_slptime;	/* seconds asleep */
	int32_t		l_schedflags;	/* 0 */
	int32_t		l_holdcnt;	/* 0 */
	uint8_t		l_priority;	/* priority in force */
	uint8_t		l_usrpri;	/* the same without boosts */
	int8_t		l_stat;		/* LS*, <sys/lwp.h> */
	int8_t		l_pad1;
	int32_t		l_pad2;
	char		l_wmesg[KI_WMESGLEN];	/* what it waits for */
	uint64_t	l_wchan;	/* park hint, or 0 */
	uint64_t	l_cpuid;	/* CPU it runs or last ran on */
	uint32_t	l_rtime_sec;	/* CPU time used */
	uint32_t	l_rtime_usec;
	uint32_t	l_cpticks;	/* 0 */
	uint32_t	l_pctcpu;	/* 0 */
	uint32_t	l_pid;		/* process */
	char		l_name[KI_LNAMELEN];
};

#define L_INMEM		0x00000004	/* always set */
#define L_SINTR		0x00000080	/* asleep, may be interrupted */
#define L_SYSTEM	0x00000200	/* belongs to the kernel */
#define L_WSUSPEND	0x00020000	/* suspended, or asked to be */
#define L_DETACHED	0x00800000	/* nobody will wait for it */

_Static_assert(sizeof(struct kinfo_lwp) == 128, "struct kinfo_lwp");
_Static_assert(offsetof(struct kinfo_lwp, l_wmesg) == 64, "struct kinfo_lwp");
_Static_assert(offsetof(struct kinfo_lwp, l_name) == 108, "struct kinfo_lwp");

#ifndef _KERNEL
__BEGIN_DECLS
int	sysctl(const int *, u_int, void *, size_t *, const void *, size_t);
__END_DECLS
#endif

#endif /* !_SYS_SYSCTL_H_ */
