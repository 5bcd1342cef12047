// SPDX-License-Identifier: GPL-2.0-or-later
/* A board in memory, with the library, as programs for SoapySDR use it. */
#include "soapy/device.hpp"

#include "soapy_board.h"

#include <SoapySDR/Constants.h>
#include <SoapySDR/Errors.hpp>
#include <SoapySDR/Formats.hpp>
#include <SoapySDR/Logger.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <csetjmp>
#include <cstdarg>
#include <cstring>
#include <stdexcept>
#include <thread>

extern "C" {
#include <cmocka.h>
}

#define RX	   SOAPY_SDR_RX
#define TX	   SOAPY_SDR_TX
#define TIMEOUT_US 100000000 /* for what must come */
#define SHORT_US   1000

using strings = std::vector<std::string>;

static SoapySDR::Device *device;
static SoapySDR::Stream *opened;

/* After what the board shall be. */
static void open_device()
{
	device = new bridge(SoapySDR::Kwargs());
}

static void activate(int direction, const char *format, const SoapySDR::Kwargs &args = {})
{
	opened = device->setupStream(direction, format, {}, args);
	assert_int_equal(device->activateStream(opened), 0);
}

static int set_up(void **)
{
	SoapySDR::setLogLevel(SOAPY_SDR_FATAL);
	board_reset();
	device = nullptr;
	opened = nullptr;
	return 0;
}

static int tear_down(void **)
{
	delete device;
	return board_check();
}

/* What is thrown has this in its sentence. */
template <typename Call> static void assert_throws(const char *part, Call call)
{
	std::string message;

	try {
		call();
	} catch (const std::runtime_error &error) {
		message = error.what();
	}
	if (message.find(part) == std::string::npos)
		fail_msg("\"%s\" does not have \"%s\"", message.c_str(), part);
}

static void assert_near(double found, double wanted, double by)
{
	if (std::abs(found - wanted) > by)
		fail_msg("%f instead of %f", found, wanted);
}

/* One call, of one channel. */
static int read(void *buffer, size_t count, long long &time_ns, int &flags, long timeout_us)
{
	void *const buffers[] = { buffer };

	return device->readStream(opened, buffers, count, flags, time_ns, timeout_us);
}

/* As many as are wanted, and the time of the first one; there is no gap. */
static long long read_all(void *buffer, size_t count, size_t size)
{
	auto to = static_cast<uint8_t *>(buffer);
	long long first_ns = 0, time_ns = 0;
	int flags;

	for (size_t done = 0; done < count;) {
		const int r = read(to + done * size, count - done, time_ns, flags, TIMEOUT_US);

		assert_true(r > 0);
		assert_int_equal(flags, SOAPY_SDR_HAS_TIME);
		first_ns = done ? first_ns : time_ns;
		done += (size_t)r;
	}
	return first_ns;
}

/* ---- channels and formats ---- */

static void each_two_of_an_even_number_of_channels_are_a_pair(void **)
{
	board_set_channels(4, 15);
	open_device();
	assert_int_equal(device->getNumChannels(RX), 2);
	assert_int_equal(device->getNumChannels(TX), 0);
	assert_true(device->getStreamFormats(RX, 1) == (strings{ "CS8", "CS16", "CF32" }));
	assert_throws("there is no channel 2: there are 2", [] { device->getSampleRate(RX, 2); });
}

static void an_odd_number_of_channels_is_real(void **)
{
	board_set_channels(4, 7);
	open_device();
	assert_int_equal(device->getNumChannels(RX), 3);
	assert_true(device->getStreamFormats(RX, 2) ==
		    (strings{ "S8", "S16", "F32", "CS8", "CS16", "CF32" }));
	assert_true(device->getChannelInfo(RX, 2).count("q") == 0);
}

static void two_pairs_are_read_at_once(void **)
{
	static int16_t first[200], second[200];
	void *const buffers[] = { first, second };
	long long time_ns;
	int flags;

	board_set_channels(4, 15);
	open_device();
	opened = device->setupStream(RX, "CS16", { 0, 1 });
	device->activateStream(opened);
	assert_int_equal(device->readStream(opened, buffers, 100, flags, time_ns, TIMEOUT_US), 100);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(first[2 * i], i);
		assert_int_equal(first[2 * i + 1], 0);
		assert_int_equal(second[2 * i], (int16_t)0xa5a5);
	}
}

static void a_real_channel_has_a_q_of_0(void **)
{
	static float samples[2000];
	static int16_t small[2000];

	board_set_channels(1, 1);
	open_device();
	activate(RX, "CF32");
	read_all(samples, 1000, 8);
	for (int i = 0; i < 1000; i++) {
		assert_near(samples[2 * i], i / 32768.0, 1e-9);
		assert_near(samples[2 * i + 1], 0, 0);
	}
	device->closeStream(opened);
	activate(RX, "S16");
	read_all(small, 1000, 2);
	assert_int_equal(small[999], 999);
}

static void a_real_channel_is_sent_without_q(void **)
{
	static int16_t samples[2000];
	const void *const buffers[] = { samples };
	const uint8_t *received;
	size_t size;
	int flags = SOAPY_SDR_END_BURST;

	for (int i = 0; i < 1000; i++) {
		samples[2 * i] = (int16_t)(i - 500);
		samples[2 * i + 1] = 77;
	}
	board_set_channels(1, 1);
	board_make_tx();
	open_device();
	activate(TX, "CS16");
	assert_int_equal(device->writeStream(opened, buffers, 1000, flags, 0, TIMEOUT_US), 1000);
	assert_int_equal(device->deactivateStream(opened), 0);
	received = board_received(&size);
	/* The route to the DAC has two channels, which are a pair. */
	assert_true(size >= 4000);
	assert_int_equal(static_cast<int16_t>(received[0] | received[1] << 8), -500);
}

static void full_scale_is_that_of_the_valid_bits(void **)
{
	double full_scale;

	board_set_bits(12, 16);
	open_device();
	assert_string_equal(device->getNativeStreamFormat(RX, 0, full_scale).c_str(), "CS16");
	assert_near(full_scale, 2048, 0);
}

static void a_stream_has_the_block_and_the_memory_that_are_asked_for(void **)
{
	open_device();
	const auto args = device->getStreamArgsInfo(RX, 0);

	assert_int_equal(args.size(), 2);
	assert_string_equal(args[0].key.c_str(), "block_size");
	assert_string_equal(args[0].value.c_str(), "65536");
	assert_near(args[0].range.maximum(), 4194304, 0);
	assert_string_equal(args[1].key.c_str(), "memory");
	opened = device->setupStream(RX, "CS16", {}, { { "block_size", "8192" } });
	assert_int_equal(device->getStreamMTU(opened), 2048);
	device->closeStream(opened);
	assert_int_equal(device->getStreamMTU(opened), 2048);
	assert_throws("block_size is a number of bytes, not \"8k\"", [] {
		device->setupStream(RX, "CS16", {}, { { "block_size", "8k" } });
	});
	assert_throws("too large", [] {
		device->setupStream(RX, "CS16", {}, { { "block_size", "9999999" } });
	});
}

/* ---- time ---- */

static void the_clock_is_that_of_the_samples(void **)
{
	static int16_t samples[2 * BOARD_SAMPLES];
	long long first_ns, later_ns;

	open_device();
	assert_true(device->hasHardwareTime(""));
	assert_false(device->hasHardwareTime("other"));
	assert_int_equal(device->getHardwareTime(""), 0);
	activate(RX, "CS16");
	read_all(samples, BOARD_SAMPLES, 4);
	first_ns = device->getHardwareTime("");
	assert_true(first_ns > BOARD_FIRST_NS);
	do
		later_ns = device->getHardwareTime("");
	while (later_ns <= first_ns);
	device->deactivateStream(opened);
	assert_int_equal(device->getHardwareTime(""), 0);
}

/* ---- streams ---- */

static void a_gap_is_told_once(void **)
{
	static int16_t samples[2 * BOARD_SAMPLES];
	long long time_ns, gap_ns;
	int flags;

	board_lose(1, 500);
	open_device();
	activate(RX, "CS16");
	read_all(samples, BOARD_SAMPLES, 4);
	assert_int_equal(read(samples, 10, gap_ns, flags, TIMEOUT_US), SOAPY_SDR_OVERFLOW);
	assert_int_equal(read(samples, 10, time_ns, flags, TIMEOUT_US), 10);
	assert_int_equal(time_ns, gap_ns);
	assert_near((double)time_ns, BOARD_FIRST_NS + 1000 * (BOARD_SAMPLES + 500.0), 2);
	assert_int_equal((uint16_t)samples[0], (BOARD_SAMPLES + 500) & 0xffff);
}

/* SoapySDRServer reads, and asks, before it activates. */
static void a_stream_that_does_not_run_waits_its_time(void **)
{
	int16_t samples[2];
	const void *const buffers[] = { samples };
	long long time_ns;
	size_t mask;
	int flags = 0;

	board_make_tx();
	open_device();
	opened = device->setupStream(RX, "CS16");
	assert_int_equal(read(samples, 1, time_ns, flags, SHORT_US), SOAPY_SDR_TIMEOUT);
	assert_int_equal(device->readStreamStatus(opened, mask, flags, time_ns, SHORT_US),
			 SOAPY_SDR_NOT_SUPPORTED);
	device->closeStream(opened);
	assert_int_equal(read(samples, 1, time_ns, flags, SHORT_US), SOAPY_SDR_STREAM_ERROR);
	opened = device->setupStream(TX, "CS16");
	assert_int_equal(device->writeStream(opened, buffers, 1, flags, 0, SHORT_US),
			 SOAPY_SDR_TIMEOUT);
	assert_int_equal(device->readStreamStatus(opened, mask, flags, time_ns, SHORT_US),
			 SOAPY_SDR_TIMEOUT);
	flags = SOAPY_SDR_HAS_TIME;
	assert_int_equal(device->writeStream(opened, buffers, 1, flags, 5, SHORT_US),
			 SOAPY_SDR_NOT_SUPPORTED);
}

/* Between two bursts there is nothing to tell, which is no error. */
static void who_asks_for_underflows_waits_for_the_next_burst(void **)
{
	static int16_t samples[200];
	const void *const buffers[] = { samples };
	std::atomic<bool> done{ false };
	long long time_ns;
	size_t mask;
	int flags;

	board_make_tx();
	open_device();
	activate(TX, "CS16");
	std::thread asker([&] {
		long long when_ns;
		size_t channels;
		int bits;

		while (!done)
			assert_int_equal(
				device->readStreamStatus(opened, channels, bits, when_ns, SHORT_US),
				SOAPY_SDR_TIMEOUT);
	});
	for (int i = 0; i < 20; i++) {
		flags = SOAPY_SDR_END_BURST;
		assert_int_equal(device->writeStream(opened, buffers, 100, flags, 0, TIMEOUT_US),
				 100);
	}
	done = true;
	asker.join();
	assert_int_equal(device->deactivateStream(opened), 0);
	assert_int_equal(device->activateStream(opened), 0);
	assert_int_equal(device->readStreamStatus(opened, mask, flags, time_ns, SHORT_US),
			 SOAPY_SDR_TIMEOUT);
}

/* ---- samples where the library has them ---- */

static void blocks_are_read_where_they_are(void **)
{
	const void *buffers[1];
	size_t place, other;
	long long time_ns;
	int flags;

	open_device();
	activate(RX, "CS16");
	assert_true(device->getNumDirectAccessBuffers(opened) >= 2);
	assert_int_equal(
		device->acquireReadBuffer(opened, place, buffers, flags, time_ns, TIMEOUT_US),
		BOARD_SAMPLES);
	assert_int_equal(flags, SOAPY_SDR_HAS_TIME);
	const auto first = static_cast<const uint16_t *>(buffers[0]);

	assert_int_equal(
		device->acquireReadBuffer(opened, other, buffers, flags, time_ns, TIMEOUT_US),
		BOARD_SAMPLES);
	assert_int_not_equal(place, other);
	assert_int_equal(*static_cast<const uint16_t *>(buffers[0]), BOARD_SAMPLES);
	assert_near((double)time_ns, BOARD_FIRST_NS + 1e3 * BOARD_SAMPLES, 2);
	/* It stays when the stream stops. */
	device->deactivateStream(opened);
	assert_int_equal(first[2 * 1000], 1000);
	device->releaseReadBuffer(opened, other);
	device->releaseReadBuffer(opened, other);
	device->activateStream(opened);
	assert_int_equal(
		device->acquireReadBuffer(opened, other, buffers, flags, time_ns, TIMEOUT_US),
		BOARD_SAMPLES);
	device->closeStream(opened);
	device->releaseReadBuffer(opened, place);
}

static void no_more_blocks_are_acquired_than_there_are(void **)
{
	const void *buffers[1];
	size_t place, count;
	long long time_ns;
	int flags;

	open_device();
	activate(RX, "CS16");
	count = device->getNumDirectAccessBuffers(opened);
	for (size_t i = 0; i < count; i++)
		assert_true(device->acquireReadBuffer(opened, place, buffers, flags, time_ns,
						      TIMEOUT_US) > 0);
	assert_int_equal(
		device->acquireReadBuffer(opened, place, buffers, flags, time_ns, SHORT_US),
		SOAPY_SDR_STREAM_ERROR);
	device->releaseReadBuffer(opened, 3);
	assert_true(device->acquireReadBuffer(opened, place, buffers, flags, time_ns, TIMEOUT_US) >
		    0);
	assert_int_equal(place, 3);
}

/* What is not valid of a value may be anything, and floats are made. */
static void only_what_needs_no_conversion_is_read_where_it_is(void **)
{
	const void *buffers[1];
	size_t place;
	long long time_ns;
	int flags;

	open_device();
	opened = device->setupStream(RX, "CF32");
	assert_int_equal(device->getNumDirectAccessBuffers(opened), 0);
	assert_int_equal(
		device->acquireReadBuffer(opened, place, buffers, flags, time_ns, SHORT_US),
		SOAPY_SDR_NOT_SUPPORTED);
	device->closeStream(opened);
	delete device;
	board_set_bits(12, 16);
	open_device();
	opened = device->setupStream(RX, "CS16");
	assert_int_equal(device->getNumDirectAccessBuffers(opened), 0);
}

static void samples_are_put_where_they_are_sent_from(void **)
{
	const uint8_t *received;
	void *buffers[1];
	size_t place, size;
	int flags = 0;

	board_make_tx();
	open_device();
	activate(TX, "CS16");
	assert_int_equal(device->getNumDirectAccessBuffers(opened), 1);
	for (int i = 0; i < 3; i++) {
		assert_true(device->acquireWriteBuffer(opened, place, buffers, TIMEOUT_US) >= 1000);
		memset(buffers[0], i + 1, 4000);
		flags = i == 2 ? SOAPY_SDR_END_BURST : 0;
		device->releaseWriteBuffer(opened, place, 1000, flags, 0);
	}
	/* One that was acquired before the stream was stopped is not sent. */
	assert_true(device->acquireWriteBuffer(opened, place, buffers, TIMEOUT_US) > 0);
	assert_int_equal(device->deactivateStream(opened), 0);
	received = board_received(&size);
	assert_true(size >= 12000);
	assert_int_equal(received[0], 1);
	assert_int_equal(received[4000], 2);
	assert_int_equal(received[11999], 3);
	assert_int_equal(received[12000], 0);
	assert_int_equal(device->activateStream(opened), 0);
	flags = 0;
	device->releaseWriteBuffer(opened, place, 1000, flags, 0);
	assert_true(device->acquireWriteBuffer(opened, place, buffers, TIMEOUT_US) > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main()
{
	const struct CMUnitTest tests[] = {
		TEST(each_two_of_an_even_number_of_channels_are_a_pair),
		TEST(an_odd_number_of_channels_is_real),
		TEST(two_pairs_are_read_at_once),
		TEST(a_real_channel_has_a_q_of_0),
		TEST(a_real_channel_is_sent_without_q),
		TEST(full_scale_is_that_of_the_valid_bits),
		TEST(a_stream_has_the_block_and_the_memory_that_are_asked_for),
		TEST(the_clock_is_that_of_the_samples),
		TEST(a_gap_is_told_once),
		TEST(a_stream_that_does_not_run_waits_its_time),
		TEST(who_asks_for_underflows_waits_for_the_next_burst),
		TEST(blocks_are_read_where_they_are),
		TEST(no_more_blocks_are_acquired_than_there_are),
		TEST(only_what_needs_no_conversion_is_read_where_it_is),
		TEST(samples_are_put_where_they_are_sent_from),
	};

	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
