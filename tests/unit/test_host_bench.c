// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/bench/bench.h"
#include "host/cmd.h"

#include "test_usb_fake.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "test_host_call.h"

const char *__lsan_default_suppressions(void);

/* Fontconfig keeps what it knows of fonts for the next picture. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig";
}

#define MIB	UINT64_C(1048576)
#define SECOND	UINT64_C(1000000000)
#define RATE(m) (MIB * (m) / 4 * 1000) /* MiB/s as scans of 4 bytes in 1000 s */

#define ROUTE (&fake.routes[0])

static struct iiobridge_board *board;
static struct iiobridge_route *route; /* as the board tells of it */
static struct bench bench;
static struct bench_advice advice;
static char text[4096];

/* The next size: it carried so many MiB/s. */
static struct bench_point *add(uint32_t block_size, uint64_t mib_per_s)
{
	struct bench_point *point = &bench.points[bench.count++];

	*point = (struct bench_point){
		.block_size = block_size,
		.bytes = 2 * mib_per_s * MIB,
		.nanoseconds = 2 * SECOND,
		.transfers = 2 * mib_per_s,
		.cpu_ns = SECOND / 100,
		.statistics.blocks_delivered = 2 * mib_per_s * MIB / block_size,
		.longest_ns = 1500000,
	};
	return point;
}

/* The route as the board tells of it now. */
static const struct iiobridge_route *ask(void)
{
	iiobridge_route_free(route);
	assert_int_equal(iiobridge_route_get(board, 0, &route), 0);
	bench.route = route;
	return route;
}

static const char *printed_point(const struct bench_point *point)
{
	FILE *file = fmemopen(text, sizeof(text), "w");

	bench_print_point(point, file);
	fclose(file);
	return text;
}

static const char *printed_advice(void)
{
	FILE *file = fmemopen(text, sizeof(text), "w");

	ask();
	bench_advise(&bench, &advice);
	bench_print_advice(&advice, file);
	fclose(file);
	return text;
}

static void assert_sizes(uint64_t window_ns, const uint32_t *wanted, size_t count)
{
	uint32_t sizes[BENCH_POINTS_MAX];

	assert_int_equal(bench_sizes(ask(), window_ns, sizes), count);
	assert_memory_equal(sizes, wanted, count * sizeof(sizes[0]));
}

static void sizes_grow_to_the_largest_block(void **state)
{
	static const uint32_t to_1_mib[] = { 16384, 32768, 65536, 131072, 262144, 524288, 1048576 };
	static const uint32_t to_100_kib[] = { 16384, 32768, 65536, 102400 };
	static const uint32_t small[] = { 8192 };

	(void)state;
	ROUTE->info.bytes_per_scan = 4;
	ROUTE->info.block_size_max = 1048576;
	assert_sizes(SECOND, to_1_mib, 7);
	ROUTE->info.block_size_max = 102400;
	assert_sizes(SECOND, to_100_kib, 4);
	ROUTE->info.block_size_max = 8192;
	assert_sizes(SECOND, small, 1);
}

static void sizes_hold_whole_scans_and_packets(void **state)
{
	static const uint32_t sizes[] = { 15360, 30720, 64512, 129024, 261120 };

	(void)state;
	ROUTE->info.bytes_per_scan = 12;
	ROUTE->info.block_size_max = 262144;
	assert_sizes(SECOND, sizes, 5);
}

static void sizes_are_what_the_board_can_have(void **state)
{
	static const uint32_t sizes[] = { 12288, 24576, 61440, 122880, 258048 };

	(void)state;
	ROUTE->info.bytes_per_scan = 6;
	ROUTE->info.block_size_max = 258048;
	ROUTE->info.block_step = 12288;
	assert_sizes(SECOND, sizes, 5);
}

/* At 1 MiB/s four blocks of 256 KiB pass in a second. */
static void sizes_pass_several_times_while_they_are_measured(void **state)
{
	static const uint32_t sizes[] = { 16384, 32768, 65536, 131072, 262144 };

	(void)state;
	ROUTE->info.bytes_per_scan = 4;
	ROUTE->info.block_size_max = 4194304;
	ROUTE->info.sample_rate_millihertz = RATE(1);
	assert_sizes(SECOND, sizes, 5);
	assert_sizes(SECOND / 1000, sizes, 1);
}

/* A route that cannot start has no scan; the board will say why. */
static void there_is_always_a_size(void **state)
{
	static const uint32_t sizes[] = { 16384 };
	uint32_t found[BENCH_POINTS_MAX];

	(void)state;
	ROUTE->info.block_size_max = 16384;
	ROUTE->info.bytes_per_scan = 0;
	assert_sizes(SECOND, sizes, 1);
	ROUTE->info.block_size_max = 0;
	assert_int_equal(bench_sizes(ask(), SECOND, found), 1);
}

static void rates_and_costs_are_those_of_the_time_that_counts(void **state)
{
	const struct bench_point point = {
		.bytes = 512 * MIB,
		.nanoseconds = 4 * SECOND,
		.cpu_ns = SECOND / 2,
	};
	const struct bench_point nothing = { .block_size = 4096 };

	(void)state;
	assert_true(bench_rate(&point) == 128.0);
	assert_true(bench_cpu(&point) == 1000.0);
	assert_true(bench_rate(&nothing) == 0);
	assert_true(bench_cpu(&nothing) == 0);
}

/* 100 MiB/s: 10 ms are 1 MiB, and half a second is 50 of that. */
static void at_the_rate_of_the_converter_blocks_last_for_10_ms(void **state)
{
	(void)state;
	ROUTE->info.sample_rate_millihertz = RATE(100);
	add(262144, 100);
	add(524288, 100);
	add(1048576, 100);
	add(2097152, 100);
	assert_string_equal(
		printed_advice(),
		"\nrecommended: block_size = \"1 MiB\"; blocks = 51;\n"
		"  the smallest blocks without a loss that last for 10 ms: one lasts 10.0 "
		"ms at 100.0 MiB/s\n"
		"  so many blocks last for half a second, and take 51 MiB of the board's "
		"memory\n");
}

static void a_size_with_losses_is_not_recommended(void **state)
{
	(void)state;
	ROUTE->info.sample_rate_millihertz = RATE(100);
	add(524288, 100);
	add(1048576, 100)->statistics.gaps = 1;
	add(2097152, 100)->statistics.samples_lost = 1;
	ask();
	bench_advise(&bench, &advice);
	assert_true(advice.good);
	assert_int_equal(advice.block_size, 524288);
	assert_string_equal(advice.reason, "the largest blocks without a loss: one lasts 5.0 ms at "
					   "100.0 MiB/s");
}

static void without_a_rate_the_smallest_that_is_as_fast_is_recommended(void **state)
{
	(void)state;
	add(65536, 150);
	add(262144, 195);
	add(1048576, 200);
	add(4194304, 190);
	ask();
	bench_advise(&bench, &advice);
	assert_true(advice.good);
	assert_int_equal(advice.block_size, 262144);
	assert_int_equal(advice.blocks, 401);
	assert_non_null(strstr(advice.reason, "as fast as any, 195.0 MiB/s"));
	/* A rate that nobody keeps is as good as none. */
	ROUTE->info.sample_rate_millihertz = RATE(8);
	ask();
	bench_advise(&bench, &advice);
	assert_int_equal(advice.block_size, 262144);
}

static void few_blocks_are_too_few(void **state)
{
	(void)state;
	ROUTE->info.sample_rate_millihertz = RATE(1);
	add(1048576, 1);
	ask();
	bench_advise(&bench, &advice);
	assert_int_equal(advice.blocks, 4);
}

static void where_all_lose_nothing_is_recommended(void **state)
{
	(void)state;
	ROUTE->info.sample_rate_millihertz = RATE(400);
	strcpy(ROUTE->info.device, "adc");
	add(65536, 150)->statistics.gaps = 3;
	add(262144, 180)->statistics.gaps = 1;
	assert_string_equal(printed_advice(),
			    "\nnothing to recommend: samples were lost at every size: adc needs "
			    "400.0 MiB/s, and the fastest way here carried 180.0; a lower sample "
			    "rate, or fewer channels, may do\n");
	ROUTE->info.sample_rate_millihertz = 0;
	assert_non_null(strstr(printed_advice(), "the fastest way here carried 180.0 MiB/s\n"));
	bench.count = 0;
	assert_non_null(strstr(printed_advice(), "nothing moved"));
}

static void the_table_has_a_line_for_each_size(void **state)
{
	FILE *file = fmemopen(text, sizeof(text), "w");
	struct bench_point *point;

	(void)state;
	ROUTE->info.sample_rate_millihertz = RATE(100);
	ROUTE->info.block_count = 16;
	strcpy(ROUTE->info.device, "adc");
	ask();
	bench_print_route(route, file);
	bench_print_columns(route, file);
	fclose(file);
	assert_string_equal(
		text, "route rx, capture, adc, 26.21 MS/s of 4 bytes: 100.0 MiB/s; 16 blocks, "
		      "no copy (DMABUF)\n\n"
		      "     block     MiB/s      gaps         lost transfers longest ms   CPU "
		      "ms/GiB\n");
	point = add(65536, 100);
	assert_string_equal(printed_point(point),
			    "    64 KiB     100.0         0            0       200        1.5      "
			    "     51\n");
	point->statistics.gaps = 2;
	point->statistics.samples_lost = 300;
	point->statistics.estimated = true;
	assert_non_null(strstr(printed_point(point), " 2         ~300 "));
	strcpy(point->refused.message, "no such size");
	assert_string_equal(printed_point(point), "    64 KiB  no such size\n");
}

static json_t *printed_json(void)
{
	FILE *file = fmemopen(text, sizeof(text), "w");
	json_t *json;

	assert_int_equal(bench_print_json(&bench, file), 0);
	fclose(file);
	json = json_loads(text, 0, NULL);
	assert_non_null(json);
	return json;
}

static void programs_get_json(void **state)
{
	json_int_t first, second, lost, size, blocks;
	json_t *json, *rate, *points;
	const char *refused, *reason;

	(void)state;
	add(65536, 100)->statistics.samples_lost = 7;
	strcpy(add(131072, 0)->refused.message, "it says \"no\"");
	add(262144, 100);
	json = printed_json();
	assert_int_equal(json_unpack(json, "{so so s[{sI sI} {sI ss !} {}] s{sI sI ss !}}",
				     "sample_rate", &rate, "points", &points, "points",
				     "block_size", &first, "samples_lost", &lost, "block_size",
				     &second, "refused", &refused, "recommended", "block_size",
				     &size, "blocks", &blocks, "reason", &reason),
			 0);
	assert_true(json_is_null(rate));
	assert_int_equal(json_array_size(points), 3);
	assert_int_equal(first, 65536);
	assert_int_equal(lost, 7);
	assert_int_equal(second, 131072);
	assert_string_equal(refused, "it says \"no\"");
	assert_int_equal(size, 262144);
	json_decref(json);
}

/* The fake board moves blocks as fast as it is asked. */
static void a_board_is_measured_with_all_sizes(void **state)
{
	(void)state;
	ROUTE->info.block_size_max = 65536;
	assert_int_equal(call(cmd_bench, "bench -t 20ms"), STATUS_OK);
	assert_non_null(strstr(printed, "route rx, capture, "));
	assert_non_null(strstr(printed, "\n    16 KiB "));
	assert_non_null(strstr(printed, "\n    32 KiB "));
	assert_non_null(strstr(printed, "\n    64 KiB "));
	assert_non_null(strstr(printed, "\nrecommended: block_size = \""));
	assert_int_equal(ROUTE->statistics.starts, 3);
	assert_string_equal(said, "");
}

static void what_is_played_is_silence(void **state)
{
	(void)state;
	fake_make_tx(0);
	ROUTE->info.block_size_max = 65536;
	ROUTE->statistics.blocks_failed = 8; /* what was sent ahead when it was stopped */
	memset(ROUTE->data, 1, 65536);
	assert_int_equal(call(cmd_bench, "bench -r tx -t 20ms --json --block-size 64K"), STATUS_OK);
	assert_non_null(strstr(printed, "\"direction\": \"playback\""));
	assert_non_null(strstr(printed, "\"recommended\": {\n    \"block_size\": 65536,"));
	assert_in_range(ROUTE->sent, 65536, UINT64_MAX);
	for (size_t i = 0; i < 65536; i++)
		assert_int_equal(ROUTE->data[i], 0);
}

static void a_board_that_refuses_is_quoted(void **state)
{
	(void)state;
	ROUTE->info.block_size_max = 65536;
	fake.refused_request = IIOBRIDGE_START;
	strcpy(fake.error.message, "no DMA");
	assert_int_equal(call(cmd_bench, "bench -t 20ms --block-size 64K"), STATUS_REFUSED);
	assert_non_null(strstr(printed, "no DMA"));
	assert_non_null(strstr(printed, "nothing to recommend: nothing moved"));
	assert_non_null(strstr(said, "no DMA"));
}

/* The fake board's blocks were full when they were asked for, or at any time. */
static void latency_of_a_capture_has_a_histogram_and_a_picture(void **state)
{
	char picture[] = "/tmp/iiobridge-test-XXXXXX";
	const int fd = mkstemp(picture);
	char line[128], magic[4] = "";

	(void)state;
	fake.info.version_minor = 4;
	assert_true(fd >= 0);
	snprintf(line, sizeof(line), "bench --latency -t 20ms --block-size 64K -o %s", picture);
	assert_int_equal(call(cmd_bench, line), STATUS_OK);
	assert_non_null(strstr(printed, "route rx, capture, "));
	assert_non_null(strstr(printed, "from a full block of 64 KiB"));
	assert_non_null(strstr(printed, "\np50 "));
	assert_non_null(strstr(printed, "; gaps 0, lost 0\n"));
	assert_non_null(strstr(printed, "clocks of board and machine were compared to within "));
	assert_int_equal(read(fd, magic, sizeof(magic)), sizeof(magic));
	assert_memory_equal(magic, "\x89PNG", sizeof(magic));
	close(fd);
	unlink(picture);
	assert_int_equal(call(cmd_bench, "bench --latency -t 20ms -o /nowhere/x.png"), STATUS_FILE);
	assert_non_null(strstr(said, "/nowhere/x.png cannot be written"));
}

static void programs_get_the_latency(void **state)
{
	json_int_t measured, beyond, sum;
	double p50, p99, longest;
	json_t *json, *counts, *count;
	size_t i;

	(void)state;
	fake.info.version_minor = 4;
	assert_int_equal(call(cmd_bench, "bench --latency -t 20ms --json"), STATUS_OK);
	json = json_loads(printed, 0, NULL);
	assert_int_equal(json_unpack(json, "{sI sf sf sf s{so sI}}", "measured", &measured,
				     "p50_ms", &p50, "p99_ms", &p99, "longest_ms", &longest,
				     "histogram", "counts", &counts, "beyond", &beyond),
			 0);
	sum = beyond;
	json_array_foreach(counts, i, count) sum += json_integer_value(count);
	assert_in_range(measured, 1, INT64_MAX);
	assert_int_equal(sum, measured);
	assert_true(p50 <= p99 && p99 <= longest);
	json_decref(json);
}

static void latency_that_cannot_be_measured_says_why(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_bench, "bench --latency -t 20ms"), STATUS_USAGE);
	assert_non_null(strstr(said, "does not tell its time"));
	fake.info.version_minor = 4;
	fake_make_tx(0);
	assert_int_equal(call(cmd_bench, "bench -r tx --latency -t 20ms"), STATUS_USAGE);
	assert_non_null(strstr(said, "does not tell its sample rate"));
	assert_int_equal(call(cmd_bench, "bench -o x.png"), STATUS_USAGE);
	assert_non_null(strstr(said, "it needs --latency"));
}

static void wrong_command_lines_are_explained(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_bench, "bench -t 0"), STATUS_USAGE);
	assert_non_null(strstr(said, "longer than 0"));
	assert_int_equal(call(cmd_bench, "bench rx"), STATUS_USAGE);
	assert_non_null(strstr(said, "unexpected argument \"rx\""));
	assert_int_equal(call(cmd_bench, "bench -n 5"), STATUS_USAGE);
	assert_int_equal(call(cmd_bench, "bench -r nope"), STATUS_USAGE);
	assert_non_null(strstr(said, "no route \"nope\""));
}

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	bench = (struct bench){ 0 };
	route = NULL;
	if (iiobridge_board_open(NULL, &board) < 0)
		return -1;
	ask();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	iiobridge_route_free(route);
	iiobridge_board_close(board);
	return fake_check();
}

static int release(void **state)
{
	(void)state;
	fake_release();
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sizes_grow_to_the_largest_block),
		TEST(sizes_hold_whole_scans_and_packets),
		TEST(sizes_are_what_the_board_can_have),
		TEST(sizes_pass_several_times_while_they_are_measured),
		TEST(there_is_always_a_size),
		TEST(rates_and_costs_are_those_of_the_time_that_counts),
		TEST(at_the_rate_of_the_converter_blocks_last_for_10_ms),
		TEST(a_size_with_losses_is_not_recommended),
		TEST(without_a_rate_the_smallest_that_is_as_fast_is_recommended),
		TEST(few_blocks_are_too_few),
		TEST(where_all_lose_nothing_is_recommended),
		TEST(the_table_has_a_line_for_each_size),
		TEST(programs_get_json),
		TEST(a_board_is_measured_with_all_sizes),
		TEST(what_is_played_is_silence),
		TEST(a_board_that_refuses_is_quoted),
		TEST(latency_of_a_capture_has_a_histogram_and_a_picture),
		TEST(programs_get_the_latency),
		TEST(latency_that_cannot_be_measured_says_why),
		TEST(wrong_command_lines_are_explained),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
