/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VGA text, where there is one: the second console, output only.
 *
 * Called with the console's lock held, or in a panic.
 */
#include <kern/md.h>
#include <machine/bootinfo.h>
#include <machine/cpufunc.h>
#include <machine/machdep.h>

#define VGA_MISC 0x3cc
#define VGA_INDEX 0x3d4
#define VGA_VALUE 0x3d5
#define VGA_CURSOR_HIGH 14
#define VGA_CURSOR_LOW 15

#define COLUMNS 80
#define ROWS 25
#define CELLS (COLUMNS * ROWS)
#define TAB 8
#define ATTRIBUTE 0x0700 /* grey on black */
#define BLANK (ATTRIBUTE | ' ')

static volatile uint16_t *screen; /* NULL: there is none */
static unsigned int cursor;       /* the cell where the next character goes */

static void
vga_scroll(void)
{
	for (unsigned int i = 0; i < CELLS - COLUMNS; i++)
		screen[i] = screen[i + COLUMNS];
	for (unsigned int i = CELLS - COLUMNS; i < CELLS; i++)
		screen[i] = BLANK;
	cursor -= COLUMNS;
}

static void
vga_show_cursor(void)
{
	outb(VGA_INDEX, VGA_CURSOR_HIGH);
	outb(VGA_VALUE, (uint8_t)(cursor >> 8));
	outb(VGA_INDEX, VGA_CURSOR_LOW);
	outb(VGA_VALUE, (uint8_t)cursor);
}

void
vga_init(void)
{
	if (!bootinfo.bi_vga_text || inb(VGA_MISC) == 0xff)
		return;
	screen = pt_fixed(FIXED_VGA);
	for (unsigned int i = 0; i < CELLS; i++)
		screen[i] = BLANK;
	vga_show_cursor();
}

void
vga_putc(int c)
{
	if (screen == NULL)
		return;
	switch (c) {
	case '\n':
		cursor += COLUMNS - cursor % COLUMNS;
		break;
	case '\r':
		cursor -= cursor % COLUMNS;
		break;
	case '\b':
		if (cursor % COLUMNS != 0)
			cursor--;
		break;
	case '\t':
		cursor += TAB - cursor % TAB;
		break;
	default:
		if (c < ' ')
			break;
		screen[cursor++] = (uint16_t)(ATTRIBUTE | (c & 0xff));
		break;
	}
	if (cursor >= CELLS)
		vga_scroll();
	vga_show_cursor();
}
