// SPDX-License-Identifier: GPL-2.0-or-later
#include "tuning.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"
#include "core/worker.h"
#include "iio/controls.h"

#define LOOK_NS 200000000u /* not more often than a person could follow */

/* What the thread does next. */
enum job_kind {
	JOB_FIND,
	JOB_READ,
	JOB_SET,
};

/* What one thread does; it is the loop's while the thread does nothing. */
struct job {
	struct work work;
	struct tuning *tuning;
	enum job_kind kind;
	unsigned int number;
	struct iiobridge_control_value value;
	struct bridge_config config;
	struct iio_controls controls;
	int result;
	struct error error;
};

/* What is to be done with a control. */
struct todo {
	bool read;  /* a host waits for it */
	bool stale; /* nobody does, but it may have changed */
	bool set;
	uint64_t order; /* of those that are to be set: the lowest is the first */
	struct iiobridge_control_value value;
	bool refused; /* a host has to hear that it could not be set */
	bool known;   /* it was read before */
};

struct tuning {
	const struct bridge_config *config;
	const struct tuning_ops *ops;
	void *userdata;
	struct worker *worker;
	struct job *job;
	bool busy;
	bool find;
	uint64_t orders;
	uint64_t looked_ns;
	unsigned int count;
	struct todo todo[IIOBRIDGE_MAX_CONTROLS];
	struct iiobridge_control_info infos[IIOBRIDGE_MAX_CONTROLS];
};

static void run(struct work *work)
{
	struct job *job = (struct job *)work;
	struct iio_control *control = &job->controls.all[job->number];

	job->result = 0;
	job->error.number = 0;
	if (job->kind == JOB_FIND)
		iio_controls_find(&job->controls, &job->config);
	else if (job->kind == JOB_SET)
		job->result = iio_control_write(control, &job->value, &job->error);
	else
		job->result = iio_control_read(control, &job->error);
}

/* Whether the routes' samples are others when it is. */
static bool is_of_signal(const struct iio_control *control)
{
	switch (control->info.role) {
	case IIOBRIDGE_ROLE_FREQUENCY:
	case IIOBRIDGE_ROLE_SAMPLE_RATE:
	case IIOBRIDGE_ROLE_BANDWIDTH:
	case IIOBRIDGE_ROLE_ANTENNA:
		return true;
	default:
		return false;
	}
}

static bool is_rate(const struct iio_control *control)
{
	return control->info.role == IIOBRIDGE_ROLE_SAMPLE_RATE;
}

/* The routes that may notice that a control is set: its own, and for a rate those of that device.
 */
static void tell_routes(struct tuning *tuning, const struct iio_control *control, bool ends)
{
	const struct iio_controls *controls = &tuning->job->controls;

	if (!is_rate(control)) {
		if (ends)
			tuning->ops->ends(tuning->userdata, control->info.route, false, 0);
		else
			tuning->ops->begins(tuning->userdata, control->info.route, false);
		return;
	}
	for (unsigned int i = 0; i < controls->count; i++) {
		const struct iio_control *other = &controls->all[i];

		if (!is_rate(other) || strcmp(other->device, control->device) != 0 ||
		    (other != control && !tuning->todo[i].known))
			continue;
		/* Of another one it is what it was, until that is read again and has changed. */
		if (ends)
			tuning->ops->ends(tuning->userdata, other->info.route, true,
					  other->rate_millihertz);
		else
			tuning->ops->begins(tuning->userdata, other->info.route, true);
	}
}

static void begin(struct tuning *tuning, enum job_kind kind, unsigned int number)
{
	struct job *job = tuning->job;

	job->kind = kind;
	job->number = number;
	tuning->busy = true;
	if (kind == JOB_FIND)
		job->config = *tuning->config;
	else
		job->work.route = tuning->config->routes[job->controls.all[number].info.route].name;
	if (kind == JOB_SET)
		tell_routes(tuning, &job->controls.all[number], false);
	worker_begin(tuning->worker, &job->work);
}

/* Return: the control that is to be set first, or -1. */
static int first_to_set(const struct tuning *tuning)
{
	int first = -1;

	for (unsigned int i = 0; i < tuning->count; i++)
		if (tuning->todo[i].set &&
		    (first < 0 || tuning->todo[i].order < tuning->todo[first].order))
			first = (int)i;
	return first;
}

static int first_to_read(const struct tuning *tuning, bool waited_for)
{
	for (unsigned int i = 0; i < tuning->count; i++)
		if (waited_for ? tuning->todo[i].read : tuning->todo[i].stale)
			return (int)i;
	return -1;
}

/* What a host waits for goes first. */
static void go_on(struct tuning *tuning)
{
	int number;

	if (tuning->busy)
		return;
	if (tuning->find) {
		tuning->find = false;
		begin(tuning, JOB_FIND, 0);
		return;
	}
	number = first_to_set(tuning);
	if (number >= 0) {
		tuning->job->value = tuning->todo[number].value;
		tuning->todo[number].set = false;
		begin(tuning, JOB_SET, (unsigned int)number);
		return;
	}
	number = first_to_read(tuning, true);
	if (number < 0)
		number = first_to_read(tuning, false);
	if (number < 0)
		return;
	tuning->todo[number].read = tuning->todo[number].stale = false;
	begin(tuning, JOB_READ, (unsigned int)number);
}

static void found(struct tuning *tuning)
{
	const struct iio_controls *controls = &tuning->job->controls;

	for (unsigned int i = 0; i < controls->count; i++) {
		const struct iiobridge_control_info *info = &controls->all[i].info;

		if (i >= tuning->count)
			tuning->infos[i] = *info;
		tuning->infos[i].access = info->access;
		tuning->todo[i].stale = true;
	}
	if (controls->count > tuning->count)
		log_debug("there are %u controls", controls->count);
	tuning->count = controls->count;
}

static void fail(struct tuning *tuning, unsigned int number)
{
	struct iiobridge_control_info *info = &tuning->infos[number];
	struct error *error = &tuning->job->error;

	error_complete(error, tuning->job->result);
	info->state = IIOBRIDGE_CONTROL_FAILED;
	text_copy(info->message, sizeof(info->message), error->text);
}

static void take_info(struct tuning *tuning, unsigned int number)
{
	struct iiobridge_control_info *info = &tuning->infos[number];
	struct todo *todo = &tuning->todo[number];
	uint8_t state = info->state, changes = info->changes;
	char message[sizeof(info->message)];

	memcpy(message, info->message, sizeof(message));
	*info = tuning->job->controls.all[number].info;
	info->changes = changes;
	todo->known = true;
	info->state = IIOBRIDGE_CONTROL_KNOWN;
	if (todo->refused) {
		info->state = state;
		memcpy(info->message, message, sizeof(message));
	}
}

static void was_read(struct tuning *tuning, unsigned int number)
{
	const struct iio_control *control = &tuning->job->controls.all[number];
	struct iiobridge_control_info *info = &tuning->infos[number];
	struct iiobridge_control_value before = info->value;
	bool known = tuning->todo[number].known;

	if (tuning->job->result) {
		fail(tuning, number);
		return;
	}
	take_info(tuning, number);
	if (!known || memcmp(&before, &info->value, sizeof(before)) == 0)
		return;
	info->changes++;
	if (!is_of_signal(control))
		return;
	tell_routes(tuning, control, false);
	tell_routes(tuning, control, true);
}

static void was_set(struct tuning *tuning, unsigned int number)
{
	const struct iio_controls *controls = &tuning->job->controls;
	const struct iio_control *control = &controls->all[number];

	tell_routes(tuning, control, true);
	tuning->todo[number].refused = false;
	if (tuning->job->result) {
		take_info(tuning, number);
		fail(tuning, number);
		tuning->todo[number].refused = true;
		log_info("a host was refused: %s", tuning->job->error.text);
		return;
	}
	take_info(tuning, number);
	for (unsigned int i = 0; i < controls->count; i++)
		if (i != number && strcmp(controls->all[i].device, control->device) == 0)
			tuning->todo[i].stale = true;
}

static void on_done(struct work *work)
{
	struct job *job = (struct job *)work;
	struct tuning *tuning = job->tuning;

	tuning->busy = false;
	if (job->kind == JOB_FIND)
		found(tuning);
	else if (job->kind == JOB_SET)
		was_set(tuning, job->number);
	else
		was_read(tuning, job->number);
	if (job->kind != JOB_FIND &&
	    (tuning->todo[job->number].set || tuning->todo[job->number].read))
		tuning->infos[job->number].state = IIOBRIDGE_CONTROL_PENDING;
	go_on(tuning);
}

int tuning_new(struct tuning **tuning, sd_event *event, const struct bridge_config *config,
	       const struct tuning_ops *ops, void *userdata)
{
	struct tuning *new = calloc(1, sizeof(*new));
	struct job *job = calloc(1, sizeof(*job));
	int ret;

	if (!new || !job) {
		free(new);
		free(job);
		return log_errno(ENOMEM, "cannot look for controls: %m");
	}
	job->work = (struct work){ .run = run, .done = on_done };
	job->tuning = new;
	*new = (struct tuning){
		.config = config,
		.ops = ops,
		.userdata = userdata,
		.job = job,
	};
	ret = worker_new(&new->worker, event);
	if (ret < 0) {
		free(job);
		free(new);
		return ret;
	}
	/* A host that asks early shall hear of all of them; no driver is asked for anything yet. */
	iio_controls_find(&job->controls, config);
	found(new);
	go_on(new);
	*tuning = new;
	return 0;
}

void tuning_free(struct tuning *tuning, uint64_t until_ns)
{
	if (!tuning)
		return;
	/* What a thread has that waits for a driver is left to the end of the process. */
	if (worker_free(tuning->worker, until_ns))
		free(tuning->job);
	free(tuning);
}

void tuning_find(struct tuning *tuning)
{
	tuning->find = true;
	go_on(tuning);
}

unsigned int tuning_count(const struct tuning *tuning)
{
	return tuning->count;
}

const struct iiobridge_control_info *tuning_info(const struct tuning *tuning, unsigned int number)
{
	return &tuning->infos[number];
}

void tuning_read(struct tuning *tuning, unsigned int number)
{
	tuning->todo[number].read = true;
	tuning->todo[number].refused = false;
	tuning->infos[number].state = IIOBRIDGE_CONTROL_PENDING;
	go_on(tuning);
}

void tuning_set(struct tuning *tuning, unsigned int number,
		const struct iiobridge_control_value *value)
{
	struct todo *todo = &tuning->todo[number];

	if (!todo->set)
		todo->order = ++tuning->orders;
	todo->set = true;
	todo->value = *value;
	tuning->infos[number].state = IIOBRIDGE_CONTROL_PENDING;
	go_on(tuning);
}

void tuning_look(struct tuning *tuning)
{
	uint64_t now = clock_now_ns();

	if (now - tuning->looked_ns < LOOK_NS)
		return;
	tuning->looked_ns = now;
	for (unsigned int i = 0; i < tuning->count; i++)
		tuning->todo[i].stale = true;
	go_on(tuning);
}
