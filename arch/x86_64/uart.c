/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first serial port (16550): the console.  Output waits until the port takes the
 * byte; input comes by interrupt.
 */
#include <kern/cons.h>
#include <kern/md.h>
#include <machine/cpufunc.h>
#include <machine/intr.h>
#include <machine/machdep.h>

#define COM1 0x3f8
#define COM_DATA (COM1 + 0)
#define COM_IER (COM1 + 1)  /* interrupt enable */
#define COM_FIFO (COM1 + 2)
#define COM_LCR (COM1 + 3)  /* line control */
#define COM_MCR (COM1 + 4)  /* modem control */
#define COM_LSR (COM1 + 5)  /* line status */

#define IER_RECEIVED 0x01
#define FIFO_ENABLE 0x07 /* and empty both */
#define LCR_8N1 0x03
#define LCR_DIVISOR 0x80
#define MCR_READY 0x0b /* DTR, RTS, and the line that lets interrupts through */
#define LSR_RECEIVED 0x01
#define LSR_CAN_SEND 0x20

#define COM_IRQ 4
#define DIVISOR_115200 1
#define SEND_TRIES 100000 /* a port that takes nothing so long is taken for dead */

static bool uart_there;

void
uart_init(void)
{
	outb(COM_LCR, LCR_8N1 | LCR_DIVISOR);
	outb(COM_DATA, DIVISOR_115200);
	outb(COM_IER, 0);
	outb(COM_LCR, LCR_8N1);
	outb(COM_FIFO, FIFO_ENABLE);
	outb(COM_MCR, MCR_READY);
	outb(COM_IER, 0);
	uart_there = inb(COM_LSR) != 0xff;
}

void
uart_putc(int c)
{
	unsigned int tries = 0;

	if (!uart_there)
		return;
	while ((inb(COM_LSR) & LSR_CAN_SEND) == 0) {
		if (++tries == SEND_TRIES)
			return;
		md_pause();
	}
	outb(COM_DATA, (uint8_t)c);
}

void
uart_intr(void)
{
	while ((inb(COM_LSR) & LSR_RECEIVED) != 0)
		console_input(inb(COM_DATA));
}

void
md_console_intr_enable(void)
{
	if (!uart_there)
		return;
	if (!ioapic_route(COM_IRQ, VEC_COM1)) {
		kwarn("com1: its interrupt cannot be had: no input\n");
		return;
	}
	outb(COM_IER, IER_RECEIVED);
}
