// SPDX-License-Identifier: GPL-2.0-or-later
#include "publisher.h"

#include "failure.h"

#include <dirent.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define TCP "tcp://"
#define IPC "ipc://"

/* The byte behind the name is 0. */
#define FILE_NAME_MAX (sizeof(((struct sockaddr_un *)0)->sun_path) - 1)

/* What follows a prefix in a text, or NULL. */
static const char *behind(const char *text, const char *prefix)
{
	const size_t length = strlen(prefix);

	return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

const char *endpoint_of(const char *output)
{
	return output ? behind(output, ENDPOINT_PREFIX) : NULL;
}

/* ZeroMQ would also take * for a port that nobody knows. */
static bool is_port(const char *text)
{
	const size_t digits = strspn(text, "0123456789");
	const unsigned long port = digits <= 5 ? strtoul(text, NULL, 10) : 0;

	return text[digits] == '\0' && port >= 1 && port <= 65535;
}

static bool is_tcp(const char *rest)
{
	const char *colon = strrchr(rest, ':');

	return colon && colon > rest && is_port(colon + 1);
}

/* … and here for a file that nobody knows. */
static bool is_ipc(const char *rest)
{
	return *rest && strcmp(rest, "*") != 0 && strlen(rest) <= FILE_NAME_MAX;
}

int endpoint_check(const char *endpoint, struct failure *failure)
{
	const char *tcp = behind(endpoint, TCP), *ipc = behind(endpoint, IPC);

	if (!tcp && !ipc)
		return failure_set(failure, -EINVAL,
				   ENDPOINT_PREFIX "%s: samples are published at "
						   "tcp://ADDRESS:PORT or ipc://FILE",
				   endpoint);
	if (tcp && !is_tcp(tcp))
		return failure_set(failure, -EINVAL,
				   ENDPOINT_PREFIX "%s: behind tcp:// stand an address of this "
						   "machine, or * for all of them, a colon, and a "
						   "port from 1 to 65535",
				   endpoint);
	if (ipc && !is_ipc(ipc))
		return failure_set(failure, -EINVAL,
				   ENDPOINT_PREFIX "%s: behind ipc:// stands the name of a file, "
						   "of at most %zu bytes",
				   endpoint, FILE_NAME_MAX);
	return 0;
}

/* A name that begins with @ is one without a file, where that is a byte 0. */
static bool find_address(const char *endpoint, struct sockaddr_un *address)
{
	const char *path = behind(endpoint, IPC);

	if (!path)
		return false;
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, path, strnlen(path, FILE_NAME_MAX));
	if (address->sun_path[0] == '@')
		address->sun_path[0] = '\0';
	return true;
}

static bool somebody_listens(const struct sockaddr_un *address)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r;

	if (fd < 0)
		return false;
	r = connect(fd, (const struct sockaddr *)address, sizeof(*address));
	if (r < 0)
		r = -errno;
	close(fd);
	/* Who does not accept yet is there, too. */
	return r == 0 || r == -EAGAIN;
}

int endpoint_is_free(const char *endpoint)
{
	struct sockaddr_un address;
	struct stat status;

	if (!find_address(endpoint, &address) || lstat(address.sun_path, &status) < 0)
		return 0;
	if (!S_ISSOCK(status.st_mode))
		return -EEXIST;
	return somebody_listens(&address) ? -EADDRINUSE : 0;
}

void endpoint_remove(const char *endpoint)
{
	struct sockaddr_un address;

	if (find_address(endpoint, &address))
		unlink(address.sun_path);
}

/* The port of a tcp endpoint, 0 for others. */
static unsigned int port_of(const char *endpoint)
{
	return behind(endpoint, TCP) ? (unsigned int)atoi(strrchr(endpoint, ':') + 1) : 0;
}

static bool is_bound_to(int fd, const char *endpoint)
{
	union {
		struct sockaddr any;
		struct sockaddr_in ip4;
		struct sockaddr_in6 ip6;
		struct sockaddr_un local;
	} own = { 0 };
	socklen_t size = sizeof(own);
	struct sockaddr_un local;

	if (getsockname(fd, &own.any, &size) < 0)
		return false;
	switch (own.any.sa_family) {
	case AF_INET:
		return ntohs(own.ip4.sin_port) == port_of(endpoint);
	case AF_INET6:
		return ntohs(own.ip6.sin6_port) == port_of(endpoint);
	case AF_UNIX:
		return find_address(endpoint, &local) &&
		       memcmp(&local, &own.local, sizeof(local)) == 0;
	default:
		return false;
	}
}

/* ZeroMQ does not tell which sockets are its own, but the kernel does. */
uint64_t endpoint_unread(const char *endpoint)
{
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *entry;
	uint64_t unread = 0;
	int part;

	while (folder && (entry = readdir(folder))) {
		const int fd = atoi(entry->d_name);

		if (is_bound_to(fd, endpoint) && ioctl(fd, SIOCOUTQ, &part) == 0)
			unread += (uint64_t)part;
	}
	if (folder)
		closedir(folder);
	return unread;
}
