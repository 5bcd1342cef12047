// SPDX-License-Identifier: GPL-2.0-or-later
#include "aio.h"

#include <assert.h>
#include <errno.h>
#include <linux/aio_abi.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel knows a transfer by the place of its iocb. */
struct slot {
	struct iocb iocb;
	uint64_t tag;
	bool in_flight;
};

struct aio {
	aio_context_t context;
	int event;
	unsigned int limit;
	unsigned int in_flight;
	unsigned int next; /* slot to try first */
	struct slot slots[];
};

int aio_new(struct aio **aio, unsigned int limit)
{
	struct aio *new = calloc(1, sizeof(*new) + limit * sizeof(new->slots[0]));
	int ret;

	if (!new)
		return -ENOMEM;
	new->limit = limit;
	new->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (new->event < 0) {
		ret = -errno;
		goto err_free;
	}
	if (syscall(SYS_io_setup, limit, &new->context) < 0) {
		ret = -errno;
		goto err_close;
	}
	*aio = new;
	return 0;

err_close:
	close(new->event);
err_free:
	free(new);
	return ret;
}

void aio_free(struct aio *aio)
{
	if (!aio)
		return;
	syscall(SYS_io_destroy, aio->context);
	close(aio->event);
	free(aio);
}

unsigned int aio_room(const struct aio *aio)
{
	return aio->limit - aio->in_flight;
}

bool aio_is_idle(const struct aio *aio)
{
	return aio->in_flight == 0;
}

static struct iocb *prepare(struct aio *aio, const struct aio_transfer *transfer)
{
	struct slot *slot;

	while (aio->slots[aio->next].in_flight)
		aio->next = (aio->next + 1) % aio->limit;
	slot = &aio->slots[aio->next];
	slot->iocb = (struct iocb){
		.aio_data = aio->next,
		.aio_lio_opcode = transfer->write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
		.aio_fildes = (uint32_t)transfer->fd,
		.aio_buf = (uintptr_t)transfer->memory,
		.aio_nbytes = transfer->length,
		.aio_flags = IOCB_FLAG_RESFD,
		.aio_resfd = (uint32_t)aio->event,
	};
	slot->tag = transfer->tag;
	slot->in_flight = true;
	return &slot->iocb;
}

int aio_submit(struct aio *aio, const struct aio_transfer *transfers, unsigned int count)
{
	struct iocb *list[AIO_BATCH];
	long begun;

	assert(count > 0 && count <= AIO_BATCH && count <= aio_room(aio));
	for (unsigned int i = 0; i < count; i++)
		list[i] = prepare(aio, &transfers[i]);
	begun = syscall(SYS_io_submit, aio->context, (long)count, list);
	for (long i = begun > 0 ? begun : 0; i < (long)count; i++)
		aio->slots[list[i]->aio_data].in_flight = false;
	if (begun < 0)
		return -errno;
	aio->in_flight += (unsigned int)begun;
	return (int)begun;
}

void aio_cancel(struct aio *aio)
{
	struct io_event unused;

	/* It is refused for what is done meanwhile; the result tells. */
	for (unsigned int i = 0; i < aio->limit; i++)
		if (aio->slots[i].in_flight)
			syscall(SYS_io_cancel, aio->context, &aio->slots[i].iocb, &unused);
}

int aio_wait(const struct aio *aio, int timeout_ms)
{
	struct pollfd event = { .fd = aio->event, .events = POLLIN };
	int ret = poll(&event, 1, timeout_ms);

	if (ret < 0)
		return -errno;
	return ret ? 0 : -ETIMEDOUT;
}

int aio_collect(struct aio *aio, struct aio_result *results, unsigned int max)
{
	struct io_event events[AIO_BATCH];
	struct timespec now = { 0 };
	uint64_t signals;
	long count;

	/*
	 * First: a transfer that is done after this makes the file readable again. That may be when
	 * its result was read already, so this is done when nothing is in flight, too.
	 */
	if (read(aio->event, &signals, sizeof(signals)) < 0 && errno != EAGAIN)
		return -errno;
	if (!aio->in_flight)
		return 0;
	count = syscall(SYS_io_getevents, aio->context, 0L,
			(long)(max < AIO_BATCH ? max : AIO_BATCH), events, &now);
	if (count < 0)
		return -errno;
	for (long i = 0; i < count; i++) {
		struct slot *slot = &aio->slots[events[i].data];

		slot->in_flight = false;
		results[i] = (struct aio_result){ .tag = slot->tag, .result = events[i].res };
	}
	aio->in_flight -= (unsigned int)count;
	return (int)count;
}

int aio_wait_fd(const struct aio *aio)
{
	return aio->event;
}
