/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other forms of execve.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

#define DEFAULT_PATH	"/bin:/tests"

int
execv(const char *path, char *const *argv)
{
	return execve(path, argv, environ);
}

int
execl(const char *path, const char *arg, ...)
{
	va_list ap;
	int i, n;

	va_start(ap, arg);
	for (n = 2; va_arg(ap, char *) != NULL; n++)
		continue;
	va_end(ap);

	const char *argv[n];

	argv[0] = arg;
	va_start(ap, arg);
	for (i = 1; i < n; i++)
		argv[i] = va_arg(ap, const char *);
	va_end(ap);
	return execv(path, (char *const *)argv);
}

/* dir/name in buf; false if it does not fit. */
static int
join_path(char *buf, size_t size, const char *dir, size_t dirlen,
    const char *name)
{
	size_t namelen = strlen(name);

	if (dirlen + 1 + namelen >= size)
		return 0;
	memcpy(buf, dir, dirlen);
	buf[dirlen] = '/';
	memcpy(buf + dirlen + 1, name, namelen + 1);
	return 1;
}

int
execvp(const char *name, char *const *argv)
{
	const char *path = getenv("PATH");
	char buf[PATH_MAX];
	size_t len;

	if (strchr(name, '/') != NULL)
		return execv(name, argv);
	if (path == NULL)
		path = DEFAULT_PATH;
	errno = ENOENT;
	for (; *path != '\0'; path += len + (path[len] == ':')) {
		len = strcspn(path, ":");
		if (!join_path(buf, sizeof(buf), path, len, name))
			continue;
		(void)execv(buf, argv);
		if (errno != ENOENT && errno != ENOTDIR)
			break;
	}
	return -1;
}
