/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The block that the kernel shares with one LWP (_lwp_ctl).
 */
#ifndef _SYS_LWPCTL_H_
#define _SYS_LWPCTL_H_

typedef struct lwpctl {
	volatile int	lc_curcpu;	/* CPU it runs on, or LWPCTL_CPU_* */
	volatile int	lc_pctr;	/* changes at each preemption */
} lwpctl_t;

#define LWPCTL_CPU_NONE		(-1)	/* not on a CPU */
#define LWPCTL_CPU_EXITED	(-2)	/* will not touch its stack again */

#define LWPCTL_FEATURE_CURCPU	0x00000001
#define LWPCTL_FEATURE_PCTR	0x00000002

#endif /* !_SYS_LWPCTL_H_ */
