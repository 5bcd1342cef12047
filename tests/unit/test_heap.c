// SPDX-License-Identifier: GPL-2.0-or-later
/* What a heap cannot give is refused with a reason; heaps that give are tested on the board. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/heap.h"
#include "core/log.h"

static const char meminfo[] = "MemTotal:        3063072 kB\n"
			      "MemAvailable:    2663072 kB\n"
			      "HugePages_Total:       4\n"
			      "HugePages_Free:        3\n"
			      "Hugepagesize:       2048 kB\n";

static void figures_are_found_by_their_whole_name(void **state)
{
	(void)state;
	assert_int_equal(meminfo_find(meminfo, "MemTotal"), 3063072);
	assert_int_equal(meminfo_find(meminfo, "HugePages_Free"), 3);
	assert_int_equal(meminfo_find(meminfo, "Hugepagesize"), 2048);
	assert_int_equal(meminfo_find(meminfo, "Available"), 0);
	assert_int_equal(meminfo_find(meminfo, "HugePages"), 0);
	assert_int_equal(meminfo_find("", "MemTotal"), 0);
}

static void sizes_of_memory_are_counted(void **state)
{
	(void)state;
	assert_int_equal(meminfo_count_orders("Node 0, zone      DMA      1      0     12 \n"
					      "Node 0, zone    DMA32      3      3      3 \n"),
			 3);
	assert_int_equal(meminfo_count_orders(meminfo), 0);
	assert_int_equal(meminfo_count_orders(""), 0);
}

static void the_end_of_memory_is_that_of_the_last_zone_with_memory(void **state)
{
	char zones[] = "Node 0, zone      DMA\n"
		       "  pages free     2816\n"
		       "        spanned  4095\n"
		       "        present  3998\n"
		       "  start_pfn:           1\n"
		       "Node 0, zone    DMA32\n"
		       "        spanned  1044480\n"
		       "        present  524120\n"
		       "  start_pfn:           4096\n"
		       "Node 0, zone  Movable\n"
		       "        spanned  4096\n"
		       "        present  0\n"
		       "  start_pfn:           9000000\n";
	FILE *file = fmemopen(zones, strlen(zones), "r");

	(void)state;
	assert_non_null(file);
	assert_int_equal(meminfo_find_end_page(file), 1044480 + 4096);
	assert_int_equal(meminfo_find_end_page(file), 0);
	fclose(file);
}

static void this_machine_has_memory(void **state)
{
	(void)state;
	assert_true(meminfo_read("MemTotal") > 0);
	assert_int_equal(meminfo_read("MemImagined"), 0);
}

static void a_missing_heap_leaves_no_block_and_a_reason(void **state)
{
	struct block blocks[2] = { { .fd = 0 }, { .fd = 0 } };
	struct error error = { 0 };
	const struct block_request request = {
		.blocks = blocks,
		.count = 2,
		.size = 4096,
		.error = &error,
	};

	(void)state;
	assert_int_equal(blocks_alloc(&request, "nope"), -ENOENT);
	assert_int_equal(error.number, -ENOENT);
	assert_int_equal(blocks[0].fd, -1);
	assert_int_equal(blocks[1].fd, -1);
	assert_non_null(strstr(error.text, "2 blocks of 4096 bytes from heap \"nope\""));
	assert_non_null(strstr(error.text, "heaps here: "));
}

static void more_than_the_memory_is_refused_before_it_is_taken(void **state)
{
	struct heap_reason reason;
	struct block_request request = {
		.count = (uint32_t)(meminfo_read("MemTotal") / (64 << 10)) + 1,
		.size = 64 << 20,
	};

	(void)state;
	assert_int_equal(heap_check_memory(&request, &reason), -ENOMEM);
	assert_non_null(strstr(reason.text, "MiB are needed, "));
	request = (struct block_request){ .count = 2, .size = 4096 };
	assert_int_equal(heap_check_memory(&request, &reason), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_are_found_by_their_whole_name),
		cmocka_unit_test(sizes_of_memory_are_counted),
		cmocka_unit_test(the_end_of_memory_is_that_of_the_last_zone_with_memory),
		cmocka_unit_test(this_machine_has_memory),
		cmocka_unit_test(a_missing_heap_leaves_no_block_and_a_reason),
		cmocka_unit_test(more_than_the_memory_is_refused_before_it_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
