/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several CPUs at work: the Mandelbrot set, computed by as many LWPs as there
 * are CPUs.
 *
 * The lines of the picture are handed out by one atomic counter: each LWP
 * takes the next line when it has finished one.  The lines take very different
 * times, so handing them out beforehand would leave some CPUs idle at the end.
 *
 * The picture is computed twice, by one LWP and by all.  On an idle machine
 * with enough real processors the second time takes nearly as many times less
 * as there are CPUs.  How much less is printed but not judged: the emulator may
 * share its processors with others.
 *
 * What it proves: both pictures are the same to the last point, so the
 * vector registers, in which the numbers live, are each LWP's own across
 * switches and CPUs; and every line was computed once.
 */
#include <heddle/testlib.h>
#include <heddle/thread.h>
#include <lwp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH		76
#define HEIGHT		30
#define FINE		4		/* a character is so many points wide and high */
#define MAX_LWPS	32
#define DEFAULT_DEPTH	600
#define LINES		(HEIGHT * FINE)
#define COLUMNS		(WIDTH * FINE)

static const char what[] __used = "@(#)mandelbrot [DEPTH]: a picture by as many LWPs as there are CPUs";

/* Iterations at each point; one picture for each attempt. */
static int		pictures[2][LINES][COLUMNS];
static int		(*picture)[COLUMNS];
static atomic_int	next_line;
static int		depth;
static int		share[MAX_LWPS];	/* lines that each LWP did */

static int
iterations(double cr, double ci)
{
	double r = 0, i = 0;
	int n;

	for (n = 0; n < depth && r * r + i * i < 4; n++) {
		double t = r * r - i * i + cr;

		i = 2 * r * i + ci;
		r = t;
	}
	return n;
}

static void
worker(void *arg)
{
	int *lines = arg, y;

	while ((y = atomic_fetch_add(&next_line, 1)) < LINES) {
		for (int x = 0; x < COLUMNS; x++)
			picture[y][x] = iterations(-2.2 + 3.2 * x / COLUMNS, -1.2 + 2.4 * y / LINES);
		(*lines)++;
	}
}

/* Compute one picture with n LWPs; the time it takes, in ns. */
static int64_t
compute(int which, int n)
{
	lwpid_t ids[MAX_LWPS];
	int64_t start = now_ns();

	picture = pictures[which];
	memset(share, 0, sizeof(share));
	atomic_store(&next_line, 0);
	for (int i = 0; i < n; i++) {
		if (thread_spawn(&ids[i], worker, &share[i], 0) != 0) {
			fprintf(stderr, "mandelbrot: no LWP\n");
			exit(EXIT_FAILURE);
		}
	}
	for (int i = 0; i < n; i++)
		thread_join(ids[i]);
	return now_ns() - start;
}

static void
print_picture(void)
{
	static const char ink[] = " .:-=+*#%@";

	for (int y = 0; y < HEIGHT; y++) {
		for (int x = 0; x < WIDTH; x++) {
			int n = pictures[0][y * FINE][x * FINE], shade = 0;

			while (n > 2 && shade < (int)sizeof(ink) - 3) {
				n = n * 2 / 3;
				shade++;
			}
			putchar(pictures[0][y * FINE][x * FINE] == depth ? '@' : ink[shade]);
		}
		putchar('\n');
	}
}

int
main(int argc, char **argv)
{
	int n = heddle_ncpu(), lines = 0, same;
	int64_t alone, together;

	depth = argc > 1 ? atoi(argv[1]) : DEFAULT_DEPTH;
	if (depth <= 0) {
		fprintf(stderr, "usage: mandelbrot [DEPTH], DEPTH > 0\n");
		return 2;
	}
	if (n > MAX_LWPS)
		n = MAX_LWPS;
	alone = compute(0, 1);
	together = compute(1, n);
	print_picture();
	printf("1 LWP: %lld ms; %d LWPs on %d CPUs: %lld ms, %lld.%02lld times as fast; lines:",
	    (long long)alone / 1000000, n, n, (long long)together / 1000000,
	    (long long)(alone / together), (long long)(alone * 100 / together % 100));
	for (int i = 0; i < n; i++) {
		printf(" %d", share[i]);
		lines += share[i];
	}
	same = memcmp(pictures[0], pictures[1], sizeof(pictures[0])) == 0;
	printf("\n%s\n", same && lines == LINES ?
	    "Proved: both pictures are the same, each line was computed once." : "NOT as promised.");
	return same && lines == LINES ? EXIT_SUCCESS : EXIT_FAILURE;
}
