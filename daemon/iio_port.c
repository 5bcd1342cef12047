// SPDX-License-Identifier: GPL-2.0-or-later
#include "iio_port.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "iiobridge/flight.h"
#include "iiobridge/log.h"
#include "iiobridge/uapi.h"
#include "losses.h"

/* What is known of a block in flight beside its times. */
struct cargo {
	uint32_t length;
	uint64_t scans_lost; /* before it, where the device counts them */
};

struct iio_port {
	struct port port;
	struct iio_port_setup setup;
	int buffer;
	bool enabled;
	struct losses losses;
	uint64_t last_ns; /* completion of the last block */
	struct flight_list flights;
	struct cargo cargo[CONFIG_BLOCKS_MAX]; /* by number of the block */
	uint64_t submitted, reaped;
};

static struct iio_port *to_iio_port(struct port *port)
{
	return (struct iio_port *)port;
}

static int iio_port_open(struct port *port)
{
	struct iio_port *iio = to_iio_port(port);
	int fd = converter_open_buffer(iio->setup.converter);
	int ret;

	if (fd < 0)
		return fd;
	iio->buffer = fd;
	iio->last_ns = 0;
	iio->submitted = iio->reaped = 0;
	ret = converter_select(iio->setup.converter, iio->setup.channel_mask);
	if (ret < 0)
		return ret;
	iio->losses.rate_millihertz = iio->setup.rate_millihertz;
	iio->losses.bytes_per_scan = iio->setup.bytes_per_scan;
	ret = losses_open(&iio->losses, iio->setup.converter, iio->setup.loss_counter);
	port->estimates = !losses_are_counted(&iio->losses);
	return ret;
}

static int iio_port_attach(struct port *port, const struct block *block)
{
	struct iio_port *iio = to_iio_port(port);
	int fd = block->fd;

	/* Nobody else has seen the block yet, so EBUSY can only mean a buffer that is in use. */
	if (ioctl(iio->buffer, IIO_BUFFER_DMABUF_ATTACH_IOCTL, &fd) < 0)
		return log_errno(errno, "IIO device \"%s\": cannot attach a DMABUF: %m%s",
				 port->name,
				 errno == EPERM || errno == EINVAL || errno == ENOTTY
					 ? "; its buffer or this kernel does not support it"
					 : "");
	return 0;
}

static int iio_port_start(struct port *port)
{
	struct iio_port *iio = to_iio_port(port);
	int ret = converter_enable(iio->setup.converter, true);

	iio->enabled = ret == 0;
	return ret;
}

static int note_cargo(struct iio_port *iio, uint32_t length)
{
	struct cargo *cargo = &iio->cargo[iio->submitted++ % CONFIG_BLOCKS_MAX];
	int ret;

	*cargo = (struct cargo){ .length = length };
	if (!losses_are_counted(&iio->losses))
		return 0;
	ret = losses_count(&iio->losses, &cargo->scans_lost);
	if (ret < 0)
		return log_errno(ret,
				 "IIO device \"%s\": cannot read a count from attribute \"%s\": %m",
				 iio->port.name, iio->setup.loss_counter);
	return 0;
}

static int iio_port_submit(struct port *port, const struct block *block, uint32_t length)
{
	struct iio_port *iio = to_iio_port(port);
	struct iio_dmabuf request = { .fd = (uint32_t)block->fd, .bytes_used = length };
	uint64_t now = flight_clock();
	int ret;

	if (ioctl(iio->buffer, IIO_BUFFER_DMABUF_ENQUEUE_IOCTL, &request) < 0) {
		if (errno == EBUSY)
			return -EBUSY;
		return log_errno(errno, "IIO device \"%s\": cannot enqueue a block of %u bytes: %m",
				 port->name, length);
	}
	ret = flight_add(&iio->flights, block, now);
	if (ret < 0)
		return log_errno(ret, "IIO device \"%s\": cannot follow a block: %m", port->name);
	return note_cargo(iio, length);
}

/*
 * When the kernel cannot submit a block it signals the block's fence at once and tells nobody else
 * (iio_dma_buffer_submit_block() in drivers/iio/buffer/industrialio-buffer-dma.c). A block that
 * was complete before the samples in it could have been taken is one of these.
 */
static bool is_impossible(const struct iio_port *iio, const struct completion *completion,
			  uint32_t length)
{
	double scans = (double)length / iio->setup.bytes_per_scan;
	double shortest_ns;

	if (!completion->early || !iio->setup.rate_millihertz)
		return false;
	/* Completions can be bunched, as interrupts are; but the samples came after the block. */
	shortest_ns = scans * 1e12 / (double)iio->setup.rate_millihertz / 2;
	return (double)(completion->time_ns - completion->submitted_ns) < shortest_ns;
}

static int iio_port_reap(struct port *port, struct completion *completion)
{
	struct iio_port *iio = to_iio_port(port);
	int ret = flight_reap(&iio->flights, completion);
	const struct cargo *cargo;

	if (ret == -EAGAIN)
		return ret;
	if (ret < 0)
		return log_errno(ret, "IIO device \"%s\": cannot read a block's fence: %m",
				 port->name);
	cargo = &iio->cargo[iio->reaped++ % CONFIG_BLOCKS_MAX];
	if (!completion->status && is_impossible(iio, completion, cargo->length))
		completion->status = -ENOMEM;
	if (completion->status)
		log_errno(completion->status, "IIO device \"%s\": a block failed: %m", port->name);
	completion->scans_lost = cargo->scans_lost;
	completion->gap = cargo->scans_lost > 0;
	if (port->estimates)
		losses_estimate(&iio->losses, completion, iio->last_ns, cargo->length);
	iio->last_ns = completion->time_ns;
	return 0;
}

static int iio_port_wait_fd(const struct port *port)
{
	return flight_wait_fd(&((const struct iio_port *)port)->flights);
}

static void iio_port_close(struct port *port)
{
	struct iio_port *iio = to_iio_port(port);

	if (iio->enabled)
		converter_enable(iio->setup.converter, false);
	iio->enabled = false;
	if (iio->buffer >= 0)
		close(iio->buffer);
	iio->buffer = -1;
	losses_close(&iio->losses);
	flight_clear(&iio->flights);
}

static const struct port_ops iio_port_ops = {
	.open = iio_port_open,
	.attach = iio_port_attach,
	.start = iio_port_start,
	.submit = iio_port_submit,
	.reap = iio_port_reap,
	.wait_fd = iio_port_wait_fd,
	.close = iio_port_close,
};

struct port *iio_port_new(const char *name)
{
	struct iio_port *iio = calloc(1, sizeof(*iio));

	if (!iio)
		return NULL;
	iio->port = (struct port){ .ops = &iio_port_ops, .name = name, .real_time = true };
	iio->buffer = iio->losses.counter = -1;
	return &iio->port;
}

void iio_port_set_up(struct port *port, const struct iio_port_setup *setup)
{
	to_iio_port(port)->setup = *setup;
}

void iio_port_free(struct port *port)
{
	if (!port)
		return;
	iio_port_close(port);
	free(to_iio_port(port));
}
