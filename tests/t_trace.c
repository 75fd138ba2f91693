/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace: on and off, what is recorded of an LWP's life, marks, what is lost, and
 * that the trace points can be patched while other CPUs run through them.
 */
#include "test.h"

#include <signal.h>
#include <sys/trace.h>

#define LINES	4096

static struct heddle_traceline	lines[LINES];
static int			nlines;
static atomic_bool		go;

static struct heddle_trace
status(void)
{
	int name[] = { CTL_VENDOR, HEDDLE_TRACE };
	struct heddle_trace ht;
	size_t len = sizeof(ht);

	if (sysctl(name, 2, &ht, &len, NULL, 0) != 0)
		tap_bail("sysctl: %s", strerror(errno));
	return ht;
}

static int
set(int on)
{
	int name[] = { CTL_VENDOR, HEDDLE_TRACE };

	return sysctl(name, 2, NULL, NULL, &on, sizeof(on));
}

/* The end of the trace, into lines[]. */
static void
read_log(void)
{
	int name[] = { CTL_VENDOR, HEDDLE_TRACELOG, sizeof(lines[0]), LINES };
	size_t len = sizeof(lines);

	if (sysctl(name, 4, lines, &len, NULL, 0) != 0)
		tap_bail("sysctl: %s", strerror(errno));
	nlines = (int)(len / sizeof(lines[0]));
}

/* The first line at `from` or behind it with this event of an LWP of ours and this text in it; -1: none. */
static int
find(int from, int event, lwpid_t id, const char *text)
{
	for (int i = from; i >= 0 && i < nlines; i++) {
		if (lines[i].hl_event == event && lines[i].hl_pid == getpid() && lines[i].hl_lid == id &&
		    strstr(lines[i].hl_text, text) != NULL)
			return i;
	}
	return -1;
}

static void
test_off(void)
{
	int bad[] = { CTL_VENDOR, HEDDLE_TRACE }, name[] = { CTL_VENDOR, HEDDLE_TRACELOG, 8, 8 };
	char c = 1;

	tap_is_int(status().ht_on, 0, "tracing is off");
	tap_is_int((long)status().ht_written, 0, "nothing is recorded");
	tap_is_errno(utrace("label", NULL, 0), 0, "a mark when it is off does nothing");
	tap_is_errno(set(2), EINVAL, "neither on nor off");
	tap_is_errno(sysctl(bad, 2, NULL, NULL, &c, 1), EINVAL, "not an int");
	tap_is_errno(sysctl(name, 2, lines, &(size_t){ sizeof(lines) }, NULL, 0), EINVAL, "half a name");
	tap_is_errno(sysctl(name, 4, lines, &(size_t){ sizeof(lines) }, &c, 1), EPERM, "the log cannot be set");
	tap_is_errno(sysctl(name, 4, BAD_KERNEL, &(size_t){ sizeof(lines) }, NULL, 0), 0, "an empty log anywhere");
}

static void
test_utrace_errors(void)
{
	char label[64];
	char *edge = map_edge(1, PROT_READ | PROT_WRITE);

	memset(label, 'x', sizeof(label));
	tap_is_errno(utrace(BAD_KERNEL, NULL, 0), EFAULT, "utrace: a bad label");
	tap_is_errno(utrace("l", BAD_LOW, 8), EFAULT, "utrace: bad data");
	tap_is_errno(utrace("l", edge + PAGE_SIZE - 4, 8), EFAULT, "utrace: data that end too early");
	tap_is_errno(utrace("l", edge + PAGE_SIZE - 4, 4), 0, "utrace: data that end at the edge");
	tap_is_errno(utrace("l", label, TRACE_DATAMAX + 1), ENOSPC, "utrace: too much data");
	label[sizeof(label) - 1] = '\0';
	tap_is_errno(utrace(label, NULL, 0), ENAMETOOLONG, "utrace: too long a label");
	label[TRACE_LABELMAX - 1] = '\0';
	tap_is_errno(utrace(label, NULL, 0), 0, "utrace: the longest label");
}

static void
park_twice(void *arg)
{
	(void)arg;
	park();
	while (!atomic_load(&go))
		spin(10);
	park(); /* the token */
}

/* Every change of state of an LWP, from `from` on, begins where the one before ended. */
static int
count_breaks(int from, lwpid_t id, int *seen)
{
	int breaks = 0, last = 0;

	*seen = 0;
	for (int i = from; i >= 0 && i < nlines; i++) {
		if (lines[i].hl_event != TRACE_STATE || lines[i].hl_pid != getpid() || lines[i].hl_lid != id)
			continue;
		breaks += *seen > 0 && (lines[i].hl_code & 0xff) != last;
		last = lines[i].hl_code >> 8;
		++*seen;
	}
	return breaks;
}

static void
test_life(void)
{
	lwpid_t id;
	int at, seen;

	atomic_store(&go, false);
	tap_is_errno(set(1), 0, "tracing is turned on");
	tap_is_int(status().ht_on, 1, "and is on");
	tap_is_int(status().ht_cpus, heddle_ncpu(), "for all CPUs");
	tap_is_errno(utrace("begin", &(uint64_t){ 4711 }, 8), 0, "a mark");
	id = spawn(park_twice, NULL);
	_lwp_setname(id, "sleeper");
	lwp_await_parked(id);
	_lwp_unpark(id, NULL);
	AWAIT(!is_parked(id));
	_lwp_unpark(id, NULL);
	atomic_store(&go, true);
	join(id);
	tap_is_errno(set(0), 0, "tracing is turned off");
	read_log();

	at = find(0, TRACE_MARK, _lwp_self(), "begin");
	tap_ok(at >= 0, "the mark is there");
	tap_ok(find(at, TRACE_MARKDATA, _lwp_self(), "8 bytes, 4711") == at + 1, "and its data behind it");
	tap_ok(find(at, TRACE_CREATE, id, "created by") > at, "a new LWP");
	tap_ok(find(at, TRACE_NAME, id, "\"sleeper\"") > at, "its name");
	tap_ok(count_breaks(at, id, &seen) == 0 && seen >= 6,
	    "state.1 every change of state is in the trace, and each begins where the one before ended");
	at = find(at, TRACE_STATE, id, "onproc -> sleep \"parked\"");
	tap_ok(at >= 0, "state.1 that it parks is a record");
	at = find(at, TRACE_WAKE, id, "woken from \"parked\" by");
	tap_ok(at >= 0, "then who unparked it");
	at = find(at, TRACE_STATE, id, "sleep -> run");
	tap_ok(at >= 0, "state.1 then that it is runnable");
	tap_ok(find(at, TRACE_STATE, id, "run -> onproc") > at, "state.1 and that it runs");
	tap_ok(find(at, TRACE_SYSRET, id, "___lwp_park60 gives 0x0") > at, "the call returns");
	at = find(at, TRACE_TOKEN, id, "token is filled by");
	tap_ok(at >= 0, "the second unpark finds it running");
	tap_ok(find(at, TRACE_EARLY, id, "finds the token") > at, "the second park finds the token");
	tap_ok(find(at, TRACE_SYSRET, id, "___lwp_park60: error") > at, "and returns an error");
	at = find(at, TRACE_EXIT, id, "exits");
	tap_ok(find(at, TRACE_STATE, id, "onproc -> zombie") > at, "the end of it");
	tap_ok(find(0, TRACE_SYSCALL, _lwp_self(), "calls _lwp_wait(") >= 0, "the call that waits for it");
}

static void
test_order(void)
{
	int backwards = 0, foreign = 0;

	for (int i = 1; i < nlines; i++)
		backwards += lines[i].hl_time < lines[i - 1].hl_time;
	for (int i = 0; i < nlines; i++)
		foreign += lines[i].hl_cpu < 0 || lines[i].hl_cpu >= heddle_ncpu() ||
		    strstr(lines[i].hl_text, "0xffffffff") != NULL || strstr(lines[i].hl_text, "0xffff8") != NULL;
	tap_is_int(backwards, 0, "the log is in the order of time");
	tap_is_int(foreign, 0, "of CPUs that there are, without kernel addresses");
}

static void
test_lost(void)
{
	struct heddle_trace before, after;
	struct heddle_mem mem[2];

	before = status();
	utrace("unseen", NULL, 0);
	getpid();
	tap_is_int((long)(status().ht_written - before.ht_written), 0, "when it is off, nothing is recorded");
	heddle_mem(&mem[0]);
	set(1);
	heddle_mem(&mem[1]);
	tap_is_int((long)mem[1].hm_kernel - (long)mem[0].hm_kernel, 0, "the second time needs no more memory");
	before = status();
	tap_ok(before.ht_written < before.ht_size && before.ht_lost == 0, "the second time begins with empty rings");
	bind_cpu(_lwp_self(), 0);
	for (uint64_t i = 0; i < before.ht_size; i++)
		utrace("many", &i, sizeof(i));
	set(0);
	after = status();
	/* A mark is two records, its call two more. */
	tap_ok(after.ht_written >= 4 * before.ht_size, "all marks were recorded");
	tap_ok(after.ht_lost >= 3 * before.ht_size && after.ht_lost <= after.ht_written - after.ht_size,
	    "what did not fit is lost, and counted");
	read_log();
	tap_ok(nlines > 1000, "the log has the end of it");
	tap_ok(find(0, TRACE_MARKDATA, _lwp_self(), "8 bytes, 32767") >= 0 || before.ht_size != 32768,
	    "with the last mark");
}

static atomic_int throws;

static void
pingpong(void *arg)
{
	lwpid_t *other = arg;

	while (!atomic_load(&go)) {
		_lwp_unpark(*other, NULL);
		park_ns(MSEC);
		atomic_fetch_add(&throws, 1);
	}
	_lwp_unpark(*other, NULL);
}

/* On and off while others run through all the trace points and system calls. */
static void
test_patching(void)
{
	static lwpid_t ids[4];
	int errors = 0;

	atomic_store(&go, false);
	for (int i = 0; i < 4; i++)
		ids[i] = spawn(pingpong, &ids[i ^ 1]);
	for (int i = 0; i < 10; i++) {
		int before = atomic_load(&throws);

		errors += set(1) != 0;
		AWAIT(atomic_load(&throws) > before + 3);
		errors += set(0) != 0;
		before = atomic_load(&throws);
		AWAIT(atomic_load(&throws) > before + 3);
	}
	atomic_store(&go, true);
	for (int i = 0; i < 4; i++)
		join(ids[i]);
	tap_is_int(errors, 0, "on and off 10 times while others park and unpark");
}

static void
child(void *arg)
{
	(void)arg;
	_exit(3);
}

static void
test_process(void)
{
	pid_t pid;
	int st, forked = 0, exited = 0;

	set(1);
	pid = fork();
	if (pid == 0)
		child(NULL);
	waitpid(pid, &st, 0);
	kill(getpid(), SIGCHLD);
	set(0);
	read_log();
	for (int i = 0; i < nlines; i++) {
		forked += lines[i].hl_event == TRACE_FORK && lines[i].hl_pid == pid;
		exited += lines[i].hl_event == TRACE_PEXIT && lines[i].hl_pid == pid &&
		    strstr(lines[i].hl_text, "0x300") != NULL;
	}
	tap_ok(forked == 1 && exited == 1, "a process's beginning and end");
	tap_ok(find(0, TRACE_SEND, 0, "signal 20 is sent by") >= 0, "signals that are sent");
}

int
main(void)
{
	test_off();
	test_utrace_errors();
	test_life();
	test_order();
	test_lost();
	test_utrace_errors();
	test_patching();
	test_process();
	return tap_done();
}
