// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * iiobridge - capture from and play to boards that run iiobridged
 */
#include "cmd.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
	"Usage: iiobridge COMMAND [OPTION...]\n"
	"\n"
	"Talks to boards that run iiobridged: converters (ADC, DAC) behind USB.\n"
	"\n"
	"  list     the boards that are on the USB\n"
	"  info     a board, its routes, channels and statistics\n"
	"  tune     frequency, rate, gain and what else a board can be tuned with\n"
	"  capture  samples from a board's ADC into a file\n"
	"  play     samples from a file through a board's DAC\n"
	"  stop     a route that runs\n"
	"  bench    how fast a route is with blocks of several sizes\n"
	"  scope    what a board's ADC sees, live in the terminal\n"
	"  plot     a recording: spectrum, spectrogram, first samples as a picture\n"
	"\n"
	"  -h, --help     show this text; COMMAND --help shows that of a command\n"
	"  -V, --version  show the version\n"
	"\n"
	"Exit status:\n"
	"  0    done                        6    the board went away\n"
	"  1    failed in another way       7    the board refused, or its route failed\n"
	"  2    usage error                 8    the board broke the protocol\n"
	"  3    no board found              9    output not written, or input not read\n"
	"  4    no permission               10   --verify found wrong or missing samples\n"
	"  5    the board is busy           128+ interrupted by that signal\n";

struct command {
	const char *name;
	const char *full_name; /* for getopt's messages */
	int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
	{ "list", "iiobridge list", cmd_list },	   { "info", "iiobridge info", cmd_info },
	{ "tune", "iiobridge tune", cmd_tune },	   { "capture", "iiobridge capture", cmd_capture },
	{ "play", "iiobridge play", cmd_play },	   { "stop", "iiobridge stop", cmd_stop },
	{ "bench", "iiobridge bench", cmd_bench }, { "scope", "iiobridge scope", cmd_scope },
	{ "plot", "iiobridge plot", cmd_plot },
};

static int run_command(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		static char full_name[32];

		if (strcmp(argv[0], commands[i].name) != 0)
			continue;
		snprintf(full_name, sizeof(full_name), "%s", commands[i].full_name);
		argv[0] = full_name;
		return commands[i].run(argc, argv);
	}
	return cmd_usage("iiobridge", "there is no command \"%s\"", argv[0]);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return cmd_usage("iiobridge", "a command is missing");
	if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)
		return cmd_help(help);
	if (strcmp(argv[1], "-V") == 0 || strcmp(argv[1], "--version") == 0)
		return cmd_help("iiobridge " IIOBRIDGE_VERSION "\n");
	return run_command(argc - 1, argv + 1);
}
