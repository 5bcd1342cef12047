// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * controls.c - which controls there are: what is known of transceivers, and what is configured
 */
#include "controls.h"

#include <errno.h>
#include <fnmatch.h>
#include <iio.h>
#include <stdio.h>
#include <string.h>

#include "attributes.h"
#include "converter.h"
#include "core/log.h"
#include "core/text.h"

/* ---- what is known of transceivers ---- */

/* An attribute with a role, of one channel, or of as many as the device has of @count. */
struct entry {
	enum iiobridge_role role;
	const char *prefix; /* of the channel's id, before its number */
	unsigned int first;
	unsigned int count;
	bool output; /* IIO has oscillators among the outputs */
	const char *attribute;
};

#define ENTRIES_MAX 8

/* The names of the devices and of their attributes are those that the drivers' documentation has.
 */
static const struct profile {
	const char *device; /* a glob */
	struct entry rx[ENTRIES_MAX], tx[ENTRIES_MAX];
} profiles[] = {
	/* ad9361-phy, ad9363a, ad9364-phy, and the second ones of FMComms5: ad9361-phy-B */
	{
		"ad936[134]*",
		.rx = {
			{ IIOBRIDGE_ROLE_FREQUENCY, "altvoltage", 0, 1, true, "frequency" },
			{ IIOBRIDGE_ROLE_SAMPLE_RATE, "voltage", 0, 1, false, "sampling_frequency" },
			{ IIOBRIDGE_ROLE_BANDWIDTH, "voltage", 0, 1, false, "rf_bandwidth" },
			{ IIOBRIDGE_ROLE_GAIN_MODE, "voltage", 0, 2, false, "gain_control_mode" },
			{ IIOBRIDGE_ROLE_GAIN, "voltage", 0, 2, false, "hardwaregain" },
			{ IIOBRIDGE_ROLE_ANTENNA, "voltage", 0, 1, false, "rf_port_select" },
			{ IIOBRIDGE_ROLE_RSSI, "voltage", 0, 2, false, "rssi" },
			{ IIOBRIDGE_ROLE_TEMPERATURE, "temp", 0, 1, false, "input" },
		},
		.tx = {
			{ IIOBRIDGE_ROLE_FREQUENCY, "altvoltage", 1, 1, true, "frequency" },
			{ IIOBRIDGE_ROLE_SAMPLE_RATE, "voltage", 0, 1, true, "sampling_frequency" },
			{ IIOBRIDGE_ROLE_BANDWIDTH, "voltage", 0, 1, true, "rf_bandwidth" },
			{ IIOBRIDGE_ROLE_GAIN, "voltage", 0, 2, true, "hardwaregain" },
			{ IIOBRIDGE_ROLE_ANTENNA, "voltage", 0, 1, true, "rf_port_select" },
		},
	},
	/* Each of its receivers and transmitters has an oscillator of its own. */
	{
		"adrv9002-phy*",
		.rx = {
			{ IIOBRIDGE_ROLE_FREQUENCY, "altvoltage", 0, 2, true, "frequency" },
			{ IIOBRIDGE_ROLE_SAMPLE_RATE, "voltage", 0, 2, false, "sampling_frequency" },
			{ IIOBRIDGE_ROLE_BANDWIDTH, "voltage", 0, 2, false, "rf_bandwidth" },
			{ IIOBRIDGE_ROLE_GAIN_MODE, "voltage", 0, 2, false, "gain_control_mode" },
			{ IIOBRIDGE_ROLE_GAIN, "voltage", 0, 2, false, "hardwaregain" },
			{ IIOBRIDGE_ROLE_RSSI, "voltage", 0, 2, false, "rssi" },
			{ IIOBRIDGE_ROLE_TEMPERATURE, "temp", 0, 1, false, "input" },
		},
		.tx = {
			{ IIOBRIDGE_ROLE_FREQUENCY, "altvoltage", 2, 2, true, "frequency" },
			{ IIOBRIDGE_ROLE_SAMPLE_RATE, "voltage", 0, 2, true, "sampling_frequency" },
			{ IIOBRIDGE_ROLE_BANDWIDTH, "voltage", 0, 2, true, "rf_bandwidth" },
			{ IIOBRIDGE_ROLE_GAIN, "voltage", 0, 2, true, "hardwaregain" },
		},
	},
	/* One oscillator for both directions. */
	{
		"adrv9009-phy*",
		.rx = {
			{ IIOBRIDGE_ROLE_FREQUENCY, "altvoltage", 0, 1, true, "frequency" },
			{ IIOBRIDGE_ROLE_SAMPLE_RATE, "voltage", 0, 1, false, "sampling_frequency" },
			{ IIOBRIDGE_ROLE_BANDWIDTH, "voltage", 0, 1, false, "rf_bandwidth" },
			{ IIOBRIDGE_ROLE_GAIN_MODE, "voltage", 0, 2, false, "gain_control_mode" },
			{ IIOBRIDGE_ROLE_GAIN, "voltage", 0, 2, false, "hardwaregain" },
			{ IIOBRIDGE_ROLE_RSSI, "voltage", 0, 2, false, "rssi" },
			{ IIOBRIDGE_ROLE_TEMPERATURE, "temp", 0, 1, false, "input" },
		},
		.tx = {
			{ IIOBRIDGE_ROLE_FREQUENCY, "altvoltage", 0, 1, true, "frequency" },
			{ IIOBRIDGE_ROLE_SAMPLE_RATE, "voltage", 0, 1, true, "sampling_frequency" },
			{ IIOBRIDGE_ROLE_BANDWIDTH, "voltage", 0, 1, true, "rf_bandwidth" },
			{ IIOBRIDGE_ROLE_GAIN, "voltage", 0, 2, true, "hardwaregain" },
		},
	},
};

static const struct profile *find_profile(const struct iio_device *device)
{
	const char *name = iio_device_get_name(device);

	for (size_t i = 0; name && i < sizeof(profiles) / sizeof(profiles[0]); i++)
		if (fnmatch(profiles[i].device, name, 0) == 0)
			return &profiles[i];
	return NULL;
}

bool iio_is_transceiver(const struct iio_device *device)
{
	return find_profile(device) != NULL;
}

/* ---- which there are ---- */

/* A control of a route, as it is found. */
struct found {
	enum iiobridge_role role;
	uint8_t channel;
	char name[CONFIG_TEXT_SIZE];
	enum config_access access;
	const char *device_name;
	const struct iio_device *device; /* NULL: not there */
	const char *attribute;
	const char *file;	    /* below the folder of the device, NULL: not there */
	const char *available_file; /* NULL: none */
	bool ambiguous; /* not there, as it is not said of which of two channels it is */
};

typedef void (*found_fn)(const struct found *found, void *context);

static struct iio_channel *numbered_channel(const struct iio_device *device,
					    const struct entry *entry, unsigned int number)
{
	char id[CONFIG_NAME_SIZE];

	snprintf(id, sizeof(id), "%s%u", entry->prefix, entry->first + number);
	return iio_device_find_channel(device, id, entry->output);
}

/* Of the channel, or of the device when that is NULL. */
static void find_files(struct found *found, const struct iio_channel *channel)
{
	char available[CONFIG_TEXT_SIZE + 16];

	snprintf(available, sizeof(available), "%s_available", found->attribute);
	found->file = NULL;
	found->available_file = NULL;
	if (channel && iio_channel_find_attr(channel, found->attribute))
		found->file = iio_channel_attr_get_filename(channel, found->attribute);
	if (!channel)
		found->file = iio_device_find_attr(found->device, found->attribute);
	if (channel && iio_channel_find_attr(channel, available))
		found->available_file = iio_channel_attr_get_filename(channel, available);
	if (!found->available_file)
		found->available_file = iio_device_find_attr(found->device, available);
}

/* Those of one entry: a number is in the name where there are several. */
static void each_of_entry(const struct entry *entry, struct found *found, found_fn each,
			  void *context)
{
	unsigned int count = 0;

	found->role = entry->role;
	found->attribute = entry->attribute;
	for (unsigned int i = 0; i < entry->count; i++) {
		const struct iio_channel *channel = numbered_channel(found->device, entry, i);

		count += channel && iio_channel_find_attr(channel, entry->attribute);
	}
	for (unsigned int i = 0; i < entry->count; i++) {
		const struct iio_channel *channel = numbered_channel(found->device, entry, i);

		if (!channel)
			continue;
		find_files(found, channel);
		if (!found->file)
			continue;
		found->channel = entry->count > 1 ? (uint8_t)i : IIOBRIDGE_CONTROL_OF_ALL;
		snprintf(found->name, sizeof(found->name), count > 1 ? "%s%u" : "%s",
			 config_role_names[entry->role], i);
		each(found, context);
	}
}

static const struct end_config *main_device(const struct route_config *route)
{
	return route->from.usb ? &route->to : &route->from;
}

static const struct iio_device *find_transceiver(const struct iio_context *context,
						 const struct route_config *route)
{
	if (route->transceiver[0])
		return iio_context_find_device(context, route->transceiver);
	for (unsigned int i = 0; i < iio_context_get_devices_count(context); i++) {
		const struct iio_device *device = iio_context_get_device(context, i);

		if (find_profile(device))
			return device;
	}
	return NULL;
}

static void each_of_profile(const struct iio_context *context, const struct route_config *route,
			    found_fn each, void *userdata)
{
	const char *converter = main_device(route)->device;
	const struct iio_device *device = find_transceiver(context, route);
	const struct profile *profile = device ? find_profile(device) : NULL;
	const struct entry *entries = NULL;
	struct found found = { .access = route->controls, .device = device };
	const struct iio_device *own = iio_context_find_device(context, converter);

	if (profile)
		entries = route->from.usb ? profile->tx : profile->rx;
	for (unsigned int i = 0; entries && i < ENTRIES_MAX && entries[i].attribute; i++) {
		found.device_name = converter_device_name(device);
		each_of_entry(&entries[i], &found, each, userdata);
	}
	if (entries || !own)
		return;
	found = (struct found){
		.role = IIOBRIDGE_ROLE_SAMPLE_RATE,
		.channel = IIOBRIDGE_CONTROL_OF_ALL,
		.access = route->controls,
		.device_name = converter,
		.device = own,
		.attribute = RATE_ATTRIBUTE,
		.file = converter_find_rate_file(own, route->from.usb),
	};
	text_copy(found.name, sizeof(found.name), config_role_names[found.role]);
	if (found.file)
		each(&found, userdata);
}

static void each_configured(const struct iio_context *context, const struct route_config *route,
			    found_fn each, void *userdata)
{
	for (unsigned int i = 0; i < route->control_count; i++) {
		const struct control_config *control = &route->control_attributes[i];
		const struct attribute_config *attribute = &control->attribute;
		struct iio_channel *channel;
		int ret;
		struct found found = {
			.role = IIOBRIDGE_ROLE_ATTRIBUTE,
			.channel = IIOBRIDGE_CONTROL_OF_ALL,
			.access = control->access,
			.device_name = attribute->device[0] ? attribute->device
							    : main_device(route)->device,
			.attribute = attribute->name,
		};

		text_copy(found.name, sizeof(found.name), control->name);
		found.device = iio_context_find_device(context, found.device_name);
		ret = found.device ? attribute_find_channel(attribute, found.device, &channel)
				   : -ENODEV;
		found.ambiguous = ret == -ENOTUNIQ;
		if (!ret)
			find_files(&found, channel);
		each(&found, userdata);
	}
}

static void each_of_route(const struct iio_context *context, const struct route_config *route,
			  found_fn each, void *userdata)
{
	if (route->from.usb && route->to.usb)
		return;
	if (route->controls != CONFIG_ACCESS_NONE)
		each_of_profile(context, route, each, userdata);
	each_configured(context, route, each, userdata);
}

/* What iio_controls_write_file() is asked. */
struct question {
	const struct iio_device *device;
	const char *file;
	bool answer;
};

static void compare_file(const struct found *found, void *userdata)
{
	struct question *question = userdata;

	if (found->access == CONFIG_ACCESS_WRITE && !iio_quantities[found->role].measured &&
	    found->device == question->device && found->file &&
	    strcmp(found->file, question->file) == 0)
		question->answer = true;
}

bool iio_controls_write_file(const struct iio_context *context, const struct route_config *route,
			     const struct iio_device *device, const char *file)
{
	struct question question = { .device = device, .file = file };

	each_of_route(context, route, compare_file, &question);
	return question.answer;
}

/* What iio_controls_find() works on. */
struct search {
	const struct iio_context *context;
	struct iio_controls *controls;
	const struct route_config *route;
	uint8_t number; /* of the route */
	unsigned int missing;
};

static struct iio_control *known_control(struct iio_controls *controls, uint8_t route,
					 const char *name)
{
	for (unsigned int i = 0; i < controls->count; i++)
		if (controls->all[i].info.route == route &&
		    strcmp(controls->all[i].info.name, name) == 0)
			return &controls->all[i];
	return NULL;
}

static void set_path(char path[SYSFS_PATH_SIZE], const struct iio_device *device, const char *file)
{
	path[0] = '\0';
	if (device && file)
		sysfs_path(iio_device_get_id(device), file, path);
}

static void find_rate(struct iio_control *control, const struct search *search)
{
	const struct iio_device *device =
		iio_context_find_device(search->context, main_device(search->route)->device);

	set_path(control->rate_file, device,
		 device ? converter_find_rate_file(device, search->route->from.usb) : NULL);
}

static void take_control(const struct found *found, void *userdata)
{
	struct search *search = userdata;
	struct iio_controls *controls = search->controls;
	struct iio_control *control = known_control(controls, search->number, found->name);

	if (!control && controls->count == IIOBRIDGE_MAX_CONTROLS) {
		search->missing++;
		return;
	}
	if (!control) {
		control = &controls->all[controls->count++];
		*control =
			(struct iio_control){ .info = {
						      .state = IIOBRIDGE_CONTROL_PENDING,
						      .kind = (uint8_t)iio_quantities[found->role]
								      .kind,
						      .role = (uint8_t)found->role,
						      .route = search->number,
						      .channel = found->channel,
					      } };
		text_copy(control->info.name, sizeof(control->info.name), found->name);
		text_copy(control->info.unit, sizeof(control->info.unit),
			  iio_quantities[found->role].unit);
	}
	if (found->ambiguous)
		log_warning(
			"route \"%s\": control \"%s\" is not there: IIO device \"%s\" has an input "
			"and an output channel of its name; it needs a direction",
			search->route->name, found->name, found->device_name);
	text_copy(control->device, sizeof(control->device), found->device_name);
	text_copy(control->attribute, sizeof(control->attribute), found->attribute);
	set_path(control->file, found->device, found->file);
	set_path(control->available, found->device, found->available_file);
	if (found->role == IIOBRIDGE_ROLE_SAMPLE_RATE)
		find_rate(control, search);
	control->info.access = IIOBRIDGE_CONTROL_READ;
	if (found->access == CONFIG_ACCESS_WRITE && !iio_quantities[found->role].measured &&
	    !sysfs_is_read_only(control->file))
		control->info.access |= IIOBRIDGE_CONTROL_WRITE;
}

void iio_controls_find(struct iio_controls *controls, const struct bridge_config *config)
{
	struct iio_context *context = iio_create_local_context();
	struct search search = { .context = context, .controls = controls };

	for (unsigned int i = 0; i < controls->count; i++)
		controls->all[i].file[0] = '\0';
	/* libiio fails like this, too, on a kernel without any IIO device. */
	if (!context)
		return;
	for (unsigned int i = 0; i < config->route_count; i++) {
		search.route = &config->routes[i];
		search.number = (uint8_t)i;
		each_of_route(context, search.route, take_control, &search);
	}
	iio_context_destroy(context);
	if (search.missing)
		log_warning("a host has no use of %u controls: there is room for %d only",
			    search.missing, IIOBRIDGE_MAX_CONTROLS);
}
