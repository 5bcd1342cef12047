// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"

/* Nobody but root can put something else in the place of what is in it. */
static int check_is_roots(int directory, const char *path)
{
	struct stat status;

	if (fstat(directory, &status) < 0)
		return log_errno(errno, "cannot look at \"%s\": %m", path);
	if (status.st_uid != 0)
		return log_errno(EPERM,
				 "\"%s\" belongs to user %u, who could put something else in the "
				 "place of what is mounted in it; it must belong to root",
				 path, status.st_uid);
	if (status.st_mode & (S_IWGRP | S_IWOTH) && !(status.st_mode & S_ISVTX))
		return log_errno(EPERM,
				 "others than root may write to \"%s\" (mode %04o), and put "
				 "something else in the place of what is mounted in it; only root "
				 "may",
				 path, status.st_mode & 07777);
	return 0;
}

static int open_directory(int parent, const char *name)
{
	return openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/*
 * Open a directory whose path has no links, and check it and all that it is in. Each is looked up
 * in the one before it, so that what was checked stays what it was. @path is written to, and is as
 * it was in the end.
 */
static int open_checked(char *path)
{
	int directory = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), next, ret;
	char *end = path;

	if (directory < 0)
		return log_errno(errno, "cannot open \"/\": %m");
	ret = check_is_roots(directory, "/");
	while (!ret && *end && path[1]) {
		const char *name = end + 1;
		char after;

		end = strchrnul(name, '/');
		after = *end;
		*end = '\0';
		next = open_directory(directory, name);
		ret = next < 0 ? log_errno(errno, "cannot open \"%s\": %m", path)
			       : check_is_roots(next, path);
		*end = after;
		close(directory);
		directory = next;
	}
	if (!ret)
		return directory;
	if (directory >= 0)
		close(directory);
	return ret;
}

/* Open the directory that @path is in, by which links that are root's may lead. */
static int open_parent(const char *path)
{
	char *copy = strdup(path), *real = copy ? realpath(dirname(copy), NULL) : NULL;
	int ret = real ? open_checked(real)
		       : log_errno(errno, "cannot find the directory of \"%s\": %m", path);

	free(real);
	free(copy);
	return ret;
}

static int open_mount_point(const char *path)
{
	int parent = open_parent(path), directory = -1, ret = 0;
	char *copy = strdup(path);

	if (parent < 0) {
		free(copy);
		return parent;
	}
	if (!copy || (mkdirat(parent, basename(copy), 0755) < 0 && errno != EEXIST))
		ret = log_errno(errno, "cannot make \"%s\": %m", path);
	if (!ret)
		directory = open_directory(parent, basename(copy));
	if (!ret && directory < 0)
		ret = log_errno(errno, "cannot open \"%s\": %m", path);
	close(parent);
	free(copy);
	return ret < 0 ? ret : directory;
}

int functionfs_mount(const char *instance, const char *path, const char *options)
{
	int directory = open_mount_point(path), ret = 0;
	char place[32];

	if (directory < 0)
		return directory;
	/* What the descriptor has open, whatever is at its path by now. */
	snprintf(place, sizeof(place), "/proc/self/fd/%d", directory);
	if (mount(instance, place, "functionfs", MS_NOSUID | MS_NOEXEC, options) < 0)
		ret = log_errno(errno, "cannot mount FunctionFS \"%s\" on \"%s\": %m", instance,
				path);
	close(directory);
	return ret;
}

/* Unmount one. The list of mounts is another after it. */
static bool unmount_one(bool (*is_wanted)(const char *instance))
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	bool found = false;

	while (mounts && !found && (entry = getmntent(mounts))) {
		/* A predecessor may still be in it. */
		found = strcmp(entry->mnt_type, "functionfs") == 0 &&
			is_wanted(entry->mnt_fsname) &&
			umount2(entry->mnt_dir, MNT_DETACH | UMOUNT_NOFOLLOW) == 0;
		if (found)
			rmdir(entry->mnt_dir);
	}
	if (mounts)
		endmntent(mounts);
	return found;
}

bool functionfs_unmount(bool (*is_wanted)(const char *instance))
{
	bool found = false;

	while (unmount_one(is_wanted))
		found = true;
	return found;
}
