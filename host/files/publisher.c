// SPDX-License-Identifier: GPL-2.0-or-later
#include "publisher.h"

#include "clock.h"
#include "failure.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

/*
 * What waits for a slow subscriber within ZeroMQ is MESSAGES_MAX of MESSAGE_SIZE; more waits in the
 * library. The messages are small, as subscribers count them: one that has 1000 of them
 * waiting, which is the default, takes none before it has half of them behind it.
 */
#define MESSAGE_SIZE ((size_t)16 << 10)
#define MESSAGES_MAX 128

/* So often it looks whether the end is near. */
#define TURN_MS 100
/* So often it looks what subscribers have taken, in the end. */
#define LOOK_MS 10

struct publisher {
	struct failure *failure;
	char *endpoint;
	void *context;
	void *socket;
	unsigned int patience_ms;
	int (*is_ending)(void);
	bool ending;
	bool bound;
	bool stuck; /* a subscriber is */

	size_t message_size; /* a whole number of samples */
	size_t last_size;    /* of the last message */
	uint64_t sent;
	uint64_t undelivered; /* of those that were sent, the last ones */

	uint64_t unsubscribed;

	/* Messages are released by ZeroMQ's own threads. */
	atomic_size_t waiting; /* bytes that are not on their way to all subscribers */
	atomic_uint release_count;
};

struct message {
	struct publisher *publisher;
	size_t size;
	uint8_t data[];
};

/* One that has no subscriber is released by the thread that sends it, while it does. */
static _Thread_local const struct message *being_sent;

/* Called by any thread, for a message that nobody needs any more. */
static void message_release(void *data, void *hint)
{
	struct message *message = hint;
	struct publisher *publisher = message->publisher;

	(void)data;
	publisher->waiting -= message->size;
	publisher->release_count++;
	if (message == being_sent)
		publisher->unsubscribed += message->size;
	free(message);
}

static struct message *message_new(struct publisher *publisher, const uint8_t *data, size_t size)
{
	struct message *message = malloc(sizeof(*message) + size);

	if (!message)
		return NULL;
	message->publisher = publisher;
	message->size = size;
	memcpy(message->data, data, size);
	publisher->waiting += size;
	return message;
}

/* Since when there has been no progress, which is whatever changes; 0: there was some. */
struct patience {
	uint64_t progress;
	uint64_t since_ns;
};

static bool patience_is_over(struct publisher *publisher, struct patience *patience,
			     uint64_t progress)
{
	const bool end_is_near =
		publisher->ending || (publisher->is_ending && publisher->is_ending());
	const uint64_t now = clock_now_ns();

	if (!end_is_near || progress != patience->progress || !patience->since_ns)
		*patience = (struct patience){ progress, now };
	return now - patience->since_ns >= publisher->patience_ms * CLOCK_NS_PER_MS;
}

/* Who subscribes is ZeroMQ's concern; that somebody did would only fill its memory. */
static void forget_subscriptions(struct publisher *publisher)
{
	char subscription[256];

	while (zmq_recv(publisher->socket, subscription, sizeof(subscription), ZMQ_DONTWAIT) >= 0)
		continue;
}

static int send_envelope(struct publisher *publisher, zmq_msg_t *envelope)
{
	struct patience patience = { 0 };

	for (;;) {
		forget_subscriptions(publisher);
		if (zmq_msg_send(envelope, publisher->socket, 0) >= 0)
			return 0;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		if (patience_is_over(publisher, &patience, publisher->release_count))
			return -ETIMEDOUT;
	}
}

static int send_message(struct publisher *publisher, struct message *message)
{
	zmq_msg_t envelope;
	int r;

	if (zmq_msg_init_data(&envelope, message->data, message->size, message_release, message) <
	    0) {
		message_release(message->data, message);
		return -ENOMEM;
	}
	being_sent = message;
	r = send_envelope(publisher, &envelope);
	being_sent = NULL;
	if (r < 0)
		zmq_msg_close(&envelope);
	return r;
}

/* What the kernel has not got rid of may be more than was sent: there is memory around it. */
static void give_up(struct publisher *publisher, uint64_t left)
{
	publisher->stuck = true;
	publisher->undelivered = left < publisher->sent ? left : publisher->sent;
}

ssize_t publisher_write(struct publisher *publisher, const uint8_t *data, size_t size)
{
	const size_t part = size < publisher->message_size ? size : publisher->message_size;
	struct message *message = message_new(publisher, data, part);
	int r;

	r = message ? send_message(publisher, message) : -ENOMEM;
	if (r == -ETIMEDOUT)
		give_up(publisher, publisher->waiting);
	if (r < 0)
		return r;
	publisher->last_size = part;
	publisher->sent += part;
	return (ssize_t)part;
}

/*
 * Waits until the kernel has all messages, but for the end of the last one, which ZeroMQ copies.
 * Returns the bytes for which that was in vain, as does what follows.
 */
static uint64_t await_kernel(struct publisher *publisher)
{
	struct patience patience = { 0 };
	uint64_t waiting;

	while ((waiting = publisher->waiting) && !patience_is_over(publisher, &patience, waiting))
		usleep(LOOK_MS * 1000);
	return waiting;
}

/*
 * Waits until the other machine has all. On the same machine, other than by TCP, a subscriber that
 * has as many messages as it wants loses what it has not read when the socket is closed; so it has
 * to have read all, the copied end, too, for which ZeroMQ's thread may be late: hence the second
 * look.
 */
static uint64_t await_readers(struct publisher *publisher)
{
	struct patience patience = { 0 };
	unsigned int empty = 0;
	uint64_t unread;

	do {
		unread = endpoint_unread(publisher->endpoint);
		empty = unread ? 0 : empty + 1;
		usleep(LOOK_MS * 1000);
	} while (empty < 2 && !(unread && patience_is_over(publisher, &patience, unread)));
	return unread;
}

/* Closes the socket when ZeroMQ has sent all, or after so long; 0: at once. */
static uint64_t shut_down(struct publisher *publisher, unsigned int linger_ms)
{
	const uint64_t began = clock_now_ns();
	const int linger = (int)linger_ms;

	if (publisher->bound)
		endpoint_remove(publisher->endpoint);
	publisher->bound = false;
	if (publisher->socket) {
		zmq_setsockopt(publisher->socket, ZMQ_LINGER, &linger, sizeof(linger));
		zmq_close(publisher->socket);
	}
	publisher->socket = NULL;
	while (publisher->context && zmq_ctx_term(publisher->context) < 0 && errno == EINTR)
		continue;
	publisher->context = NULL;
	return clock_now_ns() - began < linger_ms * CLOCK_NS_PER_MS ? 0 : publisher->last_size;
}

static uint64_t deliver(struct publisher *publisher)
{
	uint64_t left;

	left = await_kernel(publisher);
	if (!left)
		left = await_readers(publisher);
	if (left) {
		shut_down(publisher, 0);
		return left;
	}
	return shut_down(publisher, publisher->patience_ms);
}

int publisher_finish(struct publisher *publisher, struct publisher_losses *losses)
{
	uint64_t left = 0;

	publisher->ending = true;
	if (!publisher->stuck)
		left = deliver(publisher);
	if (left)
		give_up(publisher, left);
	shut_down(publisher, 0);
	*losses = (struct publisher_losses){
		.undelivered = publisher->undelivered,
		.unsubscribed = publisher->unsubscribed,
	};
	return left ? -ETIMEDOUT : 0;
}

int publisher_explain(const struct publisher *publisher, int error, uint64_t untaken)
{
	if (error == -ETIMEDOUT)
		return failure_set(publisher->failure, error,
				   ENDPOINT_PREFIX
				   "%s: a subscriber has taken nothing for %u s: %" PRIu64
				   " bytes are not delivered",
				   publisher->endpoint, publisher->patience_ms / 1000,
				   publisher->undelivered + untaken);
	return failure_set(publisher->failure, error,
			   "publishing at " ENDPOINT_PREFIX "%s failed: %s", publisher->endpoint,
			   zmq_strerror(-error));
}

void publisher_close(struct publisher *publisher)
{
	if (!publisher)
		return;
	shut_down(publisher, 0);
	free(publisher->endpoint);
	free(publisher);
}

static int set_option(const struct publisher *publisher, int option, int value)
{
	return zmq_setsockopt(publisher->socket, option, &value, sizeof(value)) < 0 ? -errno : 0;
}

static int open_socket(struct publisher *publisher)
{
	int r = 0;

	publisher->context = zmq_ctx_new();
	publisher->socket = publisher->context ? zmq_socket(publisher->context, ZMQ_XPUB) : NULL;
	if (!publisher->socket)
		return -errno;
	r = r < 0 ? r : set_option(publisher, ZMQ_XPUB_NODROP, 1);
	r = r < 0 ? r : set_option(publisher, ZMQ_SNDHWM, MESSAGES_MAX);
	r = r < 0 ? r : set_option(publisher, ZMQ_SNDTIMEO, TURN_MS);
	r = r < 0 ? r : set_option(publisher, ZMQ_IPV6, strchr(publisher->endpoint, '[') != NULL);
	r = r < 0 ? r : endpoint_is_free(publisher->endpoint);
	if (r == 0 && zmq_bind(publisher->socket, publisher->endpoint) < 0)
		r = -errno;
	publisher->bound = r == 0;
	return r;
}

static int set_up(struct publisher *publisher, const char *endpoint, size_t sample_size)
{
	const size_t samples = MESSAGE_SIZE / sample_size;

	publisher->message_size = sample_size * (samples ? samples : 1);
	publisher->endpoint = strdup(endpoint);
	return publisher->endpoint ? open_socket(publisher) : -ENOMEM;
}

int publisher_open(const char *endpoint, size_t sample_size, unsigned int patience_ms,
		   int (*is_ending)(void), struct failure *failure, struct publisher **ret)
{
	struct publisher *publisher = calloc(1, sizeof(*publisher));
	int r;

	if (!publisher)
		return failure_set(failure, -ENOMEM, "no memory for the output");
	publisher->failure = failure;
	publisher->patience_ms = patience_ms;
	publisher->is_ending = is_ending;
	r = set_up(publisher, endpoint, sample_size);
	if (r == 0) {
		*ret = publisher;
		return 0;
	}
	failure_set(failure, r, ENDPOINT_PREFIX "%s: nothing can be published there: %s", endpoint,
		    r == -EEXIST ? "the file is there already, and is no socket"
				 : zmq_strerror(-r));
	publisher_close(publisher);
	return r;
}
