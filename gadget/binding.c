// SPDX-License-Identifier: GPL-2.0-or-later
#include "binding.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "companions.h"
#include "core/devices.h"
#include "core/log.h"
#include "core/text.h"
#include "paths.h"
#include "udc.h"

/* When to look at a controller again that the kernel has only begun to add. */
#define LOOK_AGAIN_US 50000

struct binding {
	const char *udc; /* as configured */
	binding_change_fn change;
	void *userdata;
	sd_device_monitor *monitor;
	sd_event_source *timer; /* to look again at a controller that is not complete */
	struct companions *companions;
	bool wanted;	/* as soon as there is a controller for it, and all companions are there */
	char wait[256]; /* for what, empty when for nothing */
};

void binding_udc_name(char *name, size_t size)
{
	text_read(AT_FDCWD, GADGET_UDC_FILE, name, size);
}

void binding_bus_speed(char *speed, size_t size)
{
	char name[CONFIG_TEXT_SIZE], path[128];

	binding_udc_name(name, sizeof(name));
	snprintf(path, sizeof(path), UDC_CLASS "/%s/current_speed", name);
	text_read(AT_FDCWD, path, speed, size);
}

static bool udc_exists(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), UDC_CLASS "/%s", name);
	return name[0] && access(path, F_OK) == 0;
}

/*
 * The kernel announces a controller before the device that a gadget is bound to, and has no event
 * for the link that it makes after both (usb_add_gadget() in drivers/usb/gadget/udc/core.c).
 * Binding to it before that fails with EBUSY. Kernels without a bus of gadgets announce it last.
 */
static bool udc_is_complete(const char *name)
{
	char path[sizeof(UDC_CLASS) + 300];

	snprintf(path, sizeof(path), UDC_CLASS "/%s/gadget", name);
	return access(path, F_OK) == 0 || access("/sys/bus/gadget", F_OK) < 0;
}

bool binding_udc_user(const char *udc, char *user, size_t size)
{
	char path[sizeof(CONFIGFS) + 300], text[CONFIG_TEXT_SIZE];
	DIR *gadgets = opendir(CONFIGFS "/usb_gadget");
	struct dirent *entry;
	bool found = false;

	while (gadgets && !found && (entry = readdir(gadgets))) {
		snprintf(path, sizeof(path), CONFIGFS "/usb_gadget/%s/UDC", entry->d_name);
		text_read(AT_FDCWD, path, text, sizeof(text));
		found = strcmp(text, udc) == 0;
		if (found)
			snprintf(user, size, "gadget \"%.64s\"", entry->d_name);
	}
	if (gadgets)
		closedir(gadgets);
	if (found)
		return true;
	snprintf(path, sizeof(path), UDC_CLASS "/%s/function", udc);
	text_read(AT_FDCWD, path, text, sizeof(text));
	if (text[0])
		snprintf(user, size, "driver \"%s\"", text);
	return text[0];
}

static bool matches(const struct binding *binding, const char *name)
{
	return strcmp(binding->udc, "auto") == 0 || strcmp(binding->udc, name) == 0;
}

static void wait_for(struct binding *binding, const char *what)
{
	bool known = strcmp(binding->wait, what) == 0;

	text_copy(binding->wait, sizeof(binding->wait), what);
	if (!known)
		log_warning("waiting: %s", what);
}

static void look_again(struct binding *binding, const char *name, char *wait, size_t size)
{
	snprintf(wait, size, "the kernel is still adding USB device controller \"%s\"", name);
	sd_event_source_set_time_relative(binding->timer, LOOK_AGAIN_US);
	sd_event_source_set_enabled(binding->timer, SD_EVENT_ONESHOT);
}

/* Find the controller to bind to, or say what is waited for. */
static bool find_udc(struct binding *binding, char *name, size_t size)
{
	char wait[256], user[CONFIG_TEXT_SIZE + 16];
	DIR *udcs = opendir(UDC_CLASS);
	struct dirent *entry;
	bool found = false;

	if (strcmp(binding->udc, "auto") == 0)
		snprintf(wait, sizeof(wait), "there is no USB device controller in " UDC_CLASS);
	else
		snprintf(wait, sizeof(wait),
			 "there is no USB device controller \"%s\" in " UDC_CLASS, binding->udc);
	while (udcs && !found && (entry = readdir(udcs))) {
		if (entry->d_name[0] == '.' || !matches(binding, entry->d_name))
			continue;
		text_copy(name, size, entry->d_name);
		if (!udc_is_complete(name))
			look_again(binding, name, wait, sizeof(wait));
		else if (!binding_udc_user(name, user, sizeof(user)))
			found = true;
		else
			snprintf(wait, sizeof(wait), "USB device controller \"%s\" is in use by %s",
				 name, user);
	}
	if (udcs)
		closedir(udcs);
	if (!found)
		wait_for(binding, wait);
	return found;
}

/* Whether all companions have described themselves; if not, say which one is waited for. */
static bool companions_are_there(struct binding *binding)
{
	const struct function_config *missing = companions_missing(binding->companions);
	char wait[256];

	if (!missing)
		return true;
	snprintf(wait, sizeof(wait), "no daemon serves function \"%s\", mounted on %s",
		 missing->name, missing->mount);
	wait_for(binding, wait);
	return false;
}

/* The kernel looks for the end of the name in what one write() brings. */
static int write_udc(const char *name)
{
	int fd = open(GADGET_UDC_FILE, O_WRONLY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (dprintf(fd, "%s\n", name) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

int binding_bind(struct binding *binding)
{
	char name[CONFIG_TEXT_SIZE];
	int ret;

	binding_udc_name(name, sizeof(name));
	/*
	 * A gadget whose controller went still has the controller's name, and the kernel binds it
	 * again when one of that name comes (gadget_match_driver() in udc/core.c).
	 */
	if (udc_exists(name)) {
		binding->wanted = false;
		binding->wait[0] = '\0';
		return 0;
	}
	binding->wanted = true;
	if (!companions_are_there(binding) || !find_udc(binding, name, sizeof(name)))
		return 0;
	/* It may still have the name of one that has gone. */
	write_udc("");
	ret = write_udc(name);
	/* The kernel answers so, too, when a function cannot be bound. */
	if (ret == -EBUSY)
		return log_errno(ret,
				 "USB device controller \"%s\" refuses the gadget, the kernel's "
				 "log says why; has it enough endpoints?",
				 name);
	if (ret < 0)
		return log_errno(ret, "cannot bind the gadget to USB device controller \"%s\": %m",
				 name);
	binding->wanted = false;
	binding->wait[0] = '\0';
	log_info("gadget bound to USB device controller \"%s\"", name);
	return 0;
}

const char *binding_wait(const struct binding *binding)
{
	return binding->wait[0] ? binding->wait : NULL;
}

static void bind_if_wanted(struct binding *binding)
{
	if (!binding->wanted)
		return;
	binding_bind(binding);
	binding->change(binding->userdata);
}

static int on_udc(sd_device_monitor *monitor, sd_device *device, void *userdata)
{
	struct binding *binding = userdata;
	sd_device_action_t action;
	char bound[CONFIG_TEXT_SIZE];
	const char *name;

	(void)monitor;
	if (sd_device_get_sysname(device, &name) < 0 || sd_device_get_action(device, &action) < 0 ||
	    !matches(binding, name))
		return 0;
	binding_udc_name(bound, sizeof(bound));
	/*
	 * What an administrator unbound stays so, until the controller comes anew. A change is a
	 * gadget that was bound or unbound.
	 */
	if (action == SD_DEVICE_ADD || (action == SD_DEVICE_REMOVE && strcmp(name, bound) == 0))
		binding->wanted = true;
	bind_if_wanted(binding);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t time_us, void *userdata)
{
	(void)source;
	(void)time_us;
	bind_if_wanted(userdata);
	return 0;
}

static void on_companions(void *userdata)
{
	bind_if_wanted(userdata);
}

void binding_found(struct binding *binding)
{
	/* Only a companion that leaves from now on takes the gadget off the bus. */
	companions_take_departure(binding->companions);
}

void binding_lost(struct binding *binding)
{
	if (!companions_take_departure(binding->companions))
		return;
	binding->wanted = true;
	binding_bind(binding);
}

static int make_timer(struct binding *binding, sd_event *event)
{
	int ret = sd_event_add_time_relative(event, &binding->timer, CLOCK_MONOTONIC, 0, 0,
					     on_timer, binding);

	if (ret >= 0)
		ret = sd_event_source_set_enabled(binding->timer, SD_EVENT_OFF);
	if (ret < 0)
		return log_errno(ret, "cannot make a timer: %m");
	return 0;
}

int binding_new(struct binding **binding, sd_event *event, const struct gadget_config *config,
		binding_change_fn change, void *userdata)
{
	struct binding *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return log_errno(ENOMEM, "cannot bind the gadget: %m");
	*new = (struct binding){ .udc = config->udc, .change = change, .userdata = userdata };
	ret = devices_watch(&new->monitor, event, "udc", on_udc, new);
	if (!ret)
		ret = make_timer(new, event);
	if (!ret)
		ret = companions_new(&new->companions, event, &config->functions, on_companions,
				     new);
	if (ret < 0) {
		binding_free(new);
		return ret;
	}
	*binding = new;
	return 0;
}

void binding_free(struct binding *binding)
{
	if (!binding)
		return;
	sd_device_monitor_unref(binding->monitor);
	sd_event_source_disable_unref(binding->timer);
	companions_free(binding->companions);
	/* Somebody else may have unbound it already. */
	if (write_udc("") < 0)
		log_debug("the gadget was not bound");
	free(binding);
}
