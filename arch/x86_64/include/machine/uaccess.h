/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Single words of user memory: the same path as copyin and copyout, shorter.
 * 0 or EFAULT.  May sleep; no spin lock held.
 */
#ifndef _MACHINE_UACCESS_H_
#define _MACHINE_UACCESS_H_

#include <stdint.h>

int ufetch_32(const void *uaddr, uint32_t *val);
int ufetch_64(const void *uaddr, uint64_t *val);
int ustore_32(void *uaddr, uint32_t val);
int ustore_64(void *uaddr, uint64_t val);

#endif
