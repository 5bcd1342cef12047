// SPDX-License-Identifier: GPL-2.0-or-later
#include "latency.h"

#include "host/files/clock.h"
#include "host/files/units.h"
#include "host/report.h"
#include "host/view/histogram.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>

#define LINES	   24
#define TEXT_SIZE  256
#define PERMILLE   1000
#define HALF	   500
#define NINE_TENTH 900
#define ALL_BUT_1  990

static bool is_tx(const struct latency *latency)
{
	return iiobridge_route_kind(latency->route) == IIOBRIDGE_ROUTE_TX;
}

static double block_ms(const struct latency *latency)
{
	return (double)latency->block_ns / CLOCK_NS_PER_MS;
}

static double uncertainty_ms(const struct latency *latency)
{
	return (double)latency->uncertainty_ns / CLOCK_NS_PER_MS;
}

/* "40 KiB (1.024 ms)" */
static const char *format_block(const struct latency *latency, char text[TEXT_SIZE])
{
	char size[UNITS_TEXT_SIZE];
	int used;

	units_format_size(iiobridge_route_block_size(latency->route), size);
	used = snprintf(text, TEXT_SIZE, "%s", size);
	if (latency->block_ns)
		snprintf(text + used, TEXT_SIZE - (size_t)used, " (%.3f ms)", block_ms(latency));
	return text;
}

void latency_print(const struct latency *latency, FILE *file)
{
	const struct iiobridge_statistics_info *statistics = &latency->statistics;
	struct histogram histogram;
	char block[TEXT_SIZE];

	fprintf(file,
		is_tx(latency)
			? "from the call that writes a block of %s to the DAC, ms:\n\n"
			: "from a full block of %s to a program that knows what is before it, "
			  "ms:\n\n",
		format_block(latency, block));
	histogram_fill(&histogram, latency->values, latency->count, LINES);
	histogram_print(&histogram, file);
	fprintf(file,
		"\np50 %.3f ms, p90 %.3f ms, p99 %.3f ms, longest %.3f ms, of %zu blocks; "
		"%s %" PRIu64 ", %s %s%" PRIu64 "\n",
		latency_at(latency, HALF), latency_at(latency, NINE_TENTH),
		latency_at(latency, ALL_BUT_1), latency_at(latency, PERMILLE), latency->count,
		is_tx(latency) ? "underruns" : "gaps", statistics->gaps,
		is_tx(latency) ? "missed" : "lost",
		statistics->estimated && statistics->gaps ? "~" : "", statistics->samples_lost);
	fprintf(file, "the clocks of board and machine were compared to within %.3f ms\n",
		uncertainty_ms(latency));
}

static json_t *pack_histogram(const struct latency *latency)
{
	struct histogram histogram;
	json_t *bins = json_array();

	histogram_fill(&histogram, latency->values, latency->count, HISTOGRAM_BINS_MAX);
	for (size_t i = 0; i < histogram.bins; i++)
		json_array_append_new(bins, json_integer((json_int_t)histogram.counts[i]));
	return json_pack("{sfsfsosI}", "low_ms", histogram.low, "step_ms", histogram.step, "counts",
			 bins, "beyond", (json_int_t)histogram.beyond);
}

int latency_print_json(const struct latency *latency, FILE *file)
{
	const struct iiobridge_route *route = latency->route;
	const struct iiobridge_statistics_info *statistics = &latency->statistics;
	json_t *json;

	json = json_pack(
		"{sssssssosIsIsIsosssIsfsfsfsfsfsIsIsbso}", "route", iiobridge_route_name(route),
		"direction", report_direction(route), "device", iiobridge_route_device(route),
		"sample_rate", report_sample_rate(route), "bytes_per_sample",
		(json_int_t)iiobridge_route_sample_size(route), "blocks",
		(json_int_t)iiobridge_route_block_count(route), "block_size",
		(json_int_t)iiobridge_route_block_size(route), "block_ms",
		report_number(latency->block_ns, block_ms(latency)), "transfer",
		report_transfer(route), "measured", (json_int_t)latency->count, "p50_ms",
		latency_at(latency, HALF), "p90_ms", latency_at(latency, NINE_TENTH), "p99_ms",
		latency_at(latency, ALL_BUT_1), "longest_ms", latency_at(latency, PERMILLE),
		"uncertainty_ms", uncertainty_ms(latency), "gaps", (json_int_t)statistics->gaps,
		"samples_lost", (json_int_t)statistics->samples_lost, "samples_lost_estimated",
		statistics->estimated, "histogram", pack_histogram(latency));
	return report_print(json, file, REPORT_LINES);
}

int latency_draw(const struct latency *latency, const char *path, struct failure *failure)
{
	const struct histogram_mark marks[] = {
		{ "p50", latency_at(latency, HALF) },
		{ "p99", latency_at(latency, ALL_BUT_1) },
	};
	char title[TEXT_SIZE], facts[2 * TEXT_SIZE], block[TEXT_SIZE];
	const struct histogram_picture picture = {
		.title = title,
		.facts = facts,
		.quantity = "time",
		.unit = "s",
		.scale = 1e-3,
		.marks = marks,
		.mark_count = sizeof(marks) / sizeof(marks[0]),
	};
	struct histogram histogram;

	snprintf(title, sizeof(title), "Route %s, %s, %s: %s", iiobridge_route_name(latency->route),
		 report_direction(latency->route), iiobridge_route_device(latency->route),
		 is_tx(latency) ? "from the program to the DAC"
				: "from a full block to the program");
	histogram_fill(&histogram, latency->values, latency->count, HISTOGRAM_BINS_MAX);
	snprintf(facts, sizeof(facts),
		 "%zu blocks of %s   ·   longest %.3f ms   ·   %zu beyond the chart   ·   clocks "
		 "compared to within %.3f ms",
		 latency->count, format_block(latency, block), latency_at(latency, PERMILLE),
		 histogram.beyond, uncertainty_ms(latency));
	return histogram_write(path, &histogram, &picture, failure);
}
