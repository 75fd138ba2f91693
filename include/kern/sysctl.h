/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the rest of the kernel has to know of kern/sys/sys_sysctl.c.
 */
#ifndef _KERN_SYSCTL_H_
#define _KERN_SYSCTL_H_

/* At boot, before programs run. */
void sysctl_init(void);

#endif
