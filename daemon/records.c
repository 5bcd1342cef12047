// SPDX-License-Identifier: GPL-2.0-or-later
#include "records.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "wire.h"

/* How long the first record of a batch waits for others. */
#define WAIT_US 20000u

/* One to send while the other is filled. */
#define BATCHES 2

struct batch {
	struct iiobridge_record records[IIOBRIDGE_RECORDS_MAX];
	unsigned int count;
};

struct records {
	sd_event *event;
	struct port *port;
	struct error error; /* of the last failure */
	bool open;
	sd_event_source *sent; /* a batch was sent; from the first on */
	sd_event_source *wait; /* for more records */
	bool waiting;

	/* Running numbers: removed <= due and added; removed <= added <= removed + RECORDS_QUEUE */
	struct iiobridge_record queue[RECORDS_QUEUE];
	uint64_t added;
	uint64_t removed;
	uint64_t due; /* those before this one are to be sent, however few */

	/* Also running numbers: done <= given <= done + BATCHES */
	struct batch batches[BATCHES];
	uint64_t given;
	uint64_t done;

	/* By number of the route: the run of its last record, and what was dropped of that run */
	uint32_t runs[IIOBRIDGE_MAX_ROUTES];
	uint64_t lost[IIOBRIDGE_MAX_ROUTES];
};

static void count_lost(struct records *records, const struct iiobridge_record *record)
{
	if (record->run == records->runs[record->route])
		records->lost[record->route]++;
}

/*
 * As many as there are, but never so many that they fill their last packet: it would not end the
 * host's transfer. Packets have a power of two bytes, from 64; records have 48.
 */
static unsigned int batch_size(uint64_t queued)
{
	unsigned int count =
		queued < IIOBRIDGE_RECORDS_MAX ? (unsigned int)queued : IIOBRIDGE_RECORDS_MAX;

	_Static_assert(sizeof(struct iiobridge_record) % 64 == 48, "the size of a record");
	return count % 4 == 0 ? count - 1 : count;
}

static struct batch *fill_batch(struct records *records)
{
	struct batch *batch = &records->batches[records->given % BATCHES];

	batch->count = batch_size(records->added - records->removed);
	for (unsigned int i = 0; i < batch->count; i++)
		batch->records[i] = records->queue[(records->removed + i) % RECORDS_QUEUE];
	return batch;
}

static int on_sent(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)fd;
	(void)events;
	records_kick(userdata);
	return 0;
}

static int follow(struct records *records)
{
	int ret;

	if (records->sent)
		return 0;
	ret = sd_event_add_io(records->event, &records->sent,
			      records->port->ops->wait_fd(records->port), EPOLLIN, on_sent,
			      records);
	/* The loop has ended already, and the last batch goes without anybody who follows it. */
	if (ret == -ESTALE)
		return 0;
	if (ret < 0)
		return error_set(&records->error, ret, "records: cannot join the event loop: %m");
	return 0;
}

/* A batch leaves the queue when the port has it. */
static int send_batch(struct records *records)
{
	struct batch *batch = fill_batch(records);
	struct block block = { .fd = -1, .size = sizeof(batch->records), .memory = batch->records };
	struct iiobridge_record *end = &batch->records[batch->count];
	int ret;

	for (struct iiobridge_record *record = batch->records; record < end; record++)
		wire_record(record);
	ret = records->port->ops->submit(records->port, &block,
					 batch->count * (uint32_t)sizeof(batch->records[0]));
	if (ret)
		return ret;
	records->removed += batch->count;
	records->given++;
	return follow(records);
}

static bool should_send(const struct records *records)
{
	uint64_t queued = records->added - records->removed;

	return queued >= IIOBRIDGE_RECORDS_MAX || (queued && records->removed < records->due);
}

static int turn(struct records *records)
{
	struct completion completion;
	int ret;

	while (!(ret = records->port->ops->reap(records->port, &completion))) {
		if (completion.status < 0)
			return completion.status;
		records->done++;
	}
	if (ret == -EAGAIN)
		ret = 0;
	while (!ret && records->given < records->done + BATCHES && should_send(records))
		ret = send_batch(records);
	return ret;
}

/* Records that are not due become so after a while, unless there are enough of them before. */
static void wait_for_more(struct records *records)
{
	if (records->waiting || records->added == records->removed ||
	    records->removed < records->due)
		return;
	records->waiting = true;
	sd_event_source_set_time_relative(records->wait, WAIT_US);
	sd_event_source_set_enabled(records->wait, SD_EVENT_ONESHOT);
}

/* A host that has gone is none. */
static void note_failure(struct records *records, int number)
{
	error_complete(&records->error, number);
	if (number != -ESHUTDOWN)
		error_log(&records->error);
	records->error.number = 0;
}

void records_kick(struct records *records)
{
	int ret;

	if (!records->open)
		return;
	ret = turn(records);
	/* EAGAIN: ep0 is about to tell what became of the host, and then this is called again. */
	if (ret && ret != -EAGAIN) {
		note_failure(records, ret);
		records_close(records);
	}
	wait_for_more(records);
}

static int on_wait(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct records *records = userdata;

	(void)source;
	(void)usec;
	records->waiting = false;
	records->due = records->added;
	records_kick(records);
	return 0;
}

static void drop_oldest(struct records *records)
{
	count_lost(records, &records->queue[records->removed % RECORDS_QUEUE]);
	records->removed++;
}

void records_add(struct records *records, const struct iiobridge_record *record, bool prompt)
{
	assert(record->route < IIOBRIDGE_MAX_ROUTES);
	if (record->run != records->runs[record->route])
		records->lost[record->route] = 0;
	records->runs[record->route] = record->run;
	if (records->added - records->removed == RECORDS_QUEUE)
		drop_oldest(records);
	records->queue[records->added++ % RECORDS_QUEUE] = *record;
	if (prompt || record->flags & IIOBRIDGE_RECORD_END)
		records->due = records->added;
	if (should_send(records))
		records_kick(records);
	else
		wait_for_more(records);
}

void records_open(struct records *records)
{
	int ret = records->port->ops->open(records->port);

	records->open = ret == 0;
	if (ret && ret != -EAGAIN)
		note_failure(records, ret);
	records_kick(records);
}

void records_close(struct records *records)
{
	records->open = false;
	records->sent = sd_event_source_unref(records->sent);
	records->port->ops->close(records->port);
	for (; records->done < records->given; records->done++) {
		struct batch *batch = &records->batches[records->done % BATCHES];

		for (unsigned int i = 0; i < batch->count; i++) {
			wire_record(&batch->records[i]);
			count_lost(records, &batch->records[i]);
		}
	}
}

uint64_t records_lost(const struct records *records, unsigned int route, uint32_t run)
{
	return records->runs[route] == run ? records->lost[route] : 0;
}

uint8_t records_address(struct records *records)
{
	return endpoint_address(records->port);
}

int records_new(struct records **records, sd_event *event, struct function *function,
		unsigned int endpoint)
{
	struct records *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return log_errno(ENOMEM, "records: %m");
	new->event = event;
	new->port = endpoint_new(function, endpoint, "records", &new->error);
	if (!new->port) {
		free(new);
		return log_errno(ENOMEM, "records: %m");
	}
	endpoint_set_copying(new->port, true);
	ret = sd_event_add_time_relative(event, &new->wait, CLOCK_MONOTONIC, 0, 1, on_wait, new);
	if (ret < 0) {
		records_free(new);
		return log_errno(ret, "records: cannot join the event loop: %m");
	}
	sd_event_source_set_enabled(new->wait, SD_EVENT_OFF);
	*records = new;
	return 0;
}

void records_free(struct records *records)
{
	if (!records)
		return;
	sd_event_source_unref(records->sent);
	sd_event_source_unref(records->wait);
	endpoint_free(records->port);
	free(records);
}
