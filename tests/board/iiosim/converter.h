/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A converter: an ADC that fills blocks of memory or a DAC that plays them, at its own pace.
 *
 * Time is virtual. Scan n belongs to the time n / rate after the start, or, if the rate was changed
 * since, as many scans after that as the time has scans of the new rate, and a block gets its scans
 * when it is queued: the next ones if the queue has not run dry by then, else those from this
 * moment on. So the thread that does the work may be late without a sample being lost, and a queue
 * that runs dry loses exactly the samples of the time in between, as hardware does. A block that
 * repeats gets the next scans each time, and the one behind it those from the end of a time on.
 */
#ifndef IIOSIM_CONVERTER_H
#define IIOSIM_CONVERTER_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/types.h>

#include "signal.h"

struct converter;
struct world;

/**
 * struct converter_settings - how a converter works
 * @signal: what is sampled, and how fast
 * @paced: keep to the rate; otherwise blocks are done as fast as memory allows and nothing is lost
 * @touch_memory: write (ADC) or read (DAC) the blocks' memory; otherwise only the time passes
 *
 * They are fixed while it runs, but for the rate, which converter_set_rate() changes.
 */
struct converter_settings {
	struct signal_settings signal;
	bool paced;
	bool touch_memory;
};

/**
 * struct converter_counters - what a converter has done since the module was loaded
 * @scans: scans in the blocks that it completed
 * @missed: scans of the time in which no block was queued, between two blocks or (ADC) between the
 *	start and a block; counted when the block that ends the gap is queued, and taken back if
 *	that block is cancelled
 * @gaps: how often that happened
 * @out_of_order: DAC: scans that did not follow the one before
 * @mismatch: DAC: the last of those
 */
struct converter_counters {
	u64 scans;
	u64 missed;
	u64 gaps;
	u64 out_of_order;
	struct signal_mismatch mismatch;
};

/* How many of the last gaps are remembered */
#define CONVERTER_GAPS 512

/**
 * struct converter_gap - a gap that a completed block has ended
 * @first: the number of the block's first scan, which is that of the first after the gap
 * @missed: how many scans are missing before it
 */
struct converter_gap {
	u64 first;
	u64 missed;
};

/**
 * struct converter_block - memory to be filled or played
 * @entry: the converter's, while it is queued
 * @gap: the converter's: the number of its first scan, and how many are missing before that
 * @end: the converter's: the number of the scan behind its last
 * @repeats: it is played, or filled, again and again until another one takes over, without a gap
 * @takes_over: it may take over from one that repeats, when that comes to its end
 * @bytes: its size
 * @pieces: how many pieces of memory it consists of
 * @piece: where they are
 */
struct converter_block {
	struct list_head entry;
	struct converter_gap gap;
	u64 end;
	bool repeats;
	bool takes_over;
	size_t bytes;
	unsigned int pieces;
	struct converter_piece {
		void *memory;
		size_t bytes;
	} piece[] __counted_by(pieces);
};

/**
 * typedef converter_done_fn - takes back a block that was at work
 * @owner: what converter_create() was given
 * @completed: false if it was cancelled
 *
 * Called from the converter's thread, without locks.
 */
typedef void (*converter_done_fn)(void *owner, struct converter_block *block, bool completed);

/**
 * converter_create() - makes a converter with default settings
 * @name: for messages and the thread; has to outlive the converter
 * @is_adc: whether it fills blocks; otherwise it plays them
 * @done: gets the blocks back
 * @owner: passed to @done
 *
 * Return: the converter, which converter_destroy() releases, or an error pointer.
 */
struct converter *converter_create(const char *name, bool is_adc, converter_done_fn done,
				   void *owner);

/**
 * converter_destroy() - releases a converter that is closed; NULL is allowed
 */
void converter_destroy(struct converter *converter);

/**
 * converter_connect() - connects two converters that were not opened yet to a world
 * @world: has to outlive the converters' use
 *
 * The ADC can have the pattern SIGNAL_WORLD then, and the DAC is heard. Blocks are then worked on
 * as their time comes, and not at its beginning: what is changed meanwhile is in force for the
 * rest.
 */
void converter_connect(struct converter *adc, struct converter *dac, struct world *world);

/**
 * converter_is_connected() - whether it is connected to a world
 */
bool converter_is_connected(const struct converter *converter);

/**
 * converter_is_adc() - whether the converter fills blocks
 */
bool converter_is_adc(const struct converter *converter);

/**
 * converter_settings() - its settings, to be read at any time and changed while it is stopped
 */
struct converter_settings *converter_settings(struct converter *converter);

/**
 * converter_rate() - scans per second
 */
u32 converter_rate(const struct converter *converter);

/**
 * converter_set_rate() - sets the scans per second, at any time
 *
 * While the converter runs its scans are that far apart from now on, and a tone, which is made for
 * the rate at the start, has another frequency.
 */
void converter_set_rate(struct converter *converter, u32 rate);

/**
 * converter_counters() - copies its counters
 */
void converter_counters(struct converter *converter, struct converter_counters *counters);

/**
 * converter_gaps() - copies the last gaps since the converter was prepared
 * @gaps: room for CONVERTER_GAPS
 *
 * Return: how many they are, the oldest first.
 */
unsigned int converter_gaps(struct converter *converter, struct converter_gap *gaps);

/**
 * converter_open() - starts the thread; blocks can be queued from now on
 *
 * Return: 0 or a negative errno.
 */
int converter_open(struct converter *converter);

/**
 * converter_close() - ends the thread; no block may be queued
 */
void converter_close(struct converter *converter);

/**
 * converter_prepare() - gets ready for a start: scan 0 is the next
 * @mask: the enabled channels, bit 0 for channel 0; at least one
 */
void converter_prepare(struct converter *converter, unsigned int mask);

/**
 * converter_start() - lets the time run
 */
void converter_start(struct converter *converter);

/**
 * converter_started() - when the time began to run
 *
 * Return: CLOCK_MONOTONIC at the last start; 0 before the first.
 */
ktime_t converter_started(struct converter *converter);

/**
 * converter_stop() - stops the time; queued blocks stay queued
 */
void converter_stop(struct converter *converter);

/**
 * converter_queue() - queues a block
 * @block: the converter's until done or converter_cancel() gives it back
 *
 * May be called in any context.
 */
void converter_queue(struct converter *converter, struct converter_block *block);

/**
 * converter_cancel() - takes back the blocks that are not done
 * @blocks: the list that they are added to
 *
 * May be called in any context. The block at work is not among them: done gets it, soon, as not
 * completed. The gaps before all of these do not count: nothing came after them.
 */
void converter_cancel(struct converter *converter, struct list_head *blocks);

/**
 * converter_synchronize() - waits until no block is at work and done does not run
 *
 * To be called after converter_cancel(), and not from done.
 */
void converter_synchronize(struct converter *converter);

#endif
