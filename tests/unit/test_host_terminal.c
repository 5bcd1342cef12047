// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * iiobridge scope, and the progress of the others, with a board in memory and a terminal of the
 * kernel's.
 */
#include "host/cmd.h"
#include "host/interrupt.h"
#include "host/view/terminal.h"

#include "test_usb_fake.h"

#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_host_call.h"

#define ENTER	"\033[?1049h\033[?25l"
#define LEAVE	"\033[?25h\033[?1049l"
#define PICTURE "\033[Hrx: adc, 1 MS/s"

#define ROUTE (&fake.routes[0])

static struct {
	char shown[1 << 20];
	size_t used;
	int status; /* as waitpid() has it */
} terminal;

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	ROUTE->info.sample_rate_millihertz = 1000000000;
	strcpy(ROUTE->info.device, "adc");
	ROUTE->configured = ROUTE->info;
	return 0;
}

static void one_picture_needs_no_terminal(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_scope, "scope --once"), STATUS_OK);
	assert_string_equal(said, "");
	assert_int_equal(strncmp(printed, "rx: adc, 1 MS/s   q: quit\n", 25), 0);
	assert_non_null(strstr(printed, "gaps 0, lost 0 samples\npeak "));
	assert_null(strchr(printed, '\033'));
	assert_string_equal(fake.log, "parameters stop submit start stop ");
	assert_int_equal(fake_check(), 0);
}

static void without_a_terminal_nothing_is_stopped(void **state)
{
	(void)state;
	assert_int_equal(call(cmd_scope, "scope"), STATUS_USAGE);
	assert_non_null(strstr(said, "standard output is no terminal: --once prints one"));
	assert_int_equal(call(cmd_scope, "scope --once x"), STATUS_USAGE);
	assert_non_null(strstr(said, "unexpected argument \"x\""));
	assert_string_equal(fake.log, "");
}

/* The route's samples end before the one picture is there. */
static void a_route_that_stops_is_told(void **state)
{
	(void)state;
	ROUTE->stop_at = 1;
	strcpy(fake.error.message, "the cable is on fire");
	fake.error.code = IIOBRIDGE_FAULT;
	assert_int_equal(call(cmd_scope, "scope --once"), STATUS_REFUSED);
	assert_non_null(strstr(said, "the cable is on fire"));
	assert_string_equal(printed, "");
}

static void take_what_is_shown(int master, int timeout_ms)
{
	struct pollfd output = { .fd = master, .events = POLLIN };

	while (poll(&output, 1, timeout_ms) > 0) {
		const ssize_t size = read(master, terminal.shown + terminal.used,
					  sizeof(terminal.shown) - 1 - terminal.used);

		if (size <= 0)
			return;
		terminal.used += (size_t)size;
		timeout_ms = 0;
	}
}

/* What somebody presses who sees something. */
struct press {
	const char *seen;
	const char *keys;
};

/*
 * Does something in a process of its own on a terminal, on which keys are pressed, up to those
 * that are empty. Those that come one by one count from the first picture on.
 */
static void on_terminal_of(int (*work)(void), const struct press *press)
{
	const struct winsize size = { .ws_row = 30, .ws_col = 100 };
	struct termios before, after;
	int master, slave;
	pid_t child;

	memset(&terminal, 0, sizeof(terminal));
	assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
	assert_int_equal(tcgetattr(slave, &before), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		for (int fd = 0; fd <= 2; fd++)
			dup2(slave, fd);
		setenv("TERM", "xterm", 1);
		optind = 0;
		_exit(work());
	}
	for (size_t looked = 0; *press->keys; press++, looked = terminal.used) {
		while (!strstr(terminal.shown + looked, press->seen) &&
		       waitpid(child, &terminal.status, WNOHANG) == 0)
			take_what_is_shown(master, 100);
		assert_int_equal(write(master, press->keys, strlen(press->keys)),
				 strlen(press->keys));
	}
	while (waitpid(child, &terminal.status, WNOHANG) == 0)
		take_what_is_shown(master, 100);
	take_what_is_shown(master, 0);
	assert_int_equal(tcgetattr(slave, &after), 0);
	assert_int_equal(after.c_lflag, before.c_lflag);
	assert_memory_equal(after.c_cc, before.c_cc, sizeof(after.c_cc));
	close(slave);
	close(master);
}

static void on_terminal(int (*work)(void), const char *keys)
{
	const struct press press[] = { { PICTURE, keys }, { "", "" } };

	on_terminal_of(work, press);
}

static size_t count_shown(const char *text)
{
	size_t count = 0;

	for (const char *at = terminal.shown; (at = strstr(at, text)); at += strlen(text))
		count++;
	return count;
}

static int scope(void)
{
	char *arguments[] = { (char[]){ "iiobridge scope" }, NULL };

	return cmd_scope(1, arguments);
}

static void q_ends_it(void **state)
{
	(void)state;
	on_terminal(scope, "q");
	assert_true(WIFEXITED(terminal.status));
	assert_int_equal(WEXITSTATUS(terminal.status), STATUS_OK);
	assert_int_equal(strncmp(terminal.shown, ENTER, strlen(ENTER)), 0);
	assert_int_equal(count_shown(ENTER), 1);
	assert_int_equal(count_shown(LEAVE), 1);
	assert_true(count_shown(PICTURE) > 0);
}

static void keys_tune_a_radio(void **state)
{
	/* Steps begin with a tenth of the rate; a key with Ctrl is none of them. */
	static const struct press press[] = {
		{ "frequency 2.4 GHz, gain 71 dB   left, right: 100 kHz, [ ]: step; up, down: gain",
		  "\033[C" },
		{ "frequency 2.4001 GHz, gain 71 dB", "[\033OD\033OD" },
		{ "frequency 2.40008 GHz, gain 71 dB   left, right: 10 kHz",
		  "\033[B\033[B\033[1;5C" },
		{ "frequency 2.40008 GHz, gain 69 dB", "\033[A]]]]]\033[C" },
		{ "frequency 3.40008 GHz, gain 70 dB", "\033[C\033[C\033[C\033[C" },
		{ "frequency 6 GHz, gain 70 dB", "q" },
		{ "", "" },
	};

	(void)state;
	fake_make_radio(0);
	on_terminal_of(scope, press);
	assert_true(WIFEXITED(terminal.status));
	assert_int_equal(WEXITSTATUS(terminal.status), STATUS_OK);
}

static void what_a_device_does_not_take_is_shown(void **state)
{
	static const struct press press[] = {
		{ "gain 71 dB   up, down: gain", "\033[B" },
		{ "gain 71 dB: the board at 001:005 has not set control 3 (gain-mode): not now",
		  "q" },
		{ "", "" },
	};

	(void)state;
	fake_make_radio(0);
	fake.controls[FAKE_FREQUENCY].info.access = IIOBRIDGE_CONTROL_READ;
	fake.controls[FAKE_GAIN_MODE].fails = "not now";
	on_terminal_of(scope, press);
	assert_int_equal(WEXITSTATUS(terminal.status), STATUS_OK);
}

static void interrupt_at_500(const struct libusb_transfer *transfer)
{
	static unsigned int count;

	(void)transfer;
	if (++count == 500)
		kill(getpid(), SIGINT);
}

static int interrupted_scope(void)
{
	fake.on_complete = interrupt_at_500;
	return scope();
}

static void ctrl_c_ends_it(void **state)
{
	(void)state;
	on_terminal(interrupted_scope, "");
	assert_int_equal(WEXITSTATUS(terminal.status), STATUS_OK);
	assert_int_equal(count_shown(LEAVE), 1);
}

static int unplugged_scope(void)
{
	ROUTE->fail_at = 100;
	ROUTE->fail_status = LIBUSB_TRANSFER_NO_DEVICE;
	return scope();
}

/* The reason is on the screen that stays. */
static void what_fails_is_told_on_the_terminal_as_it_was(void **state)
{
	const char *reason;

	(void)state;
	on_terminal(unplugged_scope, "");
	assert_int_equal(WEXITSTATUS(terminal.status), STATUS_GONE);
	reason = strstr(terminal.shown, LEAVE);
	assert_non_null(reason);
	assert_non_null(strstr(reason, "iiobridge: the board at 001:005"));
}

static int die(void)
{
	interrupt_catch();
	interrupt_at_death(terminal_restore);
	terminal_open();
	raise(SIGQUIT);
	return STATUS_OK;
}

static int die_of_the_second(void)
{
	interrupt_catch();
	interrupt_at_death(terminal_restore);
	terminal_open();
	raise(SIGINT);
	raise(SIGINT);
	return STATUS_OK;
}

static void sudden_ends_give_the_terminal_back(void **state)
{
	(void)state;
	on_terminal(die, "");
	assert_true(WIFSIGNALED(terminal.status));
	assert_int_equal(WTERMSIG(terminal.status), SIGQUIT);
	assert_int_equal(count_shown(LEAVE), 1);
	on_terminal(die_of_the_second, "");
	assert_true(WIFSIGNALED(terminal.status));
	assert_int_equal(WTERMSIG(terminal.status), SIGINT);
	assert_int_equal(count_shown(LEAVE), 1);
}

static int dumb_scope(void)
{
	setenv("TERM", "dumb", 1);
	return scope();
}

static void a_terminal_that_only_prints_is_told(void **state)
{
	(void)state;
	on_terminal(dumb_scope, "");
	assert_int_equal(WEXITSTATUS(terminal.status), STATUS_USAGE);
	assert_non_null(strstr(terminal.shown, "this terminal only prints (TERM is \"dumb\")"));
	assert_int_equal(count_shown("\033"), 0);
}

static int capture(void)
{
	return call_here(cmd_capture, "capture -n 100000 --verify counter");
}

static int capture_quietly(void)
{
	return call_here(cmd_capture, "capture -q -n 100000 --verify counter");
}

static int play(void)
{
	fake_make_tx(0);
	return call_here(cmd_play, "play -n 100000 --pattern counter");
}

/* With standard error in a pipe, while the rest is on the terminal, which shows in the end what
 * came. */
static int capture_with_a_pipe(void)
{
	int ends[2], status;
	ssize_t size;

	if (pipe(ends) < 0)
		return -1;
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	status = capture();
	close(STDERR_FILENO);
	while ((size = read(ends[0], said, sizeof(said))) > 0)
		fwrite(said, 1, (size_t)size, stdout);
	fflush(stdout);
	return status;
}

/* A line that is written again and again in its place, and taken away before what stays. */
static void progress_is_shown_on_a_terminal(void **state)
{
	(void)state;
	on_terminal(capture, "");
	assert_int_equal(WEXITSTATUS(terminal.status), STATUS_OK);
	assert_int_equal(strncmp(terminal.shown, "\r ", 2), 0);
	assert_non_null(strstr(terminal.shown, " %, "));
	assert_non_null(strstr(terminal.shown, "S/s, gaps "));
	assert_non_null(strstr(terminal.shown, "\033[K\r\033[Kcaptured 100000 samples "));

	set_up(NULL);
	on_terminal(play, "");
	assert_int_equal(WEXITSTATUS(terminal.status), STATUS_OK);
	assert_non_null(strstr(terminal.shown, "S/s, underruns "));
	assert_non_null(strstr(terminal.shown, "\033[K\r\033[Kplayed 100000 samples "));
}

static void progress_is_for_terminals_and_not_for_the_quiet(void **state)
{
	(void)state;
	on_terminal(capture_with_a_pipe, "");
	assert_int_equal(WEXITSTATUS(terminal.status), STATUS_OK);
	assert_int_equal(strncmp(terminal.shown, "captured 100000 samples ", 24), 0);
	assert_int_equal(count_shown("\033"), 0);
	assert_int_equal(count_shown("captured"), 1);
	assert_int_equal(count_shown("%"), 0);

	on_terminal(capture_quietly, "");
	assert_int_equal(WEXITSTATUS(terminal.status), STATUS_OK);
	assert_string_equal(terminal.shown, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_picture_needs_no_terminal, set_up),
		cmocka_unit_test_setup(without_a_terminal_nothing_is_stopped, set_up),
		cmocka_unit_test_setup(a_route_that_stops_is_told, set_up),
		cmocka_unit_test_setup(q_ends_it, set_up),
		cmocka_unit_test_setup(keys_tune_a_radio, set_up),
		cmocka_unit_test_setup(what_a_device_does_not_take_is_shown, set_up),
		cmocka_unit_test_setup(ctrl_c_ends_it, set_up),
		cmocka_unit_test_setup(what_fails_is_told_on_the_terminal_as_it_was, set_up),
		cmocka_unit_test_setup(sudden_ends_give_the_terminal_back, set_up),
		cmocka_unit_test_setup(a_terminal_that_only_prints_is_told, set_up),
		cmocka_unit_test_setup(progress_is_shown_on_a_terminal, set_up),
		cmocka_unit_test_setup(progress_is_for_terminals_and_not_for_the_quiet, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
