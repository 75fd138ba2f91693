/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory, numbers, sorting, and the end of the program.
 */
#ifndef _STDLIB_H_
#define _STDLIB_H_

#include <sys/types.h>

#ifndef __cplusplus
typedef __WCHAR_TYPE__	wchar_t;
#endif

typedef struct {
	int		quot;
	int		rem;
} div_t;

typedef struct {
	long		quot;
	long		rem;
} ldiv_t;

typedef struct {
	long long	quot;
	long long	rem;
} lldiv_t;

#define EXIT_SUCCESS	0
#define EXIT_FAILURE	1
#define RAND_MAX	0x7fffffff
#define MB_CUR_MAX	((size_t)1)

__BEGIN_DECLS
__dead void	_Exit(int);
__dead void	abort(void);
int	abs(int);
void	*aligned_alloc(size_t, size_t) __malloc_like;
uint32_t arc4random(void);
void	arc4random_buf(void *, size_t);
uint32_t arc4random_uniform(uint32_t);
int	at_quick_exit(void (*)(void));
int	atexit(void (*)(void));
double	atof(const char *);
int	atoi(const char *);
long	atol(const char *);
long long atoll(const char *);
void	*bsearch(const void *, const void *, size_t, size_t,
	    int (*)(const void *, const void *));
void	*calloc(size_t, size_t) __malloc_like;
div_t	div(int, int);
__dead void	exit(int);
void	free(void *);
char	*getenv(const char *);
const char *getprogname(void);
long	labs(long);
ldiv_t	ldiv(long, long);
long long llabs(long long);
lldiv_t	lldiv(long long, long long);
void	*malloc(size_t) __malloc_like;
int	posix_memalign(void **, size_t, size_t);
__dead void	quick_exit(int);
void	qsort(void *, size_t, size_t, int (*)(const void *, const void *));
int	putenv(char *);
int	rand(void);
int	rand_r(unsigned int *);
long	random(void);
void	*realloc(void *, size_t);
void	*reallocarray(void *, size_t, size_t);
int	setenv(const char *, const char *, int);
void	setprogname(const char *);
void	srand(unsigned int);
void	srandom(unsigned int);
double	strtod(const char *restrict, char **restrict);
float	strtof(const char *restrict, char **restrict);
long	strtol(const char *restrict, char **restrict, int);
long double strtold(const char *restrict, char **restrict);
long long strtoll(const char *restrict, char **restrict, int);
unsigned long strtoul(const char *restrict, char **restrict, int);
unsigned long long strtoull(const char *restrict, char **restrict, int);
int	unsetenv(const char *);
__END_DECLS

#endif /* !_STDLIB_H_ */
