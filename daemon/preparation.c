// SPDX-License-Identifier: GPL-2.0-or-later
#include "preparation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "iio/attributes.h"
#include "iio/trigger.h"

static bool is_there(const struct end *end)
{
	return end_is_known(end) || converter_exists(end->config->device);
}

/* Forget what is not as it was. Its owner still has it. */
static void renew(struct end *end)
{
	if (end->converter && !converter_is_current(end->converter))
		end->converter = NULL;
}

/*
 * To make the table of open files larger takes a process with threads tens of milliseconds, as the
 * kernel waits for RCU (expand_fdtable() in fs/file.c). Here that holds up nobody: who opens a file
 * for which there is room does not wait.
 */
static void make_room(unsigned int files)
{
	int lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int highest = lowest < 0 ? -1 : fcntl(lowest, F_DUPFD_CLOEXEC, lowest + (int)files);

	/* If there are not as many to be had, the one who opens them will say so. */
	if (highest >= 0)
		close(highest);
	if (lowest >= 0)
		close(lowest);
}

/* So that what a host is told before a start is what it gets. */
static void foretell_rate(const struct route_config *config, struct end *from, struct end *to)
{
	struct end *end = from->config->usb ? to : from;
	uint64_t rate = 0;

	if (end->converter)
		rate = attributes_rate(config->attributes, config->attribute_count, end->converter);
	if (rate)
		end->rate_millihertz = rate;
}

static void run(struct work *work)
{
	struct preparation *preparation = (struct preparation *)work;
	const struct route_config *config = &preparation->config;
	struct end *from = &preparation->from, *to = &preparation->to;
	struct error *error = &preparation->error;
	int ret;

	if (preparation->files)
		make_room(preparation->files);
	if (preparation->anew) {
		renew(from);
		renew(to);
	}
	preparation->absent = preparation->if_there && !(is_there(from) && is_there(to));
	if (preparation->absent)
		return;
	ret = end_need_converter(from, error);
	if (!ret)
		ret = end_need_converter(to, error);
	if (!ret && preparation->set)
		ret = trigger_set(config, from->converter, error);
	if (!ret && preparation->set)
		ret = attributes_write(config->attributes, config->attribute_count,
				       main_end(from, to)->converter, error);
	if (!ret) {
		end_read_rate(from, config->trigger);
		end_read_rate(to, "");
	}
	if (!ret && preparation->foretell)
		foretell_rate(config, from, to);
	if (config->trigger_millihertz)
		from->rate_millihertz = config->trigger_millihertz;
	preparation->result = ret;
}

struct preparation *preparation_new(const struct route_config *config,
				    void (*done)(struct work *work), void *owner)
{
	struct preparation *new = calloc(1, sizeof(*new));

	if (!new)
		return NULL;
	new->config = *config;
	new->work = (struct work){ .run = run, .done = done, .route = new->config.name };
	new->owner = owner;
	new->from.config = &new->config.from;
	new->to.config = &new->config.to;
	new->to.output = true;
	return new;
}

void preparation_free(struct preparation *preparation)
{
	if (!preparation)
		return;
	converter_close(preparation->from.converter);
	converter_close(preparation->to.converter);
	free(preparation);
}
