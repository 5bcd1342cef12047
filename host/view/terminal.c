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

char terminal_key(void)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	char key;

	if (!has_keys || poll(&input, 1, 0) <= 0 || read(STDIN_FILENO, &key, 1) != 1)
		return 0;
	return key;
}
