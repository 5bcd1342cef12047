// SPDX-License-Identifier: GPL-2.0-or-later
#include "reload.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "process.h"

#define NEEDS_RESTART "; a restart of the service puts that in force"

static int find_route(const struct bridge_config *config, const char *name)
{
	for (unsigned int i = 0; i < config->route_count; i++)
		if (strcmp(config->routes[i].name, name) == 0)
			return (int)i;
	return -1;
}

static bool has_same_ends(const struct route_config *one, const struct route_config *other)
{
	return memcmp(&one->from, &other->from, sizeof(one->from)) == 0 &&
	       memcmp(&one->to, &other->to, sizeof(one->to)) == 0;
}

/* Return: whether the route has other values than before. */
static bool reload_route(struct route_config *route, const struct route_config *fresh)
{
	LOG_OF_ROUTE(route->name);
	char changes[256];

	route_config_changes(route, fresh, changes, sizeof(changes));
	if (!changes[0])
		return false;
	if (!has_same_ends(route, fresh)) {
		log_warning("route \"%s\": the file has other %s" NEEDS_RESTART, route->name,
			    changes);
		return false;
	}
	log_info("route \"%s\": new %s; its next start uses that", route->name, changes);
	*route = *fresh;
	return true;
}

static uint32_t reload_routes(struct bridge_config *config, const struct bridge_config *fresh)
{
	bool in_order = true;
	uint32_t changed = 0;
	int last = -1;

	for (unsigned int i = 0; i < config->route_count; i++) {
		struct route_config *route = &config->routes[i];
		int place = find_route(fresh, route->name);

		if (place < 0) {
			log_warning("route \"%s\": the file has it no longer" NEEDS_RESTART,
				    route->name);
			continue;
		}
		in_order = in_order && place > last;
		last = place;
		if (reload_route(route, &fresh->routes[place]))
			changed |= UINT32_C(1) << i;
	}
	for (unsigned int i = 0; i < fresh->route_count; i++)
		if (find_route(config, fresh->routes[i].name) < 0)
			log_warning("route \"%s\": the file has it as a new one" NEEDS_RESTART,
				    fresh->routes[i].name);
	if (!in_order)
		log_warning("routes: the file has them in another order" NEEDS_RESTART);
	return changed;
}

static void reload_gadget(const struct gadget_config *gadget, const struct gadget_config *fresh)
{
	char changes[256];

	gadget_config_changes(gadget, fresh, changes, sizeof(changes));
	if (changes[0])
		log_warning("gadget: the file has other %s" NEEDS_RESTART, changes);
}

static void reload_process(struct process_config *process, const struct process_config *fresh)
{
	char changes[256];

	process_config_changes(process, fresh, changes, sizeof(changes));
	if (!changes[0])
		return;
	if (process_apply(fresh) < 0) {
		process_apply(process);
		return;
	}
	log_info("process: new %s", changes);
	*process = *fresh;
}

int reload(struct bridge_config *config, const char *path, uint32_t *changed)
{
	struct bridge_config *fresh = calloc(1, sizeof(*fresh));
	char error[512];
	int ret;

	if (!fresh)
		return log_errno(ENOMEM, "cannot read the configuration again: %m");
	ret = config_load(path, fresh, error, sizeof(error));
	if (ret < 0) {
		log_error("%s; the configuration that was read before stays in force", error);
	} else {
		reload_gadget(&config->gadget, &fresh->gadget);
		reload_process(&config->process, &fresh->process);
		*changed = reload_routes(config, fresh);
		log_info("%s: read again", path);
	}
	free(fresh);
	return ret;
}
