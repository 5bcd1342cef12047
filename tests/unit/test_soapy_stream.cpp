// SPDX-License-Identifier: GPL-2.0-or-later
/* The library is a fake: a board with two pairs of channels of 16 bits, in samples of 8 bytes. */
#include "soapy/stream.hpp"

#include <SoapySDR/Constants.h>
#include <SoapySDR/Errors.hpp>

#include <csetjmp>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <thread>

extern "C" {
#include <cmocka.h>
}

#define CHANNELS      4
#define BLOCK_SAMPLES 100
#define ROOM_SAMPLES  7
#define ROOM_MAX      1000
#define SHORT_US      1000
#define LONG_US	      100000000

struct iiobridge_route {
};

struct iiobridge_channel {
	const char *id;
};

struct iiobridge_conversion {
	std::vector<unsigned int> channels;
};

/* A wait that only ends when it is cancelled, or its time is over. */
struct waiting {
	std::mutex lock;
	std::condition_variable changed;
	bool cancelled = false;

	int wait(int timeout_ms)
	{
		std::unique_lock<std::mutex> guard(lock);

		changed.wait_for(guard, std::chrono::milliseconds(timeout_ms),
				 [this] { return cancelled; });
		const int r = cancelled ? IIOBRIDGE_ERROR_CANCELLED : 0;

		cancelled = false;
		return r;
	}

	void cancel()
	{
		std::lock_guard<std::mutex> guard(lock);

		cancelled = true;
		changed.notify_all();
	}
};

struct iiobridge_rx {
	waiting samples;
	int16_t data[BLOCK_SAMPLES * CHANNELS];
	int blocks = 0; /* of the run that were taken */
	int acquired = 0;
};

struct iiobridge_tx {
	waiting room, underflows;
};

static iiobridge_route the_route;

/* What a test says, and sees. */
static struct {
	bool is_played;
	int16_t sent[ROOM_MAX * CHANNELS];
	size_t samples;
	int ends, stops, open;
} fake;

extern "C" {

const char *iiobridge_error_message(void)
{
	return "";
}

const iiobridge_channel *iiobridge_route_channel(const iiobridge_route *, unsigned int index)
{
	static const iiobridge_channel channels[] = { { "a_i" }, { "a_q" }, { "b_i" }, { "b_q" } };

	return &channels[index];
}

const char *iiobridge_channel_id(const iiobridge_channel *channel)
{
	return channel->id;
}

unsigned int iiobridge_route_index(const iiobridge_route *)
{
	return 0;
}

size_t iiobridge_route_sample_size(const iiobridge_route *)
{
	return CHANNELS * sizeof(int16_t);
}

size_t iiobridge_route_block_size(const iiobridge_route *)
{
	return BLOCK_SAMPLES * CHANNELS * sizeof(int16_t);
}

double iiobridge_route_sample_rate(const iiobridge_route *)
{
	return 1e6;
}

int iiobridge_route_get(iiobridge_board *, unsigned int, iiobridge_route **route)
{
	*route = &the_route;
	return 0;
}

void iiobridge_route_free(iiobridge_route *)
{
}

/* Its samples have two pairs, which is no layout of one channel's. */
int iiobridge_channel_offset(const iiobridge_channel *)
{
	return -1;
}

unsigned int iiobridge_channel_bits(const iiobridge_channel *)
{
	return 16;
}

unsigned int iiobridge_channel_storage_bits(const iiobridge_channel *)
{
	return 16;
}

unsigned int iiobridge_channel_repeat(const iiobridge_channel *)
{
	return 1;
}

bool iiobridge_channel_is_signed(const iiobridge_channel *)
{
	return true;
}

bool iiobridge_channel_is_big_endian(const iiobridge_channel *)
{
	return false;
}

int iiobridge_conversion_of_route(const iiobridge_route *, const unsigned int *channels,
				  size_t count, int, iiobridge_conversion **conversion)
{
	*conversion = new iiobridge_conversion{ { channels, channels + count } };
	return 0;
}

void iiobridge_conversion_free(iiobridge_conversion *conversion)
{
	delete conversion;
}

void iiobridge_conversion_unpack(const iiobridge_conversion *conversion, const void *samples,
				 size_t count, void *numbers)
{
	auto to = static_cast<int16_t *>(numbers);

	for (size_t i = 0; i < count; i++)
		for (unsigned int channel : conversion->channels)
			*to++ = static_cast<const int16_t *>(samples)[CHANNELS * i + channel];
}

void iiobridge_conversion_pack(const iiobridge_conversion *conversion, const void *numbers,
			       size_t count, void *samples)
{
	auto from = static_cast<const int16_t *>(numbers);

	memset(samples, 0, count * CHANNELS * sizeof(*from));
	for (size_t i = 0; i < count; i++)
		for (unsigned int channel : conversion->channels)
			static_cast<int16_t *>(samples)[CHANNELS * i + channel] = *from++;
}

int iiobridge_rx_open(iiobridge_board *, unsigned int, const iiobridge_stream_settings *settings,
		      iiobridge_rx **rx)
{
	assert_int_equal(settings->channel_mask, 15);
	assert_int_equal(settings->flags, IIOBRIDGE_STREAM_WAIT_FOR_RECORDS);
	*rx = new iiobridge_rx;
	fake.open++;
	return 0;
}

void iiobridge_rx_close(iiobridge_rx *rx)
{
	assert_int_equal(rx->acquired, 0);
	delete rx;
	fake.open--;
}

const iiobridge_route *iiobridge_rx_route(const iiobridge_rx *)
{
	return &the_route;
}

int iiobridge_rx_start(iiobridge_rx *rx)
{
	rx->blocks = 0;
	return 0;
}

int iiobridge_rx_stop(iiobridge_rx *)
{
	return 0;
}

/* Three blocks come, the second behind a gap. */
int iiobridge_rx_acquire(iiobridge_rx *rx, int timeout_ms, iiobridge_block *block)
{
	if (rx->blocks == 3)
		return rx->samples.wait(timeout_ms);
	for (int i = 0; i < BLOCK_SAMPLES * CHANNELS; i++)
		rx->data[i] = (int16_t)(rx->blocks * BLOCK_SAMPLES * CHANNELS + i);
	*block = {};
	block->data = rx->data;
	block->samples = BLOCK_SAMPLES;
	block->time_ns = 1000 + (uint64_t)rx->blocks * 100000;
	block->flags = rx->blocks == 1 ? IIOBRIDGE_BLOCK_GAP : 0;
	rx->blocks++;
	rx->acquired++;
	return 1;
}

void iiobridge_rx_release(iiobridge_rx *rx, const iiobridge_block *)
{
	rx->acquired--;
}

int iiobridge_rx_clock(iiobridge_rx *, iiobridge_clock *)
{
	return 0;
}

void iiobridge_rx_cancel(iiobridge_rx *rx)
{
	rx->samples.cancel();
}

int iiobridge_tx_open(iiobridge_board *, unsigned int, const iiobridge_stream_settings *,
		      iiobridge_tx **tx)
{
	*tx = new iiobridge_tx;
	fake.open++;
	return 0;
}

void iiobridge_tx_close(iiobridge_tx *tx)
{
	delete tx;
	fake.open--;
}

const iiobridge_route *iiobridge_tx_route(const iiobridge_tx *)
{
	return &the_route;
}

int iiobridge_tx_acquire(iiobridge_tx *tx, int timeout_ms, iiobridge_buffer *buffer)
{
	if (fake.samples + ROOM_SAMPLES > ROOM_MAX)
		return tx->room.wait(timeout_ms);
	*buffer = { &fake.sent[fake.samples * CHANNELS], ROOM_SAMPLES };
	return 1;
}

int iiobridge_tx_submit(iiobridge_tx *, size_t samples)
{
	fake.samples += samples;
	return 0;
}

int iiobridge_tx_end(iiobridge_tx *)
{
	fake.ends++;
	return 0;
}

int iiobridge_tx_drain(iiobridge_tx *tx, int timeout_ms)
{
	return fake.is_played ? 1 : tx->room.wait(timeout_ms);
}

int iiobridge_tx_stop(iiobridge_tx *)
{
	fake.samples = 0;
	fake.stops++;
	return 0;
}

int iiobridge_tx_next_underflow(iiobridge_tx *tx, int timeout_ms, iiobridge_underflow *)
{
	return tx->underflows.wait(timeout_ms);
}

void iiobridge_tx_cancel(iiobridge_tx *tx)
{
	tx->room.cancel();
	tx->underflows.cancel();
}
}

/* The second pair is the program's first channel. */
static const std::vector<soapy_channel> pairs = { { &the_route, 2, 3 }, { &the_route, 0, 1 } };

static std::unique_ptr<stream> new_stream(int direction)
{
	return std::make_unique<stream>(nullptr, direction, pairs, "CS16",
					iiobridge_stream_settings{});
}

static int set_up(void **)
{
	fake = {};
	return 0;
}

static int tear_down(void **)
{
	return fake.open;
}

static void a_gap_is_told_on_its_own_with_the_time_of_what_follows(void **)
{
	const auto rx = new_stream(SOAPY_SDR_RX);
	int16_t first[2 * BLOCK_SAMPLES], second[2 * BLOCK_SAMPLES];
	void *const buffers[] = { first, second };
	long long time_ns;
	int flags;
	const auto read = [&](size_t count) {
		return rx->read(buffers, count, flags, time_ns, SHORT_US);
	};

	assert_int_equal(read(60), SOAPY_SDR_TIMEOUT);
	assert_int_equal(rx->change(stream::state::running), 0);
	assert_int_equal(read(60), 60);
	assert_int_equal(flags, SOAPY_SDR_HAS_TIME);
	assert_int_equal(time_ns, 1000);
	assert_int_equal(first[0], 2);
	assert_int_equal(first[3], 7);
	assert_int_equal(second[0], 0);
	assert_int_equal(second[3], 5);
	assert_int_equal(read(60), 40);
	assert_int_equal(time_ns, 61000);
	assert_int_equal(second[0], 240);

	assert_int_equal(read(60), SOAPY_SDR_OVERFLOW);
	assert_int_equal(flags, SOAPY_SDR_HAS_TIME);
	assert_int_equal(time_ns, 101000);
	assert_int_equal(read(60), 60);
	assert_int_equal(time_ns, 101000);
	assert_int_equal(second[0], 400);
	/* What is left of the block is dropped. */
	assert_int_equal(rx->change(stream::state::idle), 0);
	assert_int_equal(rx->change(stream::state::running), 0);
	assert_int_equal(read(1), 1);
	assert_int_equal(second[0], 0);
}

static void channels_are_put_into_one_sample(void **)
{
	const auto tx = new_stream(SOAPY_SDR_TX);
	static int16_t first[1200], second[1200];
	const void *const buffers[] = { first, second };

	for (int i = 0; i < 1200; i++) {
		first[i] = (int16_t)i;
		second[i] = (int16_t)-i;
	}
	tx->change(stream::state::running);
	assert_int_equal(tx->write(buffers, 600, 0, SHORT_US), 600);
	for (int i = 0; i < 600; i++) {
		assert_int_equal(fake.sent[4 * i], second[2 * i]);
		assert_int_equal(fake.sent[4 * i + 1], second[2 * i + 1]);
		assert_int_equal(fake.sent[4 * i + 2], first[2 * i]);
		assert_int_equal(fake.sent[4 * i + 3], first[2 * i + 1]);
	}
	/* As many as there is room for. */
	assert_int_equal(tx->write(buffers, 600, 0, SHORT_US), 399);
	assert_int_equal(tx->write(buffers, 600, 0, SHORT_US), SOAPY_SDR_TIMEOUT);
}

static void a_burst_begins_when_the_one_before_is_played(void **)
{
	const auto tx = new_stream(SOAPY_SDR_TX);
	int16_t samples[20] = {};
	const void *const buffers[] = { samples, samples };
	const auto write = [&](size_t count, int flags) {
		return tx->write(buffers, count, flags, SHORT_US);
	};

	tx->change(stream::state::running);
	/* An empty burst is none. */
	assert_int_equal(write(0, SOAPY_SDR_END_BURST), 0);
	assert_int_equal(fake.ends, 0);
	assert_int_equal(write(10, SOAPY_SDR_END_BURST), 10);
	assert_int_equal(write(0, SOAPY_SDR_END_BURST), 0);
	assert_int_equal(fake.ends, 1);
	assert_int_equal(write(10, 0), SOAPY_SDR_TIMEOUT);
	assert_int_equal(fake.stops, 0);
	fake.is_played = true;
	assert_int_equal(write(9, 0), 9);
	assert_int_equal(fake.stops, 1);
	assert_int_equal(fake.samples, 9);
	assert_int_equal(tx->change(stream::state::idle), 0);
	assert_int_equal(fake.stops, 2);
}

static void a_direction_has_only_its_own_calls(void **)
{
	const auto rx = new_stream(SOAPY_SDR_RX), tx = new_stream(SOAPY_SDR_TX);
	long long time_ns;
	int flags;

	assert_int_equal(rx->write(nullptr, 1, 0, LONG_US), SOAPY_SDR_NOT_SUPPORTED);
	assert_int_equal(rx->status(flags, time_ns, LONG_US), SOAPY_SDR_NOT_SUPPORTED);
	assert_int_equal(tx->read(nullptr, 1, flags, time_ns, LONG_US), SOAPY_SDR_NOT_SUPPORTED);
}

static void read_until_closed(stream *rx)
{
	int16_t first[2 * BLOCK_SAMPLES], second[2 * BLOCK_SAMPLES];
	void *const buffers[] = { first, second };
	long long time_ns;
	int flags, r;

	do
		r = rx->read(buffers, BLOCK_SAMPLES, flags, time_ns, LONG_US);
	while (r > 0 || r == SOAPY_SDR_OVERFLOW);
	assert_int_equal(r, SOAPY_SDR_STREAM_ERROR);
}

static void ask_until_closed(stream *tx)
{
	long long time_ns;
	int flags;

	assert_int_equal(tx->status(flags, time_ns, LONG_US), SOAPY_SDR_STREAM_ERROR);
}

/* Two threads read, which no program should, and none is left behind in a wait. */
static void streams_are_stopped_and_closed_under_threads_that_wait(void **)
{
	for (int i = 0; i < 100; i++) {
		const auto rx = new_stream(SOAPY_SDR_RX), tx = new_stream(SOAPY_SDR_TX);
		std::thread threads[] = {
			std::thread(read_until_closed, rx.get()),
			std::thread(read_until_closed, rx.get()),
			std::thread(ask_until_closed, tx.get()),
		};

		for (int n = 0; n < 6; n++) {
			rx->change(n % 2 ? stream::state::idle : stream::state::running);
			tx->change(n % 2 ? stream::state::idle : stream::state::running);
			if (i % 2)
				std::this_thread::yield();
		}
		rx->change(stream::state::running);
		tx->change(stream::state::running);
		rx->change(stream::state::closed);
		tx->change(stream::state::closed);
		assert_int_equal(fake.open, 0);
		for (std::thread &thread : threads)
			thread.join();
	}
}

int main()
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_gap_is_told_on_its_own_with_the_time_of_what_follows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(channels_are_put_into_one_sample, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_burst_begins_when_the_one_before_is_played,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_direction_has_only_its_own_calls, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			streams_are_stopped_and_closed_under_threads_that_wait, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
