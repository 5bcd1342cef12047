// SPDX-License-Identifier: GPL-2.0-or-later
#include "access.h"

#include <acl/libacl.h>
#include <errno.h>
#include <fnmatch.h>
#include <fts.h>
#include <glob.h>
#include <iio.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attributes.h"
#include "controls.h"
#include "converter.h"
#include "core/log.h"
#include "core/port.h"
#include "trigger.h"

/* Whom what is for. */
struct grant {
	const struct bridge_config *config;
	const struct iio_context *context;
	uid_t uid;
	gid_t gid;
};

/* Find the entry of a group, or the mask when @gid is NULL. Return: whether there is one. */
static bool find_entry(acl_t acl, const gid_t *gid, acl_entry_t *entry)
{
	int which = ACL_FIRST_ENTRY;

	for (; acl_get_entry(acl, which, entry) == 1; which = ACL_NEXT_ENTRY) {
		acl_tag_t tag;
		gid_t *group;
		bool found;

		if (acl_get_tag_type(*entry, &tag) < 0)
			continue;
		if (!gid && tag == ACL_MASK)
			return true;
		if (!gid || tag != ACL_GROUP)
			continue;
		group = acl_get_qualifier(*entry);
		found = group && *group == *gid;
		acl_free(group);
		if (found)
			return true;
	}
	return false;
}

/* Let a group read and write. */
static int add_entry(acl_t *acl, gid_t gid)
{
	acl_permset_t permissions;
	acl_entry_t entry;

	if (acl_create_entry(acl, &entry) < 0 || acl_set_tag_type(entry, ACL_GROUP) < 0 ||
	    acl_set_qualifier(entry, &gid) < 0 || acl_get_permset(entry, &permissions) < 0 ||
	    acl_add_perm(permissions, ACL_READ) < 0 || acl_add_perm(permissions, ACL_WRITE) < 0 ||
	    acl_calc_mask(acl) < 0)
		return -errno;
	return 0;
}

/* The mask of a list that names nobody else would stay in the way of the owning group. */
static int remove_entry(acl_t *acl, acl_entry_t entry)
{
	if (acl_delete_entry(*acl, entry) < 0 || acl_calc_mask(acl) < 0)
		return -errno;
	if (acl_entries(*acl) == 4 && find_entry(*acl, NULL, &entry) &&
	    acl_delete_entry(*acl, entry) < 0)
		return -errno;
	return 0;
}

/* Return: 0 or a negative errno, -EOPNOTSUPP when the file system has no such lists. */
static int set_list(const char *node, gid_t gid, bool wanted)
{
	acl_t acl = acl_get_file(node, ACL_TYPE_ACCESS);
	acl_entry_t entry;
	int ret = 0;

	if (!acl)
		return -errno;
	if (find_entry(acl, &gid, &entry) != wanted) {
		ret = wanted ? add_entry(&acl, gid) : remove_entry(&acl, entry);
		if (!ret && acl_set_file(node, ACL_TYPE_ACCESS, acl) < 0)
			ret = -errno;
	}
	acl_free(acl);
	return ret;
}

/* On a kernel without lists for devtmpfs (CONFIG_TMPFS_POSIX_ACL) the group has to own the node. */
static int set_group(const char *node, gid_t gid, bool wanted)
{
	struct stat status;

	if (stat(node, &status) < 0)
		return -errno;
	if ((status.st_gid == gid) == wanted)
		return 0;
	if (chown(node, (uid_t)-1, wanted ? gid : 0) < 0 || chmod(node, wanted ? 0660 : 0600) < 0)
		return -errno;
	return 0;
}

static int grant_node(const struct grant *grant, const char *node, bool wanted)
{
	int ret = set_list(node, grant->gid, wanted);

	if (ret == -EOPNOTSUPP)
		ret = set_group(node, grant->gid, wanted);
	/* It went, or has not come. */
	if (!ret || ret == -ENOENT)
		return 0;
	return log_errno(ret, "cannot %s group %u the use of %s: %m", wanted ? "grant" : "deny",
			 grant->gid, node);
}

static bool wants_heap(const struct bridge_config *config, const char *node)
{
	for (unsigned int i = 0; i < config->route_count; i++)
		if (blocks_use_node(config->routes[i].heap, node))
			return true;
	return false;
}

static int grant_heaps(const struct grant *grant)
{
	glob_t nodes = { 0 };
	int ret = 0;

	glob("/dev/dma_heap/*", 0, NULL, &nodes);
	glob("/dev/udmabuf", GLOB_APPEND, NULL, &nodes);
	for (size_t i = 0; i < nodes.gl_pathc; i++) {
		const char *node = nodes.gl_pathv[i];
		int failed = grant_node(grant, node, wants_heap(grant->config, node));

		ret = ret ? ret : failed;
	}
	globfree(&nodes);
	return ret;
}

static bool is_device(const struct grant *grant, const char *name, const struct iio_device *device)
{
	return iio_context_find_device(grant->context, name) == device;
}

static bool is_end(const struct grant *grant, const struct end_config *end,
		   const struct iio_device *device)
{
	return !end->usb && is_device(grant, end->device, device);
}

static bool uses_buffer(const struct grant *grant, const struct route_config *route,
			const struct iio_device *device)
{
	return is_end(grant, &route->from, device) || is_end(grant, &route->to, device);
}

/* What the daemon writes to run a converter, beside what is configured. */
static bool is_of_buffer(const struct route_config *route, const char *file)
{
	static const char *const files[] = {
		"buffer/enable",
		"buffer/length",
		"buffer/watermark",
		"scan_elements/*_en",
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (fnmatch(files[i], file, FNM_PATHNAME) == 0)
			return true;
	return route->trigger[0] && strcmp(file, "trigger/current_trigger") == 0;
}

static bool sets_attribute(const struct grant *grant, const struct route_config *route,
			   const struct iio_device *device, const char *file)
{
	const struct end_config *own = route->from.usb ? &route->to : &route->from;

	for (unsigned int i = 0; i < route->attribute_count; i++) {
		const struct attribute_config *attribute = &route->attributes[i];

		if (is_device(grant, attribute->device[0] ? attribute->device : own->device,
			      device) &&
		    attribute_has_file(attribute, device, file))
			return true;
	}
	return false;
}

static bool wants_file(const struct grant *grant, const struct iio_device *device, const char *file)
{
	for (unsigned int i = 0; i < grant->config->route_count; i++) {
		const struct route_config *route = &grant->config->routes[i];

		if (uses_buffer(grant, route, device) && is_of_buffer(route, file))
			return true;
		if (sets_attribute(grant, route, device, file) ||
		    iio_controls_write_file(grant->context, route, device, file) ||
		    (route->trigger_millihertz && is_device(grant, route->trigger, device) &&
		     strcmp(file, TRIGGER_FREQUENCY) == 0))
			return true;
	}
	return false;
}

/* Of those that root may write. */
static int grant_file(const struct grant *grant, const struct iio_device *device,
		      const FTSENT *entry, const char *file)
{
	const struct stat *status = entry->fts_statp;
	bool wanted = (status->st_mode & S_IWUSR) && wants_file(grant, device, file);

	if ((status->st_uid == grant->uid) == wanted ||
	    chown(entry->fts_path, wanted ? grant->uid : 0, (gid_t)-1) == 0 || errno == ENOENT)
		return 0;
	return log_errno(errno, "cannot give %s to user %u: %m", entry->fts_path,
			 wanted ? grant->uid : 0);
}

static int grant_files(const struct grant *grant, const struct iio_device *device)
{
	char root[64];
	char *roots[] = { root, NULL };
	FTSENT *entry;
	FTS *tree;
	int ret = 0;

	snprintf(root, sizeof(root), IIO_DEVICES "/%s", iio_device_get_id(device));
	tree = fts_open(roots, FTS_COMFOLLOW | FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	if (!tree)
		return log_errno(errno, "cannot list %s: %m", root);
	while ((entry = fts_read(tree))) {
		int failed = 0;

		if (entry->fts_info == FTS_D && strcmp(entry->fts_name, "power") == 0)
			fts_set(tree, entry, FTS_SKIP);
		else if (entry->fts_info == FTS_F)
			failed = grant_file(grant, device, entry,
					    entry->fts_path + strlen(root) + 1);
		ret = ret ? ret : failed;
	}
	fts_close(tree);
	return ret;
}

static int grant_device(const struct grant *grant, const struct iio_device *device)
{
	const struct bridge_config *config = grant->config;
	bool wanted = false;
	char node[64];
	int ret, failed;

	for (unsigned int i = 0; i < config->route_count && !wanted; i++)
		wanted = uses_buffer(grant, &config->routes[i], device);
	/* Triggers and devices without a buffer have none. */
	snprintf(node, sizeof(node), "/dev/%s", iio_device_get_id(device));
	ret = grant_node(grant, node, wanted);
	failed = grant_files(grant, device);
	return ret ? ret : failed;
}

int access_grant(const struct bridge_config *config, uid_t uid, gid_t gid)
{
	struct iio_context *context;
	struct grant grant = { .config = config, .uid = uid, .gid = gid };
	int ret;

	if (!uid)
		return 0;
	ret = grant_heaps(&grant);
	context = iio_create_local_context();
	/* libiio fails like this, too, on a kernel without any IIO device. */
	if (!context)
		return ret;
	grant.context = context;
	for (unsigned int i = 0; i < iio_context_get_devices_count(context); i++) {
		int failed = grant_device(&grant, iio_context_get_device(context, i));

		ret = ret ? ret : failed;
	}
	iio_context_destroy(context);
	return ret;
}
