/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Errors and signals in words.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char *const errors[] = {
	[0] = "No error",
	[EPERM] = "Operation not permitted",
	[ENOENT] = "No such file or directory",
	[ESRCH] = "No such process or LWP",
	[EINTR] = "Interrupted system call",
	[EIO] = "Input/output error",
	[ENXIO] = "Device not configured",
	[E2BIG] = "Argument list too long",
	[ENOEXEC] = "Exec format error",
	[EBADF] = "Bad file descriptor",
	[ECHILD] = "No child processes",
	[EDEADLK] = "Resource deadlock avoided",
	[ENOMEM] = "Cannot allocate memory",
	[EACCES] = "Permission denied",
	[EFAULT] = "Bad address",
	[ENOTBLK] = "Block device required",
	[EBUSY] = "Resource busy",
	[EEXIST] = "File exists",
	[EXDEV] = "Cross-device link",
	[ENODEV] = "Operation not supported by device",
	[ENOTDIR] = "Not a directory",
	[EISDIR] = "Is a directory",
	[EINVAL] = "Invalid argument",
	[ENFILE] = "Too many open files in the system",
	[EMFILE] = "Too many open files",
	[ENOTTY] = "Inappropriate ioctl for device",
	[ETXTBSY] = "Text file busy",
	[EFBIG] = "File too large",
	[ENOSPC] = "No space left on device",
	[ESPIPE] = "Illegal seek",
	[EROFS] = "Read-only file system",
	[EMLINK] = "Too many links",
	[EPIPE] = "Broken pipe",
	[EDOM] = "Numerical argument out of domain",
	[ERANGE] = "Result too large or too small",
	[EAGAIN] = "Resource temporarily unavailable",
	[EINPROGRESS] = "Operation now in progress",
	[EALREADY] = "Operation already in progress",
	[ENOTSOCK] = "Not a socket",
	[EDESTADDRREQ] = "Destination address required",
	[EMSGSIZE] = "Message too long",
	[EPROTOTYPE] = "Wrong protocol type for the socket",
	[ENOPROTOOPT] = "Protocol option not available",
	[EPROTONOSUPPORT] = "Protocol not supported",
	[ESOCKTNOSUPPORT] = "Socket type not supported",
	[EOPNOTSUPP] = "Operation not supported",
	[EPFNOSUPPORT] = "Protocol family not supported",
	[EAFNOSUPPORT] = "Address family not supported",
	[EADDRINUSE] = "Address in use",
	[EADDRNOTAVAIL] = "Address not available",
	[ENETDOWN] = "Network down",
	[ENETUNREACH] = "Network unreachable",
	[ENETRESET] = "Network dropped the connection",
	[ECONNABORTED] = "Connection aborted",
	[ECONNRESET] = "Connection reset",
	[ENOBUFS] = "No buffer space available",
	[EISCONN] = "Already connected",
	[ENOTCONN] = "Not connected",
	[ESHUTDOWN] = "Shut down",
	[ETOOMANYREFS] = "Too many references",
	[ETIMEDOUT] = "Operation timed out",
	[ECONNREFUSED] = "Connection refused",
	[ELOOP] = "Too many levels of symbolic links",
	[ENAMETOOLONG] = "File name too long",
	[EHOSTDOWN] = "Host down",
	[EHOSTUNREACH] = "No route to host",
	[ENOTEMPTY] = "Directory not empty",
	[EPROCLIM] = "Too many processes",
	[EUSERS] = "Too many users",
	[EDQUOT] = "Disk quota exceeded",
	[ESTALE] = "Stale file handle",
	[EREMOTE] = "Too many levels of remote in path",
	[EBADRPC] = "Bad RPC structure",
	[ERPCMISMATCH] = "RPC version wrong",
	[EPROGUNAVAIL] = "RPC program not available",
	[EPROGMISMATCH] = "RPC program version wrong",
	[EPROCUNAVAIL] = "Bad procedure for RPC program",
	[ENOLCK] = "No locks available",
	[ENOSYS] = "Function not implemented",
	[EFTYPE] = "Wrong file type or format",
	[EAUTH] = "Authentication error",
	[ENEEDAUTH] = "Authenticator needed",
	[EIDRM] = "Identifier removed",
	[ENOMSG] = "No message of that type",
	[EOVERFLOW] = "Value too large for its type",
	[EILSEQ] = "Illegal byte sequence",
	[ENOTSUP] = "Not supported",
	[ECANCELED] = "Operation canceled",
	[EBADMSG] = "Bad message",
	[ENODATA] = "No message available",
	[ENOSR] = "No STREAM resources",
	[ENOSTR] = "Not a STREAM",
	[ETIME] = "STREAM ioctl timeout",
	[ENOATTR] = "Attribute not found",
	[EMULTIHOP] = "Multihop attempted",
	[ENOLINK] = "Link severed",
	[EPROTO] = "Protocol error",
	[EOWNERDEAD] = "Previous owner died",
	[ENOTRECOVERABLE] = "State not recoverable",
};

static const char *const signals[NSIG] = {
	[SIGHUP] = "Hangup",
	[SIGINT] = "Interrupt",
	[SIGQUIT] = "Quit",
	[SIGILL] = "Illegal instruction",
	[SIGTRAP] = "Trace/breakpoint trap",
	[SIGABRT] = "Abort",
	[SIGEMT] = "Emulated instruction",
	[SIGFPE] = "Arithmetic exception",
	[SIGKILL] = "Killed",
	[SIGBUS] = "Bus error",
	[SIGSEGV] = "Segmentation fault",
	[SIGSYS] = "Bad system call",
	[SIGPIPE] = "Broken pipe",
	[SIGALRM] = "Alarm clock",
	[SIGTERM] = "Terminated",
	[SIGURG] = "Urgent condition",
	[SIGSTOP] = "Stopped (signal)",
	[SIGTSTP] = "Stopped",
	[SIGCONT] = "Continued",
	[SIGCHLD] = "Child stopped or exited",
	[SIGTTIN] = "Stopped (terminal input)",
	[SIGTTOU] = "Stopped (terminal output)",
	[SIGIO] = "I/O possible",
	[SIGXCPU] = "CPU time limit exceeded",
	[SIGXFSZ] = "File size limit exceeded",
	[SIGVTALRM] = "Virtual timer expired",
	[SIGPROF] = "Profiling timer expired",
	[SIGWINCH] = "Window size changed",
	[SIGINFO] = "Information request",
	[SIGUSR1] = "User defined signal 1",
	[SIGUSR2] = "User defined signal 2",
	[SIGPWR] = "Power failure",
};

/* Into buf, which is also the result. */
static char *
describe(char *buf, size_t size, const char *const *table, size_t n,
    const char *what, int i)
{
	if (i >= 0 && (size_t)i < n && table[i] != NULL)
		(void)strlcpy(buf, table[i], size);
	else
		(void)snprintf(buf, size, "Unknown %s: %d", what, i);
	return buf;
}

int
strerror_r(int error, char *buf, size_t size)
{
	int known = error >= 0 && error <= ELAST;

	(void)describe(buf, size, errors, __arraycount(errors), "error", error);
	return known ? 0 : EINVAL;
}

char *
strerror(int error)
{
	static __thread char buf[64];

	return describe(buf, sizeof(buf), errors, __arraycount(errors),
	    "error", error);
}

char *
strsignal(int signo)
{
	static __thread char buf[64];

	return describe(buf, sizeof(buf), signals, __arraycount(signals),
	    "signal", signo);
}
