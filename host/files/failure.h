/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * failure.h - what went wrong, as a sentence
 *
 * The modules below the commands print nothing. The place that knows a reason puts it into the
 * caller's struct failure and returns the errno; callers only pass the errno on.
 */
#ifndef HOST_FAILURE_H
#define HOST_FAILURE_H

/**
 * struct failure - the reason of the last error
 * @message: a sentence without program name and newline, empty when nothing failed
 */
struct failure {
	char message[512];
};

/**
 * failure_set() - store a reason
 * @failure: where to store it
 * @error: negative errno that the caller returns
 * @format: printf format of the sentence
 *
 * Return: @error, so that a function can end with return failure_set(...).
 */
int failure_set(struct failure *failure, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
