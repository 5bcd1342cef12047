// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include "board.h"
#include "device.h"
#include "failure.h"
#include "interrupt.h"
#include "options.h"
#include "status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void cmd_complain(const char *format, ...)
{
	va_list args;

	fputs("iiobridge: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int cmd_usage(const char *command, const char *format, ...)
{
	va_list args;

	if (format) {
		fprintf(stderr, "%s: ", command);
		va_start(args, format);
		vfprintf(stderr, format, args);
		va_end(args);
		fputc('\n', stderr);
	}
	fprintf(stderr, "Try \"%s --help\".\n", command);
	return STATUS_USAGE;
}

int cmd_help(const char *text)
{
	fputs(text, stdout);
	return cmd_finish_output();
}

int cmd_finish_output(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return STATUS_OK;
	cmd_complain("writing to standard output failed: %s", strerror(errno));
	return STATUS_FILE;
}

/* A board that is there but cannot be opened yet may be one that was plugged in just now. */
static int await_board(const struct options *options, struct failure *failure,
		       struct device_list **list, struct device **device)
{
	interrupt_catch();
	if (!options->quiet)
		cmd_complain("waiting for %s%s", options->serial ? "the board " : "a board",
			     options->serial ? options->serial : "");
	return board_await(options->serial, options->wait_us, failure, list, device);
}

int cmd_open(const struct options *options, struct failure *failure, struct device_list **list,
	     struct device **device)
{
	const int r = board_find(options->serial, failure, list, device);

	/* That there are several is no reason to wait. */
	if (r == 0 || r == -EINVAL || !options->wait)
		return r;
	return await_board(options, failure, list, device);
}

int cmd_open_failed(const struct failure *failure, int error)
{
	if (error == -EINTR)
		return STATUS_SIGNAL + interrupt_signal();
	cmd_complain("%s", failure->message);
	return status_from_errno(error);
}

int cmd_ask(const struct options *options, cmd_question question, const char *name)
{
	struct failure failure = { "" };
	struct device_list *list;
	struct device *device;
	int r;

	r = cmd_open(options, &failure, &list, &device);
	if (r < 0)
		return cmd_open_failed(&failure, r);
	r = question(device, name);
	device_close(device);
	device_list_free(list);
	if (r < 0) {
		cmd_complain("%s", failure.message);
		return status_from_errno(r);
	}
	return cmd_finish_output();
}
