// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * capture - writes what an ADC sends to standard output, and tells of what was lost
 *
 * capture SAMPLES [SERIAL]
 *
 * cc -o capture capture.c $(pkg-config --cflags --libs libiiobridge)
 */
#include <iiobridge/iiobridge.h>

#include <stdio.h>
#include <stdlib.h>

static int failed(void)
{
	fprintf(stderr, "capture: %s\n", iiobridge_error_message());
	return 1;
}

static int write_samples(struct iiobridge_rx *rx, unsigned long long wanted)
{
	const size_t sample_size = iiobridge_route_sample_size(iiobridge_rx_route(rx));
	struct iiobridge_block block;
	size_t samples, written;

	for (unsigned long long done = 0; done < wanted; done += samples) {
		if (iiobridge_rx_acquire(rx, -1, &block) < 0)
			return failed();
		if (block.flags & IIOBRIDGE_BLOCK_GAP)
			fprintf(stderr, "before sample %llu: %llu lost\n", done,
				(unsigned long long)block.lost);
		samples = wanted - done < block.samples ? (size_t)(wanted - done) : block.samples;
		written = fwrite(block.data, sample_size, samples, stdout);
		iiobridge_rx_release(rx, &block);
		if (written < samples) {
			perror("capture: standard output");
			return 1;
		}
	}
	return 0;
}

static int capture(struct iiobridge_board *board, unsigned long long wanted)
{
	/* So that each gap is told before the samples behind it. */
	const struct iiobridge_stream_settings settings = {
		.flags = IIOBRIDGE_STREAM_WAIT_FOR_RECORDS,
	};
	struct iiobridge_statistics_info statistics;
	struct iiobridge_route *route;
	struct iiobridge_rx *rx;
	int r, status;

	if (iiobridge_route_find(board, NULL, IIOBRIDGE_ROUTE_RX, &route) < 0)
		return failed();
	r = iiobridge_rx_open(board, iiobridge_route_index(route), &settings, &rx);
	iiobridge_route_free(route);
	if (r < 0)
		return failed();
	if (iiobridge_rx_start(rx) < 0)
		status = failed();
	else
		status = write_samples(rx, wanted);
	if (iiobridge_rx_stop(rx) < 0)
		status = failed();
	if (iiobridge_rx_statistics(rx, &statistics))
		fprintf(stderr, "%llu samples lost in %llu gaps\n",
			(unsigned long long)statistics.samples_lost,
			(unsigned long long)statistics.gaps);
	iiobridge_rx_close(rx);
	return status;
}

int main(int argc, char **argv)
{
	struct iiobridge_board *board;
	int status;

	if (argc < 2) {
		fprintf(stderr, "usage: capture SAMPLES [SERIAL]\n");
		return 2;
	}
	if (iiobridge_board_open(argc > 2 ? argv[2] : NULL, &board) < 0)
		return failed();
	status = capture(board, strtoull(argv[1], NULL, 10));
	iiobridge_board_close(board);
	return status;
}
