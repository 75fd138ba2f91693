/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time and calendar.  The local time is UTC.
 */
#ifndef _TIME_H_
#define _TIME_H_

#include <sys/time.h>
#include <sys/types.h>

struct tm {
	int		tm_sec;		/* 0 to 60 */
	int		tm_min;		/* 0 to 59 */
	int		tm_hour;	/* 0 to 23 */
	int		tm_mday;	/* 1 to 31 */
	int		tm_mon;		/* 0 to 11 */
	int		tm_year;	/* since 1900 */
	int		tm_wday;	/* 0 to 6, from Sunday */
	int		tm_yday;	/* 0 to 365 */
	int		tm_isdst;	/* 0 */
	long		tm_gmtoff;	/* 0 */
	const char	*tm_zone;	/* "UTC" */
};

#define CLOCKS_PER_SEC	1000000

__BEGIN_DECLS
char	*asctime(const struct tm *);
char	*asctime_r(const struct tm *restrict, char *restrict);
clock_t	clock(void);
int	clock_getcpuclockid(pid_t, clockid_t *);
int	clock_getres(clockid_t, struct timespec *);
int	clock_gettime(clockid_t, struct timespec *);
int	clock_nanosleep(clockid_t, int, const struct timespec *,
	    struct timespec *);
char	*ctime(const time_t *);
char	*ctime_r(const time_t *, char *);
double	difftime(time_t, time_t);
struct tm *gmtime(const time_t *);
struct tm *gmtime_r(const time_t *restrict, struct tm *restrict);
struct tm *localtime(const time_t *);
struct tm *localtime_r(const time_t *restrict, struct tm *restrict);
time_t	mktime(struct tm *);
int	nanosleep(const struct timespec *, struct timespec *);
size_t	strftime(char *restrict, size_t, const char *restrict,
	    const struct tm *restrict) __attribute__((__format__(__strftime__, 3, 0)));
time_t	time(time_t *);
time_t	timegm(struct tm *);
__END_DECLS

#endif /* !_TIME_H_ */
