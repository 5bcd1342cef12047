// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "route_common.h"

/* @error: why the run ended, 0 when it was to end. */
static void log_stop(const struct route *route, const char *how, int error)
{
	struct iiobridge_statistics statistics;
	struct log_counts counts;

	ring_get_statistics(route->ring, &statistics);
	counts = (struct log_counts){
		.blocks = statistics.blocks_drained,
		.bytes = statistics.bytes_drained,
		.gaps = statistics.gaps,
		.samples_lost = statistics.scans_lost,
	};
	log_event(error ? LOG_WARNING : LOG_INFO,
		  &(struct log_event){
			  .id = error	      ? LOG_ID_ROUTE_FAILED
				: counts.gaps ? LOG_ID_SAMPLES_LOST
					      : NULL,
			  .error = error,
			  .counts = &counts,
		  },
		  "route \"%s\": %s, %llu blocks delivered, %llu gaps, %llu samples lost",
		  route->config.name, how, (unsigned long long)counts.blocks,
		  (unsigned long long)counts.gaps, (unsigned long long)counts.samples_lost);
}

/* The converter, or both of a repeater: its rates are the same, or it would not run. */
static void set_rate(struct route *route, uint64_t millihertz)
{
	end_set_rate(&route->from, millihertz);
	end_set_rate(&route->to, millihertz);
}

/* The first block behind it may have begun before; from the second one on the rate is the new one.
 */
static void note_tuning(struct route *route, struct iiobridge_record *record)
{
	if ((!route->tuning && !route->tuned) || record->flags & IIOBRIDGE_RECORD_END)
		return;
	record->flags |= IIOBRIDGE_RECORD_TUNED;
	if (route->tuning)
		return;
	if (route->rate_is_new)
		record->flags |= IIOBRIDGE_RECORD_RATE;
	if (route->rate_changed)
		set_rate(route, main_end(&route->from, &route->to)->rate_millihertz);
	route->tuned = route->rate_changed = route->rate_is_new = false;
}

static void on_ring_record(void *userdata, struct iiobridge_record *record)
{
	struct route *route = userdata;

	record->route = (uint8_t)route->number;
	note_tuning(route, record);
	records_add(route->records, record, route->plan.prompt_records);
}

const struct error *route_log_failure(struct route *route, int number)
{
	error_complete(&route->error, number);
	error_log(&route->error);
	return &route->error;
}

static void on_ring_end(void *userdata, int error)
{
	struct route *route = userdata;

	/* The host will be told nothing any more, and the next one has another run. */
	if (error == -ESHUTDOWN) {
		log_stop(route, "stopped, the host has gone", 0);
		return;
	}
	route->failure = error;
	if (error)
		route_log_failure(route, error);
	log_stop(route, error ? "failed" : "finished", error);
	if (error)
		route->ops->fault(route->userdata, route->number, &route->error);
}

static void on_ring_meanwhile(void *userdata)
{
	struct route *route = userdata;

	route->ops->meanwhile(route->userdata);
}

static const struct ring_ops ring_ops = {
	.meanwhile = on_ring_meanwhile,
	.record = on_ring_record,
	.end = on_ring_end,
};

int route_new(struct route **route, sd_event *event, const struct route_config *config,
	      unsigned int number, const struct route_ops *ops, void *userdata)
{
	struct route *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return log_errno(ENOMEM, "route \"%s\": %m", config->name);
	*new = (struct route){
		.configured = config,
		.config = *config,
		.event = event,
		.number = number,
		.ops = ops,
		.userdata = userdata,
		.from = { .config = &new->config.from, .counter = new->config.loss_counter },
		.to = { .config = &new->config.to,
			.counter = new->config.miss_counter,
			.output = true },
	};
	new->preparation = preparation_new(config, route_on_prepared, new);
	ret = new->preparation ? worker_new(&new->worker, event)
			       : log_errno(ENOMEM, "route \"%s\": %m", config->name);
	if (ret) {
		preparation_free(new->preparation);
		free(new);
		return ret;
	}
	*route = new;
	return 0;
}

int route_connect(struct route *route, struct function *function, struct records *records,
		  unsigned int *endpoint)
{
	LOG_OF_ROUTE(route->config.name);
	const char *name = route->config.name;
	int ret = end_connect(&route->from, function, endpoint, name, &route->error);

	route->records = records;
	if (!ret)
		ret = end_connect(&route->to, function, endpoint, name, &route->error);
	if (ret)
		return log_errno(ret, "route \"%s\": %m", name);
	route_choose_copying(route);
	return ring_new(&route->ring, route->event, name, route->from.port, route->to.port,
			&route->error, &ring_ops, route);
}

void route_silence(struct route *route)
{
	LOG_OF_ROUTE(route->config.name);
	const struct end_config *to = &route->config.to;

	if (!to->usb && converter_silence(to->device))
		log_info("IIO device \"%s\" was left playing, and is silent now", to->device);
}

static void forget_preparation(struct route *route)
{
	struct preparation *preparation = route->preparation;

	/* What was known already it has not opened. */
	if (preparation->from.converter == route->from.converter)
		preparation->from.converter = NULL;
	if (preparation->to.converter == route->to.converter)
		preparation->to.converter = NULL;
	preparation_free(preparation);
}

void route_free(struct route *route, uint64_t until_ns)
{
	if (!route)
		return;
	ring_free(route->ring);
	/* What a thread has that waits for a driver is left to the end of the process. */
	if (worker_free(route->worker, until_ns))
		forget_preparation(route);
	else
		route->from.converter = route->to.converter = NULL;
	end_release(&route->from);
	end_release(&route->to);
	free(route);
}

void route_stop_run(struct route *route)
{
	LOG_OF_ROUTE(route->config.name);

	if (!ring_is_running(route->ring))
		return;
	ring_stop(route->ring);
	log_stop(route, "stopped", 0);
}

void route_stop(struct route *route)
{
	route_cancel_start(route);
	route_stop_run(route);
}

static bool flags_are_known(uint32_t flags)
{
	return flags == 0 || flags == IIOBRIDGE_FINISH_REPEAT ||
	       flags == (IIOBRIDGE_FINISH_REPEAT | IIOBRIDGE_FINISH_ALIKE);
}

void route_expect_finish(struct route *route, bool expected)
{
	if (expected)
		ring_expect_end(route->ring);
	else
		ring_expect_no_end(route->ring);
}

static int finish_run(struct route *route, const struct iiobridge_finish *finish)
{
	uint64_t bytes = finish->bytes;

	route->error.number = 0;
	if (!ring_is_running(route->ring))
		return error_set(&route->error, EINVAL,
				 "route \"%s\": it does not run, so it cannot finish",
				 route->config.name);
	if (bytes % route->plan.bytes_per_scan)
		return error_set(
			&route->error, EINVAL,
			"route \"%s\": the data cannot end at byte %llu, a sample has %u bytes",
			route->config.name, (unsigned long long)bytes, route->plan.bytes_per_scan);
	if (!flags_are_known(finish->flags) || finish->reserved)
		return error_set(&route->error, EINVAL,
				 "route \"%s\": it cannot finish with flags 0x%x, reserved 0x%x; "
				 "there is flag 0x%x, and with it 0x%x",
				 route->config.name, finish->flags, finish->reserved,
				 IIOBRIDGE_FINISH_REPEAT, IIOBRIDGE_FINISH_ALIKE);
	if (finish->flags & IIOBRIDGE_FINISH_REPEAT)
		return ring_repeat(route->ring, bytes, finish->flags & IIOBRIDGE_FINISH_ALIKE);
	return ring_finish(route->ring, bytes);
}

const struct error *route_finish(struct route *route, const struct iiobridge_finish *finish)
{
	LOG_OF_ROUTE(route->config.name);
	int ret = finish_run(route, finish);

	return ret < 0 ? route_log_failure(route, ret) : NULL;
}

const char *route_name(const struct route *route)
{
	return route->config.name;
}

void route_begin_tuning(struct route *route, bool rate)
{
	route->tuning++;
	if (!rate)
		return;
	route->rate_changed = true;
	set_rate(route, 0);
}

void route_end_tuning(struct route *route, bool rate, uint64_t rate_millihertz)
{
	struct end *end = route->config.from.usb ? &route->to : &route->from;

	route->tuning--;
	route->tuned = true;
	if (!rate)
		return;
	route->rate_is_new |= end->rate_millihertz != rate_millihertz;
	end->rate_millihertz = rate_millihertz;
}

void route_kick(struct route *route)
{
	ring_kick(route->ring);
}

bool route_is_running(const struct route *route)
{
	return ring_is_running(route->ring);
}

bool route_starts_always(const struct route *route)
{
	return route->configured->start == CONFIG_START_ALWAYS;
}

static bool has_converter(const struct end *end, const char *id)
{
	return end->converter && strcmp(converter_id(end->converter), id) == 0;
}

void route_lose_converter(struct route *route, const char *id)
{
	LOG_OF_ROUTE(route->config.name);
	struct end *ends[] = { &route->from, &route->to };

	for (unsigned int i = 0; i < 2; i++) {
		if (!ring_is_running(route->ring) || !has_converter(ends[i], id))
			continue;
		ring_stop(route->ring);
		error_say(&route->error, ENODEV, "IIO device \"%s\" has gone: %m",
			  ends[i]->config->device);
		on_ring_end(route, -ENODEV);
	}
}

bool route_waits_for(const struct route *route, const char *device)
{
	const struct end_config *ends[] = { route->from.config, route->to.config };
	bool concerned = false;

	for (unsigned int i = 0; i < 2; i++)
		concerned |= !ends[i]->usb && strcmp(ends[i]->device, device) == 0;
	return concerned && route_starts_always(route) && !ring_is_running(route->ring);
}

bool route_uses_usb(const struct route *route)
{
	return route->config.from.usb || route->config.to.usb;
}

bool route_is_repeating(const struct route *route)
{
	return ring_is_repeating(route->ring);
}

void route_set_parameters(struct route *route, const struct iiobridge_parameters *parameters)
{
	route->parameters = *parameters;
}
