/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The line editor: the terminal gives bytes as they are typed, and all that
 * is seen is drawn here.
 *
 * Keys: arrows, Home, End, Delete, Backspace, Tab; Ctrl-A start, Ctrl-E end,
 * Ctrl-B and Ctrl-F left and right, Ctrl-P and Ctrl-N older and newer line,
 * Ctrl-U and Ctrl-K cut before and behind the cursor, Ctrl-W cut a word,
 * Ctrl-L clear the screen, Ctrl-C drop the line, Ctrl-D end of file on an
 * empty line.
 *
 * A line longer than the screen is shown through a window that follows the cursor.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "sh.h"

#define HISTORY		64
#define DEFAULT_WIDTH	80
#define CTRL(c)		((c) & 0x1f)
#define BACKSPACE	0x7f
#define ESCAPE		0x1b

/* Keys that are no single byte. */
enum { KEY_EOF = -1, KEY_UP = 256, KEY_DOWN, KEY_LEFT, KEY_RIGHT, KEY_HOME, KEY_END, KEY_DELETE, KEY_NONE };

struct editor {
	const char	*prompt;
	char		*buf;
	size_t		size, len, pos;
	size_t		width;
	int		browsing;	/* how many lines back in the history */
	char		saved[LINE_LEN];	/* the new line, meanwhile */
};

static struct termios	cooked;
static char		*history[HISTORY];	/* the newest first */

bool
edit_start(void)
{
	return tcgetattr(STDIN_FILENO, &cooked) == 0;
}

static void
set_raw(bool on)
{
	struct termios raw = cooked;

	raw.c_lflag &= ~(ICANON | ECHO | ISIG | IEXTEN);
	raw.c_iflag &= ~(ICRNL | INLCR | IGNCR | IXON);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	fflush(stdout);
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, on ? &raw : &cooked);
}

static size_t
screen_width(void)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 20)
		return ws.ws_col;
	return DEFAULT_WIDTH;
}

static int
read_byte(void)
{
	unsigned char c;

	fflush(stdout);
	return read(STDIN_FILENO, &c, 1) == 1 ? c : KEY_EOF;
}

/* The rest of what an arrow or an editing key sends: ESC [ A, ESC O A, ESC [ 3 ~ ... */
static int
read_escape(void)
{
	int c = read_byte(), number = 0;

	if (c != '[' && c != 'O')
		return c == KEY_EOF ? KEY_EOF : KEY_NONE;
	while ((c = read_byte()) >= '0' && c <= '9')
		number = number * 10 + c - '0';
	switch (c) {
	case 'A':
		return KEY_UP;
	case 'B':
		return KEY_DOWN;
	case 'C':
		return KEY_RIGHT;
	case 'D':
		return KEY_LEFT;
	case 'H':
		return KEY_HOME;
	case 'F':
		return KEY_END;
	case '~':
		return number == 1 || number == 7 ? KEY_HOME : number == 4 || number == 8 ? KEY_END :
		    number == 3 ? KEY_DELETE : KEY_NONE;
	default:
		return c == KEY_EOF ? KEY_EOF : KEY_NONE;
	}
}

static void
redraw(const struct editor *ed)
{
	size_t plen = strlen(ed->prompt), room = ed->width - plen - 1;
	size_t first = ed->pos > room ? ed->pos - room : 0;
	size_t shown = ed->len - first < room ? ed->len - first : room;
	size_t column = plen + ed->pos - first;

	printf("\r%s%.*s\033[K\r", ed->prompt, (int)shown, ed->buf + first);
	if (column > 0)
		printf("\033[%zuC", column);
}

static void
insert(struct editor *ed, const char *s, size_t n)
{
	if (ed->len + n >= ed->size)
		return;
	memmove(ed->buf + ed->pos + n, ed->buf + ed->pos, ed->len - ed->pos);
	memcpy(ed->buf + ed->pos, s, n);
	ed->len += n;
	ed->pos += n;
	if (ed->pos == ed->len && strlen(ed->prompt) + ed->len < ed->width - 1)
		printf("%.*s", (int)n, s);
	else
		redraw(ed);
}

/* Cut the bytes from `from` to `to`; the cursor goes there. */
static void
cut(struct editor *ed, size_t from, size_t to)
{
	if (to > ed->len || from >= to)
		return;
	memmove(ed->buf + from, ed->buf + to, ed->len - to);
	ed->len -= to - from;
	ed->pos = from;
	redraw(ed);
}

static size_t
word_start(const struct editor *ed)
{
	size_t p = ed->pos;

	while (p > 0 && ed->buf[p - 1] == ' ')
		p--;
	while (p > 0 && ed->buf[p - 1] != ' ')
		p--;
	return p;
}

static void
move_to(struct editor *ed, size_t pos)
{
	if (pos <= ed->len)
		ed->pos = pos;
	redraw(ed);
}

/* Show the line `by` further back in the history than the one shown. */
static void
browse(struct editor *ed, int by)
{
	int to = ed->browsing + by;
	const char *line;

	if (to < 0 || to > HISTORY || (to > 0 && history[to - 1] == NULL))
		return;
	if (ed->browsing == 0)
		snprintf(ed->saved, sizeof(ed->saved), "%.*s", (int)ed->len, ed->buf);
	line = to == 0 ? ed->saved : history[to - 1];
	ed->browsing = to;
	ed->len = strlen(line);
	if (ed->len > ed->size - 1)
		ed->len = ed->size - 1;
	memcpy(ed->buf, line, ed->len);
	move_to(ed, ed->len);
}

static void
remember(const char *line)
{
	if (line[strspn(line, " \t")] == '\0' || (history[0] != NULL && strcmp(history[0], line) == 0))
		return;
	free(history[HISTORY - 1]);
	memmove(&history[1], &history[0], sizeof(history) - sizeof(history[0]));
	history[0] = strdup(line);
}

void
edit_history_print(void)
{
	for (int i = HISTORY - 1; i >= 0; i--) {
		if (history[i] != NULL)
			printf("  %s\n", history[i]);
	}
}

static void
tab(struct editor *ed)
{
	char more[256];
	bool listed;
	size_t n = complete(ed->buf, ed->pos, more, sizeof(more), &listed);

	if (n > 0)
		insert(ed, more, n);
	if (listed)
		redraw(ed);
}

/* Keys that move the cursor or show another line; false if `key` is none of them. */
static bool
motion(struct editor *ed, int key)
{
	switch (key) {
	case KEY_UP: case CTRL('P'):
		browse(ed, 1);
		return true;
	case KEY_DOWN: case CTRL('N'):
		browse(ed, -1);
		return true;
	case KEY_LEFT: case CTRL('B'):
		move_to(ed, ed->pos > 0 ? ed->pos - 1 : 0);
		return true;
	case KEY_RIGHT: case CTRL('F'):
		move_to(ed, ed->pos + 1);
		return true;
	case KEY_HOME: case CTRL('A'):
		move_to(ed, 0);
		return true;
	case KEY_END: case CTRL('E'):
		move_to(ed, ed->len);
		return true;
	default:
		return false;
	}
}

static void
change(struct editor *ed, int key)
{
	char c = (char)key;

	switch (key) {
	case BACKSPACE: case CTRL('H'):
		cut(ed, ed->pos - 1, ed->pos);
		break;
	case KEY_DELETE: case CTRL('D'):
		cut(ed, ed->pos, ed->pos + 1);
		break;
	case CTRL('U'):
		cut(ed, 0, ed->pos);
		break;
	case CTRL('K'):
		cut(ed, ed->pos, ed->len);
		break;
	case CTRL('W'):
		cut(ed, word_start(ed), ed->pos);
		break;
	case CTRL('L'):
		printf("\033[H\033[2J");
		redraw(ed);
		break;
	case '\t':
		tab(ed);
		break;
	default:
		if (key >= ' ' && key < 256)
			insert(ed, &c, 1);
		break;
	}
}

/* Take keys until the line is ended; false at the end of the file. */
static bool
take_keys(struct editor *ed)
{
	for (;;) {
		int key = read_byte();

		if (key == ESCAPE)
			key = read_escape();
		if (key == KEY_EOF || (key == CTRL('D') && ed->len == 0))
			return false;
		if (key == '\r' || key == '\n')
			return true;
		if (key == CTRL('C')) {
			ed->len = 0;
			last_status = BY_SIGNAL + 2;
			printf("^C");
			return true;
		}
		if (!motion(ed, key))
			change(ed, key);
	}
}

bool
edit_line(const char *prompt, char *line, size_t len)
{
	static struct editor ed;
	bool more;

	memset(&ed, 0, sizeof(ed));
	ed.prompt = prompt;
	ed.buf = line;
	ed.size = len < LINE_LEN ? len : LINE_LEN;
	ed.width = screen_width();
	set_raw(true);
	printf("%s", prompt);
	more = take_keys(&ed);
	line[ed.len] = '\0';
	printf("\n");
	set_raw(false);
	if (more)
		remember(line);
	return more;
}
