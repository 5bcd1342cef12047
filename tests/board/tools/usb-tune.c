// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usb-tune - sets a control again and again, or waits until others have changed one
 *
 * usb-tune set NAME TIMES NUMBER…: to these numbers in turn, so many times in all; each is to be
 * what the driver took. Prints how often.
 *
 * usb-tune watch SECONDS: prints the name and the number of the first control that has changed
 * otherwise than by a host.
 */
#include <iiobridge/iiobridge.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOOK_MS 100

static int complain(void)
{
	fprintf(stderr, "usb-tune: %s\n", iiobridge_error_message());
	return 1;
}

static int set(struct iiobridge_board *board, const struct iiobridge_control_list *list,
	       char **arguments, int count)
{
	const struct iiobridge_control *control =
		iiobridge_control_find_by_name(list, arguments[0]);
	const long times = strtol(arguments[1], NULL, 10);
	long done;

	if (!control) {
		fprintf(stderr, "usb-tune: there is no \"%s\"\n", arguments[0]);
		return 1;
	}
	for (done = 0; done < times; done++) {
		const double number = strtod(arguments[2 + done % (count - 2)], NULL);
		struct iiobridge_reading reading;

		if (iiobridge_control_set_number(board, iiobridge_control_index(control), number,
						 &reading) < 0)
			return complain();
		if (reading.number != number) {
			fprintf(stderr, "usb-tune: %f instead of %f\n", reading.number, number);
			return 1;
		}
	}
	printf("set %ld times\n", done);
	return 0;
}

static int watch(struct iiobridge_control_list *list, const char *seconds)
{
	const struct timespec nap = { 0, LOOK_MS * 1000000L };
	size_t changed = 0;

	for (long looks = strtol(seconds, NULL, 10) * 1000 / LOOK_MS; looks > 0; looks--) {
		if (iiobridge_control_list_update(list, &changed) < 0)
			return complain();
		for (size_t i = 0; changed > 0 && i < iiobridge_control_list_count(list); i++) {
			const struct iiobridge_control *control =
				iiobridge_control_list_get(list, i);

			if (!iiobridge_control_has_changed(control))
				continue;
			printf("%s %s %.15g\n", iiobridge_control_list_route_name(list, i),
			       iiobridge_control_name(control), iiobridge_control_number(control));
			return 0;
		}
		nanosleep(&nap, NULL);
	}
	fputs("usb-tune: nothing has changed\n", stderr);
	return 1;
}

int main(int argc, char **argv)
{
	struct iiobridge_control_list *list;
	struct iiobridge_board *board;
	int status;

	if (argc < 3 || (strcmp(argv[1], "set") == 0 && argc < 5)) {
		fputs("usage: usb-tune set NAME TIMES NUMBER... | watch SECONDS\n", stderr);
		return 2;
	}
	if (iiobridge_board_open(NULL, &board) < 0)
		return complain();
	if (iiobridge_control_list_new(board, &list) < 0) {
		iiobridge_board_close(board);
		return complain();
	}
	if (strcmp(argv[1], "set") == 0)
		status = set(board, list, argv + 2, argc - 2);
	else
		status = watch(list, argv[2]);
	iiobridge_control_list_free(list);
	iiobridge_board_close(board);
	return status;
}
