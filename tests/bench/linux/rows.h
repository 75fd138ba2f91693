/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows that init.c has from other files.
 */
#ifndef ROWS_H
#define ROWS_H

void	row_mutex(void);
void	row_cond(void);

#endif /* !ROWS_H */
