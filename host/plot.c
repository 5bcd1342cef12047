// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"
#include "files/failure.h"
#include "files/recording.h"
#include "files/sample_file.h"
#include "files/sigmf.h"
#include "files/units.h"
#include "options.h"
#include "report.h"
#include "view/analysis.h"
#include "view/picture.h"

#include <jansson.h>

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"Usage: iiobridge plot [OPTION...] FILE\n"
	"\n"
	"Draws a recording: its spectrum, its spectrogram, and its first samples. Where\n"
	"samples are missing, the picture says so.\n"
	"\n"
	"  FILE                    a SigMF recording, a WAV file (NAME.wav), or with\n"
	"                          --format raw samples\n"
	"  -o, --output PICTURE    a PNG file; without it FILE's name with .png\n"
	"      --json              print the figures instead; with -o, draw, too\n"
	"      --format DATATYPE   raw samples: ci16_le, ri16_le, cf32_le, ru8, ...\n"
	"      --channels COUNT    raw samples of so many channels, one after the other\n"
	"      --real, --complex   WAV: each channel for itself, or in pairs of I and Q;\n"
	"                          without both, exactly two channels are a pair\n"
	"      --sample-rate RATE  samples per second: 2.5M\n"
	"      --bits COUNT        valid bits of a value: 12 in values of 16 bits\n"
	"      --fft-size COUNT    samples in a transform: more tell frequencies apart,\n"
	"                          fewer tell moments\n"
	"  -h, --help              show this text\n"
	"\n"
	"Exit status: 0 done, 2 usage error, 9 FILE not read or picture not written.\n";

struct plot {
	const char *command;
	const char *path;
	const char *output;
	bool json;
	bool raw;
	uint64_t channels;
	uint64_t bits;
	uint64_t fft_size;
	struct datatype_layout layout;
	struct sample_file_hints hints;
	struct failure failure;
};

static char *picture_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
	const size_t length =
		dot && dot > (slash ? slash + 1 : path) ? (size_t)(dot - path) : strlen(path);
	char *picture = NULL;

	if (asprintf(&picture, "%.*s.png", (int)length, path) < 0)
		return NULL;
	return picture;
}

/* Of a gap without a length only the place is known. */
static json_t *describe_gap(const struct stretch *behind, uint64_t missing)
{
	return json_pack("{s:o, s:o}", "sample", report_count(true, behind->first), "missing",
			 report_count(missing, missing));
}

static json_t *describe(const struct sample_file_info *info, const struct analysis *analysis)
{
	const double rate = info->sample_rate > 0 ? info->sample_rate : 1;
	const struct timeline *timeline = &analysis->timeline;
	json_t *channels = json_array(), *gaps = json_array();
	char name[DATATYPE_TEXT_SIZE];
	uint64_t end = 0;

	for (unsigned int i = 0; i < analysis->channel_count; i++)
		json_array_append_new(channels, spectrum_describe(&analysis->channels[i].figures,
								  info->sample_rate));
	for (size_t i = 0; i < timeline->count; i++) {
		const struct stretch *stretch = &timeline->stretches[i];

		if (i > 0 || stretch->at > 0)
			json_array_append_new(gaps, describe_gap(stretch, stretch->at - end));
		end = stretch->at + stretch->count;
	}
	return json_pack("{s:s, s:o, s:I, s:i, s:I, s:f, s:I, s:o, s:o}", "datatype",
			 datatype_format(&info->layout.datatype, name), "sample_rate",
			 report_number(info->sample_rate > 0, info->sample_rate), "samples",
			 (json_int_t)info->scans, "fft_size", (int)analysis->fft_size, "transforms",
			 (json_int_t)analysis->channels[0].figures.transforms, "bin_width",
			 rate / (double)analysis->fft_size, "samples_missing",
			 (json_int_t)timeline->lost, "gaps", gaps, "channels", channels);
}

static int print_json(struct plot *plot, const struct sample_file_info *info,
		      const struct analysis *analysis)
{
	if (report_print(describe(info, analysis), stdout, REPORT_LINES) < 0)
		return failure_set(&plot->failure, -ENOMEM, "no memory for the figures");
	return 0;
}

static void tell(const char *picture, const struct sample_file_info *info,
		 const struct analysis *analysis)
{
	const struct spectrum_figures *figures = &analysis->channels[0].figures;
	char frequency[CHART_VALUE_SIZE];

	printf("%s: ", picture);
	if (figures->has_peak)
		printf("peak %s%s, %.1f dBFS",
		       spectrum_format_peak(figures, info->sample_rate, frequency),
		       info->sample_rate > 0 ? "" : " of the sample rate", figures->peak);
	else
		printf("all samples are 0");
	if (analysis->timeline.lost)
		printf(", %" PRIu64 " samples missing", analysis->timeline.lost);
	putchar('\n');
}

static int draw(struct plot *plot, const struct sample_file_info *info,
		const struct analysis *analysis)
{
	char *picture = plot->output ? strdup(plot->output) : picture_of(plot->path);
	char *name = sigmf_base_name(plot->path);
	int r;

	if (picture && name)
		r = picture_write(picture, name, info, analysis, &plot->failure);
	else
		r = failure_set(&plot->failure, -ENOMEM, "no memory for the picture");
	if (r == 0 && !plot->json)
		tell(picture, info, analysis);
	free(picture);
	free(name);
	return r;
}

static int look_and_show(struct plot *plot, struct sample_file *file)
{
	const struct sample_file_info *info = &file->info;
	struct analysis *analysis;
	int r;

	if (info->scans == 0)
		return failure_set(&plot->failure, -EINVAL, "%s holds no whole sample", plot->path);
	if (info->bytes_missing)
		cmd_complain("%s ends %" PRIu64 " bytes before its header says", plot->path,
			     info->bytes_missing);
	r = analysis_new(file, (size_t)plot->fft_size, &plot->failure, &analysis);
	if (r < 0)
		return r;
	if (!plot->json || plot->output)
		r = draw(plot, info, analysis);
	if (r == 0 && plot->json)
		r = print_json(plot, info, analysis);
	analysis_free(analysis);
	return r;
}

static int run(struct plot *plot)
{
	struct sample_file *file;
	int r;

	r = sample_file_open(plot->path,
			     plot->raw ? RECORDING_RAW : recording_format_of(plot->path),
			     &plot->failure, &file);
	if (r == 0) {
		r = sample_file_interpret(file, &plot->hints);
		if (r == 0)
			r = look_and_show(plot, file);
		sample_file_close(file);
	}
	if (r == 0)
		return cmd_finish_output();
	cmd_complain("%s", plot->failure.message);
	if (r == -ENOMEM)
		return STATUS_FAILED;
	return r == -EINVAL ? STATUS_USAGE : STATUS_FILE;
}

/* A number of something, in no unit, up to a limit. */
static int parse_small(struct plot *plot, const char *option, uint64_t most, uint64_t *value)
{
	char accepted[64];
	int status;

	snprintf(accepted, sizeof(accepted), "a number from 1 to %" PRIu64, most);
	status = options_parse_number(plot->command, option, optarg, units_parse_count, accepted,
				      value);
	if (status == STATUS_OK && *value > most)
		status =
			cmd_usage(plot->command, "%s %s: accepted is %s", option, optarg, accepted);
	return status;
}

static int parse_option(struct plot *plot, int option)
{
	uint64_t rate;
	int status;

	switch (option) {
	case 'o':
		plot->output = optarg;
		return STATUS_OK;
	case OPTION_JSON:
		plot->json = true;
		return STATUS_OK;
	case OPTION_FORMAT:
		plot->raw = true;
		if (datatype_parse(optarg, &plot->layout.datatype) == 0)
			return STATUS_OK;
		return cmd_usage(plot->command,
				 "--format \"%s\": accepted is a datatype of SigMF: c or r for "
				 "complex or real, then i8, u8, i16, u16, i32, u32, f32 or f64, "
				 "then _le or _be, such as ci16_le",
				 optarg);
	case OPTION_CHANNELS:
		return parse_small(plot, "--channels", 1024, &plot->channels);
	case OPTION_BITS:
		return parse_small(plot, "--bits", 32, &plot->bits);
	case OPTION_REAL:
		return options_take_pairing(plot->command, DATATYPE_REAL, &plot->hints.pairing);
	case OPTION_COMPLEX:
		return options_take_pairing(plot->command, DATATYPE_COMPLEX, &plot->hints.pairing);
	case OPTION_FFT_SIZE:
		return parse_small(plot, "--fft-size", ANALYSIS_FFT_MAX, &plot->fft_size);
	case OPTION_SAMPLE_RATE:
		status = options_parse_number(
			plot->command, "--sample-rate", optarg, units_parse_count,
			"a number of samples per second, such as 2.5M", &rate);
		if (status == STATUS_OK)
			plot->hints.sample_rate = (double)rate;
		return status;
	default:
		return cmd_usage(plot->command, NULL);
	}
}

static int check_options(struct plot *plot)
{
	if (plot->channels && !plot->raw)
		return cmd_usage(plot->command, "--channels is about raw samples: it needs "
						"--format");
	if (plot->hints.pairing != DATATYPE_BY_NAME &&
	    (plot->raw || recording_format_of(plot->path) != RECORDING_WAV))
		return cmd_usage(plot->command,
				 "--real and --complex are about WAV files: --format says it of "
				 "raw samples, and its metadata of a SigMF recording");
	plot->layout.channels = plot->channels ? (unsigned int)plot->channels : 1;
	plot->hints.layout = plot->raw ? &plot->layout : NULL;
	plot->hints.bits = (unsigned int)plot->bits;
	return STATUS_OK;
}

int cmd_plot(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "format", required_argument, NULL, OPTION_FORMAT },
		{ "channels", required_argument, NULL, OPTION_CHANNELS },
		{ "sample-rate", required_argument, NULL, OPTION_SAMPLE_RATE },
		{ "bits", required_argument, NULL, OPTION_BITS },
		{ "real", no_argument, NULL, OPTION_REAL },
		{ "complex", no_argument, NULL, OPTION_COMPLEX },
		{ "fft-size", required_argument, NULL, OPTION_FFT_SIZE },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct plot plot = { .command = argv[0] };
	int option, status;

	while ((option = getopt_long(argc, argv, "o:h", long_options, NULL)) >= 0) {
		if (option == 'h')
			return cmd_help(help);
		status = parse_option(&plot, option);
		if (status != STATUS_OK)
			return status;
	}
	if (optind + 1 != argc)
		return cmd_usage(argv[0],
				 optind < argc ? "one FILE at a time: there is also \"%s\""
					       : "which FILE?",
				 argv[argc - 1]);
	plot.path = argv[optind];
	status = check_options(&plot);
	return status == STATUS_OK ? run(&plot) : status;
}
