// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench.h"

#include "host/files/clock.h"
#include "host/files/units.h"
#include "host/report.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <string.h>

#define GIB	    (1024.0 * UNITS_MIB)
#define MILLISECOND 1e6

#define SIZE_MIN ((uint64_t)16 << 10)

/* The daemon's blocks hold whole packets of any bus; the largest is that of SuperSpeed. */
#define PACKET 1024

/* So many blocks at least pass while a size is measured. */
#define BLOCKS_IN_WINDOW 4

/* What is recommended; the daemon has from 2 to 1024 blocks. */
#define BLOCK_SECONDS	 0.010
#define PATIENCE_SECONDS 0.5
#define BLOCKS_MIN	 4
#define BLOCKS_MAX	 1024

/* The converter's own rate is reached; less than this beside the fastest is noise. */
#define AS_FAST 0.95

static uint64_t step_of(const struct iiobridge_route *route)
{
	uint64_t step = PACKET;

	if (iiobridge_route_block_step(route))
		return iiobridge_route_block_step(route);
	/* 0 where a start would be refused: the board says why when it is tried. */
	while (iiobridge_route_sample_size(route) && step % iiobridge_route_sample_size(route))
		step += PACKET;
	return step;
}

/* Bytes in a second at the converter's own rate, 0 where it does not tell it. */
static double nominal_rate(const struct iiobridge_route *route)
{
	return iiobridge_route_sample_rate(route) * (double)iiobridge_route_sample_size(route);
}

size_t bench_sizes(const struct iiobridge_route *route, uint64_t window_ns,
		   uint32_t sizes[BENCH_POINTS_MAX])
{
	const double fits =
		nominal_rate(route) * (double)window_ns / CLOCK_NS_PER_SECOND / BLOCKS_IN_WINDOW;
	const uint64_t step = step_of(route), largest = iiobridge_route_block_size_max(route);
	size_t count = 0;

	for (uint64_t size = SIZE_MIN; count < BENCH_POINTS_MAX; size *= 2) {
		const uint64_t wanted = size < largest ? size : largest;
		const uint64_t whole = wanted - wanted % step;

		if (count > 0 && fits > 0 && (double)whole > fits)
			break;
		if (whole > 0 && (count == 0 || whole > sizes[count - 1]))
			sizes[count++] = (uint32_t)whole;
		if (size >= largest)
			break;
	}
	if (count == 0)
		sizes[count++] = iiobridge_route_block_size(route);
	return count;
}

static double bytes_per_second(const struct bench_point *point)
{
	return units_per_second((double)point->bytes, point->nanoseconds);
}

double bench_rate(const struct bench_point *point)
{
	return bytes_per_second(point) / UNITS_MIB;
}

double bench_cpu(const struct bench_point *point)
{
	return point->bytes ? (double)point->cpu_ns / MILLISECOND * GIB / (double)point->bytes : 0;
}

static bool is_refused(const struct bench_point *point)
{
	return point->refused.message[0];
}

static bool is_clean(const struct bench_point *point)
{
	return point->bytes && !is_refused(point) && !point->statistics.gaps &&
	       !point->statistics.samples_lost;
}

static const struct bench_point *fastest(const struct bench *bench, bool clean)
{
	const struct bench_point *best = NULL;

	for (size_t i = 0; i < bench->count; i++) {
		const struct bench_point *point = &bench->points[i];

		if ((!clean || is_clean(point)) && point->bytes &&
		    (!best || bench_rate(point) > bench_rate(best)))
			best = point;
	}
	return best;
}

/* The smallest without a loss that lasts long enough; where none does, the largest. */
static const struct bench_point *smallest_that_lasts(const struct bench *bench, double rate)
{
	const struct bench_point *best = NULL;

	for (size_t i = 0; i < bench->count; i++) {
		const struct bench_point *point = &bench->points[i];

		if (!is_clean(point))
			continue;
		best = point;
		if (point->block_size >= rate * BLOCK_SECONDS)
			break;
	}
	return best;
}

static const struct bench_point *smallest_as_fast(const struct bench *bench, double rate)
{
	for (size_t i = 0; i < bench->count; i++) {
		const struct bench_point *point = &bench->points[i];

		if (is_clean(point) && bytes_per_second(point) >= AS_FAST * rate)
			return point;
	}
	return NULL;
}

static uint32_t blocks_for(double rate, uint32_t block_size)
{
	const double blocks = rate * PATIENCE_SECONDS / block_size;

	if (blocks <= BLOCKS_MIN)
		return BLOCKS_MIN;
	return blocks < BLOCKS_MAX ? (uint32_t)blocks + 1 : BLOCKS_MAX;
}

static void advise(struct bench_advice *advice, const struct bench_point *point, double rate,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));

static void advise(struct bench_advice *advice, const struct bench_point *point, double rate,
		   const char *format, ...)
{
	va_list args;

	if (point) {
		advice->good = true;
		advice->block_size = point->block_size;
		advice->blocks = blocks_for(rate, point->block_size);
	}
	va_start(args, format);
	vsnprintf(advice->reason, sizeof(advice->reason), format, args);
	va_end(args);
}

static void advise_nothing(struct bench_advice *advice, const struct bench *bench)
{
	const struct bench_point *best = fastest(bench, false);

	if (!best)
		advise(advice, NULL, 0, "nothing moved with blocks of any size");
	else if (nominal_rate(bench->route) > 0)
		advise(advice, NULL, 0,
		       "samples were lost at every size: %s needs %.1f MiB/s, and the fastest way "
		       "here carried %.1f; a lower sample rate, or fewer channels, may do",
		       iiobridge_route_device(bench->route), nominal_rate(bench->route) / UNITS_MIB,
		       bench_rate(best));
	else
		advise(advice, NULL, 0,
		       "samples were lost at every size; the fastest way here carried %.1f MiB/s",
		       bench_rate(best));
}

void bench_advise(const struct bench *bench, struct bench_advice *advice)
{
	const double nominal = nominal_rate(bench->route);
	const struct bench_point *best = fastest(bench, true), *choice;
	double rate;

	*advice = (struct bench_advice){ 0 };
	if (!best) {
		advise_nothing(advice, bench);
		return;
	}
	rate = bytes_per_second(best);
	if (nominal == 0 || rate < AS_FAST * nominal || AS_FAST * rate > nominal) {
		choice = smallest_as_fast(bench, rate);
		advise(advice, choice, rate,
		       "the smallest blocks without a loss that are as fast as any, %.1f MiB/s",
		       bench_rate(choice));
		return;
	}
	choice = smallest_that_lasts(bench, nominal);
	advise(advice, choice, nominal,
	       "%s blocks without a loss%s: one lasts %.1f ms at %.1f MiB/s",
	       choice->block_size >= nominal * BLOCK_SECONDS ? "the smallest" : "the largest",
	       choice->block_size >= nominal * BLOCK_SECONDS ? " that last for 10 ms" : "",
	       choice->block_size / nominal * 1000, nominal / UNITS_MIB);
}

void bench_print_route(const struct iiobridge_route *route, FILE *file)
{
	char rate[UNITS_TEXT_SIZE] = "rate unknown";

	if (iiobridge_route_sample_rate(route) > 0)
		units_format_scaled(iiobridge_route_sample_rate(route), "S/s", rate);
	fprintf(file, "route %s, %s, %s, %s", iiobridge_route_name(route), report_direction(route),
		iiobridge_route_device(route), rate);
	if (iiobridge_route_sample_rate(route) > 0)
		fprintf(file, " of %zu bytes: %.1f MiB/s", iiobridge_route_sample_size(route),
			nominal_rate(route) / UNITS_MIB);
	fprintf(file, "; %u blocks, %s\n\n", iiobridge_route_block_count(route),
		iiobridge_route_transfer(route) == IIOBRIDGE_TRANSFER_DMABUF ? "no copy (DMABUF)"
									     : "copied");
}

void bench_print_columns(const struct iiobridge_route *route, FILE *file)
{
	const bool playback = iiobridge_route_kind(route) == IIOBRIDGE_ROUTE_TX;

	fprintf(file, "%10s %9s %9s %12s %9s %10s %12s\n", "block", "MiB/s",
		playback ? "underruns" : "gaps", playback ? "missed" : "lost", "transfers",
		"longest ms", "CPU ms/GiB");
}

void bench_print_point(const struct bench_point *point, FILE *file)
{
	char size[UNITS_TEXT_SIZE], lost[UNITS_TEXT_SIZE];

	units_format_size(point->block_size, size);
	if (is_refused(point)) {
		fprintf(file, "%10s  %s\n", size, point->refused.message);
		return;
	}
	snprintf(lost, sizeof(lost), "%s%" PRIu64,
		 point->statistics.estimated && point->statistics.gaps ? "~" : "",
		 point->statistics.samples_lost);
	fprintf(file, "%10s %9.1f %9" PRIu64 " %12s %9" PRIu64 " %10.1f %12.0f\n", size,
		bench_rate(point), point->statistics.gaps, lost, point->transfers,
		(double)point->longest_ns / MILLISECOND, bench_cpu(point));
}

/* As it stands in the configuration, where "1 MiB" is a size, and so is 3072. */
static void format_size(uint32_t size, char text[UNITS_TEXT_SIZE])
{
	if (size % (1u << 20) == 0)
		snprintf(text, UNITS_TEXT_SIZE, "\"%u MiB\"", size >> 20);
	else if (size % (1u << 10) == 0)
		snprintf(text, UNITS_TEXT_SIZE, "\"%u KiB\"", size >> 10);
	else
		snprintf(text, UNITS_TEXT_SIZE, "%u", size);
}

void bench_print_advice(const struct bench_advice *advice, FILE *file)
{
	char size[UNITS_TEXT_SIZE], memory[UNITS_TEXT_SIZE];

	if (!advice->good) {
		fprintf(file, "\nnothing to recommend: %s\n", advice->reason);
		return;
	}
	format_size(advice->block_size, size);
	units_format_size((uint64_t)advice->block_size * advice->blocks, memory);
	fprintf(file, "\nrecommended: block_size = %s; blocks = %u;\n", size, advice->blocks);
	fprintf(file, "  %s\n", advice->reason);
	fprintf(file,
		"  so many blocks last for half a second, and take %s of the board's memory\n",
		memory);
}

static json_t *pack_point(const struct bench_point *point)
{
	if (is_refused(point))
		return json_pack("{sIss}", "block_size", (json_int_t)point->block_size, "refused",
				 point->refused.message);
	return json_pack(
		"{sIsfsIsIsIsIsIsIsbsIsfsf}", "block_size", (json_int_t)point->block_size,
		"mib_per_s", bench_rate(point), "bytes", (json_int_t)point->bytes, "nanoseconds",
		(json_int_t)point->nanoseconds, "transfers", (json_int_t)point->transfers, "blocks",
		(json_int_t)point->statistics.blocks_delivered, "gaps",
		(json_int_t)point->statistics.gaps, "samples_lost",
		(json_int_t)point->statistics.samples_lost, "samples_lost_estimated",
		point->statistics.estimated, "records_lost", (json_int_t)point->records_lost,
		"longest_ms", (double)point->longest_ns / MILLISECOND, "cpu_ms_per_gib",
		bench_cpu(point));
}

static json_t *pack_points(const struct bench *bench)
{
	json_t *points = json_array();

	for (size_t i = 0; points && i < bench->count; i++) {
		if (json_array_append_new(points, pack_point(&bench->points[i])) < 0) {
			json_decref(points);
			return NULL;
		}
	}
	return points;
}

static json_t *pack_advice(const struct bench *bench)
{
	struct bench_advice advice;

	bench_advise(bench, &advice);
	if (!advice.good)
		return json_pack("{snsnss}", "block_size", "blocks", "reason", advice.reason);
	return json_pack("{sIsIss}", "block_size", (json_int_t)advice.block_size, "blocks",
			 (json_int_t)advice.blocks, "reason", advice.reason);
}

int bench_print_json(const struct bench *bench, FILE *file)
{
	const struct iiobridge_route *route = bench->route;
	json_t *json;

	json = json_pack("{sssssssosIsIsssoso}", "route", iiobridge_route_name(route), "direction",
			 report_direction(route), "device", iiobridge_route_device(route),
			 "sample_rate", report_sample_rate(route), "bytes_per_sample",
			 (json_int_t)iiobridge_route_sample_size(route), "blocks",
			 (json_int_t)iiobridge_route_block_count(route), "transfer",
			 report_transfer(route), "points", pack_points(bench), "recommended",
			 pack_advice(bench));
	return report_print(json, file, REPORT_LINES);
}
