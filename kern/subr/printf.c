/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatted messages: to the console and into memory.
 *
 * One engine writes characters into a sink.  The console's sink sends them on at
 * once, with the console lock held for the whole message, so that the lines of
 * several CPUs do not mix.
 *
 * Locks: cons_lock is a spin mutex and a leaf: any lock may be held by those who
 * print, and nothing is taken while it is held.  A panic takes the console away from
 * everybody (cons_seize): the lock's holder may have been stopped, so it is not
 * asked for, and the other CPUs' messages are dropped.
 *
 * What it does not handle: floating point, %n, wide characters.
 */
#include <kern/cons.h>
#include <kern/cpu.h>
#include <kern/kern.h>
#include <kern/md.h>
#include <kern/spin.h>

#define NUMBUF 24 /* digits of 2^64 in octal, and one to spare */

/* Where formatted characters go. */
struct sink {
	void (*sk_put)(struct sink *sk, char c);
	char *sk_buf;   /* for memory: the buffer, */
	size_t sk_size; /* its length, */
	size_t sk_len;  /* and how much has come, whether it fitted or not */
};

/* One conversion: %[flags][width][.precision][length]letter */
struct spec {
	bool sp_left, sp_zero, sp_plus, sp_space, sp_alt;
	int sp_width;
	int sp_prec; /* -1 = none */
	int sp_long; /* 0 int, 1 long (and long long, size_t, ...), -1 short, -2 char */
};

static struct kspin cons_lock;
static volatile uint32_t cons_owner; /* a: index + 1 of the CPU that seized the console; 0 = none */
static volatile bool cons_quiet;     /* a */

static void
put(struct sink *sk, char c)
{
	sk->sk_put(sk, c);
	sk->sk_len++;
}

static void
pad(struct sink *sk, char c, int count)
{
	while (count-- > 0)
		put(sk, c);
}

/* Text of `len` characters, in its field. */
static void
put_text(struct sink *sk, const struct spec *sp, const char *text, int len)
{
	if (!sp->sp_left)
		pad(sk, ' ', sp->sp_width - len);
	for (int i = 0; i < len; i++)
		put(sk, text[i]);
	if (sp->sp_left)
		pad(sk, ' ', sp->sp_width - len);
}

static void
put_string(struct sink *sk, const struct spec *sp, const char *s)
{
	if (s == NULL)
		s = "(null)";
	put_text(sk, sp, s, (int)(sp->sp_prec < 0 ? strlen(s) : strnlen(s, (size_t)sp->sp_prec)));
}

/* A number with what stands before its digits ("-", "0x"), in its field. */
static void
put_number(struct sink *sk, const struct spec *sp, uint64_t value, unsigned base, bool upper,
    const char *prefix)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char buf[NUMBUF];
	int n = 0, prefixlen = (int)strlen(prefix), zeros, fill;

	for (; value != 0; value /= base)
		buf[n++] = digits[value % base];
	if (n == 0 && sp->sp_prec != 0)
		buf[n++] = '0';
	zeros = sp->sp_prec > n ? sp->sp_prec - n : 0;
	fill = sp->sp_width - prefixlen - n - zeros;
	if (sp->sp_zero && !sp->sp_left && sp->sp_prec < 0 && fill > 0) {
		zeros = fill;
		fill = 0;
	}
	if (!sp->sp_left)
		pad(sk, ' ', fill);
	for (const char *p = prefix; *p != '\0'; p++)
		put(sk, *p);
	pad(sk, '0', zeros);
	while (n > 0)
		put(sk, buf[--n]);
	if (sp->sp_left)
		pad(sk, ' ', fill);
}

/* A va_list that can be handed down by reference on every machine. */
struct args {
	va_list ar_ap;
};

static int64_t
arg_signed(struct args *ar, const struct spec *sp)
{
	if (sp->sp_long > 0)
		return va_arg(ar->ar_ap, long);
	int v = va_arg(ar->ar_ap, int);
	return sp->sp_long == -2 ? (signed char)v : sp->sp_long == -1 ? (short)v : v;
}

static uint64_t
arg_unsigned(struct args *ar, const struct spec *sp)
{
	if (sp->sp_long > 0)
		return va_arg(ar->ar_ap, unsigned long);
	unsigned v = va_arg(ar->ar_ap, unsigned);
	return sp->sp_long == -2 ? (unsigned char)v : sp->sp_long == -1 ? (unsigned short)v : v;
}

static void
convert_signed(struct sink *sk, const struct spec *sp, struct args *ar)
{
	int64_t v = arg_signed(ar, sp);
	uint64_t magnitude = v < 0 ? -(uint64_t)v : (uint64_t)v;

	put_number(sk, sp, magnitude, 10, false,
	    v < 0 ? "-" : sp->sp_plus ? "+" : sp->sp_space ? " " : "");
}

/* Carry out the conversion `letter`; an unknown one is shown as it was written. */
static void
convert(struct sink *sk, const struct spec *sp, char letter, struct args *ar)
{
	uint64_t v;
	char c;

	switch (letter) {
	case 'd':
	case 'i':
		convert_signed(sk, sp, ar);
		break;
	case 'u':
		put_number(sk, sp, arg_unsigned(ar, sp), 10, false, "");
		break;
	case 'o':
		put_number(sk, sp, arg_unsigned(ar, sp), 8, false, "");
		break;
	case 'x':
	case 'X':
		v = arg_unsigned(ar, sp);
		put_number(sk, sp, v, 16, letter == 'X', sp->sp_alt && v != 0 ? "0x" : "");
		break;
	case 'p':
		put_number(sk, sp, (uintptr_t)va_arg(ar->ar_ap, void *), 16, false, "0x");
		break;
	case 's':
		put_string(sk, sp, va_arg(ar->ar_ap, const char *));
		break;
	case 'c':
		c = (char)va_arg(ar->ar_ap, int);
		put_text(sk, sp, &c, 1);
		break;
	default:
		put(sk, '%');
		if (letter != '%')
			put(sk, letter);
		break;
	}
}

/* A decimal number or '*' at *fmt. */
static int
parse_number(const char **fmt, struct args *ar)
{
	int n = 0;

	if (**fmt == '*') {
		(*fmt)++;
		return va_arg(ar->ar_ap, int);
	}
	for (; **fmt >= '0' && **fmt <= '9'; (*fmt)++)
		if (n < 10000)
			n = n * 10 + (**fmt - '0');
	return n;
}

static const char *
parse_flags(const char *fmt, struct spec *sp)
{
	for (;; fmt++) {
		switch (*fmt) {
		case '-':
			sp->sp_left = true;
			break;
		case '0':
			sp->sp_zero = true;
			break;
		case '+':
			sp->sp_plus = true;
			break;
		case ' ':
			sp->sp_space = true;
			break;
		case '#':
			sp->sp_alt = true;
			break;
		default:
			return fmt;
		}
	}
}

/* Read all between '%' and the letter; returns where the letter is. */
static const char *
parse_spec(const char *fmt, struct spec *sp, struct args *ar)
{
	*sp = (struct spec){ .sp_prec = -1 };
	fmt = parse_flags(fmt, sp);
	sp->sp_width = parse_number(&fmt, ar);
	if (sp->sp_width < 0) {
		sp->sp_left = true;
		sp->sp_width = -sp->sp_width;
	}
	if (*fmt == '.') {
		fmt++;
		sp->sp_prec = parse_number(&fmt, ar);
	}
	for (;; fmt++) {
		if (*fmt == 'l' || *fmt == 'z' || *fmt == 'j' || *fmt == 't')
			sp->sp_long = 1;
		else if (*fmt == 'h')
			sp->sp_long--;
		else
			return fmt;
	}
}

static void
format(struct sink *sk, const char *fmt, va_list ap)
{
	struct args ar;
	struct spec sp;

	va_copy(ar.ar_ap, ap);
	for (; *fmt != '\0'; fmt++) {
		if (*fmt != '%') {
			put(sk, *fmt);
			continue;
		}
		fmt = parse_spec(fmt + 1, &sp, &ar);
		if (*fmt == '\0')
			break;
		convert(sk, &sp, *fmt, &ar);
	}
	va_end(ar.ar_ap);
}

/* --- The console --- */

/* May this CPU print?  *locked: cons_leave has a lock to release. */
static bool
cons_enter(bool *locked)
{
	uint32_t owner = atomic_load_acquire(&cons_owner);

	*locked = owner == 0;
	if (owner != 0)
		return owner == curcpu()->ci_index + 1;
	spin_enter(&cons_lock);
	return true;
}

static void
cons_leave(bool locked)
{
	if (locked)
		spin_exit(&cons_lock);
}

void
cons_seize(void)
{
	atomic_store_release(&cons_owner, curcpu()->ci_index + 1);
}

void
cons_set_quiet(bool quiet)
{
	cons_quiet = quiet;
}

void
cons_write(const char *buf, size_t len)
{
	bool locked;

	if (!cons_enter(&locked))
		return;
	for (size_t i = 0; i < len; i++)
		md_console_putc((unsigned char)buf[i]);
	cons_leave(locked);
}

static void
console_put(struct sink *sk, char c)
{
	(void)sk;
	if (c == '\n')
		md_console_putc('\r');
	md_console_putc((unsigned char)c);
}

static void
console_message(const char *fmt, va_list ap)
{
	struct sink sk = { .sk_put = console_put };
	bool locked;

	if (!cons_enter(&locked))
		return;
	format(&sk, fmt, ap);
	cons_leave(locked);
}

void
kvprintf(const char *fmt, va_list ap)
{
	if (!cons_quiet || panicking)
		console_message(fmt, ap);
}

void
kprintf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	kvprintf(fmt, ap);
	va_end(ap);
}

void
kwarn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	console_message(fmt, ap);
	va_end(ap);
}

/* --- Memory --- */

static void
memory_put(struct sink *sk, char c)
{
	if (sk->sk_len + 1 < sk->sk_size)
		sk->sk_buf[sk->sk_len] = c;
}

/* As snprintf: always ends with a NUL if there is room for one; returns the full length. */
int
ksnprintf(char *buf, size_t len, const char *fmt, ...)
{
	struct sink sk = { .sk_put = memory_put, .sk_buf = buf, .sk_size = len };
	va_list ap;

	va_start(ap, fmt);
	format(&sk, fmt, ap);
	va_end(ap);
	if (len > 0)
		buf[umin(sk.sk_len, len - 1)] = '\0';
	return (int)sk.sk_len;
}
