// SPDX-License-Identifier: GPL-2.0-or-later
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "core/log.h"
#include "core/text.h"

#define ONLINE_CPUS "/sys/devices/system/cpu/online"
#define THREADS	    "/proc/self/task"

/* What the process was started with. */
struct start {
	bool known;
	cpu_set_t cpus;
	int policy;
	struct sched_param parameters;
};

static int get_start(struct start *start)
{
	if (start->known)
		return 0;
	start->policy = sched_getscheduler(0);
	if (start->policy < 0 || sched_getparam(0, &start->parameters) < 0 ||
	    sched_getaffinity(0, sizeof(start->cpus), &start->cpus) < 0)
		return log_errno(errno, "cannot ask how this process is scheduled: %m");
	start->known = true;
	return 0;
}

/* Have all threads run on these processors. Return: 0 or a negative errno, not logged. */
static int move_threads(const cpu_set_t *cpus)
{
	DIR *threads = opendir(THREADS);
	struct dirent *entry;
	int ret = 0;

	if (!threads)
		return -errno;
	while (!ret && (entry = readdir(threads))) {
		pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);

		if (thread && sched_setaffinity(thread, sizeof(*cpus), cpus) < 0)
			ret = -errno;
	}
	closedir(threads);
	return ret;
}

static int set_cpus(const struct process_config *config, const cpu_set_t *at_start)
{
	cpu_set_t wanted, got;
	char online[64];
	int ret;

	CPU_ZERO(&wanted);
	for (size_t cpu = 0; cpu < CONFIG_CPUS_MAX; cpu++)
		if (config->cpus[cpu / 64] & (UINT64_C(1) << (cpu % 64)))
			CPU_SET(cpu, &wanted);
	if (CPU_COUNT(&wanted) == 0) {
		ret = move_threads(at_start);
		return ret ? log_errno(ret, "cannot run on the processors from before: %m") : 0;
	}
	/* The kernel takes a list if a single one of it can be had. */
	if (move_threads(&wanted) == 0 && sched_getaffinity(0, sizeof(got), &got) == 0 &&
	    CPU_EQUAL(&wanted, &got))
		return 0;
	if (!text_read(AT_FDCWD, ONLINE_CPUS, online, sizeof(online)))
		text_copy(online, sizeof(online), "unknown");
	return log_errno(EINVAL,
			 "process.cpus: the kernel does not let iiobridged run on all of these "
			 "processors; online are %s",
			 online);
}

static int set_priority(uint32_t priority, const struct start *start)
{
	struct sched_param parameters = { .sched_priority = (int)priority };
	struct rlimit limit = { 0 };
	int ret;

	/* Of this thread, which moves the blocks; the others only wait, see worker.h. */
	ret = priority ? sched_setscheduler(0, SCHED_FIFO, &parameters)
		       : sched_setscheduler(0, start->policy, &start->parameters);
	if (ret == 0)
		return 0;
	ret = -errno;
	getrlimit(RLIMIT_RTPRIO, &limit);
	return log_errno(ret,
			 "process.priority: the kernel refuses SCHED_FIFO with priority %u: %m; "
			 "this user's limit, LimitRTPRIO= of the unit, is %llu",
			 priority, (unsigned long long)limit.rlim_cur);
}

int process_apply(const struct process_config *config)
{
	static struct start start;
	int ret = get_start(&start);

	if (!ret)
		ret = set_cpus(config, &start.cpus);
	if (!ret)
		ret = set_priority(config->priority, &start);
	return ret;
}
