/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * soapy_board.h - the board in memory, for tests in C++ of the module for SoapySDR
 *
 * Its first route receives, and its second one sends once board_make_tx() was called. All may be
 * called while streams run.
 */
#ifndef SOAPY_BOARD_H
#define SOAPY_BOARD_H

#ifdef __cplusplus
extern "C" {
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOARD_SAMPLES  16384	  /* in a block of two channels */
#define BOARD_FIRST_NS 1000000000 /* time of the first sample, where the rate is told */

/* The controls of the radio. */
enum board_control {
	BOARD_FREQUENCY,
	BOARD_RATE,
	BOARD_BANDWIDTH,
	BOARD_GAIN_MODE,
	BOARD_GAIN_0,
	BOARD_GAIN_1,
	BOARD_ANTENNA,
	BOARD_RSSI,
	BOARD_TEMPERATURE,
	BOARD_LABEL,
};

/* Before each test: a board with a route of two channels and 1 MS/s; and behind it: 0 if all was
 * given back.
 */
void board_reset(void);
int board_check(void);

void board_make_radio(uint8_t route);
void board_make_tx(void);
void board_set_channels(uint32_t count, uint32_t mask);
void board_set_bits(unsigned int bits, unsigned int storage_bits);

/* What the driver has; why it refuses, or NULL; how often it was told something. */
double board_number(enum board_control control);
const char *board_text(enum board_control control);
void board_refuse(enum board_control control, const char *why);
unsigned int board_sets(enum board_control control);
void board_restrict(enum board_control control, uint8_t access);
void board_add_choice(enum board_control control, const char *choice);
void board_set_role(enum board_control control, uint8_t role);
void board_set_route(enum board_control control, uint8_t route, const char *name);

/* The cable is pulled. */
void board_unplug(void);

/* So many transfers come, then nothing; a block has a gap before it. */
void board_allow(long transfers);
void board_lose(int block, uint64_t samples);
/* Bytes that the DAC got in this run. */
const uint8_t *board_received(size_t *size);

#ifdef __cplusplus
}
#endif

#endif
