/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * records.h - read what became of each block
 *
 * A board has one endpoint for the records of all its routes. A program has one reader for it, and
 * tells the reader for each route who takes its records. What arrives in between, and when, does
 * not depend on the samples; see trail.h for what the records of a run mean.
 *
 * The consumers are called from libusb's event loop, which whatever polls a stream of the device,
 * and every control request, runs.
 */
#ifndef HOST_RECORDS_H
#define HOST_RECORDS_H

#include <iiobridge/protocol.h>

#include <stdint.h>

struct device;

/** struct records - a reader of records; opaque */
struct records;

/**
 * typedef records_consumer - takes a record of a route
 * @context: from records_follow()
 * @record: the record, in the host's byte order, valid during the call
 *
 * Must not call functions of the device.
 *
 * Return: 0, or a negative errno that ends the reading and is what records_error() then returns;
 * the consumer has then stored the reason in the device's struct failure.
 */
typedef int (*records_consumer)(void *context, const struct iiobridge_record *record);

/**
 * records_new() - make a reader
 * @device: an open board; must outlive the reader
 * @records: gets the reader; to be given to records_free()
 *
 * Return: 0 or negative errno as in device.h.
 */
int records_new(struct device *device, struct records **records);

/**
 * records_free() - stop and release a reader
 * @records: from records_new(), or NULL; nobody follows a route any more
 */
void records_free(struct records *records);

/**
 * records_start() - read, unless the reader reads already
 * @records: the reader, of a claimed board
 *
 * Return: 0 or negative errno as stream_start().
 */
int records_start(struct records *records);

/**
 * records_follow() - say who takes the records of a route
 * @records: the reader
 * @route: number of the route, below the board's route_count
 * @consumer: takes them; NULL: they are dropped, as at first
 * @context: for @consumer
 */
void records_follow(struct records *records, unsigned int route, records_consumer consumer,
		    void *context);

/**
 * records_poll() - run libusb's event loop once
 * @records: a reader that reads
 * @timeout_ms: how long to wait for an event at most, milliseconds
 *
 * Return: what records_error() returns.
 */
int records_poll(struct records *records, unsigned int timeout_ms);

/**
 * records_error() - why the reading ended
 * @records: the reader
 *
 * Return: 0 while all is well; -EPROTO also: what came are no records; otherwise as stream_error().
 */
int records_error(const struct records *records);

#endif
