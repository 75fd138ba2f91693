/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * top: the LWPs that use the CPUs, or the run queues, again and again until q or Ctrl-C.
 *
 * The time between two pictures is spent in read, with a time limit (VTIME): so a key is noticed
 * at once.  Ctrl-C comes as a character, and the terminal is as it was afterwards.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/cdefs.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "top.h"

#define TENTHS_MAX	255	/* what VTIME holds */
#define CTRL_C		3

static const char what[] __used =
    "@(#)top [-s] [-b] [-d SECONDS] [-n TIMES]: the busiest LWPs (-s: the run queues), q leaves";

static struct termios	cooked;
static bool		raw_set;

static void
restore(void)
{
	if (!raw_set)
		return;
	raw_set = false;
	printf("\n");
	fflush(stdout);
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &cooked);
}

static void
leave(int signo)
{
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &cooked);
	_exit(128 + signo);
}

/* Keys come one by one and are not shown; a read returns after so long. */
static bool
set_raw(int tenths)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &cooked) != 0)
		return false;
	raw = cooked;
	raw.c_lflag &= ~(ICANON | ECHO | ISIG | IEXTEN);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = (cc_t)tenths;
	(void)signal(SIGTERM, leave);
	(void)signal(SIGHUP, leave);
	raw_set = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
	return raw_set;
}

/* Wait for a key: 0 if the time has passed, -1 at the end of the input. */
static int
wait_key(int tenths, bool keys)
{
	struct timespec ts = { tenths / 10, tenths % 10 * 100000000L };
	unsigned char c;
	ssize_t n;

	if (!keys) {
		nanosleep(&ts, NULL);
		return 0;
	}
	n = read(STDIN_FILENO, &c, 1);
	if (n < 0)
		return errno == EINTR ? 0 : -1;
	return n == 0 ? 0 : c;
}

static void
begin_screen(bool screen)
{
	struct winsize ws = { .ws_row = 24, .ws_col = 80 };

	if (!screen) {
		show_limits(0, 0, false);
		return;
	}
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) != 0 || ws.ws_row < 4 || ws.ws_col < 20)
		ws = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	printf("\033[H");
	show_limits(ws.ws_row, ws.ws_col, true);
}

/* Pictures until a key says to leave or there have been `times` (0: no end). */
static int
run(int tenths, long times, bool queues, bool screen, bool keys)
{
	struct picture now, before;
	bool first = true;
	int key = 0;

	if (screen)
		printf("\033[2J");
	for (long i = 0; times == 0 || i < times; i++) {
		if (i > 0)
			key = wait_key(tenths, keys);
		if (key == -1 || key == CTRL_C || key == 'q' || key == 'Q')
			break;
		if (key == 's' || key == 'S')
			queues = !queues;
		if (picture_take(&now, first ? NULL : &before) != 0)
			return errno;
		begin_screen(screen);
		(queues ? show_queues : show_lwps)(&now, first ? NULL : &before);
		printf("%s", screen ? "\033[J" : "\n");
		fflush(stdout);
		if (!first)
			picture_free(&before);
		before = now;
		first = false;
	}
	if (!first)
		picture_free(&before);
	return 0;
}

static int
usage(void)
{
	fprintf(stderr, "usage: top [-s] [-b] [-d SECONDS] [-n TIMES]\n"
			"  -s  run queues (key s changes)   -b  no screen, no keys: one picture below the other\n");
	return 2;
}

/* SECONDS[.D] in tenths of a second; 0: that is no such thing. */
static int
tenths_of(const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	if (*text == '\0' || *end != '\0' || !(seconds >= 0.1 && seconds * 10 <= TENTHS_MAX))
		return 0;
	return (int)(seconds * 10 + 0.5);
}

int
main(int argc, char **argv)
{
	bool queues = false, batch = false, screen, keys;
	int c, tenths = 20, error;
	long times = 0;
	char *end;

	while ((c = getopt(argc, argv, "sbd:n:")) != -1) {
		switch (c) {
		case 's':
			queues = true;
			break;
		case 'b':
			batch = true;
			break;
		case 'd':
			tenths = tenths_of(optarg);
			if (tenths == 0)
				return usage();
			break;
		case 'n':
			times = strtol(optarg, &end, 10);
			if (*optarg == '\0' || *end != '\0' || times <= 0)
				return usage();
			break;
		default:
			return usage();
		}
	}
	if (optind != argc)
		return usage();
	screen = !batch && isatty(STDOUT_FILENO);
	keys = !batch && isatty(STDIN_FILENO) && set_raw(tenths);
	error = run(tenths, times, queues, screen, keys);
	restore();
	if (error != 0)
		fprintf(stderr, "top: %s\n", strerror(error));
	return error != 0;
}
