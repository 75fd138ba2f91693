/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * top: what its files share.
 */
#ifndef _TOP_H_
#define _TOP_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/heddle.h>
#include <sys/sysctl.h>

#define TOP_CPUS	32

/* An LWP, with what has happened to it since the picture before. */
struct row {
	struct kinfo_lwp	r_kl;
	const char		*r_comm;	/* in the picture's p_procs */
	uint64_t		r_ran_ns;	/* CPU time since then */
};

/* The machine at one instant. */
struct picture {
	uint64_t		p_time;		/* ns, monotonic */
	struct row		*p_rows;
	size_t			p_nrows;
	struct heddle_proc	*p_procs;
	size_t			p_nprocs;
	struct heddle_cpu	p_cpus[TOP_CPUS];
	size_t			p_ncpus;
	struct heddle_mem	p_mem;
};

/* Take a picture; `before` (may be NULL) is the last one.  -1 and errno. */
int	picture_take(struct picture *, const struct picture *before);
void	picture_free(struct picture *);

/* Print one, in so many lines of so many columns; 0: all of it. */
void	show_lwps(const struct picture *, const struct picture *before);
void	show_queues(const struct picture *, const struct picture *before);
void	show_limits(size_t rows, size_t cols, bool screen);

#endif /* !_TOP_H_ */
