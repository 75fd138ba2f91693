/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attributes of threads.  They are values: a thread takes what they say when
 * it is created, and later changes do not concern it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "pthread_int.h"

#define ATTR_MAGIC	0x61747472u
#define STACK_DEFAULT	(256 * 1024)

static bool
is_attr(const pthread_attr_t *attr)
{
	return attr->pta_magic == ATTR_MAGIC;
}

int
pthread_attr_init(pthread_attr_t *attr)
{
	(void)memset(attr, 0, sizeof(*attr));
	attr->pta_magic = ATTR_MAGIC;
	attr->pta_detached = PTHREAD_CREATE_JOINABLE;
	attr->pta_inherit = PTHREAD_INHERIT_SCHED;
	attr->pta_policy = SCHED_OTHER;
	attr->pta_stacksize = STACK_DEFAULT;
	attr->pta_guardsize = PAGE_SIZE;
	return 0;
}

int
pthread_attr_destroy(pthread_attr_t *attr)
{
	if (!is_attr(attr))
		return EINVAL;
	attr->pta_magic = DESTROYED;
	return 0;
}

int
pthread_attr_getdetachstate(const pthread_attr_t *attr, int *state)
{
	*state = attr->pta_detached;
	return is_attr(attr) ? 0 : EINVAL;
}

int
pthread_attr_setdetachstate(pthread_attr_t *attr, int state)
{
	if (!is_attr(attr) || (state != PTHREAD_CREATE_JOINABLE &&
	    state != PTHREAD_CREATE_DETACHED))
		return EINVAL;
	attr->pta_detached = state;
	return 0;
}

int
pthread_attr_getguardsize(const pthread_attr_t *restrict attr,
    size_t *restrict size)
{
	*size = attr->pta_guardsize;
	return is_attr(attr) ? 0 : EINVAL;
}

int
pthread_attr_setguardsize(pthread_attr_t *attr, size_t size)
{
	if (!is_attr(attr))
		return EINVAL;
	attr->pta_guardsize = size;
	return 0;
}

int
pthread_attr_getinheritsched(const pthread_attr_t *restrict attr,
    int *restrict inherit)
{
	*inherit = attr->pta_inherit;
	return is_attr(attr) ? 0 : EINVAL;
}

int
pthread_attr_setinheritsched(pthread_attr_t *attr, int inherit)
{
	if (!is_attr(attr) || (inherit != PTHREAD_INHERIT_SCHED &&
	    inherit != PTHREAD_EXPLICIT_SCHED))
		return EINVAL;
	attr->pta_inherit = inherit;
	return 0;
}

int
pthread_attr_getschedparam(const pthread_attr_t *restrict attr,
    struct sched_param *restrict param)
{
	param->sched_priority = attr->pta_priority;
	return is_attr(attr) ? 0 : EINVAL;
}

int
pthread_attr_setschedparam(pthread_attr_t *restrict attr,
    const struct sched_param *restrict param)
{
	if (!is_attr(attr) || param->sched_priority < SCHED_PRI_MIN ||
	    param->sched_priority > SCHED_PRI_MAX)
		return EINVAL;
	attr->pta_priority = param->sched_priority;
	return 0;
}

int
pthread_attr_getschedpolicy(const pthread_attr_t *restrict attr,
    int *restrict policy)
{
	*policy = attr->pta_policy;
	return is_attr(attr) ? 0 : EINVAL;
}

int
pthread_attr_setschedpolicy(pthread_attr_t *attr, int policy)
{
	if (!is_attr(attr) || (policy != SCHED_OTHER && policy != SCHED_FIFO &&
	    policy != SCHED_RR))
		return EINVAL;
	attr->pta_policy = policy;
	return 0;
}

/* Every thread is an LWP: all compete with all. */
int
pthread_attr_getscope(const pthread_attr_t *restrict attr, int *restrict scope)
{
	*scope = PTHREAD_SCOPE_SYSTEM;
	return is_attr(attr) ? 0 : EINVAL;
}

int
pthread_attr_setscope(pthread_attr_t *attr, int scope)
{
	if (!is_attr(attr))
		return EINVAL;
	if (scope == PTHREAD_SCOPE_PROCESS)
		return ENOTSUP;
	return scope == PTHREAD_SCOPE_SYSTEM ? 0 : EINVAL;
}

int
pthread_attr_getstack(const pthread_attr_t *restrict attr,
    void **restrict stack, size_t *restrict size)
{
	*stack = attr->pta_stack;
	*size = attr->pta_stacksize;
	return is_attr(attr) ? 0 : EINVAL;
}

int
pthread_attr_setstack(pthread_attr_t *attr, void *stack, size_t size)
{
	int error = pthread_attr_setstacksize(attr, size);

	if (error == 0 && (uintptr_t)stack % 16 != 0)
		error = EINVAL;
	if (error == 0)
		attr->pta_stack = stack;
	return error;
}

int
pthread_attr_getstackaddr(const pthread_attr_t *restrict attr,
    void **restrict stack)
{
	*stack = attr->pta_stack;
	return is_attr(attr) ? 0 : EINVAL;
}

int
pthread_attr_setstackaddr(pthread_attr_t *attr, void *stack)
{
	return pthread_attr_setstack(attr, stack, attr->pta_stacksize);
}

int
pthread_attr_getstacksize(const pthread_attr_t *restrict attr,
    size_t *restrict size)
{
	*size = attr->pta_stacksize;
	return is_attr(attr) ? 0 : EINVAL;
}

int
pthread_attr_setstacksize(pthread_attr_t *attr, size_t size)
{
	if (!is_attr(attr) || size < PTHREAD_STACK_MIN)
		return EINVAL;
	attr->pta_stacksize = size;
	return 0;
}

/* The name is a format with one argument, for "worker %d". */
int
pthread_attr_setname_np(pthread_attr_t *attr, const char *format, void *arg)
{
	char name[PTHREAD_MAX_NAMELEN_NP];
	int len;

	if (!is_attr(attr))
		return EINVAL;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	len = snprintf(name, sizeof(name), format, arg);
#pragma GCC diagnostic pop
	if (len < 0 || (size_t)len >= sizeof(name))
		return EINVAL;
	(void)strlcpy(attr->pta_name, name, sizeof(attr->pta_name));
	return 0;
}

int
pthread_attr_getname_np(const pthread_attr_t *attr, char *name, size_t size,
    void **arg)
{
	if (arg != NULL)
		*arg = NULL;
	(void)strlcpy(name, attr->pta_name, size);
	return is_attr(attr) ? 0 : EINVAL;
}

/* What a thread has; the stack of the first is not known, and reported so. */
int
pthread_getattr_np(pthread_t thread, pthread_attr_t *attr)
{
	struct sched_param param;
	int error;

	(void)pthread_attr_init(attr);
	error = pthread_getschedparam(thread, &attr->pta_policy, &param);
	if (error != 0)
		return error;
	attr->pta_priority = param.sched_priority;
	if (thread->pt_flags & PTF_DETACHED)
		attr->pta_detached = PTHREAD_CREATE_DETACHED;
	attr->pta_stack = thread->pt_stack;
	attr->pta_stacksize = thread->pt_stacksize;
	attr->pta_guardsize = thread->pt_guardsize;
	(void)strlcpy(attr->pta_name, thread->pt_name, sizeof(attr->pta_name));
	return 0;
}

int
pthread_attr_get_np(pthread_t thread, pthread_attr_t *attr)
{
	return pthread_getattr_np(thread, attr);
}
