// SPDX-License-Identifier: GPL-2.0-or-later
#include "companions.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "core/log.h"
#include "core/text.h"
#include "gadget.h"
#include "mount.h"
#include "paths.h"

struct companions {
	const struct functions_config *functions;
	companions_change_fn change;
	void *userdata;
	sd_event_source *source;
	int inotify;
	bool departed;
};

int companion_mount(const struct function_config *function, uid_t uid, gid_t gid)
{
	char options[64];

	/*
	 * Everybody may look at the directory, so that the bridge sees the daemon come and go.
	 * Without no_disconnect: it would keep the gadget bound when the daemon leaves, but the
	 * kernel waits for itself when the daemon comes back (ffs_ep0_open() in f_fs.c of Linux
	 * 6.12.117 holds the mutex that functionfs_unbind() wants).
	 */
	snprintf(options, sizeof(options), "uid=%u,gid=%u,rmode=0555,fmode=0600", uid, gid);
	return functionfs_mount(function->name, function->mount, options);
}

/* Whether the gadget, as it stands in configfs, has this FunctionFS instance as a companion. */
static bool is_companion(const char *name)
{
	char path[sizeof(GADGET_DIRECTORY) + NAME_MAX + 32];

	snprintf(path, sizeof(path), GADGET_DIRECTORY "/functions/ffs.%s", name);
	return strcmp(name, GADGET_NAME) != 0 && access(path, F_OK) == 0;
}

void companions_unmount(void)
{
	functionfs_unmount(is_companion);
}

/* Files of endpoints are there as long as a function is described (ffs_epfiles_create() in f_fs.c).
 */
static bool has_endpoints(const struct function_config *function)
{
	char path[sizeof(function->mount) + 8];

	snprintf(path, sizeof(path), "%s/ep1", function->mount);
	return access(path, F_OK) == 0;
}

/*
 * The kernel's own word, from configfs, where it has one (Linux 6.1 has not). FunctionFS tells
 * nobody when it changes; but it does only when the daemon writes to ep0 or closes it, which
 * inotify sees.
 */
static bool is_ready(const struct function_config *function)
{
	char path[sizeof(GADGET_DIRECTORY) + CONFIG_NAME_SIZE + 32];
	char ready[4];

	snprintf(path, sizeof(path), GADGET_DIRECTORY "/functions/ffs.%s/ready", function->name);
	if (!text_read(AT_FDCWD, path, ready, sizeof(ready)))
		return has_endpoints(function);
	return ready[0] == '1';
}

/* Return: whether there was news. */
static bool read_news(struct companions *companions)
{
	_Alignas(struct inotify_event) char buffer[4096];
	const struct inotify_event *event;
	bool news = false;
	ssize_t size;

	while ((size = read(companions->inotify, buffer, sizeof(buffer))) > 0) {
		for (ssize_t at = 0; at < size; at += (ssize_t)(sizeof(*event) + event->len)) {
			event = (const struct inotify_event *)(buffer + at);
			if (!event->len || strcmp(event->name, "ep0") != 0)
				continue;
			news = true;
			/* inotify tells of it before FunctionFS does (__fput() in fs/file_table.c)
			 */
			if (event->mask & IN_CLOSE_WRITE)
				companions->departed = true;
		}
	}
	return news;
}

static int on_news(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct companions *companions = userdata;

	(void)source;
	(void)fd;
	(void)revents;
	if (read_news(companions))
		companions->change(companions->userdata);
	return 0;
}

const struct function_config *companions_missing(struct companions *companions)
{
	for (unsigned int i = 0; i < companions->functions->count; i++) {
		const struct function_config *function = &companions->functions->functions[i];

		if (function->type == FUNCTION_FFS && !is_ready(function))
			return function;
	}
	return NULL;
}

bool companions_take_departure(struct companions *companions)
{
	bool departed;

	read_news(companions);
	departed = companions->departed;
	companions->departed = false;
	return departed;
}

static int watch(struct companions *companions, const struct function_config *function)
{
	if (inotify_add_watch(companions->inotify, function->mount, IN_MODIFY | IN_CLOSE_WRITE) < 0)
		return log_errno(errno, "cannot watch \"%s\", the mount of function \"%s\": %m",
				 function->mount, function->name);
	return 0;
}

int companions_new(struct companions **companions, sd_event *event,
		   const struct functions_config *functions, companions_change_fn change,
		   void *userdata)
{
	struct companions *new = calloc(1, sizeof(*new));
	int ret = 0;

	if (!new)
		return log_errno(ENOMEM, "cannot watch companion functions: %m");
	*new = (struct companions){ .functions = functions,
				    .change = change,
				    .userdata = userdata,
				    .inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC) };
	if (new->inotify < 0)
		ret = log_errno(errno, "cannot watch companion functions: %m");
	for (unsigned int i = 0; !ret && i < functions->count; i++)
		if (functions->functions[i].type == FUNCTION_FFS)
			ret = watch(new, &functions->functions[i]);
	if (!ret) {
		ret = sd_event_add_io(event, &new->source, new->inotify, EPOLLIN, on_news, new);
		if (ret < 0)
			log_errno(ret, "cannot join the event loop: %m");
	}
	if (ret < 0) {
		companions_free(new);
		return ret;
	}
	*companions = new;
	return 0;
}

void companions_free(struct companions *companions)
{
	if (!companions)
		return;
	sd_event_source_unref(companions->source);
	if (companions->inotify >= 0)
		close(companions->inotify);
	free(companions);
}
