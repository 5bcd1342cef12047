// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include "cmd.h"
#include "files/units.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

int options_parse_number(const char *command, const char *option, const char *text,
			 int (*parse)(const char *, uint64_t *), const char *accepted,
			 uint64_t *value)
{
	int r;

	r = parse(text, value);
	if (r == -ERANGE)
		return cmd_usage(command, "%s %s does not fit 64 bits", option, text);
	if (r < 0)
		return cmd_usage(command, "%s \"%s\": accepted is %s", option, text, accepted);
	return STATUS_OK;
}

int options_take_pairing(const char *command, enum datatype_pairing pairing,
			 enum datatype_pairing *taken)
{
	if (*taken != DATATYPE_BY_NAME && *taken != pairing)
		return cmd_usage(command, "--real and --complex exclude each other");
	*taken = pairing;
	return STATUS_OK;
}

int options_parse_pattern(const char *command, const char *option, const char *text)
{
	if (strcmp(text, "counter") == 0)
		return STATUS_OK;
	return cmd_usage(command, "%s \"%s\": accepted is counter", option, text);
}

static int parse_block_size(const char *command, const char *text, uint32_t *size)
{
	uint64_t value;
	int status;

	status = options_parse_number(command, "--block-size", text, units_parse_size,
				      "a number of bytes larger than 0, such as 65536, 64K or "
				      "\"1 MiB\"",
				      &value);
	if (status == STATUS_OK && value > UINT32_MAX)
		status = cmd_usage(command, "--block-size %s does not fit 32 bits", text);
	if (status == STATUS_OK)
		*size = (uint32_t)value;
	return status;
}

static int parse_wait(const char *command, const char *text, uint64_t *microseconds)
{
	return options_parse_number(command, "--wait", text, units_parse_duration,
				    "a time longer than 0, such as 30s or 5min, or none, to wait "
				    "until Ctrl-C",
				    microseconds);
}

static int add_tuning(struct options *options, const char *command, const char *name)
{
	struct tuning tuning = { name, name ? strlen(name) : 0, optarg };

	if (!name && !tuning_split(optarg, &tuning))
		return cmd_usage(command,
				 "--set \"%s\": accepted is NAME=VALUE, with a name that "
				 "iiobridge tune shows",
				 optarg);
	if (options->tuning_count == OPTIONS_TUNINGS_MAX)
		return cmd_usage(command, "%.*s=%s is one value too many to tune: %d at most",
				 (int)tuning.length, tuning.name, tuning.value,
				 OPTIONS_TUNINGS_MAX);
	options->tunings[options->tuning_count++] = tuning;
	return STATUS_OK;
}

int options_take(struct options *options, const char *command, int option)
{
	switch (option) {
	case 's':
		options->serial = optarg;
		return STATUS_OK;
	case 'r':
		options->route = optarg;
		return STATUS_OK;
	case 'q':
		options->quiet = true;
		return STATUS_OK;
	case OPTION_JSON:
		options->json = true;
		return STATUS_OK;
	case 'n':
		return options_parse_number(command, "-n", optarg, units_parse_count,
					    "a whole number of samples larger than 0, such as "
					    "1000, 10M or 64Mi",
					    &options->samples);
	case OPTION_CHANNELS:
		options->channels = optarg;
		return STATUS_OK;
	case OPTION_RECORDS:
		options->records = optarg;
		return STATUS_OK;
	case OPTION_WAIT:
		options->wait = true;
		return optarg ? parse_wait(command, optarg, &options->wait_us) : STATUS_OK;
	case OPTION_FREQUENCY:
		return add_tuning(options, command, "frequency");
	case OPTION_RATE:
		return add_tuning(options, command, "rate");
	case OPTION_BANDWIDTH:
		return add_tuning(options, command, "bandwidth");
	case OPTION_GAIN:
		return add_tuning(options, command, "gain");
	case OPTION_ANTENNA:
		return add_tuning(options, command, "antenna");
	case OPTION_SET:
		return add_tuning(options, command, NULL);
	case OPTION_BLOCK_SIZE:
		return parse_block_size(command, optarg, &options->block_size);
	default:
		return cmd_usage(command, NULL);
	}
}
