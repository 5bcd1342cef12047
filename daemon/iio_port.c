// SPDX-License-Identifier: GPL-2.0-or-later
#include "iio_port.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "iiobridge/flight.h"
#include "iiobridge/log.h"
#include "iiobridge/uapi.h"

struct iio_port {
	struct port port;
	struct iio_port_setup setup;
	int buffer;
	int loss_counter; /* file of the attribute, -1 when there is none */
	bool enabled;
	uint32_t length; /* of the blocks in flight */
	uint64_t last_ns;
	struct flight_list flights;
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
	ret = converter_select(iio->setup.converter, iio->setup.channel_mask);
	if (ret < 0)
		return ret;
	if (!iio->setup.loss_counter[0])
		return 0;
	fd = converter_open_counter(iio->setup.converter, iio->setup.loss_counter);
	if (fd < 0)
		return fd;
	iio->loss_counter = fd;
	return 0;
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
	iio->length = length;
	ret = flight_add(&iio->flights, block, now);
	if (ret < 0)
		return log_errno(ret, "IIO device \"%s\": cannot follow a block: %m", port->name);
	return 0;
}

/*
 * When the kernel cannot submit a block it signals the block's fence at once and tells nobody else
 * (iio_dma_buffer_submit_block() in drivers/iio/buffer/industrialio-buffer-dma.c). A block that
 * was complete before the samples in it could have been taken is one of these.
 */
static bool is_impossible(const struct iio_port *iio, const struct completion *completion)
{
	uint64_t begin = completion->submitted_ns;
	uint64_t shortest;

	if (!completion->early || !iio->setup.bytes_per_ms)
		return false;
	if (begin < iio->last_ns)
		begin = iio->last_ns;
	shortest = (uint64_t)iio->length * 1000000 / iio->setup.bytes_per_ms / 2;
	return completion->time_ns < begin + shortest;
}

static int iio_port_reap(struct port *port, struct completion *completion)
{
	struct iio_port *iio = to_iio_port(port);
	int ret = flight_reap(&iio->flights, completion);

	if (ret == -EAGAIN)
		return ret;
	if (ret < 0)
		return log_errno(ret, "IIO device \"%s\": cannot read a block's fence: %m",
				 port->name);
	if (!completion->status && is_impossible(iio, completion))
		completion->status = -ENOMEM;
	if (completion->status)
		log_errno(completion->status, "IIO device \"%s\": a block failed: %m", port->name);
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
	if (iio->loss_counter >= 0)
		close(iio->loss_counter);
	iio->loss_counter = -1;
	flight_clear(&iio->flights);
}

static int iio_port_read_losses(struct port *port, uint64_t *scans)
{
	struct iio_port *iio = to_iio_port(port);

	int ret;

	if (iio->loss_counter < 0)
		return -EOPNOTSUPP;
	ret = converter_read_counter(iio->loss_counter, scans);
	if (ret < 0)
		return log_errno(ret,
				 "IIO device \"%s\": cannot read a count from attribute "
				 "\"%s\": %m",
				 port->name, iio->setup.loss_counter);
	return 0;
}

static const struct port_ops iio_port_ops = {
	.open = iio_port_open,
	.attach = iio_port_attach,
	.start = iio_port_start,
	.submit = iio_port_submit,
	.reap = iio_port_reap,
	.wait_fd = iio_port_wait_fd,
	.close = iio_port_close,
	.read_losses = iio_port_read_losses,
};

struct port *iio_port_new(const char *name)
{
	struct iio_port *iio = calloc(1, sizeof(*iio));

	if (!iio)
		return NULL;
	iio->port = (struct port){ .ops = &iio_port_ops, .name = name, .real_time = true };
	iio->buffer = iio->loss_counter = -1;
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
