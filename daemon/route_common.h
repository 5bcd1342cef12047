/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what the parts of a route share
 *
 * route.c is what a run can be told, route_start.c how one begins, route_info.c what there is to
 * tell of it.
 */
#ifndef IIOBRIDGE_ROUTE_COMMON_H
#define IIOBRIDGE_ROUTE_COMMON_H

#include "core/ring.h"
#include "core/statistics.h"
#include "plan.h"
#include "preparation.h"
#include "route.h"

/** enum route_step - what the thread of a route is doing */
enum route_step {
	ROUTE_IDLE,
	ROUTE_LOOKS, /* for route_look() */
	ROUTE_OPENS, /* the first step of a start: find the devices */
	ROUTE_SETS,  /* the second one: write the attributes */
	ROUTE_WAITS, /* it does nothing: an endpoint cannot be opened yet */
};

/**
 * struct route - a route
 * @configured: what the next start uses
 * @config: of the run, or of the last one
 * @event: loop that it runs in
 * @number: on the wire
 * @ops: how the owner hears of it
 * @userdata: for @ops
 * @from: the end that fills
 * @to: the end that drains
 * @ring: what moves the blocks
 * @records: where its records go
 * @parameters: what the host has set
 * @plan: of the run
 * @failure: of the last run, 0 when it was to end
 * @error: reason of the last failure, of a run or of a request
 * @rate: of what was delivered
 * @worker: for @preparation
 * @preparation: what the thread does, or has done
 * @step: what that is
 * @outdated: it is for a start that nobody waits for any more
 * @starting: a start is under way
 * @if_there: only if its devices are
 * @came: one of them came meanwhile
 * @looking: somebody waits for route_look()
 * @tuning: so many controls of it are being set
 * @tuned: one was, since the last record
 * @rate_changed: one of them was its rate
 * @rate_is_new: which is another now
 */
struct route {
	const struct route_config *configured;
	struct route_config config;
	sd_event *event;
	unsigned int number;
	const struct route_ops *ops;
	void *userdata;

	struct end from, to;
	struct ring *ring;
	struct records *records;
	struct iiobridge_parameters parameters;
	struct plan plan;
	int failure;
	struct error error;
	struct rate rate;

	struct worker *worker;
	struct preparation *preparation;
	enum route_step step;
	bool outdated;
	bool starting;
	bool if_there;
	bool came;
	bool looking;

	unsigned int tuning;
	bool tuned;
	bool rate_changed;
	bool rate_is_new;
};

/**
 * route_choose_copying() - let both ends copy, or not, as configured
 * @route: stopped
 */
void route_choose_copying(struct route *route);

/**
 * route_make_plan() - find out what a start would use
 * @route: the route
 * @plan: receives it
 * @from: converter of the end that fills, NULL for the host
 * @to: converter of the end that drains, NULL for the host
 * @error: receives the reason of a failure
 *
 * Return: 0 or -EINVAL.
 */
int route_make_plan(struct route *route, struct plan *plan, const struct converter *from,
		    const struct converter *to, struct error *error);

/**
 * route_log_failure() - write the reason of a failure into the log
 * @route: whose @error has it, if somebody knew one
 * @number: negative errno
 *
 * Return: @error of the route.
 */
const struct error *route_log_failure(struct route *route, int number);

/**
 * route_stop_run() - stop the run, and let a start go on
 * @route: stopped or running
 */
void route_stop_run(struct route *route);

/**
 * route_on_prepared() - the thread has done what it had to do
 * @work: of the route's preparation
 */
void route_on_prepared(struct work *work);

#endif
