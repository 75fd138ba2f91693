/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a panic tells about the whole machine.
 */
#ifndef _KERN_REPORT_H_
#define _KERN_REPORT_H_

/*
 * Print every CPU's backtrace and every LWP.  Called when all other CPUs are stopped
 * and nothing else prints; takes no lock and follows what it finds.
 */
void report_machine(void);
/* From a panic in the report: goes on behind the part of it that has failed.  Returns if there is none. */
void report_resume(void);

struct lwp;
/* kern/subr/waits.c, at the same time.  The LWP that could end the wait of `l`, as far as it can be known; or NULL. */
struct lwp *waits_for(const struct lwp *l);
/* A line for each ring of LWPs that wait for each other. */
void waits_report(void *unused);

#endif
