// SPDX-License-Identifier: GPL-2.0-or-later
#include "board.h"

#include "host/clock.h"
#include "host/device.h"
#include "host/records.h"
#include "host/routes.h"

#include <libusb.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct iiobridge_board {
	struct failure failure;
	struct device_list *list;
	struct device *device;
	struct records *records; /* while there are runs */
	unsigned int runs;

	/* Who may use all of this: each thread draws a number, and waits until it is its turn. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned int drawn;
	unsigned int turn;
};

void board_enter(struct iiobridge_board *board)
{
	unsigned int number;

	pthread_mutex_lock(&board->lock);
	number = board->drawn++;
	if (number != board->turn)
		libusb_interrupt_event_handler(device_context(board->device));
	while (number != board->turn)
		pthread_cond_wait(&board->changed, &board->lock);
	pthread_mutex_unlock(&board->lock);
}

void board_leave(struct iiobridge_board *board)
{
	pthread_mutex_lock(&board->lock);
	board->turn++;
	pthread_cond_broadcast(&board->changed);
	pthread_mutex_unlock(&board->lock);
}

struct device *board_device(const struct iiobridge_board *board)
{
	return board->device;
}

int board_failed(const struct iiobridge_board *board, int error)
{
	if (error < 0)
		message_set(&board->failure);
	return error;
}

int board_begin_run(struct iiobridge_board *board, unsigned int route,
		    const struct iiobridge_parameters *parameters,
		    struct session_settings *settings)
{
	const unsigned int count = device_info(board->device)->route_count;
	int r;

	if (route >= count)
		return failure_set(&board->failure, -EINVAL,
				   "there is no route %u: the board at %s has %u, and the first is "
				   "route 0",
				   route, device_name(board->device), count);
	if (board->runs == 0) {
		r = records_new(board->device, &board->records);
		if (r < 0)
			return r;
	}
	board->runs++;
	*settings = (struct session_settings){ .route = route, .records = board->records };
	if (parameters) {
		settings->channel_mask = parameters->channel_mask;
		settings->block_size = parameters->block_size;
	}
	return 0;
}

/* What ended the reading of records, such as a fault in one of them, ends with the runs. */
void board_end_run(struct iiobridge_board *board)
{
	if (--board->runs > 0)
		return;
	records_free(board->records);
	board->records = NULL;
}

unsigned int board_time_left(uint64_t end_ns)
{
	const uint64_t now = clock_now_ns();
	const uint64_t left =
		now < end_ns ? (end_ns - now + CLOCK_NS_PER_MS - 1) / CLOCK_NS_PER_MS : 0;

	return left < BOARD_SLICE_MS ? (unsigned int)left : BOARD_SLICE_MS;
}

int iiobridge_open(const char *serial, struct iiobridge_board **ret)
{
	struct failure failure = { "" };
	struct iiobridge_board *board = calloc(1, sizeof(*board));
	int r = -ENOMEM;

	if (!board) {
		failure_set(&failure, r, "no memory for the board");
		goto err;
	}
	r = device_list_new(&failure, &board->list);
	if (r < 0)
		goto err;
	r = device_open_serial(board->list, serial, &board->failure, &board->device);
	if (r < 0) {
		failure = board->failure;
		goto err;
	}
	pthread_mutex_init(&board->lock, NULL);
	pthread_cond_init(&board->changed, NULL);
	*ret = board;
	return 0;

err:
	if (board)
		device_list_free(board->list);
	free(board);
	message_set(&failure);
	return r;
}

void iiobridge_close(struct iiobridge_board *board)
{
	if (!board)
		return;
	device_close(board->device);
	device_list_free(board->list);
	pthread_cond_destroy(&board->changed);
	pthread_mutex_destroy(&board->lock);
	free(board);
}

const char *iiobridge_serial(const struct iiobridge_board *board)
{
	return device_serial(board->device);
}

const struct iiobridge_device_info *iiobridge_info(const struct iiobridge_board *board)
{
	return device_info(board->device);
}

/* The end of each question to a board. */
static int answered(struct iiobridge_board *board, int error)
{
	board_failed(board, error);
	board_leave(board);
	return error;
}

int iiobridge_get_route(struct iiobridge_board *board, unsigned int route,
			struct iiobridge_route_info *info)
{
	board_enter(board);
	return answered(board, device_get_route(board->device, route, info));
}

int iiobridge_find_route(struct iiobridge_board *board, const char *name,
			 enum iiobridge_direction direction)
{
	struct iiobridge_route_info info;

	board_enter(board);
	return answered(board, routes_find(board->device, name, direction, &info));
}

int iiobridge_get_channel(struct iiobridge_board *board, unsigned int route, unsigned int channel,
			  struct iiobridge_channel_info *info)
{
	board_enter(board);
	return answered(board, device_get_channel(board->device, route, channel, info));
}

int iiobridge_get_statistics(struct iiobridge_board *board, unsigned int route,
			     struct iiobridge_statistics *statistics)
{
	board_enter(board);
	return answered(board, device_get_statistics(board->device, route, statistics));
}
