/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sorting and searching.
 *
 * qsort is a heap sort: n log n comparisons whatever the input, no recursion
 * and no memory.  Equal elements may change places.
 */
#include <stdlib.h>

typedef int	compare_fn(const void *, const void *);

static void
swap(char *a, char *b, size_t size)
{
	char t;

	for (; size > 0; size--, a++, b++) {
		t = *a;
		*a = *b;
		*b = t;
	}
}

/* Let element i sink until it is not below either of its children. */
static void
sift_down(char *base, size_t i, size_t n, size_t size, compare_fn *compare)
{
	size_t child;

	for (; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && compare(base + child * size,
		    base + (child + 1) * size) < 0)
			child++;
		if (compare(base + i * size, base + child * size) >= 0)
			return;
		swap(base + i * size, base + child * size, size);
	}
}

void
qsort(void *array, size_t n, size_t size, compare_fn *compare)
{
	char *base = array;
	size_t i;

	for (i = n / 2; i > 0; i--)
		sift_down(base, i - 1, n, size, compare);
	for (i = n; i > 1; i--) {
		swap(base, base + (i - 1) * size, size);
		sift_down(base, 0, i - 1, size, compare);
	}
}

void *
bsearch(const void *key, const void *array, size_t n, size_t size,
    compare_fn *compare)
{
	const char *base = array, *middle;
	int order;

	while (n > 0) {
		middle = base + n / 2 * size;
		order = compare(key, middle);
		if (order == 0)
			return __UNCONST(middle);
		if (order > 0) {
			base = middle + size;
			n -= n / 2 + 1;
		} else {
			n /= 2;
		}
	}
	return NULL;
}
