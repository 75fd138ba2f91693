/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Beginning and ending POSIX threads in test programs: a failure of either ends the test.
 */
#ifndef _TEST_PTHREAD_H_
#define _TEST_PTHREAD_H_

#include <pthread.h>
#include <stdint.h>

#include "test.h"

static inline pthread_t
begin_with(const pthread_attr_t *attr, void *(*fn)(void *), void *arg)
{
	pthread_t t;
	int error = pthread_create(&t, attr, fn, arg);

	if (error != 0)
		tap_bail("pthread_create: %s", strerror(error));
	return t;
}

static inline pthread_t
begin(void *(*fn)(void *), void *arg)
{
	return begin_with(NULL, fn, arg);
}

/* What the thread returned. */
static inline void *
end(pthread_t t)
{
	void *result = NULL;
	int error = pthread_join(t, &result);

	if (error != 0)
		tap_bail("pthread_join: %s", strerror(error));
	return result;
}

/* The same, of a thread that returned a number. */
static inline intptr_t
end_int(pthread_t t)
{
	return (intptr_t)end(t);
}

#endif /* !_TEST_PTHREAD_H_ */
