/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * errno, one for each LWP.
 */
#include <errno.h>

extern __thread int	__errno_value;
__thread int		__errno_value;		/* cerror.S writes it too */

int *
__errno(void)
{
	return &__errno_value;
}
