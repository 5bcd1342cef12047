// SPDX-License-Identifier: GPL-2.0-or-later
#include "losses.h"

#include <unistd.h>

int losses_open(struct losses *losses, struct converter *converter, const char *attribute)
{
	int ret;

	losses->counter = -1;
	if (!attribute[0])
		return 0;
	ret = converter_open_counter(converter, attribute);
	if (ret < 0)
		return ret;
	losses->counter = ret;
	return converter_read_counter(losses->counter, &losses->counted);
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
	int ret = converter_read_counter(losses->counter, &losses->counted);

	*scans = losses->counted - before;
	return ret;
}

void losses_estimate(const struct losses *losses, struct completion *completion, uint64_t last_ns,
		     uint32_t length)
{
	double scans =
		(double)(completion->time_ns - last_ns) * (double)losses->rate_millihertz / 1e12 -
		(double)length / losses->bytes_per_scan;

	completion->gap = last_ns && completion->submitted_ns > last_ns;
	if (completion->gap && scans > 0)
		completion->scans_lost = (uint64_t)(scans + 0.5);
}
