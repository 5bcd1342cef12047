// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * iiobridge plot as a user calls it: figures, pictures, and what it says about bad input.
 */
#include "host/cmd.h"
#include "host/files/failure.h"
#include "host/files/wav.h"

#include <jansson.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_host_call.h"
#include "test_host_folder.h"

#define RATE 1000000

const char *__lsan_default_suppressions(void);

/* Fontconfig keeps what it knows of fonts for the next picture. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig";
}

static FILE *file_new(const char *name)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	return file;
}

/* A complex tone of 16 bits, whose phase goes on by what is missing before a sample. */
static void write_tone(const char *name, size_t count, double frequency, size_t at, size_t missing)
{
	FILE *file = file_new(name);

	for (size_t i = 0; i < count; i++) {
		const double phase =
			2 * M_PI * fmod(frequency * (double)(i + (i >= at ? missing : 0)), 1);
		const int16_t sample[] = { (int16_t)lround(16384 * cos(phase)),
					   (int16_t)lround(16384 * sin(phase)) };

		fwrite(sample, sizeof(sample), 1, file);
	}
	fclose(file);
}

/* A WAV file: its header, and another file behind it. */
static void write_wav(const char *name, const char *datatype, unsigned int channels, uint64_t size,
		      const char *samples)
{
	struct datatype_layout layout = { .channels = channels };
	FILE *file = file_new(name), *from = fopen(samples, "r");
	uint8_t header[WAV_HEADER_SIZE];
	struct failure failure;
	struct wav wav;
	int byte;

	assert_non_null(from);
	assert_int_equal(datatype_parse(datatype, &layout.datatype), 0);
	assert_int_equal(wav_init(&wav, &layout, RATE * UINT64_C(1000), &failure), 0);
	wav.size = size;
	wav_format(&wav, header);
	fwrite(header, sizeof(header), 1, file);
	while ((byte = fgetc(from)) != EOF)
		fputc(byte, file);
	fclose(from);
	fclose(file);
}

/* Changes what a header says that a sample of all channels takes, bytes. */
static void set_frame_size(const char *name, int size)
{
	FILE *file = fopen(name, "r+");

	assert_non_null(file);
	assert_int_equal(fseek(file, 68, SEEK_SET), 0);
	assert_int_equal(fputc(size, file), size);
	fclose(file);
}

static int plot(const char *line)
{
	return call(cmd_plot, line);
}

static json_t *figures(const char *line)
{
	json_t *root;

	if (plot(line) != STATUS_OK)
		fail_msg("%s: %s", line, said);
	root = json_loads(printed, 0, NULL);
	if (!root)
		fail_msg("no JSON: %s", printed);
	return root;
}

static double figure(const json_t *root, size_t channel, const char *key)
{
	const json_t *channels = json_object_get(root, "channels");

	return json_number_value(json_object_get(json_array_get(channels, channel), key));
}

static void the_peak_is_the_tone(void **state)
{
	json_t *root;

	(void)state;
	write_tone("tone", 300000, -0.123456, 0, 0);
	root = figures("plot --json --format ci16_le --sample-rate 1M tone");
	assert_float_equal(figure(root, 0, "peak_frequency"), -123456,
			   json_number_value(json_object_get(root, "bin_width")));
	assert_float_equal(figure(root, 0, "peak_dbfs"), -6.02, 0.1);
	assert_float_equal(figure(root, 0, "level_dbfs"), -6.02, 0.1);
	assert_true(figure(root, 0, "noise_dbfs") < -90);
	assert_int_equal(json_integer_value(json_object_get(root, "samples")), 300000);
	json_decref(root);
	/* Only figures: nothing was drawn. */
	assert_int_equal(access("tone.png", F_OK), -1);
}

/* Of 12 bits in 16, full scale is 24 dB lower. */
static void full_scale_is_that_of_the_valid_bits(void **state)
{
	FILE *file = file_new("twelve");
	json_t *root;

	(void)state;
	for (size_t i = 0; i < 10000; i++) {
		const int16_t sample = (int16_t)lround(2000 * sin(0.3 * (double)i));

		fwrite(&sample, sizeof(sample), 1, file);
	}
	fclose(file);
	root = figures("plot --json --format ri16_le --bits 12 twelve");
	assert_float_equal(figure(root, 0, "peak_dbfs"), 20 * log10(2000.0 / 2048), 0.1);
	json_decref(root);
	root = figures("plot --json --format ri16_le twelve");
	assert_float_equal(figure(root, 0, "peak_dbfs"), 20 * log10(2000.0 / 32768), 0.1);
	json_decref(root);
}

/* A recording says it by itself, and a converter that clips is seen. */
static void full_scale_of_a_recording_is_that_of_its_valid_bits(void **state)
{
	FILE *meta = file_new("valid.sigmf-meta"), *data = file_new("valid.sigmf-data");
	json_t *root;

	(void)state;
	fprintf(meta,
		"{ \"global\": { \"core:datatype\": \"ri16_le\", \"core:version\": \"1.2.5\", "
		"\"iiobridge:valid_bits\": 12, \"iiobridge:shift\": 4 }, \"captures\": [], "
		"\"annotations\": [] }\n");
	fclose(meta);
	for (size_t i = 0; i < 10000; i++) {
		const double value = fmin(3000 * sin(0.3 * (double)i), 2047);
		const int16_t sample = (int16_t)(lround(fmax(value, -2048)) * 16);

		fwrite(&sample, sizeof(sample), 1, data);
	}
	fclose(data);
	root = figures("plot --json valid.sigmf-meta");
	assert_true(figure(root, 0, "peak_dbfs") > 0);
	assert_true(json_is_true(json_object_get(
		json_array_get(json_object_get(root, "channels"), 0), "reaches_full_scale")));
	json_decref(root);
}

static void each_channel_has_its_peak(void **state)
{
	FILE *file = file_new("three");
	json_t *root;

	(void)state;
	for (size_t i = 0; i < 20000; i++)
		for (int k = 1; k <= 3; k++)
			fputc((int)lround(128 + 100 * sin(2 * M_PI * 0.1 * k * (double)i)), file);
	fclose(file);
	root = figures("plot --json --format ru8 --channels 3 --sample-rate 1000 three");
	for (size_t k = 0; k < 3; k++)
		assert_float_equal(figure(root, k, "peak_frequency"), 100 * (double)(k + 1), 2);
	json_decref(root);
}

static void write_metadata(const char *name, const char *captures, const char *annotations)
{
	FILE *file = file_new(name);

	fprintf(file,
		"{ \"global\": { \"core:datatype\": \"ci16_le\", \"core:version\": \"1.2.5\", "
		"\"core:sample_rate\": 1e6 }, \"captures\": [ %s ], \"annotations\": [ %s ] }\n",
		captures, annotations);
	fclose(file);
}

/* A transform over the jump of the phase would smear the tone. */
static void gaps_are_not_transformed(void **state)
{
	const json_t *gap;
	json_t *root;

	(void)state;
	write_tone("gap.sigmf-data", 100000, 0.1, 40000, 33);
	write_metadata("gap.sigmf-meta",
		       "{ \"core:sample_start\": 0 }, { \"core:sample_start\": 40000, "
		       "\"core:global_index\": 40033 }",
		       "{ \"core:sample_start\": 40000, \"core:label\": \"gap\" }");
	root = figures("plot --json gap.sigmf-meta");
	assert_true(figure(root, 0, "noise_dbfs") < -100);
	assert_float_equal(figure(root, 0, "peak_frequency"), 100000, 100);
	assert_int_equal(json_integer_value(json_object_get(root, "samples_missing")), 33);
	assert_int_equal(json_array_size(json_object_get(root, "gaps")), 1);
	gap = json_array_get(json_object_get(root, "gaps"), 0);
	assert_int_equal(json_integer_value(json_object_get(gap, "sample")), 40000);
	assert_int_equal(json_integer_value(json_object_get(gap, "missing")), 33);
	json_decref(root);
	/* Nobody knows how many. */
	write_metadata("gap.sigmf-meta", "{ \"core:sample_start\": 0 }",
		       "{ \"core:sample_start\": 40000, \"core:label\": \"gap\" }");
	root = figures("plot --json gap.sigmf-meta");
	gap = json_array_get(json_object_get(root, "gaps"), 0);
	assert_int_equal(json_integer_value(json_object_get(gap, "sample")), 40000);
	assert_true(json_is_null(json_object_get(gap, "missing")));
	json_decref(root);
	/* The same samples, as if nothing was missing. */
	write_metadata("gap.sigmf-meta", "{ \"core:sample_start\": 0 }", "");
	root = figures("plot --json gap.sigmf-data");
	assert_int_equal(json_array_size(json_object_get(root, "gaps")), 0);
	json_decref(root);
}

static void assert_picture(const char *name)
{
	static const char signature[] = "\x89PNG\r\n\x1a\n";
	char begin[sizeof(signature) - 1];
	FILE *file = fopen(name, "r");

	assert_non_null(file);
	assert_int_equal(fread(begin, 1, sizeof(begin), file), sizeof(begin));
	fclose(file);
	assert_memory_equal(begin, signature, sizeof(begin));
	assert_int_equal(remove(name), 0);
}

/* The same samples have the same figures, to the last digit. */
static void assert_same_figures(const char *one, const char *other)
{
	char wanted[sizeof(printed)];

	assert_int_equal(plot(other), STATUS_OK);
	memcpy(wanted, printed, sizeof(wanted));
	assert_int_equal(plot(one), STATUS_OK);
	assert_string_equal(printed, wanted);
	assert_string_equal(said, "");
}

static void a_wav_file_says_what_it_is(void **state)
{
	const uint64_t size = UINT64_C(4) * 30000;
	json_t *root;

	(void)state;
	write_tone("tone", 30000, -0.123, 0, 0);
	write_wav("tone.wav", "ci16_le", 1, size, "tone");
	assert_same_figures("plot --json tone.wav",
			    "plot --json --format ci16_le --sample-rate 1M tone");
	assert_same_figures("plot --json --real --sample-rate 7 tone.wav",
			    "plot --json --format ri16_le --channels 2 --sample-rate 7 tone");
	/* Only two channels are taken for I and Q. */
	write_wav("tone.wav", "ri16_le", 4, WAV_SIZE_UNKNOWN, "tone");
	assert_same_figures("plot --json --complex --bits 15 tone.wav",
			    "plot --json --format ci16_le --channels 2 --bits 15 --sample-rate 1M "
			    "tone");
	assert_same_figures("plot --json tone.wav",
			    "plot --json --format ri16_le --channels 4 --sample-rate 1M tone");
	assert_int_equal(plot("plot tone.wav"), STATUS_OK);
	assert_picture("tone.png");
	/* Raw samples can have any name. */
	assert_int_equal(rename("tone", "tone.wav"), 0);
	root = figures("plot --json --format ci16_le tone.wav");
	assert_int_equal(json_integer_value(json_object_get(root, "samples")), 30000);
	json_decref(root);
}

static void the_samples_of_a_wav_file_end_where_it_says(void **state)
{
	json_t *root;

	(void)state;
	write_tone("tone", 2000, 0.1, 1000, 7);
	write_wav("tone.wav", "ci16_le", 1, UINT64_C(4) * 1000, "tone");
	root = figures("plot --json tone.wav");
	assert_int_equal(json_integer_value(json_object_get(root, "samples")), 1000);
	json_decref(root);
	assert_string_equal(said, "");
	/* One of 4 GiB, RF64, of which the first samples are left. */
	write_wav("tone.wav", "ci16_le", 1, UINT64_C(1) << 32, "tone");
	root = figures("plot --json tone.wav");
	assert_int_equal(json_integer_value(json_object_get(root, "samples")), 2000);
	json_decref(root);
	assert_string_equal(said, "iiobridge: tone.wav ends 4294959296 bytes before its header "
				  "says\n");
}

static void pictures_are_beside_what_they_show(void **state)
{
	(void)state;
	write_tone("tone.raw", 20000, 0.1, 0, 0);
	assert_int_equal(plot("plot --format ci16_le --sample-rate 1M tone.raw"), STATUS_OK);
	assert_string_equal(printed, "tone.png: peak 100.0 kHz, -6.0 dBFS\n");
	assert_string_equal(said, "");
	assert_picture("tone.png");
	assert_int_equal(plot("plot --format ci16_le -o other tone.raw"), STATUS_OK);
	assert_string_equal(printed, "other: peak 0.1000 of the sample rate, -6.0 dBFS\n");
	assert_picture("other");
}

/* Short, silent, full of gaps, of many channels: all have a picture. */
static void whatever_is_recorded_can_be_drawn(void **state)
{
	char captures[4096] = "{ \"core:sample_start\": 0 }", line[64];
	size_t used = strlen(captures);

	(void)state;
	for (size_t count = 1; count < 20; count += 3) {
		write_tone("short", count, 0.1, 0, 0);
		snprintf(line, sizeof(line), "plot --format %s short",
			 count % 2 ? "ci16_le" : "ri16_le");
		assert_int_equal(plot(line), STATUS_OK);
		assert_picture("short.png");
	}
	fclose(file_new("zeros"));
	assert_int_equal(truncate("zeros", 1000000), 0);
	assert_int_equal(plot("plot --format ci16_le zeros"), STATUS_OK);
	assert_string_equal(printed, "zeros.png: all samples are 0\n");
	assert_picture("zeros.png");
	assert_int_equal(plot("plot --format ri16_le --channels 40 zeros"), STATUS_OK);
	assert_picture("zeros.png");
	for (int i = 1; i < 40; i++)
		used += (size_t)snprintf(captures + used, sizeof(captures) - used,
					 ", { \"core:sample_start\": %d, \"core:global_index\": "
					 "%d }",
					 i * 10, i * 100000);
	write_tone("gaps.sigmf-data", 400, 0.1, 0, 0);
	write_metadata("gaps.sigmf-meta", captures, "");
	assert_int_equal(plot("plot gaps.sigmf-data"), STATUS_OK);
	assert_picture("gaps.png");
}

static void refused(const char *line, int status, const char *message)
{
	assert_int_equal(plot(line), status);
	if (!strstr(said, message))
		fail_msg("%s: \"%s\" is not in: %s", line, message, said);
}

static void what_cannot_be_drawn_is_told(void **state)
{
	(void)state;
	write_tone("tone", 1000, 0.1, 0, 0);
	fclose(file_new("empty"));
	refused("plot", STATUS_USAGE, "which FILE?");
	refused("plot a b", STATUS_USAGE, "one FILE at a time: there is also \"b\"");
	refused("plot tone", STATUS_USAGE, "tone has no metadata: say with --format");
	refused("plot --format c16 tone", STATUS_USAGE, "--format \"c16\": accepted is");
	refused("plot --complex tone.sigmf-meta", STATUS_USAGE, "are about WAV files");
	refused("plot --real --format ci16_le tone.wav", STATUS_USAGE, "are about WAV files");
	refused("plot --real --complex tone.wav", STATUS_USAGE, "exclude each other");
	write_wav("tone.wav", "ri16_le", 3, 12, "tone");
	refused("plot --complex tone.wav", STATUS_USAGE,
		"--complex: tone.wav has 3 channels, which cannot be paired");
	write_wav("tone.wav", "ri16_le", 1, 0, "empty");
	refused("plot tone.wav", STATUS_USAGE, "tone.wav holds no whole sample");
	write_wav("tone.wav", "ri16_le", 1, 2, "tone");
	set_frame_size("tone.wav", 3);
	refused("plot tone.wav", STATUS_FILE, "tone.wav has values of 24 bits: integers of 8");
	assert_int_equal(rename("tone", "tone.wav"), 0);
	refused("plot tone.wav", STATUS_FILE, "tone.wav: it is no WAV file");
	assert_int_equal(rename("tone.wav", "tone"), 0);
	refused("plot --channels 2 tone", STATUS_USAGE, "it needs --format");
	refused("plot --channels 0 tone", STATUS_USAGE, "accepted is a number from 1 to 1024");
	refused("plot --format ci16_le --bits 17 tone", STATUS_USAGE, "have 16 bits");
	refused("plot --format ci16_le --fft-size 1001 tone", STATUS_USAGE, "has 1000 samples");
	refused("plot --format ci16_le empty", STATUS_USAGE, "empty holds no whole sample");
	refused("plot --format ci16_le none", STATUS_FILE,
		"none cannot be opened for reading: No such file");
	refused("plot --format ci16_le .", STATUS_USAGE, "is no file");
	refused("plot none.sigmf-meta", STATUS_FILE, "none.sigmf-meta cannot be opened");
	refused("plot --format ci16_le -o none/x.png tone", STATUS_FILE,
		"none/x.png cannot be written: No such file");
}

static int remove_files(void **state)
{
	static const char *const files[] = {
		"tone",
		"twelve",
		"three",
		"gap.sigmf-data",
		"gap.sigmf-meta",
		"tone.raw",
		"short",
		"zeros",
		"gaps.sigmf-data",
		"gaps.sigmf-meta",
		"empty",
		"tone.wav",
		"valid.sigmf-data",
		"valid.sigmf-meta",
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		remove(files[i]);
	return leave_folder(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_peak_is_the_tone),
		cmocka_unit_test(full_scale_is_that_of_the_valid_bits),
		cmocka_unit_test(full_scale_of_a_recording_is_that_of_its_valid_bits),
		cmocka_unit_test(each_channel_has_its_peak),
		cmocka_unit_test(gaps_are_not_transformed),
		cmocka_unit_test(a_wav_file_says_what_it_is),
		cmocka_unit_test(the_samples_of_a_wav_file_end_where_it_says),
		cmocka_unit_test(pictures_are_beside_what_they_show),
		cmocka_unit_test(whatever_is_recorded_can_be_drawn),
		cmocka_unit_test(what_cannot_be_drawn_is_told),
	};

	return cmocka_run_group_tests(tests, enter_folder, remove_files);
}
