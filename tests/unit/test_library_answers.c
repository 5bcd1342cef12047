// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is believed of the answers of a board.
 */
#include "library/internal.h"

#include "test_library_call.h"

#define PROTOCOL IIOBRIDGE_ERROR_PROTOCOL
#define ROUTE	 (&fake.routes[0])

static struct iiobridge_board *board;

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	board = NULL;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	iiobridge_board_close(board);
	return fake_check();
}

static void open_board(void)
{
	assert_int_equal(iiobridge_board_open(NULL, &board), 0);
}

static void a_short_answer_is_not_believed(void **state)
{
	(void)state;
	fake.short_request = IIOBRIDGE_GET_DEVICE;
	assert_int_equal(open_once(NULL), PROTOCOL);
	assert_message("with 1 bytes; it must be at least 96");
}

static bool answer_more(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
			int *result)
{
	(void)value;
	(void)data;
	if (request != IIOBRIDGE_GET_DEVICE)
		return false;
	/* A newer board has more, of which the bus brings what was asked for. */
	assert_int_equal(length, sizeof(fake.info));
	*result = fake_answer(&fake.info, sizeof(fake.info), data, length);
	return true;
}

static void no_more_is_asked_for_than_is_known(void **state)
{
	(void)state;
	fake.on_request = answer_more;
	assert_int_equal(open_once(NULL), 0);
}

static void another_major_version_is_refused_and_a_minor_one_is_not(void **state)
{
	unsigned int major, minor;

	(void)state;
	fake.info.version_major = 2;
	assert_int_equal(open_once(NULL), PROTOCOL);
	assert_string_equal(iiobridge_error_message(),
			    "the board speaks protocol 2.0, this program 1.x");
	fake.info.version_major = 1;
	fake.info.version_minor = 99;
	open_board();
	iiobridge_board_protocol(board, &major, &minor);
	assert_int_equal(major, 1);
	assert_int_equal(minor, 99);
	fake.info.route_count = IIOBRIDGE_MAX_ROUTES + 1;
	assert_int_equal(open_once(NULL), PROTOCOL);
}

static void records_must_be_on_an_endpoint_that_the_host_reads(void **state)
{
	(void)state;
	fake.info.endpoint_records = 0x01;
	assert_int_equal(open_once(NULL), PROTOCOL);
	assert_message("0x01 for records");
	fake.info.endpoint_records = 0;
	assert_int_equal(open_once(NULL), PROTOCOL);
	fake.info.endpoint_records = 0x8e;
	assert_int_equal(open_once(NULL), PROTOCOL);
	assert_message("endpoint 0x8e");
}

static int get_route(void)
{
	struct iiobridge_route *route;
	const int r = iiobridge_route_get(board, 0, &route);

	if (r == 0)
		iiobridge_route_free(route);
	return r;
}

static void text_without_an_end_is_refused(void **state)
{
	struct iiobridge_board_error error;

	(void)state;
	open_board();
	memset(fake.info.model, 'x', sizeof(fake.info.model));
	assert_int_equal(open_once(NULL), PROTOCOL);
	assert_message("GET_DEVICE has text without an end");
	memset(fake.channel.id, 'x', sizeof(fake.channel.id));
	assert_int_equal(get_route(), PROTOCOL);
	assert_message("GET_CHANNEL has text");
	memset(ROUTE->info.device, 'x', sizeof(ROUTE->info.device));
	assert_int_equal(get_route(), PROTOCOL);
	assert_message("GET_ROUTE has text");
	memset(fake.error.message, 'x', sizeof(fake.error.message));
	assert_int_equal(iiobridge_board_last_error(board, &error), PROTOCOL);
	assert_message("GET_ERROR has text");
}

static void samples_must_be_on_endpoints_of_their_direction(void **state)
{
	(void)state;
	open_board();
	ROUTE->info.endpoint_in = 0x01;
	assert_int_equal(get_route(), PROTOCOL);
	assert_string_equal(iiobridge_error_message(),
			    "route 0 (rx) names endpoint 0x01 for what the host reads and 0x00 for "
			    "what it writes: one of them has the other direction");
	ROUTE->info.endpoint_in = 0;
	ROUTE->info.endpoint_out = 0x81;
	assert_int_equal(get_route(), PROTOCOL);
	ROUTE->info.endpoint_in = 0x81;
	ROUTE->info.endpoint_out = 0x01;
	assert_int_equal(get_route(), 0);
}

static bool answer_unknown_state(uint8_t request, uint16_t value, uint8_t *data, uint16_t length,
				 int *result)
{
	(void)value;
	if (request != IIOBRIDGE_GET_STATISTICS)
		return false;
	memset(data, 0, length);
	data[0] = 2;
	*result = length;
	return true;
}

static void values_beyond_the_protocol_are_refused(void **state)
{
	static const struct iiobridge_route_info routes[] = {
		{ .direction = IIOBRIDGE_LINK_TEST + 1 },
		{ .state = IIOBRIDGE_RUNNING + 1 },
		{ .transfer = IIOBRIDGE_COPY_EARLY + 1 },
		{ .cyclic = IIOBRIDGE_CYCLIC_KERNEL + 1 },
		{ .repeating = IIOBRIDGE_REPEATING_KERNEL + 1 },
		{ .channel_count = IIOBRIDGE_MAX_CHANNELS + 1 },
		{ .channel_count = 2, .channel_mask = 0x4 },
		{ .channel_count = 0, .channel_mask = 0x1 },
	};
	static const struct iiobridge_channel_info channels[] = {
		{ .bits = 16, .storage_bits = 0 },
		{ .bits = 16, .storage_bits = 12 },
		{ .bits = 0, .storage_bits = 16 },
		{ .bits = 16, .storage_bits = 16, .shift = 1 },
		{ .bits = 16, .storage_bits = 16, .big_endian = 2 },
		{ .bits = 16, .storage_bits = 16, .is_signed = 2 },
	};
	struct iiobridge_statistics_info statistics;

	(void)state;
	open_board();
	for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++) {
		fake.channel = channels[i];
		assert_int_equal(get_route(), PROTOCOL);
	}
	fake.channel = (struct iiobridge_channel_info){ .bits = 1, .storage_bits = 8 };
	ROUTE->info.channel_count = IIOBRIDGE_MAX_CHANNELS;
	ROUTE->info.channel_mask = UINT32_MAX;
	assert_int_equal(get_route(), 0);
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		ROUTE->info = routes[i];
		assert_int_equal(get_route(), PROTOCOL);
	}
	fake.on_request = answer_unknown_state;
	assert_int_equal(iiobridge_route_statistics(board, 0, &statistics), PROTOCOL);
	assert_message("unknown state 2");
}

static void text_cannot_command_the_terminal(void **state)
{
	(void)state;
	strcpy(fake.info.model, "a\033[2J\x7f\xc2\x9b"
				"1m \xc3\xa9\n");
	open_board();
	assert_string_equal(iiobridge_board_model(board), "a?[2J???1m \xc3\xa9?");
}

/* The examples of RFC 3629 and of chapter 3.9 of the Unicode standard. */
static void text_that_is_not_utf_8_is_replaced(void **state)
{
	static const struct {
		const char *text, *clean;
	} texts[] = {
		{ "\x80z", "?z" },
		{ "\xc0\xafz", "??z" },
		{ "\xe0\x80\xafz", "???z" },
		{ "\xf0\x80\x80\xafz", "????z" },
		{ "\xed\xa0\x80z", "???z" },
		{ "\xf4\x90\x80\x80z", "????z" },
		{ "\xf5\xff\xc2", "???" },
		{ "\xe2\x82", "??" },
		{ "\xc2z", "?z" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa1", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa1" },
		{ "\xf4\x8f\xbf\xbf\xed\x9f\xbf", "\xf4\x8f\xbf\xbf\xed\x9f\xbf" },
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		strcpy(text, texts[i].text);
		text_clean(text);
		assert_string_equal(text, texts[i].clean);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(a_short_answer_is_not_believed),
		TEST(no_more_is_asked_for_than_is_known),
		TEST(another_major_version_is_refused_and_a_minor_one_is_not),
		TEST(records_must_be_on_an_endpoint_that_the_host_reads),
		TEST(text_without_an_end_is_refused),
		TEST(samples_must_be_on_endpoints_of_their_direction),
		TEST(values_beyond_the_protocol_are_refused),
		TEST(text_cannot_command_the_terminal),
		TEST(text_that_is_not_utf_8_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
