// SPDX-License-Identifier: GPL-2.0-or-later
#include "scope.h"

#include <stdlib.h>
#include <string.h>

/* Ten times as many bins as a terminal has columns, and hardly a millisecond for each. */
#define FFT_SIZE    2048
#define WINDOWS_MAX 32

struct scope {
	struct datatype_layout layout;
	size_t scan_size;
	unsigned int channel;
	struct spectrum *spectrum;
	float *db;
	float complex *values;
	uint8_t *window; /* scans of a transform that is not complete */
	size_t window_used;
	size_t windows;
	bool clips;
};

struct scope *scope_new(const struct datatype_layout *layout)
{
	struct scope *scope = calloc(1, sizeof(*scope));

	if (!scope)
		return NULL;
	scope->layout = *layout;
	scope->scan_size = datatype_size(layout);
	scope->spectrum = spectrum_new(FFT_SIZE, layout->datatype.is_complex);
	scope->db = calloc(FFT_SIZE, sizeof(*scope->db));
	scope->values = calloc(FFT_SIZE, sizeof(*scope->values));
	scope->window = calloc(FFT_SIZE, scope->scan_size);
	if (!scope->spectrum || !scope->db || !scope->values || !scope->window) {
		scope_free(scope);
		return NULL;
	}
	return scope;
}

void scope_free(struct scope *scope)
{
	if (!scope)
		return;
	spectrum_free(scope->spectrum);
	free(scope->db);
	free(scope->values);
	free(scope->window);
	free(scope);
}

static void look_at_window(struct scope *scope)
{
	samples_convert(&scope->layout, scope->channel, scope->window, FFT_SIZE, scope->values);
	scope->clips =
		scope->clips || samples_at_full_scale(&scope->layout, scope->values, FFT_SIZE);
	spectrum_add(scope->spectrum, scope->values);
	scope->windows++;
}

void scope_take(struct scope *scope, const uint8_t *scans, size_t size)
{
	const size_t all = FFT_SIZE * scope->scan_size;

	while (size > 0 && !scope_is_full(scope)) {
		const size_t room = all - scope->window_used;
		const size_t part = size < room ? size : room;

		memcpy(scope->window + scope->window_used, scans, part);
		scope->window_used += part;
		scans += part;
		size -= part;
		if (scope->window_used == all) {
			look_at_window(scope);
			scope->window_used = 0;
		}
	}
}

bool scope_is_full(const struct scope *scope)
{
	return scope->windows == WINDOWS_MAX;
}

bool scope_has_seen(const struct scope *scope)
{
	return scope->windows > 0;
}

void scope_look(struct scope *scope, struct scope_view *view)
{
	spectrum_get(scope->spectrum, scope->db);
	view->channel = scope->channel;
	view->channels = scope->layout.channels;
	view->is_complex = scope->layout.datatype.is_complex;
	view->db = scope->db;
	view->bins = spectrum_bins(scope->spectrum);
	spectrum_find_peak(scope->spectrum, scope->db, &view->peak);
	view->noise = spectrum_median(scope->db, view->bins);
	view->level = spectrum_level(scope->spectrum);
	view->clips = scope->clips;
}

/* Samples that were not looked at may be missing before the next ones: no window has both. */
void scope_clear(struct scope *scope)
{
	spectrum_clear(scope->spectrum);
	scope->window_used = 0;
	scope->windows = 0;
	scope->clips = false;
}

void scope_next_channel(struct scope *scope)
{
	scope->channel = (scope->channel + 1) % scope->layout.channels;
	scope_clear(scope);
}
