/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sysctl call: its protocol, and what the names give.
 */
#include "test.h"

#include <limits.h>
#include <sys/sysctl.h>

#define LWPS	40

static const int pagesize[] = { CTL_HW, HW_PAGESIZE };

static int
get(const int *name, u_int namelen, void *old, size_t *len)
{
	return sysctl(name, namelen, old, len, NULL, 0);
}

static void
test_protocol(void)
{
	const int none[] = { CTL_HW, 99 }, longer[] = { CTL_HW, HW_PAGESIZE, 1 };
	char text[64];
	int v = 0, one = 1;
	size_t len = sizeof(v);

	tap_ok(get(pagesize, 2, &v, &len) == 0 && v == 4096 && len == 4, "a number");
	len = 0;
	tap_ok(get(pagesize, 2, NULL, &len) == 0 && len == 4, "the length alone");
	len = 2;
	tap_is_errno(get(pagesize, 2, &v, &len), ENOMEM, "too little room");
	tap_is_int((long)len, 4, "tells the length all the same");
	tap_is_errno(get(pagesize, 2, NULL, NULL), 0, "no room at all, nothing asked");
	len = sizeof(v);
	tap_is_errno(get(none, 2, &v, &len), ENOENT, "no such name");
	tap_is_errno(get(longer, 3, &v, &len), ENOTDIR, "a name below a number");
	tap_is_errno(get(pagesize, 1, &v, &len), EINVAL, "half a name");
	tap_is_errno(get(pagesize, CTL_MAXNAME + 1, &v, &len), EINVAL, "too long a name");
	tap_is_errno(sysctl(pagesize, 2, NULL, NULL, &one, sizeof(one)), EPERM, "what cannot be set");
	tap_is_errno(get(BAD_KERNEL, 2, &v, &len), EFAULT, "a bad name");
	tap_is_errno(get(pagesize, 2, BAD_KERNEL, &len), EFAULT, "a bad buffer");
	tap_is_errno(get(pagesize, 2, &v, BAD_KERNEL), EFAULT, "a bad length");
	len = sizeof(text);
	tap_ok(get((const int[]){ CTL_KERN, KERN_OSTYPE }, 2, text, &len) == 0 && strcmp(text, "Heddle") == 0 &&
	    len == 7, "a string");
}

static void
test_random(void)
{
	const int arnd[] = { CTL_KERN, KERN_ARND };
	char a[256], b[256];
	size_t len = sizeof(a);
	int same = 0;

	tap_ok(get(arnd, 2, a, &len) == 0 && len == sizeof(a), "256 random bytes");
	len = 32;
	tap_ok(get(arnd, 2, b, &len) == 0 && len == 32, "as many as there is room for");
	len = sizeof(b);
	get(arnd, 2, b, &len);
	for (size_t i = 0; i < sizeof(a); i++)
		same += a[i] == b[i];
	tap_ok(same < 32, "not the same twice");
}

static void
sleeper(void *arg)
{
	(void)arg;
	park();
}

/* Are all LWPs of the listing ours, and each there once? */
static bool
complete(const struct kinfo_lwp *ki, size_t n, const lwpid_t *id)
{
	for (int i = 0; i < LWPS; i++) {
		int found = 0;
		for (size_t k = 0; k < n; k++)
			found += ki[k].l_lid == id[i] && ki[k].l_stat == LSSLEEP && ki[k].l_pid == (uint32_t)getpid();
		if (found != 1)
			return false;
	}
	return n == LWPS + 1;
}

static void
test_lwps(void)
{
	static struct kinfo_lwp ki[LWPS + 20];
	int name[5] = { CTL_KERN, KERN_LWP, getpid(), sizeof(ki[0]), LWPS + 20 };
	size_t len = sizeof(ki);
	lwpid_t id[LWPS];
	uint64_t kernel = 0;

	for (int i = 0; i < LWPS; i++)
		id[i] = spawn(sleeper, NULL);
	for (int i = 0; i < LWPS; i++)
		lwp_await_parked(id[i]);
	tap_is_errno(get(name, 5, ki, &len), 0, "a list of LWPs");
	tap_ok(complete(ki, len / sizeof(ki[0]), id), "has all of them, once each");
	for (size_t i = 0; i < len / sizeof(ki[0]); i++)
		kernel |= ki[i].l_addr | ki[i].l_laddr | ki[i].l_forw | ki[i].l_back | ki[i].l_wchan;
	tap_ok(kernel == 0, "and no address of the kernel");
	len = 10 * sizeof(ki[0]) + 5;
	tap_ok(get(name, 5, ki, &len) == -1 && errno == ENOMEM && len == (LWPS + 1) * sizeof(ki[0]),
	    "of which ten fit");
	len = 0;
	tap_ok(get(name, 5, NULL, &len) == 0 && len >= (LWPS + 1) * sizeof(ki[0]), "how much room they need");
	name[3] = 8;
	len = sizeof(ki);
	tap_ok(get(name, 5, ki, &len) == 0 && len == (LWPS + 1) * 8, "shorter elements");
	name[3] = 0;
	tap_is_errno(get(name, 5, ki, &len), EINVAL, "elements of no length");
	name[3] = 1 << 20;
	tap_is_errno(get(name, 5, ki, &len), EINVAL, "elements of too great a length");
	name[3] = sizeof(ki[0]);
	name[2] = 29999;
	tap_is_errno(get(name, 5, ki, &len), ESRCH, "of a process that is not there");
	tap_is_errno(get(name, 4, ki, &len), EINVAL, "with too short a name");
	for (int i = 0; i < LWPS; i++) {
		_lwp_unpark(id[i], NULL);
		join(id[i]);
	}
}

static void
test_arrays(void)
{
	int procs[] = { CTL_VENDOR, HEDDLE_PROC, sizeof(struct heddle_proc) };
	int cpus[] = { CTL_VENDOR, HEDDLE_SCHED, sizeof(struct heddle_cpu) };
	int pools[] = { CTL_VENDOR, HEDDLE_POOL, sizeof(struct heddle_pool) };
	static struct heddle_proc hp[50];
	static struct heddle_cpu hc[40];
	static struct heddle_pool hl[100];
	size_t len = sizeof(hp), self = 0;

	tap_is_errno(get(procs, 3, hp, &len), 0, "a list of processes");
	for (size_t i = 0; i < len / sizeof(hp[0]); i++)
		self += hp[i].hp_pid == getpid() && hp[i].hp_ppid == getppid() && hp[i].hp_stat == SACTIVE &&
		    hp[i].hp_nlwps == 1 && hp[i].hp_rsspages > 0 && strcmp(hp[i].hp_comm, "t_sysctl") == 0;
	tap_is_int((long)self, 1, "with this one");
	len = sizeof(hc);
	tap_ok(get(cpus, 3, hc, &len) == 0 && len / sizeof(hc[0]) == (size_t)heddle_ncpu(), "a list of CPUs");
	len = sizeof(hl);
	tap_ok(get(pools, 3, hl, &len) == 0 && len / sizeof(hl[0]) > 5, "a list of pools");
	len = sizeof(hp[0]);
	tap_is_errno(get(procs, 3, hp, &len), ENOMEM, "of which one fits");
	tap_is_errno(get(procs, 2, hp, &len), EINVAL, "without the length of an element");
}

static void
test_memory(void)
{
	struct heddle_mem hm;

	tap_is_errno(heddle_mem(&hm), 0, "memory");
	tap_is_int((long)hm.hm_total, (long)(hm.hm_free + hm.hm_pool + hm.hm_kstack + hm.hm_kernel + hm.hm_user),
	    "adds up");
	tap_ok(hm.hm_user > 0 && hm.hm_kernel < hm.hm_total / 2, "and is believable");
}

static void
test_machine(void)
{
	const int physmem[] = { CTL_HW, HW_PHYSMEM }, physmem64[] = { CTL_HW, HW_PHYSMEM64 };
	const int boottime[] = { CTL_KERN, KERN_BOOTTIME }, random[] = { CTL_KERN, KERN_URND };
	struct heddle_mem mem;
	struct timespec now;
	struct timeval boot;
	int64_t bytes64 = 0;
	int bytes = 0, first = 0, second = 0;
	size_t len = sizeof(bytes64);

	heddle_mem(&mem);
	tap_ok(get(physmem64, 2, &bytes64, &len) == 0 && bytes64 == (int64_t)(mem.hm_total * PAGE_SIZE),
	    "HW_PHYSMEM64");
	len = sizeof(bytes);
	tap_ok(get(physmem, 2, &bytes, &len) == 0 && bytes == MIN(bytes64, INT_MAX), "HW_PHYSMEM");
	len = sizeof(boot);
	clock_gettime(CLOCK_REALTIME, &now);
	tap_ok(get(boottime, 2, &boot, &len) == 0 && boot.tv_sec <= now.tv_sec && boot.tv_sec > now.tv_sec - 3600,
	    "KERN_BOOTTIME");
	len = sizeof(first);
	tap_is_errno(get(random, 2, &first, &len), 0, "KERN_URND");
	for (int i = 0; i < 5 && (second == 0 || second == first); i++)
		(void)get(random, 2, &second, &len);
	tap_ok(second != first, "not always the same");
}

static void
test_failures(void)
{
	int procs[] = { CTL_VENDOR, HEDDLE_PROC, sizeof(struct heddle_proc) };
	static struct heddle_proc hp[50];
	struct heddle_mem before, after;
	int failed = 0;

	if (heddle_failalloc(0) != 0) {
		tap_skip(1, "this kernel does not let allocations fail");
		return;
	}
	heddle_mem(&before);
	for (int n = 1; n < 6; n++) {
		size_t len = sizeof(hp);
		heddle_failalloc(n);
		failed += get(procs, 3, hp, &len) != 0 && errno == ENOMEM;
		heddle_failalloc(0);
	}
	heddle_mem(&after);
	tap_ok(failed >= 2 && before.hm_objects == after.hm_objects, "%d failed listings leave nothing behind", failed);
}

int
main(void)
{
	test_protocol();
	test_random();
	test_lwps();
	test_arrays();
	test_memory();
	test_machine();
	test_failures();
	return tap_done();
}
