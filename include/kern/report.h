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

#endif
