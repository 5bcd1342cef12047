// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usb-bench - the host of all measurements: how fast a stream is, and what a process uses for it
 *
 * usb-bench [OPTION…] board ROUTE…: starts routes of the board, and streams on their endpoints.
 * usb-bench [OPTION…] usb VENDOR:PRODUCT in|out: streams on the first bulk endpoint of interface 0.
 * usb-bench find VENDOR:PRODUCT: waits until programs find the device.
 * usb-bench [OPTION…] run COMMAND…: has a program stream, which writes what it receives.
 *
 * -b BYTES  in a block
 * -c FILE   counts the scans of 4 bytes that a DAC has taken, which are the stream then; may be
 *           repeated, for a stream through several DACs
 * -p PID    the process of the board whose use is measured
 * -w MS     how long the stream runs before it is measured; what it needs to begin comes before
 * -t MS     how long it is measured
 *
 * Prints the figures. Both ends of the measurement are moments at which bytes arrived, so that
 * blocks of any size have the right rate.
 */
#include "lanes.h"
#include "library/internal.h"
#include "meter.h"

#include <libusb-1.0/libusb.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SCAN_BYTES	  4
#define TRANSFER_SIZE_MAX (1u << 20) /* as iiobridge's */
#define RECORDS_SIZE	  4096u	     /* room for the longest message */
#define COUNTERS_MAX	  16u
#define EDGE_BYTES	  4096u /* the smallest block */
#define TURN_US		  1000u
#define LIMIT_MS	  60000 /* for bytes to arrive */

struct bench {
	uint32_t block_size;
	const char *counters[COUNTERS_MAX];
	unsigned int counter_count;
	pid_t process;
	uint64_t warm_up_ms, window_ms;

	struct lanes *lanes;
	struct iiobridge_board *board;
	unsigned int routes[IIOBRIDGE_MAX_ROUTES];
	unsigned int route_count;
	struct libusb_context *context;
	struct libusb_device_handle *handle;
	pid_t command;
};

struct snapshot {
	uint64_t time_ns;
	uint64_t bytes;
	struct usage usage;
};

static int complain(const char *what, const char *reason)
{
	fprintf(stderr, "usb-bench: %s: %s\n", what, reason);
	return -EIO;
}

static uint32_t transfer_size(const struct bench *bench)
{
	return bench->block_size < TRANSFER_SIZE_MAX ? bench->block_size : TRANSFER_SIZE_MAX;
}

static int find_route(struct iiobridge_board *board, const char *name, unsigned int *number)
{
	struct iiobridge_route_info route;

	for (*number = 0; *number < board->info.route_count; (*number)++) {
		int r = request_route(board, *number, &route);

		if (r < 0 || strcmp(route.name, name) == 0)
			return r;
	}
	return fail(IIOBRIDGE_ERROR_INVALID, "the board has no route %s", name);
}

/* The transfers are in flight before the route starts, as with iiobridge. */
static int start_route(struct bench *bench, const char *name)
{
	const struct iiobridge_parameters parameters = { .block_size = bench->block_size };
	struct iiobridge_route_info route;
	unsigned int number;
	int r = find_route(bench->board, name, &number);

	if (r == 0)
		r = request_parameters(bench->board, number, &parameters);
	if (r == 0)
		r = request_route(bench->board, number, &route);
	if (r < 0)
		return r;
	r = lanes_add(bench->lanes, route.endpoint_in ? route.endpoint_in : route.endpoint_out,
		      transfer_size(bench), true);
	if (r < 0)
		return complain(name, libusb_error_name(r));
	bench->routes[bench->route_count++] = number;
	return request_start(bench->board, number);
}

static int begin_board(struct bench *bench, char **names)
{
	unsigned int count = 0;
	int r;

	while (names[count])
		count++;
	r = iiobridge_board_open(NULL, &bench->board);
	if (r == 0)
		r = board_claim(bench->board);
	if (r < 0)
		return complain("board", iiobridge_error_message());
	bench->lanes = lanes_new(bench->board->context, bench->board->handle, count);
	if (!bench->lanes)
		return -ENOMEM;
	/* Like iiobridge: records are read, and are no samples. */
	r = lanes_add(bench->lanes, bench->board->info.endpoint_records, RECORDS_SIZE, false);
	for (unsigned int i = 0; r == 0 && i < count; i++)
		r = start_route(bench, names[i]);
	return r < 0 ? complain("board", iiobridge_error_message()) : 0;
}

/* The first bulk endpoint of interface 0 in a direction, 0 when there is none. */
static uint8_t find_endpoint(struct libusb_device_handle *handle, uint8_t direction)
{
	const struct libusb_interface_descriptor *interface;
	struct libusb_config_descriptor *config;
	uint8_t address = 0;

	if (libusb_get_active_config_descriptor(libusb_get_device(handle), &config) < 0)
		return 0;
	interface = &config->interface[0].altsetting[0];
	for (unsigned int i = 0; !address && i < interface->bNumEndpoints; i++) {
		const struct libusb_endpoint_descriptor *endpoint = &interface->endpoint[i];

		if ((endpoint->bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) ==
			    LIBUSB_TRANSFER_TYPE_BULK &&
		    (endpoint->bEndpointAddress & LIBUSB_ENDPOINT_DIR_MASK) == direction)
			address = endpoint->bEndpointAddress;
	}
	libusb_free_config_descriptor(config);
	return address;
}

/* What the kernel has configured is found when udev has dealt with it. */
static int find_device(struct bench *bench, const char *numbers)
{
	const struct timespec pause = { .tv_nsec = 10 * NS_PER_MS };
	const uint64_t until = clock_ns() + LIMIT_MS * NS_PER_MS;
	unsigned int vendor, product;
	int r;

	if (sscanf(numbers, "%x:%x", &vendor, &product) != 2)
		return complain(numbers, "it should be VENDOR:PRODUCT");
	r = libusb_init(&bench->context);
	if (r < 0)
		return complain("libusb", libusb_error_name(r));
	for (;;) {
		bench->handle = libusb_open_device_with_vid_pid(bench->context, (uint16_t)vendor,
								(uint16_t)product);
		if (bench->handle)
			return 0;
		if (clock_ns() > until)
			return complain(numbers, "no such device");
		nanosleep(&pause, NULL);
	}
}

static int begin_usb(struct bench *bench, char **arguments)
{
	bool in = strcmp(arguments[1], "in") == 0;
	uint8_t endpoint;
	int r;

	r = find_device(bench, arguments[0]);
	if (r < 0)
		return r;
	r = libusb_claim_interface(bench->handle, 0);
	if (r < 0)
		return complain(arguments[0], libusb_error_name(r));
	endpoint = find_endpoint(bench->handle, in ? LIBUSB_ENDPOINT_IN : LIBUSB_ENDPOINT_OUT);
	if (!endpoint)
		return complain(arguments[0], "no such endpoint");
	bench->lanes = lanes_new(bench->context, bench->handle, 1);
	if (!bench->lanes)
		return -ENOMEM;
	r = lanes_add(bench->lanes, endpoint, transfer_size(bench), true);
	return r < 0 ? complain(arguments[0], libusb_error_name(r)) : 0;
}

/* What the program receives goes nowhere, and is counted where it leaves. */
static int begin_command(struct bench *bench, char **arguments)
{
	bench->command = fork();
	if (bench->command < 0)
		return -errno;
	if (bench->command == 0) {
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execvp(arguments[0], arguments);
		_exit(127);
	}
	return 0;
}

static int turn(struct bench *bench)
{
	const struct timespec pause = { .tv_nsec = TURN_US * 1000 };

	if (bench->lanes)
		return lanes_turn(bench->lanes, TURN_US);
	if (waitpid(bench->command, NULL, WNOHANG) != 0) {
		bench->command = 0;
		return complain("command", "it ended");
	}
	nanosleep(&pause, NULL);
	return 0;
}

static int bytes_now(const struct bench *bench, uint64_t *bytes)
{
	int r = 0;

	*bytes = 0;
	if (bench->lanes && !bench->counter_count)
		*bytes = lanes_bytes(bench->lanes);
	else if (!bench->counter_count)
		return usage_read_written(bench->command, bytes);
	for (unsigned int i = 0; r == 0 && i < bench->counter_count; i++) {
		uint64_t scans = 0;

		r = number_read(bench->counters[i], &scans);
		*bytes += scans * SCAN_BYTES;
	}
	return r;
}

/* Go on for some time, and then until so many more bytes have arrived. */
static int run_to_edge(struct bench *bench, uint64_t milliseconds, uint64_t bytes,
		       struct snapshot *snapshot)
{
	const uint64_t begin = clock_ns(), until = begin + milliseconds * NS_PER_MS;
	uint64_t before = 0;
	int r = 0;

	while (r == 0 && clock_ns() < until)
		r = turn(bench);
	if (r == 0)
		r = bytes_now(bench, &before);
	snapshot->bytes = before;
	while (r == 0 && snapshot->bytes < before + bytes) {
		r = turn(bench);
		if (r == 0)
			r = bytes_now(bench, &snapshot->bytes);
		if (r == 0 && clock_ns() > until + LIMIT_MS * NS_PER_MS)
			r = complain("stream", "no bytes arrive");
	}
	snapshot->time_ns = clock_ns();
	return r < 0 ? r : usage_read(bench->process, &snapshot->usage);
}

static int measure(struct bench *bench)
{
	struct snapshot begin, end;
	int r;

	/* A program may write a few bytes before it streams. */
	r = run_to_edge(bench, 0, bench->block_size, &begin);
	if (r == 0)
		r = run_to_edge(bench, bench->warm_up_ms, EDGE_BYTES, &begin);
	if (r < 0)
		return r;
	r = run_to_edge(bench, bench->window_ms, EDGE_BYTES, &end);
	if (r < 0)
		return r;
	printf("bytes %" PRIu64 " ns %" PRIu64 " cpu_ns %" PRIu64 " switches %" PRIu64
	       " rss_kib %" PRIu64 "\n",
	       end.bytes - begin.bytes, end.time_ns - begin.time_ns,
	       end.usage.cpu_ns - begin.usage.cpu_ns, end.usage.switches - begin.usage.switches,
	       end.usage.rss_kib);
	return 0;
}

static void end(struct bench *bench)
{
	for (unsigned int i = 0; i < bench->route_count; i++)
		iiobridge_route_stop(bench->board, bench->routes[i]);
	lanes_free(bench->lanes);
	iiobridge_board_close(bench->board);
	if (bench->handle)
		libusb_close(bench->handle);
	if (bench->context)
		libusb_exit(bench->context);
	if (bench->command > 0) {
		kill(bench->command, SIGINT);
		waitpid(bench->command, NULL, 0);
	}
}

static int begin(struct bench *bench, char **arguments)
{
	if (arguments[0] && arguments[1] && strcmp(arguments[0], "board") == 0)
		return begin_board(bench, arguments + 1);
	if (arguments[0] && arguments[1] && arguments[2] && strcmp(arguments[0], "usb") == 0)
		return begin_usb(bench, arguments + 1);
	if (arguments[0] && arguments[1] && strcmp(arguments[0], "run") == 0)
		return begin_command(bench, arguments + 1);
	return complain("what to do", "board ROUTE…, usb VENDOR:PRODUCT in|out or run COMMAND…");
}

static int set_options(struct bench *bench, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "+b:c:p:t:w:")) != -1) {
		if (option == 'b')
			bench->block_size = (uint32_t)strtoul(optarg, NULL, 10);
		else if (option == 'c' && bench->counter_count < COUNTERS_MAX)
			bench->counters[bench->counter_count++] = optarg;
		else if (option == 'p')
			bench->process = (pid_t)strtol(optarg, NULL, 10);
		else if (option == 't')
			bench->window_ms = strtoull(optarg, NULL, 10);
		else if (option == 'w')
			bench->warm_up_ms = strtoull(optarg, NULL, 10);
		else
			return -EINVAL;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct bench bench = { .block_size = 1 << 20, .warm_up_ms = 200, .window_ms = 1000 };
	int r = set_options(&bench, argc, argv);

	if (r < 0)
		return 2;
	if (argc == optind + 2 && strcmp(argv[optind], "find") == 0) {
		r = find_device(&bench, argv[optind + 1]);
	} else {
		r = begin(&bench, argv + optind);
		if (r == 0)
			r = measure(&bench);
	}
	end(&bench);
	return r == 0 ? 0 : 1;
}
