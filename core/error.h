/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: errors
 *
 * Who knows why something failed says it once, in an error that his caller has given him, and
 * returns a negative errno. Whoever answers for it tells a host, writes it into the log, or both.
 */
#ifndef IIOBRIDGE_ERROR_H
#define IIOBRIDGE_ERROR_H

#include <errno.h>

/**
 * struct error - why something failed
 * @number: negative errno, 0 when nothing did
 * @text: a sentence: what failed, on which object, with which value, and what would be accepted
 */
struct error {
	int number;
	char text[512];
};

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
 * error_say() - fill in an error
 * @error: receives it
 * @number: errno value, positive or negative; %m in @format prints it
 * @format: as of printf(3), without a newline
 */
void error_say(struct error *error, int number, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * error_set() - error_say(), and the number to pass on
 * @error: receives it
 * @number: errno value, positive or negative
 *
 * Return: negative_errno(). A macro, so that compilers and checkers see that it is negative.
 */
#define error_set(error, number, ...)                        \
	({                                                   \
		int error_set_ = negative_errno(number);     \
		error_say((error), error_set_, __VA_ARGS__); \
		error_set_;                                  \
	})

/**
 * error_complete() - let there be a sentence
 * @error: of a call that failed; its number is 0 if nobody has filled it in
 * @number: negative errno that the call returned
 *
 * For calls that pass on an errno of which nobody knew more than its name.
 */
void error_complete(struct error *error, int number);

/**
 * error_log() - write an error into the log, at LOG_ERR
 * @error: filled in
 */
void error_log(const struct error *error);

#endif
