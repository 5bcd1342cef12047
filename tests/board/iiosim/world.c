// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/fixp-arith.h>
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

#define SINE_BITS 12
#define SINE_SIZE BIT(SINE_BITS)

/* What fixp_sin32_rad() is precise and fast enough for */
#define TURN 180000U

/* What the DAC has played in the last milliseconds, in scans of all channels */
#define PLAYED_SIZE BIT(18)

/* What a sample of the DAC loses on its way */
#define LOOP_LOSS 50000

/* Whoever played longer ago is not heard. */
#define LOOP_MAX_NS NSEC_PER_SEC

/*
 * Fixed point: amplitudes have this many bits below 1, which is 0 dBm; sines and the DAC's samples
 * 15, so that sums have the two; gains their own. The noise of a sample is the sum of two random
 * bytes, a triangle whose root mean square is 104.5, and a sample is rounded from as many bits
 * below an LSB as make that about 2 LSB.
 */
#define AMPLITUDE_BITS 30
#define SAMPLE_BITS    15
#define GAIN_BITS      10
#define NOISE_FACTOR   5
#define NOISE_BITS     8

/* A signal on its way to the ADC, of the receiver's thread */
struct path {
	u64 amplitude; /* 0: it does not get there */
	u32 phase;     /* 32 bits are a turn */
	u32 step;      /* of the phase, for a scan */
	u32 tone_phase;
	u32 tone_step;
	u32 deviation; /* of the step */
	u32 depth;     /* with SAMPLE_BITS */
};

struct world {
	spinlock_t lock; /* protects what follows */
	struct world_settings settings;
	struct world_time played; /* of the last samples of the DAC */
	u64 played_first;	  /* the scans of it that are there, */
	u64 played_end;		  /* and behind the last */

	/* Of the receiver's thread */
	struct path path[ARRAY_SIZE(emitters)];
	struct path loop[WORLD_CHAINS];
	u64 gain[WORLD_CHAINS];
	u64 scan;	    /* the next one */
	u64 heard;	    /* the scan of the DAC that the next one has, */
	u32 heard_fraction; /* and how far into it */
	u64 heard_step;	    /* with 32 bits for the fraction */
	u64 heard_first;    /* those that there are */
	u64 heard_end;
	u32 random;

	s16 sine[SINE_SIZE];
	/* Of the DAC: scan n is at n modulo the size. */
	s16 sample[PLAYED_SIZE][IIOSIM_MAX_CHANNELS];
};

struct world *world_create(void)
{
	struct world *world = kvzalloc(sizeof(*world), GFP_KERNEL);

	if (!world)
		return NULL;
	spin_lock_init(&world->lock);
	world->settings.rx_off = true;
	world->settings.tx_off = true;
	world->random = 0x2545f491;
	for (u32 i = 0; i < SINE_SIZE; i++)
		world->sine[i] = fixp_sin32_rad(i * TURN / SINE_SIZE, TURN) >> 16;

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

	/* Nothing is so strong that this is negative: it is rounded down. */
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

/* The ratio of two amplitudes that differ by @level, with @bits below 1 */
static u64 linear(s32 level, unsigned int bits)
{
	/* Of 0 to 20 dB, with 32 bits below 1; in between a straight line is right to 0.015 dB. */
	static const u64 steps[] = {
		4294967296ULL,	4819032567ULL,	5407043472ULL,	6066802559ULL,	6807064429ULL,
		7637651909ULL,	8569586390ULL,	9615234075ULL,	10788470075ULL, 12104862517ULL,
		13581879131ULL, 15239119029ULL, 17098572778ULL, 19184914199ULL, 21525827776ULL,
		24152376009ULL, 27099411597ULL, 30406039913ULL, 34116137904ULL, 38278936318ULL,
		42949672960ULL,
	};
	u64 factor = 1, divisor = 1, value;
	u32 whole, rest;

	for (; level < 0; level += 20000)
		divisor *= 10;
	for (; level >= 20000; level -= 20000)
		factor *= 10;
	whole = level / 1000;
	rest = level % 1000;
	value = steps[whole] + div_u64((steps[whole + 1] - steps[whole]) * rest, 1000);

	return div64_u64(value * factor, divisor) >> (32 - bits);
}

/* How far a phase goes in a scan, of 32 bits that are a turn; whole turns do not count. */
static u32 step_of(s64 frequency, u32 rate)
{
	return div_s64(frequency << 32, rate);
}

static void path_set(struct path *path, s64 offset, s32 level, u32 rate)
{
	path->amplitude = level > WORLD_SILENCE ? linear(level, AMPLITUDE_BITS) : 0;
	if (path->amplitude)
		path->step = step_of(offset, rate);
}

static void emitter_tune(struct path *path, const struct emitter *emitter,
			 const struct world_settings *settings, u32 rate)
{
	path_set(path, emitter->frequency - settings->rx_lo, emitter_level(settings, emitter, rate),
		 rate);
	path->tone_step = step_of(emitter->tone, rate);
	path->deviation = step_of(emitter->deviation, rate);
	path->depth = BIT(SAMPLE_BITS) * emitter->depth / 100;
}

static void loop_tune(struct path *path, unsigned int chain, const struct world_settings *settings,
		      u32 rate)
{
	s64 offset = settings->tx_lo - settings->rx_lo;
	s32 level = settings->tx_gain[chain] - LOOP_LOSS;

	if (settings->tx_port != WORLD_PORT)
		level -= PORT_LOSS;
	level = level_received(settings, offset, level, rate);
	path_set(path, offset, settings->tx_off ? WORLD_SILENCE : level, rate);
}

/*
 * Which scan of the DAC is heard at a time of the ADC. It is counted from one to the next, so that
 * none is left out or heard twice because times are rounded, and looked for anew if that is not
 * where the DAC was.
 */
static void heard_tune(struct world *world, const struct world_time *time,
		       const struct world_time *played)
{
	s64 ns = ktime_to_ns(ktime_sub(time->time, played->time)) - WORLD_LOOP_NS;
	u64 scan;

	if (!time->paced || !played->paced || abs(ns) > LOOP_MAX_NS) {
		world->heard_first = 0;
		world->heard_end = 0;
		return;
	}
	scan = played->scan + div_s64(ns * played->rate, NSEC_PER_SEC);
	if (abs((s64)(scan - world->heard)) > 2) {
		world->heard = scan;
		world->heard_fraction = 0;
	}
	world->heard_step = div_u64((u64)played->rate << 32, time->rate);
}

/* Phases go on in scans that nobody had. */
static void scans_skip(struct world *world, u64 scan)
{
	u64 skipped = scan - world->scan;

	/* A scan that is in two pieces of memory is there already; another run begins with 0. */
	if (scan + 1 == world->scan)
		return;
	if (scan > world->scan) {
		for (unsigned int i = 0; i < ARRAY_SIZE(world->path); i++)
			world->path[i].phase += skipped * world->path[i].step;
		for (unsigned int i = 0; i < ARRAY_SIZE(world->loop); i++)
			world->loop[i].phase += skipped * world->loop[i].step;
	}
	world->scan = scan;
}

void world_tune(struct world *world, const struct world_time *time)
{
	struct world_settings settings;
	struct world_time played;

	scoped_guard(spinlock_irqsave, &world->lock)
	{
		settings = world->settings;
		played = world->played;
		world->heard_first = world->played_first;
		world->heard_end = world->played_end;
	}
	scans_skip(world, time->scan);
	for (unsigned int i = 0; i < ARRAY_SIZE(emitters); i++)
		emitter_tune(&world->path[i], &emitters[i], &settings, time->rate);
	for (unsigned int i = 0; i < WORLD_CHAINS; i++) {
		loop_tune(&world->loop[i], i, &settings, time->rate);
		world->gain[i] = linear(gain_of(&settings, i, time->rate) * 1000, GAIN_BITS);
	}
	heard_tune(world, time, &played);
}

struct sum {
	s64 i;
	s64 q;
};

static s64 sine_of(const struct world *world, u32 phase)
{
	return world->sine[phase >> (32 - SINE_BITS)];
}

static s64 cosine_of(const struct world *world, u32 phase)
{
	return sine_of(world, phase + BIT(30));
}

/* Adds the next sample of an emitter. */
static void path_add(const struct world *world, struct path *path, struct sum *sum)
{
	s64 amplitude = path->amplitude;
	u32 step = path->step;

	if (path->depth | path->deviation) {
		s64 tone = sine_of(world, path->tone_phase);

		path->tone_phase += path->tone_step;
		amplitude += amplitude * (path->depth * tone >> SAMPLE_BITS) >> SAMPLE_BITS;
		step += path->deviation * tone >> SAMPLE_BITS;
	}
	sum->i += amplitude * cosine_of(world, path->phase);
	sum->q += amplitude * sine_of(world, path->phase);
	path->phase += step;
}

static bool is_heard(const struct world *world, const struct path *path)
{
	return path->amplitude && world->heard >= world->heard_first &&
	       world->heard < world->heard_end;
}

/* Adds the next sample of the DAC. */
static void loop_add(const struct world *world, unsigned int chain, struct sum *sum)
{
	const struct path *path = &world->loop[chain];
	const s16 *sample = &world->sample[world->heard % PLAYED_SIZE][2 * chain];
	s64 cosine = cosine_of(world, path->phase);
	s64 sine = sine_of(world, path->phase);

	sum->i += (s64)path->amplitude * ((sample[0] * cosine - sample[1] * sine) >> SAMPLE_BITS);
	sum->q += (s64)path->amplitude * ((sample[0] * sine + sample[1] * cosine) >> SAMPLE_BITS);
}

static u32 random_next(struct world *world)
{
	u32 random = world->random;

	random ^= random << 13;
	random ^= random >> 17;
	random ^= random << 5;
	world->random = random;

	return random;
}

/* A sample of the ADC; @random: 16 random bits */
static s16 sample_of(s64 sum, u64 gain, u32 random)
{
	s32 noise = (s32)(random & 0xff) + (s32)(random >> 8 & 0xff) - 255;
	s64 sample = (sum >> SAMPLE_BITS) * (s64)gain >>
		     (AMPLITUDE_BITS + GAIN_BITS - SAMPLE_BITS - NOISE_BITS);

	sample += noise * NOISE_FACTOR + (1 << (NOISE_BITS - 1));

	return clamp_t(s64, sample >> NOISE_BITS, S16_MIN, S16_MAX);
}

static void heard_next(struct world *world)
{
	u64 step = world->heard_step + world->heard_fraction;

	world->heard += step >> 32;
	world->heard_fraction = step;
	for (unsigned int i = 0; i < WORLD_CHAINS; i++)
		world->loop[i].phase += world->loop[i].step;
}

void world_receive(void *generator, s16 *to, size_t scans, unsigned int mask)
{
	struct world *world = generator;
	struct path *active[ARRAY_SIZE(emitters)];
	unsigned int count = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(emitters); i++)
		if (world->path[i].amplitude)
			active[count++] = &world->path[i];
	for (size_t n = 0; n < scans; n++) {
		struct sum common = {};

		for (unsigned int i = 0; i < count; i++)
			path_add(world, active[i], &common);
		for (unsigned int i = 0; mask >> 2 * i; i++) {
			struct sum sum = common;
			u32 random = random_next(world);

			if (is_heard(world, &world->loop[i]))
				loop_add(world, i, &sum);
			if (mask & BIT(2 * i))
				*to++ = sample_of(sum.i, world->gain[i], random);
			if (mask & BIT(2 * i + 1))
				*to++ = sample_of(sum.q, world->gain[i], random >> 16);
		}
		heard_next(world);
	}
	world->scan += scans;
}

void world_transmit(struct world *world, const struct world_time *time, unsigned int mask,
		    unsigned int position, const s16 *from, size_t samples)
{
	unsigned int channel[IIOSIM_MAX_CHANNELS], channels = 0;
	u64 scan = time->scan;
	bool follows;

	for (unsigned int i = 0; i < IIOSIM_MAX_CHANNELS; i++)
		if (mask & BIT(i))
			channel[channels++] = i;
	/* What was played before a gap is forgotten. */
	follows = scan == world->played_end || (position && scan + 1 == world->played_end);
	while (samples) {
		s16 *to = world->sample[scan % PLAYED_SIZE];

		if (!position)
			memset(to, 0, sizeof(world->sample[0]));
		for (; position < channels && samples; position++, samples--)
			to[channel[position]] = *from++;
		position = 0;
		scan++;
	}
	guard(spinlock_irqsave)(&world->lock);
	world->played = *time;
	if (!follows)
		world->played_first = time->scan;
	world->played_end = scan;
	if (scan - world->played_first > PLAYED_SIZE)
		world->played_first = scan - PLAYED_SIZE;
}
