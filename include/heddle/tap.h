/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Results of a test in the Test Anything Protocol.  Every LWP may report.
 *
 *	tap_ok(n == 3, "park.7 three were woken");
 *	return tap_done();
 *
 * The plan is printed last, so nobody counts by hand.
 */
#ifndef _HEDDLE_TAP_H_
#define _HEDDLE_TAP_H_

#include <sys/types.h>

__BEGIN_DECLS
/* These print a result, and return whether it is good. */
int	tap_ok(int, const char *, ...) __printflike(2, 3);
int	tap_pass(const char *, ...) __printflike(1, 2);
int	tap_fail(const char *, ...) __printflike(1, 2);
int	tap_is_int(long got, long want, const char *, ...) __printflike(3, 4);
int	tap_is_str(const char *got, const char *want, const char *, ...)
	    __printflike(3, 4);
/*
 * A call that should fail: `result' is -1 and errno `error'.  Error 0 asks for
 * a result that is not -1.
 */
int	tap_is_errno(long result, int error, const char *, ...)
	    __printflike(3, 4);

/* A remark. */
void	tap_diag(const char *, ...) __printflike(1, 2);
/* n results are left out, for the reason given. */
void	tap_skip(int n, const char *, ...) __printflike(2, 3);
/* No more can be tested: ends the process with status 255. */
__dead void	tap_bail(const char *, ...) __printflike(1, 2);
/* Prints the plan; the status for main to return: 0, or 1 if some failed. */
int	tap_done(void);
__END_DECLS

#endif /* !_HEDDLE_TAP_H_ */
