/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Output to the console, below the terminal: what kprintf and the terminal share.
 */
#ifndef _KERN_CONS_H_
#define _KERN_CONS_H_

#include <kern/kern.h>

/*
 * Write bytes in one piece: no other CPU's bytes come between.  "\n" is sent as it
 * is.  Any context.  The console lock is held for all of them, so keep it short.
 */
void cons_write(const char *buf, size_t len);
/* Silence kprintf (not kwarn, and not a panic). */
void cons_set_quiet(bool quiet);
/* From now on only this CPU prints, and without the lock: the machine is ending. */
void cons_seize(void);

/* As kprintf, but said in any case: for what went wrong. */
void kwarn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
