// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <systemd/sd-event.h>

#include "bridge.h"
#include "iiobridge/config.h"
#include "iiobridge/log.h"
#include "iiobridge/service.h"

/* Beside EXIT_SUCCESS and EXIT_FAILURE, see iiobridged(8). */
enum {
	EXIT_USAGE = 2,
	EXIT_CONFIG = 78, /* EX_CONFIG, which systemd prints as CONFIG */
};

struct options {
	const char *config;
	bool check;
	int level;
};

static void print_help(void)
{
	puts("Usage: iiobridged [OPTION]...\n"
	     "Move samples between IIO devices and USB without copying them.\n"
	     "\n"
	     "  -c, --config=FILE        configuration, default " IIOBRIDGE_CONFIG "\n"
	     "      --check-config[=FILE] check a configuration and exit\n"
	     "  -d, --debug              say more\n"
	     "  -h, --help               show this help\n"
	     "  -V, --version            show the version\n"
	     "\n"
	     "Exit status: 0 stopped by a signal or the check found no fault, 1 failure,\n"
	     "2 wrong usage, 78 the configuration is wrong.");
}

/* Return: -1 to go on, or the status to exit with. */
static int parse_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check-config", optional_argument, NULL, 'C' },
		{ "debug", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:dhV", known, NULL)) != -1) {
		switch (option) {
		case 'C':
			options->check = true;
			if (optarg)
				options->config = optarg;
			break;
		case 'c':
			options->config = optarg;
			break;
		case 'd':
			options->level = LOG_DEBUG;
			break;
		case 'h':
			print_help();
			return EXIT_SUCCESS;
		case 'V':
			puts("iiobridged " IIOBRIDGE_VERSION);
			return EXIT_SUCCESS;
		default:
			fputs("Try iiobridged --help.\n", stderr);
			return EXIT_USAGE;
		}
	}
	/* "--check-config FILE" reads as naturally as "--check-config=FILE". */
	if (options->check && optind + 1 == argc)
		options->config = argv[optind++];
	if (optind < argc) {
		fprintf(stderr, "iiobridged: unexpected argument \"%s\"\n", argv[optind]);
		return EXIT_USAGE;
	}
	return -1;
}

/*
 * Each block needs two file descriptors. The soft limit is low for the sake of programs that use
 * select(), which this one does not.
 */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		log_warning("cannot raise the limit of open files: error %d", errno);
}

static int run(const struct bridge_config *config)
{
	struct bridge *bridge = NULL;
	sd_event *event = NULL;
	int ret = sd_event_default(&event);

	if (ret < 0)
		return log_errno(ret, "cannot make an event loop: %m");
	ret = sd_event_add_signal(event, NULL, SIGTERM | SD_EVENT_SIGNAL_PROCMASK, NULL, NULL);
	if (ret >= 0)
		ret = sd_event_add_signal(event, NULL, SIGINT | SD_EVENT_SIGNAL_PROCMASK, NULL,
					  NULL);
	if (ret < 0)
		log_errno(ret, "cannot handle signals: %m");
	else
		ret = bridge_new(&bridge, event, config);
	if (ret >= 0) {
		service_ready();
		ret = sd_event_loop(event);
		if (ret < 0)
			log_errno(ret, "the event loop failed: %m");
		service_stopping();
	}
	bridge_free(bridge);
	sd_event_unref(event);
	return ret;
}

int main(int argc, char **argv)
{
	static struct bridge_config config;
	struct options options = { .config = IIOBRIDGE_CONFIG, .level = LOG_INFO };
	char error[512];
	int status = parse_options(&options, argc, argv);

	if (status >= 0)
		return status;
	log_open(options.level);
	if (config_load(options.config, &config, error, sizeof(error)) < 0) {
		log_error("%s", error);
		return EXIT_CONFIG;
	}
	if (options.check) {
		printf("%s: %u route%s, no fault found\n", options.config, config.route_count,
		       config.route_count == 1 ? "" : "s");
		return EXIT_SUCCESS;
	}
	raise_file_limit();
	return run(&config) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
