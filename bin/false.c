/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Do nothing, unsuccessfully.
 */
#include <sys/cdefs.h>

static const char what[] __used = "@(#)false: exit with status 1";

int
main(void)
{
	return 1;
}
