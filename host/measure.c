// SPDX-License-Identifier: GPL-2.0-or-later
#include "measure.h"

#include "capture.h"
#include "clock.h"
#include "device.h"
#include "failure.h"
#include "interrupt.h"
#include "play.h"
#include "stream.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#define TURN_MS	   20
#define WARM_UP_NS (200 * CLOCK_NS_PER_MS)

/* How long nothing may move. */
#define LIMIT_NS (10 * CLOCK_NS_PER_SECOND)

/* One of the two runs. */
struct run {
	struct capture *capture;
	struct play *play;
	uint64_t longest_ns;
};

/* A moment at which samples have moved. */
struct moment {
	uint64_t scans;
	uint64_t nanoseconds;
	uint64_t cpu_ns;
};

static int observe(void *context, const struct trail_step *step)
{
	const struct iiobridge_record *record = &step->record;
	struct run *run = context;

	if (!(record->flags & IIOBRIDGE_RECORD_END) &&
	    record->drained_ns > record->filled_ns + run->longest_ns)
		run->longest_ns = record->drained_ns - record->filled_ns;
	return 0;
}

static int throw_away(void *context, const uint8_t *data, size_t size)
{
	(void)context;
	(void)data;
	(void)size;
	return 0;
}

static ssize_t give_silence(void *context, uint8_t *data, size_t size, unsigned int timeout_ms)
{
	(void)context;
	(void)timeout_ms;
	memset(data, 0, size);
	return (ssize_t)size;
}

static int run_begin(struct run *run, struct device *device, enum iiobridge_direction direction,
		     const struct session_settings *settings)
{
	int r;

	if (direction == IIOBRIDGE_PLAYBACK) {
		r = play_new(device, settings, &run->play);
		if (r == 0)
			play_begin(run->play, 0, give_silence, NULL);
		return r;
	}
	r = capture_new(device, settings, &run->capture);
	return r < 0 ? r : capture_start(run->capture, 0, throw_away, NULL);
}

static int run_turn(struct run *run)
{
	if (interrupt_signal())
		return -EINTR;
	return run->play ? play_poll(run->play, TURN_MS) : capture_poll(run->capture, TURN_MS);
}

static void run_progress(const struct run *run, struct session_progress *progress)
{
	if (run->play)
		play_progress(run->play, progress);
	else
		capture_progress(run->capture, progress);
}

static int run_finish(struct run *run)
{
	if (run->play)
		return play_finish(run->play);
	return run->capture ? capture_finish(run->capture) : 0;
}

static const struct iiobridge_route_info *run_route(const struct run *run)
{
	return run->play ? play_route(run->play) : capture_route(run->capture);
}

static uint64_t time_ns(const struct timeval *time)
{
	return (uint64_t)time->tv_sec * CLOCK_NS_PER_SECOND + (uint64_t)time->tv_usec * 1000;
}

static uint64_t cpu_now_ns(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return time_ns(&usage.ru_utime) + time_ns(&usage.ru_stime);
}

/* Goes on for some time, and then until more has moved. */
static int run_to_edge(struct run *run, struct device *device, uint64_t nanoseconds,
		       struct moment *moment)
{
	const uint64_t end = clock_now_ns() + nanoseconds;
	struct session_progress progress;
	uint64_t before;
	int r = 0;

	while (r == 0 && clock_now_ns() < end)
		r = run_turn(run);
	run_progress(run, &progress);
	before = progress.scans;
	while (r == 0 && progress.scans == before) {
		r = run_turn(run);
		run_progress(run, &progress);
		if (r == 0 && clock_now_ns() > end + LIMIT_NS)
			r = failure_set(device_failure(device), -ETIMEDOUT,
					"route %s moves no samples: none for 10 s",
					run_route(run)->name);
	}
	*moment = (struct moment){ progress.scans, progress.nanoseconds, cpu_now_ns() };
	return r;
}

static size_t transfer_size(const struct iiobridge_route_info *route, struct device *device)
{
	const uint8_t endpoint = route->endpoint_in ? route->endpoint_in : route->endpoint_out;
	const int packet = device_endpoint_packet_size(device, endpoint);

	return stream_transfer_size(route->block_size, (size_t)packet);
}

static void take_figures(const struct run *run, struct device *device, const struct moment *begin,
			 const struct moment *end, struct bench_point *point)
{
	const struct iiobridge_route_info *route = run_route(run);

	point->bytes = (end->scans - begin->scans) * route->bytes_per_scan;
	point->nanoseconds = end->nanoseconds - begin->nanoseconds;
	point->cpu_ns = end->cpu_ns - begin->cpu_ns;
	point->transfers = point->bytes / transfer_size(route, device);
	point->longest_ns = run->longest_ns;
}

static void take_statistics(const struct run *run, struct bench_point *point)
{
	const struct trail *trail = run->play ? play_trail(run->play) : capture_trail(run->capture);
	struct session_progress progress;

	run_progress(run, &progress);
	point->blocks = progress.statistics.blocks_drained;
	point->gaps = progress.statistics.gaps;
	point->scans_lost = progress.statistics.scans_lost;
	point->estimated = progress.statistics.estimated;
	point->records_lost = trail ? trail_records_missing(trail) : 0;
}

int measure_route(struct device *device, enum iiobridge_direction direction,
		  const struct session_settings *settings, uint64_t window_ns,
		  struct bench_point *point)
{
	struct session_settings own = *settings;
	struct moment begin, end;
	struct run run = { 0 };
	int r, finished;

	*point = (struct bench_point){ .block_size = settings->block_size };
	own.observer = observe;
	own.observer_context = &run;

	r = run_begin(&run, device, direction, &own);
	if (r == 0)
		r = run_to_edge(&run, device, WARM_UP_NS, &begin);
	if (r == 0)
		r = run_to_edge(&run, device, window_ns, &end);
	if (r == -EREMOTEIO)
		point->refused = *device_failure(device);
	finished = run_finish(&run);
	if (r == 0)
		take_figures(&run, device, &begin, &end, point);
	if (r == 0 && finished == 0)
		take_statistics(&run, point);
	play_free(run.play);
	capture_free(run.capture);
	if (r == -EREMOTEIO)
		return 0;
	return r < 0 ? r : finished;
}
