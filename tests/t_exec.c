/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * execve: what a program finds, which files are programs, errors, and other
 * LWPs of the process.
 *
 * The program starts itself again with a word that says what to check.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/exec.h>

#include "test.h"

#define SELF	"/tests/t_exec"
#define BAD_DIR	"/tests/bad"

static char	*empty_env[] = { NULL };

/* execve in a child; its exit status, or 200 + errno. */
struct call {
	const char	*path;
	char		*const *argv;
	char		*const *envp;
};

static void
do_exec(void *arg)
{
	const struct call *c = arg;

	execve(c->path, c->argv, c->envp);
	_exit(200 + errno);
}

static int
exec_in_child(const char *path, char *const *argv, char *const *envp)
{
	struct call c = { path, argv, envp };

	return in_child(do_exec, &c);
}

/* --- What the new program checks; the status is 0 if all is well, else where it was not. --- */

static int
check_arguments(int argc, char **argv)
{
	if (argc != 5 || strcmp(argv[2], "") != 0 || strcmp(argv[3], "two words") != 0 || strcmp(argv[4],
	    "\xff\x01") != 0)
		return 1;
	if (argv[5] != NULL || environ[0] == NULL || strcmp(environ[0], "A=1") != 0)
		return 2;
	if (strcmp(environ[1], "B=") != 0 || environ[2] != NULL)
		return 3;
	return 0;
}

/* The words on the stack behind the environment, and the structure at its top. */
static int
check_stack(int argc, char **argv)
{
	struct ps_strings *ps = (struct ps_strings *)(VM_MAXUSER_ADDRESS - sizeof(*ps));
	AuxInfo *aux;
	char **p = environ;
	int seen = 0;

	if ((uintptr_t)(argv - 1) % 16 != 0 || *(long *)(void *)(argv - 1) != argc || environ != argv + argc + 1)
		return 1;
	while (*p != NULL)
		p++;
	for (aux = (AuxInfo *)(void *)(p + 1); aux->a_type != AT_NULL; aux++) {
		if (aux->a_type == AT_PAGESZ)
			seen += aux->a_v == PAGE_SIZE;
		else if (aux->a_type == AT_PHENT)
			seen += aux->a_v == 56;
		else if (aux->a_type == AT_PHDR)
			seen += aux->a_v != 0 && aux->a_v < VM_MAXUSER_ADDRESS;
		else if (aux->a_type == AT_PHNUM)
			seen += aux->a_v > 0 && aux->a_v < 64;
		else if (aux->a_type == AT_ENTRY)
			seen += aux->a_v != 0;
		else if (aux->a_type == AT_STACKBASE)
			seen += aux->a_v == VM_MAXUSER_ADDRESS;
	}
	if (seen != 6)
		return 2;
	return ps->ps_argvstr != argv || ps->ps_nargvstr != argc || ps->ps_envstr != environ ? 3 : 0;
}

static int
check_alone(int argc, char **argv)
{
	char c;

	(void)argc;
	(void)argv;
	if (_lwp_self() != 1 || count_lwps() != 1)
		return 1;
	if (!token_empty())
		return 2;
	/* 20 was marked to be closed, 21 was not. */
	if (fcntl(20, F_GETFD) != -1 || fcntl(21, F_GETFD) == -1)
		return 3;
	return read(21, &c, 1) == 1 && c == 'k' ? 0 : 4;
}

static int
check_uncancelled(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return error_of(nanosleep(&(struct timespec){ 0, 1000 }, NULL));
}

static const struct {
	const char	*word;
	int		(*check)(int, char **);
} checks[] = {
	{ "arguments", check_arguments }, { "stack", check_stack }, { "alone", check_alone },
	{ "uncancelled", check_uncancelled }
};

/* --- The tests. --- */

static void
test_program_start(void)
{
	char *args[] = { SELF, "arguments", "", "two words", "\xff\x01", NULL };
	char *stack_args[] = { SELF, "stack", NULL };
	char *env[] = { "A=1", "B=", NULL };
	char *none[] = { NULL };

	tap_is_int(exec_in_child(SELF, args, env), 0, "a program gets its arguments and its environment");
	tap_is_int(exec_in_child(SELF, stack_args, env), 0, "on a stack as NetBSD lays it out");
	tap_is_int(exec_in_child(SELF, stack_args, empty_env), 0, "also without environment");
	tap_is_int(exec_in_child("/bin/true", none, empty_env), 0, "also without any argument");
	tap_is_int(exec_in_child("/bin/true", NULL, NULL), 0, "also without vectors");
	tap_is_int(exec_in_child("/bin/false", args, env), W_EXITCODE(1, 0), "and gives its status");
}

static atomic_bool	spinning;

static void
spin_for_ever(void *arg)
{
	(void)arg;
	for (;;)
		atomic_store(&spinning, true);
}

/* Become another program while other LWPs run, sleep and are zombies; with a token, and descriptors. */
static void
exec_in_company(void *arg)
{
	char *args[] = { SELF, "alone", NULL };
	int ends[2];

	(void)arg;
	spawn(spin_for_ever, NULL);
	for (int i = 0; i < 5; i++)
		lwp_await_parked(spawn(keep_parking, NULL));
	AWAIT(atomic_load(&spinning));
	if (pipe(ends) != 0 || dup2(ends[0], 20) != 20 || dup2(ends[0], 21) != 21 || fcntl(20, F_SETFD,
	    FD_CLOEXEC) != 0 ||
	    write(ends[1], "k", 1) != 1)
		_exit(100);
	_lwp_unpark(_lwp_self(), NULL);
	execve(SELF, args, environ);
	_exit(101);
}

static void
exec_true(void *arg)
{
	char *args[] = { "true", NULL };

	(void)arg;
	execve("/bin/true", args, environ);
	_exit(102);
}

static void
exec_from_other(void *arg)
{
	(void)arg;
	spawn(exec_in_company, NULL);
	keep_parking(NULL);
}

/* All LWPs at once: one of them wins, the others end. */
static void
all_exec(void *arg)
{
	(void)arg;
	for (int i = 0; i < 6; i++)
		spawn(exec_true, NULL);
	exec_true(NULL);
}

static void
exit_three(void *arg)
{
	spin((unsigned)(long)arg);
	_exit(3);
}

static void
exec_against_exit(void *arg)
{
	spawn(exit_three, arg);
	exec_true(NULL);
}

/* Another LWP suspends the one that is to become the only one. */
static void
suspend_first(void *arg)
{
	(void)arg;
	for (;;) {
		_lwp_suspend(1);
		_lwp_continue(1);
	}
}

static void
exec_against_suspend(void *arg)
{
	spawn(suspend_first, NULL);
	spin((unsigned)(long)arg);
	sched_yield();
	exec_true(NULL);
}

/* Others keep creating LWPs that wait to be continued. */
static void
create_suspended(void *arg)
{
	static char stacks[3][4096];
	lwpid_t id;
	ucontext_t uc;

	for (;;) {
		_lwp_makecontext(&uc, keep_parking, NULL, NULL, stacks[(long)arg], sizeof(stacks[0]));
		if (_lwp_create(&uc, LWP_SUSPENDED | LWP_DETACHED, &id) != 0)
			sched_yield();
	}
}

static void
exec_against_create(void *arg)
{
	for (long i = 0; i < 3; i++)
		spawn(create_suspended, (void *)i);
	spin((unsigned)(long)arg);
	sched_yield();
	exec_true(NULL);
}

/* What was meant for the old program is not the new one's. */
static void
exec_cancelled(void *arg)
{
	char *args[] = { SELF, "uncancelled", NULL };

	(void)arg;
	_lwp_wakeup(_lwp_self());
	execve(SELF, args, environ);
	_exit(103);
}

static void
test_races(void)
{
	int bad = 0;

	for (long i = 0; i < 15; i++)
		bad += in_child(exec_against_suspend, (void *)(i * 200)) != 0;
	tap_is_int(bad, 0, "suspend.9 execve is not held up by a suspension");
	bad = 0;
	for (long i = 0; i < 15; i++) {
		/* On a host that is busy hundreds of LWPs are made before execve is called, and then have to go. */
		bad += in_child(exec_against_create, (void *)(i * 200)) != 0;
		tap_diag("%ld times execve while others create LWPs", i + 1); /* not a hang */
	}
	tap_is_int(bad, 0, "create.10 nor by LWPs that are being created");
	tap_is_int(in_child(exec_cancelled, NULL), 0, "wakeup.3 a pending cancel ends with the program");
}

static void
test_company(void)
{
	int bad = 0;

	tap_is_int(in_child(exec_in_company, NULL), 0,
	    "execve ends the other LWPs, closes what it should, keeps the rest");
	tap_is_int(in_child(exec_from_other, NULL), 0, "called by another LWP, which becomes number 1");
	for (int i = 0; i < 10; i++)
		bad += in_child(all_exec, NULL) != 0;
	tap_is_int(bad, 0, "all LWPs can call it at once");
	bad = 0;
	for (long i = 0; i < 20; i++) {
		int status = in_child(exec_against_exit, (void *)(i * 400));

		bad += status != 0 && status != W_EXITCODE(3, 0);
	}
	tap_is_int(bad, 0, "or exit meanwhile");
}

/* Errors come back to the caller, who is as before. */
static void
test_errors(void)
{
	static void *const bad[] = { BAD_LOW, BAD_NONCANON, BAD_END, BAD_KERNEL, BAD_TOP };
	char *args[] = { "x", NULL };
	static char long_path[2000];
	lwpid_t id = spawn(keep_parking, NULL);
	int wrong = 0;

	tap_is_errno(execve("/bin/no-such-program", args, empty_env), ENOENT, "a file that is not there");
	tap_is_errno(execve("/no/such/directory", args, empty_env), ENOENT, "a directory that is not there");
	tap_is_errno(execve("", args, empty_env), ENOENT, "an empty path");
	tap_is_errno(execve("/bin", args, empty_env), EACCES, "a directory");
	tap_ok(execve("/bin/true/x", args, empty_env) == -1, "a file used as directory (errno %d)", errno);
	memset(long_path, 'a', sizeof(long_path) - 1);
	tap_is_errno(execve(long_path, args, empty_env), ENAMETOOLONG, "a path that is too long");
	for (size_t i = 0; i < __arraycount(bad); i++) {
		char *bad_args[] = { "x", bad[i], NULL };

		wrong += error_of(execve(bad[i], args, empty_env)) != EFAULT;
		wrong += error_of(execve("/bin/true", bad[i], empty_env)) != EFAULT;
		wrong += error_of(execve("/bin/true", args, bad[i])) != EFAULT;
		wrong += error_of(execve("/bin/true", bad_args, empty_env)) != EFAULT;
		wrong += error_of(execve("/bin/true", args, bad_args)) != EFAULT;
	}
	tap_is_int(wrong, 0, "bad addresses, of the path, a vector or a word");
	tap_is_int(lwp_await_parked(id), 0, "the other LWPs live on after an error");
	_lwp_detach(id);
}

static void
test_large(void)
{
	enum { N = 100000 };
	static char *args[N + 1];
	static char big[1 << 20];
	char *one[] = { "x", big, NULL };
	int error;

	for (int i = 0; i < N; i++)
		args[i] = "word";
	error = error_of(execve("/bin/true", args, empty_env));
	tap_is_int(error, E2BIG, "too many arguments");
	memset(big, 'x', sizeof(big) - 1);
	tap_is_errno(execve("/bin/true", one, empty_env), E2BIG, "an argument that is too long");
	args[400] = NULL;
	tap_is_int(exec_in_child("/bin/true", args, args), 0, "800 words are not too many");
}

/* One file of /tests/bad: the beginning of its name says what it owes. */
static bool
as_named(const char *name)
{
	char path[600], *args[] = { path, NULL };
	int status;

	snprintf(path, sizeof(path), "%s/%s", BAD_DIR, name);
	status = exec_in_child(path, args, empty_env);
	if (strncmp(name, "exit42-", 7) == 0)
		return status == W_EXITCODE(42, 0);
	if (strncmp(name, "noexec-", 7) == 0)
		return status == W_EXITCODE(200 + ENOEXEC, 0);
	if (strncmp(name, "killed-", 7) == 0)
		return WIFSIGNALED(status);
	return strncmp(name, "any-", 4) == 0;
}

/* All of them; how many did not do what their name says. */
static int
run_all(int *n)
{
	DIR *dir = opendir(BAD_DIR);
	struct dirent *de;
	int bad = 0;

	if (dir == NULL)
		tap_bail("%s: %s", BAD_DIR, strerror(errno));
	for (*n = 0; (de = readdir(dir)) != NULL; ) {
		if (de->d_name[0] == '.')
			continue;
		(*n)++;
		if (!as_named(de->d_name)) {
			tap_diag("%s does not do what its name says", de->d_name);
			bad++;
		}
	}
	closedir(dir);
	return bad;
}

static void
test_files(void)
{
	struct heddle_mem before, after;
	int n, bad;

	bad = run_all(&n);
	tap_ok(n > 100 && bad == 0, "%d corrupt, cut off and hostile files: each does what its name says", n);
	/* Once more, now that all that we need ourselves is there. */
	heddle_mem(&before);
	bad = run_all(&n);
	heddle_mem(&after);
	tap_is_int(bad, 0, "and does it again");
	tap_is_int((long)(after.hm_user - before.hm_user), 0, "none of them leaves a page behind");
	tap_is_int((long)(after.hm_objects - before.hm_objects), 0, "or an object of the kernel");
	tap_is_int((long)(after.hm_nprocs - before.hm_nprocs), 0, "or a process");
}

int
main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < __arraycount(checks); i++) {
		if (strcmp(argv[1], checks[i].word) == 0)
			return checks[i].check(argc, argv);
	}
	test_program_start();
	test_company();
	test_races();
	test_errors();
	test_large();
	test_files();
	return tap_done();
}
