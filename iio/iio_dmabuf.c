// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include "core/log.h"
#include "core/uapi.h"
#include "iio_common.h"
#include "sysfs.h"

static int iio_dmabuf_open(struct port *port)
{
	struct iio_port *iio = to_iio_port(port);
	int ret;

	iio->submitted = iio->reaped = 0;
	iio->asked = 0;
	iio->completed_ns = 0;
	iio->stopped = iio->lost = false;
	ret = iio_port_open_buffer(iio);
	if (ret < 0)
		return ret;
	ret = sysfs_open(iio->setup.converter, "buffer/enable", iio->port.error);
	if (ret < 0)
		return ret;
	iio->switch_file = ret;
	return 0;
}

static int iio_dmabuf_attach(struct port *port, const struct block *block)
{
	struct iio_port *iio = to_iio_port(port);
	int fd = block->fd;

	/* Nobody else has seen the block yet, so EBUSY can only mean a buffer that is in use. */
	if (ioctl(iio->buffer, IIO_BUFFER_DMABUF_ATTACH_IOCTL, &fd) == 0) {
		iio->had_dmabufs = true;
		return 0;
	}
	if (errno == EIO)
		return -EIO;
	if (port_note_refusal(port, errno))
		return -EOPNOTSUPP;
	return error_set(iio->port.error, errno, "IIO device \"%s\": cannot attach a DMABUF: %m",
			 port->name);
}

/*
 * A DMA engine without device_prep_peripheral_dma_vec has no transfer for a block, and neither has
 * one to which its pieces are not aligned, or too long. The kernel attaches it all the same, and
 * fails it when the buffer is enabled (iio_dmaengine_buffer_submit_block() in
 * drivers/iio/buffer/industrialio-buffer-dmaengine.c, iio_dma_buffer_submit_block()). Of a heap
 * whose pieces differ it may fail some.
 */
static bool engine_refuses(struct iio_port *iio)
{
	if (!fence_list_any_failed(&iio->fences, -ENOMEM))
		return false;
	iio->port.refusal = ENOMEM;
	return true;
}

/*
 * Linux 6.12 takes IIO_BUFFER_DMABUF_CYCLIC and plays the block once. Later kernels hand it on as
 * DMA_PREP_REPEAT, and then refuse a second one until the buffer is disabled: the fence of that one
 * says EBUSY at once (iio_dmaengine_buffer_submit_block() in
 * drivers/iio/buffer/industrialio-buffer-dmaengine.c). So the second tells what becomes of the
 * first before that has ended, and is the next to be played where it is not repeated.
 */
static void find_out_who_repeats(struct iio_port *iio)
{
	if (iio->asked < PORT_CYCLIC_BLOCKS)
		return;
	iio->port.repeats = fence_list_take_back(&iio->fences, -EBUSY);
	if (!iio->port.repeats) {
		log_warning("IIO device \"%s\": this kernel plays a cyclic block once, so that "
			    "the daemon repeats it",
			    iio->port.name);
		return;
	}
	iio->submitted--;
	log_info("IIO device \"%s\": the kernel repeats a block by itself", iio->port.name);
}

static int note_dmabuf(struct iio_port *iio, uint32_t length)
{
	struct dmabuf_in_flight *dmabuf = &iio->in_flight[iio->submitted++ % BLOCKS_MAX];

	dmabuf->length = length;
	return iio_port_count_losses(iio, &dmabuf->scans_lost);
}

/*
 * Whether somebody else has stopped the device: it has gone, or its buffer was disabled. Attributes
 * of a device go before its buffers are disabled (iio_device_unregister() in
 * drivers/iio/industrialio-core.c).
 */
static bool is_lost(const struct iio_port *iio)
{
	char digit;

	if (!iio->enabled)
		return iio->lost;
	return pread(iio->switch_file, &digit, 1, 0) != 1 || digit != '1';
}

static int set_lost(const struct iio_port *iio)
{
	return error_set(iio->port.error, ENODEV,
			 "IIO device \"%s\" has gone, or its buffer was disabled: %m",
			 iio->port.name);
}

static int enqueue(struct iio_port *iio, const struct block *block, uint32_t length, uint32_t flags)
{
	struct iio_dmabuf request = {
		.fd = (uint32_t)block->fd,
		.flags = flags,
		.bytes_used = length,
	};
	uint64_t now = clock_now_ns();
	int ret;

	/*
	 * A buffer whose device has gone fails the blocks that it has, but takes others and never
	 * gives them back, nor their memory (iio_dma_buffer_enqueue() in
	 * drivers/iio/buffer/industrialio-buffer-dma.c). The blocks that failed tell of it only
	 * when they are reaped; between that and ENQUEUE lies the other port's work, time enough
	 * for a device to go.
	 */
	if (is_lost(iio))
		return set_lost(iio);
	if (ioctl(iio->buffer, IIO_BUFFER_DMABUF_ENQUEUE_IOCTL, &request) < 0) {
		if (errno == EBUSY)
			return -EBUSY;
		return error_set(iio->port.error, errno,
				 "IIO device \"%s\": cannot enqueue a block of %u bytes: %m",
				 iio->port.name, length);
	}
	ret = fence_list_add(&iio->fences, block, now);
	if (ret < 0)
		return error_set(iio->port.error, ret,
				 "IIO device \"%s\": cannot follow a block: %m", iio->port.name);
	return note_dmabuf(iio, length);
}

/* An ADC has got all blocks by now; a DAC was tried. */
static int iio_dmabuf_start(struct port *port)
{
	struct iio_port *iio = to_iio_port(port);
	int ret = iio_port_enable(iio);

	if (ret)
		return ret;
	if (!iio->setup.output && engine_refuses(iio))
		return -EOPNOTSUPP;
	find_out_who_repeats(iio);
	return 0;
}

static int iio_dmabuf_submit(struct port *port, const struct block *block, uint32_t length)
{
	return enqueue(to_iio_port(port), block, length, 0);
}

/*
 * A DAC begins to play what it is tried with; one whose engine is known is spared. It is a whole
 * block, as the engine may take a shorter one, and not those that are to be played.
 */
static int iio_dmabuf_try(struct port *port, const struct block *block)
{
	struct iio_port *iio = to_iio_port(port);
	bool refuses;
	int ret;

	if (!iio_port_is_to_be_tried(iio))
		return 0;
	ret = enqueue(iio, block, iio->setup.block_size, 0);
	if (!ret)
		ret = iio_port_enable(iio);
	if (ret)
		return ret;
	refuses = engine_refuses(iio);
	iio_port_disable(iio);
	fence_list_clear(&iio->fences);
	iio->submitted = 0;
	iio->tried = refuses ? 0 : iio->setup.block_size;
	return refuses ? -EOPNOTSUPP : 0;
}

static int iio_dmabuf_submit_cyclic(struct port *port, const struct block *block, uint32_t length)
{
	struct iio_port *iio = to_iio_port(port);
	int ret = enqueue(iio, block, length, IIO_BUFFER_DMABUF_CYCLIC);

	if (!ret)
		iio->asked++;
	return ret;
}

/*
 * When the kernel cannot submit a block it signals the block's fence at once and tells nobody else
 * (iio_dma_buffer_submit_block() in drivers/iio/buffer/industrialio-buffer-dma.c). A block that
 * was complete before one that was submitted earlier, or before the samples in it could have been
 * taken, is one of these.
 */
static bool is_impossible(const struct iio_port *iio, const struct completion *completion,
			  uint32_t length)
{
	double scans = (double)length / iio->setup.bytes_per_scan;
	double shortest_ns;

	if (completion->time_ns < iio->completed_ns)
		return true;
	if (!iio->setup.rate_millihertz)
		return false;
	/* Completions can be bunched, as interrupts are; but the samples came after the block. */
	shortest_ns = scans * 1e12 / (double)iio->setup.rate_millihertz / 2;
	return (double)(completion->time_ns - completion->submitted_ns) < shortest_ns;
}

/*
 * What the fence of a block would have said that was complete when it was exported. A device that
 * is still enabled has cancelled nothing (iio_dma_buffer_disable() in industrialio-buffer-dma.c);
 * what it had when somebody else stopped it has not been filled, or played, as far as is known.
 */
static int status_of_early(const struct iio_port *iio, const struct completion *completion,
			   uint32_t length)
{
	if (is_lost(iio))
		return -EINTR;
	return is_impossible(iio, completion, length) ? -ENOMEM : 0;
}

/*
 * A block that the kernel repeats ends with the run. It has been played then, unless it came to no
 * end at all or somebody else had stopped the device, and what the device missed in all that time
 * is known now.
 */
static int end_repetition(struct iio_port *iio, struct completion *completion,
			  struct dmabuf_in_flight *dmabuf)
{
	if (!completion->status)
		return error_set(iio->port.error, EIO,
				 "IIO device \"%s\": the kernel has ended a block that it was to "
				 "repeat",
				 iio->port.name);
	if (!iio->stopped || iio->lost || is_impossible(iio, completion, dmabuf->length))
		return 0;
	completion->status = 0;
	return iio_port_count_losses(iio, &dmabuf->scans_lost);
}

/*
 * With ENOMEM, the engine has no transfer for the block. When that is the last, a shorter one, the
 * bus can be wider than the kernel tells, see ring_finish(): dma-axi-dmac says it with a bit for
 * each width, in 32 bits, and there is none for 32 bytes and more (axi_dmac_probe() in
 * drivers/dma/dma-axi-dmac.c).
 */
static void set_failure(const struct iio_port *iio, int error, uint32_t length)
{
	const char *advice = "";

	if (error == -ENOMEM && length < iio->setup.block_size)
		advice = "; its DMA engine may take multiples of its bus only: let the data end "
			 "after a multiple of 128 bytes, or set transfer = \"copy\"";
	else if (error == -ENOMEM)
		advice = "; its DMA engine may be at its limits: set a smaller \"block_size\", or "
			 "transfer = \"copy\"";
	error_set(iio->port.error, error, "IIO device \"%s\": a block of %u bytes failed: %m%s",
		  iio->port.name, length, advice);
}

static int iio_dmabuf_reap(struct port *port, struct completion *completion)
{
	struct iio_port *iio = to_iio_port(port);
	int ret = fence_list_reap(&iio->fences, completion);
	struct dmabuf_in_flight *dmabuf;

	if (ret == -EAGAIN)
		return ret;
	if (ret < 0)
		return error_set(iio->port.error, ret,
				 "IIO device \"%s\": cannot read a block's fence: %m", port->name);
	dmabuf = &iio->in_flight[iio->reaped % BLOCKS_MAX];
	if (completion->early)
		completion->status = status_of_early(iio, completion, dmabuf->length);
	if (iio->port.repeats) {
		ret = end_repetition(iio, completion, dmabuf);
		if (ret < 0)
			return ret;
	}
	/* The blocks that were queued when the device was stopped, see iio_dma_buffer_disable(). */
	if (completion->status && iio->stopped)
		return -EAGAIN;
	iio->reaped++;
	iio->completed_ns = completion->time_ns;
	if (completion->status == -EINTR)
		set_lost(iio);
	else if (completion->status)
		set_failure(iio, completion->status, dmabuf->length);
	iio_port_note_completion(iio, completion, dmabuf->scans_lost, dmabuf->length);
	return 0;
}

static int iio_dmabuf_wait_fd(struct port *port)
{
	return fence_list_wait_fd(&to_iio_port(port)->fences);
}

static void iio_dmabuf_stop(struct port *port)
{
	struct iio_port *iio = to_iio_port(port);

	iio->lost = is_lost(iio);
	iio_port_disable(iio);
	iio->stopped = true;
}

static void iio_dmabuf_close(struct port *port)
{
	struct iio_port *iio = to_iio_port(port);

	iio_port_close_buffer(iio);
	fence_list_clear(&iio->fences);
	if (iio->switch_file >= 0)
		close(iio->switch_file);
	iio->switch_file = -1;
}

const struct port_ops iio_dmabuf_ops = {
	.open = iio_dmabuf_open,
	.attach = iio_dmabuf_attach,
	.try = iio_dmabuf_try,
	.start = iio_dmabuf_start,
	.submit = iio_dmabuf_submit,
	.submit_cyclic = iio_dmabuf_submit_cyclic,
	.reap = iio_dmabuf_reap,
	.wait_fd = iio_dmabuf_wait_fd,
	.stop = iio_dmabuf_stop,
	.close = iio_dmabuf_close,
};
