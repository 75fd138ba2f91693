/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening files.
 */
#ifndef _FCNTL_H_
#define _FCNTL_H_

#include <sys/fcntl.h>
#include <sys/stat.h>

#endif /* !_FCNTL_H_ */
