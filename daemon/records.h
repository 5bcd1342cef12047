/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: records
 *
 * A record says what became of a block, see struct iiobridge_record. All routes share one endpoint
 * for them. Records wait in a queue of fixed size, so that they can be sent several at once and
 * samples never wait for them: when the host does not read them the oldest are dropped, and
 * counted.
 */
#ifndef IIOBRIDGE_RECORDS_H
#define IIOBRIDGE_RECORDS_H

#include <systemd/sd-event.h>

#include "gadget/gadget.h"
#include "iiobridge/protocol.h"

#define RECORDS_QUEUE 4096 /* records */

struct records;

/**
 * records_new() - make the queue, and the port of its endpoint, closed
 * @records: receives it
 * @event: loop that it runs in
 * @function: the function; stays the caller's
 * @endpoint: number of the endpoint
 *
 * Return: 0 or a negative errno, logged.
 */
int records_new(struct records **records, sd_event *event, struct function *function,
		unsigned int endpoint);

/**
 * records_free() - close the endpoint and free everything
 * @records: may be NULL
 */
void records_free(struct records *records);

/**
 * records_open() - a host has configured the function: send
 * @records: closed
 *
 * An endpoint that cannot be opened is logged, and samples go on without records.
 */
void records_open(struct records *records);

/**
 * records_close() - the host has gone
 * @records: open or closed
 *
 * What is queued stays for the next host; what was being sent is lost.
 */
void records_close(struct records *records);

/**
 * records_add() - queue a record
 * @records: open or closed
 * @record: copied; one that ends a run is sent at once
 * @prompt: so is this one; with those that wait already, and as soon as a batch before was read
 */
void records_add(struct records *records, const struct iiobridge_record *record, bool prompt);

/**
 * records_kick() - go on after the port had to wait
 * @records: open or closed
 */
void records_kick(struct records *records);

/**
 * records_lost() - how many were dropped
 * @records: the records
 * @route: number of the route
 * @run: of the route
 *
 * Return: number of records of this run that no host will get.
 */
uint64_t records_lost(const struct records *records, unsigned int route, uint32_t run);

/**
 * records_address() - address of the endpoint
 * @records: the records
 *
 * Return: as endpoint_address().
 */
uint8_t records_address(struct records *records);

#endif
