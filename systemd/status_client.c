// SPDX-License-Identifier: GPL-2.0-or-later
#include "status_client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/text.h"

#define PATIENCE_S 5

static int connect_to(const char *path)
{
	static const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	text_copy(address.sun_path, sizeof(address.sun_path), path);
	/* The first is for connect(), too, see unix_stream_connect() in net/unix/af_unix.c. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -errno;
}

/* Return: bytes printed, or a negative errno. */
static ssize_t print_answer(int fd)
{
	char buffer[4096];
	ssize_t total = 0, size;

	while ((size = recv(fd, buffer, sizeof(buffer), 0)) > 0) {
		fwrite(buffer, 1, (size_t)size, stdout);
		total += size;
	}
	return size < 0 ? -errno : total;
}

static ssize_t ask(int fd, const char *request)
{
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
		return -errno;
	return print_answer(fd);
}

enum status_client_result status_client_run(const char *path, bool json)
{
	ssize_t ret;
	int fd = connect_to(path);

	if (fd == -ENOENT || fd == -ECONNREFUSED) {
		fputs("iiobridged does not run.\n", stderr);
		return STATUS_CLIENT_NOT_RUNNING;
	}
	if (fd < 0) {
		fprintf(stderr, "iiobridged: cannot ask at %s: %s\n", path, strerror(-fd));
		return STATUS_CLIENT_UNKNOWN;
	}
	ret = ask(fd, json ? "json\n" : "text\n");
	close(fd);
	if (ret > 0 && fflush(stdout) == 0)
		return STATUS_CLIENT_RUNNING;
	fprintf(stderr, "iiobridged: it runs, but does not answer at %s: %s\n", path,
		ret == -EAGAIN ? "timed out"
		: ret < 0      ? strerror((int)-ret)
			       : "it ended the connection");
	return STATUS_CLIENT_UNKNOWN;
}
