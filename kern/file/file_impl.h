/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of kern/file share with each other only.
 */
#ifndef _FILE_IMPL_H_
#define _FILE_IMPL_H_

#include <kern/file.h>

void filedesc_init(void);
void node_init(void);
void pipe_init(void);

/* True once the process of curlwp ends: a transfer that takes long stops there. */
bool file_must_stop(void);

/* What open files of nodes have in common, kern/file/nodefile.c. */
int node_stat(struct file *f, struct stat *st);
int node_noseek(struct file *f, off_t off, int whence, off_t *res); /* ESPIPE */
int node_noioctl(struct file *f, unsigned long cmd, void *uarg);    /* ENOTTY */
void node_close(struct file *f);                                    /* nothing to do */

#endif
