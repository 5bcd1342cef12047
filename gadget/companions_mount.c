// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iiobridge/gadget.h"
#include "iiobridge/log.h"
#include "paths.h"

int companion_mount(const struct function_config *function, uid_t uid, gid_t gid)
{
	char options[64];

	if (mkdir(function->mount, 0755) < 0 && errno != EEXIST)
		return log_errno(errno, "cannot make \"%s\" for function \"%s\": %m",
				 function->mount, function->name);
	/*
	 * Everybody may look at the directory, so that the bridge sees the daemon come and go.
	 * Without no_disconnect: it would keep the gadget bound when the daemon leaves, but the
	 * kernel waits for itself when the daemon comes back (ffs_ep0_open() in f_fs.c of Linux
	 * 6.12.117 holds the mutex that functionfs_unbind() wants).
	 */
	snprintf(options, sizeof(options), "uid=%u,gid=%u,rmode=0555,fmode=0600", uid, gid);
	if (mount(function->name, function->mount, "functionfs", MS_NOSUID | MS_NOEXEC, options) <
	    0)
		return log_errno(errno, "cannot mount FunctionFS \"%s\" on \"%s\": %m",
				 function->name, function->mount);
	return 0;
}

/* Whether the gadget, as it stands in configfs, has this FunctionFS instance as a companion. */
static bool is_companion(const char *name)
{
	char path[sizeof(GADGET_DIRECTORY) + NAME_MAX + 32];

	snprintf(path, sizeof(path), GADGET_DIRECTORY "/functions/ffs.%s", name);
	return strcmp(name, GADGET_NAME) != 0 && access(path, F_OK) == 0;
}

/* Unmount one; @return: whether there was one. The list of mounts is another after it. */
static bool unmount_one(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	bool found = false;

	while (mounts && !found && (entry = getmntent(mounts))) {
		found = strcmp(entry->mnt_type, "functionfs") == 0 &&
			is_companion(entry->mnt_fsname) && umount2(entry->mnt_dir, MNT_DETACH) == 0;
		if (found)
			rmdir(entry->mnt_dir);
	}
	if (mounts)
		endmntent(mounts);
	return found;
}

void companions_unmount(void)
{
	while (unmount_one())
		;
}
