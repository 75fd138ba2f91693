/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The environment.
 *
 * `environ' is the program's as much as ours: it may change it, and may still
 * look at strings that it was given.  So a value that is replaced is not freed, nor
 * is an array that was not ours.  A lock covers what is done here; programs
 * that touch `environ' by themselves, or keep what getenv gave them while another
 * thread sets it, see the old value or the new one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

static struct liblock	lock = LIBLOCK_INITIALIZER;
static char		**ours;		/* the array, if we have made it */

void
__environ_prefork(void)
{
	__liblock_enter(&lock);
}

void
__environ_postfork(lwpid_t was __unused)
{
	__liblock_exit(&lock);
}

/* Where the variable stands, or NULL.  Called with the lock held. */
static char **
find(const char *name, size_t len)
{
	char **p;

	for (p = environ; p != NULL && *p != NULL; p++) {
		if (strncmp(*p, name, len) == 0 && (*p)[len] == '=')
			return p;
	}
	return NULL;
}

char *
getenv(const char *name)
{
	size_t len = strlen(name);
	char **p;

	__liblock_enter(&lock);
	p = find(name, len);
	__liblock_exit(&lock);
	return p != NULL ? *p + len + 1 : NULL;
}

/* One place more.  Called with the lock held. */
static int
append(char *string)
{
	size_t n = 0;
	char **array;

	while (environ != NULL && environ[n] != NULL)
		n++;
	array = reallocarray(environ == ours ? ours : NULL, n + 2, sizeof(*array));
	if (array == NULL)
		return -1;
	if (environ != ours && n > 0)
		(void)memcpy(array, environ, n * sizeof(*array));
	array[n] = string;
	array[n + 1] = NULL;
	environ = ours = array;
	return 0;
}

static int
store(char *string, size_t len, int overwrite)
{
	char **p;
	int r = 0;

	__liblock_enter(&lock);
	p = find(string, len);
	if (p == NULL)
		r = append(string);
	else if (overwrite)
		*p = string;
	__liblock_exit(&lock);
	return r;
}

static int
is_name(const char *name)
{
	if (name != NULL && *name != '\0' && strchr(name, '=') == NULL)
		return 1;
	errno = EINVAL;
	return 0;
}

int
setenv(const char *name, const char *value, int overwrite)
{
	size_t len, room;
	char *string;

	if (!is_name(name))
		return -1;
	if (!overwrite && getenv(name) != NULL)
		return 0;
	len = strlen(name);
	room = len + strlen(value) + 2;
	string = malloc(room);
	if (string == NULL)
		return -1;
	(void)memcpy(string, name, len);
	string[len] = '=';
	(void)strlcpy(string + len + 1, value, room - len - 1);
	if (store(string, len, overwrite) == 0)
		return 0;
	free(string);
	return -1;
}

int
putenv(char *string)
{
	char *equals = strchr(string, '=');

	if (equals == NULL)
		return unsetenv(string);
	return store(string, (size_t)(equals - string), 1);
}

int
unsetenv(const char *name)
{
	size_t len;
	char **p;

	if (!is_name(name))
		return -1;
	len = strlen(name);
	__liblock_enter(&lock);
	while ((p = find(name, len)) != NULL) {
		for (; *p != NULL; p++)
			p[0] = p[1];
	}
	__liblock_exit(&lock);
	return 0;
}
