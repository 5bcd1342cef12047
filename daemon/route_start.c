// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>

#include "core/bounce.h"
#include "core/log.h"
#include "route_common.h"

/*
 * Beside a file and a fence for each block: what the threads of all routes and those who ask for
 * the status have open for a moment.
 */
#define MORE_FILES 128

/* What is sent before it is full is copied, see check_latency() in config/routes.c. */
static bool is_to_copy(const struct route_config *config)
{
	return config->transfer == CONFIG_TRANSFER_COPY || config->latency_us;
}

void route_choose_copying(struct route *route)
{
	bool copying = is_to_copy(&route->config);

	end_set_copying(&route->from, copying);
	end_set_copying(&route->to, copying);
	route->from.beyond_limits = route->to.beyond_limits = false;
}

/* Have an end copy from now on, or both where it is NULL, if they may. */
static int let_copy(struct route *route, struct end *end, int error, const char *why)
{
	if (route->config.transfer == CONFIG_TRANSFER_DMABUF)
		return error_set(&route->error, EOPNOTSUPP,
				 "route \"%s\": %s; transfer = \"auto\" would copy",
				 route->config.name, why);
	log_event(LOG_WARNING, &(struct log_event){ .id = LOG_ID_COPYING, .error = error },
		  "route \"%s\": %s; samples are copied %s from now on", route->config.name, why,
		  end ? "there" : "at both ends");
	end_set_copying(end ? end : &route->from, true);
	end_set_copying(end ? end : &route->to, true);
	return 0;
}

/*
 * After a start whose memory an end's device does not reach: a heap that was named is refused, and
 * where none of those does that "auto" tries, the end copies.
 */
static int avoid_memory(struct route *route, struct end *end)
{
	char device[END_TEXT_SIZE], why[256];

	end_describe(end, device, sizeof(device));
	if (!blocks_choose_heap(route->config.heap))
		return error_set(
			&route->error, EOPNOTSUPP,
			"route \"%s\": %s does not reach all memory of heap \"%s\", and the "
			"kernel would give it other memory in its place; heap = \"auto\" takes "
			"one that it reaches, or copies",
			route->config.name, device, route->config.heap);
	snprintf(why, sizeof(why), "%s reaches the memory of no heap that is here", device);
	return let_copy(route, end, EOPNOTSUPP, why);
}

/*
 * After a refusal: let the end whose device refused copy from now on, if it may, and the other one
 * if it is on the same device. Another start may find that the other one's refuses, too.
 */
static int fall_back(struct route *route)
{
	struct end *const ends[] = { &route->from, &route->to };
	const struct port *unreached = ring_unreached(route->ring);
	int ret = -EOPNOTSUPP;

	if (unreached)
		return avoid_memory(route, ends[unreached == route->to.port]);
	for (unsigned int i = 0; i < 2; i++) {
		char why[256];

		if (!end_explain_refusal(ends[i], why, sizeof(why)))
			continue;
		ret = let_copy(route, ends[i], ends[i]->port->refusal, why);
		if (ret)
			return ret;
		if (route->from.config->usb && route->to.config->usb)
			end_set_copying(ends[1 - i], true);
	}
	return ret;
}

/*
 * Both ends copy without any DMABUF, as there is nothing that a device could refuse, and where
 * nobody can tell whether a device reaches a DMABUF.
 */
static int copy_at_both_ends(struct route *route)
{
	if (route->from.port->copies && route->to.port->copies)
		return 0;
	if (!blocks_can_be_dmabufs(route->config.heap))
		return let_copy(route, NULL, ENOENT,
				"this kernel gives no DMABUFs, there is neither a heap in "
				"/dev/dma_heap nor /dev/udmabuf");
	if (!bounce_is_certain())
		return let_copy(
			route, NULL, EACCES,
			"whether devices reach its memory above 4 GiB cannot be known here, "
			"as " BOUNCE_KERNEL_COUNT " cannot be read");
	return 0;
}

/* For a run; what the configuration becomes in the meantime is for the next one. */
static void take_configuration(struct route *route)
{
	const enum config_transfer transfer = route->config.transfer;
	const bool copied = is_to_copy(&route->config);

	route->config = *route->configured;
	if (is_to_copy(&route->config) != copied || route->config.transfer != transfer)
		route_choose_copying(route);
}

/*
 * Let an end copy whose device takes no block that this start could have, if it may. Another start,
 * of other channels or with another heap, may be within the limits.
 */
static int copy_beyond_limits(struct route *route, const struct plan *plan)
{
	const bool copies[] = { plan->from_copies, plan->to_copies };
	struct end *const ends[] = { &route->from, &route->to };

	for (unsigned int i = 0; i < 2; i++) {
		char why[256];
		int ret;

		if (!copies[i] && ends[i]->beyond_limits) {
			end_set_copying(ends[i], false);
			ends[i]->beyond_limits = false;
		}
		if (!copies[i] || ends[i]->port->copies)
			continue;
		end_explain_limits(ends[i], plan->block_step, route->config.heap, why, sizeof(why));
		ret = let_copy(route, ends[i], EOPNOTSUPP, why);
		if (ret)
			return ret;
		ends[i]->beyond_limits = true;
	}
	return 0;
}

/* Say what became of a size that could not be. */
static void log_block_size(const struct route *route)
{
	const struct plan *plan = &route->plan;
	const struct end *end = plan->limited_by == route->from.port ? &route->from : &route->to;
	char device[END_TEXT_SIZE], why[2 * CONFIG_TEXT_SIZE + 96] = "";

	if (plan->block_size_max == route->config.block_size)
		return;
	end_describe(end, device, sizeof(device));
	if (plan->limited_by)
		snprintf(why, sizeof(why), "; %s takes no larger ones from heap \"%s\"", device,
			 route->config.heap);
	log_info(
		"route \"%s\": blocks of %u bytes are configured, the largest that can be have %u: "
		"a multiple of %u, for samples of %u bytes and whole pages%s",
		route->config.name, route->config.block_size, plan->block_size_max,
		plan->block_step, plan->bytes_per_scan, why);
}

static int set_ends_up(struct route *route)
{
	const struct plan *plan = &route->plan;
	int ret = copy_beyond_limits(route, plan);

	if (!ret)
		ret = copy_at_both_ends(route);
	if (ret)
		return ret;
	end_set_up(&route->from, plan);
	end_set_up(&route->to, plan);
	return 0;
}

/* Return: 0 or a negative errno, -EAGAIN as the ports' open() says it. */
static int run(struct route *route)
{
	const struct ring_setup setup = {
		.heap = route->config.heap,
		.block_size = route->plan.block_size,
		.block_count = route->config.block_count,
		.bytes_per_scan = route->plan.bytes_per_scan,
		.prompt = route->plan.prompt_records,
	};
	int ret;

	do {
		ret = ring_start(route->ring, &setup);
	} while (ret == -EOPNOTSUPP && !(ret = fall_back(route)));
	return ret;
}

/* Whether an end will copy, whatever the limits of its device: see take_configuration(). */
static bool copies_anyway(const struct route *route, const struct end *end)
{
	if (is_to_copy(route->configured))
		return true;
	if (is_to_copy(&route->config) || route->configured->transfer != route->config.transfer)
		return false;
	return end->port->copies && !end->beyond_limits;
}

int route_make_plan(struct route *route, struct plan *plan, const struct converter *from,
		    const struct converter *to, struct error *error)
{
	const struct route_config *config = route->configured;
	const struct plan_end from_end = {
		.converter = from,
		.port = route->from.port,
		.copies = copies_anyway(route, &route->from),
	};
	const struct plan_end to_end = {
		.converter = to,
		.port = route->to.port,
		.copies = copies_anyway(route, &route->to),
	};

	end_find_limits(&route->from, from);
	end_find_limits(&route->to, to);
	return plan_make(plan, config, &route->parameters, &from_end, &to_end, error);
}

static void finish_look(struct route *route, const struct error *error)
{
	route->looking = false;
	route->ops->looked(route->userdata, route->number, error);
}

/* The start has come to nothing. If a device came meanwhile, proceed() begins another. */
static void drop_start(struct route *route)
{
	route->starting = route->if_there = route->came;
	route->came = false;
}

static void finish_start(struct route *route, int error)
{
	route->starting = false;
	if (error) {
		route_log_failure(route, error);
	} else {
		/* What was tried before it started is no reason of what comes. */
		route->error.number = 0;
		log_block_size(route);
		log_info("route \"%s\": started, %u blocks of %u bytes, channel mask 0x%x",
			 route->config.name, route->config.block_count, route->plan.block_size,
			 route->plan.channel_mask);
	}
	route->ops->started(route->userdata, route->number, error ? &route->error : NULL);
	if (error)
		drop_start(route);
}

/*
 * The thread gets what is known, which stays as it is until it is done. For a start it looks
 * whether that is still so, as the devices may have gone and come back, with other channels.
 */
static void begin_step(struct route *route, enum route_step step)
{
	struct preparation *preparation = route->preparation;
	bool anew = step == ROUTE_OPENS;

	route->step = step;
	preparation->from.converter = route->from.converter;
	preparation->to.converter = route->to.converter;
	preparation->anew = anew;
	preparation->if_there = anew && route->if_there;
	preparation->files = anew ? 2 * route->configured->block_count + MORE_FILES : 0;
	preparation->set = step == ROUTE_SETS;
	preparation->foretell = step == ROUTE_LOOKS && !ring_is_running(route->ring);
	/* What it runs on, or else what a start would use. */
	preparation->config = !anew && (preparation->set || ring_is_running(route->ring))
				      ? route->config
				      : *route->configured;
	worker_begin(route->worker, &preparation->work);
}

/* Give the thread what there is to do. While it sets attributes, what is known has to do. */
static void proceed(struct route *route)
{
	if (route->looking && (route->step == ROUTE_SETS || route->step == ROUTE_WAITS) &&
	    end_is_known(&route->from) && end_is_known(&route->to))
		finish_look(route, NULL);
	if (route->step != ROUTE_IDLE)
		return;
	if (route->starting)
		begin_step(route, ROUTE_OPENS);
	else if (route->looking)
		begin_step(route, ROUTE_LOOKS);
}

/* End a start that has stopped the run before. */
static void end_start(struct route *route, int error)
{
	route->failure = error;
	finish_start(route, error);
}

static void go_on(struct route *route)
{
	int ret = run(route);

	route->step = ret == -EAGAIN ? ROUTE_WAITS : ROUTE_IDLE;
	if (route->step == ROUTE_IDLE)
		end_start(route, ret);
}

static void begin_run(struct route *route)
{
	int ret = set_ends_up(route);

	if (ret)
		end_start(route, ret);
	else
		go_on(route);
}

void route_go_on(struct route *route)
{
	LOG_OF_ROUTE(route->config.name);

	if (route->step != ROUTE_WAITS)
		return;
	go_on(route);
	proceed(route);
}

/* What the thread has come to, for a start. */
static int take_result(struct route *route)
{
	if (route->preparation->result)
		route->error = route->preparation->error;
	return route->preparation->result;
}

/* The devices are there. A start that is refused leaves a run as it is. */
static void on_opened(struct route *route)
{
	struct preparation *preparation = route->preparation;
	struct plan plan;
	int ret;

	if (preparation->absent) {
		drop_start(route);
		return;
	}
	ret = take_result(route);
	if (!ret)
		ret = route_make_plan(route, &plan, preparation->from.converter,
				      preparation->to.converter, &route->error);
	if (ret) {
		finish_start(route, ret);
		return;
	}
	route_stop_run(route);
	take_configuration(route);
	end_take_converter(&route->from, &preparation->from);
	end_take_converter(&route->to, &preparation->to);
	route->plan = plan;
	route->failure = 0;
	if (route->config.attribute_count || route->config.trigger[0])
		begin_step(route, ROUTE_SETS);
	else
		begin_run(route);
}

static void on_set(struct route *route)
{
	int ret = take_result(route);

	if (ret)
		end_start(route, ret);
	else
		begin_run(route);
}

/* Take what was found, and the rates. */
static void take_look(struct end *end, struct end *found)
{
	if (!end->converter)
		end->converter = found->converter;
	if (end->converter == found->converter)
		end->rate_millihertz = found->rate_millihertz;
}

/* What the route has not taken goes. */
static void drop(const struct end *end, struct end *found)
{
	if (found->converter != end->converter)
		converter_close(found->converter);
	found->converter = NULL;
}

void route_on_prepared(struct work *work)
{
	struct preparation *preparation = (struct preparation *)work;
	struct route *route = preparation->owner;
	LOG_OF_ROUTE(route->config.name);
	enum route_step step = route->step;
	bool outdated = route->outdated;

	route->step = ROUTE_IDLE;
	route->outdated = false;
	if (step == ROUTE_LOOKS || step == ROUTE_SETS) {
		take_look(&route->from, &preparation->from);
		take_look(&route->to, &preparation->to);
	}
	if (step == ROUTE_LOOKS)
		finish_look(route, preparation->result ? &preparation->error : NULL);
	else if (step == ROUTE_OPENS && !outdated)
		on_opened(route);
	else if (step == ROUTE_SETS && !outdated)
		on_set(route);
	if (route->step == ROUTE_IDLE || route->step == ROUTE_WAITS) {
		drop(&route->from, &preparation->from);
		drop(&route->to, &preparation->to);
	}
	proceed(route);
}

/* What the thread does for a start is in vain. */
static void outdate(struct route *route)
{
	if (route->step == ROUTE_WAITS)
		route->step = ROUTE_IDLE;
	route->outdated = route->step == ROUTE_OPENS || route->step == ROUTE_SETS;
}

static void start(struct route *route, bool if_there)
{
	LOG_OF_ROUTE(route->config.name);

	outdate(route);
	route->error.number = 0;
	route->starting = true;
	route->if_there = if_there;
	route->came = false;
	proceed(route);
}

void route_start(struct route *route)
{
	/* What was tuned before is nothing that its records have to tell. */
	route->tuned = route->tuned && route->tuning > 0;
	route->rate_is_new = route->rate_is_new && route->tuning > 0;
	start(route, false);
}

void route_start_if_there(struct route *route)
{
	if (route->starting)
		route->came = true;
	else
		start(route, true);
}

void route_cancel_start(struct route *route)
{
	if (!route->starting)
		return;
	route->starting = false;
	outdate(route);
}

void route_look(struct route *route)
{
	LOG_OF_ROUTE(route->config.name);

	route->looking = true;
	proceed(route);
}

bool route_is_starting(const struct route *route)
{
	return route->starting;
}
