// SPDX-License-Identifier: GPL-2.0-or-later
#include "iio_port.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "buffer.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/uapi.h"
#include "iio_common.h"

/* How often, and after how long each time, it is looked whether the kernel has let go. */
#define LET_GO_LOOKS 500
#define LET_GO_NS    2000000

int iio_port_open_buffer(struct iio_port *iio)
{
	int fd = buffer_open(iio->setup.converter, iio->port.error);
	int ret;

	if (fd < 0)
		return fd;
	iio->buffer = fd;
	iio->port.repeats = false;
	ret = buffer_select(iio->setup.converter, iio->setup.channel_mask, iio->port.error);
	if (ret < 0)
		return ret;
	iio->losses.rate_millihertz = iio->setup.rate_millihertz;
	iio->losses.bytes_per_scan = iio->setup.bytes_per_scan;
	ret = losses_open(&iio->losses, iio->setup.converter, iio->setup.loss_counter,
			  iio->port.error);
	iio->port.estimates = !losses_are_counted(&iio->losses);
	return ret;
}

/*
 * Enable a buffer that is to be read or written, which refuses DMABUFs then. Return: -EAGAIN,
 * without a reason, when it takes @block: the buffer is disabled again.
 */
static int enable_for_files(const struct iio_port *iio, const struct block *block)
{
	int fd = block->fd;
	int ret = buffer_enable(iio->setup.converter, true, iio->port.error);

	if (ret)
		return ret;
	if (ioctl(iio->buffer, IIO_BUFFER_DMABUF_ATTACH_IOCTL, &fd) == 0) {
		ioctl(iio->buffer, IIO_BUFFER_DMABUF_DETACH_IOCTL, &fd);
		ret = -EAGAIN;
	} else if (errno != EBUSY) {
		ret = error_set(iio->port.error, errno,
				"IIO device \"%s\": cannot find out whether its buffer can be read "
				"or written: %m",
				iio->port.name);
	}
	if (ret)
		buffer_disable(iio->setup.converter);
	return ret;
}

/*
 * A buffer that had DMABUFs is not read or written before the kernel has let go of them, which a
 * worker of its does (iio_buffer_block_release_atomic() in
 * drivers/iio/buffer/industrialio-buffer-dma.c); until then it is enabled as one for DMABUFs, has
 * none, and nothing ever comes.
 */
static int enable_without_dmabufs(struct iio_port *iio)
{
	struct block block;
	int ret = block_alloc(&block, 4096, iio->setup.heap, iio->port.error);

	if (ret)
		return ret;
	for (unsigned int i = 0; (ret = enable_for_files(iio, &block)) == -EAGAIN; i++) {
		if (i == LET_GO_LOOKS) {
			ret = error_set(
				iio->port.error, EBUSY,
				"IIO device \"%s\": the kernel does not let go of the DMABUFs "
				"that its buffer had",
				iio->port.name);
			break;
		}
		clock_nap(LET_GO_NS);
	}
	block_free(&block);
	iio->had_dmabufs = ret != 0;
	return ret;
}

bool iio_port_is_to_be_tried(const struct iio_port *iio)
{
	return iio->setup.output && iio->tried < iio->setup.block_size &&
	       converter_has_dma(iio->setup.converter) &&
	       !converter_takes_dmabufs(iio->setup.converter);
}

int iio_port_enable(struct iio_port *iio)
{
	int ret = iio->port.copies && iio->had_dmabufs
			  ? enable_without_dmabufs(iio)
			  : buffer_enable(iio->setup.converter, true, iio->port.error);

	iio->enabled = iio->losses.fresh = ret == 0;
	return ret;
}

void iio_port_disable(struct iio_port *iio)
{
	if (iio->enabled)
		buffer_disable(iio->setup.converter);
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
		return error_set(iio->port.error, ret,
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

struct port *iio_port_new(const char *name, struct error *error)
{
	struct iio_port *iio = calloc(1, sizeof(*iio));

	if (!iio)
		return NULL;
	iio->port = (struct port){
		.ops = &iio_dmabuf_ops, .name = name, .error = error, .real_time = true
	};
	iio->buffer = iio->switch_file = iio->losses.counter = -1;
	return &iio->port;
}

void iio_port_set_up(struct port *port, const struct iio_port_setup *setup)
{
	to_iio_port(port)->setup = *setup;
	port->cyclic = setup->cyclic;
	port->cuts = setup->latency_us > 0;
}

void iio_port_set_rate(struct port *port, uint64_t millihertz)
{
	struct iio_port *iio = to_iio_port(port);

	iio->setup.rate_millihertz = millihertz;
	iio->losses.rate_millihertz = millihertz;
}

void iio_port_set_copying(struct port *port, bool copying)
{
	port->ops = copying ? &iio_copy_ops : &iio_dmabuf_ops;
	port->copies = copying;
	to_iio_port(port)->tried = 0;
}

void iio_port_free(struct port *port)
{
	if (!port)
		return;
	port->ops->close(port);
	free(to_iio_port(port));
}
