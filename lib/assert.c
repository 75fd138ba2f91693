/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of a program that has found itself wrong.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

__dead void
__assert_fail(const char *what, const char *file, int line, const char *func)
{
	(void)fprintf(stderr, "%s: assertion \"%s\" failed: %s:%d, %s\n",
	    getprogname(), what, file, line, func);
	abort();
}
