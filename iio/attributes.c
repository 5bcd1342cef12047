// SPDX-License-Identifier: GPL-2.0-or-later
#include "attributes.h"

#include <errno.h>
#include <iio.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls.h"
#include "core/text.h"
#include "sysfs.h"

/* Where an attribute is: of a channel, or of the device. */
struct place {
	const struct attribute_config *config;
	struct iio_device *device;
	struct iio_channel *channel; /* NULL for the device */
	char name[256];		     /* in messages */
	struct error *error;
};

static int find_device(struct place *place, const struct iio_context *context,
		       const struct converter *converter)
{
	bool other = place->config->device[0];

	place->device = iio_context_find_device(context, other ? place->config->device
							       : converter_id(converter));
	if (!place->device)
		return converter_no_such_device(
			context, other ? place->config->device : converter_name(converter),
			place->error);
	return 0;
}

static int no_such_channel(const struct place *place)
{
	static const char *const directions[] = {
		[CONFIG_DIRECTION_EITHER] = "",
		[CONFIG_DIRECTION_INPUT] = "input ",
		[CONFIG_DIRECTION_OUTPUT] = "output ",
	};
	unsigned int count = iio_device_get_channels_count(place->device);
	char ids[512] = "";

	for (unsigned int i = 0; i < count; i++) {
		const struct iio_channel *channel = iio_device_get_channel(place->device, i);
		char id[64];

		snprintf(id, sizeof(id), "%s %s",
			 iio_channel_is_output(channel) ? "output" : "input",
			 iio_channel_get_id(channel));
		text_list(ids, sizeof(ids), id);
	}
	return error_set(place->error, ENOENT,
			 "IIO device \"%s\" has no %schannel \"%s\"; its channels: %s",
			 converter_device_name(place->device), directions[place->config->direction],
			 place->config->channel, ids[0] ? ids : "none");
}

int attribute_find_channel(const struct attribute_config *config, const struct iio_device *device,
			   struct iio_channel **channel)
{
	struct iio_channel *input = NULL, *output = NULL;

	*channel = NULL;
	if (!config->channel[0])
		return 0;
	if (config->direction != CONFIG_DIRECTION_OUTPUT)
		input = iio_device_find_channel(device, config->channel, false);
	if (config->direction != CONFIG_DIRECTION_INPUT)
		output = iio_device_find_channel(device, config->channel, true);
	if (input && output)
		return -ENOTUNIQ;
	*channel = input ? input : output;
	return *channel ? 0 : -ENOENT;
}

static int find_channel(struct place *place)
{
	int ret = attribute_find_channel(place->config, place->device, &place->channel);

	if (ret == -ENOENT)
		return no_such_channel(place);
	if (ret == -ENOTUNIQ)
		return error_set(place->error, EINVAL,
				 "IIO device \"%s\" has an input and an output channel \"%s\"; "
				 "the attribute needs a direction",
				 converter_device_name(place->device), place->config->channel);
	return ret;
}

/* Get the name of the attribute with number @i, NULL for none. */
static const char *attribute_at(const struct place *place, unsigned int i)
{
	if (place->channel)
		return i < iio_channel_get_attrs_count(place->channel)
			       ? iio_channel_get_attr(place->channel, i)
			       : NULL;
	return i < iio_device_get_attrs_count(place->device) ? iio_device_get_attr(place->device, i)
							     : NULL;
}

static int find_attribute(const struct place *place)
{
	char names[512] = "";
	const char *name;

	for (unsigned int i = 0; (name = attribute_at(place, i)); i++) {
		if (strcmp(name, place->config->name) == 0)
			return 0;
		text_list(names, sizeof(names), name);
	}
	return error_set(place->error, ENOENT, "%s has no attribute \"%s\"; its attributes: %s",
			 place->name, place->config->name, names[0] ? names : "none");
}

/* Many attributes have another, NAME_available, that tells which values there are. */
static void read_available(const struct place *place, char *text, size_t size)
{
	char name[CONFIG_TEXT_SIZE + 16], values[256];
	ssize_t length = -ENOENT;

	text[0] = '\0';
	snprintf(name, sizeof(name), "%s_available", place->config->name);
	if (place->channel && iio_channel_find_attr(place->channel, name))
		length = iio_channel_attr_read(place->channel, name, values, sizeof(values));
	else if (iio_device_find_attr(place->device, name))
		length = iio_device_attr_read(place->device, name, values, sizeof(values));
	if (length > 0)
		snprintf(text, size, "; available: %s", values);
}

/* What hosts have set, one thread tells, and others ask. */
static pthread_mutex_t held_lock = PTHREAD_MUTEX_INITIALIZER;
static char held[IIOBRIDGE_MAX_CONTROLS][SYSFS_PATH_SIZE];

static bool is_held(const char *path)
{
	bool found = false;

	pthread_mutex_lock(&held_lock);
	for (size_t i = 0; i < IIOBRIDGE_MAX_CONTROLS && !found; i++)
		found = strcmp(held[i], path) == 0;
	pthread_mutex_unlock(&held_lock);
	return found;
}

void attributes_hold(const char *path)
{
	if (is_held(path))
		return;
	pthread_mutex_lock(&held_lock);
	for (size_t i = 0; i < IIOBRIDGE_MAX_CONTROLS; i++)
		if (!held[i][0]) {
			text_copy(held[i], sizeof(held[i]), path);
			break;
		}
	pthread_mutex_unlock(&held_lock);
}

void attributes_release(const char *id)
{
	char folder[SYSFS_PATH_SIZE];

	sysfs_path(id ? id : "", "", folder);
	pthread_mutex_lock(&held_lock);
	for (size_t i = 0; i < IIOBRIDGE_MAX_CONTROLS; i++)
		if (!id || strncmp(held[i], folder, strlen(folder)) == 0)
			held[i][0] = '\0';
	pthread_mutex_unlock(&held_lock);
}

static bool is_set_by_host(const struct place *place)
{
	const char *name = place->config->name;
	char path[SYSFS_PATH_SIZE];

	sysfs_path(iio_device_get_id(place->device),
		   place->channel ? iio_channel_attr_get_filename(place->channel, name) : name,
		   path);
	return is_held(path);
}

static int write_attribute(const struct attribute_config *config, const struct iio_context *context,
			   const struct converter *converter, struct error *error)
{
	struct place place = { .config = config, .error = error };
	char available[512];
	ssize_t written;
	int ret = find_device(&place, context, converter);

	if (!ret)
		ret = find_channel(&place);
	if (ret)
		return ret;
	snprintf(place.name, sizeof(place.name), "%s%s%sIIO device \"%s\"",
		 place.channel ? "channel \"" : "", config->channel, place.channel ? "\" of " : "",
		 converter_device_name(place.device));
	ret = find_attribute(&place);
	if (ret || is_set_by_host(&place))
		return ret;
	written = place.channel ? iio_channel_attr_write(place.channel, config->name, config->value)
				: iio_device_attr_write(place.device, config->name, config->value);
	if (written >= 0)
		return 0;
	read_available(&place, available, sizeof(available));
	return error_set(error, (int)written, "%s: cannot set attribute \"%s\" to \"%s\": %m%s",
			 place.name, config->name, config->value, available);
}

bool attribute_has_file(const struct attribute_config *config, const struct iio_device *device,
			const char *file)
{
	static const enum config_direction others[] = {
		CONFIG_DIRECTION_OUTPUT, /* not of an input */
		CONFIG_DIRECTION_INPUT,
	};

	if (!config->channel[0])
		return strcmp(config->name, file) == 0;
	for (unsigned int output = 0; output < 2; output++) {
		const struct iio_channel *channel =
			iio_device_find_channel(device, config->channel, output);
		const char *name = channel && config->direction != others[output]
					   ? iio_channel_attr_get_filename(channel, config->name)
					   : NULL;

		if (name && strcmp(name, file) == 0)
			return true;
	}
	return false;
}

static uint64_t wanted_rate(const struct attribute_config *config,
			    const struct iio_context *context, const struct converter *converter)
{
	struct error error;
	struct place place = { .config = config, .error = &error };
	double rate;

	if (find_device(&place, context, converter) || find_channel(&place) ||
	    find_attribute(&place) || is_set_by_host(&place))
		return 0;
	if (config->device[0] &&
	    strcmp(iio_device_get_id(place.device), converter_id(converter)) != 0 &&
	    !iio_is_transceiver(place.device))
		return 0;
	rate = strtod(config->value, NULL);
	return rate > 0 && rate < 1e15 ? (uint64_t)llround(rate * 1000) : 0;
}

uint64_t attributes_rate(const struct attribute_config *attributes, unsigned int count,
			 const struct converter *converter)
{
	struct iio_context *context = NULL;
	uint64_t rate = 0;

	for (unsigned int i = 0; i < count; i++) {
		uint64_t wanted;

		if (strcmp(attributes[i].name, RATE_ATTRIBUTE) != 0)
			continue;
		if (!context)
			context = iio_create_local_context();
		wanted = context ? wanted_rate(&attributes[i], context, converter) : 0;
		rate = wanted ? wanted : rate;
	}
	if (context)
		iio_context_destroy(context);
	return rate;
}

int attributes_write(const struct attribute_config *attributes, unsigned int count,
		     const struct converter *converter, struct error *error)
{
	struct iio_context *context;
	int ret = 0;

	if (!count)
		return 0;
	context = iio_create_local_context();
	if (!context)
		return error_set(error, ENODEV, "IIO device \"%s\" has gone: %m",
				 converter_name(converter));
	for (unsigned int i = 0; !ret && i < count; i++)
		ret = write_attribute(&attributes[i], context, converter, error);
	iio_context_destroy(context);
	return ret;
}
