// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * play - plays what comes on standard input, and tells when the DAC had nothing to play
 *
 * play [SERIAL]
 *
 * cc -o play play.c $(pkg-config --cflags --libs libiiobridge)
 */
#include <iiobridge/iiobridge.h>

#include <stdio.h>

static int failed(void)
{
	fprintf(stderr, "play: %s\n", iiobridge_error_message());
	return 1;
}

static int play_samples(struct iiobridge_tx *tx)
{
	const size_t sample_size = iiobridge_route_sample_size(iiobridge_tx_route(tx));
	struct iiobridge_underflow underflow;
	struct iiobridge_buffer buffer;
	size_t samples;

	do {
		if (iiobridge_tx_acquire(tx, -1, &buffer) < 0)
			return failed();
		samples = fread(buffer.data, sample_size, buffer.samples, stdin);
		if (iiobridge_tx_submit(tx, samples) < 0)
			return failed();
	} while (samples == buffer.samples);
	if (iiobridge_tx_end(tx) < 0 || iiobridge_tx_drain(tx, -1) < 0)
		return failed();
	while (iiobridge_tx_next_underflow(tx, 0, &underflow) > 0)
		fprintf(stderr, "underflow before sample %llu: %llu missed\n",
			(unsigned long long)underflow.sample, (unsigned long long)underflow.missed);
	return 0;
}

static int play(struct iiobridge_board *board)
{
	struct iiobridge_route *route;
	struct iiobridge_tx *tx;
	int r, status;

	if (iiobridge_route_find(board, NULL, IIOBRIDGE_ROUTE_TX, &route) < 0)
		return failed();
	r = iiobridge_tx_open(board, iiobridge_route_index(route), NULL, &tx);
	iiobridge_route_free(route);
	if (r < 0)
		return failed();
	status = play_samples(tx);
	iiobridge_tx_close(tx);
	return status;
}

int main(int argc, char **argv)
{
	struct iiobridge_board *board;
	int status;

	if (iiobridge_board_open(argc > 1 ? argv[1] : NULL, &board) < 0)
		return failed();
	status = play(board);
	iiobridge_board_close(board);
	return status;
}
