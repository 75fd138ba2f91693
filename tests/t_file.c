/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files, descriptors and pipes: results and errors of each call, and the races
 * that several LWPs can have on one descriptor.
 */
#include "test.h"

#include <signal.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/termios.h>
#include <sys/uio.h>

#define RACE_ROUNDS	2000
#define PIPE_BYTES	400000
#define RECORD		500	/* at most PIPE_BUF: goes through in one piece */
#define WRITERS		3
#define RECORDS		200

static char	buf[20000];
static int	pipefd[2];
static atomic_bool race_over;
static atomic_int wrong;

static void
test_open(void)
{
	int fd = open("/bin/hello", O_RDONLY), i;

	tap_is_int(fd, 3, "open gives the lowest free descriptor");
	tap_is_errno(open("/bin/none", O_RDONLY), ENOENT, "open of what is not there");
	tap_is_errno(open("/bin/hello/x", O_RDONLY), ENOTDIR, "open below a file");
	tap_is_errno(open("/bin/hello", O_RDWR), EROFS, "open for writing: the ramdisk cannot be written");
	tap_is_errno(open("/bin/new", O_RDWR | O_CREAT, 0644), EROFS, "nor can a file be made");
	tap_is_errno(open("/bin", O_RDWR), EISDIR, "open of a directory for writing");
	tap_is_errno(open("/bin/hello", 3), EINVAL, "open with a bad mode");
	tap_is_errno(open(BAD_KERNEL, O_RDONLY), EFAULT, "open with a bad pointer");
	memset(buf, 'x', 3000);
	buf[3000] = '\0';
	tap_is_errno(open(buf, O_RDONLY), ENAMETOOLONG, "open with a name without end");
	tap_is_errno(open("", O_RDONLY), ENOENT, "open of an empty name");
	for (i = fd + 1; open("/dev/null", O_RDWR) == i;)
		i++;
	tap_ok(errno == EMFILE && i == OPEN_MAX, "%d descriptors, then EMFILE", i);
	while (i-- > fd)
		close(i);
	tap_is_errno(close(fd), EBADF, "close of what is closed");
	tap_is_errno(close(-1), EBADF, "close of -1");
	tap_is_errno(close(1 << 30), EBADF, "close of a great number");
}

static void
test_read(void)
{
	int fd = open("/bin/hello", O_RDONLY);
	struct stat st;
	char elf[4];

	tap_is_int(read(fd, elf, 4), 4, "read");
	tap_ok(memcmp(elf, "\177ELF", 4) == 0, "gives the bytes of the file");
	tap_is_errno(fstat(fd, &st), 0, "fstat");
	tap_ok(S_ISREG(st.st_mode) && st.st_size > 1000 && st.st_nlink == 1, "says what it is");
	tap_is_int(lseek(fd, -2, SEEK_END), st.st_size - 2, "lseek from the end");
	tap_is_int(read(fd, buf, 100), 2, "a read at the end is short");
	tap_is_int(read(fd, buf, 100), 0, "a read behind the end gives nothing");
	tap_is_errno(lseek(fd, -1, SEEK_SET), EINVAL, "lseek before the beginning");
	tap_is_errno(lseek(fd, 0, 7), EINVAL, "lseek from nowhere");
	tap_is_int(lseek(fd, 0, SEEK_SET), 0, "lseek to the beginning");
	tap_is_errno(read(fd, BAD_KERNEL, 10), EFAULT, "read to a bad pointer");
	tap_is_int(lseek(fd, 0, SEEK_CUR), 0, "has read nothing");
	tap_is_errno(read(fd, buf, (size_t)-1), EINVAL, "read of more than there can be");
	tap_is_errno(write(fd, "x", 1), EBADF, "write to what is open for reading");
	tap_is_errno(read(-1, buf, 1), EBADF, "read of no descriptor");
	tap_is_errno(fstat(fd, BAD_LOW), EFAULT, "fstat to a bad pointer");
	tap_is_errno(ioctl(fd, TIOCGETA, buf), ENOTTY, "a file is no terminal");
	close(fd);
}

static void
test_devices(void)
{
	int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDONLY);
	struct iovec iov[20], bad[2] = { { buf, SIZE_MAX / 2 }, { buf, SIZE_MAX / 2 } };
	struct stat st;
	int i;

	tap_is_int(write(null, buf, 100), 100, "/dev/null takes all");
	tap_is_int(read(null, buf, 100), 0, "and gives nothing");
	memset(buf, 'x', sizeof(buf));
	tap_is_int(read(zero, buf, sizeof(buf)), sizeof(buf), "/dev/zero gives all");
	for (i = 0; i < (int)sizeof(buf) && buf[i] == 0;)
		i++;
	tap_is_int(i, sizeof(buf), "zeros");
	tap_is_errno(lseek(zero, 0, SEEK_SET), ESPIPE, "a device cannot be searched");
	tap_ok(fstat(null, &st) == 0 && S_ISCHR(st.st_mode), "fstat of a device");
	for (i = 0; i < 20; i++)
		iov[i] = (struct iovec){ buf, (size_t)i };
	tap_is_int(writev(null, iov, 20), 190, "writev of twenty pieces");
	tap_is_errno(writev(null, iov, 0), EINVAL, "writev of none");
	tap_is_errno(writev(null, iov, IOV_MAX + 1), EINVAL, "writev of too many");
	tap_is_errno(writev(null, bad, 2), EINVAL, "writev of more than there can be");
	tap_is_errno(writev(null, BAD_KERNEL, 2), EFAULT, "writev with a bad array");
	close(null);
	close(zero);
}

static void
test_directory(void)
{
	DIR *dir = opendir("/tests");
	struct dirent *de;
	int n = 0, self = 0, fd;

	while ((de = readdir(dir)) != NULL) {
		n++;
		self += strcmp(de->d_name, "t_file") == 0 && de->d_type == DT_REG;
	}
	closedir(dir);
	tap_ok(n > 3 && self == 1, "a directory lists its %d names once each", n);
	fd = open("/tests", O_RDONLY);
	tap_is_errno(read(fd, buf, 10), EISDIR, "read of a directory");
	tap_is_errno(syscall(390, fd, buf, 10), EINVAL, "getdents into too small a buffer");
	tap_is_errno(syscall(390, fd, BAD_KERNEL, 5000), EFAULT, "getdents to a bad pointer");
	close(fd);
	fd = open("/dev/null", O_RDONLY);
	tap_is_errno(syscall(390, fd, buf, 5000), EINVAL, "getdents of no directory");
	close(fd);
}

static void
test_descriptors(void)
{
	int fd = open("/bin/hello", O_RDONLY), other;

	tap_is_int(dup2(fd, 50), 50, "dup2");
	(void)lseek(fd, 100, SEEK_SET);
	tap_is_int(lseek(50, 0, SEEK_CUR), 100, "both share one place in the file");
	tap_is_int(dup2(50, 50), 50, "dup2 onto itself");
	tap_is_errno(dup2(fd, OPEN_MAX), EBADF, "dup2 to too great a number");
	tap_is_errno(dup2(49, 51), EBADF, "dup2 of no descriptor");
	other = fcntl(fd, F_DUPFD, 20);
	tap_is_int(other, 20, "F_DUPFD from 20 on");
	tap_is_int(fcntl(other, F_GETFD), 0, "a copy is not closed by execve");
	tap_is_errno(fcntl(other, F_SETFD, FD_CLOEXEC), 0, "F_SETFD");
	tap_ok(fcntl(other, F_GETFD) == FD_CLOEXEC && fcntl(fd, F_GETFD) == 0, "concerns one descriptor");
	tap_is_int(fcntl(fd, F_GETFL), O_RDONLY, "F_GETFL");
	tap_is_errno(fcntl(fd, F_SETFL, O_NONBLOCK), 0, "F_SETFL");
	tap_is_int(fcntl(50, F_GETFL), O_RDONLY | O_NONBLOCK, "concerns the open file");
	tap_is_errno(fcntl(fd, 77), EINVAL, "fcntl of an unknown command");
	tap_is_errno(fcntl(fd, F_DUPFD, -1), EINVAL, "F_DUPFD from -1 on");
	close(fd);
	close(50);
	close(other);
}

/* The ways of BSD to say the same. */
static void
test_descriptors_bsd(void)
{
	int fd = open("/bin/hello", O_RDONLY), on = 1;

	tap_is_int(fcntl(0, F_MAXFD), fd, "F_MAXFD: the highest descriptor");
	tap_ok(ioctl(fd, FIOCLEX) == 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC, "FIOCLEX");
	tap_ok(ioctl(fd, FIONCLEX) == 0 && fcntl(fd, F_GETFD) == 0, "FIONCLEX");
	tap_is_errno(ioctl(fd + 1, FIOCLEX), EBADF, "FIOCLEX of no descriptor");
	tap_is_errno(pipe(pipefd), 0, "a pipe");
	tap_is_errno(ioctl(pipefd[0], FIONBIO, BAD_KERNEL), EFAULT, "FIONBIO with a bad pointer");
	tap_ok(ioctl(pipefd[0], FIONBIO, &on) == 0 && read(pipefd[0], buf, 1) == -1 && errno == EAGAIN, "FIONBIO");
	tap_is_errno(fcntl(-1, F_CLOSEM), EBADF, "F_CLOSEM from -1 on");
	tap_is_errno(fcntl(fd, F_CLOSEM), 0, "F_CLOSEM closes a descriptor");
	tap_is_int(fcntl(0, F_MAXFD), fd - 1, "and all above it");
}

/* A pipe with room for none or one of its ends. */
static void
test_pipe_full(void)
{
	int fd = open("/dev/null", O_RDWR), last = fd, ends[2];

	for (int n; (n = fcntl(fd, F_DUPFD, 0)) != -1;)
		last = n;
	tap_is_errno(pipe(ends), EMFILE, "a pipe without a descriptor left");
	close(last);
	tap_is_errno(pipe(ends), EMFILE, "with one");
	tap_is_int(fcntl(fd, F_DUPFD, 0), last, "which is free again");
	fcntl(fd, F_CLOSEM);
}

static void
test_pipe(void)
{
	int n;

	tap_is_errno(pipe(pipefd), 0, "pipe");
	tap_is_int(write(pipefd[1], "hello", 5), 5, "write to a pipe");
	tap_ok(ioctl(pipefd[0], FIONREAD, &n) == 0 && n == 5, "FIONREAD");
	tap_is_int(read(pipefd[0], buf, 100), 5, "read from it");
	tap_is_errno(write(pipefd[0], "x", 1), EBADF, "the read end cannot be written");
	tap_is_errno(read(pipefd[1], buf, 1), EBADF, "nor the write end read");
	tap_is_errno(lseek(pipefd[0], 0, SEEK_SET), ESPIPE, "a pipe cannot be searched");
	fcntl(pipefd[0], F_SETFL, O_NONBLOCK);
	fcntl(pipefd[1], F_SETFL, O_NONBLOCK);
	tap_is_errno(read(pipefd[0], buf, 1), EAGAIN, "O_NONBLOCK: nothing to be read");
	while (write(pipefd[1], buf, RECORD) == RECORD)
		continue;
	tap_ok(errno == EAGAIN, "O_NONBLOCK: no room");
	tap_is_errno(write(pipefd[1], BAD_KERNEL, 10000), EFAULT, "write from a bad pointer");
	close(pipefd[1]);
	while (read(pipefd[0], buf, sizeof(buf)) > 0)
		continue;
	tap_is_int(read(pipefd[0], buf, 1), 0, "end of file when the writer has gone");
	close(pipefd[0]);
	pipe(pipefd);
	close(pipefd[0]);
	signal(SIGPIPE, SIG_IGN);
	tap_is_errno(write(pipefd[1], "x", 1), EPIPE, "EPIPE when the reader has gone");
	close(pipefd[1]);
}

/* Numbers that go up, through a pipe that is smaller than they are. */
static void
pipe_source(void *arg)
{
	uint32_t block[300];
	uint32_t next = 0;

	(void)arg;
	while (next < PIPE_BYTES / 4) {
		uint32_t n = 0;
		while (n < 300 && next < PIPE_BYTES / 4)
			block[n++] = next++;
		if (write(pipefd[1], block, n * 4) != (ssize_t)(n * 4))
			wrong++;
	}
	close(pipefd[1]);
}

/* Fill a whole number of words, or what there is before the end. */
static ssize_t
read_words(int fd, uint32_t *words, size_t len)
{
	ssize_t got = 0, n = 1;

	while (n > 0 && (got == 0 || got % 4 != 0)) {
		n = read(fd, (char *)words + got, len - (size_t)got);
		got += n;
	}
	return got;
}

static void
test_pipe_stream(void)
{
	static uint32_t words[700];
	uint32_t next = 0;
	ssize_t n;
	lwpid_t id;

	pipe(pipefd);
	wrong = 0;
	id = spawn(pipe_source, NULL);
	while ((n = read_words(pipefd[0], words, sizeof(words))) > 0) {
		for (ssize_t i = 0; i < n / 4; i++)
			wrong += words[i] != next++;
	}
	join(id);
	close(pipefd[0]);
	tap_ok(wrong == 0 && next == PIPE_BYTES / 4, "%u bytes go through a pipe in order", next * 4);
}

static void
pipe_writer(void *arg)
{
	char record[RECORD];

	memset(record, (int)(intptr_t)arg, sizeof(record));
	for (int i = 0; i < RECORDS; i++) {
		if (write(pipefd[1], record, sizeof(record)) != RECORD)
			wrong++;
	}
}

static void
test_pipe_records(void)
{
	lwpid_t id[WRITERS];
	char record[RECORD];

	pipe(pipefd);
	wrong = 0;
	for (int i = 0; i < WRITERS; i++)
		id[i] = spawn(pipe_writer, (void *)(intptr_t)('a' + i));
	for (int i = 0; i < WRITERS * RECORDS; i++) {
		for (ssize_t got = 0; got < RECORD;)
			got += read(pipefd[0], record + got, (size_t)(RECORD - got));
		wrong += memcmp(record, record + 1, RECORD - 1) != 0;
	}
	for (int i = 0; i < WRITERS; i++)
		join(id[i]);
	close(pipefd[0]);
	close(pipefd[1]);
	tap_ok(wrong == 0, "writes of up to PIPE_BUF bytes are not mixed");
}

/* Opens and closes one descriptor for ever: whoever reads it meets all that can be. */
static void
closer(void *arg)
{
	(void)arg;
	while (!race_over) {
		int fd = open("/bin/hello", O_RDONLY);
		if (fd >= 0)
			close(fd);
	}
}

static void
test_close_race(void)
{
	int fd = open("/bin/hello", O_RDONLY), good = 0, gone = 0, bad = 0;
	lwpid_t id[2];
	char c;

	close(fd);
	race_over = false;
	id[0] = spawn(closer, NULL);
	id[1] = spawn(closer, NULL);
	for (int i = 0; i < RACE_ROUNDS || (i < 200 * RACE_ROUNDS && (good == 0 || gone == 0)); i++) {
		if (read(fd, &c, 1) == 1)
			good += c == '\177';
		else if (errno == EBADF)
			gone++;
		else
			bad++;
	}
	race_over = true;
	join(id[0]);
	join(id[1]);
	tap_ok(bad == 0, "read while another LWP closes: %d read, %d EBADF, nothing else", good, gone);
}

static void
blocked_reader(void *arg)
{
	(void)arg;
	if (read(pipefd[0], buf, 1) != 0)
		wrong++;
}

static void
test_close_end(void)
{
	int fds[2];
	lwpid_t id;

	pipe(fds);
	memcpy(pipefd, fds, sizeof(fds));
	wrong = 0;
	id = spawn(blocked_reader, NULL);
	lwp_await_asleep(id, "piperd");
	close(fds[0]);
	tap_is_errno(read(fds[0], buf, 1), EBADF, "a descriptor is gone although an LWP reads from its file");
	close(fds[1]);
	join(id);
	tap_ok(wrong == 0, "that LWP's read goes on, to the end of file");
}

static void
test_exit_blocked(void)
{
	int status = -1;
	pid_t pid;

	pipe(pipefd);
	pid = fork();
	if (pid == 0) {
		lwp_await_asleep(spawn(blocked_reader, NULL), "piperd");
		_exit(7);
	}
	tap_ok(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7,
	    "a process exits while one of its LWPs sleeps in a read");
	close(pipefd[1]);
	tap_is_int(read(pipefd[0], buf, 1), 0, "and its descriptors are closed");
	close(pipefd[0]);
}

/* Each allocation of a path fails in turn: an error, and nothing is left behind. */
static void
test_failures(void)
{
	struct heddle_mem before, after;
	int errors = 0, fd;

	if (heddle_failalloc(0) != 0) {
		tap_skip(1, "this kernel does not let allocations fail");
		return;
	}
	heddle_mem(&before);
	for (int n = 1; n < 8; n++) {
		heddle_failalloc(n);
		fd = open("/dev/null", O_RDONLY);
		heddle_failalloc(0);
		errors += fd < 0;
		if (fd >= 0)
			close(fd);
		heddle_failalloc(n);
		fd = pipe(pipefd);
		heddle_failalloc(0);
		errors += fd < 0;
		if (fd == 0) {
			close(pipefd[0]);
			close(pipefd[1]);
		}
	}
	heddle_mem(&after);
	tap_is_int((long)after.hm_objects, (long)before.hm_objects, "%d failures leave nothing behind", errors);
}

static void
test_console(void)
{
	struct termios t;
	struct winsize w;

	if (ioctl(0, TIOCGETA, &t) != 0) {
		tap_skip(5, "descriptor 0 is no terminal");
		return;
	}
	tap_ok((t.c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG),
	    "a terminal reads lines, echoes, takes Ctrl-C");
	tap_ok((t.c_iflag & ICRNL) != 0 && (t.c_oflag & (OPOST | ONLCR)) == (OPOST | ONLCR), "and maps returns");
	tap_ok(ioctl(0, TIOCGWINSZ, &w) == 0 && w.ws_row == 24 && w.ws_col == 80, "has 24 lines of 80 columns");
	tap_is_errno(ioctl(0, TIOCGETA, BAD_KERNEL), EFAULT, "TIOCGETA to a bad pointer");
	tap_is_errno(ioctl(0, TIOCSETA, BAD_KERNEL), EFAULT, "TIOCSETA from a bad pointer");
}

int
main(void)
{
	test_open();
	test_read();
	test_devices();
	test_directory();
	test_descriptors();
	test_descriptors_bsd();
	test_pipe_full();
	test_pipe();
	test_pipe_stream();
	test_pipe_records();
	test_close_race();
	test_close_end();
	test_exit_blocked();
	test_failures();
	test_console();
	return tap_done();
}
