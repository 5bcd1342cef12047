// SPDX-License-Identifier: GPL-2.0-or-later
#include "losses.h"
#include "sysfs.h"

#include <unistd.h>

int losses_open(struct losses *losses, const struct converter *converter, const char *attribute,
		struct error *error)
{
	int ret;

	losses->counter = -1;
	losses->ended_ns = 0;
	losses->fresh = false;
	if (!attribute[0])
		return 0;
	ret = sysfs_open(converter, attribute, error);
	if (ret < 0)
		return ret;
	losses->counter = ret;
	return sysfs_read_count(losses->counter, &losses->counted);
}

void losses_close(struct losses *losses)
{
	if (losses->counter >= 0)
		close(losses->counter);
	losses->counter = -1;
}

bool losses_are_counted(const struct losses *losses)
{
	return losses->counter >= 0;
}

int losses_count(struct losses *losses, uint64_t *scans)
{
	uint64_t before = losses->counted;
	uint64_t count;
	int ret = sysfs_read_count(losses->counter, &count);

	if (ret < 0)
		return ret;
	*scans = count - before;
	if (count < before) {
		bool is_past_32_bits =
			!losses->fresh && before <= UINT32_MAX && (uint32_t)*scans <= INT32_MAX;

		*scans = is_past_32_bits ? (uint32_t)*scans : count;
	}
	losses->counted = count;
	losses->fresh = false;
	return 0;
}

/* When the device began with a block that it had to wait for. */
static uint64_t begin_of(const struct completion *completion, uint64_t block_ns)
{
	uint64_t latest = completion->time_ns - block_ns;

	if (latest > completion->queued_ns)
		return completion->queued_ns;
	return latest > completion->submitted_ns ? latest : completion->submitted_ns;
}

void losses_estimate(struct losses *losses, struct completion *completion, uint32_t length)
{
	double scan_ns = losses->rate_millihertz ? 1e12 / (double)losses->rate_millihertz : 0;
	uint64_t block_ns = (uint64_t)(scan_ns * length / losses->bytes_per_scan);
	uint64_t begin = losses->ended_ns;
	bool late = begin && completion->submitted_ns > begin;
	uint64_t ended;

	completion->gap = completion->gap || late;
	if (late && block_ns) {
		begin = begin_of(completion, block_ns);
		completion->scans_lost +=
			(uint64_t)((double)(begin - losses->ended_ns) / scan_ns + 0.5);
	}
	ended = begin + block_ns + block_ns / 100;
	if (!begin || !block_ns || ended > completion->time_ns)
		ended = completion->time_ns;
	losses->ended_ns = ended;
}
