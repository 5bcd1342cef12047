/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: what there is to tell of the daemon
 *
 * One model, struct status, and everybody who tells: the text and the JSON of
 * "iiobridged --status", systemd's status line, and D-Bus. iiobridged(8) documents what users see.
 */
#ifndef IIOBRIDGE_STATUS_H
#define IIOBRIDGE_STATUS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "config/config.h"
#include "core/directories.h"
#include "gadget/gadget.h"
#include "iiobridge/protocol.h"

/* Who asks is served when no route has a block to move, however many ask. */
#define STATUS_PRIORITY	 SD_EVENT_PRIORITY_IDLE
#define STATUS_SOCKET	 RUN_DIRECTORY "/status"
#define STATUS_LINE_SIZE 256
#define STATUS_END_SIZE	 (CONFIG_TEXT_SIZE + 4) /* "iio:" and a name */

/** enum status_route_state - what a route does */
enum status_route_state {
	STATUS_STOPPED,		    /* nothing, and nothing is wrong */
	STATUS_RUNNING,		    /* it moves blocks */
	STATUS_REPEATING,	    /* it plays what it has again and again, without a host */
	STATUS_REPEATING_IN_KERNEL, /* the kernel does, and tells nobody how often */
	STATUS_FAILED,		    /* nothing: its last run ended with an error */
};

/**
 * struct status_route - what there is to tell of a route
 * @name: its name
 * @from: what fills, "usb" or "iio:NAME"
 * @to: what drains
 * @state: what it does
 * @from_copies: the samples of this end are copied
 * @to_copies: the samples of this end are copied
 * @block_size: bytes, of this run, or as configured for the next one
 * @block_count: number of blocks
 * @heap: heap that the blocks come from
 * @rate: bytes delivered per second, over the last one or two seconds; 0 when it does not run
 * @statistics: counts of this run, or of the last one
 */
struct status_route {
	char name[CONFIG_NAME_SIZE];
	char from[STATUS_END_SIZE];
	char to[STATUS_END_SIZE];
	enum status_route_state state;
	bool from_copies;
	bool to_copies;
	uint32_t block_size;
	uint32_t block_count;
	char heap[CONFIG_TEXT_SIZE];
	uint64_t rate;
	struct iiobridge_statistics statistics;
};

/**
 * struct status - what there is to tell
 * @state: of the gadget
 * @waiting: sentence about what the gadget waits for, "" when it does not wait
 * @udc: the UDC that the gadget is bound to, "" for none
 * @speed: of the bus, as the kernel names it, such as "super-speed"; "" when no host is there
 * @suspended: the bus sleeps
 * @companion_count: number of @companions
 * @companions: functions that are in the gadget beside the bridge
 * @uptime_us: since when the daemon runs, microseconds
 * @error: the last error, IIOBRIDGE_OK when there was none
 * @error_us: when that was, CLOCK_REALTIME in microseconds
 * @route_count: number of @routes
 * @routes: by number
 */
struct status {
	enum function_state state;
	char waiting[256];
	char udc[CONFIG_TEXT_SIZE];
	char speed[CONFIG_NAME_SIZE];
	bool suspended;
	unsigned int companion_count;
	enum function_type companions[CONFIG_MAX_FUNCTIONS];
	uint64_t uptime_us;
	struct iiobridge_error error;
	uint64_t error_us;
	unsigned int route_count;
	struct status_route routes[IIOBRIDGE_MAX_ROUTES];
};

/**
 * struct status_source - where a status comes from
 * @get: fills in everything; it costs no system call, so that asking often does no harm
 * @userdata: for @get
 */
struct status_source {
	void (*get)(void *userdata, struct status *status);
	void *userdata;
};

/**
 * status_state_name() - word for a state of the gadget
 *
 * Return: "absent", "bound" or "configured".
 */
const char *status_state_name(enum function_state state);

/**
 * status_state_sentence() - what a state of the gadget means to a user
 *
 * Return: such as "no host".
 */
const char *status_state_sentence(enum function_state state);

/**
 * status_route_state_name() - word for a state of a route
 *
 * Return: "stopped", "running", "repeating", "repeating-in-kernel" or "failed".
 */
const char *status_route_state_name(enum status_route_state state);

/**
 * status_companion_name() - word for a companion function
 *
 * Return: as in the configuration, such as "mass-storage".
 */
const char *status_companion_name(enum function_type type);

/**
 * status_route_streams() - whether blocks go round
 * @route: the route
 */
static inline bool status_route_streams(const struct status_route *route)
{
	return route->state == STATUS_RUNNING || route->state == STATUS_REPEATING;
}

/**
 * status_route_runs() - whether its devices do, though blocks may not go round
 * @route: the route
 */
static inline bool status_route_runs(const struct status_route *route)
{
	return status_route_streams(route) || route->state == STATUS_REPEATING_IN_KERNEL;
}

/**
 * status_write_text() - tell people
 * @status: what there is to tell
 * @file: receives lines
 */
void status_write_text(const struct status *status, FILE *file);

/**
 * status_write_json() - tell programs
 * @status: what there is to tell
 * @file: receives one object, and a newline
 */
void status_write_json(const struct status *status, FILE *file);

/**
 * status_write_line() - tell it in one line, as systemctl status shows it
 * @status: what there is to tell
 * @line: receives the line
 */
void status_write_line(const struct status *status, char line[STATUS_LINE_SIZE]);

#endif
