/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenarios for make explore: two or three LWPs that do a few things at the same time, and an oracle
 * that knows what may come of it.
 */
#ifndef _EXPLORE_H_
#define _EXPLORE_H_

#include "../test.h"

#define ACTORS	3

struct scenario {
	const char	*name;
	void		(*prepare)(void);	/* before the round; may be NULL */
	/* Actor 0 is the program's first LWP; the others may be NULL. */
	void		(*actor[ACTORS])(void);
	/* After the round, when all have finished: what is wrong, NULL: nothing. */
	const char	*(*wrong)(void);
};

/* The last one of a list has no name. */
extern const struct scenario	scenarios[];		/* of system calls */
extern const struct scenario	pthread_scenarios[];
extern lwpid_t			actors[ACTORS];	/* their ids */

/* What the park calls of a round gave, and what is left for later ones. */
struct parked {
	int	tokens, eintrs, timeouts, others;
};
void	count_park(struct parked *, int error);
/* Park until there is neither token nor cancel left, and count them. */
void	drain(struct parked *);

/* An LWP with a stack that is used again in the next round. */
lwpid_t	start(int slot, void (*fn)(void *), void *arg);

#endif /* !_EXPLORE_H_ */
