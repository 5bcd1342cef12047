// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * control_list.c - the controls of a board, as they were at one moment, and what has changed since
 */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For all of a list: a driver that needs longer is told of as one that failed. */
#define LIMIT_MS 5000

struct iiobridge_control_list {
	struct iiobridge_board *board; /* held */
	char routes[IIOBRIDGE_MAX_ROUTES][sizeof(((struct iiobridge_route_info *)0)->name)];
	unsigned int sets[IIOBRIDGE_MAX_CONTROLS]; /* that are in the values */
	size_t count;
	struct iiobridge_control controls[];
};

/* ---- asking ---- */

/* With the board's lock of tuning, as the function that follows. */
static int get_control(struct iiobridge_control_list *list, size_t index, uint64_t end_ns)
{
	struct iiobridge_board *board = list->board;
	struct iiobridge_control *control = &list->controls[index];
	struct iiobridge_control_info info;
	const unsigned int number = (unsigned int)index;
	int r;

	r = request_control(board, number, &info);
	if (r == 0 && info.state == IIOBRIDGE_CONTROL_PENDING) {
		r = control_await(board, number, end_ns, &info);
		if (r == 0)
			r = request_control(board, number, &info);
	}
	if (r < 0)
		return r;
	if (info.state == IIOBRIDGE_CONTROL_PENDING) {
		info.state = IIOBRIDGE_CONTROL_FAILED;
		snprintf(info.message, sizeof(info.message),
			 "its driver has not come back within %d s", LIMIT_MS / 1000);
	}
	control->index = number;
	control->info = info;
	list->sets[index] = board->sets[index];
	return 0;
}

static int read_all(struct iiobridge_control_list *list)
{
	int r = 0;

	if (list->count == 0)
		return 0;
	pthread_mutex_lock(&list->board->tuning);
	r = request_read_control(list->board, IIOBRIDGE_ALL_CONTROLS);
	if (r == 0) {
		const uint64_t end_ns = deadline_ns(LIMIT_MS);

		for (size_t i = 0; i < list->count && r == 0; i++)
			r = get_control(list, i, end_ns);
	}
	pthread_mutex_unlock(&list->board->tuning);
	return r;
}

static int name_routes(struct iiobridge_control_list *list)
{
	struct iiobridge_route_info info;
	int r = 0;

	for (unsigned int i = 0; i < list->board->info.route_count && list->count > 0; i++) {
		r = request_route(list->board, i, &info);
		if (r < 0)
			break;
		memcpy(list->routes[i], info.name, sizeof(info.name));
	}
	return r;
}

int iiobridge_control_list_new(struct iiobridge_board *board, struct iiobridge_control_list **ret)
{
	const size_t count = board->info.control_count;
	struct iiobridge_control_list *list =
		calloc(1, sizeof(*list) + count * sizeof(list->controls[0]));
	int r;

	if (!list)
		return fail_memory("the controls");
	list->count = count;
	list->board = board;
	board_hold(board);
	r = name_routes(list);
	if (r == 0)
		r = read_all(list);
	if (r < 0) {
		iiobridge_control_list_free(list);
		return r;
	}
	*ret = list;
	return 0;
}

void iiobridge_control_list_free(struct iiobridge_control_list *list)
{
	if (!list)
		return;
	board_drop(list->board);
	free(list);
}

static int update(struct iiobridge_control_list *list, size_t *changed)
{
	uint8_t changes[IIOBRIDGE_MAX_CONTROLS];
	uint64_t end_ns;
	int r;

	r = request_changes(list->board, changes);
	if (r < 0)
		return r;
	for (size_t i = 0; i < list->count; i++) {
		struct iiobridge_control *control = &list->controls[i];

		control->has_changed = changes[i] != control->info.changes;
		*changed += control->has_changed;
	}
	end_ns = deadline_ns(LIMIT_MS);
	for (size_t i = 0; i < list->count && r == 0; i++) {
		if (list->controls[i].has_changed || list->sets[i] != list->board->sets[i])
			r = get_control(list, i, end_ns);
	}
	return r;
}

int iiobridge_control_list_update(struct iiobridge_control_list *list, size_t *changed)
{
	size_t count = 0;
	int r = 0;

	if (list->count > 0) {
		pthread_mutex_lock(&list->board->tuning);
		r = update(list, &count);
		pthread_mutex_unlock(&list->board->tuning);
	}
	if (r == 0 && changed)
		*changed = count;
	return r;
}

/* ---- finding ---- */

size_t iiobridge_control_list_count(const struct iiobridge_control_list *list)
{
	return list->count;
}

const struct iiobridge_control *
iiobridge_control_list_get(const struct iiobridge_control_list *list, size_t index)
{
	return index < list->count ? &list->controls[index] : NULL;
}

const char *iiobridge_control_list_route_name(const struct iiobridge_control_list *list,
					      size_t index)
{
	const struct iiobridge_control *control = iiobridge_control_list_get(list, index);

	return control && control->info.route != IIOBRIDGE_CONTROL_OF_ALL
		       ? list->routes[control->info.route]
		       : "";
}

/* How well a control's route, or channel, is the one that is asked for: 0 when it is not. */
static unsigned int fit(int has, int wanted)
{
	if (has == wanted)
		return 2;
	return has == -1 ? 1 : 0;
}

const struct iiobridge_control *iiobridge_control_find(const struct iiobridge_control_list *list,
						       int route, int role, int channel)
{
	const struct iiobridge_control *best = NULL;
	unsigned int best_fit = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct iiobridge_control *control = &list->controls[i];
		const unsigned int of_route = fit(iiobridge_control_route(control), route);
		unsigned int of_channel = fit(iiobridge_control_channel(control), channel);

		/* Whoever asks for no channel is content with the first. */
		if (channel == -1 && of_channel == 0)
			of_channel = 1;
		if (control->info.role != role || of_route == 0 || of_channel == 0)
			continue;
		if (4 * of_route + of_channel > best_fit ||
		    (4 * of_route + of_channel == best_fit &&
		     control->info.channel < best->info.channel)) {
			best = control;
			best_fit = 4 * of_route + of_channel;
		}
	}
	return best;
}

static bool has_full_name(const struct iiobridge_control_list *list, size_t index, const char *name)
{
	const char *route = iiobridge_control_list_route_name(list, index);
	const size_t length = strlen(route);

	return length > 0 && strncmp(name, route, length) == 0 && name[length] == ' ' &&
	       strcmp(name + length + 1, list->controls[index].info.name) == 0;
}

const struct iiobridge_control *
iiobridge_control_find_by_name(const struct iiobridge_control_list *list, const char *name)
{
	const struct iiobridge_control *found = NULL;
	unsigned int count = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (has_full_name(list, i, name))
			return &list->controls[i];
		if (strcmp(list->controls[i].info.name, name) != 0)
			continue;
		found = &list->controls[i];
		count++;
	}
	return count == 1 ? found : NULL;
}
