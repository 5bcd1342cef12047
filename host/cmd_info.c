// SPDX-License-Identifier: GPL-2.0-or-later
#include "answer.h"
#include "channels.h"
#include "cmd.h"
#include "device.h"
#include "failure.h"
#include "options.h"
#include "report.h"
#include "report_board.h"
#include "routes.h"
#include "status.h"
#include "units.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

static const char help[] =
	"Usage: iiobridge info [-s SERIAL] [--json] [--wait[=TIME]] [ROUTE]\n"
	"\n"
	"Shows a board and its routes, or one of them: converter, channels with their\n"
	"formats, sample rate, blocks, endpoints, state, statistics since the last start,\n"
	"and the board's last error. Can be used while another program streams.\n"
	"\n"
	"  -s, --serial SERIAL  the board, where there are several\n"
	"      --json           for programs: one JSON object\n"
	"      --wait[=TIME]    for the board to be plugged in\n"
	"  -h, --help           show this text\n"
	"\n"
	"Exit status: 0 done, 2 no such route, 3 no board, 4 no permission; see\n"
	"iiobridge(1).\n";

static void print_board(const struct device *device)
{
	const struct iiobridge_device_info *info = device_info(device);

	printf("board         %s, %s\n", device_name(device), device_speed_name(device));
	printf("serial        %s\n", device_serial(device));
	printf("model         %s\n", info->model);
	printf("daemon        %s, protocol %u.%u\n", info->software, info->version_major,
	       info->version_minor);
	printf("records       IN 0x%02x\n", info->endpoint_records);
}

static const char *explain_cyclic(const struct iiobridge_route_info *route)
{
	static const char *const now[] = {
		[IIOBRIDGE_REPEATING_DAEMON] = "the daemon repeats",
		[IIOBRIDGE_REPEATING_KERNEL] = "the kernel repeats, and nothing counts the blocks",
	};

	if (route->repeating != IIOBRIDGE_REPEATING_NOTHING)
		return now[route->repeating];
	return route->cyclic == IIOBRIDGE_CYCLIC_KERNEL ? "by the kernel, if it can"
							: "by the daemon";
}

static const char *explain_transfer(const struct iiobridge_route_info *route)
{
	if (route->transfer == IIOBRIDGE_COPY_EARLY)
		return "copied, blocks may be sent before they are full";
	return route->transfer == IIOBRIDGE_DMABUF ? "no copy (DMABUF)" : "copied";
}

static void print_route(unsigned int index, const struct iiobridge_route_info *route)
{
	char size[UNITS_TEXT_SIZE], largest[UNITS_TEXT_SIZE], rate[UNITS_TEXT_SIZE];

	printf("\nroute %u       %s\n", index, route->name);
	printf("  direction   %s, %s\n", answer_direction_name(route->direction),
	       explain_transfer(route));
	if (route->device[0])
		printf("  device      %s\n", route->device);
	if (route->endpoint_in)
		printf("  endpoint    IN 0x%02x\n", route->endpoint_in);
	if (route->endpoint_out)
		printf("  endpoint    OUT 0x%02x\n", route->endpoint_out);
	printf("  state       %s\n", route->state == IIOBRIDGE_RUNNING ? "running" : "stopped");
	if (route->direction == IIOBRIDGE_PLAYBACK)
		printf("  cyclic      %s\n", explain_cyclic(route));
	if (route->sample_rate_millihertz)
		printf("  rate        %s\n",
		       units_format_scaled((double)route->sample_rate_millihertz / 1000, "S/s",
					   rate));
	else
		printf("  rate        unknown\n");
	printf("  blocks      %u x %s, at most %s each\n", route->block_count,
	       units_format_size(route->block_size, size),
	       units_format_size(route->block_size_max, largest));
	if (route->block_step)
		printf("  block step  %u bytes\n", route->block_step);
	printf("  scan        %u bytes, channel mask 0x%x\n", route->bytes_per_scan,
	       route->channel_mask);
}

static int print_channels(struct device *device, unsigned int index,
			  const struct iiobridge_route_info *route)
{
	struct iiobridge_channel_info channels[IIOBRIDGE_MAX_CHANNELS];
	char format[CHANNEL_FORMAT_SIZE];
	int r;

	r = routes_get_channels(device, index, route, channels);
	if (r < 0)
		return r;
	for (unsigned int i = 0; i < route->channel_count; i++)
		printf("  channel %-3u %-16s %-16s scan index %u%s\n", i, channels[i].id,
		       channel_format(&channels[i], format), channels[i].index,
		       route->channel_mask & UINT32_C(1) << i ? "" : ", not in the scan");
	return 0;
}

static int print_statistics(struct device *device, unsigned int index,
			    enum iiobridge_direction direction)
{
	const bool playback = direction == IIOBRIDGE_PLAYBACK;
	struct iiobridge_statistics statistics;
	char size[UNITS_TEXT_SIZE];
	int r;

	r = device_get_statistics(device, index, &statistics);
	if (r < 0)
		return r;
	printf("  starts      %" PRIu64 "\n", statistics.starts);
	printf("  blocks      filled %" PRIu64 ", delivered %" PRIu64 " (%s), failed %" PRIu64 "\n",
	       statistics.blocks_filled, statistics.blocks_drained,
	       units_format_size(statistics.bytes_drained, size), statistics.blocks_failed);
	printf("  losses      %s %" PRIu64 ", samples %" PRIu64 "%s\n",
	       playback ? "underruns" : "gaps", statistics.gaps, statistics.scans_lost,
	       statistics.estimated && statistics.gaps ? " (estimated)" : "");
	printf("  records     lost %" PRIu64 "\n", statistics.records_lost);
	return 0;
}

static int print_route_fully(struct device *device, unsigned int index,
			     const struct iiobridge_route_info *route)
{
	int r;

	print_route(index, route);
	r = print_channels(device, index, route);
	if (r < 0)
		return r;
	return print_statistics(device, index, route->direction);
}

static int print_all_routes(struct device *device)
{
	int r = 0;

	for (unsigned int i = 0; i < device_info(device)->route_count && r == 0; i++) {
		struct iiobridge_route_info route;

		r = device_get_route(device, i, &route);
		if (r == 0)
			r = print_route_fully(device, i, &route);
	}
	return r;
}

static int print_last_error(struct device *device)
{
	struct iiobridge_error error;
	int r;

	r = device_get_error(device, &error);
	if (r < 0)
		return r;
	if (error.code == IIOBRIDGE_OK)
		printf("\nlast error    none\n");
	else if (error.request)
		printf("\nlast error    %s: %s (code %u)\n", answer_request_name(error.request),
		       error.message, error.code);
	else
		printf("\nlast error    route %u: %s (code %u)\n", error.value, error.message,
		       error.code);
	return 0;
}

static int print_info(struct device *device, const char *name)
{
	struct iiobridge_route_info route;
	int index, r;

	if (!name) {
		print_board(device);
		r = print_all_routes(device);
	} else {
		index = routes_find(device, name, IIOBRIDGE_CAPTURE, &route);
		if (index < 0)
			return index;
		print_board(device);
		r = print_route_fully(device, (unsigned int)index, &route);
	}
	if (r < 0)
		return r;
	return print_last_error(device);
}

static int add_route(struct device *device, unsigned int index,
		     const struct iiobridge_route_info *route, json_t *routes)
{
	struct iiobridge_channel_info channels[IIOBRIDGE_MAX_CHANNELS];
	struct iiobridge_statistics statistics;
	int r;

	r = routes_get_channels(device, index, route, channels);
	if (r == 0)
		r = device_get_statistics(device, index, &statistics);
	if (r < 0)
		return r;
	return json_array_append_new(routes, report_route(route, channels, &statistics)) < 0
		       ? -ENOMEM
		       : 0;
}

static int add_routes(struct device *device, const char *name, json_t *routes)
{
	struct iiobridge_route_info route;
	int r = 0;

	if (name) {
		r = routes_find(device, name, IIOBRIDGE_CAPTURE, &route);
		return r < 0 ? r : add_route(device, (unsigned int)r, &route, routes);
	}
	for (unsigned int i = 0; i < device_info(device)->route_count && r == 0; i++) {
		r = device_get_route(device, i, &route);
		if (r == 0)
			r = add_route(device, i, &route, routes);
	}
	return r;
}

static int add_last_error(struct device *device, json_t *board)
{
	struct iiobridge_error error;
	int r;

	r = device_get_error(device, &error);
	if (r < 0)
		return r;
	return json_object_set_new(board, "last_error", report_last_error(&error)) < 0 ? -ENOMEM
										       : 0;
}

static int report_info(struct device *device, const char *name)
{
	json_t *routes = json_array(), *board = report_board(device, routes);
	int r;

	r = board ? add_routes(device, name, routes) : -ENOMEM;
	if (r == 0)
		r = add_last_error(device, board);
	if (r == 0)
		r = report_print(json_incref(board), stdout, REPORT_LINES);
	json_decref(board);
	if (r == -ENOMEM)
		return failure_set(device_failure(device), r, "no memory for the information");
	return r;
}

int cmd_info(int argc, char **argv)
{
	static const struct option options[] = {
		{ "serial", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "wait", optional_argument, NULL, OPTION_WAIT },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options common = { 0 };
	int option, status;

	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		if (option == 'h')
			return cmd_help(help);
		status = options_take(&common, argv[0], option);
		if (status != STATUS_OK)
			return status;
	}
	if (argc - optind > 1)
		return cmd_usage(argv[0], "one ROUTE at most, but \"%s\" follows \"%s\"",
				 argv[optind + 1], argv[optind]);

	return cmd_ask(&common, common.json ? report_info : print_info, argv[optind]);
}
