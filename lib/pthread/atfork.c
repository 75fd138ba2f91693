/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handlers of the program that fork calls.
 *
 * The child has one thread, the one that called fork.  All the others are gone
 * in the middle of whatever they did.  fork holds the library's own locks, so
 * that their data is whole (lib/unistd.c, thread.c); mutexes of the program are left as
 * they are, which is what the handlers are for: `prepare' locks them, `parent' and
 * `child' unlock them.
 *
 * Handlers are called in the order of the list for parent and child, and in the
 * reverse order before.
 */
#include <errno.h>
#include <stdlib.h>

#include "pthread_int.h"

struct handler {
	struct handler	*h_next;
	struct handler	*h_prev;
	void		(*h_prepare)(void);
	void		(*h_parent)(void);
	void		(*h_child)(void);
};

static struct liblock	handlers_lock = LIBLOCK_INITIALIZER;
static struct handler	*first, *last;	/* added at the end, never taken away */

int
pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
	struct handler *h;
	int saved = errno;

	h = malloc(sizeof(*h));
	errno = saved;
	if (h == NULL)
		return ENOMEM;
	h->h_next = NULL;
	h->h_prepare = prepare;
	h->h_parent = parent;
	h->h_child = child;
	__liblock_enter(&handlers_lock);
	h->h_prev = last;
	if (last != NULL)
		last->h_next = h;
	else
		first = h;
	last = h;
	__liblock_exit(&handlers_lock);
	return 0;
}

/* handlers_lock is held over the fork, so that after it the same are called. */
void
__pthread_prefork(void)
{
	struct handler *h;

	(void)pthread__self();
	__liblock_enter(&handlers_lock);
	for (h = last; h != NULL; h = h->h_prev) {
		if (h->h_prepare != NULL)
			h->h_prepare();
	}
}

void
__pthread_postfork(int child)
{
	struct handler *h;

	for (h = first; h != NULL; h = h->h_next) {
		if (child && h->h_child != NULL)
			h->h_child();
		else if (!child && h->h_parent != NULL)
			h->h_parent();
	}
	__liblock_exit(&handlers_lock);
}
