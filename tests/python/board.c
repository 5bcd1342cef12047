// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * board.c - the bus and the boards of the unit tests, beside the library in one shared object
 *
 * tests/python/board.py calls these functions.
 */
#include "tests/unit/test_usb_fake.h"

void board_reset(void);
void board_make_tx(unsigned int route);
void board_make_radio(unsigned int route);
void board_set_routes(unsigned int count);
void board_set_rate(unsigned int route, uint64_t hertz);
void board_set_channels(unsigned int route, unsigned int count, unsigned int bits);
void board_set_gap(unsigned int route, int block, uint64_t samples);
void board_refuse(unsigned int request, const char *message);
void board_fail_control(unsigned int control, const char *message);
void board_touch_control(unsigned int control, int64_t millionths);
void board_allow(unsigned int route, long transfers);
void board_send(unsigned int route, long transfers);
void board_hold_records(bool hold);
void board_never_ends(unsigned int route);
void board_forbid(int error);
void board_plug(unsigned int device, bool is_there);
void board_pull(void);
bool board_is_running(unsigned int route);
uint64_t board_received(unsigned int route, void *data, uint64_t size);
uint64_t board_finish(unsigned int route);
int board_check(void);

void board_reset(void)
{
	fake_reset();
}

void board_make_tx(unsigned int route)
{
	fake_make_tx(route);
}

void board_make_radio(unsigned int route)
{
	fake_make_radio((uint8_t)route);
}

void board_set_routes(unsigned int count)
{
	fake.info.route_count = (uint8_t)count;
}

void board_set_rate(unsigned int route, uint64_t hertz)
{
	fake.routes[route].info.sample_rate_millihertz = 1000 * hertz;
	fake.routes[route].configured = fake.routes[route].info;
}

/* Of 16 bits each, of which so many are valid. */
void board_set_channels(unsigned int route, unsigned int count, unsigned int bits)
{
	struct iiobridge_route_info *info = &fake.routes[route].info;

	info->channel_count = (uint8_t)count;
	info->channel_mask = (1u << count) - 1;
	info->bytes_per_scan = 2 * count;
	fake.routes[route].configured = *info;
	fake.channel.bits = (uint8_t)bits;
}

void board_set_gap(unsigned int route, int block, uint64_t samples)
{
	fake.routes[route].gap_block = block;
	fake.routes[route].gap_scans = samples;
}

void board_refuse(unsigned int request, const char *message)
{
	fake_lock();
	fake.refused_request = request;
	snprintf(fake.error.message, sizeof(fake.error.message), "%s", message);
	fake.error.code = IIOBRIDGE_NOT_ALLOWED;
	fake_unlock();
}

void board_fail_control(unsigned int control, const char *message)
{
	static char why[128];

	fake_lock();
	snprintf(why, sizeof(why), "%s", message);
	fake.controls[control].fails = why;
	fake_unlock();
}

/* A gain control, or somebody on the board. */
void board_touch_control(unsigned int control, int64_t millionths)
{
	fake_lock();
	fake.controls[control].info.value.number = millionths;
	fake.controls[control].info.changes++;
	fake_unlock();
}

void board_allow(unsigned int route, long transfers)
{
	fake_set(fake.routes[route].allowance = transfers);
}

/* So many transfers more; returns when the library has them, and their records. */
void board_send(unsigned int route, long transfers)
{
	fake_set(fake.routes[route].allowance += transfers);
	fake_wait_for(fake.routes[route].allowance == 0 && !fake.calling);
	fake_wait_for((!fake.messages || fake.hold_records) && !fake.calling);
}

void board_hold_records(bool hold)
{
	fake_set(fake.hold_records = hold);
}

void board_never_ends(unsigned int route)
{
	fake_set(fake.routes[route].never_ends = true);
}

void board_forbid(int error)
{
	fake_set(fake.devices[0].open_error = error);
}

void board_plug(unsigned int device, bool is_there)
{
	fake_plug(device, is_there);
}

void board_pull(void)
{
	fake_set(fake.gone = true);
}

bool board_is_running(unsigned int route)
{
	bool running;

	fake_lock();
	running = fake.routes[route].running;
	fake_unlock();
	return running;
}

uint64_t board_received(unsigned int route, void *data, uint64_t size)
{
	uint64_t received;

	fake_lock();
	received = fake.routes[route].received;
	if (data)
		memcpy(data, fake.routes[route].data, size);
	fake_unlock();
	return received;
}

/* Where the program said that the samples end, bytes. */
uint64_t board_finish(unsigned int route)
{
	uint64_t finish;

	fake_lock();
	finish = fake.routes[route].finish;
	fake_unlock();
	return finish;
}

/* Whether all was given back. */
int board_check(void)
{
	return fake_check();
}
