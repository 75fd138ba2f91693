/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Buffered input and output.  A FILE may be used by any number of LWPs: each
 * call has the FILE to itself, flockfile keeps it for several.
 */
#ifndef _STDIO_H_
#define _STDIO_H_

#include <stdarg.h>
#include <sys/types.h>

typedef struct __file	FILE;
typedef off_t		fpos_t;

extern FILE		*const stdin;
extern FILE		*const stdout;
extern FILE		*const stderr;

#define BUFSIZ		1024
#define EOF		(-1)
#define FOPEN_MAX	64
#define FILENAME_MAX	1024

#define _IOFBF		0		/* write when the buffer is full */
#define _IOLBF		1		/* and at the end of a line */
#define _IONBF		2		/* at once */

#ifndef SEEK_SET
#define SEEK_SET	0
#define SEEK_CUR	1
#define SEEK_END	2
#endif

__BEGIN_DECLS
int	asprintf(char **restrict, const char *restrict, ...) __printflike(2, 3);
void	clearerr(FILE *);
int	dprintf(int, const char *restrict, ...) __printflike(2, 3);
int	fclose(FILE *);
FILE	*fdopen(int, const char *);
int	feof(FILE *);
int	ferror(FILE *);
int	fflush(FILE *);
int	fgetc(FILE *);
char	*fgets(char *restrict, int, FILE *restrict);
int	fileno(FILE *);
void	flockfile(FILE *);
FILE	*fopen(const char *restrict, const char *restrict);
int	fprintf(FILE *restrict, const char *restrict, ...) __printflike(2, 3);
int	fputc(int, FILE *);
int	fputs(const char *restrict, FILE *restrict);
size_t	fread(void *restrict, size_t, size_t, FILE *restrict);
int	fscanf(FILE *restrict, const char *restrict, ...) __scanflike(2, 3);
int	fseek(FILE *, long, int);
int	fseeko(FILE *, off_t, int);
long	ftell(FILE *);
off_t	ftello(FILE *);
int	ftrylockfile(FILE *);
void	funlockfile(FILE *);
size_t	fwrite(const void *restrict, size_t, size_t, FILE *restrict);
int	getc(FILE *);
int	getc_unlocked(FILE *);
int	getchar(void);
ssize_t	getdelim(char **restrict, size_t *restrict, int, FILE *restrict);
ssize_t	getline(char **restrict, size_t *restrict, FILE *restrict);
void	perror(const char *);
int	printf(const char *restrict, ...) __printflike(1, 2);
int	putc(int, FILE *);
int	putc_unlocked(int, FILE *);
int	putchar(int);
int	puts(const char *);
void	rewind(FILE *);
int	scanf(const char *restrict, ...) __scanflike(1, 2);
void	setbuf(FILE *restrict, char *restrict);
int	setlinebuf(FILE *);
int	setvbuf(FILE *restrict, char *restrict, int, size_t);
int	snprintf(char *restrict, size_t, const char *restrict, ...)
	    __printflike(3, 4);
int	sprintf(char *restrict, const char *restrict, ...) __printflike(2, 3);
int	sscanf(const char *restrict, const char *restrict, ...)
	    __scanflike(2, 3);
int	ungetc(int, FILE *);
int	vasprintf(char **restrict, const char *restrict, va_list)
	    __printflike(2, 0);
int	vdprintf(int, const char *restrict, va_list) __printflike(2, 0);
int	vfprintf(FILE *restrict, const char *restrict, va_list)
	    __printflike(2, 0);
int	vfscanf(FILE *restrict, const char *restrict, va_list)
	    __scanflike(2, 0);
int	vprintf(const char *restrict, va_list) __printflike(1, 0);
int	vscanf(const char *restrict, va_list) __scanflike(1, 0);
int	vsnprintf(char *restrict, size_t, const char *restrict, va_list)
	    __printflike(3, 0);
int	vsprintf(char *restrict, const char *restrict, va_list)
	    __printflike(2, 0);
int	vsscanf(const char *restrict, const char *restrict, va_list)
	    __scanflike(2, 0);
__END_DECLS

#endif /* !_STDIO_H_ */
