/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading directories.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "private.h"

#define BUFFER		4096

int	__sys___getdents30(int, char *, size_t);

struct __dir {
	int		di_fd;
	long		di_len;		/* bytes in the buffer */
	long		di_pos;		/* where the next entry begins */
	char		di_buf[BUFFER] __aligned(8);
};

DIR *
opendir(const char *path)
{
	DIR *dir = malloc(sizeof(*dir));

	if (dir == NULL)
		return NULL;
	dir->di_fd = __sys_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	dir->di_len = dir->di_pos = 0;
	if (dir->di_fd != -1)
		return dir;
	free(dir);
	return NULL;
}

struct dirent *
readdir(DIR *dir)
{
	struct dirent *entry;

	if (dir->di_pos >= dir->di_len) {
		dir->di_pos = 0;
		dir->di_len = __sys___getdents30(dir->di_fd, dir->di_buf,
		    sizeof(dir->di_buf));
		if (dir->di_len <= 0)
			return NULL;
	}
	entry = (struct dirent *)(dir->di_buf + dir->di_pos);
	dir->di_pos += entry->d_reclen;
	return entry;
}

void
rewinddir(DIR *dir)
{
	(void)lseek(dir->di_fd, 0, SEEK_SET);
	dir->di_len = dir->di_pos = 0;
}

int
dirfd(DIR *dir)
{
	return dir->di_fd;
}

int
closedir(DIR *dir)
{
	int fd = dir->di_fd;

	free(dir);
	return __sys_close(fd);
}
