/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Strings and blocks of memory.
 */
#ifndef _STRING_H_
#define _STRING_H_

#include <stddef.h>
#include <strings.h>
#include <sys/cdefs.h>

__BEGIN_DECLS
void	*explicit_memset(void *, int, size_t);
void	*memccpy(void *restrict, const void *restrict, int, size_t);
void	*memchr(const void *, int, size_t);
int	memcmp(const void *, const void *, size_t);
void	*memcpy(void *restrict, const void *restrict, size_t);
void	*memmem(const void *, size_t, const void *, size_t);
void	*memmove(void *, const void *, size_t);
void	*memrchr(const void *, int, size_t);
void	*memset(void *, int, size_t);
char	*stpcpy(char *restrict, const char *restrict);
char	*stpncpy(char *restrict, const char *restrict, size_t);
char	*strcasestr(const char *, const char *);
char	*strcat(char *restrict, const char *restrict);
char	*strchr(const char *, int);
char	*strchrnul(const char *, int);
int	strcmp(const char *, const char *);
int	strcoll(const char *, const char *);
char	*strcpy(char *restrict, const char *restrict);
size_t	strcspn(const char *, const char *);
char	*strdup(const char *) __malloc_like;
char	*strerror(int);
int	strerror_r(int, char *, size_t);
size_t	strlcat(char *restrict, const char *restrict, size_t);
size_t	strlcpy(char *restrict, const char *restrict, size_t);
size_t	strlen(const char *);
char	*strncat(char *restrict, const char *restrict, size_t);
int	strncmp(const char *, const char *, size_t);
char	*strncpy(char *restrict, const char *restrict, size_t);
char	*strndup(const char *, size_t) __malloc_like;
size_t	strnlen(const char *, size_t);
char	*strpbrk(const char *, const char *);
char	*strrchr(const char *, int);
char	*strsep(char **, const char *);
char	*strsignal(int);
size_t	strspn(const char *, const char *);
char	*strstr(const char *, const char *);
char	*strtok(char *restrict, const char *restrict);
char	*strtok_r(char *restrict, const char *restrict, char **restrict);
size_t	strxfrm(char *restrict, const char *restrict, size_t);
__END_DECLS

#endif /* !_STRING_H_ */
