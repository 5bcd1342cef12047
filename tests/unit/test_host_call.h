/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_host_call.h - call a command as a user does
 *
 * To be included behind what cmocka.h needs.
 */
#ifndef TEST_HOST_CALL_H
#define TEST_HOST_CALL_H

#include <getopt.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_ARGUMENTS 16

static char said[4096];	   /* on standard error by the last command */
static char printed[8192]; /* on standard output */

static inline void read_back(FILE *file, char *text, size_t size)
{
	rewind(file);
	size = fread(text, 1, size - 1, file);
	text[size] = '\0';
	fclose(file);
}

/* Runs a command line, whose words stand between blanks. */
static inline int call_here(int (*command)(int, char **), const char *line)
{
	char *arguments[MAX_ARGUMENTS + 1] = { NULL };
	char words[256];
	int count = 0;

	snprintf(words, sizeof(words), "%s", line);
	for (char *at = strtok(words, " "); at && count < MAX_ARGUMENTS; at = strtok(NULL, " "))
		arguments[count++] = at;
	optind = 0; /* glibc: begin anew */
	return command(count, arguments);
}

/* Runs it, and takes what it writes. */
static inline int call(int (*command)(int, char **), const char *line)
{
	const int saved_errors = dup(STDERR_FILENO), saved_output = dup(STDOUT_FILENO);
	FILE *errors = tmpfile(), *output = tmpfile();
	int status;

	assert_non_null(errors);
	assert_non_null(output);
	fflush(NULL);
	dup2(fileno(errors), STDERR_FILENO);
	dup2(fileno(output), STDOUT_FILENO);
	status = call_here(command, line);
	fflush(NULL);
	dup2(saved_errors, STDERR_FILENO);
	dup2(saved_output, STDOUT_FILENO);
	close(saved_errors);
	close(saved_output);
	read_back(errors, said, sizeof(said));
	read_back(output, printed, sizeof(printed));
	return status;
}

/* The user presses Ctrl-C, however often it is called: a second time would end the program. */
static inline void press_ctrl_c(void)
{
	static atomic_flag pressed = ATOMIC_FLAG_INIT;

	if (!atomic_flag_test_and_set(&pressed))
		kill(getpid(), SIGINT);
}

#endif
