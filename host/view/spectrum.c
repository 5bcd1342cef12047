// SPDX-License-Identifier: GPL-2.0-or-later
#include "spectrum.h"

/* After complex.h, so that its numbers are C's. */
#include <fftw3.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct spectrum {
	size_t size;
	size_t bins;
	bool is_complex;
	float *window; /* scaled: its sum is 1 */
	float complex *data;
	float *power; /* of each bin: of the last samples, */
	double *sum;  /* of all samples, */
	float *db;    /* and their mean as a level */
	double energy;
	size_t count;
	bool clips;
	fftwf_plan plan;
};

static void fill_window(float *window, size_t size)
{
	static const double terms[] = { 0.35875, -0.48829, 0.14128, -0.01168 };
	double sum = 0;

	for (size_t i = 0; i < size; i++) {
		double value = 0;

		for (size_t k = 0; k < sizeof(terms) / sizeof(terms[0]); k++)
			value += terms[k] * cos(2 * M_PI * (double)k * (double)i / (double)size);
		window[i] = (float)value;
		sum += value;
	}
	for (size_t i = 0; i < size; i++)
		window[i] = (float)(window[i] / sum);
}

struct spectrum *spectrum_new(size_t size, bool is_complex)
{
	struct spectrum *spectrum = calloc(1, sizeof(*spectrum));

	if (!spectrum)
		return NULL;
	spectrum->size = size;
	spectrum->is_complex = is_complex;
	spectrum->bins = is_complex ? size : size / 2 + 1;
	spectrum->window = calloc(size, sizeof(*spectrum->window));
	spectrum->power = calloc(spectrum->bins, sizeof(*spectrum->power));
	spectrum->sum = calloc(spectrum->bins, sizeof(*spectrum->sum));
	spectrum->db = calloc(spectrum->bins, sizeof(*spectrum->db));
	spectrum->data = fftwf_alloc_complex(size);
	/* Measuring plans would take longer than the few thousand transforms that there are. */
	if (spectrum->data)
		spectrum->plan = fftwf_plan_dft_1d((int)size, spectrum->data, spectrum->data,
						   FFTW_FORWARD, FFTW_ESTIMATE);
	if (!spectrum->window || !spectrum->power || !spectrum->sum || !spectrum->db ||
	    !spectrum->plan) {
		spectrum_free(spectrum);
		return NULL;
	}
	fill_window(spectrum->window, size);
	return spectrum;
}

void spectrum_free(struct spectrum *spectrum)
{
	if (!spectrum)
		return;
	if (spectrum->plan)
		fftwf_destroy_plan(spectrum->plan);
	fftwf_free(spectrum->data);
	free(spectrum->window);
	free(spectrum->power);
	free(spectrum->sum);
	free(spectrum->db);
	free(spectrum);
}

/* Of a real tone half of the amplitude, a quarter of the power, is at the negative frequency. */
static float one_sided(const struct spectrum *spectrum, size_t bin)
{
	if (spectrum->is_complex || bin == 0 || 2 * bin == spectrum->size)
		return 1;
	return 4;
}

const float *spectrum_add(struct spectrum *spectrum, const float complex *samples)
{
	/* The transform begins with frequency 0; the negative ones are its second half. */
	const size_t first = spectrum->is_complex ? spectrum->size - spectrum->size / 2 : 0;

	for (size_t i = 0; i < spectrum->size; i++) {
		const float re = crealf(samples[i]), im = cimagf(samples[i]);

		spectrum->energy += (double)(re * re + im * im);
		spectrum->data[i] = samples[i] * spectrum->window[i];
	}
	fftwf_execute(spectrum->plan);
	for (size_t i = 0; i < spectrum->bins; i++) {
		const size_t turned = first + i;
		const float complex value =
			spectrum->data[turned < spectrum->size ? turned : turned - spectrum->size];
		const float re = crealf(value), im = cimagf(value);

		spectrum->power[i] = one_sided(spectrum, i) * (re * re + im * im);
		spectrum->sum[i] += (double)spectrum->power[i];
	}
	spectrum->count++;
	return spectrum->power;
}

const float *spectrum_add_channel(struct spectrum *spectrum, const struct datatype_layout *layout,
				  unsigned int channel, const void *samples)
{
	if (samples_convert(layout, channel, samples, spectrum->size, spectrum->data) < 0)
		return NULL;
	spectrum->clips =
		spectrum->clips || samples_at_full_scale(layout, spectrum->data, spectrum->size);
	return spectrum_add(spectrum, spectrum->data);
}

void spectrum_clear(struct spectrum *spectrum)
{
	memset(spectrum->sum, 0, spectrum->bins * sizeof(*spectrum->sum));
	spectrum->energy = 0;
	spectrum->count = 0;
	spectrum->clips = false;
}

float spectrum_db(float power)
{
	const float db = 10 * log10f(power);

	return db > SPECTRUM_FLOOR_DB ? db : SPECTRUM_FLOOR_DB;
}

static void average(struct spectrum *spectrum)
{
	const double count = spectrum->count ? (double)spectrum->count : 1;

	for (size_t i = 0; i < spectrum->bins; i++)
		spectrum->db[i] = spectrum_db((float)(spectrum->sum[i] / count));
}

/* The level of all samples. */
static float level_of(const struct spectrum *spectrum)
{
	const double samples = (double)spectrum->count * (double)spectrum->size;
	/* The mean power of a complex sine of amplitude 1 is 1, that of a real one a half. */
	const double full = spectrum->is_complex ? 1 : 0.5;

	return samples > 0 ? spectrum_db((float)(spectrum->energy / samples / full))
			   : SPECTRUM_FLOOR_DB;
}

/* The bin beside another: the spectrum of complex samples is a circle, that of real ones mirrored.
 */
static float beside(const struct spectrum *spectrum, size_t bin, int step)
{
	const size_t last = spectrum->bins - 1;
	const float *db = spectrum->db;

	if (step < 0 && bin == 0)
		return db[spectrum->is_complex || last == 0 ? last : 1];
	if (step > 0 && bin == last)
		return db[spectrum->is_complex || last == 0 ? 0 : last - 1];
	return db[step < 0 ? bin - 1 : bin + 1];
}

static void find_peak(const struct spectrum *spectrum, struct spectrum_figures *figures)
{
	const float *db = spectrum->db;
	float before, behind, curvature, offset = 0;
	size_t best = 0;

	for (size_t i = 1; i < spectrum->bins; i++)
		best = db[i] > db[best] ? i : best;
	before = beside(spectrum, best, -1);
	behind = beside(spectrum, best, 1);
	curvature = before - 2 * db[best] + behind;
	if (curvature < 0)
		offset = (before - behind) / (2 * curvature);
	figures->has_peak = db[best] > SPECTRUM_FLOOR_DB;
	figures->peak_frequency =
		figures->lowest + ((double)best + (double)offset) * figures->bin_width;
	figures->peak = (double)(db[best] - (before - behind) * offset / 4);
}

static int compare(const void *one, const void *other)
{
	const float a = *(const float *)one, b = *(const float *)other;

	return (a > b) - (a < b);
}

/* Half of the bins are below it: noise, where tones are few. */
static float median_of(const float *db, size_t count)
{
	float *sorted = malloc(count * sizeof(*sorted));
	float median;

	if (!sorted)
		return SPECTRUM_FLOOR_DB;
	memcpy(sorted, db, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare);
	median = sorted[count / 2];
	free(sorted);
	return median;
}

void spectrum_look(struct spectrum *spectrum, struct spectrum_figures *figures)
{
	const size_t below = spectrum->is_complex ? spectrum->size / 2 : 0;

	average(spectrum);
	*figures = (struct spectrum_figures){
		.db = spectrum->db,
		.bins = spectrum->bins,
		.lowest = -(double)below / (double)spectrum->size,
		.bin_width = 1 / (double)spectrum->size,
		.transforms = spectrum->count,
		.level = (double)level_of(spectrum),
		.noise = (double)median_of(spectrum->db, spectrum->bins),
		.clips = spectrum->clips,
	};
	find_peak(spectrum, figures);
}

const char *spectrum_format_peak(const struct spectrum_figures *figures, double sample_rate,
				 char text[CHART_VALUE_SIZE])
{
	const double scale = sample_rate > 0 ? sample_rate : 1;

	return quantity_format(figures->peak_frequency * scale, figures->bin_width * scale / 10,
			       sample_rate > 0 ? "Hz" : "", text);
}

static json_t *known_number(bool known, double value)
{
	return known ? json_real(value) : json_null();
}

json_t *spectrum_describe(const struct spectrum_figures *figures, double sample_rate)
{
	const double scale = sample_rate > 0 ? sample_rate : 1;
	const bool exists = figures->has_peak;

	return json_pack("{s:o, s:o, s:o, s:o, s:b}", "peak_frequency",
			 known_number(exists, figures->peak_frequency * scale), "peak_dbfs",
			 known_number(exists, figures->peak), "level_dbfs",
			 known_number(exists, figures->level), "noise_dbfs",
			 known_number(exists, figures->noise), "reaches_full_scale",
			 figures->clips);
}
