/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _lwp_self, _lwp_getprivate, _lwp_setprivate.
 */
#include <heddle/tls.h>
#include <sys/syscall.h>

#include "test.h"

#define NLWPS	4

static lwpid_t		ids[NLWPS];
static atomic_int	mismatches;

static void
compare_self(void *arg)
{
	lwpid_t me = _lwp_self();

	for (int i = 0; i < 100; i++) {
		if (me != *(lwpid_t *)arg || me != _lwp_self())
			atomic_fetch_add(&mismatches, 1);
		sched_yield();
	}
}

static void
test_self(void)
{
	tap_is_int(_lwp_self(), 1, "self.1 the first LWP is 1");
	for (int i = 0; i < NLWPS; i++) {
		if (thread_spawn(&ids[i], compare_self, &ids[i], 0) != 0)
			tap_bail("thread_spawn");
	}
	for (int i = 0; i < NLWPS; i++)
		join(ids[i]);
	tap_is_int(atomic_load(&mismatches), 0, "self.1 each LWP has the id that its creator got");
}

/* Set it without touching thread storage. */
static int
setprivate(const void *ptr)
{
	struct raw r = raw_syscall(SYS__lwp_setprivate, (unsigned long)ptr, 0, 0, 0, 0, 0);

	return r.carry ? (int)r.rax : 0;
}

/* Through pointers, so that the compiler does not take errno for the same variable all the time. */
static int
read_errno(void)
{
	return errno;
}

static void
write_errno(int error)
{
	errno = error;
}

static int (*volatile	get_errno)(void) = read_errno;
static void (*volatile	set_errno)(int) = write_errno;

static void
test_private(void)
{
	struct tls_tcb *old = _lwp_getprivate(), *new = _rtld_tls_allocate();
	void *got, *fs;
	int error;

	tap_ok(old == __lwp_getprivate_fast(), "private.1 getprivate gives what the start-up code has set");
	set_errno(EDOM);
	setprivate(new);
	got = _lwp_getprivate();
	fs = __lwp_getprivate_fast();
	error = get_errno();
	set_errno(ERANGE);
	setprivate(old);
	tap_ok(got == new, "private.1 getprivate gives back what was set");
	tap_ok(fs == new, "private.1 setprivate loads %%fs");
	tap_ok(error == 0 && get_errno() == EDOM, "private.1 and with it the thread's variables change");
	_rtld_tls_free(new);
	setprivate(NULL);
	got = (void *)raw_syscall(SYS__lwp_getprivate, 0, 0, 0, 0, 0, 0).rax;
	setprivate(old);
	tap_ok(got == NULL, "private.1 NULL is a pointer as any other");
}

static void
keeper(void *arg)
{
	void *mine = _lwp_getprivate();

	(void)arg;
	for (int i = 0; i < 300; i++) {
		struct timespec ts = { 0, 1000 };

		if (i % 50 == 0)
			nanosleep(&ts, NULL);
		else
			sched_yield();
		if (_lwp_getprivate() != mine || __lwp_getprivate_fast() != mine)
			atomic_fetch_add(&mismatches, 1);
	}
}

static void
test_switches(void)
{
	atomic_store(&mismatches, 0);
	for (int i = 0; i < NLWPS; i++)
		ids[i] = spawn(keeper, NULL);
	for (int i = 0; i < NLWPS; i++)
		join(ids[i]);
	tap_is_int(atomic_load(&mismatches), 0, "private.1 each LWP keeps its own across switches and CPUs");
}

static void
test_errors(void)
{
	static const unsigned long bad[] = { VM_MAXUSER_ADDRESS, 0x0000800000000000UL, 0x8000000000000000UL,
	    0xffff800000000000UL, 0xffffffff80000000UL, ~0UL };
	void *old = _lwp_getprivate();
	int errors = 0, changes = 0;

	for (size_t i = 0; i < __arraycount(bad); i++) {
		errors += setprivate((void *)bad[i]) != EINVAL;
		changes += _lwp_getprivate() != old || __lwp_getprivate_fast() != old;
	}
	tap_is_int(errors, 0, "private.2 a pointer outside user space gives EINVAL");
	tap_is_int(changes, 0, "private.2 and changes nothing");
}

int
main(void)
{
	test_self();
	test_private();
	test_switches();
	test_errors();
	return tap_done();
}
