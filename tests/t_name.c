/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * _lwp_setname, _lwp_getname.
 */
#include "test.h"

static atomic_bool	go;

static void
live(void *arg)
{
	(void)arg;
	while (!atomic_load(&go))
		park();
}

static void
test_get_and_set(void)
{
	char name[32];
	lwpid_t id;

	memset(name, 'x', sizeof(name));
	tap_is_errno(_lwp_getname(0, name, sizeof(name)), 0, "name.1 an LWP without a name");
	tap_is_str(name, "", "name.1 has an empty one");
	tap_is_errno(_lwp_setname(0, "weaver"), 0, "name.1 id 0 is the caller");
	_lwp_getname(_lwp_self(), name, sizeof(name));
	tap_is_str(name, "weaver", "name.1 what was set is got");
	_lwp_setname(0, "123456789012345");
	_lwp_getname(0, name, sizeof(name));
	tap_is_str(name, "123456789012345", "name.1 15 characters are kept");
	tap_is_errno(_lwp_setname(0, "1234567890123456789"), 0, "name.1 a longer one is no error");
	_lwp_getname(0, name, sizeof(name));
	tap_is_str(name, "123456789012345", "name.1 but cut to 16 bytes with the NUL");
	_lwp_setname(0, "");
	_lwp_getname(0, name, sizeof(name));
	tap_is_str(name, "", "name.1 an empty one is a name");
	atomic_store(&go, false);
	id = spawn(live, NULL);
	tap_is_errno(_lwp_setname(id, "shuttle"), 0, "name.1 another LWP can be named");
	_lwp_getname(id, name, sizeof(name));
	tap_is_str(name, "shuttle", "name.1 and asked");
	atomic_store(&go, true);
	_lwp_unpark(id, NULL);
	join(id);
}

static void
test_short_buffer(void)
{
	char name[8];

	_lwp_setname(0, "abcdefghij");
	memset(name, 'x', sizeof(name));
	(void)_lwp_getname(0, name, 4);
	tap_ok(memcmp(name + 4, "xxxx", 4) == 0, "name.1 not more is stored than there is room for");
	tap_ok(_lwp_getname(0, name, 0) == 0 || errno == EINVAL || errno == ENAMETOOLONG,
	    "name.1 length 0 is survived");
	tap_ok(name[4] == 'x', "name.1 and stores nothing");
}

static void
test_errors(void)
{
	static void *const bad[] = { BAD_NULL, BAD_LOW, BAD_NONCANON, BAD_END, BAD_KERNEL, BAD_TOP };
	char name[16], *edge = map_edge(1, PROT_READ | PROT_WRITE) + PAGE_SIZE;
	lwpid_t id;
	int wrong = 0;

	tap_is_errno(_lwp_setname(NO_SUCH_LWP, "x"), ESRCH, "name.1 setname of an unknown id");
	tap_is_errno(_lwp_getname(NO_SUCH_LWP, name, sizeof(name)), ESRCH, "name.1 getname of an unknown id");
	tap_is_errno(_lwp_setname(-1, "x"), ESRCH, "name.1 of a negative one");
	id = spawn(do_nothing, NULL);
	join(id);
	tap_is_errno(_lwp_getname(id, name, sizeof(name)), ESRCH, "name.1 of one that is gone");
	_lwp_setname(0, "before");
	for (size_t i = 0; i < __arraycount(bad); i++) {
		wrong += error_of(_lwp_setname(0, bad[i])) != EFAULT;
		wrong += error_of(_lwp_getname(0, bad[i], 16)) != EFAULT;
	}
	memset(edge - 4, 'y', 4);
	wrong += error_of(_lwp_setname(0, edge - 4)) != EFAULT;
	tap_is_int(wrong, 0, "name.1 bad pointers give EFAULT");
	_lwp_getname(0, name, sizeof(name));
	tap_is_str(name, "before", "name.1 and leave the name");
	memset(edge - 20, 'z', 20);
	tap_is_errno(_lwp_setname(0, edge - 16), 0, "name.1 of a long one not more than 16 bytes are read");
}

static void
test_listing(void)
{
	struct kinfo_lwp kl;

	_lwp_setname(0, "in the list");
	tap_is_int(lwp_info(_lwp_self(), &kl), 0, "name.1 the listing has the LWP");
	tap_is_str(kl.l_name, "in the list", "name.1 by its name");
}

int
main(void)
{
	test_get_and_set();
	test_short_buffer();
	test_errors();
	test_listing();
	return tap_done();
}
