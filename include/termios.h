/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control of the terminal.
 */
#ifndef _TERMIOS_H_
#define _TERMIOS_H_

#include <sys/termios.h>

#endif /* !_TERMIOS_H_ */
