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

#define TIMEOUT_MS 1000

static int failed(void)
{
	fprintf(stderr, "play: %s\n", iiobridge_message());
	return 1;
}

static int play_scans(struct iiobridge_playback *playback)
{
	const size_t scan = iiobridge_playback_route(playback)->bytes_per_scan;
	struct iiobridge_underrun underrun;
	static char data[1 << 16];
	size_t scans;
	int r;

	while ((scans = fread(data, scan, sizeof(data) / scan, stdin)) > 0) {
		for (size_t done = 0; done < scans;) {
			const ssize_t taken = iiobridge_playback_write(playback, data + done * scan,
								       scans - done, TIMEOUT_MS);

			if (taken < 0)
				return failed();
			done += (size_t)taken;
		}
	}
	do
		r = iiobridge_playback_finish(playback, TIMEOUT_MS);
	while (r == 0);
	while (iiobridge_playback_next_underrun(playback, &underrun))
		fprintf(stderr, "underrun before scan %llu: %llu missed\n",
			(unsigned long long)underrun.at, (unsigned long long)underrun.scans_missed);
	return r < 0 ? failed() : 0;
}

int main(int argc, char **argv)
{
	struct iiobridge_playback *playback;
	struct iiobridge_board *board;
	int route, status;

	if (iiobridge_open(argc > 1 ? argv[1] : NULL, &board) < 0)
		return failed();
	route = iiobridge_find_route(board, NULL, IIOBRIDGE_PLAYBACK);
	if (route < 0 ||
	    iiobridge_playback_start(board, (unsigned int)route, NULL, &playback) < 0) {
		iiobridge_close(board);
		return failed();
	}
	status = play_scans(playback);
	if (iiobridge_playback_stop(playback, NULL) < 0)
		status = failed();
	iiobridge_close(board);
	return status;
}
