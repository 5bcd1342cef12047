// SPDX-License-Identifier: GPL-2.0-or-later
#include "terminal.h"

#include "host/files/failure.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define ENTER	      "\033[?1049h\033[?25l" /* the second screen, and no cursor */
#define LEAVE	      "\033[?25h\033[?1049l"
#define HOME	      "\033[H"
#define CLEAR_LINE    "\033[K"
#define CLEAR_BELOW   "\033[J"
#define ESCAPE	      '\033'
#define COLUMNS_USUAL 80
#define ROWS_USUAL    24

static volatile bool is_open;
static bool has_keys;
static struct termios before;

void terminal_restore(void)
{
	ssize_t written;

	if (!is_open)
		return;
	is_open = false;
	written = write(STDOUT_FILENO, LEAVE, strlen(LEAVE));
	(void)written;
	if (has_keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

/* Keys come one by one and are not shown; Ctrl-C stays a signal, Ctrl-Z would leave a mess. */
static void take_keys(void)
{
	struct termios now;

	has_keys = tcgetattr(STDIN_FILENO, &before) == 0;
	if (!has_keys)
		return;
	now = before;
	now.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	now.c_cc[VMIN] = 0;
	now.c_cc[VTIME] = 0;
	now.c_cc[VSUSP] = _POSIX_VDISABLE;
	tcsetattr(STDIN_FILENO, TCSANOW, &now);
}

int terminal_check(struct failure *failure)
{
	const char *kind = getenv("TERM");

	if (!isatty(STDOUT_FILENO))
		return failure_set(failure, -EINVAL,
				   "standard output is no terminal: --once prints one picture "
				   "into a file or a pipe");
	if (!kind || strcmp(kind, "dumb") == 0)
		return failure_set(failure, -EINVAL,
				   "this terminal only prints (TERM is \"%s\"): --once prints one "
				   "picture",
				   kind ? kind : "");
	return 0;
}

void terminal_open(void)
{
	take_keys();
	is_open = true;
	fputs(ENTER, stdout);
	fflush(stdout);
}

void terminal_close(void)
{
	fflush(stdout);
	terminal_restore();
}

void terminal_size(int fd, size_t *columns, size_t *rows)
{
	struct winsize window;

	*columns = COLUMNS_USUAL;
	*rows = ROWS_USUAL;
	if (ioctl(fd, TIOCGWINSZ, &window) < 0 || !window.ws_col || !window.ws_row)
		return;
	*columns = window.ws_col;
	*rows = window.ws_row;
}

void terminal_show(const char *text)
{
	fputs(HOME, stdout);
	while (*text) {
		const size_t length = strcspn(text, "\n");

		fwrite(text, 1, length, stdout);
		fputs(CLEAR_LINE, stdout);
		text += length;
		if (*text)
			text++;
		/* A newline behind the last line would scroll. */
		if (*text)
			fputs("\r\n", stdout);
	}
	fputs(CLEAR_BELOW, stdout);
	fflush(stdout);
}

static bool take_character(char *character)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	return has_keys && poll(&input, 1, 0) > 0 && read(STDIN_FILENO, character, 1) == 1;
}

/* Cursor keys are ESC [ or ESC O and a letter; others have more between: see ECMA-48, and xterm. */
static int take_key(char character)
{
	static const int keys[] = { TERMINAL_UP, TERMINAL_DOWN, TERMINAL_RIGHT, TERMINAL_LEFT };
	static enum { PLAIN, ESCAPED, CURSOR, OTHER } state;
	const bool is_cursor = state == CURSOR;

	if (character == ESCAPE)
		state = ESCAPED;
	else if (state == PLAIN)
		return (unsigned char)character;
	else if (state == ESCAPED)
		state = character == '[' || character == 'O' ? CURSOR : PLAIN;
	else if (character < '@' || character > '~')
		state = OTHER;
	else
		state = PLAIN;
	return is_cursor && character >= 'A' && character <= 'D' ? keys[character - 'A'] : 0;
}

int terminal_key(void)
{
	char character;
	int key = 0;

	while (key == 0 && take_character(&character))
		key = take_key(character);
	return key;
}
