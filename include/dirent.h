/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading directories.
 */
#ifndef _DIRENT_H_
#define _DIRENT_H_

#include <sys/dirent.h>

typedef struct __dir	DIR;

__BEGIN_DECLS
int	closedir(DIR *);
int	dirfd(DIR *);
DIR	*opendir(const char *);
struct dirent *readdir(DIR *);
void	rewinddir(DIR *);
__END_DECLS

#endif /* !_DIRENT_H_ */
