// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Samples that are published by ZeroMQ, as subscribers of the real library get them.
 */
#include "host/files/failure.h"
#include "host/files/output.h"
#include "host/files/publisher.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_host_subscriber.h"

#define SAMPLE_MAX   20000
#define PIECE_MAX    (2 * SAMPLE_MAX) /* what is written at once, of which a message is a part */
#define GREETING_MAX 1000000

static struct failure failure;

/* What is published: samples from number 1 on. */
struct publication {
	struct output *output;
	size_t sample_size;
	uint32_t next;
	uint8_t samples[PIECE_MAX];
};

static void publish(struct publication *publication, const char *endpoint, size_t sample_size)
{
	memset(publication, 0, sizeof(*publication));
	publication->sample_size = sample_size;
	publication->next = 1;
	failure.message[0] = '\0';
	assert_int_equal(
		output_open_publisher(endpoint, sample_size, NULL, &failure, &publication->output),
		0);
}

/* Writes up to a sample, in pieces that are no multiple of a message. */
static void write_until(struct publication *publication, uint32_t end)
{
	const size_t size = publication->sample_size, most = sizeof(publication->samples) / size;

	while (publication->next < end) {
		const size_t left = end - publication->next, count = left < most ? left : most;

		for (size_t i = 0; i < count; i++, publication->next++)
			memcpy(publication->samples + i * size, &publication->next,
			       sizeof(publication->next));
		assert_int_equal(
			output_write(publication->output, publication->samples, count * size), 0);
	}
}

/* Writes until a subscriber gets something, from where on it gets all. */
static void greet(struct publication *publication, struct subscriber *subscriber)
{
	while (!take(subscriber, ZMQ_DONTWAIT)) {
		assert_true(publication->next < GREETING_MAX);
		write_until(publication, publication->next + 1);
		usleep(10);
	}
}

/* Ends the publication; returns how many samples nobody heard. */
static uint32_t finish(struct publication *publication)
{
	uint64_t written, unheard;

	assert_int_equal(output_finish(publication->output, &written), 0);
	assert_int_equal(written, (publication->next - 1) * publication->sample_size);
	unheard = output_unsubscribed(publication->output);
	assert_int_equal(unheard % publication->sample_size, 0);
	assert_int_equal(output_close(publication->output), 0);
	return (uint32_t)(unheard / publication->sample_size);
}

/* Publishes so many samples and more to one subscriber, which gets all from its first on. */
static void all_arrive(const char *endpoint, size_t sample_size, uint32_t count)
{
	static struct publication publication;
	static struct subscriber subscriber;
	pthread_t thread;

	publish(&publication, endpoint, sample_size);
	subscribe(&subscriber, endpoint, sample_size, 1000);
	greet(&publication, &subscriber);
	subscriber.until = publication.next + count;
	assert_int_equal(pthread_create(&thread, NULL, take_all, &subscriber), 0);
	write_until(&publication, subscriber.until);
	assert_int_equal(finish(&publication), subscriber.first - 1);
	pthread_join(thread, NULL);
	assert_true(subscriber.whole);
	assert_int_equal(subscriber.next, subscriber.until);
	leave(&subscriber);
}

static void all_samples_arrive_in_order(void **state)
{
	(void)state;
	all_arrive(tcp, 4, 1000000);
	all_arrive(ipc, 4, 1000000);
	all_arrive("ipc://@iiobridge-test-zmq", 4, 1000);
}

/* Neither what is written nor messages are a multiple of them; one is larger than a message. */
static void messages_are_whole_samples_of_any_size(void **state)
{
	(void)state;
	all_arrive(ipc, 12, 300000);
	all_arrive(ipc, 7, 300000);
	all_arrive(ipc, 36, 100000);
	all_arrive(ipc, SAMPLE_MAX, 200);
}

/* They take one message at a time, and one of them takes a break before each: all wait for it. */
static void slow_subscribers_lose_nothing(const char *endpoint)
{
	static struct publication publication;
	static struct subscriber subscribers[2];
	pthread_t threads[2];
	uint32_t until;

	publish(&publication, endpoint, 12);
	for (size_t i = 0; i < 2; i++) {
		subscribe(&subscribers[i], endpoint, 12, 1);
		greet(&publication, &subscribers[i]);
	}
	until = publication.next + 800000;
	for (size_t i = 0; i < 2; i++) {
		subscribers[i].until = until;
		subscribers[i].pause_us = i ? 0 : 500;
		assert_int_equal(pthread_create(&threads[i], NULL, take_all, &subscribers[i]), 0);
	}
	write_until(&publication, until);
	assert_int_equal(finish(&publication), subscribers[0].first - 1);
	for (size_t i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		assert_true(subscribers[i].whole);
		assert_int_equal(subscribers[i].next, subscribers[i].until);
		leave(&subscribers[i]);
	}
}

static void a_slow_subscriber_loses_nothing(void **state)
{
	(void)state;
	slow_subscribers_lose_nothing(tcp);
	slow_subscribers_lose_nothing(ipc);
}

static void what_nobody_heard_is_counted(void **state)
{
	static struct publication publication;

	(void)state;
	publish(&publication, ipc, 12);
	write_until(&publication, 200001);
	assert_int_equal(finish(&publication), 200000);
}

static void *leave_later(void *context)
{
	usleep(200000);
	leave(context);
	return NULL;
}

/* What is written is more than fits anywhere: the publisher waits when the subscriber leaves. */
static void who_leaves_holds_nobody_up(void **state)
{
	static struct publication publication;
	static struct subscriber subscriber;
	pthread_t thread;

	(void)state;
	publish(&publication, tcp, 4);
	subscribe(&subscriber, tcp, 4, 1);
	greet(&publication, &subscriber);
	assert_int_equal(pthread_create(&thread, NULL, leave_later, &subscriber), 0);
	write_until(&publication, publication.next + 8000000);
	pthread_join(thread, NULL);
	assert_true(finish(&publication) > subscriber.first - 1);
}

/* Fills a publisher until it gives up; returns how many bytes it took. */
static uint64_t fill(struct publisher *publisher)
{
	static const uint8_t data[MESSAGE_MAX];
	uint64_t taken = 0;
	ssize_t r;

	while ((r = publisher_write(publisher, data, sizeof(data))) > 0)
		taken += (uint64_t)r;
	assert_int_equal(r, -ETIMEDOUT);
	return taken;
}

static int end_is_near;

static int is_ending(void)
{
	return end_is_near;
}

static void who_takes_nothing_does_not_hold_up_the_end(void **state)
{
	static struct subscriber subscriber;
	struct publisher_losses losses;
	struct publisher *publisher;
	char reason[256];
	uint64_t taken = 0;

	(void)state;
	assert_int_equal(publisher_open(ipc, 4, 1000, is_ending, &failure, &publisher), 0);
	subscribe(&subscriber, ipc, 4, 1);
	while (!take(&subscriber, ZMQ_DONTWAIT))
		taken += (uint64_t)publisher_write(publisher, (const uint8_t[4]){ 1 }, 4);
	end_is_near = 1;
	taken += fill(publisher);
	publisher_finish(publisher, &losses);
	assert_in_range(losses.undelivered, 1 << 20, taken);
	publisher_explain(publisher, -ETIMEDOUT, 5);
	snprintf(reason, sizeof(reason),
		 "zmq:%s: a subscriber has taken nothing for 1 s: %" PRIu64
		 " bytes are not delivered",
		 ipc, losses.undelivered + 5);
	assert_string_equal(failure.message, reason);
	publisher_close(publisher);
	leave(&subscriber);
}

static void cannot_be_published_at(const char *endpoint, int error, const char *reason)
{
	struct output *output;

	assert_int_equal(output_open_publisher(endpoint, 4, NULL, &failure, &output), error);
	assert_non_null(strstr(failure.message, endpoint));
	assert_non_null(strstr(failure.message, reason));
}

static void an_address_in_use_is_told(void **state)
{
	static struct publication publications[2];

	(void)state;
	publish(&publications[0], tcp, 4);
	publish(&publications[1], ipc, 4);
	cannot_be_published_at(tcp, -EADDRINUSE, "Address already in use");
	cannot_be_published_at(ipc, -EADDRINUSE, "Address already in use");
	finish(&publications[0]);
	finish(&publications[1]);
	cannot_be_published_at("tcp://192.0.2.1:5", -EADDRNOTAVAIL, "Cannot assign");
	cannot_be_published_at("ipc:///nowhere/socket", -ENOENT, "No such file");
}

/* The library would remove it. */
static void a_file_is_not_taken_for_a_socket(void **state)
{
	char endpoint[64], *path = endpoint + strlen("ipc://");
	FILE *file;

	(void)state;
	snprintf(endpoint, sizeof(endpoint), "ipc://%s/precious", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	cannot_be_published_at(endpoint, -EEXIST, "no socket");
	assert_int_equal(unlink(path), 0);
}

/* What a program left behind that was killed. */
static void a_socket_that_nobody_has_is_replaced(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", ipc + strlen("ipc://"));
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	all_arrive(ipc, 4, 1000);
}

static void what_is_no_endpoint_is_explained(void **state)
{
	static const struct {
		const char *endpoint, *reason;
	} wrong[] = {
		{ "", "tcp://ADDRESS:PORT or ipc://FILE" },
		{ "udp://127.0.0.1:5555", "tcp://ADDRESS:PORT or ipc://FILE" },
		{ "127.0.0.1:5555", "tcp://ADDRESS:PORT or ipc://FILE" },
		{ "tcp://", "a port from 1 to 65535" },
		{ "tcp://127.0.0.1", "a port from 1 to 65535" },
		{ "tcp://:5555", "a port from 1 to 65535" },
		{ "tcp://*:*", "a port from 1 to 65535" },
		{ "tcp://*:0", "a port from 1 to 65535" },
		{ "tcp://*:65536", "a port from 1 to 65535" },
		{ "tcp://*:5555x", "a port from 1 to 65535" },
		{ "ipc://", "the name of a file" },
		{ "ipc://*", "the name of a file" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(endpoint_check(wrong[i].endpoint, &failure), -EINVAL);
		assert_non_null(strstr(failure.message, wrong[i].endpoint));
		assert_non_null(strstr(failure.message, wrong[i].reason));
	}
	assert_int_equal(endpoint_check("tcp://[::1]:5555", &failure), 0);
	assert_int_equal(endpoint_check("tcp://*:65535", &failure), 0);
	assert_int_equal(endpoint_check("ipc://a", &failure), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_samples_arrive_in_order),
		cmocka_unit_test(messages_are_whole_samples_of_any_size),
		cmocka_unit_test(a_slow_subscriber_loses_nothing),
		cmocka_unit_test(what_nobody_heard_is_counted),
		cmocka_unit_test(who_leaves_holds_nobody_up),
		cmocka_unit_test(who_takes_nothing_does_not_hold_up_the_end),
		cmocka_unit_test(an_address_in_use_is_told),
		cmocka_unit_test(a_file_is_not_taken_for_a_socket),
		cmocka_unit_test(a_socket_that_nobody_has_is_replaced),
		cmocka_unit_test(what_is_no_endpoint_is_explained),
	};

	return cmocka_run_group_tests(tests, make_endpoints, remove_endpoints);
}
