/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: iiobridged --status
 */
#ifndef IIOBRIDGE_STATUS_CLIENT_H
#define IIOBRIDGE_STATUS_CLIENT_H

#include <stdbool.h>

/** enum status_client_result - exit statuses, as of systemctl(1) and the Linux Standard Base */
enum status_client_result {
	STATUS_CLIENT_RUNNING = 0,
	STATUS_CLIENT_NOT_RUNNING = 3,
	STATUS_CLIENT_UNKNOWN = 4, /* it runs, but does not answer */
};

/**
 * status_client_run() - ask the running daemon and print what it says
 * @path: of the daemon's socket
 * @json: ask for JSON
 *
 * What is wrong is said on standard error.
 *
 * Return: what to exit with.
 */
enum status_client_result status_client_run(const char *path, bool json);

#endif
