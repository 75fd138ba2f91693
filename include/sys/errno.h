/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Error numbers, NetBSD's.
 */
#ifndef _SYS_ERRNO_H_
#define _SYS_ERRNO_H_

#define EPERM		1	/* not permitted */
#define ENOENT		2	/* no such file or directory */
#define ESRCH		3	/* no such process or LWP */
#define EINTR		4	/* interrupted system call */
#define EIO		5	/* input/output error */
#define ENXIO		6	/* device not configured */
#define E2BIG		7	/* argument list too long */
#define ENOEXEC		8	/* not an executable we understand */
#define EBADF		9	/* bad file descriptor */
#define ECHILD		10	/* no child processes */
#define EDEADLK		11	/* would deadlock */
#define ENOMEM		12	/* out of memory */
#define EACCES		13	/* permission denied */
#define EFAULT		14	/* bad address */
#define ENOTBLK		15	/* block device required */
#define EBUSY		16	/* busy */
#define EEXIST		17	/* file exists */
#define EXDEV		18	/* cross-device link */
#define ENODEV		19	/* not supported by the device */
#define ENOTDIR		20	/* not a directory */
#define EISDIR		21	/* is a directory */
#define EINVAL		22	/* invalid argument */
#define ENFILE		23	/* too many open files in the system */
#define EMFILE		24	/* too many open files */
#define ENOTTY		25	/* inappropriate ioctl */
#define ETXTBSY		26	/* text file busy */
#define EFBIG		27	/* file too large */
#define ENOSPC		28	/* no space left */
#define ESPIPE		29	/* illegal seek */
#define EROFS		30	/* read-only file system */
#define EMLINK		31	/* too many links */
#define EPIPE		32	/* broken pipe */
#define EDOM		33	/* argument out of domain */
#define ERANGE		34	/* result out of range */
#define EAGAIN		35	/* temporarily unavailable */
#define EWOULDBLOCK	EAGAIN
#define EINPROGRESS	36	/* now in progress */
#define EALREADY	37	/* already in progress */
#define ENOTSOCK	38	/* not a socket */
#define EDESTADDRREQ	39	/* destination address required */
#define EMSGSIZE	40	/* message too long */
#define EPROTOTYPE	41	/* wrong protocol type for the socket */
#define ENOPROTOOPT	42	/* protocol option not available */
#define EPROTONOSUPPORT	43	/* protocol not supported */
#define ESOCKTNOSUPPORT	44	/* socket type not supported */
#define EOPNOTSUPP	45	/* operation not supported */
#define EPFNOSUPPORT	46	/* protocol family not supported */
#define EAFNOSUPPORT	47	/* address family not supported */
#define EADDRINUSE	48	/* address in use */
#define EADDRNOTAVAIL	49	/* address not available */
#define ENETDOWN	50	/* network down */
#define ENETUNREACH	51	/* network unreachable */
#define ENETRESET	52	/* network dropped the connection */
#define ECONNABORTED	53	/* connection aborted */
#define ECONNRESET	54	/* connection reset */
#define ENOBUFS		55	/* no buffer space */
#define EISCONN		56	/* already connected */
#define ENOTCONN	57	/* not connected */
#define ESHUTDOWN	58	/* shut down */
#define ETOOMANYREFS	59	/* too many references */
#define ETIMEDOUT	60	/* timed out */
#define ECONNREFUSED	61	/* connection refused */
#define ELOOP		62	/* too many symbolic links */
#define ENAMETOOLONG	63	/* file name too long */
#define EHOSTDOWN	64	/* host down */
#define EHOSTUNREACH	65	/* no route to host */
#define ENOTEMPTY	66	/* directory not empty */
#define EPROCLIM	67	/* too many processes */
#define EUSERS		68	/* too many users */
#define EDQUOT		69	/* disk quota exceeded */
#define ESTALE		70	/* stale file handle */
#define EREMOTE		71	/* too many levels of remote in path */
#define EBADRPC		72	/* bad RPC structure */
#define ERPCMISMATCH	73	/* RPC version wrong */
#define EPROGUNAVAIL	74	/* RPC program not available */
#define EPROGMISMATCH	75	/* RPC program version wrong */
#define EPROCUNAVAIL	76	/* bad procedure for RPC program */
#define ENOLCK		77	/* no locks available */
#define ENOSYS		78	/* function not implemented */
#define EFTYPE		79	/* wrong file type or format */
#define EAUTH		80	/* authentication error */
#define ENEEDAUTH	81	/* authenticator needed */
#define EIDRM		82	/* identifier removed */
#define ENOMSG		83	/* no message of that type */
#define EOVERFLOW	84	/* value too large for its type */
#define EILSEQ		85	/* illegal byte sequence */
#define ENOTSUP		86	/* not supported */
#define ECANCELED	87	/* cancelled */
#define EBADMSG		88	/* bad message */
#define ENODATA		89	/* no message available */
#define ENOSR		90	/* no STREAM resources */
#define ENOSTR		91	/* not a STREAM */
#define ETIME		92	/* STREAM ioctl timed out */
#define ENOATTR		93	/* attribute not found */
#define EMULTIHOP	94	/* multihop attempted */
#define ENOLINK		95	/* link severed */
#define EPROTO		96	/* protocol error */
#define EOWNERDEAD	97	/* previous owner died */
#define ENOTRECOVERABLE	98	/* state not recoverable */
#define ELAST		98

#ifdef _KERNEL
/* Not errors: how a system call asks for an unusual way back to user mode. */
#define EJUSTRETURN	(-2)	/* leave the registers as they are */
#define ERESTART	(-3)	/* execute the call again, or give EINTR if a handler without SA_RESTART runs first */
#define ERESTARTALWAYS	(-4)	/* execute it again in any case: it never gives EINTR */
#endif

#endif /* !_SYS_ERRNO_H_ */
