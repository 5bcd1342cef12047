// SPDX-License-Identifier: GPL-2.0-or-later
#include "scope_tuner.h"

#include "cmd.h"
#include "files/clock.h"
#include "files/failure.h"
#include "interrupt.h"
#include "tuning.h"
#include "view/terminal.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_NS	 CLOCK_NS_PER_SECOND
#define STEP_MIN 1.0
#define STEP_MAX 1e9

/* One of the two that keys move. */
struct knob {
	const char *name;			 /* as of an option */
	const struct iiobridge_control *control; /* the first with this role, or NULL */
	double minimum, maximum;		 /* infinite where there is no range */
	double least;				 /* step of the driver, 0: any number */
	bool is_known;
	double value;  /* that the driver said last */
	double wanted; /* that was asked for last */
	bool is_asked; /* the thread has not seen it yet */
	bool is_busy;  /* it sets it */
	char unit[16];
};

enum { FREQUENCY, GAIN, KNOBS };

struct scope_tuner {
	struct iiobridge_board *board;
	int route;
	struct iiobridge_control_list *list; /* the thread's, once it runs */

	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	bool has_thread;
	bool ends;
	struct knob knobs[KNOBS];
	double step;		/* of the frequency, Hz */
	struct failure failure; /* of what was asked for last, or empty */
};

/* ---- what can be tuned ---- */

static void find_knob(struct scope_tuner *tuner, struct knob *knob, const char *name, int role)
{
	const struct iiobridge_control *control =
		iiobridge_control_find(tuner->list, tuner->route, role, -1);

	*knob = (struct knob){ .name = name, .minimum = -INFINITY, .maximum = INFINITY };
	if (!control || !iiobridge_control_is_writable(control) ||
	    iiobridge_control_kind(control) != IIOBRIDGE_CONTROL_IS_NUMBER)
		return;
	knob->control = control;
	snprintf(knob->unit, sizeof(knob->unit), "%s", iiobridge_control_unit(control));
	if (!iiobridge_control_has_range(control))
		return;
	knob->minimum = iiobridge_control_minimum(control);
	knob->maximum = iiobridge_control_maximum(control);
	knob->least = iiobridge_control_step(control);
}

static void take_values(struct scope_tuner *tuner)
{
	for (size_t i = 0; i < KNOBS; i++) {
		struct knob *knob = &tuner->knobs[i];

		if (!knob->control)
			continue;
		knob->is_known = iiobridge_control_is_known(knob->control);
		knob->value = iiobridge_control_number(knob->control);
	}
}

/* ---- the thread ---- */

struct took {
	struct knob *knob;
	double value;
	bool is_known;
};

static void take_result(const struct iiobridge_control_list *list,
			const struct tuning_result *result, void *context)
{
	struct took *took = context;

	(void)list;
	if (result->control != took->knob->control)
		return;
	took->value = result->reading.number;
	took->is_known = true;
}

/* With the lock, which it leaves meanwhile. */
static void set(struct scope_tuner *tuner, struct knob *knob)
{
	char text[TUNING_TEXT_SIZE];
	const struct tuning tuning = { knob->name, strlen(knob->name),
				       tuning_format_plain(knob->wanted, text) };
	struct took took = { .knob = knob };
	struct failure failure = { "" };

	knob->is_asked = false;
	knob->is_busy = true;
	pthread_mutex_unlock(&tuner->lock);
	tuning_set(tuner->board, tuner->list, tuner->route, &tuning, &failure, take_result, &took);
	pthread_mutex_lock(&tuner->lock);
	tuner->failure = failure;
	knob->is_busy = false;
	if (!took.is_known)
		return;
	knob->is_known = true;
	knob->value = took.value;
}

/* What cannot be read now may be later. */
static void look(struct scope_tuner *tuner)
{
	int r;

	pthread_mutex_unlock(&tuner->lock);
	r = iiobridge_control_list_update(tuner->list, NULL);
	pthread_mutex_lock(&tuner->lock);
	if (r == 0)
		take_values(tuner);
}

static struct knob *asked(struct scope_tuner *tuner)
{
	for (size_t i = 0; i < KNOBS; i++) {
		if (tuner->knobs[i].is_asked)
			return &tuner->knobs[i];
	}
	return NULL;
}

static void *run_thread(void *context)
{
	struct scope_tuner *tuner = context;

	pthread_mutex_lock(&tuner->lock);
	while (!tuner->ends) {
		const struct timespec end = clock_timespec(clock_now_ns() + LOOK_NS);
		struct knob *knob = asked(tuner);

		if (knob)
			set(tuner, knob);
		else if (pthread_cond_clockwait(&tuner->changed, &tuner->lock, CLOCK_MONOTONIC,
						&end) != 0)
			look(tuner);
	}
	pthread_mutex_unlock(&tuner->lock);
	return NULL;
}

/* ---- beginning and end ---- */

/* A power of ten that is at most a tenth of what is seen at once. */
static double choose_step(const struct iiobridge_route *route)
{
	const double rate = iiobridge_route_sample_rate(route);

	return rate >= 10 ? pow(10, floor(log10(rate / 10))) : 1e5;
}

static int begin(struct scope_tuner *tuner, struct failure *failure)
{
	int status;

	status = cmd_library(failure, iiobridge_control_list_new(tuner->board, &tuner->list));
	if (status != STATUS_OK)
		return status;
	find_knob(tuner, &tuner->knobs[FREQUENCY], "frequency", IIOBRIDGE_CONTROL_FREQUENCY);
	find_knob(tuner, &tuner->knobs[GAIN], "gain", IIOBRIDGE_CONTROL_GAIN);
	if (!tuner->knobs[FREQUENCY].control && !tuner->knobs[GAIN].control)
		return STATUS_OK;
	take_values(tuner);
	tuner->has_thread = interrupt_thread(&tuner->thread, run_thread, tuner);
	return tuner->has_thread ? STATUS_OK
				 : failure_set(failure, STATUS_FAILED, "no thread can be started");
}

int scope_tuner_new(struct iiobridge_board *board, const struct iiobridge_route *route,
		    struct failure *failure, struct scope_tuner **ret)
{
	struct scope_tuner *tuner = calloc(1, sizeof(*tuner));
	int status;

	*ret = NULL;
	if (!tuner)
		return failure_set(failure, STATUS_FAILED, "no memory for the controls");
	tuner->board = board;
	tuner->route = (int)iiobridge_route_index(route);
	tuner->step = choose_step(route);
	pthread_mutex_init(&tuner->lock, NULL);
	pthread_cond_init(&tuner->changed, NULL);
	status = begin(tuner, failure);
	if (tuner->has_thread)
		*ret = tuner;
	else
		scope_tuner_free(tuner);
	return status;
}

void scope_tuner_free(struct scope_tuner *tuner)
{
	if (!tuner)
		return;
	pthread_mutex_lock(&tuner->lock);
	tuner->ends = true;
	pthread_cond_signal(&tuner->changed);
	pthread_mutex_unlock(&tuner->lock);
	if (tuner->has_thread)
		pthread_join(tuner->thread, NULL);
	iiobridge_control_list_free(tuner->list);
	pthread_cond_destroy(&tuner->changed);
	pthread_mutex_destroy(&tuner->lock);
	free(tuner);
}

/* ---- keys ---- */

/* A key that repeats while a driver is at work goes on from what was asked for. */
static void move(struct scope_tuner *tuner, struct knob *knob, double by)
{
	const bool is_moving = knob->is_asked || knob->is_busy;
	const double from = is_moving ? knob->wanted : knob->value;

	if (!knob->control || (!knob->is_known && !is_moving))
		return;
	knob->wanted = fmin(fmax(from + by, knob->minimum), knob->maximum);
	knob->is_asked = true;
	pthread_cond_signal(&tuner->changed);
}

static double gain_step(const struct scope_tuner *tuner)
{
	return fmax(tuner->knobs[GAIN].least, 1);
}

void scope_tuner_key(struct scope_tuner *tuner, int key)
{
	if (!tuner)
		return;
	pthread_mutex_lock(&tuner->lock);
	switch (key) {
	case TERMINAL_LEFT:
		move(tuner, &tuner->knobs[FREQUENCY], -tuner->step);
		break;
	case TERMINAL_RIGHT:
		move(tuner, &tuner->knobs[FREQUENCY], tuner->step);
		break;
	case TERMINAL_UP:
		move(tuner, &tuner->knobs[GAIN], gain_step(tuner));
		break;
	case TERMINAL_DOWN:
		move(tuner, &tuner->knobs[GAIN], -gain_step(tuner));
		break;
	case '[':
		tuner->step = fmax(tuner->step / 10, STEP_MIN);
		break;
	case ']':
		tuner->step = fmin(tuner->step * 10, STEP_MAX);
		break;
	default:
		break;
	}
	pthread_mutex_unlock(&tuner->lock);
}

/* ---- what is shown ---- */

static const char *format_value(const struct knob *knob, char text[TUNING_TEXT_SIZE])
{
	if (!knob->is_known)
		return "unknown";
	return tuning_format_number(knob->value, knob->unit, text);
}

static void format(const struct scope_tuner *tuner, FILE *line)
{
	const struct knob *frequency = &tuner->knobs[FREQUENCY], *gain = &tuner->knobs[GAIN];
	char text[TUNING_TEXT_SIZE];

	if (frequency->control)
		fprintf(line, "frequency %s%s", format_value(frequency, text),
			gain->control ? ", " : "");
	if (gain->control)
		fprintf(line, "gain %s", format_value(gain, text));
	if (tuner->failure.message[0]) {
		fprintf(line, ": %s", tuner->failure.message);
		return;
	}
	fputs("   ", line);
	if (frequency->control)
		fprintf(line, "left, right: %s, [ ]: step%s",
			tuning_format_number(tuner->step, "Hz", text), gain->control ? "; " : "");
	if (gain->control)
		fputs("up, down: gain", line);
}

const char *scope_tuner_format(struct scope_tuner *tuner, char *line, size_t size)
{
	FILE *file;

	line[0] = '\0';
	if (!tuner)
		return line;
	file = fmemopen(line, size, "w");
	if (!file)
		return line;
	pthread_mutex_lock(&tuner->lock);
	format(tuner, file);
	pthread_mutex_unlock(&tuner->lock);
	fclose(file);
	line[size - 1] = '\0';
	return line;
}
