// SPDX-License-Identifier: GPL-2.0-or-later
#include "trigger.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <iio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buffer.h"
#include "core/log.h"
#include "core/text.h"
#include "sysfs.h"

#define HRTIMERS "/sys/kernel/config/iio/triggers/hrtimer"

static bool is_own(const char *name)
{
	return strncmp(name, CONFIG_TRIGGER_PREFIX, strlen(CONFIG_TRIGGER_PREFIX)) == 0;
}

static int make(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), HRTIMERS "/%s", name);
	if (mkdir(path, 0755) < 0)
		return log_errno(errno, "cannot make %s: %m%s", path,
				 errno == ENOENT ? "; the kernel needs its module iio-trig-hrtimer "
						   "for \"trigger_frequency\""
						 : "");
	return 0;
}

int triggers_make(const struct bridge_config *config)
{
	int ret = 0;

	for (unsigned int i = 0; !ret && i < config->route_count; i++)
		if (config->routes[i].trigger_millihertz)
			ret = make(config->routes[i].trigger);
	return ret;
}

/*
 * Take a trigger of ours away from a device: removing it frees what the device would use
 * (iio_trig_hrtimer_remove() in drivers/iio/trigger/iio-trig-hrtimer.c).
 */
static int release(struct iio_device *device)
{
	const struct iio_device *trigger = NULL;
	int ret;

	if (iio_device_get_trigger(device, &trigger) < 0 || !trigger ||
	    !is_own(converter_device_name(trigger)))
		return 0;
	ret = iio_device_buffer_attr_write_bool(device, "enable", false);
	if (ret >= 0)
		ret = iio_device_set_trigger(device, NULL);
	if (ret < 0)
		return log_errno(ret, "IIO device \"%s\": cannot take trigger \"%s\" from it: %m",
				 converter_device_name(device), converter_device_name(trigger));
	return 0;
}

static int release_all(void)
{
	struct iio_context *context = iio_create_local_context();
	int ret = 0;

	if (!context)
		return log_errno(errno, "cannot list the IIO devices: %m");
	for (unsigned int i = 0; !ret && i < iio_context_get_devices_count(context); i++)
		ret = release(iio_context_get_device(context, i));
	iio_context_destroy(context);
	return ret;
}

int triggers_remove(void)
{
	DIR *directory = opendir(HRTIMERS);
	struct dirent *entry;
	int ret = 0;

	/* The kernel has no such triggers. */
	if (!directory)
		return 0;
	while (!ret && (entry = readdir(directory))) {
		char path[sizeof(HRTIMERS) + sizeof(entry->d_name)];

		if (!is_own(entry->d_name))
			continue;
		ret = release_all();
		snprintf(path, sizeof(path), HRTIMERS "/%s", entry->d_name);
		if (!ret && rmdir(path) < 0)
			ret = log_errno(errno, "cannot remove %s: %m", path);
	}
	closedir(directory);
	return ret;
}

static int no_such_trigger(const struct route_config *config, const struct iio_context *context,
			   struct error *error)
{
	unsigned int count = iio_context_get_devices_count(context);
	char names[256] = "";

	for (unsigned int i = 0; i < count; i++) {
		const struct iio_device *device = iio_context_get_device(context, i);

		if (iio_device_is_trigger(device))
			text_list(names, sizeof(names), converter_device_name(device));
	}
	return error_set(
		error, ENOENT, "route \"%s\": there is no trigger \"%s\"%s; triggers here: %s",
		config->name, config->trigger,
		config->trigger_millihertz ? ", which is made when the service is started" : "",
		names[0] ? names : "none");
}

static const struct iio_device *find_trigger(const struct iio_context *context, const char *name)
{
	unsigned int count = iio_context_get_devices_count(context);

	for (unsigned int i = 0; i < count; i++) {
		const struct iio_device *device = iio_context_get_device(context, i);

		if (iio_device_is_trigger(device) &&
		    strcmp(converter_device_name(device), name) == 0)
			return device;
	}
	return NULL;
}

/* Let the trigger have its frequency. */
static int prepare(const struct route_config *config, const struct iio_context *context,
		   struct error *error)
{
	const struct iio_device *trigger = find_trigger(context, config->trigger);
	char hertz[32];
	ssize_t ret;

	if (!trigger)
		return no_such_trigger(config, context, error);
	if (!config->trigger_millihertz)
		return 0;
	snprintf(hertz, sizeof(hertz), "%u.%03u", config->trigger_millihertz / 1000,
		 config->trigger_millihertz % 1000);
	ret = iio_device_attr_write(trigger, TRIGGER_FREQUENCY, hertz);
	if (ret < 0)
		return error_set(error, (int)ret,
				 "trigger \"%s\": cannot set its frequency to %s Hz: %m",
				 config->trigger, hertz);
	return 0;
}

static int use_trigger(const struct converter *converter, const char *trigger, struct error *error)
{
	char path[SYSFS_PATH_SIZE];
	int ret;

	sysfs_path(converter_id(converter), "trigger/current_trigger", path);
	ret = sysfs_write(AT_FDCWD, path, trigger);
	if (ret == -EBUSY && buffer_take_back(converter))
		ret = sysfs_write(AT_FDCWD, path, trigger);
	if (ret < 0)
		return error_set(error, ret,
				 "IIO device \"%s\": cannot set its trigger to \"%s\": %m%s",
				 converter_name(converter), trigger,
				 ret == -ENOENT	 ? "; it is not one that a trigger starts"
				 : ret == -EBUSY ? "; another program uses it"
				 : ret == -EPERM ? "; its driver has chosen its trigger"
						 : "");
	return 0;
}

int trigger_set(const struct route_config *config, const struct converter *converter,
		struct error *error)
{
	struct iio_context *context;
	int ret;

	if (!config->trigger[0] || !converter)
		return 0;
	context = iio_create_local_context();
	if (!context)
		return error_set(error, ENODEV, "IIO device \"%s\" has gone: %m",
				 converter_name(converter));
	ret = prepare(config, context, error);
	iio_context_destroy(context);
	return ret ? ret : use_trigger(converter, config->trigger, error);
}

bool trigger_current(const struct converter *converter, char *name, size_t size)
{
	char path[SYSFS_PATH_SIZE];

	sysfs_path(converter_id(converter), "trigger/current_trigger", path);
	if (access(path, F_OK) < 0)
		return false;
	text_read(AT_FDCWD, path, name, size);
	return true;
}

bool trigger_read_frequency(const char *trigger, double *rate)
{
	bool found = false;
	glob_t names;

	if (!trigger[0] || glob(IIO_DEVICES "/trigger*/name", GLOB_NOSORT, NULL, &names))
		return false;
	for (size_t i = 0; i < names.gl_pathc && !found; i++) {
		char path[SYSFS_PATH_SIZE], name[CONFIG_TEXT_SIZE];

		if (!text_read(AT_FDCWD, names.gl_pathv[i], name, sizeof(name)) ||
		    strcmp(name, trigger) != 0)
			continue;
		*strrchr(names.gl_pathv[i], '/') = '\0';
		snprintf(path, sizeof(path), "%s/" TRIGGER_FREQUENCY, names.gl_pathv[i]);
		found = sysfs_read_number(path, rate);
	}
	globfree(&names);
	return found;
}
