/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The older string functions.
 */
#ifndef _STRINGS_H_
#define _STRINGS_H_

#include <stddef.h>
#include <sys/cdefs.h>

__BEGIN_DECLS
void	bzero(void *, size_t);
int	ffs(int);
int	strcasecmp(const char *, const char *);
int	strncasecmp(const char *, const char *, size_t);
__END_DECLS

#endif /* !_STRINGS_H_ */
