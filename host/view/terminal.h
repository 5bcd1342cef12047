/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terminal.h - a terminal that shows one picture after the other
 *
 * The few control sequences that this takes are those of ECMA-48 and of xterm's second screen,
 * which all terminals have that can show block characters at all. A library such as ncurses would
 * bring a copy of the screen, input, colours and a data base of terminals, for no less code here.
 *
 * There is one terminal, that of standard output, and it is given back as it was whatever ends the
 * program: also on a signal that does not let it end in good order, except SIGKILL.
 */
#ifndef HOST_VIEW_TERMINAL_H
#define HOST_VIEW_TERMINAL_H

#include <stddef.h>

struct failure;

/** terminal_check() - -EINVAL: standard output is no terminal, or one that only prints */
int terminal_check(struct failure *failure);

/** terminal_open() - take the terminal; to be called after interrupt_catch() */
void terminal_open(void);

/** terminal_close() - give the terminal back as it was; more than once does no harm */
void terminal_close(void);

/** terminal_size() - the size of the terminal that a file is; 80 and 24 where it does not say */
void terminal_size(int fd, size_t *columns, size_t *rows);

/** terminal_show() - replace what it shows, by lines that are not wider, and no more than fit */
void terminal_show(const char *text);

/** enum terminal_keys - keys that are no characters */
enum terminal_keys {
	TERMINAL_UP = 0x100,
	TERMINAL_DOWN,
	TERMINAL_RIGHT,
	TERMINAL_LEFT,
};

/**
 * terminal_key() - a key that was pressed
 *
 * Does not wait: the rest of a key that comes in several characters may come later.
 *
 * Return: its character, or enum terminal_keys; 0 without one. Other keys are passed over.
 */
int terminal_key(void);

/**
 * terminal_restore() - what terminal_close() does, but for what waits to be printed
 *
 * For the handler of a signal that ends the program: only what signal-safety(7) allows.
 */
void terminal_restore(void);

#endif
