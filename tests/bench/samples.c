/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Samples and their table; also part of the program for Linux.
 */
#include "samples.h"

#include <stdio.h>
#include <stdlib.h>

uint64_t samples[SAMPLES_MAX];

void
samples_prepare(void)
{
	for (int i = 0; i < SAMPLES_MAX; i++)
		samples[i] = 1;
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

void
report(const char *name, int n, int div)
{
	double sum = 0;
	int digits = div == 1 ? 0 : 4;

	for (int i = 0; i < n; i++)
		sum += (double)samples[i];
	qsort(samples, (size_t)n, sizeof(samples[0]), compare);
	printf("%s\t%d\t%.*f\t%.*f\t%.4f\t%.*f\t%.*f\n", name, n, digits, (double)samples[0] / div,
	    digits, (double)samples[n / 2] / div, sum / n / div, digits, (double)samples[n * 95 / 100] / div,
	    digits, (double)samples[n - 1] / div);
}
