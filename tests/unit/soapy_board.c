// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_usb_fake.h"

#include "soapy_board.h"

#define RATE 1000000

void board_reset(void)
{
	fake_reset();
	fake.info.control_count = 0;
	fake.routes[0].info.sample_rate_millihertz = RATE * UINT64_C(1000);
	fake.routes[0].configured = fake.routes[0].info;
}

int board_check(void)
{
	const int r = fake_check();

	fake_release();
	return r;
}

void board_make_radio(uint8_t route)
{
	fake_make_radio(route);
	fake.controls[FAKE_RATE].info.value.number = RATE * FAKE_PARTS;
	fake.controls[FAKE_RATE].info.minimum = 500000 * FAKE_PARTS;
}

void board_unplug(void)
{
	fake_lock();
	fake.gone = true;
	fake_unlock();
}

void board_make_tx(void)
{
	fake.info.route_count = 2;
	fake_make_tx(1);
}

void board_set_channels(uint32_t count, uint32_t mask)
{
	struct iiobridge_route_info *info = &fake.routes[0].info;

	info->channel_count = (uint8_t)count;
	info->channel_mask = mask;
	info->bytes_per_scan = 2 * (uint32_t)__builtin_popcount(mask);
	fake.routes[0].configured = *info;
}

void board_set_bits(unsigned int bits, unsigned int storage_bits)
{
	fake.channel.bits = (uint8_t)bits;
	fake.channel.storage_bits = (uint8_t)storage_bits;
}

double board_number(enum board_control control)
{
	double number;

	fake_lock();
	number = (double)fake.controls[control].info.value.number / 1e6;
	fake_unlock();
	return number;
}

const char *board_text(enum board_control control)
{
	static _Thread_local char text[64];

	fake_set(memcpy(text, fake.controls[control].info.value.text, sizeof(text)));
	return text;
}

void board_refuse(enum board_control control, const char *why)
{
	fake_set(fake.controls[control].fails = why);
}

unsigned int board_sets(enum board_control control)
{
	unsigned int sets;

	fake_set(sets = fake.controls[control].sets);
	return sets;
}

void board_restrict(enum board_control control, uint8_t access)
{
	fake_set(fake.controls[control].info.access = access);
}

void board_add_choice(enum board_control control, const char *choice)
{
	struct iiobridge_control_info *info = &fake.controls[control].info;

	strcpy(info->choices + info->choices_size, choice);
	info->choices_size += (uint16_t)(strlen(choice) + 1);
	info->choice_count++;
}

void board_set_role(enum board_control control, uint8_t role)
{
	fake_set(fake.controls[control].info.role = role);
}

/* Its own name may be another one, too. */
void board_set_route(enum board_control control, uint8_t route, const char *name)
{
	fake_lock();
	fake.controls[control].info.route = route;
	strcpy(fake.controls[control].info.name, name);
	fake_unlock();
}

void board_allow(long transfers)
{
	fake_set(fake.routes[0].allowance = transfers);
}

void board_lose(int block, uint64_t samples)
{
	fake_lock();
	fake.routes[0].gap_block = block;
	fake.routes[0].gap_scans = samples;
	fake_unlock();
}

const uint8_t *board_received(size_t *size)
{
	fake_set(*size = (size_t)fake.routes[1].received);
	return fake.routes[1].data;
}
