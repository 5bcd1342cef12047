// SPDX-License-Identifier: GPL-2.0-or-later
#include "set_up.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/bounce.h"
#include "core/directories.h"
#include "core/log.h"
#include "gadget/gadget.h"
#include "iio/access.h"
#include "iio/trigger.h"

#define LOCK_FILE ROOT_DIRECTORY "/lock"

int lock_take(void)
{
	int lock, ret;

	if (mkdir(ROOT_DIRECTORY, 0755) < 0 && errno != EEXIST)
		return log_errno(errno, "cannot make " ROOT_DIRECTORY ": %m");
	/* Not to be written to: the service cannot write in this directory. */
	lock = open(LOCK_FILE, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (lock < 0)
		return log_errno(errno, "cannot open " LOCK_FILE ": %m");
	if (flock(lock, LOCK_EX | LOCK_NB) == 0)
		return lock;
	ret = errno == EWOULDBLOCK ? -EBUSY : -errno;
	log_reason(ret, ret == -EBUSY ? "another iiobridged runs on this board"
				      : "cannot lock " LOCK_FILE ": %m");
	close(lock);
	return ret;
}

static int find_user(const char *name, uid_t *uid, gid_t *gid)
{
	struct passwd *user;

	*uid = 0;
	*gid = 0;
	if (!name)
		return 0;
	errno = 0;
	user = getpwnam(name);
	if (!user)
		return log_errno(errno ? errno : ENOENT, "there is no user \"%s\"", name);
	*uid = user->pw_uid;
	*gid = user->pw_gid;
	return 0;
}

/*
 * systemd runs the privileged commands of a unit that has a restricted file system, too, in mount
 * namespaces of their own (apply_mount_namespace() in its execute.c), and what is mounted there is
 * seen by nobody else.
 */
int set_up_join_init(void)
{
	int namespace = open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC);
	int ret = 0;

	if (namespace < 0)
		return log_errno(errno, "cannot open /proc/1/ns/mnt: %m");
	if (setns(namespace, CLONE_NEWNS) < 0)
		ret = log_errno(errno, "cannot join the mount namespace of process 1: %m");
	close(namespace);
	return ret;
}

static int mount_companions(const struct functions_config *functions)
{
	int ret = 0;

	for (unsigned int i = 0; !ret && i < functions->count; i++) {
		const struct function_config *function = &functions->functions[i];
		uid_t uid;
		gid_t gid;

		if (function->type != FUNCTION_FFS)
			continue;
		ret = find_user(function->user[0] ? function->user : NULL, &uid, &gid);
		if (!ret)
			ret = companion_mount(function, uid, gid);
	}
	return ret;
}

/* Return: as composition_remove(). */
static int remove_all(void)
{
	int ret = triggers_remove();

	companions_unmount();
	return ret < 0 ? ret : composition_remove();
}

int clean_up(void)
{
	int ret = remove_all();
	bool mounted = function_unmount();

	bounce_hide();
	if (ret > 0 || mounted)
		log_debug("removed gadget \"" GADGET_NAME "\" and its mount");
	return ret < 0 ? ret : 0;
}

/*
 * Both are in directories of root's, where these names are no links of somebody else's. The first
 * may have been made with a umask that keeps the user out.
 */
static int give_files(uid_t uid, gid_t gid)
{
	if (chmod(ROOT_DIRECTORY, 0755) < 0 || chown(LOCK_FILE, uid, gid) < 0)
		return log_errno(errno, "cannot give " LOCK_FILE " to user %u: %m", uid);
	if (mkdir(RUN_DIRECTORY, 0755) < 0 && errno != EEXIST)
		return log_errno(errno, "cannot make " RUN_DIRECTORY ": %m");
	if (chown(RUN_DIRECTORY, uid, gid) < 0)
		return log_errno(errno, "cannot give " RUN_DIRECTORY " to user %u: %m", uid);
	return 0;
}

int set_up(const struct bridge_config *config, const char *user)
{
	uid_t uid;
	gid_t gid;
	int ret = find_user(user, &uid, &gid);

	if (ret < 0)
		return ret;
	ret = remove_all();
	if (ret > 0)
		log_info("removed gadget \"" GADGET_NAME "\", which was left behind");
	if (ret < 0)
		return ret;
	ret = composition_make(&config->gadget, uid, gid);
	if (!ret)
		ret = function_mount(uid, gid);
	if (!ret)
		ret = mount_companions(&config->gadget.functions);
	if (!ret)
		ret = triggers_make(config);
	if (!ret)
		ret = access_grant(config, uid, gid);
	if (!ret)
		ret = bounce_show(uid, gid);
	if (!ret)
		ret = give_files(uid, gid);
	if (ret < 0)
		clean_up();
	return ret;
}

int set_up_grant(const struct bridge_config *config, const char *user)
{
	uid_t uid;
	gid_t gid;
	int ret = find_user(user, &uid, &gid);

	return ret ? ret : access_grant(config, uid, gid);
}

int set_up_check(void)
{
	char path[64];

	function_path(path, sizeof(path), 0);
	if (access(path, R_OK | W_OK) == 0)
		return 0;
	return log_errno(errno,
			 "there is no gadget for this user (%s: %m); start the service, or "
			 "run \"iiobridged --set-up=USER\" as root before",
			 path);
}
