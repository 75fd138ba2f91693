/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How an ioctl command is put together: direction, size of the argument,
 * group, number.
 */
#ifndef _SYS_IOCCOM_H_
#define _SYS_IOCCOM_H_

#define IOCPARM_MASK	0x1fff
#define IOCPARM_SHIFT	16
#define IOCGROUP_SHIFT	8
#define IOCPARM_LEN(x)	(((x) >> IOCPARM_SHIFT) & IOCPARM_MASK)
#define IOCGROUP(x)	(((x) >> IOCGROUP_SHIFT) & 0xff)

#define IOC_VOID	0x20000000UL	/* no argument */
#define IOC_OUT		0x40000000UL	/* the kernel writes it */
#define IOC_IN		0x80000000UL	/* the kernel reads it */
#define IOC_INOUT	(IOC_IN | IOC_OUT)

#define _IOC(inout, group, num, len)					\
	((inout) | (((unsigned long)(len) & IOCPARM_MASK) << IOCPARM_SHIFT) | \
	    ((unsigned long)(group) << IOCGROUP_SHIFT) | (unsigned long)(num))
#define _IO(g, n)	_IOC(IOC_VOID, (g), (n), 0)
#define _IOR(g, n, t)	_IOC(IOC_OUT, (g), (n), sizeof(t))
#define _IOW(g, n, t)	_IOC(IOC_IN, (g), (n), sizeof(t))
#define _IOWR(g, n, t)	_IOC(IOC_INOUT, (g), (n), sizeof(t))

#endif /* !_SYS_IOCCOM_H_ */
