// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "bridge.h"
#include "check_board.h"
#include "config/config.h"
#include "core/log.h"
#include "process.h"
#include "reload.h"
#include "set_up.h"
#include "systemd/journal.h"
#include "systemd/service.h"
#include "systemd/status.h"
#include "systemd/status_client.h"

/* Beside EXIT_SUCCESS and EXIT_FAILURE, see iiobridged(8). */
enum {
	EXIT_USAGE = 2,
	EXIT_CONFIG = 78, /* EX_CONFIG, which systemd prints as CONFIG */
};

/* What to do. */
enum action {
	ACTION_RUN,
	ACTION_CHECK,
	ACTION_CHECK_BOARD,
	ACTION_SET_UP,
	ACTION_GRANT,
	ACTION_CLEAN_UP,
	ACTION_STATUS,
};

struct options {
	const char *config;
	enum action action;
	const char *user; /* whom the set-up or the grant is for */
	bool json;	  /* the status, or the check of the board */
	int level;
};

static void print_help(void)
{
	puts("Usage: iiobridged [OPTION]...\n"
	     "Move samples between IIO devices and USB without copying them.\n"
	     "\n"
	     "  -c, --config=FILE        configuration, default " IIOBRIDGE_CONFIG "\n"
	     "      --check-config[=FILE] check a configuration and exit\n"
	     "      --check-board        show what this board has and what it lacks\n"
	     "      --set-up[=USER]      as root: make the gadget, for a daemon run as USER\n"
	     "      --clean-up           as root: remove the gadget\n"
	     "      --grant=USER         as root: let USER use what the configuration names\n"
	     "      --status             show what the running daemon does, see iiobridged(8)\n"
	     "      --json               as JSON\n"
	     "  -d, --debug              say more\n"
	     "  -h, --help               show this help\n"
	     "  -V, --version            show the version\n"
	     "\n"
	     "Exit status: 0 stopped by a signal or the check found no fault, 1 failure,\n"
	     "2 wrong usage, 78 the configuration is wrong. Of --check-board: 1 something is\n"
	     "missing. Of --status: 0 the daemon runs, 3 it does not, 4 it does not answer.");
}

/* Return: -1 to go on, or the status to exit with. */
static int parse_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check-config", optional_argument, NULL, 'C' },
		{ "check-board", no_argument, NULL, 'B' },
		{ "set-up", optional_argument, NULL, 'S' },
		{ "clean-up", no_argument, NULL, 'U' },
		{ "grant", required_argument, NULL, 'G' },
		{ "status", no_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "debug", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:dhV", known, NULL)) != -1) {
		switch (option) {
		case 'C':
			options->action = ACTION_CHECK;
			if (optarg)
				options->config = optarg;
			break;
		case 'B':
			options->action = ACTION_CHECK_BOARD;
			break;
		case 'c':
			options->config = optarg;
			break;
		case 'S':
			options->action = ACTION_SET_UP;
			options->user = optarg;
			break;
		case 'U':
			options->action = ACTION_CLEAN_UP;
			break;
		case 'G':
			options->action = ACTION_GRANT;
			options->user = optarg;
			break;
		case 's':
			options->action = ACTION_STATUS;
			break;
		case 'j':
			options->json = true;
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
	if (options->action == ACTION_CHECK && optind + 1 == argc)
		options->config = argv[optind++];
	if (optind < argc) {
		fprintf(stderr, "iiobridged: unexpected argument \"%s\"\n", argv[optind]);
		return EXIT_USAGE;
	}
	if (options->json && options->action != ACTION_STATUS &&
	    options->action != ACTION_CHECK_BOARD) {
		fputs("iiobridged: --json goes with --status or --check-board\n", stderr);
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

/* What SIGHUP works on. */
struct daemon {
	const char *path; /* of the configuration */
	struct bridge_config config;
	struct bridge *bridge;
};

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct daemon *daemon = userdata;
	uint32_t changed;

	(void)source;
	(void)info;
	service_reloading();
	if (reload(&daemon->config, daemon->path, &changed) >= 0)
		bridge_start_changed(daemon->bridge, changed);
	service_reloaded();
	return 0;
}

static int run(struct daemon *daemon)
{
	sd_event *event = NULL;
	/* The default loop of a thread asks for the thread's number in each turn. */
	int ret = sd_event_new(&event);

	if (ret < 0)
		return log_errno(ret, "cannot make an event loop: %m");
	ret = sd_event_add_signal(event, NULL, SIGTERM | SD_EVENT_SIGNAL_PROCMASK, NULL, NULL);
	if (ret >= 0)
		ret = sd_event_add_signal(event, NULL, SIGINT | SD_EVENT_SIGNAL_PROCMASK, NULL,
					  NULL);
	/* Where WatchdogSec= asks for it: a loop that hangs is ended, and another daemon started.
	 */
	if (ret >= 0)
		ret = sd_event_set_watchdog(event, true);
	if (ret >= 0)
		ret = sd_event_add_signal(event, NULL, SIGHUP | SD_EVENT_SIGNAL_PROCMASK, on_hangup,
					  daemon);
	if (ret < 0)
		log_errno(ret, "cannot set up the event loop: %m");
	else
		ret = bridge_new(&daemon->bridge, event, &daemon->config);
	if (ret >= 0) {
		service_ready();
		ret = sd_event_loop(event);
		if (ret < 0)
			log_errno(ret, "the event loop failed: %m");
		service_stopping();
	}
	bridge_free(daemon->bridge);
	sd_event_unref(event);
	return ret;
}

/* Do the part that needs privileges, unless a daemon runs. */
static int prepare(const struct options *options, const struct bridge_config *config)
{
	int lock, ret = set_up_join_init();

	if (ret < 0)
		return ret;
	lock = lock_take();
	if (lock < 0)
		return lock;
	ret = options->action == ACTION_SET_UP ? set_up(config, options->user) : clean_up();
	close(lock);
	return ret;
}

int main(int argc, char **argv)
{
	static struct daemon daemon;
	struct bridge_config *config = &daemon.config;
	struct options options = { .config = IIOBRIDGE_CONFIG, .level = LOG_INFO };
	char error[512];
	int status = parse_options(&options, argc, argv);

	if (status >= 0)
		return status;
	if (options.action == ACTION_STATUS)
		return (int)status_client_run(STATUS_SOCKET, options.json);
	log_open(options.level);
	journal_take_messages(options.action == ACTION_RUN);
	/* What a wrong configuration made must go, too. */
	if (options.action == ACTION_CLEAN_UP)
		return prepare(&options, NULL) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	if (options.action == ACTION_CHECK_BOARD) {
		bool valid = config_load(options.config, config, error, sizeof(error)) == 0;

		/* What is wrong is in the lines. */
		log_open(LOG_EMERG);
		return check_board(valid ? config : NULL, error, options.json) ? EXIT_SUCCESS
									       : EXIT_FAILURE;
	}
	if (config_load(options.config, config, error, sizeof(error)) < 0) {
		log_error("%s", error);
		return EXIT_CONFIG;
	}
	if (options.action == ACTION_CHECK) {
		printf("%s: %u route%s, no fault found\n", options.config, config->route_count,
		       config->route_count == 1 ? "" : "s");
		return EXIT_SUCCESS;
	}
	if (options.action == ACTION_GRANT)
		return set_up_grant(config, options.user) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	if (options.action == ACTION_SET_UP)
		return prepare(&options, config) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	raise_file_limit();
	if (process_apply(&config->process) < 0)
		return EXIT_FAILURE;
	daemon.path = options.config;
	/*
	 * All is closed by now, but a thread may still write an attribute, and its driver take its
	 * time. exit() would flush the file that libiio has open for that, that is write once more
	 * and wait.
	 */
	_exit(run(&daemon) < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
