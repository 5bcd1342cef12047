// SPDX-License-Identifier: GPL-2.0-or-later
#include "outlet.h"

#include "host/failure.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
	struct outlet outlet; /* first, so that it can be cast */
	int fd;
	char *name;   /* for messages */
	bool is_file; /* with places that can be written again */
};

static struct file *file_of(struct outlet *outlet)
{
	return (struct file *)outlet;
}

static ssize_t file_write(struct outlet *outlet, const uint8_t *data, size_t size)
{
	ssize_t written;

	do
		written = write(file_of(outlet)->fd, data, size);
	while (written < 0 && errno == EINTR);
	return written < 0 ? -errno : written;
}

/* The kernel has it. */
static int file_finish(struct outlet *outlet, struct outlet_fate *fate)
{
	(void)outlet;
	*fate = (struct outlet_fate){ 0 };
	return 0;
}

static void file_explain(struct outlet *outlet, int error, uint64_t untaken)
{
	(void)untaken;
	failure_set(outlet->failure, error, "writing to %s failed: %s", file_of(outlet)->name,
		    strerror(-error));
}

static int file_overwrite(struct outlet *outlet, uint64_t offset, const uint8_t *data, size_t size)
{
	struct file *file = file_of(outlet);
	size_t done = 0;

	while (file->is_file && done < size) {
		const ssize_t written =
			pwrite(file->fd, data + done, size - done, (off_t)(offset + done));

		if (written < 0 && errno != EINTR) {
			const int error = -errno;

			file_explain(outlet, error, 0);
			return error;
		}
		done += written > 0 ? (size_t)written : 0;
	}
	return 0;
}

static int file_truncate(struct outlet *outlet, uint64_t size)
{
	struct file *file = file_of(outlet);

	if (!file->is_file || ftruncate(file->fd, (off_t)size) == 0)
		return 0;
	return failure_set(outlet->failure, -errno, "%s cannot be cut to %" PRIu64 " bytes: %s",
			   file->name, size, strerror(errno));
}

static int file_close(struct outlet *outlet)
{
	struct file *file = file_of(outlet);
	int r = 0;

	if (file->fd >= 0 && close(file->fd) < 0 && errno != EINTR)
		r = failure_set(outlet->failure, -errno, "closing %s failed: %s", file->name,
				strerror(errno));
	free(file->name);
	free(file);
	return r;
}

static const struct outlet_operations file_operations = {
	.write = file_write,
	.finish = file_finish,
	.explain = file_explain,
	.overwrite = file_overwrite,
	.truncate = file_truncate,
	.close = file_close,
};

int outlet_open_file(const char *path, bool text, struct failure *failure, struct outlet **ret)
{
	const bool to_stdout = strcmp(path, "-") == 0;
	struct stat status;
	struct file *file;
	int r;

	if (to_stdout && !text && isatty(STDOUT_FILENO))
		return failure_set(failure, -EINVAL,
				   "standard output is a terminal: samples need a file or a pipe");

	file = calloc(1, sizeof(*file));
	if (!file)
		return failure_set(failure, -ENOMEM, "no memory for the output");
	file->outlet = (struct outlet){ &file_operations, failure };
	file->fd = -1;
	file->name = strdup(to_stdout ? "standard output" : path);
	if (!file->name) {
		r = failure_set(failure, -ENOMEM, "no memory for the output");
		goto err_close;
	}

	/* A copy of the descriptor, so that both kinds are closed, and checked, in the same way. */
	if (to_stdout)
		file->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	else
		file->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (file->fd < 0) {
		r = failure_set(failure, -errno, "%s cannot be opened for writing: %s", file->name,
				strerror(errno));
		goto err_close;
	}
	file->is_file = !to_stdout && fstat(file->fd, &status) == 0 && S_ISREG(status.st_mode);
	*ret = &file->outlet;
	return 0;

err_close:
	file_close(&file->outlet);
	return r;
}
