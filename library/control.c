// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * control.c - what a board can be tuned with: one control is read or set, and what is known of it
 *
 * A driver may need long for it, and ep0 is not held up by that: the board is asked to read or set
 * a control, and then what became of that, until it has become of it.
 */
#include "internal.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

#define LIMIT_MS 10000

/* The first answer is asked for at once, the others in ever longer intervals. */
#define PAUSE_FIRST_NS NS_PER_MS
#define PAUSE_MAX_NS   (20 * NS_PER_MS)

/* The protocol has whole millionths. */
#define PARTS	  1e6
#define PARTS_MAX 0x1p63

/* ---- asking ---- */

static void sleep_ns(uint64_t ns)
{
	struct timespec left = { .tv_sec = (time_t)(ns / NS_PER_SECOND),
				 .tv_nsec = (long)(ns % NS_PER_SECOND) };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

int control_await(struct iiobridge_board *board, unsigned int control, uint64_t end_ns,
		  struct iiobridge_control_info *info)
{
	uint64_t pause_ns = PAUSE_FIRST_NS;
	bool last;
	int r;

	for (;;) {
		last = clock_ns() >= end_ns;
		r = request_control_value(board, control, info);
		if (r < 0 || info->state != IIOBRIDGE_CONTROL_PENDING || last)
			return r;
		sleep_ns(pause_ns);
		pause_ns = pause_ns < PAUSE_MAX_NS / 2 ? 2 * pause_ns : PAUSE_MAX_NS;
	}
}

static void tell_value(const struct iiobridge_control_value *value,
		       struct iiobridge_reading *reading)
{
	if (!reading)
		return;
	*reading = (struct iiobridge_reading){ .number = (double)value->number / PARTS };
	memcpy(reading->text, value->text, sizeof(value->text));
}

/* What became of it. The sentence is only asked for where there is one. */
static int finish(struct iiobridge_board *board, unsigned int control, const char *what,
		  struct iiobridge_reading *reading)
{
	const char *location = board->candidate.location;
	struct iiobridge_control_info info;
	int r;

	r = control_await(board, control, deadline_ns(LIMIT_MS), &info);
	if (r == 0 && info.state != IIOBRIDGE_CONTROL_KNOWN)
		r = request_control(board, control, &info);
	if (r < 0)
		return r;
	if (info.state == IIOBRIDGE_CONTROL_PENDING)
		return fail(IIOBRIDGE_ERROR_TIMEOUT,
			    "the board at %s has not %s control %u (%s) within %d s: its driver "
			    "has not come back",
			    location, what, control, info.name, LIMIT_MS / 1000);
	if (info.state == IIOBRIDGE_CONTROL_FAILED)
		return fail(IIOBRIDGE_ERROR_REFUSED,
			    "the board at %s has not %s control %u (%s): %s", location, what,
			    control, info.name,
			    info.message[0] ? info.message : "it does not say why");
	tell_value(&info.value, reading);
	return 0;
}

static int check_index(const struct iiobridge_board *board, unsigned int control)
{
	if (control < board->info.control_count)
		return 0;
	return fail(IIOBRIDGE_ERROR_INVALID, "there is no control %u: the board at %s has %u",
		    control, board->candidate.location, board->info.control_count);
}

int iiobridge_control_read(struct iiobridge_board *board, unsigned int control,
			   struct iiobridge_reading *reading)
{
	int r;

	r = check_index(board, control);
	if (r < 0)
		return r;
	pthread_mutex_lock(&board->tuning);
	r = request_read_control(board, control);
	if (r == 0)
		r = finish(board, control, "read", reading);
	pthread_mutex_unlock(&board->tuning);
	return r;
}

static int set(struct iiobridge_board *board, unsigned int control,
	       const struct iiobridge_control_value *value, struct iiobridge_reading *reading)
{
	int r;

	r = check_index(board, control);
	if (r < 0)
		return r;
	pthread_mutex_lock(&board->tuning);
	r = request_set_control(board, control, value);
	if (r == 0) {
		board->sets[control]++;
		r = finish(board, control, "set", reading);
	}
	pthread_mutex_unlock(&board->tuning);
	return r;
}

int iiobridge_control_set_number(struct iiobridge_board *board, unsigned int control, double number,
				 struct iiobridge_reading *reading)
{
	const double parts = round(number * PARTS);
	struct iiobridge_control_value value = { 0 };

	if (!isfinite(parts) || parts < -PARTS_MAX || parts >= PARTS_MAX)
		return fail(IIOBRIDGE_ERROR_INVALID,
			    "control %u cannot be set to %g: numbers are from -9.2e12 to 9.2e12",
			    control, number);
	value.number = (int64_t)parts;
	return set(board, control, &value, reading);
}

int iiobridge_control_set_text(struct iiobridge_board *board, unsigned int control,
			       const char *text, struct iiobridge_reading *reading)
{
	struct iiobridge_control_value value = { 0 };
	const size_t length = strlen(text);

	if (length >= sizeof(value.text))
		return fail(IIOBRIDGE_ERROR_INVALID,
			    "control %u cannot be set to a text of %zu bytes: %zu at most", control,
			    length, sizeof(value.text) - 1);
	memcpy(value.text, text, length);
	return set(board, control, &value, reading);
}

/* ---- what is known of one ---- */

unsigned int iiobridge_control_index(const struct iiobridge_control *control)
{
	return control->index;
}

const char *iiobridge_control_name(const struct iiobridge_control *control)
{
	return control->info.name;
}

static int owner(uint8_t number)
{
	return number == IIOBRIDGE_CONTROL_OF_ALL ? -1 : number;
}

int iiobridge_control_route(const struct iiobridge_control *control)
{
	return owner(control->info.route);
}

int iiobridge_control_channel(const struct iiobridge_control *control)
{
	return owner(control->info.channel);
}

int iiobridge_control_role(const struct iiobridge_control *control)
{
	return control->info.role;
}

int iiobridge_control_kind(const struct iiobridge_control *control)
{
	return control->info.kind;
}

const char *iiobridge_control_unit(const struct iiobridge_control *control)
{
	return control->info.unit;
}

bool iiobridge_control_is_readable(const struct iiobridge_control *control)
{
	return control->info.access & IIOBRIDGE_CONTROL_READ;
}

bool iiobridge_control_is_writable(const struct iiobridge_control *control)
{
	return control->info.access & IIOBRIDGE_CONTROL_WRITE;
}

bool iiobridge_control_has_range(const struct iiobridge_control *control)
{
	return control->info.has_range;
}

double iiobridge_control_minimum(const struct iiobridge_control *control)
{
	return (double)control->info.minimum / PARTS;
}

double iiobridge_control_maximum(const struct iiobridge_control *control)
{
	return (double)control->info.maximum / PARTS;
}

double iiobridge_control_step(const struct iiobridge_control *control)
{
	return (double)control->info.step / PARTS;
}

unsigned int iiobridge_control_choice_count(const struct iiobridge_control *control)
{
	return control->info.choice_count;
}

const char *iiobridge_control_choice(const struct iiobridge_control *control, unsigned int index)
{
	const char *choice = control->info.choices;

	if (index >= control->info.choice_count)
		return NULL;
	while (index-- > 0)
		choice += strlen(choice) + 1;
	return choice;
}

bool iiobridge_control_is_known(const struct iiobridge_control *control)
{
	return control->info.state == IIOBRIDGE_CONTROL_KNOWN;
}

double iiobridge_control_number(const struct iiobridge_control *control)
{
	return (double)control->info.value.number / PARTS;
}

const char *iiobridge_control_text(const struct iiobridge_control *control)
{
	return control->info.value.text;
}

const char *iiobridge_control_message(const struct iiobridge_control *control)
{
	return control->info.message;
}

bool iiobridge_control_has_changed(const struct iiobridge_control *control)
{
	return control->has_changed;
}
