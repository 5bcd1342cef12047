/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * failure.h - what went wrong, as a sentence
 *
 * The modules below the commands print nothing. The place that knows a reason puts it into the
 * caller's struct failure and returns the errno; callers only pass the errno on.
 *
 * A function with a struct failure puts the reason of its error there; where it opens something,
 * that also gets the reasons of later calls, and must outlive what was opened.
 */
#ifndef HOST_FAILURE_H
#define HOST_FAILURE_H

/** struct failure - the reason of the last error */
struct failure {
	char message[512]; /* without program name and newline, empty when nothing failed */
};

/** failure_set() - store a reason; returns @error, the negative errno or status to be returned */
int failure_set(struct failure *failure, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
