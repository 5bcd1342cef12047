// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cleanup.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "world.h"

/* Levels are in thousandths of dBm or dB. */
#define PORT_LOSS    40000
#define FILTER_SLOPE 60000
#define FILTER_LOSS  80000
#define TARGET	     (-12000)

/*
 * What is on the air. Modulation is by a sine; of AM the level is the carrier's, of FM all of it.
 */
static const struct emitter {
	u64 frequency; /* Hz */
	s32 level;     /* thousandths of dBm */
	u32 tone;      /* of the modulation, Hz */
	u32 depth;     /* of AM, per cent */
	u32 deviation; /* of FM, Hz */
} emitters[] = {
	/* a broadcast station: FM */
	{ .frequency = 98500000, .level = -50000, .tone = 1000, .deviation = 75000 },
	/* a reference */
	{ .frequency = 100000000, .level = -40000 },
	/* an aircraft: AM */
	{ .frequency = 121500000, .level = -60000, .tone = 1000, .depth = 50 },
	/* a remote control */
	{ .frequency = 433920000, .level = -55000 },
	/* a sensor */
	{ .frequency = 868300000, .level = -65000 },
	/* a microwave oven */
	{ .frequency = 2400000000, .level = -30000 },
};

struct world {
	spinlock_t lock; /* protects the settings */
	struct world_settings settings;
};

struct world *world_create(void)
{
	struct world *world = kvzalloc(sizeof(*world), GFP_KERNEL);

	if (!world)
		return NULL;
	spin_lock_init(&world->lock);
	world->settings.rx_off = true;
	world->settings.tx_off = true;

	return world;
}

void world_destroy(struct world *world)
{
	kvfree(world);
}

void world_set(struct world *world, const struct world_settings *settings)
{
	guard(spinlock_irqsave)(&world->lock);
	world->settings = *settings;
}

static struct world_settings settings_get(struct world *world)
{
	guard(spinlock_irqsave)(&world->lock);
	return world->settings;
}

/* What a signal so far off the receiver's local oscillator loses in its filters */
static s32 filter_loss(const struct world_settings *settings, s64 offset)
{
	u64 beyond = 2 * abs(offset);

	if (beyond <= settings->rx_bandwidth)
		return 0;
	beyond -= settings->rx_bandwidth;

	return min_t(u64, div_u64(beyond * FILTER_SLOPE, settings->rx_bandwidth), FILTER_LOSS);
}

/*
 * The level, behind port and filters, of a signal that has @level and is so far off the receiver's
 * local oscillator; WORLD_SILENCE if nothing of it is left.
 */
static s32 level_received(const struct world_settings *settings, s64 offset, s32 level, u32 rate)
{
	if (settings->rx_off || 2 * abs(offset) >= rate)
		return WORLD_SILENCE;
	level -= filter_loss(settings, offset);
	if (settings->rx_port != WORLD_PORT)
		level -= PORT_LOSS;

	return max(level, WORLD_SILENCE);
}

static s32 emitter_level(const struct world_settings *settings, const struct emitter *emitter,
			 u32 rate)
{
	return level_received(settings, emitter->frequency - settings->rx_lo, emitter->level, rate);
}

static s32 strongest_level(const struct world_settings *settings, u32 rate)
{
	s32 strongest = WORLD_SILENCE;

	for (unsigned int i = 0; i < ARRAY_SIZE(emitters); i++)
		strongest = max(strongest, emitter_level(settings, &emitters[i], rate));

	return strongest;
}

static int gain_of(const struct world_settings *settings, unsigned int chain, u32 rate)
{
	int gain = settings->rx_gain[chain];

	/* Positive, so that the division rounds down */
	if (settings->rx_automatic[chain])
		gain = (TARGET - strongest_level(settings, rate)) / 1000;

	return clamp(gain, settings->rx_gain_min, settings->rx_gain_max);
}

int world_level(struct world *world, u32 rate)
{
	const struct world_settings settings = settings_get(world);

	return strongest_level(&settings, rate);
}

int world_gain(struct world *world, unsigned int chain, u32 rate)
{
	const struct world_settings settings = settings_get(world);

	return gain_of(&settings, chain, rate);
}
