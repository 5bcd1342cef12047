// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench.c - iiobridge bench
 */
#include "bench.h"

#include "host/cmd.h"
#include "host/files/clock.h"
#include "host/files/units.h"
#include "host/interrupt.h"
#include "latency.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define DEFAULT_US 2000000
#define TURN_MS	   20
#define WARM_UP_NS (200 * CLOCK_NS_PER_MS)

/* How long nothing may move. */
#define LIMIT_NS (10 * CLOCK_NS_PER_SECOND)

static const char help[] =
	"Usage: iiobridge bench [-r ROUTE] [-t TIME] [OPTION...]\n"
	"\n"
	"Runs a route with blocks of several sizes, shows how fast each is, what was lost\n"
	"and what it costs, and recommends a size and a number of blocks for the board's\n"
	"configuration. What is captured is thrown away. WHAT IS PLAYED IS SILENCE, the\n"
	"value 0 in all channels. The largest size is the configuration's block_size.\n"
	"\n"
	"  -r, --route ROUTE      the route; default: the board's only one for capture\n"
	"  -t, --time TIME        how long each size is measured: 500ms, 10s; default: 2s\n"
	"      --latency          measure one size of blocks, and how long samples\n"
	"                         take: from a full block to the program, or from the\n"
	"                         program to the DAC; with a histogram\n"
	"  -o, --output PICTURE   draw the histogram, too: a PNG file\n"
	"  -s, --serial SERIAL    the board, where there are several\n"
	"      --wait[=TIME]      for the board to be plugged in, until Ctrl-C or so long\n"
	"      --channels LIST    voltage0,voltage1 or 0,1 or a mask like 0x3\n"
	"      --block-size SIZE  only this one: 64K, \"1 MiB\"\n"
	"      --frequency HZ, --rate HZ, --bandwidth HZ, --gain DB, --antenna PORT,\n"
	"      --set NAME=VALUE   tune the route before, as iiobridge tune does\n"
	"      --json             for programs: one JSON object\n"
	"  -h, --help             show this text\n"
	"\n"
	"Exit status: 0 done, 6 board gone, 7 board refused all sizes, 130 Ctrl-C; see\n"
	"iiobridge --help for all.\n";

struct bench_options {
	struct options common;
	uint64_t microseconds;
	bool latency;
	const char *picture; /* NULL: none */
};

struct bench_run {
	const struct bench_options *options;
	struct failure failure;
	struct iiobridge_board *board;
	struct iiobridge_route *route; /* with the channels that were asked for */
	unsigned int index;
	struct iiobridge_stream_settings settings;
	struct bench bench;

	/* Of the size that is measured: one of the two. */
	struct iiobridge_rx *rx;
	struct iiobridge_tx *tx;
	size_t sample_size;
	uint64_t samples;     /* that moved */
	uint64_t nanoseconds; /* when the last of them did */
	uint64_t transfers;
	uint64_t records_lost;
	uint64_t longest_ns;
};

/* A moment at which samples have moved. */
struct moment {
	uint64_t samples;
	uint64_t nanoseconds;
	uint64_t cpu_ns;
	uint64_t transfers;
};

static int open_stream(struct bench_run *run, uint32_t block_size)
{
	int r;

	run->settings.block_size = block_size;
	run->settings.flags = IIOBRIDGE_STREAM_KEEP_RECORDS;
	if (iiobridge_route_kind(run->route) == IIOBRIDGE_ROUTE_TX)
		r = iiobridge_tx_open(run->board, run->index, &run->settings, &run->tx);
	else
		r = iiobridge_rx_open(run->board, run->index, &run->settings, &run->rx);
	return cmd_library(&run->failure, r);
}

static void close_stream(struct bench_run *run)
{
	iiobridge_rx_close(run->rx);
	iiobridge_tx_close(run->tx);
	run->rx = NULL;
	run->tx = NULL;
}

/* What is captured is thrown away. */
static int move_rx(struct bench_run *run)
{
	struct iiobridge_block block = { 0 };
	const int r = iiobridge_rx_acquire(run->rx, TURN_MS, &block);

	if (r <= 0)
		return r;
	run->samples += block.samples;
	run->nanoseconds = clock_now_ns();
	run->transfers++;
	iiobridge_rx_release(run->rx, &block);
	return r;
}

/* What is played is silence; what was played is what the board says. */
static int move_tx(struct bench_run *run)
{
	struct iiobridge_buffer buffer;
	uint64_t played;
	int r;

	r = iiobridge_tx_acquire(run->tx, TURN_MS, &buffer);
	if (r > 0) {
		memset(buffer.data, 0, buffer.samples * run->sample_size);
		run->transfers++;
		r = iiobridge_tx_submit(run->tx, buffer.samples);
	}
	played = iiobridge_tx_played(run->tx);
	if (played != run->samples)
		run->nanoseconds = clock_now_ns();
	run->samples = played;
	return r;
}

static void take_records(struct bench_run *run)
{
	struct iiobridge_block_record record;

	while ((run->tx ? iiobridge_tx_next_record(run->tx, &record)
			: iiobridge_rx_next_record(run->rx, &record)) > 0) {
		run->records_lost += record.records_missing;
		if (!(record.flags & IIOBRIDGE_RECORD_IS_END) &&
		    record.delivered_ns > record.filled_ns + run->longest_ns)
			run->longest_ns = record.delivered_ns - record.filled_ns;
	}
}

static int move(struct bench_run *run)
{
	int r;

	if (interrupt_signal())
		return STATUS_SIGNAL + interrupt_signal();
	r = run->tx ? move_tx(run) : move_rx(run);
	take_records(run);
	return cmd_library(&run->failure, r);
}

static uint64_t time_ns(const struct timeval *time)
{
	return (uint64_t)time->tv_sec * CLOCK_NS_PER_SECOND + (uint64_t)time->tv_usec * 1000;
}

static uint64_t cpu_now_ns(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return time_ns(&usage.ru_utime) + time_ns(&usage.ru_stime);
}

/* Goes on for some time, and then until more has moved. */
static int move_to_edge(struct bench_run *run, uint64_t nanoseconds, struct moment *moment)
{
	const uint64_t end = clock_now_ns() + nanoseconds;
	int status = STATUS_OK;
	uint64_t before;

	while (status == STATUS_OK && clock_now_ns() < end)
		status = move(run);
	before = run->samples;
	while (status == STATUS_OK && run->samples == before) {
		status = move(run);
		if (status == STATUS_OK && clock_now_ns() > end + LIMIT_NS)
			status = failure_set(&run->failure, STATUS_PROTOCOL,
					     "route %s moves no samples: none for 10 s",
					     iiobridge_route_name(run->route));
	}
	*moment = (struct moment){ run->samples, run->nanoseconds, cpu_now_ns(), run->transfers };
	return status;
}

static void take_figures(const struct bench_run *run, const struct moment *begin,
			 const struct moment *end, struct bench_point *point)
{
	point->bytes = (end->samples - begin->samples) * run->sample_size;
	point->nanoseconds = end->nanoseconds - begin->nanoseconds;
	point->cpu_ns = end->cpu_ns - begin->cpu_ns;
	point->transfers = end->transfers - begin->transfers;
	point->longest_ns = run->longest_ns;
}

static int finish(struct bench_run *run, struct bench_point *point)
{
	int status;

	status = cmd_library(&run->failure,
			     run->tx ? iiobridge_tx_stop(run->tx) : iiobridge_rx_stop(run->rx));
	take_records(run);
	if (run->tx)
		iiobridge_tx_statistics(run->tx, &point->statistics);
	else
		iiobridge_rx_statistics(run->rx, &point->statistics);
	point->records_lost = run->records_lost;
	return status;
}

static int measure(struct bench_run *run, struct bench_point *point)
{
	struct moment begin, end;
	int status, finished = STATUS_OK;

	run->samples = run->transfers = run->records_lost = run->longest_ns = 0;
	status = open_stream(run, point->block_size);
	if (status == STATUS_OK && run->rx)
		status = cmd_library(&run->failure, iiobridge_rx_start(run->rx));
	if (status == STATUS_OK)
		status = move_to_edge(run, WARM_UP_NS, &begin);
	if (status == STATUS_OK)
		status = move_to_edge(run, run->options->microseconds * 1000, &end);
	if (status == STATUS_OK) {
		take_figures(run, &begin, &end, point);
		finished = finish(run, point);
	}
	/* Another size may do. */
	if (status == STATUS_REFUSED) {
		point->refused = run->failure;
		status = STATUS_OK;
	}
	close_stream(run);
	return status == STATUS_OK ? finished : status;
}

static int measure_all(struct bench_run *run)
{
	struct bench *bench = &run->bench;
	uint32_t sizes[BENCH_POINTS_MAX] = { run->options->common.block_size };
	size_t count = 1;
	int status = STATUS_OK;

	if (!sizes[0])
		count = bench_sizes(run->route, run->options->microseconds * 1000, sizes);
	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		struct bench_point *point = &bench->points[bench->count];

		*point = (struct bench_point){ .block_size = sizes[i] };
		status = measure(run, point);
		if (status != STATUS_OK)
			break;
		bench->count++;
		if (!run->options->common.json) {
			bench_print_point(point, stdout);
			fflush(stdout);
		}
	}
	return status;
}

static bool all_refused(const struct bench *bench)
{
	for (size_t i = 0; i < bench->count; i++) {
		if (!bench->points[i].refused.message[0])
			return false;
	}
	return true;
}

static int tell(const struct bench_run *run)
{
	struct bench_advice advice;
	int status;

	if (run->options->common.json) {
		status = bench_print_json(&run->bench, stdout);
	} else {
		bench_advise(&run->bench, &advice);
		bench_print_advice(&advice, stdout);
		status = cmd_finish_output();
	}
	if (!all_refused(&run->bench))
		return status;
	return cmd_failed(&run->bench.points[0].refused, STATUS_REFUSED);
}

static int get_route(struct bench_run *run)
{
	iiobridge_route_free(run->route);
	run->route = NULL;
	return cmd_library(&run->failure, iiobridge_route_get(run->board, run->index, &run->route));
}

/* The route as it is with the channels that were asked for, and the block of the configuration. */
static int choose_route(struct bench_run *run)
{
	int status;

	status = cmd_choose_route(&run->options->common, run->board, IIOBRIDGE_ROUTE_RX,
				  &run->failure, &run->index, &run->settings);
	if (status == STATUS_OK)
		status = get_route(run);
	if (status == STATUS_OK)
		status = open_stream(run, 0);
	if (status == STATUS_OK)
		status = get_route(run);
	close_stream(run);
	return status;
}

static int tell_latency(const struct latency *latency, const struct bench_options *options,
			struct failure *failure)
{
	int status = STATUS_OK;

	if (options->common.json)
		status = latency_print_json(latency, stdout);
	else
		latency_print(latency, stdout);
	if (options->picture && latency_draw(latency, options->picture, failure) < 0)
		return cmd_failed(failure, STATUS_FILE);
	return options->common.json ? status : cmd_finish_output();
}

static int bench_latency(struct bench_run *run)
{
	struct latency latency = {
		.board = run->board,
		.index = run->index,
		.route = run->route,
		.settings = run->settings,
		.nanoseconds = run->options->microseconds * 1000,
	};
	int status;

	latency.settings.block_size = run->options->common.block_size;
	status = latency_measure(&latency, &run->failure);
	status = status == STATUS_OK ? tell_latency(&latency, run->options, &run->failure)
				     : cmd_failed(&run->failure, status);
	latency_release(&latency);
	return status;
}

static int bench_route(struct bench_run *run)
{
	int status;

	status = choose_route(run);
	if (status != STATUS_OK)
		return cmd_failed(&run->failure, status);
	run->sample_size = iiobridge_route_sample_size(run->route);
	run->bench.route = run->route;
	if (!run->options->common.json)
		bench_print_route(run->route, stdout);
	interrupt_catch();
	if (run->options->latency)
		return bench_latency(run);
	if (!run->options->common.json)
		bench_print_columns(run->route, stdout);
	status = measure_all(run);
	return status == STATUS_OK ? tell(run) : cmd_failed(&run->failure, status);
}

static int bench(const struct bench_options *options)
{
	struct bench_run run = { .options = options };
	int status;

	status = cmd_open(&options->common, &run.failure, &run.board);
	if (status == STATUS_OK)
		status = bench_route(&run);
	else
		cmd_failed(&run.failure, status);
	iiobridge_route_free(run.route);
	iiobridge_board_close(run.board);
	return status;
}

static int parse_option(const char *command, int option, struct bench_options *options)
{
	switch (option) {
	case 't':
		return options_parse_number(command, "-t", optarg, units_parse_duration,
					    "a time longer than 0, such as 500ms or 10s",
					    &options->microseconds);
	case 'o':
		options->picture = optarg;
		return STATUS_OK;
	case OPTION_LATENCY:
		options->latency = true;
		return STATUS_OK;
	default:
		return options_take(&options->common, command, option);
	}
}

int cmd_bench(int argc, char **argv)
{
	static const struct option long_options[] = {
		OPTIONS_ROUTE_LONG,
		{ "time", required_argument, NULL, 't' },
		{ "latency", no_argument, NULL, OPTION_LATENCY },
		{ "output", required_argument, NULL, 'o' },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ NULL, 0, NULL, 0 },
	};
	struct bench_options options = { .microseconds = DEFAULT_US };
	int option, status;

	while ((option = getopt_long(argc, argv, OPTIONS_ROUTE_LETTERS "t:o:", long_options,
				     NULL)) >= 0) {
		if (option == 'h')
			return cmd_help(help);
		status = parse_option(argv[0], option, &options);
		if (status != STATUS_OK)
			return status;
	}
	if (optind < argc)
		return cmd_usage(argv[0], "unexpected argument \"%s\"", argv[optind]);
	if (options.picture && !options.latency)
		return cmd_usage(argv[0], "-o draws a histogram: it needs --latency");
	return bench(&options);
}
