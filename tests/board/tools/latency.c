// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * latency - how long after its last sample a program of this machine has a block
 *
 * latency ROUTE acquire|read|any BLOCKS: receives so many blocks, and looks at the clock whenever
 * the library hands on the end of one; "any" takes samples whose record has not come, too. Tells,
 * in microseconds since the kernel's time of the block's completion, what half of the blocks and 99
 * of 100 were handed on in, and the latest one. Tells, too, how many pieces were handed on before
 * it was known whether a gap is before them, and how many gaps there were.
 *
 * latency ROUTE write BLOCKS: writes as many blocks of the counter as the board has, which starts
 * the DAC, and then one each time that one is over, at the rate of the DAC. Tells the same of the
 * time from the call until the DAC plays the first sample of the block.
 *
 * latency ROUTE fast BLOCKS: the same of a program that writes as fast as it may, and is no more
 * than two blocks ahead of the board.
 *
 * latency RX echo BLOCKS: receives blocks, and writes each to the route behind RX, which has got as
 * many blocks of silence before as the board has. Tells the same of the time from the kernel's
 * completion of a block until the DAC begins to play it.
 *
 * The board and the host are one machine here, and have one clock.
 */
#include <iiobridge/iiobridge.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCKS_MAX 100000
#define TIMEOUT_MS 10000
#define NS	   1000000000

static uint64_t times[BLOCKS_MAX]; /* of the blocks, first when, then how long after */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS + (uint64_t)now.tv_nsec;
}

static int compare(const void *one, const void *other)
{
	const uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

	return a < b ? -1 : a > b;
}

/* The first eighth is how a stream begins. */
static void tell(size_t count)
{
	const size_t first = count / 8, left = count - first;

	qsort(times + first, left, sizeof(times[0]), compare);
	printf("blocks %zu, p50 %" PRIu64 ", p99 %" PRIu64 ", longest %" PRIu64, left,
	       times[first + left / 2] / 1000, times[first + left * 99 / 100] / 1000,
	       times[count - 1] / 1000);
}

/* ---- reception ---- */

static int64_t take(struct iiobridge_rx *rx, bool read, void *data, size_t samples,
		    struct iiobridge_block *block)
{
	int r;

	if (read)
		return iiobridge_rx_read(rx, data, samples, TIMEOUT_MS, block);
	r = iiobridge_rx_acquire(rx, TIMEOUT_MS, block);
	if (r <= 0)
		return r;
	iiobridge_rx_release(rx, block);
	return (int64_t)block->samples;
}

static int receive(struct iiobridge_board *board, unsigned int route, const char *how, size_t count)
{
	const struct iiobridge_stream_settings settings = {
		.flags = IIOBRIDGE_STREAM_KEEP_RECORDS |
			 (strcmp(how, "any") == 0 ? 0 : IIOBRIDGE_STREAM_WAIT_FOR_RECORDS),
	};
	const bool read = strcmp(how, "read") == 0;
	struct iiobridge_block_record record;
	size_t samples, known = 0, unknown = 0, gaps = 0;
	struct iiobridge_block block;
	struct iiobridge_rx *rx;
	uint64_t done = 0;
	void *data;
	int64_t r;

	if (iiobridge_rx_open(board, route, &settings, &rx) < 0)
		return -1;
	samples = iiobridge_route_block_size(iiobridge_rx_route(rx)) /
		  iiobridge_route_sample_size(iiobridge_rx_route(rx));
	data = malloc(iiobridge_route_block_size(iiobridge_rx_route(rx)));
	r = iiobridge_rx_start(rx);
	while (r >= 0 && done < count * samples) {
		r = take(rx, read, data, samples, &block);
		if (r <= 0)
			return -1;
		done += (uint64_t)r;
		unknown += block.flags & IIOBRIDGE_BLOCK_NO_RECORD ? 1 : 0;
		gaps += block.flags & IIOBRIDGE_BLOCK_GAP ? 1 : 0;
		if (done % samples == 0)
			times[done / samples - 1] = now_ns();
	}
	r = iiobridge_rx_stop(rx);
	while (iiobridge_rx_next_record(rx, &record) > 0) {
		if (record.flags & IIOBRIDGE_RECORD_IS_END || known == count)
			continue;
		times[known] -= record.filled_ns;
		known++;
	}
	iiobridge_rx_close(rx);
	free(data);
	tell(known);
	printf(", unknown %zu, gaps %zu\n", unknown, gaps);
	return (int)r;
}

/* ---- transmission ---- */

/* What the times become of blocks behind the first ones; returns how many came late. */
static size_t note_played(struct iiobridge_tx *tx, uint64_t block_ns, size_t first, size_t count)
{
	struct iiobridge_block_record record;
	size_t late = 0;

	while (iiobridge_tx_next_record(tx, &record) > 0) {
		if (record.flags & IIOBRIDGE_RECORD_IS_END || record.sequence < first ||
		    record.sequence - first >= count)
			continue;
		late += record.flags & IIOBRIDGE_RECORD_WAS_LATE ? 1 : 0;
		times[record.sequence - first] =
			record.delivered_ns - block_ns - times[record.sequence - first];
	}
	return late;
}

static void wait_until(uint64_t ns)
{
	const struct timespec time = { (time_t)(ns / NS), (long)(ns % NS) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL))
		;
}

static int transmit(struct iiobridge_board *board, unsigned int route, bool paced, size_t count)
{
	const struct iiobridge_stream_settings settings = {
		.flags = IIOBRIDGE_STREAM_KEEP_RECORDS,
		.ahead = paced ? 0 : 1,
	};
	const struct iiobridge_route *info;
	size_t samples, first, late;
	uint64_t begin = 0, block_ns;
	struct iiobridge_tx *tx;
	uint32_t *data;
	int64_t r = 0;

	if (iiobridge_tx_open(board, route, &settings, &tx) < 0)
		return -1;
	info = iiobridge_tx_route(tx);
	samples = iiobridge_route_block_size(info) / iiobridge_route_sample_size(info);
	data = malloc(samples * sizeof(*data));
	block_ns = (uint64_t)((double)samples / iiobridge_route_sample_rate(info) * NS);
	first = iiobridge_route_block_count(info);
	for (size_t i = 0; i < count && r >= 0; i++) {
		for (size_t k = 0; k < samples; k++)
			data[k] = (uint32_t)(i * samples + k);
		if (i == first)
			begin = now_ns();
		if (i > first && paced)
			wait_until(begin + (i - first) * block_ns);
		times[i] = now_ns();
		r = iiobridge_tx_write(tx, data, samples, TIMEOUT_MS);
	}
	if (r >= 0)
		r = iiobridge_tx_end(tx);
	if (r >= 0)
		r = iiobridge_tx_drain(tx, TIMEOUT_MS);
	late = note_played(tx, block_ns, 0, count);
	iiobridge_tx_close(tx);
	free(data);
	tell(count);
	printf(", block %" PRIu64 ", underruns %zu\n", block_ns / 1000, late);
	return (int)r;
}

/* ---- both ---- */

static int pass_on(struct iiobridge_rx *rx, struct iiobridge_tx *tx, size_t samples, size_t count)
{
	struct iiobridge_block_record record;
	struct iiobridge_block block;
	int64_t r = 1;

	for (size_t i = 0; i < count && r > 0; i++) {
		r = iiobridge_rx_acquire(rx, TIMEOUT_MS, &block);
		if (r <= 0 || block.samples != samples)
			return -1;
		if (iiobridge_rx_next_record(rx, &record) > 0)
			times[i] = record.filled_ns;
		r = iiobridge_tx_write(tx, block.data, samples, TIMEOUT_MS);
		iiobridge_rx_release(rx, &block);
	}
	return r < 0 ? (int)r : 0;
}

static int echo(struct iiobridge_board *board, unsigned int route, size_t count)
{
	const struct iiobridge_stream_settings settings = {
		.flags = IIOBRIDGE_STREAM_KEEP_RECORDS | IIOBRIDGE_STREAM_WAIT_FOR_RECORDS,
	};
	const struct iiobridge_route *info;
	struct iiobridge_rx *rx;
	struct iiobridge_tx *tx;
	size_t samples, first, late;
	uint64_t block_ns;
	void *silence;
	int64_t r = 0;

	if (iiobridge_rx_open(board, route, &settings, &rx) < 0 ||
	    iiobridge_tx_open(board, route + 1, &settings, &tx) < 0)
		return -1;
	info = iiobridge_tx_route(tx);
	first = iiobridge_route_block_count(info);
	samples = iiobridge_route_block_size(info) / iiobridge_route_sample_size(info);
	block_ns = (uint64_t)((double)samples / iiobridge_route_sample_rate(info) * NS);
	silence = calloc(samples, iiobridge_route_sample_size(info));
	for (size_t i = 0; i < first && r >= 0; i++)
		r = iiobridge_tx_write(tx, silence, samples, TIMEOUT_MS);
	if (r >= 0)
		r = iiobridge_rx_start(rx);
	if (r >= 0)
		r = pass_on(rx, tx, samples, count);
	if (r >= 0)
		r = iiobridge_tx_end(tx);
	if (r >= 0)
		r = iiobridge_tx_drain(tx, TIMEOUT_MS);
	late = note_played(tx, block_ns, first, count);
	iiobridge_rx_close(rx);
	iiobridge_tx_close(tx);
	free(silence);
	tell(count);
	printf(", block %" PRIu64 ", underruns %zu\n", block_ns / 1000, late);
	return (int)r;
}

int main(int argc, char **argv)
{
	struct iiobridge_board *board;
	size_t count;
	int r;

	if (argc != 4)
		return 2;
	count = strtoul(argv[3], NULL, 10);
	r = iiobridge_board_open(NULL, &board);
	if (r < 0 || count > BLOCKS_MAX) {
		fprintf(stderr, "latency: %s\n", iiobridge_error_message());
		return 2;
	}
	if (strcmp(argv[2], "echo") == 0)
		r = echo(board, (unsigned int)atoi(argv[1]), count);
	else if (strcmp(argv[2], "write") == 0 || strcmp(argv[2], "fast") == 0)
		r = transmit(board, (unsigned int)atoi(argv[1]), strcmp(argv[2], "write") == 0,
			     count);
	else
		r = receive(board, (unsigned int)atoi(argv[1]), argv[2], count);
	if (r < 0)
		fprintf(stderr, "latency: %s\n", iiobridge_error_message());
	iiobridge_board_close(board);
	return r < 0 ? 2 : 0;
}
