/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: messages of the daemon
 *
 * Each message is one line on standard error. Under systemd it begins with the level in the form
 * of sd-daemon(3), so that the journal files it under its priority; in a terminal it begins with
 * the program's name.
 */
#ifndef IIOBRIDGE_LOG_H
#define IIOBRIDGE_LOG_H

#include <errno.h>
#include <syslog.h>

/**
 * log_open() - decide how messages look, from the environment
 * @level: least important syslog level that is printed, such as LOG_INFO
 */
void log_open(int level);

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
 * negative_errno() - an errno value as functions return it
 * @error: positive or negative, 0 when the reason is not known
 *
 * Return: always negative, -EIO for 0.
 */
static inline int negative_errno(int error)
{
	if (error == 0)
		return -EIO;
	return error < 0 ? error : -error;
}

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
 * log_last_error() - the last message at LOG_ERR
 *
 * For those who have to pass the reason on to a host, too.
 *
 * Return: the message, valid until the next one; "" when there was none.
 */
const char *log_last_error(void);

#define log_error(...)	 log_message(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_message(LOG_WARNING, __VA_ARGS__)
#define log_info(...)	 log_message(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	 log_message(LOG_DEBUG, __VA_ARGS__)

#endif
