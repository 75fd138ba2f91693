/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Do nothing, successfully.
 */
#include <sys/cdefs.h>

static const char what[] __used = "@(#)true: exit with status 0";

int
main(void)
{
	return 0;
}
