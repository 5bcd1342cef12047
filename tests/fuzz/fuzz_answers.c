// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers of a board: whatever it says, the commands that show it print text that commands no
 * terminal, or one JSON object. The first byte chooses the command, then come the answers.
 */
#include "host/cmd.h"

#include "fuzz_board.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>

#define WORDS_MAX    3
#define CONTROLS_MAX 3

static const struct command {
	int (*run)(int argc, char **argv);
	const char *words[WORDS_MAX];
	bool json;
} commands[] = {
	{ cmd_list, { "list" }, false },
	{ cmd_info, { "info" }, false },
	{ cmd_info, { "info", "rx" }, false },
	{ cmd_list, { "list", "--json" }, true },
	{ cmd_info, { "info", "--json" }, true },
	{ cmd_info, { "info", "--json", "rx" }, true },
	{ cmd_stop, { "stop" }, false },
	{ cmd_stop, { "stop", "--json" }, true },
	{ cmd_tune, { "tune" }, false },
	{ cmd_tune, { "tune", "--json" }, true },
	{ cmd_tune, { "tune", "tx", "gain" }, false },
};

static void set_board(struct fuzz_bytes *bytes)
{
	static const struct fuzz_bytes no_acts;
	struct fake_route *route = &fake.routes[0];
	uint8_t refused = 0, cut = 0;

	board_begin(&no_acts, false, 1);
	fake.on_request = NULL;
	fuzz_take(bytes, &fake.info, sizeof(fake.info));
	fuzz_take(bytes, &route->info, sizeof(route->info));
	route->running = route->info.state;
	fuzz_take(bytes, &fake.channel, sizeof(fake.channel));
	fuzz_take(bytes, &route->statistics, sizeof(route->statistics));
	fuzz_take(bytes, &fake.error, sizeof(fake.error));
	fuzz_take(bytes, &refused, sizeof(refused));
	fuzz_take(bytes, &cut, sizeof(cut));
	fake.refused_request = refused;
	fake.short_request = cut;
	fuzz_take(bytes, board.serial, sizeof(board.serial) - 1);
	for (char *at = board.serial; *at; at++)
		*at &= 0x7f; /* libusb gives ASCII */
	for (unsigned int i = 0; i < CONTROLS_MAX; i++)
		fuzz_take(bytes, &fake.controls[i].info, sizeof(fake.controls[i].info));
}

static void check_text(const char *text)
{
	for (; *text; text++)
		fuzz_check((unsigned char)*text >= ' ' || *text == '\n');
}

static void check_json(const char *text, int status)
{
	json_t *object = json_loads(text, 0, NULL);

	fuzz_check(object || (status != STATUS_OK && !*text));
	json_decref(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	const struct command *command;
	char *words[WORDS_MAX + 1] = { NULL };
	FILE *const standard_output = stdout;
	uint8_t choice;
	char *text;
	int count = 0, status;

	fuzz_take(&bytes, &choice, sizeof(choice));
	command = &commands[choice % (sizeof(commands) / sizeof(commands[0]))];
	while (count < WORDS_MAX && command->words[count]) {
		words[count] = (char *)command->words[count];
		count++;
	}
	set_board(&bytes);

	stdout = open_memstream(&text, &size);
	optind = 0; /* glibc: begin anew */
	status = command->run(count, words);
	fclose(stdout);
	stdout = standard_output;
	if (command->json)
		check_json(text, status);
	check_text(text);
	free(text);
	board_end();
	return 0;
}
