/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Matrix multiplication: each thread computes some rows of the product.  They
 * share what they read and write apart, so there is nothing to wait for.
 *
 * What it proves: the product is that of one thread, to the last bit: each
 * thread has its vector registers for itself.
 */
#include "speedup.h"

#define DEFAULT_SIZE	96

static const char what[] __used = "@(#)matmul [SIZE]: multiply matrices by more and more threads";

static int	size, nthreads;
static double	*a, *b, *product, *first;

static void
compute_row(int row)
{
	int column, k;

	for (column = 0; column < size; column++) {
		double sum = 0;

		for (k = 0; k < size; k++)
			sum += a[row * size + k] * b[k * size + column];
		product[row * size + column] = sum;
	}
}

static void *
multiplier(void *arg)
{
	int row;

	for (row = (int)(intptr_t)arg; row < size; row += nthreads)
		compute_row(row);
	return NULL;
}

static size_t
bytes(void)
{
	return (size_t)size * (size_t)size * sizeof(*product);
}

static void
prepare(int n)
{
	nthreads = n;
	memset(product, 0, bytes());
}

static void
run(int n)
{
	in_threads(n, multiplier);
}

static int
check(int n)
{
	if (n == 1)
		memcpy(first, product, bytes());
	return memcmp(first, product, bytes()) == 0;
}

int
main(int argc, char **argv)
{
	static const struct work work = { prepare, run, check };
	size_t cells;
	char title[60];
	int i;

	size = argc > 1 ? atoi(argv[1]) : DEFAULT_SIZE;
	cells = size > 0 && size < 4096 ? (size_t)size * (size_t)size : 0;
	a = calloc(4 * cells + 1, sizeof(*a));
	if (cells == 0 || a == NULL) {
		printf("usage: matmul [SIZE]\n");
		return EXIT_FAILURE;
	}
	b = a + cells;
	product = b + cells;
	first = product + cells;
	for (i = 0; i < size * size; i++) {
		a[i] = 1.0 / (i + 1);
		b[i] = i % 17 - 8.0 / (i % 5 + 1);
	}
	(void)snprintf(title, sizeof(title), "product of two matrices of %d x %d", size, size);
	return show_speedup(title, &work);
}
