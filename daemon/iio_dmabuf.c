// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include "iio_common.h"
#include "iiobridge/log.h"
#include "iiobridge/uapi.h"

static int iio_dmabuf_open(struct port *port)
{
	struct iio_port *iio = to_iio_port(port);
	int ret;

	iio->submitted = iio->reaped = 0;
	iio->stopped = false;
	ret = iio_port_open_buffer(iio);
	if (ret < 0)
		return ret;
	/* All that have a file in /dev have this attribute, device_add() in drivers/base/core.c. */
	ret = converter_open_attribute(iio->setup.converter, "dev");
	if (ret < 0)
		return ret;
	iio->presence = ret;
	return 0;
}

static int iio_dmabuf_attach(struct port *port, const struct block *block)
{
	struct iio_port *iio = to_iio_port(port);
	int fd = block->fd;

	/* Nobody else has seen the block yet, so EBUSY can only mean a buffer that is in use. */
	if (ioctl(iio->buffer, IIO_BUFFER_DMABUF_ATTACH_IOCTL, &fd) < 0)
		return port_note_refusal(port, errno)
			       ? -EOPNOTSUPP
			       : log_errno(errno, "IIO device \"%s\": cannot attach a DMABUF: %m",
					   port->name);
	return 0;
}

static int iio_dmabuf_start(struct port *port)
{
	return iio_port_enable(to_iio_port(port));
}

static int note_cargo(struct iio_port *iio, uint32_t length)
{
	struct cargo *cargo = &iio->cargo[iio->submitted++ % CONFIG_BLOCKS_MAX];

	cargo->length = length;
	return iio_port_count_losses(iio, &cargo->scans_lost);
}

/*
 * A buffer whose device has gone fails the blocks that it has, but takes others and never gives
 * them back, nor their memory (iio_dma_buffer_enqueue() in
 * drivers/iio/buffer/industrialio-buffer-dma.c). The blocks that failed tell of it only when they
 * are reaped; between that and ENQUEUE lies the other port's work, time enough for a device to go.
 * Its attributes go before its buffers are disabled (iio_device_unregister() in
 * drivers/iio/industrialio-core.c).
 */
static bool has_gone_unnoticed(const struct iio_port *iio)
{
	char digit;

	return iio->enabled && pread(iio->presence, &digit, 1, 0) < 0;
}

static int iio_dmabuf_submit(struct port *port, const struct block *block, uint32_t length)
{
	struct iio_port *iio = to_iio_port(port);
	struct iio_dmabuf request = { .fd = (uint32_t)block->fd, .bytes_used = length };
	uint64_t now = flight_clock();
	int ret;

	if (has_gone_unnoticed(iio))
		return log_errno(ENODEV, "IIO device \"%s\" has gone: %m", port->name);
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

static int iio_dmabuf_reap(struct port *port, struct completion *completion)
{
	struct iio_port *iio = to_iio_port(port);
	int ret = flight_reap(&iio->flights, completion);
	const struct cargo *cargo;

	if (ret == -EAGAIN)
		return ret;
	if (ret < 0)
		return log_errno(ret, "IIO device \"%s\": cannot read a block's fence: %m",
				 port->name);
	/* The blocks that were queued when the device was stopped, see iio_dma_buffer_disable(). */
	if (completion->status && iio->stopped)
		return -EAGAIN;
	cargo = &iio->cargo[iio->reaped++ % CONFIG_BLOCKS_MAX];
	if (!completion->status && is_impossible(iio, completion, cargo->length))
		completion->status = -ENOMEM;
	if (completion->status == -EINTR)
		log_errno(ENODEV, "IIO device \"%s\" has gone, or its buffer was disabled: %m",
			  port->name);
	else if (completion->status)
		log_errno(completion->status, "IIO device \"%s\": a block failed: %m", port->name);
	iio_port_note_completion(iio, completion, cargo->scans_lost, cargo->length);
	return 0;
}

static int iio_dmabuf_wait_fd(struct port *port)
{
	return flight_wait_fd(&to_iio_port(port)->flights);
}

static void iio_dmabuf_stop(struct port *port)
{
	struct iio_port *iio = to_iio_port(port);

	iio_port_disable(iio);
	iio->stopped = true;
}

static void iio_dmabuf_close(struct port *port)
{
	struct iio_port *iio = to_iio_port(port);

	iio_port_close_buffer(iio);
	flight_clear(&iio->flights);
	if (iio->presence >= 0)
		close(iio->presence);
	iio->presence = -1;
}

const struct port_ops iio_dmabuf_ops = {
	.open = iio_dmabuf_open,
	.attach = iio_dmabuf_attach,
	.start = iio_dmabuf_start,
	.submit = iio_dmabuf_submit,
	.reap = iio_dmabuf_reap,
	.wait_fd = iio_dmabuf_wait_fd,
	.stop = iio_dmabuf_stop,
	.close = iio_dmabuf_close,
};
