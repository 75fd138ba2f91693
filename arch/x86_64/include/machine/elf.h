/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which programs this machine runs.
 */
#ifndef _MACHINE_ELF_H_
#define _MACHINE_ELF_H_

#define MD_ELF_MACHINE 62 /* EM_X86_64 */

#endif
