// SPDX-License-Identifier: GPL-2.0-or-later
#include "iio_port.h"

#include <stdlib.h>
#include <unistd.h>

#include "iio_common.h"
#include "iiobridge/log.h"

int iio_port_open_buffer(struct iio_port *iio)
{
	int fd = converter_open_buffer(iio->setup.converter);
	int ret;

	if (fd < 0)
		return fd;
	iio->buffer = fd;
	iio->port.repeats = false;
	ret = converter_select(iio->setup.converter, iio->setup.channel_mask);
	if (ret < 0)
		return ret;
	iio->losses.rate_millihertz = iio->setup.rate_millihertz;
	iio->losses.bytes_per_scan = iio->setup.bytes_per_scan;
	ret = losses_open(&iio->losses, iio->setup.converter, iio->setup.loss_counter);
	iio->port.estimates = !losses_are_counted(&iio->losses);
	return ret;
}

int iio_port_enable(struct iio_port *iio)
{
	int ret = converter_enable(iio->setup.converter, true);

	iio->enabled = iio->losses.fresh = ret == 0;
	return ret;
}

void iio_port_disable(struct iio_port *iio)
{
	if (iio->enabled)
		converter_enable(iio->setup.converter, false);
	iio->enabled = false;
}

void iio_port_close_buffer(struct iio_port *iio)
{
	iio_port_disable(iio);
	if (iio->buffer >= 0)
		close(iio->buffer);
	iio->buffer = -1;
	losses_close(&iio->losses);
}

int iio_port_count_losses(struct iio_port *iio, uint64_t *scans)
{
	int ret;

	*scans = 0;
	if (!losses_are_counted(&iio->losses))
		return 0;
	ret = losses_count(&iio->losses, scans);
	if (ret < 0)
		return log_errno(ret,
				 "IIO device \"%s\": cannot read a count from attribute \"%s\": %m",
				 iio->port.name, iio->setup.loss_counter);
	return 0;
}

void iio_port_note_completion(struct iio_port *iio, struct completion *completion, uint64_t counted,
			      uint32_t length)
{
	completion->scans_lost = counted;
	completion->gap = counted > 0;
	if (iio->port.estimates)
		losses_estimate(&iio->losses, completion, length);
}

struct port *iio_port_new(const char *name)
{
	struct iio_port *iio = calloc(1, sizeof(*iio));

	if (!iio)
		return NULL;
	iio->port = (struct port){ .ops = &iio_dmabuf_ops, .name = name, .real_time = true };
	iio->buffer = iio->switch_file = iio->losses.counter = -1;
	return &iio->port;
}

void iio_port_set_up(struct port *port, const struct iio_port_setup *setup)
{
	to_iio_port(port)->setup = *setup;
	port->cyclic = setup->cyclic;
}

void iio_port_set_copying(struct port *port, bool copying)
{
	port->ops = copying ? &iio_copy_ops : &iio_dmabuf_ops;
	port->copies = copying;
}

void iio_port_free(struct port *port)
{
	if (!port)
		return;
	port->ops->close(port);
	free(to_iio_port(port));
}
