// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * scope.c - iiobridge scope
 */
#include "view/scope.h"
#include "cmd.h"
#include "files/clock.h"
#include "files/failure.h"
#include "files/units.h"
#include "interrupt.h"
#include "report.h"
#include "scope_tuner.h"
#include "view/terminal.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FRAME_NS (100 * CLOCK_NS_PER_MS)
#define TURN_MS	 50

#define RADIO_SIZE 256

static const char help[] =
	"Usage: iiobridge scope [-r ROUTE] [-s SERIAL] [OPTION...]\n"
	"\n"
	"Shows what a board's ADC sees in the terminal, ten times a second: the spectrum,\n"
	"the level, the rate, and gaps. It runs the route, and stops it in the end.\n"
	"\n"
	"  -1, --once             print one picture and end; also into a file or a pipe\n"
	"      --json             with --once: the figures of it as a JSON object instead\n"
	"  -r, --route ROUTE      the route, where the board has several for capture\n"
	"  -s, --serial SERIAL    the board, where there are several\n"
	"      --wait[=TIME]      for the board to be plugged in, until Ctrl-C or so long\n"
	"      --channels LIST    voltage0,voltage1 or 0,1 or a mask like 0x3\n"
	"      --real             channels are no pairs of I and Q\n"
	"      --block-size SIZE  bytes that move as one: 64K, \"1 MiB\"\n"
	"      --frequency HZ, --rate HZ, --bandwidth HZ, --gain DB, --antenna PORT,\n"
	"      --set NAME=VALUE   tune the route before, as iiobridge tune does\n"
	"  -h, --help             show this text\n"
	"\n"
	"Keys: q or Ctrl-C ends, c shows the next channel; left and right tune a radio by\n"
	"a step, which [ and ] make smaller and larger, up and down move its gain.\n"
	"\n"
	"Exit status: 0 done, 2 usage error, 3 no board, 6 board gone, 7 board refused;\n"
	"see iiobridge --help for all.\n";

struct live {
	struct options options;
	bool once;
	bool real;
	struct failure failure;
	struct iiobridge_board *board;
	struct iiobridge_rx *rx;
	const struct iiobridge_route *route;
	struct scope *scope;
	struct scope_tuner *tuner; /* or NULL */
	uint64_t started_ns;
	uint64_t samples;
	uint64_t nanoseconds; /* from the start until these had come */
	uint64_t shown_ns;
};

static void take(struct live *live, const struct iiobridge_block *block)
{
	scope_take(live->scope, block->data,
		   block->samples * iiobridge_route_sample_size(live->route));
	live->samples += block->samples;
	live->nanoseconds = clock_now_ns() - live->started_ns;
}

static void look(struct live *live, struct scope_view *view)
{
	const double bytes = (double)(live->samples * iiobridge_route_sample_size(live->route));

	*view = (struct scope_view){
		.route = iiobridge_route_name(live->route),
		.device = iiobridge_route_device(live->route),
		.sample_rate = iiobridge_route_sample_rate(live->route),
		.seconds = (double)live->nanoseconds / 1e9,
		.mib_per_s = units_per_second(bytes / UNITS_MIB, live->nanoseconds),
	};
	view->losses_known = iiobridge_rx_statistics(live->rx, &view->statistics) > 0;
	scope_look(live->scope, view);
}

/* The figures of one picture, called as those of a capture and of a recording. */
static json_t *describe(const struct live *live, const struct scope_view *view)
{
	const struct iiobridge_statistics_info *statistics = &view->statistics;
	const bool known = view->losses_known;
	json_t *object = json_pack("{s:o, s:s, s:o, s:o, s:i, s:i}", "serial",
				   report_text(iiobridge_board_serial(live->board)), "route",
				   view->route, "device", report_text(view->device), "sample_rate",
				   report_number(view->sample_rate > 0, view->sample_rate),
				   "channel", view->channel, "channels", view->channels);
	json_t *spectrum = spectrum_describe(&view->figures, view->sample_rate);
	json_t *losses = json_pack("{s:f, s:o, s:o, s:o, s:b}", "mib_per_s", view->mib_per_s,
				   "samples", report_count(true, live->samples), "gap_count",
				   report_count(known, statistics->gaps), "samples_lost",
				   report_count(known, statistics->samples_lost),
				   "samples_lost_estimated", statistics->estimated);

	return report_join(report_join(object, spectrum), losses);
}

static int show(struct live *live)
{
	struct scope_view view;
	char radio[RADIO_SIZE];
	size_t columns, rows;
	char *text;

	look(live, &view);
	view.radio = scope_tuner_format(live->tuner, radio, sizeof(radio));
	if (live->options.json)
		return report_print(describe(live, &view), stdout, REPORT_LINES);
	terminal_size(STDOUT_FILENO, &columns, &rows);
	text = scope_format(&view, columns, rows);
	if (!text)
		return failure_set(&live->failure, STATUS_FAILED, "no memory for a picture");
	if (live->once)
		fputs(text, stdout);
	else
		terminal_show(text);
	free(text);
	scope_clear(live->scope);
	live->shown_ns = clock_now_ns();
	return STATUS_OK;
}

/* One picture has all that it can have, gaps included; of many, each is there in time. */
static bool is_due(const struct live *live)
{
	struct iiobridge_statistics_info statistics;

	if (!live->once)
		return scope_has_seen(live->scope) && clock_now_ns() - live->shown_ns >= FRAME_NS;
	return scope_is_full(live->scope) && iiobridge_rx_statistics(live->rx, &statistics) > 0;
}

/* Whether the user has seen enough. */
static bool take_key(struct live *live)
{
	int key = 0;

	do {
		if (!live->once)
			key = terminal_key();
		if (key == 'c')
			scope_next_channel(live->scope);
		else
			scope_tuner_key(live->tuner, key);
	} while (key && key != 'q');
	return key == 'q';
}

/* A signal is a way to end it, but not before the one picture is there. */
static int watch(struct live *live)
{
	struct iiobridge_block block = { 0 };
	int status = STATUS_OK, r;

	while (status == STATUS_OK && !interrupt_signal() && !take_key(live)) {
		r = iiobridge_rx_acquire(live->rx, TURN_MS, &block);
		if (r > 0) {
			take(live, &block);
			iiobridge_rx_release(live->rx, &block);
		}
		status = cmd_library(&live->failure, r);
		if (status != STATUS_OK || !is_due(live))
			continue;
		status = show(live);
		if (live->once)
			return status;
	}
	if (status == STATUS_OK && live->once)
		status = STATUS_SIGNAL + interrupt_signal();
	return status;
}

static int prepare(struct live *live)
{
	const enum datatype_pairing pairing = live->real ? DATATYPE_REAL : DATATYPE_BY_NAME;
	struct iiobridge_stream_settings settings;
	struct datatype_layout layout;
	unsigned int index;
	int status;

	status = cmd_open(&live->options, &live->failure, &live->board);
	if (status == STATUS_OK)
		status = cmd_choose_route(&live->options, live->board, IIOBRIDGE_ROUTE_RX,
					  &live->failure, &index, &settings);
	if (status == STATUS_OK)
		status = cmd_library(&live->failure,
				     iiobridge_rx_open(live->board, index, &settings, &live->rx));
	if (status != STATUS_OK)
		return status;
	live->route = iiobridge_rx_route(live->rx);
	if (datatype_of_route(live->route, pairing, &live->failure, &layout) < 0)
		return STATUS_USAGE;
	live->scope = scope_new(&layout);
	if (!live->scope)
		return failure_set(&live->failure, STATUS_FAILED, "no memory for the spectrum");
	return live->once ? STATUS_OK
			  : scope_tuner_new(live->board, live->route, &live->failure, &live->tuner);
}

/* Whatever is told in the end is told on the terminal as it was before. */
static int run(struct live *live)
{
	int status, stopped;

	interrupt_catch();
	live->started_ns = clock_now_ns();
	status = cmd_library(&live->failure, iiobridge_rx_start(live->rx));
	if (status != STATUS_OK)
		return status;
	if (!live->once) {
		interrupt_at_death(terminal_restore);
		terminal_open();
	}
	status = watch(live);
	terminal_close();
	if (status != STATUS_OK)
		return status;
	stopped = cmd_library(&live->failure, iiobridge_rx_stop(live->rx));
	return stopped == STATUS_OK ? cmd_finish_output() : stopped;
}

static int scope(struct live *live)
{
	int status;

	if (!live->once && terminal_check(&live->failure) < 0)
		return cmd_failed(&live->failure, STATUS_USAGE);
	status = prepare(live);
	if (status == STATUS_OK)
		status = run(live);
	if (status != STATUS_OK && live->failure.message[0])
		cmd_failed(&live->failure, status);
	scope_tuner_free(live->tuner);
	scope_free(live->scope);
	iiobridge_rx_close(live->rx);
	iiobridge_board_close(live->board);
	return status;
}

int cmd_scope(int argc, char **argv)
{
	static const struct option long_options[] = {
		OPTIONS_ROUTE_LONG,
		{ "once", no_argument, NULL, '1' },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "real", no_argument, NULL, OPTION_REAL },
		{ NULL, 0, NULL, 0 },
	};
	struct live live = { 0 };
	int option, status = STATUS_OK;

	while ((option = getopt_long(argc, argv, OPTIONS_ROUTE_LETTERS "1", long_options, NULL)) >=
	       0) {
		if (option == 'h')
			return cmd_help(help);
		if (option == '1')
			live.once = true;
		else if (option == OPTION_REAL)
			live.real = true;
		else
			status = options_take(&live.options, argv[0], option);
		if (status != STATUS_OK)
			return status;
	}
	if (optind < argc)
		return cmd_usage(argv[0], "unexpected argument \"%s\"", argv[optind]);
	if (live.options.json && !live.once)
		return cmd_usage(argv[0], "--json tells the figures of one picture: give --once");
	return scope(&live);
}
