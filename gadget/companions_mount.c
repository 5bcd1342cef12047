// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gadget.h"
#include "mount.h"
#include "paths.h"

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
