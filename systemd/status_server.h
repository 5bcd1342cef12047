/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: the status socket
 *
 * A Unix stream socket that every local user may ask: a peer sends the line "text" or "json",
 * receives the status in that form, and the connection ends. It works without D-Bus.
 *
 * No peer can make the daemon wait: an answer fits into the socket's buffer, so that it is sent at
 * once or not at all; a peer that says nothing is dropped after a while, or when many others come;
 * and only so many are accepted in a second. One peer is served in a turn of the event loop, and
 * none while a route has a block to move.
 */
#ifndef IIOBRIDGE_STATUS_SERVER_H
#define IIOBRIDGE_STATUS_SERVER_H

#include <systemd/sd-event.h>

#include "status.h"

#define STATUS_SERVER_PEERS   128     /* at once */
#define STATUS_SERVER_WAIT_US 5000000 /* for what a peer asks */

struct status_server;

/**
 * status_server_new() - make the socket and answer
 * @server: receives the server
 * @event: loop that it runs in
 * @path: of the socket; one that a killed predecessor left is replaced
 * @source: where answers come from; copied
 *
 * Return: 0 or a negative errno, logged.
 */
int status_server_new(struct status_server **server, sd_event *event, const char *path,
		      const struct status_source *source);

/**
 * status_server_free() - drop all peers and remove the socket
 * @server: may be NULL
 */
void status_server_free(struct status_server *server);

#endif
