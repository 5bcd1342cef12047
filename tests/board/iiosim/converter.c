// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "converter.h"
#include "world.h"

/* How much memory is worked on before the thread looks up again */
#define CHUNK SZ_64K

/* The same, if what it is depends on when it is: this part of a second */
#define CHUNKS_PER_SECOND 1000

/* Small blocks are completed in batches: waking up for each would cost more than they do. */
#define SHORTEST_SLEEP_NS (200 * NSEC_PER_USEC)

struct converter {
	const char *name;
	bool is_adc;
	converter_done_fn done;
	void *owner;
	struct converter_settings settings;
	struct signal *signal;
	struct world *world;	 /* that it is connected to, or NULL */
	struct converter *heard; /* of an ADC in a world: the DAC that is heard there */
	unsigned int mask;	 /* the enabled channels */
	struct task_struct *thread;
	wait_queue_head_t wake; /* of the thread */
	wait_queue_head_t idle; /* of those who wait for the thread */

	spinlock_t lock; /* protects all that follows */
	struct list_head queue;
	struct converter_block *active; /* at work in the thread, then with @done, which frees it */
	const struct converter_block *repeating; /* @active, as long as it goes on */
	bool cancelled;				 /* @active is to be dropped */
	bool running;
	ktime_t started;
	ktime_t rate_time; /* since when it has its rate, or the start, */
	u64 rate_scan;	   /* and the scan that began then */
	u64 tail;	   /* the number of the scan behind the last that was queued */
	u64 played;	   /* and behind the last that the world has of a DAC */
	struct converter_counters counters;
	struct converter_gap gaps[CONVERTER_GAPS]; /* the last ones, a ring */
	u64 gap_count;				   /* all since the converter was prepared */
};

struct converter *converter_create(const char *name, bool is_adc, converter_done_fn done,
				   void *owner)
{
	struct converter *converter = kzalloc(sizeof(*converter), GFP_KERNEL);

	if (!converter)
		return ERR_PTR(-ENOMEM);
	converter->signal = signal_alloc();
	if (!converter->signal) {
		kfree(converter);
		return ERR_PTR(-ENOMEM);
	}
	converter->name = name;
	converter->is_adc = is_adc;
	converter->done = done;
	converter->owner = owner;
	converter->settings = (struct converter_settings){
		.signal = {
			.pattern = SIGNAL_COUNTER,
			.rate = 10000000,
			.tone_frequency = 1000000,
			.tone_amplitude = 16384,
			.noise_amplitude = 16,
		},
		.paced = true,
		.touch_memory = true,
	};
	init_waitqueue_head(&converter->wake);
	init_waitqueue_head(&converter->idle);
	spin_lock_init(&converter->lock);
	INIT_LIST_HEAD(&converter->queue);
	signal_start(converter->signal, &converter->settings.signal, BIT(0));

	return converter;
}

void converter_destroy(struct converter *converter)
{
	if (!converter)
		return;
	signal_free(converter->signal);
	kfree(converter);
}

static void connect(struct converter *converter, struct world *world)
{
	converter->world = world;
	converter->settings.signal.generate = world_receive;
	converter->settings.signal.generator = world;
}

void converter_connect(struct converter *adc, struct converter *dac, struct world *world)
{
	connect(adc, world);
	connect(dac, world);
	adc->heard = dac;
}

bool converter_is_connected(const struct converter *converter)
{
	return converter->world;
}

bool converter_is_adc(const struct converter *converter)
{
	return converter->is_adc;
}

struct converter_settings *converter_settings(struct converter *converter)
{
	return &converter->settings;
}

u32 converter_rate(const struct converter *converter)
{
	return READ_ONCE(converter->settings.signal.rate);
}

void converter_counters(struct converter *converter, struct converter_counters *counters)
{
	guard(spinlock_irqsave)(&converter->lock);
	*counters = converter->counters;
}

unsigned int converter_gaps(struct converter *converter, struct converter_gap *gaps)
{
	unsigned int count;

	guard(spinlock_irqsave)(&converter->lock);
	count = min_t(u64, converter->gap_count, CONVERTER_GAPS);
	for (unsigned int i = 0; i < count; i++)
		gaps[i] = converter->gaps[(converter->gap_count - count + i) % CONVERTER_GAPS];

	return count;
}

/*
 * The gap before a block counts when the block is queued, is remembered when the block is
 * completed, and does not count any more when the block is cancelled; called with the lock held.
 */
static void gap_count(struct converter *converter, const struct converter_block *block)
{
	converter->counters.missed += block->gap.missed;
	converter->counters.gaps += block->gap.missed > 0;
}

static void gap_keep(struct converter *converter, const struct converter_block *block)
{
	if (block->gap.missed)
		converter->gaps[converter->gap_count++ % CONVERTER_GAPS] = block->gap;
}

static void gap_take_back(struct converter *converter, const struct converter_block *block)
{
	converter->counters.missed -= block->gap.missed;
	converter->counters.gaps -= block->gap.missed > 0;
}

static struct converter_block *block_take(struct converter *converter)
{
	struct converter_block *block;

	guard(spinlock_irqsave)(&converter->lock);
	if (!converter->running)
		return NULL;
	block = list_first_entry_or_null(&converter->queue, struct converter_block, entry);
	if (block)
		list_del(&block->entry);
	converter->active = block;
	converter->repeating = block && block->repeats ? block : NULL;
	converter->cancelled = false;

	return block;
}

static bool block_is_cancelled(struct converter *converter)
{
	guard(spinlock_irqsave)(&converter->lock);
	return converter->cancelled;
}

static void memory_work(struct converter *converter, void *memory, size_t bytes)
{
	struct signal_mismatch mismatch;
	u64 wrong;

	if (converter->is_adc) {
		signal_write(converter->signal, memory, bytes);
		return;
	}
	wrong = signal_check(converter->signal, memory, bytes, &mismatch);
	if (wrong) {
		guard(spinlock_irqsave)(&converter->lock);
		converter->counters.out_of_order += wrong;
		converter->counters.mismatch = mismatch;
	}
}

static u64 block_scans(const struct converter_block *block)
{
	return block->end - block->gap.first;
}

/* When a scan begins; called with the lock held */
static ktime_t scan_time(const struct converter *converter, u64 scan)
{
	if (scan <= converter->rate_scan)
		return converter->rate_time;

	return ktime_add_ns(converter->rate_time,
			    mul_u64_u64_div_u64(scan - converter->rate_scan, NSEC_PER_SEC,
						converter->settings.signal.rate) +
				    1);
}

static ktime_t scan_time_and_rate(struct converter *converter, u64 scan, u32 *rate)
{
	guard(spinlock_irqsave)(&converter->lock);
	*rate = converter->settings.signal.rate;
	return scan_time(converter, scan);
}

/* Waits until a scan begins, or the block at work is cancelled. */
static void scan_wait(struct converter *converter, u64 scan)
{
	u32 rate;

	for (;;) {
		ktime_t time = scan_time_and_rate(converter, scan, &rate);
		s64 left = ktime_to_ns(ktime_sub(time, ktime_get()));

		if (left <= 0 || block_is_cancelled(converter))
			return;
		left = max_t(s64, left, SHORTEST_SLEEP_NS);
		wait_event_interruptible_hrtimeout(converter->wake,
						   block_is_cancelled(converter) ||
							   converter_rate(converter) != rate,
						   ns_to_ktime(left));
	}
}

/* Whether what the converter works on depends on when it does */
static bool is_of_its_time(const struct converter *converter)
{
	return converter->world &&
	       (!converter->is_adc || converter->settings.signal.pattern == SIGNAL_WORLD);
}

static size_t chunk_bytes(struct converter *converter)
{
	size_t scans = converter_rate(converter) / CHUNKS_PER_SECOND;

	if (!is_of_its_time(converter))
		return CHUNK;

	return min_t(size_t, max(scans, 1) * signal_scan_bytes(converter->signal), CHUNK);
}

/* The number of the scan that a converter is at; called with the lock held */
static u64 scan_at(const struct converter *converter, ktime_t time)
{
	s64 ns = ktime_to_ns(ktime_sub(time, converter->rate_time));

	return converter->rate_scan +
	       mul_u64_u64_div_u64(max(ns, 0), converter->settings.signal.rate, NSEC_PER_SEC);
}

/* Whether the thread of a DAC has yet to play what was played at a time that is over */
static bool is_late(struct converter *dac, ktime_t time)
{
	u64 due;

	guard(spinlock_irqsave)(&dac->lock);
	if (!dac->running || !dac->settings.paced || !dac->settings.touch_memory ||
	    dac->cancelled || (!dac->active && list_empty(&dac->queue)))
		return false;
	due = scan_at(dac, time) + 1;

	return dac->played < (dac->repeating ? due : min(due, dac->tail));
}

/* However busy the board is: what a DAC plays is heard by all of what an ADC has behind it. */
static void heard_wait(struct converter *dac, ktime_t time)
{
	time = ktime_sub_ns(time, WORLD_LOOP_NS);
	wait_event_idle(dac->idle, !is_late(dac, time));
}

static void played_set(struct converter *dac, u64 scan)
{
	scoped_guard(spinlock_irqsave, &dac->lock) dac->played = scan;
	wake_up_all(&dac->idle);
}

/* The place of a chunk in time; an ADC fills it when it is over, a DAC plays it when it begins. */
static void chunk_place(struct converter *converter, const struct converter_block *block,
			size_t offset, const void *memory, size_t bytes)
{
	unsigned int scan_bytes = signal_scan_bytes(converter->signal);
	u64 first = block->gap.first + offset / scan_bytes;
	u64 end = block->gap.first + DIV_ROUND_UP(offset + bytes, scan_bytes);
	struct world_time time = { .scan = first, .paced = converter->settings.paced };

	if (time.paced)
		scan_wait(converter, converter->is_adc ? end : first);
	if (time.paced && converter->is_adc)
		heard_wait(converter->heard, scan_time_and_rate(converter, end, &time.rate));
	time.time = scan_time_and_rate(converter, first, &time.rate);
	if (converter->is_adc) {
		world_tune(converter->world, &time);
		return;
	}
	world_transmit(converter->world, &time, converter->mask, offset % scan_bytes / sizeof(s16),
		       memory, bytes / sizeof(s16));
	played_set(converter, end);
}

static void block_work(struct converter *converter, struct converter_block *block)
{
	/* A block that is no whole number of scans keeps its last bytes. */
	size_t bytes = block_scans(block) * signal_scan_bytes(converter->signal);
	size_t limit = chunk_bytes(converter);
	size_t offset = 0;

	signal_seek(converter->signal, block->gap.first);
	for (unsigned int i = 0; i < block->pieces && offset < bytes; i++) {
		size_t piece = min(block->piece[i].bytes, bytes - offset);

		for (size_t done = 0, chunk; done < piece; done += chunk) {
			void *memory = block->piece[i].memory + done;

			chunk = min(piece - done, limit);
			if (is_of_its_time(converter))
				chunk_place(converter, block, offset, memory, chunk);
			if (block_is_cancelled(converter))
				return;
			memory_work(converter, memory, chunk);
			offset += chunk;
			cond_resched();
		}
	}
}

/* A block has come to its end; called with the lock held. */
static void block_count(struct converter *converter, const struct converter_block *block)
{
	gap_keep(converter, block);
	converter->counters.scans += block_scans(block);
}

/*
 * Whether a block that repeats goes on, with the scans behind those that it had. The one that takes
 * over from it knows where it begins, though the thread may not be there yet.
 */
static bool block_goes_on(struct converter *converter, struct converter_block *block)
{
	const struct converter_block *next;
	u64 scans = block_scans(block);

	guard(spinlock_irqsave)(&converter->lock);
	if (!block->repeats || converter->cancelled)
		return false;
	next = list_first_entry_or_null(&converter->queue, struct converter_block, entry);
	if (next && next->takes_over && next->gap.first == block->end)
		return false;
	block_count(converter, block);
	block->gap = (struct converter_gap){ .first = block->end };
	block->end += scans;
	converter->tail = max(converter->tail, block->end);

	return true;
}

static void block_finish(struct converter *converter, struct converter_block *block)
{
	bool cancelled;

	scoped_guard(spinlock_irqsave, &converter->lock)
	{
		cancelled = converter->cancelled;
		converter->repeating = NULL;
		if (cancelled)
			gap_take_back(converter, block);
		else
			block_count(converter, block);
	}
	converter->done(converter->owner, block, !cancelled);
	scoped_guard(spinlock_irqsave, &converter->lock)
	{
		converter->active = NULL;
		converter->cancelled = false;
	}
	wake_up_all(&converter->idle);
}

static int converter_main(void *data)
{
	struct converter *converter = data;

	while (!kthread_should_stop()) {
		struct converter_block *block = NULL;

		wait_event_interruptible(converter->wake,
					 kthread_should_stop() || (block = block_take(converter)));
		if (!block)
			continue;
		do {
			if (converter->settings.touch_memory)
				block_work(converter, block);
			if (converter->settings.paced)
				scan_wait(converter, block->end);
			cond_resched();
		} while (block_goes_on(converter, block));
		block_finish(converter, block);
	}

	return 0;
}

int converter_open(struct converter *converter)
{
	struct task_struct *thread = kthread_run(converter_main, converter, "%s", converter->name);

	if (IS_ERR(thread))
		return PTR_ERR(thread);
	converter->thread = thread;

	return 0;
}

void converter_close(struct converter *converter)
{
	kthread_stop(converter->thread);
	converter->thread = NULL;
}

void converter_prepare(struct converter *converter, unsigned int mask)
{
	signal_start(converter->signal, &converter->settings.signal, mask);
	converter->mask = mask;
	guard(spinlock_irqsave)(&converter->lock);
	converter->tail = 0;
	converter->played = 0;
	converter->gap_count = 0;
}

void converter_start(struct converter *converter)
{
	scoped_guard(spinlock_irqsave, &converter->lock)
	{
		converter->started = ktime_get();
		converter->rate_time = converter->started;
		converter->rate_scan = 0;
		converter->running = true;
	}
	wake_up_all(&converter->wake);
}

ktime_t converter_started(struct converter *converter)
{
	guard(spinlock_irqsave)(&converter->lock);
	return converter->started;
}

void converter_stop(struct converter *converter)
{
	scoped_guard(spinlock_irqsave, &converter->lock) converter->running = false;
	wake_up_all(&converter->idle);
}

/* The number of the scan whose time is now; called with the lock held */
static u64 scan_now(const struct converter *converter)
{
	if (!converter->running || !converter->settings.paced)
		return 0;

	return scan_at(converter, ktime_get());
}

void converter_set_rate(struct converter *converter, u32 rate)
{
	scoped_guard(spinlock_irqsave, &converter->lock)
	{
		u64 scan = scan_now(converter);

		if (scan) {
			converter->rate_time = scan_time(converter, scan);
			converter->rate_scan = scan;
		}
		WRITE_ONCE(converter->settings.signal.rate, rate);
	}
	wake_up_all(&converter->wake);
}

/*
 * The first scan that no queued block has. Behind a block that repeats, it is where a time of it
 * ends that the thread may not have come to; called with the lock held.
 */
static u64 scan_free(const struct converter *converter, u64 now)
{
	const struct converter_block *last = converter->repeating;
	u64 scans;

	if (!list_empty(&converter->queue))
		last = list_last_entry(&converter->queue, struct converter_block, entry);
	if (!last || !last->repeats || now <= converter->tail)
		return converter->tail;
	scans = block_scans(last);

	return converter->tail + DIV64_U64_ROUND_UP(now - converter->tail, scans) * scans;
}

void converter_queue(struct converter *converter, struct converter_block *block)
{
	scoped_guard(spinlock_irqsave, &converter->lock)
	{
		u64 now = scan_now(converter);

		converter->tail = scan_free(converter, now);
		block->gap.first = max(converter->tail, now);
		block->end = block->gap.first + block->bytes / signal_scan_bytes(converter->signal);
		block->repeats = block->repeats && block_scans(block);
		/* An ADC samples from its start on, a DAC plays from its first block on. */
		if (converter->is_adc || converter->tail)
			block->gap.missed = block->gap.first - converter->tail;
		gap_count(converter, block);
		converter->tail = block->end;
		list_add_tail(&block->entry, &converter->queue);
	}
	wake_up_all(&converter->wake);
}

void converter_cancel(struct converter *converter, struct list_head *blocks)
{
	struct converter_block *block;

	scoped_guard(spinlock_irqsave, &converter->lock)
	{
		list_for_each_entry (block, &converter->queue, entry)
			gap_take_back(converter, block);
		list_splice_tail_init(&converter->queue, blocks);
		converter->cancelled = converter->active;
	}
	wake_up_all(&converter->wake);
	wake_up_all(&converter->idle);
}

static bool converter_is_idle(struct converter *converter)
{
	guard(spinlock_irqsave)(&converter->lock);
	return !converter->active;
}

void converter_synchronize(struct converter *converter)
{
	wait_event(converter->idle, converter_is_idle(converter));
}
