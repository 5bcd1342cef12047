// SPDX-License-Identifier: GPL-2.0-or-later
#include "status_server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/log.h"
#include "core/text.h"

/* At most BURST peers in each INTERVAL: what a flood costs is bounded. */
#define BURST		  50
#define BURST_INTERVAL_US 200000

struct peer {
	struct status_server *server;
	int fd; /* -1: the place is free */
	sd_event_source *io;
	sd_event_source *timeout;
	uint64_t number; /* peers that came before */
	char request[8];
	size_t length;
};

struct status_server {
	struct status_source source;
	struct sockaddr_un address;
	int fd;
	sd_event_source *io;
	uint64_t count; /* peers so far */
	struct peer peers[STATUS_SERVER_PEERS];
};

static void drop(struct peer *peer)
{
	peer->io = sd_event_source_disable_unref(peer->io);
	peer->timeout = sd_event_source_disable_unref(peer->timeout);
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
}

/* A free place, if need be that of the peer that has waited longest. */
static struct peer *make_room(struct status_server *server)
{
	struct peer *oldest = &server->peers[0];

	for (unsigned int i = 0; i < STATUS_SERVER_PEERS; i++) {
		struct peer *peer = &server->peers[i];

		if (peer->fd < 0)
			return peer;
		if (peer->number < oldest->number)
			oldest = peer;
	}
	drop(oldest);
	return oldest;
}

/* The answer to a request; NULL when memory is short. The caller frees it. */
static char *write_answer(const struct status_server *server, const char *request, size_t *size)
{
	static struct status status;
	char *answer = NULL;
	FILE *file = open_memstream(&answer, size);

	if (!file)
		return NULL;
	if (strcmp(request, "text") == 0 || strcmp(request, "json") == 0) {
		server->source.get(server->source.userdata, &status);
		if (request[0] == 't')
			status_write_text(&status, file);
		else
			status_write_json(&status, file);
	} else {
		fputs("ask for \"text\" or \"json\"\n", file);
	}
	if (fclose(file) == 0)
		return answer;
	free(answer);
	return NULL;
}

static void answer(struct peer *peer)
{
	size_t size;
	char *text = write_answer(peer->server, peer->request, &size);

	if (!text || send(peer->fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)size)
		log_debug("a peer of %s got no answer", peer->server->address.sun_path);
	free(text);
	drop(peer);
}

/* Read what has come; a request ends with its line, or with all that the peer says. */
static void serve(struct peer *peer)
{
	ssize_t size = recv(peer->fd, peer->request + peer->length,
			    sizeof(peer->request) - 1 - peer->length, MSG_DONTWAIT);
	char *end;

	if (size < 0) {
		if (errno != EAGAIN && errno != EINTR)
			drop(peer);
		return;
	}
	peer->length += (size_t)size;
	peer->request[peer->length] = '\0';
	end = strchr(peer->request, '\n');
	if (end)
		*end = '\0';
	if (end || size == 0 || peer->length == sizeof(peer->request) - 1)
		answer(peer);
}

static int on_request(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)fd;
	(void)events;
	serve(userdata);
	return 0;
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	drop(userdata);
	return 0;
}

static int on_peer(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct status_server *server = userdata;
	struct peer *peer = make_room(server);
	sd_event *event = sd_event_source_get_event(source);
	int ret;

	(void)events;
	peer->fd = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (peer->fd < 0)
		return 0;
	peer->number = server->count++;
	peer->length = 0;
	ret = sd_event_add_io(event, &peer->io, peer->fd, EPOLLIN, on_request, peer);
	if (ret >= 0)
		ret = sd_event_source_set_priority(peer->io, STATUS_PRIORITY);
	if (ret >= 0)
		ret = sd_event_add_time_relative(event, &peer->timeout, CLOCK_MONOTONIC,
						 STATUS_SERVER_WAIT_US, 0, on_timeout, peer);
	if (ret >= 0)
		ret = sd_event_source_set_priority(peer->timeout, STATUS_PRIORITY);
	/* Most have asked by now. */
	if (ret >= 0)
		serve(peer);
	else
		drop(peer);
	return 0;
}

static int listen_for_peers(struct status_server *server)
{
	const char *path = server->address.sun_path;

	server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (server->fd < 0)
		return -errno;
	if (unlink(path) < 0 && errno != ENOENT)
		return -errno;
	if (bind(server->fd, (const struct sockaddr *)&server->address, sizeof(server->address)) <
	    0)
		return -errno;
	if (chmod(path, 0666) < 0)
		return -errno;
	return listen(server->fd, SOMAXCONN) < 0 ? -errno : 0;
}

int status_server_new(struct status_server **server, sd_event *event, const char *path,
		      const struct status_source *source)
{
	struct status_server *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return log_errno(ENOMEM, "cannot offer the status at %s: %m", path);
	*new = (struct status_server){ .source = *source, .address.sun_family = AF_UNIX };
	text_copy(new->address.sun_path, sizeof(new->address.sun_path), path);
	for (unsigned int i = 0; i < STATUS_SERVER_PEERS; i++)
		new->peers[i] = (struct peer){ .server = new, .fd = -1 };
	ret = listen_for_peers(new);
	if (ret >= 0)
		ret = sd_event_add_io(event, &new->io, new->fd, EPOLLIN, on_peer, new);
	if (ret >= 0)
		ret = sd_event_source_set_priority(new->io, STATUS_PRIORITY);
	if (ret >= 0)
		ret = sd_event_source_set_ratelimit(new->io, BURST_INTERVAL_US, BURST);
	if (ret < 0) {
		status_server_free(new);
		return log_errno(ret, "cannot offer the status at %s: %m", path);
	}
	*server = new;
	return 0;
}

void status_server_free(struct status_server *server)
{
	if (!server)
		return;
	for (unsigned int i = 0; i < STATUS_SERVER_PEERS; i++)
		drop(&server->peers[i]);
	sd_event_source_disable_unref(server->io);
	if (server->fd >= 0) {
		close(server->fd);
		unlink(server->address.sun_path);
	}
	free(server);
}
