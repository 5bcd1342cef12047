/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: messages of the daemon
 *
 * A message is one line on standard error, or whatever log_use_journal() makes of it. No message
 * ever waits for somebody who reads it. Any thread may log; the route is that of each thread.
 */
#ifndef IIOBRIDGE_LOG_H
#define IIOBRIDGE_LOG_H

#include <stdint.h>
#include <syslog.h>

#include "error.h"

/* Events that the journal's catalogue explains, systemd/iiobridged.catalog. */
#define LOG_ID_ROUTE_FAILED "9336fb2d4b6942499819acc95c1749bd"
#define LOG_ID_SAMPLES_LOST "1ed5f426d867489c81a9e41d957f5625"
#define LOG_ID_COPYING	    "8e9614edc9c54a89a95170989232f70a"

/**
 * struct log_counts - what a run of a route came to
 * @blocks: blocks that were delivered
 * @bytes: bytes in them
 * @gaps: gaps or underruns
 * @samples_lost: samples of each channel that were lost, or missed, in them
 */
struct log_counts {
	uint64_t blocks;
	uint64_t bytes;
	uint64_t gaps;
	uint64_t samples_lost;
};

/**
 * struct log_event - what an entry of the journal says beside its sentence
 * @id: one of LOG_ID_*, or NULL
 * @error: errno value, positive or negative, 0 for none
 * @counts: of the run that it is about, or NULL
 */
struct log_event {
	const char *id;
	int error;
	const struct log_counts *counts;
};

/**
 * log_open() - choose what is printed
 * @level: least important syslog level that is printed, such as LOG_INFO
 */
void log_open(int level);

/**
 * log_entry_fn - make a message an entry of the journal; must not wait
 * @level: of the message
 * @text: of the message
 * @route: that it is about, or NULL
 * @event: more about it
 *
 * Return: 0 or a negative errno, after which the message becomes a line.
 */
typedef int (*log_entry_fn)(int level, const char *text, const char *route,
			    const struct log_event *event);

/**
 * log_use_journal() - standard error goes to the journal
 * @send: takes each message; NULL: messages are lines that begin with their level, see sd-daemon(3)
 */
void log_use_journal(log_entry_fn send);

/**
 * log_message() - print one message
 * @level: LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO or LOG_DEBUG
 * @format: as of printf(3), without a newline
 */
void log_message(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * log_reason() - print one message at LOG_ERR about a failed call
 * @error: errno value, positive or negative; %m in @format prints it
 * @format: as of printf(3), without a newline
 */
void log_reason(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * log_event() - print one message of a kind that programs look for
 * @level: as for log_message()
 * @event: more about it
 * @format: as of printf(3), without a newline
 */
void log_event(int level, const struct log_event *event, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * log_errno() - log_reason(), and the error to pass on
 * @error: errno value, positive or negative
 *
 * Return: negative_errno(). A macro, so that compilers and checkers see that it is negative.
 */
#define log_errno(error, ...)                           \
	({                                              \
		int log_errno_ = negative_errno(error); \
		log_reason(log_errno_, __VA_ARGS__);    \
		log_errno_;                             \
	})

/**
 * log_enter_route() - let messages be about a route
 * @name: of the route, or NULL; must live until it is left
 *
 * Use LOG_OF_ROUTE().
 *
 * Return: the route that they were about before.
 */
const char *log_enter_route(const char *name);

/** log_leave_route() - let messages be about what they were about before; for LOG_OF_ROUTE() */
static inline void log_leave_route(const char **before)
{
	log_enter_route(*before);
}

/**
 * LOG_OF_ROUTE() - let all messages be about a route until the end of the scope
 * @name: of the route
 *
 * Whoever works for the route, down to the opening of a device, logs without knowing its name.
 */
#define LOG_OF_ROUTE(name)                                                                \
	__attribute__((cleanup(log_leave_route), unused)) const char *log_route_before_ = \
		log_enter_route(name)

#define log_error(...)	 log_message(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_message(LOG_WARNING, __VA_ARGS__)
#define log_info(...)	 log_message(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	 log_message(LOG_DEBUG, __VA_ARGS__)

#endif
