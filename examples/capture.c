// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * capture - writes what an ADC sends to standard output, and tells of what was lost
 *
 * capture SCANS [SERIAL]
 *
 * cc -o capture capture.c $(pkg-config --cflags --libs libiiobridge)
 */
#include <iiobridge/iiobridge.h>

#include <stdio.h>
#include <stdlib.h>

#define TIMEOUT_MS 1000

static int failed(void)
{
	fprintf(stderr, "capture: %s\n", iiobridge_message());
	return 1;
}

static int write_scans(struct iiobridge_capture *capture, unsigned long long wanted)
{
	const size_t scan = iiobridge_capture_route(capture)->bytes_per_scan;
	static char data[1 << 18];

	for (unsigned long long done = 0; done < wanted;) {
		const size_t room = sizeof(data) / scan;
		struct iiobridge_piece piece;
		ssize_t got;

		got = iiobridge_capture_read(capture, data,
					     wanted - done < room ? (size_t)(wanted - done) : room,
					     TIMEOUT_MS, &piece);
		if (got < 0)
			return failed();
		if (got > 0 && piece.flags & IIOBRIDGE_PIECE_GAP)
			fprintf(stderr, "before scan %llu: %llu lost\n", done,
				(unsigned long long)piece.scans_lost);
		if (fwrite(data, scan, (size_t)got, stdout) < (size_t)got) {
			perror("capture: standard output");
			return 1;
		}
		done += (unsigned long long)got;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct iiobridge_capture *capture;
	struct iiobridge_statistics end;
	struct iiobridge_board *board;
	int route, status;

	if (argc < 2) {
		fprintf(stderr, "usage: capture SCANS [SERIAL]\n");
		return 2;
	}
	if (iiobridge_open(argc > 2 ? argv[2] : NULL, &board) < 0)
		return failed();
	route = iiobridge_find_route(board, NULL, IIOBRIDGE_CAPTURE);
	if (route < 0 || iiobridge_capture_start(board, (unsigned int)route, NULL, &capture) < 0) {
		iiobridge_close(board);
		return failed();
	}
	status = write_scans(capture, strtoull(argv[1], NULL, 10));
	if (iiobridge_capture_stop(capture, &end) < 0)
		status = failed();
	fprintf(stderr, "%llu scans lost in %llu gaps\n", (unsigned long long)end.scans_lost,
		(unsigned long long)end.gaps);
	iiobridge_close(board);
	return status;
}
