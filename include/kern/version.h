/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the system calls itself.
 */
#ifndef _KERN_VERSION_H_
#define _KERN_VERSION_H_

#define HEDDLE_OSTYPE "Heddle"
#define HEDDLE_RELEASE "0.1"
#define HEDDLE_REVISION 100
#ifdef SANITIZER
#define HEDDLE_KIND "debug, with checks" /* and larger stacks */
#elif defined(DEBUG)
#define HEDDLE_KIND "debug"
#else
#define HEDDLE_KIND "release"
#endif
#define HEDDLE_BANNER HEDDLE_OSTYPE " " HEDDLE_RELEASE " (" HEDDLE_KIND ")"

#endif
