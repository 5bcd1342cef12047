// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An endpoint whose samples the kernel copies: for controllers without scatter-gather, kernels
 * without DMABUFs in FunctionFS, and memory that is no DMABUF.
 *
 * FunctionFS gives each transfer a buffer of its own, in one piece where the controller has no
 * scatter-gather (ffs_alloc_buffer() in f_fs.c). So a block goes as several transfers of a size
 * that the kernel has also when its memory is fragmented, and so many are in flight that the bus
 * need not wait for this program.
 *
 * Unlike DMABUF requests, these are harmless on an unbound gadget: ffs_epfile_io() uses the gadget
 * only after it found the endpoint enabled, with the lock held under which it is disabled, and
 * ffs_aio_cancel() does not use it. But what is queued between two configurations would be taken
 * for data of the second one. So they, too, wait until all events are read.
 */
#include <assert.h>
#include <stdlib.h>

#include "aio.h"
#include "core/log.h"
#include "endpoint.h"

#define REQUEST_SIZE 65536u /* a multiple of all packet sizes */
#define REQUESTS_MAX 64u
#define PACKET_MIN   64u  /* which all packet sizes are multiples of */
#define STOP_MS	     1000 /* how long the kernel may take from one result to the next */

/* A block on its way, in pieces. */
struct usb_copy {
	struct block block;
	uint32_t length;
	uint32_t sent; /* bytes given to the kernel */
	uint32_t done; /* bytes that it gave back */
	bool ends;     /* with a packet without data, where it would end with a whole one */
	bool end_sent;
	bool end_done;
	int status;
	uint64_t submitted_ns;
	uint64_t queued_ns;
};

/* The blocks of a port that is open; numbers run from its opening. */
struct usb_copy_queue {
	struct aio *aio;
	bool in; /* to the host */
	struct usb_copy copies[BLOCKS_MAX];
	uint64_t submitted; /* blocks that the port got */
	uint64_t sent;	    /* blocks that the kernel has wholly */
	uint64_t reaped;
	bool stopped; /* what is not done was cancelled, and that is no error */
};

static struct usb_copy *copy_at(struct usb_copy_queue *queue, uint64_t number)
{
	return &queue->copies[number % BLOCKS_MAX];
}

static int copy_open(struct port *port)
{
	struct endpoint *endpoint = to_endpoint(port);
	struct usb_copy_queue *queue = calloc(1, sizeof(*queue));
	uint8_t address;
	int ret;

	if (!queue)
		return error_set(endpoint->port.error, ENOMEM, "%s: %m", port->name);
	endpoint->queue = queue;
	ret = aio_new(&queue->aio, REQUESTS_MAX);
	if (ret < 0)
		return error_set(endpoint->port.error, ret,
				 "%s: cannot set up asynchronous transfers: %m%s", port->name,
				 ret == -EAGAIN ? "; see /proc/sys/fs/aio-max-nr" : "");
	ret = endpoint_open_file(endpoint);
	if (ret < 0)
		return ret;
	address = endpoint_address(port);
	if (!address)
		return error_set(endpoint->port.error, ESHUTDOWN,
				 "%s: the host has not configured endpoint %u: %m", port->name,
				 endpoint->number);
	queue->in = address & USB_DIR_IN;
	return 0;
}

static int copy_attach(struct port *port, const struct block *block)
{
	(void)port;
	assert(block->memory);
	return 0;
}

static int copy_start(struct port *port)
{
	(void)port;
	return 0;
}

/* Give the kernel the next pieces of a copy, as many as begin at once. */
static int send_requests(struct endpoint *endpoint, struct usb_copy *copy, uint64_t number)
{
	struct usb_copy_queue *queue = endpoint->queue;
	struct aio_transfer pieces[AIO_BATCH];
	unsigned int room = aio_room(queue->aio);
	uint32_t begun, end = copy->sent;
	unsigned int count;
	bool ends;
	int ret;

	for (count = 0; count < AIO_BATCH && count < room && end < copy->length; count++) {
		uint32_t left = copy->length - end;
		uint32_t length = left < REQUEST_SIZE ? left : REQUEST_SIZE;

		pieces[count] = (struct aio_transfer){
			.fd = endpoint->fd,
			.write = queue->in,
			.memory = (char *)copy->block.memory + end,
			.length = length,
			/* Enough to find the copy and the piece again. */
			.tag = number << 32 | length,
		};
		end += length;
	}
	ends = copy->ends && !copy->end_sent && end == copy->length && count < AIO_BATCH &&
	       count < room;
	if (ends)
		pieces[count++] = (struct aio_transfer){
			.fd = endpoint->fd,
			.write = true,
			.memory = copy->block.memory,
			.tag = number << 32,
		};
	ret = aio_submit(queue->aio, pieces, count);
	if (ret < 0)
		return error_set(endpoint->port.error, ret,
				 "%s: cannot queue a transfer of %u bytes: %m", endpoint->port.name,
				 end - copy->sent);
	begun = copy->sent + (uint32_t)ret * REQUEST_SIZE;
	copy->sent = begun < end ? begun : end;
	copy->end_sent = copy->end_sent || (ends && (unsigned int)ret == count);
	return 0;
}

/* Give the kernel all that it may have now. */
static int send_copies(struct endpoint *endpoint)
{
	struct usb_copy_queue *queue = endpoint->queue;

	while (queue->sent < queue->submitted && aio_room(queue->aio) &&
	       endpoint_may_submit(endpoint)) {
		struct usb_copy *copy = copy_at(queue, queue->sent);
		int ret = 0;

		if (!copy->sent)
			ret = block_begin_access(&copy->block, !queue->in);
		if (ret < 0)
			return error_set(endpoint->port.error, ret, "%s: cannot access a block: %m",
					 endpoint->port.name);
		ret = send_requests(endpoint, copy, queue->sent);
		if (ret < 0)
			return ret;
		if (copy->sent < copy->length || copy->ends != copy->end_sent)
			continue;
		queue->sent++;
		/* What goes to the host was copied by now, see ffs_epfile_io(). */
		if (queue->in)
			ret = block_end_access(&copy->block, false);
		if (ret < 0)
			return error_set(endpoint->port.error, ret, "%s: cannot access a block: %m",
					 endpoint->port.name);
	}
	return 0;
}

static int copy_submit(struct port *port, const struct block *block, uint32_t length)
{
	struct endpoint *endpoint = to_endpoint(port);
	struct usb_copy_queue *queue = endpoint->queue;
	struct usb_copy *copy = copy_at(queue, queue->submitted);
	int ret;

	assert(length > 0 && length <= block->size);
	assert(queue->submitted - queue->reaped < BLOCKS_MAX);
	if (!endpoint_may_submit(endpoint))
		return -EAGAIN;
	*copy = (struct usb_copy){
		.block = *block,
		.length = length,
		/* Whoever reads goes on after a whole packet, unless it has all that it wants. */
		.ends = port->ends_short && length < block->size && length % PACKET_MIN == 0,
		.submitted_ns = clock_now_ns(),
	};
	queue->submitted++;
	ret = send_copies(endpoint);
	copy->queued_ns = clock_now_ns();
	return ret;
}

/* A piece came back. */
static void note_result(struct endpoint *endpoint, const struct aio_result *result)
{
	uint32_t length = (uint32_t)result->tag;
	struct usb_copy *copy = copy_at(endpoint->queue, result->tag >> 32);

	copy->done += length;
	copy->end_done = copy->end_done || length == 0;
	if (copy->status || result->result == length)
		return;
	if (endpoint->queue->stopped) {
		copy->status = -ECANCELED;
		return;
	}
	if (result->result >= 0) {
		copy->status =
			error_set(endpoint->port.error, EIO, "%s: a transfer moved %u of %u bytes",
				  endpoint->port.name, (uint32_t)result->result, length);
		return;
	}
	/* EAGAIN: the endpoint was disabled, and ep0 is about to say so. */
	copy->status = result->result == -EAGAIN ? -ESHUTDOWN : (int)result->result;
	endpoint_set_failure(endpoint, copy->status);
}

static int collect(struct endpoint *endpoint)
{
	struct aio_result results[AIO_BATCH];
	int count;

	do {
		count = aio_collect(endpoint->queue->aio, results, AIO_BATCH);
		for (int i = 0; i < count; i++)
			note_result(endpoint, &results[i]);
	} while (count == (int)AIO_BATCH);
	if (count < 0)
		return error_set(endpoint->port.error, count,
				 "%s: cannot read the results of transfers: %m",
				 endpoint->port.name);
	return 0;
}

static bool is_done(const struct usb_copy *copy)
{
	return copy->done == copy->length && copy->ends == copy->end_done;
}

static int copy_reap(struct port *port, struct completion *completion)
{
	struct endpoint *endpoint = to_endpoint(port);
	struct usb_copy_queue *queue = endpoint->queue;
	struct usb_copy *copy;
	int ret;

	if (!queue)
		return -EAGAIN;
	ret = collect(endpoint);
	if (!ret && !queue->stopped)
		ret = send_copies(endpoint);
	if (ret < 0)
		return ret;
	copy = copy_at(queue, queue->reaped);
	if (queue->reaped == queue->submitted || (!copy->status && !is_done(copy)) ||
	    copy->status == -ECANCELED)
		return -EAGAIN;
	if (!queue->in && !copy->status)
		copy->status = block_end_access(&copy->block, true);
	queue->reaped++;
	*completion = (struct completion){
		.status = copy->status,
		.submitted_ns = copy->submitted_ns,
		.queued_ns = copy->queued_ns,
		/* The kernel tells no time of its own here. */
		.time_ns = clock_now_ns(),
	};
	return 0;
}

static int copy_wait_fd(struct port *port)
{
	return aio_wait_fd(to_endpoint(port)->queue->aio);
}

/*
 * The host may have the last blocks for some time before the kernel says so: the results come from
 * a worker (ffs_user_copy_worker() in f_fs.c).
 */
static void copy_stop(struct port *port)
{
	struct endpoint *endpoint = to_endpoint(port);
	struct usb_copy_queue *queue = endpoint->queue;
	int ret = 0;

	queue->stopped = true;
	aio_cancel(queue->aio);
	while (!ret && !aio_is_idle(queue->aio)) {
		ret = aio_wait(queue->aio, STOP_MS);
		if (!ret)
			ret = collect(endpoint);
	}
	if (ret == -ETIMEDOUT)
		log_warning("%s: the kernel does not give transfers back: the last may have been "
			    "delivered, but do not count",
			    port->name);
}

static void copy_close(struct port *port)
{
	struct endpoint *endpoint = to_endpoint(port);

	if (endpoint->queue)
		aio_free(endpoint->queue->aio);
	free(endpoint->queue);
	endpoint->queue = NULL;
	endpoint_close_file(endpoint);
}

const struct port_ops endpoint_copy_ops = {
	.open = copy_open,
	.attach = copy_attach,
	.start = copy_start,
	.submit = copy_submit,
	.reap = copy_reap,
	.wait_fd = copy_wait_fd,
	.stop = copy_stop,
	.close = copy_close,
};
