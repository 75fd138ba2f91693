/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VGA text, where there is one: the second console, output only.
 *
 * It knows the few control sequences that a line editor needs (to the right, clear the
 * rest of the line, home, clear the screen), and leaves out any other.
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
#define ESCAPE 0x1b
#define PARAMETER_MAX 999

static volatile uint16_t *screen; /* NULL: there is none */
static unsigned int cursor;       /* the cell where the next character goes */

/* A control sequence: ESC, "[", a number, a letter. */
static enum { PLAIN, AFTER_ESCAPE, IN_SEQUENCE } state;
static unsigned int parameter;

static void
vga_clear(unsigned int from, unsigned int to)
{
	for (; from < to; from++)
		screen[from] = BLANK;
}

static void
vga_scroll(void)
{
	for (unsigned int i = 0; i < CELLS - COLUMNS; i++)
		screen[i] = screen[i + COLUMNS];
	vga_clear(CELLS - COLUMNS, CELLS);
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
	vga_clear(0, CELLS);
	vga_show_cursor();
}

/* The end of a control sequence. */
static void
vga_control(int c)
{
	unsigned int left = COLUMNS - cursor % COLUMNS;

	switch (c) {
	case 'C':
		cursor += (unsigned int)umin(umax(parameter, 1), left - 1);
		break;
	case 'H':
		cursor = 0;
		break;
	case 'J':
		vga_clear(parameter == 0 ? cursor : 0, CELLS);
		break;
	case 'K':
		vga_clear(cursor, cursor + left);
		break;
	default:
		break;
	}
}

/* Is c part of a control sequence?  Then it is dealt with. */
static bool
vga_sequence(int c)
{
	switch (state) {
	case AFTER_ESCAPE:
		state = c == '[' ? IN_SEQUENCE : PLAIN;
		parameter = 0;
		return true;
	case IN_SEQUENCE:
		if (c >= '0' && c <= '9') {
			parameter = (unsigned int)umin(parameter * 10 + (unsigned int)(c - '0'), PARAMETER_MAX);
		} else if (c >= '@') {
			vga_control(c);
			state = PLAIN;
		}
		return true;
	default:
		if (c == ESCAPE)
			state = AFTER_ESCAPE;
		return c == ESCAPE;
	}
}

static void
vga_character(int c)
{
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
		if (c >= ' ')
			screen[cursor++] = (uint16_t)(ATTRIBUTE | (c & 0xff));
		break;
	}
	if (cursor >= CELLS)
		vga_scroll();
}

void
vga_putc(int c)
{
	if (screen == NULL)
		return;
	if (!vga_sequence(c))
		vga_character(c);
	vga_show_cursor();
}
