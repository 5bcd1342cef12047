// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bitops.h>
#include <linux/fixp-arith.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "signal.h"

#define SINE_BITS 12
#define SINE_SIZE BIT(SINE_BITS)

/*
 * The noise of a channel is the sum of two random bytes: a triangle from -255 to 255, whose root
 * mean square is 104.5.
 */
#define NOISE_SHIFT	 16
#define NOISE_SCALE(rms) ((rms) * ((1 << NOISE_SHIFT) * 10 / 1045))

struct signal {
	struct signal_settings settings;
	unsigned int mask;			   /* of the enabled channels */
	unsigned int channel[IIOSIM_MAX_CHANNELS]; /* the enabled ones, in order */
	unsigned int channels;			   /* how many they are */
	u64 scan;				   /* the next one */
	unsigned int position;			   /* in it, in samples */
	s16 partial[IIOSIM_MAX_CHANNELS];	   /* the scan at @position */

	/* Writes whole scans in one go; NULL for the subsets of channels that nothing is fast for
	 */
	void (*fill)(struct signal *signal, void *to, size_t scans);

	u32 phase_step;
	u32 random;
	s32 noise_scale;
	s16 sine[SINE_SIZE];

	u32 expected;
	bool checking; /* @expected is valid */
};

struct signal *signal_alloc(void)
{
	return kvzalloc(sizeof(struct signal), GFP_KERNEL);
}

void signal_free(struct signal *signal)
{
	kvfree(signal);
}

unsigned int signal_scan_bytes(const struct signal *signal)
{
	return signal->channels * sizeof(s16);
}

void signal_seek(struct signal *signal, u64 scan)
{
	signal->scan = scan;
	signal->position = 0;
}

static u16 counter_sample(u32 counter, unsigned int channel)
{
	u32 value = channel & 2 ? ~counter : counter;

	return channel & 1 ? value >> 16 : value;
}

static u32 random_next(struct signal *signal)
{
	u32 random = signal->random;

	random ^= random << 13;
	random ^= random >> 17;
	random ^= random << 5;
	signal->random = random;

	return random;
}

/* A sample of the tone; @random: 16 random bits */
static u16 tone_sample(const struct signal *signal, u32 phase, unsigned int channel, u32 random)
{
	s32 noise = (s32)(random & 0xff) + (s32)(random >> 8 & 0xff) - 255;
	s32 tone;

	/* The cosine is a quarter of a turn ahead. */
	if (!(channel & 1))
		phase += BIT(30);
	tone = signal->sine[phase >> (32 - SINE_BITS)];

	return clamp(tone + (noise * signal->noise_scale >> NOISE_SHIFT), S16_MIN, S16_MAX);
}

static void counter_fill_2(struct signal *signal, void *to, size_t scans)
{
	u32 *word = to;
	u32 counter = signal->scan;

	for (size_t i = 0; i < scans; i++)
		word[i] = counter++;
}

static void counter_fill_4(struct signal *signal, void *to, size_t scans)
{
	u64 *word = to;
	u32 counter = signal->scan;

	for (size_t i = 0; i < scans; i++, counter++)
		word[i] = counter | (u64)~counter << 32;
}

static u32 tone_pair(struct signal *signal, u32 phase)
{
	u32 random = random_next(signal);

	return tone_sample(signal, phase, 0, random) |
	       (u32)tone_sample(signal, phase, 1, random >> 16) << 16;
}

static void tone_fill_2(struct signal *signal, void *to, size_t scans)
{
	u32 *word = to;
	u32 phase = (u32)signal->scan * signal->phase_step;

	for (size_t i = 0; i < scans; i++, phase += signal->phase_step)
		word[i] = tone_pair(signal, phase);
}

static void tone_fill_4(struct signal *signal, void *to, size_t scans)
{
	u64 *word = to;
	u32 phase = (u32)signal->scan * signal->phase_step;

	for (size_t i = 0; i < scans; i++, phase += signal->phase_step) {
		u64 pair = tone_pair(signal, phase);

		word[i] = pair | (u64)tone_pair(signal, phase) << 32;
	}
}

static void world_fill(struct signal *signal, void *to, size_t scans)
{
	signal->settings.generate(signal->settings.generator, to, scans, signal->mask);
}

static void partial_generate(struct signal *signal)
{
	u32 phase = (u32)signal->scan * signal->phase_step;

	if (signal->settings.pattern == SIGNAL_WORLD) {
		world_fill(signal, signal->partial, 1);
		return;
	}
	for (unsigned int i = 0; i < signal->channels; i++) {
		unsigned int channel = signal->channel[i];

		if (signal->settings.pattern == SIGNAL_COUNTER)
			signal->partial[i] = counter_sample(signal->scan, channel);
		else
			signal->partial[i] =
				tone_sample(signal, phase, channel, random_next(signal));
	}
}

/* Moves on by one sample; returns whether that ended a scan */
static bool position_advance(struct signal *signal)
{
	if (++signal->position < signal->channels)
		return false;
	signal->position = 0;
	signal->scan++;

	return true;
}

void signal_write(struct signal *signal, void *to, size_t bytes)
{
	s16 *sample = to;
	s16 *end = to + bytes;

	while (sample < end) {
		size_t scans = (end - sample) / signal->channels;

		if (signal->fill && scans && !signal->position) {
			signal->fill(signal, sample, scans);
			signal->scan += scans;
			sample += scans * signal->channels;
			continue;
		}
		if (!signal->position)
			partial_generate(signal);
		*sample++ = signal->partial[signal->position];
		position_advance(signal);
	}
}

/* The length 0 of a counter of all 32 bits gives the right one, too. */
static u32 counter_last(const struct signal *signal)
{
	return signal->settings.counter_length - 1;
}

static u32 counter_next(const struct signal *signal, u32 counter)
{
	return counter == counter_last(signal) ? 0 : counter + 1;
}

static u64 check_word(struct signal *signal, u64 scan, u32 found, bool consistent, u32 bits,
		      struct signal_mismatch *mismatch)
{
	bool follows = !signal->checking || !((found ^ signal->expected) & bits);
	bool right = consistent && follows && found <= counter_last(signal);

	if (!right)
		*mismatch = (struct signal_mismatch){
			.scan = scan,
			.expected = signal->expected & bits,
			.found = found & bits,
		};
	if (!right || !signal->checking)
		signal->expected = min(found, counter_last(signal));
	signal->expected = counter_next(signal, signal->expected);
	signal->checking = true;

	return !right;
}

/* The fast way for channels 0 and 1: a scan is the counter itself */
static u64 check_2(struct signal *signal, const u32 *word, size_t scans,
		   struct signal_mismatch *mismatch)
{
	u64 wrong = 0;

	for (size_t i = 0; i < scans; i++) {
		if (unlikely(word[i] != signal->expected || !signal->checking))
			wrong += check_word(signal, signal->scan + i, word[i], true, U32_MAX,
					    mismatch);
		else
			signal->expected = counter_next(signal, signal->expected);
	}

	return wrong;
}

/* Any subset of channels: what the enabled ones tell of the counter */
static u64 check_partial(struct signal *signal, struct signal_mismatch *mismatch)
{
	bool consistent = true;
	u32 found = 0, bits = 0;

	for (unsigned int i = 0; i < signal->channels; i++) {
		unsigned int channel = signal->channel[i];
		unsigned int shift = channel & 1 ? 16 : 0;
		u32 sample = (u16)(channel & 2 ? ~signal->partial[i] : signal->partial[i]);

		if (bits & 0xffffU << shift)
			consistent &= (u16)(found >> shift) == sample;
		bits |= 0xffffU << shift;
		found |= sample << shift;
	}
	/* The high half alone does not move from scan to scan: there is nothing to follow. */
	if (!(bits & 0xffff))
		signal->checking = false;

	return check_word(signal, signal->scan, found, consistent, bits, mismatch);
}

u64 signal_check(struct signal *signal, const void *from, size_t bytes,
		 struct signal_mismatch *mismatch)
{
	bool fast = signal->channels == 2 && signal->channel[0] == 0 && signal->channel[1] == 1;
	const s16 *sample = from;
	const s16 *end = from + bytes;
	u64 wrong = 0;

	while (sample < end) {
		size_t scans = (end - sample) / signal->channels;

		if (fast && scans && !signal->position) {
			wrong += check_2(signal, (const u32 *)sample, scans, mismatch);
			signal->scan += scans;
			sample += scans * signal->channels;
			continue;
		}
		signal->partial[signal->position] = *sample++;
		/* A scan is judged when it is complete, and before the next is counted. */
		if (signal->position == signal->channels - 1)
			wrong += check_partial(signal, mismatch);
		position_advance(signal);
	}

	return wrong;
}

static void sine_make(struct signal *signal)
{
	const u32 turn = 180000; /* what fixp_sin32_rad() is precise and fast enough for */

	for (u32 i = 0; i < SINE_SIZE; i++) {
		s64 sine = fixp_sin32_rad(i * turn / SINE_SIZE, turn);

		signal->sine[i] = (sine * signal->settings.tone_amplitude + BIT(30)) >> 31;
	}
}

void signal_start(struct signal *signal, const struct signal_settings *settings, unsigned int mask)
{
	bool tone = settings->pattern == SIGNAL_TONE;

	signal->settings = *settings;
	signal->mask = mask;
	signal->channels = 0;
	for (unsigned int i = 0; i < IIOSIM_MAX_CHANNELS; i++)
		if (mask & BIT(i))
			signal->channel[signal->channels++] = i;
	switch (mask) {
	case 0x3:
		signal->fill = tone ? tone_fill_2 : counter_fill_2;
		break;
	case 0xf:
		signal->fill = tone ? tone_fill_4 : counter_fill_4;
		break;
	default:
		signal->fill = NULL;
	}
	if (settings->pattern == SIGNAL_WORLD)
		signal->fill = world_fill;
	signal->checking = false;
	signal->random = 0x2545f491;
	signal->noise_scale = NOISE_SCALE(settings->noise_amplitude);
	/* The phase's 32 bits are one turn, and whole turns do not count. */
	signal->phase_step = div_s64((s64)settings->tone_frequency << 32, settings->rate);
	if (tone)
		sine_make(signal);
	signal_seek(signal, 0);
}
