// SPDX-License-Identifier: GPL-2.0-or-later
#include "output.h"

#include "failure.h"
#include "publisher.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct output {
	struct failure *failure;
	struct publisher *publisher; /* or a file: */
	int fd;
	char *name;   /* for messages */
	bool is_file; /* with places that can be written again */

	uint64_t passed;  /* bytes that were to be written */
	uint64_t written; /* bytes that the file or the publisher took */
	struct publisher_losses losses;
	bool finished;
	int error;
};

static ssize_t write_some(const struct output *output, const uint8_t *data, size_t size)
{
	ssize_t written;

	if (output->publisher)
		return publisher_write(output->publisher, data, size);
	do
		written = write(output->fd, data, size);
	while (written < 0 && errno == EINTR);
	return written < 0 ? -errno : written;
}

static struct output *new_output(struct failure *failure)
{
	struct output *output = calloc(1, sizeof(*output));

	if (output) {
		output->failure = failure;
		output->fd = -1;
	} else {
		failure_set(failure, -ENOMEM, "no memory for the output");
	}
	return output;
}

/* What was opened; or releases it, with the result of an error before. */
static int opened(struct output *output, int r, struct output **ret)
{
	if (r == 0)
		*ret = output;
	else
		output_close(output);
	return r;
}

static int open_file(struct output *output, const char *path, bool to_stdout)
{
	struct stat status;

	output->name = strdup(to_stdout ? "standard output" : path);
	if (!output->name)
		return failure_set(output->failure, -ENOMEM, "no memory for the output");
	/* A copy of the descriptor, so that both kinds are closed, and checked, in the same way. */
	if (to_stdout)
		output->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	else
		output->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (output->fd < 0)
		return failure_set(output->failure, -errno, "%s cannot be opened for writing: %s",
				   output->name, strerror(errno));
	output->is_file = !to_stdout && fstat(output->fd, &status) == 0 && S_ISREG(status.st_mode);
	return 0;
}

int output_open(const char *path, bool text, struct failure *failure, struct output **ret)
{
	const bool to_stdout = strcmp(path, "-") == 0;
	struct output *output;

	if (to_stdout && !text && isatty(STDOUT_FILENO))
		return failure_set(failure, -EINVAL,
				   "standard output is a terminal: samples need a file or a pipe");
	output = new_output(failure);
	return output ? opened(output, open_file(output, path, to_stdout), ret) : -ENOMEM;
}

int output_open_publisher(const char *endpoint, size_t sample_size, int (*is_ending)(void),
			  struct failure *failure, struct output **ret)
{
	struct output *output = new_output(failure);

	if (!output)
		return -ENOMEM;
	return opened(output,
		      publisher_open(endpoint, sample_size, PUBLISHER_PATIENCE_MS, is_ending,
				     failure, &output->publisher),
		      ret);
}

static int write_failed(struct output *output)
{
	if (output->publisher)
		return publisher_explain(output->publisher, output->error,
					 output->passed - output->written);
	return failure_set(output->failure, output->error, "writing to %s failed: %s", output->name,
			   strerror(-output->error));
}

int output_write(struct output *output, const uint8_t *data, size_t size)
{
	output->passed += size;
	while (size > 0 && !output->error) {
		const ssize_t written = write_some(output, data, size);

		if (written < 0) {
			output->error = (int)written;
			break;
		}
		data += written;
		size -= (size_t)written;
		output->written += (uint64_t)written;
	}
	return output->error ? write_failed(output) : 0;
}

uint64_t output_written(const struct output *output)
{
	return output->written;
}

int output_finish(struct output *output, uint64_t *written)
{
	int r;

	if (output->publisher && !output->finished) {
		r = publisher_finish(output->publisher, &output->losses);
		output->error = output->error ? output->error : r;
	}
	output->finished = true;
	*written = output->written - output->losses.undelivered;
	return output->error ? write_failed(output) : 0;
}

uint64_t output_unsubscribed(const struct output *output)
{
	return output->losses.unsubscribed;
}

int output_overwrite(struct output *output, uint64_t offset, const uint8_t *data, size_t size)
{
	size_t done = 0;

	while (output->is_file && done < size) {
		const ssize_t written =
			pwrite(output->fd, data + done, size - done, (off_t)(offset + done));

		if (written < 0 && errno != EINTR)
			return failure_set(output->failure, -errno, "writing to %s failed: %s",
					   output->name, strerror(errno));
		done += written > 0 ? (size_t)written : 0;
	}
	return 0;
}

int output_truncate(struct output *output, uint64_t size)
{
	if (!output->is_file || ftruncate(output->fd, (off_t)size) == 0)
		return 0;
	return failure_set(output->failure, -errno, "%s cannot be cut to %" PRIu64 " bytes: %s",
			   output->name, size, strerror(errno));
}

int output_reserve(struct output *output, uint64_t size)
{
	const int error = posix_fallocate(output->fd, 0, (off_t)size);

	if (error == 0)
		return 0;
	return failure_set(output->failure, -error, "reserving room for %s failed: %s",
			   output->name, strerror(error));
}

int output_sync(struct output *output)
{
	if (fdatasync(output->fd) == 0)
		return 0;
	return failure_set(output->failure, -errno, "writing to %s failed: %s", output->name,
			   strerror(errno));
}

int output_close(struct output *output)
{
	uint64_t written;
	int r;

	if (!output)
		return 0;
	r = output_finish(output, &written);
	publisher_close(output->publisher);
	if (output->fd >= 0 && close(output->fd) < 0 && errno != EINTR && r == 0)
		r = failure_set(output->failure, -errno, "closing %s failed: %s", output->name,
				strerror(errno));
	free(output->name);
	free(output);
	return r;
}
