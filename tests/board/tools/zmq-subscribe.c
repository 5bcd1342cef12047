// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * zmq-subscribe - a subscriber of samples, as strict as GNU Radio's
 *
 * zmq-subscribe ENDPOINT ITEM_SIZE >FILE: writes what is published there, and fails with a message
 * that is no whole number of items. It ends when the publisher has gone and nothing more comes.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#define MONITOR "inproc://monitor"
/* What had arrived when the publisher went is there within this time. */
#define LAST_MS 2000

static int complain(const char *what)
{
	fprintf(stderr, "zmq-subscribe: %s: %s\n", what, zmq_strerror(errno));
	return 1;
}

static int write_message(zmq_msg_t *message, size_t item_size)
{
	const size_t size = zmq_msg_size(message);

	if (size == 0 || size % item_size) {
		fprintf(stderr, "zmq-subscribe: a message has %zu bytes, and an item %zu\n", size,
			item_size);
		return 1;
	}
	if (fwrite(zmq_msg_data(message), 1, size, stdout) == size)
		return 0;
	return complain("writing failed");
}

/* Writes what is there. */
static int write_all(void *subscriber, size_t item_size)
{
	zmq_msg_t message;
	int status = 0;

	zmq_msg_init(&message);
	while (status == 0 && zmq_msg_recv(&message, subscriber, ZMQ_DONTWAIT) >= 0)
		status = write_message(&message, item_size);
	zmq_msg_close(&message);
	return status;
}

static int run(void *subscriber, void *monitor, size_t item_size)
{
	zmq_pollitem_t items[] = { { subscriber, 0, ZMQ_POLLIN, 0 },
				   { monitor, 0, ZMQ_POLLIN, 0 } };
	bool gone = false;
	int ready, status;

	do {
		ready = zmq_poll(items, gone ? 1 : 2, gone ? LAST_MS : -1);
		if (ready < 0 && errno != EINTR)
			return complain("waiting failed");
		gone = gone || (items[1].revents & ZMQ_POLLIN);
		status = write_all(subscriber, item_size);
	} while (status == 0 && !(gone && ready == 0));
	return fflush(stdout) == 0 ? status : complain("writing failed");
}

int main(int argc, char **argv)
{
	void *context = zmq_ctx_new();
	void *subscriber = zmq_socket(context, ZMQ_SUB), *monitor = zmq_socket(context, ZMQ_PAIR);
	const size_t item_size = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	const int messages = 4;

	if (item_size == 0) {
		fprintf(stderr, "usage: zmq-subscribe ENDPOINT ITEM_SIZE >FILE\n");
		return 2;
	}
	zmq_setsockopt(subscriber, ZMQ_RCVHWM, &messages, sizeof(messages));
	zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, "", 0);
	if (zmq_socket_monitor(subscriber, MONITOR, ZMQ_EVENT_DISCONNECTED) < 0 ||
	    zmq_connect(monitor, MONITOR) < 0)
		return complain("there is no monitor");
	if (zmq_connect(subscriber, argv[1]) < 0)
		return complain(argv[1]);
	return run(subscriber, monitor, item_size);
}
