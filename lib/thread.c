/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LWPs with a stack and thread storage of their own.
 *
 * What it is.  One mapping holds all that an LWP needs:
 *
 *	| guard page | stack ... | thread storage | struct thread |
 *
 * A table finds the mapping by id when the LWP is joined.
 *
 * Locks.  table_lock covers the table, and is held from before _lwp_create
 * until the new LWP is in the table: it, or a friend it told its id, may ask
 * for a join before thread_spawn has returned.
 *
 * Who frees.  Of all that wait for an id, _lwp_wait gives success to one; by
 * then the LWP is off its stack for good.  That one takes the entry out of the
 * table and unmaps it.  It remembers the entry from before the wait, as the id
 * may have been given to another LWP meanwhile.
 *
 * What it does not handle.  LWPs that nobody joins keep their mapping until
 * the process ends.
 */
#include <errno.h>
#include <heddle/thread.h>
#include <lwp.h>
#include <sys/mman.h>
#include <sys/param.h>

#include "private.h"

#define NBUCKETS	1024

struct thread {
	struct thread	*th_next;	/* in its bucket */
	void		(*th_fn)(void *);
	void		*th_arg;
	void		*th_map;	/* the mapping */
	size_t		th_mapsize;
	lwpid_t		th_lid;
};

static struct liblock	table_lock = LIBLOCK_INITIALIZER;
static struct thread	*table[NBUCKETS];

void
__thread_prefork(void)
{
	__liblock_enter(&table_lock);
}

/* In a child, the other LWPs' stacks stay mapped; they cannot be joined. */
void
__thread_postfork(lwpid_t was __unused)
{
	__liblock_exit(&table_lock);
}

static struct thread **
bucket(lwpid_t lid)
{
	return &table[(unsigned int)lid % NBUCKETS];
}

/* Called with table_lock held. */
static void
table_remove(struct thread *th)
{
	struct thread **p = bucket(th->th_lid);

	while (*p != th)
		p = &(*p)->th_next;
	*p = th->th_next;
}

static struct thread *
table_find(lwpid_t lid)
{
	struct thread *th;

	__liblock_enter(&table_lock);
	for (th = *bucket(lid); th != NULL && th->th_lid != lid; )
		th = th->th_next;
	__liblock_exit(&table_lock);
	return th;
}

__dead void
thread_exit(void)
{
	for (;;)
		(void)_lwp_exit();
}

static void
thread_main(void *arg)
{
	struct thread *th = arg;

	th->th_fn(th->th_arg);
	thread_exit();
}

/* Maps the stack; NULL and errno. */
static struct thread *
thread_alloc(size_t stacksize)
{
	struct thread *th;
	size_t size;
	char *map;

	if (stacksize == 0)
		stacksize = THREAD_STACK_DEFAULT;
	stacksize = MAX(stacksize, (size_t)THREAD_STACK_MIN);
	size = PAGE_SIZE + roundup2(stacksize + sizeof(*th), PAGE_SIZE);
	map = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON | MAP_STACK, -1, 0);
	if (map == MAP_FAILED)
		return NULL;
	if (mprotect(map, PAGE_SIZE, PROT_NONE) == -1) {
		(void)munmap(map, size);
		return NULL;
	}
	th = (struct thread *)(map + size -
	    roundup2(sizeof(*th), (size_t)16));
	th->th_map = map;
	th->th_mapsize = size;
	return th;
}

static void
thread_free(struct thread *th)
{
	(void)munmap(th->th_map, th->th_mapsize);
}

/* Creates the LWP and puts it into the table, as one step. */
static int
thread_start(struct thread *th, lwpid_t *id)
{
	char *stack = (char *)th->th_map + PAGE_SIZE;
	ucontext_t uc;
	int error = 0;

	_lwp_makecontext(&uc, thread_main, th, NULL, stack,
	    (size_t)((char *)th - stack));
	__liblock_enter(&table_lock);
	if (_lwp_create(&uc, 0, id) == -1) {
		error = errno;
	} else {
		th->th_lid = *id;
		th->th_next = *bucket(*id);
		*bucket(*id) = th;
	}
	__liblock_exit(&table_lock);
	return error;
}

int
thread_spawn(lwpid_t *id, void (*fn)(void *), void *arg, size_t stacksize)
{
	struct thread *th = thread_alloc(stacksize);
	int error;

	if (th == NULL)
		return errno;
	th->th_fn = fn;
	th->th_arg = arg;
	error = thread_start(th, id);
	if (error != 0)
		thread_free(th);
	return error;
}

int
thread_join(lwpid_t id)
{
	struct thread *th = table_find(id);

	if (th == NULL)
		return ESRCH;
	while (_lwp_wait(id, NULL) == -1) {
		if (errno != EINTR)
			return errno;
	}
	__liblock_enter(&table_lock);
	table_remove(th);
	__liblock_exit(&table_lock);
	thread_free(th);
	return 0;
}
