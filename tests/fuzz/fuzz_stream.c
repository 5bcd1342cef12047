// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whole captures and playbacks: whatever the board describes, answers and sends, the command ends,
 * with one of the documented statuses and a sentence; what it prints commands no terminal; and the
 * file holds what had arrived. The first byte chooses the command, then come the board's acts.
 */
#include "fuzz.h"
#include "fuzz_board.h"

#include "host/cmd.h"
#include "host/files/failure.h"
#include "host/files/sigmf.h"
#include "host/files/wav.h"

#include <dirent.h>
#include <getopt.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define WORDS_MAX 16
#define SAMPLES	  600

static const struct command {
	const char *line; /* @ is the beginning of the names of files */
	uint64_t samples; /* as -n has it, 0 for none */
	bool playback;
	int (*run)(int argc, char **argv); /* NULL: cmd_capture(), or cmd_play() */
	bool cyclic;
	bool json;
	bool two_routes;
	const char *output; /* how the samples' file is called behind that, NULL: there is none */
	size_t header_size;
} commands[] = {
	{ "capture -n 600 -o @raw --records @records", SAMPLES, .output = "raw" },
	{ "capture -n 600 -o @raw --json", SAMPLES, .json = true, .output = "raw" },
	{ "capture -o @raw --block-size 8K --channels 0x3", .output = "raw" },
	{ "capture -n 600 --verify counter --json", SAMPLES, .json = true },
	{ "capture -n 600 -o @.sigmf-meta --json", SAMPLES, .json = true, .output = ".sigmf-data" },
	{ "capture -n 600 -o @.wav", SAMPLES, .output = ".wav", .header_size = WAV_HEADER_SIZE },
	{ "capture -n 600 --reconnect -o @raw --json", SAMPLES, .json = true, .output = "raw" },
	{ "capture -n 600 --reconnect -o @raw --verify counter --records @records", SAMPLES,
	  .output = "raw" },
	{ "capture -n 600 -r rx -r ry --verify counter -o @.sigmf-meta --json", SAMPLES,
	  .json = true, .two_routes = true },
	{ "play -n 600 --pattern counter --records @records", SAMPLES, .playback = true },
	{ "play -n 600 --pattern counter --json", SAMPLES, .playback = true, .json = true },
	{ "play -n 600 --pattern counter --cyclic --json", SAMPLES, .playback = true,
	  .cyclic = true, .json = true },
	{ "play -n 600 --pattern counter --cyclic --detach", SAMPLES, .playback = true,
	  .cyclic = true },
	{ "bench -t 3ms", .run = cmd_bench },
	{ "bench -t 3ms -r tx --json", .run = cmd_bench, .playback = true, .json = true },
	{ "stop", .run = cmd_stop },
	{ "stop -r rx --json", .run = cmd_stop, .json = true },
};

static char folder[64];
static char stem[80];

/* What a command said and printed, and the samples' file. */
static char *said, *printed;
static size_t said_size, printed_size;
static uint8_t file[sizeof(board_arrival.data) + WAV_HEADER_SIZE + 2];
static size_t file_size;

static void empty_folder(void)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;

	fuzz_check(directory);
	while ((entry = readdir(directory)))
		unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
}

static void remove_folder(void)
{
	empty_folder();
	rmdir(folder);
}

/* Files in memory where there are some. */
static void make_folder(void)
{
	if (folder[0])
		return;
	strcpy(folder, "/dev/shm/iiobridge-fuzz-XXXXXX");
	if (!mkdtemp(folder)) {
		strcpy(folder, "/tmp/iiobridge-fuzz-XXXXXX");
		fuzz_check(mkdtemp(folder));
	}
	snprintf(stem, sizeof(stem), "%s/a", folder);
	atexit(remove_folder);
}

static void name_file(char path[PATH_MAX], const char *end)
{
	snprintf(path, PATH_MAX, "%s%s", stem, end);
}

static void read_file(const char *end)
{
	char path[PATH_MAX];
	FILE *stream;

	file_size = 0;
	if (!end)
		return;
	name_file(path, end);
	stream = fopen(path, "r");
	if (!stream)
		return;
	file_size = fread(file, 1, sizeof(file), stream);
	fclose(stream);
}

static int (*command_of(const struct command *command))(int argc, char **argv)
{
	if (command->run)
		return command->run;
	return command->playback ? cmd_play : cmd_capture;
}

/* Runs a command line, whose words stand between blanks. */
static int run(const struct command *command)
{
	FILE *const standard_output = stdout, *const standard_error = stderr;
	char words[512], *arguments[WORDS_MAX + 1] = { NULL };
	size_t used = 0;
	int count = 0, status;

	for (const char *at = command->line; *at; at++)
		used += (size_t)snprintf(words + used, sizeof(words) - used, "%.*s",
					 *at == '@' ? INT_MAX : 1, *at == '@' ? stem : at);
	for (char *at = strtok(words, " "); at && count < WORDS_MAX; at = strtok(NULL, " "))
		arguments[count++] = at;

	stdout = open_memstream(&printed, &printed_size);
	stderr = open_memstream(&said, &said_size);
	fuzz_check(stdout && stderr);
	optind = 0; /* glibc: begin anew */
	status = command_of(command)(count, arguments);
	fclose(stdout);
	fclose(stderr);
	stdout = standard_output;
	stderr = standard_error;
	return status;
}

static void check_text(const char *text, size_t size)
{
	fuzz_check(strlen(text) == size);
	for (; *text; text++)
		fuzz_check(((unsigned char)*text >= ' ' && *text != 0x7f) || *text == '\n');
}

static void check_status(int status)
{
	fuzz_check((status >= STATUS_OK && status <= STATUS_VERIFY) ||
		   status == STATUS_SIGNAL + SIGINT);
	if (status != STATUS_OK && status < STATUS_SIGNAL)
		fuzz_check(said_size > 0);
}

/* The object agrees with the status and the file. */
static void check_json(const struct command *command, int status)
{
	json_t *object;
	json_int_t bytes;

	if (!command->json) {
		fuzz_check(printed_size == 0 || command->run);
		return;
	}
	if (printed_size == 0) {
		fuzz_check(status != STATUS_OK);
		return;
	}
	object = json_loads(printed, 0, NULL);
	fuzz_check(json_is_object(object));
	if (command->run) {
		json_decref(object);
		return;
	}
	fuzz_check(json_integer_value(json_object_get(object, "status")) == status);
	bytes = json_integer_value(json_object_get(object, "bytes"));
	if (command->output)
		fuzz_check(bytes == (json_int_t)file_size);
	json_decref(object);
}

/* What had arrived is in the file, and nothing else is. */
static void check_file(const struct command *command)
{
	const struct board_arrival *arrival = &board_arrival;
	const uint64_t wanted = command->samples * arrival->sample_size;
	const size_t header = file_size < command->header_size ? file_size : command->header_size;
	size_t size = arrival->size;

	if (!command->output || arrival->unknown)
		return;
	if (wanted && size > wanted)
		size = (size_t)wanted;
	fuzz_check(file_size >= header + size);
	fuzz_check(memcmp(file + header, arrival->data, size) == 0);
	/* RIFF fills up to an even size. */
	fuzz_check(file_size - header - size <= (command->header_size ? size % 2 : 0));
}

/* Samples that arrived have metadata, and those can be read. */
static void check_metadata(const struct command *command)
{
	static struct failure failure;
	struct sigmf meta;
	char path[PATH_MAX];

	name_file(path, SIGMF_META_SUFFIX);
	if (access(path, F_OK) < 0) {
		fuzz_check(!command->output || strcmp(command->output, SIGMF_DATA_SUFFIX) != 0 ||
			   file_size == 0);
		return;
	}
	fuzz_check(sigmf_read(path, &failure, &meta) == 0);
	sigmf_clear(&meta);
}

/* All that was to be played has got to the board. */
static void check_playback(const struct command *command, int status)
{
	if (!command->playback || command->run || command->cyclic || status != STATUS_OK)
		return;
	fuzz_check(fake.routes[0].finish == command->samples * board.told.bytes_per_scan);
	fuzz_check(fake.routes[0].received >= fake.routes[0].finish);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	const struct command *command;
	uint8_t choice;
	int status;

	make_folder();
	fuzz_take(&bytes, &choice, sizeof(choice));
	command = &commands[choice % (sizeof(commands) / sizeof(commands[0]))];
	board_begin(&bytes, command->playback, command->two_routes ? 2 : 1);
	status = run(command);
	board_end();

	read_file(command->output);
	check_status(status);
	check_text(said, said_size);
	check_text(printed, printed_size);
	check_json(command, status);
	check_file(command);
	check_metadata(command);
	check_playback(command, status);
	empty_folder();
	free(said);
	free(printed);
	return 0;
}
