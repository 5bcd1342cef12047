/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_host_subscriber.h - a subscriber of samples, by the real library, and endpoints for it
 *
 * A sample begins with its number, so that a subscriber sees which ones it got. To be included
 * behind what cmocka.h needs.
 */
#ifndef TEST_HOST_SUBSCRIBER_H
#define TEST_HOST_SUBSCRIBER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <zmq.h>

#define WAIT_MS	    20000 /* for what must happen soon */
#define MESSAGE_MAX 65536

static char folder[] = "/tmp/iiobridge-test-XXXXXX";
static char ipc[64];	/* an endpoint */
static char tcp[64];	/* another one, whose port nobody else gets meanwhile */
static int port_holder; /* the socket that sees to that */

struct subscriber {
	void *context, *socket;
	size_t sample_size;
	uint32_t first; /* number of the first sample */
	uint32_t next;
	bool whole; /* each message was a whole number of samples, whose numbers went on */
	uint32_t until;
	unsigned int pause_us; /* before each message */
	uint8_t data[MESSAGE_MAX];
};

static inline void subscribe(struct subscriber *subscriber, const char *endpoint,
			     size_t sample_size, int messages)
{
	const int wait_ms = WAIT_MS, retry_ms = 1;

	memset(subscriber, 0, sizeof(*subscriber));
	subscriber->sample_size = sample_size;
	subscriber->whole = true;
	subscriber->context = zmq_ctx_new();
	subscriber->socket = zmq_socket(subscriber->context, ZMQ_SUB);
	assert_non_null(subscriber->socket);
	zmq_setsockopt(subscriber->socket, ZMQ_RCVHWM, &messages, sizeof(messages));
	zmq_setsockopt(subscriber->socket, ZMQ_RCVTIMEO, &wait_ms, sizeof(wait_ms));
	zmq_setsockopt(subscriber->socket, ZMQ_RECONNECT_IVL, &retry_ms, sizeof(retry_ms));
	zmq_setsockopt(subscriber->socket, ZMQ_SUBSCRIBE, "", 0);
	assert_int_equal(zmq_connect(subscriber->socket, endpoint), 0);
}

static inline void leave(struct subscriber *subscriber)
{
	const int linger = 0;

	zmq_setsockopt(subscriber->socket, ZMQ_LINGER, &linger, sizeof(linger));
	zmq_close(subscriber->socket);
	zmq_ctx_term(subscriber->context);
}

/* Takes a message; returns whether there was one. */
static inline bool take(struct subscriber *subscriber, int flags)
{
	const int size = zmq_recv(subscriber->socket, subscriber->data, MESSAGE_MAX, flags);
	uint32_t number;

	if (size < 0)
		return false;
	if (size == 0 || size > MESSAGE_MAX || (size_t)size % subscriber->sample_size)
		subscriber->whole = false;
	for (size_t at = 0; subscriber->whole && at < (size_t)size; at += subscriber->sample_size) {
		memcpy(&number, subscriber->data + at, sizeof(number));
		if (subscriber->next == 0)
			subscriber->first = subscriber->next = number;
		subscriber->whole = number == subscriber->next++;
	}
	return true;
}

/* Takes what comes until it has the sample before @until. */
static inline void *take_all(void *context)
{
	struct subscriber *subscriber = context;

	while (subscriber->next < subscriber->until && subscriber->whole) {
		if (subscriber->pause_us)
			usleep(subscriber->pause_us);
		if (!take(subscriber, 0))
			break;
	}
	return NULL;
}

/* A port that is bound, but on which nobody listens, is one for whoever says so, too. */
static inline int make_endpoints(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	const int yes = 1;

	(void)state;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	port_holder = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(port_holder, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(port_holder, (struct sockaddr *)&address, size) < 0 ||
	    getsockname(port_holder, (struct sockaddr *)&address, &size) < 0 || !mkdtemp(folder))
		return -1;
	snprintf(tcp, sizeof(tcp), "tcp://127.0.0.1:%u", ntohs(address.sin_port));
	snprintf(ipc, sizeof(ipc), "ipc://%s/socket", folder);
	return 0;
}

static inline int remove_endpoints(void **state)
{
	(void)state;
	close(port_holder);
	return rmdir(folder);
}

#endif
