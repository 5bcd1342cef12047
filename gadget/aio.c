// SPDX-License-Identifier: GPL-2.0-or-later
#include "aio.h"

#include <assert.h>
#include <errno.h>
#include <linux/aio_abi.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BATCH 16u

struct aio {
	aio_context_t context;
	int event;
	unsigned int limit;
	unsigned int in_flight;
};

int aio_new(struct aio **aio, unsigned int limit)
{
	struct aio *new = calloc(1, sizeof(*new));
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

bool aio_is_full(const struct aio *aio)
{
	return aio->in_flight == aio->limit;
}

int aio_submit(struct aio *aio, const struct aio_transfer *transfer)
{
	/* The kernel copies it before the call returns. */
	struct iocb iocb = {
		.aio_data = transfer->tag,
		.aio_lio_opcode = transfer->write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
		.aio_fildes = (uint32_t)transfer->fd,
		.aio_buf = (uintptr_t)transfer->memory,
		.aio_nbytes = transfer->length,
		.aio_flags = IOCB_FLAG_RESFD,
		.aio_resfd = (uint32_t)aio->event,
	};
	struct iocb *list[] = { &iocb };

	assert(!aio_is_full(aio));
	if (syscall(SYS_io_submit, aio->context, 1L, list) < 0)
		return -errno;
	aio->in_flight++;
	return 0;
}

int aio_collect(struct aio *aio, struct aio_result *results, unsigned int max)
{
	struct io_event events[BATCH];
	struct timespec now = { 0 };
	uint64_t signals;
	long count;

	if (!aio->in_flight)
		return 0;
	/* First: a transfer that is done after this makes the file readable again. */
	if (read(aio->event, &signals, sizeof(signals)) < 0 && errno != EAGAIN)
		return -errno;
	count = syscall(SYS_io_getevents, aio->context, 0L, (long)(max < BATCH ? max : BATCH),
			events, &now);
	if (count < 0)
		return -errno;
	for (long i = 0; i < count; i++)
		results[i] = (struct aio_result){ .tag = events[i].data, .result = events[i].res };
	aio->in_flight -= (unsigned int)count;
	return (int)count;
}

int aio_wait_fd(const struct aio *aio)
{
	return aio->event;
}
