/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random bytes for programs.
 */
#ifndef _KERN_RANDOM_H_
#define _KERN_RANDOM_H_

#include <stddef.h>

/* Any context. */
void random_bytes(void *buf, size_t len);

#endif
