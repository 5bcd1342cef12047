/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * meter.h - what a process has used, and how far a stream is
 */
#ifndef BENCH_METER_H
#define BENCH_METER_H

#include <stdint.h>
#include <sys/types.h>

/**
 * struct usage - what a process has used since its start
 * @cpu_ns: CPU time of all of its threads, user and system: the first field of schedstat, which
 *	the scheduler counts to the nanosecond
 * @switches: context switches of all of its threads, voluntary or not
 * @rss_kib: its resident memory now
 */
struct usage {
	uint64_t cpu_ns;
	uint64_t switches;
	uint64_t rss_kib;
};

/**
 * usage_read() - look at a process
 * @process: its id; 0 for none, which uses nothing
 * @usage: receives the figures
 *
 * A thread that has ended does not count any more.
 *
 * Return: 0 or a negative errno: there is no such process.
 */
int usage_read(pid_t process, struct usage *usage);

/**
 * usage_read_written() - bytes that a process has given to write(), whatever became of them
 * @process: its id
 * @bytes: receives their number
 *
 * Return: 0 or a negative errno.
 */
int usage_read_written(pid_t process, uint64_t *bytes);

/**
 * number_read() - read a file that holds a number, such as an attribute in sysfs
 * @path: its path
 * @number: receives the number
 *
 * Return: 0 or a negative errno.
 */
int number_read(const char *path, uint64_t *number);

#endif
