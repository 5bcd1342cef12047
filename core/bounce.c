// SPDX-License-Identifier: GPL-2.0-or-later
#include "bounce.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "clock.h"
#include "directories.h"
#include "heap.h"
#include "log.h"
#include "text.h"

#define DEBUGFS "/sys/kernel/debug"
#define COUNT	ROOT_DIRECTORY "/io_tlb_used"

#define LOOKS	50
#define LOOK_NS 2000000

/*
 * Whether a count can be read, or is empty. Lockdown lets nobody open the kernel's
 * (debugfs_locked_down() in fs/debugfs/file.c), whatever its mode.
 */
static bool is_shown(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file >= 0)
		close(file);
	return file >= 0;
}

/* Every kernel with bounce buffers has the folder in debugfs. */
static bool kernel_has_none(void)
{
	struct statfs system;

	return statfs(DEBUGFS, &system) == 0 && system.f_type == DEBUGFS_MAGIC &&
	       access(DEBUGFS "/swiotlb", F_OK) < 0 && errno == ENOENT;
}

int bounce_show(uid_t uid, gid_t gid)
{
	bool shown = is_shown(BOUNCE_KERNEL_COUNT);
	int file;

	bounce_hide();
	if (!shown && !kernel_has_none())
		return 0;
	/* An empty file: there is nothing to count. */
	file = open(COUNT, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0444);
	if (file < 0)
		return log_errno(errno, "cannot make " COUNT ": %m");
	close(file);
	if (!shown)
		return 0;
	if (mount(BOUNCE_KERNEL_COUNT, COUNT, NULL, MS_BIND, NULL) < 0)
		return log_errno(errno, "cannot mount " BOUNCE_KERNEL_COUNT " on " COUNT ": %m");
	if (chown(COUNT, uid, gid) < 0)
		return log_errno(errno, "cannot give " COUNT " to user %u: %m", uid);
	return 0;
}

void bounce_hide(void)
{
	while (umount2(COUNT, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		;
	unlink(COUNT);
}

bool bounce_is_seen(void)
{
	return is_shown(COUNT) || is_shown(BOUNCE_KERNEL_COUNT);
}

bool bounce_is_certain(void)
{
	const uint64_t pages = (UINT64_C(1) << 32) / (uint64_t)sysconf(_SC_PAGESIZE);

	return bounce_is_seen() || meminfo_end_page() <= pages;
}

/*
 * How many there are, 0 where that cannot be known: what the set-up has shown, or for root the
 * kernel's own. Each look needs a file of its own (simple_attr_open() in fs/libfs.c).
 */
static uint64_t count(void)
{
	char text[32];

	if (!text_read(AT_FDCWD, COUNT, text, sizeof(text)))
		text_read(AT_FDCWD, BOUNCE_KERNEL_COUNT, text, sizeof(text));
	return strtoull(text, NULL, 10);
}

void bounce_watch_begin(struct bounce_watch *watch)
{
	watch->used = count();
}

bool bounce_watch_grew(struct bounce_watch *watch)
{
	uint64_t used = count();

	for (unsigned int i = 0; used > watch->used && i < LOOKS; i++) {
		clock_nap(LOOK_NS);
		if (watch->meanwhile)
			watch->meanwhile(watch->userdata);
		used = count();
	}
	if (used > watch->used)
		return true;
	watch->used = used;
	return false;
}
