/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Thread-specific data: values of threads by key.
 *
 * What it is.  A key is an index.  A thread has its values in blocks, which are
 * allocated when a key of theirs is first set.  Reading takes no lock.
 *
 * Deleting a key leaves the values where they are, in all threads: it cannot
 * touch them while the threads run.  So a key has a generation, which each
 * value carries: a value of another generation is none.  It is odd
 * while the key exists, so that a key that was deleted has no values either.
 *
 * Destructors run at a thread's end, in the order of the keys, and again, up to
 * PTHREAD_DESTRUCTOR_ITERATIONS times, as they may set values.  The value is
 * NULL before its destructor is called, so that none is called twice for one.
 *
 * What it does not handle.  A key that is deleted while a thread exits: its
 * destructor may still be called.
 */
#include <errno.h>
#include <stdlib.h>

#include "pthread_int.h"

struct key {
	volatile unsigned int	k_gen;		/* odd: it exists */
	void			(*volatile k_destructor)(void *);
};

static struct key	keys[PTHREAD_KEYS_MAX];	/* written under pthread__lock */
static unsigned int	keys_top;		/* no higher one was ever used */

int
pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
	unsigned int i;

	__liblock_enter(&pthread__lock);
	for (i = 0; i < PTHREAD_KEYS_MAX && keys[i].k_gen % 2 == 1; i++)
		continue;
	if (i < PTHREAD_KEYS_MAX) {
		keys[i].k_destructor = destructor;
		__atomic_store_n(&keys[i].k_gen, keys[i].k_gen + 1,
		    __ATOMIC_RELEASE);
		if (i >= keys_top)
			keys_top = i + 1;
	}
	__liblock_exit(&pthread__lock);
	if (i == PTHREAD_KEYS_MAX)
		return EAGAIN;
	*key = (pthread_key_t)i;
	return 0;
}

static bool
exists(pthread_key_t key)
{
	return (unsigned int)key < PTHREAD_KEYS_MAX && keys[key].k_gen % 2 == 1;
}

int
pthread_key_delete(pthread_key_t key)
{
	int error = EINVAL;

	__liblock_enter(&pthread__lock);
	if (exists(key)) {
		keys[key].k_gen++;
		error = 0;
	}
	__liblock_exit(&pthread__lock);
	return error;
}

int
pthread_setspecific(pthread_key_t key, const void *value)
{
	struct __pthread_st *pt = pthread__self();
	struct tsd_value **block;
	int saved = errno;

	if (!exists(key))
		return EINVAL;
	block = &pt->pt_tsd[key / TSD_BLOCK];
	if (*block == NULL) {
		if (value == NULL)
			return 0;
		*block = calloc(TSD_BLOCK, sizeof(**block));
		errno = saved;
		if (*block == NULL)
			return ENOMEM;
	}
	(*block)[key % TSD_BLOCK].tv_value = __UNCONST(value);
	(*block)[key % TSD_BLOCK].tv_gen = keys[key].k_gen;
	return 0;
}

void *
pthread_getspecific(pthread_key_t key)
{
	struct tsd_value *block;

	if ((unsigned int)key >= PTHREAD_KEYS_MAX)
		return NULL;
	block = pthread__self()->pt_tsd[key / TSD_BLOCK];
	if (block == NULL || block[key % TSD_BLOCK].tv_gen != keys[key].k_gen)
		return NULL;
	return block[key % TSD_BLOCK].tv_value;
}

/* Whether a destructor was called. */
static bool
destroy_one(struct __pthread_st *pt, unsigned int key)
{
	struct tsd_value *block = pt->pt_tsd[key / TSD_BLOCK], *v;
	void (*destructor)(void *) = keys[key].k_destructor;
	void *value;

	if (block == NULL)
		return false;
	v = &block[key % TSD_BLOCK];
	value = v->tv_value;
	if (value == NULL || v->tv_gen != keys[key].k_gen || destructor == NULL)
		return false;
	v->tv_value = NULL;
	destructor(value);
	return true;
}

void
pthread__tsd_exit(struct __pthread_st *pt)
{
	unsigned int key, round;
	bool again = true;

	for (round = 0; again && round < PTHREAD_DESTRUCTOR_ITERATIONS; round++) {
		again = false;
		for (key = 0; key < keys_top; key++)
			again |= destroy_one(pt, key);
	}
	for (key = 0; key < TSD_BLOCKS; key++) {
		free(pt->pt_tsd[key]);
		pt->pt_tsd[key] = NULL;
	}
}
